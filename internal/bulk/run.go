package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// turns is how much one job does, in slices, before others have their turn.
const turns = 4

// errTaken is that another worker has the record, or that the whole was stopped.
var errTaken = errors.New("somebody else has it")

// Handle goes on with a bulk as the one who asked for it, whose authority is asked
// again at each record. Who is not there any more stops it.
func (s *Bulks) Handle(ctx context.Context, _ ref.ID, raw json.RawMessage) error {
	var a args
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	b, there, err := s.look(ctx, a.Bulk)
	if err != nil || !b.Busy() {
		return ignoring(err, fault.NotFound)
	}
	if !there {
		return s.move(ctx, b, Stopped, "")
	}
	who, err := b.asker()
	if err != nil {
		return err
	}
	more, err := s.run(access.With(ctx, who), b.ID, turns)
	if err != nil || !more {
		return err
	}
	return s.house(ctx, func(tx *gate.Tx) error { return s.leave(tx, b.ID, false) })
}

func ignoring(err error, kind fault.Kind) error {
	if errors.Is(err, kind) {
		return nil
	}
	return err
}

// verb is what the house does with a bulk: it goes on with it.
const verb access.Verb = "bulk.go-on"

// read reads as the house, which alone knows how far the work is.
func (s *Bulks) read(ctx context.Context, fn func(*gate.View) error) error {
	return s.Gate.View(access.With(ctx, access.System("bulk")), func(v *gate.View) error {
		if err := v.Allow(verb, ""); err != nil {
			return err
		}
		return fn(v)
	})
}

// asker is the one who asked for it.
func (b *Bulk) asker() (who access.Actor, err error) {
	err = json.Unmarshal([]byte(b.who), &who)
	return who, err
}

// look reads a bulk, and whether the one who asked for it is still there.
func (s *Bulks) look(ctx context.Context, id ref.ID) (b *Bulk, there bool, err error) {
	err = s.read(ctx, func(v *gate.View) error {
		if b, err = get(v, id); err != nil {
			return err
		}
		if who, err := b.asker(); err != nil || who.IsSystem() {
			there = true // whoever holds the machine is there as long as it is
			return err
		}
		there, err = alive(v, b.actor)
		return err
	})
	return b, there, err
}

// house keeps how far the work is: that is the house's own to know.
func (s *Bulks) house(ctx context.Context, fn func(*gate.Tx) error) error {
	return s.Gate.Act(access.With(ctx, access.System("bulk")), verb, "", fn)
}

// run does up to so many slices of a bulk; it reports whether there are more.
func (s *Bulks) run(ctx context.Context, id ref.ID, most int) (more bool, err error) {
	for range most {
		b, _, err := s.look(ctx, id)
		if err != nil || !b.Busy() {
			return false, err
		}
		if err := s.step(ctx, b); err != nil {
			return true, err
		}
	}
	b, _, err := s.look(ctx, id)
	return err == nil && b.Busy(), err
}

// step is one turn: a slice of the records, or the end of the present state.
func (s *Bulks) step(ctx context.Context, b *Bulk) error {
	k, a, err := find(b.Surface, b.Act)
	if err != nil {
		return err
	}
	switch b.State {
	case Collecting:
		return s.collect(ctx, k, b)
	case Doing:
		return s.each(ctx, b, RowWaiting, Finished, func(ctx context.Context, r Fate) error { return s.do(ctx, a, b, r) })
	case Undoing:
		return s.each(ctx, b, RowDone, Undone, func(ctx context.Context, r Fate) error { return s.undo(ctx, a, b, r) })
	}
	return s.move(ctx, b, Stopped, "")
}

// move brings the whole from its state to another.
func (s *Bulks) move(ctx context.Context, b *Bulk, to, marker string) error {
	return s.house(ctx, func(tx *gate.Tx) error {
		moved, err := advance(tx, b.ID, b.State, to, marker)
		if err != nil || !moved || to != Finished {
			return err
		}
		return s.tell(tx, b)
	})
}

// collect keeps the next records that the query leaves.
func (s *Bulks) collect(ctx context.Context, k *kind, b *Bulk) error {
	var q chosen
	if err := json.Unmarshal([]byte(b.query), &q); err != nil {
		return err
	}
	ids, next, err := k.page(s, work{ctx: ctx}, q, b.mark)
	if err != nil {
		return err
	}
	return s.house(ctx, func(tx *gate.Tx) error {
		last, err := lastRow(&tx.View, b.ID)
		if err != nil {
			return err
		}
		if err := insertRows(tx, b.ID, last+1, ids); err != nil {
			return err
		}
		to := Collecting
		if next == "" {
			to = Doing
		}
		_, err = advance(tx, b.ID, Collecting, to, next)
		return err
	})
}

// each does one thing to a slice of the records in a state, some at a time; where there
// is none, the whole has come to its end.
func (s *Bulks) each(ctx context.Context, b *Bulk, state, end string, one func(context.Context, Fate) error) error {
	var rows []Fate
	if err := s.read(ctx, func(v *gate.View) (err error) {
		rows, err = inState(v, b.ID, state, 0, slice)
		return err
	}); err != nil {
		return err
	}
	errs := abreast(rows, func(r Fate) error { return one(ctx, r) })
	if err := s.settle(ctx, b, state, rows, errs); err != nil {
		return err
	}
	if len(rows) == slice || slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, errTaken) }) {
		return nil
	}
	return s.move(ctx, b, end, "")
}

