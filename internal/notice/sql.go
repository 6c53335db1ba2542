package notice

import (
	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Telling somebody of a record is an entry of that record: as one of the house it
// would tell those who read the audit log that there is something to tell.

func insert(tx *gate.Tx, n Notice, once string) error {
	_, err := tx.Maybe(n.Subject, nil, `insert into {notices} (id, person, subject, what, actor, at, read_at, once) values ($1, $2, $3, $4, $5, $6, 0, $7)
		on conflict (person, once) do nothing`, string(n.ID), string(n.Person), string(n.Subject), n.What, string(n.Actor), gate.Micros(n.At), once)
	return err
}

// seen leaves only what is about records that the reader may see.
const seen = ` and (n.subject in (select c.id from {cases} c where c.id = n.subject)
	or n.subject in (select r.id from {reports} r where r.id = n.subject)
	or n.subject in (select a.id from {advisories} a where a.id = n.subject))`

// Title is the title of what a notice n is about, for whoever may see it.
const Title = `coalesce((select c.title from {cases} c where c.id = n.subject), (select r.title from {reports} r where r.id = n.subject),
	(select a.title from {advisories} a where a.id = n.subject), '')`

func mine(v *gate.View, limit int) ([]Notice, error) {
	return gate.All(v, func(row func(...any) error) (n Notice, err error) {
		var at, read int64
		err = row(&n.ID, &n.Person, &n.Subject, &n.Title, &n.What, &n.Actor, &at, &read)
		n.At, n.Read = gate.Time(at), gate.Time(read)
		return n, err
	}, `select n.id, n.person, n.subject, `+Title+`, n.what, n.actor, n.at, n.read_at from {notices} n where n.person = $1`+seen+`
		order by n.at desc, n.id limit $2`, string(v.Actor.ID), limit)
}

func unread(v *gate.View) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from (select n.id from {notices} n where n.person = $1 and n.read_at = 0`+seen+` limit 100) x`, string(v.Actor.ID))
}

func markRead(tx *gate.Tx, person, id ref.ID) error {
	_, err := tx.Maybe("", nil, `update {notices} set read_at = $1 where person = $2 and read_at = 0 and ($3 = '' or id = $3)`,
		gate.Micros(tx.Now), string(person), string(id))
	return err
}

func insertMail(tx *gate.Tx, m Mail) (bool, error) {
	n, err := tx.Maybe(m.About, nil, `insert into {mails} (id, job, at, recipient, subject, body, state, note, about)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (job, recipient) do nothing`,
		string(m.ID), string(m.Job), gate.Micros(m.At), m.Recipient, m.Subject, m.Body, m.State, m.Note, string(m.About))
	return n == 1, err
}

func settleMail(tx *gate.Tx, job ref.ID, recipient, state, note string) error {
	about, err := gate.One(&tx.View, gate.Value[ref.ID], `select m.about from {mails} m where m.job = $1 and m.recipient = $2`, string(job), recipient)
	if err != nil {
		return err
	}
	_, err = tx.Maybe(about, nil, `update {mails} set state = $3, note = $4 where job = $1 and recipient = $2`, string(job), recipient, state, note)
	return err
}

// reporters is the condition that a mail is about a report: its recipient is the
// reporter, whose address only those may read who may read reports.
const reporters = ` or m.about in (select r.id from {reports} r where r.id = m.about)`

func mails(v *gate.View, limit int) ([]Mail, error) {
	also := reporters
	if v.Allow(access.Reads("report"), "") != nil {
		also = ""
	}
	return gate.All(v, func(row func(...any) error) (m Mail, err error) {
		var at int64
		err = row(&m.ID, &at, &m.Recipient, &m.Subject, &m.Body, &m.State, &m.Note, &m.About)
		m.At = gate.Time(at)
		return m, err
	}, `select m.id, m.at, m.recipient, m.subject, m.body, m.state, m.note, m.about from {mails} m where
		m.about in (select c.id from {cases} c where c.id = m.about)`+also+`
		order by m.at desc, m.id desc limit $1`, limit)
}

// State returns the state in which a mail of a job stands; "" is not kept yet.
func State(v *gate.View, job ref.ID, recipient string) (string, error) {
	states, err := gate.All(v, gate.Value[string], `select m.state from {mails} m where m.job = $1 and m.recipient = $2`, string(job), recipient)
	if err != nil || len(states) == 0 {
		return "", err
	}
	return states[0], nil
}
