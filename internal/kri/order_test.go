package kri_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kri"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestTheWorstIndicatorsStandFirst holds the order of the list on pages of any length:
// red, yellow, green, what says nothing, what is retired; in each by name.
func TestTheWorstIndicatorsStandFirst(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		on := raise(t, h, ana, "A risk", false)
		add := func(title string, value float64) ref.ID {
			o := coverage()
			o.Title = title
			id := open(t, h, ana, on, o)
			if value >= 0 {
				if _, err := h.KRIs.Record(ana, id, kri.Manual, kri.Point{At: h.Clock(), Value: value}); err != nil {
					t.Fatal(err)
				}
			}
			return id
		}
		add("f stale", 0.99)
		h.Pass(800 * 24 * time.Hour)
		add("g never", -1)
		add("e green", 0.99)
		gone := add("a retired", 0.1)
		if err := h.KRIs.Retire(ana, gone, 0, "replaced"); err != nil {
			t.Fatal(err)
		}
		for _, title := range []string{"c red", "b red"} {
			add(title, 0.1)
		}
		add("d yellow", 0.8)
		listed := func(ctx context.Context, n int) string {
			var out []string
			for p := (kri.Page{Limit: n}); ; {
				l, err := h.KRIs.List(ctx, kri.Filter{}, p)
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range l.KRIs {
					out = append(out, k.Title)
				}
				if p.After = l.Next; p.After == "" {
					return strings.Join(out, ", ")
				}
				if strings.Contains(l.Next, "red") {
					t.Error("a marker tells a title")
				}
			}
		}
		const want = "b red, c red, d yellow, e green, f stale, g never, a retired"
		for _, n := range []int{1, 2, 50} {
			if have := listed(ana, n); have != want {
				t.Errorf("in pages of %d: %s, want %s", n, have, want)
			}
		}
	})
}
