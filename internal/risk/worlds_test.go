package risk

import (
	"fmt"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/ref"
)

// TestHiddenEvidenceDisplacesNone holds that what is read of the open world is the
// same however much hidden evidence is newer, and that a cut is made at the oldest end.
func TestHiddenEvidenceDisplacesNone(t *testing.T) {
	r, begin := &Risk{ID: "RISK-1"}, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	item := func(i int, hidden bool) Item {
		it := Item{ID: ref.ID(fmt.Sprintf("item-%06d-%t", i, hidden)), At: begin.Add(time.Duration(i) * time.Minute), guard: "CASE-1", audience: access.Staff}
		if hidden {
			it.At, it.audience = it.At.Add(1000*time.Hour), access.Named
		}
		return it
	}
	var open, both []Item
	for i := range MaxItems + 1 {
		open = append(open, item(i, false))
		both = append(both, item(i, false), item(i, true))
	}
	alone, beside := worlds(r, open), worlds(r, both)
	if len(beside[WorldOpen]) != MaxItems+1 || len(beside[WorldAll]) != MaxItems+1 {
		t.Fatalf("%d open and %d of all are read, want %d", len(beside[WorldOpen]), len(beside[WorldAll]), MaxItems+1)
	}
	for i, it := range beside[WorldOpen] {
		if it.ID != alone[WorldOpen][i].ID {
			t.Fatalf("place %d holds %s beside hidden evidence, want %s", i, it.ID, alone[WorldOpen][i].ID)
		}
	}
	if first, last := beside[WorldAll][0], beside[WorldAll][MaxItems]; !first.hidden(r) || !first.At.After(last.At) {
		t.Errorf("all begins with %s and ends with %s, want the newest first", first.ID, last.ID)
	}
}
