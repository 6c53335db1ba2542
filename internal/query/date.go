package query

import (
	"strconv"
	"strings"
	"time"
)

// units are the distances from now; each counts whole days of the calendar.
var units = map[byte]string{'d': "day", 'w': "week", 'm': "month"}

// maxDistance is the most of a unit.
const maxDistance = 9999

// distance reads 3d, 2w, 6m.
func distance(s string) (n int, unit byte, ok bool) {
	if len(s) < 2 || units[s[len(s)-1]] == "" {
		return 0, 0, false
	}
	unit, s = s[len(s)-1], s[:len(s)-1]
	if strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, 0, false
	}
	n, err := strconv.Atoi(s)
	return n, unit, err == nil && n <= maxDistance
}

// spoken is a date as people say it: "3 days".
func spoken(s string) string {
	n, unit, ok := distance(s)
	switch {
	case !ok:
		return s
	case n == 1:
		return "1 " + units[unit]
	}
	return strconv.Itoa(n) + " " + units[unit] + "s"
}

// span is the moments that a date term means: from on, and before to; a zero time is
// no bound.
func (f *Field) span(op Op, x string, now time.Time, zone *time.Location) (from, to time.Time) {
	if zone == nil {
		zone = time.UTC
	}
	if n, unit, ok := distance(x); ok {
		return f.around(op, n, unit, now.In(zone))
	}
	day, err := time.ParseInLocation(time.DateOnly, x, zone)
	if err != nil {
		return now, now // which nothing is in; Parse lets no such value through
	}
	next := day.AddDate(0, 0, 1)
	switch op {
	case Less:
		return time.Time{}, day
	case AtMost:
		return time.Time{}, next
	case More:
		return next, time.Time{}
	case AtLeast:
		return day, time.Time{}
	}
	return day, next
}

// around bounds by a distance from now: less is nearer to now, and for what is to
// come it holds what is over, too. The very moment counts as less.
func (f *Field) around(op Op, n int, unit byte, now time.Time) (from, to time.Time) {
	sign := 1
	if f.Past {
		sign = -1
	}
	n *= sign
	var edge time.Time
	switch unit {
	case 'd':
		edge = now.AddDate(0, 0, n)
	case 'w':
		edge = now.AddDate(0, 0, 7*n)
	default:
		edge = now.AddDate(0, n, 0)
	}
	if nearer := op == Less || op == AtMost; nearer == f.Past {
		return edge, time.Time{}
	}
	return time.Time{}, edge
}
