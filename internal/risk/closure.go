package risk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// Condition is one thing that must hold before a risk is closed.
type Condition struct {
	Group string `json:"group"` // score, indicators, validation
	Says  string `json:"says"`
	Holds bool   `json:"holds"`
	Link  string `json:"link"` // where it is seen to, on the risk's page
}

// CheckClosure tells of each condition of closure whether it holds: handbook 3.7.
func (s *Risks) CheckClosure(ctx context.Context, id ref.ID) (out []Condition, err error) {
	x, err := s.Page(ctx, id, false)
	if err != nil {
		return nil, err
	}
	return x.Closes, nil
}

// unclosed names what a closure still lacks.
func (s *Sight) unclosed() []string {
	var out []string
	for _, c := range s.closure() {
		if !c.Holds {
			out = append(out, c.Says)
		}
	}
	return out
}

func saysClosure(s *Sight) string {
	return "all that a closure wants: " + strings.Join(s.unclosed(), "; ")
}

// closure is every condition, in its three groups.
func (s *Sight) closure() []Condition {
	return slices.Concat(s.sustained(), s.measured(), s.reviewed())
}

// sustained asks for a final score within tolerance that stayed there.
func (s *Sight) sustained() []Condition {
	days := s.Profile.Register.Closure.Days
	within := s.Standing.State == string(riskscore.Within)
	out := []Condition{{"score", "the final score is within the tolerance of " + riskscore.Number(float64(s.Appetite.UpTo)), within, "#score"}}
	since := s.withinSince()
	says := fmt.Sprintf("the score stayed within tolerance for %d days", days)
	if !since.IsZero() && within {
		says += fmt.Sprintf("; it is there since %s", since.Format(time.DateOnly))
	}
	return append(out, Condition{"score", says, within && !since.IsZero() && !since.AddDate(0, 0, days).After(s.Now), "#score"})
}

// withinSince is since when the score is within tolerance without a break; zero is
// not at all.
func (s *Sight) withinSince() (since time.Time) {
	for _, h := range s.History {
		switch {
		case h.Score > float64(s.Appetite.UpTo):
			since = time.Time{}
		case since.IsZero():
			since = h.At
		}
	}
	return since
}

// measured asks of every indicator what its kind wants.
func (s *Sight) measured() []Condition {
	var out []Condition
	for _, i := range s.Indicators {
		if i.Retired {
			continue
		}
		says, holds := s.target(i)
		if !i.tracked() {
			says, holds = says+"; it has no value that still counts", false
		}
		out = append(out, Condition{"indicators", i.Title + ": " + says, holds, "#indicators"})
	}
	if len(out) == 0 {
		out = append(out, Condition{"indicators", "an indicator shows that the risk is gone; there is none", false, "#indicators"})
	}
	return out
}

// target is what a closure wants of an indicator: enough coverage of what was put
// in place, fewer events than the baseline for long enough, else its own target.
func (s *Sight) target(i Indicator) (says string, holds bool) {
	rules := s.Profile.Register.Closure
	switch i.Kind {
	case "implementation":
		return fmt.Sprintf("coverage of at least %s %%", riskscore.Number(rules.Coverage*100)), i.Value != nil && *i.Value >= rules.Coverage
	case "effectiveness":
		return fmt.Sprintf("below the baseline for %d days", rules.Days), !i.Below.IsZero() && !i.Below.AddDate(0, 0, rules.Days).After(s.Now)
	case "efficiency":
		return "responses within their target", i.OnTarget
	}
	return "the target is met", i.OnTarget
}

