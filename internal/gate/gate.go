// Package gate is where work is done. It joins the engine room (db), the
// decisions (access) and the record of what happened (audit): the only way to
// read is View, the only way to write is Act, and neither can forget to ask who
// is asking. Domains get a *View or a *Tx and nothing else.
package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// Gate does work on behalf of actors.
type Gate struct {
	db      *db.DB
	grants  access.Grants
	profile string
	now     func() time.Time
	guarded map[string]db.Table
	kinds   map[string]string // kind of record -> its guarded table
	wake    func()
	told    func([]Done)
	key     []byte
	texts   sync.Map // expanded statements by textKey
	plain   sync.Map // statements that write, without their braces, by their text
	merges  bool     // the engine merges ordered parts of a list
}

// Config is what a Gate is made of.
type Config struct {
	DB      *db.DB
	Grants  access.Grants
	Profile string           // version of the profile in force, kept with every audit entry
	Now     func() time.Time // the clock; tests set it
	Wake    func()           // called after a commit that left a job; may be nil
	Told    func([]Done)     // called after a commit with what was done; must not wait; may be nil
	Key     []byte           // signs page markers; replicas share it
}

// Done is one record that an act changed, as its audit entry says; the fields of it,
// not what stands in them.
type Done struct {
	Entry, Subject, Actor ref.ID
	Verb                  access.Verb
	Fields                []string
}

// New returns a Gate. The DB is not reachable through it.
func New(c Config) *Gate {
	g := &Gate{db: c.DB, grants: c.Grants, profile: c.Profile, now: c.Now, wake: c.Wake, told: c.Told, key: c.Key, guarded: db.Guarded(), kinds: map[string]string{}}
	for name, t := range g.guarded {
		if t.Kind != "" {
			g.kinds[t.Kind] = name
		}
	}
	g.merges = c.DB != nil && c.DB.Engine == db.SQLite
	if g.wake == nil {
		g.wake = func() {}
	}
	return g
}

// Tx is a View that may also write, for one verb on one subject.
type Tx struct {
	View
	verb    access.Verb
	subject ref.ID
	reason  string
	touched []touch
	later   bool
}

// touch is one record that the act changed, and what of it.
type touch struct {
	subject ref.ID
	what    []any
	entry   ref.ID // of the audit, once it is written
}

// Change is one field's old and new value, for the audit entry.
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old,omitempty"`
	New   any    `json:"new,omitempty"`
	Staff bool   `json:"staff,omitempty"` // told to nobody from outside: it rests on what all staff may open and they may not
}

// Act lets the actor in ctx do verb on subject: it decides, runs fn, writes the
// audit entries and commits, all in one transaction. A refusal is audited too.
// An empty subject is the house itself.
func (g *Gate) Act(ctx context.Context, verb access.Verb, subject ref.ID, fn func(*Tx) error) error {
	a, err := access.From(ctx)
	if err != nil {
		return err
	}
	if _, known := g.grants[verb]; !known && !a.IsSystem() {
		return fault.New(fault.Internal, "the verb %s stands in no grants table", verb)
	}
	var t *Tx
	err = g.db.Write(ctx, func(tx *db.Tx) error {
		t = &Tx{View: *g.view(ctx, a, tx), verb: verb, subject: subject}
		if err := t.enter(); err != nil {
			return err
		}
		if err := t.allow(verb, subject); err != nil {
			return refused(err)
		}
		if err := t.ready(subject); err != nil {
			return err
		}
		if err := t.with(fn); err != nil {
			return err
		}
		return t.finish()
	})
	if no := (refusal{}); errors.As(err, &no) {
		g.note(ctx, a, verb, subject)
		return no.error
	}
	if err == nil {
		g.after(t)
	}
	return err
}

// after tells those who wait that an act is in the store.
func (g *Gate) after(t *Tx) {
	if t.later {
		g.wake()
	}
	if g.told == nil || len(t.touched) == 0 {
		return
	}
	done := make([]Done, len(t.touched))
	for i, c := range t.touched {
		done[i] = Done{Entry: c.entry, Subject: c.subject, Actor: t.Actor.ID, Verb: t.verb, Fields: c.fields()}
	}
	g.told(done)
}

// fields are the names of what was changed.
func (c touch) fields() (out []string) {
	for _, x := range c.what {
		if ch, ok := x.(Change); ok {
			out = append(out, ch.Field)
		}
	}
	return out
}

// ready asks for what the caller tied the act to: doing it once, and the version
// of the record.
func (t *Tx) ready(subject ref.ID) error {
	if err := t.once(); err != nil {
		return err
	}
	return t.current(subject)
}

func (t *Tx) finish() error {
	if err := t.onced(); err != nil {
		return err
	}
	return t.audit("done")
}

// refusal marks an error of the decision itself, so that it is audited.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refused(err error) error {
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
		return refusal{err}
	}
	return err
}

// note audits a refusal in a transaction of its own. The answer to the asker is
// the refusal, whether or not the store takes the note.
func (g *Gate) note(ctx context.Context, a access.Actor, verb access.Verb, subject ref.ID) {
	_ = g.db.Write(ctx, func(tx *db.Tx) error {
		t := &Tx{View: *g.view(ctx, a, tx), verb: verb, touched: []touch{{subject: subject}}}
		return t.audit("refused")
	})
}

// Reason keeps why the actor does it; it stands in the audit entries.
func (t *Tx) Reason(why string) { t.reason = why }

// Exec writes. Every write names the record that it changes and what of it; a
// write that changes no row is a Conflict.
func (t *Tx) Exec(subject ref.ID, what any, q string, args ...any) error {
	n, err := t.run(q, args)
	if err != nil {
		return err
	}
	if n == 0 {
		return stale(subject)
	}
	t.Touch(subject, what)
	return nil
}

