package exchange

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/profile"
	"tocsin/internal/risk"
)

// Amount is a likelihood in percent and a loss in money, and where they are from.
type Amount struct {
	Percent  float64 `json:"percent"`
	Impact   float64 `json:"impact"`
	Exposure float64 `json:"exposure"`
	From     string  `json:"from"`
}

// Estimates are what a quantitative estimate says of a risk: before controls, as
// planned after them, and as measured after them. What it does not say is nil.
type Estimates struct {
	Before, Planned, Actual *Amount
	Cost                    *float64 // what the response has cost so far
}

// The fields of NIST IR 8286 that hold money are in dollars.
const dollars = "USD"

// registerRow is a row of the risk register: NIST IR 8286 r1, table 1, by the
// names of its schema risk_register.v2. The fields after Status are ours beside
// it: Priority of the table, and where the numbers are from.
type registerRow struct {
	ID          string   `json:"riskId"`
	Description string   `json:"riskDescription"`
	Category    string   `json:"riskCategory"`
	Likelihood  float64  `json:"riskLikelihood"`
	Impact      float64  `json:"riskImpact"`
	Exposure    float64  `json:"exposureRating"`
	Response    []string `json:"riskResponseType"`
	Cost        float64  `json:"riskResponseCost"`
	Planned     string   `json:"riskResponseDescription"`
	Owner       string   `json:"riskOwnerPointOfContact"`
	Status      string   `json:"status"`
	Priority    string   `json:"priority,omitempty"`
	Basis       string   `json:"basis"`
	Counted     string   `json:"evidenceCounted"`
}

// detailRecord is a risk detail record by the names of the schema
// risk_detail_record.v3, with its three sets of numbers: inherent, target and
// residual here. The schema requires currentRiskAnalysis without defining it; it
// says how the numbers were made.
type detailRecord struct {
	ID             string   `json:"riskIdNumbers"`
	System         string   `json:"systemAffected"`
	Unit           string   `json:"organizationOrBusinessUnit"`
	Scenario       string   `json:"riskScenarioDescription"`
	Assets         string   `json:"assetsAffected"`
	Threats        string   `json:"threatSourcesActors"`
	Vectors        string   `json:"threatVectors"`
	Events         string   `json:"threatEvents"`
	Vulnerability  string   `json:"vulnerabilityPredisposingConditions"`
	Primary        string   `json:"primaryAdverseImpact"`
	Secondary      string   `json:"secondaryAdverseImpacts"`
	Other          string   `json:"otherScenarioDetails"`
	Category       string   `json:"riskCategory"`
	BeforePercent  float64  `json:"likelihoodBeforeControls"`
	BeforeImpact   float64  `json:"impactBeforeControls"`
	BeforeExposure float64  `json:"exposureRatingBeforeControls"`
	Response       []string `json:"plannedRiskResponse"`
	Planned        string   `json:"plannedRiskResponseDescription"`
	Resources      string   `json:"resourceRequirementsForPlannedRisk"`
	Cost           float64  `json:"plannedResponseCost"`
	WillPercent    float64  `json:"likelihoodAfterControlsWillBe"`
	WillImpact     float64  `json:"impactAfterControls"`
	WillExposure   float64  `json:"expectedExposureRating"`
	Spent          float64  `json:"actualResponseCost"`
	IsPercent      float64  `json:"likelihoodAfterControlsAreInPlaceWillBe"`
	IsImpact       float64  `json:"impactAfterControlsAreInPlace"`
	IsExposure     float64  `json:"finalExposureRating"`
	Owner          string   `json:"riskOwnerPointOfContact"`
	Found          string   `json:"dateOfRiskIdentification"`
	Source         string   `json:"sourceOfRiskInformation"`
	StatusDate     string   `json:"currentStatusDate"`
	Dependencies   string   `json:"dependencies"`
	FollowUp       string   `json:"followUpDate"`
	Comments       string   `json:"comments"`
	Analysis       analysis `json:"currentRiskAnalysis"`
	Priority       string   `json:"priority,omitempty"`
}

type analysis struct {
	Before  string `json:"beforeControls"`
	Planned string `json:"plannedAfterControls"`
	Actual  string `json:"measuredAfterControls"`
	Counted string `json:"evidenceCounted"`
}

// nistWriter writes one array of rows; each row is what a schema describes.
type nistWriter struct {
	*exporting
	x   *Exchange
	row func(context.Context, *nistRisk) any
}

func newRegister(x *Exchange, e *exporting) (writer, error) {
	return startNIST(x, e, func(_ context.Context, n *nistRisk) any { return n.register() })
}

func newDetail(x *Exchange, e *exporting) (writer, error) {
	return startNIST(x, e, func(_ context.Context, n *nistRisk) any { return n.detail() })
}

func startNIST(x *Exchange, e *exporting, row func(context.Context, *nistRisk) any) (writer, error) {
	_, err := io.WriteString(e.to, "[")
	return &nistWriter{e, x, row}, err
}

