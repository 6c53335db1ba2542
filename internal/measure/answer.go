package measure

import (
	"math"
	"time"

	"tocsin/internal/ref"
)

// Report is what happened in a window, as far as its reader may see it.
type Report struct {
	AsOf      time.Time `json:"as_of"` // the moment that the numbers are of
	Window    Window    `json:"window"`
	Product   string    `json:"product,omitempty"`
	Severity  string    `json:"severity,omitempty"`
	Cases     int       `json:"cases"`     // that the numbers are of: open at some time of the window, and the reader's to see
	Unhandled int       `json:"unhandled"` // opened in the window and in no number: imported history, which was not worked on here
	Measuring bool      `json:"measuring"` // older cases are still being measured: numbers are too low

	Attainment []Attainment `json:"attainment"`
	Times      []Length     `json:"times"`
	Open       Open         `json:"open"`
	Months     []Month      `json:"months"` // the twelve that end with the window
	Breaches   []Breach     `json:"breaches"`
	Missed     int          `json:"missed"` // how many breaches there are
	Weaknesses []Group      `json:"weaknesses"`
	Sources    []Group      `json:"sources"`
	Again      []Again      `json:"again"`
	NoData     []NoData     `json:"no_data"` // what is asked of reports like this, and is not recorded
}

// Share is so many of so many, with what a number so small says.
type Share struct {
	Part int `json:"part"`
	Of   int `json:"of"`
}

// few is how many are too few for a percentage to say anything.
const few = 10

// Few tells that a percentage would say more than there is.
func (s Share) Few() bool { return s.Of < few }

// Percent is the share in percent; 0 of 0 is 0.
func (s Share) Percent() float64 {
	if s.Of == 0 {
		return 0
	}
	return 100 * float64(s.Part) / float64(s.Of)
}

// z95 is the quantile of the normal distribution that 95 % lie within.
const z95 = 1.959963984540054

// Wilson is the interval, in percent, in which the share lies that such work would
// have in the long run, with 95 % confidence (Wilson 1927). Of nothing it is all.
func (s Share) Wilson() (low, high float64) {
	if s.Of == 0 {
		return 0, 100
	}
	n, p := float64(s.Of), float64(s.Part)/float64(s.Of)
	mid := p + z95*z95/(2*n)
	half := z95 * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	return math.Max(0, 100*(mid-half)/(1+z95*z95/n)), math.Min(100, 100*(mid+half)/(1+z95*z95/n))
}

// Kept is how often a clock was kept and missed.
type Kept struct {
	Met     int     `json:"met"`
	Missed  int     `json:"missed"`
	Running int     `json:"running"` // undecided at the end of the window
	Open    int     `json:"open"`    // of those missed, still not done
	Before  Share   `json:"before"`  // met of decided, in the window before
	Low     float64 `json:"low"`     // of the share that was met: 95 % interval, in percent
	High    float64 `json:"high"`
}

// Share is how many of those decided were met.
func (k Kept) Share() Share { return Share{k.Met, k.Met + k.Missed} }

// None tells that there is nothing to say.
func (k Kept) None() bool { return k.Met+k.Missed+k.Running+k.Before.Of == 0 }

// Attainment is how one clock was kept.
type Attainment struct {
	Measure
	Kept
	Severities []SeverityKept `json:"severities"`
}

// SeverityKept is how a clock was kept at one severity.
type SeverityKept struct {
	Severity string `json:"severity"` // "" is unknown
	Kept
}

// Spread is how long something took, in hours, pauses left out.
type Spread struct {
	Count  int     `json:"count"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	Mean   float64 `json:"mean"`
	Most   float64 `json:"most"`
}

// Bucket is how many took so many whole hours.
type Bucket struct {
	Hours int `json:"hours"`
	N     int `json:"n"`
}

// Length is how long something took.
type Length struct {
	Measure
	Spread
	Before     Spread           `json:"before"`
	Severities []SeveritySpread `json:"severities"`
	Buckets    []Bucket         `json:"buckets"`
}

// SeveritySpread is how long something took at one severity.
type SeveritySpread struct {
	Severity string `json:"severity"`
	Spread
}

// Open is what is open at the end of the window.
type Open struct {
	Count  int     `json:"count"`
	Median float64 `json:"median"` // days
	Oldest int     `json:"oldest"` // days
	Bands  []Band  `json:"bands"`
}

// Band is how many open cases are of an age, by severity from the gravest.
type Band struct {
	From  int            `json:"from"` // days
	To    int            `json:"to"`   // days, which count; 0 is no end
	Count int            `json:"count"`
	By    []SeverityOpen `json:"by"`
}

// SeverityOpen is how many open cases a severity has.
type SeverityOpen struct {
	Severity string `json:"severity"`
	Count    int    `json:"count"`
}

// Month is what came in, was closed, and was left in one month.
type Month struct {
	At       time.Time `json:"at"` // its first day
	Opened   int       `json:"opened"`
	Reopened int       `json:"reopened"`
	Closed   int       `json:"closed"`
	Backlog  int       `json:"backlog"` // open at its end
	Part     bool      `json:"part"`    // it is not over
}

// Breach is one round of a clock that was missed.
type Breach struct {
	Case     ref.ID     `json:"case"`
	Title    string     `json:"title"`
	Stage    string     `json:"stage"` // now
	Severity string     `json:"severity"`
	Product  string     `json:"product"`
	Clock    string     `json:"clock"`
	Name     string     `json:"name"` // of the clock
	Began    time.Time  `json:"began"`
	Due      time.Time  `json:"due"` // with every extension since
	At       time.Time  `json:"at"`  // when it was missed
	Ended    *time.Time `json:"ended,omitempty"`
	Paused   Span64     `json:"paused_seconds"`
	Over     Span64     `json:"over_seconds"` // late by so much, at its end or at the end of the window

	what string
}

// Span64 is a length of time in microseconds, which JSON gets as seconds.
type Span64 int64

// Duration is the length.
func (s Span64) Duration() time.Duration { return time.Duration(s) * time.Microsecond }

// MarshalJSON writes seconds.
func (s Span64) MarshalJSON() ([]byte, error) {
	return []byte(Seconds(s.Duration())), nil
}

// Group is cases of one kind: a weakness, a source.
type Group struct {
	Name   string `json:"name"` // "" is not stated
	Count  int    `json:"count"`
	Before int    `json:"before"` // in the window before
	Grave  int    `json:"grave"`  // of the two gravest severities
}

// Again is how often something began once more.
type Again struct {
	Measure
	Count  int `json:"count"`
	Before int `json:"before"`
}

// NoData is a number that nobody records, and why.
type NoData struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}
