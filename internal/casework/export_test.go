package casework

import (
	"context"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Happen records an event on a case, as the moves do that lead there.
func (s *Cases) Happen(ctx context.Context, id ref.ID, event string) error {
	return s.change(ctx, VerbEdit, id, 0, func(tx *gate.Tx, c *Case) error {
		c.record(tx.Now, event, nil)
		return nil
	})
}

// Again opens a case under a name that another has.
func (s *Cases) Again(ctx context.Context, taken ref.ID, title string) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbOpen, "", func(tx *gate.Tx) error {
		c := Start(s.Profile, title, tx.Now)
		c.ID, c.Audience, c.doc = taken, access.Staff, gate.Doc(tx.Now)
		err := insert(tx, c, gate.Change{Field: "opened", New: c.Title})
		id = c.ID
		return err
	})
	return id, err
}
