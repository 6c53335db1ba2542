package quant

import (
	"context"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/fair"
	"tocsin/internal/thread"
)

// Limits of what is kept and shown.
const (
	maxVersions = 1000 // of a risk's scenario
	shown       = 20   // versions and runs on a page
	maxWhy      = 4000
)

// Setting is a new version of a risk's scenario.
type Setting struct {
	Version int    `json:"version,omitempty"` // that the author saw; 0 is not asked
	Text    string `json:"text"`              // YAML or JSON, as docs/fair.md has it, with one scenario
	Why     string `json:"why,omitempty"`
}

// SetScenario keeps a new version of a risk's scenario. The same text again changes
// nothing.
func (q *Quants) SetScenario(ctx context.Context, risk ref.ID, in Setting) (s *Scenario, err error) {
	err = q.Gate.Act(ctx, VerbQuantify, risk, func(tx *gate.Tx) error {
		read, err := in.check(risk)
		if err != nil {
			return err
		}
		was, err := versions(&tx.View, risk, 1)
		if err != nil {
			return err
		}
		s = &Scenario{Risk: risk, N: 1, At: tx.Now, Author: tx.Actor.ID, Hash: hash(read), ScenarioBody: ScenarioBody{Why: in.Why, Text: in.Text, Read: read}}
		if len(was) > 0 {
			s.N = was[0].N + 1
		}
		switch {
		case in.Version != 0 && in.Version != s.N-1:
			return fault.New(fault.Conflict, "the scenario changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", in.Version, s.N-1)
		case s.N > maxVersions:
			return fault.New(fault.TooLarge, "the scenario has %d versions, and no more are kept; raise a risk anew for what is another scenario", maxVersions)
		case len(was) > 0 && was[0].Text == in.Text:
			s = was[0]
			return nil
		}
		audience, err := riskAudience(&tx.View, risk)
		if err != nil {
			return err
		}
		return insertScenario(tx, s, audience)
	})
	return s, err
}

// check reads the text and says what is wrong with it, a line each.
func (in *Setting) check(risk ref.ID) (fair.Portfolio, error) {
	var fs fault.Fields
	for _, f := range []struct {
		name string
		text *string
		max  int
	}{{"text", &in.Text, MaxText}, {"why", &in.Why, maxWhy}} {
		out, err := thread.Clean(f.name, *f.text, f.max)
		if err != nil {
			fs.Add(f.name, "%s", fault.Of(err).Says)
		}
		*f.text = out
	}
	if err := fs.Err(); err != nil {
		return fair.Portfolio{}, err
	}
	p, err := fair.Parse("scenario", []byte(in.Text))
	if err != nil {
		return p, atText(err)
	}
	switch {
	case len(p.Scenarios) != 1:
		fs.Add("text", "there are %d scenarios; keep the one of this risk, the portfolio adds risks up", len(p.Scenarios))
	case p.Scenarios[0].ID != string(risk):
		fs.Add("text", "the scenario's id is %q; write %s, since the id names the random streams too", p.Scenarios[0].ID, risk)
	}
	if p.Correlation != nil {
		fs.Add("text", "one scenario has no correlation; take it out, and state it where the portfolio is run")
	}
	return p, fs.Err()
}

// atText puts what is wrong in a text at the field that holds it.
func atText(err error) error {
	f := fault.Of(err)
	if f.Kind != fault.Invalid {
		return err
	}
	out := &fault.Fault{Kind: f.Kind, Says: f.Says}
	for says := range strings.SplitSeq(f.Says, "\n") {
		out.Fields = append(out.Fields, fault.Field{Name: "text", Says: says})
	}
	return out
}

// Quant is what quantification knows of a risk.
type Quant struct {
	Risk     ref.ID          `json:"risk"`
	Title    string          `json:"title"`
	Scenario *Scenario       `json:"scenario,omitempty"` // in force
	History  []*Scenario     `json:"history,omitempty"`  // newest first
	Runs     []*Run          `json:"runs,omitempty"`     // newest first, without their results
	Latest   *Run            `json:"latest,omitempty"`   // the newest that is done
	May      map[string]bool `json:"may"`
}

// Old reports whether the newest result is of another scenario than the one in force.
func (q *Quant) Old() bool { return q.Latest != nil && q.Scenario != nil && q.Latest.N != q.Scenario.N }

// Under is the run under way, or nil.
func (q *Quant) Under() *Run {
	for _, r := range q.Runs {
		if r.Open() {
			return r
		}
	}
	return nil
}

