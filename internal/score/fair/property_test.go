package fair

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// someEstimate draws an estimate of a factor whose values lie from lo to hi.
func someEstimate(t *rapid.T, what string, lo, hi float64) Estimate {
	three := []float64{rapid.Float64Range(lo, hi).Draw(t, what), rapid.Float64Range(lo, hi).Draw(t, what), rapid.Float64Range(lo, hi).Draw(t, what)}
	slices.Sort(three)
	a, m, b := three[0], three[1], three[2]
	switch rapid.IntRange(0, 4).Draw(t, what+" kind") {
	case 0:
		return Uniform(a, b)
	case 1:
		return Triangular(a, m, b)
	case 2:
		return Constant(m)
	case 3:
		return Discrete(three, nil)
	}
	return PERTGamma(a, m, b, rapid.Float64Range(0, 20).Draw(t, what+" gamma"))
}

// someScenario draws a scenario of any shape.
func someScenario(t *rapid.T, id string) Scenario {
	ptr := func(e Estimate) *Estimate { return &e }
	s := Scenario{ID: id}
	if rapid.Bool().Draw(t, "frequency is direct") {
		s.LossEventFrequency = ptr(someEstimate(t, "lef", 0, 3))
	} else {
		s.ThreatEventFrequency = ptr(someEstimate(t, "tef", 0, 10))
		if rapid.Bool().Draw(t, "vulnerability is direct") {
			s.Vulnerability = ptr(someEstimate(t, "v", 0, 1))
		} else {
			s.ThreatCapability = ptr(someEstimate(t, "tc", 0, 1))
			s.Difficulty = []Estimate{someEstimate(t, "d", 0, 1)}
		}
		if rapid.Bool().Draw(t, "counted threats") {
			s.Count = Binomial
		}
	}
	s.PrimaryLoss = ptr(someEstimate(t, "pl", 0, 1e6))
	if rapid.Bool().Draw(t, "secondary") {
		s.SecondaryLosses = []Secondary{{Name: "customers", Frequency: ptr(someEstimate(t, "slef", 0, 1)), Magnitude: ptr(someEstimate(t, "slem", 0, 1e7))}}
	}
	return s
}

func mustRun(t rapid.TB, p Portfolio, trials int) *Result {
	t.Helper()
	r, err := Run(context.Background(), p, Options{Trials: trials, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func quantilesOf(s Summary) []float64 {
	return []float64{s.Min, s.P5, s.P10, s.P25, s.P50, s.P75, s.P90, s.P95, s.P99, s.P999, s.Max}
}

// TestASummaryHangsTogether looks at what holds of every result.
func TestASummaryHangsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := mustRun(t, Portfolio{Scenarios: []Scenario{someScenario(t, "a")}}, rapid.IntRange(1, 9000).Draw(t, "trials"))
		if !slices.IsSorted(quantilesOf(r.Summary)) {
			t.Fatalf("quantiles fall: %v", quantilesOf(r.Summary))
		}
		if r.ES95 < r.P95*(1-1e-12) || r.ES99 < r.P99*(1-1e-12) {
			t.Fatalf("ES95 %g below p95 %g, or ES99 %g below p99 %g", r.ES95, r.P95, r.ES99, r.P99)
		}
		if n := len(r.Curve); n == 0 || n > maxCurve || r.Curve[n-1].Probability != 0 || r.Curve[n-1].Loss != r.Max {
			t.Fatalf("the curve has %d points and ends at %+v", n, r.Curve[n-1])
		}
		for i, p := range r.Curve[1:] {
			if p.Loss <= r.Curve[i].Loss || p.Probability >= r.Curve[i].Probability {
				t.Fatalf("the curve turns at %+v", p)
			}
		}
	})
}

// TestRanksAreThoseOfTheSortedSample holds the piles against sorting.
func TestRanksAreThoseOfTheSortedSample(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		losses := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1e9), rapid.Float64Range(0, 1e-300), rapid.SampledFrom([]float64{5, 7, -3})), 1, 300).Draw(t, "losses")
		s := newSample(losses, make([]float64, len(losses)))
		sorted := slices.Sorted(slices.Values(losses))
		for k, x := range sorted {
			if s.at(k) != x {
				t.Fatalf("rank %d is %g, want %g", k, s.at(k), x)
			}
			upTo := 0
			for _, y := range losses {
				if y <= x {
					upTo++
				}
			}
			if have := s.upTo(x); have != upTo {
				t.Fatalf("%d are at most %g, want %d", have, x, upTo)
			}
			sum, n := 0.0, 0.0
			for _, y := range losses {
				if y >= x {
					sum, n = sum+y, n+1
				}
			}
			if have := s.shortfall(x); math.Abs(have-sum/n) > 1e-9*(1+math.Abs(sum)) {
				t.Fatalf("from %g on the mean is %g, want %g", x, have, sum/n)
			}
		}
	})
}

