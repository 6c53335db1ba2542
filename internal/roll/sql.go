package roll

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/union"
)

// equals narrows to a word; "unknown" and "unset" are the empty one.
func (q *Query) equals(list *[]string, column, value string) {
	switch value {
	case "":
		return
	case "unknown", "unset":
		value = ""
	}
	*list = append(*list, column+` = `+q.arg(value))
}

// standingFields are the fields of a query that ask where a risk stands.
var standingFields = []string{"rating", "standing", "score"}

// asked are the columns by which a query asks for risks.
func (q *Query) asked() query.Columns {
	out := query.Columns{
		"rating": {Expr: `coalesce(n.rating, '')`}, "standing": {Expr: `coalesce(n.standing, '')`}, "score": {Expr: `coalesce(n.score, -1)`, Holds: query.Scaled, Scale: 100},
		"stage": {Expr: `c.stage`}, "kind": {Expr: `c.kind`}, "scope": {Expr: `c.scope`}, "department": {Expr: `c.department`}, "response": {Expr: `c.response`}, "parent": {Expr: `c.parent`}, "choice": {Expr: Chosen},
		"owner": {Expr: `c.owner`}, "security": {Expr: `c.security`}, "label": {Expr: `c.labels`, Holds: query.Set},
		"due": {Expr: `c.due_at`, Holds: query.Moment}, "review": {Expr: `c.review_at`, Holds: query.Moment}, "raised": {Expr: `c.at`, Holds: query.Moment},
		"is": {Is: map[string]string{"open": `c.closed = false`, "closed": `c.closed = true`, "overdue": `not c.closed and c.due_at > 0 and c.due_at < :now`, "named": `c.audience <> 'staff'`,
			"held": `c.id in (select h.risk from {standings} h where h.world = '` + q.reader.World + `' and h.held)`}},
	}
	for name, kind := range q.reader.Fields {
		out["field."+name] = own(name, kind)
	}
	return out
}

// own is a field that the house has of its own; its name is a checked word.
func own(name string, kind query.Kind) query.Column {
	of := func(column, none string) string {
		return `coalesce((select o.` + column + ` from {risk_fields} o where o.risk = c.id and o.name = '` + name + `'), ` + none + `)`
	}
	switch kind {
	case query.Number:
		return query.Column{Expr: of("number", "-1"), Holds: query.Scaled, Scale: profile.FieldScale}
	case query.Date:
		return query.Column{Expr: of("number", "0"), Holds: query.Moment}
	}
	return query.Column{Expr: of("value", "''")}
}

// Stands is where a choice k of a risk c is.
const Stands = `case when k.state = 'approved' and k.approved <> c.title then 'candidate' else k.state end`

// Chosen is where the newest choice that stands of a risk c is, of those that leaders
// made for their departments: an approval is of the risk as it was titled. Empty is
// none.
const Chosen = `coalesce((select ` + Stands + ` from {candidates} k where k.risk = c.id and k.ended_at = 0 order by k.period desc, k.at desc, k.id limit 1), '')`

// narrow makes conditions of the filter.
func (q *Query) narrow(now time.Time) {
	f := q.filter
	for _, is := range [...]struct{ column, value string }{{"c.stage", f.Stage}, {"c.kind", f.Kind}, {"c.scope", f.Scope}, {"c.department", f.Department},
		{"c.response", f.Response}, {"c.parent", f.Parent}, {"c.owner", string(f.Owner)}, {"c.security", string(f.Security)}, {Chosen, f.Choice}} {
		q.equals(&q.risks, is.column, is.value)
	}
	if f.Label != "" {
		q.risks = append(q.risks, `replace(c.labels, `+q.arg(" "+f.Label+" ")+`, '') <> c.labels`) // no character of it is a wildcard
	}
	if f.About != "" {
		q.risks = append(q.risks, `c.id in (select e.risk from {evidence} e where e.about = `+q.arg(f.About)+` and not e.dropped)`)
	}
	q.times(now)
	q.standing()
}

func (q *Query) times(now time.Time) {
	f := q.filter
	if f.Overdue {
		q.risks = append(q.risks, `not c.closed and c.due_at > 0 and c.due_at < `+q.arg(gate.Micros(now)))
	}
	if !f.ReviewBefore.IsZero() {
		q.risks = append(q.risks, `not c.closed and c.review_at > 0 and c.review_at < `+q.arg(gate.Micros(f.ReviewBefore)))
	}
	if !f.RaisedAfter.IsZero() {
		q.risks = append(q.risks, `c.at >= `+q.arg(gate.Micros(f.RaisedAfter)))
	}
	if !f.RaisedBefore.IsZero() {
		q.risks = append(q.risks, `c.at < `+q.arg(gate.Micros(f.RaisedBefore)))
	}
}

