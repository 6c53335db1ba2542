package risk

import (
	"context"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// EndOverride takes an override back: the computed score is in force again. Where the
// rating falls with it, the override stays in force until another person has looked at
// the reason.
func (s *Risks) EndOverride(ctx context.Context, id ref.ID, reason string) error {
	return s.change(ctx, VerbOverride, id, 0, func(tx *gate.Tx, r *Risk) error {
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		if r.Override.By == "" {
			return fault.New(fault.Conflict, "there is no override of this score; the computed one is in force")
		}
		tx.Reason(reason)
		wait, err := s.fallsBack(tx, r)
		if err != nil {
			return err
		}
		if wait == nil {
			return s.endOverride(tx, r)
		}
		if reason == "" {
			return fault.At("reason", "the rating falls with the override; say why it is not needed any more, for another person to review")
		}
		wait.Reason, wait.Proof = reason, []string{reason}
		return s.askEnd(tx, r, wait)
	})
}

// endOverride puts the computed score in force again.
func (s *Risks) endOverride(tx *gate.Tx, r *Risk) error {
	r.Override = Override{}
	if err := s.overtakeEnd(tx, r); err != nil {
		return err
	}
	return s.restand(tx, r)
}

// fallsBack is the decision that the end of the override has to wait for; nil is none,
// since no rating that all staff see falls. Hidden evidence only ever raises what is
// computed, so that a rating that falls where it counts falls in the open world too.
func (s *Risks) fallsBack(tx *gate.Tx, r *Risk) (*Decision, error) {
	if !r.Override.Active() {
		return nil, nil
	}
	plain := *r
	plain.Override = Override{}
	then, _, err := s.without(tx, &plain, Item{})
	if err != nil || then == nil {
		return nil, err
	}
	now, _, err := s.without(tx, r, Item{})
	if err != nil || !s.lower(then.Rating, now.Rating) {
		return nil, err
	}
	return &Decision{Kind: DecideDowngrade, State: StateAsked, DecisionBody: DecisionBody{Residual: then.Score, Rating: then.Rating, Ends: true}}, nil
}

// askEnd asks another person to look at why the override is to end.
func (s *Risks) askEnd(tx *gate.Tx, r *Risk, d *Decision) error {
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, o := range ds {
		if o.State == StateAsked && o.Ends {
			return fault.New(fault.Conflict, "that this override is to end waits for another person already")
		}
	}
	if err := s.decide(tx, r, d); err != nil {
		return err
	}
	return s.tellBoth(tx, r, "decision:"+d.Kind)
}

// overtakeEnd ends what asks for the end of an override that is not there any more.
func (s *Risks) overtakeEnd(tx *gate.Tx, r *Risk) error {
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if !d.Ends || d.State != StateAsked {
			continue
		}
		d.State = StateEnded
		if err := updateDecision(tx, d, StateAsked); err != nil {
			return err
		}
	}
	return nil
}

// takeEnd ends the override that another person agreed is not needed any more.
func (s *Risks) takeEnd(tx *gate.Tx, r *Risk, d *Decision, a Approval) error {
	if !r.Override.Active() {
		return fault.New(fault.Conflict, "the override that was to end is not in force any more")
	}
	d.State, d.Approvals = StateActive, append(d.Approvals, a)
	if err := updateDecision(tx, d, StateAsked); err != nil {
		return err
	}
	tx.Reason(d.Reason)
	r.Override = Override{}
	return s.restand(tx, r)
}

// mayReplace refuses to put a new request in the place of an override that holds the
// rating up: until the new one is approved nothing would.
func (s *Risks) mayReplace(tx *gate.Tx, r *Risk) error {
	wait, err := s.fallsBack(tx, r)
	if err == nil && wait != nil {
		return fault.New(fault.Conflict, "an override is in force, and without it the rating falls; take it back first, which another person reviews, and then ask for another")
	}
	return err
}
