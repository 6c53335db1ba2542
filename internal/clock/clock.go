// Package clock runs the clocks of a profile over the recorded events of a
// record: when each began, when it is due, whether it is held, whether it was
// ever late. A State is a pure function of the events and the present moment:
// the same events always give the same answer, whether they are fed one by one
// as they happen or all at once years later.
//
// It reads no store, knows no record and sends nothing: casework and intake hand
// it events, pages show its States, and jobs look again at State.NextAt. The
// process values (targets, calendars, warn points) are the profile's.
//
// How a clock counts:
//
//   - The first of its start events starts it. Its target is that of the severity
//     at the time; when the severity changes, it is counted again from the start.
//     Where that puts the due moment into the past, it is late from the change on.
//   - Due is start + target + all extensions, counted in the clock's calendar (see
//     Add), moved on by the counted time of every pause. Done at the due moment is
//     in time; one instant later is late.
//   - A pause event holds it. leave:X ends the pause of enter:X and resumed that of
//     paused; any other resume event ends every pause. A pause begun before the
//     clock starts holds it from its start on.
//   - A stop event ends it, and pauses of it by name, and freezes its due moment. A second start after that
//     goes on where it stopped, as after a pause, or begins a new round where the
//     clock Resets; a clock that Resets also begins anew when started while it runs.
//   - Late once is late for ever: Breached stays, whatever is extended afterwards.
//
// Events of one instant are one step: nothing is late or warned between them.
package clock

import (
	"maps"
	"slices"
	"time"

	"tocsin/internal/profile"
)

// Event is something that happened to a record, as it was recorded. An event
// whose data names a clock concerns that clock alone.
type Event struct {
	At   time.Time
	Name string            // "opened", "enter:triage", "severity", "paused" …
	Data map[string]string // by event: severity; clock, reason; clock, span, by, reason
}

// The events that mean something to every clock, besides those that a clock's
// own row names.
const (
	EventSeverity = "severity" // data: severity
	EventExtended = "extended" // data: clock, span, by, reason
	EventTarget   = "target"   // data: clock, span, by, reason: this record's own target from here on
)

// State is what a clock says at one moment.
type State struct {
	Name, Title, Kind string
	Calendar          string
	Severity          string       // by which the target was chosen; "" is unknown
	Target            profile.Span // zero: none at this severity, so there is no due moment

	Round     int       // how often it has begun; 0 is never
	StartedAt time.Time // of this round; zero: not yet
	DueAt     time.Time // zero: none; while paused, as if it went on now
	StoppedAt time.Time // zero: not yet

	Paused      bool
	PausedSince time.Time
	PauseReason string
	PausedTotal time.Duration // of this round, the present pause included

	Breached   bool        // it was late at some time, in any round
	BreachedAt time.Time   // when it was first
	Breaches   []time.Time // every time; more than one only where the due moment moved on
	Warned     []Warning   // the warn points that it has passed, in any round

	Left, Over time.Duration // from now to the due moment, or since; held while paused, and from the stop once stopped
	Used       float64       // how much of the counted time is used: 0 to 1
	NextAt     time.Time     // when it will change by itself: look again then; zero: not before the next event
	Extensions []Extension   // of this round, and those given before it started
	Why        []string      // what happened, in sentences; it only ever grows
}

// Warning is a warn point that was passed.
type Warning struct {
	At   time.Time    // when
	Span profile.Span // so long before
	Due  time.Time    // this due moment
}

// Extension is time added to a clock.
type Extension struct {
	By, Reason string
	Span       profile.Span
	At         time.Time
}

// Phase is where a clock stands.
type Phase string

// The phases of a clock.
const (
	Waiting Phase = "waiting" // not started
	Idle    Phase = "idle"    // started, with no target at this severity
	Running Phase = "running"
	Paused  Phase = "paused"
	Stopped Phase = "stopped"
)

// Phase returns where the clock stands.
func (s State) Phase() Phase {
	switch {
	case s.StartedAt.IsZero():
		return Waiting
	case !s.StoppedAt.IsZero():
		return Stopped
	case s.DueAt.IsZero():
		return Idle
	case s.Paused:
		return Paused
	}
	return Running
}

// Run returns the states at now of the profile's clocks on one kind of record, in
// the profile's order. Events after now have not happened yet. The events are not
// changed, need no order, and may be there twice; those of one instant count in
// the order given.
func Run(p *profile.Profile, on string, events []Event, now time.Time) []State {
	return RunFor(p, on, "", events, now)
}

// RunFor is Run for a record whose code is known, "own" or "dependency": its SLA
// clocks begin by the profile's rule for that code, as Due does.
func RunFor(p *profile.Profile, on, code string, events []Event, now time.Time) []State {
	steps := order(events, now)
	out := make([]State, 0, len(p.Clocks))
	for i := range p.Clocks {
		spec := &p.Clocks[i]
		if spec.On != on {
			continue
		}
		out = append(out, replay(Ruled(p, spec, code, steps), p.Calendars[spec.Calendar], steps, now))
	}
	return out
}

// RunOne returns the state of a single clock that counts in cal.
func RunOne(spec *profile.Clock, cal *profile.Calendar, events []Event, now time.Time) State {
	return replay(spec, cal, order(events, now), now)
}

// order returns what has happened until now, in order of time, each once.
func order(events []Event, now time.Time) []Event {
	out := make([]Event, 0, len(events))
	for _, e := range events {
		if !e.At.After(now) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	kept := out[:0]
	for _, e := range out {
		if !again(kept, e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// again tells that the event already stands among those of its instant.
func again(kept []Event, e Event) bool {
	for i := len(kept) - 1; i >= 0 && kept[i].At.Equal(e.At); i-- {
		if kept[i].Name == e.Name && maps.Equal(kept[i].Data, e.Data) {
			return true
		}
	}
	return false
}

// Next returns the state that needs attention first: of the running clocks the one
// that is or was due first, and only where none runs, of the paused ones.
func Next(states []State) (State, bool) {
	best := -1
	for i, s := range states {
		if rank(s) > 0 && (best < 0 || before(s, states[best])) {
			best = i
		}
	}
	if best < 0 {
		return State{}, false
	}
	return states[best], true
}

func before(a, b State) bool {
	if rank(a) != rank(b) {
		return rank(a) > rank(b)
	}
	return a.DueAt.Before(b.DueAt)
}

func rank(s State) int { return map[Phase]int{Running: 2, Paused: 1}[s.Phase()] }
