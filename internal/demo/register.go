package demo

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
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

//go:embed register.yaml
var registerText []byte

// ventures is what the town's register tells.
type ventures struct {
	Survey struct {
		Ago     float64        `yaml:"ago"`
		Answers map[string]int `yaml:"answers"`
	} `yaml:"survey"`
	Risks        []Venture `yaml:"risks"`
	Observations []sight   `yaml:"observations"`
}

// Venture is one risk, from the day on which it is raised.
type Venture struct {
	Key        string            `yaml:"key"`
	Group      group             `yaml:"group"` // it is raised from what keeps coming back there
	Title      string            `yaml:"title"`
	Ago        float64           `yaml:"ago"`
	By         string            `yaml:"by"`
	Named      bool              `yaml:"named"`
	Kind       []string          `yaml:"kind"`
	Scope      []string          `yaml:"scope"`
	Department string            `yaml:"department"`
	Threat     []string          `yaml:"threat"`
	Statement  map[string]string `yaml:"statement"`
	Inherent   pair              `yaml:"inherent"`
	Residual   pair              `yaml:"residual"`
	Goal       pair              `yaml:"goal"` // what the plan leaves
	Confidence string            `yaml:"confidence"`
	Owner      string            `yaml:"owner"`
	Response   string            `yaml:"response"`
	Path       []string          `yaml:"path"`
	Parent     string            `yaml:"parent"`
	Top        int               `yaml:"top"`
	Plan       plan              `yaml:"plan"`
	Controls   []control         `yaml:"controls"`
	KRIs       []gauge           `yaml:"kris"`
	Items      []item            `yaml:"items"`
	Acceptance acceptance        `yaml:"acceptance"`
	Blocked    blocked           `yaml:"blocked"`
	Smart      bool              `yaml:"smart"`
	Until      string            `yaml:"until"` // raised, planning, plan, checked, start, monitor, accept, asked, rejected
	Scenario   string            `yaml:"scenario"`
	Notes      []remark          `yaml:"notes"`
	Reject     string            `yaml:"reject"` // why it is none
}

type group struct {
	Weakness  string `yaml:"weakness"`
	Product   string `yaml:"product"`
	Component string `yaml:"component"`
}

type pair struct {
	At         float64 `yaml:"at"`
	Likelihood int     `yaml:"likelihood"`
	Impact     int     `yaml:"impact"`
	Why        string  `yaml:"why"` // there is no control
}

type plan struct {
	Summary    string  `yaml:"summary"`
	Document   string  `yaml:"document"`
	Cost       float64 `yaml:"cost"`
	Milestones []step  `yaml:"milestones"`
}

type step struct {
	Title   string  `yaml:"title"`
	Due     float64 `yaml:"due"`
	Done    float64 `yaml:"done"` // 0 is not yet
	Success string  `yaml:"success"`
	KR      bool    `yaml:"kr"`
	After   int     `yaml:"after"` // which step must be done before; 0 is none
}

type control struct {
	Title     string  `yaml:"title"`
	Factor    string  `yaml:"factor"`
	Lowers    float64 `yaml:"lowers"`
	On        float64 `yaml:"on"`
	Effective string  `yaml:"effective"`
}

// gauge is an indicator with a value a month.
type gauge struct {
	Kind     string    `yaml:"kind"`
	Title    string    `yaml:"title"`
	Unit     string    `yaml:"unit"`
	Baseline float64   `yaml:"baseline"`
	Target   float64   `yaml:"target"`
	Factor   string    `yaml:"factor"`
	Values   []float64 `yaml:"values"`
}

type item struct {
	About    string   `yaml:"about"`
	Kind     []string `yaml:"kind"`
	At       float64  `yaml:"at"`
	Severity string   `yaml:"severity"`
	Title    string   `yaml:"title"`
}

type acceptance struct {
	At            float64 `yaml:"at"`
	Description   string  `yaml:"description"`
	Justification string  `yaml:"justification"`
	Controls      string  `yaml:"controls"`
	Months        int     `yaml:"months"`
}

type blocked struct {
	At     float64 `yaml:"at"`
	Reason string  `yaml:"reason"`
	Until  float64 `yaml:"until"`
	To     string  `yaml:"to"`
}

type remark struct {
	At   float64 `yaml:"at"`
	Who  string  `yaml:"who"`
	Text string  `yaml:"text"`
}

// sight is an observation.
type sight struct {
	Title       string  `yaml:"title"`
	Condition   string  `yaml:"condition"`
	Criteria    string  `yaml:"criteria"`
	Cause       string  `yaml:"cause"`
	Root        string  `yaml:"root"`
	Consequence string  `yaml:"consequence"`
	Likelihood  int     `yaml:"likelihood"`
	Impact      int     `yaml:"impact"`
	Ago         float64 `yaml:"ago"`
	Owner       string  `yaml:"owner"`
	Until       string  `yaml:"until"` // the stage that it reaches; "" is where it begins
}

