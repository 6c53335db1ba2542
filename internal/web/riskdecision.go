package web

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// decisionKinds are what decisions decide, in words.
var decisionKinds = map[string]string{
	risk.DecideAccept: "the acceptance", risk.DecidePlan: "the approval of the plan", risk.DecideMonitor: "the decision to monitor", risk.DecideClose: "the validation of the closure",
	risk.DecideEscalate: "the proposal for the register above", risk.DecideDowngrade: "the lower rating",
}

// decisionStates are the states of a decision in words, and the tone that they have.
var decisionStates = map[string]struct {
	Words string
	Tone  ui.Tone
}{
	risk.StateAsked: {"waits for approval", ui.Warn}, risk.StateActive: {"in force", ui.Good}, risk.StateStale: {"stale: the state changed", ui.Bad},
	risk.StateDue: {"past its date", ui.Bad}, risk.StateEnded: {"ended", ui.Quiet}, risk.StateRefused: {"refused", ui.Quiet},
}

// materialWords names material fields for people.
func materialWords(fields []string) string {
	if len(fields) == 0 {
		return "the state"
	}
	return strings.Join(fields, ", ")
}

// ofKind are the decisions of a kind, newest first.
func (p RiskPage) ofKind(kind string) []*risk.Decision {
	var out []*risk.Decision
	for _, d := range p.Decisions {
		if d.Kind == kind {
			out = append(out, d)
		}
	}
	return out
}

// chosen is the decision of a kind that the page has forms for: the one that the
// address or the form names, else the newest that is open.
func (p RiskPage) chosen(kind string) *risk.Decision {
	named := ref.ID(or(p.Form.Get("decision"), p.Query.Get("decision")))
	for _, d := range p.ofKind(kind) {
		if d.ID == named {
			return d
		}
	}
	for _, d := range p.ofKind(kind) {
		if d.State != risk.StateEnded && d.State != risk.StateRefused {
			return d
		}
	}
	return nil
}

// wanted tells whether approvals of a decision are asked for.
func wanted(d *risk.Decision) bool { return d.State == risk.StateAsked || d.Renewing }

// reviewable tells whether an acceptance can be looked at again.
func reviewable(d *risk.Decision) bool {
	return slices.Contains([]string{risk.StateActive, risk.StateStale, risk.StateDue}, d.State)
}

// snapshot is the state that a decision was taken on, field by field.
func (p RiskPage) snapshot(d *risk.Decision) []ui.Fact {
	var out []ui.Fact
	for _, k := range slices.Sorted(maps.Keys(d.Snapshot)) {
		text := fmt.Sprint(d.Snapshot[k])
		switch v := d.Snapshot[k].(type) {
		case float64:
			text = riskNumber(v)
		case []any:
			var parts []string
			for _, x := range v {
				parts = append(parts, fmt.Sprint(x))
			}
			text = or(strings.Join(parts, "; "), "none")
		case string:
			text = or(v, "none")
			if k == "owner" || k == "security" {
				text = p.name(ref.ID(v))
			}
		}
		x := ui.Fact{Term: capital(k), Text: text}
		if slices.Contains(d.Changed, k) {
			x.Small = "changed since"
		}
		out = append(out, x)
	}
	return out
}

// shortHash is the beginning of a hash, for people to compare.
func shortHash(h string) string { return h[:min(len(h), 12)] }

// acceptOutcomes are what a review of an acceptance comes to.
var acceptOutcomes = []ui.Option{{Value: risk.Holds, Text: "It holds", Help: "The approvals are asked for again, on the present state."},
	{Value: risk.Changes, Text: "It does not stand", Help: "It is to be asked for anew."}, {Value: risk.Treat, Text: "The risk is treated instead", Help: "The acceptance ends."}}

// groups are the conditions of a closure in their three groups.
type conditionGroup struct {
	Title      string
	Conditions []risk.Condition
}

