package clock

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tocsin/internal/profile"
)

var anyCalendar = rapid.Custom(func(t *rapid.T) *profile.Calendar {
	name := rapid.SampledFrom(zones).Draw(t, "zone")
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	switch rapid.IntRange(0, 2).Draw(t, "calendar") {
	case 0:
		return civil(zone)
	case 1:
		return whole(office(zone))
	}
	return office(zone, "2026-12-25", "2026-11-03", "2027-01-01")
})

var anySpan = rapid.Custom(func(t *rapid.T) profile.Span {
	return profile.Span{N: rapid.IntRange(1, 30).Draw(t, "n"), Unit: rapid.SampledFrom([]string{"h", "d", "bd"}).Draw(t, "unit")}
})

var anySpec = rapid.Custom(func(t *rapid.T) *profile.Clock {
	return &profile.Clock{
		Name: "c", Start: []string{"opened", "enter:work"}, Stop: []string{"closed", "leave:work"},
		Pause: []string{"paused", "enter:waiting"}, Resume: []string{"resumed", "leave:waiting", "message:in"},
		Target: map[string]profile.Span{"high": anySpan.Draw(t, "high"), "low": anySpan.Draw(t, "low"), "": anySpan.Draw(t, "other")},
		Warn:   rapid.SliceOfN(anySpan, 0, 3).Draw(t, "warn"), Resets: rapid.Bool().Draw(t, "resets"),
	}
})

// anyTime lies in a winter and a spring, on a whole minute.
var anyTime = rapid.Custom(func(t *rapid.T) time.Time {
	minutes := rapid.IntRange(0, 300*24*60).Draw(t, "minutes")
	return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
})

var anyEvent = rapid.Custom(func(t *rapid.T) Event {
	e := Event{At: anyTime.Draw(t, "at"), Name: rapid.SampledFrom([]string{
		"opened", "enter:work", "leave:work", "closed", "paused", "resumed", "enter:waiting", "leave:waiting", "message:in", EventSeverity, EventExtended, EventTarget,
	}).Draw(t, "name")}
	switch e.Name {
	case EventSeverity:
		e.Data = map[string]string{"severity": rapid.SampledFrom([]string{"high", "low", "none", ""}).Draw(t, "word")}
	case EventExtended, EventTarget:
		e.Data = map[string]string{"clock": rapid.SampledFrom([]string{"c", "d"}).Draw(t, "clock"), "span": anySpan.Draw(t, "span").String()}
	}
	return e
})

var noise = rapid.Custom(func(t *rapid.T) Event {
	return Event{At: anyTime.Draw(t, "at"), Name: rapid.SampledFrom([]string{"message:out", "note", "enter:other"}).Draw(t, "name"), Data: map[string]string{"n": strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "n"))}}
})

func last(events []Event) time.Time {
	now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, e := range events {
		now = later(now, e.At)
	}
	return now
}

func same(t *rapid.T, what string, a, b State) {
	t.Helper()
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("%s:\n%s", what, diff)
	}
}

func TestIrrelevantEventsNeverMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events, other := rapid.SliceOf(anyEvent).Draw(t, "events"), rapid.SliceOf(noise).Draw(t, "noise")
		now := anyTime.Draw(t, "now")
		plain := RunOne(spec, cal, events, now)
		same(t, "noise after", plain, RunOne(spec, cal, slices.Concat(events, other), now))
		same(t, "noise before", plain, RunOne(spec, cal, slices.Concat(other, events), now))
	})
}

func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events := rapid.SliceOfDistinct(anyEvent, func(e Event) int64 { return e.At.Unix() }).Draw(t, "events")
		now := anyTime.Draw(t, "now")
		plain := RunOne(spec, cal, events, now)
		twice := slices.Concat(events, events)
		seed := rapid.Uint64().Draw(t, "shuffle")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
		same(t, "shuffled and twice", plain, RunOne(spec, cal, twice, now))
	})
}

