package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// observationRoutes are single findings: as a list, as a board, and one by one.
var observationRoutes = []Route{
	{Pattern: "GET /observations", Do: obsList},
	{Pattern: "GET /observations/board", Do: obsBoard},
	{Pattern: "GET /observations/new", Do: obsNew},
	{Pattern: "POST /observations", Verb: observation.VerbOpen, Do: obsOpen},
	{Pattern: "POST /observations/upgrade", Verb: observation.VerbUpgrade, Do: obsUpgrade},
	{Pattern: "GET /observations/{id}", Do: obsPage},
	{Pattern: "GET /observations/{id}/files/{file}", Do: caseFile},
	{Pattern: "POST /observations/{id}/statement", Verb: observation.VerbEdit, Do: saveObs("statement")},
	{Pattern: "POST /observations/{id}/rating", Verb: observation.VerbEdit, Do: saveObs("rating")},
	{Pattern: "POST /observations/{id}/details", Verb: observation.VerbEdit, Do: saveObs("details")},
	{Pattern: "POST /observations/{id}/proof", Verb: observation.VerbEdit, Do: saveObs("proof")},
	{Pattern: "POST /observations/{id}/ask", Verb: observation.VerbEdit, Do: saveObs("ask")},
	{Pattern: "POST /observations/{id}/approve", Verb: observation.VerbAccept, Do: saveObs("approve")},
	{Pattern: "POST /observations/{id}/labels", Verb: observation.VerbEdit, Do: saveObs("labels")},
	{Pattern: "POST /observations/{id}/access", Verb: observation.VerbEdit, Do: saveObs("access")},
	{Pattern: "POST /observations/{id}/note", Verb: observation.VerbEdit, Do: saveObs("note")},
	{Pattern: "POST /observations/{id}/move", Verb: "observation.move", Do: saveObs("move")},
	{Pattern: "POST /observations/{id}/files", Verb: observation.VerbEdit, Do: saveObs("files"), Max: MaxFiles},
}

// obsName is the observations among the lists that can be asked.
const obsName = "observations"

// obsPlace is the observations as a list that can be asked.
var obsPlace = place{path: "/observations", name: obsName, plain: "is:open", words: observation.Vocabulary,
	old: []oldParam{{"state", map[string]string{"open": "is:open", "closed": "is:closed", "any": ""}}, {"stage", nil}, {"rating", unknown}, {"owner", unknown}, {"cause", nil}, {"source", nil}, {"label", nil},
		{"late", map[string]string{"yes": "is:overdue", "1": "is:overdue", "on": "is:overdue"}}},
	views: []ui.Link{{Text: "Open", Href: "is:open"}, {Text: "Mine", Href: "is:open owner:me"}, {Text: "Nobody's", Href: "is:open owner:none"}, {Text: "Overdue", Href: "is:overdue"},
		{Text: "Closed", Href: "is:closed"}, {Text: "All", Href: ""}}}

func obsAddress(id ref.ID) string { return "/observations/" + url.PathEscape(string(id)) }

// ObsListPage is the observations that a query leaves, and what they propose.
type ObsListPage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Names    book
	Me       ref.ID
	Now      time.Time
	Asked    asking
	List     *observation.List
	Proposed []observation.Proposal
	Bulk     bulkBar
	Form     url.Values
	Wrong    *fault.Fault
	may      func(access.Verb) bool
}

func (w *Web) obsListPage(r *http.Request, title string, at place) ObsListPage {
	p := ObsListPage{Head: w.keepHead(r, title), Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC(), Asked: w.ask(r, at), List: &observation.List{}, may: w.rights(r)}
	p.Head.Wide = true
	return p
}

func obsList(w *Web, r *http.Request) (Answer, error) {
	p := w.obsListPage(r, "Observations", obsPlace)
	to, err := p.load(w, r)
	if to != "" {
		return Answer{To: to}, nil
	}
	return w.obsListed(r, p, err)
}

