package effect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Night is something that the house does once a night. It may run twice.
type Night struct {
	Name string
	Do   func(context.Context) error
}

// tellRiskOwner tells whoever is named in the job, such as an observation's owner, else
// the risk's two owners, or those of them who are of the staff.
func (e *Effects) tellRiskOwner(ctx context.Context, id ref.ID, t told) error {
	var who []somebody
	err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		if t.Who != "" {
			who, err = person(v, t.Who)
		} else {
			who, err = riskOwners(v, t.Risk, t.Staff)
		}
		return err
	})
	return errors.Join(err, e.each(ctx, id, unique(who), t))
}

// recompute brings one risk's standing up to the moment, or that of every risk.
func (e *Effects) recompute(ctx context.Context, _ ref.ID, t told) error {
	if t.Risk != "" {
		return e.Risks.RecomputeOne(ctx, t.Risk)
	}
	_, err := e.Risks.Recompute(ctx)
	return err
}

// gather makes the cases of the groups that a risk covers its evidence.
func (e *Effects) gather(ctx context.Context, _ ref.ID, t told) error {
	err := e.Risks.Gather(ctx, t.Risk)
	if errors.Is(err, fault.NotFound) {
		return nil // the risk is gone
	}
	return err
}

// nightly does what the house does once a night. What one part cannot do holds up
// no other.
func (e *Effects) nightly(ctx context.Context, _ ref.ID, _ struct{}) error {
	var all error
	for _, n := range e.Nightly {
		if err := n.Do(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", n.Name, err))
		}
	}
	return all
}

// tonight is the next moment at which the register is gone through: the profile's
// time of day, UTC.
func (e *Effects) tonight(now time.Time) time.Time {
	at, err := time.Parse("15:04", e.Profile.Register.Cadence.Recompute)
	if err != nil {
		return night(now)
	}
	y, m, d := now.UTC().Date()
	t := time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, time.UTC)
	if !t.After(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t
}
