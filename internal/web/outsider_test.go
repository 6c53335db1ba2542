package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/picture"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// outsiders are those of the house who may not know of what is hidden.
func outsiders(t *testing.T, s *site) map[string]*browser {
	t.Helper()
	return map[string]*browser{
		"an engineer who is not named": s.as(s.h.As(t, "out", "engineer")),
		"a guest":                      s.as(s.h.As(t, "gus", "guest")),
		"an administrator":             s.as(s.h.As(t, "adm", "admin")),
		"a manager of every duty":      s.as(s.h.As(t, "max", "analyst", "engineer", "manager", "leader", "component-owner", "release-manager", "communications", "auditor")),
	}
}

// places are the words that stand for {name} in a pattern besides IDs.
var places = map[string][]string{
	"{picture}": pictures(),
	"{side}":    {"assessment", "fixes", "advisory", "messages", "files", "clocks", "record", "history", "treatment", "decisions", "notes", "whole", "nothing"},
	"{verb}":    {"advisory.submit", "advisory.approve", "advisory.publish", "advisory.withdraw", "nothing"},
	"{leg}":     {"1", "2", "3", "4", "5", "6", "nothing"},
	"{step}":    {"organisation", "product", "done", "1", "nothing"},
	"{form}":    {"csaf-2.0", "cve-5", "osv-1", "openvex-0.2"},
	"{part}":    {"lifecycle", "clocks", "severity", "words", "nothing"},
	"{name}":    {"gateway", "nothing"},
}

// filled fills one place of each path with each of the words.
func filled(paths []string, place string, words []string) (out []string) {
	for _, p := range paths {
		if !strings.Contains(p, place) {
			out = append(out, p)
			continue
		}
		for _, w := range words {
			out = append(out, strings.ReplaceAll(p, place, w))
		}
	}
	return out
}

// split is the method and the path of a row.
func split(r web.Route) (method, path string) {
	method, path, _ = strings.Cut(r.Pattern, " ")
	return method, strings.ReplaceAll(path, "{$}", "")
}

// kindOf is the part of the site that a path is of: cases, inbox, advisory.
func kindOf(path string) string {
	head, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return head
}

// named are the paths of a row that name what is hidden: by its own page with every
// word in the other places, and for reading with every other ID of it, too.
func (x hidden) named(r web.Route, w seen) []string {
	method, path := split(r)
	own := map[string]string{"cases": string(x.id), "inbox": string(x.report), "advisory": string(x.advisory), "risks": string(x.risk), "kri": string(x.kri), "observations": string(x.observation), "tasks": string(x.task), "jobs": string(x.job), "peek": string(x.id)}[kindOf(path)]
	if own == "" || !strings.Contains(path, "{id}") {
		return nil
	}
	files := []string{string(x.files[0]), string(x.files[1])}
	if kindOf(path) == "advisory" {
		files = []string{strings.ToLower(string(x.advisory)) + ".json", "nothing"}
	}
	ids := []string{own}
	if method == "GET" {
		ids = x.ids()[:6] // those that have pages
		if kindOf(path) == "jobs" {
			ids = x.ids()
		}
	}
	paths := filled(filled([]string{path}, "{id}", ids), "{file}", files)
	if strings.Contains(path, "/files/{file}") {
		paths = append(paths, filled(filled([]string{path}, "{id}", []string{string(w.cases[0]), string(w.reports[0]), string(w.reports[2])}), "{file}", files)...)
	}
	for place, words := range places {
		if method == "POST" {
			words = words[:len(words)-1] // a move that there is not is none to refuse
		}
		paths = filled(paths, place, words)
	}
	return paths
}

// form is what each form sends at least, by the last words of its address.
func form(path string) url.Values {
	f := url.Values{"version": {"1"}, "reason": {"a reason"}}
	last := path[strings.LastIndex(path, "/")+1:]
	fields, own := forms[kindOf(path)+"/"+last]
	if !own {
		fields = forms[last]
	}
	for _, pair := range strings.Fields(fields) {
		name, value, _ := strings.Cut(pair, "=")
		f.Add(name, value)
	}
	return f
}

