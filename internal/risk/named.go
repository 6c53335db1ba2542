package risk

import (
	"context"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// MaxNamed is how many risks are read by their IDs at once.
const MaxNamed = 200

// Named reads risks by their IDs, with their events; one that does not exist and
// one that the reader may not see are both left out.
func (s *Risks) Named(ctx context.Context, ids ...ref.ID) (out []*Risk, err error) {
	ids = ids[:min(len(ids), MaxNamed)]
	if len(ids) == 0 {
		return nil, nil
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		out, err = whole(v, ids)
		return err
	})
	return out, err
}
