package cve

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/mutate"
)

func parse(t testing.TB, body []byte) advisory.Document {
	t.Helper()
	d, err := Format{}.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func render(t testing.TB, d advisory.Document) []advisory.File {
	t.Helper()
	files, err := Format{}.Render(d)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return files
}

func TestParseKeepsWhatARecordStates(t *testing.T) {
	t.Parallel()
	d := parse(t, mutate.Read(t, "testdata/full.json"))
	v := d.Vulns[0]
	product := d.Products[0]
	for _, c := range []struct {
		name       string
		have, want any
	}{
		{"the ID is the CVE ID", d.ID + " " + v.CVE, "CVE-1900-4242 CVE-1900-4242"},
		{"who assigned it", d.Publisher, advisory.Publisher{OrgID: "7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21", CNA: "Lanternworks"}},
		{"the first publication", d.Initial, time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)},
		{"the newest one to the millisecond", d.Current, time.Date(2026, 3, 9, 10, 15, 30, 250e6, time.UTC)},
		{"the day it became public", v.Released, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
		{"the reservation", v.Reserved, time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)},
		{"the weakness, its name without its number", v.CWEs,
			[]advisory.CWE{{ID: "CWE-79", Name: "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"}}},
		{"the general score has no scenario", v.Scores[0],
			advisory.Score{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:H/A:N", Base: 8.7, Severity: "high"}},
		{"a scenario is what the score is of", v.Scores[1].Source, "Enterprise with content policy"},
		{"version 2 states no severity", v.Scores[2].Severity, ""},
		{"a score of zero is stated by its severity", v.Scores[3].Severity, "none"},
		{"somebody else's score is marked as theirs", v.Scores[4].By, "CISA-ADP"},
		{"the affected ranges", v.Affected[0].Ranges, []advisory.Range{
			{Type: "semver", Introduced: "8.1", Fixed: "17.3.7"}, {Type: "semver", Introduced: "17.4", LastAffected: "17.4.3"}}},
		{"an exact version", v.Affected[0].Versions, []string{"18.0.0-rc1"}},
		{"all others are not affected", v.Affected[0].Default, advisory.KnownNotAffected},
		{"an unaffected version has its own entry", v.Affected[1].Versions, []string{"16.11.99"}},
		{"an open range has no end", v.Affected[2].Ranges, []advisory.Range{{Type: "semver", Introduced: "17.6"}}},
		{"a default status alone holds for all versions", v.Affected[3],
			advisory.Affected{Product: "P2", Status: advisory.KnownAffected}},
		{"routines", v.Affected[0].Parts, []advisory.Part{{Module: "wiki"},
			{Files: []string{"app/wiki/title.rb"}, Routines: []string{"Wiki::Title#show"}}}},
		{"platforms", product.Platform, "Linux, Windows"},
		{"the other language", v.Notes[0], advisory.Note{Category: "description", Text: "Ein Seitentitel wird unmaskiert angezeigt.", Lang: "de"}},
		{"a credit with a role and a user", v.Credits[0],
			advisory.Credit{Name: "Ada Fictitious", Role: "finder", User: "0f8fad5b-d9cb-469f-a165-70867728950e"}},
		{"a credit without a role has none", v.Credits[1].Role, ""},
		{"the vendor's own name for it", v.Aliases, []string{"LW-2026-07"}},
		{"how it was found", v.Discovery, "external"},
	} {
		if diff := cmp.Diff(c.want, c.have); diff != "" {
			t.Errorf("%s: want (-) have (+)\n%s", c.name, diff)
		}
	}
}

func TestNothingUnstatedIsDefaulted(t *testing.T) {
	t.Parallel()
	d := parse(t, []byte(`{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-1900-0001"},"containers":{"cna":{
		"affected":[{"vendor":"n/a","product":"n/a","versions":[{"version":"n/a","status":"affected"}]}],
		"problemTypes":[{"descriptions":[{"lang":"en","description":"n/a"}]}]}}}`))
	want := advisory.Document{ID: "CVE-1900-0001", Products: []advisory.Product{{ID: "P1"}},
		Vulns: []advisory.Vuln{{CVE: "CVE-1900-0001", Affected: []advisory.Affected{{Product: "P1", Status: advisory.KnownAffected}}}}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("want (-) have (+)\n%s", diff)
	}
}

func TestVersionsAreReadAsRanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, version string
		want          []advisory.Range
		versions      []string
	}{
		{"zero is the beginning", `{"version":"0","status":"affected","versionType":"semver","lessThan":"1.2"}`, []advisory.Range{{Type: "semver", Fixed: "1.2"}}, nil},
		{"unspecified is the beginning", `{"version":"unspecified","status":"affected","versionType":"custom","lessThan":"1.2"}`, []advisory.Range{{Type: "custom", Fixed: "1.2"}}, nil},
		{"operators in a version", `{"version":">=13.2, <13.4.2","status":"affected"}`, []advisory.Range{{Introduced: "13.2", Fixed: "13.4.2", Raw: ">=13.2, <13.4.2"}}, nil},
		{"words that are no interval stay words", `{"version":"all 3.x builds","status":"affected"}`, []advisory.Range{{Raw: "all 3.x builds"}}, nil},
		{"an open lower bound is no half-open interval", `{"version":"> 1.0","status":"affected"}`, []advisory.Range{{Raw: "> 1.0"}}, nil},
		{"one version", `{"version":"3.7","status":"affected"}`, nil, []string{"3.7"}},
		{"one commit", `{"version":"1da177e4c3f4","status":"affected","versionType":"git"}`, []advisory.Range{{Type: "git", Introduced: "1da177e4c3f4", LastAffected: "1da177e4c3f4"}}, nil},
		{"changes cut the range", `{"version":"2.0","status":"affected","versionType":"semver","lessThan":"*","changes":[{"at":"2.3.1","status":"unaffected"},{"at":"3.0","status":"affected"}]}`,
			[]advisory.Range{{Type: "semver", Introduced: "2.0", Fixed: "2.3.1"}, {Type: "semver", Introduced: "3.0"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := parse(t, []byte(`{"cveMetadata":{"cveId":"CVE-1900-0001"},"containers":{"cna":{"affected":[{"vendor":"v","product":"p","versions":[`+c.version+`]}]}}}`))
			have := d.Vulns[0].Affected[0]
			if diff := cmp.Diff(c.want, have.Ranges); diff != "" {
				t.Errorf("ranges: want (-) have (+)\n%s", diff)
			}
			if diff := cmp.Diff(c.versions, have.Versions); diff != "" {
				t.Errorf("versions: want (-) have (+)\n%s", diff)
			}
		})
	}
}

// TestRoundTrip: what was parsed, rendered and parsed again is the same, but for
// what others than the publisher said and what has no place in the format.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	validate := oracle(t)
	for _, name := range []string{"full", "rejected"} {
		first := parse(t, mutate.Read(t, "testdata/"+name+".json"))
		files := render(t, first)
		if len(files) != 1 || files[0].Name != first.ID+".json" {
			t.Fatalf("%d files, the first named %s, want one named by the CVE ID", len(files), files[0].Name)
		}
		if err := validate(files[0].Body); err != nil {
			t.Errorf("%s: %v\n%s", name, err, files[0].Body)
		}
		again := parse(t, files[0].Body)
		first.Vulns[0].Scores = slicesDelete(first.Vulns[0].Scores, func(s advisory.Score) bool { return s.By != "" })
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("%s: first (-) again (+)\n%s", name, diff)
		}
	}
}

