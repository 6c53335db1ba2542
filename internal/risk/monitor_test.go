package risk_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestARiskLeavesItsFirstStageWithSomebodyInEachPart(t *testing.T) {
	for _, lifecycle := range []string{"risk", "risk-seven"} {
		t.Run(lifecycle, func(t *testing.T) {
			rig.Each(t, func(t *testing.T, h *rig.House) {
				h.Rules.Register.Lifecycle = lifecycle
				w := scored(t, h)
				r := h.Risks
				w.check("nobody", r.SetPeople(w.mia, w.id, 0, []risk.Part{{Who: "person-vic", As: "remediation-manager"}}))
				err := r.Move(w.mia, w.id, "risk.plan", risk.Step{})
				w.want("without its parts", err, fault.Missing, "Finding identifier (C)", "Finding coordinator (R)")
				if strings.Contains(err.Error(), "Remediation manager") || strings.Contains(err.Error(), "Business risk owner") {
					t.Errorf("%v, want those alone that nobody has", err)
				}
				for _, n := range fault.Of(err).Needs {
					if n.Word == "raci" && n.Link != "#people" {
						t.Errorf("the need leads to %s", n.Link)
					}
				}
				w.check("one of them", r.SetPeople(w.mia, w.id, 0, []risk.Part{{Who: "person-mia", As: "coordinator"}}))
				w.want("without one", r.Move(w.mia, w.id, "risk.plan", risk.Step{}), fault.Missing, "Finding identifier (C)")
				w.check("both", r.SetPeople(w.mia, w.id, 0, []risk.Part{{Who: "person-mia", As: "coordinator"}, {Who: "person-vic", As: "identifier"}}))
				w.check("plan", r.Move(w.mia, w.id, "risk.plan", risk.Step{}))
			})
		})
	}
}

func TestTheGenericProfileWantsItsTwoOwnersAlone(t *testing.T) {
	rig.EachProfile(t, "generic", func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.check("parts", h.Risks.SetPeople(w.mia, w.id, 0, nil))
		err := h.Risks.Move(w.mia, w.id, "risk.plan", risk.Step{})
		if err != nil && strings.Contains(err.Error(), "missing: ") && strings.Contains(err.Error(), "part in the risk") {
			t.Errorf("%v, want no part missing", err)
		}
	})
}

// agreed is the yes of another person to the decision to monitor that waits.
func (w *treated) agreed() {
	w.Helper()
	w.check("agree", w.h.Risks.AgreeMonitor(w.vic, w.id, w.newest(risk.DecideMonitor).ID, ""))
}

// watched is a risk within tolerance, for which monitoring is asked.
func watched(t *testing.T, h *rig.House) *treated {
	t.Helper()
	w := scored(t, h)
	w.check("judge", h.Risks.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 2, Impact: 3, Reason: "Rare", Proof: []string{"a test"}}))
	w.check("approve", h.Risks.ApproveDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, "seen"))
	w.check("respond", h.Risks.Respond(w.mia, w.id, risk.Response{Response: risk.Monitor, Reason: "It is small"}))
	return w
}

func TestARiskIsOnlyWatchedWhereTheProgrammeAgrees(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := watched(t, h)
		r := h.Risks
		d := w.newest(risk.DecideMonitor)
		if d.State != risk.StateAsked {
			t.Fatalf("the decision is %s, want it asked", d.State)
		}
		w.want("before anybody agreed", r.Move(w.mia, w.id, "risk.monitor", risk.Step{}), fault.Missing, "Programme DRI")
		w.want("who asked", r.AgreeMonitor(w.mia, w.id, d.ID, ""), fault.Forbidden, "you asked")
		w.want("the business owner", r.AgreeMonitor(w.bo, w.id, d.ID, ""), fault.Forbidden, "business owner")
		w.want("a token", r.AgreeMonitor(script("person-lea", "person-lea"), w.id, d.ID, ""), fault.Forbidden, "token")
		w.want("without the grant", r.AgreeMonitor(h.As(t, "eve", "engineer"), w.id, d.ID, ""), fault.Forbidden)
		w.want("a refusal without a reason", r.RefuseMonitor(w.vic, w.id, d.ID, ""), fault.Invalid, "reason")
		w.check("refuse", r.RefuseMonitor(w.vic, w.id, d.ID, "Twice in a month"))
		if f := w.get(); f.Response != "" || w.newest(risk.DecideMonitor).State != risk.StateRefused {
			t.Errorf("response %q, %s; want it open again", f.Response, w.newest(risk.DecideMonitor).State)
		}
		w.check("respond again", r.Respond(w.mia, w.id, risk.Response{Response: risk.Monitor, Reason: "It was one campaign"}))
		d = w.newest(risk.DecideMonitor)
		w.check("agree", r.AgreeMonitor(w.vic, w.id, d.ID, "Watched every month"))
		w.want("twice", r.AgreeMonitor(w.lea, w.id, d.ID, ""), fault.Conflict, "active")
		if d = w.newest(risk.DecideMonitor); len(d.Approvals) != 1 || d.Approvals[0].Name == "" || d.Approvals[0].Note != "Watched every month" {
			t.Errorf("approvals %+v, want who agreed and what they wrote", d.Approvals)
		}
		trail, err := h.Trail.On(w.mia, w.id)
		w.check("trail", err)
		if trail[0].Verb != string(risk.VerbAgree) || trail[0].Actor != "person-vic" {
			t.Errorf("the trail begins with %s by %s", trail[0].Verb, trail[0].Actor)
		}
		w.check("monitor", r.Move(w.mia, w.id, "risk.monitor", risk.Step{}))
	})
}

