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

// The rounded sums of every combination of base metrics, by place3: for the base score and for the environmental one.
var (
	sums30 = allSums3(impact3C, ceil30)
	sums31 = allSums3(impact31MC, ceil31)
)

func allSums3(changed *[343]int64, ceil func(int64) tenth) *[1 << 13][2]uint8 {
	var t [1 << 13][2]uint8
	for k := range t {
		lo, widths := uint64(0), [8]int{2, 1, 2, 1, 1, 2, 2, 2}
		for i, rest := 0, k; i < len(widths); i++ {
			lo |= uint64(rest&(1<<widths[i]-1)+1) << (4 * i)
			rest >>= widths[i]
		}
		t[k] = [2]uint8{uint8(ceil(base3(lo, impact3C))), uint8(ceil(base3(lo, changed)))}
	}
	return &t
}

// place3 draws the base metrics together, from four bits each to two or one.
func place3(lo uint64) uint64 {
	lo -= 0x1111_1111
	return lo&3 | lo>>4&1<<2 | lo>>8&3<<3 | lo>>12&1<<5 | lo>>16&1<<6 | lo>>20&3<<7 | lo>>24&3<<9 | lo>>28&3<<11
}

// score3 follows the equations of section 7; sums, changed and ceil are where the
// two versions differ.
func score3(lo, hi uint64, env bool, sums *[1 << 13][2]uint8, changed *[343]int64, ceil func(int64) tenth) tenths {
	sum := &sums[place3(lo&base3bits)&(1<<13-1)]
	base, here := tenth(sum[0]), tenth(sum[1])
	if lo>>32 == 0 && !env {
		return tenths{base, base, here, base}
	}
	ripe := ripe3E[lo>>32&15] * ripe3RL[lo>>36&15] * ripe3RC[lo>>40&15] // of 1e-6
	temporal := ceil(base * ripe * 1e10)
	if !env {
		return tenths{base, temporal, ceil(here * ripe * 1e10), temporal}
	}
	here = ceil(base3(instead(lo&base3bits, hi)|lo&need3, changed))
	here = ceil(here * ripe * 1e10)
	return tenths{base, temporal, here, here}
}

const (
	base3bits = 0xffff_ffff // AV to A in Vector.lo
	need3     = 0xfff << 44 // CR, IR, AR
)

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
