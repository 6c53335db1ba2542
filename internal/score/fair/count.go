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
	if rate > farRate {
		return poissonFar(rate, u)
	}
	none := expNear(rate)
	one := float64(none * rate)
	two := float64(one * float64(rate*inverse[2]))
	p := float64(two * float64(rate*inverse[3]))
	upTo1 := none + one
	upTo2 := upTo1 + two
	sum := upTo2 + p
	if u < sum { // few events are counted without a branch
		return one64(u >= none) + one64(u >= upTo1) + one64(u >= upTo2)
	}
	k := uint64(3)
	for u >= sum && k < 255 {
		k++
		p = float64(p * float64(rate*inverse[k]))
		sum += p
	}
	return k
}

// one64 is 1 where it is so, else 0.
func one64(so bool) (n uint64) {
	if so {
		n = 1
	}
	return n
}

// farRate is from where on few years have few events.
const farRate = 30

// expTable holds e to the power of -k/64.
var expTable = func() (t [64*farRate + 2]float64) {
	for k := range t {
		t[k] = exp(-float64(k) / 64)
	}
	return t
}()

// expNear is e to the power of -x, for x from 0 to farRate.
func expNear(x float64) float64 {
	k := int(float64(x*64) + 0.5)
	r := float64(float64(k)*(1.0/64)) - x
	p := 1.0/6 + float64(r*(1.0/24+float64(r*(1.0/120))))
	p = 1 + float64(r*(1+float64(r*(0.5+float64(r*p)))))
	return float64(expTable[k] * p)
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
