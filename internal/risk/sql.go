package risk

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/evidence"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
	"tocsin/internal/thread"
	"tocsin/internal/union"
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

// hundredths and number turn scores into the columns that lists sort by, and back.
func hundredths(x float64) int64 {
	if x < 0 {
		return -1
	}
	return int64(math.Round(x * 100))
}

func number(n int64) float64 {
	if n < 0 {
		return -1
	}
	return float64(n) / 100
}

// newest is the appetite of the newest survey that was decided, as a text: its
// word, the survey and when, with blanks between.
const newest = `coalesce((select a.appetite || ' ' || a.id || ' ' || cast(a.at as text) from {appetites} a where a.state = 'decided' order by a.at desc, a.id desc limit 1), '')`

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

// shownOn lists who is named on a risk, and as what.
func shownOn(v *gate.View, id ref.ID) ([]Shown, error) {
	return gate.All(v, func(row func(...any) error) (s Shown, err error) {
		err = row(&s.Who, &s.Role)
		return s, err
	}, `select s.principal, s.role from {visibility} s where s.subject = $1 order by s.principal limit 200`, string(id))
}

// person reads somebody's name and level of management; ok is false where there is
// no such person at work.
func person(v *gate.View, who ref.ID) (name, level string, ok bool, err error) {
	found, err := gate.All(v, func(row func(...any) error) (s [2]string, err error) {
		err = row(&s[0], &s[1])
		return s, err
	}, `select p.name, p.level from {people} p where p.id = $1 and p.state = 'active'`, string(who))
	if err != nil || len(found) == 0 {
		return "", "", false, err
	}
	return found[0][0], found[0][1], true, nil
}

// LevelOf is the level of management of a person at work, as a column of any
// statement; n is the number of the argument that names them.
func LevelOf(n int) string {
	return `coalesce((select l.level from {people} l where l.id = $` + strconv.Itoa(n) + ` and l.state = 'active'), '')`
}

// maySee reports whether a person may see a risk of that audience.
func maySee(v *gate.View, id ref.ID, audience string, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active' and (
		exists (select 1 from {visibility} s where s.subject = $2 and (s.principal = p.id or s.principal in
			(select m.principal from {membership} m where m.holder = p.id)))
		or ($3 = 'staff' and exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')))`,
		string(who), string(id), audience)
	return len(n) > 0, err
}

// beside reads in one statement what stands around a risk: its links both ways to
// records that the reader may see, the groups that it covers, its reviews, who is
// named on it, and the names of everybody that its page speaks of.
func beside(v *gate.View, f *Full) error {
	f.Persons = map[ref.ID]Person{}
	args, who := []any{string(f.ID), linkCovers}, ""
	f.everybody(func(id ref.ID) {
		if id.Kind() == "person" && !slices.Contains(args, any(string(id))) {
			args = append(args, string(id))
			who += ", $" + strconv.Itoa(len(args))
		}
	})
	kinds := []union.Kind{
		{Columns: union.Columns{"l.target"}, From: ` from {links} l where l.source = $1 and l.kind = $2 limit 200`, Scan: f.group},
		{Columns: union.Columns{"s.principal", "s.role", "coalesce(p.name, '')"}, From: ` from {visibility} s left join {people} p on p.id = s.principal where s.subject = $1 limit 200`, Scan: f.shown},
		{Columns: union.Columns{"p.id", "p.name", "p.level"}, From: ` from {people} p where p.id in (''` + who + `)`, Scan: f.person},
		{Columns: reviewColumns, From: ` from {risk_reviews} r where r.guard = $1 order by r.at desc, r.id desc limit 500`, Scan: into(&f.Reviews, scanReviewed)},
		{Columns: union.Columns{"k.department", "k.period", roll.Stands}, From: ` from {candidates} k join {risks} c on c.id = k.risk where k.risk = $1 and k.ended_at = 0 limit 50`, Scan: f.choice},
	}
	for _, to := range []string{`{risks}`, `{cases}`} {
		for _, ends := range []struct {
			here, there string
			back        bool
		}{{"source", "target", false}, {"target", "source", true}} {
			kinds = append(kinds, union.Kind{Columns: union.Columns{"l.kind", "c.id", "c.title", "#case when c.closed then 1 else 0 end"},
				From: ` from {links} l join ` + to + ` c on c.id = l.` + ends.there + ` where l.` + ends.here + ` = $1 limit 200`, Scan: f.link(ends.back)})
		}
	}
	err := union.Read(v, kinds, args...)
	way := map[bool]int{true: 1} // there before back
	slices.SortFunc(f.Links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), way[a.Back]-way[b.Back])
	})
	slices.SortFunc(f.Groups, func(a, b recurrence.Key) int {
		return cmp.Or(cmp.Compare(a.Weakness, b.Weakness), cmp.Compare(a.Product, b.Product), cmp.Compare(a.Component, b.Component))
	})
	slices.SortFunc(f.Reviews, func(a, b Reviewed) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	slices.SortFunc(f.Choices, func(a, b LeaderChoice) int {
		return cmp.Or(cmp.Compare(b.Period, a.Period), cmp.Compare(a.Department, b.Department))
	})
	slices.SortFunc(f.Shown, func(a, b Shown) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Who, b.Who)) })
	return err
}