func (w *nistWriter) risk(ctx context.Context, f *risk.Full) error {
	n := &nistRisk{Full: f, p: w.x.Profile, known: w.known, record: w.known.recordOf(f), counted: w.said.Counted}
	if w.x.Estimate != nil {
		var err error
		if n.est, err = w.x.Estimate(ctx, f.ID); err != nil {
			return err
		}
	}
	row := w.row(ctx, n)
	if len(n.why) > 0 {
		slices.Sort(n.why)
		w.said.LeftOut = append(w.said.LeftOut, LeftOut{f.ID, f.Title, slices.Compact(n.why)})
		return nil
	}
	sep := ",\n"
	if w.said.Risks == 0 {
		sep = "\n"
	}
	w.said.Risks++
	_, err := io.WriteString(w.to, sep+compact(row))
	return err
}

func (w *nistWriter) end() error {
	_, err := io.WriteString(w.to, "\n]\n")
	return err
}

// nistRisk is a risk on its way into a row, with what cannot be filled honestly.
type nistRisk struct {
	*risk.Full
	p       *profile.Profile
	known   known
	record  Record
	est     *Estimates
	counted string
	why     []string
}

func (n *nistRisk) lacks(format string, args ...any) {
	n.why = append(n.why, fmt.Sprintf(format, args...))
}

// amount is one set of numbers: the estimate, else what the profile publishes for
// the levels of the score, else nothing.
func (n *nistRisk) amount(est func(*Estimates) *Amount, kind string, s *Score) Amount {
	if n.est != nil {
		if a := est(n.est); a != nil {
			return *a
		}
	}
	if s == nil {
		n.lacks("there is neither a quantitative estimate nor a judged %s score", kind)
		return Amount{}
	}
	scales := n.Scales
	percent, okL := published(scales.Likelihood(), s.Likelihood, func(l profile.Level) float64 { return l.Percent })
	money, okI := published(scales.Impact(), s.Impact, func(l profile.Level) float64 { return l.Money })
	if !okL || !okI {
		n.lacks("there is no quantitative estimate, and the profile publishes no percentage or amount for the levels of the %s score", kind)
		return Amount{}
	}
	return Amount{percent, money, math.Round(percent*money) / 100, fmt.Sprintf("%s score: published mapping of the profile %s, likelihood %s is %s %%, impact %s is %s %s; a fraction of a level is rounded half up",
		kind, n.p.Name, number0(s.Likelihood), number0(percent), number0(s.Impact), number0(money), n.p.Register.Currency)}
}

// published is what a scale says of the level that a number rounds to, half up.
func published(s profile.Scale, x float64, of func(profile.Level) float64) (float64, bool) {
	i := int(math.Floor(x+0.5)) - 1
	if i < 0 || i >= len(s.Levels) {
		return 0, false
	}
	v := of(s.Levels[i])
	return v, v > 0
}

func (n *nistRisk) before() Amount {
	return n.amount(func(e *Estimates) *Amount { return e.Before }, risk.KindInherent, n.record.Scores.Inherent)
}

// responses are the types of response: table 1 of NIST IR 8286, for threats.
func (n *nistRisk) responses() []string {
	switch n.Response {
	case risk.Accept, risk.Monitor:
		return []string{"Accept"}
	case risk.Remediate:
		for _, w := range []struct{ part, word string }{{"avoid", "Avoid"}, {"transfer", "Transfer"}, {"share", "Share"}} {
			if strings.Contains(n.Path, w.part) {
				return []string{w.word}
			}
		}
		return []string{"Mitigate"}
	}
	n.lacks("no response is decided")
	return nil
}

// cost is what the response costs as planned. Without remediation there is none.
func (n *nistRisk) cost() float64 {
	if n.Response == risk.Remediate && n.Plan.Cost == 0 {
		n.lacks("the plan says nothing of its cost")
	}
	return n.Plan.Cost
}

func (n *nistRisk) owner() string {
	if n.Owner == "" {
		n.lacks("there is no business owner")
		return ""
	}
	return contact(n.record.Owner)
}

func contact(p Person) string {
	if p.Handle == "" {
		return p.Name
	}
	return p.Name + " (@" + p.Handle + ")"
}

func (n *nistRisk) dollars() {
	if c := n.p.Register.Currency; c != dollars {
		n.lacks("the profile counts money in %s, and the schema wants dollars", c)
	}
}

func (n *nistRisk) register() registerRow {
	n.dollars()
	a := n.before()
	return registerRow{ID: string(n.ID), Description: n.says(), Category: n.category(), Likelihood: a.Percent, Impact: a.Impact, Exposure: a.Exposure,
		Response: n.responses(), Cost: n.cost(), Planned: n.planned(), Owner: n.owner(), Status: n.status(), Priority: n.priority(),
		Basis: a.From, Counted: n.counted}
}