// Of returns the scenario of a risk with its history, runs and newest result.
func (q *Quants) Of(ctx context.Context, risk ref.ID) (out *Quant, err error) {
	err = q.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, risk); err != nil {
			return err
		}
		out = &Quant{Risk: risk, May: map[string]bool{string(VerbQuantify): v.May(VerbQuantify, risk)}}
		if out.Title, err = riskTitle(v, risk); err != nil {
			return err
		}
		if out.History, err = versions(v, risk, shown); err != nil {
			return err
		}
		if len(out.History) > 0 {
			out.Scenario = out.History[0]
		}
		if out.Runs, err = runsOf(v, risk, shown); err != nil {
			return err
		}
		done, err := latest(v, risk)
		if len(done) > 0 {
			out.Latest = done[0]
		}
		return err
	})
	return out, err
}

// Run asks for a run of the scenario in force. Where its result stands, or a run of
// it is under way, that one is answered and nothing is done.
func (q *Quants) Run(ctx context.Context, risk ref.ID, o Options) (id ref.ID, err error) {
	err = q.Gate.Act(ctx, VerbQuantify, risk, func(tx *gate.Tx) error {
		if err := o.check(); err != nil {
			return err
		}
		s, err := versions(&tx.View, risk, 1)
		if err != nil {
			return err
		}
		if len(s) == 0 {
			return fault.New(fault.Conflict, "%s has no scenario; describe it first", risk)
		}
		audience, err := riskAudience(&tx.View, risk)
		if err != nil {
			return err
		}
		id, err = q.ask(tx, &Run{Risk: risk, N: s[0].N}, audience, s[0].Read, o)
		return err
	})
	return id, err
}

// check fills in what was not said.
func (o *Options) check() error {
	if o.Trials == 0 {
		o.Trials = DefaultTrials
	}
	if o.Trials < 1 || o.Trials > fair.MaxTrials {
		return fault.At("trials", "%d years cannot be drawn; choose 1 to %d, %d is usual", o.Trials, fair.MaxTrials, DefaultTrials)
	}
	return nil
}

// ask leaves the job of a run, unless there is one of the same key.
func (q *Quants) ask(tx *gate.Tx, r *Run, audience string, input fair.Portfolio, o Options) (ref.ID, error) {
	input.Expect = nil
	r.Key = key(input, o)
	have, err := same(&tx.View, r.Key, r.Risk)
	if err != nil {
		return "", err
	}
	if len(have) > 0 {
		return have[0].ID, nil
	}
	r.ID, r.At, r.Author, r.State = ref.New("quant"), tx.Now, tx.Actor.ID, Waiting
	r.RunBody = RunBody{Trials: o.Trials, Seed: o.Seed, Engine: fair.Version}
	guard := r.Risk
	if guard == "" {
		guard = r.ID
	}
	if err := insertRun(tx, r, guard, audience, input); err != nil {
		return "", err
	}
	if audience == access.Named && guard == r.ID && !tx.Actor.IsSystem() {
		if err := tx.Show(r.ID, tx.Actor.ID, "", gate.Doc(tx.Now)); err != nil {
			return "", err
		}
	}
	return r.ID, tx.Later(Job, tx.Now, "", job{r.ID})
}

// Get returns a run with its result. One of several risks is answered only while the
// reader sees every one of them.
func (q *Quants) Get(ctx context.Context, id ref.ID) (r *Run, err error) {
	err = q.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		if r, err = getRun(v, id); err != nil || r.Risk != "" || r.Result == nil {
			return err
		}
		return stillSeen(v, r.Result)
	})
	if err != nil {
		r = nil
	}
	return r, err
}

// Cancel ends a run of a risk that is under way; of several risks where risk is empty.
func (q *Quants) Cancel(ctx context.Context, risk, id ref.ID) error {
	subject := risk
	if risk == "" {
		subject = id
	}
	return q.Gate.Act(ctx, VerbQuantify, subject, func(tx *gate.Tx) error {
		r, err := getRun(&tx.View, id)
		if err == nil && r.Risk != risk {
			err = access.NoRecord()
		}
		if err != nil {
			return err
		}
		was := r.State
		r.State = Cancelled
		if ok, err := settle(tx, r, ""); err != nil || ok {
			return err
		}
		return fault.New(fault.Conflict, "the run is %s; there is nothing to cancel", was)
	})
}

// Template is the text of a scenario to begin with.
func Template(risk ref.ID, title string) string {
	title = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(title)
	return strings.NewReplacer("{id}", string(risk), "{title}", title).Replace(template)
}

const template = `unit: EUR
appetite: [100000, 1000000]
scenarios:
  - id: {id}
    name: "{title}"
    loss_event_frequency:
      kind: pert
      min: 0.1
      mode: 0.5
      max: 2
      rationale: why these events a year
    primary_losses:
      - form: response
        loss: {kind: lognormal, low: 10000, high: 100000}
    secondary_losses:
      - name: customers
        form: reputation
        frequency: {kind: pert, min: 0.05, mode: 0.2, max: 0.5}
        magnitude: {kind: pert, min: 50000, mode: 200000, max: 2000000}
    treatment:
      name: what the plan changes
      annual_cost: 20000
      changes:
        - {factor: loss_event_frequency, scale: 0.6}
`
