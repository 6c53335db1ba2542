package observation_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestObservationsStandInEachOrderAcrossPages reads the list in every order, on pages of
// any length; what bob may not see changes neither what he is shown nor its order.
func TestObservationsStandInEachOrderAcrossPages(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "ana", "manager"), h.As(t, "bob", "manager")
		name := map[ref.ID]string{}
		for _, o := range []struct {
			name               string
			likelihood, impact int
			found              int // days ago
			hidden             bool
		}{{"a", 2, 2, 10, false}, {"b", 4, 4, 40, false}, {"h", 4, 4, 40, true}, {"c", 0, 0, 20, false}, {"d", 4, 4, 5, false}, {"i", 1, 1, 20, true}, {"e", 2, 2, 20, false}} {
			h.Pass(time.Minute)
			in := observation.Opening{Title: o.name, Likelihood: o.likelihood, Impact: o.impact, Found: rig.Start.AddDate(0, 0, -o.found), Named: o.hidden}
			name[open(t, h, ana, in)] = o.name
		}
		read := func(ctx context.Context, order string, n int) string {
			var have strings.Builder
			for p := (observation.Page{Limit: n}); ; {
				l, err := h.Observations.List(ctx, observation.Filter{Order: order}, p)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range l.Observations {
					have.WriteString(name[o.ID])
				}
				if p.After = l.Next; p.After == "" || have.Len() > len(name) {
					return have.String()
				}
			}
		}
		for order, want := range map[string]string{"": "eidchba", "newest": "eidchba", "score": "bhdaeic", "age": "bhciead", "due": "bhdeaic"} {
			for _, n := range []int{1, 2, 3, 50} {
				if have := read(ana, order, n); have != want {
					t.Errorf("order %q in pages of %d: %s, want %s", order, n, have, want)
				}
				if have, want := read(bob, order, n), strings.NewReplacer("h", "", "i", "").Replace(want); have != want {
					t.Errorf("order %q for bob in pages of %d: %s, want %s", order, n, have, want)
				}
			}
		}
		if _, err := h.Observations.List(ana, observation.Filter{Order: "loudest"}, observation.Page{}); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "newest, score, age, due") {
			t.Errorf("an order that there is not: %v, want those that there are", err)
		}
		l, err := h.Observations.List(ana, observation.Filter{Order: "age"}, observation.Page{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Observations.List(ana, observation.Filter{Order: "score"}, observation.Page{Limit: 2, After: l.Next}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a place in one order is one in another: %v", err)
		}
	})
}

// TestOrdersOfObservationsSortNothing holds each order to an index: the plan of SQLite for
// the first page of the open ones has no sorting in it.
func TestOrdersOfObservationsSortNothing(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "")
	err := h.Observations.Gate.View(h.As(t, "ana", "manager"), func(v *gate.View) error {
		for order, key := range observation.Keys {
			plan, err := gate.All(v, func(row func(...any) error) (step string, err error) {
				var id, parent, unused int
				err = row(&id, &parent, &unused, &step)
				return step, err
			}, `explain query plan select c.id, c.body from {observations} c where not c.closed order by `+key+`, c.doc limit 51`)
			if err != nil {
				return err
			}
			if steps := strings.Join(plan, "; "); strings.Contains(steps, "TEMP B-TREE") {
				t.Errorf("by %s all observations are sorted: %s", order, steps)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
