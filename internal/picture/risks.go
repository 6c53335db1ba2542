package picture

import (
	"context"
	"strconv"
	"time"

	"tocsin/internal/chart"
	"tocsin/internal/house"
	"tocsin/internal/locale"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
)

// Risks draws the pictures of one risk from what its reader may see of it.
type Risks struct {
	*risk.Sheet
	Rules *profile.Profile
	Now   time.Time
	Name  func(ref.ID) string // how people are called
	Reads *locale.Reader
}

// ofRisk is a picture of one risk as a row of the table.
func ofRisk(draw func(Risks) (chart.Picture, error)) func(context.Context, *house.House, Ask) (chart.Picture, error) {
	return func(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
		s, err := h.Risks.Page(ctx, a.ID, false)
		if err != nil {
			return nil, err
		}
		r := Risks{Sheet: s, Rules: h.Rules, Now: h.Now().UTC(), Name: a.Name, Reads: a.Reads}
		if r.Name == nil {
			r.Name = func(id ref.ID) string { return string(id) }
		}
		return draw(r)
	}
}

func (r Risks) movement() (chart.Picture, error) {
	h, ok := r.Movement()
	if !ok {
		return nil, nothing(r.ID, "nobody has scored it; give it an inherent score first")
	}
	return h, nil
}

func (r Risks) history() (chart.Picture, error) {
	if len(r.Evaluations) == 0 {
		return nil, nothing(r.ID, "nobody has scored it; give it an inherent score first")
	}
	return r.History(), nil
}

func (r Risks) burnDown() (chart.Picture, error) {
	b, ok := r.BurnDown()
	if !ok {
		return nil, nothing(r.ID, "its plan leads to no score; give its milestones the score that they lead to")
	}
	return b, nil
}

func (r Risks) bowTie() (chart.Picture, error) {
	b, ok := r.BowTie()
	if !ok {
		return nil, nothing(r.ID, "its statement lacks the source, the event or the consequence")
	}
	return b, nil
}

func (r Risks) diagram() (chart.Picture, error) {
	if r.Statement.Diagram == "" {
		return nil, nothing(r.ID, "its statement has no diagram")
	}
	f, err := r.Diagram()
	if err != nil {
		return nil, nothing(r.ID, "its diagram cannot be read: "+err.Error())
	}
	return f, nil
}

// Max is the highest score of the scales.
func (r Risks) Max() float64 {
	return float64(len(r.Scales.Likelihood().Levels) * len(r.Scales.Impact().Levels))
}

// bands are the ratings as a chart shades them.
func (r Risks) bands() []chart.Band {
	var out []chart.Band
	for _, b := range r.Scales.Ratings {
		out = append(out, chart.Band{Title: b.Title, Tone: chart.Tone(b.Word), From: float64(b.From), To: float64(b.To)})
	}
	return out
}

// History is how the scores of the risk went, with the reasons.
func (r Risks) History() chart.ScoreHistory {
	h := chart.ScoreHistory{Title: "Score over time", Bands: r.bands(), Tolerance: float64(r.Appetite.UpTo), Ceiling: float64(r.Scales.Ceiling), Max: r.Max(), Now: r.Now}
	for _, e := range r.Evaluations {
		kind := e.Kind
		if e.World != risk.WorldBase {
			kind = risk.KindAdjusted
		}
		h.Scores = append(h.Scores, chart.Score{At: e.At, Kind: kind, Value: e.Score, Reason: r.why(e), By: r.Author(e)})
	}
	h.About = "Scores since " + r.Reads.Date(r.Raised) + ", with the tolerance of " + strconv.Itoa(r.Appetite.UpTo) + "."
	return h
}

// why is what moved a score, in a few words.
func (r Risks) why(e *risk.Evaluation) string {
	if e.Reason != "" || e.World == risk.WorldBase {
		return e.Reason
	}
	if e.Kind == risk.KindOverride {
		return "override"
	}
	return plural(e.Number, "item", "items") + " of evidence, " + plural(e.Points, "point", "points")
}

