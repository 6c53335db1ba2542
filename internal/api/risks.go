package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
)

// riskRoutes are the rows about the risk register.
var riskRoutes = slices.Concat([]Route{
	{"risk.list", "GET", "/risks", risk.VerbRead, "Risks that you may see, the highest score first", read(listRisks)},
	{"risk.raise", "POST", "/risks", risk.VerbRaise, "Raise a risk", create(raiseRisk)},
	{"risk.overview", "GET", "/risk-overview", risk.VerbRead, "How many risks stand where: the heat map and the counts", read(overviewRisks)},
	{"risk.board", "GET", "/risk-board", risk.VerbRead, "Open risks in columns", read(boardRisks)},
	{"risk.lint", "POST", "/risk-lint", risk.VerbRead, "What a statement should say otherwise, and which risks are like it; nothing is kept", respond(lintRisk)},
	{"risk.rerate", "GET", "/risk-reratings", risk.VerbRead, "Risks that were judged on other scales than those in force, with what is proposed", read(reratings)},
	{"risk.recurrence", "GET", "/recurrence", risk.VerbRead, "What keeps coming back: cases by weakness and place within a window", read(recurs)},
	{"risk.proposals", "GET", "/recurrence/proposals", risk.VerbRead, "Risks that the cases speak for and that nobody has raised", read(proposals)},
	{"risk.propose.raise", "POST", "/recurrence/proposals/raised", recurrence.VerbRaise, "Raise the risk that is proposed, with its evidence", create(raiseProposal)},
	{"risk.dismiss", "POST", "/recurrence/proposals/dismissed", recurrence.VerbDismiss, "Dismiss a proposal, with the reason", change(dismissProposal)},
	{"risk.read", "GET", "/risks/{id}", risk.VerbRead, "One risk, with its score and why, evidence, plan, decisions, and what each next move still needs", read(readRisk)},
	{"risk.history", "GET", "/risks/{id}/history", risk.VerbRead, "What happened to a risk, newest first: its audit trail", read(riskHistory)},
	{"risk.note", "POST", "/risks/{id}/notes", risk.VerbNote, "Write a note on a risk: solutions and blockers, too", create(noteRisk)},
	{"risk.treat", "PUT", "/risks/{id}/plan", risk.VerbTreat, "Set the treatment plan; approvals are bound to exactly its content", respond(planRisk)},
	{"risk.plan.course", "GET", "/risks/{id}/plan/course", risk.VerbRead, "The planned course of the residual score, beside what became of it", read(courseRisk)},
	{"risk.control", "PUT", "/risks/{id}/controls", risk.VerbControl, "Add or change a control; the residual score moves when one becomes active", respond(controlRisk)},
	{"risk.control.try", "GET", "/risks/{id}/controls/{control}/dry-run", risk.VerbRead, "What the score would be with a control in another state", read(tryControl)},
	{"risk.request-acceptance", "POST", "/risks/{id}/acceptances", risk.VerbAsk, "Ask for the acceptance of a risk", create(askAcceptance)},
	{"risk.closure", "GET", "/risks/{id}/closure", risk.VerbRead, "What a closure wants, and what of it holds", read(closureRisk)},
	{"appetite.list", "GET", "/appetites", risk.VerbRead, "The appetite in force, and the surveys that led to it", read(listAppetites)},
	{"appetite.set", "POST", "/appetites", risk.VerbAppetite, "Ask the question of a year", create(openSurvey)},
	{"appetite.answer", "PUT", "/appetites/{survey}/answers", risk.VerbAnswer, "Answer a survey; answering again replaces it", change(answerSurvey)},
	{"appetite.decide", "POST", "/appetites/{survey}/decision", risk.VerbAppetite, "Put an appetite in force", change(decideSurvey)},
}, riskActs)

// RiskQuery narrows the list of risks.
type RiskQuery struct {
	RiskFilter
	page
}

