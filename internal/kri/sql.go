package kri

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
)

const columns = `k.id, k.guard, k.audience, k.at, k.version, k.title, k.kind, k.state, k.owner, k.light, k.due_at, k.stale_at, k.look_at, k.body`

// kept is the text of an indicator: what it is, and what its values say.
type kept struct {
	Body
	Newest Newest `json:"newest"`
}

func scan(now time.Time) func(row func(...any) error) (*KRI, error) {
	return func(row func(...any) error) (*KRI, error) {
		k, body := new(KRI), ""
		var at, due, stale, look int64
		if err := row(&k.ID, &k.Risk, &k.audience, &at, &k.Version, &k.Title, &k.Kind, &k.State, &k.Owner, &k.noticed, &due, &stale, &look, &body); err != nil {
			return nil, err
		}
		var b kept
		if err := json.Unmarshal([]byte(body), &b); err != nil {
			return nil, err
		}
		k.Body, k.newest = b.Body, b.Newest
		k.Made, k.Next, k.stale, k.look = gate.Time(at), gate.Time(due), gate.Time(stale), gate.Time(look)
		k.show(now)
		return k, nil
	}
}

func get(v *gate.View, id ref.ID) (*KRI, error) {
	return gate.One(v, scan(v.Now), `select `+columns+` from {kris} k where k.id = $1`, string(id))
}

func riskAudience(v *gate.View, risk ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select c.audience from {risks} c where c.id = $1`, string(risk))
}

func countOn(v *gate.View, risk ref.ID) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from {kris} k where k.guard = $1`, string(risk))
}

// maySee reports whether a person at work may see what a record guards.
func maySee(v *gate.View, guard ref.ID, audience string, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active' and (
		exists (select 1 from {visibility} s where s.subject = $2 and (s.principal = p.id or s.principal in
			(select m.principal from {membership} m where m.holder = p.id)))
		or ($3 = 'staff' and exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')))`,
		string(who), string(guard), audience)
	return len(n) > 0, err
}

func (k *KRI) text() (string, error) {
	b, err := json.Marshal(kept{k.Body, k.newest})
	return string(b), err
}

func insert(tx *gate.Tx, k *KRI) error {
	body, err := k.text()
	if err != nil {
		return err
	}
	if err := tx.Exec(k.Risk, gate.Change{Field: "indicator", New: k.Title}, `insert into {kris} (id, guard, audience, at, version, title, kind, state, owner, asks,
		light, last_at, due_at, stale_at, look_at, body) values ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		string(k.ID), string(k.Risk), k.audience, gate.Micros(k.Made), k.Title, k.Kind, k.State, string(k.Owner), k.Asks(), k.noticed,
		gate.Micros(k.newest.Lamp.At), gate.Micros(k.Next), gate.Micros(k.stale), gate.Micros(k.look), body); err != nil {
		return err
	}
	return passage.Add(tx, k.passage())
}

func update(tx *gate.Tx, k *KRI, what any) error {
	body, err := k.text()
	if err != nil {
		return err
	}
	k.Version++
	if err := tx.Exec(k.Risk, what, `update {kris} set version = $2, title = $3, state = $4, owner = $5, asks = $6, light = $7, last_at = $8, due_at = $9,
		stale_at = $10, look_at = $11, body = $12 where id = $1 and version = $13`, string(k.ID), k.Version, k.Title, k.State, string(k.Owner), k.Asks(),
		k.noticed, gate.Micros(k.newest.Lamp.At), gate.Micros(k.Next), gate.Micros(k.stale), gate.Micros(k.look), body, k.Version-1); err != nil {
		return err
	}
	return passage.Put(tx, k.passage())
}

// Passages are indicators, for the search.
var Passages = passage.From("kris", scan(time.Time{}), (*KRI).passage, `select `+columns+` from {kris} k where k.id > $1 order by k.id limit $2`)

func insertLink(tx *gate.Tx, kri, risk ref.ID, audience string) error {
	_, err := tx.Maybe(risk, gate.Change{Field: "indicator", New: kri}, `insert into {kri_risks} (kri, guard, audience, at, author) values ($1, $2, $3, $4, $5)
		on conflict (kri, guard) do nothing`, string(kri), string(risk), audience, gate.Micros(tx.Now), string(tx.Actor.ID))
	return err
}

func deleteLink(tx *gate.Tx, kri, risk ref.ID) error {
	return tx.Exec(risk, gate.Change{Field: "indicator", Old: kri}, `delete from {kri_risks} where kri = $1 and guard = $2`, string(kri), string(risk))
}

// linkedTo lists the other risks that an indicator tells of and that the reader
// may see.
func linkedTo(v *gate.View, id ref.ID) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select l.guard from {kri_risks} l where l.kri = $1 order by l.guard`, string(id))
}

