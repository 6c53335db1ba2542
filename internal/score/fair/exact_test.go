package fair

import (
	"math"
	"testing"
)

// near tells whether have is want to within a relative error.
func near(have, want, within float64) bool { return math.Abs(have-want) <= within*math.Abs(want) }

func TestPERTIsTheStandardOne(t *testing.T) {
	for _, x := range []struct {
		a, m, b          float64
		alpha, beta      float64
		mean, sd         float64
		quantiles, wants []float64
	}{
		{20, 100, 900, 1.363636, 4.636364, 220, 139.3864, []float64{.05, .50, .95, .99}, []float64{44.4583, 192.4488, 490.2202, 614.3468}},
		{50, 100, 500, 1.444444, 4.555556, 158.3333, 72.7166, []float64{.05, .25, .50, .75, .95, .99}, []float64{64.7579, 100.61, 144.888, 203.22, 298.1268, 360.5054}},
		{0, .5, 1, 3, 3, .5, .188982, []float64{.05, .95, .99}, []float64{.1893, .8107, .8944}},
		{0, 0, 1, 1, 5, 1.0 / 6, .1409, []float64{.05, .50, .95, .99}, []float64{.0102, .1294, .4507, .6019}},
		{3, 5, 12, 1.888889, 4.111111, 5.8333, 1.5799, []float64{.05, .50, .95}, []float64{3.5986, 5.6385, 8.7383}},
		{1e4, 2e4, 5e5, 1.081633, 4.918367, 98333.33, 71194.46, []float64{.05, .50, .95}, []float64{16572.76, 80696.69, 240602.27}},
	} {
		e := PERT(x.a, x.m, x.b)
		alpha, beta := e.shapes()
		mean, variance := e.Moments()
		if !near(alpha, x.alpha, 1e-6) || !near(beta, x.beta, 1e-6) || !near(mean, x.mean, 1e-5) || !near(math.Sqrt(variance), x.sd, 3e-4) {
			t.Errorf("PERT(%g,%g,%g): α %g β %g mean %g sd %g, want %+v", x.a, x.m, x.b, alpha, beta, mean, math.Sqrt(variance), x)
		}
		for i, p := range x.quantiles {
			within := 2e-5
			if x.wants[i] < .02 {
				within = 3e-3 // four places are published
			}
			if have := e.Quantile(p); !near(have, x.wants[i], math.Max(within, .00005/x.wants[i])) {
				t.Errorf("PERT(%g,%g,%g): p%g is %.7g, want %g", x.a, x.m, x.b, 100*p, have, x.wants[i])
			}
		}
	}
}

func TestALognormalComesFromItsInterval(t *testing.T) {
	e := LogNormal(1e5, 1e6)
	mu, sigma := e.logs()
	mean, _ := e.Moments()
	if !near(mu, 12.664218011467252, 1e-14) || !near(sigma, 0.699936169171963, 1e-13) || !near(mean, 404001.28269457266, 1e-13) {
		t.Errorf("μ %.17g σ %.17g mean %.17g", mu, sigma, mean)
	}
	if mean, _ := LogNormal(635000, 19000000).Moments(); !near(mean, 5922706.83351131, 1e-13) {
		t.Errorf("mean of 635000..19000000 is %.17g", mean)
	}
}

func TestATriangleHasItsMoments(t *testing.T) {
	e := Triangular(20, 40, 100)
	mean, variance := e.Moments()
	if !near(mean, 160.0/3, 1e-15) || !near(variance, 288.888888888888889, 1e-14) || !near(1-e.CDF(60), 1.0/3, 1e-14) {
		t.Errorf("mean %g variance %g P(>60) %g", mean, variance, 1-e.CDF(60))
	}
}

func TestVulnerabilityIsIntegratedExactly(t *testing.T) {
	capability := PERTGamma(.33, .5, .6, 3)
	for _, x := range []struct {
		says         string
		tc           Estimate
		d            []Estimate
		want, within float64
	}{
		{"against a low difficulty", capability, []Estimate{PERT(.2, .3, .5)}, .98295777, 1e-8},
		{"against a high one", capability, []Estimate{PERT(.5, .7, .84)}, .00480099, 1e-8},
		{"of a sharp capability", PERTGamma(1, 10, 75, 100), []Estimate{PERT(1, 10, 50)}, .34332182, 1e-8},
		{"of PERT and itself", PERT(1, 10, 50), []Estimate{PERT(1, 10, 50)}, .5, 1e-13},
		{"of a lognormal and itself", LogNormal(.1, 3), []Estimate{LogNormal(.1, 3)}, .5, 1e-9},
		{"of a triangle and itself", Triangular(0, .2, 1), []Estimate{Triangular(0, .2, 1)}, .5, 1e-12},
		{"of a normal and itself", Normal(.5, .1), []Estimate{Normal(.5, .1)}, .5, 1e-9},
		{"of two uniforms", Uniform(0, 1), []Estimate{Uniform(0, 2)}, .25, 1e-12},
		{"of an exponential and a constant", Exponential(1), []Estimate{Constant(1)}, math.Exp(-1), 1e-14},
		{"of a constant and an exponential", Constant(1), []Estimate{Exponential(1)}, 1 - math.Exp(-1), 1e-14},
		{"of five steps and five steps, where a draw is not enough", Discrete([]float64{1, 2, 3, 4, 5}, nil), []Estimate{Discrete([]float64{5, 4, 3, 2, 1}, nil)}, .4, 1e-14},
		{"of the mean of two uniforms", Constant(.5), []Estimate{Uniform(0, 1), Uniform(0, 1)}, .5, 1e-3},
		{"of the mean of two uniforms, at a quarter", Constant(.25), []Estimate{Uniform(0, 1), Uniform(0, 1)}, .125, 1e-3},
		{"of a uniform and the mean of two", Uniform(0, 1), []Estimate{Uniform(0, 1), Uniform(0, 1)}, .5, 1e-7},
		{"of the mean of a constant and a uniform", Uniform(0, 1), []Estimate{Constant(.5), Uniform(0, 1)}, .5, 1e-7},
		{"of seven difficulties (high-n .2857)", capability, sevenDifficulties(), .2857, 3e-4},
		{"of two difficulties (high-n .0721)", capability, []Estimate{PERT(.2, .3, .5), PERT(.7, .85, .98)}, .0721, 5e-4},
	} {
		if have := Susceptibility(x.tc, x.d...); math.Abs(have-x.want) > x.within {
			t.Errorf("%s: %.10f, want %.10f", x.says, have, x.want)
		}
	}
}