// TestATreatmentThatOnlyLowersNeverRaises lowers one factor, and sees that no year and so no quantile rises.
func TestATreatmentThatOnlyLowersNeverRaises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := someScenario(t, "a")
		names := s.derived()
		for _, f := range s.given() {
			if f.q != level {
				names = append(names, f.path)
			}
		}
		names = slices.DeleteFunc(names, func(n string) bool { return n == "difficulty" })
		scale := rapid.Float64Range(0, 1).Draw(t, "scale")
		s.Treatment = &Treatment{Name: "less", AnnualCost: 1, Changes: []Change{{Factor: rapid.SampledFrom(names).Draw(t, "factor"), Scale: &scale}}}
		r := mustRun(t, Portfolio{Scenarios: []Scenario{s}}, 5000)
		before, after := quantilesOf(r.Summary), quantilesOf(r.After.Summary)
		for i := range before {
			if after[i] > before[i]*(1+1e-12) {
				t.Fatalf("%s × %g raises a quantile from %g to %g", s.Treatment.Changes[0].Factor, scale, before[i], after[i])
			}
		}
		if want := r.Mean - r.After.Mean - 1; math.Abs(*r.After.ROC-want) > 1e-9*(1+math.Abs(want)) {
			t.Fatalf("ROC %g, want %g", *r.After.ROC, want)
		}
	})
}

// TestTheMeanIsLinear scales frequency and magnitude.
func TestTheMeanIsLinear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := someScenario(t, "a")
		s.Count = Poisson
		k := rapid.Float64Range(0.1, 5).Draw(t, "factor")
		scales := changes{"loss_event_frequency": k}
		plainly := s.meanEvents(nil)
		if got := s.meanEvents(scales) / plainly; plainly > 1e-100 && !near(got, k, 1e-9) {
			t.Fatalf("frequency × %g gives events × %g", k, got)
		}
		m := compile(&s, changes{"loss_magnitude": k}, 1)
		plain := compile(&s, nil, 1)
		b, x, y := new(block), make([]float64, 500), make([]float64, 500)
		m.years(b, 0, x)
		plain.years(b, 0, y)
		for i := range x {
			if math.Abs(x[i]-k*y[i]) > 1e-9*(1+k*y[i]) {
				t.Fatalf("magnitude × %g: year %d is %g, was %g", k, i, x[i], y[i])
			}
		}
	})
}

