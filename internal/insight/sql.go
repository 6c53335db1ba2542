package insight

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/notice"
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

const entryColumns = `a.id, a.at, a.actor, coalesce(p.name, t.name, ''), a.verb, a.subject, a.outcome, a.reason, a.detail, a.profile
	from {audit} a left join {people} p on p.id = a.actor left join {tokens} t on t.id = a.actor`

// trailOf leaves out that people were told of the record: the whole trail has it.
func trailOf(v *gate.View, subject ref.ID) ([]Entry, error) {
	return gate.All(v, scanEntry, `select `+entryColumns+` where a.subject = $1 and a.verb not in ('notice.put', 'mail.post', 'mail.settle') order by a.at desc, a.id desc limit 500`, string(subject))
}

// records are the guarded tables whose rows others speak of by name, by how the names
// begin.
var records = []struct{ table, begins string }{{"cases", "CASE-"}, {"reports", "REPORT-"}, {"advisories", "ADV-"}, {"risks", "RISK-"},
	{"observations", "OBS-"}, {"kris", "kri-"}, {"kri_samples", "sample-"}, {"tasks", "task-"}, {"quant_runs", "quant-"},
	{"meetings", "meeting-"}, {"meeting_points", "point-"}, {"candidates", "candidate-"}}

// visible leaves out rows about records that the reader may not see: column names
// the record. What is no record of a guarded kind is not left out.
func visible(column string) string {
	var all []string
	for _, r := range records {
		all = append(all, `(`+column+` not like '`+r.begins+`%' or exists (select 1 from {`+r.table+`} x where x.id = `+column+`))`)
	}
	return ` ` + strings.Join(all, " and ") + ` `
}

const jobColumns = `j.id, j.kind, j.subject, j.state, j.run_at, j.tries, j.last_error, j.made_at, j.done_at`

func scanJob(row func(...any) error) (j Job, err error) {
	var run, made, done int64
	err = row(&j.ID, &j.Kind, &j.Subject, &j.State, &run, &j.Tries, &j.Error, &made, &done)
	j.Runs, j.Made, j.Done = gate.Time(run), gate.Time(made), gate.Time(done)
	return j, err
}

// jobs lists those that were made before a place, newest first.
func jobs(v *gate.View, state string, at int64, id string, n int) ([]Job, error) {
	return gate.All(v, scanJob, `select `+jobColumns+` from {jobs} j where ($1 = '' or j.state = $1) and (j.made_at < $2 or (j.made_at = $2 and j.id < $3)) and`+
		visible("j.subject")+`order by j.made_at desc, j.id desc limit `+strconv.Itoa(n), state, at, id)
}

// countJobs counts the jobs of each state, as far as MostCounted.
func countJobs(v *gate.View) (map[string]int, error) {
	out := map[string]int{}
	for _, state := range JobStates {
		n, err := gate.One(v, gate.Value[int], `select count(*) from (select 1 from {jobs} j where j.state = $1 and`+visible("j.subject")+
			`limit `+strconv.Itoa(MostCounted)+`) n`, state)
		if err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, nil
}

func aboutJob(v *gate.View, id ref.ID) (ref.ID, error) {
	return gate.One(v, gate.Value[ref.ID], `select j.subject from {jobs} j where j.id = $1`, string(id))
}

func retryJob(tx *gate.Tx, id ref.ID) error {
	about, err := aboutJob(&tx.View, id)
	if err != nil {
		return err
	}
	if about == "" {
		about = id
	}
	n, err := tx.Maybe(about, gate.Change{Field: "job", Old: "parked", New: string(id) + " ready"}, `update {jobs} set state = 'ready', tries = 0, run_at = $2
		where id = $1 and state = 'parked'`, string(id), gate.Micros(tx.Now))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "only a parked job can be tried again; this one is not parked")
	}
	return err
}

// forgetJobs removes up to n jobs that were done before a moment. They ran when they
// were done, so that the index of what is ready finds them.
func forgetJobs(tx *gate.Tx, before int64, n int) (int64, error) {
	return tx.Maybe("", nil, `delete from {jobs} where id in (select j.id from {jobs} j where j.state = 'done' and j.run_at < $1 and j.done_at < $1
		order by j.run_at limit $2)`, before, n)
}

