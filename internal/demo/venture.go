package demo

import (
	"context"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
)

// venture is a risk's story.
type venture struct {
	*story
	*Venture
	risk ref.ID
}

// stages are how far a risk may come, in order.
var stages = []string{"raised", "planning", "plan", "checked", "start"}

// reaches reports whether the risk comes as far.
func (v *venture) reaches(stage string) bool {
	return slices.Index(stages, v.Until) >= slices.Index(stages, stage)
}

func (v *venture) run() {
	v.raise()
	v.word()
	if v.Until == "raised" {
		return
	}
	v.judge()
	v.own()
	switch v.Until {
	case "monitor":
		v.watch()
	case "accept", "asked":
		v.accept()
	case "rejected":
		v.reject()
		return
	case "planning":
	default:
		v.treat()
	}
	v.afterwards()
}

// known is the first of the words that the profile has.
func known(list []profile.Named, words []string) string {
	for _, w := range words {
		if slices.ContainsFunc(list, func(n profile.Named) bool { return n.Name == w }) {
			return w
		}
	}
	if len(words) == 0 || len(list) == 0 {
		return ""
	}
	return list[0].Name
}

func (v *venture) kind() string {
	var list []profile.Named
	for _, k := range v.t.h.Rules.Register.Kinds {
		list = append(list, profile.Named{Name: k.Name})
	}
	return known(list, v.Kind)
}

// raise raises the risk, from what keeps coming back where its row names a group.
func (v *venture) raise() {
	v.office(0)
	v.do(v.By, "raise", func(ctx context.Context) (err error) {
		if v.Group == (group{}) {
			v.risk, err = v.t.h.Risks.Raise(ctx, risk.Raising{Title: v.Title, Named: v.Named})
			return err
		}
		ps, err := v.t.h.Recurrence.Proposals(ctx)
		if err != nil {
			return err
		}
		for _, p := range ps {
			if p.Kind == recurrence.Recurs && p.Group == recurrence.Key(v.Group) {
				v.risk, err = v.t.h.Recurrence.Raise(ctx, p.Key)
				return err
			}
		}
		return fault.New(fault.Conflict, "%s in %s is no proposal on %s", v.Group.Weakness, v.Group.Component, v.at.Format(time.DateOnly))
	})
}

// word writes the statement, and why it belongs into the register.
func (v *venture) word() {
	v.office(1)
	reg := v.t.h.Rules.Register
	p := risk.Patch{Title: &v.Title, Department: &v.Department, Statement: v.Statement}
	kind, scope, threat := v.kind(), known(reg.Scopes, v.Scope), known(reg.Threats, v.Threat)
	p.Kind, p.Scope = &kind, &scope
	if threat != "" {
		v.Statement["threat"] = threat
	}
	if v.Until != "raised" {
		p.Scoping = &risk.Scoping{Test: reg.InScope[0].Name}
	}
	v.do(v.editor(), "word", func(ctx context.Context) error { return v.t.h.Risks.Edit(ctx, v.risk, p) })
}

// editor is who writes for whoever raised it: a leader does not.
func (v *venture) editor() string {
	for _, r := range v.t.People {
		if r.Handle == v.By && slices.Contains(r.Roles, "leader") {
			return v.t.first("coordinator").Handle
		}
	}
	return v.By
}

func (v *venture) keeper() string {
	if v.Named {
		return v.By
	}
	return v.t.first("coordinator").Handle
}

func (v *venture) judge() {
	v.office(2)
	v.do(v.keeper(), "judge", func(ctx context.Context) error {
		return v.t.h.Risks.Judge(ctx, v.risk, v.judgement(risk.KindInherent, v.Inherent))
	})
	for _, it := range v.Items {
		v.do(v.keeper(), "evidence", func(ctx context.Context) error {
			var kinds []profile.Named
			for _, k := range v.t.h.Rules.Register.Evidence.Kinds {
				kinds = append(kinds, profile.Named{Name: k.Name})
			}
			return v.t.h.Risks.Link(ctx, v.risk, risk.Adding{About: it.About, Kind: known(kinds, it.Kind), At: v.begin.Add(-span(it.At)), Severity: it.Severity, Title: it.Title})
		})
	}
}

