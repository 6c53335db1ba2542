package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// standings are the words of where a score stands to tolerance, with their tone.
var standings = map[string]struct {
	Words string
	Tone  ui.Tone
}{string(riskscore.Within): {"within tolerance", ui.Good}, string(riskscore.Above): {"above tolerance", ui.Warn}, string(riskscore.Beyond): {"above the ceiling", ui.Bad}}

// max is the highest score of the scales in force for this risk.
func (p RiskPage) max() float64 {
	return float64(len(p.Scales.Likelihood().Levels) * len(p.Scales.Impact().Levels))
}

// part is a score as a part of the highest, in hundredths.
func (p RiskPage) part(score float64) int {
	if p.max() == 0 || score < 0 {
		return 0
	}
	return int(score*100/p.max() + .5)
}

// inForce is the evaluation that the score in force comes from; nil is none.
func (p RiskPage) inForce() *risk.Evaluation {
	for _, e := range slices.Backward(p.Evaluations) {
		if e.World != risk.WorldBase {
			return e
		}
	}
	return nil
}

// judged is what a person last said of a kind of score; nil is nothing.
func (p RiskPage) judged(kind string) *risk.Evaluation {
	for _, e := range slices.Backward(p.Evaluations) {
		if e.World == risk.WorldBase && e.Kind == kind {
			return e
		}
	}
	return nil
}

// judgements are what people said, by kind.
func (p RiskPage) judgements() []*risk.Evaluation {
	var out []*risk.Evaluation
	for _, kind := range []string{risk.KindInherent, risk.KindResidual, risk.KindTarget} {
		if e := p.judged(kind); e != nil {
			out = append(out, e)
		}
	}
	return out
}

// priorityWords tell what the rating asks: its priority, by when, and who hears of it.
func (p RiskPage) priorityWords() string {
	out := "Priority " + p.Priority.Name
	if p.Priority.Days > 0 {
		out += ": resolved within " + plural(p.Priority.Days, "day", "days")
	}
	if p.Priority.Notify != "" {
		out += ". To be told: " + lowerFirst(p.Priority.Notify)
	}
	return out + "."
}

// consideredWords name the controls that a residual score considered.
func (p RiskPage) consideredWords(ids []string) string {
	var out []string
	for _, id := range ids {
		title := id
		for _, c := range p.Controls {
			if c.ID == id {
				title += " " + c.Title
			}
		}
		out = append(out, title)
	}
	return strings.Join(out, "; ")
}

// worldWords say which evidence the score counts.
func (p RiskPage) worldWords() string {
	switch {
	case p.Hidden == 1:
		return "The score counts evidence of 1 item that you may not open."
	case p.Hidden > 1:
		return "The score counts evidence of " + strconv.Itoa(p.Hidden) + " items that you may not open."
	case p.Standing.World == risk.WorldAll:
		return "The score counts all evidence."
	}
	return "Evidence that you may not open is not counted."
}

// itemRow is a piece of evidence with what it counts for.
type itemRow struct {
	risk.Item
	Points  int
	Counts  bool
	Why     string // it does not count
	Kind    string
	Weighed bool // an evaluation has looked at it
}

// items are the evidence that the reader may open, newest first, with what the
// score in force makes of it.
func (p RiskPage) items() []itemRow {
	var out []itemRow
	e := p.inForce()
	for _, it := range p.Items {
		row := itemRow{Item: it, Kind: evidenceKind(p.Rules, it.Kind)}
		if it.Dropped {
			row.Why, row.Weighed = "taken back: "+it.Why, true
		}
		if e != nil {
			for _, c := range e.Items {
				if c.ID == it.ID {
					row.Points, row.Counts, row.Weighed = c.Points, true, true
				}
			}
			for _, c := range e.Excluded {
				if c.ID == it.ID && !it.Dropped {
					row.Why, row.Weighed = c.Why, true
				}
			}
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b itemRow) int { return b.At.Compare(a.At) })
	return out
}

func evidenceKind(rules *profile.Profile, name string) string {
	for _, k := range rules.Register.Evidence.Kinds {
		if k.Name == name {
			return k.Title
		}
	}
	return name
}

func evidenceKinds(rules *profile.Profile) []ui.Option {
	var out []ui.Option
	for _, k := range rules.Register.Evidence.Kinds {
		out = append(out, ui.Option{Value: k.Name, Text: k.Title})
	}
	return out
}

// itemHref is where a piece of evidence is looked at, "" where nowhere.
func itemHref(it risk.Item) string {
	if at := recordHref(ref.Read(it.About)); at != "" {
		return at
	}
	return it.Link
}