// load reads the reader's views and the list in one snapshot.
func (p *ObsListPage) load(w *Web, r *http.Request) (to string, err error) {
	if p.Asked.wrong != nil {
		return p.Asked.loadViews(w, r)
	}
	list, err := w.Observations.ListAfter(r.Context(), observation.Filter{Query: p.Asked.query, Order: p.order()}, observation.Page{After: p.Asked.params.Get("after"), Counted: true}, func(v *gate.View) (err error) {
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

// obsListed shows the list, or what an operation found wrong with it.
func (w *Web) obsListed(r *http.Request, p ObsListPage, err error) (Answer, error) {
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	if p.Proposed, err = w.Observations.Proposals(r.Context()); err != nil {
		return Answer{}, err
	}
	p.Bulk = w.bulkOn(r, &p.Head, obsName, p.Asked.with("after", p.Asked.params.Get("after")), p.count())
	return show(p.Asked.status(p.Wrong), obsListView(p))
}

// count says how many observations the query leaves.
func (p ObsListPage) count() string { return inAll(p.List.Count, obsPlace.name) }

// order is the order that is asked for, "" where it is the newest first.
func (p ObsListPage) order() string { return p.Asked.params.Get("order") }

// orders are the orders of the list in words.
func (p ObsListPage) orders() (out []ui.Tab) {
	for _, o := range [...]ui.Link{{Text: "newest"}, {Text: "worst", Href: "score"}, {Text: "oldest", Href: "age"}, {Text: "due first", Href: "due"}} {
		out = append(out, ui.Tab{Text: o.Text, Href: p.Asked.with("order", o.Href), Now: p.order() == o.Href})
	}
	return out
}

// columns are those of the list, with those marked that it is sorted by.
func (p ObsListPage) columns() []ui.Column {
	rating, due := ui.Column{Text: "Rating", Sort: p.Asked.with("order", "score")}, ui.Column{Text: "Due", Sort: p.Asked.with("order", "due")}
	switch p.order() {
	case "score":
		rating.Sorted = "descending"
	case "due":
		due.Sorted = "ascending"
	}
	return p.Bulk.columns([]ui.Column{rating, {Text: "Observation"}, {Text: "Stage"}, {Text: "Root cause"}, {Text: "Owner"}, due})
}

// more are the lists of answers from which a term can be put together; others are
// completed in the box.
func (p ObsListPage) more() []ui.Choice {
	var ratings, stages, labels []ui.Option
	for _, x := range slices.Backward(p.Rules.Register.Observations.Ratings) {
		ratings = append(ratings, ui.Option{Value: x.Word, Text: x.Title})
	}
	for _, s := range obsMachine(p.Rules).Stages {
		stages = append(stages, ui.Option{Value: s.Name, Text: s.Title})
	}
	for _, l := range obsMachine(p.Rules).Labels {
		labels = append(labels, ui.Option{Value: l.Name, Text: l.Title})
	}
	one := p.Asked.choice
	return []ui.Choice{one("rating", "Rating", append(ratings, ui.Option{Value: query.None, Text: "Not rated"})), one("stage", "Stage", stages),
		one("owner", "Owner", ownerOptions(p.Names)), one("label", "Label", labels)}
}

// upgrades tells whether the proposals can be taken up by the reader.
func (p ObsListPage) upgrades() bool {
	return p.may(observation.VerbUpgrade) && p.may(risk.VerbRaise)
}

func obsUpgrade(w *Web, r *http.Request) (Answer, error) {
	in := observation.Upgrading{Title: r.PostFormValue("title"), Reason: r.PostFormValue("reason")}
	for _, id := range r.PostForm["ids"] {
		in.IDs = append(in.IDs, ref.Read(id))
	}
	id, err := w.Observations.Upgrade(r.Context(), in)
	if f, ok := formFault(err); ok {
		p := w.obsListPage(r, "Observations", obsPlace)
		if _, err := p.load(w, r); err != nil && !errors.Is(err, errLed) {
			return Answer{}, err
		}
		p.Form, p.Wrong = r.PostForm, f
		return w.obsListed(r, p, nil)
	}
	if err != nil {
		return Answer{}, err
	}
	w.Jobs.Wake()
	return lead(riskAddress(id, ""), "raised")
}

// NewObsPage is the form that opens an observation.
type NewObsPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Form  url.Values
	Wrong *fault.Fault
}

func obsNew(w *Web, r *http.Request) (Answer, error) {
	return show(200, obsNewView(NewObsPage{Head: w.keepHead(r, "A new observation"), Rules: w.Rules, Names: w.who(r)}))
}

func obsOpen(w *Web, r *http.Request) (Answer, error) {
	var fs fault.Fields
	v := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	in := observation.Opening{Title: v("title"), Source: v("source"), Condition: v("condition"), Criteria: v("criteria"), RootCause: v("root_cause"), Consequence: v("consequence"),
		Recommendation: v("recommendation"), Control: v("control"), Cause: v("cause"), Entity: v("entity") != "", Owner: ref.ID(v("owner")), Department: v("department"), Found: *sentMoment(&fs, r, "found"),
		Link: v("link"), External: v("external"), Named: v("named") != ""}
	in.Likelihood, in.Impact = sentCell(r)
	err := fs.Err()
	var id ref.ID
	if err == nil {
		id, err = w.Observations.Open(once(r), in)
		if id, err = firstMade("obs", id, err); err == nil {
			return lead(obsAddress(id), "observed")
		}
	}
	f, ok := formFault(err)
	if !ok {
		return Answer{}, err
	}
	return show(statusFor(f), obsNewView(NewObsPage{Head: w.keepHead(r, "A new observation"), Rules: w.Rules, Names: w.who(r), Form: r.PostForm, Wrong: f}))
}

func (p NewObsPage) in(in ui.Input) ui.Input { return in.For(p.Form.Get(in.Name), p.Wrong) }

// sentCell reads the cell of a rating: "3,4" is likelihood 3 and impact 4.
func sentCell(r *http.Request) (likelihood, impact int) {
	l, i, _ := strings.Cut(r.PostFormValue("cell"), ",")
	likelihood, _ = strconv.Atoi(l) // what is no number is 0, not judged
	impact, _ = strconv.Atoi(i)
	return likelihood, impact
}