// ofRisk is the condition that an indicator tells of the risk of argument n.
func ofRisk(n int) string {
	a := "$" + strconv.Itoa(n)
	return `(k.guard = ` + a + ` or exists (select 1 from {kri_risks} l where l.kri = k.id and l.guard = ` + a + `))`
}

// onRisk lists the indicators that tell of a risk, those in use first.
func onRisk(v *gate.View, risk ref.ID) ([]*KRI, error) {
	ks, err := gate.All(v, scan(v.Now), `select `+columns+` from {kris} k where `+ofRisk(1)+` order by k.state, k.at, k.id limit 200`, string(risk))
	return hushed(v, ks, err)
}

// onRisks lists the indicators that tell of risks, those in use first.
func onRisks(v *gate.View, risks []ref.ID) ([]OnRisk, error) {
	if len(risks) == 0 {
		return nil, nil
	}
	args, marks := make([]any, len(risks)), make([]string, len(risks))
	for i, id := range risks {
		args[i], marks[i] = string(id), "$"+strconv.Itoa(i+1)
	}
	in, read := strings.Join(marks, ", "), scan(v.Now)
	return gate.All(v, func(row func(...any) error) (t OnRisk, err error) {
		if t.KRI, err = read(func(to ...any) error { return row(append(to, &t.On)...) }); err == nil {
			t.hush(v)
		}
		return t, err
	}, `select `+columns+`, x.risk from (select o.id as kri, o.guard as risk from {kris} o where o.guard in (`+in+`) union select l.kri, l.guard from {kri_risks} l where l.guard in (`+in+`)) x
		join {kris} k on k.id = x.kri order by x.risk, k.state, k.at, k.id limit `+strconv.Itoa(200*len(risks)), args...)
}

func pointsOf(v *gate.View, id ref.ID) ([]Point, error) {
	return gate.All(v, scanPoint, `select p.at, p.source, p.author, p.made_at, p.body from {kri_points} p where p.kri = $1 order by p.at limit `+
		strconv.Itoa(MaxPoints), string(id))
}

// pointsSeen are the values that the reader may have: somebody from outside has none
// that the house counted.
func pointsSeen(v *gate.View, id ref.ID) ([]Point, error) {
	ps, err := pointsOf(v, id)
	if inside(v) {
		return ps, err
	}
	var out []Point
	for _, p := range ps {
		if p.Source != fromQuery {
			out = append(out, p)
		}
	}
	return out, err
}

func scanPoint(row func(...any) error) (p Point, err error) {
	var at, made int64
	var body string
	if err = row(&at, &p.Source, &p.Author, &made, &body); err != nil {
		return p, err
	}
	source, author := p.Source, p.Author
	err = json.Unmarshal([]byte(body), &p)
	p.At, p.Made, p.Source, p.Author = gate.Time(at), gate.Time(made), source, author
	return p, err
}

// pointRows is how many values one statement stores.
const pointRows = 200

// putPoints stores values; one that is there already is corrected.
func putPoints(tx *gate.Tx, k *KRI, points []Point) error {
	for part := range slices.Chunk(points, pointRows) {
		var rows []string
		var args []any
		for _, p := range part {
			body, err := json.Marshal(stored(p))
			if err != nil {
				return err
			}
			row := make([]string, 8)
			for i, x := range []any{string(k.ID), gate.Micros(p.At), string(k.Risk), k.audience, p.Source, string(p.Author), gate.Micros(p.Made), string(body)} {
				args = append(args, x)
				row[i] = "$" + strconv.Itoa(len(args))
			}
			rows = append(rows, "("+strings.Join(row, ", ")+")")
		}
		if err := tx.Exec(k.Risk, nil, `insert into {kri_points} (kri, at, guard, audience, source, author, made_at, body) values `+strings.Join(rows, ", ")+`
			on conflict (kri, at) do update set source = excluded.source, author = excluded.author, made_at = excluded.made_at, body = excluded.body`, args...); err != nil {
			return err
		}
	}
	return nil
}

