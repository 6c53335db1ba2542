package observation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// VerbReopen is the move that takes a closed observation up again: by people, and by
// the house where an acceptance has ended.
const VerbReopen access.Verb = "observation.reopen"

// accepted reports whether the observation stands where an acceptance leads.
func (s *Observations) accepted(o *Observation) bool {
	for _, mv := range s.machine().Moves {
		if mv.Verb == string(VerbAccept) && mv.To == o.Stage {
			return true
		}
	}
	return false
}

// ends is when an acceptance ends, with why: on its last day, on the day by which it was
// to be reviewed, or at once when what was accepted has changed. One that names no day
// lasts as long as any may.
func (o *Observation) ends(months int) (time.Time, string) {
	at, why := riskscore.Months(o.Touched, months), "it named no end, and lasted as long as an acceptance may"
	if a := o.Acceptance; a != nil {
		at, why = a.Until, "it was for no longer"
		if a.Stale {
			return o.Touched, "what was accepted has changed since"
		}
	}
	if !o.Review.IsZero() && o.Review.Before(at) {
		at, why = o.Review, "nobody reviewed it by then"
	}
	return at, why
}

// lapseBatch is how many observations are read at once.
const lapseBatch = 500

// Lapse takes up again what was accepted for a time that has passed: it needs a
// decision, and its owner and the team are told. It returns how many there were.
func (s *Observations) Lapse(ctx context.Context) (n int, err error) {
	for after := ref.ID(""); ; {
		var os []*Observation
		if bad := s.Gate.View(ctx, func(v *gate.View) (err error) {
			if err = v.Allow(VerbReopen, ""); err == nil {
				os, err = closed(v, after, lapseBatch)
			}
			return err
		}); bad != nil {
			return n, errors.Join(err, bad)
		}
		for _, o := range os {
			after = o.ID
			did, bad := s.lapse(ctx, o)
			if bad != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", o.ID, bad)) // one holds up no other
			} else if did {
				n++
			}
		}
		if len(os) < lapseBatch {
			return n, err
		}
	}
}

func (s *Observations) lapse(ctx context.Context, o *Observation) (did bool, err error) {
	over := func(o *Observation, now time.Time) (string, bool) {
		at, why := o.ends(s.Profile.Register.Acceptance.MaxMonths)
		return fmt.Sprintf("the acceptance ended on %s: %s", at.Format(time.DateOnly), why), s.accepted(o) && !at.After(now)
	}
	err = s.Gate.Act(ctx, VerbReopen, o.ID, func(tx *gate.Tx) error {
		if _, did = over(o, tx.Now); !did {
			return nil
		}
		return s.changeIn(tx, o.ID, 0, func(tx *gate.Tx, o *Observation) error {
			reason, still := over(o, tx.Now)
			if did = still; !still {
				return nil
			}
			tx.Reason(reason)
			if err := s.take(tx, o, VerbReopen, reason); err != nil {
				return err
			}
			return s.tell(tx, o, "team", VerbReopen)
		})
	})
	return did, err
}
