package risk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// treated is a risk with the people around it: mia keeps the register, bo is its
// business owner, sue its security owner, lea validates, vic is a vice president.
type treated struct {
	*testing.T
	h                      *rig.House
	id                     ref.ID
	mia, bo, sue, lea, vic context.Context
	kris                   []risk.Indicator
}

// scored is a risk with owners and an inherent score of 20, which no evidence takes
// to 12: medium, above the tolerance.
func scored(t *testing.T, h *rig.House) *treated {
	t.Helper()
	w := &treated{T: t, h: h, mia: h.As(t, "mia", "manager", "coordinator"), bo: h.As(t, "bo", "leader"), sue: h.As(t, "sue", "manager"),
		lea: h.As(t, "lea", "manager"), vic: h.As(t, "vic", "leader")}
	ada := h.As(t, "ada", "admin")
	for who, level := range map[ref.ID]string{"person-bo": "director", "person-sue": "director", "person-mia": "manager", "person-vic": "vp"} {
		w.check("level", h.Parties.SetLevel(ada, who, level))
	}
	h.Risks.Indicators = func(_ *gate.View, ids ...ref.ID) (map[ref.ID][]risk.Indicator, error) {
		out := map[ref.ID][]risk.Indicator{}
		for _, id := range ids {
			out[id] = w.kris
		}
		return out, nil
	}
	var err error
	w.id, err = h.Risks.Raise(w.mia, risk.Raising{Title: "Incomplete checks of group membership may reveal exports to former members", Kind: h.Rules.Register.Kinds[0].Name,
		Scope: h.Rules.Register.Scopes[0].Name, Scoping: risk.Scoping{Test: h.Rules.Register.InScope[0].Name}, Statement: risk.Statement{
			Asset:       "The archives of exported projects that customers keep with us for a week",
			Event:       "Somebody who has left the group downloads an export that was made before they left",
			Source:      "Every service checks the membership by itself and at another moment of the request",
			Consequence: "Source code and secrets of customers are disclosed to people without a right to them",
			Problem:     "Membership is checked when an export is asked for and not when it is fetched",
			Impact:      "Customers lose the confidentiality of their code, and the vendor their trust",
			Evidence:    "Seven reports in the last two years, twice as many in the second as in the first",
			Scale:       "All of the eleven services that hand out archives, on every plan"}})
	w.check("raise", err)
	w.check("judge", h.Risks.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 4, Reason: "Easy, and it hurts"}))
	bo, sue := ref.ID("person-bo"), ref.ID("person-sue")
	w.check("owners", h.Risks.Assign(w.mia, w.id, risk.Owners{Owner: &bo, Security: &sue}))
	w.check("parent", h.Risks.SetParent(w.mia, w.id, 0, "STORM-7"))
	w.check("parts", h.Risks.SetPeople(w.mia, w.id, 0, []risk.Part{{Who: "person-mia", As: "coordinator"}, {Who: "person-mia", As: "identifier"}}))
	return w
}

func (w *treated) check(says string, err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", says, err)
	}
}

func (w *treated) want(says string, err error, kind fault.Kind, parts ...string) {
	w.Helper()
	if !errors.Is(err, kind) {
		w.Errorf("%s: %v, want %s", says, err, kind)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			w.Errorf("%s: %v, want it to speak of %q", says, err, p)
		}
	}
}

func (w *treated) get() *risk.Full {
	w.Helper()
	f, err := w.h.Risks.Get(w.mia, w.id)
	w.check("get", err)
	return f
}

// newest is the newest decision of the kind.
func (w *treated) newest(kind string) *risk.Decision {
	w.Helper()
	for _, d := range w.get().Decisions {
		if d.Kind == kind {
			return d
		}
	}
	w.Fatalf("there is no decision of kind %s", kind)
	return nil
}

func (w *treated) smart() map[string]string {
	out := map[string]string{}
	for _, c := range w.h.Rules.Register.Plan.Smart {
		out[c.Name] = "yes"
	}
	return out
}