// stored is a value without what has a column.
func stored(p Point) any {
	p.Source, p.Author, p.Made = "", "", time.Time{}
	return p
}

// toLook lists the indicators of open risks that the house has to look at, behind
// the last one.
func toLook(v *gate.View, last ref.ID, n int) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select k.id from {kris} k where k.id > $1 and k.look_at > 0 and k.look_at <= $2
		and not exists (select 1 from {risks} c where c.id = k.guard and c.closed) order by k.id limit $3`, string(last), gate.Micros(v.Now), n)
}

// worst is where an indicator stands in the list: red, yellow, green, then those that
// say nothing at the moment, and behind them those that are retired. What a reader is
// not told gives no place.
func (q *query) worst(v *gate.View) string {
	untold := ``
	if !inside(v) {
		untold = ` when k.asks then 4`
	}
	return `case when k.state = '` + Retired + `' then 5` + untold + ` when k.stale_at > 0 and k.stale_at <= ` + q.arg(gate.Micros(v.Now)) +
		` then 3 when k.light = 'red' then 0 when k.light = 'yellow' then 1 when k.light = 'green' then 2 else 4 end`
}

// find reads a page of indicators.
func (q *query) find(v *gate.View, n int) ([]*KRI, error) {
	cond := ""
	if len(q.where) > 0 {
		cond = ` where ` + strings.Join(q.where, " and ")
	}
	return gate.All(v, scan(v.Now), `select `+columns+` from {kris} k`+cond+` order by `+q.light+`, k.title, k.id limit `+strconv.Itoa(n), q.args...)
}

// after begins the list behind the indicator that the marker names; one that the
// reader does not see any more begins no page.
func (q *query) after(v *gate.View, scope, marker string) error {
	var id string
	if err := v.Place(scope, marker, &id); err != nil {
		return err
	}
	last := query{args: []any{id}}
	light := last.worst(v)
	type place struct {
		light int
		title string
	}
	found, err := gate.All(v, func(row func(...any) error) (p place, err error) {
		err = row(&p.light, &p.title)
		return p, err
	}, `select `+light+`, k.title from {kris} k where k.id = $1`, last.args...)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fault.At("after", "the indicator at which the page before ended is not there any more; start from the first page")
	}
	l, t, i := q.arg(found[0].light), q.arg(found[0].title), q.arg(id)
	q.where = append(q.where, `(`+q.light+` > `+l+` or `+q.light+` = `+l+` and (k.title > `+t+` or k.title = `+t+` and k.id > `+i+`))`)
	return nil
}

const sampleColumns = `s.id, s.kri, s.at, s.author, s.version, s.done_at, s.body`

func scanSample(row func(...any) error) (*Sample, error) {
	s, body := new(Sample), ""
	var at, done int64
	if err := row(&s.ID, &s.KRI, &at, &s.Author, &s.Version, &done, &body); err != nil {
		return nil, err
	}
	s.At, s.Done = gate.Time(at), gate.Time(done)
	return s, json.Unmarshal([]byte(body), &s.SampleBody)
}

func samplesOf(v *gate.View, kri ref.ID) ([]*Sample, error) {
	return gate.All(v, scanSample, `select `+sampleColumns+` from {kri_samples} s where s.kri = $1 order by s.at desc, s.id limit 100`, string(kri))
}

func sample(v *gate.View, id ref.ID) (*Sample, error) {
	return gate.One(v, scanSample, `select `+sampleColumns+` from {kri_samples} s where s.id = $1`, string(id))
}

func frameOf(v *gate.View, id ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select s.frame from {kri_samples} s where s.id = $1`, string(id))
}

func insertSample(tx *gate.Tx, k *KRI, s *Sample, frame string) error {
	body, err := json.Marshal(s.SampleBody)
	if err != nil {
		return err
	}
	return tx.Exec(k.Risk, gate.Change{Field: "sample", New: s.Hash}, `insert into {kri_samples} (id, guard, audience, kri, at, author, version, done_at, frame, body)
		values ($1, $2, $3, $4, $5, $6, 1, 0, $7, $8)`, string(s.ID), string(k.Risk), k.audience, string(k.ID), gate.Micros(s.At), string(s.Author), frame, string(body))
}

