package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/product"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// inboxRoutes are the reports: the list, one report, and the form for one that
// came another way.
var inboxRoutes = []Route{
	{Pattern: "GET /inbox", Do: inbox},
	{Pattern: "GET /inbox/new", Do: newReport},
	{Pattern: "POST /inbox", Verb: intake.VerbSubmit, Do: enterReport},
	{Pattern: "GET /inbox/{id}", Do: report},
	{Pattern: "GET /inbox/{id}/compare", Do: compareReport},
	{Pattern: "GET /inbox/{id}/files/{file}", Do: caseFile},
	{Pattern: "POST /inbox/{id}/decide", Verb: "report.decide", Do: decideReport},
	{Pattern: "POST /inbox/{id}/note", Verb: "report.note", Do: noteReport},
	{Pattern: "POST /inbox/{id}/reply", Verb: intake.VerbReply, Do: replyReport},
	{Pattern: "POST /inbox/{id}/files", Verb: intake.VerbReply, Do: attachReport, Max: MaxFiles},
}

// InboxPage is the reports that a query leaves, newest first; those that wait for
// a decision unless others are asked for.
type InboxPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Now   time.Time
	Asked asking
	List  *intake.List
	Bulk  bulkBar
	Wrong *fault.Fault // what is wrong besides the query
}

func inbox(w *Web, r *http.Request) (Answer, error) {
	p := InboxPage{Head: w.head(r, "Inbox", "inbox"), Rules: w.Rules, Now: w.Now().UTC(), Asked: w.ask(r, inboxPlace), List: &intake.List{}}
	p.Head.Wide = true
	if to, err := p.Asked.loadViews(w, r); err != nil || to != "" {
		return Answer{To: to}, err
	}
	var err error
	if p.Asked.wrong == nil {
		var list *intake.List
		if list, err = w.Reports.List(r.Context(), intake.Filter{Query: p.Asked.query}, intake.Page{After: p.Asked.params.Get("after")}); err == nil {
			p.List = list
		}
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Bulk = w.bulkOn(r, &p.Head, inboxPlace.name, p.Asked.with("after", p.Asked.params.Get("after")), "")
	return show(p.Asked.status(p.Wrong), inboxView(p))
}

// more are the lists of answers from which a term can be put together.
func (p InboxPage) more() []ui.Choice {
	var stages []ui.Option
	for _, s := range p.Rules.Lifecycle("report").Stages {
		stages = append(stages, ui.Option{Value: s.Name, Text: s.Title})
	}
	return []ui.Choice{p.Asked.choice("stage", "Stage", stages), p.Asked.choice("severity", "As claimed", append(severities(p.Rules), ui.Option{Value: "none", Text: "Not stated"})),
		p.Asked.choice("source", "Source", append(named(p.Rules.Sources), ui.Option{Value: "none", Text: "Unknown"}))}
}

// named are the names of a list, without what it is about.
func named(list []profile.Named) []ui.Option {
	var out []ui.Option
	for _, n := range list {
		out = append(out, ui.Option{Value: n.Name, Text: n.Title})
	}
	return out
}

// alike names another report on the page that shares weakness and component or
// product, as a hint that two may be one.
func (p InboxPage) alike(r *intake.Report) ref.ID {
	i := slices.IndexFunc(p.List.Reports, func(o *intake.Report) bool {
		return o.ID != r.ID && r.CWE != "" && o.CWE == r.CWE && o.Product == r.Product && o.Component == r.Component
	})
	if i < 0 {
		return ""
	}
	return p.List.Reports[i].ID
}

// reportTone is how far a report is.
func reportTone(rules *profile.Profile, r *intake.Report) ui.Tone {
	s, _ := rules.Lifecycle("report").Stage(r.Stage)
	switch {
	case r.Case != "":
		return ui.Good
	case s.Terminal:
		return ui.Quiet
	}
	return ui.Plain
}

// NewReportPage is the form for a report that came by mail, telephone or a
// platform; Receipt is what it became.
type NewReportPage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Products []product.Product
	Form     url.Values
	Wrong    *fault.Fault
}

func newReport(w *Web, r *http.Request) (Answer, error) { return w.newReportPage(r, nil) }

func (w *Web) newReportPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := NewReportPage{Head: w.head(r, "Enter a report", "inbox"), Rules: w.Rules, Form: r.Form, Wrong: wrong}
	p.Head.Narrow = true
	var err error
	if p.Products, err = w.Products.List(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), newReportView(p))
}

func enterReport(w *Web, r *http.Request) (Answer, error) {
	var fs fault.Fields
	v := r.PostFormValue
	in := intake.Submission{Title: v("title"), Product: v("product"), Component: v("component"), Summary: v("summary"), Steps: v("steps"), Impact: v("impact"),
		Versions: v("versions"), CWE: weaknessOf(v("cwe")), Severity: v("severity"), Source: v("source"), Name: v("name"), Contact: v("contact"),
		Credit: v("credit"), CreditName: v("credit_name"), Deadline: *sentMoment(&fs, r, "deadline"), Received: *sentMoment(&fs, r, "received")}
	err := fs.Err()
	var got intake.Receipt
	if err == nil {
		got, err = w.Reports.Submit(once(r), in)
	}
	if _, sent := twice(err); sent {
		return lead("/inbox", "saved")
	}
	if f, ok := formFault(err); ok {
		return w.newReportPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	head := w.head(r, string(got.ID), "inbox")
	head.Narrow = true
	return show(200, enteredView(head, ui.Receipt{Number: string(got.ID), Link: w.Reports.Link(string(got.ID), got.Secret),
		Says: "The report is in the inbox. If whoever reported it should follow it on a page of their own, give them this address; it is shown once."}))
}

// in fills a field with what was typed and with what is wrong.
func (p NewReportPage) in(in ui.Input) ui.Input { return in.For(p.Form.Get(in.Name), p.Wrong) }
