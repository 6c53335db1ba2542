package demo

import (
	"context"
	"fmt"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/kri"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// system is the context in which the house itself acts.
func (t *town) system() context.Context { return access.With(t.ctx, access.System("clock")) }

// gauges sets the indicators up.
func (v *venture) gauges() {
	for _, g := range v.KRIs {
		v.do(v.keeper(), "indicator", func(ctx context.Context) error {
			_, err := v.t.h.KRIs.Open(ctx, v.risk, kri.Opening{Title: g.Title, Kind: v.gaugeKind(g.Kind), Unit: g.Unit, Baseline: &g.Baseline, Target: &g.Target, Factor: g.Factor,
				Owner: v.t.ids[v.Owner]})
			return err
		})
	}
}

// gaugeKind is the kind where the profile has it, else its first.
func (v *venture) gaugeKind(word string) string {
	kinds := v.t.h.Rules.Register.KRI.Kinds
	for _, k := range kinds {
		if k.Name == word {
			return word
		}
	}
	return kinds[0].Name
}

// move takes the risk a step.
func (v *venture) move(who string, verb access.Verb) {
	v.do(who, string(verb), func(ctx context.Context) error {
		return v.t.h.Risks.Move(ctx, v.risk, verb, risk.Step{Reason: "As agreed in the monthly review."})
	})
}

func (v *venture) respond() {
	v.do(v.keeper(), "respond", func(ctx context.Context) error {
		in := risk.Response{Response: v.Response, Reason: "As agreed with the owner."}
		if v.Response == risk.Remediate {
			in.Path = known(v.t.h.Rules.Register.Paths, v.Path)
		}
		return v.t.h.Risks.Respond(ctx, v.risk, in)
	})
}

// consent gives the word of another person that the risk is only watched, where the
// profile wants one.
func (v *venture) consent() {
	if v.t.h.Rules.Register.Monitor.By == "" {
		return
	}
	v.do(v.t.first("leader").Handle, "agree to monitor", func(ctx context.Context) error {
		f, err := v.t.h.Risks.Get(ctx, v.risk)
		if err != nil {
			return err
		}
		for _, d := range f.Decisions {
			if d.Kind == risk.DecideMonitor && d.State == risk.StateAsked {
				return v.t.h.Risks.AgreeMonitor(ctx, v.risk, d.ID, "Watched every month, as agreed in the review.")
			}
		}
		return nil
	})
}

// watch leaves the risk as it is, under its indicators.
func (v *venture) watch() {
	v.office(5)
	v.respond()
	v.gauges()
	v.office(6)
	v.consent()
	v.office(7)
	v.move(v.keeper(), "risk.monitor")
}

// accept asks for the acceptance, and everybody whose word it wants gives it.
func (v *venture) accept() {
	v.office(5)
	v.respond()
	v.move(v.keeper(), "risk.plan")
	v.office(v.Acceptance.At)
	var id ref.ID
	a := v.Acceptance
	v.do(v.keeper(), "ask for acceptance", func(ctx context.Context) (err error) {
		id, err = v.t.h.Risks.RequestAcceptance(ctx, v.risk, risk.Asking{Description: a.Description, Justification: a.Justification, Controls: a.Controls, Months: a.Months})
		return err
	})
	if v.Until == "asked" { // nobody has answered yet
		return
	}
	for i, who := range []string{v.Owner, v.t.first("manager").Handle, v.t.first("leader").Handle} {
		v.office(a.At + float64(i+1))
		v.do(who, "approve the acceptance", func(ctx context.Context) error { return v.approve(ctx, id) })
	}
}

// approve gives somebody's word where it is still wanted.
func (v *venture) approve(ctx context.Context, id ref.ID) error {
	f, err := v.t.h.Risks.Get(ctx, v.risk)
	if err != nil {
		return err
	}
	for _, d := range f.Decisions {
		if d.ID == id && d.State == risk.StateAsked {
			return v.t.h.Risks.ApproveAcceptance(ctx, v.risk, risk.Approve{Decision: id, Hash: d.Hash})
		}
	}
	return nil
}

// treat plans the treatment, has it approved and begins it.
func (v *venture) treat() {
	v.office(5)
	v.respond()
	v.move(v.keeper(), "risk.plan")
	v.office(7)
	v.do(v.keeper(), "plan", func(ctx context.Context) error {
		_, err := v.t.h.Risks.SetPlan(ctx, v.risk, v.planning())
		return err
	})
	v.gauges()
	if !v.reaches("checked") {
		return
	}
	v.office(10)
	v.check()
	if !v.reaches("start") {
		return
	}
	v.approvePlan()
	v.office(14)
	v.move(v.keeper(), "risk.start")
	if v.Scenario == "" {
		return
	}
	v.do(v.keeper(), "quantify", func(ctx context.Context) error {
		if _, err := v.t.h.Quants.SetScenario(ctx, v.risk, quant.Setting{Text: strings.Replace(v.Scenario, "id: RISK", "id: "+string(v.risk), 1)}); err != nil {
			return err
		}
		_, err := v.t.h.Quants.Run(ctx, v.risk, quant.Options{Trials: 100_000, Seed: 1})
		return err
	})
}

func (v *venture) planning() risk.Planning {
	p := risk.Planning{Summary: v.Plan.Summary, Document: v.Plan.Document, Cost: v.Plan.Cost}
	for i, m := range v.Plan.Milestones {
		x := risk.Milestone{ID: fmt.Sprintf("m%d", i+1), Title: m.Title, Owner: v.t.ids[v.Owner], Due: v.begin.Add(span(m.Due)), Success: m.Success, KeyResult: m.KR}
		if m.After > 0 {
			x.After = []string{fmt.Sprintf("m%d", m.After)}
		}
		p.Milestones = append(p.Milestones, x)
	}
	return p
}

// check answers the checklist of the plan; its approvals are still wanted.
func (v *venture) check() {
	v.do(v.t.first("manager").Handle, "answer the checklist", func(ctx context.Context) error {
		answers := map[string]string{}
		for _, c := range v.t.h.Rules.Register.Plan.Smart {
			answers[c.Name] = "yes"
		}
		return v.t.h.Risks.AnswerSmart(ctx, v.risk, risk.Smart{Answers: answers})
	})
}

// approvePlan gives every approval that the profile wants.
func (v *venture) approvePlan() {
	reviewer := v.t.first("manager").Handle
	for _, role := range v.t.h.Rules.Register.Plan.Approval {
		who := reviewer
		if role.Name == "business-owner" {
			who = v.Owner
		}
		v.do(who, "approve the plan", func(ctx context.Context) error {
			f, err := v.t.h.Risks.Get(ctx, v.risk)
			if err != nil {
				return err
			}
			return v.t.h.Risks.ApprovePlan(ctx, v.risk, risk.Approving{Role: role.Name, Hash: f.Plan.Hash()})
		})
	}
}

// finish says that a step is done.
func (v *venture) finish(m step) {
	v.do(v.Owner, "finish a step", func(ctx context.Context) error {
		f, err := v.t.h.Risks.Get(ctx, v.risk)
		if err != nil {
			return err
		}
		for _, x := range f.Plan.Milestones {
			if x.Title == m.Title {
				return v.t.h.Risks.FinishMilestone(ctx, v.risk, risk.Done{Milestone: x.ID, Proof: "Shown in the demonstration of the sprint; the report is linked in the tracker."})
			}
		}
		return nil
	})
}

// switchOn adds a control that is in place; a rating that falls by it is looked at
// by somebody else.
func (v *venture) switchOn(c control) {
	v.do(v.keeper(), "control", func(ctx context.Context) error {
		_, err := v.t.h.Risks.SetControl(ctx, v.risk, 0, risk.Control{Title: c.Title, Factor: c.Factor, Lowers: c.Lowers, State: "active", Effective: c.Effective})
		return err
	})
	v.agree()
}

// lower judges what is left with the controls in place.
func (v *venture) lower() {
	v.do(v.keeper(), "judge what is left", func(ctx context.Context) error {
		f, err := v.t.h.Risks.Get(ctx, v.risk)
		if err != nil {
			return err
		}
		j := v.judgement(risk.KindResidual, v.Residual)
		j.Reason, j.Proof = "Both controls are in place and tested.", []string{"report of the red team, May", "audit of the linter"}
		if v.Residual.Why != "" {
			j.Reason, j.NoControls, j.Proof = "Looked at with the team of the cells.", v.Residual.Why, nil
		}
		for _, c := range f.Controls {
			j.Controls = append(j.Controls, c.ID)
		}
		return v.t.h.Risks.Judge(ctx, v.risk, j)
	})
	v.agree()
	if v.Goal.Likelihood > 0 {
		v.do(v.keeper(), "judge what the plan leaves", func(ctx context.Context) error {
			return v.t.h.Risks.Judge(ctx, v.risk, v.judgement(risk.KindTarget, v.Goal))
		})
	}
}

// agree approves what waits for a second look at a lower rating.
func (v *venture) agree() {
	v.do(v.t.first("leader").Handle, "approve a lower rating", func(ctx context.Context) error {
		f, err := v.t.h.Risks.Get(ctx, v.risk)
		if err != nil {
			return err
		}
		for _, d := range f.Decisions {
			if d.Kind == risk.DecideDowngrade && d.State == risk.StateAsked {
				return v.t.h.Risks.ApproveDowngrade(ctx, v.risk, d.ID, "The reports show it.")
			}
		}
		return nil
	})
}