// TestAPortfolioIsTheSumOfItsRisks permutes and adds up.
func TestAPortfolioIsTheSumOfItsRisks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p Portfolio
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}`), 2, 5, rapid.ID).Draw(t, "ids")
		for _, id := range ids {
			p.Scenarios = append(p.Scenarios, someScenario(t, id))
		}
		if rapid.Bool().Draw(t, "linked") {
			rho := rapid.Float64Range(0, 1).Draw(t, "ρ")
			p.Correlation = &Correlation{Risks: ids[:2], Matrix: [][]float64{{1, rho}, {rho, 1}}}
		}
		r := mustRun(t, p, 3000)
		mean, portion := 0.0, 0.0
		for _, x := range r.Risks {
			mean, portion = mean+x.Mean, portion+x.Portion.ES99
		}
		if !near(r.Mean, mean, 1e-9) && mean > 0 {
			t.Fatalf("mean %g, of its risks %g", r.Mean, mean)
		}
		if r.Mean > 0 && math.Abs(portion-1) > 1e-9 {
			t.Fatalf("portions of ES99 add up to %g", portion)
		}
		q := p
		q.Scenarios = rapid.Permutation(p.Scenarios).Draw(t, "order")
		if a, b := bytesOf(t, r), bytesOf(t, mustRun(t, q, 3000)); p.Correlation == nil && !bytes.Equal(a, b) {
			t.Fatalf("another order gives another result:\n%s\n%s", a, b)
		}
	})
}

func bytesOf(t rapid.TB, r *Result) []byte {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestIndependentRisksAddTheirVariances and equal models are not one model.
func TestIndependentRisksAddTheirVariances(t *testing.T) {
	t.Parallel()
	p := fifty()
	p.Scenarios = p.Scenarios[:4]
	for i := range p.Scenarios {
		p.Scenarios[i].ThreatEventFrequency, p.Scenarios[i].Vulnerability, p.Scenarios[i].LossMagnitude = p.Scenarios[0].ThreatEventFrequency, p.Scenarios[0].Vulnerability, p.Scenarios[0].LossMagnitude
	}
	r := mustRun(t, p, 400_000)
	sum := 0.0
	for _, x := range r.Risks {
		sum += x.SD * x.SD
	}
	if !near(r.SD*r.SD, sum, .01) || !near(r.SD, 2*r.Risks[0].SD, .01) {
		t.Errorf("variance %g, sum of variances %g", r.SD*r.SD, sum)
	}
}

// TestCorrelationMovesBadYearsTogether looks at its ends.
func TestCorrelationMovesBadYearsTogether(t *testing.T) {
	t.Parallel()
	lef, lm := PERT(0, 1, 5), Constant(1)
	sd := func(rho float64) (float64, *Result) {
		p := Portfolio{Scenarios: []Scenario{{ID: "a", LossEventFrequency: &lef, LossMagnitude: &lm}, {ID: "b", LossEventFrequency: &lef, LossMagnitude: &lm}}}
		p.Correlation = &Correlation{Risks: []string{"b", "a"}, Matrix: [][]float64{{1, rho}, {rho, 1}}}
		r := mustRun(t, p, 200_000)
		return r.SD / r.Risks[0].SD, r
	}
	one, r := sd(1)
	if !near(one, 2, 1e-9) || r.Risks[0].Mean != r.Risks[1].Mean {
		t.Errorf("at ρ 1 the spread is %g times that of one, want 2", one)
	}
	if none, _ := sd(0); !near(none, math.Sqrt2, .01) {
		t.Errorf("at ρ 0 the spread is %g times that of one, want √2", none)
	}
	half, _ := sd(.5)
	if !(half > math.Sqrt2+.1 && half < 1.9) {
		t.Errorf("at ρ .5 the spread is %g times that of one", half)
	}
	if against, _ := sd(-1); against > 1.2 {
		t.Errorf("at ρ -1 the spread is %g times that of one", against)
	}
}

// TestTheSameBytesOnAnyNumberOfCores runs on one and on eight.
func TestTheSameBytesOnAnyNumberOfCores(t *testing.T) {
	p := example(t, examples+"/treatment.yaml")
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	one := bytesOf(t, mustRun(t, p, 50_000))
	runtime.GOMAXPROCS(8)
	for range 3 {
		if eight := bytesOf(t, mustRun(t, p, 50_000)); !bytes.Equal(one, eight) {
			t.Fatal("another number of cores gives other bytes")
		}
	}
}

// TestNothingIsFused compiles the package for a processor on which the compiler fuses
// products into sums where it may, and sees that it did not: the same bytes on every machine.
func TestNothingIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for another processor")
	}
	t.Parallel()
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not here to compile for another processor")
	}
	cmd := exec.CommandContext(t.Context(), tool, "build", "-gcflags=-S", ".")
	cmd.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=")
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.500s", err, text)
	}
	if !bytes.Contains(text, []byte("FMULD")) {
		t.Fatalf("no assembly was printed: %.500s", text)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "FMADD") || strings.Contains(line, "FMSUB") || strings.Contains(line, "FNMADD") || strings.Contains(line, "FNMSUB") {
			t.Errorf("fused: %s", strings.TrimSpace(line))
		}
	}
}

// TestARunCanBeStopped cancels in the middle.
func TestARunCanBeStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	last := int64(0)
	_, err := Run(ctx, fifty(), Options{Trials: 200_000, Progress: func(done, all int64) {
		if done < last || done > all {
			t.Errorf("progress went from %d to %d of %d", last, done, all)
		}
		if last = done; done > all/10 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("have %v, want that it was stopped", err)
	}
	if last == 50*200_000 {
		t.Error("it ran to the end")
	}
}

// TestTheSameBytesOnEveryMachine names the result of one run. It changes only together with Version.
func TestTheSameBytesOnEveryMachine(t *testing.T) {
	t.Parallel()
	sum := sha256.New()
	for _, name := range []string{"treatment", "evaluator-rs10", "pyfair-readme", "portfolio-bernoulli", "poisson-exponential", "triangular"} {
		sum.Write(bytesOf(t, mustRun(t, example(t, examples+"/"+name+".yaml"), 20_000)))
	}
	const want = "b64fb681e4e108db4a96cd0302774f7b4ef6304e5b8e67c5a8676e12b15c51c8"
	if have := hex.EncodeToString(sum.Sum(nil)); have != want {
		t.Errorf("the results hash to %s, want %s: other bytes need another Version", have, want)
	}
}
