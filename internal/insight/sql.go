package insight

import (
	"strconv"

	"tocsin/internal/db"
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
