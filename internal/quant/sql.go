package quant

import (
	"encoding/json"
	"strconv"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/fair"
)

// riskAudience says who may see a risk.
func riskAudience(v *gate.View, risk ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select c.audience from {risks} c where c.id = $1`, string(risk))
}

func riskTitle(v *gate.View, risk ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select c.title from {risks} c where c.id = $1`, string(risk))
}

const scenarioColumns = `s.guard, s.n, s.at, s.author, s.hash, s.body`

func scanScenario(row func(...any) error) (*Scenario, error) {
	s, body := new(Scenario), ""
	var at int64
	if err := row(&s.Risk, &s.N, &at, &s.Author, &s.Hash, &body); err != nil {
		return nil, err
	}
	s.At = gate.Time(at)
	return s, json.Unmarshal([]byte(body), &s.ScenarioBody)
}

// versions lists the newest versions of a risk's scenario, newest first.
func versions(v *gate.View, risk ref.ID, n int) ([]*Scenario, error) {
	return gate.All(v, scanScenario, `select `+scenarioColumns+` from {quant_scenarios} s where s.guard = $1 order by s.n desc limit `+strconv.Itoa(n), string(risk))
}

// newest lists the newest version of every risk that the reader may see.
func newest(v *gate.View) ([]*Scenario, error) {
	return gate.All(v, scanScenario, `select `+scenarioColumns+` from {quant_scenarios} s
		join (select x.guard, max(x.n) as n from {quant_scenarios} x group by x.guard) m on m.guard = s.guard and m.n = s.n order by s.guard`)
}

// newestOpen is newest of open risks, with their titles.
func newestOpen(v *gate.View) (titles map[ref.ID]string, out []*Scenario, err error) {
	titles = map[ref.ID]string{}
	out, err = gate.All(v, func(row func(...any) error) (*Scenario, error) {
		var title string
		s, err := scanScenario(func(to ...any) error { return row(append(to, &title)...) })
		if err == nil {
			titles[s.Risk] = title
		}
		return s, err
	}, `select `+scenarioColumns+`, c.title from {quant_scenarios} s
		join (select x.guard, max(x.n) as n from {quant_scenarios} x group by x.guard) m on m.guard = s.guard and m.n = s.n
		join {risks} c on c.id = s.guard where not c.closed order by s.guard`)
	return titles, out, err
}

