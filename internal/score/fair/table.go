package fair

import (
	"math"
	"math/bits"
)

// A table holds the inverse of a distribution function, so that a draw is one
// look-up with a straight line between neighbours. The middle has cells of equal
// width. The tails, a sixty-fourth on each side, have 32 cells an octave: each
// halving of what is left is cut as finely as the one before, down to 2^-46. So a
// quantile errs relatively as little at p99.99 as at p99.
type table struct {
	mid    [midCells + 1]float64
	lo, hi [tailKnots]float64 // quantiles of w and of 1-w, by growing w
}

const (
	midBits   = 11
	midCells  = 1 << midBits
	tailBits  = 6 // a tail begins at 2^-6
	tailCells = midCells >> tailBits
	octaves   = 40
	subBits   = 5
	subCells  = 1 << subBits
	tailKnots = octaves*subCells + 1
	knots     = tailKnots + midCells/2 - tailCells
)

// grid holds the probabilities, up to a half, whose quantiles a table keeps: those of a
// tail, then those of the middle.
var grid = func() (w [knots]float64) {
	for o := range octaves {
		for j := range subCells {
			w[o*subCells+j] = math.Ldexp(float64(subCells+j), o-octaves-tailBits-subBits)
		}
	}
	w[tailKnots-1] = math.Ldexp(1, -tailBits)
	for i := tailCells + 1; i <= midCells/2; i++ {
		w[tailKnots+i-tailCells-1] = float64(i) / midCells
	}
	return w
}()

// sides are the quantiles of a distribution at w and at 1-w for every w of the grid.
type sides struct{ lo, hi [knots]float64 }

// newTable lays the quantiles out for draws; fit is applied to each.
func newTable(s *sides, fit func(float64) float64) *table {
	t := new(table)
	for i := range tailKnots {
		t.lo[i], t.hi[i] = fit(s.lo[i]), fit(s.hi[i])
	}
	for i := tailCells; i <= midCells/2; i++ {
		k := tailKnots - 1 + i - tailCells
		t.mid[i], t.mid[midCells-i] = fit(s.lo[k]), fit(s.hi[k])
	}
	t.mid[midCells/2] = fit(middle(s.lo[knots-1], s.hi[knots-1]))
	return t
}

// middle is the middle of two numbers; the halves are rounded by themselves.
func middle(a, b float64) float64 { return float64(a/2) + float64(b/2) }

// at is the quantile of w/2^64.
func (t *table) at(w uint64) float64 {
	if i := w >> (64 - midBits); i-tailCells < midCells-2*tailCells {
		return t.near(i, w)
	}
	return t.tail(w)
}

// near is at in the middle, in cell i; loops that draw much ask it themselves, so that it is a part of them.
func (t *table) near(i, w uint64) float64 {
	a := t.mid[i]
	return a + float64(float64(float64(int64(w&(1<<(64-midBits)-1)))*(1.0/(1<<(64-midBits))))*(t.mid[i+1]-a))
}

func (t *table) tail(w uint64) float64 {
	side := &t.lo
	if w>>63 == 1 {
		side, w = &t.hi, ^w
	}
	zeros := bits.LeadingZeros64(w)
	o := octaves - 1 - (zeros - tailBits)
	if o < 0 {
		return side[0]
	}
	rest := w << (zeros + 1)
	i := o*subCells + int(rest>>(64-subBits))
	f := float64(int64(rest<<subBits>>11)) * (1.0 / (1 << 53))
	return side[i] + float64(f*(side[i+1]-side[i]))
}

// moments integrates what the table draws: its mean and the mean of its square.
func (t *table) moments() (mean, square float64) {
	add := func(a, b, width float64) {
		mean += float64((a + b) / 2 * width)
		square += float64((float64(a*a) + float64(a*b) + float64(b*b)) / 3 * width)
	}
	for i := tailCells; i < midCells-tailCells; i++ {
		add(t.mid[i], t.mid[i+1], 1.0/midCells)
	}
	for _, side := range []*[tailKnots]float64{&t.lo, &t.hi} {
		add(side[0], side[0], grid[0])
		for i := range tailKnots - 1 {
			add(side[i], side[i+1], grid[i+1]-grid[i])
		}
	}
	return mean, square
}
