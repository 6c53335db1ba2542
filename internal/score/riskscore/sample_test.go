package riskscore

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func frame(prefix string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%s%03d", prefix, i))
	}
	return out
}

func TestASampleIsDrawnAgainByItsSeed(t *testing.T) {
	t.Parallel()
	a := must[Sample](t)(Draw(frame("repo-", 100), 10, 42))
	turned := frame("repo-", 100)
	slices.Reverse(turned)
	same2(t, "the same seed from a frame in another order", must[Sample](t)(Draw(turned, 10, 42)), a)
	if b := must[Sample](t)(Draw(frame("repo-", 100), 10, 43)); slices.Equal(a.Chosen, b.Chosen) {
		t.Error("another seed draws the same")
	}
	if b := must[Sample](t)(Draw(frame("repo-", 101), 10, 42)); a.FrameHash == b.FrameHash {
		t.Error("another frame has the same hash")
	}
	// Records keep seed and method; the stream behind the method's name must not change.
	var ids []string
	for _, d := range a.Chosen {
		ids = append(ids, d.ID)
	}
	same2(t, "the draw of seed 42", ids, []string{"repo-027", "repo-035", "repo-008", "repo-068", "repo-069", "repo-036", "repo-092", "repo-018", "repo-086", "repo-070"})
	same2(t, "method", []any{a.Method, a.FrameSize}, []any{"random/chacha8/1", 100})
}

func TestEveryMemberIsAsLikely(t *testing.T) {
	t.Parallel()
	hits := map[string]int{}
	const draws = 20000
	for seed := range uint64(draws) {
		for _, d := range must[Sample](t)(Draw(frame("", 10), 3, seed)).Chosen {
			hits[d.ID]++
		}
	}
	// Binomial with p 0.3: five standard deviations are 324.
	for id, n := range hits {
		if math.Abs(float64(n)-0.3*draws) > 325 {
			t.Errorf("%s was drawn %d times, want about %v", id, n, 0.3*draws)
		}
	}
	same2(t, "members drawn", len(hits), 10)
}

func TestStrataAreDrawnInProportion(t *testing.T) {
	t.Parallel()
	s := must[Sample](t)(DrawStrata([]Stratum{{"web", frame("w", 70)}, {"api", frame("a", 28)}, {"cli", frame("c", 2)}}, 10, 7))
	same2(t, "shares", s.Strata, []Share{{"api", 28, 2}, {"cli", 2, 1}, {"web", 70, 7}})
	same2(t, "drawn", len(s.Chosen), 10)
	same2(t, "method", s.Method, "stratified/chacha8/1")
}

func TestAFrameIsRefusedWithTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		strata      []Stratum
		n           int
	}{
		{"more than there are", "n", []Stratum{{"a", frame("a", 3)}}, 4},
		{"nothing to draw", "n", []Stratum{{"a", frame("a", 3)}}, 0},
		{"fewer than there are strata", "n", []Stratum{{"a", frame("a", 3)}, {"b", frame("b", 3)}}, 1},
		{"no frame", "n", nil, 1},
		{"a member twice", "strata.1", []Stratum{{"a", []string{"x"}}, {"b", []string{"x"}}}, 2},
		{"a member without name", "strata.0", []Stratum{{"a", []string{""}}}, 1},
		{"an empty stratum", "strata.0", []Stratum{{"a", nil}}, 1},
		{"two strata of one name", "strata", []Stratum{{"a", []string{"x"}}, {"a", []string{"y"}}}, 2},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := DrawStrata(c.strata, c.n, 1)
			refused(t, err, c.field)
		})
	}
}

func TestAllocationAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 500), 1, 20).Draw(t, "sizes")
		total := 0
		for _, s := range sizes {
			total += s
		}
		n := rapid.IntRange(len(sizes), total).Draw(t, "n")
		sum := 0
		for i, k := range allocate(sizes, n) {
			if k < 1 || k > sizes[i] {
				t.Fatalf("%d of %d", k, sizes[i])
			}
			sum += k
		}
		if sum != n {
			t.Fatalf("%d, want %d", sum, n)
		}
	})
}

// R. Newcombe, Two-sided confidence intervals for the single proportion, 1998,
// table I, to four decimals.
func TestThePublishedIntervals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n         int
		wLow, wHigh  float64
		cpLow, cpTop float64
	}{
		{81, 263, 0.2553, 0.3662, 0.2527, 0.3676},
		{15, 148, 0.0624, 0.1605, 0.0578, 0.1617},
		{0, 20, 0, 0.1611, 0, 0.1684},
		{1, 29, 0.0061, 0.1718, 0.0009, 0.1776},
	} {
		w := must[Interval](t)(Wilson(c.k, c.n, 0.95))
		e := must[Interval](t)(ClopperPearson(c.k, c.n, 0.95))
		for i, pair := range [][2]float64{{w.Low, c.wLow}, {w.High, c.wHigh}, {e.Low, c.cpLow}, {e.High, c.cpTop}} {
			if math.Abs(pair[0]-pair[1]) > 0.00005001 {
				t.Errorf("%d of %d, bound %d: %v, want %v", c.k, c.n, i, pair[0], pair[1])
			}
		}
	}
	none := must[Interval](t)(ClopperPearson(0, 50, 0.9))
	near(t, "none of 50: 1-(tail)^(1/n)", none.High, 1-math.Pow(0.05, 1.0/50), 1e-12)
}

