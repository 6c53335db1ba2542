package party

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Sitting is one session of a person, as they see it in a list.
type Sitting struct {
	ID    string // names it to End; opens nothing
	Agent string // the browser, as it calls itself
	Made  time.Time
	Seen  time.Time
	Until time.Time
	Here  bool // the one that asks
}

// Sittings lists the actor's own sessions, newest first. here is the secret of the
// one that asks.
func (s *Parties) Sittings(ctx context.Context, here Secret) (out []Sitting, err error) {
	a, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Gate.View(system(ctx), func(v *gate.View) error {
		out, err = sittings(v, a.ID, seal.Token(string(here)))
		return err
	})
	return out, err
}

// End ends one of the actor's own sessions.
func (s *Parties) End(ctx context.Context, id string) error {
	return s.self(ctx, func(tx *gate.Tx, who ref.ID) error {
		all, err := sittings(&tx.View, who, "")
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.ID == id {
				return endOne(tx, who, id)
			}
		}
		return fault.New(fault.NotFound, "this session has ended already")
	})
}

// ForgetSessions removes sessions that have ended by themselves, at most n; it
// reports how many it removed. It runs inside an act of the house.
func ForgetSessions(tx *gate.Tx, n int) (int, error) {
	gone, err := forgetSessions(tx, n)
	return int(gone), err
}

// ForgetAttempts removes failed sign-ins that no longer count, at most n; it reports
// how many it removed. It runs inside an act of the house.
func ForgetAttempts(tx *gate.Tx, n int) (int, error) {
	gone, err := forgetAttempts(tx, n)
	return int(gone), err
}
