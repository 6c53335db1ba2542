package bulk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/bulk"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func open(t *testing.T, h *rig.House, as context.Context, titles ...string) (ids []ref.ID) {
	t.Helper()
	for _, title := range titles {
		id, err := h.Cases.Open(as, casework.Opening{Title: title, Product: "gitlab"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func owner(t *testing.T, h *rig.House, id ref.ID) ref.ID {
	t.Helper()
	f, err := h.Cases.Get(rig.System(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f.Owner
}

func begin(t *testing.T, h *rig.House, as context.Context, in bulk.Asked) *bulk.Bulk {
	t.Helper()
	id, err := h.Bulks.Begin(as, in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Bulks.Get(as, id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func actor(t *testing.T, ctx context.Context) ref.ID {
	t.Helper()
	a, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func TestManyAreAssignedAndSetBack(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bo, eve := h.As(t, "ana", "manager"), h.As(t, "bo", "analyst"), h.As(t, "eve", "manager")
		ids := open(t, h, ana, "One", "Two", "Three", "Four")
		if err := h.Cases.Assign(ana, ids[1], actor(t, eve)); err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.Assign(ana, ids[2], actor(t, bo)); err != nil {
			t.Fatal(err)
		}
		hidden, err := h.Cases.Open(eve, casework.Opening{Title: "Hidden", Named: true})
		if err != nil {
			t.Fatal(err)
		}
		b := begin(t, h, ana, bulk.Asked{Surface: "cases", Act: "assign", Input: bulk.Input{Value: string(actor(t, bo))}, IDs: append(slices.Clone(ids), hidden, "CASE-00000000")})
		if b.State != bulk.Finished || b.Counts[bulk.RowDone] != 3 || b.Counts[bulk.RowSame] != 1 || b.Total() != 4 || !b.May {
			t.Fatalf("have %+v, want three changed and one that was so", b)
		}
		if len(b.Missing) != 2 || !slices.Contains(b.Missing, hidden) {
			t.Errorf("missing %v, want the hidden case as one that is not there", b.Missing)
		}
		if owner(t, h, hidden) != "" {
			t.Error("a case that the actor does not see was changed")
		}

		if err := h.Cases.Assign(eve, ids[0], actor(t, eve)); err != nil { // somebody else goes on with the first
			t.Fatal(err)
		}
		if err := h.Bulks.Undo(ana, b.ID); err != nil {
			t.Fatal(err)
		}
		b, err = h.Bulks.Get(ana, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if b.State != bulk.Undone || b.Counts[bulk.RowUndone] != 2 || b.Counts[bulk.RowLeft] != 1 {
			t.Fatalf("have %+v, want two set back and one left", b)
		}
		if i := slices.IndexFunc(b.Why, func(w bulk.Why) bool { return w.State == bulk.RowLeft }); i < 0 || b.Why[i].Says != "eve changed it since" || b.Why[i].IDs[0] != ids[0] {
			t.Errorf("why %+v, want that eve changed the first", b.Why)
		}
		for i, want := range []ref.ID{actor(t, eve), actor(t, eve), actor(t, bo), ""} {
			if have := owner(t, h, ids[i]); have != want {
				t.Errorf("case %d is owned by %q, want %q", i+1, have, want)
			}
		}
		if err := h.Bulks.Undo(ana, b.ID); !errors.Is(err, fault.Conflict) {
			t.Errorf("a second undo: %v, want a conflict", err)
		}
		if n := rig.Count(t, h.DB, "audit where verb = 'case.assign' and reason like '%undone, as bulk-%'"); n != 2 {
			t.Errorf("%d entries of what was set back, want 2", n)
		}
	})
}

func TestWhatTheRulesOfARecordRefuseIsLeftWithItsReason(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "manager")
		ids := open(t, h, ana, "One", "Two")
		do := func(act, value, reason string, want string) *bulk.Bulk {
			t.Helper()
			b := begin(t, h, ana, bulk.Asked{Surface: "cases", Act: act, Input: bulk.Input{Value: value, Reason: reason}, IDs: ids})
			if b.Counts[want] != 2 {
				t.Fatalf("%s %s: have %+v, want both %s", act, value, b, want)
			}
			return b
		}
		b := do("label", "fix-in-public", "it is known", bulk.RowRefused)
		if len(b.Why) != 1 || b.Why[0].Count != 2 || !strings.Contains(b.Why[0].Says, "not for this stage") || !slices.Equal(b.Why[0].IDs, slices.Sorted(slices.Values(ids))) {
			t.Errorf("why %+v, want the stage as the reason for both", b.Why)
		}
		if b.May {
			t.Error("nothing was changed, and it may be undone")
		}
		do("label", "blocked", "waits for the vendor", bulk.RowDone)
		do("label", "blocked", "waits for the vendor", bulk.RowSame)
		off := do("unlabel", "blocked", "", bulk.RowDone)
		if err := h.Bulks.Undo(ana, off.ID); err != nil {
			t.Fatal(err)
		}
		f, err := h.Cases.Get(ana, ids[0])
		if err != nil {
			t.Fatal(err)
		}
		if !f.Has("blocked") || f.LabelNotes["blocked"] != "waits for the vendor" {
			t.Errorf("labels %v with %v, want blocked with its reason", f.Labels, f.LabelNotes)
		}
		if _, err := h.Bulks.Begin(ana, bulk.Asked{Surface: "cases", Act: "label", Input: bulk.Input{Value: "blocked"}, IDs: ids}); !errors.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v, want invalid at once", err)
		}
	})
}

func TestABulkIsItsActorsOwn(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, aud := h.As(t, "ana", "manager"), h.As(t, "eve", "manager"), h.As(t, "aud", "auditor")
		ids := open(t, h, ana, "One")
		b := begin(t, h, ana, bulk.Asked{Surface: "cases", Act: "assign", Input: bulk.Input{Value: string(actor(t, eve))}, IDs: ids})
		_, err := h.Bulks.Get(eve, b.ID)
		for what, err := range map[string]error{"to read": err, "to undo": h.Bulks.Undo(eve, b.ID), "to stop": h.Bulks.Stop(eve, b.ID)} {
			if !errors.Is(err, fault.NotFound) {
				t.Errorf("somebody else's, %s: %v, want not found", what, err)
			}
		}
		if _, err := h.Bulks.Begin(aud, bulk.Asked{Surface: "cases", Act: "assign", IDs: ids}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("whose roles do not cover it: %v, want forbidden", err)
		}
		h.Pass(25 * time.Hour)
		if err := h.Bulks.Undo(ana, b.ID); !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "over") {
			t.Errorf("after a day: %v, want that it is over", err)
		}
	})
}
