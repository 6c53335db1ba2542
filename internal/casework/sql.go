package casework

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/passage"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

const columns = `c.id, c.audience, c.at, c.doc, c.version, c.stage, c.closed, c.title, c.severity, c.score, c.cwe, c.product,
	c.component, c.owner, c.source, c.cve, c.labels, c.due_at, c.due, c.breached`

// scanRow reads what lists show.
func scanRow(row func(...any) error) (*Case, error) { return scanInto(row) }

func scanInto(row func(...any) error, more ...any) (*Case, error) {
	c, at, tenths, labels, due := new(Case), int64(0), int64(0), "", int64(0)
	err := row(append([]any{&c.ID, &c.Audience, &at, &c.doc, &c.Version, &c.Stage, &c.Closed, &c.Title, &c.Severity, &tenths, &c.CWE, &c.Product,
		&c.Component, &c.Owner, &c.Source, &c.CVE, &labels, &due, &c.DueWhat, &c.Breached}, more...)...)
	c.Opened, c.Due, c.Labels = gate.Time(at), gate.Time(due), strings.Fields(labels)
	c.Score = float64(tenths) / 10
	if tenths < 0 {
		c.Score = -1
	}
	return c, err
}

// scanWhole reads a whole case.
func scanWhole(row func(...any) error) (*Case, error) {
	var events, body, barred string
	c, err := scanInto(row, &events, &body, &barred)
	c.barred = barred
	if err == nil {
		err = json.Unmarshal([]byte(events), &c.events)
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &c.Body)
	}
	return c, err
}

func get(v *gate.View, id ref.ID) (*Case, error) {
	return gate.One(v, scanWhole, `select `+columns+`, c.events, c.body, c.barred from {cases} c where c.id = $1`, string(id))
}

func inOrder(v *gate.View, after ref.ID, n int) ([]*Case, error) {
	return gate.All(v, scanWhole, wholeInOrder, string(after), n)
}

const wholeInOrder = `select ` + columns + `, c.events, c.body, c.barred from {cases} c where c.id > $1 order by c.id limit $2`

// Passages are the root causes of cases, for the search.
var Passages = passage.From("cases", scanWhole, (*Case).learnt, wholeInOrder)

func (c *Case) tenths() int64 {
	if c.Score < 0 {
		return -1
	}
	return int64(math.Round(c.Score * 10))
}

func (c *Case) labelText() string {
	if len(c.Labels) == 0 {
		return ""
	}
	return " " + strings.Join(c.Labels, " ") + " "
}

func (c *Case) texts() (events, body string, err error) {
	e, err := json.Marshal(c.events)
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(c.Body)
	return string(e), string(b), err
}

