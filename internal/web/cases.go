package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/product"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// listRoutes are the cases as a list and as a board, and the form that opens one.
var listRoutes = []Route{
	{Pattern: "GET /cases", Do: caseList},
	{Pattern: "GET /cases/board", Do: caseBoard},
	{Pattern: "GET /cases/new", Do: newCase},
	{Pattern: "POST /cases", Verb: casework.VerbOpen, Do: openCase},
}

// CaseListPage is the cases that a query leaves, newest first or by what is due.
type CaseListPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Now   time.Time
	Asked asking
	List  *casework.List
	Bulk  bulkBar
	Wrong *fault.Fault // what is wrong besides the query
}

func caseList(w *Web, r *http.Request) (Answer, error) {
	p := CaseListPage{Head: w.head(r, "Cases", "cases"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Asked: w.ask(r, casePlace), List: &casework.List{}}
	p.Head.Wide = true
	to, err := "", error(nil)
	if p.Asked.wrong != nil {
		to, err = p.Asked.loadViews(w, r)
	} else {
		to, err = p.load(w, r)
	}
	if to != "" {
		return Answer{To: to}, nil
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Bulk = w.bulkOn(r, &p.Head, casePlace.name, p.Asked.with("after", p.Asked.params.Get("after")), p.count())
	return show(p.Asked.status(p.Wrong), caseListView(p))
}

// load reads the reader's views and the list in one snapshot.
func (p *CaseListPage) load(w *Web, r *http.Request) (to string, err error) {
	filter := casework.Filter{Query: p.Asked.query, Order: p.Asked.params.Get("order")}
	list, err := w.Cases.ListAfter(r.Context(), filter, casework.Page{After: p.Asked.params.Get("after"), Counted: true}, func(v *gate.View) (err error) {
		if to, err = p.Asked.loadViewsIn(w, v); err == nil && to != "" {
			err = errLed
		}
		return err
	})
	if list != nil {
		p.List = list
	}
	return to, err
}

// due tells whether the list is in the order of what is due.
func (p CaseListPage) due() bool { return p.Asked.params.Get("order") == "due" }

// more are the lists of answers from which a term can be put together; others are
// completed in the box.
func (p CaseListPage) more() []ui.Choice {
	a := p.Asked
	return []ui.Choice{a.choice("stage", "Stage", stageOptions(p.Rules)), a.choice("severity", "Severity", append(severities(p.Rules), ui.Option{Value: "none", Text: "Unknown"})),
		a.choice("owner", "Owner", ownerOptions(p.Names)), a.choice("label", "Label", labelOptions(p.Rules)), a.choice("source", "Source", choices(p.Rules.Sources))}
}

func stageOptions(rules *profile.Profile) []ui.Option {
	var out []ui.Option
	for _, s := range rules.Lifecycle("case").Stages {
		out = append(out, ui.Option{Value: s.Name, Text: s.Title})
	}
	return out
}

// mostOwners is how many people the bar offers; more are found by typing.
const mostOwners = 60

// ownerOptions are the answers of who owns something, for a query.
func ownerOptions(names book) []ui.Option {
	out := []ui.Option{{Value: "me", Text: "Me"}, {Value: "none", Text: "Nobody"}}
	for _, k := range names.all {
		if !k.Team && k.Staff && k.Active && k.Handle != "" && len(out) < mostOwners {
			out = append(out, ui.Option{Value: k.Handle, Text: k.Name})
		}
	}
	return out
}

// keep makes sure that what is chosen is among the answers.
func keep(list []ui.Option, value string) []ui.Option {
	if value == "" || slices.ContainsFunc(list, func(o ui.Option) bool { return o.Value == value }) {
		return list
	}
	return append(list, ui.Option{Value: value, Text: value})
}

func labelOptions(rules *profile.Profile) []ui.Option {
	var out []ui.Option
	for _, l := range rules.Lifecycle("case").Labels {
		out = append(out, ui.Option{Value: l.Name, Text: l.Title})
	}
	return out
}

// weaknessOf reads a weakness as people type it: 79, cwe-79.
func weaknessOf(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if _, err := strconv.Atoi(s); err == nil {
		return "CWE-" + s
	}
	if s == "UNKNOWN" {
		return "unknown"
	}
	return s
}

func addParam(address, name, value string) string {
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + name + "=" + url.QueryEscape(value)
}

func (p CaseListPage) count() string { return inAll(p.List.Count, casePlace.name) }

// stageTone is how far a case is.
func stageTone(rules *profile.Profile, c *casework.Case) ui.Tone {
	stages := rules.Lifecycle("case").Stages
	switch {
	case c.Closed:
		return ui.Quiet
	case len(stages) > 0 && c.Stage == stages[0].Name:
		return ui.Plain
	}
	return ui.Accent
}

// clockName is what people call a clock.
func clockName(rules *profile.Profile, name string) string {
	k, ok := rules.Clock(name)
	if !ok {
		return name
	}
	return k.Title
}

// soon is how near a due moment stands out in a list.
const soon = 3 * 24 * time.Hour

// BoardPage is the open cases by stage, in each those first that are due first.
type BoardPage struct {
	Head   ui.PageHead
	Rules  *profile.Profile
	Names  book
	Now    time.Time
	Me     ref.ID
	Stages []casework.Column
	Asked  asking
	Moved  *Arrival
	Wrong  *fault.Fault
}

func caseBoard(w *Web, r *http.Request) (Answer, error) {
	p := BoardPage{Head: w.head(r, "Board", "board"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Me: visitOf(r).actor.ID, Asked: w.ask(r, boardPlace)}
	p.Head.Wide, p.Head.Style, p.Head.Script = true, boardStyle, boardScript
	var err error
	if p.Asked.wrong == nil {
		p.Stages, err = w.Cases.Board(r.Context(), casework.Filter{Query: p.Asked.query}, p.Asked.params["more"]...)
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Moved = arrival(r, func(at *http.Request) (MovesPage, error) {
		c, err := w.readCase(at)
		if err != nil {
			return MovesPage{}, err
		}
		c.Board = p.here()
		return c.moves(""), nil
	})
	return show(p.Asked.status(p.Wrong), boardView(p))
}

// here is the board as it is asked, with the columns that are opened.
func (p BoardPage) here() string {
	at := p.Asked.with()
	for _, stage := range p.Asked.params["more"] {
		at = addParam(at, "more", stage)
	}
	return at
}

// wide tells whether a column is opened.
func (p BoardPage) wide(stage string) bool { return slices.Contains(p.Asked.params["more"], stage) }

// list is the list of a column's cases.
func (p BoardPage) list(stage string) string {
	text := "stage:" + stage
	if p.Asked.wrong == nil {
		text = strings.TrimSpace(p.Asked.query.Part(false, "stage").String() + " " + text)
	}
	return "/cases?" + url.Values{"q": {text}, "order": {"due"}}.Encode()
}

// empty tells whether the board shows no case.
func (p BoardPage) empty() bool {
	return !slices.ContainsFunc(p.Stages, func(c casework.Column) bool { return len(c.Cases) > 0 })
}

// movesAt is where the ways on of a case are asked for.
func (p BoardPage) movesAt(c *casework.Case) string {
	return addParam(caseAddress(c.ID, "")+"/moves", "back", p.here())
}

// near says how a card or a row stands to its due moment: "over", "warn" or "".
func near(due, now time.Time) string {
	switch {
	case due.IsZero():
		return ""
	case due.Before(now):
		return "over"
	case due.Sub(now) < soon:
		return "warn"
	}
	return ""
}

// NewCasePage is the form that opens a case without a report.
type NewCasePage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Products []product.Product
	Form     url.Values
	Wrong    *fault.Fault
}

func newCase(w *Web, r *http.Request) (Answer, error) { return w.newCasePage(r, nil) }

func (w *Web) newCasePage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := NewCasePage{Head: w.head(r, "Open a case", "cases"), Rules: w.Rules, Form: r.Form, Wrong: wrong}
	p.Head.Narrow = true
	var err error
	if p.Products, err = w.Products.List(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), newCaseView(p))
}

func openCase(w *Web, r *http.Request) (Answer, error) {
	var fs fault.Fields
	o := casework.Opening{Title: r.PostFormValue("title"), Summary: r.PostFormValue("summary"), Product: r.PostFormValue("product"), Component: r.PostFormValue("component"),
		CWE: r.PostFormValue("cwe"), Severity: r.PostFormValue("severity"), Source: r.PostFormValue("source"), TLP: r.PostFormValue("tlp"),
		Received: *sentMoment(&fs, r, "received"), Named: r.PostFormValue("named") != ""}
	err := fs.Err()
	var id ref.ID
	if err == nil {
		id, err = w.Cases.Open(once(r), o)
	}
	id, err = firstMade("case", id, err)
	if f, ok := formFault(err); ok {
		return w.newCasePage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(caseAddress(id, ""), "saved")
}

// productOptions are the products as answers of a form.
func productOptions(list []product.Product) []ui.Option {
	var out []ui.Option
	for _, x := range list {
		out = append(out, ui.Option{Value: x.Name, Text: x.Title})
	}
	return out
}
