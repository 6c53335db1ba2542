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

// CaseListPage is the cases that a filter leaves, newest first or by what is due.
type CaseListPage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Names    book
	Me       ref.ID
	Now      time.Time
	Products []product.Product
	Query    url.Values
	List     *casework.List
	Wrong    *fault.Fault
}

func caseList(w *Web, r *http.Request) (Answer, error) {
	p := CaseListPage{Head: w.head(r, "Cases", "cases"), Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC(), Query: r.URL.Query(), List: &casework.List{}}
	p.Head.Wide = true
	list, err := w.Cases.List(r.Context(), p.filter(), casework.Page{After: p.Query.Get("after"), Counted: true})
	if f, ok := formFault(err); ok {
		p.Wrong = f
	} else if err != nil {
		return Answer{}, err
	} else {
		p.List = list
	}
	if p.Products, err = w.Products.List(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(p.Wrong), caseListView(p))
}

// ages are the answers to how old a case is.
var ages = []struct {
	word, title  string
	least, below time.Duration
}{
	{"30", "opened in the last 30 days", 0, 30 * 24 * time.Hour}, {"90", "30 to 90 days old", 30 * 24 * time.Hour, 90 * 24 * time.Hour},
	{"365", "90 days to a year old", 90 * 24 * time.Hour, 365 * 24 * time.Hour}, {"older", "older than a year", 365 * 24 * time.Hour, 0},
}

// filter reads the address.
func (p CaseListPage) filter() casework.Filter {
	q := p.Query
	f := casework.Filter{Stage: q.Get("stage"), Severity: q.Get("severity"), CWE: weaknessOf(q.Get("cwe")), Product: q.Get("product"), Component: q.Get("component"),
		Source: q.Get("source"), Label: q.Get("label"), Owner: ref.ID(q.Get("owner")), State: p.state(), Breached: q.Get("late") != "", Text: q.Get("q"), Order: q.Get("order"),
		Undated: q.Get("age") == "unknown"}
	if f.Owner == "me" {
		f.Owner = p.Me
	}
	if q.Get("due") == "soon" {
		f.DueBefore = p.Now.Add(7 * 24 * time.Hour)
	}
	for _, a := range ages {
		if a.word != q.Get("age") {
			continue
		}
		if a.least > 0 {
			f.OpenedBefore = p.Now.Add(-a.least)
		}
		if a.below > 0 {
			f.OpenedAfter = p.Now.Add(-a.below)
		}
	}
	return f
}

