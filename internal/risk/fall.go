package risk

import (
	"slices"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/gate"
)

// Fall is a rating that fell by itself, since evidence weakened: nobody asked for it,
// and nobody approved it, so that the next review must look at it.
type Fall struct {
	At   time.Time `json:"at"`
	From string    `json:"from"`
	To   string    `json:"to"`
}

// fell is the event of such a fall.
const fell = "fell"

// FallOf is the newest fall that the events tell of.
func FallOf(events []clock.Event) (f Fall, ok bool) {
	for _, e := range slices.Backward(events) {
		if e.Name == fell {
			return Fall{e.At, e.Data["from"], e.Data["to"]}, true
		}
	}
	return f, false
}

// Fallen is the fall that no review has looked at yet: the review that it made due
// still is.
func (r *Risk) Fallen(now time.Time) (Fall, bool) {
	f, ok := FallOf(r.events)
	return f, ok && !r.Closed && !r.Review.IsZero() && !r.Review.After(now)
}

// firmRating is the last rating that the risk had in the open world. One that is held
// is none.
func (r *Risk) firmRating() (last string) {
	for _, e := range r.events {
		if w := e.Data["severity"]; e.Name == "severity" && w != "" {
			last = w
		}
	}
	return last
}

// fall records that the rating which all staff see fell with the evidence, makes the
// review of the risk due, and leaves word for its owners. What evidence is hidden from
// them moves tells nothing.
func (s *Risks) fall(tx *gate.Tx, r *Risk, was string) error {
	now := r.lastRating()
	if r.Closed || !s.lower(now, was) {
		return nil
	}
	r.record(tx.Now, fell, map[string]string{"from": was, "to": now})
	if r.Review.IsZero() || r.Review.After(tx.Now) {
		r.Review = tx.Now
	}
	return tx.Later("tell:risk-owner", tx.Now, "", Told{Risk: r.ID, What: "rating:fell", Staff: true})
}

// rise leaves word that the rating which all staff see rose, where it asks for more than
// the one before did: its priority wants the risk resolved sooner, and others to hear of it.
func (s *Risks) rise(tx *gate.Tx, r *Risk, was, now string) error {
	if r.Closed || r.priority(s.Profile, was) == r.priority(s.Profile, now) {
		return nil
	}
	return leaveWord(tx, Told{Risk: r.ID, What: "rating:rose", From: tx.Actor.ID, Staff: true})
}
