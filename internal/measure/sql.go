package measure

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// args are the arguments of a statement that is put together.
type args []any

// put adds an argument and returns its name.
func (a *args) put(x any) string {
	*a = append(*a, x)
	return "$" + strconv.Itoa(len(*a))
}

func (a *args) at(t time.Time) string { return a.put(gate.Micros(t)) }

// base is how far the cases of the store are measured.
type base struct{ rules, upto string }

func scanBase(row func(...any) error) (b base, err error) {
	err = row(&b.rules, &b.upto)
	return b, err
}

func baseOf(v *gate.View) (base, error) {
	found, err := gate.All(v, scanBase, `select b.rules, b.upto from {span_base} b where b.name = 'spans'`)
	if err != nil || len(found) == 0 {
		return base{}, err
	}
	return found[0], nil
}

func putBase(tx *gate.Tx, b base) error {
	return tx.Exec("", nil, `insert into {span_base} (name, rules, upto) values ('spans', $1, $2)
		on conflict (name) do update set rules = excluded.rules, upto = excluded.upto`, b.rules, b.upto)
}

// putSpans writes spans of a case in one statement.
func putSpans(tx *gate.Tx, id ref.ID, spans []Span) error {
	if len(spans) == 0 {
		return nil
	}
	of := make([]ref.ID, len(spans))
	for i := range of {
		of[i] = id
	}
	q, a := insertSpans(of, spans)
	return tx.Exec(id, nil, q, a...)
}

// spansAtOnce is how many spans one statement adds where many cases are measured.
const spansAtOnce = 64

// addSpans writes spans of several cases.
func addSpans(tx *gate.Tx, of []ref.ID, spans []Span) error {
	q, a := insertSpans(of, spans)
	return tx.Derive(q, a...)
}

// insertSpans is the statement that writes spans, each of the case beside it.
func insertSpans(of []ref.ID, spans []Span) (string, args) {
	var a args
	rows := make([]string, len(spans))
	for i, s := range spans {
		rows[i] = `(` + strings.Join([]string{a.put(string(of[i])), a.put(s.Audience), a.put(s.What), a.put(int64(s.Round)), a.put(s.Severity), a.put(s.Product), a.put(s.Source),
			a.put(s.CWE), a.put(s.Begun), a.put(s.Ended), a.put(s.Held), a.put(s.Due), a.put(s.Decided), a.put(s.Late)}, ", ") + `)`
	}
	return `insert into {spans} (guard, audience, what, round, severity, product, source, cwe, begun, ended, held, due, decided, late)
		values ` + strings.Join(rows, ", ") + ` on conflict (guard, what, round) do update set severity = excluded.severity, product = excluded.product,
		source = excluded.source, cwe = excluded.cwe, begun = excluded.begun, ended = excluded.ended, held = excluded.held, due = excluded.due,
		decided = excluded.decided, late = excluded.late, audience = excluded.audience`, a
}

func deleteSpans(tx *gate.Tx, id ref.ID, spans []Span) error {
	for _, s := range spans {
		if _, err := tx.Maybe(id, nil, `delete from {spans} where guard = $1 and what = $2 and round = $3`, string(id), s.What, int64(s.Round)); err != nil {
			return err
		}
	}
	return nil
}

// forget takes away whatever was measured of the cases.
func forget(tx *gate.Tx, ids []ref.ID) error {
	if len(ids) == 0 {
		return nil
	}
	var a args
	in := make([]string, len(ids))
	for i, id := range ids {
		in[i] = a.put(string(id))
	}
	return tx.Derive(`delete from {spans} where guard in (`+strings.Join(in, ", ")+`)`, a...)
}

// asked is a question with its window, as statements are made of it.
type asked struct {
	Ask
	Window
	v *gate.View
}

// where is what the question and the reader's grants narrow the spans of s to. It
// comes last: the grants take their arguments behind all others.
func (q asked) where(a *args) (string, error) {
	out := ""
	if q.Product != "" {
		out += ` and s.product = ` + a.put(q.Product)
	}
	switch q.Severity {
	case "":
	case Unknown:
		out += ` and s.severity = ''`
	default:
		out += ` and s.severity = ` + a.put(q.Severity)
	}
	cond, more, err := q.v.Where(readCases, "s", len(*a)+1)
	if err != nil {
		return "", err
	}
	if cond != "" {
		out += ` and ` + cond
	}
	*a = append(*a, more...)
	return out, nil
}

// tally is how many rounds of a clock were decided, or run.
type tally struct {
	what, severity string
	period         int // 0 the window before, 1 the window, 2 runs at its end
	late, open     bool
	n              int
}

func scanTally(row func(...any) error) (t tally, err error) {
	err = row(&t.what, &t.severity, &t.period, &t.late, &t.open, &t.n)
	return t, err
}

