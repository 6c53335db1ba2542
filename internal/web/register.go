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
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// registerRoutes are the risk register as a whole: where it stands, as a list and
// as a board.
var registerRoutes = []Route{
	{Pattern: "GET /register", Do: registerList},
	{Pattern: "GET /register/board", Do: registerBoard},
}

// registerStyle is the style sheet of every page of the register.
const registerStyle = "register.css"

// registerHead is the head of a page of the register.
func (w *Web) registerHead(r *http.Request, title string) ui.PageHead {
	h := w.head(r, title, "register")
	h.Style = registerStyle
	return h
}

// registerTabs lead between the parts of the register; now is the address of the
// one that is shown.
func registerTabs(now string) []ui.Tab {
	var out []ui.Tab
	for _, t := range [...]ui.Link{{Text: "Risks", Href: "/register"}, {Text: "Recurrence", Href: "/register/recurrence"}, {Text: "Observations", Href: "/observations"},
		{Text: "Reviews", Href: "/reviews"}, {Text: "Appetite", Href: "/register/appetite"}} {
		out = append(out, ui.Tab{Text: t.Text, Href: t.Href, Now: t.Href == now})
	}
	return out
}

// RegisterPage is the register as a filter leaves it: where its risks stand, and
// those with the highest scores.
type RegisterPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Me    ref.ID
	Now   time.Time
	Query url.Values
	Over  *risk.Overview
	List  *risk.List
	Wrong *fault.Fault
	Asked asking // the query of the address, and the views that were saved
	Bulk  bulkBar
	may   func(access.Verb) bool
}

func (w *Web) registerPage(r *http.Request, title string) RegisterPage {
	p := RegisterPage{Head: w.registerHead(r, title), Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC(), Query: r.URL.Query(),
		Over: &risk.Overview{}, List: &risk.List{}, may: w.rights(r)}
	p.Head.Wide = true
	p.Asked = asking{place: registerPlace, vocabulary: risk.Vocabulary(w.Rules), params: p.Query, text: p.Query.Get("q")}
	if q, err := p.Asked.vocabulary.Parse(p.Asked.text); err != nil {
		p.Asked.fail(err)
	} else {
		p.Asked.query = q
	}
	return p
}

// registerPlace is the register as a list that can be asked.
var registerPlace = place{path: "/register", name: "register", words: risk.Vocabulary}

