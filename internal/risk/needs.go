package risk

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// The responses to a risk: handbook 1.8.
const (
	Monitor   = "monitor"
	Remediate = "remediate"
	Accept    = "accept"
)

// Responses lists them in order.
var Responses = []string{Monitor, Remediate, Accept}

// Sight is a risk with the facts around it that its needs look at.
type Sight struct {
	*Risk
	Rules      *Risks
	Profile    *profile.Profile
	Now        time.Time
	Appetite   Appetite
	Decisions  []*Decision // newest first
	Indicators []Indicator
	Verdicts   []Verdict
	History    []riskscore.Dated // of the score in force in the reader's world
	Persons    map[ref.ID]Person
}

// Indicator is what a closure, a health value and a page ask of a key risk
// indicator; package kri tells it.
type Indicator struct {
	ID       ref.ID    `json:"id"`
	Title    string    `json:"title"`
	Kind     string    `json:"kind"`
	Unit     string    `json:"unit"`
	Light    string    `json:"light"` // green, yellow, red, stale, unknown
	Says     string    `json:"says"`
	Value    *float64  `json:"value,omitempty"`
	Baseline *float64  `json:"baseline,omitempty"`
	Target   *float64  `json:"target,omitempty"`
	Better   string    `json:"better"` // higher or lower
	At       time.Time `json:"at,omitzero"`
	Next     time.Time `json:"next,omitzero"`  // when a value is due
	Tied     bool      `json:"tied"`           // it says which factor of the risk it tells of
	OnTarget bool      `json:"on_target"`      // the newest value meets the target
	Below    time.Time `json:"below,omitzero"` // since when every value is better than the baseline
	Retired  bool      `json:"retired,omitempty"`
}

// need is one word that a life cycle may ask for before a move.
type need struct {
	has  func(s *Sight) bool
	says func(s *Sight) string
	link string // where it is filled in, on the risk's page
}

func text(s string) func(*Sight) string { return func(*Sight) string { return s } }

// needs is every word that a risk's life cycle may use under needs.
var needs = map[string]need{
	"articulated":        {func(s *Sight) bool { return len(s.Rules.unarticulated(s.Risk)) == 0 }, saysArticulated, "#statement"},
	"in-scope":           {func(s *Sight) bool { return s.Scoping.in() }, text("the in-scope test that it meets, or why it belongs here all the same"), "#scope"},
	"scored":             {func(s *Sight) bool { return s.Standing.Inherent >= 0 && !s.Standing.Held }, saysScored, "#score"},
	"owners":             {func(s *Sight) bool { return s.Owner != "" && s.Security != "" }, text("a business owner and a security owner"), "#owners"},
	"owner-level":        {func(s *Sight) bool { return len(s.tooLow()) == 0 }, saysLevels, "#owners"},
	"scope":              {func(s *Sight) bool { return s.Scope != "" }, text("a scope category"), "#statement"},
	"raci":               {func(s *Sight) bool { return len(s.unnamed()) == 0 }, saysUnnamed, "#people"},
	"monitor-agreed":     {func(s *Sight) bool { return s.monitoring() }, saysMonitoring, "#monitoring"},
	"parent":             {func(s *Sight) bool { return s.Parent != "" || !s.Profile.Register.Parent.Required }, saysParent, "#parent"},
	"response-remediate": {func(s *Sight) bool { return s.Response == Remediate }, text("the response remediate"), "#response"},
	"response-monitor":   {func(s *Sight) bool { return s.Response == Monitor }, text("the response monitor"), "#response"},
	"response-accept":    {func(s *Sight) bool { return s.Response == Accept }, text("the response accept"), "#response"},
	"path":               {func(s *Sight) bool { return s.Path != "" }, text("exactly one remediation path"), "#response"},
	"plan":               {func(s *Sight) bool { return len(s.Plan.lacks()) == 0 }, saysPlan, "#plan"},
	"milestones-dated":   {func(s *Sight) bool { return s.Plan.dated() }, text("a due date on every milestone"), "#plan"},
	"plan-smart":         {func(s *Sight) bool { return len(s.unSmart()) == 0 }, saysSmart, "#plan"},
	"plan-approved":      {func(s *Sight) bool { return len(s.unapproved()) == 0 }, saysApproved, "#plan"},
	"kri": {func(s *Sight) bool {
		return slices.ContainsFunc(s.Indicators, func(i Indicator) bool { return !i.Retired })
	}, text("at least one key risk indicator"), "#indicators"},
	"within-tolerance":    {func(s *Sight) bool { return s.Standing.State == string(riskscore.Within) }, saysTolerance, "#score"},
	"acceptance-approved": {func(s *Sight) bool { return s.accepted() != nil }, text("an acceptance with every approval that its rating wants"), "#acceptance"},
	"validated":           {func(s *Sight) bool { return s.Closing.By != "" && s.Closing.By != s.Owner }, text("the security owner's validation of the evidence"), "#closure"},
	"closure":             {func(s *Sight) bool { return len(s.unclosed()) == 0 }, saysClosure, "#closure"},
	"rejection":           {func(s *Sight) bool { return s.Rejection != "" }, text("why it is no risk of this register"), "#decide"},
	"not-blocked":         {func(s *Sight) bool { return s.Blocked.Reason == "" }, text("the end of what blocks it"), "#blocked"},
}

