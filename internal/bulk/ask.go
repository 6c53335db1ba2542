package bulk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Job is the kind of job that goes on with a bulk.
const Job = "bulk:go-on"

// JobTell is the kind of job that tells somebody once of all that was handed to them.
const JobTell = "tell:bulk"

// rescue is when somebody looks after a bulk whose asker did it while waiting, should
// the process have ended meanwhile.
const rescue = time.Minute

type args struct {
	Bulk ref.ID `json:"bulk"`
}

// Begin does to the records what is asked. Few are done when it returns; of many the
// work has begun, and goes on by itself.
func (s *Bulks) Begin(ctx context.Context, in Asked) (id ref.ID, err error) {
	k, a, err := in.check(s)
	if err != nil {
		return "", err
	}
	b, first, err := s.choose(ctx, k, in)
	if err != nil {
		return "", err
	}
	if err := s.Gate.Act(ctx, a.Verb, "", func(tx *gate.Tx) error {
		id = b.ID
		if err := b.signed(tx); err != nil {
			return err
		}
		if err := insert(tx, b, len(first)); err != nil {
			return err
		}
		if err := insertRows(tx, b.ID, 1, first); err != nil {
			return err
		}
		return s.leave(tx, b.ID, b.few(len(first)))
	}); err != nil {
		return "", err
	}
	s.soon(ctx, id, b.few(len(first)))
	return id, nil
}

// few tells whether the records, so many, are done while the asker waits.
func (b *Bulk) few(records int) bool { return b.State != Collecting && records <= Soon }

// choose finds the records: all that are named, or the first of those that a query
// leaves.
func (s *Bulks) choose(ctx context.Context, k *kind, in Asked) (b *Bulk, first []ref.ID, err error) {
	b = &Bulk{ID: ref.New("bulk"), Surface: in.Surface, Act: in.Act, Input: in.Input, State: Doing, quiet: in.All || len(in.IDs) > told}
	if in.All {
		q := chosen{Query: in.Query, Order: in.Order, Filter: in.Filter}
		text, err := json.Marshal(q)
		if err != nil {
			return nil, nil, err
		}
		b.query = string(text)
		if first, b.mark, err = k.page(s, work{ctx: ctx}, q, ""); err != nil {
			return nil, nil, err
		}
		if b.mark != "" {
			b.State = Collecting
		}
		return b, first, nil
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := k.allows(v); err != nil {
			return err
		}
		first, err = seen(v, k.record, in.IDs)
		return err
	})
	b.Missing = slices.DeleteFunc(slices.Clone(in.IDs), func(id ref.ID) bool { return slices.Contains(first, id) })
	return b, first, err
}

// signed says whose it is and since when.
func (b *Bulk) signed(tx *gate.Tx) error {
	who, err := json.Marshal(tx.Actor)
	b.actor, b.who, b.At, b.Until = tx.Actor.ID, string(who), tx.Now, tx.Now.Add(undoable)
	return err
}

// leave leaves the job that does the work, or that looks after it.
func (s *Bulks) leave(tx *gate.Tx, id ref.ID, soon bool) error {
	if soon {
		return tx.Later(Job, tx.Now.Add(rescue), string(id)+" rescue", args{id})
	}
	return tx.Later(Job, tx.Now, string(id), args{id})
}

// soon does a few records while the asker waits. Each is an act of its own, and none of
// them the one that is done once.
func (s *Bulks) soon(ctx context.Context, id ref.ID, few bool) {
	if few {
		_, _ = s.run(gate.WithOnce(ctx, gate.Once{}), id, 1) // what fails here is done by the job that looks after it, and told by that
	}
}

// own reads a bulk of the actor's own; any other does not exist.
func (s *Bulks) own(v *gate.View, id ref.ID) (*Bulk, *kind, *Act, error) {
	b, err := get(v, id)
	if err != nil {
		return nil, nil, nil, err
	}
	k, a, err := find(b.Surface, b.Act)
	if err != nil || b.actor != v.Actor.ID || k.allows(v) != nil {
		return nil, nil, nil, access.NoRecord()
	}
	return b, k, a, nil
}

