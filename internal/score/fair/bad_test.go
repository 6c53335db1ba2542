package fair

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tocsin/internal/fault"
)

// one is a file of one scenario with a line changed.
func one(change string) string {
	lines := []string{"id: a", "loss_event_frequency: {kind: pert, min: 1, mode: 2, max: 3}", "loss_magnitude: {kind: constant, value: 10}"}
	key, _, _ := strings.Cut(change, ":")
	found := false
	for i, l := range lines {
		if strings.HasPrefix(l, key+":") {
			lines[i], found = change, true
		}
	}
	if !found && change != "" {
		lines = append(lines, change)
	}
	return "scenarios:\n  - " + strings.Join(lines, "\n    ") + "\n"
}

// TestBadInputIsRefused says the place, the field, what is wrong and the mend.
func TestBadInputIsRefused(t *testing.T) {
	const two = "scenarios:\n  - {id: a, loss_event_frequency: {kind: constant, value: 1}, loss_magnitude: {kind: constant, value: 1}}\n  - {id: b, loss_event_frequency: {kind: constant, value: 1}, loss_magnitude: {kind: constant, value: 1}}\ncorrelation: "
	for _, x := range []struct{ says, text, want string }{
		{"min above mode", one("loss_event_frequency: {kind: pert, min: 3, mode: 2, max: 5}"), "x.yaml:3:54: scenarios.0.loss_event_frequency.mode: min 3 is above mode 2; the most likely value lies between min and max"},
		{"mode above max", one("loss_event_frequency: {kind: pert, min: 1, mode: 9, max: 5}"), "mode 9 is above max 5"},
		{"min above max", one("loss_magnitude: {kind: uniform, min: 3, max: 2}"), "min 3 is above max 2; swap"},
		{"a negative gamma", one("loss_magnitude: {kind: pert, min: 1, mode: 2, max: 3, gamma: -1}"), "loss_magnitude.gamma: gamma is -1"},
		{"NaN", one("loss_magnitude: {kind: constant, value: .nan}"), `".nan" is no number`},
		{"NaN in words", one("loss_magnitude: {kind: constant, value: NaN}"), `"NaN" is no number`},
		{"infinity", one("loss_magnitude: {kind: constant, value: .inf}"), `".inf" is no number`},
		{"a number beyond all", one("loss_magnitude: {kind: constant, value: 1e300}"), "1e+300 is no number that can be counted with"},
		{"a text for a number", one("loss_magnitude: {kind: constant, value: lots}"), `"lots" is no number; write one such as`},
		{"a probability above 1", one("loss_event_frequency: {kind: constant, value: 1}\n    vulnerability: {kind: constant, value: 2}"), "it reaches from 2 to 2; a probability lies between 0 and 1"},
		{"a negative frequency", one("loss_event_frequency: {kind: uniform, min: -1, max: 2}"), "loss_event_frequency: it reaches down to -1; it cannot be below 0"},
		{"a negative loss", one("loss_magnitude: {kind: constant, value: -1}"), "a loss is 0 or more"},
		{"direct and derived", one("threat_event_frequency: {kind: constant, value: 1}"), "x.yaml:3:27: scenarios.0.loss_event_frequency: it is given directly and by threat_event_frequency and vulnerability too; keep one"},
		{"neither", "scenarios:\n  - {id: a, loss_event_frequency: {kind: constant, value: 1}}\n", "loss_magnitude: it is neither given nor can it be derived; give it, or primary_loss"},
		{"half a vulnerability", "scenarios:\n  - {id: a, threat_event_frequency: {kind: constant, value: 1}, difficulty: {kind: constant, value: 1}, loss_magnitude: {kind: constant, value: 1}}\n", "vulnerability: it is neither given nor can it be derived; give it, or threat_capability and difficulty"},
		{"both primary losses", one("loss_magnitude: {kind: constant, value: 1}\n    primary_loss: {kind: constant, value: 1}"), "loss_magnitude: it is given directly and by"},
		{"a kind nobody knows", one("loss_magnitude: {kind: pareto}"), `nobody knows the kind "pareto"; use one of pert, lognormal`},
		{"a field of another kind", one("loss_magnitude: {kind: constant, value: 1, gamma: 4}"), "the kind constant has no gamma; take it out"},
		{"a field too few", one("loss_magnitude: {kind: pert, min: 1, max: 3}"), "loss_magnitude.mode: the kind pert needs it; give min, mode, max"},
		{"a lognormal twice", one("loss_magnitude: {kind: lognormal, low: 1, high: 3, mu: 1, sigma: 2}"), "give low and high, or mu and sigma"},
		{"a lognormal from 0", one("loss_magnitude: {kind: lognormal, low: 0, high: 3}"), "a lognormal is above 0"},
		{"a lognormal as wide as the world", one("loss_magnitude: {kind: lognormal, low: 1e-17, high: 1e17}"), "so wide that its mean or variance cannot be counted with"},
		{"weights that are none", one("loss_magnitude: {kind: discrete, values: [1, 2], weights: [0, 0]}"), "all weights are 0"},
		{"a weight too few", one("loss_magnitude: {kind: discrete, values: [1, 2], weights: [1]}"), "there are 1 weights for 2 values"},
		{"no values", one("loss_magnitude: {kind: discrete, values: []}"), "there are 0 values"},
		{"a count nobody knows", one("count: often"), `nobody knows the count "often"; use poisson`},
		{"a bernoulli above 1", one("count: bernoulli"), "the frequency reaches 3; counted as bernoulli it is a probability"},
		{"a binomial without threats", one("count: binomial"), "binomial counts threat events"},
		{"more events than can be drawn", one("loss_event_frequency: {kind: constant, value: 1e9}"), "a year can have 1e+09 events; each is drawn, so at most 1e+06"},
		{"a key nobody knows", one("los_magnitude: 1"), `scenarios.0.los_magnitude: nobody knows the key; use one of id, name`},
		{"a key twice", one("") + "scenarios: []\n", "the key is given twice"},
		{"an id twice", strings.ReplaceAll(two, "id: b", "id: a") + "{risks: [a, a], matrix: [[1, 0], [0, 1]]}\n", `the id "a" is that of scenario 1 too`},
		{"a risk that is not there", two + "{risks: [a, c], matrix: [[1, 0], [0, 1]]}\n", `no scenario has the id "c"`},
		{"a matrix that is not symmetric", two + "{risks: [a, b], matrix: [[1, 0.5], [0.2, 1]]}\n", "make the matrix symmetric"},
		{"a matrix with another diagonal", two + "{risks: [a, b], matrix: [[2, 0], [0, 1]]}\n", "2 is no correlation"},
		{"a matrix of another size", two + "{risks: [a, b], matrix: [[1, 0]]}\n", "it has 1 rows for 2 risks"},
		{"a treatment of nothing that is there", one("treatment: {name: x, changes: [{factor: difficulty, scale: 2}]}"), `the scenario has no factor "difficulty"; use one of loss_event_frequency, loss_magnitude`},
		{"a treatment that does both", one("treatment: {name: x, changes: [{factor: loss_magnitude, scale: 2, estimate: {kind: constant, value: 1}}]}"), "give scale or estimate, one of them"},
		{"a treatment by a control that decides", one("treatment: {name: x, domain: decision_support, changes: [{factor: loss_magnitude, scale: 2}]}"), "changes no factor by itself"},
		{"a treatment below nothing", one("treatment: {name: x, changes: [{factor: loss_magnitude, scale: -2}]}"), "the scale is -2"},
		{"a treatment with a bad estimate", one("treatment: {name: x, changes: [{factor: loss_magnitude, estimate: {kind: constant}}]}"), "changes.0.estimate.value: the kind constant needs it"},
		{"a form nobody knows", one("loss_magnitude: {kind: constant, value: 1}\n    primary_losses: [{form: shame, loss: {kind: constant, value: 1}}]"), `"shame" is no form of loss; use one of productivity`},
		{"nothing", "", "x.yaml:1:1: the file is empty"},
		{"no scenarios", "scenarios: []\n", "there is no scenario"},
		{"an anchor", "scenarios: &a [*a]\n", "anchors and aliases are not read"},
		{"no YAML", "scenarios: [\n", "this is neither YAML nor JSON"},
		{"two documents", one("") + "---\n" + one(""), "the file has a second document"},
		{"a list for a text", one("id: [a]"), "a single value is wanted here"},
		{"deep nesting", strings.Repeat("[", 100_000), "this is neither YAML nor JSON"},
		{"nesting that is read", "scenarios: " + strings.Repeat("[", 900) + strings.Repeat("]", 900), "keys with values are wanted here"},
		{"a control character", one("id: \"a\\e[2J\""), "the text holds a control character"},
		{"10 MB", strings.Repeat("# nothing\n", 1<<20), "x.yaml has more than 4 MiB"},
	} {
		_, err := Parse("x.yaml", []byte(x.text))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %.400v\nwant %s", x.says, err, x.want)
		}
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
			t.Errorf("%s: kind %s", x.says, k)
		}
	}
}

