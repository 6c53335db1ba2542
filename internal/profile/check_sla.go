package profile

import (
	"fmt"
	"slices"
	"time"
)

func (l *loader) checkDisclosure(p *Profile) {
	d, at := p.Disclosure, key(clocksFile, "disclosure")
	if _, given := l.at[key(at, "days")]; !given {
		return
	}
	switch {
	case d.Days < 1 || d.Days > longest:
		l.say(key(at, "days"), fmt.Sprintf("write a number from 1 to %d", longest), "%d days cannot be waited", d.Days)
	case d.WarnDays < 0 || d.WarnDays >= d.Days:
		l.say(key(at, "warn_days"), "write fewer days than days", "a warning %d days before the end of %d days comes before the beginning", d.WarnDays, d.Days)
	case !slices.Contains(d.Choices, d.Days):
		l.say(key(at, "choices"), fmt.Sprintf("add %d", d.Days), "the choices lack the preset of %d days", d.Days)
	}
	for i, n := range d.Choices {
		if n < 1 || n > longest || i > 0 && n <= d.Choices[i-1] {
			l.say(key(at, "choices", i), fmt.Sprintf("list numbers from 1 to %d, each once, in order", longest), "the choice %d is out of order", n)
		}
	}
}

func (l *loader) checkSLA(p *Profile) {
	f, s := slaFile, p.SLA
	l.unknown(key(f, "calendar"), "calendar", s.Calendar, sortedKeys(p.Calendars))
	cal := p.Calendars[s.Calendar]
	everySeverity(l, p, key(f, "rows"), s.Rows)
	for _, word := range sortedKeys(s.Rows) {
		row, at := s.Rows[word], key(f, "rows", word)
		l.unit(key(at, "mitigate"), row.Mitigate, cal)
		l.unit(key(at, "remediate"), row.Remediate, cal)
		if row.Mitigate.approx() > row.Remediate.approx() && !row.Remediate.Zero() {
			l.say(key(at, "mitigate"), "mitigate sooner than remediate", "%s to mitigate is longer than %s to remediate", row.Mitigate, row.Remediate)
		}
	}
	l.starts(p)
	for i, word := range s.ForRelease {
		l.severity(p, key(f, "release_due", i), word)
	}
	if s.LeadHours < 0 || s.LeadHours > 24*31 {
		l.say(key(f, "lead_hours"), "write a number of hours from 0 to 744", "%d hours are no lead", s.LeadHours)
	}
	l.schedules(s)
	l.extensions(p, cal)
}

func (l *loader) starts(p *Profile) {
	known := l.events(p, "case")
	var codes []string
	for i, r := range p.SLA.Start {
		at := key(slaFile, "start", i)
		l.unknown(key(at, "code"), "kind of code", r.Code, []string{"dependency", "own"})
		for k, e := range r.After {
			if known != nil {
				l.unknown(key(at, "after", k), "event", e, known)
			}
		}
		codes = append(codes, r.Code)
	}
	l.once("kind of code", codes, func(i int) string { return key(slaFile, "start", i, "code") })
}

func (l *loader) schedules(s SLA) {
	l.unknown(key(slaFile, "schedule"), "schedule", s.Schedule, sortedKeys(s.Schedules))
	for _, name := range sortedKeys(s.Schedules) {
		c, at := s.Schedules[name], key(slaFile, "schedules", name)
		if len(c.Rules) == 0 && len(c.Dates) == 0 {
			l.say(at, "add rules or dates", "the schedule %q has no release", name)
		}
		for i, r := range c.Rules {
			l.releaseRule(key(at, "rules", i), r)
		}
	}
}

func (l *loader) releaseRule(at string, r ReleaseRule) {
	_, known := weekday(r.Weekday)
	byDay := r.Day >= 1 && r.Day <= 31 && r.Week == 0 && r.Weekday == ""
	byWeek := r.Day == 0 && r.Week >= 1 && r.Week <= 5 && known
	if !byDay && !byWeek {
		l.say(at, "write day: 28, or week: 3 with weekday: thu", "the rule names no day of a month")
	}
	if r.Plus < -27 || r.Plus > 27 {
		l.say(key(at, "plus"), "write a number from -27 to 27", "%d days lead out of the neighbouring month", r.Plus)
	}
}

func (l *loader) extensions(p *Profile, cal *Calendar) {
	s := p.SLA
	everySeverity(l, p, key(slaFile, "extensions"), s.Extensions)
	for _, word := range sortedKeys(s.Extensions) {
		for i, e := range s.Extensions[word] {
			l.unit(key(slaFile, "extensions", word, i), e, cal)
		}
	}
	l.named(slaFile, "extension_kinds", len(s.Kinds), func(i int) string { return s.Kinds[i].Name })
	l.unit(key(slaFile, "at_risk"), s.AtRisk, cal)
}

// approx is the span's length for comparisons of plausibility only.
func (s Span) approx() time.Duration {
	if s.Unit == "h" {
		return time.Duration(s.N) * time.Hour
	}
	return time.Duration(s.N) * 24 * time.Hour
}
