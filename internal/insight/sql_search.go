package insight

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
)

var insertWords = map[db.Engine]string{
	db.SQLite: `insert into {search} (rowid, title, body) values ($1, $2, $3)`,
	db.Postgres: `insert into {search} (doc, words) values ($1, setweight(to_tsvector('simple', $2), 'A') || to_tsvector('simple', $3))
		on conflict (doc) do update set words = excluded.words`,
}

var deleteWords = map[db.Engine]string{
	db.SQLite:   `delete from {search} where rowid = $1`,
	db.Postgres: `delete from {search} where doc = $1`,
}

// placed reports whether a record has the place.
func placed(v *gate.View, doc int64) (bool, error) {
	found, err := gate.All(v, gate.Value[int], `select 1 from {cases} c where c.doc = $1 union all select 1 from {reports} r where r.doc = $1
		union all select 1 from {advisories} a where a.doc = $1 union all select 1 from {risks} k where k.doc = $1
		union all select 1 from {observations} o where o.doc = $1`, doc)
	return len(found) > 0, err
}

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

// walked reads the index of words in its order.
func (l Rows) walked(m Match, columns string) string {
	return `select ` + columns + ` from ` + l.Table + ` c` + m.Join + where(slices.Concat(l.Quick, l.Where, []string{m.Where}))
}

// begun is walked for the newest that hold the words, whoever may see them: where
// they are fewer than a window, it is all.
func (l Rows) begun(m Match, columns string) string {
	return `select ` + columns + ` from (` + m.hits() + `) w cross join ` + l.Table + ` c on c.doc = w.rowid` + where(slices.Concat(l.Quick, l.Where))
}

// hits are the newest that hold the words, as many as a window has.
func (m Match) hits() string {
	return `select w.rowid as rowid from {` + m.index + `} w where ` + m.Where + ` order by w.rowid desc` + limit(window)
}

// lookedUp asks the index of words for each row that the reader may see, where a
// window did not hold all that has the words.
func (l Rows) lookedUp(m Match, columns string) string {
	return `select ` + columns + ` from ` + l.Table + ` c cross join {` + m.index + `} w on w.rowid = c.doc` + where(slices.Concat(l.Quick, l.Where, []string{m.Where})) +
		` and (select count(*) from (` + m.hits() + `) f) = ` + strconv.Itoa(window)
}

// sparse tells whether the reader is from outside and may see so few rows that each
// of them can be looked up.
func (l Rows) sparse(v *gate.View) (bool, error) {
	if v.Engine() == db.Postgres || v.IsStaff() || l.Due {
		return false, nil
	}
	n, err := gate.One(v, gate.Value[int], counted(`select 1 from `+l.Table+` c`, few+1))
	return n <= few, err
}

// windowed looks for the words in the first rows of the list alone. No plan can
// turn it around: the words are looked up row by row, so that it costs the window
// and no more, whatever they are.
func (l Rows) windowed(m Match, columns string) string {
	return `select ` + columns + ` from (` + l.first(`c.*`) + `) c cross join lateral (select w.words from {` + m.index + `} w where w.doc = c.doc offset 0) w` +
		where(slices.Concat(l.Where, []string{m.Where}))
}

// indexed asks the index of words for everything, and then which of it the reader
// may see; where the window held the whole list it asks nothing.
func (l Rows) indexed(m Match, columns string) string {
	return `select ` + columns + ` from (select w.doc from {` + m.index + `} w where ` + m.Where + ` offset 0) h join ` + l.Table + ` c on c.doc = h.doc` +
		where(slices.Concat(l.Quick, l.Where)) + ` and (select count(*) from (` + l.first(`1`) + `) f) = ` + strconv.Itoa(window)
}

// first reads the rows of the window.
func (l Rows) first(columns string) string {
	order := ` order by c.newest desc`
	if l.Due {
		order = byDue
	}
	return `select ` + columns + ` from ` + l.Table + ` c` + where(l.Quick) + order + limit(window)
}

const byDue = ` order by c.due_at, c.id`

func (l Rows) order(m Match) string {
	if l.Due {
		return byDue
	}
	return ` order by ` + m.Newest + ` desc`
}

// where joins conditions; it always begins one, so that another may follow.
func where(conditions []string) string {
	return ` where ` + strings.Join(append([]string{`1 = 1`}, conditions...), ` and `)
}

func limit(n int) string { return ` limit ` + strconv.Itoa(n) }

func counted(q string, most int) string { return `select count(*) from (` + q + limit(most) + `) n` }

