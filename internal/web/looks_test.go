package web_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/chart"
	"tocsin/internal/picture"
	"tocsin/internal/recurrence"
	"tocsin/internal/rig"
)

// A root cause that is systemic is a line of the picture beside the weaknesses, with
// the threshold of its own and by its title.
func TestRootCausesAreLinesOfThePicture(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	now := h.Clock()
	cause := recurrence.CauseGroup{SetTitle: "Origin"}
	cause.Name, cause.Product, cause.Weakness, cause.Systemic = "Unsafe default", "gateway", "origin:unsafe-default", true
	for i := range 3 {
		cause.Cases = append(cause.Cases, recurrence.Dot{Case: "CASE-7QK3D9XB", At: now.AddDate(0, -6+i, 0), Severity: "high"})
	}
	rare := cause
	rare.Name, rare.Systemic = "Haste", false
	b := &recurrence.Board{Answer: &recurrence.Answer{AsOf: now.Format(time.DateOnly), Threshold: 5, CauseThreshold: 3, Causes: []recurrence.CauseGroup{cause, rare}, Window: recurrence.WindowTo(now, 24)}}
	got := picture.Recurring{Board: b, Rules: h.Rules, Now: now}.Picture()
	if len(got.Strips) != 1 || got.Strips[0].Name != "Unsafe default (origin)" || got.Strips[0].Threshold != 3 || got.Strips[0].Href != "#causes" {
		t.Fatalf("lines %+v", got.Strips)
	}
	if page := chart.Both(got); !strings.Contains(page, "third, ") || strings.Contains(page, "origin:") {
		t.Errorf("the picture does not say where the root cause became systemic: %.2000s", page)
	}
}
