package observation

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
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

func find(v *gate.View, q *query, n int) ([]*Observation, error) {
	cond := ""
	if len(q.where) > 0 {
		cond = ` where ` + strings.Join(q.where, " and ")
	}
	return gate.All(v, scan, `select `+columns+` from {observations} c`+q.join+cond+` order by c.doc desc limit `+strconv.Itoa(n), q.args...)
}

// narrow turns the filter into conditions.
func (f Filter) narrow(q *query, now time.Time) {
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
