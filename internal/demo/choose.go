package demo

import (
	"context"
	"strconv"

	"tocsin/internal/ref"
	"tocsin/internal/review"
)

// reasons are why the leaders choose what they choose, for three departments.
var reasons = []string{
	"It ranks highest here, and the half of it that is done pays only with the other half.",
	"Two customers asked about it this quarter.",
	"It is the oldest that we have, and the team that knows it stays until spring.",
}

// sentBack is why one of the choices did not stand.
const sentBack = "Say what it costs, and what we leave for it."

// choose has departments commit to a risk for the year to come: one choice is
// approved, one is sent back, one waits.
func (s *story) choose() {
	leader, owner := s.t.first("leader").Handle, s.t.first("risk-owner").Handle
	s.office(0)
	var all []review.Department
	period := strconv.Itoa(s.at.Year() + 1)
	s.do(leader, "look at what can be chosen", func(ctx context.Context) (err error) {
		all, err = s.t.h.Reviews.Strategy(ctx, period)
		return err
	})
	n := 0
	for _, d := range all {
		if d.Name == "" || len(d.Candidates) == 0 || n == len(reasons) {
			continue
		}
		var id ref.ID
		s.office(float64(n))
		s.do(owner, "choose a risk", func(ctx context.Context) (err error) {
			id, err = s.t.h.Reviews.Choose(ctx, review.Choice{Department: d.Name, Period: period, Risk: d.Candidates[0].Risk, Reason: reasons[n]})
			return err
		})
		if n < 2 {
			s.office(float64(n) + 1)
			s.do(leader, "answer a choice", func(ctx context.Context) error {
				return s.t.h.Reviews.Answer(ctx, id, [...]review.Answer{{}, {No: true, Note: sentBack}}[n])
			})
		}
		n++
	}
}
