package web_test

import (
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/observation"
	"tocsin/internal/quant"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// carried are the hidden fields of a page's form, as a browser without script sends them.
func carried(page string) (pairs []string) {
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		pairs = append(pairs, html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return pairs
}

// TestAFormWhoseSessionEndedTravelsWithTheSignIn walks, without script, from a long
// text that came too late to the note on the case, past a wrong password.
func TestAFormWhoseSessionEndedTravelsWithTheSignIn(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		link, err := h.Parties.Setup(t.Context())
		check(t, "setup", err)
		b := s.nobody()
		b.post("/setup", "link", string(link), "name", "Ada Winter", "email", "ada@example.org", "password", "five words are easy to keep").leads(t, "/first-run")
		id := opened(t, h, h.As(t, "ana", "analyst"), "Export can be read")
		long := "First line.\n\n<script>alert(1)</script> & \"more\"\n" + strings.Repeat("a long text ", 5000)
		b.cookies["tocsin_session"] = "ended"
		at := "/cases/" + string(id)
		r := httptest.NewRequest("POST", at+"/note", strings.NewReader(url.Values{"note-text": {long}, "at": {"17"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Referer", "http://example.com"+at+"/messages")
		page := b.send(r).is(t, 401, "Your session has ended", "what you typed comes along", "data-unsent")
		if strings.Contains(page.body, "<script>alert") {
			t.Error("the text is not escaped")
		}
		page = b.post("/sign-in", append(carried(page.body), "login", "ada.winter", "password", "wrong")...).is(t, 401, "not right", "Your session has ended")
		page = b.post("/sign-in", append(carried(page.body), "login", "ada.winter", "password", "five words are easy to keep")...).
			is(t, 200, "Nothing of it is lost", "Send it now", `action="`+at+`/note"`, `href="`+at+`/messages"`, "First line.")
		b.get(at).is(t, 200)
		b.post(at+"/note", "at", "17", "note-text", long).leads(t, at+"/messages#note")
		b.get(at+"/messages").is(t, 200, "First line.")
	})
}

// TestAFormIsSentByWhomItWasMadeFor has two people sign in in two windows of one browser.
func TestAFormIsSentByWhomItWasMadeFor(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	link, err := h.Parties.Setup(t.Context())
	check(t, "setup", err)
	b := s.nobody()
	b.post("/setup", "link", string(link), "name", "Ada Winter", "email", "ada@example.org", "password", "five words are easy to keep").leads(t, "/first-run")
	ana, max := h.As(t, "ana", "analyst"), s.as(h.As(t, "max", "manager"))
	who, err := access.From(ana)
	check(t, "who", err)
	me := string(who.ID)
	at := "/cases/" + string(opened(t, h, ana, "Export can be read"))
	max.post(at+"/note", "hand", me, "note-text", "Ana wrote this.").is(t, 409, "Somebody else is signed in now", "nothing was done")
	if strings.Contains(max.get(at+"/messages").body, "Ana wrote this.") {
		t.Error("what one person wrote is said in the name of another")
	}
	s.as(ana).post(at+"/note", "hand", me, "note-text", "Ana wrote this.").leads(t, at+"/messages#note")
	max.post("/sign-out", "hand", me).leads(t, "/sign-in")

	b.cookies["tocsin_session"] = "ended"
	page := b.post(at+"/note", "hand", me, "note-text", "Ana wrote this, too.").is(t, 401, "kept.hand")
	b.post("/sign-in", append(carried(page.body), "login", "ada.winter", "password", "five words are easy to keep")...).leads(t, "/")

	// Ada's form waits in a sign-in page; Max signs in beside it, and then she does.
	ada := fields(b.get(at+"/messages").is(t, 200).body, at+"/note").Get("hand")
	b.cookies["tocsin_session"] = "ended"
	page = b.post(at+"/note", "hand", ada, "at", "17", "note-text", "Ada wrote this.").is(t, 401, "kept.hand")
	b.cookies["tocsin_session"] = s.as(h.As(t, "max", "manager")).cookies["tocsin_session"]
	page = b.post("/sign-in", append(carried(page.body), "login", "ada.winter", "password", "five words are easy to keep")...).is(t, 200, "Nothing of it is lost")
	if have := fields(page.body, at+"/note")["hand"]; slices.ContainsFunc(have, func(of string) bool { return of != ada }) {
		t.Errorf("her form is for %q, want %s alone", have, ada)
	}
}

func TestWhatTravelsWithASignInLeadsNowhereElse(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	b := s.nobody()
	b.post("/account/password", "old", "a secret of mine", "password", "another of them").is(t, 401, "go back in your browser")
	if page := b.post("/account/password", "old", "a secret of mine", "password", "x"); strings.Contains(page.body, "a secret of mine") {
		t.Error("a password travels")
	}
	for _, to := range []string{"https://evil.example/", "//evil.example/", "/sign-out", "javascript:alert(1)"} {
		page := b.post("/sign-in", "login", "x", "password", "y", "kept-action", to, "kept.text", "hello").is(t, 401)
		if strings.Contains(page.body, "kept-action") {
			t.Errorf("a form that goes to %s travels", to)
		}
	}
	s.as(h.As(t, "ana", "analyst")).post("/sign-out").leads(t, "/sign-in").is(t, 303)
	if have := s.as(h.As(t, "ana", "analyst")).post("/sign-out").header.Get("Clear-Site-Data"); have != `"storage"` {
		t.Errorf("the browser is told to forget %q", have)
	}
}

// TestEveryFormSaysForWhomItIs, also in a browser without script.
func TestEveryFormSaysForWhomItIs(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	ana, max := h.As(t, "ana", "analyst", "manager"), s.as(h.As(t, "max", "manager"))
	at := "/cases/" + string(opened(t, h, ana, "Export can be read"))
	for _, page := range []string{at, at + "/messages", at + "/record?edit=details", "/cases", "/cases/new", "/account", "/"} {
		body := s.as(ana).get(page).is(t, 200).body
		if n, said := strings.Count(body, ` method="post"`), strings.Count(body, `name="hand"`); n == 0 || n != said {
			t.Errorf("%s has %d forms, of which %d say for whom they are", page, n, said)
		}
	}
	form := fields(s.as(ana).get(at+"/messages").body, at+"/note")
	max.post(at+"/note", "at", form.Get("at"), "hand", form.Get("hand"), "note-text", "Ana wrote this.").is(t, 409, "Somebody else is signed in now", "own way back leads to it")
	if body := s.nobody().get("/sign-in").body; strings.Contains(body, `name="hand"`) {
		t.Error("the form of nobody says for whom it is")
	}
}

// TestAFormIsToldToHaveBeenTaken holds for whoever sent it, and for nobody else.
func TestAFormIsToldToHaveBeenTaken(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "ana", "analyst", "manager")
		at := "/cases/" + string(opened(t, h, ctx, "Export can be read")) + "/note"
		asks := func(b *browser, text string) string {
			r := httptest.NewRequest("POST", "/taken?of="+at, strings.NewReader(url.Values{"note-text": {text}, "at": {"17"}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			return b.send(r).body
		}
		ana, max := s.as(ctx), s.as(h.As(t, "max", "manager"))
		if have := asks(ana, "One\nand two."); have != "false" {
			t.Errorf("before it was sent: %s, want false", have)
		}
		ana.post(at, "at", "17", "note-text", "One\r\nand two.").leads(t, strings.TrimSuffix(at, "/note")+"/messages#note")
		for _, x := range []struct {
			who        *browser
			text, want string
		}{{ana, "One\nand two.", "true"}, {ana, "One\r\nand two.", "true"}, {ana, "One and three.", "false"}, {max, "One\nand two.", "false"}} {
			if have := asks(x.who, x.text); have != x.want {
				t.Errorf("%q: %s, want %s", x.text, have, x.want)
			}
		}
		if n := strings.Count(ana.get(strings.TrimSuffix(at, "/note")+"/messages").body, "and two.</p>"); n != 1 {
			t.Errorf("the note stands there %d times", n)
		}
	})
}

// TestAFormThatIsSentTwiceIsTakenOnce holds for what a second copy of would hurt.
func TestAFormThatIsSentTwiceIsTakenOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "ana", "analyst", "manager")
		ana := s.as(ctx)
		id := opened(t, h, ctx, "Export can be read")
		at := "/cases/" + string(id)
		for range 2 {
			ana.post(at+"/note", "at", "17", "note-text", "Only once.").leads(t, at+"/messages#note")
		}
		if n := strings.Count(ana.get(at+"/messages").body, "<p>Only once.</p>"); n != 1 {
			t.Errorf("the note stands there %d times", n)
		}
		ana.post(at+"/note", "at", "18", "note-text", "Only once.").leads(t, at+"/messages#note")
		if n := strings.Count(ana.get(at+"/messages").body, "<p>Only once.</p>"); n != 2 {
			t.Errorf("the same words written again stand there %d times, want 2", n)
		}
		ana.get("/cases/new").is(t, 200, `name="at"`)
		first := ana.post("/cases", "at", "17", "title", "Import", "summary", "It was.", "product", "gateway", "component", "export").is(t, 303).header.Get("Location")
		ana.post("/cases", "at", "17", "title", "Import", "summary", "It was.", "product", "gateway", "component", "export").leads(t, first)
		version := fields(ana.get(at).body, at+"/move").Get("version")
		for range 2 { // where the second would find another stage
			ana.post(at+"/move", "at", "17", "version", version, "verb", "case.reject", "disposition", "informative", "answer", "It is meant to be so.", "reason", "as designed").leads(t, at)
		}
		ana.post(at+"/move", "at", "18", "version", version, "verb", "case.reject", "disposition", "informative", "answer", "No.", "reason", "again").is(t, 409)
		o := noticed(t, h, observation.Opening{Title: "Nobody reviews exports"})
		for range 2 {
			ana.post("/observations/"+string(o)+"/note", "at", "17", "note-text", "Only once.").leads(t, "/observations/"+string(o))
		}
		if n := strings.Count(ana.get("/observations/"+string(o)).body, "<p>Only once.</p>"); n != 1 {
			t.Errorf("the note stands on the observation %d times", n)
		}
		h.As(t, "eve", "engineer")
		r := atRisk(t, h, risk.Raising{Title: "Exports may reveal code"}, id)
		for range 2 {
			ana.post("/risks/"+string(r)+"/move", "at", "17", "version", "0", "verb", "risk.reject", "reason", "not ours", "rejection", "Not ours.").leads(t, "/risks/"+string(r))
		}
		for path, form := range map[string][]string{
			"/risks":        {"at", "17", "title", "Imports may reveal code of others", "looked", "yes", "do", "raise"},
			"/observations": {"at", "17", "title", "Nobody looks at exports"},
		} {
			first := ana.post(path, form...).is(t, 303).header.Get("Location")
			ana.post(path, form...).leads(t, first)
			if !strings.Contains(ana.get(path+"/new").body, `name="at"`) {
				t.Errorf("%s/new does not say when it was made", path)
			}
		}
		all, err := h.Cases.List(ctx, casework.Filter{}, casework.Page{})
		check(t, "list", err)
		if n := len(all.Cases); n != 2 {
			t.Errorf("%d cases, want 2", n)
		}
	})
}