// forms are the fields of those forms that need some.
var forms = map[string]string{
	"risks/kris": "kind=implementation title=Mine unit=share better=higher", "kri/record": "record.at=2026-11-01 record.value=1", "kri/import": "import.text=at,value do=record", "kri/draw": "draw.frame=a draw.n=1",
	"kri/results": "sample=sample-0000 id.0=a found.0=bad", "kri/tried": "try.at=2026-11-01 try.tried=3 try.bad=1 try.what=drill", "kri/edit": "title=Mine unit=share better=higher cadence_days=30 stale_days=45",
	"kri/retire": "retire.reason=old", "kri/link": "link.risk=RISK-00000000", "observations/statement": "title=Mine", "observations/rating": "cell=1,1", "observations/proof": "proof=done", "observations/ask": "ask.reason=a ask.controls=b ask.months=3",
	"observations/approve": "approve.note=fine", "observations/labels": "label.label=ignore label.reason=why", "observations/access": "access.with=person-out", "observations/move": "verb=observation.validate", "observations/moves": "verb=observation.validate",
	"risks/move": "verb=risk.plan", "risks/moves": "verb=risk.plan", "moves": "verb=case.assess", "risks/score": "kind=inherent likelihood=2 impact=2", "risks/evidence": "about=INC-1 kind=incident", "risks/owners": "owner=person-out", "risks/statement": "title=Mine",
	"cases/risks": "risk=RISK-00000000 evidence=case", "move": "verb=case.assess", "rca-steps": "step=case.rca-invite", "rca-actions": "title=Mine", "decide": "verb=report.accept title=Mine component=export", "note": "note-text=hello", "reply": "out-text=hello", "messages": "out-text=hello", "triage": "provisional=low",
	"score": "cvss31=CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "votes": "agrees=yes", "fixes": "line=18.7 state=ready", "people": "owner=person-out", "pause": "clock=triage",
	"extend": "clock=triage span=3d", "access": "with=person-out", "labels": "label=blocked", "links": "kind=related to=CASE-00000000", "mark": "tlp=TLP:CLEAR", "credit": "choice=anonymous",
	"details": "title=Mine summary=Mine product=gateway", "advisory.publish": "confirm=yes", "advisory.withdraw": "confirm=yes", "weakness": "cwe=863", "edit": "title=Mine",
	"reproduction": "reproduction.verdict=reproduced", "environments": "environments.0.verdict=not_affected environments.0.reason=no", "validation": "validation.verdict=adequate",
}

// call sends a row's request to a path, with a form that would do something.
func (b *browser) call(method, path string) reply {
	b.t.Helper()
	switch {
	case method == "GET":
		return b.get(path)
	case strings.HasSuffix(path, "/files"):
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		_ = m.SetBoundary("partofaform")
		part, err := m.CreateFormFile("files", "a.txt")
		check(b.t, "form", err)
		fmt.Fprint(part, "content")
		check(b.t, "form", m.Close())
		r := httptest.NewRequest("POST", path, &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return b.send(r)
	}
	var pairs []string
	f := form(path)
	for _, name := range sorted(f) {
		pairs = append(pairs, name, f.Get(name))
	}
	return b.post(path, pairs...)
}

func sorted(f url.Values) (names []string) {
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// all is everything that an answer says, its head too.
func (r reply) all() string {
	var head bytes.Buffer
	_ = r.header.Write(&head) // into memory, in the order of names
	return fmt.Sprintf("%d\n%s\r\n%s", r.status, head.String(), r.body)
}

// TestOutsider walks every row of the table of pages as somebody outside a record
// under embargo: nothing of it in any byte, the page of what does not exist wherever
// it is named, no change in the store, and every refused write in the audit trail.
func TestOutsider(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		w := visible(t, h)
		callers := outsiders(t, s)
		x := hide(t, h, w)
		x.park(t, h)
		for name, b := range callers {
			before, n := everything(t, h), 0
			for _, r := range web.Routes() {
				for _, path := range x.named(r, w) {
					notThere(t, x, name, b, r, path)
					n++
				}
			}
			if n < 140 {
				t.Errorf("%s asked for %d addresses only", name, n)
			}
			if tables := changed(before, everything(t, h)); len(tables) > 0 {
				t.Errorf("%s changed %v by what was refused", name, tables)
			}
			for _, path := range append(readable(w), about(w, x)...) {
				if word := x.tells(b.get(path).all(), path); word != "" {
					t.Errorf("%s gets %q from GET %s", name, word, path)
				}
			}
		}
	})
}

