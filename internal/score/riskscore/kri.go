package riskscore

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
)

// Color is a light. Only Green is good: what is stale or unknown is not.
type Color string

// The lights.
const (
	Green   Color = "green"
	Yellow  Color = "yellow"
	Red     Color = "red"
	Stale   Color = "stale"   // the newest value is too old to say anything
	Unknown Color = "unknown" // there is no value
)

// Directions of an indicator.
const (
	Higher = "higher"
	Lower  = "lower"
)

// Bands are the levels and rates of change of an indicator's lights: green where
// its level or its rate is, yellow likewise, else red (R56).
type Bands struct {
	Green      *float64 `json:"green,omitempty"` // at least, or at most, as the direction says
	Yellow     *float64 `json:"yellow,omitempty"`
	GreenRate  *float64 `json:"green_rate,omitempty"` // change a quarter, as a fraction: -0.2
	YellowRate *float64 `json:"yellow_rate,omitempty"`
	Strict     bool     `json:"strict,omitempty"` // the value of green itself is yellow
}

// Point is one value of an indicator.
type Point struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// KRI is one indicator with its values.
type KRI struct {
	Better    string  `json:"better"` // higher or lower
	Unit      string  `json:"unit,omitempty"`
	Bands     Bands   `json:"bands"`
	StaleDays int     `json:"stale_days"` // a value older than this says nothing
	Points    []Point `json:"points"`
	Exposure  []Point `json:"exposure,omitempty"` // what is left uncovered, where the rate is that of another series than the level
}

