package all

import (
	"path/filepath"
	"testing"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/format/mutate"
)

// TestPublishedAdvisoriesInEveryForm: what real vendors published as CSAF comes
// out in every other form. Render itself refuses what would not be valid.
func TestPublishedAdvisoriesInEveryForm(t *testing.T) {
	t.Parallel()
	schemas := map[string]func([]byte) error{
		"cve-5": mutate.Schema(t, "cve", "CVE_JSON_bundled_5.1.1.json"),
		"osv-1": mutate.Schema(t, "osv", "schema.json"),
	}
	for _, folder := range []string{"csaf-vendor", "csaf-cisa"} {
		files, err := filepath.Glob(filepath.Join(mutate.Shared(t, folder), "*.json"))
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
				t.Errorf("%s: %v", file, err)
				continue
			}
			d.Publisher.OrgID = "7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21" // CSAF states none, a CVE record needs one
			for _, f := range Formats {
				files, err := f.Render(d)
				if err != nil || len(files) == 0 {
					t.Errorf("%s as %s: %d files, %v", filepath.Base(file), f.Name(), len(files), err)
				}
				for _, made := range files {
					if valid := schemas[f.Name()]; valid != nil && valid(made.Body) != nil {
						t.Errorf("%s as %s: %s breaks the published schema", filepath.Base(file), f.Name(), made.Name)
					}
				}
			}
		}
	}
}

// TestDraftOfACaseInEveryForm: what the house drafts of a case where environments
// differ, whose vector has more than base metrics, can be published in every form.
func TestDraftOfACaseInEveryForm(t *testing.T) {
	t.Parallel()
	ranges := []advisory.Range{{Type: "semver", Introduced: "16.0.0", Fixed: "16.9.7"}}
	d := advisory.From(advisory.Facts{
		Title: "Missing check lets members read private snippets", Summary: "A missing check lets any member read private snippets.", Lang: "en",
		CVE: "CVE-1900-7001", CWE: "CWE-862", Severity: "medium", Page: "https://lantern.example.org/advisories/ADV-7QK3D9XB",
		Vectors: []string{"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:N/E:U/RL:O/RC:U", "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N/E:U"},
		Product: advisory.Product{ID: "server", Vendor: "Lanternworks", Name: "Lantern Server"},
		Environments: []advisory.Standing{
			{Title: "Self-managed", Status: "affected", Shipped: true, Ranges: ranges},
			{Title: "Lantern Cloud", Status: "not_affected", Justification: "inline_mitigations_already_exist", Reason: "Mended before the report."},
			{Title: "Lantern Dedicated", Status: "under_investigation"},
		},
		Fixes:   []string{"16.9.7"},
		Credits: []advisory.Credit{{Name: "Ada Fictitious", Role: "finder"}},
		Publisher: advisory.Publisher{Name: "Lanternworks", Namespace: "https://lantern.example.org", Category: "vendor",
			OrgID: "7f3b1c9e-2a44-4f6b-9d1e-0c5a8e7b6d21", CNA: "Lanternworks"},
	}, "ADV-7QK3D9XB")
	at := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	d.Status, d.Version, d.Initial, d.Current = advisory.Final, "1", at, at
	d.Revisions = []advisory.Revision{{Number: "1", Date: at, Summary: "First publication"}}
	for _, f := range Formats {
		files, err := f.Render(d)
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			continue
		}
		for _, file := range files {
			if r := Check(file.Name, file.Body); !r.Valid {
				t.Errorf("%s: %+v", f.Name(), r.Findings)
			}
		}
	}
}
