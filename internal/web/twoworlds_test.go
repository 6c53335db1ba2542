package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/portal"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// twins are two houses that are asked the same at the same moment.
type twins struct {
	t          *testing.T
	ha, hb     *rig.House
	now        time.Time
	asked, had int
}

// same fails unless both houses answer the same to the last byte; it returns what
// the first answers.
func (w *twins) same(name string, a, b func() reply) reply {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	w.ha.Set(w.now)
	first := a()
	w.hb.Set(w.now)
	second := b()
	w.asked++
	if first.status == 200 {
		w.had++
	}
	if one, two := ownMark.ReplaceAllString(first.all(), ""), ownMark.ReplaceAllString(second.all(), ""); one != two {
		w.t.Errorf("%s can tell the worlds apart: %s", name, difference(one, two))
	}
	return first
}

// ownMark is where a page of the audit log ends: at an entry that reading the log
// left itself, whose ID is random.
var ownMark = regexp.MustCompile(`/audit\?after=[\w-]+`)

// difference is where two texts part.
func difference(a, b string) string {
	if _, one, _ := strings.Cut(a, "\r\n\r\n"); !strings.HasSuffix(b, one) { // the page says more than how long it is
		_, b, _ = strings.Cut(b, "\r\n\r\n")
		a = one
	}
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-120)
	return "\n" + a[from:min(len(a), i+160)] + "\n----\n" + b[from:min(len(b), i+160)]
}

// on is the visitor in another house that knows them.
func (b browser) on(s *site) *browser {
	cookies := map[string]string{}
	for name, value := range b.cookies {
		cookies[name] = value
	}
	return &browser{s, cookies}
}

// older is the address of the page behind this one, as the page links it.
func older(page string) string {
	for part := range strings.SplitSeq(page, `href="`) {
		href, _, _ := strings.Cut(part, `"`)
		if strings.HasPrefix(href, "/") && strings.Contains(href, "after=") {
			return strings.ReplaceAll(href, "&amp;", "&")
		}
	}
	return ""
}

// TestTwoWorlds holds that what is hidden has no effect on any page: world B is
// world A with a case under embargo and all that hangs on it, and for an outsider
// every page of the two is the same to the last byte, whatever is asked for.
func TestTwoWorlds(t *testing.T) {
	t.Parallel()
	var w seen
	var callers map[string]*browser
	var out string
	rig.Twins(t, "gitlab", func(h *rig.House) {
		w = visible(t, h)
		out = publish(t, h, casework.Opening{Title: "Export was readable", Summary: "It was."})
		crowd(t, h)
		callers = outsiders(t, open(t, h))
	}, func(t *testing.T, ha, hb *rig.House) {
		x := hide(t, hb, w)
		a, b := open(t, ha), open(t, hb)
		a.t, b.t = t, t
		pair := &twins{t: t, ha: ha, hb: hb, now: rig.Start.Add(5 * time.Hour)}
		for _, audit := range []bool{true, false} { // the log first, while it holds nothing of these visits but its own reading
			for name, c := range callers {
				pair.pages(name, c.on(a), c.on(b), w, x, audit)
			}
		}
		for name, c := range callers {
			pair.refused(name, c.on(a), c.on(b), w, x)
		}
		pair.outside(w, x, out)
		if pair.asked < 5000 || pair.had < 1200 {
			t.Errorf("%d pages were compared, %d of them good", pair.asked, pair.had)
		}
	})
}

// pages compares every page that can be read, and those behind it.
func (p *twins) pages(name string, a, b *browser, w seen, x hidden, audit bool) {
	p.t.Helper()
	for _, path := range append(readable(w), about(w, x)...) {
		if path == "/account/codes" || strings.HasPrefix(path, "/audit") != audit {
			continue // the codes are from a secret that is new each time
		}
		if countsAll(name) && ofRegister(path) {
			continue // who may count hidden evidence is told its number
		}
		at, bt := path, path // each world goes on where its own page ends
		for n := 0; at != "" && n < 4; n++ {
			var next string
			at = older(p.same(name+": GET "+at, func() reply { return a.get(at) }, func() reply {
				g := b.get(bt)
				next = older(g.body)
				return g
			}).body)
			bt = next
		}
	}
}