// TestWhatMeasuresARiskIsTakenOnce holds for an indicator, a value of it, a scenario and
// its run, and a proposal that is raised as it stands.
func TestWhatMeasuresARiskIsTakenOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "mia", "manager", "analyst")
		recurring(t, h, 5, exports)
		about, err := h.Risks.Raise(ctx, risk.Raising{Title: "Exports may reveal data"})
		check(t, "raise", err)
		mia, to := open(t, h).as(ctx), "/risks/"+string(about)
		twice := func(path string, form ...string) string {
			t.Helper()
			form = append(form, "at", "17")
			first := mia.post(path, form...).is(t, 303).header.Get("Location")
			mia.post(path, form...).leads(t, first)
			return first
		}
		indicator := []string{"at", "17", "kind", "implementation", "title", "Shared check", "unit", "share", "better", "higher", "bands.green", "0.95", "bands.yellow", "0.75"}
		at := mia.post(to+"/kris", indicator...).is(t, 303).header.Get("Location")
		mia.post(to+"/kris", indicator...).leads(t, to+"/kris")
		twice(at+"/record", "record.at", "2026-10-31", "record.value", "0.5")
		twice(to+"/quant", "text", quant.Template(about, "Exports"), "version", "0", "do", "run", "trials", "5000", "seed", "3")
		twice("/register/recurrence/raise", "key", keyOf(t, mia.get("/register/recurrence").body))
		for _, c := range [][2]string{{"kris", "1"}, {"kri_points", "1"}, {"quant_scenarios", "1"}, {"quant_runs", "1"}, {"risks", "2"}} {
			if have := rows(t, h, `select count(*) from `+c[0])[0][0]; have != c[1] {
				t.Errorf("%s %s, want %s", have, c[0], c[1])
			}
		}
		for _, page := range []string{at, to + "/quant?edit=yes", to + "/kris?kind=implementation"} {
			mia.get(page).is(t, 200, `name="at"`)
		}
	})
}