func TestAnAgreementToWatchFallsWithTheStateThatItWasGivenOn(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := watched(t, h)
		r := h.Risks
		w.check("agree", r.AgreeMonitor(w.vic, w.id, w.newest(risk.DecideMonitor).ID, ""))
		w.check("edit", r.Edit(w.mia, w.id, risk.Patch{Title: ptr("Incomplete checks of group membership may reveal whole exports")}))
		if s := w.newest(risk.DecideMonitor).State; s != risk.StateStale {
			t.Errorf("the agreement is %s, want it stale", s)
		}
		w.want("on another state", r.Move(w.mia, w.id, "risk.monitor", risk.Step{}), fault.Missing, "Programme DRI")
	})
}

func TestARatingThatFallsByItselfIsToBeLookedAt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.proved(false)
		high := w.get().Standing.Rating
		if w.get().Fall != nil {
			t.Fatal("a rating fell before any evidence weakened")
		}
		h.Pass(3 * 365 * 24 * time.Hour) // all of it is out of the window
		_, err := r.Recompute(rig.System())
		w.check("recompute", err)
		f := w.get()
		if f.Standing.Rating == high || f.Fall == nil || f.Fall.From != high || f.Fall.To != f.Standing.Rating {
			t.Fatalf("%s, fall %+v; want the fall from %s", f.Standing.Rating, f.Fall, high)
		}
		if f.Review.After(h.Clock()) {
			t.Errorf("the review is due on %v, want it due now", f.Review)
		}
		told := func() int {
			return rig.Count(t, h.DB, `jobs where kind = 'tell:risk-owner' and args like '%rating:fell%'`)
		}
		if n := told(); n != 1 {
			t.Errorf("the owners are told %d times, want once", n)
		}
		_, err = r.Recompute(rig.System())
		w.check("again", err)
		if n := told(); n != 1 {
			t.Errorf("another night tells the owners again: %d", n)
		}
		agenda, err := h.Reviews.Preview(w.mia)
		w.check("agenda", err)
		found := false
		for _, s := range agenda.Sections {
			found = found || s.Name == "fell" && len(s.Items) == 1 && s.Items[0].Risk == w.id
		}
		if !found {
			t.Errorf("the agenda %+v has no word of it", agenda.Sections)
		}
	})
}

func TestWhatOnlyHiddenEvidenceMovedFallsNowhere(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.check("judge", h.Risks.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5, Reason: "It hurts"}))
		told := func() int { return rig.Count(t, h.DB, `jobs where args like '%rating:rose%'`) }
		before := told()
		for range 5 {
			c, err := h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Severity: "critical", Named: true})
			w.check("case", err)
			w.check("link", h.Risks.Link(w.mia, w.id, risk.Adding{About: string(c), Kind: h.Rules.Register.Evidence.Kinds[0].Name}))
		}
		high := w.get().Standing.Rating
		if n := told(); n != before {
			t.Errorf("%d are told that it rose by what they may not see, want %d", n, before)
		}
		h.Pass(3 * 365 * 24 * time.Hour)
		_, err := h.Risks.Recompute(rig.System())
		w.check("recompute", err)
		if f := w.get(); f.Standing.Rating == high || f.Fall != nil {
			t.Errorf("%s and before %s, fall %+v; want a lower rating for who counts all, and no word of it to everybody", f.Standing.Rating, high, f.Fall)
		}
	})
}
