package clock

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/profile"
)

// assessment is a clock as profiles have it: 10 days at high, 20 at others.
func assessment(t testing.TB) *profile.Clock {
	return &profile.Clock{
		Name: "assessment", Title: "Assessment", On: "case", Kind: "slo", Calendar: "calendar",
		Start: []string{"enter:assessment"}, Stop: []string{"leave:assessment"},
		Pause: []string{"paused", "enter:waiting"}, Resume: []string{"resumed", "leave:waiting"},
		Target: map[string]profile.Span{"high": span(t, "10d"), "low": span(t, "20d"), "medium": span(t, "20d")},
		Warn:   []profile.Span{span(t, "2d")},
	}
}

// story reads events written as "2026-11-15 09:00 enter:assessment key=value …";
// an underscore in a value is a space.
func story(t testing.TB, lines ...string) (out []Event) {
	t.Helper()
	for _, line := range lines {
		words := strings.Fields(line)
		e := Event{At: at(t, words[0]+" "+words[1]), Name: words[2]}
		for _, w := range words[3:] {
			k, v, _ := strings.Cut(w, "=")
			if e.Data == nil {
				e.Data = map[string]string{}
			}
			e.Data[k] = strings.ReplaceAll(v, "_", " ")
		}
		out = append(out, e)
	}
	return out
}