// countsAll tells whether the visitor may count evidence that they may not open.
func countsAll(name string) bool { return name == "a manager of every duty" }

// ofRegister tells whether a page tells scores of risks.
func ofRegister(path string) bool {
	return path == "/" || strings.HasPrefix(path, "/register") || strings.HasPrefix(path, "/reviews") || strings.HasPrefix(path, "/risks/")
}

// refused compares what names what is hidden: it is not there in either world.
func (p *twins) refused(name string, a, b *browser, w seen, x hidden) {
	p.t.Helper()
	for _, r := range web.Routes() {
		method, _ := split(r)
		for _, path := range x.named(r, w) {
			p.same(name+": "+method+" "+path, func() reply { return a.call(method, path) }, func() reply { return b.call(method, path) })
		}
	}
	for _, id := range x.ids() {
		for _, form := range [][]string{
			{"/cases/" + string(w.cases[0]) + "/links", "kind", "related", "to", id},
			{"/cases/" + string(w.cases[0]) + "/people", "owner", id},
			{"/cases/" + string(w.cases[0]) + "/access", "with", id},
			{"/advisory", "case", id},
			{"/notices/read", "id", id},
			{"/observations/upgrade", "ids", id, "title", "Mine", "reason", "a reason"},
			{"/kri/" + string(w.kris[0]) + "/link", "link.risk", id},
			{"/kri/" + string(w.kris[0]) + "/results", "sample", id, "id.0", "a", "found.0", "bad"},
			{"/tasks/" + id + "/done", "note", "done"},
			{"/inbox/" + string(w.reports[2]) + "/decide", "verb", string(intake.VerbDuplicate), "version", "1", "duplicate_of", id, "disposition", "duplicate", "answer", "Known."},
		} {
			p.same(name+": POST "+strings.Join(form, " "), func() reply { return a.post(form[0], form[1:]...) }, func() reply { return b.post(form[0], form[1:]...) })
		}
	}
}

// outside compares the public pages, and the page of a reporter whose report is
// not the hidden one.
func (p *twins) outside(w seen, x hidden, out string) {
	p.t.Helper()
	p.now = p.now.Add(time.Second)
	p.ha.Set(p.now)
	a := portal.New(p.ha.House, portal.Options{})
	p.hb.Set(p.now)
	b := portal.New(p.hb.House, portal.Options{})
	paths := []string{"/", "/portal", "/portal/report", "/portal/find", "/portal/r/" + w.reporter, "/portal/r/" + w.reporter + "/files/" + string(x.files[1]), "/advisories", "/advisories/feed.atom", "/advisories/nothing",
		"/.well-known/security.txt", "/advisories?after=nothing"}
	for _, q := range []string{"q=export", "q=" + hiddenWord, "severity=high", "product=gateway", "year=2026", "page=2", "cwe=863"} {
		paths = append(paths, "/advisories?"+q)
	}
	for _, name := range []string{out, strings.ToLower(out), strings.ToLower(string(x.advisory)), string(x.advisory), strings.ToLower(string(w.advisories[0]))} {
		paths = append(paths, "/advisories/"+name)
		for _, f := range places["{form}"] {
			paths = append(paths, "/advisories/"+name+"/"+f+"/"+name+".json")
		}
	}
	for _, path := range paths {
		g := p.same("the public: GET "+path, func() reply { return fetched(a, path, "") }, func() reply { return fetched(b, path, "") })
		cookie, _, _ := strings.Cut(g.header.Get("Set-Cookie"), ";")
		if to := g.header.Get("Location"); cookie != "" {
			own := p.same("the reporter: GET "+to, func() reply { return fetched(a, to, cookie) }, func() reply { return fetched(b, to, cookie) })
			own.is(p.t, 200, "Upload runs a script")
		}
	}
}

