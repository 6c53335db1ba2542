package observation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// token is a token with the roles of one person that another made.
func token(id, maker ref.ID) context.Context {
	return access.With(context.Background(), access.Actor{ID: id, Kind: access.Token, Name: "script", Maker: maker})
}

func started(t *testing.T, h *rig.House, ctx context.Context, in observation.Opening) ref.ID {
	t.Helper()
	id := open(t, h, ctx, in)
	for _, verb := range []access.Verb{"observation.validate", "observation.start"} {
		if err := h.Observations.Move(ctx, id, verb, observation.Step{}); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func TestATokenIsNoSecondPerson(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
		h.As(t, "Tok", "manager")
		in := full()
		in.Owner = "person-Ana"
		id := started(t, h, ana, in)
		asking := observation.Asking{Reason: "the tool is replaced", Controls: "a weekly look", Months: 12}
		if err := h.Observations.Ask(token("person-Tok", "person-Bob"), id, asking); err != nil {
			t.Fatal(err)
		}
		if err := h.Observations.Approve(bob, id, 0, "", false); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who made the token that asked approved it: %v", err)
		}
		if err := h.Observations.Approve(token("person-Ana", "person-Bob"), id, 0, "", false); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a token approved: %v", err)
		}
		if err := h.Observations.Move(token("person-Tok", "person-Bob"), id, "observation.remediate", observation.Step{Proof: "change 4711"}); err != nil {
			t.Fatal(err)
		}
		for who, ctx := range map[string]context.Context{"who made the token": bob, "a token": token("person-Bob", "person-Ana")} {
			if err := h.Observations.Move(ctx, id, "observation.confirm", observation.Step{}); len(fault.Of(err).Needs) != 1 {
				t.Errorf("%s confirmed what a token said is remediated: %v", who, err)
			}
		}
		if err := h.Observations.Move(h.As(t, "Cy", "manager"), id, "observation.confirm", observation.Step{}); err != nil {
			t.Errorf("a second person confirms: %v", err)
		}
	})
}

func TestAnObservationIsFoundByItsLabelWhateverItIsCalled(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		id := open(t, h, ana, full())
		if err := h.Observations.Label(ana, id, "stale", true, ""); err != nil {
			t.Fatal(err)
		}
		for label, want := range map[string]int{"stale": 1, "STALE": 0, "st%le": 0, "stal": 0} {
			l, err := h.Observations.List(ana, observation.Filter{Label: label}, observation.Page{})
			if err != nil {
				t.Fatal(err)
			}
			if len(l.Observations) != want {
				t.Errorf("the label %q finds %d observations, want %d on either engine", label, len(l.Observations), want)
			}
		}
	})
}

func TestAnOwnerDoesNotAcceptAlone(t *testing.T) {
	rig.EachProfile(t, "generic", func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
		in := full()
		in.Owner, in.Likelihood, in.Impact = "person-Ana", 1, 1
		id := started(t, h, ana, in)
		if err := h.Observations.Ask(ana, id, observation.Asking{Reason: "small", Controls: "none", Months: 6}); err != nil {
			t.Fatal(err)
		}
		accept := func() error {
			return h.Observations.Move(ana, id, observation.VerbAccept, observation.Step{Reason: "borne for a while"})
		}
		if err := accept(); len(fault.Of(err).Needs) != 1 {
			t.Errorf("the owner asked and accepted, and nobody else looked: %v", err)
		}
		if err := h.Observations.Approve(bob, id, 0, "", false); err != nil {
			t.Fatal(err)
		}
		if err := accept(); err != nil {
			t.Errorf("with the word of another: %v", err)
		}
	})
}

// TestAnAcceptedObservationComesBackWhenItsTimeIsOver: what is accepted has an end, and
// the night after it needs a decision.
func TestAnAcceptedObservationComesBackWhenItsTimeIsOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		months int
		change bool
		days   int // until the night on which it comes back
		says   string
	}{
		{"at its end", 2, false, 62, "no longer"},
		{"when nobody reviewed it", 24, false, 6 * 31, "reviewed"},
		{"when what was accepted has changed", 12, true, 1, "changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rig.EachProfile(t, "generic", func(t *testing.T, h *rig.House) {
				ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
				in := full()
				in.Owner, in.Likelihood, in.Impact = "person-Ana", 1, 1
				for rating := range h.Rules.Register.Acceptance.Review {
					h.Rules.Register.Acceptance.Review[rating] = 6
				}
				id := started(t, h, ana, in)
				if err := h.Observations.Ask(ana, id, observation.Asking{Reason: "small", Controls: "none", Months: c.months}); err != nil {
					t.Fatal(err)
				}
				if err := h.Observations.Approve(bob, id, 0, "", false); err != nil {
					t.Fatal(err)
				}
				if err := h.Observations.Move(ana, id, observation.VerbAccept, observation.Step{Reason: "borne for a while"}); err != nil {
					t.Fatal(err)
				}
				if n, err := h.Observations.Lapse(rig.System()); n != 0 || err != nil {
					t.Fatalf("%d came back on the day on which it was accepted, %v", n, err)
				}
				if c.change {
					two := 2
					if err := h.Observations.Edit(ana, id, observation.Patch{Impact: &two, Likelihood: &two}); err != nil {
						t.Fatal(err)
					}
				}
				told := rig.Count(t, h.DB, `jobs where kind like 'tell:observation-%'`)
				h.Pass(time.Duration(c.days) * 24 * time.Hour)
				if n, err := h.Observations.Lapse(rig.System()); n != 1 || err != nil {
					t.Fatalf("%d came back, %v; want 1", n, err)
				}
				o := get(t, h, ana, id)
				if o.Closed || o.Acceptance != nil || !strings.Contains(o.Observation.Said, c.says) {
					t.Errorf("closed %v, acceptance %v, said %q; want it open, without one, for %q", o.Closed, o.Acceptance, o.Observation.Said, c.says)
				}
				if n := rig.Count(t, h.DB, `jobs where kind like 'tell:observation-%'`); n < told+2 {
					t.Errorf("%d words were left, want the owner and the team told", n-told)
				}
				if n, err := h.Observations.Lapse(rig.System()); n != 0 || err != nil {
					t.Errorf("%d came back once more, %v", n, err)
				}
			})
		})
	}
}

func TestAnAcceptanceThatWouldHaveEndedIsAskedForAgain(t *testing.T) {
	rig.EachProfile(t, "generic", func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
		in := full()
		in.Owner, in.Likelihood, in.Impact = "person-Ana", 1, 1
		id := started(t, h, ana, in)
		if err := h.Observations.Ask(ana, id, observation.Asking{Reason: "small", Controls: "none", Months: 1}); err != nil {
			t.Fatal(err)
		}
		if err := h.Observations.Approve(bob, id, 0, "", false); err != nil {
			t.Fatal(err)
		}
		h.Pass(40 * 24 * time.Hour)
		err := h.Observations.Move(ana, id, observation.VerbAccept, observation.Step{Reason: "borne for a while"})
		if f := fault.Of(err); f == nil || len(f.Needs) != 1 || !strings.Contains(f.Needs[0].Says, "ask again") {
			t.Errorf("accepted until a day that has passed: %v", err)
		}
	})
}