// standing narrows by where risks stand. A fraction stands in the cell that it
// rounds to, half up.
func (q *Query) standing() {
	f := q.filter
	q.equals(&q.stands, `coalesce(n.rating, '')`, f.Rating)
	if f.Standing == "outside" {
		q.stands = append(q.stands, `n.standing in ('above', 'beyond')`)
	} else {
		q.equals(&q.stands, `coalesce(n.standing, '')`, f.Standing)
	}
	if f.Held {
		q.stands = append(q.stands, `n.held`)
	}
	for _, x := range [...]struct {
		column string
		level  int
	}{{"n.likelihood", f.Likelihood}, {"n.impact", f.Impact}} {
		if x.level > 0 {
			q.stands = append(q.stands, x.column+` >= `+q.arg(x.level*100-50), x.column+` < `+q.arg(x.level*100+50))
		}
	}
}

// Joined joins where the risk c stands, n, in the world of the reader.
func (q *Query) Joined() string {
	return ` left join {standings} n on n.risk = c.id and n.world = '` + q.reader.World + `'`
}

// from is what a statement of this side reads, with all conditions and those given.
func (q *Query) from(s side, more ...string) string {
	text, alias, where := ` from {risks} c`, "c", []string{}
	switch s {
	case ofBoth:
		text += q.Joined()
	case ofStanding:
		text, alias, where = ` from {standings} n`, "n", []string{`n.world = '` + q.reader.World + `'`}
	}
	switch q.filter.State { // an equality, so that an index of closed ones and open ones gives its order
	case "open":
		where = append(where, alias+`.closed = false`)
	case "closed":
		where = append(where, alias+`.closed = true`)
	}
	where = append(append(append(where, q.risks...), q.stands...), more...)
	if c := q.covers[alias]; c != "" {
		where = append(where, c)
	}
	if text += q.join; len(where) > 0 {
		text += ` where ` + strings.Join(where, ` and `)
	}
	return text
}

// split is from where what the filter asks of the other side is a list of ids, looked
// up while this side is read in the order of its index. It is the faster way where
// most rows stay; the coalesce keeps an engine from beginning with the list.
func (q *Query) split(s side, more ...string) string {
	r, n := *q, *q
	r.stands, n.risks, n.join = nil, nil, ""
	if s == ofRisk {
		return r.from(ofRisk, append(more, `coalesce(c.id, '') in (select n.risk`+n.from(ofStanding)+`)`)...)
	}
	return n.from(ofStanding, `coalesce(n.risk, '') in (select c.id`+r.from(ofRisk, more...)+`)`)
}

// facing is what facets read: the risks alone, wherever there is a world to list.
func (q *Query) facing() string {
	if len(q.stands) > 0 && q.reader.World != "" {
		return q.split(ofRisk)
	}
	return q.from(q.side(ofRisk))
}

// or is a column of where a risk stands, which a risk has none of for who has no world.
func or(s side, column, none string) string {
	if s == ofStanding {
		return column
	}
	return `coalesce(` + column + `, ` + none + `)`
}

// ordered is the order of a statement of this side: its number, the least first, and
// the place behind it, the newest first. Scores have the trend between the two, and
// the oldest first (R37).
func (q *Query) ordered(s side) (key, doc string) {
	doc = "c.doc"
	if s == ofStanding {
		doc = "n.doc"
	}
	switch q.filter.Order {
	case "newest":
		return "", doc
	case "due":
		return `case when c.closed or c.due_at = 0 then ` + strconv.Itoa(never) + ` else c.due_at end`, doc
	case "review":
		return `case when c.closed or c.review_at = 0 then ` + strconv.Itoa(never) + ` else c.review_at end`, doc
	}
	if s == ofStanding {
		return `n.score desc`, doc
	}
	return `-coalesce(n.score, -1)`, doc
}

func (q *Query) order(s side) string {
	key, doc := q.ordered(s)
	switch {
	case q.ranked():
		return key + ", " + trend(s) + ", " + doc
	case key != "":
		key += ", "
	}
	return key + doc + " desc"
}

// trend is where a score went since the last review, what is worse first.
func trend(s side) string { return or(s, `n.trend`, strconv.FormatInt(riskscore.NewScore.Rank(), 10)) }

// Order is the order of a list of the risks c, Joined.
func (q *Query) Order() string { return q.order(ofBoth) }

