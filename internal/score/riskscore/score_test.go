package riskscore

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRatingsFollowTheRoundedScoreAndStandingTheRealOne(t *testing.T) {
	t.Parallel()
	r := published()
	for _, c := range []struct {
		says     string
		score    float64
		rating   string
		standing Standing
	}{
		{"the top of a band belongs to it", 10, "low", Within},
		{"under a half stays, and is above the tolerance all the same", 10.4, "low", Above},
		{"a half goes up", 10.5, "medium", Above},
		{"the ceiling itself is above the appetite only", 20, "medium", Above},
		{"a fraction above the ceiling is beyond it", 20.4, "medium", Beyond},
		{"a half above the ceiling is the next rating", 20.5, "high", Beyond},
		{"25.5 is critical", 25.5, "critical", Beyond},
		{"a fraction that binary numbers miss is taken for what it is", 10.000000000000002, "low", Within},
		{"the highest score", 30, "critical", Beyond},
	} {
		t.Run(c.says, func(t *testing.T) {
			b := must[Band](t)(r.Rate(c.score))
			if b.Word != c.rating || r.Stand(c.score) != c.standing {
				t.Errorf("%v is %s and %s, want %s and %s", c.score, b.Word, r.Stand(c.score), c.rating, c.standing)
			}
		})
	}
	for _, x := range []float64{0, 31, math.NaN(), math.Inf(1), -3} {
		_, err := r.Rate(x)
		refused(t, err, "score")
	}
}

// handbook 1.7: of the 30 cells 18 are Low, 9 Medium, 2 High, 1 Critical; 17
// scores can occur.
func TestThePublishedGridHasItsCells(t *testing.T) {
	t.Parallel()
	r, cells, scores := published(), map[string]int{}, map[float64]bool{}
	for l := 1; l <= r.Likelihood; l++ {
		for i := 1; i <= r.Impact; i++ {
			s := must[Score](t)(r.Score(float64(l), float64(i)))
			cells[s.Rating]++
			scores[s.Score] = true
		}
	}
	same2(t, "cells", cells, map[string]int{"low": 18, "medium": 9, "high": 2, "critical": 1})
	same2(t, "scores that occur", len(scores), 17)
}

func TestMonitoringIsRefusedAboveTheTolerance(t *testing.T) {
	t.Parallel()
	r := published()
	if err := r.MayMonitor(10); err != nil {
		t.Errorf("a score within the tolerance is refused: %v", err)
	}
	for score, words := range map[float64]string{10.2: "above the tolerance of 10", 20.1: "above the hard ceiling of 20"} {
		err := r.MayMonitor(score)
		refused(t, err, "response")
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the refusal of %v says %q, want %q in it", score, err, words)
		}
	}
}

func TestImpactComesFromTheCategoriesAnswered(t *testing.T) {
	t.Parallel()
	answers := []Answer{{"output", "Output lost", 4}, {"reputation", "", 0}, {"legal", "", 3}, {"financial", "", 3}}
	for _, c := range []struct {
		says, aggregate string
		want            float64
	}{
		{"the mean leaves out what nobody answered", Mean, 10.0 / 3},
		{"the maximum is the worst answer", Max, 4},
	} {
		t.Run(c.says, func(t *testing.T) {
			r := published()
			r.Aggregate = c.aggregate
			have := must[Impact](t)(r.FromAnswers(answers))
			if math.Abs(have.Impact-c.want) > 1e-9 {
				t.Errorf("impact %v, want %v", have.Impact, c.want)
			}
			same2(t, "unanswered", have.Unanswered, []string{"reputation"})
			if !strings.Contains(have.Steps.String(), "1 not answered: reputation") {
				t.Errorf("the explanation does not name the category left open:\n%s", have.Steps)
			}
		})
	}
}

func TestAnswersAreRefusedWithTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		answers     []Answer
	}{
		{"nobody answered", "impact", []Answer{{"legal", "", 0}}},
		{"there is no question", "impact", nil},
		{"a level above the scale", "impact.legal", []Answer{{"legal", "", 6}}},
		{"a level below the scale", "impact.legal", []Answer{{"legal", "", -1}}},
		{"a category answered twice", "impact.legal", []Answer{{"legal", "", 2}, {"legal", "", 3}}},
		{"an answer to nothing", "impact.0", []Answer{{"", "", 2}}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := published().FromAnswers(c.answers)
			refused(t, err, c.field)
		})
	}
}

func TestScoresOffTheScaleAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		l, i        float64
	}{
		{"an unset likelihood is not the lowest", "likelihood", 0, 3},
		{"an unset impact is not the lowest", "impact", 3, 0},
		{"a likelihood above its scale", "likelihood", 6.1, 3},
		{"an impact below its scale", "impact", 3, 0.9},
		{"no number at all", "impact", 3, math.NaN()},
		{"without end", "likelihood", math.Inf(1), 3},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := published().Score(c.l, c.i)
			refused(t, err, c.field)
		})
	}
}

func TestRulesAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		change      func(*Rules)
	}{
		{"bands with a gap", "bands.1", func(r *Rules) { r.Bands[1].From = 12 }},
		{"bands that overlap", "bands.1", func(r *Rules) { r.Bands[1].From = 10 }},
		{"bands that end early", "bands", func(r *Rules) { r.Bands = r.Bands[:3] }},
		{"a band turned round", "bands.3", func(r *Rules) { r.Bands[3].To = 25 }},
		{"a ceiling under the tolerance", "ceiling", func(r *Rules) { r.Ceiling = 9 }},
		{"a tolerance that is no number", "tolerance", func(r *Rules) { r.Tolerance = math.NaN() }},
		{"a scale without levels", "likelihood", func(r *Rules) { r.Likelihood = 0 }},
		{"an unknown way to join", "aggregate", func(r *Rules) { r.Aggregate = "median" }},
	} {
		t.Run(c.says, func(t *testing.T) {
			r := published()
			c.change(&r)
			refused(t, r.Check(), c.field)
		})
	}
}

func TestAnOverrideKeepsTheComputedScore(t *testing.T) {
	t.Parallel()
	r := published()
	computed := must[Score](t)(r.Score(4, 5))
	s := must[Score](t)(r.Overrule(computed, Override{6, 5, "exploited in the field", "Ada"}))
	if s.Score != 30 || s.Rating != "critical" {
		t.Errorf("score %v %s, want 30 critical", s.Score, s.Rating)
	}
	same2(t, "first step", s.Steps[0], Step{"override.computed", "Computed score, kept", "20", "likelihood 4 x impact 5"})
	_, err := r.Overrule(computed, Override{6, 5, " ", ""})
	refused(t, err, "reason")
	refused(t, err, "approver")
	_, err = r.Overrule(computed, Override{7, 5, "x", "Ada"})
	refused(t, err, "likelihood")
}

func TestAMeanIsBetweenItsAnswersAndAMaximumAmongThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 12).Draw(t, "levels")
		var answers []Answer
		for i, l := range levels {
			answers = append(answers, Answer{Category: string(rune('a' + i)), Level: l})
		}
		answers = append(answers, Answer{Category: "open"})
		r := published()
		mean, err := r.FromAnswers(answers)
		if err != nil {
			t.Fatal(err)
		}
		r.Aggregate = Max
		top, err := r.FromAnswers(answers)
		if err != nil {
			t.Fatal(err)
		}
		if mean.Impact < float64(slices.Min(levels)) || mean.Impact > top.Impact || top.Impact != float64(slices.Max(levels)) {
			t.Fatalf("mean %v and maximum %v of %v", mean.Impact, top.Impact, levels)
		}
	})
}

// The grid decides halves as whole numbers would: likelihood x sum / count is
// compared with integer arithmetic.
func TestRoundingAgreesWithWholeNumbers(t *testing.T) {
	t.Parallel()
	r := published()
	for count := 1; count <= 40; count++ {
		for sum := count; sum <= 5*count; sum++ {
			for l := 1; l <= 6; l++ {
				s, err := r.Score(float64(l), float64(sum)/float64(count))
				if err != nil {
					t.Fatal(err)
				}
				want := (2*l*sum + count) / (2 * count) // half up of l*sum/count
				if have := halfUp(s.Score); have != want {
					t.Fatalf("%d x %d/%d rounds to %d, want %d", l, sum, count, have, want)
				}
				if within := l*sum <= 10*count; within != (s.Standing == Within) {
					t.Fatalf("%d x %d/%d is %s", l, sum, count, s.Standing)
				}
			}
		}
	}
}

func TestARiskIsNeverRatedLowerForAHigherFactor(t *testing.T) {
	t.Parallel()
	r := published()
	order := map[string]int{"low": 0, "medium": 1, "high": 2, "critical": 3}
	rapid.Check(t, func(t *rapid.T) {
		l, i := rapid.Float64Range(1, 5).Draw(t, "likelihood"), rapid.Float64Range(1, 5).Draw(t, "impact")
		a, err := r.Score(l, i)
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Score(l+rapid.Float64Range(0, 1).Draw(t, "more"), i)
		if err != nil {
			t.Fatal(err)
		}
		if b.Score < a.Score || order[b.Rating] < order[a.Rating] {
			t.Fatalf("%v %s and then %v %s", a.Score, a.Rating, b.Score, b.Rating)
		}
	})
}
