package fair

import "math"

// The functions of this file are our own because those of the standard library
// may differ in the last bit between processors: some are assembly on one and Go
// on the other, and a compiler may fuse a product into a sum. Square root,
// floor and the conversions are exact everywhere.

const (
	ln2    = 0x1.62e42fefa39ef35793c7673007e5ed5e81e69p-1
	expHi  = 0x1.62e42fef8p-7 // of ln2/64: few enough bits that a multiple of it is exact
	expLo  = ln2/64 - expHi
	ln2Hi  = 0x1.62e42fef8p-1
	ln2Lo  = ln2 - ln2Hi
	root2  = 1.41421356237309504880168872420969807856967187537694807317667974
	rootPi = 0.3989422804014326779399460599343818684758586311649346576659 // 1/√(2π)
)

// roots64 holds 2^(i/64).
var roots64 = func() (t [64]float64) {
	for i := range t {
		x := float64(i) * ln2 / 64
		sum := 1.0
		for k := 25; k > 0; k-- {
			sum = 1 + float64(float64(sum*x)/float64(k))
		}
		t[i] = sum
	}
	return t
}()

// exp is e to the power of x.
func exp(x float64) float64 {
	switch {
	case x > 709.7:
		return math.Inf(1)
	case x < -1490:
		return 0
	case x < -700:
		half := exp(x / 2)
		return float64(half * half)
	}
	k := math.Floor(float64(x*(64/ln2)) + 0.5)
	r := (x - float64(k*expHi)) - float64(k*expLo)
	p := 1.0/6 + float64(r*(1.0/24+float64(r*(1.0/120))))
	p = 0.5 + float64(r*p)
	p = r + float64(float64(r*r)*p)
	n := int64(k)
	t := roots64[n&63]
	t += float64(t * p)
	return math.Float64frombits(math.Float64bits(t) + uint64(n>>6)<<52)
}

// log is the natural logarithm of x, which is above zero.
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < root2/2 {
		m *= 2
		e--
	}
	s := atanhSeries((m - 1) / (m + 1))
	k := float64(e)
	return float64(k*ln2Hi) + (s + float64(k*ln2Lo))
}

// log1p is the logarithm of 1+x for x from 0 to 1, as good near 0 as elsewhere.
func log1p(x float64) float64 {
	if x < 0.4 {
		return atanhSeries(x / (2 + x))
	}
	return log(1 + x)
}

// odds holds 1/1, 1/3, 1/5 …
var odds = func() (t [128]float64) {
	for i := range t {
		t[i] = 1 / float64(2*i+1)
	}
	return t
}()

// atanhSeries is ln((1+s)/(1-s)) for s up to 0.18.
func atanhSeries(s float64) float64 {
	q := float64(s * s)
	sum := odds[11]
	for i := 10; i >= 0; i-- {
		sum = odds[i] + float64(sum*q)
	}
	return float64(2 * s * sum)
}

// bernoulli holds the coefficients of Stirling's series, B(2k)/(2k(2k-1)).
var bernoulli = [...]float64{1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156}

// lgamma is the logarithm of the gamma function of x, which is above zero.
func lgamma(x float64) float64 {
	shift := 1.0
	for x < 12 {
		shift = float64(shift * x)
		x++
	}
	inv := 1 / x
	q := float64(inv * inv)
	sum := 0.0
	for i := len(bernoulli) - 1; i >= 0; i-- {
		sum = bernoulli[i] + float64(sum*q)
	}
	const half = 0.91893853320467274178032973640561763986139747363778341281715154 // ln√(2π)
	return float64((x-0.5)*log(x)) - x + half + float64(sum*inv) - log(shift)
}

// betaCDF is the regularised incomplete beta function, by its continued fraction
// (Lentz), which converges fast on this side of the mean.
func betaCDF(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - betaCDF(1-x, b, a)
	}
	front := exp(float64(a*log(x)) + float64(b*log(1-x)) + lgamma(a+b) - lgamma(a) - lgamma(b))
	const tiny = 1e-300
	c, d, f := 1.0, 0.0, 1.0
	for i := range 1000 {
		m := float64(i / 2)
		twice, num := m+m, 1.0
		switch {
		case i == 0:
		case i%2 == 0:
			num = m * (b - m) * x / ((a + twice - 1) * (a + twice))
		default:
			num = -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1))
		}
		d = 1 + float64(num*d)
		if math.Abs(d) < tiny {
			d = tiny
		}
		d = 1 / d
		c = 1 + float64(num/c)
		if math.Abs(c) < tiny {
			c = tiny
		}
		f = float64(f * float64(c*d))
		if math.Abs(1-float64(c*d)) < 1e-15 {
			break
		}
	}
	return float64(front*(f-1)) / a
}

// normalCDF is the distribution function of the standard normal.
func normalCDF(z float64) float64 {
	switch {
	case z > 0:
		return 1 - normalCDF(-z)
	case z < -38:
		return 0
	}
	q := float64(z * z)
	density := float64(rootPi * exp(-q/2))
	if z < -3.5 {
		f := 0.0
		for k := 40; k > 0; k-- {
			f = float64(k) / (f - z)
		}
		return density / (f - z)
	}
	term, sum := -z, -z
	for k := 1; k < len(odds) && term > 1e-17; k++ {
		term = float64(float64(term*q) * odds[k])
		sum += term
	}
	return 0.5 - float64(density*sum)
}