// telling leaves out what the house did for a record that the entry does not name:
// a file stored, a mail or a notice kept. It says nothing to those who may see the
// record, and to all others that there is one.
const telling = ` (a.subject <> '' or a.detail <> '[]' or a.outcome <> 'done' or a.verb like 'session.%') and`

// trail reads one entry more than a page has, from a place on. That a content was
// stored, for a record that is not named yet, is told by the entry of the record.
func trail(v *gate.View, s Span, from place) ([]Entry, error) {
	where, args := ` where a.verb <> 'file.store' and (a.at < $1 or (a.at = $1 and a.id < $2))`, []any{from.at, string(from.id)}
	for _, is := range [...]struct{ column, value string }{{"actor", string(s.Actor)}, {"subject", string(s.Subject)}, {"verb", s.Verb}, {"outcome", s.Outcome}} {
		if is.value != "" {
			args = append(args, is.value)
			where += ` and a.` + is.column + ` = $` + strconv.Itoa(len(args))
		}
	}
	return gate.All(v, scanEntry, `select `+entryColumns+where+` and`+telling+visible("a.subject")+`order by a.at desc, a.id desc limit `+strconv.Itoa(s.Limit+1), args...)
}

// seenOf tells which of the records the reader may see, in one statement.
func seenOf(v *gate.View, ids []ref.ID) (map[ref.ID]bool, error) {
	args, marks := []any{}, make([]string, len(ids))
	for i, id := range ids {
		args, marks[i] = append(args, string(id)), "$"+strconv.Itoa(i+1)
	}
	in := ` in (` + strings.Join(marks, ", ") + `)`
	var parts []string
	for _, r := range records {
		parts = append(parts, `select x.id from {`+r.table+`} x where x.id`+in)
	}
	found, err := gate.All(v, gate.Value[ref.ID], strings.Join(parts, ` union all `), args...)
	seen := map[ref.ID]bool{}
	for _, id := range found {
		seen[id] = true
	}
	return seen, err
}

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

// desk is the statement of a desk on its way to the store: an arm a kind, each with
// its own order and limit.
type desk struct {
	v    *gate.View
	arms []string
	args []any
	err  error
}

func (d *desk) arg(x any) string {
	d.args = append(d.args, x)
	return "$" + strconv.Itoa(len(d.args))
}

// covered is the condition that the verb covers the row of an alias; ok is false
// where the actor never has the verb.
func (d *desk) covered(verb access.Verb, alias string) (cond string, ok bool) {
	cond, args, err := d.v.Where(verb, alias, len(d.args)+1)
	switch {
	case errors.Is(err, fault.Forbidden):
		return "", false
	case err != nil:
		d.err = err
		return "", false
	case cond == "":
		cond = "1 = 1"
	}
	d.args = append(d.args, args...)
	return cond, true
}

// among is the condition that a column is one of the words.
func (d *desk) among(column string, words []string) string {
	marks := make([]string, len(words))
	for i, w := range words {
		marks[i] = d.arg(w)
	}
	return column + ` in (` + strings.Join(marks, ", ") + `)`
}

// arm adds what a statement of one kind finds.
func (d *desk) arm(columns, rest string, n int) {
	d.arms = append(d.arms, `select a.kind, a.about, a.id, a.title, a.stage, a.severity, a.at, a.due_at, a.due, a.breached, a.owner, a.words, a.version
		from (select `+columns+rest+limit(n)+`) a`)
}

// ofCase are the columns of an arm of cases; at and words are what it says besides.
func ofCase(kind, at, words string) string {
	return `'` + kind + `' as kind, c.id as about, c.id, c.title, c.stage, c.severity, ` + at + ` as at, c.due_at, c.due, c.breached, c.owner, ` + words + ` as words, c.version`
}

const dueFirst = ` order by case when c.due_at = 0 then 1 else 0 end, c.due_at, c.id`

