package web_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tocsin/internal/rig"
)

// TestWhatIsWrittenHasAName walks every page that somebody of every duty is led to
// and looks at the forms with a text in them: the browser keeps what is typed there
// under a name made of the form (assets/js/62-draft.js). That works only for forms of
// a page that says who reads it, and only while the name is the same when the page
// comes again, and another than that of every other form on it.
//
// The one who walks writes the year first, a comma before decimals and spaces between
// thousands, and no page says a number or a day to them in another way. They want
// every instant exactly, and nothing is left that only a pointer could find.
func TestWhatIsWrittenHasAName(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w := visible(t, h)
	b := open(t, h).as(h.As(t, "ana", "analyst", "engineer", "manager", "leader", "component-owner", "release-manager", "communications", "auditor"))
	inMoney(t, h, w.risks[0])
	b.post("/account/taste", "locale", "hu", "zone", "Asia/Kolkata", "times", "exact").leads(t, "/account")
	names, own := map[string][]string{}, 0
	pages := crawl(b, []string{"/", "/reports", "/risks/" + string(w.risks[0]) + "/quant", "/observations/" + string(w.observations[0]), "/kri/" + string(w.kris[0]), "/reviews/" + string(w.meetings[1])}, func(at string, page *html.Node) {
		names[at] = written(t, at, page)
		foreign, ours := spoken(page)
		own += ours
		if len(foreign) > 0 && at != "/profile" { // which says the bands of CVSS
			t.Errorf("%s is not written for its reader: %s", at, strings.Join(foreign, "; "))
		}
		if hidden := pointedAt(page); len(hidden) > 0 {
			t.Errorf("%s says to a pointer alone: %s", at, strings.Join(hidden, "; "))
		}
	})
	all := 0
	for at, want := range names {
		all += len(want)
		for i, name := range want {
			if slices.Contains(want[:i], name) {
				t.Errorf("%s has two forms whose text is kept as %q", at, name)
			}
		}
	}
	if pages < 150 || all < 60 || own < 300 {
		t.Errorf("the walk saw %d pages with %d forms to write in and %d numbers and days of their reader, want 150, 60 and 300 at least", pages, all, own)
	}
	h.Pass(time.Minute)
	for at, want := range names {
		if len(want) == 0 {
			continue
		}
		page, err := html.Parse(strings.NewReader(b.get(at).body))
		check(t, "page", err)
		if have := written(t, at, page); !slices.Equal(have, want) {
			t.Errorf("%s a minute later keeps its texts as %q, want %q", at, have, want)
		}
	}
}

// crawl visits the addresses and all that they lead to, one of each shape, and hands
// over the pages.
func crawl(b *browser, from []string, seen func(at string, page *html.Node)) (pages int) {
	b.t.Helper()
	visited, shapes := map[string]bool{}, map[string]int{}
	for len(from) > 0 {
		at, _, _ := strings.Cut(from[0], "#")
		from = from[1:]
		shape := asked.ReplaceAllString(recordID.ReplaceAllString(at, "ID"), "$1")
		if visited[at] || shapes[shape] == 1 || !strings.HasPrefix(at, "/") {
			continue
		}
		visited[at] = true
		shapes[shape]++
		r := b.get(at)
		if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		page, err := html.Parse(strings.NewReader(r.body))
		check(b.t, "page", err)
		seen(at, page)
		for n := range page.Descendants() {
			if to := attr(n, "href"); n.Data == "a" && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/api/") && !strings.Contains(to, ".png") { // a picture takes long and leads nowhere
				from = append(from, to)
			}
		}
	}
	return pages
}

// recordID and asked are what addresses of one shape differ in: the record, and what
// a list is asked for.
var (
	recordID = regexp.MustCompile(`[A-Za-z]+-[0-9A-Za-z]{8}\b|person-[a-z]+|[0-9]+`)
	asked    = regexp.MustCompile(`\b(q|after|sort|of|what|from|to|month|name|severity|stage|with|label|about|window|by|view|period|product|kind|saved|parent|owner|size|n|x|y|cell|rating|cause|subject|actor|action)=[^&]*`)
)

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// changing are the hidden fields that a name does not depend on.
var changing = regexp.MustCompile(`^(version|at|side|was|once|key|next|hash|theirs\..*)$`)

// written are the names under which the script keeps the texts of a page's forms.
func written(t *testing.T, at string, page *html.Node) (names []string) {
	t.Helper()
	for f := range page.Descendants() {
		if f.Data != "form" || !within(f, "textarea") || strings.EqualFold(attr(f, "method"), "dialog") {
			continue
		}
		if !strings.EqualFold(attr(f, "method"), "post") {
			t.Errorf("%s: a text is sent by %q, and stands in an address", at, attr(f, "method"))
		}
		inside := false
		for p := f.Parent; p != nil; p = p.Parent {
			inside = inside || p.Data == "main" && attr(p, "data-me") != ""
		}
		if !inside {
			t.Errorf("%s: the form of %s stands where nobody's texts are kept", at, attr(f, "action"))
		}
		u, err := url.Parse(attr(f, "action"))
		check(t, "action", err)
		name := []string{u.Path}
		for n := range f.Descendants() {
			if n.Data == "input" && attr(n, "type") == "hidden" && attr(n, "value") != "" && !changing.MatchString(attr(n, "name")) {
				name = append(name, attr(n, "value"))
			}
		}
		names = append(names, strings.Join(name, " "))
	}
	return names
}

func within(n *html.Node, tag string) bool {
	for x := range n.Descendants() {
		if x.Data == tag {
			return true
		}
	}
	return false
}