// sevenDifficulties are those of evaluator's scenario RS-01.
func sevenDifficulties() []Estimate {
	return []Estimate{PERT(.7, .85, .98), PERT(.5, .7, .84), PERT(.5, .7, .84), PERT(.5, .7, .84), PERT(0, .1, .3), PERT(.2, .3, .5), PERT(.2, .3, .5)}
}

func TestAToleranceCurveGoesThroughTwoPoints(t *testing.T) {
	e := Through(Point{1e5, .10}, Point{1e6, .01})
	mean, _ := e.Moments()
	if !near(*e.Mu, 8.68856486307134, 1e-12) || !near(*e.Sigma, 2.2038602876651825, 1e-12) || !near(mean, 67310.06, 1e-6) || !near(e.Quantile(.5), 5934.66, 1e-6) {
		t.Errorf("μ %.17g σ %.17g mean %.10g median %.10g", *e.Mu, *e.Sigma, mean, e.Quantile(.5))
	}
}

func TestOurArithmeticAgreesWithTheStandardLibrary(t *testing.T) {
	for i := range 4000 {
		x := -60 + float64(i)*.0301
		if !near(exp(x), math.Exp(x), 1e-15) {
			t.Errorf("exp(%g) is %g", x, exp(x))
		}
		y := math.Exp(x)
		if math.Abs(log(y)-math.Log(y)) > 1e-15*math.Max(1, math.Abs(x)) {
			t.Errorf("log(%g) is %g", y, log(y))
		}
		if z := float64(i) / 4000; math.Abs(log1p(z)-math.Log1p(z)) > 3e-16 || math.Abs(negLog1p(z/2)-math.Log1p(-z/2)) > 3e-16 {
			t.Errorf("log1p(%g) is %g, of -half %g", z, log1p(z), negLog1p(z/2))
		}
		g := .01 + float64(i)*.37
		if want, _ := math.Lgamma(g); math.Abs(lgamma(g)-want) > 1e-13*math.Max(1, math.Abs(want)) {
			t.Errorf("lgamma(%g) is %.17g, want %.17g", g, lgamma(g), want)
		}
		n := -8 + float64(i)*.004
		if want := math.Erfc(-n/math.Sqrt2) / 2; !near(normalCDF(n), want, 3e-12) {
			t.Errorf("Φ(%g) is %.17g, want %.17g", n, normalCDF(n), want)
		}
	}
	if exp(-800) != 0 && exp(-1600) != 0 || !math.IsInf(exp(710), 1) || !near(exp(-720), math.Exp(-720), 1e-9) {
		t.Errorf("exp at its ends: %g %g %g", exp(-1600), exp(710), exp(-720))
	}
}

// TestTablesErrLittleFarIntoTheTails holds what is drawn against the exact
// inverse: at most 0.1 % from p0.01 to p99.99, relative to the quantile, and in fact
// much less.
func TestTablesErrLittleFarIntoTheTails(t *testing.T) {
	ps := []float64{1e-5, 1e-4, 3e-4, .001, .004, .01, .0156, .0157, .02, .05, .1, .1234567, .25, .4, .5, .6, .75, .9, .95, .98, .985, .99, .995, .999, .9995, .9999, .99995, .99999}
	for _, e := range []Estimate{
		PERT(20, 100, 900), PERT(0, .5, 1), PERT(0, 0, 1), PERT(0, 1, 1), PERT(3, 5, 12), PERT(1e4, 2e4, 5e5), PERTGamma(1, 10, 75, 100), PERTGamma(1, 74, 75, 1000),
		PERTGamma(0, .3, 1, 0), LogNormal(1e5, 1e6), LogNormalMuSigma(0, 2), Normal(1000, 50), Uniform(3, 5), Triangular(20, 40, 100), Triangular(0, 0, 1), Triangular(0, 1, 1), Exponential(100),
	} {
		s := newSampler(stream{}, money, &e, 1)
		worst, at := 0.0, 0.0
		for _, p := range ps {
			want := e.Quantile(p)
			if off := math.Abs(s.at(wordOf(p))/want - 1); off > worst {
				worst, at = off, p
			}
		}
		if worst > 4e-4 {
			t.Errorf("%s: a draw at %g is %.4f %% off", e.says(), at, 100*worst)
		}
		mean, variance := e.Moments()
		have, square := s.t.moments()
		if !near(have, mean, 1e-4) || !near(square, variance+mean*mean, 6e-4) {
			t.Errorf("%s: draws have mean %.8g and square %.8g, want %.8g and %.8g", e.says(), have, square, mean, variance+mean*mean)
		}
	}
}
