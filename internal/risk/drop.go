package risk

import (
	"slices"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// hidden reports whether a piece of evidence is for named people alone.
func (it Item) hidden(r *Risk) bool { return it.guard != r.ID && it.audience != access.Staff }

// dropping is the decision that taking a piece of evidence back has to wait for; nil is
// none, since no rating falls. Of what named people alone may open it always waits, and
// they alone are asked: whether a rating falls with it hangs on what else is hidden, and
// is nobody's to find out here.
func (s *Risks) dropping(tx *gate.Tx, r *Risk, it Item, reason string) (*Decision, error) {
	d := &Decision{Kind: DecideDowngrade, State: StateAsked, guard: r.ID, audience: r.Audience,
		DecisionBody: DecisionBody{Reason: reason, Residual: -1, Drops: it.ID, Proof: []string{reason}}}
	if it.hidden(r) {
		d.guard, d.audience = it.guard, it.audience
		return d, nil
	}
	before, after, err := s.without(tx, r, it)
	if err != nil || after == nil || !s.lower(after.Rating, before.Rating) {
		return nil, err
	}
	d.Residual, d.Rating = after.Score, after.Rating
	return d, nil
}

// without is where the risk stands by the evidence that all staff may open, and where
// it would stand if one piece of it did not count; nil is a risk without a score. A
// rating that is held counts as what it would be.
func (s *Risks) without(tx *gate.Tx, r *Risk, it Item) (before, after *Evaluation, err error) {
	judged, err := judgements(&tx.View, r.ID)
	if err != nil || judged.foundation() == nil {
		return nil, nil, err
	}
	found := judged.foundation()
	scales, err := s.scales(&tx.View, found.Scale)
	if err != nil {
		return nil, nil, err
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return nil, nil, err
	}
	var items []Item
	if err := tx.AsHouse(func(v *gate.View) error {
		all, err := itemsOf(v, r)
		items = all[WorldOpen]
		return err
	}); err != nil {
		return nil, nil, err
	}
	if before, err = s.adjust(r, found, items, scales, appetite, tx.Now, false); err != nil {
		return nil, nil, err
	}
	rest := slices.DeleteFunc(slices.Clone(items), func(o Item) bool { return o.ID == it.ID })
	after, err = s.adjust(r, found, rest, scales, appetite, tx.Now, false)
	return before, after, err
}

// askDrop asks another person to look at why a piece of evidence is not to count.
func (s *Risks) askDrop(tx *gate.Tx, r *Risk, d *Decision) error {
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, o := range ds {
		if o.State == StateAsked && o.Drops == d.Drops {
			return fault.New(fault.Conflict, "that this piece of evidence is not to count waits for another person already")
		}
	}
	if err := s.decide(tx, r, d); err != nil {
		return err
	}
	return s.tellDecision(tx, r, d)
}

// tellDecision is tellBoth of a decision that all who see the risk may see; of another
// it leaves no word.
func (s *Risks) tellDecision(tx *gate.Tx, r *Risk, d *Decision) error {
	if d.guard != "" && d.guard != r.ID {
		return nil
	}
	return s.tellBoth(tx, r, "decision:"+d.Kind)
}

// takeDrop takes back what another person agreed is not to count. It changes nothing of
// the risk itself but what the evidence that all see says.
func (s *Risks) takeDrop(tx *gate.Tx, r *Risk, d *Decision, a Approval) error {
	it, err := itemSeen(&tx.View, r.ID, d.Drops)
	if err != nil {
		return err
	}
	d.State, d.Approvals = StateActive, append(d.Approvals, a)
	if err := updateDecision(tx, d, StateAsked); err != nil {
		return err
	}
	tx.Reason(d.Reason)
	return s.drop(tx, r, it, d.Reason)
}
