package insight

import (
	"strconv"

	"tocsin/internal/db"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

const (
	insertWords = `insert into {search} (rowid, title, body) values ($1, $2, $3)`
	deleteWords = `delete from {search} where rowid = $1`
	upsertWords = `insert into {search} (doc, words) values ($1, setweight(to_tsvector('simple', $2), 'A') || to_tsvector('simple', $3))
		on conflict (doc) do update set words = excluded.words`
)

var joinWords = map[db.Engine]string{
	db.SQLite:   ` join {search} w on w.rowid = c.doc`,
	db.Postgres: ` join {search} w on w.doc = c.doc`,
}

func whereWords(e db.Engine, n int) string {
	if e == db.Postgres {
		return `w.words @@ to_tsquery('simple', $` + strconv.Itoa(n) + `)`
	}
	return `w.search match $` + strconv.Itoa(n)
}

// newest is the column to page a search by: FTS5 walks its rows in the order of
// rowid, so that a common word costs no more than a page.
var newest = map[db.Engine]string{db.SQLite: `w.rowid`, db.Postgres: `c.newest`}

const entryColumns = `a.id, a.at, a.actor, coalesce(p.name, t.name, ''), a.verb, a.subject, a.outcome, a.reason, a.detail, a.profile
	from {audit} a left join {people} p on p.id = a.actor left join {tokens} t on t.id = a.actor`

func trailOf(v *gate.View, subject ref.ID) ([]Entry, error) {
	return gate.All(v, scanEntry, `select `+entryColumns+` where a.subject = $1 order by a.at desc, a.id desc limit 500`, string(subject))
}

func trail(v *gate.View, s Span) ([]Entry, error) {
	where, args := ` where a.at < $1`, []any{int64(1) << 62}
	if !s.Before.IsZero() {
		args[0] = gate.Micros(s.Before)
	}
	for _, is := range [...]struct{ column, value string }{{"actor", string(s.Actor)}, {"subject", string(s.Subject)}, {"verb", s.Verb}, {"outcome", s.Outcome}} {
		if is.value != "" {
			args = append(args, is.value)
			where += ` and a.` + is.column + ` = $` + strconv.Itoa(len(args))
		}
	}
	return gate.All(v, scanEntry, `select `+entryColumns+where+` order by a.at desc, a.id desc limit `+strconv.Itoa(s.Limit), args...)
}
