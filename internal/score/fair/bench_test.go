package fair

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// The benchmarks stand beside what somebody would write with gonum's distributions, in turns in the
// same run: on a shared machine only the ratio says anything. The best turn of each counts.

// turns times two pieces of work in turns until b is done.
func turns(b *testing.B, ours, theirs func()) {
	mine, other := time.Duration(1<<62), time.Duration(1<<62)
	for b.Loop() {
		t0 := time.Now()
		ours()
		t1 := time.Now()
		theirs()
		mine, other = min(mine, t1.Sub(t0)), min(other, time.Since(t1))
	}
	b.ReportMetric(mine.Seconds()*1000, "ms/ours")
	b.ReportMetric(other.Seconds()*1000, "ms/gonum")
	b.ReportMetric(float64(other)/float64(mine), "times-faster")
	b.ReportMetric(0, "ns/op")
}

// oneCore keeps the engine on one core for as long as the benchmark.
func oneCore(b *testing.B) {
	before := runtime.GOMAXPROCS(1)
	b.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// sixFactors is a product of six PERT estimates.
func sixFactors() Scenario {
	e := func(a, m, b float64) *Estimate { x := PERT(a, m, b); return &x }
	return Scenario{ID: "six", Count: Product, ContactFrequency: e(20, 100, 900), ProbabilityOfAction: e(.1, .3, .6), Vulnerability: e(.05, .2, .5),
		PrimaryLoss: e(1e4, 2e4, 5e5), SecondaryLosses: []Secondary{{Name: "customers", Frequency: e(0, .1, .4), Magnitude: e(1e5, 5e5, 4e6)}}}
}

// beta draws a PERT estimate as gonum does.
type beta struct {
	distuv.Beta
	min, width float64
}

func gonumPERT(e *Estimate, src rand.Source) beta {
	a, b := e.shapes()
	return beta{distuv.Beta{Alpha: a, Beta: b, Src: src}, *e.Min, *e.Max - *e.Min}
}

func (d beta) draw() float64 { return d.min + d.width*d.Rand() }

// BenchmarkSixFactors draws six PERT factors a trial.
func BenchmarkSixFactors(b *testing.B) {
	oneCore(b)
	const trials = 1 << 18
	s := sixFactors()
	m, room, out := compile(&s, nil, 1), new(block), make([]float64, blockSize)
	src := rand.NewPCG(1, 1)
	var ds []beta
	for _, f := range s.given() {
		ds = append(ds, gonumPERT(f.e, src))
	}
	var sum float64
	turns(b, func() {
		for from := uint64(0); from < trials; from += blockSize {
			m.years(room, from, out)
		}
		sum += out[0]
	}, func() {
		for range trials {
			sum += ds[0].draw() * ds[1].draw() * ds[2].draw() * (ds[3].draw() + ds[4].draw()*ds[5].draw())
		}
	})
	b.ReportMetric(trials/1e6/b.Elapsed().Seconds()*float64(b.N), "both-M/s")
	if sum < 0 {
		b.Fatal("losses below zero")
	}
}

// fifty are 50 risks of three PERT factors: threats, vulnerability, loss.
func fifty() Portfolio {
	var p Portfolio
	for i := range 50 {
		k := float64(i)
		tef, v, lm := PERT(.5, 2+k/25, 8), PERT(.05, .2+k/200, .7), PERT(1e4, 2e4+1e3*k, 5e5)
		p.Scenarios = append(p.Scenarios, Scenario{ID: fmt.Sprintf("r%02d", i), ThreatEventFrequency: &tef, Vulnerability: &v, LossMagnitude: &lm})
	}
	return p
}

// BenchmarkFiftyRisks runs 50 risks of 100,000 years with everything that a result holds.
func BenchmarkFiftyRisks(b *testing.B) {
	oneCore(b)
	const years = 100_000
	p := fifty()
	src := rand.NewPCG(1, 1)
	losses := make([]float64, years)
	turns(b, func() {
		if _, err := Run(context.Background(), p, Options{Trials: years, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}, func() {
		for i := range p.Scenarios {
			s := &p.Scenarios[i]
			tef, v, lm := gonumPERT(s.ThreatEventFrequency, src), gonumPERT(s.Vulnerability, src), gonumPERT(s.LossMagnitude, src)
			for y := range losses {
				n := distuv.Poisson{Lambda: tef.draw() * v.draw(), Src: src}.Rand()
				losses[y] = 0
				for range int(n) {
					losses[y] += lm.draw()
				}
			}
			slices.Sort(losses)
		}
	})
}

// BenchmarkMillion runs one scenario of a million years, quantiles and curve with it.
func BenchmarkMillion(b *testing.B) {
	p := Portfolio{Scenarios: fifty().Scenarios[:1]}
	best := time.Duration(1 << 62)
	for b.Loop() {
		t0 := time.Now()
		if _, err := Run(context.Background(), p, Options{Trials: 1_000_000, Seed: 1}); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(t0))
	}
	b.ReportMetric(best.Seconds()*1000, "ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTable makes the table of one PERT estimate.
func BenchmarkTable(b *testing.B) {
	e := PERT(20, 100, 900)
	for b.Loop() {
		newSampler(stream{}, money, &e, 1)
	}
}
