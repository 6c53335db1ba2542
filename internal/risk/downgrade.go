package risk

import (
	"context"
	"slices"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// lower reports whether a rating is below another.
func (s *Risks) lower(a, b string) bool {
	words := s.Profile.RatingWords()
	return a != "" && b != "" && slices.Index(words, a) < slices.Index(words, b)
}

// settle puts an evaluation in force, or where it lowers the rating keeps it until
// another person has reviewed what shows it: handbook 1.8. The first score of a kind
// lowers nothing while the risk is being identified; afterwards a first residual
// score is measured by the inherent one.
func (s *Risks) settle(tx *gate.Tx, r *Risk, e *Evaluation, scales Scales, proof []string) error {
	judged, err := judgements(&tx.View, r.ID)
	if err != nil {
		return err
	}
	was := s.measure(r, judged, e.Kind)
	if err := s.overtake(tx, r, e.Kind); err != nil {
		return err
	}
	if was == nil || e.Kind == KindTarget {
		return s.record(tx, r, e, scales)
	}
	falls := s.lower(e.Rating, was.Rating)
	if !falls && (e.Kind == KindResidual || judged[KindResidual] == nil) {
		if falls, err = s.fallsTo(tx, r, e, scales); err != nil {
			return err
		}
	}
	if !falls {
		return s.record(tx, r, e, scales)
	}
	return s.askDowngrade(tx, r, e, proof)
}

// measure is the evaluation that a new one of the kind is compared with; nil is none.
func (s *Risks) measure(r *Risk, judged base, kind string) *Evaluation {
	if was := judged[kind]; was != nil || kind != KindResidual || r.Stage == s.machine().Start() {
		return was
	}
	return judged[KindInherent]
}

// fallsTo reports whether the rating in force, which evidence has moved, would fall
// with an evaluation as its foundation.
func (s *Risks) fallsTo(tx *gate.Tx, r *Risk, e *Evaluation, scales Scales) (bool, error) {
	open, err := openStanding(&tx.View, r.ID)
	if err != nil {
		return false, err
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return false, err
	}
	var items map[string][]Item
	if err := tx.AsHouse(func(v *gate.View) (err error) {
		items, err = itemsOf(v, r)
		return err
	}); err != nil {
		return false, err
	}
	then, err := s.adjust(r, e, items[WorldOpen], scales, appetite, tx.Now, false)
	if err != nil {
		return false, err
	}
	return s.lower(then.Rating, open.Rating), nil
}

// overtake ends the downgrades that wait, since a newer word on the score is here.
func (s *Risks) overtake(tx *gate.Tx, r *Risk, kind string) error {
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if d.Kind == DecideDowngrade && d.State == StateAsked && d.Pending != nil && d.Pending.Kind == kind {
			d.State = StateEnded
			if err := updateDecision(tx, d, StateAsked); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Risks) askDowngrade(tx *gate.Tx, r *Risk, e *Evaluation, proof []string) error {
	var fs fault.Fields
	var shown []string
	for _, p := range proof {
		if p = thread.Cleaned(&fs, "proof", p, MaxNote); p != "" {
			shown = append(shown, p)
		}
	}
	fs.Want("reason", e.Reason, "the rating falls; say why")
	if len(shown) == 0 || len(shown) > 50 {
		fs.Add("proof", "the rating falls; name what shows it, 50 things at most (of a control: how it is known to work), for another person to review")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	d := &Decision{Kind: DecideDowngrade, State: StateAsked, DecisionBody: DecisionBody{Reason: e.Reason, Residual: e.Score, Rating: e.Rating, Pending: e, Proof: shown}}
	if err := s.decide(tx, r, d); err != nil {
		return err
	}
	return s.tellBoth(tx, r, "decision:"+DecideDowngrade)
}

// ApproveDowngrade puts a lower rating in force, after another person reviewed what
// shows it.
func (s *Risks) ApproveDowngrade(ctx context.Context, id, of ref.ID, note string) error {
	return s.review(ctx, id, of, "note", note, false, func(tx *gate.Tx, r *Risk, d *Decision, a Approval) error {
		if d.Drops != "" {
			return s.takeDrop(tx, r, d, a)
		}
		return s.apply(tx, r, func(tx *gate.Tx, r *Risk) error {
			if d.Ends {
				return s.takeEnd(tx, r, d, a)
			}
			return s.takeLower(tx, r, d, a)
		})
	})
}

// review finds a downgrade that waits, and lets fn answer it with the actor's word.
func (s *Risks) review(ctx context.Context, id, of ref.ID, field, note string, wanted bool, fn func(*gate.Tx, *Risk, *Decision, Approval) error) error {
	return s.Gate.Act(ctx, VerbValidate, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		d, a, err := s.reviewed(tx, r, of, field, note, wanted)
		if err != nil {
			return err
		}
		return fn(tx, r, d, a)
	})
}

// takeLower puts the evaluation that waited in force.
func (s *Risks) takeLower(tx *gate.Tx, r *Risk, d *Decision, a Approval) error {
	d.State, d.Approvals = StateActive, append(d.Approvals, a)
	if err := updateDecision(tx, d, StateAsked); err != nil {
		return err
	}
	e := d.Pending
	e.At, e.Approver = tx.Now, tx.Actor.ID
	scales, err := s.scales(&tx.View, e.Scale)
	if err != nil {
		return err
	}
	r.consider(e)
	tx.Reason(e.Reason)
	return s.record(tx, r, e, scales)
}

// RefuseDowngrade leaves the rating as it is, and says what the review found.
func (s *Risks) RefuseDowngrade(ctx context.Context, id, of ref.ID, reason string) error {
	return s.review(ctx, id, of, "reason", reason, true, func(tx *gate.Tx, r *Risk, d *Decision, a Approval) error {
		tx.Reason(a.Note)
		a.No, d.State = true, StateRefused
		d.Approvals = append(d.Approvals, a)
		if d.Drops != "" {
			return updateDecision(tx, d, StateAsked)
		}
		return s.apply(tx, r, func(tx *gate.Tx, _ *Risk) error { return updateDecision(tx, d, StateAsked) })
	})
}

// reviewed finds a downgrade that waits, and the actor's word on it.
func (s *Risks) reviewed(tx *gate.Tx, r *Risk, of ref.ID, field, note string, wanted bool) (d *Decision, a Approval, err error) {
	var fs fault.Fields
	if note = thread.Cleaned(&fs, field, note, MaxNote); wanted && note == "" {
		fs.Add(field, "say what the review found, for those who bring the evidence again")
	}
	if err = fs.Err(); err != nil {
		return nil, a, err
	}
	if d, err = decision(&tx.View, r, of, DecideDowngrade); err != nil {
		return nil, a, err
	}
	if d.State != StateAsked {
		return nil, a, fault.New(fault.Conflict, "this downgrade is %s; only one that is asked for is reviewed", d.State)
	}
	if err = d.another(tx.Actor, r.Owner); err != nil {
		return nil, a, err
	}
	a, err = approval(&tx.View, "", d.Hash, note)
	return d, a, err
}

// consider marks the controls that the residual score in force counts with.
func (r *Risk) consider(e *Evaluation) {
	if e.Kind != KindResidual {
		return
	}
	r.Controls = slices.Clone(r.Controls)
	for i := range r.Controls {
		r.Controls[i].Considered = slices.Contains(e.Judgement.Controls, r.Controls[i].ID)
	}
}
