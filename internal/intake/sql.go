package intake

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

const columns = `c.id, c.audience, c.at, c.doc, c.version, c.stage, c.title, c.product, c.component, c.cwe, c.severity, c.source,
	c.reporter, c.case_id, c.due_at, c.due, c.breached`

func scanInto(row func(...any) error, more ...any) (*Report, error) {
	r, at, due := new(Report), int64(0), int64(0)
	err := row(append([]any{&r.ID, &r.Audience, &at, &r.doc, &r.Version, &r.Stage, &r.Title, &r.Product, &r.Component, &r.CWE, &r.Severity, &r.Source,
		&r.Reporter, &r.Case, &due, &r.DueWhat, &r.Breached}, more...)...)
	r.Received, r.Due = gate.Time(at), gate.Time(due)
	return r, err
}

func scanRow(row func(...any) error) (*Report, error) { return scanInto(row) }

func scanWhole(row func(...any) error) (*Report, error) {
	var events, body string
	r, err := scanInto(row, &events, &body)
	if err == nil {
		err = json.Unmarshal([]byte(events), &r.events)
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &r.Body)
	}
	return r, err
}

func get(v *gate.View, id ref.ID) (*Report, error) {
	return gate.One(v, scanWhole, `select `+columns+`, c.events, c.body from {reports} c where c.id = $1`, string(id))
}

func bySecret(v *gate.View, hash string) (*Report, error) {
	return gate.One(v, scanRow, `select `+columns+` from {reports} c where c.secret = $1`, hash)
}

func (r *Report) texts() (events, body string, err error) {
	e, err := json.Marshal(r.events)
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(r.Body)
	return string(e), string(b), err
}

func insert(tx *gate.Tx, r *Report, secret string) error {
	events, body, err := r.texts()
	if err != nil {
		return err
	}
	return tx.New(&r.ID, gate.Change{Field: "received", New: r.Title}, `insert into {reports} (id, guard, audience, at, doc, version, stage, title, product, component,
		cwe, severity, source, reporter, secret, case_id, due_at, due, breached, look_at, events, body, original)
		values ($1, $1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, '')`,
		r.Audience, gate.Micros(r.Received), r.doc, r.Stage, r.Title, r.Product, r.Component, r.CWE, r.Severity, r.Source,
		string(r.Reporter), secret, string(r.Case), gate.Micros(r.Due), r.DueWhat, r.Breached, gate.Micros(r.look), events, body)
}

func update(tx *gate.Tx, r *Report, what any) error {
	events, body, err := r.texts()
	if err != nil {
		return err
	}
	r.Version++
	return tx.Exec(r.ID, what, `update {reports} set version = $2, stage = $3, title = $4, product = $5, component = $6, cwe = $7, severity = $8,
		source = $9, case_id = $10, due_at = $11, due = $12, breached = $13, look_at = $14, events = $15, body = $16, original = $17 where id = $1 and version = $18`,
		string(r.ID), r.Version, r.Stage, r.Title, r.Product, r.Component, r.CWE, r.Severity, r.Source, string(r.Case),
		gate.Micros(r.Due), r.DueWhat, r.Breached, gate.Micros(r.look), events, body, string(r.DuplicateOf), r.Version-1)
}

// namedOn reads who is named on a record that not all staff may see: none, where they
// may. Reporters are no part of it.
func namedOn(v *gate.View, id ref.ID) (map[ref.ID]access.Role, error) {
	type row struct {
		who  ref.ID
		role access.Role
	}
	rows, err := gate.All(v, func(scan func(...any) error) (r row, err error) {
		err = scan(&r.who, &r.role)
		return r, err
	}, `select s.principal, s.role from {visibility} s where s.subject = $1 and s.principal not like 'reporter-%' and (
		exists (select 1 from {cases} c where c.id = $1 and c.audience <> 'staff') or exists (select 1 from {reports} r where r.id = $1 and r.audience <> 'staff'))
		order by s.principal limit 500`, string(id))
	out := map[ref.ID]access.Role{}
	for _, r := range rows {
		out[r.who] = r.role
	}
	return out, err
}

// asked are the columns by which a query asks for reports.
func (s *Reports) asked() query.Columns {
	return query.Columns{
		"stage": {Expr: `c.stage`, Quick: true}, "severity": {Expr: `c.severity`}, "product": {Expr: `c.product`}, "component": {Expr: `c.component`}, "cwe": {Expr: `c.cwe`},
		"source": {Expr: `c.source`}, "due": {Expr: `c.due_at`, Holds: query.Moment}, "received": {Expr: `c.at`, Holds: query.Moment}, "case": {Expr: `c.case_id`},
		"is": {Words: s.openStages(), Is: map[string]string{"undecided": `c.stage in (:words)`, "decided": `c.stage not in (:words)`, "overdue": `c.due_at > 0 and c.due_at < :now`, "breached": `c.breached`, "named": `c.audience <> 'staff'`}},
	}
}