func updateSample(tx *gate.Tx, k *KRI, s *Sample) error {
	body, err := json.Marshal(s.SampleBody)
	if err != nil {
		return err
	}
	s.Version++
	return tx.Exec(k.Risk, gate.Change{Field: "sample", New: len(s.Results)}, `update {kri_samples} set version = $2, done_at = $3, body = $4 where id = $1 and version = $5`,
		string(s.ID), s.Version, gate.Micros(s.Done), string(body), s.Version-1)
}

const taskColumns = `t.id, t.guard, t.audience, t.at, t.version, t.kind, t.about, t.who, t.due_at, t.state, t.done_at, t.done_by, t.note, coalesce(c.title, ''), coalesce(k.title, '')`

const fromTasks = ` from {tasks} t left join {risks} c on c.id = t.guard left join {kris} k on k.id = t.about`

func scanTask(row func(...any) error) (*Task, error) {
	t := new(Task)
	var at, due, done int64
	err := row(&t.ID, &t.Guard, &t.audience, &at, &t.Version, &t.Kind, &t.About, &t.Who, &due, &t.State, &done, &t.DoneBy, &t.Note, &t.Record, &t.Title)
	t.Made, t.Due, t.Done = gate.Time(at), gate.Time(due), gate.Time(done)
	return t, err
}

func task(v *gate.View, id ref.ID) (*Task, error) {
	return gate.One(v, scanTask, `select `+taskColumns+fromTasks+` where t.id = $1`, string(id))
}

// ofCounts is the condition that a task tells of what the house counted over its
// cases: the indicator asks it, or the newest value before the task was counted.
const ofCounts = `t.kind in ('` + TaskRed + `', '` + TaskStale + `') and (coalesce(k.asks, false) or exists (select 1 from {kri_points} p where p.kri = t.about
	and p.source = '` + fromQuery + `' and p.made_at <= t.at and not exists (select 1 from {kri_points} q where q.kri = p.kri and q.made_at > p.made_at and q.made_at <= t.at)))`

// tasks lists tasks; somebody from outside has none that tell what the house counted.
func tasks(v *gate.View, where []string, args []any, n int) ([]*Task, error) {
	if !inside(v) {
		where = append(slices.Clone(where), `not (`+ofCounts+`)`)
	}
	return gate.All(v, scanTask, `select `+taskColumns+fromTasks+` where `+strings.Join(where, " and ")+
		` order by case when t.state = 'open' then 0 else 1 end, case when t.due_at = 0 then 1 else 0 end, t.due_at, t.id limit `+strconv.Itoa(n), args...)
}

func insertTask(tx *gate.Tx, t Task, audience string) (bool, error) {
	n, err := tx.Maybe(t.Guard, gate.Change{Field: "task", New: t.Kind, Staff: t.counted}, `insert into {tasks} (id, guard, audience, at, version, kind, about, who, due_at, state, done_at, done_by, note)
		values ($1, $2, $3, $4, 1, $5, $6, $7, $8, 'open', 0, '', $9) on conflict do nothing`,
		string(t.ID), string(t.Guard), audience, gate.Micros(tx.Now), t.Kind, string(t.About), string(t.Who), gate.Micros(t.Due), t.Note)
	return n > 0, err
}

func updateTask(tx *gate.Tx, t *Task, what any) error {
	t.Version++
	return tx.Exec(t.Guard, what, `update {tasks} set version = $2, who = $3, due_at = $4, state = $5, done_at = $6, done_by = $7, note = $8 where id = $1 and version = $9`,
		string(t.ID), t.Version, string(t.Who), gate.Micros(t.Due), t.State, gate.Micros(t.Done), string(t.DoneBy), t.Note, t.Version-1)
}

// endAbout ends the open tasks of some kinds that are about something of a record.
func endAbout(tx *gate.Tx, guard, about ref.ID, state string, kinds ...string) error {
	args := []any{string(guard), string(about), state, gate.Micros(tx.Now), string(tx.Actor.ID)}
	cond := ""
	for _, k := range kinds {
		args = append(args, k)
		cond += ", $" + strconv.Itoa(len(args))
	}
	if cond != "" {
		cond = ` and kind in (` + cond[2:] + `)`
	}
	_, err := tx.Maybe(guard, nil, `update {tasks} set state = $3, done_at = $4, done_by = $5, version = version + 1
		where guard = $1 and about = $2 and state = 'open'`+cond, args...)
	return err
}

