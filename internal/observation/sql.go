package observation

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

const columns = `c.id, c.audience, c.at, c.doc, c.version, c.stage, c.closed, c.title, c.source, c.external, c.rating, c.score, c.priority, c.cause, c.entity, c.owner,
	c.department, c.labels, c.due_at, c.found_at, c.touched_at, c.body`

func scan(row func(...any) error) (*Observation, error) {
	o := new(Observation)
	var at, due, found, touched int64
	var labels, body string
	if err := row(&o.ID, &o.Audience, &at, &o.doc, &o.Version, &o.Stage, &o.Closed, &o.Title, &o.Source, &o.External, &o.Rating, &o.Score, &o.Priority, &o.Cause, &o.Entity,
		&o.Owner, &o.Department, &labels, &due, &found, &touched, &body); err != nil {
		return nil, err
	}
	o.Opened, o.Due, o.Found, o.Touched = gate.Time(at), gate.Time(due), gate.Time(found), gate.Time(touched)
	o.Labels = strings.Fields(labels)
	return o, json.Unmarshal([]byte(body), &o.Body)
}

func get(v *gate.View, id ref.ID) (*Observation, error) {
	return gate.One(v, scan, `select `+columns+` from {observations} c where c.id = $1`, string(id))
}

// closed lists observations that are closed, in the order of their names.
func closed(v *gate.View, after ref.ID, n int) ([]*Observation, error) {
	return gate.All(v, scan, `select `+columns+` from {observations} c where c.closed and c.id > $1 order by c.id limit $2`, string(after), n)
}

func joined(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return " " + strings.Join(labels, " ") + " "
}

func insert(tx *gate.Tx, o *Observation) error {
	body, err := json.Marshal(o.Body)
	if err != nil {
		return err
	}
	return tx.New(&o.ID, gate.Change{Field: "opened", New: o.Title}, `insert into {observations} (id, guard, audience, at, doc, version, stage, closed, title, source, external, rating,
		score, priority, cause, entity, owner, department, labels, due_at, found_at, touched_at, body)
		values ($1, $1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		o.Audience, gate.Micros(o.Opened), o.doc, o.Stage, o.Closed, o.Title, o.Source, o.External, o.Rating, o.Score, o.Priority, o.Cause, o.Entity,
		string(o.Owner), o.Department, joined(o.Labels), gate.Micros(o.Due), gate.Micros(o.Found), gate.Micros(o.Touched), string(body))
}

func update(tx *gate.Tx, o *Observation, what any) error {
	body, err := json.Marshal(o.Body)
	if err != nil {
		return err
	}
	o.Version++
	return tx.Exec(o.ID, what, `update {observations} set version = $2, stage = $3, closed = $4, title = $5, source = $6, external = $7, rating = $8, score = $9, priority = $10,
		cause = $11, entity = $12, owner = $13, department = $14, labels = $15, due_at = $16, found_at = $17, touched_at = $18, body = $19
		where id = $1 and version = $20`, string(o.ID), o.Version, o.Stage, o.Closed, o.Title, o.Source, o.External, o.Rating, o.Score, o.Priority, o.Cause, o.Entity,
		string(o.Owner), o.Department, joined(o.Labels), gate.Micros(o.Due), gate.Micros(o.Found), gate.Micros(o.Touched), string(body), o.Version-1)
}

// asked are the columns by which a query asks for observations.
var asked = query.Columns{
	"stage": {Expr: `c.stage`}, "rating": {Expr: `c.rating`}, "owner": {Expr: `c.owner`}, "label": {Expr: `c.labels`, Holds: query.Set}, "cause": {Expr: `c.cause`},
	"priority": {Expr: `c.priority`}, "source": {Expr: `c.source`}, "department": {Expr: `c.department`}, "score": {Expr: `case when c.score = 0 then -1 else c.score end`, Holds: query.Scaled, Scale: 1},
	"due": {Expr: `c.due_at`, Holds: query.Moment}, "found": {Expr: `c.found_at`, Holds: query.Moment}, "touched": {Expr: `c.touched_at`, Holds: query.Moment},
	"is": {Is: map[string]string{"open": `not c.closed`, "closed": `c.closed`, "overdue": `not c.closed and c.due_at > 0 and c.due_at < :now`, "entity": `c.entity`,
		"named": `c.audience <> 'staff'`}},
}

// from is what the list reads, with its conditions.
func (q *listing) from() string {
	text := ` from {observations} c` + q.join
	if len(q.where) > 0 {
		text += ` where ` + strings.Join(q.where, ` and `)
	}
	return text
}

// never is behind every moment.
const never = 9000000000000000

// keys are what comes first in the orders of a list besides the newest first.
var keys = map[string]string{"score": `-c.score`, "age": `c.found_at`, "due": `case when c.closed or c.due_at = 0 then ` + strconv.Itoa(never) + ` else c.due_at end`}

// behind begins the list behind a place.
func (q *listing) behind(key, doc int64) {
	by, ok := keys[q.order]
	if !ok {
		q.add(`c.doc < ?`, doc)
		return
	}
	k := q.arg(key)
	q.add(`(`+by+` > `+k+` or `+by+` = `+k+` and c.doc > ?)`, doc)
}

func find(v *gate.View, q *listing, n int) ([]*Observation, error) {
	order := `c.doc desc`
	if by, ok := keys[q.order]; ok {
		order = by + `, c.doc`
	}
	return gate.All(v, scan, `select `+columns+q.from()+` order by `+order+` limit `+strconv.Itoa(n), q.args...)
}

// count counts what the filter leaves, as far as lists count.
func (q *listing) count(v *gate.View) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from (select 1`+q.from()+` limit `+strconv.Itoa(query.MaxCount+1)+`) x`, q.args...)
}

