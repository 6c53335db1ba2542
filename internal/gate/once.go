package gate

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// Once asks that what the actor does under ctx be done one time only, however
// often it is sent. Act takes the key down in the act's own transaction, after it
// has decided and before anything is changed: the key is there if and only if the
// act was. A second act under the key changes nothing and answers with Again.
type Once struct {
	Actor ref.ID // acts of others under the same ctx, such as the house's own, do not count
	Key   string // names the request: at most one act of it
	Hash  string // of the whole request: another request under the key is refused
}

// onceLasts is how long a key is kept.
const onceLasts = 24 * time.Hour

type onceKey struct{}

// WithOnce puts o into ctx for the next Act.
func WithOnce(ctx context.Context, o Once) context.Context {
	return context.WithValue(ctx, onceKey{}, o)
}

// Again is the error that an act was done before under its key. Status is 0 while
// its answer is not kept: the first call is still on its way, or was cut off
// between its commit and its answer.
type Again struct {
	Status  int
	Answer  string
	Subject ref.ID // the first record that the act changed
}

func (*Again) Error() string { return "this was done before under the same key" }

// once takes the key down, or answers Again.
func (t *Tx) once() error {
	o, ok := t.ctx.Value(onceKey{}).(Once)
	if !ok || o.Actor != t.Actor.ID {
		return nil
	}
	n, err := t.run(insertOnce, []any{o.Key, o.Hash, Micros(t.Now), Micros(t.Now.Add(-onceLasts))})
	if err != nil || n == 1 {
		return err
	}
	var hash string
	again := &Again{}
	if _, err = One(&t.View, func(row func(...any) error) (int, error) {
		err := row(&hash, &again.Status, &again.Answer, &again.Subject)
		return 0, err
	}, selectOnce, o.Key); err != nil {
		return err
	}
	if hash != o.Hash {
		return fault.New(fault.Conflict, "this idempotency key was used for another request; take a new key for each request")
	}
	return again
}

// onced keeps what the act changed, for an answer that gets lost.
func (t *Tx) onced() error {
	o, ok := t.ctx.Value(onceKey{}).(Once)
	if !ok || o.Actor != t.Actor.ID || len(t.touched) == 0 {
		return nil
	}
	_, err := t.run(updateOnceSubject, []any{o.Key, string(t.touched[0].subject)})
	return err
}

// Spent tells whether the act of o was done, and the first record that it changed. Only
// the actor of o gets to know.
func (g *Gate) Spent(ctx context.Context, o Once) (spent bool, subject ref.ID, err error) {
	err = g.View(ctx, func(v *View) error {
		if v.Actor.ID != o.Actor {
			return nil
		}
		subjects, err := All(v, Value[ref.ID], selectSpent, o.Key, o.Hash)
		if len(subjects) > 0 {
			spent, subject = true, subjects[0]
		}
		return err
	})
	return spent, subject, err
}

// Answered keeps the answer that was given to the act of o, for those who send it
// again, and forgets keys that are older than a day.
func (g *Gate) Answered(ctx context.Context, o Once, status int, answer string) error {
	return g.db.Write(ctx, func(tx *db.Tx) error {
		t := &Tx{View: *g.view(ctx, access.System("answers"), tx)}
		if _, err := t.run(deleteOnce, []any{Micros(t.Now.Add(-onceLasts))}); err != nil {
			return err
		}
		_, err := t.run(updateOnceAnswer, []any{o.Key, status, answer})
		return err
	})
}

// Stale refines a Conflict: the record is not at the version that the caller
// asked for with WithVersion.
const Stale fault.Kind = "stale"

type versionKey struct{}

// WithVersion makes every Act under ctx on a record of its own wait for that
// version: at another one nothing is done, and the answer is a Conflict that is
// also Stale.
func WithVersion(ctx context.Context, version int) context.Context {
	return context.WithValue(ctx, versionKey{}, version)
}

// current answers Stale when the record is at another version than asked for.
func (t *Tx) current(subject ref.ID) error {
	want, asked := t.ctx.Value(versionKey{}).(int)
	table, guarded := t.gate.kinds[subject.Kind()]
	if !asked || !guarded || t.Actor.IsSystem() {
		return nil
	}
	have, err := t.version(table, subject)
	if err != nil || have == want {
		return err
	}
	f := fault.New(fault.Conflict, "the record changed meanwhile: you saw version %d, it is %d now; load it again", want, have)
	f.Err = Stale
	return f
}

// version reads a record's row version; that the actor may see it was decided before.
func (t *Tx) version(table string, subject ref.ID) (n int, err error) {
	rows, err := t.tx.Query(t.ctx, selectVersion(table), string(subject))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&n)
	}
	if err == nil {
		err = rows.Err()
	}
	return n, err
}