func (n *nistRisk) detail() detailRecord {
	n.dollars()
	s, scores := n.Statement, n.record.Scores
	before := n.before()
	will := n.amount(func(e *Estimates) *Amount { return e.Planned }, risk.KindTarget, scores.Target)
	is := n.amount(func(e *Estimates) *Amount { return e.Actual }, risk.KindResidual, scores.Residual)
	return detailRecord{ID: string(n.ID), System: cmp.Or(n.title(n.p.Register.Scopes, n.Scope), stated(s.Asset)), Unit: stated(n.Department), Scenario: n.says(),
		Assets: stated(s.Asset), Threats: cmp.Or(n.title(n.p.Register.Threats, s.Threat), notStated), Vectors: notStated, Events: stated(s.Event),
		Vulnerability: stated(s.Source), Primary: stated(s.Consequence), Secondary: stated(s.Impact), Other: stated(join("\n", s.Problem, s.Scale, s.Evidence)),
		Category: n.category(), BeforePercent: before.Percent, BeforeImpact: before.Impact, BeforeExposure: before.Exposure, Response: n.responses(),
		Planned: n.planned(), Resources: n.resources(), Cost: n.cost(), WillPercent: will.Percent, WillImpact: will.Impact, WillExposure: will.Exposure,
		Spent: n.spent(), IsPercent: is.Percent, IsImpact: is.Impact, IsExposure: is.Exposure, Owner: n.owner(), Found: day(n.Origin.Found),
		Source: stated(join(", ", n.title(n.p.Register.Channels, n.Origin.Channel), n.Origin.From)), StatusDate: day(n.Touched),
		Dependencies: n.dependencies(), FollowUp: day(cmp.Or(n.Review, n.Due)), Comments: n.status(), Priority: n.priority(),
		Analysis: analysis{before.From, will.From, is.From, n.counted}}
}

// spent is what the response has cost: the estimate's word, or what an import
// brought; nothing, while nothing of it is done. Anything else is not known here.
func (n *nistRisk) spent() float64 {
	if n.est != nil && n.est.Cost != nil {
		return *n.est.Cost
	}
	if x, err := strconv.ParseFloat(n.record.Kept["actual_cost"], 64); err == nil && x >= 0 {
		return x
	}
	if slices.ContainsFunc(n.Plan.Milestones, func(m risk.Milestone) bool { return !m.Done.IsZero() }) {
		n.lacks("milestones are done, and what they have cost is not known here; import it as actual_cost in the column kept")
	}
	return 0
}

const notStated = "not stated"

func stated(s string) string { return cmp.Or(s, notStated) }

func join(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}

func day(t time.Time) string {
	if t.IsZero() {
		return notStated
	}
	return t.UTC().Format(time.DateOnly)
}

// says is the risk in words: cause, event, effect.
func (n *nistRisk) says() string { return says1(n.Risk) }

func says1(r *risk.Risk) string {
	s := r.Statement
	if s.Event == "" || s.Consequence == "" {
		return join(": ", r.Title, cmp.Or(s.Problem, s.Event))
	}
	out := r.Title + ": if " + s.Event + ", then " + s.Consequence
	if s.Source != "" {
		out += " (because " + s.Source + ")"
	}
	return out
}

func (n *nistRisk) title(of []profile.Named, word string) string {
	for _, x := range of {
		if x.Name == word {
			return x.Title
		}
	}
	return word
}

func (n *nistRisk) category() string {
	kind := n.Kind
	for _, k := range n.p.Register.Kinds {
		if k.Name == n.Kind {
			kind = k.Title
		}
	}
	return stated(join(", ", n.title(n.p.Register.Scopes, n.Scope), kind))
}

func (n *nistRisk) planned() string {
	text := n.Plan.Summary
	if text == "" && n.Response == risk.Monitor {
		text = "watched within tolerance"
	}
	return stated(join(": ", n.title(n.p.Register.Paths, n.Path), text))
}

func (n *nistRisk) resources() string {
	var out []string
	for _, m := range n.Plan.Milestones {
		if m.Owner != "" {
			out = append(out, contact(n.known.person(m.Owner))+": "+m.Title)
		}
	}
	return stated(strings.Join(out, "; "))
}

func (n *nistRisk) dependencies() string {
	var out []string
	for _, l := range n.Links {
		if l.Kind == risk.LinkDepends && !l.Back {
			out = append(out, string(l.ID))
		}
	}
	return cmp.Or(strings.Join(out, ", "), "none recorded")
}

// status is open or closed, with the stage of the life cycle.
func (n *nistRisk) status() string {
	word := "open"
	if n.Closed {
		word = "closed"
	}
	return word + " (" + n.Stage + ")"
}

// priority is that of the rating in force: table 1 has it, the schema has not.
func (n *nistRisk) priority() string {
	a, _ := n.p.Register.AuthorityOf(n.Standing.Rating)
	return a.Priority
}
