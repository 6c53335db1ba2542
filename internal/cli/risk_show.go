package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

type riskListCmd struct {
	store
	Query      []string `arg:"" optional:"" help:"What to list: 'rating>=high' standing:above owner:eve words; quote it for the shell."`
	State      string   `default:"open" enum:"open,closed,any" help:"open, closed or any."`
	Stage      string   `help:"Only this stage."`
	Scope      string   `help:"Only this scope."`
	Department string   `help:"Only this department."`
	Rating     string   `help:"Only this rating; unset is not scored."`
	Standing   string   `help:"within, above, beyond or unset."`
	Label      string   `help:"Only with this label."`
	Text       string   `help:"Only with these words."`
	Order      string   `default:"score" enum:"score,newest,due,review" help:"score, newest, due or review."`
	Limit      int      `default:"50" help:"At most so many, 1 to 200." placeholder:"N"`
	JSON       bool     `help:"One JSON object a line."`
}

// Run lists risks of the store.
func (c riskListCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	q, err := risk.Vocabulary(h.Rules).Parse(strings.Join(c.Query, " "))
	if err != nil {
		return err
	}
	f := risk.Filter{Query: q, State: c.State, Stage: c.Stage, Scope: c.Scope, Department: c.Department, Rating: c.Rating, Standing: c.Standing, Label: c.Label, Text: c.Text, Order: c.Order}
	if c.State == "any" || q.Has("is", "open", "closed") {
		f.State = ""
	}
	l, err := h.Risks.List(asHouse(e.Ctx), f, risk.Page{Limit: c.Limit, Counted: true})
	if err != nil {
		return err
	}
	if c.JSON {
		for _, r := range l.Risks {
			if err := e.print(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(e.Out, 0, 8, 2, ' ', 0)
	for _, r := range l.Risks {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, scoreText(r.Standing), r.Stage, cmp.Or(r.Standing.State, "unset"), plain(r.Title))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	note(e, "%d of %s risks", len(l.Risks), l.Count)
	return nil
}

// scoreText is a score with its rating; unset is neither low nor zero.
func scoreText(s risk.Standing) string {
	if !s.Scored() {
		return "unset"
	}
	text := numeral(s.Score) + " " + s.Rating
	if s.Held {
		text += " (held)"
	}
	return text
}

func numeral(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// oneRisk is how a command names a risk.
type oneRisk struct {
	store
	Risk string `arg:"" help:"RISK-…"`
	JSON bool   `help:"One JSON object."`
}

// get reads the risk that a command names.
func (c oneRisk) get(e *Env) (*risk.Full, error) {
	h, err := c.open(e)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	return h.Risks.Get(asHouse(e.Ctx), ref.Read(c.Risk))
}

type riskShowCmd struct{ oneRisk }

// Run shows one risk.
func (c riskShowCmd) Run(e *Env) error {
	f, err := c.get(e)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(f)
	}
	e.say("%s  %s", f.ID, f.Title)
	for _, x := range []struct{ name, text string }{{"stage", f.Stage}, {"score", scoreText(f.Standing)}, {"tolerance", cmp.Or(f.Standing.State, "unset")}, {"response", cmp.Or(f.Response, "not decided")},
		{"priority", join(f.Priority.Name, "to be resolved by "+cmp.Or(day(f.Priority.By), "no day"))}, {"path", f.Path}, {"owner", who(f, f.Owner)}, {"security", who(f, f.Security)}, {"department", f.Department}, {"scope", f.Scope}, {"review", day(f.Review)}, {"due", join(day(f.Due), f.DueWhat)},
		{"asset", f.Statement.Asset}, {"event", f.Statement.Event}, {"source", f.Statement.Source}, {"consequence", f.Statement.Consequence}} {
		if x.text != "" {
			e.say("  %-12s %s", x.name, x.text)
		}
	}
	for _, it := range f.Items {
		e.say("  evidence     %s %s, %s", it.Kind, it.About, day(it.At))
	}
	for _, m := range f.Plan.Milestones {
		e.say("  milestone    %s %s, due %s%s", m.ID, m.Title, cmp.Or(day(m.Due), "never"), doneText(m))
	}
	for _, n := range f.Moves {
		e.say("  next         %s", n.Verb)
		for _, x := range n.Needs {
			if !x.Holds {
				e.say("    lacks      %s", x.Says)
			}
		}
	}
	return nil
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a
	}
	return a + ", " + b
}

func doneText(m risk.Milestone) string {
	if m.Done.IsZero() {
		return ""
	}
	return ", done " + day(m.Done)
}

// who is somebody by name.
func who(f *risk.Full, id ref.ID) string { return cmp.Or(f.Persons[id].Name, string(id)) }

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

type riskExplainCmd struct{ oneRisk }

// explained is how the score of a risk came to be.
type explained struct {
	ID         ref.ID             `json:"id"`
	Title      string             `json:"title"`
	Standing   risk.Standing      `json:"standing"`
	Profile    string             `json:"profile"` // version of the rules
	Judgements []*risk.Evaluation `json:"judgements"`
	InForce    *risk.Evaluation   `json:"in_force,omitempty"`
	Override   *risk.Override     `json:"override,omitempty"`
	Hold       *risk.Hold         `json:"hold,omitempty"` // the last validation of a held rating
	Appetite   risk.Appetite      `json:"appetite"`
}

// Run prints the arithmetic of a score.
func (c riskExplainCmd) Run(e *Env) error {
	f, err := c.get(e)
	if err != nil {
		return err
	}
	x := explain(f)
	if c.JSON {
		return e.print(x)
	}
	e.say("%s  %s", x.ID, x.Title)
	e.say("in force: %s, tolerance: %s, appetite: %s", scoreText(x.Standing), cmp.Or(x.Standing.State, "unset"), cmp.Or(x.Appetite.Name, "unset"))
	for _, j := range x.Judgements {
		tellJudgement(e, f, j)
	}
	if x.InForce == nil {
		e.say("Nobody scored it yet. Unset is a value of its own: neither low nor within tolerance.")
		return nil
	}
	tellEvaluation(e, f, x.InForce)
	if o := x.Override; o != nil {
		e.say("override: %s × %s, asked by %s, %s: %s", numeral(o.Likelihood), numeral(o.Impact), who(f, o.By), day(o.At), o.Reason)
		e.say("  %s", approvalText(f, *o))
	}
	if h := x.Hold; h != nil {
		e.say("validated: %s by %s, %s: %s", h.On, who(f, h.By), day(h.At), h.Reason)
	}
	return nil
}

func approvalText(f *risk.Full, o risk.Override) string {
	if !o.Active() {
		return "not approved, so the computed score stands"
	}
	return "approved by " + who(f, o.Approver) + ", " + day(o.Approved)
}

// explain picks what a score rests on out of a risk.
func explain(f *risk.Full) explained {
	x := explained{ID: f.ID, Title: f.Title, Standing: f.Standing, Profile: f.Profile, Appetite: f.Appetite}
	for _, kind := range []string{risk.KindInherent, risk.KindResidual, risk.KindTarget} {
		for _, v := range slices.Backward(f.Evaluations) {
			if v.World == risk.WorldBase && v.Kind == kind {
				x.Judgements = append(x.Judgements, v)
				break
			}
		}
	}
	for _, v := range slices.Backward(f.Evaluations) {
		if v.World != risk.WorldBase {
			x.InForce = v
			break
		}
	}
	if f.Override.Likelihood > 0 {
		x.Override = &f.Override
	}
	if f.Hold.By != "" {
		x.Hold = &f.Hold
	}
	return x
}

// tellJudgement prints what a person said.
func tellJudgement(e *Env, f *risk.Full, v *risk.Evaluation) {
	e.say("judged %s: %s × %s = %s %s, by %s, %s", v.Kind, numeral(v.Likelihood), numeral(v.Impact), numeral(v.Score), v.Rating, cmp.Or(v.Name, who(f, v.Author)), day(v.At))
	for _, s := range v.Steps {
		e.say("  %-34s %8s  %s", s.Label, s.Value, s.Note)
	}
	for _, x := range v.Unanswered {
		e.say("  %-34s %8s", x, "unanswered")
	}
	for _, id := range v.Judgement.Controls {
		title := ""
		if i := slices.IndexFunc(f.Controls, func(c risk.Control) bool { return c.ID == id }); i >= 0 {
			title = f.Controls[i].Title
		}
		e.say("  %-34s %8s  %s", "Control considered", id, plain(title))
	}
	if v.Judgement.NoControls != "" {
		e.say("  no control considered: %s", plain(v.Judgement.NoControls))
	}
	if r := cmp.Or(v.Reason, v.Judgement.Reason); r != "" {
		e.say("  because: %s", r)
	}
}

// tellEvaluation prints the arithmetic of the score in force, and the evidence.
func tellEvaluation(e *Env, f *risk.Full, v *risk.Evaluation) {
	e.say("computed %s, %s, of evidence that %s may open", day(v.At), v.Kind, map[string]string{risk.WorldOpen: "all staff"}[v.World]+map[string]string{risk.WorldAll: "anybody"}[v.World])
	for _, s := range v.Steps {
		e.say("  %-34s %8s  %s", s.Label, s.Value, s.Note)
	}
	e.say("evidence: %d counted, %d points, %d not counted", v.Number, v.Points, len(v.Excluded))
	for _, it := range v.Items {
		e.say("  + %-14s %-10s %s %s %d", it.About, it.Kind, day(it.At), cmp.Or(it.Severity, "no severity"), it.Points)
	}
	for _, it := range v.Excluded {
		e.say("  - %-14s %-10s %s: %s", it.About, it.Kind, day(it.At), it.Why)
	}
	if v.Held {
		e.say("held: base and evidence disagree, so a person must look")
	}
	if v.Kind == risk.KindOverride {
		e.say("computed without the override: %s", numeral(v.Computed))
	}
	e.say("scales %s, rules %s, evaluation %s", v.Scale, cmp.Or(v.Profile, f.Profile), v.ID)
}