// cases are the arms of what the actor handles, and of what nobody does.
func (d *desk) cases(soon time.Time, assigns bool) {
	cond, ok := d.covered(readCases, "c")
	if !ok {
		return
	}
	me := d.arg(string(d.v.Actor.ID))
	mine, open := `c.owner = `+me, ` and not c.closed and `+cond
	d.arm(ofCase("case", "c.at", "''"), ` from {cases} c where `+mine+open+dueFirst, deskRows)
	whose := mine
	if assigns {
		whose = `(` + mine + ` or c.owner = '')`
	}
	d.arm(ofCase(WaitClock, "c.at", "''"), ` from {cases} c where c.due_at > 0 and c.due_at < `+d.arg(gate.Micros(soon))+` and `+whose+open+` order by c.due_at, c.id`, deskRows)
	d.arm(ofCase(WaitReporter, "m.at", "m.text"), ` from {cases} c join {messages} m on m.id = (select x.id from {messages} x
		where x.subject in (select c.id union all select r.id from {reports} r where r.case_id = c.id) and x.side in ('in', 'out') order by x.at desc, x.id desc limit 1)
		where m.side = 'in' and `+mine+open+` order by m.at, c.id`, deskRows)
	d.arm(ofCase(WaitCause, "c.at", "''"), ` from {cases} c where c.rca = 'todo' and c.closed and `+mine+` and `+cond+` order by c.doc desc`, deskRows)
}

// reports are the arms of the inbox: those that are due first, and how many there are.
func (d *desk) reports(stages []string) {
	in := d.among(`c.stage`, stages)
	d.arm(`'report' as kind, c.id as about, c.id, c.title, c.stage, c.severity, c.at, c.due_at, c.due, c.breached, '' as owner, '' as words, c.version`,
		` from {reports} c where `+in+` order by case when c.due_at = 0 then 1 else 0 end, c.due_at, c.at, c.id`, deskRows)
	d.arm(`'inbox' as kind, '' as about, '' as id, '' as title, '' as stage, '' as severity, coalesce(min(x.at), 0) as at, 0 as due_at, '' as due, false as breached, '' as owner, '' as words, count(*) as version`,
		` from (select c.at from {reports} c where `+in+` order by c.at limit `+strconv.Itoa(MostCounted)+`) x`, 1)
}

func (d *desk) advisories(stages []string) {
	d.arm(`'advisory' as kind, c.id as about, c.id, c.title, c.stage, c.severity, c.at, 0 as due_at, '' as due, false as breached, '' as owner, '' as words, c.version`,
		` from {advisories} c where `+d.among(`c.stage`, stages)+` order by c.doc desc`, deskRows)
}

// asked are the arms of what others ask of the actor.
func (d *desk) asked() {
	me := d.arg(string(d.v.Actor.ID))
	if cond, ok := d.covered(readIndicators, "t"); ok {
		d.arm(`'task' as kind, t.id as about, t.guard as id, coalesce(c.title, '') as title, coalesce(k.title, '') as stage, '' as severity, t.at, t.due_at, '' as due, false as breached, t.about as owner, t.kind as words, t.version`,
			` from {tasks} t left join {risks} c on c.id = t.guard left join {kris} k on k.id = t.about where t.state = 'open' and (t.who = `+me+` or t.who = '' and c.owner = `+me+`) and `+cond+
				` order by case when t.due_at = 0 then 1 else 0 end, t.due_at, t.id`, deskRows)
	}
	d.arm(`'mention' as kind, n.id as about, n.subject as id, `+notice.Title+` as title, '' as stage, '' as severity, n.at, 0 as due_at, '' as due, false as breached, n.actor as owner, '' as words, 0 as version`,
		` from {notices} n where n.person = `+me+` and n.read_at = 0 and n.what = 'mention' and `+visible("n.subject")+` order by n.at desc, n.id`, deskRows)
	if cond, ok := d.covered(readMeetings, "m"); ok {
		d.arm(`'meeting' as kind, m.id as about, m.id, '' as title, m.state as stage, '' as severity, m.at, m.next_at as due_at, '' as due, false as breached, '' as owner, '' as words, m.version`,
			` from {meetings} m where `+cond+` order by m.at desc, m.id`, 1)
	}
}

