package kri

import (
	"fmt"
	"math"
	"slices"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/score/riskscore"
)

// newestOf is what the values say, and beside it what those say that the house did not
// count, where it counted some: for readers from outside.
func (k *KRI) newestOf(p *profile.Profile, points []Point) (Newest, error) {
	n, err := k.shone(p, points)
	if err != nil || !slices.ContainsFunc(points, Point.counted) {
		return n, err
	}
	told, err := k.shone(p, slices.DeleteFunc(slices.Clone(points), Point.counted))
	n.Told = &told
	return n, err
}

// counted reports whether the house counted the value over its cases.
func (p Point) counted() bool { return p.Source == fromQuery }

// shone lights the indicator by its values, as of the newest of them. The values are
// in order of time.
func (k *KRI) shone(p *profile.Profile, points []Point) (Newest, error) {
	n := Newest{Below: k.below(points)}
	asOf := k.Made
	if len(points) > 0 {
		asOf = points[len(points)-1].At
	}
	lamp, err := riskscore.Shine(k.lit(points), asOf)
	if err != nil {
		return n, err
	}
	n.Lamp = lamp
	if k.Predictive() && len(points) > 0 {
		n.Forecast, err = k.forecast(p, points)
		n.Lamp.Light, n.Lamp.Says = predicted(n.Forecast, err)
	}
	return n, nil
}

// predicted is the light of a prediction; where there can be none, the reason.
func predicted(f *Forecast, err error) (riskscore.Color, string) {
	if err != nil {
		return riskscore.Unknown, "there is no prediction: " + fault.Of(err).Error()
	}
	return f.Light, f.Says
}

// lit is the indicator as the arithmetic takes it. Where more is better and a fall
// is asked for, it is the exposure that falls.
func (k *KRI) lit(points []Point) riskscore.KRI {
	out := riskscore.KRI{Better: k.Better, Unit: k.Unit, Bands: riskscore.Bands(k.Bands), StaleDays: k.StaleDays}
	for _, p := range points {
		out.Points = append(out.Points, riskscore.Point{At: p.At, Value: p.Value})
		if p.Exposure != nil && k.Better == riskscore.Higher {
			out.Exposure = append(out.Exposure, riskscore.Point{At: p.At, Value: *p.Exposure})
		}
	}
	return out
}

// forecast predicts the coming period from the values, each a number of events in
// one period: handbook 3.5, R57. A value without exposure counts one unit; where
// some have an exposure, those without say nothing.
func (k *KRI) forecast(p *profile.Profile, points []Point) (*Forecast, error) {
	rules := p.Register.KRI
	points = k.window(points)
	h := riskscore.History{Prior: riskscore.Prior(rules.Prior), Level: rules.Level, Baseline: k.Baseline, Next: 1}
	for _, l := range rules.Ratio {
		h.Lights = append(h.Lights, riskscore.Light(l))
	}
	var events []riskscore.Point
	for _, x := range points {
		h.Events += int(x.Value)
		h.Exposure += 1
		if x.Exposure != nil {
			h.Exposure += *x.Exposure - 1
			h.Next = *x.Exposure
		}
		events = append(events, riskscore.Point{At: x.At, Value: x.Value})
	}
	if k.NextExposure != nil {
		h.Next = *k.NextExposure
	}
	if rules.Falling {
		h.Falling = falling(events)
	}
	f, err := riskscore.Predict(h)
	return &f, err
}

// window is what a prediction looks at.
func (k *KRI) window(points []Point) []Point {
	exposed := slices.ContainsFunc(points, func(p Point) bool { return p.Exposure != nil })
	points = slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return exposed && p.Exposure == nil })
	if k.Periods > 0 && len(points) > k.Periods {
		points = points[len(points)-k.Periods:]
	}
	return points
}

// falling tells whether there are fewer events than a quarter before; nil is not
// known.
func falling(events []riskscore.Point) *bool {
	rate, ok, _ := riskscore.RatePerQuarter(events)
	if !ok {
		return nil
	}
	less := rate < 0
	return &less
}

// below is since when every value is better than the baseline.
func (k *KRI) below(points []Point) (since time.Time) {
	if k.Baseline == nil {
		return since
	}
	for _, p := range slices.Backward(points) {
		if !k.better(p.Value, *k.Baseline) || p.Value == *k.Baseline {
			break
		}
		since = p.At
	}
	return since
}

// better tells whether a value is as good as another or better.
func (k *KRI) better(x, than float64) bool {
	if k.Better == riskscore.Higher {
		return x >= than
	}
	return x <= than
}

// show fills in what the newest value says at the moment.
func (k *KRI) show(now time.Time) {
	l := k.newest.Lamp
	k.Light, k.Was, k.Says, k.Value, k.Rate, k.At = string(l.Light), "", l.Says, l.Value, l.Rate, l.At
	k.Below, k.Forecast = k.newest.Below, k.newest.Forecast
	if old(k.stale, now) {
		k.Was, k.Light = k.Light, string(riskscore.Stale)
		k.Says = fmt.Sprintf("no value since %s, and one counts for %d days; then it was %s: %s", k.At.Format(time.DateOnly), k.StaleDays, k.Was, k.Says)
	}
	k.OnTarget = k.Target != nil && k.Value != nil && k.Light != string(riskscore.Stale) && k.better(*k.Value, *k.Target)
}

func old(since, now time.Time) bool { return !since.IsZero() && !now.Before(since) }

// plan sets when the next value is due, from when on the newest says nothing, and
// when the house has to look.
func (k *KRI) plan(now time.Time) {
	k.Next, k.stale, k.look = time.Time{}, time.Time{}, time.Time{}
	if at := k.newest.Lamp.At; !at.IsZero() {
		y, m, d := at.Date()
		k.stale = time.Date(y, m, d+k.StaleDays+1, 0, 0, 0, 0, time.UTC)
	}
	if k.State == Retired {
		return
	}
	from := k.newest.Lamp.At
	if from.IsZero() {
		from = k.Made
		if k.Start.After(from) {
			from = k.Start
		}
	}
	k.Next = from.AddDate(0, 0, k.Cadence)
	k.look = now.AddDate(0, 0, k.Cadence) // once all has passed, it is asked for again
	for _, at := range []time.Time{k.Next, k.stale} {
		if at.After(now) && at.Before(k.look) {
			k.look = at
		}
	}
	if k.Asks() {
		k.look = now // it is asked every night
	}
}

// number tells whether x is a number that is stored.
func number(x float64) bool { return !math.IsNaN(x) && math.Abs(x) <= MaxValue }

// MaxValue bounds values, so that sums of them stay numbers.
const MaxValue = 1e12
