package fair

import (
	"math"
	"slices"
	"sync"
)

// knot is one place on the way along a density: the mass below it, the density
// there, and the value, by one coordinate.
type knot struct{ mass, density, value, rise float64 }

// shape is a density of one hump on the whole line, up to a factor: its
// logarithm, the slope and the bend of that, the value that stands at t and
// its distance from the other end, and how fast they change.
type shape func(t float64) (logDensity, slope, bend, x, y, rise float64)

// trace walks a density from its top to both ends in steps that follow its
// shape, and sums the mass from either end: from the left with the value, from
// the right with the distance from the other end.
func trace(top float64, f shape) (left, right []knot) {
	type node struct{ t, g, slope, x, y, rise float64 }
	peak, _, _, _, _, _ := f(top)
	at := func(t float64) (n node, bend float64) {
		l, s, b, x, y, r := f(t)
		return node{t, exp(l - peak), s, x, y, r}, b
	}
	walk := func(way float64) (nodes []node) {
		nodes = make([]node, 0, 1024)
		n, bend := at(top)
		for n.g > 0x1p-60 {
			nodes = append(nodes, n)
			n, bend = at(n.t + float64(way*0.14)/math.Sqrt(float64(n.slope*n.slope)+bend))
		}
		return append(nodes, n)
	}
	nodes := walk(-1)
	slices.Reverse(nodes)
	nodes = append(nodes, walk(1)[1:]...)

	left = make([]knot, len(nodes))
	right = make([]knot, len(nodes))
	last := len(nodes) - 1
	mass := make([]float64, len(nodes)) // between a node and the one before it
	for i := 1; i <= last; i++ {
		a, b := nodes[i-1], nodes[i]
		h := b.t - a.t
		bent := float64(h*h/12) * (float64(a.g*a.slope) - float64(b.g*b.slope))
		mass[i] = float64(h/2*(a.g+b.g)) + float64(bent)
	}
	sum := nodes[0].g / nodes[0].slope
	for i, n := range nodes {
		sum += mass[i]
		left[i] = knot{sum, n.g, n.x, n.rise}
	}
	sum = nodes[last].g / -nodes[last].slope
	total := left[last].mass + sum
	for i := last; i >= 0; i-- {
		n := nodes[i]
		right[last-i] = knot{sum, n.g, n.y, n.rise}
		sum += mass[i]
	}
	for i := range left {
		left[i].mass, left[i].density = left[i].mass/total, left[i].density/total
		right[i].mass, right[i].density = right[i].mass/total, right[i].density/total
	}
	return left, right
}

// quantiles reads the values at the probabilities of the grid off the knots, by
// the cubic through two neighbours that has their slopes.
func quantiles(ks []knot, out *[knots]float64) {
	n := 0
	for i := 1; i < len(ks) && n < knots; i++ {
		a, b := ks[i-1], ks[i]
		if b.mass < grid[n] && i < len(ks)-1 {
			continue
		}
		h := b.mass - a.mass
		da, db, d := float64(a.rise/a.density*h), float64(b.rise/b.density*h), b.value-a.value
		// value = a + s(da + s((3d-2da-db) + s(da+db-2d)))
		c3 := da + db - float64(2*d)
		c2 := float64(3*d) - float64(2*da) - db
		for ; n < knots && (grid[n] <= b.mass || i == len(ks)-1); n++ {
			s := max(0, (grid[n]-a.mass)/h)
			out[n] = a.value + float64(s*(da+float64(s*(c2+float64(s*c3)))))
		}
	}
}

// betaSides are the quantiles of the beta distribution of a and b, both at least 1: lo
// from 0 upwards, hi as the distance from 1. Along t = ln(x/(1-x)) the density is
// one smooth hump.
func betaSides(a, b float64) *sides {
	left, right := trace(log(a/b), func(t float64) (l, s, bend, x, y, rise float64) {
		e := exp(-math.Abs(t))
		x, y = e/(1+e), 1/(1+e)
		l = -float64((a + b) * log1p(e))
		if t > 0 {
			x, y = y, x
			l -= float64(b * t)
		} else {
			l += float64(a * t)
		}
		rise = float64(x * y)
		return l, float64(a*y) - float64(b*x), float64((a + b) * rise), x, y, rise
	})
	s := new(sides)
	quantiles(left, &s.lo)
	quantiles(right, &s.hi)
	return s
}

// normalSides are the quantiles of the standard normal distribution.
var normalSides = sync.OnceValue(func() *sides {
	left, _ := trace(0, func(t float64) (l, s, bend, x, y, rise float64) {
		return -float64(t * t / 2), -t, 1, t, -t, 1
	})
	s := new(sides)
	quantiles(left, &s.lo)
	for i, z := range s.lo {
		s.hi[i] = -z
	}
	s.lo[knots-1], s.hi[knots-1] = 0, 0
	return s
})
