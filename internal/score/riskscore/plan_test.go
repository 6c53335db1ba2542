package riskscore

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// handbook 1.9: 24 with 4 key results is 3.5 each, 30 with 5 is 4.0.
func TestThePublishedStepsOfKeyResults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		score float64
		n     int
		want  float64
	}{{24, 4, 3.5}, {30, 5, 4}, {10, 3, 0}, {6, 3, 0}} {
		if have := must[float64](t)(KRStep(c.score, 10, c.n)); have != c.want {
			t.Errorf("%v with %d key results is %v each, want %v", c.score, c.n, have, c.want)
		}
	}
	_, err := KRStep(24, 10, 0)
	refused(t, err, "results")
	_, err = KRStep(math.NaN(), 10, 1)
	refused(t, err, "score")
}

// quarterly is a plan with a key result at the end of each quarter of 2026.
func quarterly(score float64) Plan {
	p := Plan{Score: score, Tolerance: 10, Start: on(2026, 1, 5), Years: 4}
	for i, name := range []string{"A", "B", "C", "D"} {
		p.Results = append(p.Results, KeyResult{Name: name, Due: on(2026, time.Month(3*i+3), 28)})
	}
	return p
}

func scores(p Path) (out []float64) {
	for _, pt := range p.Points {
		out = append(out, pt.Score)
	}
	return out
}

func warned(ws []Warning) (out []string) {
	for _, w := range ws {
		out = append(out, w.Key)
	}
	return out
}

func TestAPathFallsToTheTolerance(t *testing.T) {
	t.Parallel()
	path := must[Path](t)(NewPath(quarterly(24)))
	same2(t, "scores", scores(path), []float64{20.5, 17, 13.5, 10})
	same2(t, "warnings", warned(path.Warnings), []string(nil))
	for _, c := range []struct {
		says string
		at   time.Time
		want float64
	}{
		{"before the first result nothing falls", on(2026, 2, 1), 24},
		{"it falls on the day that it is due", on(2026, 3, 28), 20.5},
		{"it stays until the next", on(2026, 6, 27), 20.5},
		{"after the last it is at the tolerance", on(2030, 1, 1), 10},
	} {
		if have := path.At(c.at); have != c.want {
			t.Errorf("%s: %v, want %v", c.says, have, c.want)
		}
	}
}

func TestAStepSetByHandStandsAndTheOthersShareTheRest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says   string
		hand   float64
		scores []float64
		warns  []string
	}{
		{"the rest is shared", 5, []float64{19, 16, 13, 10}, nil},
		{"nothing by hand is shared by three", 0, []float64{24, snap(58.0 / 3), snap(44.0 / 3), 10}, nil},
		{"more than there is leaves nothing to share", 20, []float64{4, 4, 4, 4}, nil},
	} {
		t.Run(c.says, func(t *testing.T) {
			p := quarterly(24)
			p.Results[0].Step, p.Results[0].Reason = &c.hand, "the heart of it"
			path := must[Path](t)(NewPath(p))
			for i, have := range scores(path) {
				if math.Abs(have-c.scores[i]) > 1e-8 {
					t.Errorf("scores %v, want %v", scores(path), c.scores)
				}
			}
			if !path.Points[0].ByHand || !strings.Contains(path.Steps.String(), "set by hand: the heart of it") {
				t.Errorf("the hand is not shown:\n%s", path.Steps)
			}
		})
	}
}

func TestAPlanIsWarnedOf(t *testing.T) {
	t.Parallel()
	small := 1.0
	for _, c := range []struct {
		says   string
		change func(*Plan)
		want   string
		words  string
	}{
		{"a quarter without a key result", func(p *Plan) { p.Results[1].Due = on(2026, 7, 1) }, "empty-quarter", "2026 Q2"},
		{"a fiscal quarter without one", func(p *Plan) { p.YearStart, p.Results[1].Due = 2, on(2026, 8, 1) }, "empty-quarter", "FY2027 Q2"},
		{"a result more than four years out", func(p *Plan) { p.Results[3].Due = on(2030, 1, 6) }, "far-out", "more than 4 years"},
		{"a result before the plan begins", func(p *Plan) { p.Results[0].Due = on(2026, 1, 4) }, "past", "before the plan begins"},
		{"steps by hand that do not arrive", func(p *Plan) {
			for i := range p.Results {
				p.Results[i].Step, p.Results[i].Reason = &small, "as judged"
			}
		}, "short", "ends at 20, above the tolerance of 10"},
	} {
		t.Run(c.says, func(t *testing.T) {
			p := quarterly(24)
			c.change(&p)
			for _, w := range must[Path](t)(NewPath(p)).Warnings {
				if w.Key == c.want && strings.Contains(w.Says, c.words) {
					return
				}
			}
			t.Errorf("no warning %s that says %q", c.want, c.words)
		})
	}
	p := quarterly(24)
	p.Results[3].Due = on(2030, 1, 5)
	for _, w := range must[Path](t)(NewPath(p)).Warnings {
		if w.Key == "far-out" {
			t.Errorf("a result on the last day allowed is warned of: %s", w.Says)
		}
	}
}

func TestAPlanIsRefusedWithTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	bad := -1.0
	for field, change := range map[string]func(*Plan){
		"results":          func(p *Plan) { p.Results = nil },
		"results.2.due":    func(p *Plan) { p.Results[2].Due = time.Time{} },
		"results.2.step":   func(p *Plan) { p.Results[2].Step = &bad },
		"results.2.reason": func(p *Plan) { p.Results[2].Step = &bad },
		"start":            func(p *Plan) { p.Start = time.Time{} },
		"year_start":       func(p *Plan) { p.YearStart = 13 },
		"tolerance":        func(p *Plan) { p.Tolerance = math.Inf(1) },
	} {
		t.Run(field, func(t *testing.T) {
			p := quarterly(24)
			change(&p)
			_, err := NewPath(p)
			refused(t, err, field)
		})
	}
}

func TestANewPlanBeginsAtTheMeasuredScore(t *testing.T) {
	t.Parallel()
	old := quarterly(24)
	old.Results[0].Done = on(2026, 4, 1)
	p, path, err := Replan(old, on(2026, 4, 2), 22, "the first result did less than planned")
	if err != nil {
		t.Fatal(err)
	}
	same2(t, "open results", len(p.Results), 3)
	same2(t, "scores", scores(path), []float64{18, 14, 10})
	same2(t, "old plan", len(old.Results), 4)
	_, _, err = Replan(old, on(2026, 4, 2), 22, "")
	refused(t, err, "reason")
}

func TestAPathNeverRisesAndEndsAtTheTolerance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Plan{Score: float64(rapid.IntRange(11, 30).Draw(t, "score")), Tolerance: 10, Start: on(2026, 1, 1)}
		for range rapid.IntRange(1, 16).Draw(t, "n") {
			p.Results = append(p.Results, KeyResult{Name: "x", Due: p.Start.AddDate(0, 0, rapid.IntRange(0, 1400).Draw(t, "due"))})
		}
		path, err := NewPath(p)
		if err != nil {
			t.Fatal(err)
		}
		last := p.Score
		for _, pt := range path.Points {
			if pt.Score > last {
				t.Fatalf("the path rises from %v to %v", last, pt.Score)
			}
			last = pt.Score
		}
		if path.End != 10 {
			t.Fatalf("the path ends at %v", path.End)
		}
	})
}
