package risk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func (w *treated) asking() risk.Asking {
	return risk.Asking{Description: "Former members may fetch exports for a week", Justification: "The rework costs more than it saves", Controls: "Exports expire", Months: 12}
}

// ask asks for an acceptance, by the keeper of the register.
func (w *treated) ask() ref.ID {
	w.Helper()
	d, err := w.h.Risks.RequestAcceptance(w.mia, w.id, w.asking())
	w.check("ask", err)
	return d
}

func (w *treated) bearing() {
	w.Helper()
	w.check("respond", w.h.Risks.Respond(w.bo, w.id, risk.Response{Response: risk.Accept, Reason: "It costs more than it saves"}))
}

func TestAnAcceptanceStandsOnTheStateThatItWasGivenOn(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		_, err := r.RequestAcceptance(w.mia, w.id, w.asking())
		w.want("before the response", err, fault.Missing, "response-accept")
		w.bearing()
		w.want("the label by hand", r.SetLabel(w.mia, w.id, "risk-accepted", true, ""), fault.Invalid, "label", "ask for an acceptance")
		id := w.ask()
		_, err = r.RequestAcceptance(w.mia, w.id, w.asking())
		w.want("asked twice", err, fault.Conflict)
		w.want("whoever asked", r.ApproveAcceptance(w.mia, w.id, risk.Approve{Decision: id}), fault.Forbidden, "somebody else")
		w.want("too low a level", r.ApproveAcceptance(w.mereManager(), w.id, risk.Approve{Decision: id}), fault.Forbidden, "Director")
		w.want("another content", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id, Hash: "0"}), fault.Conflict)
		if f := w.get(); f.Has("risk-accepted") {
			t.Error("accepted before anybody approved it")
		}
		w.check("an owner at the level needs no second signature", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		f, d := w.get(), w.newest(risk.DecideAccept)
		if d.State != risk.StateActive || !f.Has("risk-accepted") || f.Closed || !d.Until.Equal(d.Approvals[0].At.AddDate(1, 0, 0)) || d.Snapshot["score"] != 12.0 {
			t.Errorf("%s until %v on %v, want it in force for a year on the score of 12", d.State, d.Until, d.Snapshot)
		}
		asset := map[string]string{"problem": "Membership is asked for when an export is ordered, and never again"}
		w.check("what is not material", r.Edit(w.mia, w.id, risk.Patch{Statement: asset}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateActive {
			t.Errorf("%s after a change that is not material", d.State)
		}
		for range 5 {
			c, err := h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Severity: "high"})
			w.check("case", err)
			w.check("link", r.Link(w.mia, w.id, risk.Adding{About: string(c), Kind: h.Rules.Register.Evidence.Kinds[0].Name}))
		}
		f, d = w.get(), w.newest(risk.DecideAccept)
		if d.State != risk.StateStale || !slices.Contains(d.Changed, "score") || f.Has("risk-accepted") || f.Review.After(h.Clock()) {
			t.Errorf("%s, changed %v, review %v: want it stale for its score, and a review open", d.State, d.Changed, f.Review)
		}
		if len(d.Snapshot) != len(h.Rules.Register.Acceptance.Material) || d.Snapshot["score"] != 12.0 {
			t.Errorf("the snapshot %v is not what was decided on", d.Snapshot)
		}
	})
}

// mereManager is lea, at the lowest level of management.
func (w *treated) mereManager() context.Context {
	w.Helper()
	w.check("level", w.h.Parties.SetLevel(w.h.As(w.T, "ada", "admin"), "person-lea", "manager"))
	return w.lea
}