// Get returns a bulk of the actor's own, and how far it is.
func (s *Bulks) Get(ctx context.Context, id ref.ID) (b *Bulk, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if b, _, _, err = s.own(v, id); err != nil {
			return err
		}
		if err := b.count(v); err != nil {
			return err
		}
		b.May = b.mayUndo(v.Now)
		return b.reasons(v)
	})
	return b, err
}

// Wait does all that is left of a bulk of the actor's own, beside whoever else is at it,
// and returns what came of it.
func (s *Bulks) Wait(ctx context.Context, id ref.ID) (*Bulk, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	for more := true; more; {
		var err error
		if more, err = s.run(ctx, id, turns); err != nil {
			return nil, err
		}
	}
	return s.Get(ctx, id)
}

// List is one page of the records of a bulk.
type List struct {
	Rows []Fate `json:"rows"`
	Next int    `json:"next,omitempty"` // behind which record the next page begins
}

// Rows lists the records of a bulk, behind a number, at most n of them.
func (s *Bulks) Rows(ctx context.Context, id ref.ID, after, n int) (l *List, err error) {
	if n < 1 || n > MaxIDs {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxIDs)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if _, _, _, err := s.own(v, id); err != nil {
			return err
		}
		rows, err := rowsOf(v, id, after, n+1)
		if l = (&List{Rows: rows}); len(rows) > n {
			l.Rows, l.Next = rows[:n], rows[n-1].N
		}
		return err
	})
	return l, err
}

// Latest lists what the actor did to many records of late, the newest first.
func (s *Bulks) Latest(ctx context.Context) (out []*Bulk, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		all, err := latest(v, 20)
		for _, b := range all {
			k, _, err := find(b.Surface, b.Act)
			if err != nil || k.allows(v) != nil {
				continue
			}
			if err := b.count(v); err != nil {
				return err
			}
			b.May = b.mayUndo(v.Now)
			out = append(out, b)
		}
		return err
	})
	return out, err
}

// Undo sets back what the actor did, wherever nobody else has changed the record since.
func (s *Bulks) Undo(ctx context.Context, id ref.ID) error {
	return s.turn(ctx, id, func(tx *gate.Tx, b *Bulk) (bool, error) {
		if !b.mayUndo(tx.Now) {
			return false, b.noUndo(tx.Now)
		}
		if err := change(tx, b, Undoing); err != nil {
			return false, err
		}
		few := b.Counts[RowDone] <= Soon
		return few, s.leave(tx, id, few)
	})
}

// noUndo says why nothing can be set back.
func (b *Bulk) noUndo(now time.Time) error {
	switch {
	case b.Busy():
		return fault.New(fault.Conflict, "it is still at work; stop it first, or wait until it is done")
	case !now.Before(b.Until):
		return fault.New(fault.Conflict, "it can be undone for a day, and that is over; the records tell what they were before")
	}
	return fault.New(fault.Conflict, "nothing of it is left to set back")
}

// Stop ends the work after the records that it is at. What is done stays done, and can
// be undone.
func (s *Bulks) Stop(ctx context.Context, id ref.ID) error {
	return s.turn(ctx, id, func(tx *gate.Tx, b *Bulk) (bool, error) {
		if b.State != Collecting && b.State != Doing {
			return false, fault.New(fault.Conflict, "it is not at work any more")
		}
		return false, change(tx, b, Stopping)
	})
}

// turn changes the state of a bulk of the actor's own, who may still do what it does;
// fn reports whether few records follow from it, which are done at once.
func (s *Bulks) turn(ctx context.Context, id ref.ID, fn func(*gate.Tx, *Bulk) (bool, error)) error {
	var verb access.Verb
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		_, _, a, err := s.own(v, id)
		if err == nil {
			verb = a.Verb
		}
		return err
	}); err != nil {
		return err
	}
	var few bool
	if err := s.Gate.Act(ctx, verb, "", func(tx *gate.Tx) error {
		b, _, _, err := s.own(&tx.View, id)
		if err != nil {
			return err
		}
		if err := b.count(&tx.View); err != nil {
			return err
		}
		few, err = fn(tx, b)
		return err
	}); err != nil {
		return err
	}
	s.soon(ctx, id, few)
	return nil
}

// Forget removes what was done long ago, at most n records of it; it reports how many
// it removed. It runs inside an act of the house.
func Forget(tx *gate.Tx, n int) (int, error) {
	return forget(tx, gate.Micros(tx.Now.Add(-kept)), n)
}
