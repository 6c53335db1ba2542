package risk

import (
	"context"
	"slices"

	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
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

// Recurring is what keeps coming back, with the risks that stand for its groups and
// their events, all read at one moment.
func (s *Risks) Recurring(ctx context.Context, r *recurrence.Recurrence, ask recurrence.Ask) (b *recurrence.Board, by map[ref.ID]*Risk, err error) {
	by = map[ref.ID]*Risk{}
	with := *r
	with.Covered = func(v *gate.View, keys []recurrence.Key) (map[recurrence.Key]ref.ID, error) {
		out := map[recurrence.Key]ref.ID{}
		for part := range slices.Chunk(keys, MaxNamed) {
			if err := stand(v, part, out, by); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		b, err = with.BoardIn(v, ask)
		return err
	})
	return b, by, err
}

// stand finds the open risks that cover the groups.
func stand(v *gate.View, keys []recurrence.Key, of map[recurrence.Key]ref.ID, by map[ref.ID]*Risk) error {
	var texts []string
	for _, k := range keys {
		texts = append(texts, groupText(k))
	}
	found, err := standIns(v, texts)
	for _, x := range found {
		k, err := readGroup(x.key)
		if err != nil {
			return err
		}
		of[k], by[x.ID] = x.ID, x.Risk
	}
	return err
}
