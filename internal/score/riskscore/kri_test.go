package riskscore

import (
	"math"
	"strings"
	"testing"
	"time"
)

// monthly are values a month apart, the last of them on the day of the test.
func monthly(values ...float64) (out []Point) {
	for i, v := range values {
		out = append(out, Point{Months(on(2026, 8, 31), i+1-len(values)), v})
	}
	return out
}

var (
	coverage = Bands{Green: ptr(95.0), Yellow: ptr(75.0), GreenRate: ptr(-0.2), YellowRate: ptr(0.0)}
	exposure = Bands{GreenRate: ptr(-0.2), YellowRate: ptr(0.0)}
	sampling = Bands{Green: ptr(5.0), Yellow: ptr(15.0)}
	strict   = Bands{Green: ptr(5.0), Yellow: ptr(15.0), Strict: true}
)

func TestLightsFollowLevelAndRateTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says  string
		kri   KRI
		want  Color
		words string
	}{
		{"coverage at its limit is green", KRI{Better: Higher, Unit: "%", Bands: coverage, Points: monthly(95)}, Green, "95 %; at least 95 is green"},
		{"the gap between 94 and 95 is yellow", KRI{Better: Higher, Bands: coverage, Points: monthly(94.5)}, Yellow, "at least 75"},
		{"low coverage is red", KRI{Better: Higher, Bands: coverage, Points: monthly(74.9)}, Red, "less than 75 is red"},
		{"low coverage whose exposure falls by a fifth is green", KRI{Better: Higher, Bands: coverage, Points: monthly(40), Exposure: monthly(100, 90, 85, 79)}, Green, "fallen by"},
		{"low coverage with flat exposure is yellow", KRI{Better: Higher, Bands: coverage, Points: monthly(40), Exposure: monthly(100, 100, 100, 100)}, Yellow, "has not changed"},
		{"low coverage with rising exposure is red", KRI{Better: Higher, Bands: coverage, Points: monthly(40), Exposure: monthly(100, 100, 100, 101)}, Red, "risen by"},
		{"rising coverage is no falling exposure", KRI{Better: Higher, Bands: coverage, Points: monthly(60, 55, 50, 40)}, Red, "whether the exposure falls is not known"},
		{"exposure that falls by a fifth", KRI{Better: Lower, Bands: exposure, Points: monthly(50, 0, 0, 39)}, Green, ": green"},
		{"exposure that falls by less", KRI{Better: Lower, Bands: exposure, Points: monthly(50, 0, 0, 45)}, Yellow, ": yellow"},
		{"exposure that rises", KRI{Better: Lower, Bands: exposure, Points: monthly(50, 0, 0, 55)}, Red, ": red"},
		{"exposure that rises from nothing", KRI{Better: Lower, Bands: exposure, Points: monthly(0, 0, 0, 5)}, Red, "rose from nothing"},
		{"nothing that stays nothing is flat", KRI{Better: Lower, Bands: exposure, Points: monthly(0, 0, 0, 0)}, Yellow, "has not changed"},
		{"one value has no rate", KRI{Better: Lower, Bands: exposure, Points: monthly(50)}, Unknown, "no older value"},
		{"a small part of a sample is bad", KRI{Better: Lower, Bands: sampling, Points: monthly(4.9)}, Green, "at most 5"},
		{"a part of a sample is bad", KRI{Better: Lower, Bands: sampling, Points: monthly(15)}, Yellow, "at most 15"},
		{"too much of a sample is bad", KRI{Better: Lower, Bands: sampling, Points: monthly(15.1)}, Red, "more than 15 is red"},
		{"the limit of green itself is yellow where bands are strict", KRI{Better: Lower, Bands: strict, Points: monthly(5)}, Yellow, "at most 15"},
		{"under the limit is green where bands are strict", KRI{Better: Lower, Bands: strict, Points: monthly(4.99)}, Green, "at most 5"},
		{"strict without yellow", KRI{Better: Higher, Bands: Bands{Green: ptr(5.0), Strict: true}, Points: monthly(5)}, Yellow, "the limit of green itself"},
		{"nothing says when it is green", KRI{Better: Higher, Points: monthly(5)}, Unknown, "no level and no rate"},
		{"no value is unknown", KRI{Better: Lower, Bands: sampling}, Unknown, "not a good one"},
		{"a value of tomorrow does not count yet", KRI{Better: Lower, Bands: sampling, Points: []Point{{now.AddDate(0, 0, 1), 1}}}, Unknown, "not a good one"},
	} {
		t.Run(c.says, func(t *testing.T) {
			c.kri.StaleDays = 45
			l := must[Lamp](t)(Shine(c.kri, now))
			if l.Light != c.want || !strings.Contains(l.Says, c.words) {
				t.Errorf("%s: %s; want %s with %q", l.Light, l.Says, c.want, c.words)
			}
		})
	}
}

