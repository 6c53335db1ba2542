package risk

import (
	"context"
	"slices"
	"strconv"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Blocking is why nothing moves, until when, and whom it was taken to.
type Blocking struct {
	Version int       `json:"version,omitempty"`
	Reason  string    `json:"reason"`
	Until   time.Time `json:"until"`        // the target date of unblocking
	To      string    `json:"to,omitempty"` // a person or a body
}

// Block says that something stops the work: by a move where the life cycle has one
// from here, else by the label alone. Blocked again, its reason and date change.
func (s *Risks) Block(ctx context.Context, id ref.ID, in Blocking) error {
	return s.change(ctx, VerbBlock, id, in.Version, func(tx *gate.Tx, r *Risk) error { return s.block(tx, r, in) })
}

func (s *Risks) block(tx *gate.Tx, r *Risk, in Blocking) error {
	var fs fault.Fields
	in.Reason = must(&fs, "reason", in.Reason, "say what stops the work")
	thread.SetLine(&fs, "to", &in.To, &in.To, MaxLine)
	thread.SetTime(&fs, "until", &in.Until, &in.Until)
	if !in.Until.After(tx.Now) {
		fs.Add("until", "give the day by which it shall be unblocked; it must lie in the future")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	if r.Closed {
		return fault.New(fault.Conflict, "the risk is closed; nothing stops it")
	}
	tx.Reason(in.Reason)
	if err := s.carry(tx, r, in.Reason); err != nil {
		return err
	}
	if !r.Has(s.labels().Blocked) {
		r.record(tx.Now, "paused", map[string]string{"reason": in.Reason})
	}
	r.set(s.labels().Blocked, in.Reason)
	r.Blocked = Blocked{Reason: in.Reason, Until: in.Until, To: in.To, By: tx.Actor.ID, At: tx.Now}
	r.record(tx.Now, "updated", nil)
	return s.tellBoth(tx, r, string(VerbBlock))
}

// carry takes the move that blocks, where there is one from here; where there is
// none the label must fit the stage.
func (s *Risks) carry(tx *gate.Tx, r *Risk, reason string) error {
	for _, mv := range s.machine().Allowed(r.Stage) {
		if mv.Verb == string(VerbBlock) {
			return s.take(tx, r, VerbBlock, Step{Reason: reason})
		}
	}
	l, ok := s.machine().Label(s.labels().Blocked)
	if ok && len(l.Stages) > 0 && !slices.Contains(l.Stages, r.Stage) {
		stage, _ := s.machine().Stage(r.Stage)
		return fault.New(fault.Conflict, "nothing is blocked in the stage %s; there is no work yet that could stop", stage.Title)
	}
	return nil
}

// Unblock says that the work goes on.
func (s *Risks) Unblock(ctx context.Context, id ref.ID, version int, note string) error {
	return s.change(ctx, VerbUnblock, id, version, func(tx *gate.Tx, r *Risk) error {
		note, err := thread4000("note", note)
		if err != nil {
			return err
		}
		if !r.Has(s.labels().Blocked) {
			return fault.New(fault.Conflict, "the risk is not blocked")
		}
		tx.Reason(note)
		for _, mv := range s.machine().Allowed(r.Stage) {
			if mv.Verb == string(VerbUnblock) {
				return s.take(tx, r, VerbUnblock, Step{Reason: note})
			}
		}
		r.clear(s.labels().Blocked)
		r.record(tx.Now, "updated", nil)
		return s.told(tx, r, VerbUnblock)
	})
}

// unhold ends the record of what blocked the risk once the label is gone, whoever
// took it.
func (r *Risk) unhold(blocked string, now time.Time) {
	if r.Blocked.Reason != "" && !r.Has(blocked) {
		r.Blocked = Blocked{}
		r.record(now, "resumed", nil)
	}
}

// SetParent names the risk of the register above that this one belongs to.
func (s *Risks) SetParent(ctx context.Context, id ref.ID, version int, parent string) error {
	return s.change(ctx, VerbEscalate, id, version, func(tx *gate.Tx, r *Risk) error {
		return r.under(parent)
	})
}

func (r *Risk) under(parent string) error {
	var fs fault.Fields
	thread.SetLine(&fs, "parent", &parent, &parent, MaxLine)
	if parent == string(r.ID) {
		fs.Add("parent", "a risk is not its own parent; name the risk of the register above")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	r.Parent = parent
	return nil
}

// SetTop gives the risk a place among the top risks; 0 takes it away. A place has
// one open risk.
func (s *Risks) SetTop(ctx context.Context, id ref.ID, version, top int) error {
	return s.change(ctx, VerbEscalate, id, version, func(tx *gate.Tx, r *Risk) error { return s.place(tx, r, top) })
}

func (s *Risks) place(tx *gate.Tx, r *Risk, top int) error {
	switch most := s.Profile.Register.Top; {
	case top < 0 || top > most:
		return fault.At("top", "the top list has places 1 to %d; 0 is none", most)
	case top > 0 && r.Closed:
		return fault.New(fault.Conflict, "the risk is closed; the top risks are open ones")
	case top > 0:
		taken, err := holding(&tx.View, r.ID, `"top":`+strconv.Itoa(top)+`}`)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return fault.At("top", "place %d is held by %s; give that one another place first", top, taken[0])
		}
	}
	r.Escalated.Top = top
	return nil
}

// ProposeParent proposes the risk for the register above.
func (s *Risks) ProposeParent(ctx context.Context, id ref.ID, reason string) error {
	return s.change(ctx, VerbEscalate, id, 0, func(tx *gate.Tx, r *Risk) error {
		var fs fault.Fields
		reason = must(&fs, "reason", reason, "say why the register above should have it")
		if err := fs.Err(); err != nil {
			return err
		}
		if r.Closed || r.Escalated.State == "proposed" {
			return fault.New(fault.Conflict, "the risk is closed, or proposed already")
		}
		tx.Reason(reason)
		r.escalate(tx, "proposed", reason)
		r.set(s.labels().Proposed, reason)
		return s.decide(tx, r, &Decision{Kind: DecideEscalate, State: StateAsked, DecisionBody: DecisionBody{Reason: reason}})
	})
}

// TakeParent records that the register above took the risk, as which one there, and
// at which place among the top risks.
func (s *Risks) TakeParent(ctx context.Context, id ref.ID, parent string, top int, note string) error {
	return s.change(ctx, VerbEscalate, id, 0, func(tx *gate.Tx, r *Risk) error {
		if err := r.under(parent); err != nil {
			return err
		}
		if r.Parent == "" {
			return fault.At("parent", "say which risk of the %s it belongs to", s.Profile.Register.Parent.Title)
		}
		if err := s.place(tx, r, top); err != nil {
			return err
		}
		return s.answer(tx, r, "taken", StateActive, note)
	})
}

// RefuseParent records that the register above did not take the risk.
func (s *Risks) RefuseParent(ctx context.Context, id ref.ID, reason string) error {
	return s.change(ctx, VerbEscalate, id, 0, func(tx *gate.Tx, r *Risk) error {
		var fs fault.Fields
		reason = must(&fs, "reason", reason, "say why it was not taken")
		if err := fs.Err(); err != nil {
			return err
		}
		return s.answer(tx, r, "refused", StateRefused, reason)
	})
}

// answer records what became of a proposal.
func (s *Risks) answer(tx *gate.Tx, r *Risk, state, decided, note string) error {
	note, err := thread4000("note", note)
	if err != nil {
		return err
	}
	if r.Escalated.State != "proposed" {
		return fault.New(fault.Conflict, "the risk is not proposed for the register above")
	}
	tx.Reason(note)
	r.escalate(tx, state, note)
	r.clear(s.labels().Proposed)
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if d.Kind == DecideEscalate && d.State == StateAsked {
			d.State = decided
			if err := updateDecision(tx, d, StateAsked); err != nil {
				return err
			}
		}
	}
	return s.tellBoth(tx, r, string(VerbEscalate))
}

func (r *Risk) escalate(tx *gate.Tx, state, reason string) {
	r.Escalated = Escalated{State: state, Reason: reason, By: tx.Actor.ID, At: tx.Now, Top: r.Escalated.Top}
	r.record(tx.Now, "updated", nil)
}
