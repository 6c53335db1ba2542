package recurrence

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/clock"
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

// points is the expression of a case's severity points.
func (a *args) points(r Rules) string {
	if len(r.Points) == 0 {
		return "0"
	}
	out := "case c.severity"
	for _, word := range slices.Sorted(maps.Keys(r.Points)) {
		out += " when " + a.put(word) + " then " + strconv.Itoa(r.Points[word])
	}
	return out + " else 0 end"
}

// dated is the condition that a case was opened in a span of whole days. Its place
// in lists follows from its date, and has an index.
func (a *args) dated(doc string, from, to time.Time) string {
	return doc + " >= " + a.put(gate.DocOf(from)) + " and " + doc + " < " + a.put(gate.DocOf(to)) +
		" and c.at >= " + a.put(gate.Micros(from)) + " and c.at < " + a.put(gate.Micros(to)) + " and c.barred = ''"
}

// base is what the sums are of: a window, and the rules that they were made by.
type base struct {
	window Window
	rules  Rules
}

func scanBase(row func(...any) error) (b base, err error) {
	var last int64
	var rules string
	if err = row(&last, &rules); err != nil {
		return b, err
	}
	err = json.Unmarshal([]byte(rules), &b.rules)
	b.window = WindowTo(gate.Time(last).Add(-time.Microsecond), b.rules.Months)
	return b, err
}