func (w *treated) questions() map[string]string {
	out := map[string]string{}
	for _, q := range w.h.Rules.Register.Acceptance.Questions {
		out[q.Name] = "as it was"
	}
	return out
}

func (w *treated) planning() risk.Planning {
	now := rig.Start
	return risk.Planning{Summary: "Check membership in one place, when an archive is fetched", Document: "A post in the handbook", Public: true, Milestones: []risk.Milestone{
		{Title: "One library checks membership", Owner: "person-bo", Due: now.AddDate(0, 2, 0), Success: "Every service builds with it", KeyResult: true},
		{Title: "All services use it", Owner: "person-bo", Due: now.AddDate(0, 5, 0), Success: "Eleven of eleven", KeyResult: true, After: []string{"m1"}},
	}}
}

// approved is a plan with every approval.
func (w *treated) approved() {
	w.Helper()
	r := w.h.Risks
	w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: w.h.Rules.Register.Paths[0].Name}))
	_, err := r.SetPlan(w.bo, w.id, w.planning())
	w.check("plan", err)
	w.approve()
}

func (w *treated) approve() {
	w.Helper()
	w.check("smart", w.h.Risks.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}))
	w.check("security", w.h.Risks.ApprovePlan(w.sue, w.id, risk.Approving{Role: "security-owner"}))
	w.check("business", w.h.Risks.ApprovePlan(w.bo, w.id, risk.Approving{Role: "business-owner"}))
}

func TestARiskIsTreatedFromTheFirstScoreToItsClosure(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("plan", r.Move(w.mia, w.id, "risk.plan", risk.Step{}))
		w.want("start without anything", r.Move(w.mia, w.id, "risk.start", risk.Step{}), fault.Missing, "plan")
		w.approved()
		f := w.get()
		if n := len(f.Plan.Paths); n != 1 || len(f.Plan.Paths[0].Points) != 2 || f.Plan.Paths[0].From != 12 || f.Plan.Paths[0].Points[1].Score != 10 {
			t.Errorf("planned course %+v, want one from 12 to the tolerance of 10", f.Plan.Paths)
		}
		w.want("start without an indicator", r.Move(w.mia, w.id, "risk.start", risk.Step{}), fault.Missing, "indicator")
		w.kris = []risk.Indicator{{ID: "kri-1", Title: "Services that use the library", Kind: "implementation", Light: "red", Value: new(float64), Tied: true}}
		w.check("start", r.Move(w.bo, w.id, "risk.start", risk.Step{}))
		w.lowered()
		w.finished()
		w.closed()
	})
}

// lowered makes a control active, whose lower rating another person reviews.
func (w *treated) lowered() {
	w.Helper()
	r := w.h.Risks
	c := risk.Control{Title: "Membership is checked when fetching", Factor: "likelihood", Lowers: 2}
	name, err := r.SetControl(w.bo, w.id, 0, c)
	w.check("control", err)
	dry, err := r.DryRunControl(w.bo, w.id, name, risk.ControlActive)
	if err != nil || dry.Before.Score != 20 || dry.After.Score != 12 {
		w.Errorf("dry run %+v %v, want 20 to 12", dry, err)
	}
	if f := w.get(); f.Standing.Residual != -1 || f.Controls[0].State != risk.ControlPlanned {
		w.Errorf("a dry run left %v %+v, want nothing changed", f.Standing.Residual, f.Controls)
	}
	c.ID, c.State = name, risk.ControlActive
	_, err = r.SetControl(w.bo, w.id, 0, c)
	w.want("active without a word how it works", err, fault.Invalid, "proof")
	c.Effective = "Tests of all eleven services, and a week of logs"
	_, err = r.SetControl(w.bo, w.id, 0, c)
	w.check("active", err)
	if f := w.get(); f.Standing.Rating != "medium" || f.Standing.Residual != -1 {
		w.Errorf("stands at %q before the review, want medium as before", f.Standing.Rating)
	}
	d := w.newest(risk.DecideDowngrade)
	w.want("one's own downgrade", r.ApproveDowngrade(w.bo, w.id, d.ID, ""), fault.Forbidden)
	w.want("without the grant", r.ApproveDowngrade(w.h.As(w.T, "eve", "engineer"), w.id, d.ID, ""), fault.Forbidden)
	w.check("review", r.ApproveDowngrade(w.lea, w.id, d.ID, "Read the logs"))
	f := w.get()
	if f.Standing.Rating != "low" || f.Standing.Residual != 12 || f.Standing.Score != 6 || !f.Controls[0].Considered {
		w.Errorf("stands at %+v, want residual 12 and 6, low", f.Standing)
	}
	w.want("reviewed twice", r.ApproveDowngrade(w.lea, w.id, d.ID, ""), fault.Conflict)
}

