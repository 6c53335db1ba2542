package hook

import (
	"encoding/json"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

const columns = `h.id, h.owner, h.name, h.address, h.kinds, h.made_at, h.seq, h.state, h.note, h.fails, h.due_at, h.sent_at from {hooks} h`

func scan(row func(...any) error) (x Hook, err error) {
	var kinds string
	var made, due, sent int64
	if err = row(&x.ID, &x.Owner, &x.Name, &x.Address, &kinds, &made, &x.seq, &x.State, &x.Note, &x.Fails, &due, &sent); err != nil {
		return x, err
	}
	x.Made, x.Next, x.Sent = gate.Time(made), gate.Time(due), gate.Time(sent)
	return x, json.Unmarshal([]byte(kinds), &x.Kinds)
}

// hooks are those of a person, or all.
func hooks(v *gate.View, owner ref.ID) ([]Hook, error) {
	return gate.All(v, scan, `select `+columns+` where $1 = '' or h.owner = $1 order by h.name, h.id limit 1000`, string(owner))
}

func one(v *gate.View, id ref.ID) (Hook, error) {
	return gate.One(v, scan, `select `+columns+` where h.id = $1`, string(id))
}

// due are those that may be told now.
func due(v *gate.View, now time.Time) ([]Hook, error) {
	return gate.All(v, scan, `select `+columns+` where h.state = 'on' and h.due_at <= $1 order by h.id limit 1000`, gate.Micros(now))
}

func insert(tx *gate.Tx, x Hook) error {
	kinds, err := json.Marshal(x.Kinds)
	if err != nil {
		return err
	}
	return tx.Exec(x.ID, gate.Change{Field: "hook", New: map[string]any{"name": x.Name, "address": x.Address, "kinds": x.Kinds}},
		`insert into {hooks} (id, owner, name, address, kinds, made_at, seq, state, note, fails, due_at, sent_at) values ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, 0)`,
		string(x.ID), string(x.Owner), x.Name, x.Address, string(kinds), gate.Micros(x.Made), x.seq, x.State)
}

func remove(tx *gate.Tx, id ref.ID) error {
	n, err := tx.Maybe(id, gate.Change{Field: "hook", Old: "deleted"}, `delete from {hooks} where id = $1`, string(id))
	return found(n, err)
}

func turn(tx *gate.Tx, id ref.ID, state, note string) error {
	n, err := tx.Maybe(id, gate.Change{Field: "state", New: state}, `update {hooks} set state = $2, note = $3, fails = 0, due_at = 0 where id = $1`, string(id), state, note)
	return found(n, err)
}

func found(n int64, err error) error {
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no such webhook; it may have been deleted meanwhile")
	}
	return err
}

// take has the hook for one round, where nobody else has; how many events it is told is
// in the audit trail.
func take(tx *gate.Tx, x Hook, events int, until time.Time) (bool, error) {
	n, err := tx.Maybe(x.ID, gate.Change{Field: "told", New: events}, `update {hooks} set due_at = $4 where id = $1 and seq = $2 and due_at = $3 and state = 'on'`,
		string(x.ID), x.seq, gate.Micros(x.Next), gate.Micros(until))
	return n == 1, err
}

// move passes over what the hook is not told.
func move(tx *gate.Tx, x Hook, to int64) error {
	return tx.Derive(`update {hooks} set seq = $3 where id = $1 and seq = $2`, string(x.ID), x.seq, to)
}

// told keeps how far a hook was told.
func told(tx *gate.Tx, x Hook) error {
	return tx.Derive(`update {hooks} set seq = $2, fails = 0, note = '', due_at = 0, sent_at = $3 where id = $1`, string(x.ID), x.seq, gate.Micros(tx.Now))
}

// again keeps that a try failed and when the next is.
func again(tx *gate.Tx, x Hook) error {
	return tx.Derive(`update {hooks} set seq = $2, fails = $3, note = $4, due_at = $5 where id = $1`, string(x.ID), x.seq, x.Fails, x.Note, gate.Micros(x.Next))
}