func slicesDelete[T any](all []T, drop func(T) bool) (kept []T) {
	for _, x := range all {
		if !drop(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// house is a Document as the house drafts it.
func house() advisory.Document {
	return advisory.Document{
		ID: "ADV-7QK3D9XB", Title: "Missing check lets members read private snippets", Summary: "A missing check lets any member read private snippets.", Lang: "en",
		Publisher: advisory.Publisher{Name: "Lanternworks", Namespace: "https://lantern.example.org", Category: "vendor", OrgID: "7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21", CNA: "Lanternworks"},
		Status:    advisory.Final, Version: "1",
		Initial: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC), Current: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC),
		Products: []advisory.Product{
			{ID: "ce", Vendor: "Lanternworks", Name: "Lantern Server"},
			{ID: "r1", Vendor: "Lanternworks", Name: "Lantern Runner", Version: "4.1"},
			{ID: "r2", Vendor: "Lanternworks", Name: "Lantern Runner", Version: "4.2"},
			{ID: "r3", Vendor: "Lanternworks", Name: "Lantern Runner", Range: "< 4.1"},
		},
		References: []advisory.Reference{{URL: "https://lantern.example.org/advisories/ADV-7QK3D9XB", Category: "self"}},
		Vulns: []advisory.Vuln{{
			CVE: "CVE-1900-7001", CWEs: []advisory.CWE{{ID: "CWE-862", Name: "Missing Authorization"}, {Name: "broken access"}},
			Scores: []advisory.Score{
				{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", Base: 4.3, Severity: "medium"},
				{Version: "4.0", Vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N/S:N/AU:Y/U:Amber"},
				{Severity: "high"},
			},
			Affected: []advisory.Affected{
				{Product: "ce", Status: advisory.KnownAffected, Default: advisory.KnownNotAffected, Ranges: []advisory.Range{
					{Type: "semver", Fixed: "16.9.7"}, {Type: "semver", Introduced: "16.10", Fixed: "16.10.5"}, {Introduced: "17.0"}, {Raw: "nightly builds"}}},
				{Product: "ce", Status: advisory.Fixed, Versions: []string{"16.9.7", "16.10.5"}},
				{Product: "r1", Status: advisory.KnownAffected},
				{Product: "r2", Status: advisory.Fixed},
				{Product: "r3", Status: advisory.UnderInvestigation},
			},
			Remediations: []advisory.Remediation{
				{Category: "vendor_fix", Details: "Update."}, {Category: "mitigation", Details: "Close sign-up."}, {Category: "no_fix_planned", Details: "None for 15."}},
			Credits: []advisory.Credit{{Name: "Ada Fictitious", Organization: "Example Ltd", Role: "finder"}, {Organization: "Example Ltd", Role: "patron"}},
			References: []advisory.Reference{{URL: "https://git.example.org/lantern/server/-/issues/9", Category: "REPORT"},
				{URL: "https://lantern.example.org/advisories/ADV-7QK3D9XB"}},
		}, {Title: "without a CVE ID"}},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	files := render(t, house())
	golden(t, "testdata/house.golden.json", files[0].Body)
	if err := oracle(t)(files[0].Body); err != nil {
		t.Error(err)
	}
	if again := render(t, house()); string(again[0].Body) != string(files[0].Body) {
		t.Error("the same Document gave two different records")
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file.
func golden(t *testing.T, file string, have []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, have, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(mutate.Read(t, file)), string(have)); diff != "" {
		t.Errorf("%s: want (-) have (+); -update rewrites it\n%s", file, diff)
	}
}

func TestRenderSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*advisory.Document)
		want   string // part of a field's sentence
	}{
		{"no CVE ID", func(d *advisory.Document) { d.Vulns[0].CVE = "" }, "with a CVE ID"},
		{"no description", func(d *advisory.Document) { d.Summary = "" }, `"descriptions" is missing`},
		{"no reference", func(d *advisory.Document) { d.References, d.Vulns[0].References = nil, nil }, `"references" is missing`},
		{"no product", func(d *advisory.Document) { d.Vulns[0].Affected = nil }, `"affected" is missing`},
		{"no organisation", func(d *advisory.Document) { d.Publisher.OrgID = "" }, "UUID"},
		{"a range that ends before it begins", func(d *advisory.Document) { d.Vulns[0].Affected[0].Ranges[1].Introduced = "17" }, "before it begins"},
		{"a score that is not the vector's", func(d *advisory.Document) { d.Vulns[0].Scores[0].Base = 9.9 }, "the vector gives 4.3"},
	} {
		d := house()
		c.change(&d)
		_, err := Format{}.Render(d)
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.want)
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	whole := string(mutate.Read(t, "testdata/full.json"))
	for _, c := range []struct {
		name, old, new string
		rule           string
		level          advisory.Level
		pointer        string
	}{
		{"a range that ends before it begins", `"lessThan": "17.3.7"`, `"lessThan": "7.3.7"`, "cve.range", advisory.Error, "/containers/cna/affected/0/versions/0/lessThan"},
		{"a range that holds no version", `"lessThan": "17.3.7"`, `"lessThan": "8.1"`, "cve.range", advisory.Error, "/containers/cna/affected/0/versions/0/lessThan"},
		{"a base score that the vector does not give", `"baseScore": 8.7`, `"baseScore": 8.8`, "cve.cvss", advisory.Error, "/containers/cna/metrics/0/cvssV3_1/baseScore"},
		{"a severity that the vector does not give", `"baseScore": 8.7, "baseSeverity": "HIGH"`, `"baseScore": 8.7, "baseSeverity": "LOW"`, "cve.cvss", advisory.Error, "/containers/cna/metrics/0/cvssV3_1/baseSeverity"},
		{"a metric beside the vector that says otherwise", `"attackComplexity": "LOW"`, `"attackComplexity": "HIGH"`, "cve.cvss", advisory.Error, "/containers/cna/metrics/0/cvssV3_1/attackComplexity"},
		{"a vector without scope", `/UI:R/S:C/C:H/I:H/A:N"`, `/UI:R/C:H/I:H/A:N"`, "cve.cvss", advisory.Error, "/containers/cna/metrics/0/cvssV3_1/vectorString"},
		{"a weakness that CWE does not know", `"cweId": "CWE-79"`, `"cweId": "CWE-9999"`, "cve.cwe", advisory.Error, "/containers/cna/problemTypes/0/descriptions/0/cweId"},
		{"a weakness not to be used", `"cweId": "CWE-79"`, `"cweId": "CWE-1187"`, "cve.cwe", advisory.Warning, "/containers/cna/problemTypes/0/descriptions/0/cweId"},
		{"a weakness in words alone", `, "cweId": "CWE-79"`, ``, "cve.cwe", advisory.Info, "/containers/cna/problemTypes/0/descriptions/0"},
		{"the same URL twice", `https://git.example.org/lantern/server/-/issues/1407", "tags"`, `https://lantern.example.org/advisories/LW-2026-07", "tags"`, "cve.reference", advisory.Warning, "/containers/cna/references/1/url"},
		{"a placeholder for a version", `"version": "18.0.0-rc1"`, `"version": "n/a"`, "cve.placeholder", advisory.Warning, "/containers/cna/affected/0/versions/2/version"},
		{"a range in words", `"version": "18.0.0-rc1"`, `"version": "<18.0"`, "cve.version", advisory.Warning, "/containers/cna/affected/0/versions/2/version"},
		{"an English description is missing", `{"lang": "en", "value": "A page`, `{"lang": "fr", "value": "A page`, "schema", advisory.Error, "/containers/cna/descriptions"},
		{"published before it was reserved", `"dateReserved": "2026`, `"dateReserved": "2027`, "cve.date", advisory.Warning, "/cveMetadata/datePublished"},
		{"a container of somebody else", `"orgId": "7f3b1c9e`, `"orgId": "8f3b1c9e`, "cve.assigner", advisory.Warning, "/containers/cna/providerMetadata/orgId"},
		{"space around a title", `"title": "Stored`, `"title": " Stored`, "cve.space", advisory.Warning, "/containers/cna/title"},
		{"a package URL before 5.2", `"repo": "https`, `"packageURL": "pkg:gem/lantern", "repo": "https`, "schema", advisory.Warning, "/containers/cna/affected/0/packageURL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(whole, c.old) {
				t.Fatalf("the record has no %s", c.old)
			}
			found := check(t, []byte(strings.Replace(whole, c.old, c.new, 1)))
			for _, f := range found {
				if f.Rule == c.rule && f.Level == c.level && f.Pointer == c.pointer {
					return
				}
			}
			t.Errorf("%v, want a finding of %s, %s, at %s", found, c.rule, c.level, c.pointer)
		})
	}
	if found := check(t, []byte(whole)); len(found) != 0 {
		t.Errorf("the record as it is: %v, want nothing", found)
	}
}

