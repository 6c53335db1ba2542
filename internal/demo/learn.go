package demo

import (
	"cmp"
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
)

// Lesson is the root cause analysis of a row: what it comes to, and how far it got.
type Lesson struct {
	Causes   map[string][]string `yaml:"causes"` // by set, by preference: the first word that the profile knows
	Happened string              `yaml:"happened"`
	Why      string              `yaml:"why"`
	Factors  []string            `yaml:"factors"`
	Reason   string              `yaml:"reason"` // why it was opened, where the profile does not ask for it
	Actions  []string            `yaml:"actions"`
	Decline  string              `yaml:"decline"` // why the last of them was declined
	Stays    bool                `yaml:"stays"`   // its actions are not done yet
}

// learn analyses the root cause after the release, beside what else happens.
func (s *story) learn() {
	if s.row.RCA == nil || s.err != nil {
		return
	}
	from := s.passed
	s.t.tell(&story{what: s.what + ": root cause", begin: s.begin, row: s.row, n: s.n, bound: s.bound}, func(u *story) {
		u.office(from + 1.1)
		u.studied()
		u.office(from + 9)
		u.stepRCA(u.engineer(), casework.VerbRCAInvite, "")
		u.office(from + 13)
		u.found()
		u.office(from + 15)
		u.stepRCA(u.t.first("manager").Handle, casework.VerbRCAReview, "")
		u.office(from + 19)
		u.planned()
		u.office(from + 24)
		u.stepRCA(u.engineer(), casework.VerbRCAFile, "")
		u.acted(from)
	})
}

func (s *story) stepRCA(who string, verb access.Verb, reason string) {
	s.do(who, string(verb), func(ctx context.Context) error {
		return s.t.h.Cases.StepRCA(ctx, s.id, verb, casework.RCAStep{Reason: reason})
	})
}

// studied opens the analysis, where the profile has not done so.
func (s *story) studied() {
	s.do(s.engineer(), "root cause", func(ctx context.Context) error {
		c, err := s.t.h.Cases.Get(ctx, s.id)
		if err != nil || c.RCA.State != "" {
			return err
		}
		return s.t.h.Cases.StepRCA(ctx, s.id, casework.VerbRCAOpen, casework.RCAStep{Reason: cmp.Or(s.row.RCA.Reason, "Severe enough to learn from it.")})
	})
}

// found writes down what happened and why.
func (s *story) found() {
	r, owner := s.row.RCA, s.t.ids[s.engineer()]
	causes := map[string]string{}
	for _, set := range s.t.h.Rules.RCA.Sets {
		causes[set.Name] = set.Words[0].Name
		for _, word := range r.Causes[set.Name] {
			if _, ok := set.Word(word); ok {
				causes[set.Name] = word
				break
			}
		}
	}
	s.do(s.engineer(), "root cause", func(ctx context.Context) error {
		return s.t.h.Cases.EditRCA(ctx, s.id, casework.RCAPatch{Owner: &owner, Happened: &r.Happened, Why: &r.Why, Factors: &r.Factors, Causes: causes})
	})
}

// planned writes the actions down, each with its owner and date.
func (s *story) planned() {
	for i, title := range s.row.RCA.Actions {
		s.do(s.engineer(), "action", func(ctx context.Context) error {
			return s.t.h.Cases.PlanRCA(ctx, s.id, casework.RCAAction{Title: title, Owner: s.t.ids[s.engineer()], Due: s.at.Add(span(float64(30 + 20*i))).Truncate(24 * time.Hour)})
		})
	}
}

// acted ends the actions and the analysis.
func (s *story) acted(from float64) {
	if s.row.RCA.Stays {
		return
	}
	for i := range s.row.RCA.Actions {
		s.office(from + 26 + float64(i))
		how := casework.Outcome{State: casework.ActionDone}
		if s.row.RCA.Decline != "" && i == len(s.row.RCA.Actions)-1 {
			how = casework.Outcome{State: casework.ActionDeclined, Reason: s.row.RCA.Decline}
		}
		s.do(s.engineer(), "action", func(ctx context.Context) error { return s.t.h.Cases.SettleRCA(ctx, s.id, i+1, how) })
	}
	s.office(from + 29)
	s.stepRCA(s.t.first("manager").Handle, casework.VerbRCADone, "")
}
