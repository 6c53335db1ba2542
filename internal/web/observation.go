package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
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

// obsName is the observations among the lists whose rows are changed together.
const obsName = "observations"

func obsAddress(id ref.ID) string { return "/observations/" + url.PathEscape(string(id)) }

// ObsListPage is the observations that a filter leaves, and what they propose.
type ObsListPage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Names    book
	Me       ref.ID
	Now      time.Time
	Query    url.Values
	List     *observation.List
	By       string // of the board
	Columns  []observation.Column
	Proposed []observation.Proposal
	Bulk     bulkBar
	Form     url.Values
	Wrong    *fault.Fault
	may      func(access.Verb) bool
}

func (w *Web) obsListPage(r *http.Request, title string) ObsListPage {
	p := ObsListPage{Head: w.keepHead(r, title), Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC(), Query: r.URL.Query(), List: &observation.List{}, may: w.rights(r)}
	p.Head.Wide = true
	return p
}

func obsList(w *Web, r *http.Request) (Answer, error) {
	p := w.obsListPage(r, "Observations")
	return w.obsListed(r, p)
}

func (w *Web) obsListed(r *http.Request, p ObsListPage) (Answer, error) {
	list, err := w.Observations.List(r.Context(), p.filter(), observation.Page{After: p.Query.Get("after")})
	if f, ok := formFault(err); ok {
		p.Wrong = f
	} else if err != nil {
		return Answer{}, err
	} else {
		p.List = list
	}
	if p.Proposed, err = w.Observations.Proposals(r.Context()); err != nil {
		return Answer{}, err
	}
	p.Bulk = w.bulkOn(r, &p.Head, obsName, addParam(p.with("/observations", "", ""), "after", p.Query.Get("after")), p.count())
	return show(statusFor(p.Wrong), obsListView(p))
}

// count says how many there are, where one page holds them all.
func (p ObsListPage) count() string {
	if p.List.Next != "" || p.Query.Get("after") != "" {
		return ""
	}
	return howMany(p.Head.Reads, len(p.List.Observations), obsName)
}

func obsBoard(w *Web, r *http.Request) (Answer, error) {
	p := w.obsListPage(r, "Board of the observations")
	p.Head.Style += " " + boardStyle
	p.By = or(r.FormValue("by"), observation.Boards[0])
	if !slices.Contains(observation.Boards, p.By) {
		p.By = observation.Boards[0]
	}
	var err error
	p.Columns, err = w.Observations.Board(r.Context(), p.filter(), p.By)
	if f, ok := formFault(err); ok {
		p.Wrong = f
	} else if err != nil {
		return Answer{}, err
	}
	return show(statusFor(p.Wrong), obsBoardView(p))
}

// obsParams are the parameters of the address that filter.
var obsParams = []string{"state", "stage", "rating", "owner", "cause", "source", "label", "late", "q", "by"}

// filter reads the address.
func (p ObsListPage) filter() observation.Filter {
	q := p.Query
	f := observation.Filter{Stage: q.Get("stage"), Rating: q.Get("rating"), Cause: q.Get("cause"), Source: q.Get("source"), Label: q.Get("label"), Owner: ref.ID(q.Get("owner")),
		Overdue: q.Get("late") != "", Text: q.Get("q"), State: "open"}
	switch f.Owner {
	case "me":
		f.Owner = p.Me
	case "unknown":
		f.Owner, f.Unowned = "", true
	}
	switch s := q.Get("state"); {
	case s == "closed":
		f.State = s
	case s == "any", f.Stage != "":
		f.State = ""
	}
	return f
}

// with is the address with one parameter changed, from its first page on.
func (p ObsListPage) with(path, name, value string) string {
	return addressed(path, p.Query, obsParams, name, value)
}

// filtering is the bar above the list.
func (p ObsListPage) filtering(path string) ui.Filtering {
	f := ui.Filtering{Action: path, Query: p.Query.Get("q"), Hint: "Words, OBS-…"}
	var stages, ratings []ui.Option
	for _, s := range obsMachine(p.Rules).Stages {
		stages = append(stages, ui.Option{Value: s.Name, Text: s.Title})
	}
	for _, x := range slices.Backward(p.Rules.Register.Observations.Ratings) {
		ratings = append(ratings, ui.Option{Value: x.Word, Text: x.Title})
	}
	if path == "/observations" {
		f.Filters = []ui.Filter{{Name: "state", Label: "State", None: "Open", Value: p.Query.Get("state"), Options: []ui.Option{{Value: "closed", Text: "Closed"}, {Value: "any", Text: "Open and closed"}}},
			{Name: "stage", Label: "Stage", Value: p.Query.Get("stage"), Options: stages}}
	} else {
		f.Hidden = []ui.Pair{{Name: "by", Value: p.By}}
	}
	f.Filters = append(f.Filters, ui.Filter{Name: "rating", Label: "Rating", Value: p.Query.Get("rating"), Options: ratings},
		ui.Filter{Name: "owner", Label: "Owner", Value: p.Query.Get("owner"), Options: append([]ui.Option{{Value: "me", Text: "Me"}, {Value: "unknown", Text: "Nobody"}}, staffOptions(p.Names)...)})
	for _, name := range obsParams {
		v := p.Query.Get(name)
		if v == "" || name == "by" {
			continue
		}
		f.Clear = path
		if name == "cause" || name == "source" || name == "label" || name == "late" {
			f.Set = append(f.Set, ui.Link{Text: name + ": " + v, Href: p.with(path, name, "")})
		}
	}
	return f
}

func (p ObsListPage) paging() ui.Paging {
	g := ui.Paging{}
	if p.List.Next != "" {
		g.Older = addParam(p.with("/observations", "", ""), "after", p.List.Next)
	}
	if p.Query.Get("after") != "" {
		g.Newer = p.with("/observations", "", "")
	}
	return g
}

func (p ObsListPage) layouts() []ui.Tab {
	var out []ui.Tab
	for _, by := range observation.Boards {
		out = append(out, ui.Tab{Text: "By " + by, Href: p.with("/observations/board", "by", by), Now: by == p.By})
	}
	return out
}

// columnHref is the list of a column's observations.
func (p ObsListPage) columnHref(c observation.Column) string {
	if c.Name == "" {
		return "/observations"
	}
	return "/observations?" + url.Values{p.By: {c.Name}}.Encode()
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
		p := w.obsListPage(r, "Observations")
		p.Form, p.Wrong = r.PostForm, f
		return w.obsListed(r, p)
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
		if id, err = w.Observations.Open(r.Context(), in); err == nil {
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