// TestMatricesThatContradictThemselvesAreRefused needs three risks: a with b, b with c, and a against c.
func TestMatricesThatContradictThemselvesAreRefused(t *testing.T) {
	p := fifty()
	p.Scenarios = p.Scenarios[:3]
	p.Correlation = &Correlation{Risks: []string{"r00", "r01", "r02"}, Matrix: [][]float64{{1, .9, -.9}, {.9, 1, .9}, {-.9, .9, 1}}}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "not positive semi-definite") {
		t.Errorf("have %v, want that it is not positive semi-definite", err)
	}
	p.Correlation.Matrix = [][]float64{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}
	if err := p.Check(); err != nil {
		t.Errorf("three risks as one: %v", err)
	}
}

// TestRunsThatNobodyWouldWaitForAreRefused counts trials and events.
func TestRunsThatNobodyWouldWaitForAreRefused(t *testing.T) {
	often, cost := Constant(1e6), Constant(1)
	busy := Portfolio{Scenarios: []Scenario{{ID: "a", LossEventFrequency: &often, LossMagnitude: &cost}}}
	for _, x := range []struct {
		p      Portfolio
		trials int
		want   string
	}{
		{fifty(), 1_000_000_000, "1000000000 trials cannot be run; choose 1 to 10000000"},
		{fifty(), -1, "-1 trials cannot be run"},
		{busy, 1_000_000, "this run would draw 1e+12 events, which takes too long"},
	} {
		_, err := Run(context.Background(), x.p, Options{Trials: x.trials})
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%d trials: %v, want %s", x.trials, err, x.want)
		}
	}
}

