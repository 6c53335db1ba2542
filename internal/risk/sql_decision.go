package risk

import (
	"encoding/json"
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/union"
)

// newest is the appetite of the newest survey that was decided, as a text: its
// word, the survey and when, with blanks between.
const newest = `coalesce((select a.appetite || ' ' || a.id || ' ' || cast(a.at as text) from {appetites} a where a.state = 'decided' order by a.at desc, a.id desc limit 1), '')`

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
	return tx.Exec("", gate.Change{Field: "appetite survey", New: strconv.Itoa(x.Year)}, `insert into {appetites} (id, at, year, state, appetite, version, body)
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
