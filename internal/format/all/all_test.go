package all

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/mutate"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want, says string }{
		{"CSAF", `{"document":{"csaf_version":"2.0"}}`, "csaf-2.0", ""},
		{"a CVE record", `{"dataType":"CVE_RECORD"}`, "cve-5", ""},
		{"a CVE record that does not say so", `{"cveMetadata":{"cveId":"CVE-1900-0001"}}`, "cve-5", ""},
		{"an OSV record", `{"schema_version":"1.3.1","id":"GO-1"}`, "osv-1", ""},
		{"an OSV record without a schema version", `{"id":"GO-1","modified":"2026-01-01T00:00:00Z"}`, "osv-1", ""},
		{"OpenVEX", `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x"}`, "openvex-0.2", ""},
		{"the next CSAF", `{"document":{"csaf_version":"2.1"}}`, "", `CSAF of version "2.1"`},
		{"CycloneDX", `{"bomFormat":"CycloneDX"}`, "", `its bomFormat is "CycloneDX"`},
		{"the old CVE format", `{"data_type":"CVE","data_format":"MITRE"}`, "", `its data_type is "CVE"`},
		{"some object", `{"b":1,"a":2}`, "", "its members are a, b"},
		{"an object with much in it", `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}`, "", "a, b, c, d, e and 2 more"},
		{"an empty object", `{}`, "", "is empty"},
		{"a list", `[]`, "", "a list and not an object"},
		{"a string", `"CVE"`, "", "a string"},
		{"null", `null`, "", "null"},
		{"no JSON", `<xml/>`, "", "line 1, column 1"},
		{"nothing", ``, "", "empty"},
	} {
		f, err := Detect([]byte(c.body))
		switch {
		case c.want != "" && (err != nil || f.Name() != c.want):
			t.Errorf("%s: %v, %v, want %s", c.name, f, err, c.want)
		case c.want == "" && (!errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.says)
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	for _, f := range Formats {
		if have, err := Named(f.Name()); err != nil || have.Name() != f.Name() {
			t.Errorf("%s: %v, %v", f.Name(), have, err)
		}
	}
	if _, err := Named("cvrf"); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "osv-1") {
		t.Errorf("%v, want a fault that names the forms there are", err)
	}
}

// TestReportAsJSON pins the line that `tocsin advisory check --json` prints.
func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"no finding is an empty list", `{"id":"GO-1","modified":"2026-01-01T00:00:00Z","withdrawn":"2026-01-01T00:00:00Z"}`,
			`{"file":"f.json","format":"osv-1","valid":true,"findings":[]}`},
		{"a warning leaves the file valid", `{"id":"GO-1","modified":"2026-01-01T00:00:00Z"}`,
			`{"file":"f.json","format":"osv-1","valid":true,"findings":[{"rule":"osv.affected","level":"warning","pointer":"/affected","message":"the record names nothing that is affected"}]}`},
		{"an error does not", `{"id":"GO-1","schema_version":"1.7.0","withdrawn":"2026-01-01T00:00:00Z"}`,
			`{"file":"f.json","format":"osv-1","valid":false,"findings":[{"rule":"schema","level":"error","pointer":"","message":"the member \"modified\" is missing"}]}`},
		{"a file of no known form", `{}`,
			`{"file":"f.json","format":"","valid":false,"findings":[{"rule":"format","level":"error","pointer":"","message":"this is none of CSAF, CVE, OSV and OpenVEX: the object is empty"}]}`},
		{"a file that is no JSON", `{`,
			`{"file":"f.json","format":"","valid":false,"findings":[{"rule":"json","level":"error","pointer":"","message":"line 1, column 2 (the top level): a member's name in double quotes is due here"}]}`},
	} {
		have, err := json.Marshal(Check("f.json", []byte(c.body)))
		if err != nil || string(have) != c.want {
			t.Errorf("%s:\n%s (%v), want\n%s", c.name, have, err, c.want)
		}
	}
}

func TestFileNamedLikeAnotherRecord(t *testing.T) {
	t.Parallel()
	r := Check("in/CVE-1900-0002.json", []byte(`{"cveMetadata":{"cveId":"CVE-1900-0001"}}`))
	for _, f := range r.Findings {
		if f.Rule == "cve.file" {
			return
		}
	}
	t.Errorf("%v, want a finding of cve.file", r.Findings)
}

// TestRealDocuments: every real document is of the form of its folder.
func TestRealDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder, form string
	}{{"govulndb/cve5", "cve-5"}, {"govulndb/osv", "osv-1"}, {"csaf-cisa", "csaf-2.0"}, {"csaf-vendor", "csaf-2.0"}} {
		files, err := filepath.Glob(filepath.Join(mutate.Shared(t, strings.Split(c.folder, "/")...), "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", c.folder, len(files), err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if f, err := Detect(body); err != nil || f.Name() != c.form {
				t.Errorf("%s: %v, want %s", file, err, c.form)
			}
		}
	}
}

