package archive_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/archive"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/rig"
)

// osv is a made-up OSV record with what the test puts into it.
func osv(more string) string {
	return `{"schema_version": "1.6.0", "id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-05-02T10:00:00Z", ` + more + `}`
}

const (
	firstState = `"published": "2024-05-01T10:00:00Z", "summary": "An anchor slips", "details": "Long.", "aliases": ["CVE-1900-0001"],
		"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]`
	secondState = `"published": "2024-04-01T10:00:00Z", "summary": "An anchor slips twice", "details": "Longer.", "aliases": ["CVE-1900-0001", "VENDOR-7"],
		"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"}], "database_specific": {"cwe_ids": ["CWE-416"]}`
)

func TestAChangedRecordIsARevision(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)})
		before := only(t, h, casework.Filter{CVE: "CVE-1900-0001"})
		if before.Severity != "critical" || before.Score != 9.8 || before.Closed != true || len(before.Advisories) != 1 {
			t.Fatalf("first %+v", before.Case)
		}
		s := take(t, h, "osv", archive.Options{}, map[string]string{"other-name.json": osv(secondState)})
		if s.Updated != 1 || s.Imported+s.Cases+s.Joined+s.Same != 0 {
			t.Errorf("summary %+v, want one updated", *s)
		}
		after := only(t, h, casework.Filter{})
		for _, x := range []struct{ what, have, want string }{
			{"case", string(after.ID), string(before.ID)},
			{"title", after.Title, "An anchor slips twice"},
			{"weakness", after.CWE, "CWE-416"},
			{"severity", after.Severity, "medium"},
			{"opened", after.Opened.Format(time.DateOnly), "2024-04-01"},
			{"aliases", after.Origin.Stated["aliases"], "VENDOR-7"},
			{"old original", original(t, h, before.Origin.SHA256), osv(firstState)},
			{"new original", original(t, h, after.Origin.SHA256), osv(secondState)},
		} {
			if !strings.Contains(x.have, x.want) {
				t.Errorf("%s %q, want %q", x.what, x.have, x.want)
			}
		}
		p, err := h.Advisories.Published(manager(t, h), "GHSA-aaaa-bbbb-cccc")
		if err != nil || p.Revision != 2 || p.Title != "An anchor slips twice" {
			t.Errorf("published %+v, %v; want revision 2", p, err)
		}
		for text, want := range map[string]int{"twice": 1, "longer": 1, "long": 0} {
			if have := len(all(t, h, casework.Filter{Text: text})); have != want {
				t.Errorf("search for %q finds %d, want %d", text, have, want)
			}
		}
		if s := take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)}); s.Updated != 1 {
			t.Errorf("back to the first state: %+v, want an update", *s)
		}
	})
}

func TestWhatPeopleChangedStays(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)})
		c := only(t, h, casework.Filter{})
		ctx := h.As(t, "Ada", "analyst", "manager")
		title, weakness := "Our own words", "CWE-787"
		if err := h.Cases.Edit(ctx, c.ID, casework.Patch{Title: &title, CWE: &weakness}); err != nil {
			t.Fatal(err)
		}
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(secondState)})
		c = only(t, h, casework.Filter{})
		if c.Title != title || c.CWE != weakness || c.Summary != "Longer." {
			t.Errorf("title %q, weakness %q, summary %q; want ours, ours and the record's", c.Title, c.CWE, c.Summary)
		}
	})
}

const cveRecord = `{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-1900-0001", "assignerOrgId": "00000000-0000-4000-8000-000000000000", "state": "PUBLISHED"},
	"containers": {"cna": {"title": "Anchor", "descriptions": [{"lang": "en", "value": "In the CVE list's words."}],
	"problemTypes": [{"descriptions": [{"lang": "en", "description": "Use After Free"}]}],
	"affected": [{"vendor": "Harbor", "product": "crane", "versions": [{"version": "1", "lessThan": "2", "status": "affected", "versionType": "semver"}]}]}}}`

