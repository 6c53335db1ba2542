package risk_test

import (
	"context"
	"slices"
	"testing"

	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

func TestAPlanIsHeldAgainstThePriorityOfTheRating(t *testing.T) {
	late := func(ws []riskscore.Warning) bool {
		return slices.ContainsFunc(ws, func(w riskscore.Warning) bool { return w.Key == "late" })
	}
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, max := h.As(t, "mia", "manager"), h.As(t, "max", "manager")
		check := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		for _, c := range []struct {
			name               string
			likelihood, impact int
			days               int // until the plan ends
			late               bool
		}{
			{"one that ends in time", 3, 4, 1, false},
			{"a critical one that ends in years", 6, 5, 900, true},
			{"a low one has no target", 2, 2, 900, false},
		} {
			id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports"})
			check("raise", err)
			f, err := h.Risks.Get(mia, id)
			check("get", err)
			if f.Priority != (risk.Priority{}) {
				t.Errorf("%s: without a rating it has the priority %+v", c.name, f.Priority)
			}
			check("judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: c.likelihood, Impact: c.impact, Reason: "Judged"}))
			check("override", h.Risks.Override(mia, id, risk.Score{Likelihood: float64(c.likelihood), Impact: float64(c.impact), Reason: "The judgement stands"}))
			check("approve", h.Risks.ApproveOverride(max, id))
			check("respond", h.Risks.Respond(mia, id, risk.Response{Response: risk.Remediate, Path: "avoid"}))
			out, err := h.Risks.SetPlan(mia, id, risk.Planning{Summary: "Join the checks", Milestones: []risk.Milestone{{Title: "Joined", Due: h.Clock().AddDate(0, 0, c.days)}}})
			check("plan", err)
			page, err := h.Risks.Page(mia, id, false)
			check("page", err)
			want, ok := h.Rules.Register.AuthorityOf(page.Standing.Rating)
			if p := page.Priority; !ok || p.Name != want.Priority || p.Days != want.Days || p.By.IsZero() != (want.Days == 0) || want.Days > 0 && !p.By.Equal(page.Raised.AddDate(0, 0, want.Days)) {
				t.Errorf("%s: rated %s it has the priority %+v", c.name, page.Standing.Rating, page.Priority)
			}
			if late(out.Warnings) != c.late || late(page.Course.Warnings) != c.late {
				t.Errorf("%s: the plan warns %v, the page %v", c.name, out.Warnings, page.Course.Warnings)
			}
		}
	})
}

// TestARatingThatRisesIsToldToItsOwnersOnce counts who is told of a rating that asks for
// more: not of the first one, not of what changes nothing, not
// whoever did it.
func TestARatingThatRisesIsToldToItsOwnersOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		bo, gus := h.As(t, "bo", "leader"), h.As(t, "gus", "guest")
		check := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports"})
		check("raise", err)
		check("owners", h.Risks.Assign(mia, id, risk.Owners{Owner: ptr(ref.ID("person-bo"))}))
		check("share", h.Risks.Share(mia, id, "person-gus", "risk-owner"))
		for _, who := range []context.Context{bo, gus} { // both work on it: the owner, and somebody from outside
			_, err = h.Risks.Note(who, id, "I look at it.")
			check("note", err)
		}
		for _, step := range []struct {
			name               string
			likelihood, impact int
			told               int // so far
		}{{"the first rating", 1, 1, 0}, {"a higher score of the same rating", 4, 4, 0}, {"a rating that asks for more", 6, 5, 1}, {"the same again", 6, 5, 1}} {
			check(step.name, h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: step.likelihood, Impact: step.impact, Reason: "It hurts"}))
			for more := true; more; {
				more, err = h.Jobs.Step(t.Context())
				check("work", err)
			}
			for who, want := range map[string]int{"person-bo": step.told, "person-mia": 0, "person-gus": 0} {
				if n := rig.Count(t, h.DB, "notices where what = 'rating:rose' and person = '"+who+"' and subject = '"+string(id)+"'"); n != want {
					t.Errorf("%s: %s is told %d times, want %d", step.name, who, n, want)
				}
			}
		}
	})
}