// addVentures adds what the register tells: the year's appetite, the risks and the
// observations.
func (t *town) addVentures() error {
	var all ventures
	if err := read(registerText, &all); err != nil {
		return fmt.Errorf("register.yaml: %w", err)
	}
	t.tell(&story{what: "appetite", begin: t.end.Add(-span(all.Survey.Ago))}, func(s *story) { s.survey(all.Survey.Answers) })
	for i := range all.Risks {
		v := &all.Risks[i]
		s := &story{what: "risk " + v.Key, begin: t.end.Add(-span(v.Ago)), n: 200 + i}
		t.tell(s, func(s *story) { (&venture{story: s, Venture: v}).run() })
	}
	for i := range all.Observations {
		o := all.Observations[i]
		t.tell(&story{what: "observation " + o.Title, begin: t.end.Add(-span(o.Ago)), n: 300 + i}, func(s *story) { s.observe(o) })
	}
	t.tell(&story{what: "monthly reviews", begin: t.end.Add(-span(100)), n: 400}, func(s *story) { s.meet() })
	t.tell(&story{what: "choices of leaders", begin: t.end.Add(-span(9)), n: 410}, func(s *story) { s.choose() })
	system := t.system()
	t.tell(&story{what: "scores", begin: t.now.Add(span(0.1))}, func(s *story) {
		for day := 1.0; s.err == nil; day++ {
			if _, err := t.h.Risks.Recompute(system); err != nil {
				s.err = err
			}
			if _, err := t.h.Risks.Tick(system, 200); err != nil {
				s.err = err
			}
			s.wait(day)
		}
	})
	return nil
}

// survey asks the leaders after the appetite, and puts what they answer in force.
func (s *story) survey(answers map[string]int) {
	var id ref.ID
	s.office(0)
	lead := s.t.first("leader").Handle
	s.do(lead, "open the survey", func(ctx context.Context) (err error) {
		id, err = s.t.h.Risks.OpenSurvey(ctx, s.at.Year())
		return err
	})
	for i, who := range slices.Sorted(maps.Keys(answers)) {
		s.office(float64(i + 1))
		s.do(who, "answer the survey", func(ctx context.Context) error {
			given := map[string]int{}
			for _, st := range s.t.h.Rules.Register.Survey.Statements {
				given[st.Name] = min(answers[who], len(st.Answers))
			}
			return s.t.h.Risks.AnswerSurvey(ctx, id, given)
		})
	}
	s.office(8)
	s.do(lead, "decide the survey", func(ctx context.Context) error {
		all, _, err := s.t.h.Risks.Surveys(ctx)
		if err != nil || len(all) == 0 {
			return err
		}
		return s.t.h.Risks.DecideSurvey(ctx, id, all[0].Computed, "")
	})
}

// meet holds the monthly review: three are over, the fourth is open today.
func (s *story) meet() {
	host := s.t.first("coordinator").Handle
	for month := range 4 {
		s.office(float64(month)*32 + 1)
		var id ref.ID
		s.do(host, "open the review", func(ctx context.Context) (err error) {
			id, err = s.t.h.Reviews.Open(ctx, review.Opening{})
			return err
		})
		present := []review.Present{}
		for _, r := range s.t.People {
			if r.Level > 0 {
				present = append(present, review.Present{Who: s.t.ids[r.Handle], Name: r.Name})
			}
		}
		s.do(host, "minutes", func(ctx context.Context) error {
			return s.t.h.Reviews.Record(ctx, id, review.Minutes{Text: &minutes[month], Present: present})
		})
		s.do(host, "action", func(ctx context.Context) error {
			_, err := s.t.h.Reviews.Ask(ctx, id, review.Asking{Text: actions[month], Who: s.t.ids[s.t.first("manager").Handle], Due: s.at.Add(span(21))})
			return err
		})
		if month == 3 {
			return
		}
		s.office(float64(month)*32 + 2)
		s.do(host, "close the review", func(ctx context.Context) error {
			f, err := s.t.h.Reviews.Get(ctx, id)
			if err != nil {
				return err
			}
			_, err = s.t.h.Reviews.Close(ctx, id, f.Version)
			return err
		})
	}
}

// minutes and actions are what the four reviews said.
var (
	minutes = []string{
		"The ceremony for the second key is late by three weeks: the room is not ready. Everything else is on its way.",
		"Names that run as commands: the linter refuses what it should. Marit asks for a date for the customers' own plug-ins.",
		"Secrets in logs is blocked by the move of the storage. We bear it until then; nobody new gets access to logs meanwhile.",
		"",
	}
	actions = []string{"Ask the landlord for a date in writing.", "Write to the two customers with plug-ins of their own.", "Count who can read logs today.", "Look at what keeps coming back in the admin interface of Identity."}
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