func TestAnotherFormOfTheSameCVEJoinsTheCase(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		take(t, h, "cve5", archive.Options{}, map[string]string{"a.json": cveRecord})
		if c := only(t, h, casework.Filter{Undated: true}); c.CWE != "CWE-416" || c.Score != -1 || c.Product != "crane" {
			t.Errorf("from the CVE list: %+v", c.Case)
		}
		s := take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)})
		if s.Joined != 1 || s.Cases != 0 {
			t.Errorf("summary %+v, want a case joined", *s)
		}
		c := only(t, h, casework.Filter{OpenedBefore: time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)})
		if c.Title != "Anchor" || c.Severity != "critical" || c.Opened.IsZero() || len(c.Advisories) != 2 || c.Origin.Stated["aliases"] == "" {
			t.Errorf("joined %+v %+v: want the first's title, the second's date, score and alias, and both advisories", c.Case, c.Advisories)
		}
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(secondState)})
		c = only(t, h, casework.Filter{})
		if c.Title != "Anchor" || c.Severity != "medium" || c.Opened.Month() != time.April || c.CWE != "CWE-416" {
			t.Errorf("after a change of the second %+v: want its date and score, and the first's title", c.Case)
		}
		next := strings.ReplaceAll(osv(firstState), "aaaa", "zzzz")
		if s := take(t, h, "osv", archive.Options{}, map[string]string{"b.json": next}); s.Cases != 1 {
			t.Errorf("a second record of the same form: %+v, want a case of its own", *s)
		}
	})
}

func TestWhatIsNotForEverybodyIsNotPublished(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		files := map[string]string{"amber.json": csaf("ANCHOR-1", "AMBER", "final"), "white.json": csaf("ANCHOR/2", "WHITE", "final"),
			"none.json":  strings.Replace(csaf("ANCHOR-3", "RED", "final"), `"distribution": {"tlp": {"label": "RED"}},`, "", 1),
			"draft.json": csaf("ANCHOR-4", "WHITE", "draft")}
		s := take(t, h, "csaf", archive.Options{}, files)
		if s.Imported != 3 || s.Cases != 6 || len(s.Failed) != 1 || s.Failed[0].File != "draft.json" || !strings.Contains(s.Failed[0].Reason, "draft") {
			t.Fatalf("summary %+v", *s)
		}
		for name, want := range map[string]bool{"ANCHOR-1": false, "ANCHOR-2": true, "ANCHOR-3": true, "ANCHOR-4": false} {
			_, err := h.Advisories.Published(manager(t, h), name)
			if have := err == nil; have != want || err != nil && !errors.Is(err, fault.NotFound) {
				t.Errorf("%s is out: %v (%v), want %v", name, have, err, want)
			}
		}
		for _, c := range all(t, h, casework.Filter{CVE: "CVE-1900-0002"}) {
			full, err := h.Cases.Get(manager(t, h), c.ID)
			if err != nil || len(full.Advisories) != 1 || len(full.Advisories[0].Name) == 0 {
				t.Errorf("the second vulnerability shows %+v, %v; want its document's advisory", full.Advisories, err)
			}
		}
	})
}

// csaf is a made-up document of two vulnerabilities.
func csaf(id, label, status string) string {
	return `{"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Anchors", "distribution": {"tlp": {"label": "` + label + `"}},
		"publisher": {"category": "vendor", "name": "Harbor", "namespace": "https://harbor.example"},
		"tracking": {"id": "` + id + `", "status": "` + status + `", "version": "1", "current_release_date": "2024-03-02T00:00:00Z", "initial_release_date": "2024-03-01T00:00:00Z",
		"revision_history": [{"number": "1", "date": "2024-03-01T00:00:00Z", "summary": "Initial"}]}},
		"product_tree": {"full_product_names": [{"product_id": "P", "name": "Crane"}]},
		"vulnerabilities": [{"cve": "CVE-1900-0001", "product_status": {"known_affected": ["P"]}}, {"cve": "CVE-1900-0002", "cwe": {"id": "CWE-416", "name": "Use After Free"}}]}`
}

func TestRejectedAndWithdrawnRecords(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		rejected := `{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-1900-0009", "state": "REJECTED"},
			"containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "Not a vulnerability."}]}}}`
		take(t, h, "cve5", archive.Options{}, map[string]string{"a.json": rejected})
		take(t, h, "osv", archive.Options{}, map[string]string{"b.json": osv(`"withdrawn": "2024-06-01T00:00:00Z", "summary": "Never mind"`)})
		for _, name := range []string{"CVE-1900-0009", "GHSA-aaaa-bbbb-cccc"} {
			p, err := h.Advisories.Published(manager(t, h), name)
			if err != nil || !p.Withdrawn {
				t.Errorf("%s: %+v, %v; want it out, and withdrawn", name, p, err)
			}
		}
		if c := only(t, h, casework.Filter{CVE: "CVE-1900-0009"}); c.Origin.Stated["state"] != "REJECTED" || !c.Closed {
			t.Errorf("the rejected record's case %+v", c.Case)
		}
		reserved := strings.Replace(rejected, "REJECTED", "RESERVED", 1)
		if s := take(t, h, "cve5", archive.Options{}, map[string]string{"r.json": strings.Replace(reserved, "0009", "0010", 1)}); len(s.Failed) != 1 || s.Cases != 0 {
			t.Errorf("a reserved ID: %+v, want it left out", *s)
		}
	})
}

