package risk

import (
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
)

// What packages above the register need of it, and no more: reviews, which look at
// many risks at once, and hygiene, which sees to labels without touching a risk.

// WorldOf names the world whose numbers the reader may have: open, all, or "" for
// somebody from outside.
func WorldOf(v *gate.View) string { return world(v) }

// ListIn lists the risks that the reader may see and the filter leaves, inside a
// view, with the numbers of the reader's world; what a list does not show is empty.
func (s *Risks) ListIn(v *gate.View, f Filter, limit int) ([]*Risk, error) {
	q, err := s.sifted(v, f)
	if err != nil {
		return nil, err
	}
	return listed(v, q, limit)
}

// OpenlyIn is ListIn with the numbers of the open world, whoever reads: for what the
// house writes where all staff see it, so that hidden evidence leaves no trace there.
func (s *Risks) OpenlyIn(v *gate.View, f Filter, limit int) ([]*Risk, error) {
	q, err := roll.New(v, roll.Reader{Verb: VerbRead, World: WorldOpen, Fields: fieldKinds(s.Profile)}, f)
	if err != nil {
		return nil, err
	}
	return listed(v, q, limit)
}

// ReviewedIn plans the next review of a risk inside the act that reviewed it: at the
// moment given, or where it is zero by the rating that all staff see. What the risk
// scores now is what later scores are compared with.
func (s *Risks) ReviewedIn(tx *gate.Tx, id ref.ID, next time.Time) (time.Time, error) {
	r, err := get(&tx.View, id)
	if err != nil {
		return next, err
	}
	if next.IsZero() {
		open, err := openStanding(&tx.View, id)
		if err != nil {
			return next, err
		}
		next = s.nextReview(open, tx.Now)
	}
	return next, s.apply(tx, r, func(tx *gate.Tx, r *Risk) error {
		r.Review = next
		return reviewed(tx, r)
	})
}

// CareIn sets and clears labels of a risk for the house, and reports whether any
// changed. When somebody last touched the risk stays as it was: the house did not.
func (s *Risks) CareIn(tx *gate.Tx, id ref.ID, set map[string]string, clear []string) (bool, error) {
	r, err := get(&tx.View, id)
	if err != nil {
		return false, err
	}
	was := strings.Join(r.Labels, " ")
	for label, why := range set {
		if !r.Has(label) {
			r.set(label, why)
		}
	}
	for _, label := range clear {
		if r.Has(label) {
			r.clear(label)
		}
	}
	now := strings.Join(r.Labels, " ")
	if was == now {
		return false, nil
	}
	return true, update(tx, r, gate.Change{Field: "labels", Old: was, New: now})
}

// SeesIn reports whether a person at work may see the risk.
func (s *Risks) SeesIn(tx *gate.Tx, id, who ref.ID) (ok bool, err error) {
	r, err := get(&tx.View, id)
	if err != nil {
		return false, err
	}
	err = tx.AsHouse(func(v *gate.View) error {
		ok, err = maySee(v, id, r.Audience, who)
		return err
	})
	return ok, err
}

// AppetiteIn is the appetite in force, inside a view.
func (s *Risks) AppetiteIn(v *gate.View) (Appetite, error) { return s.appetite(v) }

// SignedIn is the actor's word on a content, with the level that they have now.
func SignedIn(v *gate.View, hash, note string) (Approval, error) { return approval(v, "", hash, note) }

// LevelIn is the level of management that the actor has now; "" is none.
func LevelIn(v *gate.View) (string, error) {
	_, level, _, err := person(v, v.Actor.ID)
	return level, err
}

// LevelTitle is how a level of management is called.
func LevelTitle(p *profile.Profile, level string) string { return levelTitle(p, level) }

// HashOf names exactly this content, to which approvals are bound.
func HashOf(x any) string { return hashOf(x) }
