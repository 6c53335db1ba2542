package cvss

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// This file has the equations of versions 2.0 and 3.x once more, written as the
// standards print them, with metrics by name and exact fractions. It shares
// nothing with the code that it checks.

type weights map[string]map[string]string

var printed2 = weights{
	"AV":  {"L": "0.395", "A": "0.646", "N": "1.0"},
	"AC":  {"H": "0.35", "M": "0.61", "L": "0.71"},
	"Au":  {"M": "0.45", "S": "0.56", "N": "0.704"},
	"C":   {"N": "0.0", "P": "0.275", "C": "0.660"},
	"E":   {"U": "0.85", "POC": "0.90", "F": "0.95", "H": "1.00", "ND": "1.00"},
	"RL":  {"OF": "0.87", "TF": "0.90", "W": "0.95", "U": "1.00", "ND": "1.00"},
	"RC":  {"UC": "0.90", "UR": "0.95", "C": "1.00", "ND": "1.00"},
	"CDP": {"N": "0", "L": "0.1", "LM": "0.3", "MH": "0.4", "H": "0.5", "ND": "0"},
	"TD":  {"N": "0", "L": "0.25", "M": "0.75", "H": "1.00", "ND": "1.00"},
	"CR":  {"L": "0.5", "M": "1.0", "H": "1.51", "ND": "1.0"},
}

var printed3 = weights{
	"AV":  {"N": "0.85", "A": "0.62", "L": "0.55", "P": "0.2"},
	"AC":  {"L": "0.77", "H": "0.44"},
	"PRU": {"N": "0.85", "L": "0.62", "H": "0.27"},
	"PRC": {"N": "0.85", "L": "0.68", "H": "0.5"},
	"UI":  {"N": "0.85", "R": "0.62"},
	"C":   {"H": "0.56", "L": "0.22", "N": "0"},
	"E":   {"X": "1", "H": "1", "F": "0.97", "P": "0.94", "U": "0.91"},
	"RL":  {"X": "1", "U": "1", "W": "0.97", "T": "0.96", "O": "0.95"},
	"RC":  {"X": "1", "C": "1", "R": "0.96", "U": "0.92"},
	"CR":  {"X": "1", "H": "1.5", "M": "1", "L": "0.5"},
}

// of reads a weight, or any decimal.
func of(s string) *big.Rat {
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("no number: " + s)
	}
	return x
}

func mul(xs ...*big.Rat) *big.Rat {
	p := of("1")
	for _, x := range xs {
		p.Mul(p, x)
	}
	return p
}

func add(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func floor(x *big.Rat) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Div(x.Num(), x.Denom())) // Div rounds down; denominators are positive
}
func atMost(x *big.Rat, most string) *big.Rat {
	if x.Cmp(of(most)) > 0 {
		return of(most)
	}
	return x
}

// lost is 1-(1-C)(1-I)(1-A), each weighed by its requirement.
func lost(w weights, get func(string) string, prefix string, weighed bool) *big.Rat {
	kept := of("1")
	for _, m := range []string{"C", "I", "A"} {
		x := of(w["C"][get(prefix+m)])
		if weighed {
			x = mul(x, of(w["CR"][get(m+"R")]))
		}
		kept = mul(kept, sub(of("1"), x))
	}
	return sub(of("1"), kept)
}

// printed2Scores are the guide's equations, section 3.2. A tie is a value that
// lay exactly between two tenths before it was rounded.
func printed2Scores(get func(string) string) (scores [3]*big.Rat, tie bool) {
	w := func(m string) *big.Rat { return of(printed2[m][get(m)]) }
	round := func(x *big.Rat) *big.Rat { // to one decimal, halves away from zero
		sign := of("1")
		if x.Sign() < 0 {
			sign = of("-1")
		}
		more := add(mul(x, sign, of("10")), of("0.5"))
		tie = tie || more.IsInt()
		return mul(floor(more), sign, of("0.1"))
	}
	base := func(impact *big.Rat) *big.Rat {
		f := of("1.176")
		if impact.Sign() == 0 {
			f = of("0")
		}
		exploitability := mul(of("20"), w("AV"), w("AC"), w("Au"))
		return round(mul(sub(add(mul(of("0.6"), impact), mul(of("0.4"), exploitability)), of("1.5")), f))
	}
	temporal := func(base *big.Rat) *big.Rat { return round(mul(base, w("E"), w("RL"), w("RC"))) }
	b := base(mul(of("10.41"), lost(printed2, get, "", false)))
	adjusted := temporal(base(atMost(mul(of("10.41"), lost(printed2, get, "", true)), "10")))
	env := round(mul(add(adjusted, mul(sub(of("10"), adjusted), w("CDP"))), w("TD")))
	if env.Sign() < 0 {
		env = of("0")
	}
	return [3]*big.Rat{b, temporal(b), env}, tie
}

