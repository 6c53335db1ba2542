package clock

import (
	"slices"
	"time"

	"tocsin/internal/profile"
)

// Rounds returns every round of a single clock, the last one as RunOne tells it:
// how often a clock that resets has begun, each with its own start, due moment and
// end. A round that the next start cut off ended with that start.
func Rounds(spec *profile.Clock, cal *profile.Calendar, events []Event, now time.Time) []State {
	m := &machine{spec: spec, keep: true}
	last := m.run(cal, order(events, now), now)
	if last.Round == 0 {
		return nil
	}
	return append(m.rounds, last)
}

// Ruled returns the clock as it begins for a record whose code is known, "own" or
// "dependency": one of the SLA by the profile's rule, any other as it stands.
func Ruled(p *profile.Profile, spec *profile.Clock, code string, events []Event) *profile.Clock {
	rule, ok := ruleFor(p.SLA, code)
	if !ok || spec.Kind != kindSLA {
		return spec
	}
	ruled := *spec
	ruled.Start = lastOf(rule.After, events)
	return &ruled
}

// BreachedIn returns when the round of the state was late first; zero is never.
func (s State) BreachedIn() time.Time {
	i := slices.IndexFunc(s.Breaches, func(at time.Time) bool { return !at.Before(s.StartedAt) })
	if i < 0 {
		return time.Time{}
	}
	return s.Breaches[i]
}

// keepRound keeps the round that ends with the start of the next one.
func (m *machine) keepRound(at time.Time) {
	if !m.keep || m.Round == 0 {
		return
	}
	r := *m
	if r.StoppedAt.IsZero() {
		if r.Paused {
			r.PausedTotal += at.Sub(r.PausedSince)
			r.Paused = false
		}
		r.StoppedAt = at
	}
	m.rounds = append(m.rounds, r.finish(at))
}
