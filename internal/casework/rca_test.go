package casework_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// resolved opens a case of the severity and records its release, as the handling of it
// would.
func resolved(t *testing.T, h *rig.House, who context.Context, severity string) ref.ID {
	t.Helper()
	id, err := h.Cases.Open(who, casework.Opening{Title: "Export shows too much", Product: "gateway", CWE: "CWE-863"})
	check(t, "open", err)
	check(t, "severity", h.Cases.Edit(who, id, casework.Patch{Provisional: &severity}))
	check(t, "owner", h.Cases.Assign(who, id, "person-eve"))
	check(t, "released", h.Cases.Happen(who, id, "released"))
	return id
}

func rcaOf(t *testing.T, h *rig.House, id ref.ID) *casework.Full {
	t.Helper()
	f, err := h.Cases.Get(rig.System(), id)
	check(t, "get", err)
	return f
}

func clockOf(t *testing.T, f *casework.Full, name string) clock.State {
	t.Helper()
	i := slices.IndexFunc(f.Clocks, func(s clock.State) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no clock %s", name)
	}
	return f.Clocks[i]
}

// words are a word of every set of the profile: the first.
func words(p *profile.Profile) map[string]string {
	out := map[string]string{}
	for _, s := range p.RCA.Sets {
		out[s.Name] = s.Words[0].Name
	}
	return out
}

func TestTheProfileOpensAnAnalysisOfTheHighestSeverityAlone(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager", "analyst", "engineer")
		h.As(t, "eve", "engineer")
		for severity, want := range map[string]string{"critical": casework.RCATodo, "high": "", "low": ""} {
			f := rcaOf(t, h, resolved(t, h, mia, severity))
			if f.RCA.State != want {
				t.Errorf("%s: the analysis is %q, want %q", severity, f.RCA.State, want)
			}
			if want != "" && (f.RCA.Owner != "person-eve" || clockOf(t, f, "rca").DueAt.Sub(f.RCA.Opened) != 30*24*time.Hour) {
				t.Errorf("%s: owned by %q and due %v; want the case's owner, in 30 days", severity, f.RCA.Owner, clockOf(t, f, "rca").DueAt)
			}
		}
		id := resolved(t, h, mia, "medium")
		step := func(verb string, reason string) error {
			return h.Cases.StepRCA(mia, id, accessVerb(verb), casework.RCAStep{Reason: reason})
		}
		if err := step("case.rca-open", " "); !errors.Is(err, fault.Invalid) {
			t.Errorf("opened without a reason: %v", err)
		}
		if err := step("case.rca-invite", ""); !errors.Is(err, fault.Conflict) {
			t.Errorf("invited to an analysis that is none: %v", err)
		}
		check(t, "open", step("case.rca-open", "the third of its kind"))
		check(t, "waive", step("case.rca-waive", "it is part of another one"))
		if f := rcaOf(t, h, id); f.RCA.State != "" || clockOf(t, f, "rca").Phase() != clock.Stopped {
			t.Errorf("waived: %q, the clock %s", f.RCA.State, clockOf(t, f, "rca").Phase())
		}
		must := resolved(t, h, mia, "critical")
		if err := h.Cases.StepRCA(mia, must, casework.VerbRCAWaive, casework.RCAStep{Reason: "no time"}); !errors.Is(err, fault.Conflict) {
			t.Errorf("waived what the profile asks for: %v", err)
		}
		check(t, "raise the severity", h.Cases.Edit(mia, id, casework.Patch{Provisional: ptr("critical")}))
		if f := rcaOf(t, h, id); f.RCA.State != casework.RCATodo {
			t.Errorf("it became critical after its release, and the analysis is %q", f.RCA.State)
		}
	})
}

