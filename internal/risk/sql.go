package risk

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
)

const columns = `c.id, c.audience, c.at, c.doc, c.version, c.stage, c.closed, c.title, c.kind, c.scope, c.department, c.response, c.path,
	c.owner, c.security, c.parent, c.labels, c.due_at, c.due, c.breached, c.review_at, c.synced_at, c.touched_at, c.look_at,
	coalesce(n.kind, ''), coalesce(n.likelihood, -1), coalesce(n.impact, -1), coalesce(n.score, -1), coalesce(n.rating, ''), coalesce(n.held, false),
	coalesce(n.items, 0), coalesce(n.points, 0), coalesce(n.inherent, -1), coalesce(n.residual, -1), coalesce(n.target, -1), coalesce(n.standing, ''),
	coalesce(n.above_since, 0), coalesce(n.at, 0), coalesce(n.world, ''), coalesce(n.was, -1), coalesce(n.was_at, 0), ` + roll.Chosen

// standing joins where the risk stands, as far as the reader counts evidence. w is
// the number of the argument that names the world.
func standing(w int) string {
	return ` left join {standings} n on n.risk = c.id and n.world = $` + strconv.Itoa(w)
}

func scanInto(row func(...any) error, more ...any) (*Risk, error) {
	r, labels := new(Risk), ""
	var at, due, review, synced, touched, look, above, sat, wasAt int64
	var f [7]int64
	s := &r.Standing
	err := row(append([]any{&r.ID, &r.Audience, &at, &r.doc, &r.Version, &r.Stage, &r.Closed, &r.Title, &r.Kind, &r.Scope, &r.Department,
		&r.Response, &r.Path, &r.Owner, &r.Security, &r.Parent, &labels, &due, &r.DueWhat, &r.Breached, &review, &synced, &touched, &look,
		&s.Kind, &f[0], &f[1], &f[2], &s.Rating, &s.Held, &s.Items, &s.Points, &f[3], &f[4], &f[5], &s.State, &above, &sat, &s.World, &f[6], &wasAt, &r.Choice}, more...)...)
	r.Raised, r.Due, r.Review, r.Synced, r.Touched, r.look = gate.Time(at), gate.Time(due), gate.Time(review), gate.Time(synced), gate.Time(touched), gate.Time(look)
	for i, to := range []*float64{&s.Likelihood, &s.Impact, &s.Score, &s.Inherent, &s.Residual, &s.Target, &s.Was} {
		*to = number(f[i])
	}
	s.AboveSince, s.At, s.WasAt, r.Labels, r.shut = gate.Time(above), gate.Time(sat), gate.Time(wasAt), strings.Fields(labels), r.Closed
	return r, err
}

func scanRow(row func(...any) error) (*Risk, error) { return scanInto(row) }

func scanWhole(row func(...any) error) (*Risk, error) {
	var events, body string
	var appetite string
	r, err := scanInto(row, &events, &body, &appetite)
	if err == nil {
		r.appetite = readAppetite(appetite)
		err = json.Unmarshal([]byte(events), &r.events)
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &r.Body)
	}
	r.kept = maps.Clone(r.Fields)
	return r, err
}

func get(v *gate.View, id ref.ID) (*Risk, error) {
	return gate.One(v, scanWhole, `select `+columns+`, c.events, c.body, `+newest+` from {risks} c`+standing(2)+` where c.id = $1`, string(id), world(v))
}

func joined(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return " " + strings.Join(labels, " ") + " "
}

func (r *Risk) texts() (events, body string, err error) {
	e, err := json.Marshal(r.events)
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(r.Body)
	return string(e), string(b), err
}

// insert stores a risk, and where it stands in each world: unset is a value, which
// is listed and counted.
func insert(tx *gate.Tx, r *Risk, what any) error {
	if err := insertRisk(tx, r, what); err != nil {
		return err
	}
	if err := keepFields(tx, r); err != nil {
		return err
	}
	for _, w := range []string{WorldOpen, WorldAll} {
		if err := upsertStanding(tx, r, unsetIn(w), "", r.ID); err != nil {
			return err
		}
	}
	return nil
}

