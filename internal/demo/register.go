package demo

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"tocsin/internal/ref"
	"tocsin/internal/review"
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
