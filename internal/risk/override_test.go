package risk_test

import (
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// overridden is a risk of medium rating that two people hold at critical.
func overridden(t *testing.T, h *rig.House) *treated {
	t.Helper()
	w := scored(t, h)
	w.check("override", h.Risks.Override(w.mia, w.id, risk.Score{Likelihood: 6, Impact: 5, Reason: "It is being used"}))
	w.check("approve", h.Risks.ApproveOverride(w.lea, w.id))
	return w
}

func TestAnOverrideThatHoldsARatingUpEndsByNoOnePerson(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := overridden(t, h)
		r := h.Risks
		w.want("no reason", r.EndOverride(w.mia, w.id, ""), fault.Invalid, "falls")
		w.check("ask", r.EndOverride(w.mia, w.id, "The campaign is over"))
		d := w.newest(risk.DecideDowngrade)
		if f := w.get(); d.State != risk.StateAsked || !d.Ends || !f.Override.Active() || f.Standing.Rating != "critical" {
			t.Fatalf("%s, override %+v, %s; want it asked and the override in force", d.State, f.Override, f.Standing.Rating)
		}
		w.want("twice", r.EndOverride(w.mia, w.id, "The campaign is over"), fault.Conflict, "waits")
		w.want("who asked", r.ApproveDowngrade(w.mia, w.id, d.ID, ""), fault.Forbidden, "you asked")
		w.want("another request in its place", r.Override(w.mia, w.id, risk.Score{Likelihood: 1, Impact: 1, Reason: "Low"}), fault.Conflict, "take it back first")
		w.check("refused", r.RefuseDowngrade(w.lea, w.id, d.ID, "It was seen yesterday"))
		if f := w.get(); f.Standing.Rating != "critical" {
			t.Errorf("%s after the refusal, want critical", f.Standing.Rating)
		}
		w.check("ask again", r.EndOverride(w.mia, w.id, "The campaign is over since March"))
		w.check("another agrees", r.ApproveDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, ""))
		if f := w.get(); f.Override.By != "" || f.Standing.Rating != "medium" || w.newest(risk.DecideDowngrade).State != risk.StateActive {
			t.Errorf("override %+v, %s; want none, and the computed medium", f.Override, f.Standing.Rating)
		}
		w.want("what is gone", r.EndOverride(w.mia, w.id, "Again"), fault.Conflict, "no override")
	})
}

func TestAnOverrideThatHoldsNothingUpEndsAtOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("asked for", r.Override(w.mia, w.id, risk.Score{Likelihood: 6, Impact: 5, Reason: "It is being used"}))
		w.check("taken back before anybody approved it", r.EndOverride(w.mia, w.id, ""))
		w.check("lower", r.Override(w.mia, w.id, risk.Score{Likelihood: 1, Impact: 1, Reason: "It is fenced off"}))
		w.check("approve", r.ApproveOverride(w.lea, w.id))
		w.check("back up", r.EndOverride(w.mia, w.id, ""))
		if f := w.get(); f.Override.By != "" || f.Standing.Rating != "medium" {
			t.Errorf("override %+v, %s; want none, and the computed medium", f.Override, f.Standing.Rating)
		}
	})
}
