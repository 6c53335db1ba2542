package risk_test

import (
	"fmt"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// proved links pieces of evidence, as many as lift the rating, and names one of them.
func (w *treated) proved(named bool) (item ref.ID) {
	w.Helper()
	for i := range 5 {
		add := risk.Adding{About: fmt.Sprintf("INC-%d", i), Kind: w.h.Rules.Register.Evidence.Kinds[0].Name, Severity: "high", At: w.h.Clock()}
		if named {
			c, err := w.h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Named: true})
			w.check("case", err)
			add.About = string(c)
		}
		w.check("link", w.h.Risks.Link(w.mia, w.id, add))
	}
	return w.get().Items[0].ID
}

func TestARatingFallsWithNoEvidenceTakenBackByOnePerson(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		item := w.proved(false)
		high := w.get().Standing
		w.check("drop", r.Drop(w.mia, w.id, item, "It was another product"))
		d := w.newest(risk.DecideDowngrade)
		if f := w.get(); d.State != risk.StateAsked || d.Drops != item || f.Standing.Items != 5 || f.Standing.Rating != high.Rating {
			t.Fatalf("%s, %d items, %s; want it asked, 5 items, %s", d.State, f.Standing.Items, f.Standing.Rating, high.Rating)
		}
		w.want("twice", r.Drop(w.mia, w.id, item, "It was another product"), fault.Conflict, "waits")
		w.want("who asked", r.ApproveDowngrade(w.mia, w.id, d.ID, ""), fault.Forbidden, "you asked")
		w.want("a token", r.ApproveDowngrade(script("person-lea", "person-lea"), w.id, d.ID, ""), fault.Forbidden, "token")
		w.check("refused", r.RefuseDowngrade(w.lea, w.id, d.ID, "It is the same library"))
		if f := w.get(); f.Standing.Items != 5 {
			t.Errorf("%d items count after the refusal, want 5", f.Standing.Items)
		}
		w.check("drop again", r.Drop(w.mia, w.id, item, "It was another product, see the report"))
		w.check("another agrees", r.ApproveDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, ""))
		if f := w.get(); f.Standing.Items != 4 || f.Standing.Score >= high.Score || w.newest(risk.DecideDowngrade).State != risk.StateActive {
			t.Errorf("%d items at %v, want 4 and less than %v", f.Standing.Items, f.Standing.Score, high.Score)
		}
		w.want("what is gone", r.Drop(w.mia, w.id, item, "Again"), fault.Conflict, "does not count")
		for _, it := range w.get().Items {
			if !it.Dropped {
				w.check("what lowers no rating is gone at once", r.Drop(w.mia, w.id, it.ID, "A duplicate"))
				break
			}
		}
		if f := w.get(); f.Standing.Items != 3 {
			t.Errorf("%d items count, want 3", f.Standing.Items)
		}
	})
}

// TestHiddenEvidenceIsTakenBackInSecret: the request, the answer and what follows show
// to nobody who may not open the case.
func TestHiddenEvidenceIsTakenBackInSecret(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		eve := h.As(t, "eve", "engineer")
		before := picture(t, h, eve, w.id)
		item := w.proved(true)
		told := rig.Count(t, h.DB, `jobs`)
		w.check("drop", r.Drop(w.mia, w.id, item, "It was another product"))
		d := w.newest(risk.DecideDowngrade)
		if f := w.get(); d.State != risk.StateAsked || f.Standing.Items != 5 {
			t.Fatalf("%s, %d items; want it asked, 5 items", d.State, f.Standing.Items)
		}
		w.want("somebody who may not open the case", r.ApproveDowngrade(w.lea, w.id, d.ID, ""), fault.NotFound)
		w.check("somebody who may", h.Cases.Share(w.mia, ref.ID(w.item(item).About), "person-lea", ""))
		w.check("agrees", r.ApproveDowngrade(w.lea, w.id, d.ID, ""))
		if f := w.get(); f.Standing.Items != 4 {
			t.Errorf("%d items count, want 4", f.Standing.Items)
		}
		_, err := r.Recompute(rig.System())
		w.check("recompute", err)
		if after := picture(t, h, eve, w.id); after != before {
			t.Errorf("what everybody sees changed:\n%s\nwas\n%s", after, before)
		}
		if n := rig.Count(t, h.DB, `jobs where kind like 'tell:risk%'`); n > told {
			t.Errorf("%d words on the risk were left", n)
		}
	})
}

// item is a piece of evidence of the risk.
func (w *treated) item(id ref.ID) risk.Item {
	w.Helper()
	for _, it := range w.get().Items {
		if it.ID == id {
			return it
		}
	}
	w.Fatalf("there is no item %s", id)
	return risk.Item{}
}

// TestTheTrailTellsOfNoStandingThatOnlyHiddenEvidenceMoved: who counts all evidence acts
// on a risk of which nothing but the hidden numbers moves.
func TestTheTrailTellsOfNoStandingThatOnlyHiddenEvidenceMoved(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		eve := h.As(t, "eve", "engineer")
		w.proved(true)
		h.Pass(30 * 30 * 24 * time.Hour) // all of it is out of the window, and no night has passed
		before := w.get().Standing
		w.check("validate", h.Risks.Validate(w.mia, w.id, "It stands"))
		if f := w.get(); f.Standing.Items == before.Items {
			t.Fatalf("%d items still count for whoever counts all, want none", f.Standing.Items)
		}
		trail, err := h.Trail.On(eve, w.id)
		w.check("trail", err)
		if len(trail) == 0 || trail[0].Verb != string(risk.VerbValidate) {
			t.Fatalf("the trail begins with %+v, want the validation", trail)
		}
		for _, c := range trail[0].Changes {
			if c.Field == "standing" {
				t.Errorf("the trail tells everybody that the standing changed: %+v", trail[0].Changes)
			}
		}
	})
}

// TestOneHiddenCaseTellsNothingOfAnother: a night on which the evidence of one hidden
// case stops to count leaves no entry on another.
func TestOneHiddenCaseTellsNothingOfAnother(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		kind := w.h.Rules.Register.Evidence.Kinds[0].Name
		link := func(received time.Time) ref.ID {
			c, err := h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Named: true, Received: received})
			w.check("case", err)
			w.check("link", h.Risks.Link(w.mia, w.id, risk.Adding{About: string(c), Kind: kind}))
			return c
		}
		old, fresh := link(h.Clock().AddDate(0, -20, 0)), link(h.Clock())
		w.check("share", h.Cases.Share(w.mia, fresh, "person-lea", ""))
		entries := func(c ref.ID) int {
			t.Helper()
			trail, err := h.Trail.On(w.mia, c)
			w.check("trail", err)
			return len(trail)
		}
		a, b := entries(old), entries(fresh)
		h.Pass(6 * 30 * 24 * time.Hour)
		_, err := h.Risks.Recompute(rig.System())
		w.check("recompute", err)
		if n := w.get().Standing.Items; n != 1 {
			t.Fatalf("%d items count, want the fresh one", n)
		}
		if x, y := entries(old), entries(fresh); x != a || y != b {
			t.Errorf("the cases have %d and %d entries after the night, want %d and %d", x, y, a, b)
		}
	})
}
