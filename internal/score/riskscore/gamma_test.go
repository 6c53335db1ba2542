package riskscore

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, have, want, rel float64) {
	t.Helper()
	if math.Abs(have-want) > rel*math.Abs(want) {
		t.Errorf("%s: %.17g, want %.17g", what, have, want)
	}
}

// The references are computed with 40 digits.
func TestTheIncompleteGammaFunction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ shape, x, p, q float64 }{
		{0.5, 0.1, 0.34527915398142298, 0.65472084601857702},
		{3, 2.5, 0.45618688411667048, 0.54381311588332952},
		{30, 20, 0.021818217525557392, 0.97818178247444261},
		{30, 45, 0.9926628007022035, 0.0073371992977965036},
		{1000, 950, 0.055054686230738034, 0.94494531376926197},
		{1e6, 1002000, 0.97719590410123014, 0.022804095898769863},
		{0.01, 1e-5, 0.8963367982671972, 0.1036632017328028},
		{2.5, 40, 0.99999999999999916, 8.3918251148316101e-16},
	} {
		p, q := gammaPQ(c.shape, c.x)
		near(t, "P", p, c.p, 1e-12)
		near(t, "Q", q, c.q, 1e-12)
	}
}

func TestTheGammaQuantile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ shape, p, x float64 }{
		{30, 0.05, 21.593979226994882},
		{30, 0.95, 39.540972243924365},
		{0.5, 0.05, 0.0019660700000097614},
		{0.5, 0.025, 0.00049103455858762796},
		{5.5, 0.995, 13.378424458234818},
		{10000, 0.05, 9836.0851108551917},
		{2, 0.5, 1.6783469900166607},
	} {
		near(t, "quantile", gammaQuantile(c.shape, c.p), c.x, 1e-12)
	}
	for _, p := range []float64{1e-12, 0.01, 0.5, 0.99, 1 - 1e-9} {
		near(t, "shape 1 is -ln(1-p)", gammaQuantile(1, p), -math.Log1p(-p), 1e-12)
	}
}

func TestTheIncompleteBetaFunction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, x, p float64 }{
		{2, 3, 0.4, 0.5248},
		{0.5, 0.5, 0.2, 0.29516723530086655},
		{30, 40, 0.35, 0.089820946089799959},
		{10000, 20000, 0.335, 0.73013463424356993},
		{1, 500, 0.001, 0.39362105513881499},
		{0.5, 10, 0.3, 0.99167749513753579},
	} {
		p, _ := betaPQ(c.a, c.b, c.x)
		near(t, "I", p, c.p, 1e-12)
	}
	for _, p := range []float64{1e-9, 0.025, 0.5, 0.975} {
		near(t, "a of 1 is 1-(1-p)^(1/b)", betaQuantile(1, 7, p), -math.Expm1(math.Log1p(-p)/7), 1e-12)
		near(t, "b of 1 is p^(1/a)", betaQuantile(7, 1, p), math.Pow(p, 1.0/7), 1e-12)
	}
}

func TestQuantilesUndoShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(1e-4, 1-1e-4).Draw(t, "p")
		// b is 1 or more wherever the product asks; under 1 the answer lies so close
		// to 1 that no float64 holds it.
		a, b := math.Exp(rapid.Float64Range(-1, 12).Draw(t, "a")), math.Exp(rapid.Float64Range(0, 12).Draw(t, "b"))
		if have := gammaP(a, gammaQuantile(a, p)); math.Abs(have-p) > 1e-10 {
			t.Fatalf("gamma of shape %v: %v comes back as %v", a, p, have)
		}
		if have, _ := betaPQ(a, b, betaQuantile(a, b, p)); math.Abs(have-p) > 1e-9 {
			t.Fatalf("beta of %v and %v: %v comes back as %v", a, b, p, have)
		}
	})
}

func TestTheNormalQuantile(t *testing.T) {
	t.Parallel()
	near(t, "95 %", normalQuantile(0.95), 1.6448536269514722, 1e-14)
	near(t, "97.5 %", normalQuantile(0.975), 1.959963984540054, 1e-14)
}
