package cvss

// Version 4.0 (Specification Document, section 8) sorts vectors into 270
// MacroVectors by six equivalence classes, EQ1 to EQ6, and gives each a score.
// From it the mean of up to five steps is taken off: for each class that has a
// lower neighbour, the distance to that neighbour's score, times how far the
// vector lies from the class's highest vector, over the class's depth.
//
// The classes use different metrics (EQ3 and EQ6 share theirs and count as
// one), so each is a small table from its metrics to level and distance, made
// when the program starts. Depths are 1 to 10 and the mean is over 1 to 5, so in
// parts of 1/50400 of a tenth every step is whole, and rounding is exact.

// part is a tenth in the finest parts: 840, which all depths divide, times 60.
const part = 840 * 60

// place is where a vector lies in one class: its level and its distance, in
// steps of severity, from the class's highest vector at or above it.
type place struct{ level, distance int8 }

// macro is a MacroVector made ready: its score, and what one step of distance
// takes off in each class, in parts; half a tenth is added for rounding.
type macro struct {
	value int64
	step  [4]int64 // EQ1, EQ2, EQ3+EQ6, EQ4; distance in EQ5 is always zero
}

// The classes' metrics, by number of the value from 0 = most severe (SI and SA:
// 0 is Safety). Each highest vector below is written in these numbers.
var (
	class1 = classify([]int{4, 3, 3}, level1, [][][]int{ // AV PR UI
		{{0, 0, 0}}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {{3, 0, 0}, {1, 1, 1}}})
	class2 = classify([]int{2, 2}, level2, [][][]int{ // AC AT
		{{0, 0}}, {{0, 1}, {1, 0}}})
	class36 = classify([]int{3, 3, 3, 3, 3, 3}, level36, [][][]int{ // VC VI VA CR IR AR
		{{0, 0, 0, 0, 0, 0}},
		{{0, 0, 1, 1, 1, 0}, {0, 0, 0, 1, 1, 1}},
		{{1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}},
		{{0, 1, 0, 1, 0, 1}, {0, 1, 1, 1, 0, 0}, {1, 0, 0, 0, 1, 1}, {1, 0, 1, 0, 1, 0}, {1, 1, 0, 0, 0, 1}},
		{{1, 1, 1, 0, 0, 0}}})
	class4 = classify([]int{3, 4, 4}, level4, [][][]int{ // SC SI SA
		{{0, 0, 0}}, {{0, 1, 1}}, {{1, 2, 2}}})
	macros = allMacros()
)

// The depths of the classes' levels (section 8.2, table of depths, plus one).
var (
	depth1  = [3]int64{1, 4, 5}
	depth2  = [2]int64{1, 2}
	depth36 = [5]int64{7, 6, 8, 8, 10} // EQ3 and EQ6: 00 01 10 11 21
	depth4  = [3]int64{6, 5, 4}
)

// level1 is EQ1: AV, PR, UI.
func level1(m []int) int8 {
	switch {
	case m[0] == 0 && m[1] == 0 && m[2] == 0:
		return 0
	case m[0] != 3 && (m[0] == 0 || m[1] == 0 || m[2] == 0):
		return 1
	}
	return 2
}

// level2 is EQ2: AC, AT.
func level2(m []int) int8 {
	if m[0] == 0 && m[1] == 0 {
		return 0
	}
	return 1
}

// level36 is EQ3 and EQ6 together: VC, VI, VA, CR, IR, AR; 0 to 4 for the
// pairs 00, 01, 10, 11 and 21.
func level36(m []int) int8 {
	var six int8 = 1
	if m[0] == 0 && m[3] == 0 || m[1] == 0 && m[4] == 0 || m[2] == 0 && m[5] == 0 {
		six = 0
	}
	switch {
	case m[0] == 0 && m[1] == 0:
		return six
	case m[0] == 0 || m[1] == 0 || m[2] == 0:
		return 2 + six
	}
	return 4
}

// level4 is EQ4: SC, SI, SA.
func level4(m []int) int8 {
	switch {
	case m[1] == 0 || m[2] == 0:
		return 0
	case m[0] == 0 || m[1] == 1 || m[2] == 1:
		return 1
	}
	return 2
}

// classify places every combination of a class's metrics, the last metric
// counting fastest.
func classify(sizes []int, level func([]int) int8, highest [][][]int) []place {
	total := 1
	for _, n := range sizes {
		total *= n
	}
	places := make([]place, total)
	for k := range places {
		m, rest := make([]int, len(sizes)), k
		for i := len(sizes) - 1; i >= 0; i-- {
			m[i], rest = rest%sizes[i], rest/sizes[i]
		}
		l := level(m)
		places[k] = place{l, distance(m, highest[l])}
	}
	return places
}