func insert(tx *gate.Tx, c *Case, what any) error {
	events, body, err := c.texts()
	if err != nil {
		return err
	}
	return tx.New(&c.ID, what, `insert into {cases} (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe,
		product, component, owner, source, cve, labels, due_at, due, breached, look_at, events, body, barred, rca)
		values ($1, $1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		c.Audience, gate.Micros(c.Opened), c.doc, c.Stage, c.Closed, c.Title, c.Severity, c.tenths(), c.CWE, c.Product,
		c.Component, string(c.Owner), c.Source, c.CVE, c.labelText(), gate.Micros(c.Due), c.DueWhat, c.Breached, gate.Micros(c.look), events, body, c.barred, c.RCA.State)
}

func update(tx *gate.Tx, c *Case, what any) error {
	events, body, err := c.texts()
	if err != nil {
		return err
	}
	c.Version++
	return tx.Exec(c.ID, what, `update {cases} set version = $2, stage = $3, closed = $4, title = $5, severity = $6, score = $7, cwe = $8,
		product = $9, component = $10, owner = $11, source = $12, cve = $13, labels = $14, due_at = $15, due = $16, breached = $17,
		look_at = $18, events = $19, body = $20, barred = $21, rca = $23 where id = $1 and version = $22`,
		string(c.ID), c.Version, c.Stage, c.Closed, c.Title, c.Severity, c.tenths(), c.CWE, c.Product, c.Component, string(c.Owner),
		c.Source, c.CVE, c.labelText(), gate.Micros(c.Due), c.DueWhat, c.Breached, gate.Micros(c.look), events, body, c.barred, c.Version-1, c.RCA.State)
}

// setPlace writes the opening and the place in lists that follows from it.
func setPlace(tx *gate.Tx, c *Case) error {
	if _, err := tx.Maybe(c.ID, nil, `update {visibility} set doc = $2 where subject = $1`, string(c.ID), c.doc); err != nil {
		return err
	}
	return tx.Exec(c.ID, nil, `update {cases} set at = $2, doc = $3 where id = $1`, string(c.ID), gate.Micros(c.Opened), c.doc)
}

// around reads what stands around a case in one statement: the reports accepted
// into it, its advisories, its links both ways, the risks that it bears on, its
// product's release lines, and who is named on it. Each part has a limit of its own, so that many links leave
// no report out.
func around(v *gate.View, c *Case) (*Around, error) {
	a := &Around{}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) { return struct{}{}, a.add(row) },
		`select n.what, n.id, n.title, n.x, n.y, n.f, n.g from (
		select * from (select 'report' as what, r.id, r.title, r.reporter as x, r.audience as y, false as f, false as g from {reports} r where r.case_id = $1 limit 50) p1
		union all select * from (select 'adv', a.id, a.title, a.name, a.stage, a.approved, exists (select 1 from {publications} p where p.name = a.name and p.advisory = a.id)
			from {advisories} a where a.case_id = $1 or a.id in (select l.target from {links} l where l.source = $1 and l.kind = 'advisory') limit 50) p2
		union all select * from (select 'link', c.id, c.title, l.kind, '', false, false from {links} l join {cases} c on c.id = l.target where l.source = $1 limit 100) p3
		union all select * from (select 'link', c.id, c.title, l.kind, '', true, false from {links} l join {cases} c on c.id = l.source where l.target = $1 limit 100) p4
		union all select * from (select 'line', n.name, n.name, '', '', n.supported, false from {lines} n where n.product = $2 and n.supported limit 200) p5
		union all select * from (select 'shown', s.principal, '', s.role, '', false, false from {visibility} s where s.subject = $1 limit 200) p6
		union all select * from (select 'risk', c.id, c.title, 'evidence', c.stage, c.closed, false from {evidence} e join {risks} c on c.id = e.risk where e.about = $1 and not e.dropped limit 50) p7
		union all select * from (select 'risk', c.id, c.title, l.kind, c.stage, c.closed, false from {links} l join {risks} c on c.id = l.source where l.target = $1 limit 50) p8
		) n order by n.what, n.id`, string(c.ID), c.Product)
	if !v.May("risk.read", "") {
		a.Risks = nil
	}
	return a, err
}

func (a *Around) add(row func(...any) error) error {
	var what, title, x, y string
	var id ref.ID
	var f, g bool
	if err := row(&what, &id, &title, &x, &y, &f, &g); err != nil {
		return err
	}
	switch what {
	case "report":
		a.Reports = append(a.Reports, Report{id, title, ref.ID(x), y})
	case "adv":
		a.Advisories = append(a.Advisories, Advisory{id, x, title, y, f, g})
	case "link":
		a.Links = append(a.Links, Link{x, id, title, f})
	case "risk":
		a.Risks = append(a.Risks, Bears{ID: id, Title: title, As: x, Stage: y, Closed: f})
	case "shown":
		a.Shown = append(a.Shown, Shown{id, access.Role(x)})
	case "line":
		if f {
			a.Lines = append(a.Lines, title)
		}
	}
	return nil
}

// reportsOf lists the reports that were accepted into a case, and those that repeat
// it or one of them.
func reportsOf(v *gate.View, id ref.ID) ([]record, error) {
	return gate.All(v, func(row func(...any) error) (r record, err error) {
		err = row(&r.id, &r.doc)
		return r, err
	}, `select r.id, r.doc from {reports} r where r.case_id = $1 or r.original = $1
		or r.original in (select o.id from {reports} o where o.case_id = $1) order by r.id limit 1000`, string(id))
}

func insertLink(tx *gate.Tx, from ref.ID, kind string, to ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "link", New: kind + " " + string(to)},
		`insert into {links} (source, kind, target, at, author) values ($1, $2, $3, $4, $5) on conflict (source, kind, target) do nothing`,
		string(from), kind, string(to), gate.Micros(tx.Now), string(tx.Actor.ID))
}

// countLinks counts the links to cases that the actor may see.
func countLinks(v *gate.View, from ref.ID) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from {links} l join {cases} c on c.id = l.target where l.source = $1`, string(from))
}

func deleteLink(tx *gate.Tx, from ref.ID, kind string, to ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "link", Old: kind + " " + string(to)},
		`delete from {links} where source = $1 and kind = $2 and target = $3`, string(from), kind, string(to))
}