// TestAnAnalysisIsDoneWhenItHoldsWhatTheProfileAsksFor walks one from its opening to
// its end, with every refusal on the way.
func TestAnAnalysisIsDoneWhenItHoldsWhatTheProfileAsksFor(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, eve := h.As(t, "mia", "manager", "analyst"), h.As(t, "eve", "engineer")
		id := resolved(t, h, mia, "critical")
		step := func(verb string, reason string) error {
			return h.Cases.StepRCA(mia, id, accessVerb(verb), casework.RCAStep{Reason: reason})
		}
		lacks(t, step("case.rca-done", ""), "happened", "why", "causes", "review", "actions")
		check(t, "invite", step("case.rca-invite", ""))
		if err := h.Cases.EditRCA(mia, id, casework.RCAPatch{Causes: map[string]string{"origin": "witchcraft", "sign": "leo"}}); !errors.Is(err, fault.Invalid) || len(fault.Of(err).Fields) != 2 {
			t.Errorf("a cause that is none, and a set that is none: %v", err)
		}
		if err := h.Cases.EditRCA(mia, id, casework.RCAPatch{Owner: ptr(ref.ID("person-nobody"))}); !errors.Is(err, fault.Invalid) {
			t.Errorf("handed to nobody: %v", err)
		}
		lacks(t, step("case.rca-review", ""), "causes")
		check(t, "edit", h.Cases.EditRCA(mia, id, casework.RCAPatch{Happened: ptr("A member read the export."), Why: ptr("The check stands in one path of two."), Causes: words(h.Rules)}))
		lacks(t, step("case.rca-file", ""), "actions")
		check(t, "plan", h.Cases.PlanRCA(mia, id, casework.RCAAction{Title: "Check in one place"}))
		lacks(t, step("case.rca-file", ""), "actions")
		check(t, "plan", h.Cases.PlanRCA(mia, id, casework.RCAAction{Number: 1, Title: "Check in one place", Owner: "person-eve", Due: h.Clock().AddDate(0, 1, 0), Link: "https://code.example/9"}))
		check(t, "plan", h.Cases.PlanRCA(mia, id, casework.RCAAction{Title: "Teach the linter", Owner: "person-eve", Due: h.Clock().AddDate(0, 2, 0)}))
		check(t, "file", step("case.rca-file", ""))
		check(t, "review", step("case.rca-review", ""))
		check(t, "edit", h.Cases.EditRCA(mia, id, casework.RCAPatch{Causes: map[string]string{"origin": h.Rules.RCA.Sets[3].Words[1].Name}}))
		lacks(t, step("case.rca-done", ""), "review", "settled")
		check(t, "review again", step("case.rca-review", ""))
		if err := h.Cases.SettleRCA(mia, id, 2, casework.Outcome{State: casework.ActionDeclined, Reason: "no"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("declined by somebody else: %v", err)
		}
		if err := h.Cases.SettleRCA(eve, id, 2, casework.Outcome{State: casework.ActionDeclined}); !errors.Is(err, fault.Invalid) {
			t.Errorf("declined without a reason: %v", err)
		}
		check(t, "decline", h.Cases.SettleRCA(eve, id, 2, casework.Outcome{State: casework.ActionDeclined, Reason: "The linter cannot see it."}))
		lacks(t, step("case.rca-done", ""), "settled")
		check(t, "act", h.Cases.SettleRCA(mia, id, 1, casework.Outcome{State: casework.ActionDone}))
		if err := h.Cases.SettleRCA(mia, id, 7, casework.Outcome{State: casework.ActionDone}); !errors.Is(err, fault.NotFound) {
			t.Errorf("an action that is none: %v", err)
		}
		check(t, "done", step("case.rca-done", ""))
		f := rcaOf(t, h, id)
		for _, name := range []string{"rca", "rca-invite", "rca-file"} {
			if s := clockOf(t, f, name); s.Phase() != clock.Stopped || s.Breached {
				t.Errorf("the clock %s is %s, late %v", name, s.Phase(), s.Breached)
			}
		}
		if err := h.Cases.EditRCA(mia, id, casework.RCAPatch{Why: ptr("otherwise")}); !errors.Is(err, fault.Conflict) {
			t.Errorf("edited after its end: %v", err)
		}
		for state, want := range map[string]int{"todo": 0, "done": 1} {
			if l, err := h.Cases.List(mia, casework.Filter{RCA: state}, casework.Page{}); err != nil || len(l.Cases) != want {
				t.Errorf("%s: %d listed, want %d: %v", state, len(l.Cases), want, err)
			}
		}
		check(t, "reopen", step("case.rca-reopen", "another path was found"))
		if s := clockOf(t, rcaOf(t, h, id), "rca"); s.Phase() != clock.Running {
			t.Errorf("opened again, and the clock is %s", s.Phase())
		}
	})
}

func TestAnAnalysisOutlivesItsCaseAndMakesItNotLate(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager", "analyst", "engineer")
		h.As(t, "eve", "engineer")
		id, err := h.Cases.Open(mia, casework.Opening{Title: "Spoofed", Product: "gateway"})
		check(t, "open", err)
		check(t, "rca", h.Cases.StepRCA(mia, id, casework.VerbRCAOpen, casework.RCAStep{Reason: "to learn from it"}))
		check(t, "own", h.Cases.EditRCA(mia, id, casework.RCAPatch{Owner: ptr(ref.ID("person-eve"))}))
		check(t, "end", h.Cases.Move(mia, id, "case.reject", casework.Step{Reason: "known", Disposition: "duplicate", Answer: "Thank you; it is known."}))
		if f := rcaOf(t, h, id); f.DueWhat != "rca-invite" || !f.Closed {
			t.Errorf("closed %v, due next: %q; want the analysis", f.Closed, f.DueWhat)
		}
		h.Pass(40 * 24 * time.Hour)
		for range 5 {
			_, err = h.Cases.Tick(rig.System(), 100)
			check(t, "tick", err)
		}
		if f := rcaOf(t, h, id); f.Breached || !clockOf(t, f, "rca").Breached {
			t.Errorf("the case is late: %v; its analysis: %v", f.Breached, clockOf(t, f, "rca").Breached)
		}
		if err := h.Cases.StepRCA(mia, id, casework.VerbRCADone, casework.RCAStep{Version: 1}); !errors.Is(err, fault.Conflict) {
			t.Errorf("of a row that has changed: %v", err)
		}
	})
}

func accessVerb(s string) access.Verb { return access.Verb(s) }
