package archive_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tocsin/internal/archive"
	"tocsin/internal/casework"
	"tocsin/internal/evidence"
	"tocsin/internal/gate"
	"tocsin/internal/rig"
)

// data is a folder of the reference data, which lies beside the project.
func data(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the reference data is not beside the project: %v", err)
	}
	return dir
}

func manager(t testing.TB, h *rig.House) context.Context { return h.As(t, "Mara", "manager") }

// lite runs test on SQLite alone, where nothing but our own rules is asked.
func lite(t *testing.T, test func(t *testing.T, h *rig.House)) {
	t.Helper()
	test(t, rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab"))
}

// bring imports paths of the machine.
func bring(t testing.TB, h *rig.House, kind string, o archive.Options, paths ...string) *archive.Summary {
	t.Helper()
	files, err := archive.Files(kind, paths...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.Archive.Import(manager(t, h), kind, files, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take imports files that the test wrote, by their names.
func take(t testing.TB, h *rig.House, kind string, o archive.Options, files map[string]string) *archive.Summary {
	t.Helper()
	in := fstest.MapFS{}
	for name, body := range files {
		in[name] = &fstest.MapFile{Data: []byte(body)}
	}
	list, err := archive.FilesIn(kind, in, ".")
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.Archive.Import(manager(t, h), kind, list, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// all lists every case that a filter leaves.
func all(t testing.TB, h *rig.House, f casework.Filter) (out []*casework.Case) {
	t.Helper()
	p := casework.Page{Limit: casework.MaxPage}
	for {
		l, err := h.Cases.List(manager(t, h), f, p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, l.Cases...)
		if p.After = l.Next; p.After == "" {
			return out
		}
	}
}

// only is the one case that a filter leaves, whole.
func only(t testing.TB, h *rig.House, f casework.Filter) *casework.Full {
	t.Helper()
	list := all(t, h, f)
	if len(list) != 1 {
		t.Fatalf("%d cases, want one", len(list))
	}
	c, err := h.Cases.Get(manager(t, h), list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fact is what the reference data states of one vulnerability, read without any
// code of the house.
type fact struct {
	cve, weakness string
	published     time.Time
	bases         map[string]float64
}

func when(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Year() == 1 {
		return time.Time{}
	}
	return at
}

func each(t testing.TB, folder string, read func(body []byte)) {
	t.Helper()
	err := filepath.WalkDir(data(t, folder), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(name)
		if err == nil {
			read(body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cveFacts(t testing.TB) (out []fact) {
	each(t, "govulndb/cve5", func(b []byte) {
		var r struct {
			CveMetadata struct{ CveID, DatePublished string }
			Containers  struct{ CNA struct{ Metrics []any } }
		}
		must(t, json.Unmarshal(b, &r))
		if len(r.Containers.CNA.Metrics) > 0 {
			t.Errorf("%s has metrics, which this test does not read", r.CveMetadata.CveID)
		}
		out = append(out, fact{cve: r.CveMetadata.CveID, weakness: "some", published: when(r.CveMetadata.DatePublished)})
	})
	return out
}

func osvFacts(t testing.TB) (out []fact) {
	each(t, "govulndb/osv", func(b []byte) {
		var r struct {
			Published string
			Aliases   []string
			Severity  []any
		}
		must(t, json.Unmarshal(b, &r))
		f := fact{published: when(r.Published)}
		if i := slices.IndexFunc(r.Aliases, func(s string) bool { return strings.HasPrefix(s, "CVE-") }); i >= 0 {
			f.cve = r.Aliases[i]
		}
		if len(r.Severity) > 0 {
			t.Errorf("%v has a severity, which this test does not read", r.Aliases)
		}
		out = append(out, f)
	})
	return out
}

func csafFacts(t testing.TB, folder string, seen map[string]bool) (out []fact) {
	each(t, folder, func(b []byte) {
		var r struct {
			Document struct {
				Tracking struct {
					ID      string `json:"id"`
					Initial string `json:"initial_release_date"`
				}
			}
			Vulnerabilities []struct {
				CVE     string
				CWE     struct{ ID string }
				Release string `json:"release_date"`
				Scores  []struct {
					V2 *struct{ BaseScore float64 } `json:"cvss_v2"`
					V3 *struct {
						BaseScore float64
						Version   string
					} `json:"cvss_v3"`
				}
			}
		}
		must(t, json.Unmarshal(b, &r))
		if seen[r.Document.Tracking.ID] {
			return
		}
		seen[r.Document.Tracking.ID] = true
		for _, v := range r.Vulnerabilities {
			f := fact{cve: v.CVE, weakness: v.CWE.ID, published: when(v.Release), bases: map[string]float64{}}
			if f.published.IsZero() {
				f.published = when(r.Document.Tracking.Initial)
			}
			for _, s := range v.Scores {
				if s.V2 != nil {
					f.bases["cvss-2.0"] = max(f.bases["cvss-2.0"], s.V2.BaseScore)
				}
				if s.V3 != nil {
					f.bases["cvss-"+s.V3.Version] = max(f.bases["cvss-"+s.V3.Version], s.V3.BaseScore)
				}
			}
			out = append(out, f)
		}
	})
	return out
}

// reports are the rows of one program of the table of disclosed reports.
func reports(t testing.TB, program string) (out []map[string]string) {
	t.Helper()
	f, err := os.Open(data(t, "bounty/disclosed-reports.csv"))
	must(t, err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	must(t, err)
	for _, row := range all[1:] {
		r := map[string]string{}
		for i, name := range all[0] {
			r[name] = row[i]
		}
		if r["program"] == program {
			out = append(out, r)
		}
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count[T any](list []T, is func(T) bool) (n int) {
	for _, x := range list {
		if is(x) {
			n++
		}
	}
	return n
}

func TestPublishedHistoryComesInAndIsFound(t *testing.T) {
	t.Parallel()
	cves, osvs := cveFacts(t), osvFacts(t)
	seen := map[string]bool{}
	csafs := append(csafFacts(t, "csaf-cisa", seen), csafFacts(t, "csaf-vendor", seen)...)
	rows := reports(t, "GitLab")
	if len(cves) != 47 || len(osvs) != 85 || len(seen) != 224 || len(rows) != 257 {
		t.Fatalf("the data has %d, %d, %d and %d records", len(cves), len(osvs), len(seen), len(rows))
	}
	rig.Each(t, func(t *testing.T, h *rig.House) {
		for _, x := range []struct {
			kind, path                     string
			records, imported, same, cases int
		}{
			{"cve5", "govulndb/cve5", 47, 47, 0, 47},
			{"osv", "govulndb/osv", 85, 85, 0, 83},
			{"csaf", "csaf-cisa", 79, 79, 0, len(csafs) - 283},
			{"csaf", "csaf-vendor", 149, 145, 4, 283},
			{archive.Bounty, "bounty/disclosed-reports.csv", 257, 257, 0, 257},
		} {
			s := bring(t, h, x.kind, archive.Options{Program: "GitLab"}, data(t, x.path))
			if s.Records != x.records || s.Imported != x.imported || s.Same != x.same || s.Cases != x.cases || len(s.Failed) != 0 || s.Updated != 0 {
				t.Errorf("%s: %+v, want %+v", x.path, *s, x)
			}
			entries := rig.Count(t, h.DB, "audit")
			again := bring(t, h, x.kind, archive.Options{Program: "GitLab"}, data(t, x.path))
			if again.Same != x.records || again.Imported+again.Updated+again.Cases+len(again.Failed) != 0 {
				t.Errorf("%s once more: %+v, want all the same", x.path, *again)
			}
			if n := rig.Count(t, h.DB, "audit"); n != entries {
				t.Errorf("%s once more: %d audit entries, want none", x.path, n-entries)
			}
		}
		found(t, h, cves, osvs, csafs, rows)
	})
}

// found compares the lists with what the data states.
func found(t *testing.T, h *rig.House, cves, osvs, csafs []fact, rows []map[string]string) {
	joined := map[string]fact{}
	for _, f := range osvs {
		if slices.ContainsFunc(cves, func(c fact) bool { return c.cve == f.cve && f.cve != "" }) {
			joined[f.cve] = f
		}
	}
	undated := func(f fact) bool { return f.published.IsZero() }
	unknown := len(rows) + count(csafs, undated) + count(osvs, func(f fact) bool { return undated(f) && joined[f.cve].cve == "" }) +
		count(cves, func(f fact) bool { return undated(f) && joined[f.cve].published.IsZero() })
	every := all(t, h, casework.Filter{State: "closed"})
	if have, want := len(every), len(cves)+len(osvs)-len(joined)+len(csafs)+len(rows); have != want {
		t.Errorf("%d closed cases, want %d", have, want)
	}
	if have := len(all(t, h, casework.Filter{State: "open"})); have != 0 {
		t.Errorf("%d open cases, want none", have)
	}
	if have := len(all(t, h, casework.Filter{Undated: true})); have != unknown {
		t.Errorf("%d cases of unknown age, want %d", have, unknown)
	}
	for _, c := range every {
		if c.Opened.After(time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)) || !c.Due.IsZero() || c.Breached {
			t.Errorf("%s %q: opened %v, due %v: something was made up", c.ID, c.Title, c.Opened, c.Due)
		}
		if (c.Score < 0) != (c.Severity == "") {
			t.Errorf("%s: score %v and severity %q", c.ID, c.Score, c.Severity)
		}
	}
	year := time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
	old := func(f fact) bool { return !undated(f) && f.published.Before(year) }
	if have, want := len(all(t, h, casework.Filter{OpenedBefore: year})), count(csafs, old)+count(osvs, old); have != want {
		t.Errorf("%d cases before 2018, want %d", have, want)
	}
	foundBy(t, h, csafs, rows, every)
}

func foundBy(t *testing.T, h *rig.House, csafs []fact, rows []map[string]string, every []*casework.Case) {
	want, unscored := map[string]int{}, len(every)-len(csafs)
	for _, f := range csafs {
		word, _ := h.Rules.SeverityFrom(f.bases)
		want[word]++
	}
	for _, word := range h.Rules.SeverityWords() {
		if have := len(all(t, h, casework.Filter{Severity: word})); have != want[word] || have == 0 {
			t.Errorf("%d cases of severity %s, want %d", have, word, want[word])
		}
	}
	if have := len(all(t, h, casework.Filter{Severity: "unknown"})); have != unscored+want[""] {
		t.Errorf("%d cases of unknown severity, want %d", have, unscored+want[""])
	}
	for cwe, title := range map[string]string{"CWE-79": "Cross-site Scripting (XSS)", "CWE-639": "Insecure Direct Object Reference", "CWE-918": "Server-Side Request Forgery"} {
		is := func(r map[string]string) bool { return strings.HasPrefix(r["vuln_type"], title) }
		have := all(t, h, casework.Filter{CWE: cwe, Source: "bug-bounty"})
		if n := count(rows, is); len(have) != n || n == 0 {
			t.Errorf("%d reports of %s, want %d", len(have), cwe, n)
		}
	}
	if have, want := len(all(t, h, casework.Filter{CWE: "CWE-787", Component: "unknown"})), count(csafs, func(f fact) bool { return f.weakness == "CWE-787" }); have != want || have == 0 {
		t.Errorf("%d cases of CWE-787 in no stated component, want %d", have, want)
	}
	if have := all(t, h, casework.Filter{Component: "net/http"}); len(have) == 0 || slices.ContainsFunc(have, func(c *casework.Case) bool { return c.Component != "net/http" }) {
		t.Errorf("component net/http: %v", have)
	}
}

func TestWhatARecordStatesIsKept(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		body, err := os.ReadFile(filepath.Join(data(t, "govulndb/osv"), "GO-2021-0059.json"))
		must(t, err)
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": string(body)})
		c := only(t, h, casework.Filter{CVE: "CVE-2020-35380"})
		for _, x := range []struct{ what, have, want string }{
			{"title", c.Title, "Panic due to improper input validation in Get in github.com/tidwall/gjson"},
			{"opened", c.Opened.Format(time.RFC3339), "2021-04-14T20:04:52Z"},
			{"component", c.Component, "github.com/tidwall/gjson"},
			{"fixed", strings.Join(c.Release.Versions, " "), "1.6.4"},
			{"credit", c.Credit.Name, "@toptotu"},
			{"aliases", c.Origin.Stated["aliases"], "GO-2021-0059, GHSA-w942-gw6m-p62c"},
			{"affected", strings.Join(c.Origin.Affected, "\n"), "known affected: github.com/tidwall/gjson < 1.6.4"},
			{"page", c.Origin.URL, "https://pkg.go.dev/vuln/GO-2021-0059"},
			{"weakness, score and severity", c.CWE + c.Severity, ""},
			{"advisory", c.Advisories[0].Name, "GO-2021-0059"},
		} {
			if x.have != x.want {
				t.Errorf("%s %q, want %q", x.what, x.have, x.want)
			}
		}
		if c.Score != -1 || !c.Advisories[0].Published || c.Credit.Consent {
			t.Errorf("score %v, advisory %+v, credit %+v", c.Score, c.Advisories[0], c.Credit)
		}
		p, err := h.Advisories.Published(manager(t, h), "GO-2021-0059")
		if err != nil || len(p.Document.Vulns[0].References) == 0 || p.Document.Vulns[0].Affected[0].Ranges[0].Fixed != "1.6.4" {
			t.Errorf("published %+v, %v", p, err)
		}
		if have := original(t, h, c.Origin.SHA256); have != string(body) {
			t.Errorf("the original is %d bytes, want the file's %d", len(have), len(body))
		}
	})
}

func original(t testing.TB, h *rig.House, sum string) string {
	t.Helper()
	var body []byte
	must(t, h.Gate.View(rig.System(), func(v *gate.View) (err error) {
		body, err = evidence.Blob(v, sum)
		return err
	}))
	return string(body)
}

func TestADryRunReportsTheSameAndChangesNothing(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		manager(t, h)
		files := func(n int) map[string]string {
			out := map[string]string{"bad.json": `{"id": 7}`}
			for i := range n {
				out[name(i)] = record(i, "first")
				out["twice-"+name(i)] = record(i, "second")
			}
			return out
		}
		before := rig.Count(t, h.DB, "audit") + rig.Count(t, h.DB, "cases") + rig.Count(t, h.DB, "blobs") + rig.Count(t, h.DB, "origins")
		dry := take(t, h, "osv", archive.Options{DryRun: true}, files(120))
		if after := rig.Count(t, h.DB, "audit") + rig.Count(t, h.DB, "cases") + rig.Count(t, h.DB, "blobs") + rig.Count(t, h.DB, "origins"); after != before {
			t.Errorf("a dry run wrote %d rows", after-before)
		}
		wet := take(t, h, "osv", archive.Options{}, files(120))
		if !equal(dry, wet) || wet.Imported != 120 || wet.Updated != 120 || len(wet.Failed) != 1 {
			t.Errorf("dry %+v\nwet %+v", *dry, *wet)
		}
	})
}

func equal(a, b *archive.Summary) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

func name(i int) string { return "T-" + string(rune('A'+i/26)) + string(rune('A'+i%26)) + ".json" }

// record is an OSV record of a made-up vulnerability.
func record(i int, summary string) string {
	return `{"id": "TEST-` + name(i) + `", "modified": "2024-05-02T10:00:00Z", "published": "2024-05-01T10:00:00Z", "summary": "` + summary + `",
		"affected": [{"package": {"ecosystem": "Go", "name": "example.com/harbor"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}]}]}]}`
}