// keepFields keeps the fields of the house where lists ask for them; they stand in the
// risk's body besides, and the audit entry is of that.
func keepFields(tx *gate.Tx, r *Risk) error {
	for name, was := range r.kept {
		if r.Fields[name] == was {
			continue
		}
		if err := tx.Exec(r.ID, nil, `delete from {risk_fields} where risk = $1 and name = $2`, string(r.ID), name); err != nil {
			return err
		}
	}
	for name, value := range r.Fields {
		if r.kept[name] == value {
			continue
		}
		if err := tx.Exec(r.ID, nil, `insert into {risk_fields} (risk, guard, audience, name, value, number) values ($1, $1, $2, $3, $4, $5)`,
			string(r.ID), r.Audience, name, value, r.numbers[name]); err != nil {
			return err
		}
	}
	r.kept = maps.Clone(r.Fields)
	return nil
}

func insertRisk(tx *gate.Tx, r *Risk, what any) error {
	events, body, err := r.texts()
	if err != nil {
		return err
	}
	return tx.New(&r.ID, what, `insert into {risks} (id, guard, audience, at, doc, version, stage, closed, title, kind, scope, department, response,
		path, owner, security, parent, labels, due_at, due, breached, review_at, synced_at, touched_at, look_at, events, body)
		values ($1, $1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		r.Audience, gate.Micros(r.Raised), r.doc, r.Stage, r.Closed, r.Title, r.Kind, r.Scope, r.Department, r.Response,
		r.Path, string(r.Owner), string(r.Security), r.Parent, joined(r.Labels), gate.Micros(r.Due), r.DueWhat, r.Breached,
		gate.Micros(r.Review), gate.Micros(r.Synced), gate.Micros(r.Touched), gate.Micros(r.look), events, body)
}

func update(tx *gate.Tx, r *Risk, what any) error {
	events, body, err := r.texts()
	if err != nil {
		return err
	}
	r.Version++
	if err := keepFields(tx, r); err != nil {
		return err
	}
	if r.Closed != r.shut {
		if err := tx.Exec(r.ID, nil, `update {standings} set closed = $2 where risk = $1`, string(r.ID), r.Closed); err != nil {
			return err
		}
		r.shut = r.Closed
	}
	return tx.Exec(r.ID, what, `update {risks} set version = $2, stage = $3, closed = $4, title = $5, kind = $6, scope = $7, department = $8,
		response = $9, path = $10, owner = $11, security = $12, parent = $13, labels = $14, due_at = $15, due = $16, breached = $17,
		review_at = $18, synced_at = $19, touched_at = $20, look_at = $21, events = $22, body = $23 where id = $1 and version = $24`,
		string(r.ID), r.Version, r.Stage, r.Closed, r.Title, r.Kind, r.Scope, r.Department, r.Response, r.Path, string(r.Owner),
		string(r.Security), r.Parent, joined(r.Labels), gate.Micros(r.Due), r.DueWhat, r.Breached, gate.Micros(r.Review),
		gate.Micros(r.Synced), gate.Micros(r.Touched), gate.Micros(r.look), events, body, r.Version-1)
}

// toLook lists the risks whose clocks change by themselves.
func toLook(v *gate.View, n int) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select c.id from {risks} c where c.look_at > 0 and c.look_at <= $1 order by c.look_at limit $2`,
		gate.Micros(v.Now), n)
}

