package risk_test

import (
	"slices"
	"testing"

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