// grown tells that the later state keeps all of the history of the earlier one.
func grown(t *rapid.T, a, b State) {
	t.Helper()
	if len(a.Why) > len(b.Why) || !slices.Equal(a.Why, b.Why[:len(a.Why)]) {
		t.Fatalf("history\n%q\nwas rewritten to\n%q", a.Why, b.Why)
	}
	if len(a.Breaches) > len(b.Breaches) || !slices.EqualFunc(a.Breaches, b.Breaches[:len(a.Breaches)], time.Time.Equal) {
		t.Fatalf("breaches %v became %v", a.Breaches, b.Breaches)
	}
	if len(a.Warned) > len(b.Warned) || !slices.EqualFunc(a.Warned, b.Warned[:len(a.Warned)], func(a, b Warning) bool { return cmp.Equal(a, b) }) {
		t.Fatalf("warnings %v became %v", a.Warned, b.Warned)
	}
	if a.Breached && (!b.Breached || !a.BreachedAt.Equal(b.BreachedAt)) {
		t.Fatalf("breached at %s, then %v at %s", a.BreachedAt, b.Breached, b.BreachedAt)
	}
}

func TestReplayEqualsLive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events := rapid.SliceOf(anyEvent).Draw(t, "events")
		slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
		var live State
		for i, e := range events {
			if i+1 < len(events) && events[i+1].At.Equal(e.At) {
				continue // one step
			}
			quiet := e.At.Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(t, "quiet")) * time.Minute)
			if i+1 < len(events) && !quiet.Before(events[i+1].At) {
				quiet = e.At
			}
			for _, now := range []time.Time{e.At, quiet} {
				s := RunOne(spec, cal, events[:i+1], now)
				grown(t, live, s)
				same(t, "live and replayed", s, RunOne(spec, cal, events, now))
				live = s
			}
		}
	})
}

func TestBreachIsMonotoneInTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events := rapid.SliceOf(anyEvent).Draw(t, "events")
		a, b := anyTime.Draw(t, "a"), anyTime.Draw(t, "b")
		grown(t, RunOne(spec, cal, events, earlier(a, b)), RunOne(spec, cal, events, later(a, b)))
	})
}

func TestItChangesOnlyWhenItSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events := rapid.SliceOf(anyEvent).Draw(t, "events")
		now := last(events)
		s := RunOne(spec, cal, events, now)
		for !s.NextAt.IsZero() {
			if !s.NextAt.After(now) {
				t.Fatalf("look again at %s, want after %s", s.NextAt, now)
			}
			same := RunOne(spec, cal, events, s.NextAt.Add(-time.Microsecond))
			then := RunOne(spec, cal, events, s.NextAt)
			if len(same.Why) != len(s.Why) || len(then.Why) == len(s.Why) {
				t.Fatalf("at %s: %q\njust before: %q\nthen: %q", s.NextAt, s.Why, same.Why, then.Why)
			}
			s, now = then, s.NextAt
		}
		if never := RunOne(spec, cal, events, now.AddDate(3, 0, 0)); len(never.Why) != len(s.Why) {
			t.Fatalf("nothing was to come, but %q", never.Why[len(s.Why):])
		}
	})
}

// pausing draws a start, separate pauses and extensions, and no severity.
func pausing(t *rapid.T) (events []Event, gaps [][2]time.Time) {
	start := anyTime.Draw(t, "start")
	events = []Event{{At: start, Name: "opened"}}
	cursor := start
	for range rapid.IntRange(0, 4).Draw(t, "pauses") {
		a := cursor.Add(time.Duration(rapid.IntRange(1, 5*24*60).Draw(t, "run")) * time.Minute)
		b := a.Add(time.Duration(rapid.IntRange(1, 5*24*60).Draw(t, "pause")) * time.Minute)
		gaps, cursor = append(gaps, [2]time.Time{a, b}), b
		events = append(events, Event{At: a, Name: "paused"}, Event{At: b, Name: "resumed"})
	}
	return events, gaps
}

