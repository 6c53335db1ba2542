package riskscore

import (
	"time"

	"tocsin/internal/fault"
)

// Inputs are all that one evaluation rests on. Stored beside its steps they let
// anybody compute the same score again.
type Inputs struct {
	Rules      Rules     `json:"rules"`
	Likelihood float64   `json:"likelihood"`
	Impact     float64   `json:"impact,omitzero"`   // given outright, or
	Answers    []Answer  `json:"answers,omitempty"` // by category: never both
	Controls   *Controls `json:"controls,omitempty"`
	Evidence   *Evidence `json:"evidence,omitempty"`
	Override   *Override `json:"override,omitempty"`
}

// Evidence is the evidence of an evaluation with the rules and the day that it
// is counted by.
type Evidence struct {
	Rules EvidenceRules `json:"rules"`
	Items []Item        `json:"items"`
	Now   time.Time     `json:"now"`
}

// Result is one evaluation: what each part gave, and the final score.
type Result struct {
	Base       Score     `json:"base"`
	Residual   *Residual `json:"residual,omitempty"`
	Adjusted   *Adjusted `json:"adjusted,omitempty"`
	Computed   Score     `json:"computed"` // before an override; kept (R34)
	Final      Score     `json:"final"`
	Overruled  bool      `json:"overruled"`
	Held       bool      `json:"held"` // contradicted by evidence and not yet overruled by a person
	Unanswered []string  `json:"unanswered,omitempty"`
	Steps      Steps     `json:"steps"`
}

// Evaluate goes the whole way: base, then what controls take off, then what
// evidence adds, then what a person overruled. Where controls and evidence are
// both given, evidence moves what the controls leave: the incidents happened in
// spite of them (the source leaves the order open).
func Evaluate(in Inputs) (Result, error) {
	var out Result
	if err := in.Rules.Check(); err != nil {
		return Result{}, err
	}
	impact, err := in.impact(&out)
	if err != nil {
		return Result{}, err
	}
	if out.Base, err = in.Rules.Score(in.Likelihood, impact); err != nil {
		return Result{}, err
	}
	out.Computed = out.Base
	if in.Controls == nil && in.Evidence == nil {
		out.Steps.add("likelihood.base", "Likelihood, base", Number(out.Base.Likelihood), "on a scale of 1 to %d", in.Rules.Likelihood)
		if len(in.Answers) == 0 {
			out.Steps.add("impact.base", "Impact, base", Number(out.Base.Impact), "on a scale of 1 to %d", in.Rules.Impact)
		}
		out.Steps = append(out.Steps, out.Base.Steps...)
	}
	if err := in.control(&out); err != nil {
		return Result{}, err
	}
	if err := in.prove(&out); err != nil {
		return Result{}, err
	}
	out.Final = out.Computed
	if in.Override != nil {
		if out.Final, err = in.Rules.Overrule(out.Computed, *in.Override); err != nil {
			return Result{}, err
		}
		out.Overruled, out.Held = true, false // the named person has looked
		out.Steps = append(out.Steps, out.Final.Steps...)
	}
	return out, nil
}

func (in Inputs) impact(out *Result) (float64, error) {
	if len(in.Answers) == 0 {
		return in.Impact, nil
	}
	if in.Impact != 0 {
		return 0, fault.At("impact", "the impact is given both outright and by category: keep one of them")
	}
	i, err := in.Rules.FromAnswers(in.Answers)
	out.Steps, out.Unanswered = i.Steps, i.Unanswered
	return i.Impact, err
}

func (in Inputs) control(out *Result) error {
	if in.Controls == nil {
		return nil
	}
	r, err := in.Rules.Residual(out.Base, *in.Controls)
	if err != nil {
		return err
	}
	out.Residual, out.Computed = &r, r.Score
	out.Steps = append(out.Steps, r.Steps...)
	return nil
}

func (in Inputs) prove(out *Result) error {
	if in.Evidence == nil {
		return nil
	}
	l, err := Collect(in.Evidence.Items, in.Evidence.Rules.Months, in.Evidence.Now)
	if err != nil {
		return err
	}
	a, err := in.Rules.Adjust(in.Evidence.Rules, out.Computed.Likelihood, out.Computed.Impact, l)
	if err != nil {
		return err
	}
	out.Adjusted, out.Computed, out.Held = &a, a.Final, a.Held
	out.Steps = append(out.Steps, a.Steps...)
	return nil
}

// Replay computes an evaluation again and says in sentences where what was
// stored differs. Nothing comes back where the explanation holds.
func Replay(in Inputs, stored Steps) ([]string, error) {
	out, err := Evaluate(in)
	if err != nil {
		return nil, err
	}
	return out.Steps.Differ(stored), nil
}
