package risk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// movable is a move, and whether it leaves the stage that was asked about.
type movable struct {
	lifecycle.Move
	ok bool
}

// What a review of an acceptance comes to.
const (
	Holds   = "holds"     // the approvals are asked for again, on the state as it is
	Changes = "changed"   // it does not stand: it is to be asked for anew
	Treat   = "remediate" // the risk is treated instead
)

// Look is a review of an acceptance: the profile's questions, each answered.
type Look struct {
	Decision ref.ID            `json:"decision"`
	Answers  map[string]string `json:"answers"`
	Outcome  string            `json:"outcome"` // holds, changed, remediate
	Note     string            `json:"note,omitempty"`
}

// ReviewAcceptance records a review. One that holds asks for the approvals again;
// until they are there, an acceptance in force stays so for as long as its review
// date allows.
func (s *Risks) ReviewAcceptance(ctx context.Context, id ref.ID, in Look) error {
	return s.change(ctx, VerbReview, id, 0, func(tx *gate.Tx, r *Risk) error {
		if err := (access.Second{Gives: "the review of an acceptance"}).Refuse(tx.Actor); err != nil {
			return err
		}
		if err := in.check(s); err != nil {
			return err
		}
		d, err := decision(&tx.View, r, in.Decision, DecideAccept)
		if err != nil {
			return err
		}
		if !slices.Contains([]string{StateActive, StateStale, StateDue}, d.State) {
			return fault.New(fault.Conflict, "this acceptance is %s; one that is in force, stale or due is reviewed", d.State)
		}
		d.Reviews = append(d.Reviews, DecisionReview{At: tx.Now, By: tx.Actor.ID, Name: tx.Actor.Name, Answers: in.Answers, Outcome: in.Outcome,
			Note: in.Note, Approvals: d.Approvals})
		d.Approvals, d.Asker = nil, tx.Actor.ID
		switch in.Outcome {
		case Treat:
			return s.end(tx, r, d, StateEnded)
		case Changes:
			return s.end(tx, r, d, StateStale)
		}
		return s.renew(tx, r, d)
	})
}

func (in *Look) check(s *Risks) error {
	var fs fault.Fields
	asked := map[string]string{}
	for _, q := range s.Profile.Register.Acceptance.Questions {
		asked[q.Name] = must(&fs, "answers."+q.Name, in.Answers[q.Name], "answer the question: "+q.Title)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Answers)) {
		if _, ok := asked[name]; !ok {
			fs.Add("answers."+name, "the review has no question %q", name)
		}
	}
	in.Answers = asked
	if outcomes := []string{Holds, Changes, Treat}; !slices.Contains(outcomes, in.Outcome) {
		fs.Add("outcome", "say what the review comes to, one of: %s", strings.Join(outcomes, ", "))
	}
	in.Note = thread.Cleaned(&fs, "note", in.Note, MaxNote)
	return fs.Err()
}

// renew asks for the approvals again, on the state as it is.
func (s *Risks) renew(tx *gate.Tx, r *Risk, d *Decision) error {
	open, err := openStanding(&tx.View, r.ID)
	if err != nil {
		return err
	}
	if !open.Scored() || open.Held {
		return fault.New(fault.Conflict, "the risk has no rating in force, and what is not rated is not accepted; score it first")
	}
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, o := range ds {
		if o.ID != d.ID && o.Kind == DecideAccept && o.Quarter == d.Quarter && o.open() {
			return fault.New(fault.Conflict, "there is a newer acceptance already that is %s; end this one", o.State)
		}
	}
	if err := d.weigh(&s.Profile.Register.Acceptance, open); err != nil {
		return err
	}
	was := d.State
	d.bind(s.Profile, r, open)
	d.Changed = nil
	if d.Renewing = was == StateActive; !d.Renewing {
		d.State = StateAsked
	}
	r.record(tx.Now, "updated", nil)
	if err := updateDecision(tx, d, was); err != nil {
		return err
	}
	return s.tellBoth(tx, r, "decision:"+DecideAccept)
}

// lapseBatch is how many risks one round looks at.
const lapseBatch = 1000

// Lapse ends what nobody decided on in time: an acceptance whose review or end has
// passed needs a decision. It returns how many there were.
func (s *Risks) Lapse(ctx context.Context) (n int, err error) {
	var ids []ref.ID
	if err := s.Gate.View(ctx, func(v *gate.View) (err error) {
		if err = v.Allow(VerbReview, ""); err == nil {
			ids, err = lapsing(v, lapseBatch)
		}
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if bad := s.lapse(ctx, id); bad != nil {
			err = errors.Join(err, bad) // one that cannot be brought up holds up no other
			continue
		}
		n++
	}
	return n, err
}

// lapse leaves alone when somebody last touched the risk: the house did not.
func (s *Risks) lapse(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, VerbReview, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		old := gate.Fields(*r)
		ds, err := decisionsOf(&tx.View, id)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if d.Kind != DecideAccept || d.State != StateActive || d.Review.IsZero() || d.Review.After(tx.Now) {
				continue
			}
			d.State, d.Renewing = StateDue, false
			if d.Quarter == "" {
				r.clear(s.labels().Accepted)
				r.Review = tx.Now
			}
			if err := updateDecision(tx, d, StateActive); err != nil {
				return err
			}
		}
		r.tick(s.Profile, tx.Now)
		if err := update(tx, r, gate.Diff(old, gate.Fields(*r), "standing", "version")); err != nil {
			return err
		}
		return s.tellBoth(tx, r, "decision:lapsed")
	})
}