// lastOut returns when the reporter was last written to, on the case or its reports.
func lastOut(v *gate.View, id ref.ID) (int64, error) {
	ats, err := gate.All(v, gate.Value[int64], `select coalesce(max(m.at), 0) from {messages} m where m.side = 'out'
		and (m.subject = $1 or m.subject in (select r.id from {reports} r where r.case_id = $1))`, string(id))
	if err != nil || len(ats) == 0 {
		return 0, err
	}
	return ats[0], nil
}

// asked are the columns by which a query asks for cases.
var asked = query.Columns{
	"stage": {Expr: `c.stage`, Quick: true}, "severity": {Expr: `c.severity`, Quick: true}, "owner": {Expr: `c.owner`, Quick: true}, "label": {Expr: `c.labels`, Holds: query.Set},
	"product": {Expr: `c.product`, Quick: true}, "component": {Expr: `c.component`, Quick: true}, "cwe": {Expr: `c.cwe`, Quick: true}, "cve": {Expr: `c.cve`, Quick: true},
	"source": {Expr: `c.source`}, "score": {Expr: `c.score`, Holds: query.Scaled, Scale: 10}, "due": {Expr: `c.due_at`, Holds: query.Moment}, "opened": {Expr: `c.at`, Holds: query.Moment},
	"rca": {Quick: true, Is: map[string]string{"open": `c.rca = 'todo'`, RCADone: `c.rca = 'done'`, query.None: `c.rca = ''`}},
	"is": {Is: map[string]string{"open": `not c.closed`, "closed": `c.closed`, "overdue": `not c.closed and c.due_at > 0 and c.due_at < :now`, "breached": `c.breached`,
		"named": `c.audience <> 'staff'`}},
}

func (q *listing) equals(column, value string) {
	if value == "unknown" {
		value = ""
	}
	cond := q.arg(`c.`+column+` = ?`, value)
	if column == "source" {
		q.where = append(q.where, cond) // which has no index
		return
	}
	q.quick = append(q.quick, cond)
}

// labelled asks for a word among the labels; no character of it is a wildcard.
func (q *listing) labelled(name string) { q.add(`replace(c.labels, ?, '') <> c.labels`, " "+name+" ") }

func (q *listing) times(f Filter) {
	switch f.State {
	case "open":
		q.where = append(q.where, `not c.closed`)
	case "closed":
		q.where = append(q.where, `c.closed`)
	}
	if f.Breached {
		q.where = append(q.where, `c.breached`)
	}
	if !f.DueBefore.IsZero() {
		q.add(`not c.closed and c.due_at > 0 and c.due_at < ?`, gate.Micros(f.DueBefore))
	}
	if !f.OpenedBefore.IsZero() {
		q.add(`c.at <> 0 and c.at < ?`, gate.Micros(f.OpenedBefore))
	}
	if !f.OpenedAfter.IsZero() {
		q.add(`c.at >= ?`, gate.Micros(f.OpenedAfter))
	}
	if f.Undated {
		q.where = append(q.where, `c.at = 0`)
	}
	if q.due {
		q.quick = append(q.quick, `c.closed = false and c.due_at > 0`) // as the index has it
	}
}

// after begins the list behind the row that the marker names.
func (q *listing) after(v *gate.View, f Filter, marker string) error {
	if q.due {
		var due int64
		var id string
		if err := v.Place(f.scope(), marker, &due, &id); err != nil {
			return err
		}
		q.args = append(q.args, due, id)
		n := len(q.args)
		q.quick = append(q.quick, `(c.due_at, c.id) > ($`+strconv.Itoa(n-1)+`, $`+strconv.Itoa(n)+`)`)
		return nil
	}
	var doc int64
	if err := v.Place(f.scope(), marker, &doc); err != nil {
		return err
	}
	q.quick, q.paged = append(q.quick, q.arg(q.by+` < ?`, doc)), true
	return nil
}

func (q *listing) marker(v *gate.View, f Filter, last *Case) string {
	if q.due {
		return v.Cursor(f.scope(), gate.Micros(last.Due), string(last.ID))
	}
	return v.Cursor(f.scope(), last.doc)
}

// merged are the columns of a list that is merged from ordered parts: what it is
// ordered by must be one of them.
var merged = strings.Replace(columns, "c.doc", "c.newest", 1)

// whole reports whether nothing narrows the list but the page before.
func (q *listing) whole() bool {
	return q.words == nil && !q.due && len(q.where) == 0 && (len(q.quick) == 0 || len(q.quick) == 1 && q.paged)
}