// The exact interval covers: with k bad of n its ends are where the tails are
// what they should be, summed directly.
func TestTheExactIntervalHasItsTails(t *testing.T) {
	t.Parallel()
	atLeast := func(k, n int, p float64) (sum float64) {
		for i := k; i <= n; i++ {
			a, _ := math.Lgamma(float64(n) + 1)
			b, _ := math.Lgamma(float64(i) + 1)
			c, _ := math.Lgamma(float64(n-i) + 1)
			sum += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		}
		return sum
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 200).Draw(t, "n")
		k := rapid.IntRange(1, n-1).Draw(t, "k")
		iv, err := ClopperPearson(k, n, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if low, high := atLeast(k, n, iv.Low), 1-atLeast(k+1, n, iv.High); math.Abs(low-0.05) > 1e-9 || math.Abs(high-0.05) > 1e-9 {
			t.Fatalf("tails %v and %v of %d in %d", low, high, k, n)
		}
	})
}

func TestProportionsOfAFrame(t *testing.T) {
	t.Parallel()
	small := must[Estimate](t)(Proportion([]Seen{{"", 40, 20, 2}}, 0.9))
	large := must[Estimate](t)(Proportion([]Seen{{"", 1000000, 20, 2}}, 0.9))
	if small.Interval.High-small.Interval.Low >= large.Interval.High-large.Interval.Low {
		t.Errorf("half of a frame says no more than a little of a large one: %v and %v", small.Interval, large.Interval)
	}
	if large.Exact == nil || large.Exact.High <= large.Interval.High {
		t.Errorf("the exact interval %v is not wider than %v", large.Exact, large.Interval)
	}
	all := must[Estimate](t)(Proportion([]Seen{{"", 40, 40, 2}}, 0.9))
	same2(t, "a frame looked at whole is known", all.Interval, Interval{0.05, 0.05, 0.9})
	clean := must[Estimate](t)(Proportion([]Seen{{"a", 100, 10, 0}, {"b", 50, 5, 0}}, 0.9))
	if clean.Share != 0 || clean.Interval.High < 0.1 {
		t.Errorf("nothing bad of 15 drawn is %v with %v, want an interval that has a width", clean.Share, clean.Interval)
	}
	quiet := must[Estimate](t)(Proportion([]Seen{{"a", 900, 10, 0}, {"b", 100, 10, 5}}, 0.9))
	plain := must[Interval](t)(Wilson(1, 20, 0.9))
	if have, want := quiet.Interval.High-quiet.Interval.Low, plain.High-plain.Low; have < 0.95*want {
		t.Errorf("a stratum in which nothing was found makes the interval %v wide, want about the %v of a plain draw", have, want)
	}
	weighed := must[Estimate](t)(Proportion([]Seen{{"a", 900, 10, 0}, {"b", 100, 10, 10}}, 0.9))
	near(t, "strata have the weight of their size", weighed.Share, 0.1, 1e-12)
}

func TestProportionsRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	for field, s := range map[string]Seen{"seen.0.frame": {"", 0, 0, 0}, "seen.0.drawn": {"", 5, 6, 0}, "seen.0.bad": {"", 5, 4, 5}} {
		_, err := Proportion([]Seen{s}, 0.9)
		refused(t, err, field)
	}
	_, err := Proportion(nil, 1.5)
	refused(t, err, "seen")
	refused(t, err, "level")
	_, err = Wilson(3, 2, 0.9)
	refused(t, err, "bad")
	_, err = ClopperPearson(0, 0, 0.9)
	refused(t, err, "n")
}

func TestAnEstimateLiesInItsInterval(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var seen []Seen
		for i := range rapid.IntRange(1, 5).Draw(t, "strata") {
			n := rapid.IntRange(1, 300).Draw(t, "frame")
			d := rapid.IntRange(1, n).Draw(t, "drawn")
			seen = append(seen, Seen{fmt.Sprint(i), n, d, rapid.IntRange(0, d).Draw(t, "bad")})
		}
		e, err := Proportion(seen, rapid.Float64Range(0.5, 0.999).Draw(t, "level"))
		if err != nil {
			t.Fatal(err)
		}
		if e.Interval.Low < 0 || e.Interval.High > 1 || e.Interval.Low > e.Share+1e-9 || e.Interval.High < e.Share-1e-9 {
			t.Fatalf("%v in %v", e.Share, e.Interval)
		}
		if e.Drawn < e.Frame && e.Interval.Low == e.Interval.High {
			t.Fatalf("%v has no width", e.Interval)
		}
	})
}