// closing are the conditions of a closure, grouped.
func (p RiskPage) closing() []conditionGroup {
	titles := []struct{ word, title string }{{"score", "Score"}, {"indicators", "Indicators"}, {"validation", "Validation"}}
	var out []conditionGroup
	for _, t := range titles {
		g := conditionGroup{Title: t.title}
		for _, c := range p.Closes {
			if c.Group == t.word {
				g.Conditions = append(g.Conditions, c)
			}
		}
		if len(g.Conditions) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// Of pictures.

// bands are the ratings as a chart shades them.
func (p RiskPage) bands() []chart.Band {
	var out []chart.Band
	for _, b := range p.Scales.Ratings {
		out = append(out, chart.Band{Title: b.Title, Tone: chart.Tone(b.Word), From: float64(b.From), To: float64(b.To)})
	}
	return out
}

// scoreHistory is how the scores of the risk went.
func (p RiskPage) scoreHistory() chart.ScoreHistory {
	h := chart.ScoreHistory{Title: "Score over time", Bands: p.bands(), Tolerance: float64(p.Appetite.UpTo), Ceiling: float64(p.Scales.Ceiling), Max: p.max(), Now: p.Now}
	for _, e := range p.Evaluations {
		kind := e.Kind
		if e.World != risk.WorldBase {
			kind = risk.KindAdjusted
		}
		h.Scores = append(h.Scores, chart.Score{At: e.At, Kind: kind, Value: e.Score, Reason: p.why(e), By: p.author(e)})
	}
	h.About = "Scores since " + ui.Date(p.Raised) + ", with the tolerance of " + strconv.Itoa(p.Appetite.UpTo) + "."
	return h
}

// why is what moved a score, in a few words.
func (p RiskPage) why(e *risk.Evaluation) string {
	if e.Reason != "" || e.World == risk.WorldBase {
		return e.Reason
	}
	if e.Kind == risk.KindOverride {
		return "override"
	}
	return plural(e.Number, "item", "items") + " of evidence, " + plural(e.Points, "point", "points")
}

func (p RiskPage) author(e *risk.Evaluation) string {
	if e.Name != "" {
		return e.Name
	}
	if e.Author == "" || e.Author.Kind() == "system" {
		return "Tocsin"
	}
	return p.name(e.Author)
}

// burnDown is the planned course of the score beside what came true; ok is false
// where nothing is planned.
func (p RiskPage) burnDown() (b chart.BurnDown, ok bool) {
	if p.Course == nil || p.Course.Path == nil {
		return b, false
	}
	b = chart.BurnDown{Title: "Planned course of the score", Plan: planned(*p.Course.Path), Tolerance: float64(p.Appetite.UpTo), Max: p.max(), Now: p.Now}
	for _, old := range p.Course.Old {
		b.Earlier = append(b.Earlier, planned(old))
	}
	for _, e := range p.Evaluations {
		if e.World == risk.WorldBase {
			continue
		}
		x := chart.Score{At: e.At, Kind: risk.KindResidual, Value: e.Score, Reason: p.why(e), By: p.author(e)}
		if e.At.Before(p.Course.Path.At) && len(p.Course.Old) == 0 {
			x.At = p.Course.Path.At
			b.Actual = nil // only where it stood when the plan began
		}
		b.Actual = append(b.Actual, x)
	}
	last := p.Course.Path.Points
	if len(last) > 0 {
		b.About = "The plan leads from " + riskNumber(p.Course.Path.From) + " to " + riskNumber(last[len(last)-1].Score) + " by " + ui.Date(last[len(last)-1].At) + "."
	}
	return b, true
}

func planned(path risk.Path) []chart.Score {
	out := []chart.Score{{At: path.At, Kind: risk.KindTarget, Value: path.From, Reason: "the plan begins"}}
	for _, pt := range path.Points {
		out = append(out, chart.Score{At: pt.At, Kind: risk.KindTarget, Value: pt.Score, Reason: pt.What})
	}
	return out
}

// bowTie is what leads to the event and what follows, with the controls between;
// ok is false where the statement is not there yet.
func (p RiskPage) bowTie() (b chart.BowTie, ok bool) {
	s := p.Statement
	if s.Event == "" || s.Source == "" || s.Consequence == "" {
		return b, false
	}
	source := chart.Path{Text: join(": ", titleOf(p.Rules.Register.Threats, s.Threat), s.Source)}
	then := chart.Path{Text: s.Consequence}
	for _, c := range p.Controls {
		if c.State == risk.ControlRetired {
			continue
		}
		x := chart.Barrier{Text: c.Title, Note: c.State, Degraded: c.State == risk.ControlDegraded}
		if c.Factor == "impact" {
			then.Barriers = append(then.Barriers, x)
		} else {
			source.Barriers = append(source.Barriers, x)
		}
	}
	return chart.BowTie{Title: "Bow-tie", About: "From the source over the event to the consequence, with the controls between.", Event: s.Event,
		Causes: []chart.Path{source}, Consequences: []chart.Path{then}}, true
}

// diagram is the flowchart of the statement; wrong says why it cannot be drawn.
func (p RiskPage) diagram() (f chart.Flow, wrong string) {
	f, err := chart.ParseFlow(p.Statement.Diagram)
	if err != nil {
		return f, err.Error()
	}
	f.Title = "Diagram"
	return f, ""
}

// travel shows the risk on the map of the scales: where it came from, where it is
// and where it shall go.
func (p RiskPage) travel() (h chart.HeatMap, ok bool) {
	s := p.Scales
	h = chart.HeatMap{Title: "Where it stands", About: "From the inherent score to the one in force.", Across: axis(s.Impact()), Up: axis(s.Likelihood())}
	for l := 1; l <= len(s.Likelihood().Levels); l++ {
		for i := 1; i <= len(s.Impact().Levels); i++ {
			h.Cells = append(h.Cells, cellAt(s, p.Appetite, l, i))
		}
	}
	m := chart.Move{Name: string(p.ID)}
	add := func(kind string, likelihood, impact float64) {
		m.Steps = append(m.Steps, chart.Place{Kind: kind, Across: int(impact + .5), Up: int(likelihood + .5)})
	}
	for _, kind := range []string{risk.KindInherent, risk.KindResidual} {
		if e := p.judged(kind); e != nil {
			add(kind, e.Likelihood, e.Impact)
		}
	}
	if p.Standing.Scored() {
		add(risk.KindAdjusted, p.Standing.Likelihood, p.Standing.Impact)
	}
	if e := p.judged(risk.KindTarget); e != nil {
		add(risk.KindTarget, e.Likelihood, e.Impact)
	}
	h.Moves = []chart.Move{m}
	return h, len(m.Steps) > 0
}