// conditions joins all of them to the words before them; it is empty where there
// are none.
func (q *listing) conditions(before string) string {
	if len(q.quick)+len(q.where) == 0 {
		return ""
	}
	return before + strings.Join(slices.Concat(q.quick, q.where), ` and `)
}

// rows is the list as a search reads it.
func (q *listing) rows() insight.Rows {
	return insight.Rows{Columns: columns, Table: `{cases:newest}`, Quick: q.quick, Where: q.where, Due: q.due, Args: q.args}
}

func (q *listing) run(v *gate.View, limit int) ([]*Case, error) {
	order := q.by + " desc"
	if q.due {
		order = "c.due_at, c.id"
	}
	switch {
	case q.words != nil:
		return insight.Find(v, scanRow, *q.words, q.rows(), limit)
	case q.whole():
		return gate.All(v, scanRow, `select `+merged+` from {cases:merged} c`+q.conditions(` where `)+` order by c.newest desc limit `+strconv.Itoa(limit), q.args...)
	}
	return gate.All(v, scanRow, `select `+columns+` from {cases:newest} c`+q.conditions(` where `)+` order by `+order+` limit `+strconv.Itoa(limit), q.args...)
}

// count counts what the filter leaves, as far as lists count.
func (q *listing) count(v *gate.View) (string, error) {
	n, err := q.counted(v)
	return query.Tally(n), err
}

// counted counts up to one more than lists count.
func (q *listing) counted(v *gate.View) (int, error) {
	const most = query.MaxCount + 1
	switch {
	case q.words != nil:
		return insight.Count(v, *q.words, q.rows(), most)
	case q.whole():
		return countAll(v)
	}
	return gate.One(v, gate.Value[int], `select count(*) from (select 1 from {cases:newest} c`+q.conditions(` where `)+` limit `+strconv.Itoa(most)+`) x`, q.args...)
}

// countAll counts a list that nothing narrows, by its index alone. Whether there is
// one more than lists count is asked first: to pass over rows costs half of counting.
func countAll(v *gate.View) (int, error) {
	more, err := gate.All(v, gate.Value[int], `select 1 from {cases:merged} c limit 1 offset `+strconv.Itoa(query.MaxCount))
	if err != nil || len(more) > 0 {
		return query.MaxCount + len(more), err
	}
	return gate.One(v, gate.Value[int], `select count(*) from {cases:merged} c`)
}

// board fills the columns in one statement: of each stage what is due first, and
// one more, to know whether there is more.
func (q *listing) board(v *gate.View, stages []Column, wide []string) error {
	join, where, parts := "", q.conditions(` and `), []string(nil)
	if q.words != nil {
		join, where = q.words.Join, where+` and `+q.words.Where
	}
	args := q.args
	for _, col := range stages {
		args = append(args, col.Stage)
		parts = append(parts, `select * from (select `+columns+` from {cases:newest} c`+join+` where c.stage = $`+strconv.Itoa(len(args))+where+
			` order by case when c.due_at = 0 then 1 else 0 end, c.due_at, c.id limit `+strconv.Itoa(shows(col.Stage, wide)+1)+`) s`+strconv.Itoa(len(parts)))
	}
	cs, err := gate.All(v, scanRow, strings.Join(parts, ` union all `), args...)
	for _, c := range cs {
		for i := range stages {
			if col := &stages[i]; col.Stage == c.Stage && len(col.Cases) == shows(col.Stage, wide) {
				col.More = true
			} else if col.Stage == c.Stage {
				col.Cases = append(col.Cases, c)
			}
		}
	}
	return err
}

// within is the same list in one stage.
func (q *listing) within(stage string) *listing {
	x := *q
	x.args, x.quick = slices.Clone(q.args), slices.Clone(q.quick)
	x.quick = append(x.quick, x.arg(`c.stage = ?`, stage))
	return &x
}

func toLook(v *gate.View, n int) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select c.id from {cases} c where c.look_at > 0 and c.look_at <= $1 order by c.look_at limit $2`,
		gate.Micros(v.Now), n)
}

// mayHandle reports whether a person is there and may see the case.
func mayHandle(v *gate.View, c *Case, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active' and (
		exists (select 1 from {visibility} s where s.subject = $2 and (s.principal = p.id or s.principal in
			(select m.principal from {membership} m where m.holder = p.id)))
		or ($3 = 'staff' and exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')))`,
		string(who), string(c.ID), c.Audience)
	return len(n) > 0, err
}

// someone reports whether there is such a person or team.
func someone(v *gate.View, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 union all select 1 from {teams} t where t.id = $1`, string(who))
	return len(n) > 0, err
}