// state is open unless the address says otherwise: the work is what is wanted most.
func (p CaseListPage) state() string {
	switch s := p.Query.Get("state"); s {
	case "closed":
		return s
	case "any":
		return ""
	}
	if s, ok := p.Rules.Lifecycle("case").Stage(p.Query.Get("stage")); ok && s.Terminal {
		return "" // who asks for a stage of closed cases wants those
	}
	return "open"
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

// listParams are the parameters of the address that filter, in the order of the bar.
var listParams = []string{"state", "stage", "severity", "owner", "product", "component", "cwe", "label", "source", "age", "due", "late", "q"}

// with is the address with one parameter changed, from its first page on.
func (p CaseListPage) with(name, value string) string {
	q := url.Values{}
	for _, k := range append(slices.Clone(listParams), "order") {
		if v := p.Query.Get(k); v != "" {
			q.Set(k, v)
		}
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return "/cases"
	}
	return "/cases?" + q.Encode()
}

// next is the address of the page behind this one.
func (p CaseListPage) next() string {
	if p.List.Next == "" {
		return ""
	}
	return addParam(p.with("", ""), "after", p.List.Next)
}

func addParam(address, name, value string) string {
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + name + "=" + url.QueryEscape(value)
}

// paging says where in the list we are; there is a way back to its beginning.
func (p CaseListPage) paging() ui.Paging {
	g := ui.Paging{Older: p.next()}
	if p.Query.Get("after") != "" {
		g.Newer = p.with("", "")
	}
	return g
}

// filtering is the bar above the list.
func (p CaseListPage) filtering() ui.Filtering {
	f := ui.Filtering{Action: "/cases", Query: p.Query.Get("q"), Hint: "Words, CASE-…, CVE-…", Says: p.count()}
	state := p.Query.Get("state")
	f.Filters = []ui.Filter{
		{Name: "state", Label: "State", None: "Open", Value: state, Options: []ui.Option{{Value: "closed", Text: "Closed"}, {Value: "any", Text: "Open and closed"}}},
		{Name: "stage", Label: "Stage", Value: p.Query.Get("stage"), Options: stageOptions(p.Rules)},
		{Name: "severity", Label: "Severity", Value: p.Query.Get("severity"), Options: append(severities(p.Rules), ui.Option{Value: "unknown", Text: "Unknown"})},
		{Name: "owner", Label: "Owner", Value: p.Query.Get("owner"), Options: p.owners()},
	}
	if p.Query.Get("order") != "" {
		f.Hidden = append(f.Hidden, ui.Pair{Name: "order", Value: p.Query.Get("order")})
	}
	for _, name := range listParams {
		v := p.Query.Get(name)
		if v == "" {
			continue
		}
		f.Clear = "/cases"
		if !slices.ContainsFunc(f.Filters, func(x ui.Filter) bool { return x.Name == name }) && name != "q" {
			f.Set = append(f.Set, ui.Link{Text: p.chip(name, v), Href: p.with(name, "")})
		}
	}
	return f
}

func stageOptions(rules *profile.Profile) []ui.Option {
	var out []ui.Option
	for _, s := range rules.Lifecycle("case").Stages {
		out = append(out, ui.Option{Value: s.Name, Text: s.Title})
	}
	return out
}

// mostOwners is how many people the bar offers; more are found by searching.
const mostOwners = 60

func (p CaseListPage) owners() []ui.Option {
	out := []ui.Option{{Value: "me", Text: "Me"}, {Value: "unknown", Text: "Nobody"}}
	for _, k := range p.Names.all {
		if !k.Team && k.Staff && k.Active && len(out) < mostOwners {
			out = append(out, ui.Option{Value: string(k.ID), Text: k.Name})
		}
	}
	return out
}

// more are the filters that are rarely asked for.
func (p CaseListPage) more() []ui.Choice {
	var products, components []ui.Option
	for _, x := range p.Products {
		products = append(products, ui.Option{Value: x.Name, Text: x.Title})
		for _, c := range x.Components {
			components = append(components, ui.Option{Value: c.Name, Text: c.Name})
		}
	}
	slices.SortFunc(components, func(a, b ui.Option) int { return strings.Compare(a.Value, b.Value) })
	components = slices.CompactFunc(components, func(a, b ui.Option) bool { return a.Value == b.Value })
	age := []ui.Option{}
	for _, a := range ages {
		age = append(age, ui.Option{Value: a.word, Text: a.title})
	}
	one := func(name, label string, list []ui.Option) ui.Choice {
		return ui.Choice{Input: ui.Input{Name: name, Label: label, Value: p.Query.Get(name), Silent: true}, Blank: "any", Options: keep(list, p.Query.Get(name))}
	}
	return []ui.Choice{one("product", "Product", products), one("component", "Component", components), one("label", "Label", labelOptions(p.Rules)),
		one("source", "Source", choices(p.Rules.Sources)), one("age", "Age", append(age, ui.Option{Value: "unknown", Text: "opened at an unknown time"})),
		one("due", "Due", []ui.Option{{Value: "soon", Text: "in the next seven days, or over"}}), one("late", "Late", []ui.Option{{Value: "yes", Text: "was late at some time"}})}
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

// chip says one thing that is set.
func (p CaseListPage) chip(name, value string) string {
	for _, f := range p.more() {
		if f.Name != name {
			continue
		}
		for _, o := range f.Options {
			if o.Value == value {
				return o.Text
			}
		}
	}
	if name == "cwe" {
		return weaknessOf(value)
	}
	return name + ": " + value
}

func (p CaseListPage) count() string {
	switch p.List.Count {
	case "":
		return ""
	case "1":
		return "1 case"
	}
	return p.List.Count + " cases"
}

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
	Stages []casework.Column
	Query  url.Values
}

func caseBoard(w *Web, r *http.Request) (Answer, error) {
	p := BoardPage{Head: w.head(r, "Board", "board"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Query: r.URL.Query()}
	p.Head.Wide = true
	f := CaseListPage{Rules: w.Rules, Me: visitOf(r).actor.ID, Now: p.Now, Query: p.Query}.filter()
	var err error
	p.Stages, err = w.Cases.Board(r.Context(), f)
	if err != nil {
		return Answer{}, err
	}
	return show(200, boardView(p))
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

// filtering is the bar above the board.
func (p BoardPage) filtering() ui.Filtering {
	l := CaseListPage{Rules: p.Rules, Names: p.Names, Query: p.Query}
	return ui.Filtering{Action: "/cases/board", Query: p.Query.Get("q"), Hint: "Words, CASE-…", Filters: []ui.Filter{
		{Name: "severity", Label: "Severity", Value: p.Query.Get("severity"), Options: severities(p.Rules)},
		{Name: "owner", Label: "Owner", Value: p.Query.Get("owner"), Options: l.owners()}}}
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
		id, err = w.Cases.Open(r.Context(), o)
	}
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