// flaws are what the linter says of the statement as it is.
func (p RiskPage) flaws() []risk.Flaw { return risk.Lint(p.Rules, p.Title, p.Statement) }

// flawAt is where a flaw is mended.
func flawWords(f risk.Flaw) string {
	if f.Found == "" {
		return f.Says
	}
	return "“" + f.Found + "”: " + f.Says
}

// partLabel is how a text of the statement is called.
func partLabel(name string) string {
	for _, x := range statementParts {
		if x.name == name {
			return x.label
		}
	}
	return capital(name)
}

// levelOptions are the levels of a scale, from the lowest.
func levelOptions(s profile.Scale) []ui.Option {
	var out []ui.Option
	for i, l := range s.Levels {
		out = append(out, ui.Option{Value: strconv.Itoa(i + 1), Text: strconv.Itoa(i+1) + " " + l.Title, Help: l.About})
	}
	return out
}

// categoryOptions are the levels of one category of a scale.
func categoryOptions(c profile.Category) []ui.Option {
	var out []ui.Option
	for i, l := range c.Levels {
		out = append(out, ui.Option{Value: strconv.Itoa(i + 1), Text: strconv.Itoa(i+1) + ": " + l})
	}
	return out
}

// judging is the kind of score whose form is open.
func (p RiskPage) judging() string {
	kind := or(p.Form.Get("kind"), p.Query.Get("kind"))
	if kind == "" && p.judged(risk.KindInherent) != nil && len(p.Controls) > 0 {
		return risk.KindResidual
	}
	return or(kind, risk.KindInherent)
}

// before is what was last said of the kind of score whose form is open.
func (p RiskPage) before() risk.Judgement {
	if e := p.judged(p.judging()); e != nil {
		return e.Judgement
	}
	return risk.Judgement{}
}

