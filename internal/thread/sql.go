package thread

import (
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
)

// Add stores a message. guard is the record whose visibility holds for it, and
// audience that record's. The audit entry tells that something was said and on
// which side, never the text.
func Add(tx *gate.Tx, m Message, guard ref.ID, audience string) error {
	if err := tx.Exec(m.Subject, gate.Change{Field: "said", New: map[string]any{"message": m.ID, "side": m.Side}},
		`insert into {messages} (id, guard, audience, subject, at, author, name, side, text) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		string(m.ID), string(guard), audience, string(m.Subject), gate.Micros(m.At), string(m.Author), m.Name, string(m.Side), m.Text); err != nil {
		return err
	}
	return passage.Add(tx, m.passage(guard, audience))
}

// AddOnce is Add for a message that an effect writes: one that is stored already
// stays as it is. It reports whether the message is new.
func AddOnce(tx *gate.Tx, m Message, guard ref.ID, audience string) (bool, error) {
	n, err := tx.Maybe(m.Subject, gate.Change{Field: "said", New: map[string]any{"message": m.ID, "side": m.Side}},
		`insert into {messages} (id, guard, audience, subject, at, author, name, side, text) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (id) do nothing`,
		string(m.ID), string(guard), audience, string(m.Subject), gate.Micros(m.At), string(m.Author), m.Name, string(m.Side), m.Text)
	if err != nil || n != 1 {
		return false, err
	}
	return true, passage.Add(tx, m.passage(guard, audience))
}

// Passages are what was said, for the search.
var Passages = passage.Guarded("messages", scan, Message.passage, `select m.id, m.subject, m.at, m.author, m.name, m.side, m.text, m.guard, m.audience
	from {messages} m where m.id > $1 order by m.id limit $2`)

// On lists what was said on the records, oldest first, at most the newest 500.
// With outward set, internal notes are left out.
func On(v *gate.View, outward bool, subjects ...ref.ID) ([]Message, error) {
	args, marks := []any{}, make([]string, len(subjects))
	for i, s := range subjects {
		args, marks[i] = append(args, string(s)), "$"+strconv.Itoa(i+1)
	}
	where := `m.subject in (` + strings.Join(marks, ", ") + `)`
	if outward {
		where += ` and m.side in ('out', 'in')`
	}
	return gate.All(v, scan, `select n.id, n.subject, n.at, n.author, n.name, n.side, n.text from (
		select m.id, m.subject, m.at, m.author, m.name, m.side, m.text from {messages} m where `+where+`
		order by m.at desc, m.id desc limit 500) n order by n.at, n.id`, args...)
}

func scan(row func(...any) error) (m Message, err error) {
	var at int64
	err = row(&m.ID, &m.Subject, &at, &m.Author, &m.Name, &m.Side, &m.Text)
	m.At = gate.Time(at)
	return m, err
}
