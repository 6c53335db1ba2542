package riskscore

import (
	"fmt"
	"math"

	"tocsin/internal/fault"
)

// Prior is a gamma prior of a rate of events; (0, 0) adds nothing, so that the
// mean is the rate observed.
type Prior struct {
	Shape float64 `json:"shape"`
	Rate  float64 `json:"rate"` // in units of exposure
}

// Light is the light up to a number; 0 in the last is without end.
type Light struct {
	UpTo  float64 `json:"up_to"`
	Light string  `json:"light"`
}

// History is what was counted, and what is asked of the next period.
type History struct {
	Events   int      `json:"events"`
	Exposure float64  `json:"exposure"` // units x periods, in total: 6 months at a mean of 500 are 3000
	Next     float64  `json:"next"`     // units in the period to come
	Prior    Prior    `json:"prior"`
	Level    float64  `json:"level"`              // of the intervals: 0.9
	Baseline *float64 `json:"baseline,omitempty"` // events in a period that count as normal
	Lights   []Light  `json:"lights"`             // by predicted over baseline
	MustFall bool     `json:"must_fall"`          // green also asks that events have been falling
	Falling  *bool    `json:"falling,omitempty"`  // whether they have; nil where nobody knows
}

// Forecast is what the gamma-Poisson model says of the period to come. The rate
// of events a unit and period is gamma distributed with Shape and Rate; the number
// of events is then negative binomial.
type Forecast struct {
	Known   bool     `json:"known"` // false where no event was seen and the prior says nothing
	Shape   float64  `json:"shape"`
	Rate    float64  `json:"rate"`
	PerUnit float64  `json:"per_unit"` // events a unit and period
	Mean    float64  `json:"mean"`     // events to expect in the period
	Low     float64  `json:"low"`      // credible interval of that expectation
	High    float64  `json:"high"`
	Least   int      `json:"least"` // predictive interval: events that may in fact happen
	Most    int      `json:"most"`
	Limit   float64  `json:"limit,omitzero"` // where not known: the expectation that Level rules out to be exceeded
	Ratio   *float64 `json:"ratio,omitempty"`
	Above   *float64 `json:"above,omitempty"` // probability that the expectation lies above the baseline
	Light   Color    `json:"light"`
	Says    string   `json:"says"`
	Steps   Steps    `json:"steps"`
}

// maxEvents bounds counts, so that every search ends soon.
const maxEvents = 100_000_000

// Predict updates the prior by what was counted and looks ahead (handbook 3.5,
// R57). Where nothing happened and the prior is (0, 0) the model has no answer:
// its mean would be 0, which reads as no risk. It then says so, gives no
// interval and no light, and names the classical upper limit -ln(1 - level) in its
// place (J. Hanley, A. Lippman-Hand, If Nothing Goes Wrong, JAMA 1983).
func Predict(h History) (Forecast, error) {
	if err := h.check(); err != nil {
		return Forecast{}, err
	}
	f := Forecast{Shape: h.Prior.Shape + float64(h.Events), Rate: h.Prior.Rate + h.Exposure}
	f.Steps.add("kri.events", "Events", fmt.Sprint(h.Events), "in an exposure of %s", Number(h.Exposure))
	f.Steps.add("kri.prior", "Prior", fmt.Sprintf("Gamma(%s, %s)", Number(h.Prior.Shape), Number(h.Prior.Rate)), "%s", priorNote(h.Prior))
	if f.Shape == 0 {
		return h.unknown(f), nil
	}
	f.Known = true
	f.PerUnit = f.Shape / f.Rate
	f.Mean = snap(f.Shape * h.Next / f.Rate)
	tail := (1 - h.Level) / 2
	f.Low = snap(gammaQuantile(f.Shape, tail) * h.Next / f.Rate)
	f.High = snap(gammaQuantile(f.Shape, 1-tail) * h.Next / f.Rate)
	f.Least, f.Most = f.counts(h.Next, tail), f.counts(h.Next, 1-tail)
	f.Steps.add("kri.rate", "Events a unit and period", decimals(f.PerUnit, 6), "(%s + %d) / (%s + %s)", Number(h.Prior.Shape), h.Events, Number(h.Prior.Rate), Number(h.Exposure))
	f.Steps.add("kri.mean", "Events to expect", Number(f.Mean), "at an exposure of %s", Number(h.Next))
	f.Steps.add("kri.credible", "Expectation lies within", Number(f.Low)+" to "+Number(f.High), "with %s %%", Number(100*h.Level))
	f.Steps.add("kri.predictive", "Events may be", fmt.Sprintf("%d to %d", f.Least, f.Most), "with %s %%", Number(100*h.Level))
	f.Says = fmt.Sprintf("about %s events are expected in the next period, %s %% sure between %d and %d", Number(f.Mean), Number(100*h.Level), f.Least, f.Most)
	return f, h.light(&f)
}

