package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/profile"
	"tocsin/internal/web/ui"
)

// length is how long something takes, in its one largest unit, rounded down as
// people do: "3 d", "4 h", "20 min".
func length(d time.Duration) string {
	d = d.Abs()
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d/(24*time.Hour))) + " d"
	case d >= time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/time.Minute)) + " min"
}

// until says how far a moment is from now: "in 3 d", "4 h ago".
func until(t, now time.Time) string {
	if t.Before(now) {
		return length(now.Sub(t)) + " ago"
	}
	return "in " + length(t.Sub(now))
}

// score writes a score as CVSS does, and nothing for one that is not known.
func score(x float64) string {
	if x < 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

// plural is n and its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// or returns s, or other where s is empty.
func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// titleOf is the title of a word in a list of the profile.
func titleOf(list []profile.Named, name string) string {
	for _, n := range list {
		if n.Name == name {
			return n.Title
		}
	}
	return name
}

// choices are a list of the profile as answers of a form.
func choices(list []profile.Named) []ui.Option {
	var out []ui.Option
	for _, n := range list {
		out = append(out, ui.Option{Value: n.Name, Text: n.Title, Help: n.About})
	}
	return out
}

// severities are the profile's severities, the worst first.
func severities(p *profile.Profile) []ui.Option {
	var out []ui.Option
	for _, b := range slices.Backward(p.Severity.Bands) {
		out = append(out, ui.Option{Value: b.Word, Text: b.Title})
	}
	return out
}

func plainOptions(words []string) []ui.Option {
	var out []ui.Option
	for _, w := range words {
		out = append(out, ui.Option{Value: w, Text: w})
	}
	return out
}

// bandOf is the profile's severity word of a score; one that is below every band
// is none, and one that is not known is "".
func bandOf(p *profile.Profile, score float64) string {
	if score < 0 {
		return ""
	}
	b, ok := p.SeverityOf(score)
	if !ok {
		return "none"
	}
	return b.Word
}

// clockState is how a clock is drawn.
func clockState(s clock.State) string {
	switch {
	case s.Phase() == clock.Paused, s.Phase() == clock.Stopped && !s.Breached, s.Phase() == clock.Idle, s.Phase() == clock.Waiting:
		return "off"
	case s.Over > 0:
		return "over"
	case warned(s):
		return "warn"
	}
	return ""
}

// warned tells whether the clock has passed a warn point of its present due moment.
func warned(s clock.State) bool {
	return slices.ContainsFunc(s.Warned, func(w clock.Warning) bool { return w.Due.Equal(s.DueAt) })
}

// clockLeft says where a clock stands, in a few words.
func clockLeft(s clock.State) string {
	switch s.Phase() {
	case clock.Paused:
		return "paused, " + length(s.Left) + " left"
	case clock.Idle:
		return "no target"
	case clock.Waiting:
		return "not begun"
	case clock.Stopped:
		if s.Over > 0 {
			return "met " + length(s.Over) + " late"
		}
		return "met in time"
	}
	if s.Over > 0 {
		return "over by " + length(s.Over)
	}
	return length(s.Left) + " left"
}

// clockView is a clock as the pages draw it.
func clockView(s clock.State) ui.Clock {
	c := ui.Clock{Title: s.Title, Left: clockLeft(s), State: clockState(s), Part: int(100 * s.Used)}
	if !s.Target.Zero() {
		c.Says = s.Target.Words()
	}
	if c.Says != "" {
		c.From = s.StartedAt
	}
	if s.Phase() == clock.Paused && s.PauseReason != "" {
		c.Says, c.From = "paused: "+s.PauseReason, time.Time{}
	}
	if s.Breached && s.Over == 0 {
		c.Note = "was late once"
	}
	if s.Phase() == clock.Running {
		c.Due = s.DueAt
	}
	return c
}

// pressing sorts clocks for a person: running ones by their due moment, then
// paused ones, then the rest.
func pressing(states []clock.State) []clock.State {
	rank := map[clock.Phase]int{clock.Running: 0, clock.Paused: 1, clock.Idle: 2, clock.Stopped: 3, clock.Waiting: 4}
	out := slices.Clone(states)
	slices.SortStableFunc(out, func(a, b clock.State) int {
		if d := rank[a.Phase()] - rank[b.Phase()]; d != 0 {
			return d
		}
		return a.DueAt.Compare(b.DueAt)
	})
	return out
}

// readMoment reads what a date or date-and-time field sent, as UTC.
func readMoment(s string) (t time.Time, err error) {
	if s = strings.TrimSpace(s); s == "" {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err = time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t, nil
		}
	}
	return t, fmt.Errorf("%q is no moment; write it like 2026-12-14 09:00", s)
}

// moment writes a moment as a date-and-time field wants it.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04")
}

// lines are the lines of a text area, without empty ones.
func lines(text string) []string {
	out := []string{}
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
