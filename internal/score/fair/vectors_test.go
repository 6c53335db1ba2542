package fair

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// examples is where the examples of the documents stand.
const examples = "../../../examples/fair"

// TestExamplesGiveWhatTheySay runs every example: published numbers of other tools where they state
// the same model, and exact values. Each carries what it must give, and how near.
func TestExamplesGiveWhatTheySay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(examples + "/*.yaml")
	if err != nil || len(files) < 35 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			p := example(t, file)
			r, err := Run(t.Context(), p, Options{Trials: 1_000_000, Seed: 20260301})
			if err != nil {
				t.Fatal(err)
			}
			verdicts, err := r.Against(p.Expect)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range verdicts {
				if !v.Holds {
					t.Errorf("%s is %.10g, want %.10g ± %g", v.Output, v.Have, v.Value, v.Tolerance)
				}
			}
			exactToo(t, p, r)
		})
	}
}

func example(t *testing.T, file string) Portfolio {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(filepath.Base(file), text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// exactToo holds each risk's mean and spread against those that are calculated
// without drawing. A spread is estimated the worse, the heavier the tail.
func exactToo(t *testing.T, p Portfolio, r *Result) {
	t.Helper()
	for _, x := range r.Risks {
		for _, s := range p.Scenarios {
			if s.ID != x.ID {
				continue
			}
			mean, sd := s.Expected()
			if off := x.Mean - mean; off > 4.5*x.SE+1e-5*mean || -off > 4.5*x.SE+1e-5*mean {
				t.Errorf("%s: mean %.10g ± %.3g, calculated %.10g", x.ID, x.Mean, x.SE, mean)
			}
			if s.Count != Binomial && !near(x.SD, sd, .06) && sd > 1e-6*mean {
				t.Errorf("%s: spread %.6g, calculated %.6g", x.ID, x.SD, sd)
			}
		}
	}
}

// TestExpectedIsExact holds the calculated mean and spread against published closed forms.
func TestExpectedIsExact(t *testing.T) {
	for _, x := range []struct {
		file             string
		mean, sd, within float64 // sd 0 is not published
	}{
		{"riskquant-simpleloss", 40400.128269457266, 0, 1e-13}, {"riskquant-alice", 40400.128269457266, 0, 1e-13},
		{"riskquant-bob", 26639800.98, 0, 1e-9}, {"riskquant-charlie", 1010003.21, 0, 1e-8},
		{"riskquant-test-rare", 0.4040012826945718, 0, 1e-13}, {"riskquant-test-often", 12.120038480837177, 0, 1e-13},
		{"pyfair-readme", 1576666666.6666667, 1003.3e6, 1e-3}, {"pyfair-docs", 3350000, 0, 1e-5},
		{"bernoulli-lognormal", 40400.12826945731, 0, 1e-13}, {"poisson-lognormal", 80800.2565, 72992.8777, 1e-8},
		{"poisson-constant", 300000, 173205.08075688773, 1e-12}, {"poisson-exponential", 300000, 244948.97, 1e-7},
		{"poisson-pert", 6440972.22, 3479937.11, 1e-8}, {"product-pert", 6440972.22, 3909398.83, 1e-8},
		{"ir8286-row-1", 20000, 0, 1e-13}, {"ir8286-row-2", 50000, 0, 1e-13}, {"event-tree", 24000, 0, 1e-13},
		{"evaluator-rs01", .2855 * 26.3333333 * 98333.33, 0, 1e-3},
	} {
		p := example(t, filepath.Join(examples, x.file+".yaml"))
		mean, sd := p.Scenarios[0].Expected()
		if !near(mean, x.mean, x.within) || x.sd != 0 && !near(sd, x.sd, x.within) {
			t.Errorf("%s: mean %.17g sd %.17g, want %.17g and %.17g", x.file, mean, sd, x.mean, x.sd)
		}
	}
	sum := 0.0
	for _, s := range example(t, filepath.Join(examples, "portfolio-poisson.yaml")).Scenarios {
		mean, _ := s.Expected()
		sum += mean
	}
	if !near(sum, 27690204.31, 1e-9) {
		t.Errorf("the three risks together: mean %.12g", sum)
	}
}
