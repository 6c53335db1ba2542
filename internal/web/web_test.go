package web_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/portal"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// site is the pages of a house, asked without a network.
type site struct {
	http.Handler
	t *testing.T
	h *rig.House
}

func open(t *testing.T, h *rig.House) *site {
	return &site{web.New(h.House, web.Options{About: "Tocsin test"}), t, h}
}

// browser is one visitor with their cookies.
type browser struct {
	*site
	cookies map[string]string
}

// nobody is a visitor who is not signed in.
func (s *site) nobody() *browser { return &browser{s, map[string]string{}} }

// as signs somebody in who stands in ctx.
func (s *site) as(ctx context.Context) *browser {
	s.t.Helper()
	b := s.nobody()
	a, err := access.From(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	secret, err := s.h.Parties.SessionFor(ctx, a.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	b.cookies["tocsin_session"] = string(secret)
	return b
}

// reply is what came back.
type reply struct {
	status int
	body   string
	header http.Header
}

func (b *browser) send(r *http.Request) reply {
	b.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	res := w.Result()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return reply{res.StatusCode, w.Body.String(), res.Header}
}

func (b *browser) get(path string) reply {
	b.t.Helper()
	return b.send(httptest.NewRequest("GET", path, nil))
}

// post sends a form from the site itself: pairs of a name and a value.
func (b *browser) post(path string, pairs ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// is fails the test unless the reply has the status and holds the words.
func (r reply) is(t *testing.T, status int, words ...string) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s %.2000s", r.status, status, r.header.Get("Location"), text(r.body))
	}
	for _, w := range words {
		if !strings.Contains(r.body, w) {
			t.Errorf("the page lacks %q: %.3000s", w, text(r.body))
		}
	}
	return r
}

// leads fails the test unless the reply leads to the address.
func (r reply) leads(t *testing.T, to string) reply {
	t.Helper()
	r.is(t, http.StatusSeeOther)
	if have := r.header.Get("Location"); have != to {
		t.Errorf("leads to %s, want %s", have, to)
	}
	return r
}

// text is the page without its tags, for messages.
func text(page string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(page, "<") {
		if _, after, ok := strings.Cut(part, ">"); ok {
			part = after
		}
		b.WriteString(strings.Join(strings.Fields(part), " ") + " ")
	}
	return b.String()
}

func TestWhereASignInLeads(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	ana := h.As(t, "ana", "analyst")
	for next, want := range map[string]string{
		"/cases?stage=triage&q=a%2fb": "/cases?stage=triage&q=a%2fb",
		"/cases/CASE-7QK3D9XB":        "/cases/CASE-7QK3D9XB",
		"":                            "/",
		"cases":                       "/",
		"//evil.example":              "/",
		"///evil.example":             "/",
		`/\evil.example`:              "/",
		`\\evil.example`:              "/",
		"https://evil.example/":       "/",
		"javascript:alert(1)":         "/",
		"/%2fevil.example":            "/",
		"/%2Fevil.example":            "/",
		"/%5cevil.example":            "/",
		"/a//b":                       "/",
		"http:/cases":                 "/",
		"//user@evil.example/":        "/",
		"/\tcases":                    "/",
		"/sign-in":                    "/",
		"/sign-out":                   "/",
	} {
		s.as(ana).get("/sign-in?next="+url.QueryEscape(next)).leads(t, want)
	}
}

func TestSetUpAndSignIn(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		link, err := h.Parties.Setup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := s.nobody()
		b.get("/account?from=mail").leads(t, "/sign-in?next=%2Faccount%3Ffrom%3Dmail")
		b.get("/setup?link="+string(link)).is(t, 200, string(link), "Set up Tocsin")
		b.post("/setup", "link", string(link), "name", "Ada Winter", "email", "ada@example.org", "password", "short").
			is(t, 422, "Ada Winter", "ada@example.org", "the password has 5 characters")
		b.post("/setup", "link", "wrong", "name", "Ada Winter", "password", "five words are easy to keep").is(t, 403, "not good any more")
		b.post("/setup", "link", string(link), "name", "Ada Winter", "password", "five words are easy to keep").leads(t, "/first-run")
		b.get("/account").is(t, 200, "Ada Winter", "Administrator", `autocomplete="username" value="ada.winter" readonly hidden`)
		b.post("/sign-out").leads(t, "/sign-in")
		b.get("/account").leads(t, "/sign-in?next=%2Faccount")
		b.post("/sign-in", "login", "ada.winter", "password", "wrong", "next", "/account").is(t, 401, "not right", `value="ada.winter"`)
		b.post("/sign-in", "login", "ada.winter", "password", "five words are easy to keep", "next", "/account").leads(t, "/account")
		b.post("/account/password", "old", "no", "password", "other words are easy to keep").is(t, 422, "the present password is not right")
		b.post("/account/password", "old", "five words are easy to keep", "password", "other words are easy to keep").leads(t, "/account")
		b.get("/account").is(t, 200, "Your password is changed")
		if page := b.get("/account"); strings.Contains(page.body, "Your password is changed") {
			t.Error("a notice is said twice")
		}
	})
}

// TestAFormFromAnotherSiteIsRefused sends what does something, by every row of pages
// and portal, as another site would have a browser send it.
func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w := visible(t, h)
	b := whole(t, h).as(h.As(t, "ana", everybody...))
	before, n := everything(t, h), 0
	patterns := []string{}
	for _, r := range web.Routes() {
		patterns = append(patterns, r.Pattern)
	}
	for _, r := range portal.Routes() {
		patterns = append(patterns, r.Pattern)
	}
	for _, pattern := range patterns {
		method, path, _ := strings.Cut(pattern, " ")
		if method != "POST" {
			continue
		}
		n++
		path = strings.NewReplacer("{id}", string(w.cases[0]), "{key}", w.reporter, "{verb}", "advisory.submit", "{$}", "").Replace(path)
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(form(path).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header, value)
			b.send(r).is(t, 403, "sent from another site")
		}
	}
	if tables := changed(before, everything(t, h)); n < 120 || len(tables) > 0 {
		t.Errorf("%d forms from another site changed %v", n, tables)
	}
	b.get("/account").is(t, 200)
}

func TestHeadersOfAPage(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	b := open(t, h).as(h.As(t, "ana", "analyst"))
	r := httptest.NewRequest("GET", "/account", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	page := b.send(r).is(t, 200)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Content-Encoding": "gzip", "X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8"} {
		if have := page.header.Get(name); have != want {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
	}
	if have := page.header.Get("Clear-Site-Data"); have != "" {
		t.Errorf("a page that was only read forgets %q", have)
	}
	if have := page.header.Get("Content-Security-Policy"); !strings.Contains(have, "require-trusted-types-for 'script'") {
		t.Errorf("policy %q", have)
	}
	z, err := gzip.NewReader(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := io.ReadAll(z); err != nil || !strings.Contains(string(whole), "</html>") {
		t.Errorf("the page is not whole: %v", err)
	}
}

func TestWhatIsNotThereIsAlwaysTheSame(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	b := s.as(h.As(t, "ana", "analyst"))
	want := b.get("/no/such/page").is(t, 404).body
	for _, path := range []string{"/favicon", "/%2e%2e/etc/passwd", "/cases/"} {
		if have := b.get(path).is(t, 404).body; have != want {
			t.Errorf("%s: another page: %s", path, text(have))
		}
	}
}