// notThere sends one request that names what is hidden, and the same with a name
// that nothing has.
func notThere(t *testing.T, x hidden, name string, b *browser, r web.Route, path string) {
	t.Helper()
	method, _ := split(r)
	refused := refusals(t, b.h)
	g := b.call(method, path)
	if g.status != http.StatusNotFound {
		t.Errorf("%s: %s %s: have %d, want 404: %.300s", name, method, path, g.status, text(g.body))
	}
	if word := x.tells(g.all(), ""); word != "" {
		t.Errorf("%s: %s %s tells %q", name, method, path, word)
	}
	if n := refusals(t, b.h) - refused; method != "GET" && n != 1 {
		t.Errorf("%s: %s %s: %d refusals in the audit trail, want 1", name, method, path, n)
	}
	absent := path
	for _, id := range append(x.ids(), strings.ToLower(string(x.advisory))) {
		absent = strings.ReplaceAll(absent, id, id[:len(id)-4]+"0000")
	}
	if a := b.call(method, absent); a.all() != g.all() {
		t.Errorf("%s: %s %s: hidden and absent differ:\n%.600s\n%.600s", name, method, path, g.all(), a.all())
	}
}

func refusals(t *testing.T, h *rig.House) int {
	t.Helper()
	return rig.Count(t, h.DB, `audit where outcome = 'refused'`)
}

// about are addresses of pages that can be read, which name what is hidden in a
// parameter.
func about(w seen, x hidden) (out []string) {
	for _, id := range x.ids() {
		for _, p := range []string{"/search?q=", "/find?q=", "/cases?q=", "/inbox?q=", "/audit?q=", "/cases?owner=", "/cases?after=", "/cases/board?from=triage&moved=", "/register/board?from=finding-identified&moved=", "/observations/board?from=identified&moved=", "/observations/board?q=", "/inbox?after=", "/advisory?after=", "/jobs?after=",
			"/inbox/" + string(w.reports[2]) + "/compare?with=", "/inbox/" + string(w.reports[2]) + "?do=report.duplicate&duplicate_of=", "/people/", "/teams/", "/sign-in?next=/cases/", "/live?on=", "/mention?q=a&on=",
			"/register?q=", "/register?about=", "/register?parent=", "/register?after=", "/register?owner=", "/register/board?q=", "/observations?q=", "/observations?cause=", "/observations?after=", "/kris?after=", "/risks/" + string(w.risks[0]) + "/kris?kind=", "/kri/" + string(w.kris[0]) + "?do=", "/risks/" + string(w.risks[0]) + "?edit=evidence&item=", "/risks/" + string(w.risks[0]) + "/decisions?decision="} {
			out = append(out, p+id)
		}
	}
	return out
}

// readable is every address that everybody inside can name, with filters.
func readable(w seen) (out []string) {
	ids := map[string][]string{"people": {"person-ana", "person-eve", "person-out"}, "teams": {"team-nobody"}}
	for kind, list := range map[string][]string{"cases": texted(w.cases), "inbox": texted(w.reports), "advisory": texted(w.advisories), "risks": texted(w.risks), "reviews": texted(w.meetings)} {
		ids[kind] = list
		ids["peek"] = append(ids["peek"], list...)
	}
	ids["peek"] = append(ids["peek"], ids["people"]...)
	for _, r := range web.Routes() {
		method, path := split(r)
		if method != "GET" || r.Open {
			continue
		}
		paths := filled(filled([]string{path}, "{id}", ids[kindOf(path)]), "{file}", append(texted(w.files), "report.html", "report.md", "nothing"))
		for place, words := range places {
			paths = filled(paths, place, words)
		}
		for _, p := range paths {
			out = append(out, p)
			for _, f := range filters[strings.Trim(path, "/")] {
				out = append(out, p+"?"+f)
			}
		}
	}
	return out
}

// pictures are the files of every picture: whichever the address is of, the others are
// nothing there. The names that all three have are asked for as PNG, too.
func pictures() (out []string) {
	for _, of := range []string{picture.Register, picture.Risk, picture.Indicator} {
		for _, name := range picture.Names(of) {
			out = append(out, name+".svg")
		}
	}
	return append(out, "movement.png", "nothing.svg")
}

func texted[T ~string](ids []T) (out []string) {
	for _, id := range ids {
		out = append(out, string(id))
	}
	return out
}

