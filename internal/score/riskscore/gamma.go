package riskscore

import "math"

// This file holds the two integrals that intervals need: the regularised
// incomplete gamma and beta functions, and their inverses. Both are series or
// continued fractions (NIST Digital Library of Mathematical Functions, 8.7.1,
// 8.9.2 and 8.17.22) times a density. The density is written by way of the
// deviance (C. Loader, Fast and Accurate Computation of Binomial Probabilities,
// 2000), because exp(a ln x - x - lgamma(a)) loses six digits at a = 10^6.
// Against 50-digit references the tests ask for 1e-12 relative.

const eps = 0x1p-52

// gammaP is P(shape, x): the share of a gamma distribution of rate 1 up to x.
func gammaP(shape, x float64) float64 {
	p, q := gammaPQ(shape, x)
	if p <= q {
		return p
	}
	return 1 - q
}

// gammaPQ is P and Q = 1 - P. The smaller of the two is the accurate one.
func gammaPQ(shape, x float64) (p, q float64) {
	switch {
	case x <= 0:
		return 0, 1
	case math.IsInf(x, 1):
		return 1, 0
	case x < shape+1:
		p = gammaSeries(shape, x)
		return p, 1 - p
	}
	q = gammaFraction(shape, x)
	return 1 - q, q
}

// gammaSeries is x^a e^-x / Γ(a+1) times 1 + x/(a+1) + x²/((a+1)(a+2)) + …
func gammaSeries(a, x float64) float64 {
	sum, term := 1.0, 1.0
	for n := 1.0; term > sum*eps/4; n++ {
		term *= x / (a + n)
		sum += term
	}
	return min(1, sum*poissonDensity(a, x))
}

// gammaFraction is Q by the continued fraction, evaluated forwards (Lentz).
func gammaFraction(a, x float64) float64 {
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	h := d
	for i := 1.0; i < 1e7; i++ {
		an := i * (a - i)
		b += 2
		d = 1 / away(float64(an*d)+b, tiny)
		c = away(b+an/c, tiny)
		h *= d * c
		if math.Abs(d*c-1) <= eps {
			break
		}
	}
	return min(1, h*poissonDensity(a, x)*a)
}

// away keeps a divisor off zero.
func away(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}

// poissonDensity is x^a e^-x / Γ(a+1).
func poissonDensity(a, x float64) float64 {
	if a == 0 {
		return math.Exp(-x)
	}
	if x < math.SmallestNonzeroFloat64/eps {
		return 0
	}
	if a < 1 { // the deviance has nothing to win so close to 0
		return math.Exp(float64(a*math.Log(x))-x) / math.Gamma(a+1)
	}
	return math.Exp(-stirling(a)-deviance(a, x)) / math.Sqrt(2*math.Pi*a)
}

// stirling is ln Γ(a+1) - ln(√(2πa) (a/e)^a): what Stirling's formula leaves.
func stirling(a float64) float64 {
	if a < 16 {
		return math.Log(math.Gamma(a+1)) - float64((a+0.5)*math.Log(a)) + a - math.Log(math.Sqrt(2*math.Pi))
	}
	s := 1 / (a * a)
	return (1.0/12 - (1.0/360-(1.0/1260-(1.0/1680-(1.0/1188-691.0/360360*s)*s)*s)*s)*s) / a
}

// deviance is a ln(a/m) + m - a, without the cancellation where the two are near.
func deviance(a, m float64) float64 {
	if math.Abs(a-m) >= 0.1*(a+m) {
		return float64(a*math.Log(a/m)) + m - a
	}
	v := (a - m) / (a + m)
	s, term := (a-m)*v, 2*a*v
	for j := 3.0; j < 1000; j += 2 {
		term *= v * v
		next := s + term/j
		if next == s {
			break
		}
		s = next
	}
	return s
}

// gammaQuantile is the x of a gamma distribution of rate 1 that a share p lies
// under.
func gammaQuantile(shape, p float64) float64 {
	if p <= 0 {
		return 0
	}
	if p >= 1 {
		return math.Inf(1)
	}
	under := func(x float64) bool { return below(gammaPQ(shape, x))(p) }
	high := shape + 1
	for under(high) {
		high *= 2
	}
	return invert(0, high, under)
}

// below tells whether a place with these two shares lies under the share p,
// compared on the side where the numbers are exact.
func below(low, high float64) func(p float64) bool {
	return func(p float64) bool {
		if low <= high {
			return low < p
		}
		return high > 1-p
	}
}

// invert finds the place between low and high where under turns false, to the
// last digits. Halving is slow and never wrong; near zero it halves the exponent.
func invert(low, high float64, under func(float64) bool) float64 {
	for range 2200 {
		mid := low + (high-low)/2
		if low > 0 && high > 4*low {
			mid = math.Sqrt(low) * math.Sqrt(high)
		} else if low == 0 && high > 1e-300 {
			mid = high * 0x1p-4
		}
		if mid <= low || mid >= high || high-low <= eps*high {
			break
		}
		if under(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low + (high-low)/2
}

// betaPQ is the regularised incomplete beta function I_x(a, b) and 1 - I.
func betaPQ(a, b, x float64) (p, q float64) {
	switch {
	case x <= 0:
		return 0, 1
	case x >= 1:
		return 1, 0
	case x > (a+1)/(a+b+2):
		q = betaFraction(b, a, 1-x, x)
		return 1 - q, q
	}
	p = betaFraction(a, b, x, 1-x)
	return p, 1 - p
}

// betaFraction is I_x(a, b) by the continued fraction; y is 1 - x.
func betaFraction(a, b, x, y float64) float64 {
	const tiny = 1e-300
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1), tiny)
	h := d
	for m := 1.0; m < 1e7; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / away(1+float64(even*d), tiny)
		c = away(1+even/c, tiny)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / away(1+float64(odd*d), tiny)
		c = away(1+odd/c, tiny)
		h *= d * c
		if math.Abs(d*c-1) <= eps {
			break
		}
	}
	return min(1, max(0, h*betaDensity(a, b, x, y)/a))
}

// betaDensity is x^a y^b / B(a, b).
func betaDensity(a, b, x, y float64) float64 {
	n := a + b
	switch { // under 1 the deviance has nothing to win; one more and back is exact
	case a < 1:
		return betaDensity(a+1, b, x, y) * a / (n * x)
	case b < 1:
		return betaDensity(a, b+1, x, y) * b / (n * y)
	}
	e := stirling(n) - stirling(a) - stirling(b) - deviance(a, n*x) - deviance(b, n*y)
	return math.Exp(e) * math.Sqrt(a*b/(2*math.Pi*n))
}

// betaQuantile is the x that a share p of a beta distribution lies under.
func betaQuantile(a, b, p float64) float64 {
	return invert(0, 1, func(x float64) bool { return below(betaPQ(a, b, x))(p) })
}

// normalQuantile is the x that a share p of the standard normal lies under.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
