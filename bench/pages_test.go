package main

import (
	"strings"
	"testing"

	"tocsin/bench/bare"
	"tocsin/bench/seed"
	"tocsin/internal/web"
)

// TestBothProgramsMakeTheSamePage keeps the comparison honest: the page from
// html/template has the elements, attributes, links and words of the house's.
func TestBothProgramsMakeTheSamePage(t *testing.T) {
	s := &stores{folder: t.TempDir(), n: 200}
	h, err := open(t.Context(), s.seed())
	if err != nil {
		t.Fatal(err)
	}
	if s.facts, err = seed.Fill(t.Context(), h, s.n, func(int) {}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	cookie, err := sessionOf(t.Context(), h, s.facts.Person)
	if err != nil {
		t.Fatal(err)
	}
	page, err := answer(serveTest(t, web.New(h, web.Options{})), pageOf("/cases?state=any", cookie)(nil, 0))
	if err != nil {
		t.Fatal(err)
	}
	file, err := frame(s.folder, string(page))
	if err != nil {
		t.Fatal(err)
	}
	b, err := bare.Open(s.seed())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if err := paint(b, file); err != nil {
		t.Fatal(err)
	}
	other, err := answer(serveTest(t, b.Handler()), pageOf("/page", cookie)(nil, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := samePage(string(page), string(other)); err != nil {
		t.Error(err)
	}
	if n := strings.Count(string(other), `<td class="sevcell">`); n != 50 {
		t.Errorf("the page has %d rows, want 50", n)
	}
}

func TestPagesThatDifferAreTold(t *testing.T) {
	for _, x := range []struct {
		a, b string
		same bool
	}{
		{"<p> one  two </p>", "<p>one\ntwo</p>", true},
		{`<a href="?after=XYZ&amp;q=">on</a>`, `<a href="?after=12&amp;q=">on</a>`, true},
		{"1,000+ cases", "1,000&#43; cases", true},
		{"<p>one</p>", "<p>two</p>", false},
		{`<p class="a">one</p>`, "<p>one</p>", false},
		{"<p>one</p>", "<p>one</p><p>two</p>", false},
	} {
		if err := samePage(x.a, x.b); (err == nil) != x.same {
			t.Errorf("%q and %q: %v, want the same: %t", x.a, x.b, err, x.same)
		}
	}
	if _, err := frame(t.TempDir(), "<p>a page without rows</p>"); err == nil {
		t.Error("a page without rows makes a frame")
	}
}
