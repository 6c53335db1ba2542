package cvss

import "math/big"

// Weights of versions 3.0 and 3.1 (Specification Document, section 7.4), by the
// four bits of each value, in hundredths.
var (
	ease3AV = [16]int64{1: 85, 62, 55, 20}
	ease3AC = [16]int64{1: 77, 44}
	ease3PR = [2][16]int64{{1: 85, 62, 27}, {1: 85, 68, 50}} // by scope
	ease3UI = [16]int64{1: 85, 62}
	ripe3E  = [16]int64{100, 100, 97, 94, 91}
	ripe3RL = [16]int64{100, 100, 97, 96, 95}
	ripe3RC = [16]int64{100, 100, 96, 92}
	harm3   = harms([]int64{0, 56, 22, 0}, 100, []int64{10, 15, 10, 5}, 10)

	// The impact equations (section 7.1 and 7.3): scope unchanged, changed, and
	// changed as version 3.1 has it for the environmental score.
	impact3U   = harm3.table(impactUnchanged, unit3)
	impact3C   = harm3.table(func(lost *big.Rat) *big.Rat { return impactChanged(lost, 10000, 15) }, unit3)
	impact31MC = harm3.table(func(lost *big.Rat) *big.Rat { return impactChanged(lost, 9731, 13) }, unit3)
)

// unit3 is what counts as one in the impact tables.
const unit3 = 1e15

func impactUnchanged(lost *big.Rat) *big.Rat {
	return capped(lost).Mul(lost, big.NewRat(642, 100))
}

// impactChanged is 7.52(x-0.029) - 3.25(x*scale-0.02)^n, scale in 1/10000.
func impactChanged(lost *big.Rat, scale, n int64) *big.Rat {
	capped(lost)
	curve := new(big.Rat).Mul(lost, big.NewRat(scale, 10000))
	curve = power(curve.Sub(curve, big.NewRat(2, 100)), n)
	line := lost.Mul(lost.Sub(lost, big.NewRat(29, 1000)), big.NewRat(752, 100))
	return line.Sub(line, curve.Mul(curve, big.NewRat(325, 100)))
}

// capped is min(lost, 0.915). Base metrics alone never reach the bound.
func capped(lost *big.Rat) *big.Rat {
	if most := big.NewRat(915, 1000); lost.Cmp(most) > 0 {
		lost.Set(most)
	}
	return lost
}

// score3 follows the equations of section 7; changed and ceil are where the
// two versions differ.
func score3(r *Result, env bool, changed *[343]int64, ceil func(int64) tenth) {
	lo := r.Vector.lo
	at := func(i int) uint64 { return lo >> (4 * i) & 15 }
	base := ceil(base3(lo&0xffff_ffff, impact3C))
	ripe := ripe3E[at(8)] * ripe3RL[at(9)] * ripe3RC[at(10)] // of 1e-6
	temporal := ceil(base * ripe * 1e10)
	r.Base, r.Temporal = points[base], points[temporal]
	r.Score = r.Temporal
	here := instead(lo&0xffff_ffff, r.Vector.hi) | lo&(0xfff<<44)
	r.Environmental = points[ceil(ceil(base3(here, changed))*ripe*1e10)]
	if env {
		r.Score = r.Environmental
	}
}

// base3 is the sum that the base equation rounds up, in parts of 1e-17. The
// metrics stand in bits as in Vector.lo.
func base3(lo uint64, changed *[343]int64) int64 {
	at := func(i int) uint64 { return lo >> (4 * i) & 15 }
	scope := (at(4) - 1) & 1
	ease := 822 * ease3AV[at(0)] * ease3AC[at(1)] * ease3PR[scope][at(2)] * ease3UI[at(3)] // of 1e-10
	k := harm3.index(at(5), at(6), at(7), at(11), at(12), at(13))
	if scope == 0 {
		if impact3U[k] <= 0 {
			return 0
		}
		return min(100*(impact3U[k]+1e5*ease), 10*100*unit3)
	}
	if changed[k] <= 0 {
		return 0
	}
	return min(108*(changed[k]+1e5*ease), 10*100*unit3)
}

// ceil30 is version 3.0's Round up: the smallest tenth not below x.
func ceil30(x int64) tenth { return (x + 1e16 - 1) / 1e16 }

// ceil31 is version 3.1's Roundup (appendix A), which looks at no more than the
// nearest hundred-thousandth, so that calculators agree.
func ceil31(x int64) tenth { return ((x+5e11)/1e12 + 9999) / 1e4 }

// instead puts the modified metrics that are defined in their base metrics' place.
func instead(base, modified uint64) uint64 {
	said := modified | modified>>1 | modified>>2 | modified>>3
	said = said & 0x1111_1111_1111_1111 * 15
	return base&^said | modified
}