func TestWhoseApprovalsARatingWants(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		reg := h.Rules.Register
		shared, storm := reg.Acceptance, reg.Presets[0]
		by := func(who ref.ID, level string) risk.Approval { return risk.Approval{By: who, Level: level} }
		const owner, other, third = ref.ID("person-o"), ref.ID("person-p"), ref.ID("person-q")
		for _, c := range []struct {
			says   string
			rules  string
			rating string
			asker  ref.ID
			given  []risk.Approval
			want   int
		}{
			{"shared, high, nobody yet", "", "high", "x", nil, 2},
			{"shared, high, a vice president but no owner", "", "high", "x", []risk.Approval{by(other, "vp")}, 1},
			{"shared, high, an owner below the level", "", "high", "x", []risk.Approval{by(owner, "director")}, 1},
			{"shared, high, an owner at the level signs once", "", "high", "x", []risk.Approval{by(owner, "vp")}, 0},
			{"shared, high, an owner above the level signs once", "", "high", "x", []risk.Approval{by(owner, "executive")}, 0},
			{"shared, high, an owner below and a vice president", "", "high", "x", []risk.Approval{by(owner, "director"), by(other, "vp")}, 0},
			{"shared, high, the owner asked and nobody approved", "", "high", owner, nil, 1},
			{"shared, high, the owner asked and a vice president approved", "", "high", owner, []risk.Approval{by(other, "vp")}, 0},
			{"shared, critical, one vice president who owns it", "", "critical", "x", []risk.Approval{by(owner, "vp")}, 0},
			{"storm, critical, an owner who is a vice president still wants an executive", "storm", "critical", "x", []risk.Approval{by(owner, "vp")}, 1},
			{"storm, critical, an executive does not count for two", "storm", "critical", "x", []risk.Approval{by(owner, "director"), by(other, "executive")}, 1},
			{"storm, critical, owner, vice president, executive", "storm", "critical", "x", []risk.Approval{by(owner, "director"), by(other, "executive"), by(third, "vp")}, 0},
			{"storm, medium, an owner who is a vice president", "storm", "medium", "x", []risk.Approval{by(owner, "vp")}, 0},
			{"storm, low, the owner's word alone", "storm", "low", "x", []risk.Approval{by(owner, "")}, 0},
			{"storm, low, the owner asked and nobody else looked", "storm", "low", owner, nil, 1},
		} {
			rules := shared
			if c.rules != "" {
				rules = storm
			}
			row, ok := rules.ApprovalOf(c.rating)
			d := risk.Decision{DecisionBody: risk.DecisionBody{Wanted: row.Levels, Owner: row.Owner, Asker: c.asker, Approvals: c.given}}
			if have := d.Wants(&reg, owner); !ok || len(have) != c.want {
				t.Errorf("%s: wants %v, want %d", c.says, have, c.want)
			}
		}
	})
}

func TestAcceptanceByTheYearlyPreset(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		h.Rules.Register.Acceptance = h.Rules.Register.Presets[0]
		w.bearing()
		long := w.asking()
		long.Months = 13
		_, err := h.Risks.RequestAcceptance(w.mia, w.id, long)
		w.want("longer than a year", err, fault.Invalid, "months")
		id := w.ask()
		w.check("owner", h.Risks.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateAsked {
			t.Errorf("%s after the owner alone, a director; want a vice president besides", d.State)
		}
		w.want("twice", h.Risks.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}), fault.Conflict)
		w.check("vice president", h.Risks.ApproveAcceptance(w.vic, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateActive || d.Preset != h.Rules.Register.Acceptance.Name || !d.Review.Equal(d.Until) {
			t.Errorf("%s by %s, review %v, want it in force until its yearly review", d.State, d.Preset, d.Review)
		}
	})
}