func openRisks(v *gate.View) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from {risks} c where not c.closed`)
}

func insertScenario(tx *gate.Tx, s *Scenario, audience string) error {
	body, err := json.Marshal(s.ScenarioBody)
	if err != nil {
		return err
	}
	return tx.Exec(s.Risk, gate.Change{Field: "scenario", New: s.Hash}, `insert into {quant_scenarios} (guard, audience, n, at, author, hash, body)
		values ($1, $2, $3, $4, $5, $6, $7)`, string(s.Risk), audience, s.N, gate.Micros(s.At), string(s.Author), s.Hash, string(body))
}

const runColumns = `r.id, r.guard, r.at, r.version, r.author, r.n, r.state, r.key, r.done, r.total, r.ended_at, r.body`

func scanInto(row func(...any) error, more ...any) (*Run, error) {
	r, body := new(Run), ""
	var at, ended int64
	if err := row(append([]any{&r.ID, &r.Risk, &at, &r.Version, &r.Author, &r.N, &r.State, &r.Key, &r.Years, &r.Total, &ended, &body}, more...)...); err != nil {
		return nil, err
	}
	if r.Risk == r.ID {
		r.Risk = ""
	}
	r.At, r.Ended = gate.Time(at), gate.Time(ended)
	return r, json.Unmarshal([]byte(body), &r.RunBody)
}

func scanRun(row func(...any) error) (*Run, error) { return scanInto(row) }

func scanWhole(row func(...any) error) (*Run, error) {
	var result string
	r, err := scanInto(row, &result)
	if err != nil || result == "" {
		return r, err
	}
	return r, json.Unmarshal([]byte(result), &r.Result)
}

func runsOf(v *gate.View, risk ref.ID, n int) ([]*Run, error) {
	return gate.All(v, scanRun, `select `+runColumns+` from {quant_runs} r where r.guard = $1 order by r.at desc, r.id desc limit `+strconv.Itoa(n), string(risk))
}

// latest is the newest run of a risk that is done.
func latest(v *gate.View, risk ref.ID) ([]*Run, error) {
	return gate.All(v, scanWhole, `select `+runColumns+`, r.result from {quant_runs} r where r.guard = $1 and r.state = 'done' order by r.at desc, r.id desc limit 1`, string(risk))
}

func getRun(v *gate.View, id ref.ID) (*Run, error) {
	return gate.One(v, scanWhole, `select `+runColumns+`, r.result from {quant_runs} r where r.id = $1`, string(id))
}

// same lists the newest run of a risk, or of several, that has the key and neither
// failed nor was cancelled.
func same(v *gate.View, key string, risk ref.ID) ([]*Run, error) {
	return gate.All(v, scanWhole, `select `+runColumns+`, r.result from {quant_runs} r where r.key = $1 and (r.guard = $2 or ($2 = '' and r.guard = r.id))
		and r.state in ('waiting', 'running', 'done') order by r.at desc, r.id desc limit 1`, key, string(risk))
}

// mine lists the newest runs of several risks that the actor asked for.
func mine(v *gate.View, n int) ([]*Run, error) {
	return gate.All(v, scanRun, `select `+runColumns+` from {quant_runs} r where r.guard = r.id and r.author = $1 order by r.at desc, r.id desc limit `+strconv.Itoa(n), string(v.Actor.ID))
}

func insertRun(tx *gate.Tx, r *Run, guard ref.ID, audience string, input fair.Portfolio) error {
	body, err := json.Marshal(r.RunBody)
	if err != nil {
		return err
	}
	in, err := json.Marshal(input)
	if err != nil {
		return err
	}
	return tx.Exec(guard, gate.Change{Field: "quantified", New: map[string]any{"trials": r.Trials, "seed": r.Seed, "engine": r.Engine, "input": hash(input)}},
		`insert into {quant_runs} (id, guard, audience, at, version, author, n, state, key, done, total, ended_at, body, input, result)
		values ($1, $2, $3, $4, 1, $5, $6, $7, $8, 0, 0, 0, $9, $10, '')`, string(r.ID), string(guard), audience, gate.Micros(r.At), string(r.Author), r.N, r.State,
		r.Key, string(body), string(in))
}

func inputOf(v *gate.View, id ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select r.input from {quant_runs} r where r.id = $1`, string(id))
}

// begin takes a run up; it reports whether there is still something to do.
func begin(tx *gate.Tx, id ref.ID) (bool, error) {
	n, err := tx.Maybe(id, nil, `update {quant_runs} set state = 'running', version = version + 1 where id = $1 and state in ('waiting', 'running')`, string(id))
	return n > 0, err
}

// advance notes how far a run is; it reports whether it is still wanted.
func advance(tx *gate.Tx, id ref.ID, done, total int64) (bool, error) {
	n, err := tx.Maybe(id, nil, `update {quant_runs} set done = $2, total = $3, version = version + 1 where id = $1 and state = 'running'`, string(id), done, total)
	return n > 0, err
}

// settle ends a run that is under way; it reports whether it was.
func settle(tx *gate.Tx, r *Run, result string) (bool, error) {
	body, err := json.Marshal(r.RunBody)
	if err != nil {
		return false, err
	}
	n, err := tx.Maybe(r.ID, gate.Change{Field: "state", New: r.State}, `update {quant_runs} set state = $2, ended_at = $3, body = $4, result = $5, version = version + 1
		where id = $1 and state in ('waiting', 'running')`, string(r.ID), r.State, gate.Micros(tx.Now), string(body), result)
	return n > 0, err
}
