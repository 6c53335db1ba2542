// Package measure counts how the handling of cases went: which clocks were kept,
// how long the stages took, how old what is open is, what came in and from whom.
// It reads no case and decides nothing. Casework tells it of every change of a
// case; the page Reports, the API and the command line ask it.
//
// Every number is of spans. A span is one round of something that was measured on
// one case: a clock of the profile, the stay in a stage that has no clock of its
// own, the case from its opening to its end, or the way to its release. Spans
// follow from the recorded events of the case alone, by the clock engine, and are
// written with the case, in the same transaction. So a report reads no history.
//
// A round of a clock is decided once: kept, when it ends by its due moment, and
// missed, at the moment at which it is late first. A clock that nobody stops is
// thus missed on its day, and not only when somebody closes the case.
//
// A report is of what its reader may see. What they may not see changes nothing.
package measure

import (
	"slices"
	"strconv"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// What spans measure besides clocks ("clock:NAME") and stays ("stage:NAME").
const (
	WholeCase = "case"  // from its opening to its end, and again when it is reopened
	ToRelease = "fixed" // from its opening to its first release; there is none before
	clockOf   = "clock:"
	stayIn    = "stage:"
)

// never is the end of what goes on.
const never = int64(1) << 62

// Fact is what spans take of a case. Its zero value is no case.
type Fact struct {
	Audience, Severity, Product, Source, CWE string
	Code                                     string // whose code: "own", "dependency"
	Events                                   []clock.Event
}

// Span is one round of something that was measured on a case. Times are
// microseconds, as the store keeps them.
type Span struct {
	What                                     string
	Round                                    int
	Audience, Severity, Product, Source, CWE string

	Begun, Ended int64 // never: it goes on
	Held         int64 // of that it was paused for so long
	Due          int64 // 0: no target
	Decided      int64 // when it was kept or missed; of one that runs, when it will be missed; never: nobody knows
	Late         bool  // decided as missed
}

// Rules are what is measured, by the profile.
type Rules struct {
	profile *profile.Profile
	made    []measured
	version string
}

// measured is one thing that is measured: a clock, of the profile or made for it.
type measured struct {
	what, title string
	stage       string // that it is the stay in; "" is none
	spec        *profile.Clock
	done        bool // kept only once it has ended
	sla         bool
}

// kindDisclosure is the kind of clock that is an aim and no limit.
const kindDisclosure = "disclosure"

// RulesOf are the rules of a profile.
func RulesOf(p *profile.Profile) *Rules {
	r := &Rules{profile: p, version: p.Version}
	m := p.Lifecycle("case")
	covered := map[string]bool{}
	for i := range p.Clocks {
		c := &p.Clocks[i]
		if c.On != "case" || c.Kind == kindDisclosure {
			continue
		}
		one := measured{what: clockOf + c.Name, title: c.Title, spec: c, sla: c.Kind == "sla"}
		if s, ok := stayOf(m, c); ok && !covered[s] {
			one.stage, covered[s] = s, true
		}
		r.made = append(r.made, one)
	}
	for _, s := range m.Stages {
		if !s.Terminal && !covered[s.Name] {
			r.made = append(r.made, measured{what: stayIn + s.Name, title: s.Title, stage: s.Name, spec: stay(s.Name)})
		}
	}
	r.made = append(r.made, measured{what: WholeCase, title: m.Title, spec: whole(m)},
		measured{what: ToRelease, title: "Released", spec: made("opened", "released"), done: true})
	return r
}

// stayOf is the stage that a clock measures the stay in: from its beginning to its end.
func stayOf(m *lifecycle.Machine, c *profile.Clock) (string, bool) {
	for _, s := range m.Stages {
		if slices.Equal(c.Start, []string{"enter:" + s.Name}) && slices.Equal(c.Stop, []string{"leave:" + s.Name}) {
			return s.Name, true
		}
	}
	return "", false
}

// made is a clock without target, by which the engine measures what has none.
func made(start, stop string) *profile.Clock {
	return &profile.Clock{On: "case", Start: []string{start}, Stop: []string{stop}}
}

// stay is the clock of a stay in a stage, which pauses as the clocks of stages do.
func stay(stage string) *profile.Clock {
	c := made("enter:"+stage, "leave:"+stage)
	c.Pause, c.Resume, c.Resets = []string{"paused"}, []string{"resumed"}, true
	return c
}

// whole is the clock of the case: it runs again when the case is reopened.
func whole(m *lifecycle.Machine) *profile.Clock {
	c := &profile.Clock{On: "case", Start: []string{"opened"}, Resets: true}
	for _, s := range m.Stages {
		if s.Terminal {
			c.Start, c.Stop = append(c.Start, "leave:"+s.Name), append(c.Stop, "enter:"+s.Name)
		}
	}
	return c
}

// Spans are the spans of a case, by its events alone: what time has done since the
// last of them follows from what they say.
func (r *Rules) Spans(f Fact) []Span {
	if len(f.Events) == 0 {
		return nil
	}
	last := slices.MaxFunc(f.Events, func(a, b clock.Event) int { return a.At.Compare(b.At) }).At
	var out []Span
	for _, m := range r.made {
		spec := clock.Ruled(r.profile, m.spec, f.Code, f.Events)
		for _, s := range clock.Rounds(spec, r.profile.Calendars[spec.Calendar], f.Events, last) {
			if m.done && s.StoppedAt.IsZero() {
				continue
			}
			out = append(out, f.span(m.what, s))
		}
	}
	return out
}

// span is a round as it is kept.
func (f Fact) span(what string, s clock.State) Span {
	x := Span{What: what, Round: s.Round, Audience: f.Audience, Severity: f.Severity, Product: f.Product, Source: f.Source, CWE: f.CWE,
		Begun: s.StartedAt.UnixMicro(), Ended: never, Held: s.PausedTotal.Microseconds(), Decided: never}
	if !s.StoppedAt.IsZero() {
		x.Ended = s.StoppedAt.UnixMicro()
	}
	if s.DueAt.IsZero() {
		return x
	}
	x.Due = s.DueAt.UnixMicro()
	switch late := s.BreachedIn(); {
	case !late.IsZero():
		x.Late, x.Decided = true, late.UnixMicro()
	case x.Ended != never:
		x.Decided = x.Ended
	case !s.Paused:
		x.Late, x.Decided = true, x.Due+1
	}
	return x
}

// key names a span of a case.
func (s Span) key() string { return s.What + "#" + strconv.Itoa(s.Round) }

// changed are the spans that are new or other than they were, and those that are
// no more.
func changed(was, now []Span) (put, gone []Span) {
	old := map[string]Span{}
	for _, s := range was {
		old[s.key()] = s
	}
	for _, s := range now {
		if o, ok := old[s.key()]; !ok || o != s {
			put = append(put, s)
		}
		delete(old, s.key())
	}
	for _, s := range was {
		if _, left := old[s.key()]; left {
			gone = append(gone, s)
		}
	}
	return put, gone
}

// Case is a case with its fact, for those who measure many.
type Case struct {
	ID ref.ID
	Fact
}

// Measure is something that reports count, with its title.
type Measure struct {
	What  string `json:"what"`
	Title string `json:"title"`
	Stage string `json:"stage,omitempty"` // the stage that it is the stay in
}

// stays are what tells how long the stages take, in the order of the life cycle.
func (r *Rules) stays() (out []measured) {
	for _, s := range r.profile.Lifecycle("case").Stages {
		for _, m := range r.made {
			if m.stage == s.Name {
				m.title = s.Title
				out = append(out, m)
			}
		}
	}
	return out
}

// clocks are the clocks that can be kept or missed.
func (r *Rules) clocks() (out []measured) {
	for _, m := range r.made {
		if len(m.spec.Target) > 0 {
			out = append(out, m)
		}
	}
	return out
}

// severities are the words from the gravest, and "" for what has none.
func (r *Rules) severities() []string {
	words := slices.Clone(r.profile.SeverityWords())
	slices.Reverse(words)
	return append(words, "")
}

// moment is a time of the store; zero is never.
func moment(us int64) time.Time {
	if us == 0 || us == never {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
