package risk

import (
	"context"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Page returns a risk with the planned course of its score, read at one moment.
func (s *Risks) Page(ctx context.Context, id ref.ID) (f *Full, c *Course, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		if f, err = s.full(v, id); err != nil {
			return err
		}
		c, err = s.planned(v, f)
		return err
	})
	return f, c, err
}