func TestAnOldValueIsStaleAndNotGreen(t *testing.T) {
	t.Parallel()
	k := KRI{Better: Lower, Bands: sampling, StaleDays: 45, Points: []Point{{now.AddDate(0, 0, -45), 1}}}
	if l := must[Lamp](t)(Shine(k, now)); l.Light != Green {
		t.Errorf("a value on its last day is %s, want green", l.Light)
	}
	l := must[Lamp](t)(Shine(k, now.AddDate(0, 0, 1)))
	same2(t, "light", []Color{l.Light, l.Was}, []Color{Stale, Green})
	if !strings.Contains(l.Says, "no value for 46 days") || !strings.Contains(l.Says, "was green") {
		t.Errorf("it says %q", l.Says)
	}
}

func TestTheRateOfAQuarterScales(t *testing.T) {
	t.Parallel()
	start := on(2026, 1, 1)
	at := func(d float64, v float64) Point {
		return Point{start.Add(time.Duration(d * 24 * float64(time.Hour))), v}
	}
	for _, c := range []struct {
		says   string
		points []Point
		want   float64
		ok     bool
	}{
		{"a quarter apart", []Point{at(0, 100), at(quarter, 80)}, -0.2, true},
		{"half a year apart counts half", []Point{at(0, 100), at(2*quarter, 80)}, -0.1, true},
		{"the one nearest to a quarter is taken", []Point{at(0, 500), at(quarter, 100), at(2*quarter, 80), at(2*quarter-5, 1)}, -0.2, true},
		{"days apart say nothing", []Point{at(0, 100), at(20, 80)}, 0, false},
		{"from below nothing there is no rate", []Point{at(0, -5), at(quarter, 5)}, 0, false},
		{"there is nothing", nil, 0, false},
	} {
		t.Run(c.says, func(t *testing.T) {
			have, ok, says := RatePerQuarter(c.points)
			if math.Abs(have-c.want) > 1e-6 || ok != c.ok || says == "" {
				t.Errorf("%v %v (%s), want %v %v", have, ok, says, c.want, c.ok)
			}
		})
	}
}

func TestAnIndicatorIsRefusedWithTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		change      func(*KRI)
	}{
		{"no direction", "better", func(k *KRI) { k.Better = "" }},
		{"no age", "stale", func(k *KRI) { k.StaleDays = 0 }},
		{"a limit that is no number", "bands.green", func(k *KRI) { k.Bands.Green = ptr(math.NaN()) }},
		{"yellow above green", "bands.yellow", func(k *KRI) { k.Bands.Yellow = ptr(4.0) }},
		{"a yellow rate above green", "bands.yellow_rate", func(k *KRI) { k.Bands = Bands{GreenRate: ptr(-0.2), YellowRate: ptr(-0.3)} }},
		{"a value that is no number", "points.0", func(k *KRI) { k.Points[0].Value = math.Inf(-1) }},
		{"a value without a date", "exposure.0", func(k *KRI) { k.Exposure = []Point{{}} }},
	} {
		t.Run(c.says, func(t *testing.T) {
			k := KRI{Better: Lower, Bands: sampling, StaleDays: 45, Points: monthly(3)}
			c.change(&k)
			_, err := Shine(k, now)
			refused(t, err, c.field)
		})
	}
	_, err := Shine(KRI{Better: Lower, Bands: sampling, StaleDays: 45}, time.Time{})
	refused(t, err, "now")
}
