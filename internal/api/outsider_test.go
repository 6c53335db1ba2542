package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tocsin/internal/api"
	"tocsin/internal/picture"
	"tocsin/internal/rig"
)

// outsiders are those who may not know of what is hidden.
func outsiders(t *testing.T, s *site) map[string]*caller {
	return map[string]*caller{
		"a manager who is not named":  s.person(t, "out", "manager", "analyst", "engineer", "auditor"),
		"an administrator":            s.person(t, "adm", "admin"),
		"a guest":                     s.person(t, "gus", "guest"),
		"a token of an analyst":       s.token(t, nil, "analyst"),
		"a token of every role there": s.token(t, nil, "analyst", "engineer", "manager", "leader", "component-owner", "release-manager", "communications", "auditor", "admin"),
	}
}

// named fills a path with the hidden record that it can name, or returns "".
func (x hidden) named(r api.Route) []string {
	ids := map[string][]string{"cases": {string(x.id)}, "reports": {string(x.report)}, "advisories": {string(x.advisory)}, "jobs": {string(x.job)}, "files": {string(x.files[0]), string(x.files[1])}, "risks": {string(x.risk)}, "kris": {string(x.kri)}, "samples": {string(x.sample)}, "tasks": {string(x.task)},
		"observations": {string(x.observation)}, "points": {string(x.point)}, "candidates": {string(x.candidate)}, "quantifications": {string(x.run)}}
	fill := strings.NewReplacer("{label}", "blocked", "{with}", "person-out", "{kind}", "related", "{to}", string(x.id), "{format}", "csaf-2.0", "{disposition}", "duplicate", "{decision}", "decision-x", "{item}", "item-x", "{control}", "c1", "{run}", "quant-x")
	head, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
	var out []string
	for _, id := range ids[head] {
		if id != "" && strings.Contains(r.Path, "{id}") {
			out = append(out, strings.ReplaceAll(fill.Replace(r.Path), "{id}", id))
		}
	}
	return out
}

// send calls a route at a path as it is meant to be called.
func (c *caller) send(r api.Route, path string) got {
	c.t.Helper()
	switch {
	case r.Uploads():
		return c.with("Content-Type", "application/octet-stream").do(r.Method, path+"?name=a.txt", "content")
	case r.HasBody():
		return c.do(r.Method, path, r.Example())
	}
	return c.do(r.Method, path, nil)
}

// TestOutsider walks every route as somebody outside a record under embargo:
// nothing of it in any byte, 404 wherever it is named, no change in the store, and
// every refused write in the audit trail.
func TestOutsider(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		w := world(t, s.House)
		x := embargo(t, s.House, w)
		callers := outsiders(t, s)
		x.park(t, s.House)
		for name, c := range callers {
			before := everything(t, s.House)
			for _, r := range api.Routes {
				for _, path := range x.named(r) {
					notThere(t, s, x, name, c, r, path)
				}
			}
			if tables := changed(before, everything(t, s.House)); len(tables) > 0 {
				t.Errorf("%s changed %v by what was refused", name, tables)
			}
			for _, path := range readable(w) {
				if g := c.do("GET", path, nil); x.tells(g.all()) != "" {
					t.Errorf("%s gets %q from GET %s:\n%s", name, x.tells(g.all()), path, g.all())
				}
			}
		}
	})
}

// notThere sends one request that names what is hidden, and the same with a name
// that nothing has.
func notThere(t *testing.T, s *site, x hidden, name string, c *caller, r api.Route, path string) {
	t.Helper()
	refused := refusals(t, s)
	g := c.send(r, path)
	if g.StatusCode != http.StatusNotFound {
		t.Errorf("%s: %s %s: have %d %s, want 404", name, r.Method, path, g.StatusCode, g.body)
	}
	if x.tells(g.all()) != "" {
		t.Errorf("%s: %s %s tells %q", name, r.Method, path, x.tells(g.all()))
	}
	if n := refusals(t, s) - refused; r.Method != "GET" && n != 1 {
		t.Errorf("%s: %s %s: %d refusals in the audit trail, want 1", name, r.Method, path, n)
	}
	absent := path
	for _, id := range append(x.ids(), string(x.job)) {
		absent = strings.ReplaceAll(absent, id, id[:len(id)-4]+"0000")
	}
	if h := c.send(r, absent); h.all() != g.all() {
		t.Errorf("%s: %s: hidden and absent differ:\n%s\n%s", name, r.ID, g.all(), h.all())
	}
}

