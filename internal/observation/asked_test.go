package observation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/observation"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestAskingForObservations asks in the language of lists, on every engine: the list,
// the board and what is offered.
func TestAskingForObservations(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "ana", "manager"), h.As(t, "bob", "manager")
		name := map[ref.ID]string{}
		add := func(in observation.Opening) ref.ID {
			h.Pass(24 * time.Hour)
			id := open(t, h, ana, in)
			name[id] = in.Title[:1]
			return id
		}
		a := add(observation.Opening{Title: "a review", Source: "audit 2026", Cause: "missing-review", Likelihood: 3, Impact: 4, Owner: "person-bob", Department: "Release Engineering"})
		b := add(observation.Opening{Title: "b backup", Likelihood: 1, Impact: 2, Entity: true, Owner: "person-ana"})
		add(observation.Opening{Title: "c hidden", Cause: "missing-review", Likelihood: 4, Impact: 4, Named: true})
		if err := h.Observations.Label(ana, b, "stale", true, ""); err != nil {
			t.Fatal(err)
		}
		in := full()
		if err := h.Observations.Edit(ana, a, observation.Patch{Condition: &in.Condition, Criteria: &in.Criteria, RootCause: &in.RootCause, Consequence: &in.Consequence}); err != nil {
			t.Fatal(err)
		}
		if err := h.Observations.Move(ana, a, "observation.validate", observation.Step{}); err != nil {
			t.Fatal(err)
		}
		ask := func(ctx context.Context, text string) (string, error) {
			q, err := observation.Vocabulary(h.Rules).Parse(text)
			if err != nil {
				return "", err
			}
			l, err := h.Observations.List(ctx, observation.Filter{Query: q}, observation.Page{Counted: true})
			if err != nil {
				return "", err
			}
			cols, err := h.Observations.Board(ctx, observation.Filter{Query: q}, "cause")
			if err != nil {
				return "", err
			}
			var listed, shown []string
			for _, o := range l.Observations {
				listed = append(listed, name[o.ID])
			}
			for _, c := range cols {
				if c.Count != len(c.Observations) {
					t.Errorf("%s: the column %q counts %d of %d", text, c.Title, c.Count, len(c.Observations))
				}
				for _, o := range c.Observations {
					shown = append(shown, name[o.ID])
				}
			}
			slices.Sort(listed)
			if slices.Sort(shown); !slices.Equal(listed, shown) { // all of them are open
				t.Errorf("%s: the list has %v, the board %v", text, listed, shown)
			}
			return strings.Join(listed, "") + " " + l.Count, nil
		}
		for text, want := range map[string]string{
			"": "abc 3", "is:open": "abc 3", "is:closed": " 0", "is:named": "c 1", "is:entity": "b 1", "is:overdue": " 0", "stage:validated": "a 1", "-stage:validated": "bc 2", "rating>=high": "ac 2", "rating:low": "b 1", "rating:none": " 0",
			"priority>=P2": "ac 2", "priority:P4": "b 1", "owner:me": "b 1", "owner:bob": "a 1", "owner:none": "c 1", "label:stale": "b 1", "-label:stale": "ac 2", "label:none": "ac 2", "cause:missing-review": "ac 2",
			"cause:none": "b 1", `source:"audit 2026"`: "a 1", `department:"release engineering"`: " 0", `department:"Release Engineering"`: "a 1", "score>=12": "ac 2", "score<3": "b 1", "score:none": " 0", "due<4m": "c 1", "found<2d": "bc 2",
			"found>2d": "a 1", "touched>2d": "", "hidden": "c 1", "backup rating:low": "b 1",
		} {
			if want == "" {
				want = " 0"
			}
			if have, err := ask(ana, text); err != nil || have != want {
				t.Errorf("%s: have %q (%v), want %q", text, have, err, want)
			}
		}
		for _, text := range []string{"", "is:named", "owner:none", "hidden", "rating:critical", "cause:missing-review"} {
			if have, err := ask(bob, text); err != nil || strings.Contains(have, "c") {
				t.Errorf("%s tells bob of what he may not see: %q (%v)", text, have, err)
			}
		}
		for _, text := range []string{"owner:nobody-at-all", "rating:hihg", "stage:triage", "found:yesterday"} {
			if _, err := ask(ana, text); !errors.Is(err, fault.Invalid) || len(fault.Of(err).Fields) == 0 {
				t.Errorf("%s: %v, want it refused beside the box", text, err)
			}
		}
		for text, want := range map[string]string{"owner:b": "bob", "rating>": "high", "is:en": "entity"} {
			c, err := h.Observations.Complete(ana, text, len(text))
			if err != nil || !slices.ContainsFunc(c.Offers, func(o query.Offer) bool { return o.Put == want }) {
				t.Errorf("%s offers %v (%v), want %s among them", text, c.Offers, err, want)
			}
		}
		cols, err := h.Observations.Board(bob, observation.Filter{}, "stage")
		if err != nil || len(cols[1].Ways[a]) == 0 {
			t.Errorf("no step leads on for bob, who may start: %v", err)
		}
		for _, c := range cols {
			for _, mv := range c.Ways[a] {
				if !slices.Contains(h.Rules.Lifecycle("observation").Verbs(), mv.Verb) || access.Verb(mv.Verb) == observation.VerbEdit {
					t.Errorf("%s is no step", mv.Verb)
				}
			}
		}
	})
}