// Needs lists the words that a risk's life cycle may ask for.
func Needs() []string { return slices.Sorted(maps.Keys(needs)) }

// lacks turns the words that a move lacks into sentences and links.
func (s *Sight) lacks(missing []string) []fault.Need {
	var out []fault.Need
	for _, w := range missing {
		out = append(out, fault.Need{Word: w, Says: needs[w].says(s), Link: needs[w].link})
	}
	return out
}

func saysArticulated(s *Sight) string {
	return "a well-articulated statement; missing or held up: " + strings.Join(s.Rules.unarticulated(s.Risk), ", ")
}

func saysScored(s *Sight) string {
	if s.Standing.Held {
		return "a named person's validation of the rating, on which base and evidence disagree"
	}
	return "an inherent score"
}

func saysParent(s *Sight) string {
	return "the risk of the " + s.Profile.Register.Parent.Title + " that it belongs to"
}

func saysTolerance(s *Sight) string {
	if !s.Standing.Scored() {
		return "a score within tolerance; it is not scored"
	}
	return "a score within the tolerance of " + riskscore.Number(float64(s.Appetite.UpTo)) + "; it is " + riskscore.Number(s.Standing.Score)
}

// sight gathers the facts that needs look at. full, where it is at hand, saves
// reading them again.
func (s *Risks) sight(v *gate.View, r *Risk, full *Full) (*Sight, error) {
	x := &Sight{Risk: r, Rules: s, Profile: s.Profile, Now: v.Now}
	var err error
	if full != nil {
		x.Appetite, x.Decisions, x.Persons = full.Appetite, full.Decisions, full.Persons
		x.History = history(full.Evaluations)
	} else if err = x.read(v); err != nil {
		return nil, err
	}
	if s.Indicators != nil {
		of, err := s.Indicators(v, r.ID)
		if err != nil {
			return nil, err
		}
		x.Indicators = of[r.ID]
	}
	if full != nil {
		full.Indicators = x.Indicators
	}
	x.Verdicts = x.health()
	return x, nil
}

func (s *Sight) read(v *gate.View) error {
	f := &Full{Risk: s.Risk}
	if err := ledger(v, f, world(v)); err != nil {
		return err
	}
	if err := beside(v, f); err != nil {
		return err
	}
	s.Appetite, s.Decisions, s.History, s.Persons = s.Rules.appetiteBy(s.Risk.appetite), f.Decisions, history(f.Evaluations), f.Persons
	return nil
}

// history is the course of the score in force: the computed evaluations, oldest
// first.
func history(es []*Evaluation) []riskscore.Dated {
	var out []riskscore.Dated
	for _, e := range es {
		if e.World != WorldBase {
			out = append(out, riskscore.Dated{At: e.At, Score: e.Score})
		}
	}
	return out
}
