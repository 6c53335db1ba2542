package clock

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/profile"
)

// say adds a sentence to the clock's history.
func (m *machine) say(format string, args ...any) {
	m.Why = append(m.Why, fmt.Sprintf(format, args...))
}

// sayTarget tells what the target is and when the clock is due.
func (m *machine) sayTarget() {
	switch {
	case m.days == nil:
		m.say("calendar %q has no working day, so there is no due moment", m.spec.Calendar)
	case m.Target.Zero():
		m.say("%s: no target, so no due moment", known(m.Severity))
	default:
		m.say("%s: %s%s", known(m.Severity), m.words(m.Target), m.sayDue())
	}
}

func (m *machine) sayDue() string {
	if m.due.IsZero() || !m.live() {
		return ""
	}
	return ", due " + moment(m.due)
}

// margin tells how a clock ended.
func (m *machine) margin(at time.Time) string {
	switch {
	case m.due.IsZero():
		return ""
	case m.due.Before(at):
		return ", " + length(at.Sub(m.due)) + " late"
	}
	return ", in time"
}

// words writes a span with what it counts in: "10 calendar days".
func (m *machine) words(s profile.Span) string {
	switch {
	case s.Unit == "h" && m.days != nil && m.days.business():
		return strings.Replace(s.Words(), "hour", "working hour", 1)
	case s.Unit == "d":
		return strings.Replace(s.Words(), "day", "calendar day", 1)
	}
	return s.Words()
}

func known(severity string) string {
	if severity == "" {
		return "unknown severity"
	}
	return severity
}

func by(e Event) string {
	if e.Data["by"] == "" {
		return ""
	}
	return " by " + e.Data["by"]
}

func reason(e Event) string {
	if e.Data["reason"] == "" {
		return ""
	}
	return ": " + e.Data["reason"]
}

// moment writes a time as histories show it; seconds only where there are some.
func moment(t time.Time) string {
	t = t.UTC()
	if t.Second() == 0 {
		return t.Format("2006-01-02 15:04 UTC")
	}
	return t.Format("2006-01-02 15:04:05 UTC")
}

// length writes how long something took, in its two largest units.
func length(d time.Duration) string {
	minutes := int(d / time.Minute)
	days, hours := minutes/(24*60), minutes/60%24
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes%60)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return "less than a minute"
}
