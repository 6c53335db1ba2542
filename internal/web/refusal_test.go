package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"tocsin/internal/rig"
)

// What is refused to somebody who is signed in says what is wrong and how to go on, among
// the places of any other page; it follows no record, and nobody else sees it otherwise.
func TestARefusalKeepsThePlaces(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	x := hide(t, h, visible(t, h))
	s := open(t, h)
	b := s.as(h.As(t, "otto", "analyst"))
	large := strings.Repeat("a", 3<<20)
	elsewhere := httptest.NewRequest("POST", "/cases", nil)
	elsewhere.Header.Set("Sec-Fetch-Site", "cross-site")
	for name, c := range map[string]struct {
		status int
		says   string
		have   reply
	}{
		"no page":      {404, "There is nothing here for you", b.get("/no/such/page")},
		"no record":    {404, "There is nothing here for you", b.get("/cases/CASE-7QK3D9XB")},
		"another hand": {409, "Somebody else is signed in now", b.post("/cases", "hand", "person-another")},
		"no right":     {403, "It takes the role", b.get("/audit")},
		"too large":    {413, "larger than the limit of 2 MiB", b.post("/cases", "title", large)},
		"from afar":    {403, "sent from another site", b.send(elsewhere)},
		"a used link":  {403, "This link does not work any more", b.get("/setup?link=wrong")},
	} {
		t.Log(name)
		c.have.is(t, c.status, c.says, `<nav class="nav" aria-label="Main">`, `action="/sign-out"`, `class="button primary"`)
		if strings.Contains(c.have.body, "data-live=") || strings.Contains(c.have.body, "aria-current") {
			t.Errorf("%s: the page follows a record, or is at a place", name)
		}
	}
	for _, id := range x.ids() {
		if have, want := b.get("/cases/"+id).is(t, 404).body, b.get("/cases/CASE-7QK3D9XB").body; have != want {
			t.Errorf("%s is another page than that of no record: %s", id, text(have))
		}
	}
	if have := s.nobody().get("/no/such/page").is(t, 404).body; strings.Contains(have, "<nav") {
		t.Error("nobody has places")
	}
}

// The page of a failure of ours asks nothing of what may have failed.
func TestAFailureOfOursStandsAlone(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	b := open(t, h).as(h.As(t, "mia", "manager"))
	check(t, "break", change(t, h, `alter table risks rename to elsewhere`))
	if have := b.get("/register").is(t, 500, "Something broke here", "Try again").body; strings.Contains(have, "<nav") {
		t.Error("the page of the failure has places, which are asked of the store")
	}
}
