package clock

import (
	"time"

	"tocsin/internal/profile"
)

const day = 24 * 60 * 60 // seconds on the wall, whatever the zone does that night

// Works tells whether work is ever done in cal. A calendar of calendar days
// always works; a business calendar needs at least one weekday.
func Works(cal *profile.Calendar) bool {
	if cal == nil {
		return false
	}
	if cal.Kind != profile.KindBusiness {
		return true
	}
	for _, on := range cal.Days {
		if on {
			return true
		}
	}
	return false
}

// Add returns the moment that lies the spans after t, counted in cal. Spans of
// one unit are summed first; then days are added, then business days, then
// hours, so that the order of the spans never matters.
//
//   - "d" is a civil day in the calendar's zone: the same time on the wall so
//     many dates later. Where the wall skips that time, the first moment after
//     the gap; where it shows it twice, the first.
//   - "bd" is a working day: from t, or from the next working moment when t
//     lies outside working time, to the same time on the wall so many working
//     days later. In a calendar without working days it is a "d".
//   - "h" is an hour that passes; in a business calendar, an hour of working
//     time.
func Add(cal *profile.Calendar, t time.Time, spans ...profile.Span) time.Time {
	return newDays(cal).add(t, spans...)
}

// Before returns the moment that lies span before t, counted in cal: the mirror
// of Add, from the last working moment where t lies outside working time.
func Before(cal *profile.Calendar, t time.Time, span profile.Span) time.Time {
	return newDays(cal).before(t, span)
}

// Worked returns how much of the time from a to b counts in cal: all of it, or
// in a business calendar the working time.
func Worked(cal *profile.Calendar, a, b time.Time) time.Duration {
	return newDays(cal).worked(a, b)
}

// After returns the first moment at which d of counted time has passed since t.
func After(cal *profile.Calendar, t time.Time, d time.Duration) time.Time {
	return newDays(cal).after(t, d)
}

// days counts in one calendar. A day is a number: days since 1970-01-01. The
// wall is seconds since 1970-01-01 00:00 as the zone's clocks show them.
// A working day runs from the first moment that the wall has reached its
// opening to the first that it has reached its close, so a wall that is set
// back opens no day twice.
type days struct {
	cal        *profile.Calendar
	zone       *time.Location
	open, shut int64 // seconds after midnight; shut is later, and past 24 h where work goes over midnight
	holidays   bool

	from, till, offset int64 // the part of the zone's history last used, far enough from its start to be unambiguous
}

func newDays(cal *profile.Calendar) *days {
	d := &days{cal: cal, zone: cal.Zone, holidays: len(cal.Holidays) > 0}
	if d.zone == nil {
		d.zone = time.UTC
	}
	d.open, d.shut = int64(cal.From/time.Second), int64(cal.To/time.Second)
	if d.shut <= d.open {
		d.shut += day
	}
	d.shut = min(d.shut, d.open+day)
	return d
}

func (d *days) business() bool { return d.cal.Kind == profile.KindBusiness }

// shown returns the wall at t.
func (d *days) shown(t time.Time) int64 {
	u := t.Unix()
	if d.from <= u && u < d.till {
		return u + d.offset
	}
	_, off := t.In(d.zone).Zone()
	return u + int64(off)
}

// instant returns the first moment at which the wall has reached the time.
func (d *days) instant(wall int64, nsec int) time.Time {
	if u := wall - d.offset; d.from <= u && u < d.till {
		return time.Unix(u, int64(nsec)).UTC()
	}
	t := time.Unix(wall-day, 0).In(d.zone) // not later: no zone is a day from UTC
	for {
		begin, end := t.ZoneBounds()
		if !end.IsZero() && !end.After(t) { // package time ends the zones of a leap year on its 365th day
			end = t.Add(day * time.Second)
		}
		_, off := t.Zone()
		u := wall - int64(off)
		switch {
		case u < t.Unix(): // skipped: the wall jumped past it here
			return t.UTC()
		case end.IsZero() || u < end.Unix():
			d.remember(begin, end, int64(off))
			return time.Unix(u, int64(nsec)).UTC()
		}
		t = end
	}
}

// remember keeps a part of the zone's history, but for its first two days,
// whose times the wall may have shown before.
func (d *days) remember(begin, end time.Time, offset int64) {
	d.offset, d.from, d.till = offset, -1<<62, 1<<62
	if !begin.IsZero() {
		d.from = begin.Unix() + 2*day
	}
	if !end.IsZero() {
		d.till = end.Unix()
	}
}

// window returns when work begins and ends on a day; ok is false on a day
// without work, and on a date that the zone skipped.
func (d *days) window(n int64) (begin, end time.Time, ok bool) {
	if !d.cal.Days[weekday(n)] || d.holidays && d.holiday(n) {
		return begin, end, false
	}
	begin, end = d.instant(n*day+d.open, 0), d.instant(n*day+d.shut, 0)
	return begin, end, begin.Before(end)
}

func (d *days) holiday(n int64) bool {
	var b [len(time.DateOnly)]byte
	_, ok := d.cal.Holidays[string(time.Unix(n*day, 0).UTC().AppendFormat(b[:0], time.DateOnly))]
	return ok
}

