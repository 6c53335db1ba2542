// Package insight reads across the records of the house: full text, boards,
// metrics, similar records. It changes nothing but the full-text index, and it
// shows nobody what they may not open.
package insight

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// MaxIndexed is how much of a record's text is indexed, in bytes.
const MaxIndexed = 64 << 10

// Index puts a record's text into the full-text index under its number. fresh
// says that the record is new.
func Index(tx *gate.Tx, subject ref.ID, doc int64, fresh bool, title, body string) error {
	if !fresh && tx.Engine() == db.SQLite {
		if err := tx.Last(subject, deleteWords[db.SQLite], doc); err != nil {
			return err
		}
	}
	return tx.Last(subject, insertWords[tx.Engine()], doc, title, indexed(body))
}

// Statement is what puts a text into the full-text index of a store that is
// being restored, outside of any act.
func Statement(e db.Engine, doc int64, title, body string) (string, []any) {
	return strings.NewReplacer("{", "", "}", "").Replace(insertWords[e]), []any{doc, title, indexed(body)}
}

// indexed is the part of a text that is indexed.
func indexed(body string) string {
	if len(body) > MaxIndexed {
		return strings.ToValidUTF8(body[:MaxIndexed], "")
	}
	return body
}

// Forget takes a record's text out of the full-text index.
func Forget(tx *gate.Tx, subject ref.ID, doc int64) error {
	return tx.Last(subject, deleteWords[tx.Engine()], doc)
}

// Place finds a place in the lists, which is also the number in the full-text
// index, that no record has yet. gate.Doc alone is enough for what happens now;
// published history has many records of one moment.
func Place(tx *gate.Tx, at time.Time) (doc int64, err error) {
	err = tx.AsHouse(func(v *gate.View) error {
		for taken := true; taken && err == nil; {
			doc = gate.Doc(at)
			taken, err = placed(v, doc)
		}
		return err
	})
	return doc, err
}

// Match is how a list asks for the records that hold some words: a join to add
// after the list's own table, whose alias is c, and a condition whose argument
// is Arg.
type Match struct {
	Join, Where, Arg string
	Newest           string // the column to order and page by, newest first
	index            string // of words: its table
}

// Matching reads what a person typed into a search box: words that must all
// occur, "phrases", and word* for beginnings. n is the number of the condition's
// argument.
func Matching(e db.Engine, typed string, n int) (Match, error) {
	terms := split(typed)
	if len(terms) == 0 {
		return Match{}, fault.At("q", "the search holds no word; type at least one letter or digit")
	}
	if n := longest(terms); len(terms) > 16 || n > maxPhrase {
		return Match{}, fault.At("q", "the search holds %d words, %d of them in one phrase; use at most 16", len(terms), n)
	}
	if e == db.Postgres {
		return Match{joinWords[e], whereWords(e, n), tsquery(terms), newest[e], "search"}, nil
	}
	return Match{joinWords[e], whereWords(e, n), fts5(terms), newest[e], "search"}, nil
}

// Rows is a list that asks for words: its columns, table and conditions, which
// speak of the table as c, and their arguments, those of the Match among them.
type Rows struct {
	Columns, Table string   // the table as {cases:newest}
	Quick          []string // conditions that an index of the list answers, such as where the page begins
	Where          []string // all others
	Due            bool     // ordered by what is due next, not newest first
	Args           []any
}

// window is how many of the newest rows are looked through for the words before
// the index of words is asked. They are rows that the reader may see: what is
// hidden from them does not narrow it.
const window = 2000

// mostTime is how long PostgreSQL may take over one statement of a search. It is
// some ten times what a search of a million records takes there.
const mostTime = 250 * time.Millisecond

// Bounded limits the time of what is searched in the view from here on.
func Bounded(v *gate.View) error { return within(v, mostTime) }

func within(v *gate.View, most time.Duration) error {
	const says = "the search takes too long; add a word or a filter"
	return v.Within(most, &fault.Fault{Kind: fault.Unavailable, Says: says, Fields: []fault.Field{{Name: "q", Says: says}}})
}

// few is how many rows somebody from outside may see at most for whom SQLite looks
// each of them up: that takes a tenth of a millisecond a row.
const few = 300

// steps are how a list is searched: in what begins it, and where that does not hold
// enough, in the rest. Without a rest what begins it is all.
type steps struct {
	first, rest func(Rows, Match, string) string
	by          string // the column of the rest that pages newest first
}