// abreast does one thing to each of the rows, some at a time, and waits for all.
func abreast(rows []Fate, one func(Fate) error) []error {
	errs := make([]error, len(rows))
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				errs[i] = one(rows[i])
			}
		})
	}
	for i := range rows {
		next <- i
	}
	close(next)
	wg.Wait()
	return errs
}

// settle keeps why records were left as they were. What no rule of theirs refused, but
// the store or the machine, is tried again.
func (s *Bulks) settle(ctx context.Context, b *Bulk, from string, rows []Fate, errs []error) (broken error) {
	var leftRows []Fate
	for i, err := range errs {
		why := reason(err)
		switch {
		case err == nil || errors.Is(err, errTaken):
		case why == nil:
			broken = err
		default:
			r := rows[i]
			r.Says, r.State = why.Says, RowRefused
			if errors.Is(err, errSame) {
				r.State = RowSame
			}
			if from == RowDone {
				r.State = RowLeft
			}
			leftRows = append(leftRows, r)
		}
	}
	if len(leftRows) == 0 {
		return broken
	}
	if err := s.house(context.WithoutCancel(ctx), func(tx *gate.Tx) error {
		for _, r := range leftRows {
			if err := left(tx, b.ID, r, from); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return broken
}

// reason is what a rule says that left a record as it was; nil where it was no rule.
func reason(err error) *fault.Fault {
	if err == nil {
		return nil
	}
	switch fault.KindOf(err) {
	case fault.Internal, fault.Unavailable, fault.Full, fault.TooMany, fault.Unknown:
		return nil
	}
	f := *fault.Of(err)
	for i, n := range f.Needs {
		f.Says += [...]string{": ", ", "}[min(i, 1)] + n.Says
	}
	return &f
}

var (
	errSame  = fault.New(fault.Conflict, "it was so already")
	errOther = fault.New(fault.Conflict, "it is not what this made of it any more")
)

// do changes one record, as the operation does that changes it alone.
func (s *Bulks) do(ctx context.Context, a *Act, b *Bulk, r Fate) error {
	return a.do(s, work{in: b.Input, id: r.ID, ctx: gate.WithBeside(ctx, gate.Beside{Subject: r.ID, Why: "together with others, as " + string(b.ID), Holds: b.holds(a),
		After: func(tx *gate.Tx, changes []gate.Change) error {
			kept := slices.DeleteFunc(changes, func(c gate.Change) bool { return !slices.Contains(a.fields, c.Field) })
			if _, ok := changeOf(kept, a.fields[0]); !ok {
				return errSame
			}
			return mine(claim(tx, b, r, RowWaiting, RowDone, kept))
		}})})
}

// holds tells which jobs no record leaves for itself: people are told once of all.
func (b *Bulk) holds(a *Act) func(string) bool {
	return func(kind string) bool { return b.quiet && kind == a.Tell }
}

func mine(came bool, err error) error {
	if err == nil && !came {
		return errTaken
	}
	return err
}

// undo sets one record back, by the same operation, if it is still what this made of it
// and nobody else has changed it since.
func (s *Bulks) undo(ctx context.Context, a *Act, b *Bulk, r Fate) error {
	return a.undo(s, work{in: b.Input, id: r.ID, was: r.was, ctx: gate.WithBeside(ctx, gate.Beside{Subject: r.ID, Why: "undone, as " + string(b.ID), Holds: b.holds(a),
		Before: func(tx *gate.Tx) error { return untouched(&tx.View, a, b, r) },
		After: func(tx *gate.Tx, changes []gate.Change) error {
			now, changed := changeOf(changes, a.fields[0])
			then, _ := changeOf(r.was, a.fields[0])
			if !changed || !a.loose() && !reflect.DeepEqual(now.Old, then.New) {
				return errOther
			}
			return mine(claim(tx, b, r, RowDone, RowUndone, r.was))
		}})})
}

func untouched(v *gate.View, a *Act, b *Bulk, r Fate) error {
	about := ""
	if a.same != nil {
		about = a.same(b.Input)
	}
	who, err := since(v, r.ID, b.actor, gate.Micros(r.at), about)
	switch {
	case err != nil || len(who) == 0:
		return err
	case who[0] == "":
		return fault.New(fault.Conflict, "a program changed it since")
	}
	return fault.New(fault.Conflict, "%s changed it since", who[0])
}

// tell leaves the job that tells somebody once of all that was handed to them.
func (s *Bulks) tell(tx *gate.Tx, b *Bulk) error {
	_, a, err := find(b.Surface, b.Act)
	who := ref.ID(b.Input.Value)
	if err != nil || !b.quiet || a.Tell == "" || who == "" || who == b.actor {
		return err
	}
	return tx.Later(JobTell, tx.Now, "", Told{Bulk: b.ID, Who: who, From: b.actor, What: string(a.Verb)})
}

// Told is what the job carries that tells somebody of many records.
type Told struct {
	Bulk ref.ID `json:"bulk"`
	Who  ref.ID `json:"who"`
	From ref.ID `json:"from"`
	What string `json:"what"`
}

// Handed tells the one in ctx how many of the records they may see, and the first.
func (s *Bulks) Handed(ctx context.Context, id ref.ID) (first ref.ID, n int, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		b, err := get(v, id)
		if err != nil {
			return err
		}
		if k, _, err := find(b.Surface, b.Act); err != nil || k.allows(v) != nil {
			return access.NoRecord()
		}
		if err := b.count(v); err != nil {
			return err
		}
		n = b.Counts[RowDone]
		rows, err := inState(v, id, RowDone, 0, 1)
		if len(rows) > 0 {
			first = rows[0].ID
		}
		return err
	})
	return first, n, err
}