func priorNote(p Prior) string {
	if p == (Prior{}) {
		return "adds nothing"
	}
	return "counts as that many events in that exposure"
}

func (h History) unknown(f Forecast) Forecast {
	f.Light = Unknown
	f.Limit = snap(-math.Log1p(-h.Level) * h.Next / h.Exposure)
	f.Says = fmt.Sprintf("no event was seen in an exposure of %s, which is not the same as no risk: the rate is unknown, and %s %% rule out that more than %s are to be expected at %s",
		Number(h.Exposure), Number(100*h.Level), Number(f.Limit), Number(h.Next))
	f.Steps.add("kri.mean", "Events to expect", "unknown", "%s", f.Says)
	return f
}

func (h History) check() error {
	var fs fault.Fields
	amount := func(name string, x float64, says string) {
		if !finite(x) || x < 0 || x > 1e15 {
			fs.Add(name, "%s", says)
		}
	}
	if h.Events < 0 || h.Events > maxEvents {
		fs.Add("events", "the events are counted from 0 to %d", maxEvents)
	}
	amount("exposure", h.Exposure, "the exposure is a number of 0 or more: units times periods")
	amount("next", h.Next, "the exposure of the coming period is a number of 0 or more")
	amount("prior.shape", h.Prior.Shape, "the prior's shape is a number of 0 or more")
	amount("prior.rate", h.Prior.Rate, "the prior's rate is a number of 0 or more")
	if h.Prior.Rate == 0 && h.Exposure == 0 {
		fs.Add("exposure", "without exposure and without a prior there is no rate: say how much was observed")
	}
	if h.Next == 0 {
		fs.Add("next", "say how much is exposed in the coming period")
	}
	if math.IsNaN(h.Level) || h.Level <= 0 || h.Level >= 1 {
		fs.Add("level", "an interval's level lies between 0 and 1: 0.9")
	}
	if h.Baseline != nil {
		amount("baseline", *h.Baseline, "the baseline is a number of events of 0 or more")
	}
	if mean := (h.Prior.Shape + float64(h.Events)) * h.Next / (h.Prior.Rate + h.Exposure); len(fs) == 0 && !(mean <= maxEvents) {
		fs.Add("next", "at that exposure more than %d events are to be expected: check the units of the exposures", maxEvents)
	}
	return fs.Err()
}

// counts is the least number of events that a share p stays at or under. The
// share of at most k events is I(shape, k+1) at rate/(rate+next).
func (f Forecast) counts(next, p float64) int {
	odds := f.Rate / (f.Rate + next)
	short := func(k int) bool { return below(betaPQ(f.Shape, float64(k)+1, odds))(p) }
	low, high := -1, 1
	for short(high) && high < math.MaxInt/4 {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if mid := low + (high-low)/2; short(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// light compares with the baseline. Where green also asks that events have been
// falling (handbook 3.5), what is on target and does not fall, or is not known to, is
// yellow.
func (h History) light(f *Forecast) error {
	if h.Baseline == nil {
		f.Light = Unknown
		f.Says += "; there is no baseline to compare with"
		return nil
	}
	above := 1 - gammaP(f.Shape, *h.Baseline*f.Rate/h.Next)
	f.Above = &above
	says := "any event is more than a baseline of none"
	ratio := math.Inf(1)
	if *h.Baseline > 0 {
		ratio = snap(f.Mean / *h.Baseline)
		f.Ratio = &ratio
		says = fmt.Sprintf("%s times the baseline of %s", Number(ratio), Number(*h.Baseline))
	}
	var err error
	if f.Light, err = Ratio(h.Lights, ratio); err != nil {
		return err
	}
	switch {
	case f.Light != Green || !h.MustFall:
	case h.Falling == nil:
		f.Light = Yellow
		says += ", and nobody knows whether events are falling"
	case !*h.Falling:
		f.Light = Yellow
		says += ", and events are not falling"
	}
	f.Says += "; " + says
	f.Steps.add("kri.ratio", "Light", string(f.Light), "%s", says)
	return nil
}

// Ratio is the light of predicted over baseline: that of the first row that the
// ratio does not exceed. The source leaves 1 to 1.5 open; the profile's rows decide
// it (handbook 19, point 14 proposes yellow).
func Ratio(lights []Light, ratio float64) (Color, error) {
	if math.IsNaN(ratio) || ratio < 0 {
		return Unknown, fault.At("ratio", "a ratio is a number of 0 or more")
	}
	for i, l := range lights {
		last := i == len(lights)-1
		if ratio <= l.UpTo || last && l.UpTo == 0 {
			return Color(l.Light), nil
		}
	}
	return Unknown, fault.At("lights", "no light covers a ratio of %v: let the last be without end", ratio)
}