var reviewColumns = union.Columns{"r.id", "#r.at", "r.outcome", "r.meeting", "r.author", "#r.next_at", "r.body"}

func scanReviewed(row func(...any) error) (x Reviewed, err error) {
	var at, next int64
	var body string
	if err = row(&x.ID, &at, &x.Outcome, &x.Meeting, &x.By, &next, &body); err != nil {
		return x, err
	}
	x.At, x.Next = gate.Time(at), gate.Time(next)
	return x, json.Unmarshal([]byte(body), &x) // its reason, and the name of who wrote it
}

func (f *Full) link(back bool) func(row func(...any) error) error {
	return func(row func(...any) error) error {
		l := Link{Back: back}
		err := row(&l.Kind, &l.ID, &l.Title, &l.Closed)
		f.Links = append(f.Links, l)
		return err
	}
}

func (f *Full) choice(row func(...any) error) error {
	var k LeaderChoice
	err := row(&k.Department, &k.Period, &k.State)
	f.Choices = append(f.Choices, k)
	return err
}

func (f *Full) group(row func(...any) error) error {
	var key string
	if err := row(&key); err != nil {
		return err
	}
	k, err := readGroup(key)
	f.Groups = append(f.Groups, k)
	return err
}

func (f *Full) shown(row func(...any) error) error {
	var s Shown
	err := row(&s.Who, &s.Role, &s.Name)
	f.Shown = append(f.Shown, s)
	return err
}

func (f *Full) person(row func(...any) error) error {
	var id ref.ID
	var p Person
	err := row(&id, &p.Name, &p.Level)
	f.Persons[id] = p
	return err
}

// said reads in one statement what was said on a risk and the files on it, the
// newest 500 of each, oldest first.
func said(v *gate.View, f *Full) error {
	err := union.Read(v, []union.Kind{
		{Columns: union.Columns{"m.id", "#m.at", "m.author", "m.name", "m.side", "m.text"}, From: ` from {messages} m where m.subject = $1 order by m.at desc, m.id desc limit 500`,
			Scan: func(row func(...any) error) error {
				m, at := thread.Message{Subject: f.ID}, int64(0)
				err := row(&m.ID, &at, &m.Author, &m.Name, &m.Side, &m.Text)
				m.At = gate.Time(at)
				f.Said = append(f.Said, m)
				return err
			}},
		{Columns: union.Columns{"f.id", "#f.at", "f.author", "f.name", "f.side", "f.media", "#f.size", "f.sha256"}, From: ` from {files} f where f.subject = $1 order by f.at desc, f.id desc limit 500`,
			Scan: func(row func(...any) error) error {
				x, at := evidence.File{Subject: f.ID}, int64(0)
				err := row(&x.ID, &at, &x.Author, &x.Name, &x.Side, &x.Media, &x.Size, &x.SHA256)
				x.At = gate.Time(at)
				f.Files = append(f.Files, x)
				return err
			}},
	}, string(f.ID))
	slices.SortFunc(f.Said, func(a, b thread.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(f.Files, func(a, b evidence.File) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return err
}

func insertLink(tx *gate.Tx, from ref.ID, kind string, to ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "link", New: kind + " " + string(to)},
		`insert into {links} (source, kind, target, at, author) values ($1, $2, $3, $4, $5) on conflict (source, kind, target) do nothing`,
		string(from), kind, string(to), gate.Micros(tx.Now), string(tx.Actor.ID))
}

func deleteLink(tx *gate.Tx, from ref.ID, kind string, to ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "link", Old: kind + " " + string(to)},
		`delete from {links} where source = $1 and kind = $2 and target = $3`, string(from), kind, string(to))
}

