package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/api"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// site is a house with its API, for a test.
type site struct {
	*rig.House
	handler http.Handler
}

func open(t testing.TB, h *rig.House, opts ...api.Options) *site {
	t.Helper()
	var o api.Options
	if len(opts) > 0 {
		o = opts[0]
	}
	if o.PerSecond == 0 {
		o.PerSecond = -1 // the clock of a test hardly moves
	}
	if o.RequestID == nil {
		o.RequestID = func() string { return "req-TEST" }
	}
	return &site{h, api.New(h.House, o)}
}

// each runs a test on each engine.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	rig.Each(t, func(t *testing.T, h *rig.House) { test(t, open(t, h)) })
}

// caller is somebody who sends requests.
type caller struct {
	t      testing.TB
	site   *site
	header http.Header
	ctx    context.Context
	id     ref.ID

	aggregate bool // holds a role of the register that counts what it may not open
}

// counts reports whether one of the roles has the aggregate grant.
func counts(s *site, roles []string) bool {
	for _, g := range s.Rules.Grants {
		if g.Verb == string(risk.VerbAggregate) {
			return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(g.Roles, r) })
		}
	}
	return false
}

// person signs somebody in with roles; the role guest makes them no staff.
func (s *site) person(t testing.TB, name string, roles ...string) *caller {
	t.Helper()
	ctx := s.As(t, name, roles...)
	a, err := access.From(ctx)
	ok(t, err)
	secret, err := s.Parties.SessionFor(rig.System(), a.ID)
	ok(t, err)
	return &caller{t, s, http.Header{"Cookie": {api.Cookie + "=" + string(secret)}}, ctx, a.ID, counts(s, roles)}
}

// token makes an API token.
func (s *site) token(t testing.TB, scopes []string, roles ...string) *caller {
	t.Helper()
	made, secret, err := s.Parties.CreateToken(rig.System(), party.TokenRequest{Name: "test", Roles: roles, Scopes: scopes, Lasts: 24 * time.Hour})
	ok(t, err)
	return &caller{t, s, http.Header{"Authorization": {"Bearer " + string(secret)}}, access.With(context.Background(), access.Actor{ID: made.ID, Kind: access.Token, Name: "test"}), made.ID, counts(s, roles)}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// with returns the caller with one more header.
func (c caller) with(name, value string) *caller {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return &c
}

// got is an answer.
type got struct {
	*http.Response
	body []byte
}

// do sends a request; body is JSON text, or anything that can be written as JSON.
func (c *caller) do(method, path string, body any) got {
	c.t.Helper()
	var b io.Reader
	switch x := body.(type) {
	case nil:
	case string:
		b = strings.NewReader(x)
	case []byte:
		b = bytes.NewReader(x)
	default:
		text, err := json.Marshal(x)
		ok(c.t, err)
		b = bytes.NewReader(text)
	}
	q := httptest.NewRequestWithContext(context.Background(), method, at(path), b)
	for name, values := range c.header {
		q.Header[name] = values
	}
	if body != nil && q.Header.Get("Content-Type") == "" {
		q.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.site.handler.ServeHTTP(w, q)
	return got{w.Result(), w.Body.Bytes()}
}

func at(path string) string {
	if strings.HasPrefix(path, "/api/") {
		return path
	}
	return api.Base + path
}

// want sends a request and fails the test unless the status is the one given.
func (c *caller) want(status int, method, path string, body any) got {
	c.t.Helper()
	g := c.do(method, path, body)
	if g.StatusCode != status {
		c.t.Fatalf("%s %s: have %d %s, want %d", method, path, g.StatusCode, g.body, status)
	}
	return g
}

// json reads the answer's body.
func (g got) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(g.body, &m); err != nil {
		t.Fatalf("%s: %v", g.body, err)
	}
	return m
}

// text reads a member of the answer's body as text.
func (g got) text(t testing.TB, name string) string {
	t.Helper()
	return fmt.Sprint(g.json(t)[name])
}

// all is everything that an answer tells, for comparing byte by byte.
func (g got) all() string {
	var b strings.Builder
	fmt.Fprintln(&b, g.StatusCode)
	_ = g.Header.Write(&b) // a builder takes everything
	b.Write(sealedPlace.ReplaceAll(g.body, []byte(`"next":"a place"`)))
	return b.String()
}

// sealedPlace is a place among events: another text at every answer, of one length.
var sealedPlace = regexp.MustCompile(`"next":"1\.[\w-]{63}"`)

// lacks asserts that a move is refused for exactly the words.
func (c *caller) lacks(path, move string, words ...string) {
	c.t.Helper()
	g := c.want(409, "POST", path+"/moves", map[string]any{"move": move})
	var p api.Problem
	ok(c.t, json.Unmarshal(g.body, &p))
	var have []string
	for _, n := range p.Needs {
		have = append(have, n.Word)
		if n.Says == "" || !strings.HasPrefix(n.Link, "#") {
			c.t.Errorf("need %s has sentence %q and link %q", n.Word, n.Says, n.Link)
		}
	}
	if strings.Join(have, " ") != strings.Join(words, " ") {
		c.t.Errorf("%s lacks %v, want %v", move, have, words)
	}
}

func (c *caller) move(path, move string, more ...any) {
	c.t.Helper()
	body := map[string]any{"move": move}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	g := c.do("POST", path+"/moves", body)
	if g.StatusCode != 204 && g.StatusCode != 200 {
		c.t.Fatalf("%s %s: %d %s", path, move, g.StatusCode, g.body)
	}
}
