package walk

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// audited is what Lighthouse says of a page.
type audited struct {
	Path          string   `json:"path"`
	Performance   float64  `json:"performance"`
	Accessibility float64  `json:"accessibility"`
	Practices     float64  `json:"practices"`
	Shift         float64  `json:"shift"` // cumulative layout shift
	Paint         float64  `json:"paint"` // largest contentful paint on a slow phone, ms
	Wrong         []string `json:"wrong"`
	Slow          []string `json:"slow"`
}

// TestLighthouse holds what Lighthouse, as on a slow phone, says of the pages that
// people live in: accessibility and best practices are whole and nothing moves while
// a page loads. How fast one run was gets printed: the machine may be busy, and the
// best of five stands in the benchmarks.
func TestLighthouse(t *testing.T) {
	if testing.Short() {
		t.Skip("Lighthouse takes a while")
	}
	t.Parallel()
	script := oracle(t, "lighthouse.js")
	oracle(t, filepath.Join("node_modules", "lighthouse", "package.json"))
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: make test installs it")
	}
	p := start(t)
	secret, err := p.house.Parties.SessionFor(t.Context(), p.people.All["helena"])
	check(t, "session", err)
	run := exec.CommandContext(t.Context(), "node", script, p.base, session+"="+string(secret), "1", "/", "/cases", "/register", "/portal")
	run.Env = append(run.Environ(), "CHROME_PATH="+chromium)
	var wrong strings.Builder
	run.Stderr = &wrong
	out, err := run.Output()
	if err != nil {
		t.Fatalf("lighthouse: %v\n%s", err, wrong.String())
	}
	var pages []audited
	check(t, "answer", json.Unmarshal(out, &pages))
	if len(pages) != 4 {
		t.Fatalf("%d pages were audited, want 4", len(pages))
	}
	for _, a := range pages {
		t.Logf("report: Lighthouse, %-10s performance %3.0f, accessibility %3.0f, best practices %3.0f, layout shift %.3f, largest paint %.0f ms", a.Path, a.Performance*100, a.Accessibility*100, a.Practices*100, a.Shift, a.Paint)
		if a.Accessibility < 1 || a.Practices < 1 {
			t.Errorf("%s: accessibility %v, best practices %v:\n\t%s", a.Path, a.Accessibility, a.Practices, strings.Join(a.Wrong, "\n\t"))
		}
		if a.Shift > 0 {
			t.Errorf("%s: the layout shifts by %v", a.Path, a.Shift)
		}
		if a.Performance < 0.95 {
			t.Logf("%s is slow today: %s", a.Path, strings.Join(a.Slow, "; "))
		}
	}
}