// TestJSONIsReadToo with tabs, as some write it.
func TestJSONIsReadToo(t *testing.T) {
	text := "{\n\t\"unit\": \"EUR\",\n\t\"scenarios\": [{\n\t\t\"id\": \"a\",\n\t\t\"loss_event_frequency\": {\"kind\": \"constant\", \"value\": 1},\n\t\t\"loss_magnitude\": {\"kind\": \"constant\", \"value\": 2}\n\t}]\n}\n"
	p, err := Parse("x.json", []byte(text))
	if err != nil || p.Unit != "EUR" || *p.Scenarios[0].LossMagnitude.Value != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

// FuzzParse reads anything, and runs what it accepts.
func FuzzParse(f *testing.F) {
	for _, s := range []string{one(""), one("count: binomial"), "scenarios: [{id: a}]", "{}", "[", "a: &a *a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("x", []byte(text))
		if err != nil {
			if k := fault.KindOf(err); k == fault.Internal {
				t.Fatalf("%v is no sentence", err)
			}
			return
		}
		events := 0.0
		for i := range p.Scenarios {
			events += p.Scenarios[i].meanEvents(nil)
		}
		if events > 1000 || len(p.Scenarios) > 5 {
			return
		}
		r, err := Run(context.Background(), p, Options{Trials: 50})
		if err != nil {
			t.Fatalf("checked, and yet: %v", err)
		}
		if text := fmt.Sprintf("%v", r.Summary); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Fatalf("a result of %s", text)
		}
	})
}