// TestOneDocumentInEveryForm: what the house drafts comes out in all forms, each
// valid by its own rules, recognised as what it is, and read back with the same
// vulnerability.
func TestOneDocumentInEveryForm(t *testing.T) {
	t.Parallel()
	d := house()
	for _, f := range Formats {
		files, err := f.Render(d)
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			continue
		}
		for _, file := range files {
			r := Check(file.Name, file.Body)
			if !r.Valid || r.Format != f.Name() {
				t.Errorf("%s: %+v", f.Name(), r)
			}
			again, err := f.Parse(file.Body)
			if err != nil || len(again.Vulns) != 1 || again.Vulns[0].CVE != "CVE-1900-7001" {
				t.Errorf("%s: %v, %v", f.Name(), again.Vulns, err)
			}
		}
	}
}

// TestFormToForm: what real records state goes from each form into OSV and OpenVEX.
func TestFormToForm(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(mutate.Shared(t, "govulndb", "cve5"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		body := mutate.Read(t, file)
		from, err := Detect(body)
		if err != nil {
			t.Fatal(err)
		}
		d, err := from.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		d.Current = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // the records have no time, and both forms want one
		for _, name := range []string{"osv-1", "openvex-0.2"} {
			f, err := Named(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Render(d); err != nil {
				t.Errorf("%s as %s: %v", filepath.Base(file), name, err)
			}
		}
	}
}

func house() advisory.Document {
	at := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	return advisory.Document{
		ID: "ADV-7QK3D9XB", Title: "Missing check lets members read private snippets", Summary: "A missing check lets any member read private snippets.", Lang: "en", TLP: "CLEAR",
		Publisher: advisory.Publisher{Name: "Lanternworks", Namespace: "https://lantern.example.org", Category: "vendor", OrgID: "7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21", CNA: "Lanternworks"},
		Status:    advisory.Final, Version: "1", Initial: at, Current: at,
		Revisions:  []advisory.Revision{{Number: "1", Date: at, Summary: "First publication"}},
		Products:   []advisory.Product{{ID: "server", Vendor: "Lanternworks", Name: "Lantern Server"}},
		References: []advisory.Reference{{URL: "https://lantern.example.org/advisories/ADV-7QK3D9XB", Category: "self", Summary: "This advisory"}},
		Vulns: []advisory.Vuln{{
			CVE: "CVE-1900-7001", Title: "Missing check", Description: "A missing check lets any member read private snippets.",
			CWEs:   []advisory.CWE{{ID: "CWE-862", Name: "Missing Authorization"}},
			Scores: []advisory.Score{{Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", Base: 4.3, Severity: "medium"}},
			Affected: []advisory.Affected{
				{Product: "server", Status: advisory.KnownAffected, Ranges: []advisory.Range{{Type: "semver", Fixed: "16.9.7"}, {Type: "semver", Introduced: "16.10.0", Fixed: "16.10.5"}}},
				{Product: "server", Status: advisory.Fixed, Versions: []string{"16.9.7", "16.10.5"}},
			},
			Remediations: []advisory.Remediation{{Category: "vendor_fix", Details: "Update to 16.9.7, 16.10.5 or later.", Products: []string{"server"}}},
			Credits:      []advisory.Credit{{Name: "Ada Fictitious", Role: "finder"}},
		}},
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-1900-0001"},"containers":{"cna":{"metrics":[{"cvssV3_1":{"vectorString":"CVSS:3.1/AV:N"}}]}}}`))
	f.Add([]byte(`{"id":"GO-1","modified":"2026-01-01T00:00:00Z","aliases":["GO-1"],"affected":[{"ranges":[{"type":"SEMVER","events":[{"introduced":"2"},{"fixed":"1"}]}]}]}`))
	f.Add([]byte(`{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"products":[{"@id":"pkg:npm/a"}],"status":"fixed"}]}`))
	f.Add([]byte(`{"document":{"csaf_version":"2.0"},"vulnerabilities":[{"scores":[{}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := Check("CVE-1900-0002.json", body)
		if r.Findings == nil || r.Valid != advisory.Valid(r.Findings) || r.Valid && r.Format == "" {
			t.Errorf("%+v", r)
		}
		if !r.Valid {
			return
		}
		f, err := Named(r.Format)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Parse(body); err != nil {
			t.Errorf("a valid %s that Parse refuses: %v", r.Format, err)
		}
	})
}
