package passage

import (
	"time"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// tries is how many numbers a text tries. They lie apart from each other, since what
// is put in at one moment has few.
const tries = 64

// insert keeps the text under a number that nothing else has; 0 is that the text is
// there already.
func insert(tx *gate.Tx, p Passage) (doc int64, err error) {
	for i := range tries {
		doc = gate.Doc(p.At.Add(time.Duration(i*i) * time.Microsecond))
		ok, err := tx.Claim(`insert into {passages} (doc, id, kind, guard, audience, about, verb, at, title, text)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`, doc, p.ID, p.Kind, string(p.Guard), p.Audience, string(p.About),
			string(p.Verb), gate.Micros(p.At), p.Title, p.Text)
		if err != nil || ok {
			return doc, err
		}
		if old, err := find(tx, p.ID); err != nil || old != nil {
			return 0, err
		}
	}
	return 0, fault.New(fault.Conflict, "too much was written at one moment; try again")
}

// old is what is kept of a text.
type old struct {
	doc         int64
	title, text string
}

// find reads a text as the house: whoever writes the row may not be able to read it,
// such as a reporter.
func find(tx *gate.Tx, id string) (*old, error) {
	var found []old
	err := tx.AsHouse(func(v *gate.View) (err error) {
		found, err = gate.All(v, func(row func(...any) error) (o old, err error) {
			return o, row(&o.doc, &o.title, &o.text)
		}, `select p.doc, p.title, p.text from {passages} p where p.id = $1`, id)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func change(tx *gate.Tx, p Passage) error {
	return tx.Derive(`update {passages} set title = $2, text = $3 where id = $1`, p.ID, p.Title, p.Text)
}

// insertWords puts words in. PostgreSQL takes the name of a file for one word, as it does
// that of a host: its parts are words, too.
var insertWords = map[db.Engine]string{
	db.SQLite: `insert into {passage_words} (rowid, kind, title, body) values ($1, $4, $2, $3)`,
	db.Postgres: `insert into {passage_words} (doc, words) values ($1, setweight(to_tsvector('simple', $2 || ' ' || translate($2, './', '  ')), 'A') || to_tsvector('simple', $3) || array_to_tsvector(array['=' || $4::text]))
		on conflict (doc) do update set words = excluded.words`,
}

var deleteWords = map[db.Engine]string{
	db.SQLite:   `delete from {passage_words} where rowid = $1`,
	db.Postgres: `delete from {passage_words} where doc = $1`,
}

func index(tx *gate.Tx, p Passage, doc int64) error {
	return tx.DeriveLast(insertWords[tx.Engine()], doc, p.Title, p.Text, p.Kind)
}

func reindex(tx *gate.Tx, p Passage, doc int64) error {
	if err := tx.DeriveLast(deleteWords[tx.Engine()], doc); err != nil {
		return err
	}
	return index(tx, p, doc)
}

func remove(tx *gate.Tx, p Passage, doc int64) error {
	if err := tx.Derive(`delete from {passages} where id = $1`, p.ID); err != nil {
		return err
	}
	return tx.DeriveLast(deleteWords[tx.Engine()], doc)
}

// bases is how far each source is in.
func bases(v *gate.View) (map[string]string, error) {
	out := map[string]string{}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var name, upto string
		err := row(&name, &upto)
		out[name] = upto
		return struct{}{}, err
	}, `select b.name, b.upto from {passage_base} b`)
	return out, err
}

func putBase(tx *gate.Tx, name, upto string) error {
	return tx.Exec("", nil, `insert into {passage_base} (name, upto) values ($1, $2) on conflict (name) do update set upto = excluded.upto`, name, upto)
}