// listing is a list under construction.
type listing struct {
	words *insight.Match // what the text asks for; nil is no text
	by    string         // the column that pages newest first
	quick []string       // conditions that an index answers
	where []string       // all others
	args  []any
}

func (q *listing) arg(cond string, arg any) string {
	q.args = append(q.args, arg)
	return strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(q.args)))
}

func (q *listing) equals(column, value string) {
	if value == "unknown" {
		value = ""
	}
	cond := q.arg(`c.`+column+` = ?`, value)
	if column == "stage" {
		q.quick = append(q.quick, cond) // the one that has an index
		return
	}
	q.where = append(q.where, cond)
}

func (q *listing) stages(names []string) {
	marks := make([]string, len(names))
	for i, n := range names {
		marks[i] = q.arg(`?`, n)
	}
	q.where = append(q.where, `c.stage in (`+strings.Join(marks, ", ")+`)`)
}

func (q *listing) before(doc int64) { q.quick = append(q.quick, q.arg(q.by+` < ?`, doc)) }

func (q *listing) run(v *gate.View, limit int) ([]*Report, error) {
	if q.words != nil {
		return insight.Find(v, scanRow, *q.words, insight.Rows{Columns: columns, Table: `{reports:newest}`, Quick: q.quick, Where: q.where, Args: q.args}, limit)
	}
	where := ""
	if all := slices.Concat(q.quick, q.where); len(all) > 0 {
		where = ` where ` + strings.Join(all, ` and `)
	}
	return gate.All(v, scanRow, `select `+columns+` from {reports:newest} c`+where+` order by `+q.by+` desc limit `+strconv.Itoa(limit), q.args...)
}

func toLook(v *gate.View, n int) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select c.id from {reports} c where c.look_at > 0 and c.look_at <= $1 order by c.look_at limit $2`,
		gate.Micros(v.Now), n)
}

// Similar is a record that a report may be a duplicate of.
type Similar struct {
	ID        ref.ID `json:"id"`
	Title     string `json:"title"`
	Stage     string `json:"stage"`
	CWE       string `json:"cwe"`
	Component string `json:"component"`
	Product   string `json:"product"`
	Why       string `json:"why"` // what the two have in common
	Points    int    `json:"points"`
}

// candidates lists newest records that share a weakness, a component or words.
func candidates(v *gate.View, r *Report, m insight.Match) ([]Similar, error) {
	scan := func(row func(...any) error) (s Similar, err error) {
		err = row(&s.ID, &s.Title, &s.Stage, &s.CWE, &s.Component, &s.Product)
		return s, err
	}
	const cols = `c.id, c.title, c.stage, c.cwe, c.component, c.product`
	// The words stand in the first condition; each source is bounded by itself.
	return gate.All(v, scan, `select * from (select `+cols+` from {cases:newest} c`+m.Join+` where `+m.Where+` order by `+m.Newest+` desc limit 40) a
		union all select * from (select `+cols+` from {reports:newest} c`+m.Join+` where `+m.Where+` and c.id <> $2 order by `+m.Newest+` desc limit 40) b
		union all select * from (select `+cols+` from {cases:newest} c where c.cwe = $3 and c.cwe <> '' and c.product = $4 order by c.newest desc limit 20) d
		union all select * from (select `+cols+` from {reports:newest} c where c.cwe = $3 and c.cwe <> '' and c.product = $4 and c.id <> $2 order by c.newest desc limit 20) e`,
		m.Arg, string(r.ID), r.CWE, r.Product)
}

func standing(v *gate.View, id ref.ID) (stage, name string, err error) {
	type row struct{ stage, name string }
	x, err := gate.One(v, func(scan func(...any) error) (r row, err error) {
		err = scan(&r.stage, &r.name)
		return r, err
	},
		`select c.stage, coalesce((select max(a.name) from {advisories} a where a.case_id = c.id and a.published_at > 0), '') from {cases} c where c.id = $1`, string(id))
	return x.stage, x.name, err
}

func other(v *gate.View, id ref.ID) (*Other, error) {
	return gate.One(v, func(row func(...any) error) (*Other, error) {
		o, at, body := new(Other), int64(0), ""
		err := row(&o.ID, &o.Title, &o.Stage, &o.Product, &o.Component, &o.CWE, &o.Severity, &at, &body)
		if err == nil {
			err = json.Unmarshal([]byte(body), o)
		}
		o.At = gate.Time(at)
		return o, err
	}, `select c.id, c.title, c.stage, c.product, c.component, c.cwe, c.severity, c.at, c.body from {reports} c where c.id = $1
		union all select c.id, c.title, c.stage, c.product, c.component, c.cwe, c.severity, c.at, c.body from {cases} c where c.id = $1`, string(id))
}
