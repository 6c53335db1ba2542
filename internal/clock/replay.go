package clock

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/profile"
)

// machine is one clock while it is replayed.
type machine struct {
	State
	spec *profile.Clock
	days *days // nil where the calendar cannot count

	known  string                // the severity now
	own    profile.Span          // the record's own target, zero where it has none
	pauses map[string]Event      // what holds it, by the event that began to
	gaps   time.Duration         // counted time of pauses and stops in this round
	base   time.Time             // due without them
	floor  time.Time             // not due before: the end of a pause that began in time
	due    time.Time             // due with them
	points []Warning             // ahead, in order of time
	armed  map[profile.Span]bool // not yet passed on the way to this due moment
	late   bool                  // past this due moment
	cursor time.Time             // all before it is told

	keep   bool    // the rounds that ended are asked for
	rounds []State // of them
}

// replay runs a clock over ordered events.
func replay(spec *profile.Clock, cal *profile.Calendar, events []Event, now time.Time) State {
	m := &machine{spec: spec}
	return m.run(cal, events, now)
}

func (m *machine) run(cal *profile.Calendar, events []Event, now time.Time) State {
	m.State = State{Name: m.spec.Name, Title: m.spec.Title, Kind: m.spec.Kind, Calendar: m.spec.Calendar}
	if Works(cal) {
		m.days = newDays(cal)
	}
	for i := 0; i < len(events); {
		at := events[i].At
		m.pass(at)
		for ; i < len(events) && events[i].At.Equal(at); i++ {
			m.take(events[i])
		}
	}
	m.pass(now)
	return m.finish(now)
}

// take lets one event happen.
func (m *machine) take(e Event) {
	if c := e.Data["clock"]; c != "" && c != m.spec.Name {
		return
	}
	switch e.Name {
	case EventSeverity:
		m.severity(e)
	case EventTarget:
		m.target(e)
	case EventExtended:
		m.extend(e)
	}
	if slices.Contains(m.spec.Stop, e.Name) {
		m.stop(e)
	}
	if slices.Contains(m.spec.Resume, e.Name) {
		m.release(e)
	}
	if slices.Contains(m.spec.Start, e.Name) {
		m.start(e)
	}
	if slices.Contains(m.spec.Pause, e.Name) {
		m.hold(e)
	}
}

// live tells that the clock has started and not stopped.
func (m *machine) live() bool { return !m.StartedAt.IsZero() && m.StoppedAt.IsZero() }

func (m *machine) start(e Event) {
	begun, stopped := !m.StartedAt.IsZero(), !m.StoppedAt.IsZero()
	switch {
	case begun && !stopped && (!m.spec.Resets || e.At.Equal(m.StartedAt)):
		return
	case begun && !m.spec.Resets:
		m.gaps += m.counted(m.StoppedAt, e.At)
		m.StoppedAt = time.Time{}
		m.say("started again %s on %s, going on where it stopped", moment(e.At), e.Name)
	default:
		m.begin(e, stopped)
	}
	m.Paused, m.PausedSince, m.PauseReason = false, time.Time{}, ""
	m.recount()
	m.sayTarget()
	if len(m.pauses) > 0 {
		m.pause(e.At)
	}
}

// begin opens a round. Extensions of the round before belong to that round.
func (m *machine) begin(e Event, stopped bool) {
	m.keepRound(e.At)
	if m.Round > 0 {
		m.Extensions = slices.DeleteFunc(m.Extensions, func(x Extension) bool { return !stopped || !x.At.After(m.StoppedAt) })
		m.say("begun anew %s on %s", moment(e.At), e.Name)
	} else {
		m.say("started %s on %s", moment(e.At), e.Name)
	}
	m.Round++
	m.StartedAt, m.StoppedAt = e.At, time.Time{}
	m.gaps, m.PausedTotal, m.late = 0, 0, false
	m.base, m.floor, m.due = time.Time{}, time.Time{}, time.Time{}
}

func (m *machine) stop(e Event) {
	if !m.live() {
		return
	}
	m.pass(e.At)
	m.resume(e.At)
	maps.DeleteFunc(m.pauses, func(_ string, p Event) bool { return p.Data["clock"] == m.spec.Name })
	m.StoppedAt = e.At
	m.say("stopped %s on %s%s", moment(e.At), e.Name, m.margin(e.At))
}