// tallies counts the rounds that were decided in the window and in the one before,
// and those that run at its end.
func (q asked) tallies() ([]tally, error) {
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanTally, `select s.what, s.severity, case when s.decided >= `+from+` then 1 else 0 end, s.late, s.ended >= `+to+`, count(*) from {spans} s
		where s.due > 0 and s.decided >= `+prev+` and s.decided < `+to+where+` group by 1, 2, 3, 4, 5
		union all select s.what, s.severity, 2, false, true, count(*) from {spans} s
		where s.due > 0 and s.decided >= `+to+` and s.begun < `+to+where+` group by 1, 2`, a...)
}

// took is how many spans took so many whole hours without pauses, and how many
// seconds they took together.
type took struct {
	what, severity string
	period, hours  int
	n              int
	seconds        int64
}

func scanTook(row func(...any) error) (t took, err error) {
	err = row(&t.what, &t.severity, &t.period, &t.hours, &t.n, &t.seconds)
	return t, err
}

const hourMicros, secondMicros = `3600000000`, `1000000`

// lengths counts the spans that ended in the window and in the one before by their
// length in hours.
func (q asked) lengths() ([]took, error) {
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanTook, `select s.what, s.severity, case when s.ended >= `+from+` then 1 else 0 end, (s.ended - s.begun - s.held) / `+hourMicros+`,
		count(*), cast(sum((s.ended - s.begun - s.held) / `+secondMicros+`) as bigint) from {spans} s
		where s.ended >= `+prev+` and s.ended < `+to+where+` group by 1, 2, 3, 4`, a...)
}

// aged is how many open cases are so many days old.
type aged struct {
	severity string
	days, n  int
}

func scanAged(row func(...any) error) (x aged, err error) {
	err = row(&x.severity, &x.days, &x.n)
	return x, err
}

// ages counts the cases that are open at the end of the window by their age.
func (q asked) ages() ([]aged, error) {
	var a args
	to := a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanAged, `select s.severity, (`+to+` - s.begun) / 86400000000, count(*) from {spans} s
		where s.what = '`+WholeCase+`' and s.ended >= `+to+` and s.begun < `+to+where+` group by 1, 2`, a...)
}

// flowed is how many cases began or ended in a month.
type flowed struct {
	kind          string // begun, ended, open (before the first month)
	month, number int    // number is the round, 1 or 2 for all others
	n             int
}

func scanFlow(row func(...any) error) (f flowed, err error) {
	err = row(&f.kind, &f.month, &f.number, &f.n)
	return f, err
}

// flow counts by month what came in, what ended and what was open before. Each month
// is a stretch of an index that is counted by itself; to group a year by the month
// would sort all of it.
func (q asked) flow(starts []time.Time) ([]flowed, error) {
	var a args
	bounds := make([]string, 0, len(starts)+1)
	for _, t := range append(slices.Clone(starts), q.to) {
		bounds = append(bounds, a.at(t))
	}
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	const from = `, count(*) from {spans} s where s.what = '` + WholeCase + `' and `
	parts := []string{`select 'open', 0, 1` + from + `s.ended >= ` + bounds[0] + ` and s.begun < ` + bounds[0] + where}
	for i := range starts {
		n, within := strconv.Itoa(i), func(column string) string {
			return `s.` + column + ` >= ` + bounds[i] + ` and s.` + column + ` < ` + bounds[i+1] + where
		}
		parts = append(parts, `select 'begun', `+n+`, 1`+from+`s.round = 1 and `+within("begun"), `select 'begun', `+n+`, 2`+from+`s.round > 1 and `+within("begun"),
			`select 'ended', `+n+`, 1`+from+within("ended"))
	}
	return gate.All(q.v, scanFlow, strings.Join(parts, ` union all `), a...)
}

// came is how many cases of a weakness came in from a source.
type came struct {
	cwe, source, severity string
	period, n             int
}

func scanCame(row func(...any) error) (c came, err error) {
	err = row(&c.cwe, &c.source, &c.severity, &c.period, &c.n)
	return c, err
}

// intake counts the cases that were opened in the window and in the one before.
func (q asked) intake() ([]came, error) {
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanCame, `select s.cwe, s.source, s.severity, case when s.begun >= `+from+` then 1 else 0 end, count(*) from {spans} s
		where s.what = '`+WholeCase+`' and s.round = 1 and s.begun >= `+prev+` and s.begun < `+to+where+` group by 1, 2, 3, 4`, a...)
}

// repeated is how often something began once more.
type repeated struct {
	what      string
	period, n int
}

func scanRepeated(row func(...any) error) (r repeated, err error) {
	err = row(&r.what, &r.period, &r.n)
	return r, err
}

// again counts what began once more: stays in a stage after a loop, reopened cases.
func (q asked) again() ([]repeated, error) {
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanRepeated, `select s.what, case when s.begun >= `+from+` then 1 else 0 end, count(*) from {spans} s
		where s.round > 1 and s.begun >= `+prev+` and s.begun < `+to+where+` group by 1, 2`, a...)
}

