package risk

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/union"
)

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
	return tx.Exec(r.ID, nil, `update {standings} set was = score, was_at = case when score < 0 then 0 else cast($2 as bigint) end, trend = case when score < 0 then cast($3 as bigint) else $4 end where risk = $1`,
		string(r.ID), gate.Micros(tx.Now), riskscore.NewScore.Rank(), riskscore.Level.Rank())
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