func (m *machine) severity(e Event) {
	word, ok := e.Data["severity"]
	if !ok || word == m.known {
		return
	}
	was := m.known
	m.known = word
	if m.live() {
		m.say("severity changed from %s to %s %s, counted again from the start", known(was), known(word), moment(e.At))
		m.recount()
		m.sayTarget()
	}
}

func (m *machine) target(e Event) {
	span, err := profile.ParseSpan(e.Data["span"])
	if err != nil || e.Data["clock"] == "" || span == m.own {
		return
	}
	m.own = span
	if m.live() {
		m.say("target set to %s%s %s%s", m.words(span), by(e), moment(e.At), reason(e))
		m.recount()
		m.sayTarget()
	}
}

// extension reads an event that adds time. It must name its clock: nothing extends
// all clocks at once.
func extension(e Event) (Extension, bool) {
	span, err := profile.ParseSpan(e.Data["span"])
	if err != nil || e.Name != EventExtended || e.Data["clock"] == "" {
		return Extension{}, false
	}
	return Extension{e.Data["by"], e.Data["reason"], span, e.At}, true
}

func (m *machine) extend(e Event) {
	x, ok := extension(e)
	if !ok {
		return
	}
	m.Extensions = append(m.Extensions, x)
	if m.live() {
		m.recount()
	}
	m.say("extended by %s%s %s%s%s", m.words(x.Span), by(e), moment(e.At), reason(e), m.sayDue())
}

func (m *machine) hold(e Event) {
	if _, ok := m.pauses[e.Name]; ok {
		return
	}
	if m.pauses == nil {
		m.pauses = map[string]Event{}
	}
	m.pauses[e.Name] = e
	if m.live() && !m.Paused {
		m.pause(e.At)
	}
}

// pause holds the clock. The reason shown is that of the oldest pause in force.
func (m *machine) pause(at time.Time) {
	first := Event{At: at.Add(1)}
	for _, p := range m.pauses {
		if p.At.Before(first.At) || p.At.Equal(first.At) && p.Name < first.Name {
			first = p
		}
	}
	m.Paused, m.PausedSince, m.PauseReason = true, at, first.Data["reason"]
	m.say("paused %s on %s%s", moment(at), first.Name, reason(first))
}

func (m *machine) release(e Event) {
	if begun, one := begunBy(e.Name); one {
		delete(m.pauses, begun)
	} else {
		clear(m.pauses)
	}
	if m.live() && m.Paused && len(m.pauses) == 0 {
		since := m.PausedSince
		m.resume(e.At)
		m.say("resumed %s on %s after %s%s%s", moment(e.At), e.Name, length(e.At.Sub(since)), reason(e), m.sayDue())
	}
}

// begunBy returns the event that begins the pause which the named event ends,
// where that is one.
func begunBy(name string) (string, bool) {
	if stage, ok := strings.CutPrefix(name, "leave:"); ok {
		return "enter:" + stage, true
	}
	return "paused", name == "resumed"
}

// resume moves the due moment on by the counted time of the pause, and never to
// before its end: what was in time when the pause began still is.
func (m *machine) resume(at time.Time) {
	if !m.Paused {
		return
	}
	inTime := !m.due.IsZero() && !m.due.Before(m.PausedSince)
	m.PausedTotal += at.Sub(m.PausedSince)
	m.gaps += m.counted(m.PausedSince, at)
	m.Paused, m.PausedSince, m.PauseReason = false, time.Time{}, ""
	if inTime {
		m.floor = at
	}
	m.shift()
}

func (m *machine) counted(a, b time.Time) time.Duration {
	if m.days == nil {
		return 0
	}
	return m.days.worked(a, b)
}