// distance is the sum of steps from the first of the highest vectors that is
// nowhere less severe than m. Each level's vectors cover it, so there is one.
func distance(m []int, highest [][]int) int8 {
	for _, h := range highest {
		sum, above := 0, true
		for i := range m {
			sum += m[i] - h[i]
			above = above && m[i] >= h[i]
		}
		if above {
			return int8(sum)
		}
	}
	panic("cvss: a level of version 4.0 has no highest vector above one of its own")
}

// macroAt is where macros has the levels.
func macroAt(one, two, three, four, five int) int {
	return (((one*2+two)*5+three)*3+four)*3 + five
}

func allMacros() *[270]macro {
	var all [270]macro
	for k := range all {
		five, four, three, two, one := k%3, k/3%3, k/9%5, k/45%2, k/90
		score := func(one, two, three, four, five int) int64 {
			return macro4[(one*2+two)*5+three][four*3+five]
		}
		own := score(one, two, three, four, five)
		var gap [4]int64 // to the next lower MacroVector in each class
		var lower int64
		note := func(class int, there bool, next func() int64) {
			if there {
				lower++
				if class < 4 {
					gap[class] = own - next()
				}
			}
		}
		note(0, one < 2, func() int64 { return score(one+1, two, three, four, five) })
		note(1, two < 1, func() int64 { return score(one, two+1, three, four, five) })
		note(2, three < 4, func() int64 { return next36(three, func(t int) int64 { return score(one, two, t, four, five) }) })
		note(3, four < 2, func() int64 { return score(one, two, three, four+1, five) })
		note(4, five < 2, nil)
		m := macro{value: own*part + part/2}
		for class, depth := range [4]int64{depth1[one], depth2[two], depth36[three], depth4[four]} {
			if gap[class] != 0 {
				m.step[class] = gap[class] * part / (depth * lower)
			}
		}
		all[k] = m
	}
	return &all
}

// next36 is the score of the next lower pair of EQ3 and EQ6: 01 goes to 11, 10
// to 11, 11 to 21, and 00 to the higher of 01 and 10.
func next36(pair int, score func(int) int64) int64 {
	if pair == 0 {
		return max(score(1), score(2))
	}
	return score([...]int{0, 3, 3, 4}[pair])
}

const (
	base4 = 1<<44 - 1   // the bits of AV to SA in Vector.lo and, modified, in hi
	need4 = 0xfff << 48 // CR, IR, AR
	e4    = 0xf << 44   // E
)

func score4(lo, hi uint64, threat, env bool) tenths {
	base := total4(lo & base4)
	temporal := base
	if threat {
		temporal = total4(lo & (base4 | e4))
	}
	if !env {
		return tenths{base, temporal, temporal, temporal}
	}
	here := total4(instead(lo&base4, hi&base4) | lo&(e4|need4))
	return tenths{base, temporal, here, here}
}

// total4 scores effective metrics that stand in bits as in Vector.lo.
func total4(lo uint64) tenth {
	if lo>>20&0xffffff == 0x333333 {
		return 0 // VC to SA are all None: no impact on any system
	}
	return max(0, sum4(lo)/part)
}

// sum4 is the exact score in parts, with half a tenth added for rounding.
func sum4(lo uint64) int64 {
	at := func(i int) int { return int(lo>>(4*i)) & 15 }
	// AV 0 AC 1 AT 2 PR 3 UI 4 VC 5 VI 6 VA 7 SC 8 SI 9 SA 10 E 11 CR 12 IR 13 AR 14
	one := class1[(at(0)-1)*9+(at(3)-1)*3+at(4)-1]
	two := class2[(at(1)-1)*2+at(2)-1]
	needs := worst4[at(12)]*9 + worst4[at(13)]*3 + worst4[at(14)]
	three := class36[((at(5)-1)*9+(at(6)-1)*3+at(7)-1)*27+needs]
	four := class4[(at(8)-1)*16+safe4[at(9)]*4+safe4[at(10)]]
	m := &macros[macroAt(int(one.level), int(two.level), int(three.level), int(four.level), worst4[at(11)])]
	return m.value - m.step[0]*int64(one.distance) - m.step[1]*int64(two.distance) -
		m.step[2]*int64(three.distance) - m.step[3]*int64(four.distance)
}

var (
	worst4 = [16]int{0, 0, 1, 2}    // E, CR, IR, AR: not defined is the worst
	safe4  = [16]int{0, 1, 2, 3, 0} // SI, SA: High, Low, None and, modified only, Safety
)