// printed3Scores are the equations of section 7 of versions 3.0 and 3.1.
func printed3Scores(version string, get func(string) string) [3]*big.Rat {
	up := roundUp30
	if version == "3.1" {
		up = roundUp31
	}
	effective := func(m string) string {
		if x := get("M" + m); x != "X" {
			return x
		}
		return get(m)
	}
	w := func(m string, get func(string) string) *big.Rat { return of(printed3[m][get(m)]) }
	sum := func(get func(string) string, weighed bool) *big.Rat {
		iss := atMost(lost(printed3, get, "", weighed), "0.915")
		changed := get("S") == "C"
		impact := mul(of("6.42"), iss)
		if changed {
			impact = printedChanged(version == "3.1" && weighed, iss)
		}
		if impact.Sign() <= 0 {
			return of("0")
		}
		pr := of(printed3["PR"+get("S")][get("PR")])
		total := add(impact, mul(of("8.22"), w("AV", get), w("AC", get), pr, w("UI", get)))
		if changed {
			total = mul(of("1.08"), total)
		}
		return up(atMost(total, "10"))
	}
	ripe := mul(w("E", get), w("RL", get), w("RC", get))
	base := sum(get, false)
	here := func(m string) string {
		switch m {
		case "CR", "IR", "AR":
			return get(m)
		}
		return effective(m)
	}
	return [3]*big.Rat{base, up(mul(base, ripe)), up(mul(sum(here, true), ripe))}
}

func printedChanged(modified31 bool, iss *big.Rat) *big.Rat {
	times, x := 15, sub(iss, of("0.02"))
	if modified31 {
		times, x = 13, sub(mul(iss, of("0.9731")), of("0.02"))
	}
	p := of("1")
	for range times {
		p = mul(p, x)
	}
	return sub(mul(of("7.52"), sub(iss, of("0.029"))), mul(of("3.25"), p))
}

// roundUp30 is "the smallest number, specified to one decimal place, that is
// equal to or higher than its input".
func roundUp30(x *big.Rat) *big.Rat {
	f := floor(mul(x, of("10")))
	if f.Cmp(mul(x, of("10"))) != 0 {
		f = add(f, of("1"))
	}
	return mul(f, of("0.1"))
}

// roundUp31 is appendix A's function.
func roundUp31(x *big.Rat) *big.Rat {
	return roundUp30(mul(floor(add(mul(x, of("100000")), of("0.5"))), of("0.00001")))
}

// checkExact compares all three scores of v with the printed equations.
func checkExact(t *testing.T, v Vector) {
	t.Helper()
	r := v.Score()
	want := [3]*big.Rat{}
	if v.scheme == v20 {
		want, _ = printed2Scores(v.Get)
		if !v.States(Environmental) {
			want[2] = want[1]
		}
	} else {
		want = printed3Scores(v.Version(), v.Get)
	}
	for i, have := range []float64{r.Base, r.Temporal, r.Environmental} {
		if f, _ := want[i].Float64(); f != have {
			t.Errorf("%s: score %d is %v, want %v", v, i, have, f)
		}
	}
}

// TestEveryBaseVectorAgainstThePrintedEquations has all base vectors of 2.0,
// 3.0 and 3.1, each with every combination of security requirements for 3.1,
// and with random temporal and environmental metrics for all.
func TestEveryBaseVectorAgainstThePrintedEquations(t *testing.T) {
	t.Parallel()
	for n, want := range map[uint8]int{v20: 729, v30: 2592, v31: 2592} {
		t.Run(schemes[n].version, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, uint64(n)))
			count := 0
			for v := range everyBase(n) {
				count++
				checkExact(t, v)
				for range 3 {
					w := randomVector(r, n)
					w.lo = w.lo&^basebits(n) | v.lo
					checkExact(t, w)
				}
			}
			if count != want {
				t.Errorf("%d base vectors, want %d", count, want)
			}
		})
	}
}

// TestEveryImpactAgainstThePrintedEquations has every way that impacts and
// requirements combine, where the powers of long fractions are, with the
// easiest and hardest ways in.
func TestEveryImpactAgainstThePrintedEquations(t *testing.T) {
	t.Parallel()
	for _, n := range []uint8{v20, v30, v31} {
		s := &schemes[n]
		rows := []*row{s.row("C"), s.row("I"), s.row("A"), s.row("CR"), s.row("IR"), s.row("AR")}
		if n != v20 {
			rows = append(rows, s.row("S"))
		}
		for _, ease := range []string{"first", "last"} {
			v := Vector{scheme: n}
			for i := range s.rows {
				if r := &s.rows[i]; r.Mandatory && ease == "first" {
					v = v.set(r, 1)
				} else if r.Mandatory {
					v = v.set(r, uint8(len(r.Choices)))
				}
			}
			each(v, rows, func(v Vector) { checkExact(t, v) })
		}
	}
}

// everyBase yields all vectors of the base metrics alone.
func everyBase(scheme uint8) func(yield func(Vector) bool) {
	var rows []*row
	for i := range schemes[scheme].rows {
		if r := &schemes[scheme].rows[i]; r.Mandatory {
			rows = append(rows, r)
		}
	}
	return func(yield func(Vector) bool) {
		going := true
		each(Vector{scheme: scheme}, rows, func(v Vector) { going = going && yield(v) })
	}
}

// each calls f with v in every combination of the rows' values.
func each(v Vector, rows []*row, f func(Vector)) {
	if len(rows) == 0 {
		f(v)
		return
	}
	for _, c := range rows[0].codes {
		each(v.set(rows[0], c), rows[1:], f)
	}
}

func basebits(scheme uint8) uint64 {
	return 1<<(4*schemes[scheme].quick.rows) - 1
}