func refusals(t *testing.T, s *site) int {
	t.Helper()
	return rig.Count(t, s.DB, `audit where outcome = 'refused'`)
}

// readable is every address that can be read, with every filter and page size.
func readable(w seen) (out []string) {
	for _, r := range api.Routes {
		if r.Method != "GET" {
			continue
		}
		for _, path := range w.named(r.Path) {
			out = append(out, path)
			for name, enum := range r.Query() {
				for _, v := range append(enum, values[name]...) {
					out = append(out, path+"?"+name+"="+v)
				}
			}
		}
	}
	return append(out, "/cases?q=export&state=open&order=due&limit=1", "/cases?product=gateway&severity=high&limit=2", "/reports?open=true&q=export&limit=1", "/search?q=zqx*&in=note&limit=100", "/search?q=export&in=kri", "/api/docs", "/openapi.json")
}

// values are words to filter by, beside those that a parameter lists.
var values = map[string][]string{
	"stage": {"triage", "assessment", "new", "draft"}, "severity": {"high", "low"}, "cwe": {"CWE-863"}, "cve": {"CVE-1900-0009", "CVE-1900-0001"}, "product": {"gateway"}, "component": {"export"},
	"source": {"portal", "email"}, "label": {"embargo", "blocked"}, "owner": {"person-eve"}, "breached": {"true"}, "due_before": {"2030-01-01"}, "opened_before": {"2030-01-01"}, "opened_after": {"2020-01-01"},
	"undated": {"true"}, "q": {marker, "export", "sibling", "zqx*", `"sibling%20group"`}, "limit": {"1", "2", "200"}, "open": {"true"}, "vector": {"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"},
	"actor": {"person-eve", "person-ana"}, "rating": {"medium", "unset"}, "standing": {"above", "within"}, "department": {"Exports"}, "likelihood": {"4", "3"}, "impact": {"4", "3"}, "overdue": {"true"}, "held": {"true"}, "verb": {"case.note", "case.link", "report.duplicate"}, "before": {"2030-01-01"},
}

// named fills a path with every record that everybody may see.
func (w seen) named(path string) (out []string) {
	paths := []string{path}
	fill := func(word string, with ...string) {
		var next []string
		for _, p := range paths {
			if !strings.Contains(p, word) {
				next = append(next, p)
				continue
			}
			for _, x := range with {
				next = append(next, strings.ReplaceAll(p, word, x))
			}
		}
		paths = next
	}
	head, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	ids := map[string][]string{}
	for _, list := range [][]string{listed("cases", w.cases), listed("reports", w.reports), listed("advisories", w.advisories), listed("files", w.files), listed("risks", w.risks), listed("kris", w.kris), listed("samples", w.samples),
		listed("tasks", w.tasks), listed("observations", w.observations), listed("meetings", w.meetings), listed("points", w.points), listed("candidates", w.candidates), listed("quantifications", w.runs)} {
		ids[list[0]] = list[1:]
	}
	fill("{id}", ids[head]...)
	fill("{format}", "csaf-2.0", "cve-5", "osv-1", "openvex-0.2")
	fill("{disposition}", "duplicate", "not_reproducible")
	fill("{name}", "nothing")
	fill("{control}", "c1")
	fill("{decision}", "decision-x")
	fill("{item}", "item-x")
	fill("{survey}", "appetite-x")
	fill("{run}", "quant-x")
	fill("{view}", "view-x")
	fill("{surface}", "cases", "register")
	fill("{picture}", append(pictures[head], "nothing.svg")...)
	if head == "kris" {
		fill("{to}", string(w.risks[0]))
	}
	if head == "observations" {
		fill("{label}", "blocked")
		fill("{with}", "person-eve")
	}
	if head == "risks" {
		fill("{label}", "blocked")
		fill("{with}", "person-eve")
		fill("{kind}", "related")
		fill("{to}", string(w.cases[0]))
	}
	return paths
}

// pictures are the files of every picture, by the first word of the address.
var pictures = map[string][]string{"risk-charts": pictureFiles(picture.Register), "risks": pictureFiles(picture.Risk), "kris": pictureFiles(picture.Indicator)}

func pictureFiles(of string) []string {
	out := []string{picture.Names(of)[0] + ".png"}
	for _, name := range picture.Names(of) {
		out = append(out, name+".svg")
	}
	return out
}

func listed[T ~string](name string, ids []T) []string {
	out := []string{name}
	for _, id := range ids {
		out = append(out, string(id))
	}
	return out
}
