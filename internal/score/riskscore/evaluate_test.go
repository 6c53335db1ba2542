package riskscore

import (
	"encoding/json"
	"testing"
)

func whole() Inputs {
	return Inputs{
		Rules: published(), Likelihood: 5,
		Answers:  []Answer{{"legal", "Legal", 4}, {"output", "Output", 3}, {"financial", "Financial", 0}, {"customers", "", 3}},
		Controls: &Controls{Considered: []Control{{Ref: "CTL-1", Title: "filter", On: "likelihood", Percent: 20, Active: true}, {Ref: "CTL-2", On: "impact", Levels: 1}}},
		Evidence: &Evidence{Rules: proven(), Items: items(6, 4), Now: now},
	}
}

func TestAnEvaluationGoesTheWholeWay(t *testing.T) {
	t.Parallel()
	out := must[Result](t)(Evaluate(whole()))
	same2(t, "base, residual, final", []float64{out.Base.Score, out.Residual.Score.Score, out.Final.Score},
		[]float64{snap(50.0 / 3), snap(40.0 / 3), snap(50.0 / 3)})
	same2(t, "unanswered", out.Unanswered, []string{"financial"})
	same2(t, "rating", []any{out.Final.Rating, out.Held, out.Overruled}, []any{"medium", false, false})
}

func TestAStoredEvaluationReplaysByItsInputs(t *testing.T) {
	t.Parallel()
	in := whole()
	in.Override = &Override{6, 5, "seen in the field", "Ada"}
	out := must[Result](t)(Evaluate(in))
	same2(t, "final and kept", []float64{out.Final.Score, out.Computed.Score}, []float64{30, snap(50.0 / 3)})
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var back Inputs
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	same2(t, "differences", must[[]string](t)(Replay(back, out.Steps)), []string(nil))
	back.Likelihood = 4
	if have := must[[]string](t)(Replay(back, out.Steps)); len(have) == 0 {
		t.Error("other inputs replay as the same steps")
	}
}

func TestAContradictionHoldsUntilAPersonOverrules(t *testing.T) {
	t.Parallel()
	in := Inputs{Rules: published(), Likelihood: 1, Impact: 4, Evidence: &Evidence{Rules: proven(), Items: items(7, 0), Now: now}}
	if out := must[Result](t)(Evaluate(in)); !out.Held {
		t.Error("seven incidents of a risk that cannot happen are not held")
	}
	in.Override = &Override{4, 4, "it happens", "Ada"}
	if out := must[Result](t)(Evaluate(in)); out.Held || !out.Overruled || out.Computed.Score != 6 {
		t.Errorf("held %v, overruled %v, computed %v; want false, true, 6", out.Held, out.Overruled, out.Computed.Score)
	}
}

func TestAnEvaluationRefusesWhatItCannotScore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		change      func(*Inputs)
	}{
		{"impact given twice", "impact", func(in *Inputs) { in.Impact = 3 }},
		{"no likelihood", "likelihood", func(in *Inputs) { in.Likelihood = 0 }},
		{"no impact", "impact", func(in *Inputs) { in.Answers = nil }},
		{"controls not considered", "controls", func(in *Inputs) { in.Controls = &Controls{} }},
		{"no day of the count", "now", func(in *Inputs) { in.Evidence = &Evidence{Rules: proven()} }},
		{"an override without reason", "reason", func(in *Inputs) { in.Override = &Override{6, 5, "", "Ada"} }},
		{"rules with a gap", "bands.0", func(in *Inputs) { in.Rules.Bands = in.Rules.Bands[1:] }},
		{"evidence bands that repeat", "count_bands.1", func(in *Inputs) { in.Evidence.Rules.Counts = []Modifier{{1, 1}, {1, 2}} }},
	} {
		t.Run(c.says, func(t *testing.T) {
			in := whole()
			c.change(&in)
			_, err := Evaluate(in)
			refused(t, err, c.field)
		})
	}
}