// RiskFilter is the part of a query by which risks are chosen.
type RiskFilter struct {
	Stage        string    `query:"stage" doc:"Name of a stage of the life cycle."`
	State        string    `query:"state" enum:"open,closed" doc:"Open or closed risks alone."`
	Kind         string    `query:"kind" doc:"Kind of risk: a word of the profile."`
	Scope        string    `query:"scope" doc:"Scope category: a word of the profile."`
	Department   string    `query:"department" doc:"Department of the business owner."`
	Response     string    `query:"response" doc:"monitor, remediate or accept; unset is none yet."`
	Rating       string    `query:"rating" doc:"Rating of the score in force; unset is none yet."`
	Standing     string    `query:"standing" doc:"within, above or beyond tolerance; unset is not scored."`
	Label        string    `query:"label" doc:"Name of a side label."`
	Choice       string    `query:"choice" doc:"Where what a leader chose stands: candidate, returned or approved; unset is not chosen."`
	Parent       string    `query:"parent" doc:"Risk of the register above."`
	Owner        ref.ID    `query:"owner" doc:"ID of the business owner."`
	Security     ref.ID    `query:"security" doc:"ID of the security owner."`
	About        string    `query:"about" doc:"With evidence about this record."`
	Likelihood   int       `query:"likelihood" min:"1" max:"20" doc:"Level of the score in force, rounded half up."`
	Impact       int       `query:"impact" min:"1" max:"20" doc:"Level of the score in force, rounded half up."`
	Overdue      bool      `query:"overdue" doc:"Open, with something past due."`
	Held         bool      `query:"held" doc:"Only those whose rating waits for a person."`
	ReviewBefore time.Time `query:"review_before" doc:"Open, with a review that is due before."`
	RaisedAfter  time.Time `query:"raised_after" doc:"Raised at this moment or after it."`
	RaisedBefore time.Time `query:"raised_before" doc:"Raised before this moment."`
	Q            string    `query:"q" doc:"A query: rating>=high standing:above owner:me review<7d, and words of the text. See docs/queries.md."`
	Order        string    `query:"order" enum:"score,newest,due,review" doc:"score (the default), newest, or what is due first."`
}

// filter is what the parameters ask for together.
func (in RiskFilter) filter(h *house.House) (risk.Filter, error) {
	q, err := risk.Vocabulary(h.Rules).Parse(in.Q)
	return risk.Filter{Stage: in.Stage, Kind: in.Kind, Scope: in.Scope, Department: in.Department, Response: in.Response, Rating: in.Rating, Label: in.Label,
		Choice: in.Choice, Parent: in.Parent, Owner: in.Owner, Security: in.Security, State: in.State, Standing: in.Standing, Likelihood: in.Likelihood, Impact: in.Impact,
		Overdue: in.Overdue, Held: in.Held, ReviewBefore: in.ReviewBefore, RaisedAfter: in.RaisedAfter, RaisedBefore: in.RaisedBefore, About: in.About,
		Query: q, Order: in.Order}, err
}

// RiskRow is what a list shows of a risk.
type RiskRow struct {
	ID         ref.ID    `json:"id"`
	Title      string    `json:"title"`
	Stage      string    `json:"stage"`
	Closed     bool      `json:"closed"`
	Kind       string    `json:"kind"`
	Scope      string    `json:"scope"`
	Department string    `json:"department"`
	Response   string    `json:"response"` // monitor, remediate, accept; empty is not decided
	Path       string    `json:"path"`
	Owner      ref.ID    `json:"owner"`    // the business owner
	Security   ref.ID    `json:"security"` // the security owner
	Parent     string    `json:"parent"`
	Audience   string    `json:"audience"` // staff, or named: only those who are named see it
	Raised     time.Time `json:"raised"`
	Due        time.Time `json:"due,omitzero"`
	DueWhat    string    `json:"due_what,omitempty"`
	Breached   bool      `json:"breached"`
	Review     time.Time `json:"review,omitzero"` // the next review
	Synced     time.Time `json:"synced,omitzero"` // the last sync with the owner
	Labels     []string  `json:"labels"`
	Choice     string    `json:"choice,omitempty"` // where what a leader chose stands: candidate, returned, approved; absent is not chosen
	Standing   Standing  `json:"standing"`
	Version    int       `json:"version"`         // of the row, for If-Match
	Trend      string    `json:"trend,omitempty"` // worse, same or better than at the last review; absent where it was never reviewed with a score
	Was        *float64  `json:"was,omitempty"`   // the score at that review
}

