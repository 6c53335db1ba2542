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

// words are the rows of a list that a statement counts by.
func (a *args) words(all []string) string {
	rows := make([]string, len(all))
	for i, x := range all {
		rows[i] = `(` + a.put(x) + `)`
	}
	return `(values ` + strings.Join(rows, ", ") + `)`
}

// place is the place of a column's value in a list, or the one behind it. Places are
// numbers, which are sorted three times as fast as words.
func (a *args) place(column string, all []string) string {
	out := `case ` + column
	for i, x := range all {
		out += ` when ` + a.put(x) + ` then ` + strconv.Itoa(i)
	}
	return out + ` else ` + strconv.Itoa(len(all)) + ` end`
}

// tallies counts the rounds of clocks that were decided in the window and in the one
// before, and those that run at its end. Each number is a stretch of an index that is
// counted by itself; to group all of them would sort them.
func (q asked) tallies(clocks, severities []string) ([]tally, error) {
	if len(clocks) == 0 {
		return nil, nil
	}
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	text, of := `select w.column1, v.column1`, a.words(clocks)+` w cross join `+a.words(q.severities(severities))+` v`
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	within := func(late, from, to string) string {
		return `s.late = ` + late + ` and s.decided >= ` + from + ` and s.decided < ` + to
	}
	for _, cond := range [...]string{within("false", prev, from), within("true", prev, from), within("false", from, to), within("true", from, to),
		within("true", from, to) + ` and s.ended >= ` + to, `s.late in (false, true) and s.decided >= ` + to + ` and s.begun < ` + to} {
		text += `, (select count(*) from {spans} s where s.due > 0 and s.what = w.column1 and s.severity = v.column1 and ` + cond + where + `)`
	}
	return gate.All(q.v, scanTally, text+` from `+of, a...)
}

const (
	hourMicros, secondMicros = `3600000000`, `1000000`
	dayMicros                = 24 * int64(time.Hour/time.Microsecond)
)

// spanHours is how many numbers the hours of a span take in a key, half of them below zero.
const spanHours = int64(1) << 32

// lengths counts the spans of what is asked for that ended in the window and in the
// one before by their length in hours. What they are grouped by is one number.
func (q asked) lengths(what, severities []string) (out []took, err error) {
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	hours, by := strconv.FormatInt(spanHours, 10), strconv.Itoa(len(severities)+1)
	key := `(((` + a.place("s.what", what) + `) * ` + by + ` + ` + a.place("s.severity", severities) + `) * 2 + case when s.ended >= ` + from + ` then 1 else 0 end) * ` + hours +
		` + (s.ended - s.begun - s.held) / ` + hourMicros + ` + ` + hours + ` / 2`
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	found, err := gate.All(q.v, scanKeyed, `select `+key+`, count(*), cast(sum((s.ended - s.begun - s.held) / `+secondMicros+`) as bigint) from {spans} s
		where s.ended >= `+prev+` and s.ended < `+to+where+` group by 1`, a...)
	for _, k := range found {
		t := took{n: k.n, seconds: k.sum, hours: int(k.key%spanHours - spanHours/2), period: int(k.key / spanHours % 2)}
		place, known := k.key/spanHours/2, false
		t.severity, t.listed = wordAt(severities, place%int64(len(severities)+1))
		if t.what, known = wordAt(what, place/int64(len(severities)+1)); known {
			out = append(out, t)
		}
	}
	return out, err
}

// ages counts the cases that are open at the end of the window by their age, in bands
// that end with so many days; the last has no end. Of those that are open to this day
// a band is a stretch of an index.
func (q asked) ages(bands []int, severities []string) ([]aged, error) {
	var a args
	to, bounds := a.at(q.to), []string{}
	numbers, key := `count(*), coalesce(min(s.begun), `+to+`)`, `case`
	for i, days := range bands[:len(bands)-1] {
		bounds = append(bounds, a.put(gate.Micros(q.to)-(int64(days)+1)*dayMicros))
		key += ` when s.begun > ` + bounds[i] + ` then ` + strconv.Itoa(i)
	}
	for _, word := range severities {
		numbers += `, coalesce(sum(case when s.severity = ` + a.put(word) + ` then 1 else 0 end), 0)`
	}
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	last := strconv.Itoa(len(bands) - 1)
	never, from := strconv.FormatInt(never, 10), ` from {spans} s where s.what = '`+WholeCase+`' and s.begun < `+to+` and s.ended `
	text := `select ` + key + ` else ` + last + ` end, ` + numbers + from + `>= ` + to + ` and s.ended < ` + never + where + ` group by 1`
	for i := range bands {
		within := ``
		if i > 0 {
			within += ` and s.begun <= ` + bounds[i-1]
		}
		if i < len(bounds) {
			within += ` and s.begun > ` + bounds[i]
		}
		text += ` union all select ` + strconv.Itoa(i) + `, ` + numbers + from + `= ` + never + within + where
	}
	return gate.All(q.v, func(row func(...any) error) (aged, error) {
		x := aged{by: make([]int, len(severities))}
		to := []any{&x.band, &x.n, &x.begun}
		for i := range x.by {
			to = append(to, &x.by[i])
		}
		return x, row(to...)
	}, text, a...)
}