func levelValue(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func numberValue(reads *ui.Reader, x float64) string {
	if x == 0 {
		return ""
	}
	return reads.Typed(x)
}

// controlOptions are the controls that are not retired.
func (p RiskPage) controlOptions() []ui.Option {
	var out []ui.Option
	for _, c := range p.Controls {
		if c.State != risk.ControlRetired {
			out = append(out, ui.Option{Value: c.ID, Text: c.Title, Help: c.State})
		}
	}
	return out
}

// people are those whom the risk can be handed to: who is at work and may see it.
func (p RiskPage) people() []ui.Option {
	var out []ui.Option
	for _, k := range p.Names.all {
		named := slices.ContainsFunc(p.Shown, func(s risk.Shown) bool { return s.Who == k.ID })
		if k.Active && !k.Team && (named || k.Staff && p.Audience != "named") {
			out = append(out, ui.Option{Value: string(k.ID), Text: k.Name})
		}
	}
	return out
}

// levelOf is the level of management of somebody on the risk, in words.
func (p RiskPage) levelOf(id ref.ID) string {
	return titleOf(p.Rules.Register.Levels, p.Persons[id].Level)
}

// ownerRow is one of the two owners with what is wrong with their authority.
type ownerRow struct {
	ID          ref.ID
	Part, Level string
	Short       string // which level the rating wants, where theirs is lower
}

func (p RiskPage) owners() []ownerRow {
	a, ok := p.Rules.Register.AuthorityOf(p.Standing.Rating)
	row := func(id ref.ID, part, wants string) ownerRow {
		o := ownerRow{ID: id, Part: part, Level: p.levelOf(id)}
		if rank := p.Rules.Register.LevelRank; ok && id != "" && rank(p.Persons[id].Level) < rank(wants) {
			o.Short = titleOf(p.Rules.Register.Levels, wants)
		}
		return o
	}
	return []ownerRow{row(p.Owner, "Business owner, accountable", a.Business), row(p.Security, "Security owner, validates", a.Security)}
}

// dates are what is due next, the nearest first.
func (p RiskPage) dates() []ui.Clock {
	var out []ui.Clock
	for _, s := range pressing(p.Clocks) {
		if s.Phase() == clock.Running && len(out) < 3 {
			out = append(out, clockView(s))
		}
	}
	return out
}

// dateFacts are the dates that no clock has.
func (p RiskPage) dateFacts() []ui.Fact {
	var out []ui.Fact
	add := func(term string, at time.Time) {
		if !at.IsZero() && !p.Closed {
			out = append(out, ui.Fact{Term: term, Show: ui.Day(at), Small: until(at, p.Now)})
		}
	}
	if p.Priority.Name != "" && p.Response != risk.Accept {
		add("Resolve by", p.Priority.By)
	}
	for _, m := range p.nextMilestone() {
		add("Milestone "+m.ID, m.Due)
	}
	if !p.Review.IsZero() && !p.Closed {
		out = append(out, ui.Fact{Term: "Review", Text: p.Head.Reads.Date(p.Review), Href: p.anchor("#reviews"), Small: until(p.Review, p.Now)})
	}
	if d := p.accepted(); d != nil {
		add("Acceptance ends", d.Until)
	}
	if !p.Synced.IsZero() {
		out = append(out, ui.Fact{Term: "Last talk", Show: ui.Day(p.Synced)})
	}
	return out
}

// nextMilestone is the open milestone that is due first, or none.
func (p RiskPage) nextMilestone() (out []risk.Milestone) {
	for _, m := range p.Plan.Milestones {
		if m.Done.IsZero() && !m.Due.IsZero() && (out == nil || m.Due.Before(out[0].Due)) {
			out = []risk.Milestone{m}
		}
	}
	return out
}

// milestoneTone is how a milestone stands.
func (p RiskPage) milestoneTone(m risk.Milestone) (ui.Tone, string) {
	switch {
	case !m.Done.IsZero():
		return ui.Good, "done"
	case m.Due.IsZero():
		return ui.Warn, "no date"
	case m.Due.Before(p.Now):
		return ui.Bad, "late by " + length(p.Now.Sub(m.Due))
	case slices.ContainsFunc(m.After, func(a string) bool { return !p.isDone(a) }):
		return ui.Plain, "waits"
	}
	return ui.Accent, "open"
}

func (p RiskPage) isDone(milestone string) bool {
	return slices.ContainsFunc(p.Plan.Milestones, func(m risk.Milestone) bool { return m.ID == milestone && !m.Done.IsZero() })
}

// spareSteps is how many empty rows the form of a plan has.
const spareSteps = 3

// steps are the milestones as rows of the form: what was typed, where it comes
// back, else what is stored and some empty ones.
func (p RiskPage) steps() []risk.Milestone {
	if p.Form == nil {
		return append(slices.Clone(p.Plan.Milestones), make([]risk.Milestone, spareSteps)...)
	}
	n := 0
	for name := range p.Form {
		rest, ok := strings.CutPrefix(name, "milestones.")
		index, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(index); ok && err == nil && i < risk.MaxMilestones {
			n = max(n, i+1)
		}
	}
	return make([]risk.Milestone, n)
}

// approvalOf is the word of a role on the plan as it is; nil is none yet.
func (p RiskPage) approvalOf(role string) *risk.Approval {
	hash := p.Plan.Hash()
	for i, a := range slices.Backward(p.Plan.Approvals) {
		if a.Role == role && a.Hash == hash {
			return &p.Plan.Approvals[i]
		}
	}
	return nil
}

// smart tells whether the checklist was answered for the plan as it is.
func (p RiskPage) smart() bool {
	return p.Plan.Review.Hash != "" && p.Plan.Review.Hash == p.Plan.Hash()
}

// controlEdited is the control whose form is open.
func (p RiskPage) controlEdited() risk.Control {
	id := or(p.Form.Get("control"), p.Query.Get("control"))
	for _, c := range p.Controls {
		if c.ID == id {
			return c
		}
	}
	return risk.Control{State: risk.ControlPlanned}
}

// controlTones are the states of a control with their tone.
var controlTones = map[string]ui.Tone{risk.ControlPlanned: ui.Plain, risk.ControlActive: ui.Good, risk.ControlDegraded: ui.Bad, risk.ControlRetired: ui.Quiet}

// controlDomains are those of the FAIR controls analytics model.
var controlDomains = []ui.Option{{Value: "loss-event", Text: "Loss event"}, {Value: "variance", Text: "Variance management"}, {Value: "decision", Text: "Decision support"}}

func wordOptions(words []string) []ui.Option {
	var out []ui.Option
	for _, w := range words {
		out = append(out, ui.Option{Value: w, Text: capital(w)})
	}
	return out
}

// labels that can be set now.
func (p RiskPage) freeLabels() []ui.Option {
	var out []ui.Option
	for _, l := range riskMachine(p.Rules).Labels {
		if !p.Has(l.Name) && fitsStage(l, p.Stage) {
			out = append(out, ui.Option{Value: l.Name, Text: l.Title})
		}
	}
	return out
}

func fitsStage(l lifecycle.Label, stage string) bool {
	return len(l.Stages) == 0 || slices.Contains(l.Stages, stage)
}

// confidence is the strength of knowledge behind the score in force, in words.
func (p RiskPage) confidence() string {
	for _, kind := range []string{risk.KindResidual, risk.KindInherent} {
		if e := p.judged(kind); e != nil && e.Judgement.Confidence != "" {
			return titleOf(p.Rules.Register.Confidences, e.Judgement.Confidence)
		}
	}
	return ""
}