// steps are those of the engine. SQLite walks the index of words newest first and
// stops when it has enough; who may see few rows would walk all of it, so that for
// them a window of it is walked, and then each of their rows looked up. PostgreSQL's
// index has no order: there the newest rows are looked through, and only where they do
// not hold enough is the index asked for all that it has.
func (l Rows) steps(v *gate.View) (steps, error) {
	if v.Engine() == db.Postgres {
		return steps{Rows.windowed, Rows.indexed, newest[db.Postgres]}, nil
	}
	if sparse, err := l.sparse(v); sparse || err != nil {
		return steps{Rows.begun, Rows.lookedUp, `c.doc`}, err // by w.rowid each look would begin at the index's other end
	}
	return steps{first: Rows.walked}, nil
}

// Find reads the first rows that hold the words.
func Find[T any](v *gate.View, scan func(func(...any) error) (T, error), m Match, l Rows, n int) ([]T, error) {
	s, err := l.steps(v)
	if err != nil {
		return nil, err
	}
	found, err := gate.All(v, scan, s.first(l, m, l.Columns)+l.order(m)+limit(n), l.Args...)
	if err != nil || len(found) == n || s.rest == nil {
		return found, err
	}
	m.Newest = s.by
	all, err := gate.All(v, scan, s.rest(l, m, l.Columns)+l.order(m)+limit(n), l.Args...)
	return longer(found, all), err
}

// Count counts the rows that hold the words, up to most.
func Count(v *gate.View, m Match, l Rows, most int) (int, error) {
	s, err := l.steps(v)
	if err != nil {
		return 0, err
	}
	n, err := gate.One(v, gate.Value[int], counted(s.first(l, m, `1`), most), l.Args...)
	if err != nil || n == most || s.rest == nil {
		return n, err
	}
	all, err := gate.One(v, gate.Value[int], counted(s.rest(l, m, `1`), most), l.Args...)
	return max(n, all), err
}

// longer is what the index has, or nothing where the window held every row: then
// the index was not asked.
func longer[T any](window, all []T) []T {
	if len(all) > len(window) {
		return all
	}
	return window
}

// maxPhrase is how many words a phrase has; maxWord how long a word is, in bytes:
// PostgreSQL's full text takes no longer one, and nobody types it.
const (
	maxPhrase = 16
	maxWord   = 200
)

func longest(terms []term) (n int) {
	for _, t := range terms {
		n = max(n, len(t.words))
	}
	return n
}

// term is a word or a phrase to look for.
type term struct {
	words  []string
	prefix bool
}

// split cuts the typed text into terms. Nothing in it is an operator but quotes
// and a star at a word's end, so that no input is an error.
func split(typed string) []term {
	var out []term
	for i, part := range strings.Split(typed, `"`) {
		if i%2 == 1 {
			if ws := words(part); len(ws) > 0 {
				out = append(out, term{words: ws})
			}
			continue
		}
		for f := range strings.FieldsSeq(part) {
			if ws := words(f); len(ws) > 0 {
				out = append(out, term{words: ws, prefix: strings.HasSuffix(f, "*")})
			}
		}
	}
	return out
}

// words cuts a text where it has no letter, digit or mark. What holds no letter and
// no digit is no word: neither engine has it in its index.
func words(s string) []string {
	all := strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-' && r != '_'
	})
	return slices.DeleteFunc(all, func(w string) bool {
		return len(w) > maxWord || !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	})
}

func fts5(terms []term) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = `"` + strings.Join(t.words, " ") + `"`
		if t.prefix {
			parts[i] += "*"
		}
	}
	return strings.Join(parts, " ")
}

func tsquery(terms []term) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		quoted := make([]string, len(t.words))
		for j, w := range t.words {
			quoted[j] = "'" + w + "'"
		}
		if t.prefix {
			quoted[len(quoted)-1] += ":*"
		}
		parts[i] = strings.Join(quoted, " <-> ")
	}
	return strings.Join(parts, " & ")
}

// MatchingAny is Matching for records that hold any of the words, for finding
// likeness.
func MatchingAny(e db.Engine, any []string, n int) (Match, error) {
	var quoted []string
	for _, w := range any {
		for _, x := range words(w) {
			quoted = append(quoted, map[db.Engine]string{db.SQLite: `"` + x + `"`, db.Postgres: "'" + x + "'"}[e])
		}
	}
	if len(quoted) == 0 {
		return Match{}, fault.At("q", "the search holds no word; type at least one letter or digit")
	}
	or := map[db.Engine]string{db.SQLite: " OR ", db.Postgres: " | "}[e]
	return Match{joinWords[e], whereWords(e, n), strings.Join(quoted, or), newest[e], "search"}, nil
}