// layouts are the columns that a board is laid out by.
var layouts = map[string]string{"stage": `c.stage`, "rating": `c.rating`, "cause": `c.cause`}

// words counts the words of a board's layout, those of most observations first.
func (q *listing) words(v *gate.View, by string) ([]Column, error) {
	return gate.All(v, func(row func(...any) error) (c Column, err error) {
		err = row(&c.Name, &c.Count)
		return c, err
	}, `select `+layouts[by]+`, count(*)`+q.from()+` group by 1 order by 2 desc, 1`, q.args...)
}

// tops lists the first observations of each column: those that are due first, and
// behind them those without a day.
func (q *listing) tops(v *gate.View, by string, of []Column) ([]*Observation, error) {
	const order = `case when c.due_at = 0 then 1 else 0 end, c.due_at, c.doc desc`
	marks := make([]string, len(of))
	for i, c := range of {
		marks[i] = q.arg(c.Name)
	}
	q.where = append(q.where, layouts[by]+` in (`+strings.Join(marks, `, `)+`)`)
	return gate.All(v, scan, `select `+columns+` from {observations} c where c.id in (select x.id from (select c.id as id, row_number() over (partition by `+layouts[by]+
		` order by `+order+`) as place`+q.from()+`) x where x.place <= `+strconv.Itoa(MaxColumn)+`) order by `+order+` limit `+strconv.Itoa(MaxBoard*MaxColumn), q.args...)
}

// narrow turns the filter into conditions.
func (f Filter) narrow(q *listing, now time.Time) {
	for _, is := range [...]struct{ column, value string }{{"c.stage", f.Stage}, {"c.rating", f.Rating}, {"c.priority", f.Priority}, {"c.cause", f.Cause},
		{"c.source", f.Source}, {"c.department", f.Department}, {"c.owner", string(f.Owner)}} {
		if is.value != "" {
			q.add(is.column+" = ?", is.value)
		}
	}
	if f.Label != "" {
		q.add("replace(c.labels, ?, '') <> c.labels", " "+f.Label+" ") // no character of it is a wildcard, on either engine
	}
	if f.State != "" {
		q.add("c.closed = ?", f.State == "closed")
	}
	if f.Entity {
		q.where = append(q.where, "c.entity")
	}
	if f.Unowned {
		q.where = append(q.where, "c.owner = ''")
	}
	if f.Overdue {
		q.add("not c.closed and c.due_at > 0 and c.due_at < ?", gate.Micros(now))
	}
	if !f.TouchedBefore.IsZero() {
		q.add("c.touched_at < ?", gate.Micros(f.TouchedBefore))
	}
}

// maySee reports whether a person at work may see the observation.
func maySee(v *gate.View, o *Observation, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active' and (
		exists (select 1 from {visibility} s where s.subject = $2 and (s.principal = p.id or s.principal in
			(select m.principal from {membership} m where m.holder = p.id)))
		or ($3 = 'staff' and exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')))`,
		string(who), string(o.ID), o.Audience)
	return len(n) > 0, err
}

// someone reports whether there is such a person at work or such a team.
func someone(v *gate.View, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active' union all select 1 from {teams} t where t.id = $1`, string(who))
	return len(n) > 0, err
}

func levelOf(v *gate.View, who ref.ID) (string, error) {
	found, err := gate.All(v, gate.Value[string], `select p.level from {people} p where p.id = $1`, string(who))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

func namesOf(v *gate.View, ids []ref.ID) (map[ref.ID]string, error) {
	out := map[ref.ID]string{}
	if len(ids) == 0 {
		return out, nil
	}
	args, marks := make([]any, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		args[i], marks[i] = string(id), "$"+strconv.Itoa(i+1)
	}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var id ref.ID
		var name string
		err := row(&id, &name)
		out[id] = name
		return struct{}{}, err
	}, `select p.id, p.name from {people} p where p.id in (`+strings.Join(marks, ", ")+`)`, args...)
	return out, err
}

// linkUpgraded is the kind of link from an observation to the risk that it became.
const linkUpgraded = "upgraded-to"

func insertLink(tx *gate.Tx, from, risk ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "upgraded to", New: risk}, `insert into {links} (source, kind, target, at, author) values ($1, $2, $3, $4, $5)
		on conflict (source, kind, target) do nothing`, string(from), linkUpgraded, string(risk), gate.Micros(tx.Now), string(tx.Actor.ID))
}

// risksOf lists the risks that an observation became and that the reader may see.
func risksOf(v *gate.View, id ref.ID) ([]Link, error) {
	return gate.All(v, func(row func(...any) error) (l Link, err error) {
		err = row(&l.ID, &l.Title, &l.Closed)
		return l, err
	}, `select c.id, c.title, c.closed from {links} l join {risks} c on c.id = l.target where l.source = $1 and l.kind = $2 order by c.id limit 50`, string(id), linkUpgraded)
}

// knownAs reports whether an observation of the source has the name.
func knownAs(v *gate.View, source, external string) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {observations} c where c.source = $1 and c.external = $2 limit 1`, source, external)
	return len(n) > 0, err
}
