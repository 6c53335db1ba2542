package fair

// The densities of the kinds that have one, for the integral of the vulnerability.
// None is asked where its distribution is a single value.

func pertDensity(e *Estimate, x float64) float64 {
	w := *e.Max - *e.Min
	p, q := (x-*e.Min)/w, (*e.Max-x)/w
	if p <= 0 || q <= 0 {
		return 0
	}
	a, b := e.shapes()
	return exp(float64((a-1)*log(p))+float64((b-1)*log(q))+lgamma(a+b)-lgamma(a)-lgamma(b)) / w
}

func logNormalDensity(e *Estimate, x float64) float64 {
	mu, sigma := e.logs()
	if x <= 0 || sigma == 0 {
		return 0
	}
	z := (log(x) - mu) / sigma
	return float64(rootPi*exp(-float64(z*z)/2)) / (x * sigma)
}

func normalDensity(e *Estimate, x float64) float64 {
	z := (x - *e.Mean) / *e.SD
	return float64(rootPi*exp(-float64(z*z)/2)) / *e.SD
}

func uniformDensity(e *Estimate, x float64) float64 {
	if x < *e.Min || x > *e.Max {
		return 0
	}
	return 1 / (*e.Max - *e.Min)
}

func triangularDensity(e *Estimate, x float64) float64 {
	a, m, b := *e.Min, *e.Mode, *e.Max
	switch {
	case x < a || x > b:
		return 0
	case x < m:
		return 2 / (b - a) * ((x - a) / (m - a))
	case b == m:
		return 2 / (b - a)
	}
	return 2 / (b - a) * ((b - x) / (b - m))
}

func exponentialDensity(e *Estimate, x float64) float64 {
	if x < 0 {
		return 0
	}
	return exp(-x / *e.Mean) / *e.Mean
}
