package live_test

import (
	"errors"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/live"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func done(entry string, subject ref.ID) []gate.Done {
	return []gate.Done{{Entry: ref.ID(entry), Subject: subject, Actor: "person-ana", Verb: "case.edit"}}
}

func noon() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }

// woken reads the seat's signal without waiting.
func woken(s *live.Seat) bool {
	select {
	case <-s.Woken():
		return true
	default:
		return false
	}
}

func sit(t *testing.T, h *live.Hub, who ref.ID, on, since string) *live.Seat {
	t.Helper()
	s, err := h.Sit(who, on, since)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASeatHearsOfItsRecordAlone(t *testing.T) {
	h := live.New(live.Config{Now: noon})
	one, all := sit(t, h, "a", "CASE-A", ""), sit(t, h, "b", "case", "")
	h.Tell(done("e1", "CASE-B"))
	if woken(one) || !woken(all) {
		t.Error("a change of another record: the seat on the record should sleep, the seat on the kind wake")
	}
	h.Tell(append(done("e2", "CASE-A"), done("e3", "RISK-A")...))
	if n := one.Take(); !woken(one) || len(n.Changes) != 1 || n.Changes[0].Entry != "e2" || n.Missed {
		t.Errorf("took %+v, want e2", n)
	}
	if n := all.Take(); len(n.Changes) != 2 {
		t.Errorf("of the kind: %+v, want two", n)
	}
	h.Tell(done("e2", "CASE-A"))
	if n := one.Take(); len(n.Changes) != 0 {
		t.Errorf("one entry is told twice: %+v", n)
	}
}

func TestWhoComesBackIsToldWhatHappenedMeanwhile(t *testing.T) {
	h := live.New(live.Config{Now: noon})
	s := sit(t, h, "a", "CASE-A", "")
	place := s.Take().Place
	s.Leave()
	h.Tell(done("e1", "CASE-A"))
	if s = sit(t, h, "a", "CASE-A", place); !woken(s) {
		t.Error("nobody wakes who comes back")
	}
	if n := s.Take(); len(n.Changes) != 1 || n.Missed {
		t.Errorf("took %+v, want e1", n)
	}
	for name, since := range map[string]string{"of another hub": sit(t, live.New(live.Config{Now: noon}), "a", "CASE-A", "").Take().Place, "of another record": sit(t, h, "a", "CASE-B", "").Take().Place, "made up": "17"} {
		if n := sit(t, h, "a", "CASE-A", since).Take(); !n.Missed {
			t.Errorf("a place %s: %+v, want missed", name, n)
		}
	}
	for i := range 1100 {
		h.Tell(done("f"+string(rune(i)), "CASE-B"))
	}
	if n := sit(t, h, "a", "CASE-A", place).Take(); !n.Missed {
		t.Errorf("a place too long ago: %+v, want missed", n)
	}
}

func TestAPageIsToldWhatHappenedSinceItWasMade(t *testing.T) {
	now := noon()
	h := live.New(live.Config{Now: func() time.Time { return now }})
	later := func() { now = now.Add(time.Microsecond) } // a quick machine does much in a millisecond
	tells := func(want int, since string) {
		t.Helper()
		s := sit(t, h, "a", "CASE-A", since)
		defer s.Leave()
		wakes := woken(s)
		if n := s.Take(); len(n.Changes) != want || n.Missed || wakes != (want > 0) {
			t.Errorf("since %s: %+v, woken %t, want %d changes", since, n, wakes, want)
		}
	}
	first := live.Since(now)
	tells(0, first)
	later()
	h.Tell(done("e1", "CASE-A"))
	later()
	second := live.Since(now)
	tells(1, first)
	tells(0, second)
	h.Tell(done("e2", "CASE-A"))
	later()
	tells(2, first)
	tells(1, second)
	tells(0, live.Since(now))
	for i := range 1100 {
		h.Tell(done("f"+string(rune(i)), "CASE-B"))
	}
	if n := sit(t, h, "a", "CASE-A", first).Take(); n.Missed {
		t.Error("a page of a moment ago is told that much happened to others")
	}
	now = now.Add(time.Hour)
	for name, since := range map[string]string{"long ago": first, "before the hub": live.Since(noon().Add(-time.Hour)), "of no number": "@soon"} {
		if n := sit(t, h, "a", "CASE-A", since).Take(); !n.Missed {
			t.Errorf("an instant %s: %+v, want missed", name, n)
		}
	}
}

func TestPlacesDoNotTellHowMuchHappened(t *testing.T) {
	h := live.New(live.Config{Now: noon})
	few := sit(t, h, "a", "CASE-A", "").Take().Place
	for i := range 1000 {
		h.Tell(done("f"+string(rune(i)), "CASE-B"))
	}
	if many := sit(t, h, "a", "CASE-A", "").Take().Place; len(many) != len(few) {
		t.Errorf("%d and %d characters", len(few), len(many))
	}
}

func TestSeatsAreBounded(t *testing.T) {
	h := live.New(live.Config{Now: noon})
	var first *live.Seat
	for range live.MostEach {
		first = sit(t, h, "a", "CASE-A", "")
	}
	if _, err := h.Sit("a", "CASE-A", ""); !errors.Is(err, fault.TooMany) {
		t.Errorf("one seat too many of a person: %v", err)
	}
	sit(t, h, "b", "CASE-A", "").Leave()
	first.Leave()
	first.Leave()
	sit(t, h, "a", "CASE-A", "")
	if have := h.Seats(); have != live.MostEach {
		t.Errorf("%d seats, want %d", have, live.MostEach)
	}
	h.Close()
	h.Close()
	if _, err := h.Sit("c", "CASE-A", ""); !errors.Is(err, fault.TooMany) {
		t.Errorf("a seat at a closed hub: %v", err)
	}
}

// TestTheGateAndOtherReplicasTellTheHub holds that what is done in this process is
// told at once, and what another does when the log is sealed; and nothing twice.
func TestTheGateAndOtherReplicasTellTheHub(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, err := h.Cases.Open(ana, casework.Opening{Title: "Export", Summary: "It was.", Product: "gateway", Component: "export"})
		check(t, err)
		seal(t, h)
		other := live.New(live.Config{Trail: h.Trail, Now: h.Clock})
		check(t, other.Look(t.Context()))
		here, there := sit(t, h.Live, "a", string(id), ""), sit(t, other, "a", string(id), "")
		_, err = h.Cases.Note(ana, id, "Somebody should look.")
		check(t, err)
		if n := here.Take(); !woken(here) || len(n.Changes) != 1 || n.Changes[0].Verb != "case.note" || n.Changes[0].Actor != "person-ana" {
			t.Errorf("here: %+v", n)
		}
		seal(t, h)
		check(t, other.Look(t.Context()))
		if n := there.Take(); len(n.Changes) != 0 {
			t.Errorf("looked twice within a second: %+v", n)
		}
		h.Pass(live.Often)
		check(t, other.Look(t.Context()))
		if n := there.Take(); !woken(there) || len(n.Changes) != 1 || n.Changes[0].Verb != "case.note" {
			t.Errorf("there: %+v", n)
		}
		check(t, h.Live.Look(t.Context()))
		h.Pass(live.Often)
		check(t, h.Live.Look(t.Context()))
		if n := here.Take(); len(n.Changes) != 0 {
			t.Errorf("told twice: %+v", n)
		}
	})
}

func seal(t *testing.T, h *rig.House) {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = h.Sealer.Step(t.Context())
		check(t, err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
