package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
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

// registerName is the register among the lists that can be asked.
const registerName = "register"

// registerBeside narrow the register in no words: a cell of the map, and what the
// evidence is about.
var registerBeside = []string{"likelihood", "impact", "about"}

// unset is how old parameters ask for what is not set.
var unset = map[string]string{"unset": query.None, "unknown": query.None}

// registerPlace is the register as a list that can be asked.
var registerPlace = place{path: "/register", name: registerName, plain: "is:open", words: risk.Vocabulary, beside: registerBeside,
	old: []oldParam{{"state", map[string]string{"open": "is:open", "closed": "is:closed", "any": ""}},
		{"view", map[string]string{"above": "standing:above,beyond", "overdue": "is:overdue", "mine": "owner:me", "held": "is:held", "review": "review<0d", "closed": "is:closed"}},
		{"stage", nil}, {"rating", unset}, {"standing", map[string]string{"outside": "standing:above,beyond", "unset": query.None}}, {"owner", unset}, {"security", unset}, {"label", nil}, {"kind", unset},
		{"scope", unset}, {"department", unset}, {"response", unset}, {"choice", unset}, {"parent", nil}},
	views: registerLinks()}

// stockView is a view that comes with the program.
type stockView struct {
	title, query string
	none         string                   // why it shows nothing
	waits        func(*risk.Overview) int // how many risks wait in it; nil is not told
}

// registerViews are those of the register, in the order of their tabs.
var registerViews = []stockView{
	{"All open", "is:open", "", func(o *risk.Overview) int { return o.Total }},
	{"Above tolerance", "is:open standing:above,beyond", "Every scored risk stands within the tolerance in force.", above},
	{"Overdue", "is:open is:overdue", "Nothing is past its date.", func(o *risk.Overview) int { return o.Overdue }},
	{"My risks", "is:open owner:me", "You are the business owner of no open risk.", nil},
	{"Held for validation", "is:open is:held", "On every rating, base and evidence agree, or a person has looked.", func(o *risk.Overview) int { return o.Held }},
	{"Review due", "is:open review<0d", "No review is due.", func(o *risk.Overview) int { return o.Review }},
	{"Closed", "is:closed", "No risk was closed yet.", nil},
}

func registerLinks() (out []ui.Link) {
	for _, v := range registerViews {
		out = append(out, ui.Link{Text: v.title, Href: v.query})
	}
	return out
}

// above is how many risks stand above the tolerance.
func above(o *risk.Overview) (n int) {
	for _, c := range o.Of("standing") {
		if c.Word == string(riskscore.Above) || c.Word == string(riskscore.Beyond) {
			n += c.Count
		}
	}
	return n
}

func (w *Web) registerPage(r *http.Request, title string, at place) RegisterPage {
	p := RegisterPage{Head: w.registerHead(r, title), Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC(), Query: r.URL.Query(),
		Over: &risk.Overview{}, List: &risk.List{}, Asked: w.ask(r, at), may: w.rights(r)}
	p.Head.Wide = true
	return p
}

func registerList(w *Web, r *http.Request) (Answer, error) {
	p := w.registerPage(r, "Risk register", registerPlace)
	if p.Asked.wrong != nil {
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
	p.Bulk = w.bulkOn(r, &p.Head, registerPlace.name, p.with("after", p.Query.Get("after")), p.count())
	return show(p.Asked.status(p.Wrong), registerView(p))
}

// errLed ends the reading of a page in whose place another is shown.
var errLed = errors.New("led to the view that the list opens with")

// filter reads the address.
func (p RegisterPage) filter() risk.Filter {
	f := p.wide()
	f.Likelihood, f.Impact = cellOf(p.Query.Get("likelihood")), cellOf(p.Query.Get("impact"))
	return f
}

// wide is the filter without the cell of the heat map, so that the map shows what
// lies beside the cell, too. What the query says of open and closed is said beside it,
// for the indexes that know it.
func (p RegisterPage) wide() risk.Filter {
	f := risk.Filter{About: p.Query.Get("about"), Query: p.Asked.query, Order: p.Query.Get("order")}
	for _, state := range []string{"open", "closed"} {
		if f.Query.Has("is", state) {
			f.State = state
		}
	}
	return f
}

// cellOf reads a level of a scale; what is none is no filter.
func cellOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// with is the address with parameters changed, from its first page on.
func (p RegisterPage) with(pairs ...string) string { return p.Asked.with(pairs...) }

// pictures is the address of a picture of what is asked for.
func (p RegisterPage) pictures(name string) string {
	a := p.Asked
	a.path = "/register/pictures/" + name
	return a.with()
}

// whose is the register as it is asked for, with a field asked for one word; "" is
// where it is not set.
func (p RegisterPage) whose(field, word string) string {
	q, err := p.Asked.query.Set(field, or(word, query.None))
	if err != nil {
		return registerPlace.path // no word of the present profile
	}
	if a := p.Asked; a.place.name != registerName { // a board is of open ones alone
		a.place = registerPlace
		if open, err := a.vocabulary.Parse(a.plain); err == nil && !q.Has("is", "open") {
			q = q.And(open.Terms[0])
		}
		return a.address(q.String())
	}
	return p.Asked.address(q.String())
}

// views are the tabs of the views, with what waits in them.
func (p RegisterPage) views() []ui.Tab {
	out := p.Asked.tabs()
	if !p.plain() {
		return out
	}
	for i, v := range registerViews {
		if v.waits != nil {
			n := number(v.waits(p.Over))
			out[i].Count, out[i].Hot = n, i > 0 && n != ""
		}
	}
	return out
}

// none says why the view that is shown is empty.
func (p RegisterPage) none() string {
	i := slices.IndexFunc(registerViews, func(v stockView) bool { return v.query == p.Asked.text })
	if i < 0 || len(p.narrows()) > 0 {
		return ""
	}
	return registerViews[i].none
}

// narrows are the parameters beside the query that narrow.
func (p RegisterPage) narrows() []string {
	return slices.DeleteFunc(slices.Clone(registerBeside), func(name string) bool { return p.Query.Get(name) == "" })
}

// plain tells whether nothing narrows the register, so that its numbers are those
// of the whole.
func (p RegisterPage) plain() bool { return !p.Asked.narrowed() && len(p.narrows()) == 0 }

func (p RegisterPage) count() string { return inAll(p.List.Count, registerPlace.name) }

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
