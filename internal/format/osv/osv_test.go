package osv

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/mutate"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// oracle is the published schema.
func oracle(t testing.TB) func([]byte) error {
	t.Helper()
	return mutate.Schema(t, "osv", "schema.json")
}

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
		t.Fatal(err)
	}
	return files
}

func TestAgreesWithSchema(t *testing.T) {
	t.Parallel()
	// Where the value under affected is no object the schema asks for one, and so do we.
	mutate.Agree(t, mutate.Read(t, "testdata/full.json"), oracle(t), Format{}.Check, func(string) bool { return false })
}

func TestParseKeepsWhatARecordStates(t *testing.T) {
	t.Parallel()
	d := parse(t, mutate.Read(t, "testdata/full.json"))
	v := d.Vulns[0]
	for _, c := range []struct {
		name       string
		have, want any
	}{
		{"the ID and the CVE ID", d.ID + " " + v.CVE, "GHSA-xxxx-fict-0001 CVE-1900-4242"},
		{"other names", v.Aliases, []string{"LW-2026-07"}},
		{"published", d.Initial, time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)},
		{"modified", d.Current, time.Date(2026, 3, 9, 10, 15, 30, 0, time.UTC)},
		{"withdrawn", d.Withdrawn, time.Date(2026, 4, 2, 16, 0, 0, 0, time.UTC)},
		{"scores", v.Scores, []advisory.Score{{Version: "2.0", Vector: "AV:N/AC:M/Au:S/C:N/I:P/A:N"},
			{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:H/A:N"},
			{Version: "4.0", Vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:L/VA:N/SC:H/SI:H/SA:H"}}},
		{"ranges", v.Affected[0].Ranges, []advisory.Range{
			{Type: "semver", Fixed: "1.2.3"}, {Type: "semver", Introduced: "2.0.0", Fixed: "2.1.0"},
			{Type: "semver", Introduced: "3.0.0", LastAffected: "3.4.0"},
			{Type: "git", Repo: "https://git.example.org/lantern/wiki", Fixed: "0123456789abcdef0123456789abcdef01234567"},
			{Type: "ecosystem", Introduced: "8.1.0", Fixed: "8.1.9"}}},
		{"an open range", v.Affected[1].Ranges, []advisory.Range{{Type: "ecosystem"}}},
		{"symbols", v.Affected[0].Parts, []advisory.Part{{Module: "example.org/lantern/wiki/title", Routines: []string{"Show"}}}},
		{"a package", d.Products[0], advisory.Product{ID: "P1", Name: "example.org/lantern/wiki", Package: "example.org/lantern/wiki",
			Ecosystem: "Go", PURL: "pkg:golang/example.org/lantern/wiki"}},
		{"the weakness", v.CWEs, []advisory.CWE{{ID: "CWE-79"}}},
		{"the severity word", d.Severity, "high"},
		{"the record's page", d.References, []advisory.Reference{{URL: "https://lantern.example.org/advisories/LW-2026-07", Category: "self"}}},
		{"credits", v.Credits, []advisory.Credit{{Name: "Ada Fictitious", Contact: []string{"https://ada.example.org"}, Role: "finder"}, {Name: "Somebody"}}},
	} {
		if diff := cmp.Diff(c.want, c.have); diff != "" {
			t.Errorf("%s: want (-) have (+)\n%s", c.name, diff)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	first := parse(t, mutate.Read(t, "testdata/full.json"))
	file := render(t, first)[0]
	if err := oracle(t)(file.Body); err != nil {
		t.Error(err)
	}
	if file.Name != "GHSA-xxxx-fict-0001.json" {
		t.Errorf("the file is named %s", file.Name)
	}
	if diff := cmp.Diff(first, parse(t, file.Body)); diff != "" {
		t.Errorf("first (-) again (+)\n%s", diff)
	}
}

func TestNothingUnstatedIsDefaulted(t *testing.T) {
	t.Parallel()
	have := parse(t, []byte(`{"id":"GO-2026-0001","modified":"0001-01-01T00:00:00Z"}`))
	if diff := cmp.Diff(advisory.Document{ID: "GO-2026-0001", Vulns: []advisory.Vuln{{}}}, have); diff != "" {
		t.Errorf("want (-) have (+)\n%s", diff)
	}
}

func TestWhatOtherEcosystemsKeepIsNoFault(t *testing.T) {
	t.Parallel()
	d := parse(t, []byte(`{"id":"RUSTSEC-2026-0001","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"crates.io","name":"x"},
		"ecosystem_specific":{"affects":{"arch":[]},"imports":"all"},"database_specific":{"vendor":5}}]}`))
	want := []advisory.Affected{{Product: "P1", Status: advisory.KnownAffected}}
	if diff := cmp.Diff(want, d.Vulns[0].Affected); diff != "" {
		t.Errorf("want (-) have (+)\n%s", diff)
	}
}

// house is a Document as the house drafts it: products outside every ecosystem.
func house() advisory.Document {
	at := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	return advisory.Document{
		ID: "ADV-7QK3D9XB", Title: "Missing check lets members read private snippets", Summary: "A missing check lets any member read private snippets.",
		Severity: "medium", Initial: at, Current: at,
		Products: []advisory.Product{
			{ID: "ce", Vendor: "Lanternworks", Name: "Lantern Server"},
			{ID: "r1", Vendor: "Lanternworks", Name: "Lantern Runner", Version: "4.1"},
			{ID: "r2", Vendor: "Lanternworks", Name: "Lantern Runner", Range: "< 4.0"},
			{ID: "gem", Vendor: "Lanternworks", Name: "Lantern Wiki", Ecosystem: "RubyGems", Package: "lantern-wiki"},
			{ID: "go", Name: "example.org/lantern", Ecosystem: "Go", Package: "example.org/lantern"},
		},
		References: []advisory.Reference{{URL: "https://lantern.example.org/advisories/ADV-7QK3D9XB", Category: "self"}},
		Vulns: []advisory.Vuln{{
			CVE: "CVE-1900-7001", CWEs: []advisory.CWE{{ID: "CWE-862", Name: "Missing Authorization"}},
			Scores: []advisory.Score{
				{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", Base: 4.3, Source: "offline"},
				{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", Base: 6.5},
				{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", By: "somebody else"},
			},
			Affected: []advisory.Affected{
				{Product: "ce", Status: advisory.KnownAffected, Ranges: []advisory.Range{
					{Type: "semver", Fixed: "16.9.7"}, {Type: "semver", Introduced: "16.10.0", LastAffected: "16.10.4"}, {Raw: "nightly builds"}}},
				{Product: "ce", Status: advisory.Fixed, Versions: []string{"16.9.7"}},
				{Product: "r1", Status: advisory.KnownAffected},
				{Product: "r2", Status: advisory.KnownAffected},
				{Product: "gem", Status: advisory.KnownAffected, Ranges: []advisory.Range{{Introduced: "2.0", Fixed: "2.4"}}},
				{Product: "go", Status: advisory.KnownAffected, Ranges: []advisory.Range{{Type: "custom", Fixed: "17.1"}, {Type: "semver", Fixed: "0.9.0"}}},
			},
			References: []advisory.Reference{{URL: "https://git.example.org/lantern/server/-/issues/9", Tags: []string{"permissions-required", "issue-tracking"}}},
			Credits:    []advisory.Credit{{Name: "Ada Fictitious", Role: "remediation developer"}, {Organization: "Example Ltd", Role: "patron"}},
		}, {Title: "A second one", Description: "Found beside it."}},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	validate := oracle(t)
	for i, f := range render(t, house()) {
		file := "testdata/house" + string(rune('1'+i)) + ".golden.json"
		if *update {
			if err := os.WriteFile(file, f.Body, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(mutate.Read(t, file)), string(f.Body)); diff != "" {
			t.Errorf("%s: want (-) have (+); -update rewrites it\n%s", file, diff)
		}
		if err := validate(f.Body); err != nil {
			t.Error(err)
		}
	}
}

func TestRenderSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*advisory.Document)
		want   string
	}{
		{"no vulnerability", func(d *advisory.Document) { d.Vulns = nil }, "has none yet"},
		{"no time", func(d *advisory.Document) { d.Initial, d.Current = time.Time{}, time.Time{} }, `"modified" is missing`},
		{"no ID", func(d *advisory.Document) { d.ID, d.Vulns = "", d.Vulns[:1] }, "registered database"},
		{"a branch where a commit is due", func(d *advisory.Document) {
			d.Vulns[0].Affected[0].Ranges = []advisory.Range{{Type: "git", Repo: "https://git.example.org", Fixed: "main"}}
		}, "whole commits"},
		{"a range that holds nothing", func(d *advisory.Document) { d.Vulns[0].Affected[0].Ranges[1].Introduced = "17.0.0" }, "holds no version"},
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
		{"a range that ends before it begins", `"fixed": "2.1.0"`, `"fixed": "1.1.0"`, "osv.range", advisory.Error, "/affected/0/ranges/0/events/3/fixed"},
		{"a vector of another version", `"CVSS:3.1/`, `"CVSS:4.0/`, "osv.cvss", advisory.Error, "/severity/1/score"},
		{"a vector without scope", `/S:C/`, `/`, "osv.cvss", advisory.Error, "/severity/1/score"},
		{"no semantic version", `"fixed": "1.2.3"`, `"fixed": "main"`, "osv.version", advisory.Warning, "/affected/0/ranges/0/events/1/fixed"},
		{"the 30th of February", `2026-03-02T`, `2026-02-30T`, "osv.time", advisory.Error, "/published"},
		{"modified before published", `2026-03-09T`, `2026-03-01T`, "osv.time", advisory.Warning, "/modified"},
		{"a URL that is none", `https://lantern.example.org/news`, `lantern news`, "osv.reference", advisory.Error, "/references/1/url"},
		{"an alias of itself", `"LW-2026-07"],`, `"GHSA-xxxx-fict-0001"],`, "osv.alias", advisory.Warning, "/aliases/1"},
		{"an alias twice", `"LW-2026-07"],`, `"CVE-1900-4242"],`, "osv.alias", advisory.Warning, "/aliases/1"},
		{"a summary of two lines", `wiki of Lantern`, `wiki\nof Lantern`, "osv.summary", advisory.Warning, "/summary"},
		{"a weakness that CWE does not know", `"CWE-79"`, `"CWE-9999"`, "osv.cwe", advisory.Warning, "/database_specific/cwe_ids/0"},
		{"a database that nobody registered", `"id": "GHSA-`, `"id": "LANTERN-`, "schema", advisory.Error, "/id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := Format{}.Check([]byte(strings.Replace(whole, c.old, c.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Rule == c.rule && f.Level == c.level && f.Pointer == c.pointer {
					return
				}
			}
			t.Errorf("%v, want a finding of %s, %s, at %s", found, c.rule, c.level, c.pointer)
		})
	}
	if found, err := (Format{}).Check([]byte(whole)); err != nil || len(found) != 0 {
		t.Errorf("the record as it is: %v, %v, want nothing", found, err)
	}
}

// TestRealRecords reads the records of the Go vulnerability database. All are
// valid. They write the year 1 where they know no time; it is not taken for one.
func TestRealRecords(t *testing.T) {
	t.Parallel()
	validate := oracle(t)
	files, err := filepath.Glob(filepath.Join(mutate.Shared(t, "govulndb", "osv"), "*.json"))
	if err != nil || len(files) < 80 {
		t.Fatalf("%d records (%v), want more", len(files), err)
	}
	for _, file := range files {
		name, body := filepath.Base(file), mutate.Read(t, file)
		found, err := Format{}.Check(body)
		if err != nil || !advisory.Valid(found) {
			t.Errorf("%s: %v, %v", name, found, err)
		}
		d := parse(t, body)
		keeps(t, name, body, d)
		if d.Current.IsZero() && d.Initial.IsZero() {
			if _, err := (Format{}).Render(d); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want a refusal: the format needs a time of change", name, err)
			}
			d.Current = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		again := render(t, d)[0].Body
		if err := validate(again); err != nil {
			t.Errorf("%s rendered: %v", name, err)
		}
		have := parse(t, again)
		if d.Current.IsZero() {
			have.Current = time.Time{}
		}
		if diff := cmp.Diff(d, have); diff != "" {
			t.Errorf("%s: parsed (-) rendered and parsed again (+)\n%s", name, diff)
		}
	}
}

// keeps compares counts of the record as JSON with the Document.
func keeps(t *testing.T, name string, body []byte, d advisory.Document) {
	t.Helper()
	var r struct {
		Aliases             []string
		References, Credits []any
		Affected            []struct {
			Ranges []struct{ Events []map[string]string }
		}
		Summary, Details, Published string
	}
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	v := d.Vulns[0]
	names := len(v.Aliases)
	if v.CVE != "" {
		names++
	}
	slices.Sort(r.Aliases)
	r.Aliases = slices.Compact(r.Aliases)
	if d.Title != r.Summary || v.Description != r.Details || names != len(r.Aliases) || len(v.Credits) != len(r.Credits) ||
		len(v.References) != len(r.References) || len(d.Products) != len(r.Affected) {
		t.Errorf("%s: something is not kept", name)
	}
	for i, a := range r.Affected {
		for j, x := range a.Ranges {
			for _, e := range x.Events {
				for kind, version := range e {
					if version != "0" && !mentions(v.Affected[i].Ranges, version) {
						t.Errorf("%s: range %d of %d: %s %s is lost", name, j, i, kind, version)
					}
				}
			}
		}
	}
	if strings.HasPrefix(r.Published, "0001") != d.Initial.IsZero() || len(v.Scores) > 0 {
		t.Errorf("%s: published %s became %s", name, r.Published, d.Initial)
	}
}

func mentions(all []advisory.Range, version string) bool {
	for _, r := range all {
		if r.Introduced == version || r.Fixed == version || r.LastAffected == version {
			return true
		}
	}
	return false
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `{"id":`, "line 1"},
		{"a string", `"GO-1"`, "one JSON object"},
		{"no ID", `{"modified":"2026-01-01T00:00:00Z"}`, "/id"},
		{"a member twice", `{"id":"GO-1","id":"GO-2"}`, "stands twice"},
		{"an object where a list is due", `{"id":"GO-1","affected":{}}`, "/affected"},
		{"a time that is none", `{"id":"GO-1","modified":"soon"}`, "no time"},
	} {
		_, err := Format{}.Parse([]byte(c.body))
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range []string{"full", "house1.golden", "house2.golden"} {
		f.Add(mutate.Read(f, "testdata/"+file+".json"))
	}
	f.Add([]byte(`{"id":"GO-1","modified":"2026-01-01T00:00:00Z","affected":[{"ranges":[{"type":"SEMVER","events":[{"introduced":"1"}]}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, checkErr := Format{}.Check(body)
		d, err := Format{}.Parse(body)
		if err != nil {
			return
		}
		if checkErr != nil {
			t.Errorf("Parse reads what Check cannot: %v", checkErr)
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