// TestARiskIsRaisedOnceWithAllThatIsSent: what is sent again after its answer was lost finds
// the risk that it made, and not a risk that is like it; and nothing is raised by half.
func TestARiskIsRaisedOnceWithAllThatIsSent(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "ana", "analyst", "manager")
		recurring(t, h, 5, exports)
		about := opened(t, h, ctx, "Export can be read")
		ana := open(t, h).as(ctx)
		first := ana.post("/risks", "at", "17", "title", "Imports may reveal code of others", "case", string(about), "do", "raise").is(t, 303).header.Get("Location")
		ana.post("/risks", "at", "17", "title", "Imports may reveal code of others", "case", string(about), "do", "raise").leads(t, first)
		ana.post("/risks", "at", "18", "title", "Imports may reveal code of others", "do", "raise").is(t, 422, "look at the risks that are like this one")
		if n := strings.Count(ana.get(first).body, `href="/cases/`+string(about)+`"`); n == 0 {
			t.Error("the case is no evidence of the risk")
		}
		ana.post("/risks", "at", "17", "title", "Backups may be read", "case", "CASE-7QK3D9XB", "looked", "yes").is(t, 422, "there is no case CASE-7QK3D9XB")

		key := keyOf(t, ana.get("/register/recurrence").body)
		ana.post("/risks", "at", "17", "proposal", key, "title", "", "looked", "yes").is(t, 422, "a risk needs a title")
		proposed := ana.post("/risks", "at", "17", "proposal", key, "title", "Exports keep leaking", "department", "Create", "looked", "yes").is(t, 303).header.Get("Location")
		ana.post("/risks", "at", "17", "proposal", key, "title", "Exports keep leaking", "department", "Create", "looked", "yes").leads(t, proposed)
		ana.get(proposed).is(t, 200, "Exports keep leaking")
		if n := len(rows(t, h, `select id from risks`)); n != 2 {
			t.Errorf("%d risks, want 2", n)
		}
	})
}