func (d *desk) find() ([]Wait, error) {
	if d.err != nil {
		return nil, d.err
	}
	return gate.All(d.v, func(row func(...any) error) (w Wait, err error) {
		var at, due int64
		err = row(&w.Kind, &w.Of, &w.ID, &w.Title, &w.Stage, &w.Severity, &at, &due, &w.DueWhat, &w.Late, &w.Owner, &w.Words, &w.Version)
		w.At, w.Due = gate.Time(at), gate.Time(due)
		return w, err
	}, strings.Join(d.arms, ` union all `), d.args...)
}

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

func sealed(v *gate.View) (Seal, error) {
	found, err := gate.All(v, func(row func(...any) error) (s Seal, err error) { return s, row(&s.Size, &s.Open) },
		`select l.size, (select count(*) from (select 1 from {audit_new} n limit `+strconv.Itoa(MostCounted)+`) x) from {audit_log} l`)
	if err != nil || len(found) == 0 {
		return Seal{}, err
	}
	return found[0], nil
}

// entriesOf reads entries by their IDs, oldest first.
func entriesOf(v *gate.View, subject ref.ID, ids []ref.ID) ([]Entry, error) {
	args, in := []any{string(subject)}, make([]string, len(ids))
	for i, id := range ids {
		args, in[i] = append(args, string(id)), `$`+strconv.Itoa(i+2)
	}
	return gate.All(v, scanEntry, `select `+entryColumns+` where a.subject = $1 and a.id in (`+strings.Join(in, `, `)+`)
		and a.outcome = 'done' and a.verb not in ('notice.put', 'mail.post', 'mail.settle') order by a.at, a.id`, args...)
}

// doneSince reads what the sealed log says was done, from a place up to another.
func doneSince(v *gate.View, from, to int64) ([]gate.Done, error) {
	return gate.All(v, func(row func(...any) error) (d gate.Done, err error) {
		var detail string
		if err = row(&d.Entry, &d.Subject, &d.Actor, &d.Verb, &detail); err != nil {
			return d, err
		}
		var changes []gate.Change
		err = json.Unmarshal([]byte(detail), &changes)
		for _, c := range changes {
			d.Fields = append(d.Fields, c.Field)
		}
		return d, err
	}, `select a.id, a.subject, a.actor, a.verb, a.detail from {audit_seal} s join {audit} a on a.id = s.entry
		where s.seq >= $1 and s.seq < $2 and a.outcome = 'done' order by s.seq`, from, to)
}

// sealedEntry is an entry with its place in the sealed log.
type sealedEntry struct {
	Entry
	seq int64
}

// happened reads what a stretch of the sealed log says was done to records of the
// kinds; that people were told is left out.
func happened(v *gate.View, from, to int64, kinds []string) ([]sealedEntry, error) {
	var begins []string
	for _, k := range kinds {
		begins = append(begins, `a.subject like '`+beginning(k)+`%'`)
	}
	return gate.All(v, func(row func(...any) error) (e sealedEntry, err error) {
		e.Entry, err = scanEntry(func(into ...any) error { return row(append([]any{&e.seq}, into...)...) })
		return e, err
	}, `select s.seq, a.id, a.at, a.actor, '', a.verb, a.subject, a.outcome, a.reason, a.detail, a.profile from {audit_seal} s join {audit} a on a.id = s.entry
		where s.seq >= $1 and s.seq < $2 and a.outcome = 'done' and a.verb not in ('notice.put', 'mail.post', 'mail.settle')
		and (`+strings.Join(begins, ` or `)+`) order by s.seq`, from, to)
}

// beginning is how the names of a kind of record begin.
func beginning(kind string) string {
	for _, r := range records {
		if ref.ID(r.begins).Kind() == kind {
			return r.begins
		}
	}
	return kind + "-"
}