// Standing is where a risk stands: the score in force. What is unset is absent.
type Standing struct {
	World      string    `json:"world"` // open: evidence that all staff may open counts; all: hidden evidence counts too; empty: what you may open
	Kind       string    `json:"kind"`  // of the score in force: adjusted, override
	Likelihood *float64  `json:"likelihood,omitempty"`
	Impact     *float64  `json:"impact,omitempty"`
	Score      *float64  `json:"score,omitempty"`
	Rating     string    `json:"rating"` // empty is unset
	Held       bool      `json:"held"`   // base and evidence disagree: a person must look
	Items      int       `json:"items"`  // of evidence that count
	Points     int       `json:"points"`
	Inherent   *float64  `json:"inherent,omitempty"`
	Residual   *float64  `json:"residual,omitempty"`
	Target     *float64  `json:"target,omitempty"`
	State      string    `json:"state"` // within, above, beyond; empty is unset
	AboveSince time.Time `json:"above_since,omitzero"`
	At         time.Time `json:"at,omitzero"` // of the newest evaluation
}

func riskRow(r *risk.Risk) RiskRow {
	row := RiskRow{r.ID, r.Title, r.Stage, r.Closed, r.Kind, r.Scope, r.Department, r.Response, r.Path, r.Owner, r.Security, r.Parent, r.Audience,
		r.Raised, r.Due, r.DueWhat, r.Breached, r.Review, r.Synced, r.Labels, r.Choice, standingOf(r.Standing), r.Version, "", nil}
	if m, ok := r.Standing.Moved(); ok {
		row.Trend, row.Was = string(m.Arrow), known(m.Was)
	}
	return row
}

func standingOf(s risk.Standing) Standing {
	return Standing{s.World, s.Kind, known(s.Likelihood), known(s.Impact), known(s.Score), s.Rating, s.Held, s.Items, s.Points, known(s.Inherent),
		known(s.Residual), known(s.Target), s.State, s.AboveSince, s.At}
}

func listRisks(ctx context.Context, h *house.House, in RiskQuery) (*Page[RiskRow], error) {
	f, err := in.filter(h)
	if err != nil {
		return nil, err
	}
	l, err := h.Risks.List(ctx, f, risk.Page{Limit: in.limit(), After: in.After})
	if err != nil {
		return nil, err
	}
	return pageOf(l.Risks, l.Next, riskRow), nil
}

func raiseRisk(ctx context.Context, h *house.House, in struct{ Body risk.Raising }) (*Made, error) {
	id, err := h.Risks.Raise(ctx, in.Body)
	return &Made{id, "/risks/" + string(id)}, err
}

func overviewRisks(ctx context.Context, h *house.House, in RiskFilter) (*risk.Overview, error) {
	f, err := in.filter(h)
	if err != nil {
		return nil, err
	}
	return h.Risks.Overview(ctx, f)
}

// RiskColumn is a column of the board.
type RiskColumn struct {
	Name  string    `json:"name"`
	Title string    `json:"title"`
	Count int       `json:"count"`
	Risks []RiskRow `json:"risks"`
}

func boardRisks(ctx context.Context, h *house.House, in struct {
	RiskFilter
	By string `query:"by" enum:"stage,department,rating,scope" doc:"What the columns are; stage is the default."`
}) (*Page[RiskColumn], error) {
	f, err := in.filter(h)
	if err != nil {
		return nil, err
	}
	cols, err := h.Risks.Board(ctx, f, in.By)
	if err != nil {
		return nil, err
	}
	return listOf(cols, func(c risk.Column) RiskColumn {
		return RiskColumn{c.Name, c.Title, c.Count, pageOf(c.Risks, "", riskRow).Items}
	}), nil
}

// Linted is what is said of a statement before it is a risk.
type Linted struct {
	Flaws   []risk.Flaw `json:"flaws"`
	Similar []risk.Like `json:"similar"` // risks that may be the same
}