// fetched is an answer of the public side, less the IDs that each request and
// each blank form have.
func fetched(h http.Handler, path, cookie string) reply {
	r, w := httptest.NewRequest("GET", "http://tocsin.test"+path, nil), httptest.NewRecorder()
	r.Header.Set("Cookie", cookie)
	h.ServeHTTP(w, r)
	w.Header().Del("X-Request-Id")
	return reply{w.Code, formKey.ReplaceAllString(w.Body.String(), ""), w.Header()}
}

// formKey is what each blank form has of its own, so that it is taken once.
var formKey = regexp.MustCompile(`name="key" value="[0-9A-Z]{32}"`)

// crowd opens so many cases that lists have several pages.
func crowd(t *testing.T, h *rig.House) {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	for range 120 {
		_, err := h.Cases.Open(ana, casework.Opening{Title: "Export is slow for others", Summary: "A sibling group waits.", Product: "gateway", Component: "export", CWE: "CWE-863", Severity: "high"})
		check(t, "open", err)
	}
	doWork(t, h)
}

// publish takes one case the whole way and returns the name that its advisory is
// published under.
func publish(t *testing.T, h *rig.House, in casework.Opening) string {
	t.Helper()
	ana, eve, max, bob, rel := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer"), h.As(t, "mia", "manager"), h.As(t, "bob", "engineer"), h.As(t, "rel", "release-manager")
	in.Product, in.Component, in.CWE, in.Severity = "gateway", "export", "CWE-863", "high"
	id, err := h.Cases.Open(ana, in)
	check(t, "open", err)
	done := map[string]bool{}
	for _, c := range h.Rules.Completeness {
		done[c.Name] = true
	}
	check(t, "triage", h.Cases.Edit(ana, id, casework.Patch{Complete: done, Provisional: ptrTo("high")}))
	check(t, "assign", h.Cases.Assign(ana, id, "person-eve"))
	check(t, "assess", h.Cases.Move(ana, id, "case.assess", casework.Step{}))
	check(t, "edit", h.Cases.Edit(eve, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced", Steps: "as reported"},
		Environments: []casework.Environment{
			{Name: "self-managed", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}},
			{Name: "gitlab-com", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.8"}}},
			{Name: "dedicated", Verdict: "not_affected", Reason: "The export service is not there."}}, Stride: ptrTo([]string{"information-disclosure"})}))
	check(t, "score", h.Cases.Score(eve, id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"))
	check(t, "vote", h.Cases.Vote(bob, id, true, ""))
	check(t, "vote", h.Cases.Vote(max, id, true, ""))
	check(t, "confirm", h.Cases.Move(eve, id, "case.confirm", casework.Step{}))
	check(t, "fix", h.Cases.Fixed(rel, id, casework.Fix{Line: "18.7", State: "ready", Link: "https://code.example/1", Fixed: "18.7.2"}))
	check(t, "submit", h.Cases.Move(eve, id, "case.submit", casework.Step{}))
	check(t, "validation", h.Cases.Edit(eve, id, casework.Patch{Validation: &casework.Validation{Verdict: "adequate", Reconfirmed: "yes"}}))
	check(t, "validate", h.Cases.Move(eve, id, "case.validate", casework.Step{}))
	check(t, "release data", h.Cases.Edit(ana, id, casework.Patch{Release: &casework.Release{Date: h.Clock(), Versions: []string{"18.7.2"}}, CVE: ptrTo("CVE-1900-0005")}))
	adv, err := h.Advisories.Draft(ana, id)
	check(t, "draft", err)
	check(t, "advisory.submit", h.Advisories.Move(ana, adv, "advisory.submit", 0, ""))
	check(t, "advisory.approve", h.Advisories.Move(eve, adv, "advisory.approve", 0, ""))
	check(t, "release", h.Cases.Move(rel, id, "case.release", casework.Step{}))
	check(t, "publish", h.Advisories.Move(ana, adv, "advisory.publish", 0, ""))
	doWork(t, h)
	return string(adv)
}
