package demo

import (
	"context"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// reject closes the risk: it is looked through and found to be none of this register.
func (v *venture) reject() {
	v.office(6)
	v.do(v.t.first("manager").Handle, "reject", func(ctx context.Context) error {
		return v.t.h.Risks.Move(ctx, v.risk, "risk.reject", risk.Step{Reason: v.Reject, Rejection: v.Reject})
	})
}

// observe opens an observation, and takes it as far as it comes.
func (s *story) observe(o sight) {
	s.office(0)
	var id ref.ID
	s.do(s.t.first("coordinator").Handle, "open an observation", func(ctx context.Context) (err error) {
		id, err = s.t.h.Observations.Open(ctx, observation.Opening{Title: o.Title, Condition: o.Condition, Criteria: o.Criteria, Cause: o.Cause, RootCause: o.Root,
			Consequence: o.Consequence, Likelihood: o.Likelihood, Impact: o.Impact, Owner: s.t.ids[o.Owner]})
		return err
	})
	s.follow(id, o.Until)
}

// course is how an observation reaches a stage: the moves in order.
var course = map[string][]access.Verb{
	"validated": {"observation.validate"}, "in-progress": {"observation.validate", "observation.start"}, "stalled": {"observation.validate", "observation.stall"},
	"blocked": {"observation.validate", "observation.block"}, "remediated": {"observation.validate", "observation.start", "observation.remediate"},
	"remediation-accepted": {"observation.validate", "observation.start", "observation.remediate", "observation.confirm"},
}

// follow takes an observation to its stage. Who confirms a remediation is neither its
// owner nor whoever said that it is done.
func (s *story) follow(id ref.ID, until string) {
	who := s.t.first("coordinator").Handle
	if until == "risk-accepted" {
		s.bear(id)
		return
	}
	for i, verb := range course[until] {
		s.office(float64(4 + 9*i))
		step := observation.Step{Reason: "As agreed with the owner."}
		if verb == "observation.remediate" {
			step.Proof = "The protocol of the rehearsal is in the tracker, with the times."
		}
		if verb == "observation.confirm" {
			who = s.t.first("manager").Handle
		}
		s.do(who, string(verb), func(ctx context.Context) error { return s.t.h.Observations.Move(ctx, id, verb, step) })
	}
}

// bear asks for the acceptance of an observation, and everybody whose word it wants
// gives it.
func (s *story) bear(id ref.ID) {
	host := s.t.first("coordinator").Handle
	s.office(4)
	s.do(host, "validate", func(ctx context.Context) error {
		return s.t.h.Observations.Move(ctx, id, "observation.validate", observation.Step{})
	})
	s.office(9)
	s.do(host, "ask", func(ctx context.Context) error {
		return s.t.h.Observations.Ask(ctx, id, observation.Asking{Reason: "The machine goes away in spring; a change now would cost more than it saves.", Controls: "Every sign-in is logged and read each week.", Months: 6})
	})
	for i, who := range []string{"marit", "jonas", s.t.first("manager").Handle} {
		s.office(float64(10 + i))
		s.do(who, "approve", func(ctx context.Context) error {
			err := s.t.h.Observations.Approve(ctx, id, 0, "The logs show that it is used as it should be.", false)
			if kind := fault.KindOf(err); err != nil && (kind == fault.Forbidden || kind == fault.Conflict) {
				return nil // theirs is not wanted
			}
			return err
		})
	}
	s.office(14)
	s.do(host, "accept", func(ctx context.Context) error {
		return s.t.h.Observations.Move(ctx, id, "observation.accept", observation.Step{Reason: "Accepted until the machine goes away."})
	})
}
