package risk

import (
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Tracked records that a risk has an indicator, inside the act that set it up.
func (s *Risks) Tracked(tx *gate.Tx, id ref.ID) error {
	r, err := get(&tx.View, id)
	if err != nil || r.since("tracked") {
		return err
	}
	return s.apply(tx, r, func(tx *gate.Tx, r *Risk) error {
		r.record(tx.Now, "tracked", nil)
		return nil
	})
}

// Alarm makes the review of an open risk due at once, since one of its indicators has
// turned red or stale, inside the act that noticed it; told is what the trail says of
// it. Nobody touched the risk.
func (s *Risks) Alarm(tx *gate.Tx, id ref.ID, told gate.Change) error {
	r, err := get(&tx.View, id)
	if err != nil || r.Closed {
		return err
	}
	if r.Review.IsZero() || r.Review.After(tx.Now) {
		was := r.Review
		r.Review = tx.Now
		return update(tx, r, []gate.Change{{Field: "review", Old: was, New: tx.Now, Staff: told.Staff}, told})
	}
	return nil
}