func TestVersion52(t *testing.T) {
	t.Parallel()
	whole := strings.Replace(string(mutate.Read(t, "testdata/full.json")), `"dataVersion": "5.1"`, `"dataVersion": "5.2"`, 1)
	purl := strings.Replace(whole, `"collectionURL": "https://packages.example.org",`, `"packageURL": "pkg:gem/lantern",`, 1)
	if found := check(t, []byte(purl)); len(found) != 0 {
		t.Errorf("a product named by its package URL: %v, want nothing", found)
	}
	parse(t, []byte(strings.Replace(whole, `{"engine": "by hand"}`, `"by hand"`, 1))) // extensions are of any shape
	if have := parse(t, []byte(purl)).Products[1].PURL; have != "pkg:gem/lantern" {
		t.Errorf("the package URL became %q", have)
	}
	if found := check(t, []byte(strings.Replace(whole, `"repo":`, `"repository":`, 1))); advisory.Valid(found) {
		t.Error("a member that 5.2 does not know is let pass")
	}
}

func TestFileIsNamedByItsID(t *testing.T) {
	t.Parallel()
	body := mutate.Read(t, "testdata/full.json")
	for file, want := range map[string]int{"x/CVE-1900-4242.json": 0, "x/CVE-1900-4243.json": 1, "record.json": 0} {
		if have := len(Format{}.CheckName(file, body)); have != want {
			t.Errorf("%s: %d findings, want %d", file, have, want)
		}
	}
}

