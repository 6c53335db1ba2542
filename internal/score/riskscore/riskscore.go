// Package riskscore is the arithmetic of the risk register: levels in, scores,
// words and reasons out. It scores likelihood and impact, moves them by evidence
// and controls, compares them with the tolerance, plans the way down, lights
// indicators, predicts counts, draws samples and ranks. It holds no process: every
// scale, band and limit is handed in, so that a profile decides; it stores
// nothing and asks no clock. The domain risk maps the profile to these
// parameters and keeps what comes back; the pages, the reports and the command
// line print it.
//
// Every result explains itself: [Steps] is the ordered arithmetic, and the same
// inputs give the same steps, which [Replay] checks years later.
//
// # Numbers
//
// A mean of categories makes fractions. The real score is kept and compared with
// the tolerance; only the choice of the rating rounds, half up. Scores are brought
// to a grid of 1e-9 before either, so that no binary fraction decides: levels are
// small whole numbers, a mean of them is a fraction with a small denominator, and
// such a fraction is either exactly a half or far more than 1e-9 away from it.
// Factors are not: a third on the grid, times 6, would have left it.
package riskscore

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Step is one line of an explanation.
type Step struct {
	Key   string `json:"key"`   // for programs: "likelihood.modifier"
	Label string `json:"label"` // for people: "Likelihood, moved by evidence"
	Value string `json:"value"`
	Note  string `json:"note,omitempty"`
}

// Steps are an explanation, in the order of the arithmetic.
type Steps []Step

func (s *Steps) add(key, label, value, note string, args ...any) {
	if len(args) > 0 {
		note = fmt.Sprintf(note, args...)
	}
	*s = append(*s, Step{key, label, value, note})
}

// String writes one step a line: "label: value (note)".
func (s Steps) String() string {
	var b strings.Builder
	for _, x := range s {
		fmt.Fprintf(&b, "%s: %s", x.Label, x.Value)
		if x.Note != "" {
			fmt.Fprintf(&b, " (%s)", x.Note)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Differ says in sentences where an explanation that was stored says something
// else than s. Nothing comes back where they agree.
func (s Steps) Differ(stored Steps) []string {
	var out []string
	for i := range max(len(s), len(stored)) {
		switch {
		case i >= len(stored):
			out = append(out, fmt.Sprintf("step %d, %s, is %s and was not stored", i+1, s[i].Key, s[i].Value))
		case i >= len(s):
			out = append(out, fmt.Sprintf("step %d, %s, was stored as %s and does not follow from the inputs", i+1, stored[i].Key, stored[i].Value))
		case s[i] != stored[i]:
			out = append(out, fmt.Sprintf("step %d, %s, is %s and was stored as %s: %s", i+1, s[i].Key, s[i].Value, stored[i].Key, stored[i].Value))
		}
	}
	return out
}

// Number writes a number for people: at most two decimals, none that are zero.
func Number(x float64) string { return decimals(x, 2) }

func decimals(x float64, n int) string {
	s := strconv.FormatFloat(snap(x), 'f', n, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// signed writes a number with its sign: "+2", "0", "-1".
func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// grid is what numbers are brought to; see the package comment.
const grid = 1e9

func snap(x float64) float64 {
	if math.Abs(x) > 1<<53/grid {
		return x // beyond, a float64 has no finer steps than the grid
	}
	return math.Round(x*grid) / grid
}

// halfUp rounds to the nearest whole number, a half upwards.
func halfUp(x float64) int { return int(math.Floor(snap(x) + 0.5)) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func clamp(x, low, high float64) float64 { return max(low, min(high, x)) }

// day is the civil day of t in UTC.
func day(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func days(from, to time.Time) int { return int(day(to).Sub(day(from)) / (24 * time.Hour)) }

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Months is t moved by n calendar months. A day that the month does not have
// becomes its last: a month before 31 March is the end of February. Go's own
// AddDate would give 3 March, and a window would lose days.
func Months(t time.Time, n int) time.Time {
	t = t.UTC()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