// finished does the milestones.
func (w *treated) finished() {
	w.Helper()
	r := w.h.Risks
	w.want("out of order", r.FinishMilestone(w.bo, w.id, risk.Done{Milestone: "m2", Proof: "https://example.org/2"}), fault.Invalid, "m1")
	w.want("in the future", r.FinishMilestone(w.bo, w.id, risk.Done{Milestone: "m1", Proof: "x", Done: rig.Start.AddDate(1, 0, 0)}), fault.Invalid, "future")
	w.want("without proof", r.FinishMilestone(w.bo, w.id, risk.Done{Milestone: "m1"}), fault.Invalid, "proof")
	w.check("m1", r.FinishMilestone(w.bo, w.id, risk.Done{Milestone: "m1", Proof: "https://example.org/1"}))
	if c, err := r.CoursePlan(w.mia, w.id); err != nil || c.Planned != 12 || c.Earned != 11 || !c.Approved || len(c.Warnings) != 0 {
		w.Errorf("course %+v %v, want 12 by the dates and 11 by what is done", c, err)
	}
	w.check("m2", r.FinishMilestone(w.bo, w.id, risk.Done{Milestone: "m2", Proof: "https://example.org/2"}))
}

// closed validates and closes, once all holds.
func (w *treated) closed() {
	w.Helper()
	r := w.h.Risks
	in := risk.Validation{Rationale: "No event since", RootCause: "One place checks", Outcome: "Handbook", Evidence: []string{"logs of 90 days"}}
	w.want("by the owner of the risk", r.ValidateClosure(w.bo, w.id, in), fault.Forbidden, "somebody else")
	w.want("without evidence", r.ValidateClosure(w.sue, w.id, risk.Validation{Rationale: "x"}), fault.Invalid, "evidence", "root_cause", "outcome")
	w.want("too early", r.Move(w.mia, w.id, "risk.close", risk.Step{}), fault.Missing, "90 days", "coverage", "rationale")
	w.h.Pass(91 * 24 * time.Hour)
	good := 0.97
	w.kris[0].Value, w.kris[0].Light = &good, "green"
	w.check("validate", r.ValidateClosure(w.sue, w.id, in))
	w.check("a parent changes", r.SetParent(w.mia, w.id, 0, "STORM-8"))
	if f := w.get(); f.Closing.By != "person-sue" {
		w.Errorf("what is not material undid the validation")
	}
	title := "Checks of membership may reveal exports to former members of a group"
	w.check("a title changes", r.Edit(w.mia, w.id, risk.Patch{Title: &title}))
	if d := w.newest(risk.DecideClose); d.State != risk.StateStale || !slices.Equal(d.Changed, []string{"title"}) || w.get().Closing.By != "" {
		w.Errorf("validation %s of %v, want stale for its title", d.State, d.Changed)
	}
	w.check("validate", r.ValidateClosure(w.sue, w.id, in))
	cs, err := r.CheckClosure(w.mia, w.id)
	if err != nil || slices.ContainsFunc(cs, func(c risk.Condition) bool { return !c.Holds }) || len(cs) < 9 {
		w.Errorf("conditions %+v %v, want all to hold", cs, err)
	}
	w.check("close", r.Move(w.mia, w.id, "risk.close", risk.Step{}))
	if f := w.get(); !f.Closed {
		w.Errorf("stage %s, want closed", f.Stage)
	}
}

