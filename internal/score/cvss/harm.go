package cvss

import (
	"math/big"
	"slices"
)

// harmful numbers what one of the three impacts, weighed by its security
// requirement, can come to. Versions 2.0 and 3.x have seven such numbers each,
// so the impact equations, which are powers of long fractions, are worked out
// exactly for all 343 combinations when the program starts.
type harmful struct {
	number [64]uint16 // value<<2 | requirement -> 0 to 6
	weight [7]int64
	parts  int64 // how many make one
}

// harms numbers the products of values and requirements, which are indexed by
// the four bits of each, and given as so many parts.
func harms(values []int64, parts int64, needs []int64, needParts int64) *harmful {
	h := &harmful{parts: parts * needParts}
	known := []int64{}
	for v := range values {
		for n := range needs {
			k := slices.Index(known, values[v]*needs[n])
			if k < 0 {
				k, known = len(known), append(known, values[v]*needs[n])
			}
			h.number[v<<2|n] = uint16(k)
		}
	}
	copy(h.weight[:], known)
	return h
}

// index is where a table has the combination.
func (h *harmful) index(c, i, a, cr, ir, ar uint64) int {
	one := int(h.number[(c<<2|cr)&63])
	two := int(h.number[(i<<2|ir)&63])
	three := int(h.number[(a<<2|ar)&63])
	return (one*7+two)*7 + three
}

// table works out impact for every combination, in parts of 1/unit, to the
// nearest. What is lost, 1-(1-C)(1-I)(1-A), is impact's argument to use up.
func (h *harmful) table(impact func(lost *big.Rat) *big.Rat, unit int64) *[343]int64 {
	var t [343]int64
	one := h.parts * h.parts * h.parts
	known := map[int64]int64{}
	for k := range t {
		kept := (h.parts - h.weight[k/49]) * (h.parts - h.weight[k/7%7]) * (h.parts - h.weight[k%7])
		if _, ok := known[kept]; !ok {
			known[kept] = nearest(impact(big.NewRat(one-kept, one)), unit)
		}
		t[k] = known[kept]
	}
	return &t
}

// nearest is x in parts of 1/unit, halves upward.
func nearest(x *big.Rat, unit int64) int64 {
	n := new(big.Int).Mul(x.Num(), big.NewInt(2*unit))
	n.Add(n, x.Denom())
	n.Div(n, new(big.Int).Mul(x.Denom(), big.NewInt(2)))
	return n.Int64()
}

// power is x to the n, in place.
func power(x *big.Rat, n int64) *big.Rat {
	e := big.NewInt(n)
	num := new(big.Int).Exp(x.Num(), e, nil)
	return x.SetFrac(num, new(big.Int).Exp(x.Denom(), e, nil))
}