// TestRealRecords reads the records of the Go vulnerability database. They are
// kept there as drafts: the members that CVE Services add when a record is
// submitted (who assigned it, its state) are not in them, so none is valid by
// itself, by the schema as by us; with these two members all are.
func TestRealRecords(t *testing.T) {
	t.Parallel()
	validate := oracle(t)
	files, err := filepath.Glob(filepath.Join(mutate.Shared(t, "govulndb", "cve5"), "*.json"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d records (%v), want more", len(files), err)
	}
	for _, file := range files {
		body := mutate.Read(t, file)
		d := parse(t, body)
		keeps(t, filepath.Base(file), body, d)
		errs := 0
		for _, f := range check(t, body) {
			if f.Level == advisory.Error {
				errs++
				if f.Pointer != "/cveMetadata" {
					t.Errorf("%s: %v", filepath.Base(file), f)
				}
			}
		}
		if errs != 2 || validate(body) == nil {
			t.Errorf("%s: %d errors, want two: no assignerOrgId, no state", filepath.Base(file), errs)
		}
		whole := []byte(strings.Replace(string(body), `"cveMetadata": {`,
			`"cveMetadata": {"state": "PUBLISHED", "assignerOrgId": "1bb62c36-49e3-4200-9d77-64a1400537cc",`, 1))
		if found := check(t, whole); !advisory.Valid(found) {
			t.Errorf("%s made whole: %v", filepath.Base(file), found)
		}
		if err := validate(whole); err != nil {
			t.Errorf("%s made whole: %v", filepath.Base(file), err)
		}
		for _, f := range render(t, d) {
			if err := validate(f.Body); err != nil {
				t.Errorf("%s rendered: %v", filepath.Base(file), err)
			}
			if diff := cmp.Diff(stripState(d), stripState(parse(t, f.Body))); diff != "" {
				t.Errorf("%s: parsed (-) rendered and parsed again (+)\n%s", filepath.Base(file), diff)
			}
		}
	}
}

// stripState forgets the state, which a draft does not have and a record must.
func stripState(d advisory.Document) advisory.Document {
	d.Vulns[0].State = ""
	return d
}

// keeps compares counts of the record as JSON with the Document.
func keeps(t *testing.T, name string, body []byte, d advisory.Document) {
	t.Helper()
	var r struct {
		Containers struct {
			CNA struct {
				Title        string
				Descriptions []struct{ Value string }
				Affected     []struct {
					Versions        []any
					ProgramRoutines []any
				}
				ProblemTypes []struct {
					Descriptions []struct{ Description string }
				}
				References []any
				Credits    []any
			}
		}
	}
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	c, v := r.Containers.CNA, d.Vulns[0]
	if d.Title != c.Title || v.Description != c.Descriptions[0].Value {
		t.Errorf("%s: title or description is not kept", name)
	}
	if len(v.References) != len(c.References) || len(v.Credits) != len(c.Credits) || len(v.CWEs) != len(c.ProblemTypes) || len(d.Products) != len(c.Affected) {
		t.Errorf("%s: %d references, %d credits, %d weaknesses, %d products; want %d, %d, %d, %d", name,
			len(v.References), len(v.Credits), len(v.CWEs), len(d.Products), len(c.References), len(c.Credits), len(c.ProblemTypes), len(c.Affected))
	}
	for i, w := range v.CWEs {
		number := regexp.MustCompile(`^CWE[- ](\d+)`).FindStringSubmatch(c.ProblemTypes[i].Descriptions[0].Description)
		if number != nil && w.ID != "CWE-"+number[1] || number == nil && w.Name == "" {
			t.Errorf("%s: weakness %v of %q", name, w, c.ProblemTypes[i].Descriptions[0].Description)
		}
	}
	have, want := 0, 0
	for _, a := range v.Affected {
		have += len(a.Ranges) + len(a.Versions)
		for _, p := range a.Parts {
			have += len(p.Routines)
		}
	}
	for _, a := range c.Affected {
		want += len(a.Versions) + len(a.ProgramRoutines)
	}
	if have != want {
		t.Errorf("%s: %d versions and routines, want %d", name, have, want)
	}
	if !d.Initial.IsZero() || !v.Released.IsZero() || len(v.Scores) > 0 {
		t.Errorf("%s: has a date or score that its record does not state", name)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `{"dataType":`, "line 1"},
		{"a list", `[]`, "one JSON object"},
		{"a member twice", `{"dataType":"CVE_RECORD","dataType":"CVE_RECORD"}`, "stands twice"},
		{"another kind of record", `{"dataType":"CVE"}`, "/dataType"},
		{"no ID", `{"dataType":"CVE_RECORD"}`, "/cveMetadata/cveId"},
		{"an ID that is none", `{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-1"}}`, "looks like CVE-"},
		{"a list where an object is due", `{"cveMetadata":{"cveId":"CVE-1900-0001"},"containers":{"cna":[]}}`, "/containers/cna"},
		{"a time that is none", `{"cveMetadata":{"cveId":"CVE-1900-0001","datePublished":"yesterday"}}`, "no time"},
	} {
		_, err := Format{}.Parse([]byte(c.body))
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range []string{"testdata/full.json", "testdata/rejected.json", "testdata/house.golden.json"} {
		f.Add(mutate.Read(f, file))
	}
	f.Add([]byte(`{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-1900-0001","assignerOrgId":"7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21","state":"PUBLISHED"},
		"containers":{"cna":{"providerMetadata":{"orgId":"7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21"},"descriptions":[{"lang":"en","value":"d"}],"references":[{"url":"a:b"}],
		"affected":[{"vendor":"v","product":"p","versions":[{"version":"1","status":"affected","versionType":"x","lessThan":"2"}]}]}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := Format{}.Check(body)
		d, parseErr := Format{}.Parse(body)
		if err != nil && parseErr == nil {
			t.Errorf("Parse reads what Check cannot: %v", err)
		}
		if err == nil && advisory.Valid(found) && parseErr != nil {
			t.Errorf("a valid record that Parse refuses: %v", parseErr)
		}
		files, err := Format{}.Render(d)
		if err != nil {
			return
		}
		again, err := Format{}.Parse(files[0].Body)
		if err != nil {
			t.Fatalf("our own record cannot be read: %v", err)
		}
		if once, err := (Format{}).Render(again); err != nil || string(once[0].Body) != string(files[0].Body) {
			t.Errorf("rendered again it is different (%v):\n%s\n%s", err, files[0].Body, once)
		}
	})
}
