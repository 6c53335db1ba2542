package recurrence

import (
	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// The audiences of the sums: what all staff see, and everything.
const (
	staff    = access.Staff
	everyone = "all"
)

var audiences = []string{staff, everyone}

// in are the audiences whose sums a fact is in.
func (f Fact) in() []string {
	if f.Audience == staff {
		return audiences
	}
	return audiences[1:]
}

// counts reports whether the fact is counted anywhere, dated or not.
func (f Fact) counts() bool { return f.Audience != "" && f.Barred == "" }

// tally is what the fact adds to sums of a window.
func (f Fact) tally(b base) tally {
	switch {
	case !f.counts():
		return tally{}
	case f.At.IsZero():
		return tally{undated: 1}
	case !b.window.Holds(f.At):
		return tally{}
	}
	t := tally{n: 1, points: b.rules.Points[f.Severity]}
	if f.At.Before(b.window.mid) {
		t.earlier = 1
	}
	return t
}

// group is where the fact is summed: all that states no weakness is one.
func (f Fact) group() Key {
	if f.Weakness == "" {
		return Key{}
	}
	return f.Key
}

// Note tells that a case was something else, or nothing, before this act. It
// writes only where sums that were made hold the case: one that was opened today,
// or of which nothing changed that counts, costs no statement.
func Note(tx *gate.Tx, id ref.ID, was, now Fact) error {
	if !was.counts() {
		was = Fact{}
	}
	if !now.counts() {
		now = Fact{}
	}
	if was == now || was.young(tx) && now.young(tx) {
		return nil
	}
	b, err := baseOf(&tx.View, toShare)
	if err != nil || b == nil {
		return err
	}
	if t := was.tally(*b); t != (tally{}) {
		if err := putSums(tx, id, was.group(), tally{-t.n, -t.earlier, -t.points, -t.undated}, was.in()); err != nil {
			return err
		}
	}
	if t := now.tally(*b); t != (tally{}) {
		return putSums(tx, id, now.group(), t, now.in())
	}
	return nil
}

// young reports whether a fact is so new that no sums hold it: they end a whole day
// or more before this one, by the clock of whoever made them. What does not count
// is young.
func (f Fact) young(tx *gate.Tx) bool {
	return !f.counts() || !f.At.IsZero() && !f.At.Before(clock.Midnight(tx.Now))
}