func TestAnAcceptanceThatNobodyReviewsNeedsADecision(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.bearing()
		in := w.asking()
		in.Months = 24
		id, err := r.RequestAcceptance(w.mia, w.id, in)
		w.check("ask", err)
		w.check("approve", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		h.Pass(17 * 30 * 24 * time.Hour)
		if n, err := r.Lapse(rig.System()); n != 0 || err != nil {
			t.Errorf("%d lapsed before the review after 18 months, %v", n, err)
		}
		h.Pass(60 * 24 * time.Hour)
		if n, err := r.Lapse(rig.System()); n != 1 || err != nil {
			t.Errorf("%d lapsed, %v, want the one", n, err)
		}
		if n, _ := r.Lapse(rig.System()); n != 0 {
			t.Errorf("it lapsed again")
		}
		if d, f := w.newest(risk.DecideAccept), w.get(); d.State != risk.StateDue || f.Has("risk-accepted") {
			t.Errorf("%s %v, want due and the label gone", d.State, f.Labels)
		}
		w.want("a review without answers", r.ReviewAcceptance(w.sue, w.id, risk.Look{Decision: id, Outcome: risk.Holds}), fault.Invalid,
			"answers."+h.Rules.Register.Acceptance.Questions[0].Name, "answers."+h.Rules.Register.Acceptance.Questions[5].Name)
		w.want("an outcome that is none", r.ReviewAcceptance(w.sue, w.id, risk.Look{Decision: id, Answers: w.questions(), Outcome: "fine"}), fault.Invalid, "outcome")
		w.check("review", r.ReviewAcceptance(w.sue, w.id, risk.Look{Decision: id, Answers: w.questions(), Outcome: risk.Holds}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateAsked || len(d.Approvals) != 0 || len(d.Reviews) != 1 || len(d.Reviews[0].Approvals) != 1 {
			t.Errorf("%s with %d approvals, want them asked for again and the old ones kept", d.State, len(d.Approvals))
		}
		w.want("the reviewer approves", r.ApproveAcceptance(w.sue, w.id, risk.Approve{Decision: id}), fault.Forbidden)
		w.want("who asked first approves", r.ApproveAcceptance(w.mia, w.id, risk.Approve{Decision: id}), fault.Forbidden)
		w.check("owner", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		d, f := w.newest(risk.DecideAccept), w.get()
		if d.State != risk.StateActive || !f.Has("risk-accepted") || !d.Review.Equal(d.Until) {
			t.Errorf("%s, review %v, end %v: want it in force again until its end after two years", d.State, d.Review, d.Until)
		}
		w.check("treat", r.ReviewAcceptance(w.sue, w.id, risk.Look{Decision: id, Answers: w.questions(), Outcome: risk.Treat}))
		if d, f := w.newest(risk.DecideAccept), w.get(); d.State != risk.StateEnded || f.Has("risk-accepted") {
			t.Errorf("%s %v, want ended", d.State, f.Labels)
		}
	})
}

func TestARenewalLeavesTheAcceptanceInForceUntilItsReviewPasses(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.bearing()
		id := w.ask()
		w.check("approve", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		w.check("review", r.ReviewAcceptance(w.sue, w.id, risk.Look{Decision: id, Answers: w.questions(), Outcome: risk.Holds}))
		if d, f := w.newest(risk.DecideAccept), w.get(); d.State != risk.StateActive || !d.Renewing || !f.Has("risk-accepted") {
			t.Errorf("%s %v, want it in force while approvals are asked for again", d.State, d.Renewing)
		}
		w.check("owner", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.Renewing || len(d.Approvals) != 1 {
			t.Errorf("renewing %v with %d approvals", d.Renewing, len(d.Approvals))
		}
		w.check("respond otherwise", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		if d, f := w.newest(risk.DecideAccept), w.get(); d.State != risk.StateEnded || f.Has("risk-accepted") {
			t.Errorf("%s %v, want the acceptance ended by the other response", d.State, f.Labels)
		}
	})
}

func TestAnAcceptanceIsRefusedOrTakenBack(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.bearing()
		id := w.ask()
		w.want("refused without a word", r.RefuseAcceptance(w.vic, w.id, id, ""), fault.Invalid, "reason")
		w.check("refused", r.RefuseAcceptance(w.vic, w.id, id, "Treat it this year"))
		w.want("approved afterwards", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}), fault.Conflict, "refused")
		id = w.ask()
		w.check("taken back", r.EndAcceptance(w.mia, w.id, id, "Asked too early"))
		w.want("ended twice", r.EndAcceptance(w.mia, w.id, id, "Again"), fault.Conflict)
		id = w.ask()
		title := "Checks of membership may reveal exports to people who left a group"
		w.check("edit", r.Edit(w.mia, w.id, risk.Patch{Title: &title}))
		w.want("the request fell with the state", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}), fault.Conflict, "stale")
		token := access.With(context.Background(), access.Actor{ID: "person-vic", Kind: access.Token, Name: "script", Maker: "person-mia"})
		id = w.ask()
		w.want("a token approves", r.ApproveAcceptance(token, w.id, risk.Approve{Decision: id}), fault.Forbidden, "token")
		w.check("taken back", r.EndAcceptance(w.mia, w.id, id, "For the token"))
		asks := access.With(context.Background(), access.Actor{ID: "person-mia", Kind: access.Token, Name: "script", Maker: "person-bo"})
		id, err := r.RequestAcceptance(asks, w.id, w.asking())
		w.check("a token asks", err)
		w.want("who made the token approves", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}), fault.Forbidden, "you asked")
	})
}