// reviewed asks for the work to be done, and for what the validator wrote.
func (s *Sight) reviewed() []Condition {
	c := s.Closing
	who := s.Persons[c.By].Name
	out := []Condition{{"validation", "no control is degraded", !slices.ContainsFunc(s.Controls, func(c Control) bool { return c.State == ControlDegraded }), "#controls"}}
	if s.Response == Remediate {
		done := !slices.ContainsFunc(s.Plan.Milestones, func(m Milestone) bool { return m.Done.IsZero() })
		out = append(out, Condition{"validation", "every milestone of the plan is done", done, "#plan"})
	}
	validated := "the security owner, or who may validate in their place, reviewed all evidence"
	if who != "" {
		validated += "; " + who + " did"
	}
	return append(out,
		Condition{"validation", validated, c.By != "", "#closure"},
		Condition{"validation", "the validator did not carry the plan out and is not the business owner", c.By != "" && !s.executors().Has(c.By), "#closure"},
		Condition{"validation", "the evidence that was reviewed is listed", len(c.Evidence) > 0, "#closure"},
		Condition{"validation", "it is written how the root cause was addressed", c.RootCause != "", "#closure"},
		Condition{"validation", "it is written where the outcome is documented", c.Outcome != "", "#closure"},
		Condition{"validation", "the rationale is written", c.Rationale != "", "#closure"})
}

// executors are those who carry the plan out: the business owner, the owners of
// milestones, and who is responsible for it.
func (r *Risk) executors() access.Hands {
	out := access.Hands{}.And(r.Owner)
	for _, m := range r.Plan.Milestones {
		out = out.And(m.Owner)
	}
	for _, p := range r.People {
		if p.RACI == "R" {
			out = out.And(p.Who)
		}
	}
	return out
}

// Validation is what the security owner writes before a risk is closed.
type Validation struct {
	Version   int      `json:"version,omitempty"`
	Rationale string   `json:"rationale"`
	RootCause string   `json:"root_cause"` // how it was addressed
	Outcome   string   `json:"outcome"`    // where it is documented
	Evidence  []string `json:"evidence"`   // what was reviewed
}

// ValidateClosure records that the security owner, or who may validate in their
// place, reviewed the evidence. It stands on the state as it is: what changes
// afterwards is validated anew.
func (s *Risks) ValidateClosure(ctx context.Context, id ref.ID, in Validation) error {
	return s.change(ctx, VerbReview, id, in.Version, func(tx *gate.Tx, r *Risk) error {
		a := tx.Actor
		switch {
		case r.Closed:
			return fault.New(fault.Conflict, "the risk is closed already")
		case a.ID != r.Security && !tx.May(VerbValidate, r.ID):
			return fault.New(fault.Forbidden, "the closure is validated by the security owner, or by somebody who may validate scores")
		}
		second := access.Second{Gives: "the validation of its closure", Did: "you own this risk or carry its plan out", First: r.executors()}
		if err := second.Refuse(a); err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		r.Closing = Closing{Rationale: in.Rationale, RootCause: in.RootCause, Outcome: in.Outcome, Evidence: in.Evidence, By: a.ID, At: tx.Now}
		r.record(tx.Now, "updated", nil)
		if err := overtaken(tx, r, DecideClose); err != nil {
			return err
		}
		closing := r.Closing
		d := &Decision{Kind: DecideClose, State: StateActive, DecisionBody: DecisionBody{Reason: in.Rationale, Closing: &closing}}
		if err := s.decide(tx, r, d); err != nil {
			return err
		}
		r.Closing.Hash = d.Hash
		return nil
	})
}

// overtaken ends what was decided before of a kind of which one alone is in force:
// the response, the plan, the validation of a closure.
func overtaken(tx *gate.Tx, r *Risk, kind string) error {
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if d.Kind == kind && d.State == StateActive {
			d.State = StateEnded
			if err := updateDecision(tx, d, StateActive); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *Validation) check() error {
	var fs fault.Fields
	in.Rationale = must(&fs, "rationale", in.Rationale, "say why the risk may be closed")
	in.RootCause = must(&fs, "root_cause", in.RootCause, "say how the root cause was addressed")
	in.Outcome = must(&fs, "outcome", in.Outcome, "say where the outcome is documented")
	var shown []string
	for _, e := range in.Evidence {
		if e = thread.Cleaned(&fs, "evidence", e, MaxNote); e != "" {
			shown = append(shown, e)
		}
	}
	if in.Evidence = shown; len(shown) == 0 || len(shown) > 100 {
		fs.Add("evidence", "list the evidence that was reviewed, 1 to 100 things")
	}
	return fs.Err()
}