func scanBreach(row func(...any) error) (b Breach, err error) {
	var begun, ended, held, due, at int64
	err = row(&b.Case, &b.Title, &b.Stage, &b.what, &b.Severity, &b.Product, &begun, &ended, &held, &due, &at)
	b.Began, b.Due, b.At, b.Paused = moment(begun), moment(due), moment(at), Span64(held)
	if e := moment(ended); !e.IsZero() {
		b.Ended = &e
	}
	return b, err
}

// breaches lists the rounds that were missed in the window, the newest first.
func (q asked) breaches(n int) ([]Breach, error) {
	var a args
	from, to := a.at(q.from), a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanBreach, `select s.guard, c.title, c.stage, s.what, s.severity, s.product, s.begun, s.ended, s.held, s.due, s.decided from {spans} s
		join {cases} c on c.id = s.guard where s.due > 0 and s.late and s.decided >= `+from+` and s.decided < `+to+where+`
		order by s.decided desc, s.guard, s.what limit `+strconv.Itoa(n), a...)
}

// population is how many cases the numbers are of, how many were opened in the
// window, handled here and in all, and how far the store is measured.
type population struct {
	cases, handled, opened int
	base
}

func scanPopulation(row func(...any) error) (p population, err error) {
	err = row(&p.cases, &p.handled, &p.opened, &p.rules, &p.upto)
	return p, err
}

// population counts the cases that were open at some time of the window, and those
// opened in it, measured or not. Of a case that was reopened in it, one span counts.
func (q asked) population() (population, error) {
	var a args
	from, to := a.at(q.from), a.at(q.to)
	where, err := q.where(&a)
	if err != nil {
		return population{}, err
	}
	return gate.One(q.v, scanPopulation, `select cast(coalesce(sum(case when s.round > 1 and exists (select 1 from {spans} p where p.guard = s.guard and p.what = s.what
		and p.round = s.round - 1 and p.ended >= `+from+`) then 0 else 1 end), 0) as bigint), cast(coalesce(sum(case when s.round = 1 and s.begun >= `+from+` then 1 else 0 end), 0) as bigint),
		(select count(*) from {cases} s where s.at >= `+from+` and s.at < `+to+where+`),
		coalesce((select b.rules from {span_base} b where b.name = 'spans'), ''), coalesce((select b.upto from {span_base} b where b.name = 'spans'), '')
		from {spans} s where s.what = '`+WholeCase+`' and s.ended >= `+from+` and s.begun < `+to+where, a...)
}

// condition is what the rows of a number have in common.
func (q asked) condition(b Behind, a *args) (cond, order string) {
	from, to := q.from, q.to
	if f, t, ok := q.month(b.Month); ok {
		from, to = f, t
	}
	within := func(column string) string {
		return ` and s.` + column + ` >= ` + a.at(from) + ` and s.` + column + ` < ` + a.at(to)
	}
	switch b.Of {
	case "met":
		cond, order = ` and s.due > 0 and not s.late`+within("decided"), "s.decided"
	case "missed":
		cond, order = ` and s.due > 0 and s.late`+within("decided"), "s.decided"
	case "late":
		cond, order = ` and s.due > 0 and s.late`+within("decided")+` and s.ended >= `+a.at(to), "s.decided"
	case "running":
		cond, order = ` and s.due > 0 and s.decided >= `+a.at(to)+` and s.begun < `+a.at(to), "s.begun"
	case "took", "closed":
		cond, order = within("ended"), "s.ended"
	case "again":
		cond, order = ` and s.round > 1`+within("begun"), "s.begun"
	case "opened":
		cond, order = ` and s.round = 1`+within("begun"), "s.begun"
	case "came":
		cond, order = within("begun"), "s.begun"
	case "open":
		cond, order = ` and s.ended >= `+a.at(to)+` and s.begun < `+a.at(to)+old(b, to, a), "s.begun"
	}
	if b.What != "" {
		cond += ` and s.what = ` + a.put(b.What)
	}
	return cond, order
}

// old narrows open cases to those so many days old.
func old(b Behind, to time.Time, a *args) string {
	const days = 24 * time.Hour
	out := ` and s.begun <= ` + a.at(to.Add(-time.Duration(b.From)*days))
	if b.To > 0 {
		out += ` and s.begun > ` + a.at(to.Add(-time.Duration(b.To+1)*days))
	}
	return out
}

// named narrows cases to those of a weakness or a source.
func (b Behind) named(a *args) string {
	column, value, ok := strings.Cut(b.Name, ":")
	if !ok || column != "cwe" && column != "source" {
		return ""
	}
	if value == none {
		value = ""
	}
	return ` and s.` + column + ` = ` + a.put(value)
}

func (q asked) behind(b Behind, n int) ([]Breach, error) {
	var a args
	cond, order := q.condition(b, &a)
	cond += b.named(&a)
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	return gate.All(q.v, scanBreach, `select s.guard, c.title, c.stage, s.what, s.severity, s.product, s.begun, s.ended, s.held, s.due, s.decided from {spans} s
		join {cases} c on c.id = s.guard where true`+cond+where+` order by `+order+` desc, s.guard, s.what limit `+strconv.Itoa(n), a...)
}
