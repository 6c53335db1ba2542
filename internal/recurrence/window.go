package recurrence

import (
	"fmt"
	"time"

	"tocsin/internal/clock"
)

// Window is a span of whole days, UTC: so many months that end with a day. The
// day of the same number so many months earlier is not in it; where that month is
// shorter, its last day stands for it.
type Window struct {
	First  string `json:"from"` // day, which counts
	Last   string `json:"to"`   // day, which counts
	Months int    `json:"months"`

	from time.Time // the first instant
	mid  time.Time // the first of the second half
	to   time.Time // the first after it
}

// WindowTo is the window whose last day is that of the moment, UTC.
func WindowTo(day time.Time, months int) Window {
	last := clock.Midnight(day)
	w := Window{Months: months, from: clock.MonthsBefore(last, months).AddDate(0, 0, 1), mid: clock.MonthsBefore(last, months/2).AddDate(0, 0, 1), to: last.AddDate(0, 0, 1)}
	w.First, w.Last = w.FirstDay(), w.LastDay()
	return w
}

// From is the first instant of the window.
func (w Window) From() time.Time { return w.from }

// Mid is the first instant of its second half.
func (w Window) Mid() time.Time { return w.mid }

// To is the first instant after it.
func (w Window) To() time.Time { return w.to }

// Holds reports whether a moment is in the window.
func (w Window) Holds(at time.Time) bool { return !at.Before(w.from) && at.Before(w.to) }

// FirstDay is the first day that counts.
func (w Window) FirstDay() string { return w.from.Format(time.DateOnly) }

// LastDay is the last day that counts.
func (w Window) LastDay() string { return w.to.AddDate(0, 0, -1).Format(time.DateOnly) }

// String says the window in words.
func (w Window) String() string {
	return fmt.Sprintf("%s to %s", w.FirstDay(), w.LastDay())
}
