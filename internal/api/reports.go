package api

import (
	"context"

	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
)

// reportRoutes are the rows about reports.
var reportRoutes = []Route{
	{"report.list", "GET", "/reports", intake.VerbRead, "The inbox: reports that you may see, newest first", read(listReports)},
	{"report.submit", "POST", "/reports", intake.VerbSubmit, "Take a report in that came by another channel", create(submitReport)},
	{"report.read", "GET", "/reports/{id}", intake.VerbRead, "One report, with records that it may repeat", read(readReport)},
	{"report.move", "POST", "/reports/{id}/moves", "", "Accept a report into a case, decline it, ask the reporter, or call it a duplicate", write(200, decideReport, decidedType)},
	{"report.answer", "GET", "/reports/{id}/answers/{disposition}", intake.VerbRead, "The canned answer of a disposition, filled in, for a person to review", read(suggestAnswer)},
	{"report.reply", "POST", "/reports/{id}/messages", intake.VerbReply, "Write to the reporter", change(replyReport)},
	{"report.note", "POST", "/reports/{id}/notes", "report.note", "Write an internal note", change(noteReport)},
	{"report.history", "GET", "/reports/{id}/history", intake.VerbRead, "What happened to a report, newest first: its audit trail", read(reportHistory)},
}

// ReportQuery narrows the inbox.
type ReportQuery struct {
	Stage     string `query:"stage" doc:"Name of a stage of the life cycle."`
	Product   string `query:"product" doc:"Short name of the product."`
	Component string `query:"component" doc:"Name of the component."`
	CWE       string `query:"cwe" doc:"Weakness, such as CWE-79."`
	Source    string `query:"source" doc:"The channel that it came by: a word of the profile."`
	Severity  string `query:"severity" doc:"As the reporter put it."`
	Open      bool   `query:"open" doc:"Only those that are not decided."`
	Q         string `query:"q" doc:"A query: is:undecided sev>=high received<7d, and words of the text. See docs/queries.md."`
	page
}

func listReports(ctx context.Context, h *house.House, in ReportQuery) (*Page[ReportRow], error) {
	q, err := intake.Vocabulary(h.Rules).Parse(in.Q)
	if err != nil {
		return nil, err
	}
	f := intake.Filter{Stage: in.Stage, Product: in.Product, Component: in.Component, CWE: in.CWE, Source: in.Source, Severity: in.Severity, Open: in.Open, Query: q}
	l, err := h.Reports.List(ctx, f, intake.Page{Limit: in.limit(), After: in.After})
	if err != nil {
		return nil, err
	}
	return pageOf(l.Reports, l.Next, reportRow), nil
}

// Receipt is what a report's sender gets back.
type Receipt struct {
	intake.Receipt
}

func (r *Receipt) location() string { return "/reports/" + string(r.ID) }

func submitReport(ctx context.Context, h *house.House, in struct{ Body intake.Submission }) (*Receipt, error) {
	r, err := h.Reports.Submit(ctx, in.Body)
	return &Receipt{r}, err
}

func readReport(ctx context.Context, h *house.House, in record) (*Report, error) {
	f, err := h.Reports.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return reportOf(f), nil
}

// ReportMove is one step of a report.
type ReportMove struct {
	Move access.Verb `json:"move"` // a verb of the life cycle, as the report's moves list it
	intake.Decision
}

// Decided says what came of a decision.
type Decided struct {
	Case ref.ID `json:"case,omitempty"` // that was opened; absent where none was
}

func decideReport(ctx context.Context, h *house.House, in struct {
	record
	Body ReportMove
}) (reply, error) {
	id, err := h.Reports.Decide(ctx, in.ID, in.Body.Move, in.Body.Decision)
	if err != nil {
		return reply{}, err
	}
	return made(200, &Decided{id})
}

// Answer is text to review and send.
type Answer struct {
	Text string `json:"text"`
}

func suggestAnswer(ctx context.Context, h *house.House, in struct {
	record
	Disposition string `path:"disposition" doc:"Name of a disposition of the profile."`
}) (*Answer, error) {
	text, err := h.Reports.Suggest(ctx, in.ID, in.Disposition)
	return &Answer{text}, err
}

func replyReport(ctx context.Context, h *house.House, in struct {
	record
	Body Text
}) error {
	return h.Reports.Reply(ctx, in.ID, in.Body.Text)
}

func noteReport(ctx context.Context, h *house.House, in struct {
	record
	Body Text
}) error {
	return h.Reports.Note(ctx, in.ID, in.Body.Text)
}

func reportHistory(ctx context.Context, h *house.House, in record) (*Page[insight.Entry], error) {
	entries, err := h.Trail.On(ctx, in.ID)
	return pageOf(entries, "", same[insight.Entry]), err
}