// baseOf reads the base; none where the sums were never made. share keeps it from
// being moved until the act ends.
func baseOf(v *gate.View, lock string) (*base, error) {
	all, err := gate.All(v, scanBase, `select b.last, b.rules from {recurrence_base} b where b.name = 'sums'`+lock)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

const (
	toRead  = ""
	toShare = " for share"
	toMove  = " for update"
)

func insertBase(tx *gate.Tx, b base) error {
	return tx.Exec("", gate.Change{Field: "recurrence", New: b.window.LastDay()}, `insert into {recurrence_base} (name, last, rules) values ('sums', $1, $2)
		on conflict (name) do update set last = excluded.last, rules = excluded.rules`, gate.Micros(b.window.to), b.rules.text())
}

// row is a group's sums as a statement gives them.
type row struct {
	audience string
	key      Key
	tally
}

func scanSum(scan func(...any) error) (r row, err error) {
	err = scan(&r.audience, &r.key.Weakness, &r.key.Product, &r.key.Component, &r.n, &r.earlier, &r.points, &r.undated)
	return r, err
}

// sumColumns add up the rows of x. What states no weakness is counted as one group.
const sumColumns = `x.cwe, case when x.cwe = '' then '' else x.product end, case when x.cwe = '' then '' else x.component end, ` + totals

const totals = `cast(sum(x.n) as bigint), cast(sum(x.earlier) as bigint), cast(sum(x.points) as bigint), cast(sum(x.undated) as bigint)`

// wholes are the parts of a count of every case, each grouped as the index of groups
// is ordered, so that nothing is sorted: columns, condition and grouping.
var wholes = [][3]string{
	{`x.cwe, x.product, x.component, ` + totals, `x.cwe <> ''`, `x.cwe, x.product, x.component`},
	{`x.cwe, '', '', ` + totals, `x.cwe = ''`, `x.cwe`},
}

const upsertSums = `insert into {recurrence_sums} as s (guard, audience, cwe, product, component, n, earlier, points, undated) `

const addSums = ` on conflict (audience, cwe, product, component) do update set n = s.n + excluded.n, earlier = s.earlier + excluded.earlier,
	points = s.points + excluded.points, undated = s.undated + excluded.undated`

// put adds what one case counts to the sums of each of the audiences.
func putSums(tx *gate.Tx, id ref.ID, k Key, t tally, audiences []string) error {
	var a args
	var rows []string
	for _, who := range audiences {
		rows = append(rows, `('', `+strings.Join([]string{a.put(who), a.put(k.Weakness), a.put(k.Product), a.put(k.Component),
			a.put(int64(t.n)), a.put(int64(t.earlier)), a.put(int64(t.points)), a.put(int64(t.undated))}, ", ")+`)`)
	}
	return tx.Exec(id, nil, upsertSums+`values `+strings.Join(rows, ", ")+addSums, a...)
}

// moved are the rows by which the counts of one window become those of a later
// one: what came in, what went out, and what is now in the first half.
func (a *args) moved(r Rules, from, to Window, where string) string {
	p := a.points(r)
	part := func(n, earlier, points string, begin, end time.Time) string {
		return `select c.audience, c.cwe, c.product, c.component, ` + n + ` as n, ` + earlier + ` as earlier, ` + points + ` as points, 0 as undated
			from {cases} c where ` + a.dated("c.doc", begin, end) + where
	}
	return part("1", "0", p, from.to, to.to) + ` union all ` + part("-1", "-1", "-("+p+")", from.from, to.from) + ` union all ` + part("0", "1", "0", from.mid, to.mid)
}

// scanned are the rows of every case in the window, and of those without a date.
func (a *args) scanned(r Rules, w Window, source, where string) string {
	return `select c.audience, c.cwe, c.product, c.component, case when c.at = 0 then 0 else 1 end as n,
		case when c.at <> 0 and c.at < ` + a.put(gate.Micros(w.mid)) + ` then 1 else 0 end as earlier, case when c.at = 0 then 0 else ` + a.points(r) + ` end as points,
		case when c.at = 0 then 1 else 0 end as undated
		from ` + source + ` c where c.barred = '' and (c.at = 0 or (c.at >= ` + a.put(gate.Micros(w.from)) + ` and c.at < ` + a.put(gate.Micros(w.to)) + `))` + where
}

// makeSums makes the sums of a window anew.
func makeSums(tx *gate.Tx, b base) error {
	if _, err := tx.Maybe("", nil, `delete from {recurrence_sums}`); err != nil {
		return err
	}
	for _, who := range audiences {
		for _, x := range wholes {
			var a args
			q := upsertSums + `select '', ` + a.put(who) + `, ` + x[0] + ` from (` + a.scanned(b.rules, b.window, "{cases}", among(who)) + `) x where ` + x[1] + ` group by ` + x[2]
			if _, err := tx.Maybe("", nil, q, a...); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveSums brings the sums from one window to a later one.
func moveSums(tx *gate.Tx, r Rules, from, to Window) error {
	for _, who := range audiences {
		var a args
		q := upsertSums + `select '', ` + a.put(who) + `, ` + sumColumns + ` from (` + a.moved(r, from, to, only(who)) + `) x where true group by 3, 4, 5` + addSums
		if _, err := tx.Maybe("", nil, q, a...); err != nil {
			return err
		}
	}
	_, err := tx.Maybe("", nil, `delete from {recurrence_sums} where n = 0 and undated = 0`)
	return err
}

// only is the condition that a case counts for an audience of the sums.
func only(audience string) string {
	if audience == everyone {
		return ""
	}
	return ` and c.audience = '` + audience + `'`
}

// among is only for a count of every case: it walks the index of groups in its order,
// and must not be lured into another one.
func among(audience string) string {
	if audience == everyone {
		return ""
	}
	return ` and c.audience || '' = '` + audience + `'`
}

// changes reads what has changed since the sums were made, of those cases that all
// staff see, and as the house of all.
func changes(v *gate.View, r Rules, from, to Window, all bool) ([]row, error) {
	var a args
	where, who := only(staff), `'staff'`
	if all {
		where, who = "", `case when x.audience = 'staff' then 'staff' else 'named' end`
	}
	q := `select ` + who + `, ` + sumColumns + ` from (` + a.moved(r, from, to, where) + `) x group by 1, 2, 3, 4`
	return gate.All(v, scanSum, q, a...)
}

// named reads the sums of the restricted cases in the window that name the reader.
func named(v *gate.View, r Rules, w Window) ([]row, error) {
	var a args
	q := `select 'named', ` + sumColumns + ` from (` + a.scanned(r, w, "{cases:named}", "") + `) x group by 2, 3, 4`
	return gate.All(v, scanSum, q, a...)
}

// scan counts every case of the window that the reader may read: cond says which.
func scan(v *gate.View, r Rules, w Window, source string) ([]row, error) {
	var a args
	inner := a.scanned(r, w, source, "")
	cond, more, err := v.Where(readCases, "c", len(a)+1)
	if err != nil {
		return nil, err
	}
	if cond != "" {
		inner, a = inner+` and `+cond, append(a, more...)
	}
	return gate.All(v, scanSum, `select '', `+sumColumns+` from (`+inner+`) x group by x.cwe, x.product, x.component`, a...)
}

// sums reads the sums of the groups of at least so many cases: of what all staff
// see, or as the house of both audiences. The group without a weakness is always
// among them; an asterisk stands for the sum of all that is undated.
func sums(v *gate.View, least int, all bool) ([]row, error) {
	const columns = `s.audience, s.cwe, s.product, s.component, s.n, s.earlier, s.points, s.undated from {recurrence_sums} s`
	a := args{staff, int64(least)}
	big := `select ` + columns + ` where s.audience = $1 and s.cwe <> '' and s.n >= $2`
	if all {
		a[0] = everyone
		big = `select ` + columns + ` join {recurrence_sums} b on b.cwe = s.cwe and b.product = s.product and b.component = s.component
			where b.audience = $1 and b.cwe <> '' and b.n >= $2`
	}
	return gate.All(v, scanSum, big+` union all select `+columns+` where s.audience = $1 and s.cwe = ''
		union all select $1, '*', '', '', 0, 0, 0, cast(coalesce(sum(u.undated), 0) as bigint) from {recurrence_sums} u where u.audience = $1 and u.undated > 0`, a...)
}

// dot is a case of the group of the number.
type dot struct {
	group int
	Dot
}

func scanDot(scan func(...any) error) (d dot, err error) {
	var at int64
	var audience string
	err = scan(&d.group, &d.Case, &at, &d.Severity, &audience)
	d.At, d.open = gate.Time(at), audience == staff
	return d, err
}

// dotted says where the cases of a group stand and by what they belong to it.
type dotted struct {
	table string
	of    func(a *args, k Key) string
}

var (
	byWeakness = dotted{`{cases}`, func(a *args, k Key) string {
		return `c.cwe = ` + a.put(k.Weakness) + ` and c.product = ` + a.put(k.Product) + ` and c.component = ` + a.put(k.Component) + ` and c.barred = ''`
	}}
	byCause = dotted{`{causes}`, func(a *args, k Key) string {
		return `c.cause = ` + a.put(k.Weakness) + ` and c.product = ` + a.put(k.Product)
	}}
)

// dots reads the cases of the groups that the reader may read: the oldest ones and
// the newest ones of each; 0 newest are all.
func dots(v *gate.View, w Window, by dotted, keys []Key, oldest, newest int) ([]dot, error) {
	a := args{gate.Micros(w.from), gate.Micros(w.to)}
	cond, more, err := v.Where(readCases, "c", 3)
	if err != nil {
		return nil, err
	}
	if a = append(a, more...); cond != "" {
		cond = ` and ` + cond
	}
	var parts []string
	part := func(i int, where, order string, limit int) {
		cut := ""
		if limit > 0 {
			cut = ` limit ` + strconv.Itoa(limit)
		}
		parts = append(parts, `select * from (select `+strconv.Itoa(i)+` as i, c.guard, c.at, c.severity, c.audience from `+by.table+` c where `+where+
			` order by c.at`+order+`, c.guard`+order+cut+`) d`+strconv.Itoa(len(parts)))
	}
	for i, k := range keys {
		where := by.of(&a, k) + ` and c.at >= $1 and c.at < $2` + cond
		if newest == 0 {
			part(i, where, "", 0)
			continue
		}
		part(i, where, "", max(1, oldest))
		part(i, where, " desc", newest)
	}
	return gate.All(v, scanDot, strings.Join(parts, ` union all `), a...)
}

func scanExcluded(scan func(...any) error) (e Excluded, err error) {
	var at int64
	err = scan(&e.Case, &at, &e.Weakness, &e.Product, &e.Component, &e.Why)
	e.At = gate.Time(at)
	return e, err
}

// excluded reads the newest cases of the window that do not count.
func excluded(v *gate.View, w Window, n int) ([]Excluded, error) {
	a := args{gate.Micros(w.from), gate.Micros(w.to)}
	cond, more, err := v.Where(readCases, "c", 3)
	if err != nil {
		return nil, err
	}
	if a = append(a, more...); cond != "" {
		cond = ` and ` + cond
	}
	return gate.All(v, scanExcluded, `select c.guard, c.at, c.cwe, c.product, c.component, c.barred from {cases} c
		where c.barred <> '' and c.at >= $1 and c.at < $2`+cond+` order by c.at desc, c.guard desc limit `+strconv.Itoa(n), a...)
}

func scanDecision(scan func(...any) error) (d Decision, err error) {
	var at int64
	err = scan(&d.key, &d.State, &d.Reason, &at, &d.By, &d.risk, &d.seen, &d.counted)
	d.At = gate.Time(at)
	return d, err
}

// decisions reads what was decided about proposals, by key, the newest of each.
func decisions(v *gate.View, keys []string) (map[string]Decision, error) {
	var a args
	marks := make([]string, len(keys))
	for i, k := range keys {
		marks[i] = a.put(k)
	}
	found, err := gate.All(v, scanDecision, `select p.key, p.state, p.reason, p.at, p.author, p.risk, p.seen, p.counted from {proposals} p
		where p.key in (`+strings.Join(marks, ", ")+`) order by p.at, p.audience`, a...)
	out := map[string]Decision{}
	for _, d := range found {
		out[d.key] = d
	}
	return out, err
}

func putDecision(tx *gate.Tx, about ref.ID, audience string, d Decision) error {
	return tx.Exec(about, gate.Change{Field: "proposal", New: map[string]any{"key": d.key, "state": d.State}},
		`insert into {proposals} (key, guard, audience, state, reason, at, author, risk, seen, counted) values ($1, '', $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (key, audience) do update set state = excluded.state, reason = excluded.reason, at = excluded.at, author = excluded.author,
		risk = excluded.risk, seen = excluded.seen, counted = excluded.counted`,
		d.key, audience, d.State, d.Reason, gate.Micros(d.At), string(d.By), string(d.risk), int64(d.seen), int64(d.counted))
}

func scanPlace(scan func(...any) error) (p place, err error) {
	err = scan(&p.key.Product, &p.key.Component, &p.n)
	return p, err
}

// late counts the cases of each place in the window that missed a date, where there
// are so many, of those that all staff may see.
func late(v *gate.View, w Window, least int) ([]place, error) {
	a := args{gate.Micros(w.from), gate.Micros(w.to), int64(least)}
	cond, more, err := v.Where(readCases, "c", 4)
	if err != nil {
		return nil, err
	}
	if a = append(a, more...); cond != "" {
		cond = ` and ` + cond
	}
	return gate.All(v, scanPlace, `select c.product, c.component, count(*) from {cases} c where c.breached and c.audience = 'staff' and c.at >= $1 and c.at < $2 and c.barred = ''`+cond+`
		group by c.product, c.component having count(*) >= $3 order by 3 desc, 1, 2 limit 100`, a...)
}

// unsupported counts the open cases of each product that has release lines, of
// which none is supported any more, of those that all staff may see.
func unsupported(v *gate.View) ([]place, error) {
	a := args{gate.Micros(v.Now)}
	cond, more, err := v.Where(readCases, "c", 2)
	if err != nil {
		return nil, err
	}
	if a = append(a, more...); cond != "" {
		cond = ` and ` + cond
	}
	return gate.All(v, scanPlace, `select c.product, '', count(*) from {cases} c where not c.closed and c.audience = 'staff' and c.product in (select l.product from {lines} l
		group by l.product having max(case when l.supported and (l.until = 0 or l.until > $1) then 1 else 0 end) = 0)`+cond+`
		group by c.product order by 3 desc, 1 limit 100`, a...)
}

func deleteCauses(tx *gate.Tx, id ref.ID) error {
	_, err := tx.Maybe(id, nil, `delete from {causes} where guard = $1`, string(id))
	return err
}

func insertCauses(tx *gate.Tx, id ref.ID, f CauseFact) error {
	a := args{string(id), f.Audience, f.Product, f.Severity, gate.Micros(f.At)}
	var rows []string
	for _, c := range f.Causes {
		rows = append(rows, `($1, $2, `+a.put(c.text())+`, $3, $4, $5)`)
	}
	return tx.Exec(id, nil, `insert into {causes} (guard, audience, cause, product, severity, at) values `+strings.Join(rows, ", "), a...)
}

// putCauseSums adds the causes of a case to the sums of its day, or takes them away.
func putCauseSums(tx *gate.Tx, id ref.ID, f CauseFact, n int) error {
	if f.At.IsZero() {
		return nil
	}
	a := args{gate.Micros(clock.Midnight(f.At)), f.Product, f.Severity, int64(n)}
	var rows []string
	for _, who := range f.in() {
		for _, c := range f.Causes {
			rows = append(rows, `('', `+a.put(who)+`, $1, `+a.put(c.text())+`, $2, $3, $4)`)
		}
	}
	return tx.Exec(id, nil, `insert into {cause_sums} as s (guard, audience, day, cause, product, severity, n) values `+strings.Join(rows, ", ")+
		` on conflict (audience, day, cause, product, severity) do update set n = s.n + excluded.n`, a...)
}

func scanCause(scan func(...any) error) (r causeRow, err error) {
	err = scan(&r.audience, &r.key.Weakness, &r.key.Product, &r.severity, &r.n, &r.earlier)
	return r, err
}

// causeSums counts root causes in the window by the sums: of what all staff see, or
// as the house of both audiences.
func causeSums(v *gate.View, w Window, all bool) ([]causeRow, error) {
	a := args{gate.Micros(w.from), gate.Micros(w.to), gate.Micros(w.mid)}
	who := ` and s.audience = 'staff'`
	if all {
		who = ` and s.audience in ('staff', 'all')`
	}
	return gate.All(v, scanCause, `select s.audience, s.cause, s.product, s.severity, cast(sum(s.n) as bigint), cast(sum(case when s.day < $3 then s.n else 0 end) as bigint)
		from {cause_sums} s where s.day >= $1 and s.day < $2 and s.n <> 0`+who+` group by s.audience, s.cause, s.product, s.severity`, a...)
}

// causeRows counts root causes in the window case by case: of the restricted cases
// that name the reader, or of all that they may read.
func causeRows(v *gate.View, w Window, restricted bool) ([]causeRow, error) {
	a := args{gate.Micros(w.from), gate.Micros(w.to), gate.Micros(w.mid)}
	cond, more, err := v.Where(readCases, "c", len(a)+1)
	if err != nil {
		return nil, err
	}
	if a = append(a, more...); cond != "" {
		cond = ` and ` + cond
	}
	if restricted {
		cond += ` and c.audience <> 'staff'`
	}
	return gate.All(v, scanCause, `select 'named', c.cause, c.product, c.severity, count(*), cast(sum(case when c.at < $3 then 1 else 0 end) as bigint)
		from {causes} c where c.at >= $1 and c.at < $2`+cond+` group by c.cause, c.product, c.severity`, a...)
}
