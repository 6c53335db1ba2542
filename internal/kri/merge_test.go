package kri

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

// some are values at few moments, so that they meet.
func some(r *rand.Rand) []Point {
	out := make([]Point, r.IntN(30))
	for i := range out {
		out[i] = Point{At: time.Unix(int64(r.IntN(12))*86400, 0).UTC(), Value: float64(r.IntN(3))}
		if r.IntN(3) == 0 {
			x := float64(r.IntN(5))
			out[i].Exposure = &x
		}
	}
	return out
}

func TestMergeHoldsItsPromises(t *testing.T) {
	holds := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 1))
		was, _, _ := merge(nil, some(r))
		points := some(r)
		now, fresh, n := merge(was, points)
		again, none, m := merge(now, points)
		switch {
		case !slices.IsSortedFunc(now, byTime) || len(slices.CompactFunc(slices.Clone(now), func(a, b Point) bool { return a.At.Equal(b.At) })) != len(now):
			t.Logf("seed %d: not in order, each moment once", seed)
		case len(now) != len(was)+n.New || len(fresh) != n.New+n.Changed || n.New+n.Changed+n.Same != len(points):
			t.Logf("seed %d: %d became %d with %+v of %d", seed, len(was), len(now), n, len(points))
		case len(none) != 0 || m.Same != len(points) || len(again) != len(now):
			t.Logf("seed %d: the same values again change %d", seed, len(none))
		default:
			return true
		}
		return false
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// Whatever the values are, the light is one of the five, green never without a value,
// and since when all is better than the baseline is a moment that has a value.
func TestNoValueIsNeverGreen(t *testing.T) {
	f := func(x float64) *float64 { return &x }
	holds := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 2))
		k := &KRI{Made: time.Unix(0, 0).UTC(), State: Active, Body: Body{Unit: "x", Better: []string{"higher", "lower"}[r.IntN(2)], StaleDays: 1 + r.IntN(40), Cadence: 30, Baseline: f(1)}}
		k.Bands.Green = f(float64(r.IntN(3)))
		points, _, _ := merge(nil, some(r))
		var err error
		if k.newest, err = k.newestOf(nil, points); err != nil {
			t.Logf("seed %d: %v", seed, err)
			return false
		}
		now := time.Unix(int64(r.IntN(80))*86400, 0).UTC()
		k.plan(now)
		k.show(now)
		if len(points) == 0 && k.Light != "unknown" || !slices.Contains([]string{"green", "yellow", "red", "stale", "unknown"}, k.Light) {
			t.Logf("seed %d: light %q of %d values", seed, k.Light, len(points))
			return false
		}
		if age := now.Sub(k.At).Hours() / 24; len(points) > 0 && (k.Light == "stale") != (age > float64(k.StaleDays)) {
			t.Logf("seed %d: light %q at an age of %v days, stale after %d", seed, k.Light, age, k.StaleDays)
			return false
		}
		return k.Below.IsZero() || slices.ContainsFunc(points, func(p Point) bool { return p.At.Equal(k.Below) })
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"at,value\n2026-10-01,1\n", "at,value,exposure,note\n2026-10-01,1,2,\"a\nb\"\n", "\ufeffvalue,at\n=1,x\n", "at,value\n\"", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		points, lines, bad, err := ReadCSV(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(points) != len(lines) {
			t.Fatalf("%d values on %d lines", len(points), len(lines))
		}
		for i, p := range points {
			wrong := slices.ContainsFunc(bad, func(b RowError) bool { return b.Line == lines[i] })
			if !wrong && p.At.IsZero() && !math.IsNaN(p.Value) {
				t.Fatalf("line %d has no date and no mistake", lines[i])
			}
		}
	})
}
