package riskscore

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestActiveControlsLowerTheResidualScore(t *testing.T) {
	t.Parallel()
	r := published()
	inherent := must[Score](t)(r.Score(6, 4))
	for _, c := range []struct {
		says     string
		controls []Control
		l, i     float64
	}{
		{"levels subtract", []Control{{Ref: "waf", On: "likelihood", Levels: 2, Active: true}}, 4, 4},
		{"a share multiplies", []Control{{Ref: "waf", On: "likelihood", Percent: 50, Active: true}}, 3, 4},
		{"two shares multiply", []Control{{Ref: "a", On: "likelihood", Percent: 50, Active: true}, {Ref: "b", On: "likelihood", Percent: 50, Active: true}}, 1.5, 4},
		{"what is not active takes nothing off", []Control{{Ref: "waf", On: "likelihood", Levels: 5}}, 6, 4},
		{"no factor falls below 1", []Control{{Ref: "waf", On: "impact", Levels: 9, Active: true}}, 6, 1},
		{"a share first, then levels", []Control{{Ref: "a", On: "likelihood", Levels: 1, Active: true}, {Ref: "b", On: "likelihood", Percent: 50, Active: true}}, 2, 4},
	} {
		t.Run(c.says, func(t *testing.T) {
			have := must[Residual](t)(r.Residual(inherent, Controls{Considered: c.controls}))
			same2(t, "factors", []float64{have.Score.Likelihood, have.Score.Impact}, []float64{c.l, c.i})
		})
	}
}

func TestAResidualScoreNeedsTheControlsConsidered(t *testing.T) {
	t.Parallel()
	r := published()
	inherent := must[Score](t)(r.Score(6, 4))
	_, err := r.Residual(inherent, Controls{})
	refused(t, err, "controls")
	none := must[Residual](t)(r.Residual(inherent, Controls{None: "nothing is in place yet"}))
	if none.Score.Score != inherent.Score || !strings.Contains(none.Steps.String(), "nothing is in place yet") {
		t.Errorf("without controls the score is %v:\n%s", none.Score.Score, none.Steps)
	}
	for field, x := range map[string]Control{
		"controls.0.ref":     {On: "impact"},
		"controls.0.on":      {Ref: "a", On: "mood"},
		"controls.0.levels":  {Ref: "a", On: "impact", Levels: -1},
		"controls.0.percent": {Ref: "a", On: "impact", Percent: 101},
		"controls.0":         {Ref: "a", On: "impact", Percent: 10, Levels: 1},
	} {
		_, err := r.Residual(inherent, Controls{Considered: []Control{x}})
		refused(t, err, field)
	}
}

func TestADryRunComparesAndChangesNothing(t *testing.T) {
	t.Parallel()
	r := published()
	inherent := must[Score](t)(r.Score(6, 4))
	c := Controls{Considered: []Control{{Ref: "waf", On: "likelihood", Levels: 4}}}
	have := must[Comparison](t)(r.DryRun(inherent, c, map[string]bool{"waf": true}))
	same2(t, "before and after", []float64{have.Before.Score, have.After.Score}, []float64{24, 8})
	same2(t, "sentence", have.Says, "the score falls from 24, High, to 8, Low, and is then within the tolerance")
	if c.Considered[0].Active {
		t.Error("the dry run switched the control on")
	}
	_, err := r.DryRun(inherent, c, map[string]bool{"other": true})
	refused(t, err, "controls")
}

func TestControlsNeverRaiseAScoreAndTheirOrderIsNothing(t *testing.T) {
	t.Parallel()
	r := published()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		var cs []Control
		for i := range n {
			x := Control{Ref: string(rune('a' + i)), On: rapid.SampledFrom([]string{"likelihood", "impact"}).Draw(t, "on"), Active: rapid.Bool().Draw(t, "active")}
			if rapid.Bool().Draw(t, "share") {
				x.Percent = float64(rapid.IntRange(0, 100).Draw(t, "percent"))
			} else {
				x.Levels = float64(rapid.IntRange(0, 5).Draw(t, "levels"))
			}
			cs = append(cs, x)
		}
		inherent, err := r.Score(float64(rapid.IntRange(1, 6).Draw(t, "l")), float64(rapid.IntRange(1, 5).Draw(t, "i")))
		if err != nil {
			t.Fatal(err)
		}
		a, err := r.Residual(inherent, Controls{Considered: cs})
		if err != nil {
			t.Fatal(err)
		}
		if a.Score.Score > inherent.Score {
			t.Fatalf("controls raise %v to %v", inherent.Score, a.Score.Score)
		}
		slices.Reverse(cs)
		b, err := r.Residual(inherent, Controls{Considered: cs})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.Score.Score-b.Score.Score) > 1e-9 {
			t.Fatalf("in another order %v becomes %v", a.Score.Score, b.Score.Score)
		}
	})
}