func TestBadRequestsForAcceptance(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.bearing()
		wrong := 7.0
		for says, c := range map[string]struct {
			spoil func(a *risk.Asking)
			field string
		}{
			"no description":       {func(a *risk.Asking) { a.Description = " " }, "description"},
			"no justification":     {func(a *risk.Asking) { a.Justification = "" }, "justification"},
			"no controls":          {func(a *risk.Asking) { a.Controls = "" }, "controls"},
			"no time":              {func(a *risk.Asking) { a.Months = 0 }, "months"},
			"too long":             {func(a *risk.Asking) { a.Months = 25 }, "months"},
			"another score":        {func(a *risk.Asking) { a.Residual = &wrong }, "residual"},
			"a quarter that isn't": {func(a *risk.Asking) { a.Quarter = "Q5" }, "quarter"},
			"control characters":   {func(a *risk.Asking) { a.Justification = "a\x07b" }, "justification"},
			"10 MB of text":        {func(a *risk.Asking) { a.Justification = strings.Repeat("x", 10<<20) }, "justification"},
		} {
			a := w.asking()
			c.spoil(&a)
			_, err := h.Risks.RequestAcceptance(w.mia, w.id, a)
			if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == c.field }) {
				t.Errorf("%s: %v, want %s refused", says, err, c.field)
			}
		}
		id, err := h.Risks.Raise(w.mia, risk.Raising{Title: "Nobody has scored this one yet"})
		w.check("raise", err)
		if _, err := h.Risks.RequestAcceptance(w.mia, id, w.asking()); !errors.Is(err, fault.Invalid) {
			t.Errorf("an unscored risk: %v, want it refused", err)
		}
	})
}

func TestHiddenEvidenceLetsNoDecisionFall(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.bearing()
		id := w.ask()
		w.check("approve", h.Risks.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		for range 5 {
			c, err := h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Severity: "high", Named: true})
			w.check("case", err)
			w.check("link", h.Risks.Link(w.mia, w.id, risk.Adding{About: string(c), Kind: h.Rules.Register.Evidence.Kinds[0].Name}))
		}
		_, err := h.Risks.Recompute(rig.System())
		w.check("recompute", err)
		if f := w.get(); f.Standing.Items != 5 || f.Standing.Score <= 12 {
			t.Fatalf("who counts all evidence sees %+v, want the five items to count", f.Standing)
		}
		eve := h.As(t, "eve", "engineer")
		f, err := h.Risks.Get(eve, w.id)
		w.check("get", err)
		if d := f.Decisions[0]; d.State != risk.StateActive || d.Snapshot["score"] != 12.0 || f.Standing.Score != 12 {
			t.Errorf("%s on %v at %v, want nothing that hidden evidence moved", d.State, d.Snapshot, f.Standing.Score)
		}
	})
}