func TestAnApprovalFallsWithThePlan(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.approved()
		if d := w.newest(risk.DecidePlan); d.State != risk.StateActive {
			t.Errorf("decision on the plan is %s", d.State)
		}
		again := w.planning()
		again.Milestones[0].ID, again.Milestones[1].ID = "m1", "m2"
		out, err := r.SetPlan(w.bo, w.id, again)
		if err != nil || len(out.Fell) != 0 {
			t.Errorf("the same plan: %+v %v, want every approval to stand", out, err)
		}
		again.Milestones[0].Due = again.Milestones[0].Due.AddDate(0, 4, 0)
		_, err = r.SetPlan(w.bo, w.id, again)
		w.want("a moved date without a word", err, fault.Invalid, "milestones.0.why", "why")
		again.Milestones[0].Why, again.Why = "The library took longer", "Another team was lost"
		out, err = r.SetPlan(w.bo, w.id, again)
		if err != nil || !slices.Equal(out.Fell, []string{"sue", "bo"}) {
			t.Fatalf("approvals that fell: %+v %v, want those of sue and bo", out, err)
		}
		f := w.get()
		if m := f.Plan.Milestones[0]; !m.Was.Equal(rig.Start.AddDate(0, 2, 0)) {
			t.Errorf("was due %v, want the first date kept", m.Was)
		}
		if d := w.newest(risk.DecidePlan); d.State != risk.StateStale {
			t.Errorf("decision on the plan is %s, want stale", d.State)
		}
		w.check("smart", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}))
		w.want("a skipped quarter", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: "security-owner"}), fault.Missing, "2027 Q1")
		d, err := r.RequestAcceptance(w.mia, w.id, risk.Asking{Description: "x", Justification: "y", Controls: "none", Months: 3, Quarter: "2027 Q1"})
		w.check("accept the delay", err)
		w.check("vic", r.ApproveAcceptance(w.vic, w.id, risk.Approve{Decision: d}))
		w.check("bo", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: d}))
		w.check("security", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: "security-owner"}))
		w.check("business", r.ApprovePlan(w.bo, w.id, risk.Approving{Role: "business-owner"}))
		if f := w.get(); len(f.Plan.Paths) != 2 || f.Plan.Paths[1].Why == "" || f.Skips["2027 Q1"] != string(d) || f.Has("risk-accepted") {
			t.Errorf("courses %+v, skips %v, want the old one beside the new one", f.Plan.Paths, f.Skips)
		}
		c, err := r.CoursePlan(w.bo, w.id)
		if err != nil || !c.Approved || len(c.Old) != 1 || c.Path == nil {
			t.Errorf("course %+v %v", c, err)
		}
	})
}