// Drafted is a statement that is not yet a risk.
type Drafted struct {
	Title     string         `json:"title"`
	Statement risk.Statement `json:"statement"`
}

func lintRisk(ctx context.Context, h *house.House, in struct{ Body Drafted }) (*Linted, error) {
	rules, err := h.Process(ctx)
	if err != nil {
		return nil, err
	}
	like, err := h.Risks.Similar(ctx, in.Body.Title, in.Body.Statement, "")
	return &Linted{risk.Lint(rules, in.Body.Title, in.Body.Statement), like}, err
}

func reratings(ctx context.Context, h *house.House, _ struct{}) (*Page[risk.Rerating], error) {
	out, err := h.Risks.Reratings(ctx)
	return listOf(out, same[risk.Rerating]), err
}

// RecurrenceQuery narrows what keeps coming back.
type RecurrenceQuery struct {
	AsOf    time.Time `query:"as_of" doc:"The window ends with this day, UTC; today where it is not given."`
	Min     int       `query:"min" min:"0" max:"1000000" doc:"Groups of so many cases and more; the profile's threshold where it is not given."`
	Parents bool      `query:"parents" doc:"Count the parents of weaknesses, too."`
}

func recurs(ctx context.Context, h *house.House, in RecurrenceQuery) (*recurrence.Answer, error) {
	return h.Recurrence.Answer(ctx, recurrence.Ask{AsOf: in.AsOf, Min: in.Min, Parents: in.Parents, Groups: 1000, Dots: 200, Causes: true})
}

func proposals(ctx context.Context, h *house.House, _ struct{}) (*Page[recurrence.Proposal], error) {
	out, err := h.Recurrence.Proposals(ctx)
	return listOf(out, same[recurrence.Proposal]), err
}

// ProposalKey names a proposal, as the list of them does.
type ProposalKey struct {
	Key    string `json:"key"`
	Reason string `json:"reason,omitempty"` // of a dismissal
}

func raiseProposal(ctx context.Context, h *house.House, in struct{ Body ProposalKey }) (*Made, error) {
	id, err := h.Recurrence.Raise(ctx, in.Body.Key)
	return &Made{id, "/risks/" + string(id)}, gone(err)
}

func dismissProposal(ctx context.Context, h *house.House, in struct{ Body ProposalKey }) error {
	return gone(h.Recurrence.Dismiss(ctx, in.Body.Key, in.Body.Reason))
}

// gone says of a proposal that there is none of its key: the address is right, the
// body is not.
func gone(err error) error {
	if errors.Is(err, fault.NotFound) {
		return fault.At("key", "%s", fault.Of(err).Says)
	}
	return err
}

// Risk is one risk with all that its page shows.
type Risk struct {
	RiskRow
	risk.Body
	Clocks      []Clock            `json:"clocks"`
	Moves       []risk.Next        `json:"moves"`            // that leave its stage, with what each still needs
	Items       []risk.Item        `json:"evidence"`         // that you may open
	Hidden      int                `json:"hidden,omitempty"` // items that count and that you may not open
	Evaluations []*risk.Evaluation `json:"evaluations"`      // oldest first; none is ever changed
	Decisions   []*risk.Decision   `json:"decisions"`        // newest first
	Indicators  []risk.Indicator   `json:"indicators"`
	Related     []risk.Link        `json:"related"`
	Shown       []risk.Shown       `json:"shown"` // who is named on it
	Messages    []thread.Message   `json:"messages"`
	Files       []evidence.File    `json:"files"`
	Appetite    risk.Appetite      `json:"appetite"` // in force
	Derived     []risk.Verdict     `json:"derived"`  // health as it follows from the facts
	May         map[string]bool    `json:"may"`      // verb -> whether your roles cover it here
}

func (r *Risk) rowVersion() int { return r.Version }

