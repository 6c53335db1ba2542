package cvss

import "math/big"

// Weights of version 2.0 (guide, section 3.2), by the four bits of each value.
var (
	ease2AV = [16]int64{1: 395, 646, 1000}         // thousandths
	ease2AC = [16]int64{1: 35, 61, 71}             // hundredths
	ease2Au = [16]int64{1: 450, 560, 704}          // thousandths
	ripe2E  = [16]int64{100, 85, 90, 95, 100}      // hundredths
	ripe2RL = [16]int64{100, 87, 90, 95, 100}      // hundredths
	ripe2RC = [16]int64{100, 90, 95, 100}          // hundredths
	loss2   = [16]int64{0, 0, 1, 3, 4, 5}          // CDP, tenths
	share2  = [16]int64{100, 0, 25, 75, 100}       // TD, hundredths
	harm2   = harms([]int64{0, 0, 275, 660}, 1000, // C, I, A in thousandths
		[]int64{100, 50, 100, 151}, 100) // CR, IR, AR in hundredths
	impact2 = harm2.table(func(lost *big.Rat) *big.Rat {
		return lost.Mul(lost, big.NewRat(1041, 100))
	}, unit2)
)

// unit2 is what counts as one in impact2.
const unit2 = 1e13

// score2 follows the guide's equations (section 3.2). With a lowered security
// requirement they can put the adjusted base below zero; a final score that is
// below zero is zero.
func score2(lo uint64, env bool) tenths {
	at := func(i int) uint64 { return lo >> (4 * i) & 15 }
	ease := ease2AV[at(0)] * ease2AC[at(1)] * ease2Au[at(2)] // of 1e-8
	base := base2(impact2[harm2.index(at(3), at(4), at(5), 0, 0, 0)], ease)
	ripe := ripe2E[at(6)] * ripe2RL[at(7)] * ripe2RC[at(8)] // of 1e-6
	temporal := rounded(base*ripe, 1e6)
	if !env {
		return tenths{base, temporal, temporal, temporal}
	}
	here := min(impact2[harm2.index(at(3), at(4), at(5), at(11), at(12), at(13))], 10*unit2)
	adjusted := rounded(base2(here, ease)*ripe, 1e6)
	adjusted = rounded((adjusted*10+(100-adjusted)*loss2[at(9)])*share2[at(10)], 1000)
	adjusted = max(0, adjusted)
	return tenths{base, temporal, adjusted, adjusted}
}

// base2 is the base equation: ((0.6 impact) + (0.4 exploitability) - 1.5) times
// 1.176, or zero without impact, rounded to tenths.
func base2(impact, ease int64) tenth {
	if impact == 0 {
		return 0
	}
	return rounded((6*impact+8e6*ease-15e13)*1176, 1e16)
}

// rounded is x/unit to the nearest whole number, halves away from zero.
func rounded(x, unit int64) int64 {
	if x < 0 {
		return -((unit/2 - x) / unit)
	}
	return (x + unit/2) / unit
}