func registerList(w *Web, r *http.Request) (Answer, error) {
	p := w.registerPage(r, "Risk register")
	if p.Asked.kept = p.query(); p.Asked.wrong != nil {
		p.Over.Scales = risk.ScalesOf(w.Rules)
		if _, err := p.Asked.loadViews(w, r); err != nil {
			return Answer{}, err
		}
		return show(statusFor(p.Asked.wrong), registerView(p))
	}
	var to string
	var err error
	p.Over, p.List, err = w.Risks.Front(r.Context(), p.wide(), p.filter(), risk.Page{After: p.Query.Get("after"), Counted: true}, func(v *gate.View) (err error) {
		if to, err = p.Asked.loadViewsIn(w, v); err == nil && to != "" {
			err = errLed
		}
		return err
	})
	if to != "" {
		return Answer{To: to}, nil
	}
	if err != nil {
		p.Over, p.List = &risk.Overview{Scales: risk.ScalesOf(w.Rules)}, &risk.List{}
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Bulk = w.bulkOn(r, &p.Head, registerPlace.name, p.page(), p.count())
	return show(p.Asked.status(p.Wrong), registerView(p))
}

// page is the address of the page of the list that is shown.
func (p RegisterPage) page() string {
	if after := p.Query.Get("after"); after != "" {
		return addParam(p.with(), "after", after)
	}
	return p.with()
}

// errLed ends the reading of a page in whose place another is shown.
var errLed = errors.New("led to the view that the list opens with")

// savedView is a filter with a name.
type savedView struct {
	word, title, none string
	narrow            func(f *risk.Filter, p RegisterPage)
}

// registerViews are the saved views, in the order of their tabs. The first has no
// word of its own in the address.
var registerViews = []savedView{
	{"", "All open", "", func(*risk.Filter, RegisterPage) {}},
	{"above", "Above tolerance", "Every scored risk stands within the tolerance in force.", func(f *risk.Filter, _ RegisterPage) { f.Standing = "outside" }},
	{"overdue", "Overdue", "Nothing is past its date.", func(f *risk.Filter, _ RegisterPage) { f.Overdue = true }},
	{"mine", "My risks", "You are the business owner of no open risk.", func(f *risk.Filter, p RegisterPage) { f.Owner = p.Me }},
	{"held", "Held for validation", "On every rating, base and evidence agree, or a person has looked.", func(f *risk.Filter, _ RegisterPage) { f.Held = true }},
	{"review", "Review due", "No review is due.", func(f *risk.Filter, p RegisterPage) { f.ReviewBefore = p.Now }},
	{"closed", "Closed", "No risk was closed yet.", func(f *risk.Filter, _ RegisterPage) { f.State = "closed" }},
}

// view is the saved view that the address names.
func (p RegisterPage) view() int {
	return max(0, slices.IndexFunc(registerViews, func(v savedView) bool { return v.word == p.Query.Get("view") }))
}

// filter reads the address.
func (p RegisterPage) filter() risk.Filter {
	f := p.wide()
	f.Likelihood, f.Impact = cellOf(p.Query.Get("likelihood")), cellOf(p.Query.Get("impact"))
	return f
}

// wide is the filter without the cell of the heat map, so that the map shows what
// lies beside the cell, too.
func (p RegisterPage) wide() risk.Filter {
	q := p.Query
	f := risk.Filter{State: "open", Stage: q.Get("stage"), Kind: q.Get("kind"), Scope: q.Get("scope"), Department: q.Get("department"), Response: q.Get("response"),
		Rating: q.Get("rating"), Standing: q.Get("standing"), Label: q.Get("label"), Choice: q.Get("choice"), Parent: q.Get("parent"), Owner: ref.ID(q.Get("owner")), Security: ref.ID(q.Get("security")),
		About: q.Get("about"), Query: p.Asked.query, Order: q.Get("order")}
	for _, who := range []*ref.ID{&f.Owner, &f.Security} {
		if *who == "me" {
			*who = p.Me
		}
	}
	if s, ok := riskMachine(p.Rules).Stage(f.Stage); ok && s.Terminal {
		f.State = "closed" // who asks for a stage of closed risks wants those
	}
	registerViews[p.view()].narrow(&f, p)
	if f.Query.Has("is", "open", "closed") {
		f.State = "" // the query says it
	}
	return f
}

// query is what the address asks for, as a saved view keeps it.
func (p RegisterPage) query() string {
	_, q, _ := strings.Cut(p.with(), "?")
	return q
}

// cellOf reads a level of a scale; what is none is no filter.
func cellOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// registerParams are the parameters of the address that filter.
var registerParams = []string{"view", "stage", "rating", "standing", "scope", "department", "response", "kind", "choice", "owner", "security", "label", "parent", "about", "likelihood", "impact", "q"}

// with is the address with parameters changed, from its first page on.
func (p RegisterPage) with(pairs ...string) string { return p.at("/register", pairs...) }

func (p RegisterPage) at(path string, pairs ...string) string {
	return addressed(path, p.Query, append(slices.Clone(registerParams), "order", "by"), pairs...)
}

// views are the tabs of the saved views, with what waits in them.
func (p RegisterPage) views() []ui.Tab {
	count := map[string]string{}
	if p.plain() {
		out := 0
		for _, c := range p.Over.Of("standing") {
			if c.Word == "above" || c.Word == "beyond" {
				out += c.Count
			}
		}
		count = map[string]string{"": number(p.Over.Total), "above": number(out), "overdue": number(p.Over.Overdue), "held": number(p.Over.Held), "review": number(p.Over.Review)}
	}
	var out []ui.Tab
	for i, v := range registerViews {
		href := "/register"
		if v.word != "" {
			href += "?view=" + v.word
		}
		out = append(out, ui.Tab{Text: v.title, Href: href, Count: count[v.word], Hot: v.word != "" && count[v.word] != "", Now: i == p.view()})
	}
	for _, v := range p.Asked.saved {
		t := ui.Tab{Text: ui.Visible(v.Name), Href: "/register?" + v.Query, Now: v.Query == p.Asked.kept}
		if t.Now {
			for i := range out {
				out[i].Now = false
			}
		}
		if v.Shared {
			t.Count = "shared"
		}
		out = append(out, t)
	}
	return out
}

// plain tells whether nothing narrows the register, so that its numbers are those
// of the whole.
func (p RegisterPage) plain() bool {
	return !slices.ContainsFunc(registerParams, func(name string) bool { return p.Query.Get(name) != "" })
}

// paging says where in the list we are.
func (p RegisterPage) paging() ui.Paging {
	g := ui.Paging{}
	if p.List.Next != "" {
		g.Older = addParam(p.with(), "after", p.List.Next)
	}
	if p.Query.Get("after") != "" {
		g.Newer = p.with()
	}
	return g
}

func (p RegisterPage) count() string {
	switch p.List.Count {
	case "":
		return ""
	case "1":
		return "1 risk"
	}
	return p.List.Count + " risks"
}

// counts tells which evidence the numbers count: a reader is never left to guess.
func (p RegisterPage) counts() string {
	switch p.List.World {
	case risk.WorldAll:
		return "Scores count all evidence, also that which you may not open; each risk says how much of it there is."
	case risk.WorldOpen:
		return "Scores count the evidence that all staff may open. What you may not open is not counted."
	}
	return "Lists tell scores to staff alone; a risk that was shared with you tells its own by the evidence that you may open."
}

// empty tells whether the register holds nothing at all.
func (p RegisterPage) empty() bool { return p.plain() && p.Over.Total == 0 && len(p.List.Risks) == 0 }

// riskMachine is the life cycle of risks that is in force.
func riskMachine(rules *profile.Profile) *lifecycle.Machine {
	return rules.Lifecycle(rules.Register.Lifecycle)
}

func riskStage(rules *profile.Profile, name string) string {
	return stageOf(rules, rules.Register.Lifecycle, name)
}

// riskAddress is the page of a risk, on one of its sides.
func riskAddress(id ref.ID, side string) string {
	at := "/risks/" + url.PathEscape(string(id))
	if side == "" || side == riskSides[0].word {
		return at
	}
	return at + "/" + side
}

// pathOf shows where the score came from and where it is: 20, 15, 18.
func pathOf(reads *ui.Reader, s risk.Standing) []ui.Pair {
	var out []ui.Pair
	for _, x := range []struct {
		name  string
		score float64
	}{{"inherent", s.Inherent}, {"residual", s.Residual}, {"now", s.Score}} {
		if x.score >= 0 {
			out = append(out, ui.Pair{Name: x.name, Value: riskNumber(reads, x.score)})
		}
	}
	return out
}
