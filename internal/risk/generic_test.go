package risk_test

import (
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestAnotherProfilesRulesAreKept(t *testing.T) {
	rig.EachProfile(t, "generic", func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[2].Name}))
		_, err := r.SetPlan(w.bo, w.id, w.planning())
		w.check("plan", err)
		w.check("smart", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}))
		w.check("one role approves", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: h.Rules.Register.Plan.Approval[0].Name}))
		if n := len(w.get().Plan.Paths); n != 1 {
			t.Errorf("%d planned courses, want one", n)
		}
		w.bearing()
		_, err = r.RequestAcceptance(w.mia, w.id, w.asking())
		w.want("a director bears what is critical", err, fault.Missing, "owner-level")
		w.check("level", h.Parties.SetLevel(w.mia, "person-bo", "executive"))
		id := w.ask()
		d := w.newest(risk.DecideAccept)
		if d.Preset != h.Rules.Register.Acceptance.Name {
			t.Errorf("preset %s", d.Preset)
		}
		w.check("owner", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateAsked {
			t.Errorf("%s with an executive alone, want a vice president besides", d.State)
		}
		w.check("vice president", r.ApproveAcceptance(w.vic, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateActive {
			t.Errorf("%s, still wants %v: want it in force", d.State, d.Wants(&h.Rules.Register, "person-bo"))
		}
	})
}