// Lamp is the light of an indicator with its reason.
type Lamp struct {
	Light Color     `json:"light"`
	Was   Color     `json:"was,omitempty"` // what a stale value showed
	Value *float64  `json:"value,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Rate  *float64  `json:"rate,omitempty"` // change a quarter, as a fraction
	Says  string    `json:"says"`
}

// Shine lights an indicator by level and rate of change together: coverage of 95
// percent is green, and so is a coverage of 40 whose exposure falls by a fifth a
// quarter, as published (handbook 3.5); the sentence says which of the two did it.
// No value is unknown, an old value is stale, and neither is ever green.
//
// A green rate under 0 asks for a fall. Where more is better (coverage), it then
// speaks of the exposure, a series of its own; without that series the level
// decides alone. An indicator without bands, as one that a prediction lights, is
// unknown here.
func Shine(k KRI, now time.Time) (Lamp, error) {
	if err := k.check(now); err != nil {
		return Lamp{}, err
	}
	points := until(k.Points, now)
	exposure := until(k.Exposure, now)
	newest := points
	if len(points) == 0 {
		newest = exposure
	}
	if len(newest) == 0 {
		return Lamp{Light: Unknown, Says: "no value has been recorded, which is not a good one"}, nil
	}
	last := newest[len(newest)-1]
	l := Lamp{Value: &last.Value, At: last.At}
	k.light(&l, points, exposure)
	if age := days(last.At, now); age > k.StaleDays {
		l.Was, l.Light = l.Light, Stale
		l.Says = fmt.Sprintf("no value for %s, and one counts for %s; that of %s was %s: %s",
			plural(age, "day", "days"), plural(k.StaleDays, "day", "days"), date(last.At), l.Was, l.Says)
	}
	return l, nil
}

func (k KRI) check(now time.Time) error {
	var fs fault.Fields
	if k.Better != Higher && k.Better != Lower {
		fs.Add("better", "%q is no direction: write higher or lower", k.Better)
	}
	if now.IsZero() {
		fs.Add("now", "an indicator is lit as of a day: name it")
	}
	if k.StaleDays < 1 {
		fs.Add("stale", "say after how many days a value says nothing: 1 or more")
	}
	for name, series := range map[string][]Point{"points": k.Points, "exposure": k.Exposure} {
		for i, p := range series {
			if !finite(p.Value) || p.At.IsZero() {
				fs.Add(fmt.Sprintf("%s.%d", name, i), "a value is a number with a date")
			}
		}
	}
	k.checkBands(&fs)
	slices.SortFunc(fs, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return fs.Err()
}

func (k KRI) checkBands(fs *fault.Fields) {
	b := k.Bands
	for name, x := range map[string]*float64{"green": b.Green, "yellow": b.Yellow, "green_rate": b.GreenRate, "yellow_rate": b.YellowRate} {
		if x != nil && !finite(*x) {
			fs.Add("bands."+name, "a limit is a number")
		}
	}
	if b.Green != nil && b.Yellow != nil && k.reaches(*b.Yellow, *b.Green) && *b.Yellow != *b.Green {
		fs.Add("bands.yellow", "yellow asks for more than green: swap them")
	}
	if b.GreenRate != nil && b.YellowRate != nil && b.within(*b.YellowRate, *b.GreenRate) && *b.YellowRate != *b.GreenRate {
		fs.Add("bands.yellow_rate", "the rate of yellow asks for more than that of green: swap them")
	}
}

// reaches tells whether a level is as good as the limit.
func (k KRI) reaches(x, limit float64) bool {
	x, limit = snap(x), snap(limit)
	if k.Better == Higher {
		return x >= limit
	}
	return x <= limit
}

// falls tells whether the bands ask for a fall: by the sign of the green rate,
// else of the yellow.
func (b Bands) falls() bool {
	for _, r := range []*float64{b.GreenRate, b.YellowRate} {
		if r != nil && *r != 0 {
			return *r < 0
		}
	}
	return true // a rate of 0 alone asks that it does not rise
}

// within tells whether a rate is as good as the limit.
func (b Bands) within(rate, limit float64) bool {
	rate, limit = snap(rate), snap(limit)
	if b.falls() {
		return rate <= limit
	}
	return rate >= limit
}

// light decides by what is there.
func (k KRI) light(l *Lamp, points, exposure []Point) {
	level, levelSays := k.level(points)
	rate, rateSays := k.rate(l, points, exposure)
	switch {
	case level == Green || rate == Green:
		l.Light = Green
	case level == Yellow || rate == Yellow:
		l.Light = Yellow
	case level == Red || rate == Red:
		l.Light = Red
	default:
		l.Light = Unknown
	}
	if k.Bands == (Bands{}) {
		l.Says = "no level and no rate of change says when it is green"
		return
	}
	l.Says = levelSays
	if rateSays != "" && l.Says != "" {
		l.Says += "; "
	}
	l.Says += rateSays
}

func (k KRI) level(points []Point) (Color, string) {
	b := k.Bands
	if b.Green == nil && b.Yellow == nil {
		return Unknown, ""
	}
	if len(points) == 0 {
		return Unknown, "no level has been recorded"
	}
	v := points[len(points)-1].Value
	word := map[string]string{Higher: "at least", Lower: "at most"}[k.Better]
	beyond := map[string]string{Higher: "less than", Lower: "more than"}[k.Better]
	for _, c := range []struct {
		light Color
		limit *float64
	}{{Green, b.Green}, {Yellow, b.Yellow}} {
		if c.light == Green && b.Strict && c.limit != nil && snap(v) == snap(*c.limit) {
			if b.Yellow == nil {
				return Yellow, k.amount(v) + "; the limit of green itself is yellow"
			}
			continue
		}
		if c.limit != nil && k.reaches(v, *c.limit) {
			return c.light, fmt.Sprintf("%s; %s %s is %s", k.amount(v), word, Number(*c.limit), c.light)
		}
	}
	limit := b.Yellow
	if limit == nil {
		limit = b.Green
	}
	return Red, fmt.Sprintf("%s; %s %s is red", k.amount(v), beyond, Number(*limit))
}

func (k KRI) amount(x float64) string {
	if k.Unit == "" {
		return Number(x)
	}
	return Number(x) + " " + k.Unit
}

func (k KRI) rate(l *Lamp, points, exposure []Point) (Color, string) {
	b := k.Bands
	if b.GreenRate == nil && b.YellowRate == nil {
		return Unknown, ""
	}
	series := exposure
	if len(series) == 0 {
		if k.Better == Higher && b.falls() {
			return Unknown, "whether the exposure falls is not known, for none is recorded"
		}
		series = points
	}
	rate, ok, says := RatePerQuarter(series)
	if !ok {
		if says == risen && b.falls() {
			return Red, says + ": red"
		}
		return Unknown, says
	}
	l.Rate = &rate
	light := Red
	switch {
	case b.GreenRate != nil && b.within(rate, *b.GreenRate):
		light = Green
	case b.YellowRate != nil && b.within(rate, *b.YellowRate):
		light = Yellow
	}
	return light, says + ": " + string(light)
}

const (
	quarter = 365.25 / 4 // days
	risen   = "it rose from nothing"
)

// RatePerQuarter is the change of the newest value against the one that lies
// nearest to a quarter of a year before it, as a fraction of the older, scaled to
// a quarter. Values less than half a quarter apart say nothing: a month's jump
// times three is not a trend. From nothing there is no fraction; ok is false.
func RatePerQuarter(points []Point) (rate float64, ok bool, says string) {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b Point) int { return a.At.Compare(b.At) })
	if len(points) == 0 {
		return 0, false, "no value has been recorded"
	}
	last := points[len(points)-1]
	var ref Point
	best := math.Inf(1)
	for _, p := range points[:len(points)-1] {
		age := last.At.Sub(p.At).Hours() / 24
		if off := math.Abs(age - quarter); age >= quarter/2 && off <= best {
			best, ref = off, p
		}
	}
	if math.IsInf(best, 1) {
		return 0, false, "there is no older value to compare with"
	}
	switch {
	case ref.Value == last.Value:
		return 0, true, "it has not changed since " + date(ref.At)
	case ref.Value == 0 && last.Value > 0:
		return 0, false, risen
	case ref.Value <= 0:
		return 0, false, "the older value is not above 0, so there is no rate of change"
	}
	age := last.At.Sub(ref.At).Hours() / 24
	rate = snap((last.Value - ref.Value) / ref.Value * quarter / age)
	verb := "risen"
	if rate < 0 {
		verb = "fallen"
	}
	return rate, true, fmt.Sprintf("it has %s by %s %% a quarter since %s", verb, Number(100*math.Abs(rate)), date(ref.At))
}

// until are the points up to now, in order.
func until(points []Point, now time.Time) (out []Point) {
	for _, p := range points {
		if !day(p.At).After(day(now)) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Point) int { return a.At.Compare(b.At) })
	return out
}
