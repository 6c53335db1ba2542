package measure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
)

// Ask is a question: which window, and of what.
type Ask struct {
	Period   string    // month, quarter (default), year, custom
	AsOf     time.Time // the window ends with its day, UTC; zero is today
	From     time.Time // first day of a custom window
	Product  string    // of this product alone
	Severity string    // of this severity alone, "unknown" is none
	Rows     int       // breaches that are listed at most; 0 is 50
}

// Periods are the windows by name, with their months.
var Periods = []struct {
	Name   string
	Months int
}{{"month", 1}, {"quarter", 3}, {"year", 12}}

// Custom is the period whose first day is given.
const Custom = "custom"

// Unknown stands for what has no severity.
const Unknown = "unknown"

// MaxRows is the most breaches that one answer lists.
const MaxRows = 1000

const (
	usualRows = 50
	maxDays   = 3660
)

// Window is a span of whole days, UTC, with the one of the same length before it.
type Window struct {
	Period string `json:"period"`
	First  string `json:"from"` // day, which counts
	Last   string `json:"to"`   // day, which counts
	Before string `json:"before"`

	prev, from, to time.Time // first instants; to is the first after it, or now
}

// From is the first instant of the window.
func (w Window) From() time.Time { return w.from }

// To is the first instant after it, or the moment of the answer.
func (w Window) To() time.Time { return w.to }

// Prev is the first instant of the window before.
func (w Window) Prev() time.Time { return w.prev }

// Days is how many days the window has.
func (w Window) Days() int { return int(w.to.Add(24*time.Hour-1).Sub(w.from) / (24 * time.Hour)) }

// check completes the question and finds its window.
func (a *Ask) check(p *profile.Profile, now time.Time) (w Window, err error) {
	var fs fault.Fields
	if a.AsOf.IsZero() || a.AsOf.After(now) {
		a.AsOf = now
	}
	if a.Period == "" {
		a.Period = "quarter"
	}
	if a.Rows < 0 || a.Rows > MaxRows {
		fs.Add("rows", "an answer lists 1 to %d breaches; ask for that many", MaxRows)
	}
	if a.Rows == 0 {
		a.Rows = usualRows
	}
	if a.Severity != "" && a.Severity != Unknown && !slices.Contains(p.SeverityWords(), a.Severity) {
		fs.Add("severity", "“%s” is no severity; the profile has %s, and %s", a.Severity, strings.Join(p.SeverityWords(), ", "), Unknown)
	}
	last := clock.Midnight(a.AsOf)
	w = Window{Period: a.Period, to: last.AddDate(0, 0, 1), Last: last.Format(time.DateOnly)}
	if w.from, w.prev, err = a.span(last); err != nil {
		fs.Add("period", "%s", fault.Of(err).Says)
	}
	w.First, w.Before = w.from.Format(time.DateOnly), w.prev.Format(time.DateOnly)
	if now.Before(w.to) {
		w.to = now
	}
	return w, fs.Err()
}

// span is the first day of the window, and of the one before.
func (a *Ask) span(last time.Time) (from, prev time.Time, err error) {
	for _, p := range Periods {
		if p.Name == a.Period {
			from = clock.MonthsBefore(last, p.Months).AddDate(0, 0, 1)
			return from, clock.MonthsBefore(from.AddDate(0, 0, -1), p.Months).AddDate(0, 0, 1), nil
		}
	}
	if a.Period != Custom {
		return last, last, fault.New(fault.Invalid, "“%s” is no period; choose month, quarter, year or custom", a.Period)
	}
	from = clock.Midnight(a.From)
	days := int(last.Sub(from)/(24*time.Hour)) + 1
	switch {
	case a.From.IsZero():
		return last, last, fault.New(fault.Invalid, "a window of your own needs its first day; write it like 2026-07-01")
	case days < 1:
		return last, last, fault.New(fault.Invalid, "the first day, %s, lies after the last, %s; swap them", from.Format(time.DateOnly), last.Format(time.DateOnly))
	case days > maxDays:
		return last, last, fault.New(fault.Invalid, "%d days are more than a report covers; choose at most %d", days, maxDays)
	}
	return from, from.AddDate(0, 0, -days), nil
}

// String says the window in words.
func (w Window) String() string { return fmt.Sprintf("%s to %s", w.First, w.Last) }