func TestBadPlansAreRefusedWithTheFieldAndTheMend(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		for _, c := range []struct {
			says  string
			spoil func(p *risk.Planning)
			field string
		}{
			{"a date in the past", func(p *risk.Planning) { p.Milestones[0].Due = rig.Start.AddDate(0, 0, -2) }, "milestones.0.due"},
			{"a year that makes no sense", func(p *risk.Planning) { p.Milestones[0].Due = time.Date(20270, 1, 1, 0, 0, 0, 0, time.UTC) }, "milestones.0.due"},
			{"a milestone further out than the profile allows", func(p *risk.Planning) {
				p.Milestones[0].KeyResult, p.Milestones[0].Due = false, rig.Start.AddDate(9, 0, 0)
			}, "milestones.0.due"},
			{"no title", func(p *risk.Planning) { p.Milestones[0].Title = " " }, "milestones.0.title"},
			{"an owner who is not here", func(p *risk.Planning) { p.Milestones[0].Owner = "person-nobody" }, "milestones.0.owner"},
			{"an unknown dependency", func(p *risk.Planning) { p.Milestones[0].After = []string{"m9"} }, "milestones.0.after"},
			{"a circle", func(p *risk.Planning) { p.Milestones[0].After = []string{"m2"} }, "milestones.0.after"},
			{"itself", func(p *risk.Planning) { p.Milestones[0].ID, p.Milestones[0].After = "m1", []string{"m1"} }, "milestones.0.after"},
			{"two of one name", func(p *risk.Planning) { p.Milestones[0].ID, p.Milestones[1].ID = "m1", "m1" }, "milestones.1.id"},
			{"a name that is none", func(p *risk.Planning) { p.Milestones[0].ID = "first" }, "milestones.0.id"},
			{"a step without a reason", func(p *risk.Planning) { p.Milestones[0].Step = 3 }, "milestones.0.why"},
			{"a step below nothing", func(p *risk.Planning) { p.Milestones[0].Step = -3 }, "milestones.0.step"},
			{"a step of what is no key result", func(p *risk.Planning) { p.Milestones[0].Step, p.Milestones[0].KeyResult = 3, false }, "milestones.0.step"},
			{"a cost below nothing", func(p *risk.Planning) { p.Cost = -1 }, "cost"},
			{"control characters", func(p *risk.Planning) { p.Summary = "a\x00b" }, "summary"},
			{"too much text", func(p *risk.Planning) { p.Summary = strings.Repeat("word ", 20_000) }, "summary"},
		} {
			p := w.planning()
			c.spoil(&p)
			_, err := h.Risks.SetPlan(w.bo, w.id, p)
			if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == c.field }) {
				t.Errorf("%s: %v, want %s refused", c.says, err, c.field)
			}
		}
		far := w.planning()
		far.Milestones[1].Due = rig.Start.AddDate(9, 0, 0)
		out, err := h.Risks.SetPlan(w.bo, w.id, far)
		var keys []string
		if out != nil {
			for _, x := range out.Warnings {
				keys = append(keys, x.Key)
			}
		}
		if err != nil || !slices.Contains(keys, "far-out") || !slices.Contains(keys, "empty-quarter") {
			t.Errorf("a key result far out: %v %v, want warnings alone", keys, err)
		}
	})
}

func TestFourEyesLookAtAPlan(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		_, err := r.SetPlan(w.sue, w.id, w.planning())
		w.check("plan", err)
		w.want("the author answers", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}), fault.Forbidden, "wrote")
		w.want("an answer is missing", r.AnswerSmart(w.lea, w.id, risk.Smart{}), fault.Invalid, "answers.")
		w.want("before the checklist", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner"}), fault.Missing, "plan-smart")
		w.check("smart", r.AnswerSmart(w.lea, w.id, risk.Smart{Answers: w.smart()}))
		w.want("the author approves", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: "security-owner"}), fault.Forbidden, "wrote")
		w.want("the business owner reviews", r.ApprovePlan(w.bo, w.id, risk.Approving{Role: "security-owner"}), fault.Forbidden, "business owner")
		w.want("somebody acknowledges for the owner", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "business-owner"}), fault.Forbidden)
		w.want("a role that approves nothing", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "cook"}), fault.Invalid, "role")
		w.want("another content", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner", Hash: "0"}), fault.Conflict)
		token := access.With(context.Background(), access.Actor{ID: "person-lea", Kind: access.Token, Maker: "person-mia"})
		w.want("a token", r.ApprovePlan(token, w.id, risk.Approving{Role: "security-owner"}), fault.Forbidden)
		w.want("declined without a word", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner", No: true}), fault.Invalid, "note")
		w.check("declined", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner", No: true, Note: "Say who pays"}))
		w.check("approved", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner"}))
		w.check("acknowledged", r.ApprovePlan(w.bo, w.id, risk.Approving{Role: "business-owner"}))
	})
}
