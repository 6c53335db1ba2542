package recurrence

import (
	"context"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/gate"
)

// settled is how long ago a day must have ended to be summed: no act that is still
// under way, and no replica whose clock is a little behind, adds to it as to a new
// one.
const settled = 24 * time.Hour

// verbSum is in no profile: the house alone does it.
const verbSum = "recurrence.sum"

// Fold brings the sums up to the newest day that is settled, and makes them anew
// where the rules have changed. It does nothing where nothing is to do, and may be
// called often.
func (r *Recurrence) Fold(ctx context.Context) error {
	var have *base
	due := false
	if err := r.Gate.View(ctx, func(v *gate.View) (err error) {
		have, err = baseOf(v, toRead)
		due = r.due(have, v.Now)
		return err
	}); err != nil || !due {
		return err
	}
	return r.Gate.Act(ctx, verbSum, "", func(tx *gate.Tx) error {
		have, err := baseOf(&tx.View, toMove)
		if err != nil || !r.due(have, tx.Now) {
			return err
		}
		now := r.target(tx.Now)
		if have != nil && have.rules.text() == now.rules.text() && near(have.window, now.window) {
			err = moveSums(tx, now.rules, have.window, now.window)
		} else {
			err = makeSums(tx, now)
		}
		if err != nil {
			return err
		}
		return insertBase(tx, now)
	})
}

// target is what the sums are to be of at a moment.
func (r *Recurrence) target(now time.Time) base {
	return base{WindowTo(clock.Midnight(now.Add(-settled)).AddDate(0, 0, -1), r.Rules.Months), r.Rules}
}

func (r *Recurrence) due(have *base, now time.Time) bool {
	return have == nil || have.rules.text() != r.Rules.text() || have.window.to.Before(r.target(now).window.to)
}

// reach is how many days the sums may be moved, or corrected for a reader: beyond
// that, to count anew is as fast.
const reach = 7

// near reports whether a window is that of some sums, or a few days later.
func near(from, to Window) bool {
	return from.Months == to.Months && !to.to.Before(from.to) && !to.to.After(from.to.AddDate(0, 0, reach))
}
