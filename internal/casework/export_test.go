package casework

import (
	"context"

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