func readRisk(ctx context.Context, h *house.House, in record) (*Risk, error) {
	f, err := h.Risks.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &Risk{RiskRow: riskRow(f.Risk), Body: f.Body, Clocks: clocks(f.Clocks), Moves: f.Moves, Items: f.Items, Hidden: f.Hidden, Evaluations: f.Evaluations,
		Decisions: f.Decisions, Indicators: f.Indicators, Related: f.Links, Shown: f.Shown, Messages: f.Said, Files: f.Files, Appetite: f.Appetite,
		Derived: f.Verdicts, May: f.May}, nil
}

func riskHistory(ctx context.Context, h *house.House, in record) (*Page[insight.Entry], error) {
	entries, err := h.Trail.On(ctx, in.ID)
	return pageOf(entries, "", same[insight.Entry]), err
}

func noteRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Text
}) (*Made, error) {
	id, err := h.Risks.Note(ctx, in.ID, in.Body.Text)
	return &Made{id, "/risks/" + string(in.ID)}, err
}

func planRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Planning
}) (*risk.Planned, error) {
	return h.Risks.SetPlan(ctx, in.ID, in.Body)
}

func courseRisk(ctx context.Context, h *house.House, in record) (*risk.Course, error) {
	return h.Risks.CoursePlan(ctx, in.ID)
}

// ControlChange is a control with the version of the risk that was seen.
type ControlChange struct {
	Version int          `json:"version,omitempty"`
	Control risk.Control `json:"control"`
}

// ControlRef names a control within its risk.
type ControlRef struct {
	Control string `json:"control"`
}

func controlRisk(ctx context.Context, h *house.House, in struct {
	record
	Body ControlChange
}) (*ControlRef, error) {
	name, err := h.Risks.SetControl(ctx, in.ID, in.Body.Version, in.Body.Control)
	return &ControlRef{name}, err
}

func tryControl(ctx context.Context, h *house.House, in struct {
	record
	Control string `path:"control" doc:"ID of the control within the risk."`
	State   string `query:"state" enum:"planned,active,degraded,retired" doc:"The state that it would be in."`
}) (*risk.DryRun, error) {
	return h.Risks.DryRunControl(ctx, in.ID, in.Control, in.State)
}

func askAcceptance(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Asking
}) (*Made, error) {
	id, err := h.Risks.RequestAcceptance(ctx, in.ID, in.Body)
	return &Made{id, "/risks/" + string(in.ID)}, err
}

func closureRisk(ctx context.Context, h *house.House, in record) (*Page[risk.Condition], error) {
	out, err := h.Risks.CheckClosure(ctx, in.ID)
	return listOf(out, same[risk.Condition]), err
}

// Appetites are the appetite in force and the surveys that led to it.
type Appetites struct {
	InForce risk.Appetite  `json:"in_force"`
	Surveys []*risk.Survey `json:"surveys"` // newest first
}

func listAppetites(ctx context.Context, h *house.House, _ struct{}) (*Appetites, error) {
	all, now, err := h.Risks.Surveys(ctx)
	return &Appetites{now, all}, err
}

// Year is the year of a survey.
type Year struct {
	Year int `json:"year"`
}

func openSurvey(ctx context.Context, h *house.House, in struct{ Body Year }) (*Made, error) {
	id, err := h.Risks.OpenSurvey(ctx, in.Body.Year)
	return &Made{id, "/appetites"}, err
}

// survey is the part of an input by which the address names a survey.
type survey struct {
	Survey ref.ID `path:"survey" doc:"The survey's ID."`
}

// Answers are somebody's answers: the number of the answer by statement.
type Answers struct {
	Answers map[string]int `json:"answers"`
}

func answerSurvey(ctx context.Context, h *house.House, in struct {
	survey
	Body Answers
}) error {
	return h.Risks.AnswerSurvey(ctx, in.Survey, in.Body.Answers)
}

// AppetiteChoice is what is decided after a survey.
type AppetiteChoice struct {
	Appetite string `json:"appetite"`
	Reason   string `json:"reason,omitempty"` // wanted where it is not what the answers give
}

func decideSurvey(ctx context.Context, h *house.House, in struct {
	survey
	Body AppetiteChoice
}) error {
	return h.Risks.DecideSurvey(ctx, in.Survey, in.Body.Appetite, in.Body.Reason)
}