// judgement is a judgement on the scales of the profile, by one level each.
func (v *venture) judgement(kind string, p pair) risk.Judgement {
	scales := risk.ScalesOf(v.t.h.Rules)
	return risk.Judgement{Kind: kind, Likelihood: min(p.Likelihood, len(scales.Likelihood().Levels)), Impact: min(p.Impact, len(scales.Impact().Levels)),
		Confidence: known(v.t.h.Rules.Register.Confidences, []string{v.Confidence})}
}

func (v *venture) own() {
	v.office(3)
	owner, security := v.t.ids[v.Owner], v.t.ids[v.t.first("manager").Handle]
	v.do(v.keeper(), "owners", func(ctx context.Context) error {
		if v.Named {
			if err := v.t.h.Risks.Share(ctx, v.risk, owner, ""); err != nil {
				return err
			}
		}
		return v.t.h.Risks.Assign(ctx, v.risk, risk.Owners{Owner: &owner, Security: &security})
	})
	v.do(v.keeper(), "parts", func(ctx context.Context) error { return v.t.h.Risks.SetPeople(ctx, v.risk, 0, v.parts(ctx)) })
	v.do(v.keeper(), "parent", func(ctx context.Context) error { return v.t.h.Risks.SetParent(ctx, v.risk, 0, v.Parent) })
	if v.Top > 0 {
		v.do(v.keeper(), "top", func(ctx context.Context) error { return v.t.h.Risks.SetTop(ctx, v.risk, 0, v.Top) })
	}
}

// parts names somebody in each part that the profile wants one in: who raised the risk
// found it, and its keeper sees to the rest.
func (v *venture) parts(ctx context.Context) (out []risk.Part) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil
	}
	for _, k := range v.t.h.Rules.Register.RACI {
		if k.Required && k.Name != "business-owner" && k.Name != "security-owner" {
			out = append(out, risk.Part{Who: actor.ID, As: k.Name})
		}
	}
	return out
}

// afterwards tells what happens besides, in the order of its days: values of
// indicators, talks with the owner, steps that are done, controls, notes.
func (v *venture) afterwards() {
	for day := 15.0; v.err == nil && day < v.Ago+1; day++ {
		v.today(day)
		if v.err == nil {
			v.wait(day)
		}
	}
}

func (v *venture) today(day float64) {
	for _, n := range v.Notes {
		if n.At == day {
			v.do(n.Who, "note", func(ctx context.Context) error { _, err := v.t.h.Risks.Note(ctx, v.risk, n.Text); return err })
		}
	}
	for _, m := range v.Plan.Milestones {
		if m.Done == day && v.Until == "start" {
			v.finish(m)
		}
	}
	for _, c := range v.Controls {
		if c.On == day && v.Until == "start" {
			v.switchOn(c)
		}
	}
	if v.Residual.At == day && day > 0 {
		v.lower()
	}
	if b := v.Blocked; b.Reason != "" && b.At == day {
		v.do(v.keeper(), "block", func(ctx context.Context) error {
			return v.t.h.Risks.Block(ctx, v.risk, risk.Blocking{Reason: b.Reason, Until: v.begin.Add(span(b.Until)), To: b.To})
		})
	}
	if d := int(day); v.Until != "planning" && d%85 == 22 {
		v.do(v.t.first("manager").Handle, "review", func(ctx context.Context) error {
			return v.t.h.Reviews.Review(ctx, v.risk, review.Reviewing{Outcome: "still-valid", Reason: "Score and plan hold."})
		})
	}
	if month := int(day) / 30; int(day)%30 == 20 && v.Owner != "" && v.Until != "planning" {
		v.measure(month)
	}
}

// measure records the month's value of each indicator, and the talk about them.
func (v *venture) measure(month int) {
	v.do(v.keeper(), "sync", func(ctx context.Context) error {
		return v.t.h.Risks.Sync(ctx, v.risk, "Monthly look at the plan and the indicators.")
	})
	v.do(v.keeper(), "values", func(ctx context.Context) error {
		all, err := v.t.h.KRIs.OnRisk(ctx, v.risk)
		if err != nil {
			return err
		}
		for _, g := range v.KRIs {
			i := slices.IndexFunc(all, func(k *kri.KRI) bool { return k.Title == g.Title })
			if i < 0 || month >= len(g.Values) {
				continue
			}
			if _, err := v.t.h.KRIs.Record(ctx, all[i].ID, "manual", kri.Point{At: v.at, Value: g.Values[month]}); err != nil {
				return err
			}
		}
		return nil
	})
}