func TestClock(t *testing.T) {
	t.Parallel()
	const (
		high  = "2026-11-01 00:00 severity severity=high"
		begin = "2026-11-15 09:00 enter:assessment"
	)
	for _, c := range []struct {
		name     string
		resets   bool
		events   []string
		now      string
		phase    Phase
		due      string // "" none
		breached string // "" never
	}{
		{name: "nothing has happened", now: "2026-11-15 09:00", phase: Waiting},
		{name: "it starts with the target of its severity", events: []string{high, begin}, now: "2026-11-15 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "events after now have not happened", events: []string{high, begin}, now: "2026-11-15 08:59", phase: Waiting},
		{name: "without a target it is idle", events: []string{begin}, now: "2027-11-15 09:00", phase: Idle},
		{name: "done at the due moment is in time", events: []string{high, begin, "2026-11-25 09:00 leave:assessment"}, now: "2027-01-01 00:00", phase: Stopped, due: "2026-11-25 09:00"},
		{name: "a minute later is late since the due moment", events: []string{high, begin, "2026-11-25 09:01 leave:assessment"}, now: "2027-01-01 00:00", phase: Stopped, due: "2026-11-25 09:00", breached: "2026-11-25 09:00"},
		{name: "at the due moment it is not late", events: []string{high, begin}, now: "2026-11-25 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "an extension adds", events: []string{high, begin, "2026-11-20 09:00 extended clock=assessment span=7d by=Ann"}, now: "2026-11-26 09:00", phase: Running, due: "2026-12-02 09:00"},
		{name: "an extension of another clock does not", events: []string{high, begin, "2026-11-20 09:00 extended clock=triage span=7d"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "an extension of no clock does not", events: []string{high, begin, "2026-11-20 09:00 extended span=7d"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "an extension given before the start counts", events: []string{high, "2026-11-02 09:00 extended clock=assessment span=7d", begin}, now: "2026-11-20 09:00", phase: Running, due: "2026-12-02 09:00"},
		{name: "an extension that came too late does not heal", events: []string{high, begin, "2026-11-26 09:00 extended clock=assessment span=7d"}, now: "2026-11-27 09:00", phase: Running, due: "2026-12-02 09:00", breached: "2026-11-25 09:00"},
		{name: "a span that cannot be read does not count", events: []string{high, begin, "2026-11-20 09:00 extended clock=assessment span=-7d"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "a pause moves the due moment", events: []string{high, begin, "2026-11-16 09:00 paused reason=x", "2026-11-18 10:00 resumed"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-27 10:00"},
		{name: "while paused it is due later and later", events: []string{high, begin, "2026-11-16 09:00 paused"}, now: "2027-01-01 00:00", phase: Paused, due: "2027-01-10 00:00"},
		{name: "a pause of another clock does not", events: []string{high, begin, "2026-11-16 09:00 paused clock=triage"}, now: "2026-11-17 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "a pause after it was late does not heal", events: []string{high, begin, "2026-11-26 09:00 paused", "2026-11-29 09:00 resumed"}, now: "2026-11-29 09:00", phase: Running, due: "2026-11-28 09:00", breached: "2026-11-25 09:00"},
		{name: "a pause begun before the start holds it", events: []string{high, "2026-11-10 09:00 enter:waiting", begin}, now: "2026-11-16 09:00", phase: Paused, due: "2026-11-26 09:00"},
		{name: "resumed does not end the pause of a stage", events: []string{high, begin, "2026-11-16 09:00 enter:waiting", "2026-11-17 09:00 paused", "2026-11-18 09:00 resumed"}, now: "2026-11-19 09:00", phase: Paused, due: "2026-11-28 09:00"},
		{name: "it is held until the last pause ends", events: []string{high, begin, "2026-11-16 09:00 enter:waiting", "2026-11-17 09:00 paused", "2026-11-18 09:00 leave:waiting", "2026-11-19 09:00 resumed"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-28 09:00"},
		{name: "severity counts again from the start", events: []string{high, begin, "2026-11-18 09:00 severity severity=low"}, now: "2026-11-20 09:00", phase: Running, due: "2026-12-05 09:00"},
		{name: "a severity that makes it late does so at the change", events: []string{"2026-11-01 00:00 severity severity=low", begin, "2026-11-27 09:00 severity severity=high"}, now: "2026-11-27 09:00", phase: Running, due: "2026-11-25 09:00", breached: "2026-11-27 09:00"},
		{name: "a pause in time does not shield from a later change", events: []string{"2026-11-01 00:00 severity severity=low", begin, "2026-12-01 09:00 paused", "2026-12-02 09:00 resumed", "2026-12-03 09:00 severity severity=high"}, now: "2026-12-04 09:00", phase: Running, due: "2026-11-26 09:00", breached: "2026-12-03 09:00"},
		{name: "late by a change while paused", events: []string{"2026-11-01 00:00 severity severity=low", begin, "2026-11-27 09:00 paused", "2026-11-28 09:00 severity severity=high", "2026-11-29 09:00 resumed"}, now: "2026-11-30 09:00", phase: Running, due: "2026-11-27 09:00", breached: "2026-11-28 09:00"},
		{name: "a lower severity does not heal", events: []string{high, begin, "2026-11-27 09:00 severity severity=low"}, now: "2026-11-28 09:00", phase: Running, due: "2026-12-05 09:00", breached: "2026-11-25 09:00"},
		{name: "a severity known late counts from the start", events: []string{begin, "2026-11-18 09:00 severity severity=high"}, now: "2026-11-18 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "what a change takes away, an extension of the same instant gives back", events: []string{"2026-11-01 00:00 severity severity=low", begin, "2026-11-27 09:00 severity severity=high", "2026-11-27 09:00 extended clock=assessment span=7d"}, now: "2026-11-28 09:00", phase: Running, due: "2026-12-02 09:00"},
		{name: "after the stop nothing moves it", events: []string{high, begin, "2026-11-16 09:00 leave:assessment", "2026-11-17 09:00 severity severity=low", "2026-11-17 09:00 paused"}, now: "2027-11-20 09:00", phase: Stopped, due: "2026-11-25 09:00"},
		{name: "a second start goes on where it stopped", events: []string{high, begin, "2026-11-16 09:00 leave:assessment", "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-28 09:00"},
		{name: "a second start begins anew", resets: true, events: []string{high, begin, "2026-11-16 09:00 leave:assessment", "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-29 09:00"},
		{name: "a start while it runs begins anew", resets: true, events: []string{high, begin, "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-29 09:00"},
		{name: "a start while it runs is nothing", events: []string{high, begin, "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-25 09:00"},
		{name: "a new round does not heal", resets: true, events: []string{high, begin, "2026-12-19 09:00 enter:assessment"}, now: "2026-12-20 09:00", phase: Running, due: "2026-12-29 09:00", breached: "2026-11-25 09:00"},
		{name: "an extension is of its round", resets: true, events: []string{high, begin, "2026-11-16 09:00 extended clock=assessment span=7d", "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-29 09:00"},
		{name: "a record may have a target of its own", events: []string{high, begin, "2026-11-16 09:00 target clock=assessment span=30d by=Ann"}, now: "2026-11-20 09:00", phase: Running, due: "2026-12-15 09:00"},
		{name: "a stop while paused ends both", events: []string{high, begin, "2026-11-16 09:00 paused", "2026-12-16 09:00 leave:assessment"}, now: "2027-01-20 09:00", phase: Stopped, due: "2026-12-25 09:00"},
		{name: "a pause of this clock ends with it", resets: true, events: []string{high, begin, "2026-11-16 09:00 paused clock=assessment", "2026-11-17 09:00 leave:assessment", "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Running, due: "2026-11-29 09:00"},
		{name: "a pause of everything outlasts the stop", resets: true, events: []string{high, begin, "2026-11-16 09:00 paused", "2026-11-17 09:00 leave:assessment", "2026-11-19 09:00 enter:assessment"}, now: "2026-11-20 09:00", phase: Paused, due: "2026-11-30 09:00"},
		{name: "events out of order and twice", events: []string{"2026-11-18 10:00 resumed", begin, "2026-11-16 09:00 paused", high, begin, "2026-11-18 10:00 resumed", "2026-11-17 09:00 extended clock=assessment span=7d", "2026-11-17 09:00 extended clock=assessment span=7d"}, now: "2026-11-20 09:00", phase: Running, due: "2026-12-04 10:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := assessment(t)
			spec.Resets = c.resets
			s := RunOne(spec, civil(time.UTC), story(t, c.events...), at(t, c.now))
			have := []string{string(s.Phase()), stamp(s.DueAt), stamp(s.BreachedAt)}
			if diff := cmp.Diff([]string{string(c.phase), c.due, c.breached}, have); diff != "" {
				t.Errorf("phase, due, breached (-want +have):\n%s%s", diff, strings.Join(s.Why, "\n"))
			}
			if s.Breached != (c.breached != "") {
				t.Errorf("breached %v, want %v", s.Breached, c.breached != "")
			}
		})
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

func TestWhyTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	s := RunOne(assessment(t), civil(time.UTC), story(t,
		"2026-11-14 10:00 severity severity=high", "2026-11-15 09:00 enter:assessment",
		"2026-11-16 09:00 paused clock=assessment reason=waiting_for_the_finder", "2026-11-18 10:30 resumed",
		"2026-11-26 09:00 extended clock=assessment span=7d by=Ann reason=a_second_platform",
		"2026-12-10 09:00 severity severity=low", "2026-12-11 09:00 leave:assessment"), at(t, "2027-01-01"))
	want := []string{
		"started 2026-11-15 09:00 UTC on enter:assessment",
		"high: 10 calendar days, due 2026-11-25 09:00 UTC",
		"paused 2026-11-16 09:00 UTC on paused: waiting for the finder",
		"resumed 2026-11-18 10:30 UTC on resumed after 2 d 1 h, due 2026-11-27 10:30 UTC",
		"warned 2026-11-25 10:30 UTC, 2 calendar days before it is due",
		"extended by 7 calendar days by Ann 2026-11-26 09:00 UTC: a second platform, due 2026-12-04 10:30 UTC",
		"warned 2026-12-02 10:30 UTC, 2 calendar days before it is due",
		"passed its due moment 2026-12-04 10:30 UTC",
		"severity changed from high to low 2026-12-10 09:00 UTC, counted again from the start",
		"low: 20 calendar days, due 2026-12-14 10:30 UTC",
		"stopped 2026-12-11 09:00 UTC on leave:assessment, in time",
	}
	if diff := cmp.Diff(want, s.Why); diff != "" {
		t.Errorf("why (-want +have):\n%s", diff)
	}
	if want := []Extension{{"Ann", "a second platform", span(t, "7d"), at(t, "2026-11-26 09:00")}}; !cmp.Equal(want, s.Extensions) {
		t.Errorf("extensions %v, want %v", s.Extensions, want)
	}
	if !s.Breached || s.PausedTotal != 49*time.Hour+30*time.Minute || s.Round != 1 || s.Left != 73*time.Hour+30*time.Minute || s.Over != 0 {
		t.Errorf("breached %v, paused %s, round %d, left %s, over %s", s.Breached, s.PausedTotal, s.Round, s.Left, s.Over)
	}
}

func TestHowFarItIs(t *testing.T) {
	t.Parallel()
	events := story(t, "2026-11-14 10:00 severity severity=high", "2026-11-15 09:00 enter:assessment", "2026-11-17 09:00 paused", "2026-11-20 09:00 resumed")
	for _, c := range []struct {
		name, now, next  string
		left, over, held time.Duration
		used             float64
	}{
		{"at the start", "2026-11-15 09:00", "2026-11-23 09:00", 240 * time.Hour, 0, 0, 0},
		{"after a day", "2026-11-16 09:00", "2026-11-23 09:00", 216 * time.Hour, 0, 0, 0.1},
		{"paused", "2026-11-19 09:00", "", 192 * time.Hour, 0, 48 * time.Hour, 0.2},
		{"after the pause", "2026-11-20 09:00", "2026-11-26 09:00", 192 * time.Hour, 0, 72 * time.Hour, 0.2},
		{"after the warning", "2026-11-26 09:00", "2026-11-28 09:00", 48 * time.Hour, 0, 72 * time.Hour, 0.8},
		{"late", "2026-11-29 09:00", "", 0, 24 * time.Hour, 72 * time.Hour, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := RunOne(assessment(t), civil(time.UTC), events, at(t, c.now))
			if s.Left != c.left || s.Over != c.over || s.PausedTotal != c.held {
				t.Errorf("left %s, over %s, paused %s; want %s, %s, %s", s.Left, s.Over, s.PausedTotal, c.left, c.over, c.held)
			}
			if s.Used < c.used-1e-9 || s.Used > c.used+1e-9 {
				t.Errorf("used %v, want %v", s.Used, c.used)
			}
			if have := stamp(s.NextAt); have != c.next {
				t.Errorf("look again at %s, want %s", have, c.next)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	spec := assessment(t)
	spec.Warn = []profile.Span{span(t, "2d"), span(t, "7d"), span(t, "40d")}
	for _, c := range []struct {
		name   string
		events []string
		want   []string
	}{
		{"in order of time, and none before the start", []string{"2026-11-01 00:00 severity severity=high"}, []string{"2026-11-18 09:00 7d", "2026-11-23 09:00 2d"}},
		{"again for a new due moment", []string{"2026-11-01 00:00 severity severity=high", "2026-11-19 00:00 extended clock=assessment span=1d"}, []string{"2026-11-18 09:00 7d", "2026-11-19 09:00 7d", "2026-11-24 09:00 2d"}},
		{"not again after a pause", []string{"2026-11-01 00:00 severity severity=high", "2026-11-19 00:00 paused", "2026-11-20 00:00 resumed"}, []string{"2026-11-18 09:00 7d", "2026-11-24 09:00 2d"}},
		{"only the last where a change passes several", []string{"2026-11-24 00:00 severity severity=high"}, []string{"2026-11-24 00:00 2d"}},
		{"none where a change makes it late", []string{"2026-11-29 00:00 severity severity=high"}, nil},
		{"none while paused", []string{"2026-11-01 00:00 severity severity=high", "2026-11-16 00:00 paused"}, nil},
		{"none after the stop", []string{"2026-11-01 00:00 severity severity=high", "2026-11-20 09:00 leave:assessment"}, []string{"2026-11-18 09:00 7d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := append(story(t, c.events...), story(t, "2026-11-15 09:00 enter:assessment")...)
			var have []string
			for _, w := range RunOne(spec, civil(time.UTC), events, at(t, "2027-01-01")).Warned {
				have = append(have, stamp(w.At)+" "+w.Span.String())
			}
			if diff := cmp.Diff(c.want, have); diff != "" {
				t.Errorf("warnings (-want +have):\n%s", diff)
			}
		})
	}
}

func TestAPauseOverTheWeekendDoesNotMakeLate(t *testing.T) {
	t.Parallel()
	spec := assessment(t)
	spec.Target = map[string]profile.Span{"": span(t, "1bd")}
	// Due on Monday at 9; paused since Saturday, when no working time is left.
	events := story(t, "2026-11-13 08:00 enter:assessment", "2026-11-14 09:00 paused", "2026-11-16 17:30 resumed")
	paused := RunOne(spec, office(time.UTC), events, at(t, "2026-11-16 17:20"))
	if paused.Breached || paused.Over != 0 || paused.DueAt.Before(at(t, "2026-11-16 17:20")) {
		t.Errorf("paused: breached %v, over %s, due %s", paused.Breached, paused.Over, paused.DueAt)
	}
	done := RunOne(spec, office(time.UTC), append(events, story(t, "2026-11-16 17:30 leave:assessment")...), at(t, "2026-11-17"))
	if done.Breached || done.Over != 0 {
		t.Errorf("done as it was resumed: breached %v, over %s, why %q", done.Breached, done.Over, done.Why)
	}
}

func TestRunTakesTheClocksOfOneKindOfRecord(t *testing.T) {
	t.Parallel()
	a, b, c := *assessment(t), *assessment(t), *assessment(t)
	b.On, b.Name = "report", "first-response"
	c.Name, c.Calendar = "nowhere", "nowhere"
	p := &profile.Profile{Clocks: []profile.Clock{a, b, c}, Calendars: map[string]*profile.Calendar{"calendar": civil(time.UTC)}}
	events := story(t, "2026-11-14 10:00 severity severity=high", "2026-11-15 09:00 enter:assessment")
	states := Run(p, "case", events, at(t, "2026-11-16"))
	if len(states) != 2 || states[0].Name != "assessment" || states[1].Name != "nowhere" {
		t.Fatalf("states %v, want assessment and nowhere", states)
	}
	if states[0].Phase() != Running || states[1].Phase() != Idle {
		t.Errorf("phases %s and %s, want running, and idle without a calendar", states[0].Phase(), states[1].Phase())
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	running := func(name, due string) State {
		return State{Name: name, StartedAt: at(t, "2026-11-01"), DueAt: at(t, due)}
	}
	paused, stopped := running("paused", "2026-11-02"), running("stopped", "2026-11-02")
	paused.Paused, stopped.StoppedAt = true, at(t, "2026-11-02")
	for _, c := range []struct {
		name, want string
		states     []State
	}{
		{"nothing", "", nil},
		{"what needs nobody", "", []State{stopped, {Name: "waiting"}}},
		{"the first due", "a", []State{running("b", "2026-11-09"), running("a", "2026-11-08"), stopped}},
		{"a running one before a paused one", "b", []State{paused, running("b", "2026-11-09")}},
		{"a paused one where none runs", "paused", []State{stopped, paused}},
		{"the first in the profile of two", "a", []State{running("a", "2026-11-08"), running("b", "2026-11-08")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, ok := Next(c.states)
			if s.Name != c.want || ok != (c.want != "") {
				t.Errorf("next %q %v, want %q", s.Name, ok, c.want)
			}
		})
	}
}