// names is how many names a new record tries. That as many as two codes of forty bits
// are taken one after the other happens to nobody.
const names = 8

// New writes a new record under its name, the first argument of the statement; where
// another record has the name already it gets a fresh one of its kind. What is written
// under the name besides has to follow.
func (t *Tx) New(id *ref.ID, what any, q string, args ...any) error {
	for range names {
		n, err := t.run(q+unlessTaken, append([]any{string(*id)}, args...))
		if err != nil {
			return err
		}
		if n > 0 {
			t.Touch(*id, what)
			return nil
		}
		*id = ref.New(id.Kind())
	}
	return stale(*id)
}

// Derive writes what follows from other records and adds nothing to them, such as a sum
// over what some may not see: it leaves no entry, since whatever trail told of it would
// tell of the others.
func (t *Tx) Derive(q string, args ...any) error {
	_, err := t.run(q, args)
	return err
}

// Claim is Derive that reports whether a row was changed: whether the actor came first.
func (t *Tx) Claim(q string, args ...any) (bool, error) {
	n, err := t.run(q, args)
	return n > 0, err
}

// Maybe writes as Exec does, but changing no row is not an error; it reports
// how many rows changed.
func (t *Tx) Maybe(subject ref.ID, what any, q string, args ...any) (int64, error) {
	n, err := t.run(q, args)
	if err == nil && n > 0 {
		t.Touch(subject, what)
	}
	return n, err
}

// Last is Exec for a write of which nothing in the act depends, such as the
// full-text index: it runs at the end of the transaction and is not counted.
func (t *Tx) Last(subject ref.ID, q string, args ...any) error {
	t.Touch(subject, nil)
	return t.tx.Last(t.ctx, t.gate.bare(q), args...)
}

// DeriveLast is Derive that runs as Last does.
func (t *Tx) DeriveLast(q string, args ...any) error {
	return t.tx.Last(t.ctx, t.gate.bare(q), args...)
}

// Touch says that the act changed the record, for the audit entry.
func (t *Tx) Touch(subject ref.ID, what any) {
	i := 0
	for i < len(t.touched) && t.touched[i].subject != subject {
		i++
	}
	if i == len(t.touched) {
		t.touched = append(t.touched, touch{subject: subject})
	}
	switch w := what.(type) {
	case nil:
	case []Change:
		for _, c := range w {
			t.touched[i].what = append(t.touched[i].what, c)
		}
	default:
		t.touched[i].what = append(t.touched[i].what, what)
	}
}

func (t *Tx) run(q string, args []any) (int64, error) {
	return t.tx.Exec(t.ctx, t.gate.bare(q), args...)
}

// Show lets a principal see a record, with a role on it. doc is the record's
// place in lists.
func (t *Tx) Show(subject, principal ref.ID, role access.Role, doc int64) error {
	return t.Exec(subject, Change{Field: "shown_to", New: map[string]any{"principal": principal, "role": role}},
		upsertVisibility, string(subject), string(principal), string(role), subject.Kind(), doc)
}

// Hide takes a principal's sight of a record away.
func (t *Tx) Hide(subject, principal ref.ID) error {
	return t.Exec(subject, Change{Field: "hidden_from", New: principal}, deleteVisibility, string(subject), string(principal))
}

// Unshow is Hide for a principal that may not have had the sight; it reports
// how many had.
func (t *Tx) Unshow(subject, principal ref.ID) (int64, error) {
	return t.Maybe(subject, Change{Field: "hidden_from", New: principal}, deleteVisibility, string(subject), string(principal))
}

// Audience says who may see a record and all that hangs on it: access.Staff, or
// access.Named for only those whom visibility names.
func (t *Tx) Audience(subject ref.ID, audience string) error {
	if _, err := t.Maybe(subject, Change{Field: "audience", New: audience}, setAudience(t.gate.kinds[subject.Kind()]), audience, string(subject)); err != nil {
		return err
	}
	for name := range t.gate.guarded {
		if _, err := t.run(setAudience(name), []any{audience, string(subject)}); err != nil {
			return err
		}
	}
	return nil
}

// Later leaves a job in the same transaction: it exists if and only if the work
// does. once, where not empty, keeps at most one such job waiting.
func (t *Tx) Later(kind string, at time.Time, once string, args any) error {
	if t.held(kind) {
		return nil
	}
	b, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("job %s: %w", kind, err)
	}
	var key *string
	if once != "" {
		key = &once
	}
	_, err = t.run(insertJob, []any{string(ref.New("job")), kind, string(b), key, Micros(at), Micros(t.Now), string(t.about())})
	t.later = true
	return err
}

// about is the record that a job of this act is about: the act's own, or the
// first that it changed.
func (t *Tx) about() ref.ID {
	if t.subject != "" {
		return t.subject
	}
	for _, c := range t.touched {
		if t.gate.kinds[c.subject.Kind()] != "" {
			return c.subject
		}
	}
	return ""
}

// audit writes one entry for every record that was touched.
func (t *Tx) audit(outcome string) error {
	for i, c := range t.touched {
		b, err := json.Marshal(c.what)
		if err != nil {
			return err
		}
		if c.what == nil {
			b = []byte("[]")
		}
		t.touched[i].entry = ref.New("audit")
		if _, err := t.tx.Exec(t.ctx, insertAudit, string(t.touched[i].entry), Micros(t.Now), string(t.Actor.ID), string(t.verb),
			string(c.subject), outcome, t.reason, string(b), t.gate.profile, ref.Secret()); err != nil {
			return err
		}
	}
	return nil
}