// dropAbout drops what is asked about an indicator that is retired.
func dropAbout(tx *gate.Tx, guard, about ref.ID) error { return endAbout(tx, guard, about, Dropped) }

// watched is a risk whose response is to watch it, with its owners.
type watched struct {
	Risk, Owner, Security ref.ID
	Audience              string
}

// unasked lists the open risks that are watched and on which no task of the kind
// is open.
func unasked(v *gate.View, kind string, n int) ([]watched, error) {
	return gate.All(v, func(row func(...any) error) (w watched, err error) {
		err = row(&w.Risk, &w.Owner, &w.Security, &w.Audience)
		return w, err
	}, `select c.id, c.owner, c.security, c.audience from {risks} c where not c.closed and c.response = 'monitor'
		and not exists (select 1 from {tasks} t where t.guard = c.id and t.kind = $1 and t.state = 'open') order by c.id limit $2`, kind, n)
}

// needless lists the open tasks of this package whose risk is closed, and the
// recurring ones whose risk is no longer watched.
func needless(v *gate.View, n int) ([]*Task, error) {
	return gate.All(v, scanTask, `select `+taskColumns+fromTasks+` where t.state = 'open' and t.kind in ($1, $2, $3, $4, $5)
		and (c.closed or (t.kind in ($1, $2) and c.response <> 'monitor')) order by t.id limit $6`, TaskReview, TaskScore, TaskValue, TaskRed, TaskStale, n)
}

// monthly is what the cases of one month say.
type monthly struct{ all, closed, late int }

// opened counts, in one statement, the cases that all staff may open by the month in
// which they were opened, from the first border to the last: all of them, those that
// are closed, and of these those that were late at some time.
func opened(v *gate.View, q *Query, borders []time.Time) ([]monthly, error) {
	var args []any
	for _, t := range borders {
		args = append(args, gate.Micros(t))
	}
	out := make([]monthly, len(borders)-1)
	var sums []string
	var to []any
	for i := range out {
		in := `c.at >= $` + strconv.Itoa(i+1) + ` and c.at < $` + strconv.Itoa(i+2)
		for _, cond := range []string{in, in + ` and c.closed`, in + ` and c.closed and c.breached`} {
			sums = append(sums, `coalesce(sum(case when `+cond+` then 1 else 0 end), 0)`)
		}
		to = append(to, &out[i].all, &out[i].closed, &out[i].late)
	}
	where, args := q.where(args)
	_, err := gate.One(v, func(row func(...any) error) (struct{}, error) { return struct{}{}, row(to...) },
		`select `+strings.Join(sums, ", ")+` from {cases} c where c.audience = 'staff' and c.barred = '' and c.at >= $1 and c.at < $`+strconv.Itoa(len(borders))+where, args...)
	return out, err
}

// overdue counts the open cases that all staff may open and that are late.
func overdue(v *gate.View, q *Query) (int, error) {
	where, args := q.where([]any{gate.Micros(v.Now)})
	return gate.One(v, gate.Value[int], `select count(*) from {cases} c where c.audience = 'staff' and c.barred = '' and not c.closed and c.due_at > 0 and c.due_at < $1`+where, args...)
}

// where narrows the cases of a query; args are those before.
func (q *Query) where(args []any) (cond string, all []any) {
	for _, f := range []struct{ column, value string }{{"c.product", q.Product}, {"c.component", q.Component}, {"c.cwe", q.CWE}, {"c.severity", q.Severity}} {
		if f.value != "" {
			args = append(args, f.value)
			cond += ` and ` + f.column + ` = $` + strconv.Itoa(len(args))
		}
	}
	return cond, args
}

// lately counts a risk's evidence of the open world since a day, and all of it.
func lately(v *gate.View, risk ref.ID, since time.Time) (recent, all int, err error) {
	n, err := gate.One(v, func(row func(...any) error) (n [2]int, err error) {
		err = row(&n[0], &n[1])
		return n, err
	}, `select coalesce(sum(case when coalesce(x.at, e.at) >= $2 then 1 else 0 end), 0), count(*) from {evidence} e left join {cases} x on x.id = e.about
		where e.risk = $1 and not e.dropped and e.audience = 'staff'`, string(risk), gate.Micros(since))
	return n[0], n[1], err
}