// open lists every risk that is not closed.
func open(v *gate.View) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select c.id from {risks} c where not c.closed order by c.id`)
}

// into puts what is scanned into a list.
func into[T any](list *[]T, scan func(row func(...any) error) (T, error)) func(row func(...any) error) error {
	return func(row func(...any) error) error {
		x, err := scan(row)
		*list = append(*list, x)
		return err
	}
}

// listed reads the risks of a list, in its order.
func listed(v *gate.View, q *roll.Query, limit int) ([]*Risk, error) {
	return named(v, q, q.IDs(limit))
}

// tops reads the first risks of each column of a board.
func tops(v *gate.View, q *roll.Query, by string, words []roll.Word) ([]*Risk, error) {
	return named(v, q, q.Tops(by, words, MaxColumn))
}

// named reads the risks that a text of ids names.
func named(v *gate.View, q *roll.Query, ids string) ([]*Risk, error) {
	return gate.All(v, scanRow, `select `+columns+` from {risks} c`+q.Joined()+` where c.id in (`+ids+`) order by `+q.Order(), q.Args()...)
}

// whole reads the named risks that the reader may see.
func whole(v *gate.View, ids []ref.ID) ([]*Risk, error) {
	cond, args, err := oneOfIDs(v, ids)
	if err != nil {
		return nil, err
	}
	return gate.All(v, scanWhole, `select `+columns+`, c.events, c.body, `+newest+` from {risks} c`+standing(1)+` where `+cond+` order by c.id`, args...)
}

// oneOfIDs asks for rows with one of the IDs that the reader may see; the first
// argument is the world.
func oneOfIDs(v *gate.View, ids []ref.ID) (string, []any, error) {
	args, marks := []any{world(v)}, make([]string, len(ids))
	for i, id := range ids {
		args, marks[i] = append(args, string(id)), "$"+strconv.Itoa(i+2)
	}
	cond, more, err := v.Where(VerbRead, "c", len(args)+1)
	out := "c.id in (" + strings.Join(marks, ", ") + ")"
	if cond != "" {
		out += " and " + cond
	}
	return out, append(args, more...), err
}

// beneath reads what lists of risks do not show: of ids their bodies, and of the few in
// way the cells that people judged, the newest last.
func beneath(v *gate.View, ids, way []ref.ID) (bodies map[ref.ID]Body, ways map[ref.ID][]Station, err error) {
	bodies, ways = map[ref.ID]Body{}, map[ref.ID][]Station{}
	args := []any{WorldBase, KindInherent, KindResidual}
	marks := func(of []ref.ID) string {
		out := []string{"''"} // none is nobody's ID
		for _, id := range of {
			args = append(args, string(id))
			out = append(out, "$"+strconv.Itoa(len(args)))
		}
		return strings.Join(out, ", ")
	}
	_, err = gate.All(v, func(row func(...any) error) (_ struct{}, err error) {
		var id ref.ID
		var kind, body string
		var at, likelihood, impact int64
		if err = row(&id, &kind, &at, &likelihood, &impact, &body); err != nil {
			return struct{}{}, err
		}
		if kind != "" {
			ways[id] = append(ways[id], Station{kind, cellOf(number(likelihood)), cellOf(number(impact))})
			return struct{}{}, nil
		}
		var b Body
		err = json.Unmarshal([]byte(body), &b)
		bodies[id] = b
		return struct{}{}, err
	}, `select c.id, '' as kind, 0 as at, 0 as likelihood, 0 as impact, c.body from {risks} c where c.id in (`+marks(ids)+`)
		union all select e.risk, e.kind, e.at, e.likelihood, e.impact, '' from {evaluations} e where e.world = $1 and e.kind in ($2, $3) and e.risk in (`+marks(way)+`) order by 3`, args...)
	for id, found := range ways {
		ways[id] = latest(found)
	}
	return bodies, ways, err
}

// scanPlanned reads of a risk what its plan needs.
func scanPlanned(row func(...any) error) (*Risk, error) {
	r, touched, body := new(Risk), int64(0), ""
	if err := row(&r.ID, &r.Audience, &touched, &body); err != nil {
		return nil, err
	}
	r.Touched = gate.Time(touched)
	return r, json.Unmarshal([]byte(body), &r.Body)
}