// weekday of a day: 1970-01-01 was a Thursday.
func weekday(n int64) time.Weekday { return time.Weekday(((n+int64(time.Thursday))%7 + 7) % 7) }

// date returns the day that the wall shows.
func date(wall int64) int64 {
	if wall < 0 {
		return (wall+1)/day - 1
	}
	return wall / day
}

// forward returns the working day that t lies in, or else the next.
func (d *days) forward(t time.Time) (n int64, begin, end time.Time) {
	for n = date(d.shown(t)) - 1; ; n++ {
		if begin, end, ok := d.window(n); ok && end.After(t) {
			return n, begin, end
		}
	}
}

// backward returns the working day that t lies in or at the end of, or else
// the last before.
func (d *days) backward(t time.Time) (n int64, begin, end time.Time) {
	for n = date(d.shown(t)) + 1; ; n-- {
		if begin, end, ok := d.window(n); ok && begin.Before(t) {
			return n, begin, end
		}
	}
}

// walk goes so many working days on from the working day n, or back.
func (d *days) walk(n int64, count int) int64 {
	step := int64(1)
	if count < 0 {
		step, count = -1, -count
	}
	for count > 0 {
		n += step
		if _, _, ok := d.window(n); ok {
			count--
		}
	}
	return n
}

// sum is spans added up by unit.
type sum struct{ d, bd, h int }

// most is as many days as a sum may have: a century, so that counting ends.
const most = 36600

// total adds up the spans in this calendar; spans below nothing do not count.
func (d *days) total(spans []profile.Span) (s sum) {
	for _, x := range spans {
		switch n := min(max(0, x.N), most*24); {
		case x.Unit == "h":
			s.h = min(s.h+n, most*24)
		case x.Unit == "bd" && d.business():
			s.bd = min(s.bd+n, most)
		case x.Unit == "d" || x.Unit == "bd":
			s.d = min(s.d+n, most)
		}
	}
	return s
}

func (d *days) add(t time.Time, spans ...profile.Span) time.Time {
	s := d.total(spans)
	if s.d > 0 {
		t = d.instant(d.shown(t)+int64(s.d)*day, t.Nanosecond())
	}
	if s.bd > 0 {
		t = d.addWorking(t, s.bd)
	}
	return d.after(t, time.Duration(s.h)*time.Hour)
}

func (d *days) addWorking(t time.Time, count int) time.Time {
	n, begin, _ := d.forward(t)
	into, nsec := d.open, 0
	if begin.Before(t) {
		into, nsec = max(d.open, d.shown(t)-n*day), t.Nanosecond()
	}
	return d.instant(d.walk(n, count)*day+into, nsec)
}

func (d *days) before(t time.Time, s profile.Span) time.Time {
	sum := d.total([]profile.Span{s})
	switch {
	case sum.d > 0:
		return d.instant(d.shown(t)-int64(sum.d)*day, t.Nanosecond())
	case sum.bd > 0:
		n, _, end := d.backward(t)
		into, nsec := d.shut, 0
		if t.Before(end) {
			into, nsec = max(d.open, d.shown(t)-n*day), t.Nanosecond()
		}
		return d.instant(d.walk(n, -sum.bd)*day+into, nsec)
	}
	return d.ago(t, time.Duration(sum.h)*time.Hour)
}

// after returns the first moment at which w of counted time has passed since t.
func (d *days) after(t time.Time, w time.Duration) time.Time {
	if w <= 0 {
		return t
	}
	if !d.business() {
		return t.Add(w)
	}
	n, begin, end := d.forward(t)
	for begin = later(begin, t); ; begin, end, _ = d.window(n) {
		if left := end.Sub(begin); left >= w {
			return begin.Add(w)
		} else {
			w -= left
		}
		n = d.walk(n, 1)
	}
}

// ago returns the last moment from which w of counted time passes until t.
func (d *days) ago(t time.Time, w time.Duration) time.Time {
	if w <= 0 {
		return t
	}
	if !d.business() {
		return t.Add(-w)
	}
	n, begin, end := d.backward(t)
	for end = earlier(end, t); ; begin, end, _ = d.window(n) {
		if had := end.Sub(begin); had >= w {
			return end.Add(-w)
		} else {
			w -= had
		}
		n = d.walk(n, -1)
	}
}

// worked returns the counted time from a to b.
func (d *days) worked(a, b time.Time) (w time.Duration) {
	if !a.Before(b) {
		return 0
	}
	if !d.business() {
		return b.Sub(a)
	}
	last := date(d.shown(b)) + 1
	for n := date(d.shown(a)) - 1; n <= last; n++ {
		if begin, end, ok := d.window(n); ok {
			w += max(0, earlier(end, b).Sub(later(begin, a)))
		}
	}
	return w
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Midnight is the beginning of the day of t in UTC.
func Midnight(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// MonthsBefore is the same day so many months earlier, or the last of a shorter
// month: one month before 31 March is 28 or 29 February. day is a Midnight.
func MonthsBefore(day time.Time, months int) time.Time {
	y, m, d := day.Date()
	first := time.Date(y, m-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(d, first.AddDate(0, 1, -1).Day())-1)
}