// Author is who gave a score.
func (r Risks) Author(e *risk.Evaluation) string {
	if e.Name != "" {
		return e.Name
	}
	if e.Author == "" || e.Author.Kind() == "system" {
		return "Tocsin"
	}
	if p, ok := r.Persons[e.Author]; ok && p.Name != "" {
		return p.Name
	}
	return r.Name(e.Author)
}

// BurnDown is the planned course of the score beside what came true; ok is false
// where nothing is planned.
func (r Risks) BurnDown() (b chart.BurnDown, ok bool) {
	if r.Course == nil || r.Course.Path == nil {
		return b, false
	}
	b = chart.BurnDown{Title: "Planned course of the score", Plan: planned(*r.Course.Path), Tolerance: float64(r.Appetite.UpTo), Max: r.Max(), Now: r.Now}
	for _, old := range r.Course.Old {
		b.Earlier = append(b.Earlier, planned(old))
	}
	for _, e := range r.Evaluations {
		if e.World == risk.WorldBase {
			continue
		}
		x := chart.Score{At: e.At, Kind: risk.KindResidual, Value: e.Score, Reason: r.why(e), By: r.Author(e)}
		if e.At.Before(r.Course.Path.At) && len(r.Course.Old) == 0 {
			x.At = r.Course.Path.At
			b.Actual = nil // only where it stood when the plan began
		}
		b.Actual = append(b.Actual, x)
	}
	if last := r.Course.Path.Points; len(last) > 0 {
		b.About = "The plan leads from " + r.Reads.Value(r.Course.Path.From, 2) + " to " + r.Reads.Value(last[len(last)-1].Score, 2) + " by " + r.Reads.Date(last[len(last)-1].At) + "."
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

// BowTie is what leads to the event and what follows, with the controls between; ok
// is false where the statement is not there yet.
func (r Risks) BowTie() (b chart.BowTie, ok bool) {
	s := r.Statement
	if s.Event == "" || s.Source == "" || s.Consequence == "" {
		return b, false
	}
	source := chart.Path{Text: s.Source}
	for _, t := range r.Rules.Register.Threats {
		if t.Name == s.Threat {
			source.Text = t.Title + ": " + s.Source
		}
	}
	then := chart.Path{Text: s.Consequence}
	for _, c := range r.Controls {
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

// Diagram is the flowchart of the statement; the error says why it cannot be drawn.
func (r Risks) Diagram() (chart.Flow, error) {
	f, err := chart.ParseFlow(r.Statement.Diagram)
	f.Title = "Diagram"
	return f, err
}

// Movement shows the risk on the map of the scales: where it came from, where it is
// and where it shall go.
func (r Risks) Movement() (h chart.HeatMap, ok bool) {
	h = review.Heat("Where it stands", "From the inherent score to the one in force.", r.Scales, r.Appetite, nil)
	m := chart.Move{Name: string(r.ID)}
	add := func(kind string, likelihood, impact float64) {
		m.Steps = append(m.Steps, chart.Place{Kind: kind, Across: int(impact + .5), Up: int(likelihood + .5)})
	}
	judged := map[string]*risk.Evaluation{}
	for _, e := range r.Evaluations { // the newest comes last
		if e.World == risk.WorldBase {
			judged[e.Kind] = e
		}
	}
	for _, kind := range []string{risk.KindInherent, risk.KindResidual} {
		if e := judged[kind]; e != nil {
			add(kind, e.Likelihood, e.Impact)
		}
	}
	if r.Risk.Standing.Scored() {
		add(risk.KindAdjusted, r.Risk.Standing.Likelihood, r.Risk.Standing.Impact)
	}
	if e := judged[risk.KindTarget]; e != nil {
		add(risk.KindTarget, e.Likelihood, e.Impact)
	}
	h.Moves = []chart.Move{m}
	return h, len(m.Steps) > 0
}