// flow counts by month what came in and what ended. Each month is a stretch of an
// index that is counted by itself; to group a year by the month would sort all of it.
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
	const from = ` from {spans} s where s.what = '` + WholeCase + `' and `
	var parts []string
	for i := range starts {
		n, within := strconv.Itoa(i), func(column string) string {
			return `s.` + column + ` >= ` + bounds[i] + ` and s.` + column + ` < ` + bounds[i+1] + where
		}
		parts = append(parts, `select false, `+n+`, count(*), coalesce(sum(case when s.round > 1 then 1 else 0 end), 0)`+from+within("begun"),
			`select true, `+n+`, count(*), 0`+from+within("ended"))
	}
	return gate.All(q.v, scanFlow, strings.Join(parts, ` union all `), a...)
}

// intake counts the cases that were opened in the window and in the one before, by
// weakness and source. These are looked up from one to the next in their index, and
// each is counted by itself: to group what came in would sort it.
func (q asked) intake(grave []string) ([]came, error) {
	var a args
	prev, from, to := a.at(q.prev), a.at(q.from), a.at(q.to)
	gravest := a.place("s.severity", grave) + ` < ` + strconv.Itoa(len(grave))
	where, err := q.where(&a)
	if err != nil {
		return nil, err
	}
	const opened = ` from {spans} s where s.what = '` + WholeCase + `' and s.round = 1`
	number := func(from, to, more string) string {
		return `(select count(*)` + opened + ` and s.cwe = k.cwe and s.source = k.source and s.begun >= ` + from + ` and s.begun < ` + to + more + where + `)`
	}
	found, err := gate.All(q.v, scanCame, `with recursive w(cwe) as (select (select min(s.cwe)`+opened+`)
			union all select (select min(s.cwe)`+opened+` and s.cwe > w.cwe) from {w} where w.cwe is not null),
		k(cwe, source) as (select w.cwe, (select min(s.source)`+opened+` and s.cwe = w.cwe) from {w} where w.cwe is not null
			union all select k.cwe, (select min(s.source)`+opened+` and s.cwe = k.cwe and s.source > k.source) from {k} where k.source is not null)
		select k.cwe, k.source, `+number(prev, from, "")+`, `+number(from, to, "")+`, `+number(from, to, ` and `+gravest)+` from {k} where k.source is not null`, a...)
	return slices.DeleteFunc(found, func(c came) bool { return c.before+c.n == 0 }), err
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

// population counts what is left to count where so many cases are open at the end of
// the window. Of a case that was reopened in it, one span counts.
func (q asked) population(open int) (population, error) {
	var a args
	from, to, half := a.at(q.from), a.at(q.to), a.put(max(0, open-1)/2)
	where, err := q.where(&a)
	if err != nil {
		return population{}, err
	}
	const whole = ` from {spans} s where s.what = '` + WholeCase + `' and `
	never := strconv.FormatInt(never, 10)
	return gate.One(q.v, scanPopulation, `select (select count(*)`+whole+`s.ended >= `+from+` and s.ended < `+to+where+`) -
		(select count(*)`+whole+`s.round > 1 and s.begun >= `+from+` and s.begun < `+to+where+` and exists (select 1 from {spans} p where p.guard = s.guard and p.what = s.what
			and p.round = s.round - 1 and p.ended >= `+from+`)),
		(select count(*) from {cases} s where s.at >= `+from+` and s.at < `+to+where+`),
		coalesce((select x.begun from (select s.begun`+whole+`s.ended = `+never+` and s.begun < `+to+where+` union all
			select s.begun`+whole+`s.ended >= `+to+` and s.ended < `+never+` and s.begun < `+to+where+`) x order by x.begun desc limit 1 offset `+half+`), 0),
		coalesce((select b.rules from {span_base} b where b.name = 'spans'), ''), coalesce((select b.upto from {span_base} b where b.name = 'spans'), '')`, a...)
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

// behind lists the rows of a number, the newest first.
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