// listed is what a list reads: what it is ordered by.
func (q *Query) listed() side {
	return q.side(map[string]side{"newest": 0, "due": ofRisk, "review": ofRisk}[q.filter.Order] | map[bool]side{true: ofStanding}[q.filter.Order == "" || q.filter.Order == "score"])
}

// IDs is the text of the list's ids: so many, in order, behind the marker. What is
// sorted is narrow.
func (q *Query) IDs(limit int) string { return q.ids(q.listed(), limit, q.behind(q.listed())...) }

func (q *Query) ids(s side, limit int, more ...string) string {
	id := "c.id"
	if s == ofStanding {
		id = "n.risk"
	}
	return `select ` + id + ` as id` + q.from(s, more...) + ` order by ` + q.order(s) + ` limit ` + strconv.Itoa(limit)
}

// behind is the condition that the marker sets.
func (q *Query) behind(s side) []string {
	if q.marker == nil {
		return nil
	}
	key, doc := q.ordered(s)
	k, last := q.marker[0], doc+` < `+q.marker[len(q.marker)-1]
	if q.ranked() {
		t, of := q.marker[1], trend(s)
		last = `(` + of + ` > ` + t + ` or ` + of + ` = ` + t + ` and ` + doc + ` > ` + q.marker[2] + `)`
	}
	switch {
	case key == "":
		return []string{last}
	case s == ofStanding: // the first of the two is what the index begins at
		return []string{`n.score <= ` + k, `(n.score < ` + k + ` or ` + last + `)`}
	}
	return []string{`(` + key + ` > ` + k + ` or ` + key + ` = ` + k + ` and ` + last + `)`}
}