func TestUndatedAdvisoriesPage(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		bring(t, h, "cve5", archive.Options{}, data(t, "govulndb/cve5"))
		var names []string
		for after := ""; ; {
			page, next, err := h.Advisories.Feed(t.Context(), 10, after)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page {
				if p.At != 0 {
					t.Errorf("%s went out at %d, which nobody states", p.Name, p.At)
				}
				names = append(names, p.Name)
			}
			if after = next; after == "" || len(names) > 100 {
				break
			}
		}
		slices.Sort(names)
		if n := len(slices.Compact(names)); n != 47 {
			t.Errorf("%d advisories, want each of the 47 once", n)
		}
	})
}

func TestOnlyWhoMayImports(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		for _, dry := range []bool{false, true} {
			_, err := h.Archive.Import(h.As(t, "Ed", "engineer"), "osv", nil, archive.Options{DryRun: dry})
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("an engineer, dry %v: %v, want forbidden", dry, err)
			}
		}
		if n := rig.Count(t, h.DB, "audit where verb = 'archive.import' and outcome = 'refused'"); n != 2 {
			t.Errorf("%d refusals audited, want 2", n)
		}
		if _, err := h.Archive.Import(manager(t, h), "docx", nil, archive.Options{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("an unknown kind: %v", err)
		}
	})
}

func TestAChangeOfWhatOthersMayNotSeeIsRefused(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)})
		c := only(t, h, casework.Filter{})
		if err := h.Gate.Act(rig.System(), "case.share", c.ID, func(tx *gate.Tx) error { return tx.Audience(c.ID, access.Named) }); err != nil {
			t.Fatal(err)
		}
		s := take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(secondState), "b.json": strings.ReplaceAll(osv(firstState), "aaaa", "zzzz")})
		if len(s.Failed) != 1 || s.Imported != 1 || s.Joined != 0 || s.Failed[0].File != "a.json" {
			t.Errorf("summary %+v, want the change refused and the other taken in by itself", *s)
		}
		if now := original(t, h, c.Origin.SHA256); now != osv(firstState) || rig.Count(t, h.DB, "cases where title = 'An anchor slips twice'") != 0 {
			t.Error("the restricted case changed")
		}
	})
}

func TestARevisionUnderWayIsNotOverwritten(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)})
		c := only(t, h, casework.Filter{})
		if err := h.Advisories.Move(h.As(t, "Mia", "manager", "analyst", "communications"), c.Advisories[0].ID, advisory.VerbRevise, 0, "a typo"); err != nil {
			t.Fatal(err)
		}
		s := take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(secondState), "b.json": strings.ReplaceAll(osv(firstState), "aaaa", "zzzz")})
		if len(s.Failed) != 1 || s.Updated != 0 || s.Imported != 1 || !strings.Contains(s.Failed[0].Reason, "revised") {
			t.Errorf("summary %+v, want the one refused and the other in", *s)
		}
		for _, c := range all(t, h, casework.Filter{CVE: "CVE-1900-0001"}) {
			if c.Title != "An anchor slips" {
				t.Errorf("the case says %q", c.Title)
			}
		}
	})
}

func TestProgressGoesOnToTheEnd(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/x.db", "generic")
	var seen []int64
	var of int64
	table := "title,link\n" + strings.Repeat("T,\n", 250)
	s := take(t, h, archive.Bounty, archive.Options{Progress: func(done, total int64) { seen, of = append(seen, done), total }}, map[string]string{"a.csv": table, "b.csv": "title\nB\n"})
	if s.Imported != 2 || s.Records != 251 || len(s.Failed) != 0 {
		t.Errorf("summary %+v: want one report told 250 times, and another", *s)
	}
	if len(seen) < 4 || !slices.IsSorted(seen) || seen[len(seen)-1] != of || of != int64(len(table)+8) {
		t.Errorf("progress %v of %d, want it to rise to the end", seen, of)
	}
}