func TestAPauseNeverShortens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events, gaps := pausing(t)
		now := last(events).AddDate(0, 0, rapid.IntRange(0, 40).Draw(t, "later"))
		with := RunOne(spec, cal, events, now)
		for i := range gaps {
			fewer := slices.Delete(slices.Clone(events), 1+2*i, 3+2*i)
			without := RunOne(spec, cal, fewer, now)
			if with.DueAt.Before(without.DueAt) {
				t.Fatalf("with the pause due %s, without %s\n%q", with.DueAt, without.DueAt, with.Why)
			}
			if with.Breached && (!without.Breached || with.BreachedAt.Before(without.BreachedAt)) {
				t.Fatalf("with the pause late %s, without %v %s\n%q", with.BreachedAt, without.Breached, without.BreachedAt, with.Why)
			}
		}
	})
}

func TestPausesOfTwoKindsMayOverlapAndNeverShorten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events, _ := pausing(t)
		a := anyTime.Draw(t, "from")
		b := a.Add(time.Duration(rapid.IntRange(1, 20*24*60).Draw(t, "waiting")) * time.Minute)
		more := append(slices.Clone(events), Event{At: a, Name: "enter:waiting"}, Event{At: b, Name: "leave:waiting"})
		now := last(more)
		with, without := RunOne(spec, cal, more, now), RunOne(spec, cal, events, now)
		if with.DueAt.Before(without.DueAt) {
			t.Fatalf("waiting makes it due %s, else %s\n%q\n%q", with.DueAt, without.DueAt, with.Why, without.Why)
		}
	})
}

func TestExtensionsAddUpInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events, _ := pausing(t)
		spans := rapid.SliceOfN(anySpan, 1, 5).Draw(t, "extensions")
		moment := events[0].At.Add(time.Minute)
		extended := func(spans []profile.Span) State {
			all := slices.Clone(events)
			for i, s := range spans {
				all = append(all, Event{moment, EventExtended, map[string]string{"clock": "c", "span": s.String(), "by": strconv.Itoa(i)}})
			}
			return RunOne(spec, cal, all, last(all))
		}
		backwards := slices.Clone(spans)
		slices.Reverse(backwards)
		have, want := extended(backwards), extended(spans)
		if !have.DueAt.Equal(want.DueAt) || !have.BreachedAt.Equal(want.BreachedAt) {
			t.Fatalf("due %s and late %s, in the other order %s and %s", want.DueAt, want.BreachedAt, have.DueAt, have.BreachedAt)
		}
		for i := range spans {
			if fewer := extended(slices.Delete(slices.Clone(spans), i, i+1)); want.DueAt.Before(fewer.DueAt) {
				t.Fatalf("%s more makes it due %s, not %s", spans[i], want.DueAt, fewer.DueAt)
			}
		}
		if target, ok := spec.TargetFor(""); ok && cal.Kind == profile.KindCalendar && len(events) == 1 {
			whole := append([]profile.Span{target}, spans...)
			if sum := Add(cal, events[0].At, whole...); !sum.Equal(want.DueAt) {
				t.Fatalf("due %s, want start, target and extensions added: %s", want.DueAt, sum)
			}
		}
	})
}

func TestStatesAreConsistent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, cal := anySpec.Draw(t, "spec"), anyCalendar.Draw(t, "calendar")
		events := rapid.SliceOf(anyEvent).Draw(t, "events")
		s := RunOne(spec, cal, events, anyTime.Draw(t, "now"))
		switch {
		case s.Used < 0 || s.Used > 1:
			t.Fatalf("used %v", s.Used)
		case s.Left > 0 && s.Over > 0:
			t.Fatalf("%s left and %s over", s.Left, s.Over)
		case s.Over > 0 && !s.Breached:
			t.Fatalf("%s over and never late: %q", s.Over, s.Why)
		case s.Breached != (len(s.Breaches) > 0) || s.Breached && !s.BreachedAt.Equal(s.Breaches[0]):
			t.Fatalf("breached %v at %s, all %v", s.Breached, s.BreachedAt, s.Breaches)
		case !s.DueAt.IsZero() && s.DueAt.Before(s.StartedAt):
			t.Fatalf("due %s, started %s", s.DueAt, s.StartedAt)
		case s.Paused && s.PausedTotal < 0, !slices.IsSortedFunc(s.Warned, func(a, b Warning) int { return a.At.Compare(b.At) }):
			t.Fatalf("paused %s, warned %v", s.PausedTotal, s.Warned)
		}
	})
}
