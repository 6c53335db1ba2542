package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// unlisted are the pages without a record in their address to which nobody goes by
// name.
var unlisted = map[string]string{
	"/cvss": "scores a vector for the calculators", "/find": "answers the palette", "/mention": "completes names", "/live": "tells a page what changed",
	"/cases/complete": "completes a query", "/inbox/complete": "completes a query", "/register/complete": "completes a query", "/observations/complete": "completes a query", "/advisory/complete": "completes a query", "/people/complete": "completes a query", "/bulk": "shows what was chosen in a list",
	"/register/export/file": "is a file", "/register/recurrence/newest": "leads on from a picture", "/reports/rows": "the rows behind a number",
	"/style": "for who works on the pages, in a demonstration", "/sign-in": "for who is not signed in", "/setup": "for who is not signed in",
}

// TestThePaletteKnowsEveryPage looks for each page of the table of routes among the
// places of the navigation and what the palette is answered.
func TestThePaletteKnowsEveryPage(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		b := open(t, h).as(h.As(t, "ana", "analyst", "manager", "admin"))
		known := b.get("/find").is(t, 200).body + b.get("/").is(t, 200).body
		for _, route := range web.Routes() {
			path, is := strings.CutPrefix(route.Pattern, "GET ")
			path = strings.TrimSuffix(path, "{$}")
			if !is || strings.Contains(path, "{") {
				continue
			}
			there := strings.Contains(known, `data-to="`+path+`"`) || strings.Contains(known, `<a href="`+path+`"`)
			if why := unlisted[path]; there == (why != "") {
				t.Errorf("%s is there: %t; as a page to which nobody goes by name: %q", path, there, why)
			}
		}
	})
}

// TestFind asks what the palette asks.
func TestFind(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		id, _ := aCase(t, h, ana, casework.Opening{Title: "Zebra exports can be read"})
		b := open(t, h).as(ana)
		b.post("/views", "surface", "cases", "query", "q=zebra", "name", "Striped", "shared", "yes").leads(t, "/cases?q=zebra")
		for _, c := range []struct {
			name, typed string
			to          []string
		}{
			{"a word that is still being typed", "zeb", []string{"/cases/" + string(id), "/search?q=zeb"}},
			{"the ID of a record leads to it", string(id), []string{"/cases/" + string(id)}},
			{"the ID in small letters", strings.ToLower(string(id)), []string{"/cases/" + string(id)}},
			{"a saved view", "striped", []string{"/cases?q=zebra", "/search?q=striped"}},
			{"a person", "ana", []string{"/people/", "/search?q=ana"}},
			{"a page by another word for it", "tolerance survey", []string{"/register/appetite", "/search?q=tolerance+survey"}},
			{"signs that are no word", `"*`, []string{"/search?q=%22%2A"}},
			{"one letter finds no record", "z", nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				have := tos(b.get("/find?q="+url.QueryEscape(c.typed)).is(t, 200).body)
				if !slices.EqualFunc(have, c.to, strings.HasPrefix) {
					t.Errorf("found %q, want %q", have, c.to)
				}
			})
		}
	})
}

// TestFindOffersWhatRolesCover looks at what somebody is offered who may do little.
func TestFindOffersWhatRolesCover(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lead := open(t, h).as(h.As(t, "ana", "manager"))
		lead.get("/find?q=colleague").is(t, 200, `data-to="/people/new"`)
		eve := open(t, h).as(h.As(t, "eve", "engineer"))
		eve.get("/find?q=colleague").is(t, 200).lacks(t, "/people/new")
	})
}

// tos are the addresses that the palette was answered.
func tos(body string) (out []string) {
	for i, part := range strings.Split(body, `data-to="`) {
		if i > 0 {
			to, _, _ := strings.Cut(part, `"`)
			out = append(out, to)
		}
	}
	return out
}