const briefColumns = `c.id, c.title, c.stage, c.severity, c.at, c.due_at, c.due, c.breached`

func scanBrief(row func(...any) error) (b Brief, err error) {
	var at, due int64
	err = row(&b.ID, &b.Title, &b.Stage, &b.Severity, &at, &due, &b.DueWhat, &b.Late)
	b.At, b.Due = gate.Time(at), gate.Time(due)
	return b, err
}

// briefAdvisory has no clocks.
const briefAdvisory = `c.id, c.title, c.stage, c.severity, c.at, 0, '', false`

// A risk has a rating and no severity, which each reader has in their own world; an
// observation has one date and no clocks.
const (
	briefRisk        = `c.id, c.title, c.stage, '', c.at, c.due_at, c.due, c.breached`
	briefObservation = `c.id, c.title, c.stage, '', c.at, c.due_at, '', false`
)

// newestOf are the rows of a table whose list cannot start from what names the
// reader, as those of cases and reports do: advisories are seen by way of their cases.
func newestOf(table string) string { return `(select a.*, a.doc as newest from {` + table + `} a)` }

// arm is what a search asks of one kind.
type arm struct {
	kind kind
	m    Match
	rows Rows
}

// search looks for the words in every kind, in one statement; on PostgreSQL in two,
// as Find does.
func search(v *gate.View, text string) (map[string]*Found, error) {
	arms, args, err := armed(v, text)
	if err != nil {
		return nil, err
	}
	if v.Engine() != db.Postgres {
		return asked(v, arms, args, Rows.walked)
	}
	found, err := asked(v, arms, args, Rows.windowed)
	if err != nil {
		return nil, err
	}
	for i, a := range arms {
		if f := found[a.kind.name]; f != nil && f.Many == MostFound { // the arguments stay as they are numbered
			arms[i].rows.Where = append(slices.Clone(a.rows.Where), `1 = 0`)
		}
	}
	all, err := asked(v, arms, args, Rows.indexed)
	for k, f := range all {
		if found[k] == nil || f.Many > found[k].Many {
			found[k] = f
		}
	}
	return found, err
}

// armed makes the arms of a search and their arguments.
func armed(v *gate.View, text string) (arms []arm, args []any, err error) {
	m, err := Matching(v.Engine(), text, 1)
	if err != nil {
		return nil, nil, err
	}
	args = []any{m.Arg}
	texts, more, err := readableTexts(v, len(args)+1)
	if err != nil {
		return nil, nil, err
	}
	args = append(args, more...)
	for _, k := range searched {
		if k.isText() {
			in, arg := m.inTexts(v.Engine(), k.name, len(args)+1)
			arms = append(arms, arm{k, in, Rows{Columns: briefText, Table: newestOf("passages"), Quick: []string{`c.kind = '` + k.name + `'`}, Where: texts}})
			args = append(args, arg...)
			continue
		}
		mine, more, err := readable(v, k.verb, len(args)+1)
		if err != nil {
			return nil, nil, err
		}
		arms = append(arms, arm{k, m, Rows{Columns: k.columns + `, '' as about, 0 as doc`, Table: k.rows, Where: mine}})
		args = append(args, more...)
	}
	return arms, args, nil
}

// asked reads the arms, each in the same way.
func asked(v *gate.View, arms []arm, args []any, way func(Rows, Match, string) string) (map[string]*Found, error) {
	parts := make([]string, len(arms))
	for i, a := range arms {
		parts[i] = `select * from (` + way(a.rows, a.m, `'`+a.kind.name+`' as kind, `+a.rows.Columns) + a.rows.order(a.m) + limit(MostFound) + `) a` + strconv.Itoa(i)
	}
	out := map[string]*Found{}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var name string
		var t Text
		b, err := scanBrief(func(to ...any) error { return row(append(append([]any{&name}, to...), &t.About, &t.doc)...) })
		if out[name] == nil {
			out[name] = &Found{Kind: name}
		}
		out[name].add(b, t)
		return struct{}{}, err
	}, strings.Join(parts, ` union all `), args...)
	return out, err
}

// add takes a row in: that of a text has a number.
func (f *Found) add(b Brief, t Text) {
	f.Many++
	if t.doc == 0 {
		f.Rows = append(f.Rows, b)
		return
	}
	t.ID, t.Title, t.At = string(b.ID), b.Title, b.At
	f.Texts = append(f.Texts, t)
}