// filters are parameters of the pages that have some.
var filters = map[string][]string{
	"cases": {"state=any", "state=closed", "stage=triage", "severity=high", "severity=unknown", "owner=person-eve", "owner=me", "product=gateway", "component=export", "cwe=863", "label=embargo", "source=portal", "age=30",
		"age=unknown", "due=soon", "late=yes", "q=export", "q=sibling+group", "q=" + hiddenWord, "q=zqx*", "q=CVE-1900-0009", "order=due", "order=due&product=gateway&severity=high&q=export",
		"q=sev%3E%3Dhigh+is%3Aopen", "q=owner%3Aeve", "q=owner%3Anone", "q=label%3Anone+opened%3C30d", "q=is%3Anamed", "q=sev%3E%3Dhihg"},
	"observations/complete":   {"q=owner%3A&at=6", "q=zqx&at=3", "q=cause%3A&at=6"},
	"cases/complete":          {"q=owner%3A&at=6", "q=label%3A&at=6", "q=product%3A&at=8", "q=zqx&at=3", "q=component%3Azqx&at=13"},
	"register/complete":       {"q=owner%3A&at=6", "q=zqx&at=3"},
	"people":                  {"q=role%3Aengineer", "q=-is%3Amfa+seen%3Anone", "q=team%3Anone", "q=zqx", "q=role%3Ahihg"},
	"people/complete":         {"q=role%3A&at=5", "q=team%3A&at=5"},
	"cases/board":             {"product=gateway", "owner=person-eve", "severity=high", "q=export", "more=triage", "more=nothing&q=is%3Aoverdue"},
	"cases/{id}/moves":        {"to=assessment", "to=nothing", "move=case.reject", "back=%2Fcases%2Fboard%3Fq%3Dexport"},
	"risks/{id}/moves":        {"to=remediation-plan", "move=risk.reject"},
	"observations/{id}/moves": {"to=validated", "move=observation.block"},
	"inbox":                   {"state=any", "stage=accepted", "stage=new", "severity=high", "source=portal", "cwe=863", "q=export", "state=any&q=sibling", "state=any&q=" + hiddenWord, "q=is%3Adecided+sev%3Ahigh"},
	"inbox/{id}":              {"do=report.duplicate", "do=report.accept", "do=report.decline&disposition=duplicate"},
	"cases/{id}/{side}":       {"edit=risks", "edit=links", "edit=access", "edit=people", "edit=details"},
	"register": {"view=above", "view=overdue", "view=mine", "view=held", "view=review", "view=closed", "rating=medium", "rating=unset", "stage=finding-identified", "owner=person-eve", "owner=me", "scope=product-authnz",
		"department=Create", "response=unset", "standing=within", "label=blocked", "likelihood=3&impact=4", "q=exports", "q=" + hiddenWord, "order=due", "order=newest&q=exports", "order=review"},
	"register/strategy":   {"period=2027"},
	"register/board":      {"by=stage", "by=department", "by=rating", "by=scope&q=exports"},
	"risks/{id}":          {"edit=score", "edit=evidence", "edit=statement", "edit=owners", "move=risk.reject"},
	"risks/{id}/{side}":   {"edit=reviews", "edit=links", "edit=access", "edit=plan", "edit=acceptance"},
	"risks/new":           {"kind=design", "case=CASE-00000000", "copy=RISK-00000000"},
	"reports":             {"period=month", "period=year&product=gateway", "period=custom&from=2026-01-01", "severity=high", "as_of=2026-01-01", "period=never"},
	"reports/rows":        {"of=missed", "of=open&what=case", "of=opened&what=case&name=cwe:CWE-863", "of=took&what=clock:triage&at=high", "of=nothing"},
	"register/recurrence": {"min=1", "min=2&as_of=2026-11-23", "as_of=2020-01-01", "min=nothing"},
	"kris":                {"view=red", "view=stale", "view=due", "view=retired", "kind=implementation"},
	"kri/{id}":            {"do=edit", "do=record"},
	"risks/{id}/kris":     {"situation=frequent", "kind=sampling"},
	"observations":        {"state=any", "rating=high", "cause=missing-review", "owner=unknown", "q=reviews", "q=" + hiddenWord, "late=yes"},
	"observations/board":  {"by=rating", "by=cause"},
	"observations/{id}":   {"edit=statement", "edit=rating", "edit=details", "move=observation.block"},
	"tasks":               {"state=done"},
	"search":              {"q=export", "q=" + hiddenWord, "q=zqx*", "q=sibling", "q=CVE-1900-0009", "q=owl", "q=%22sibling+group%22", "q=zqx*&in=note", "q=export&in=meeting", "q=export&in=file", "q=export&in=person", "q=export&in=nothing"},
	"find":                {"q=export", "q=" + hiddenWord, "q=zqx", "q=sib", "q=ana", "q=CVE-1900-0009", "q=CASE-00000000", "q=%22"},
	"advisory":            {"stage=draft", "stage=published"},
	"jobs":                {"state=parked", "state=ready", "state=done"},
	"audit":               {"actor=person-eve", "actor=person-ana", "verb=case.note", "verb=case.link", "outcome=refused", "on=2026-11-23"},
	"advisory/{id}/forms": {"form=csaf-2.0", "form=osv-1"},
}
