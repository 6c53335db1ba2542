package review

import (
	"context"
	"slices"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// Reviewing is a review of one risk.
type Reviewing struct {
	Outcome string    `json:"outcome"` // still-valid, re-scored, escalate
	Reason  string    `json:"reason"`
	Next    time.Time `json:"next,omitzero"`     // zero is by the rating
	Meeting ref.ID    `json:"meeting,omitempty"` // in which it was reviewed
}

// Review records that somebody looked at the risk, with what came of it, and plans
// the next look. A risk that is said to be scored anew was scored since the last one.
func (s *Reviews) Review(ctx context.Context, id ref.ID, in Reviewing) error {
	return s.Gate.Act(ctx, VerbReview, id, func(tx *gate.Tx) error {
		past, err := reviewsOf(&tx.View, id)
		if err != nil {
			return err
		}
		if err := in.check(tx, id, past); err != nil {
			return err
		}
		audience, err := riskAudience(&tx.View, id)
		if err != nil {
			return err
		}
		tx.Reason(in.Reason)
		next, err := s.Risks.ReviewedIn(tx, id, in.Next)
		if err != nil {
			return err
		}
		r := &RiskReview{ID: ref.New("review"), Risk: id, At: tx.Now, Outcome: in.Outcome, Meeting: in.Meeting, Author: tx.Actor.ID, Next: next,
			RiskReviewBody: RiskReviewBody{Reason: in.Reason, Name: tx.Actor.Name}}
		if in.Outcome == Escalate {
			told := risk.Told{Risk: id, What: string(VerbReview), From: tx.Actor.ID}
			if err := tx.Later("tell:risk-owner", tx.Now, "", told); err != nil {
				return err
			}
		}
		return insertReview(tx, r, audience)
	})
}

func (in *Reviewing) check(tx *gate.Tx, id ref.ID, past []*RiskReview) error {
	var fs fault.Fields
	oneOf(&fs, "outcome", in.Outcome, Outcomes)
	in.Reason = must(&fs, "reason", in.Reason, "write why; a review without its reason says nothing later")
	in.Next = in.Next.UTC()
	if !in.Next.IsZero() && (!in.Next.After(tx.Now) || in.Next.Year() > 2100) {
		fs.Add("next", "%s is no day for the next review; give one that lies ahead, or none for the one that the rating asks for", in.Next.Format(time.DateOnly))
	}
	if in.Outcome == Rescored {
		var since time.Time
		if len(past) > 0 {
			since = past[len(past)-1].At
		}
		if ok, err := judgedSince(&tx.View, id, since); err != nil {
			return err
		} else if !ok {
			fs.Add("outcome", "nobody scored the risk since its last review; score it first, or say that it is still valid")
		}
	}
	if err := fs.Err(); err != nil || in.Meeting == "" {
		return err
	}
	m, err := getMeeting(&tx.View, in.Meeting)
	if err != nil {
		return fault.At("meeting", "there is no such meeting")
	}
	if m.State != Opened {
		return fault.New(fault.Conflict, "the meeting was closed on %s; record the review without it, or in the next one", day(m.Closed))
	}
	return nil
}

// ReviewsOf lists the reviews of a risk, the newest first, each with the score in
// force then and at the one before, in the reader's world.
func (s *Reviews) ReviewsOf(ctx context.Context, id ref.ID) (out []*RiskReview, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(risk.VerbRead, id); err != nil {
			return err
		}
		if out, err = reviewsOf(v, id); err != nil || len(out) == 0 {
			return err
		}
		f, err := courseOf(v, id, risk.WorldOf(v))
		if err != nil {
			return err
		}
		was := Mark{Score: -1}
		for _, r := range out {
			r.Was, r.Is = was, f.at(r.At)
			was = r.Is
		}
		slices.Reverse(out)
		return nil
	})
	return out, err
}

// Trends tells of each open risk that the reader sees where its score went since its
// last review.
func (s *Reviews) Trends(v *gate.View) (map[ref.ID]riskscore.Move, error) {
	if err := v.Allow(risk.VerbRead, ""); err != nil {
		return nil, err
	}
	fs, err := s.glance(v, s.own(v))
	out := map[ref.ID]riskscore.Move{}
	for _, f := range fs {
		out[f.ID] = f.trend()
	}
	return out, err
}