// dependents lists the risks that depend on each other, as pairs: who, on whom.
func dependents(v *gate.View) ([][2]ref.ID, error) {
	return gate.All(v, func(row func(...any) error) (p [2]ref.ID, err error) {
		err = row(&p[0], &p[1])
		return p, err
	}, `select l.source, l.target from {links} l where l.kind = $1 order by l.source, l.target`, LinkDepends)
}

// judgements reads what people judged last, one evaluation a kind.
func judgements(v *gate.View, id ref.ID) (base, error) {
	all, err := gate.All(v, scanEvaluation, `select `+evaluationColumns.Text()+` from {evaluations} e where e.risk = $1 and e.world = $2 order by e.at, e.id`, string(id), WorldBase)
	b := base{}
	for _, e := range all {
		b[e.Kind] = e
	}
	return b, err
}

var evaluationColumns = union.Columns{"e.id", "#e.at", "e.world", "e.kind", "e.rating", "e.scale", "e.author", "e.body"}

func scanEvaluation(row func(...any) error) (*Evaluation, error) {
	e, body, at := new(Evaluation), "", int64(0)
	if err := row(&e.ID, &at, &e.World, &e.Kind, &e.Rating, &e.Scale, &e.Author, &body); err != nil {
		return nil, err
	}
	kept := exact{Evaluation: e}
	err := json.Unmarshal([]byte(body), &kept)
	e.At, e.Likelihood, e.Impact, e.Score = gate.Time(at), kept.L, kept.I, kept.S
	return e, err
}

