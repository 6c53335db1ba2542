package casework

import (
	"slices"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/profile"
)

// Clocks returns what the case's clocks say at the moment.
func (c *Case) Clocks(p *profile.Profile, now time.Time) []clock.State {
	return clock.RunFor(p, "case", c.code(), c.events, now)
}

// tick brings the columns that lists sort by up to the moment: what is due next,
// whether anything was ever late, and when to look again.
func (c *Case) tick(p *profile.Profile, now time.Time) {
	states := c.Clocks(p, now)
	c.Due, c.DueWhat, c.look = time.Time{}, "", time.Time{}
	if next, ok := clock.Next(c.live(states)); ok {
		c.Due, c.DueWhat = next.DueAt, next.Name
	}
	if d := c.dates(p, now); c.remediating(states, p) && !d.Due.IsZero() && (c.Due.IsZero() || d.Due.Before(c.Due)) {
		c.Due, c.DueWhat = d.Due, slaClock(p)
	}
	for _, s := range states {
		c.Breached = c.Breached || s.Breached && !aside[s.Kind]
	}
	for _, s := range c.live(states) {
		if !s.NextAt.IsZero() && (c.look.IsZero() || s.NextAt.Before(c.look)) {
			c.look = s.NextAt
		}
	}
}

// live are the clocks that go on: of a closed case those of what follows it.
func (c *Case) live(states []clock.State) []clock.State {
	if !c.Closed {
		return states
	}
	return slices.DeleteFunc(slices.Clone(states), func(s clock.State) bool { return s.Kind != kindFollowup })
}

// aside are the kinds of clocks that make no case late: the day of disclosure is an
// aim, not a limit, and what follows a resolution was promised to nobody outside.
var aside = map[string]bool{kindDisclosure: true, kindFollowup: true}

// kindFollowup is the kind of clock that goes on when the case is closed.
const kindFollowup = "followup"

// kindDisclosure is the kind of clock that says from when details may be public.
const kindDisclosure = "disclosure"

// remediating reports whether the clock of the vulnerability SLA runs.
func (c *Case) remediating(states []clock.State, p *profile.Profile) bool {
	name := slaClock(p)
	i := slices.IndexFunc(states, func(s clock.State) bool { return s.Name == name })
	return i >= 0 && !c.Closed && states[i].Phase() == clock.Running
}

// dates computes the two due dates of the vulnerability SLA, and which counts.
func (c *Case) dates(p *profile.Profile, now time.Time) clock.DueDates {
	return clock.Due(p, clock.FactsOf(c.code(), slaClock(p), c.events, now))
}

// code says whose code the defect is in, in the words of the SLA's start rules.
func (c *Case) code() string {
	if c.Dependency {
		return "dependency"
	}
	return "own"
}

// slaClock names the profile's clock of the time to remediate: the last one of
// kind sla, since a mitigation comes before.
func slaClock(p *profile.Profile) string {
	for _, k := range slices.Backward(p.Clocks) {
		if k.On == "case" && k.Kind == "sla" {
			return k.Name
		}
	}
	return ""
}