// Count counts what the filter leaves, as far as lists count.
func (q *Query) Count(v *gate.View) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from (select 1`+q.from(q.side(0))+` limit `+strconv.Itoa(query.MaxCount+1)+`) x`, q.args...)
}

// Tally counts, in one statement, where risks stand and what they are sorted by, each
// in the order of its own index, beside the appetite that they are held against;
// blocked is the label that says that one is.
func (q *Query) Tally(v *gate.View, blocked string) (t Tally, err error) {
	s, now, args := q.side(ofStanding), "$"+strconv.Itoa(len(q.args)+1), append(q.args[:len(q.args):len(q.args)], gate.Micros(v.Now))
	err = union.Read(v, []union.Kind{
		{Columns: union.Columns{"#" + or(s, `n.likelihood`, `-1`), "#" + or(s, `n.impact`, `-1`), "#case when n.held then 1 else 0 end", or(s, `n.rating`, `''`), or(s, `n.standing`, `''`), "#count(*)"},
			From: q.from(s) + ` group by n.likelihood, n.impact, n.held, n.rating, n.standing`, Scan: t.cell},
		{Columns: union.Columns{"c.stage", "c.scope", "c.response", "c.department", "#count(*)", "#" + sum(`c.due_at > 0 and c.due_at < `+now), "#" + sum(`c.review_at > 0 and c.review_at < `+now),
			"#" + sum(`replace(c.labels, ' `+blocked+` ', '') <> c.labels`)}, From: q.facing() + ` group by c.stage, c.scope, c.response, c.department`, Scan: t.facet},
		{Columns: union.Columns{"a.appetite", "a.id", "#a.at"}, From: ` from {appetites} a where a.state = 'decided' order by a.at desc, a.id desc limit 1`, Scan: t.appetite},
	}, args...)
	t.sort()
	return t, err
}

func (t *Tally) cell(row func(...any) error) error {
	var c Cell
	err := row(&c.Likelihood, &c.Impact, &c.Held, &c.Rating, &c.Standing, &c.Count)
	t.Cells = append(t.Cells, c)
	return err
}

func (t *Tally) facet(row func(...any) error) error {
	var f Facet
	err := row(&f.Stage, &f.Scope, &f.Response, &f.Department, &f.Count, &f.Overdue, &f.Review, &f.Blocked)
	t.Facets = append(t.Facets, f)
	return err
}

func (t *Tally) appetite(row func(...any) error) error {
	var at int64
	err := row(&t.Appetite.Name, &t.Appetite.From, &at)
	t.Appetite.At = gate.Time(at)
	return err
}

func sum(cond string) string { return `coalesce(sum(case when ` + cond + ` then 1 else 0 end), 0)` }

// layouts are the columns that a board is laid out by.
var layouts = map[string]struct {
	column string
	side   side
}{"stage": {"c.stage", ofRisk}, "department": {"c.department", ofRisk}, "scope": {"c.scope", ofRisk}, "rating": {"n.rating", ofStanding},
	"choice": {Chosen, ofRisk}}

// Words counts the words of a board's layout, those of most risks first.
func (q *Query) Words(v *gate.View, by string) ([]Word, error) {
	s := q.side(layouts[by].side)
	return gate.All(v, func(row func(...any) error) (w Word, err error) {
		err = row(&w.Word, &w.Count)
		return w, err
	}, `select coalesce(`+layouts[by].column+`, ''), count(*)`+q.from(s)+` group by 1 order by 2 desc, 1`, q.args...)
}

// Tops is the text of the ids of each word's first risks, so many each. A word that
// many risks have is met early on in the order of the scores; a rare one is looked up.
func (q *Query) Tops(by string, words []Word, each int) string {
	s, all := q.side(layouts[by].side|ofStanding), 0
	for _, w := range words {
		all += w.Count
	}
	var parts []string
	for i, w := range words {
		is := `coalesce(` + layouts[by].column + `, '') = ` + q.arg(w.Word)
		ids := ``
		if s == ofBoth && layouts[by].side == ofRisk && q.reader.World != "" && w.Count*4 > all {
			ids = `select n.risk as id` + q.split(ofStanding, is) + ` order by ` + q.order(ofStanding) + ` limit ` + strconv.Itoa(each)
		} else {
			ids = q.ids(s, each, is)
		}
		t := `t` + strconv.Itoa(i)
		parts = append(parts, `select `+t+`.id from (`+ids+`) `+t)
	}
	return strings.Join(parts, ` union all `)
}

// Wait counts, in one statement, what waits in the open part of the register; since
// is from when on what left tolerance is news.
func Wait(v *gate.View, r Reader, since time.Time, me ref.ID) (w Waiting, err error) {
	q, err := New(v, r, Filter{State: "open"})
	if err != nil {
		return w, err
	}
	now, news, own := q.arg(gate.Micros(v.Now)), q.arg(gate.Micros(since)), q.arg(string(me))
	return gate.One(v, func(row func(...any) error) (w Waiting, err error) {
		err = row(&w.Open, &w.Overdue, &w.Review, &w.Mine, &w.Above, &w.Worse, &w.Held, &w.Acceptances, &w.Monitor)
		return w, err
	}, `select a.open, a.overdue, a.review, a.mine, b.above, b.worse, b.held, d.asked, m.asked from
		(select count(*) as open, `+sum(`c.due_at > 0 and c.due_at < `+now)+` as overdue, `+sum(`c.review_at > 0 and c.review_at < `+now)+` as review, `+
		sum(`c.owner = `+own)+` as mine`+q.from(ofRisk)+`) a,
		(select `+sum(`n.standing in ('above', 'beyond')`)+` as above, `+sum(`n.above_since > `+news)+` as worse, `+sum(`n.held`)+` as held`+q.from(ofStanding)+`) b,
		(select count(*) as asked`+q.from(ofRisk, `c.id in (select d.risk from {decisions} d where d.kind = 'accept' and d.state in ('asked', 'due', 'stale'))`)+`) d,
		(select count(*) as asked`+q.from(ofRisk, `c.id in (select d.risk from {decisions} d where d.kind = 'monitor' and d.state = 'asked')`)+`) m`, q.args...)
}

// News lists the open risks that want somebody to look, in one statement: those that
// left tolerance since a moment, and the reader's own whose review is due.
func News(v *gate.View, r Reader, since time.Time, me ref.ID, n int) ([]Notable, error) {
	q, err := New(v, r, Filter{State: "open"})
	if err != nil {
		return nil, err
	}
	now, news, own := q.arg(gate.Micros(v.Now)), q.arg(gate.Micros(since)), q.arg(string(me))
	columns := func(kind, at string) string {
		return `select '` + kind + `' as kind, c.id, c.title, c.stage, coalesce(n.rating, '') as rating, c.owner, ` + at + ` as at`
	}
	arm := func(kind, at, cond, order string) string {
		return `select x.kind, x.id, x.title, x.stage, x.rating, x.owner, x.at from (` + columns(kind, at) + q.from(ofBoth, cond) + ` order by ` + order + ` limit ` + strconv.Itoa(n) + `) x`
	}
	return gate.All(v, func(row func(...any) error) (x Notable, err error) {
		var at int64
		err = row(&x.Kind, &x.ID, &x.Title, &x.Stage, &x.Rating, &x.Owner, &at)
		x.At = gate.Time(at)
		return x, err
	}, arm(Worse, "n.above_since", `n.above_since > `+news, `n.above_since desc, c.id`)+` union all `+
		arm(Due, "c.review_at", `c.review_at > 0 and c.review_at < `+now+` and (c.owner = `+own+` or c.security = `+own+`)`, `c.review_at, c.id`), q.args...)
}