// briefText are the columns of a passage as those of a Brief, with what it stands on.
const briefText = `c.id, c.title, '' as stage, '' as severity, c.at, 0 as due_at, '' as due, false as breached, c.about, c.doc`

// inTexts is the match among the passages of a kind, and its argument. The kind is asked
// of the index of their words, too: there may be many that hold the words, and few of
// the kind.
func (m Match) inTexts(e db.Engine, kind string, n int) (Match, []any) {
	m.index = `passage_words`
	if e == db.Postgres {
		m.Join, m.Where = ` join {passage_words} w on w.doc = c.doc`, `w.words @@ (to_tsquery('simple', $1) && '''=`+kind+`'''::tsquery)`
		return m, nil
	}
	m.Join, m.Where = ` join {passage_words} w on w.rowid = c.doc`, `w.passage_words match $`+strconv.Itoa(n)
	return m, []any{`{title body} : (` + m.Arg + `) AND kind : "` + kind + `"`}
}

// readableTexts are the conditions that the actor may read a passage: by the verb of
// the page on which it stands, and only where they may see the record of that page, too.
func readableTexts(v *gate.View, n int) (conditions []string, args []any, err error) {
	var all, some []string
	for _, verb := range textVerbs {
		cond, more, err := v.Where(verb, "c", n+len(args))
		switch {
		case errors.Is(err, fault.Forbidden):
		case err != nil:
			return nil, nil, err
		case cond == "":
			all = append(all, `'`+string(verb)+`'`)
		default:
			some, args = append(some, `c.verb = '`+string(verb)+`' and `+cond), append(args, more...)
		}
	}
	if len(all) > 0 {
		some = append(some, `c.verb in (`+strings.Join(all, `, `)+`)`)
	}
	if len(some) == 0 {
		return []string{`1 = 0`}, nil, nil
	}
	return []string{`(` + strings.Join(some, ` or `) + `)`, seenPage}, args, nil
}

// seenPage is the condition that the reader sees the record on whose page a passage
// stands. It is another one than guards the passage where evidence is guarded by its
// case and a decision of a meeting by its risk; an indicator has the guard of its risk.
const seenPage = `(c.about = c.guard or c.kind = '` + passage.KRI + `' or exists (select 1 from {risks} x where x.id = c.about) or exists (select 1 from {meetings} x where x.id = c.about))`

// told reads texts by their numbers, and the titles of the records on which they stand.
func told(v *gate.View, docs []int64, on []ref.ID) (words map[int64]string, titles map[ref.ID]string, err error) {
	q := &desk{v: v}
	in := make([]string, len(docs))
	for i, d := range docs {
		in[i] = q.arg(d)
	}
	parts := []string{`select p.doc, p.id, p.text from {passages} p where p.doc in (` + strings.Join(in, `, `) + `)`}
	for _, t := range titled {
		if ids := ofKind(on, t.kind); len(ids) > 0 {
			parts = append(parts, `select 0, x.id, x.title from {`+t.table+`} x where `+q.among(`x.id`, ids))
		}
	}
	words, titles = map[int64]string{}, map[ref.ID]string{}
	_, err = gate.All(v, func(row func(...any) error) (struct{}, error) {
		var doc int64
		var id ref.ID
		var text string
		err := row(&doc, &id, &text)
		if doc != 0 {
			words[doc] = text
		} else {
			titles[id] = text
		}
		return struct{}{}, err
	}, strings.Join(parts, ` union all `), q.args...)
	return words, titles, err
}

// ofKind are the names of records of a kind.
func ofKind(ids []ref.ID, kind string) (out []string) {
	for _, id := range ids {
		if id.Kind() == kind {
			out = append(out, string(id))
		}
	}
	return out
}

// titled are the tables in which the titles of records of each kind stand. A meeting's
// stands in a body, and so with its passage.
var titled = []struct{ table, kind string }{{"cases", "case"}, {"reports", "report"}, {"advisories", "adv"}, {"risks", "risk"}, {"observations", "obs"},
	{"kris", "kri"}, {"passages", "meeting"}}

// readable are the conditions that the actor may use the verb on the record c: none,
// or one. A token whose scopes leave the verb out finds nothing.
func readable(v *gate.View, verb access.Verb, n int) ([]string, []any, error) {
	cond, args, err := v.Where(verb, "c", n)
	switch {
	case errors.Is(err, fault.Forbidden):
		return []string{`1 = 0`}, nil, nil
	case cond == "" || err != nil:
		return nil, nil, err
	}
	return []string{cond}, args, nil
}
