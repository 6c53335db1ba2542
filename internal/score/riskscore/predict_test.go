package riskscore

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ptr[T any](x T) *T { return &x }

// ratios are the published bands, with 1 to 1.5 times as yellow (handbook 3.5 and
// 19, point 14).
var ratios = []Light{{1, "green"}, {2, "yellow"}, {0, "red"}}

// handbook 3.5: 30 events over 6 months at a mean exposure of 500, exposure 650.
func history() History {
	return History{Events: 30, Exposure: 6 * 500, Next: 650, Level: 0.9, Lights: ratios}
}

func TestThePublishedPrediction(t *testing.T) {
	t.Parallel()
	h := history()
	h.Baseline = ptr(5.0)
	f := must[Forecast](t)(Predict(h))
	near(t, "events a unit and month", f.PerUnit, 0.01, 1e-15)
	near(t, "events to expect", f.Mean, 6.5, 1e-12)
	near(t, "low", f.Low, 4.67869549918222, 1e-9)
	near(t, "high", f.High, 8.56721065285028, 1e-9)
	same2(t, "events may be", []int{f.Least, f.Most}, []int{2, 11})
	near(t, "ratio", *f.Ratio, 1.3, 1e-12)
	near(t, "above the baseline", *f.Above, 0.905691227978319, 1e-12)
	same2(t, "light", f.Light, Yellow)
	same2(t, "sentence", f.Says, "about 6.5 events are expected in the next period, 90 % sure between 2 and 11; 1.3 times the baseline of 5")
}

func TestAPriorWeighsIn(t *testing.T) {
	t.Parallel()
	h := history()
	h.Prior = Prior{10, 3000}
	f := must[Forecast](t)(Predict(h))
	near(t, "mean", f.Mean, 40.0/6000*650, 1e-9)
	if !strings.Contains(f.Steps.String(), "(10 + 30) / (3000 + 3000)") {
		t.Errorf("the prior is not explained:\n%s", f.Steps)
	}
}

func TestNoEventIsNotNoRisk(t *testing.T) {
	t.Parallel()
	h := history()
	h.Events, h.Level, h.Baseline = 0, 0.95, ptr(5.0)
	f := must[Forecast](t)(Predict(h))
	if f.Known || f.Light != Unknown || f.Ratio != nil {
		t.Errorf("known %v, light %s, ratio %v; want nothing known", f.Known, f.Light, f.Ratio)
	}
	near(t, "limit", f.Limit, -math.Log(0.05)*650/3000, 1e-8)
	if !strings.Contains(f.Says, "not the same as no risk") {
		t.Errorf("it says %q", f.Says)
	}
	h.Prior = Prior{0.5, 0}
	f = must[Forecast](t)(Predict(h))
	near(t, "with a prior there is a mean", f.Mean, 0.5/3000*650, 1e-6)
}

func TestTheLightOfARatio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says     string
		baseline *float64
		falling  *bool
		want     Color
	}{
		{"at the baseline and falling is green", ptr(6.5), ptr(true), Green},
		{"at the baseline and not falling is yellow", ptr(6.5), ptr(false), Yellow},
		{"at the baseline and nobody knows the trend is yellow", ptr(7.0), nil, Yellow},
		{"between one and one and a half is yellow", ptr(5.0), nil, Yellow},
		{"twice the baseline is yellow still", ptr(3.25), nil, Yellow},
		{"above twice is red", ptr(3.2), nil, Red},
		{"any event is above a baseline of none", ptr(0.0), nil, Red},
		{"without a baseline nothing is known", nil, nil, Unknown},
	} {
		t.Run(c.says, func(t *testing.T) {
			h := history()
			h.Baseline, h.MustFall, h.Falling = c.baseline, true, c.falling
			f := must[Forecast](t)(Predict(h))
			if f.Light != c.want || f.Says == "" {
				t.Errorf("light %s (%s), want %s", f.Light, f.Says, c.want)
			}
		})
	}
	h := history()
	h.Baseline = ptr(7.0)
	same2(t, "where green does not ask for a fall the ratio decides", must[Forecast](t)(Predict(h)).Light, Green)
	_, err := Ratio([]Light{{1, "green"}}, 2)
	refused(t, err, "lights")
	_, err = Ratio(ratios, math.NaN())
	refused(t, err, "ratio")
}

func TestAHistoryIsRefusedWithTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		change      func(*History)
	}{
		{"fewer than no events", "events", func(h *History) { h.Events = -1 }},
		{"no exposure and no prior", "exposure", func(h *History) { h.Exposure = 0 }},
		{"an exposure that is no number", "exposure", func(h *History) { h.Exposure = math.NaN() }},
		{"nothing exposed next", "next", func(h *History) { h.Next = 0 }},
		{"exposures of other units", "next", func(h *History) { h.Next = 1e14 }},
		{"a level of one", "level", func(h *History) { h.Level = 1 }},
		{"a prior below zero", "prior.shape", func(h *History) { h.Prior.Shape = -1 }},
		{"a baseline without end", "baseline", func(h *History) { h.Baseline = ptr(math.Inf(1)) }},
	} {
		t.Run(c.says, func(t *testing.T) {
			h := history()
			c.change(&h)
			_, err := Predict(h)
			refused(t, err, c.field)
		})
	}
}

// With shape 1 the count is geometric: at most k has the share 1 - q^(k+1).
func TestThePredictiveIntervalOfOneEventIsGeometric(t *testing.T) {
	t.Parallel()
	for _, next := range []float64{0.1, 1, 17, 1000} {
		f := must[Forecast](t)(Predict(History{Events: 1, Exposure: 10, Next: next, Level: 0.8}))
		q := next / (10 + next)
		want := func(p float64) int { return max(0, int(math.Ceil(math.Log(1-p)/math.Log(q)-1))) }
		same2(t, "interval", []int{f.Least, f.Most}, []int{want(0.1), want(0.9)})
	}
}

func TestAPredictionIsInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := History{
			Events: rapid.IntRange(1, 100000).Draw(t, "events"), Exposure: rapid.Float64Range(0.1, 1e6).Draw(t, "exposure"),
			Level: rapid.Float64Range(0.5, 0.999).Draw(t, "level"), Baseline: ptr(rapid.Float64Range(0.1, 100).Draw(t, "baseline")), Lights: ratios,
		}
		h.Next = h.Exposure * rapid.Float64Range(0.001, 2).Draw(t, "next")
		f, err := Predict(h)
		if err != nil {
			t.Fatal(err)
		}
		if !(f.Low <= f.Mean*1.6 && f.Low < f.High && f.Mean < f.High*1.6 && f.Least <= f.Most) {
			t.Fatalf("%v in %v to %v, counts %d to %d", f.Mean, f.Low, f.High, f.Least, f.Most)
		}
		if *f.Above < 0 || *f.Above > 1 {
			t.Fatalf("probability %v", *f.Above)
		}
		h.Next *= 2
		g, err := Predict(h)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(g.Mean-2*f.Mean) > 1e-6*f.Mean+1e-8 || g.Most < f.Most {
			t.Fatalf("twice the exposure expects %v and %v", f.Mean, g.Mean)
		}
	})
}