// ledger reads in one statement what a risk's page tells of its score: the newest
// evaluations and the evidence that the reader may open, and what was decided.
func ledger(v *gate.View, f *Full, world string) error {
	err := union.Read(v, []union.Kind{
		{Columns: evaluationColumns, From: ` from {evaluations} e where e.risk = $1 and e.world in ($2, $3) order by e.at desc, e.id desc limit 2000`, Scan: into(&f.Evaluations, scanEvaluation)},
		{Columns: itemColumns, From: ` from {evidence} e left join {cases} x on x.id = e.about where e.risk = $1 order by coalesce(x.at, e.at) desc, e.id limit ` + strconv.Itoa(MaxItems+1), Scan: into(&f.Items, scanItem)},
		{Columns: decisionColumns, From: ` from {decisions} d where d.risk = $1 order by d.at desc, d.id limit 500`, Scan: into(&f.Decisions, scanDecision)},
	}, string(f.ID), WorldBase, world)
	slices.SortFunc(f.Evaluations, func(a, b *Evaluation) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(f.Items, func(a, b Item) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	slices.SortFunc(f.Decisions, func(a, b *Decision) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	return err
}

// into puts what is scanned into a list.
func into[T any](list *[]T, scan func(row func(...any) error) (T, error)) func(row func(...any) error) error {
	return func(row func(...any) error) error {
		x, err := scan(row)
		*list = append(*list, x)
		return err
	}
}

// exact is an evaluation's text: the columns hold hundredths, the text the score
// itself.
type exact struct {
	*Evaluation
	L float64 `json:"l"`
	I float64 `json:"i"`
	S float64 `json:"s"`
}

func insertEvaluation(tx *gate.Tx, r *Risk, e *Evaluation, about ref.ID) error {
	body, err := json.Marshal(struct {
		EvaluationBody
		L float64 `json:"l"`
		I float64 `json:"i"`
		S float64 `json:"s"`
	}{e.EvaluationBody, e.Likelihood, e.Impact, e.Score})
	if err != nil {
		return err
	}
	var what any
	if e.World != WorldAll {
		what = gate.Change{Field: e.Kind, New: e.Score}
	}
	return written(tx, about, what, `insert into {evaluations} (id, guard, audience, risk, at, world, kind, likelihood, impact, score, rating, scale, author, body)
		values ($1, $2, $3, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, string(e.ID), string(r.ID), r.Audience, gate.Micros(e.At), e.World, e.Kind,
		hundredths(e.Likelihood), hundredths(e.Impact), hundredths(e.Score), e.Rating, e.Scale, string(e.Author), string(body))
}

// written tells a record's trail of what was written; without a record it is told by
// none.
func written(tx *gate.Tx, about ref.ID, what any, q string, args ...any) error {
	if about == "" {
		return tx.Derive(q, args...)
	}
	return tx.Exec(about, what, q, args...)
}

// standings reads a risk's standing in each world.
func standings(v *gate.View, id ref.ID) (map[string]Standing, error) {
	out := map[string]Standing{WorldOpen: unset(), WorldAll: unset()}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var s Standing
		var f [7]int64
		var above, at, wasAt int64
		err := row(&s.World, &s.Kind, &f[0], &f[1], &f[2], &s.Rating, &s.Held, &s.Items, &s.Points, &f[3], &f[4], &f[5], &s.State, &above, &at, &f[6], &wasAt)
		for i, to := range []*float64{&s.Likelihood, &s.Impact, &s.Score, &s.Inherent, &s.Residual, &s.Target, &s.Was} {
			*to = number(f[i])
		}
		s.AboveSince, s.At, s.WasAt = gate.Time(above), gate.Time(at), gate.Time(wasAt)
		out[s.World] = s
		return struct{}{}, err
	}, `select n.world, n.kind, n.likelihood, n.impact, n.score, n.rating, n.held, n.items, n.points, n.inherent, n.residual, n.target, n.standing,
		n.above_since, n.at, n.was, n.was_at from {standings} n where n.risk = $1`, string(id))
	return out, err
}

func upsertStanding(tx *gate.Tx, r *Risk, n Standing, scale string, about ref.ID) error {
	return written(tx, about, nil, `insert into {standings} (risk, world, guard, audience, closed, doc, kind, likelihood, impact, score, rating, held, items, points,
		inherent, residual, target, standing, scale, above_since, at, was, was_at, trend) values ($1, $2, $1, $18, $19, $20, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $21, $22, $23)
		on conflict (risk, world) do update set kind = excluded.kind, likelihood = excluded.likelihood, impact = excluded.impact, score = excluded.score,
		rating = excluded.rating, held = excluded.held, items = excluded.items, points = excluded.points, inherent = excluded.inherent,
		residual = excluded.residual, target = excluded.target, standing = excluded.standing, scale = excluded.scale,
		above_since = excluded.above_since, at = excluded.at, was = excluded.was, was_at = excluded.was_at, trend = excluded.trend`,
		string(r.ID), n.World, n.Kind, hundredths(n.Likelihood), hundredths(n.Impact), hundredths(n.Score), n.Rating, n.Held, n.Items, n.Points,
		hundredths(n.Inherent), hundredths(n.Residual), hundredths(n.Target), n.State, scale, gate.Micros(n.AboveSince), gate.Micros(n.At),
		r.Audience, r.Closed, r.doc, hundredths(n.Was), gate.Micros(n.WasAt), n.rank())
}

// reviewed keeps the score of each world as that of a risk's last review.
func reviewed(tx *gate.Tx, r *Risk) error {
	return tx.Exec(r.ID, nil, `update {standings} set was = score, was_at = case when score < 0 then 0 else cast($2 as bigint) end, trend = case when score < 0 then 1 else 2 end where risk = $1`,
		string(r.ID), gate.Micros(tx.Now))
}

func keepScales(tx *gate.Tx, about ref.ID, s Scales) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.Last(about, `insert into {scales} (version, at, body) values ($1, $2, $3) on conflict (version) do nothing`, s.Version, gate.Micros(tx.Now), string(body))
}

// scales reads the scales of a version: those in force, or those that were when
// the score was given.
func (s *Risks) scales(v *gate.View, version string) (Scales, error) {
	if now := ScalesOf(s.Profile); version == now.Version {
		return now, nil
	}
	return gate.One(v, func(row func(...any) error) (x Scales, err error) {
		var body string
		if err = row(&body); err == nil {
			err = json.Unmarshal([]byte(body), &x)
		}
		return x, err
	}, `select s.body from {scales} s where s.version = $1`, version)
}

// itemColumns read evidence; what is linked to a case takes its date and severity
// from the case as it is now.
var itemColumns = union.Columns{"e.id", "#coalesce(x.at, e.at)", "#e.made_at", "#case when e.dropped then 1 else 0 end", "#case when coalesce(x.closed, false) then 1 else 0 end",
	"e.about", "e.kind", "coalesce(x.severity, e.severity)", "e.author", "e.audience", "e.guard", "coalesce(x.title, '')", "coalesce(x.barred, '')", "e.body"}

func scanItem(row func(...any) error) (it Item, err error) {
	var at, added int64
	var title, barred, body string
	if err = row(&it.ID, &at, &added, &it.Dropped, &it.Closed, &it.About, &it.Kind, &it.Severity, &it.By, &it.audience, &it.guard, &title, &barred, &body); err != nil {
		return it, err
	}
	it.At, it.Added = gate.Time(at), gate.Time(added)
	if err = json.Unmarshal([]byte(body), &it.ItemBody); err != nil {
		return it, err
	}
	if title != "" {
		it.Title = title
	}
	if barred != "" && !it.Dropped {
		it.Dropped, it.Why = true, "the case was found to be none: "+barred
	}
	return it, nil
}

// MaxItems is how much evidence of a risk is read: the newest, by when it happened.
// What is older stays in the ledger and counts no more, which the arithmetic says.
const MaxItems = 5000

// itemsOf reads, for the house, the evidence of each world, the newest first. What is
// hidden is read apart from what all staff may open, so that none of it displaces any
// of that.
func itemsOf(v *gate.View, r *Risk) (map[string][]Item, error) {
	part := func(cond string) string {
		return `select * from (select ` + itemColumns.Text() + ` from {evidence} e left join {cases} x on x.id = e.about where e.risk = $1 and ` + cond + `
			order by coalesce(x.at, e.at) desc, e.id limit ` + strconv.Itoa(MaxItems+1) + `) p`
	}
	const open = `(e.audience = 'staff' or e.guard = $1)`
	all, err := gate.All(v, scanItem, part(open)+` union all `+part(`not `+open), string(r.ID))
	return worlds(r, all), err
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

// newestAppetite reads the appetite of the newest survey that was decided; its
// name is empty where there is none.
func newestAppetite(v *gate.View) (Appetite, error) {
	text, err := gate.One(v, gate.Value[string], `select `+newest)
	return readAppetite(text), err
}

// readAppetite reads what newest says.
func readAppetite(text string) Appetite {
	f := strings.Fields(text)
	if len(f) != 3 {
		return Appetite{}
	}
	at, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil {
		return Appetite{}
	}
	return Appetite{Name: f[0], From: f[1], At: gate.Time(at)}
}

var decisionColumns = union.Columns{"d.id", "d.risk", "d.kind", "d.state", "#d.at", "#d.until", "#d.review_at", "d.hash", "d.author", "#d.version", "d.body", "d.guard", "d.audience"}

func scanDecision(row func(...any) error) (*Decision, error) {
	d, body := new(Decision), ""
	var at, until, review int64
	if err := row(&d.ID, &d.Risk, &d.Kind, &d.State, &at, &until, &review, &d.Hash, &d.Author, &d.Version, &body, &d.guard, &d.audience); err != nil {
		return nil, err
	}
	d.At, d.Until, d.Review = gate.Time(at), gate.Time(until), gate.Time(review)
	return d, json.Unmarshal([]byte(body), &d.DecisionBody)
}

// decisionsOf lists a risk's decisions, newest first.
func decisionsOf(v *gate.View, id ref.ID) ([]*Decision, error) {
	return gate.All(v, scanDecision, `select `+decisionColumns.Text()+` from {decisions} d where d.risk = $1 order by d.at desc, d.id limit 500`, string(id))
}

// signable lists, in one statement, open risks on which somebody's word is asked for:
// those with an acceptance or a lower rating that waits, and those with a reviewed
// plan that is not in force. Each comes with the decision, or with none.
func signable(v *gate.View, n int) ([]Asked, error) {
	cover, args, err := v.Where(VerbRead, "c", 3)
	if err != nil {
		return nil, err
	}
	if cover == "" {
		cover = `1 = 1`
	}
	return gate.All(v, scanAsked, `select `+columns+`, c.body, coalesce(d.id, ''), coalesce(d.kind, ''), coalesce(d.state, ''), coalesce(d.at, 0), coalesce(d.hash, ''),
		coalesce(d.author, ''), coalesce(d.body, '{}'), `+LevelOf(2)+` from {risks} c`+standing(1)+` left join {decisions} d on d.risk = c.id and d.kind in ('accept', 'downgrade') and d.state in ('asked', 'due', 'stale')
		where not c.closed and (d.id is not null or c.response = 'remediate' and replace(c.body, '"smart":{', '') <> c.body
			and not exists (select 1 from {decisions} p where p.risk = c.id and p.kind = 'plan' and p.state = 'active')) and `+cover+`
		order by coalesce(d.at, c.touched_at), c.id, d.id limit `+strconv.Itoa(n), append([]any{world(v), string(v.Actor.ID)}, args...)...)
}

func scanAsked(row func(...any) error) (a Asked, err error) {
	var body, words string
	var at int64
	d := new(Decision)
	if a.Risk, err = scanInto(row, &body, &d.ID, &d.Kind, &d.State, &at, &d.Hash, &d.Author, &words, &a.level); err != nil {
		return a, err
	}
	if err = json.Unmarshal([]byte(body), &a.Risk.Body); err == nil && d.ID != "" {
		d.Risk, d.At, a.Decision = a.Risk.ID, gate.Time(at), d
		err = json.Unmarshal([]byte(words), &d.DecisionBody)
	}
	return a, err
}

func insertDecision(tx *gate.Tx, r *Risk, d *Decision) error {
	body, err := json.Marshal(d.DecisionBody)
	if err != nil {
		return err
	}
	d.Version = 1
	if d.guard == "" {
		d.guard, d.audience = r.ID, r.Audience
	}
	if err := tx.Exec(d.guard, gate.Change{Field: "decision", New: d.Kind + " " + d.State}, `insert into {decisions} (id, guard, audience, risk, kind, state, at, until,
		review_at, hash, author, version, body) values ($1, $12, $3, $2, $4, $5, $6, $7, $8, $9, $10, 1, $11)`, string(d.ID), string(r.ID), d.audience, d.Kind,
		d.State, gate.Micros(d.At), gate.Micros(d.Until), gate.Micros(d.Review), d.Hash, string(d.Author), string(body), string(d.guard)); err != nil {
		return err
	}
	return passage.Add(tx, d.passage())
}

func updateDecision(tx *gate.Tx, d *Decision, was string) error {
	body, err := json.Marshal(d.DecisionBody)
	if err != nil {
		return err
	}
	d.Version++
	if err := tx.Exec(d.guard, gate.Change{Field: "decision " + d.Kind, Old: was, New: d.State}, `update {decisions} set state = $2, until = $3, review_at = $4,
		version = $5, body = $6, hash = $7 where id = $1 and version = $8`, string(d.ID), d.State, gate.Micros(d.Until), gate.Micros(d.Review), d.Version,
		string(body), d.Hash, d.Version-1); err != nil {
		return err
	}
	return passage.Put(tx, d.passage())
}

// lapsing lists the risks with an acceptance whose review or end has passed.
func lapsing(v *gate.View, n int) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select distinct d.risk from {decisions} d where d.kind = 'accept' and d.state = 'active'
		and (d.until > 0 and d.until <= $1 or d.review_at > 0 and d.review_at <= $1) order by d.risk limit $2`, gate.Micros(v.Now), n)
}

// holding lists the open risks besides one that hold a place among the top, as far
// as the reader sees them. The mark is how the place stands in the text.
func holding(v *gate.View, id ref.ID, mark string) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select c.id from {risks} c where not c.closed and c.id <> $1 and replace(c.body, $2, '') <> c.body
		order by c.id limit 1`, string(id), mark)
}

func caseAudience(v *gate.View, id ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select c.audience from {cases} c where c.id = $1`, string(id))
}

// insertItem puts a piece of evidence into the ledger, once; one that was taken
// back counts again. What is about a case is told by the case's trail.
func insertItem(tx *gate.Tx, r *Risk, it Item) error {
	body, err := json.Marshal(it.ItemBody)
	if err != nil {
		return err
	}
	n, err := tx.Maybe(it.guard, gate.Change{Field: "evidence of " + string(r.ID), New: it.About}, `insert into {evidence} as i (id, guard, audience, risk, about, kind, at,
		severity, author, made_at, dropped, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, false, $11)
		on conflict (risk, about) do update set dropped = false, body = excluded.body, kind = excluded.kind, at = excluded.at,
		severity = excluded.severity, author = excluded.author, made_at = excluded.made_at where i.dropped`,
		string(it.ID), string(it.guard), it.audience, string(r.ID), it.About, it.Kind, gate.Micros(it.At), it.Severity, string(it.By), gate.Micros(it.Added), string(body))
	if err != nil || n == 0 {
		return err
	}
	if err := tx.AsHouse(func(v *gate.View) (err error) { // what was taken back once has its name still
		it.ID, err = gate.One(v, gate.Value[ref.ID], `select e.id from {evidence} e where e.risk = $1 and e.about = $2`, string(r.ID), it.About)
		return err
	}); err != nil {
		return err
	}
	return passage.Put(tx, it.passage(r.ID))
}

func updateItem(tx *gate.Tx, risk ref.ID, it Item) error {
	body, err := json.Marshal(it.ItemBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(it.guard, gate.Change{Field: "evidence", Old: it.About, New: "taken back"}, `update {evidence} set dropped = $2, body = $3 where id = $1`,
		string(it.ID), it.Dropped, string(body)); err != nil {
		return err
	}
	return passage.Put(tx, it.passage(risk))
}

func itemSeen(v *gate.View, risk, id ref.ID) (Item, error) {
	return gate.One(v, scanItem, `select `+itemColumns.Text()+` from {evidence} e left join {cases} x on x.id = e.about where e.risk = $1 and e.id = $2`, string(risk), string(id))
}

// someone reports whether there is such a person or team.
func someone(v *gate.View, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 union all select 1 from {teams} t where t.id = $1`, string(who))
	return len(n) > 0, err
}

const surveyColumns = `a.id, a.at, a.year, a.state, a.appetite, a.version, a.body`

func scanSurvey(row func(...any) error) (*Survey, error) {
	x, body, at := new(Survey), "", int64(0)
	if err := row(&x.ID, &at, &x.Year, &x.State, &x.Appetite, &x.Version, &body); err != nil {
		return nil, err
	}
	x.At = gate.Time(at)
	return x, json.Unmarshal([]byte(body), &x.SurveyBody)
}

func surveys(v *gate.View) ([]*Survey, error) {
	return gate.All(v, scanSurvey, `select `+surveyColumns+` from {appetites} a order by a.at desc, a.id desc limit 100`)
}

func surveyOf(v *gate.View, id ref.ID) (*Survey, error) {
	return gate.One(v, scanSurvey, `select `+surveyColumns+` from {appetites} a where a.id = $1`, string(id))
}

func insertSurvey(tx *gate.Tx, x *Survey) error {
	body, err := json.Marshal(x.SurveyBody)
	if err != nil {
		return err
	}
	return tx.Exec("", gate.Change{Field: "appetite survey", New: x.Year}, `insert into {appetites} (id, at, year, state, appetite, version, body)
		values ($1, $2, $3, $4, $5, 1, $6)`, string(x.ID), gate.Micros(x.At), x.Year, x.State, x.Appetite, string(body))
}

func updateSurvey(tx *gate.Tx, x *Survey) error {
	body, err := json.Marshal(x.SurveyBody)
	if err != nil {
		return err
	}
	x.Version++
	return tx.Exec("", gate.Change{Field: "appetite survey " + x.State, New: x.Appetite}, `update {appetites} set at = $2, state = $3, appetite = $4, version = $5,
		body = $6 where id = $1 and version = $7`, string(x.ID), gate.Micros(x.At), x.State, x.Appetite, x.Version, string(body), x.Version-1)
}

// scaled is a risk with the version of the scales that it was judged on.
type scaled struct {
	*Risk
	scale string
}

func onOtherScales(v *gate.View, version string) ([]scaled, error) {
	return gate.All(v, func(row func(...any) error) (x scaled, err error) {
		x.Risk, err = scanInto(row, &x.scale)
		return x, err
	}, `select `+columns+`, n.scale from {risks} c join {standings} n on n.risk = c.id and n.world = $1 where not c.closed and n.scale <> '' and n.scale <> $2
		order by n.score desc, c.id limit 1000`, world(v), version)
}

// concerned lists the open risks that have the record as evidence, and those that
// cover its group.
func concerned(v *gate.View, about ref.ID, group string) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select e.risk from {evidence} e join {risks} c on c.id = e.risk where e.about = $1 and not e.dropped and not c.closed
		union select l.source from {links} l join {risks} c on c.id = l.source where l.target = $2 and l.kind = $3 and not c.closed`, string(about), group, linkCovers)
}

// coveredBy lists the groups that a risk covers, as texts.
func coveredBy(v *gate.View, id ref.ID) ([]string, error) {
	return gate.All(v, gate.Value[string], `select l.target from {links} l where l.source = $1 and l.kind = $2 order by l.target`, string(id), linkCovers)
}

// covered is an open risk with a group that it covers.
type covered struct {
	key  string
	risk ref.ID
}

func covering(v *gate.View, keys []string) ([]covered, error) {
	args, marks := []any{linkCovers}, make([]string, len(keys))
	for i, k := range keys {
		args, marks[i] = append(args, k), "$"+strconv.Itoa(i+2)
	}
	return gate.All(v, func(row func(...any) error) (x covered, err error) {
		err = row(&x.key, &x.risk)
		return x, err
	}, `select l.target, c.id from {links} l join {risks} c on c.id = l.source where l.kind = $1 and not c.closed and l.target in (`+strings.Join(marks, ", ")+`)
		order by c.doc`, args...)
}

// seenCase is a case with who may open it.
type seenCase struct {
	ID       ref.ID
	audience string
}

// coveredCases lists the cases of the groups that a risk covers, and that are not
// its evidence yet.
func coveredCases(v *gate.View, id ref.ID) ([]seenCase, error) {
	groups, err := coveredBy(v, id)
	var out []seenCase
	for _, g := range groups {
		k, bad := readGroup(g)
		if err != nil || bad != nil {
			return nil, errors.Join(err, bad)
		}
		some, bad := gate.All(v, func(row func(...any) error) (c seenCase, err error) {
			err = row(&c.ID, &c.audience)
			return c, err
		}, `select x.id, x.audience from (
			select c.id, c.audience, c.doc from {cases} c where c.cwe = $1 and c.product = $2 and c.component = $3 and c.barred = ''
			union all select k.guard, k.audience, k.at from {causes} k where k.cause = $1 and k.product = $2 and $3 = '') x
			where not exists (select 1 from {evidence} e where e.risk = $4 and e.about = x.id) order by x.doc, x.id limit 5000`, k.Weakness, k.Product, k.Component, string(id))
		if bad != nil {
			return nil, bad
		}
		out = append(out, some...)
	}
	return out, err
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

// standIn is an open risk, whole, with a group that it covers.
type standIn struct {
	*Risk
	key string
}

// standIns reads the open risks that cover the groups.
func standIns(v *gate.View, keys []string) ([]standIn, error) {
	args, marks := []any{world(v), linkCovers}, make([]string, len(keys))
	for i, k := range keys {
		args, marks[i] = append(args, k), "$"+strconv.Itoa(i+3)
	}
	cond, more, err := v.Where(VerbRead, "c", len(args)+1)
	if err != nil {
		return nil, err
	}
	if cond != "" {
		cond, args = " and "+cond, append(args, more...)
	}
	return gate.All(v, func(row func(...any) error) (x standIn, err error) {
		events := ""
		if x.Risk, err = scanInto(row, &events, &x.key); err == nil {
			err = json.Unmarshal([]byte(events), &x.events)
		}
		return x, err
	}, `select `+columns+`, c.events, l.target from {links} l join {risks} c on c.id = l.source`+standing(1)+` where l.kind = $2 and not c.closed and l.target in (`+
		strings.Join(marks, ", ")+`)`+cond+` order by c.doc`, args...)
}

// Passages are what the register puts into the search besides the risks' own words, by
// their tables.
var Passages = []passage.Source{
	passage.From("risks", scanPlanned, (*Risk).planned, `select c.id, c.audience, c.touched_at, c.body from {risks} c where c.id > $1 order by c.id limit $2`),
	passage.From("decisions", scanDecision, (*Decision).passage, `select `+decisionColumns.Text()+` from {decisions} d where d.id > $1 order by d.id limit $2`),
	passage.From("evidence", scanLinked, linked.passage, `select e.id, e.risk, e.guard, e.audience, e.about, e.made_at, e.dropped, e.body from {evidence} e where e.id > $1 order by e.id limit $2`),
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

// linked is evidence with its risk.
type linked struct {
	Item
	risk ref.ID
}

func scanLinked(row func(...any) error) (l linked, err error) {
	var added int64
	var body string
	if err = row(&l.ID, &l.risk, &l.guard, &l.audience, &l.About, &added, &l.Dropped, &body); err != nil {
		return l, err
	}
	l.Added = gate.Time(added)
	return l, json.Unmarshal([]byte(body), &l.ItemBody)
}

func (l linked) passage() passage.Passage { return l.Item.passage(l.risk) }
