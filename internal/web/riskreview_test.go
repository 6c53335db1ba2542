package web_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestARiskIsReviewedOnItsPage(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, aud := h.As(t, "mia", "manager"), h.As(t, "aud", "auditor")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Statement: worded()})
		check(t, "raise", err)
		s, to := open(t, h), "/risks/"+string(id)
		m := s.as(mia)
		m.get(to+"/decisions").is(t, 200, "No review is planned", "Review it", `href="`+to+`/decisions?edit=reviews#reviews"`)
		m.get(to+"/decisions?edit=reviews").is(t, 200, "Still valid", "Scored anew", "Escalate")
		m.post(to+"/reviews", "outcome", "still-valid", "reason", "").is(t, 422, "write why", "Record the review")
		m.post(to+"/reviews", "outcome", "still-valid", "reason", "Looked at", "next", "tomorrow").is(t, 422, "is no day", "Looked at")
		m.post(to+"/reviews", "outcome", "re-scored", "reason", "Worse than we thought").is(t, 422, "nobody scored the risk since its last review", "Worse than we thought")
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3, Reason: "First look"}))
		m.post(to+"/reviews", "outcome", "re-scored", "reason", "Worse than we thought").leads(t, to+"/decisions#reviews")
		h.Pass(time.Hour)
		next := h.Clock().AddDate(0, 0, 40).Format(time.DateOnly)
		m.post(to+"/reviews", "outcome", "escalate", "reason", "Two teams cannot agree", "next", next).is(t, 303)
		m.get(to+"/decisions").is(t, 200, "The next review is on", "Two teams cannot agree", "Worse than we thought", "Scored anew", "Escalate", next)
		h.Pass(41 * 24 * time.Hour)
		m = s.as(mia) // the sessions ended
		a := s.as(aud)
		m.get(to+"/decisions").is(t, 200, "It was to be reviewed by")
		read := a.get(to+"/decisions").is(t, 200, "Two teams cannot agree")
		read.lacks(t, "Review it")
		a.post(to+"/reviews", "outcome", "still-valid", "reason", "Mine").is(t, 403)
		m.get(to+"/whole").is(t, 200, "Two teams cannot agree")
	})
}

func TestAScoreIsComparedWithTheLastReview(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, max := h.As(t, "mia", "manager"), h.As(t, "max", "manager")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Statement: worded()})
		check(t, "raise", err)
		m, to := open(t, h).as(mia), "/risks/"+string(id)
		says := func(want string) {
			t.Helper()
			for _, path := range []string{"/register", to} {
				page := m.get(path).is(t, 200, want)
				for _, other := range []string{"worse, was", "better, was", "as reviewed"} {
					if !strings.HasPrefix(want, other) {
						page.lacks(t, other)
					}
				}
			}
		}
		score := func(likelihood int) {
			t.Helper()
			h.Pass(time.Minute)
			check(t, "override", h.Risks.Override(mia, id, risk.Score{Likelihood: float64(likelihood), Impact: 4, Reason: "As we see it"}))
			check(t, "approve", h.Risks.ApproveOverride(max, id))
			h.Pass(time.Minute)
		}
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 2, Impact: 4, Reason: "First look"}))
		score(2)
		says("Incomplete checks")
		check(t, "review", h.Reviews.Review(mia, id, review.Reviewing{Outcome: review.StillValid, Reason: "Looked at"}))
		says("as reviewed")
		score(4)
		says("worse, was 8")
		twin, err := h.Risks.Raise(mia, risk.Raising{Title: "Keys are never changed", Statement: worded()})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, twin, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5, Reason: "First look"})) // without evidence 4 × 4
		h.Pass(time.Minute)
		if l, err := h.Risks.List(mia, risk.Filter{}, risk.Page{}); err != nil || len(l.Risks) != 2 || l.Risks[0].ID != id || l.Risks[0].Standing.Score != l.Risks[1].Standing.Score {
			t.Errorf("%v and %v, %v, want of two with one score the one that is worse than it was first", l.Risks[0].Standing, l.Risks[1].Standing, err)
		}
		check(t, "review", h.Reviews.Review(mia, id, review.Reviewing{Outcome: review.StillValid, Reason: "It is worse"}))
		says("as reviewed")
	})
}
