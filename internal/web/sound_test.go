package web_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tocsin/internal/rig"
)

// TestPagesAreSound walks every page that those who work here and those who keep the
// house are led to, the pages of who is not signed in, and those that refuse: each can
// be read in its order with the ears and walked with the keyboard.
func TestPagesAreSound(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w := visible(t, h)
	inMoney(t, h, w.risks[0])
	pages := 0
	told := map[string]bool{} // what is wrong with the frame is said once
	look := func(at string, page *html.Node) {
		pages++
		for _, wrong := range rig.Unsound(page) {
			if !told[wrong] {
				t.Errorf("%s: %s", at, wrong)
			}
			told[wrong] = true
		}
	}
	all := []string{"analyst", "engineer", "manager", "leader", "component-owner", "release-manager", "communications", "auditor", "administrator"}
	s := open(t, h)
	crawl(s.as(h.As(t, "ana", all...)), []string{"/", "/reports", "/search?q=export", "/risks/" + string(w.risks[0]) + "/quant", "/observations/" + string(w.observations[0]), "/kri/" + string(w.kris[0]), "/reviews/" + string(w.meetings[1]), "/jobs", "/outbox", "/audit", "/health", "/style"}, look)
	for _, b := range []*browser{s.nobody(), s.as(h.As(t, "zoe"))} {
		for _, at := range []string{"/sign-in", "/setup", "/invite/WRONG", "/", "/cases", "/cases/CASE-00000000", "/audit", "/nowhere", "/peek/" + string(w.risks[0])} {
			r := b.get(at)
			if !strings.Contains(r.body, "<html") {
				continue
			}
			page, err := html.Parse(strings.NewReader(r.body))
			check(t, at, err)
			look(at, page)
		}
	}
	if pages < 170 {
		t.Errorf("the walk saw %d pages, want 170 at least", pages)
	}
}