// recount finds the due moment from the start.
func (m *machine) recount() {
	was := m.base
	m.Severity, m.Target, m.base = m.known, profile.Span{}, time.Time{}
	if t, ok := m.spec.TargetFor(m.known); ok {
		m.Target = t
	}
	if !m.own.Zero() {
		m.Target = m.own
	}
	if m.Target.N > 0 && m.days != nil {
		spans := []profile.Span{m.Target}
		for _, x := range m.Extensions {
			spans = append(spans, x.Span)
		}
		m.base = m.days.add(m.StartedAt, spans...)
	}
	if m.base.Before(was) {
		m.floor = time.Time{}
	}
	if !m.base.Equal(was) {
		m.armed = map[profile.Span]bool{}
		for _, w := range m.spec.Warn {
			m.armed[w] = w.N > 0
		}
	}
	m.shift()
}

// shift finds the due moment with the pauses, and the warn points before it.
func (m *machine) shift() {
	m.due, m.points = time.Time{}, m.points[:0]
	if m.base.IsZero() {
		m.late = false
		return
	}
	m.due = later(m.floor, m.days.after(m.base, m.gaps))
	for _, w := range m.spec.Warn {
		if at := m.days.before(m.due, w); m.armed[w] && at.After(m.StartedAt) {
			m.points = append(m.points, Warning{at, w, m.due})
		}
	}
	slices.SortStableFunc(m.points, func(a, b Warning) int { return a.At.Compare(b.At) })
	if !m.due.Before(m.cursor) {
		m.late = false
	}
}

// pass lets time pass until to: warn points and the due moment go by.
func (m *machine) pass(to time.Time) {
	switch {
	case !m.live() || m.due.IsZero():
	case m.Paused:
		if m.due.Before(m.PausedSince) { // a change made it so
			m.breach(m.cursor)
		}
	default:
		m.warn(to)
		if m.due.Before(to) {
			m.breach(later(m.due, m.cursor))
		}
	}
	m.cursor = to
}

// warn tells the warn points until to. Of those that a change put into the past,
// only the last is told; none, where the due moment is past as well.
func (m *machine) warn(to time.Time) {
	for len(m.points) > 0 && !m.points[0].At.After(to) {
		w := m.points[0]
		m.points = m.points[1:]
		if !m.armed[w.Span] {
			continue
		}
		m.armed[w.Span] = false
		if w.At.Before(m.cursor) {
			if m.due.Before(m.cursor) || len(m.points) > 0 && !m.points[0].At.After(m.cursor) {
				continue
			}
			w.At = m.cursor
		}
		m.Warned = append(m.Warned, w)
		m.say("warned %s, %s before it is due", moment(w.At), m.words(w.Span))
	}
}

func (m *machine) breach(at time.Time) {
	if m.late {
		return
	}
	m.late = true
	m.Breaches = append(m.Breaches, at)
	if !m.Breached {
		m.Breached, m.BreachedAt = true, at
	}
	m.say("passed its due moment %s", moment(at))
}

// finish writes down how the clock stands.
func (m *machine) finish(now time.Time) State {
	at := now
	switch {
	case !m.StoppedAt.IsZero():
		at = m.StoppedAt
	case m.Paused:
		at = m.PausedSince
		m.PausedTotal += now.Sub(at)
	}
	if m.due.IsZero() {
		return m.State
	}
	m.DueAt, m.Left, m.Over = m.due, max(0, m.due.Sub(at)), max(0, at.Sub(m.due))
	m.Used = m.used(at)
	switch {
	case m.Paused && m.Over == 0:
		m.DueAt = later(now, m.days.after(m.base, m.gaps+m.counted(m.PausedSince, now)))
	case !m.Paused && m.StoppedAt.IsZero():
		m.NextAt = m.next()
	}
	return m.State
}

// used returns the share of the counted time between start and due that is gone.
func (m *machine) used(at time.Time) float64 {
	all := m.counted(m.StartedAt, m.due) - m.gaps
	if m.Over > 0 || all <= 0 {
		return 1
	}
	return min(1, max(0, float64(m.counted(m.StartedAt, at)-m.gaps)/float64(all)))
}

// next returns when the clock will next change by itself: at a warn point, or the
// microsecond (what stores keep) after it was due.
func (m *machine) next() time.Time {
	switch {
	case len(m.points) > 0:
		return m.points[0].At
	case m.late:
		return time.Time{}
	}
	return m.due.Add(time.Microsecond)
}
