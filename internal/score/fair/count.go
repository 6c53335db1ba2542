package fair

import "math"

// inverse holds 1/k.
var inverse = func() (t [256]float64) {
	for k := 1; k < len(t); k++ {
		t[k] = 1 / float64(k)
	}
	return t
}()

// poisson is the number that the Poisson distribution of the rate stays at or
// below with probability u or a little more: it grows with both. It adds up
// the probabilities from where they begin to count.
func poisson(rate, u float64) uint64 {
	if rate > 30 {
		return poissonFar(rate, u)
	}
	p := exp(-rate)
	sum, k := p, uint64(0)
	for u >= sum && k < 255 {
		k++
		p = float64(p * float64(rate*inverse[k]))
		sum += p
	}
	return k
}

// poissonFar does so for rates of many events, from nine standard deviations below on.
func poissonFar(rate, u float64) uint64 {
	root := math.Sqrt(rate)
	k := max(0, math.Floor(rate-float64(9*root)))
	end := rate + float64(10*root) + 20
	p := exp(float64(k*log(rate)) - rate - lgamma(k+1))
	sum := p
	for u >= sum && k < end {
		k++
		p = float64(p * (rate / k))
		sum += p
	}
	return uint64(k)
}

// binomial is the number of n trials of probability p that succeed, by u as poisson has it.
func binomial(n, p, u float64) uint64 {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return uint64(n)
	}
	q := 1 - p
	mean := float64(n * p)
	k := max(0, math.Floor(mean-float64(9*math.Sqrt(mean))))
	odds := p / q
	mass := exp(lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1) + float64(k*log(p)) + float64((n-k)*log(q)))
	sum := mass
	for u >= sum && k < n {
		mass = float64(mass * float64((n-k)/(k+1)*odds))
		k++
		sum += mass
	}
	return uint64(k)
}
