package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/picture"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/cwe"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// recurRoutes are what keeps coming back: the picture, and what is decided about it.
var recurRoutes = []Route{
	{Pattern: "GET /register/recurrence", Do: recurPage},
	{Pattern: "GET /register/recurrence/others", Do: recurOthers},
	{Pattern: "GET /register/recurrence/newest", Do: recurNewest},
	{Pattern: "POST /register/recurrence/raise", Verb: recurrence.VerbRaise, Do: recurRaise},
	{Pattern: "POST /register/recurrence/dismiss", Verb: recurrence.VerbDismiss, Do: recurDismiss},
	{Pattern: "POST /register/recurrence/cover", Verb: risk.VerbEvidence, Do: recurCover},
}

// keepStyle are the style sheets of the pages of recurrence, indicators,
// observations and appetite.
const keepStyle = registerStyle + " recur.css"

// keepHead is the head of such a page.
func (w *Web) keepHead(r *http.Request, title string) ui.PageHead {
	h := w.registerHead(r, title)
	h.Style = keepStyle
	return h
}

// How much one page of recurrence shows.
const (
	recurExcluded = 50 // cases that do not count
	recurCards    = 6  // proposals that are spelled out
)

// RecurPage is what keeps coming back, in a window that ends today or on another day.
type RecurPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Now   time.Time
	Query url.Values
	*recurrence.Board
	Risks map[ref.ID]*risk.Risk // that stand for the groups
	Form  url.Values            // of a proposal that came back
	Wrong *fault.Fault
	may   func(access.Verb) bool
}

func recurPage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.recur(r)
	if err != nil {
		return Answer{}, err
	}
	return show(statusFor(p.Wrong), recurView(p))
}

// recur reads the page.
func (w *Web) recur(r *http.Request) (p RecurPage, err error) {
	p = RecurPage{Head: w.keepHead(r, "What keeps coming back"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Query: r.URL.Query(), may: w.rights(r)}
	p.Head.Wide = true
	ask, err := p.ask()
	if err == nil {
		p.Board, p.Risks, err = w.Risks.Recurring(r.Context(), w.Recurrence, ask)
	}
	if f, ok := formFault(err); ok { // the question made no sense: the usual one is answered
		p.Wrong = f
		p.Board, p.Risks, err = w.Risks.Recurring(r.Context(), w.Recurrence, recurrence.Ask{Groups: picture.Lines, Dots: picture.Dots, Parents: true})
	}
	return p, err
}

// ask reads the question from the address.
func (p RecurPage) ask() (recurrence.Ask, error) {
	ask := recurrence.Ask{Groups: picture.Lines, Dots: picture.Dots, Parents: true}
	if p.Query.Get("excluded") != "" {
		ask.Excluded = recurExcluded
	}
	var fs fault.Fields
	if s := strings.TrimSpace(p.Query.Get("as_of")); s != "" {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			fs.Add("as_of", "“%s” is no day; write it like 2026-10-31", s)
		}
		ask.AsOf = day
	}
	if s := strings.TrimSpace(p.Query.Get("min")); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			fs.Add("min", "“%s” is no number of cases; write 1 or more", s)
		}
		ask.Min = n
	}
	return ask, fs.Err()
}

// recurOthers is what late cases and unsupported products propose: a part of the page
// of recurrence, or by itself a page.
func recurOthers(w *Web, r *http.Request) (Answer, error) {
	p, err := w.others(r)
	if err != nil {
		return Answer{}, err
	}
	return show(200, recurOthersView(p))
}

func (w *Web) others(r *http.Request) (p RecurPage, err error) {
	p = RecurPage{Head: w.keepHead(r, "Also proposed"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Query: r.URL.Query(), may: w.rights(r)}
	p.Board, err = w.Recurrence.Others(r.Context(), recurCauses)
	return p, err
}

func recurRaise(w *Web, r *http.Request) (Answer, error) {
	id, err := w.Recurrence.Raise(once(r), r.PostFormValue("key"))
	if id, err = firstMade("risk", id, err); err != nil {
		return w.recurAgain(r, err)
	}
	w.Jobs.Wake()
	return lead(riskAddress(id, ""), "raised")
}

func recurDismiss(w *Web, r *http.Request) (Answer, error) {
	if err := w.Recurrence.Dismiss(r.Context(), r.PostFormValue("key"), r.PostFormValue("reason")); err != nil {
		return w.recurAgain(r, err)
	}
	return lead("/register/recurrence#dismissed", "dismissed")
}

// recurCover puts a group to a risk that is in the register: its cases, present and
// future, become evidence of that risk.
func recurCover(w *Web, r *http.Request) (Answer, error) {
	to := ref.Read(r.PostFormValue("risk"))
	if to.Kind() != "risk" {
		return w.recurAgain(r, fault.At("risk", "write the risk by its ID, such as RISK-7QK3D9XB; the register has them"))
	}
	err := w.Risks.Cover(r.Context(), to, recurrence.Key{Weakness: r.PostFormValue("weakness"), Product: r.PostFormValue("product"), Component: r.PostFormValue("component")})
	if fault.KindOf(err) == fault.NotFound {
		err = fault.At("risk", "there is no risk %s", to)
	}
	if err != nil {
		return w.recurAgain(r, err)
	}
	w.Jobs.Wake()
	return lead(riskAddress(to, ""), "covered")
}

// recurAgain shows the page again with what is wrong, and what was typed.
func (w *Web) recurAgain(r *http.Request, err error) (Answer, error) {
	f, ok := formFault(err)
	if !ok {
		return Answer{}, err
	}
	r.URL.RawQuery = ""
	if kind, _, _ := strings.Cut(r.PostFormValue("key"), "/"); kind == recurrence.Misses || kind == recurrence.Unsupported || kind == recurrence.Caused {
		p, err := w.others(r)
		p.Wrong, p.Form = f, r.PostForm
		if err != nil {
			return Answer{}, err
		}
		return show(statusFor(f), recurOthersView(p))
	}
	p, err := w.recur(r)
	if err != nil {
		return Answer{}, err
	}
	p.Wrong, p.Form = f, r.PostForm
	return show(statusFor(f), recurView(p))
}

// excludedHref is the page with the cases that do not count.
func (p RecurPage) excludedHref() string {
	return addParam(p.at("/register/recurrence"), "excluded", "yes") + "#apart"
}

// recurring draws what was read.
func (p RecurPage) recurring() picture.Recurring {
	return picture.Recurring{Board: p.Board, Risks: p.Risks, Rules: p.Rules, Now: p.Now, Reads: p.Head.Reads}
}

// lede says in one sentence what is to be seen.
func (p RecurPage) lede() string {
	return fmt.Sprintf("One line is a weakness in a component, one dot a case. The %s dot within %d months makes it systemic.", ordinal(p.Threshold), p.Window.Months)
}

// kindsOf are the weaknesses that one is a kind of, the nearest first.
func kindsOf(weakness string) []string {
	var out []string
	for _, w := range cwe.Ancestors(weakness) {
		if len(out) < 3 {
			out = append(out, w.ID+" "+picture.ShortWeakness(w.Name))
		}
	}
	return out
}

// since says when a group became systemic.
func (p RecurPage) since(g recurrence.Group) string {
	switch {
	case g.Reached != nil:
		return p.Head.Reads.Date(*g.Reached)
	case g.Systemic:
		return "with cases that you may not open"
	}
	return ""
}

// recurCard is a proposal as its card shows it.
type recurCard struct {
	recurrence.Proposal
	Draft recurrence.Draft
	ID    string
	Adds  []ui.Fact // what evidence adds, if the risk is raised
	Facts []string
	Open  bool   // the form of its dismissal is open
	Joins bool   // that of joining a risk is
	Typed string // as the reason of the dismissal
	Risk  string // typed as the risk
	Wrong *fault.Fault
}

// cards are the proposals, as many as are spelled out.
func (p RecurPage) cards() []recurCard {
	var out []recurCard
	for i, d := range p.Proposed {
		c := recurCard{Draft: d, Proposal: p.Why[i], ID: d.Kind[:1] + strconv.Itoa(i+1)}
		if p.Form.Get("key") == c.Key {
			c.Joins = p.Form.Has("risk")
			c.Open, c.Typed, c.Risk, c.Wrong = !c.Joins, p.Form.Get("reason"), p.Form.Get("risk"), p.Wrong
		}
		c.Facts = append(c.Facts, picture.PlaceOf(d.Group), plural(c.Count, "case", "cases"))
		if d.Kind == recurrence.Recurs {
			c.Facts = append([]string{d.Group.Weakness}, c.Facts...)
			c.Facts = append(c.Facts, plural(c.Points, "point", "points"))
			c.Adds = p.adds(c.Proposal)
		}
		out = append(out, c)
	}
	return out
}

// adds are what the evidence of a proposal would add to a judgement. The judgement
// itself is a person's, and not known before.
func (p RecurPage) adds(x recurrence.Proposal) []ui.Fact {
	e := p.Rules.Register.Evidence
	modify := func(bands []profile.Modifier, n int) string {
		var m []riskscore.Modifier
		for _, b := range bands {
			m = append(m, riskscore.Modifier(b))
		}
		return "+" + strconv.Itoa(riskscore.Modify(m, n))
	}
	return []ui.Fact{{Term: plural(x.Count, "case", "cases") + " in " + strconv.Itoa(e.Months) + " months", Text: "likelihood " + modify(e.CountBands, x.Count)},
		{Term: plural(x.Points, "severity point", "severity points"), Text: "impact " + modify(e.PointBands, x.Points)},
		{Term: "Base", Text: "judged once it is raised"}}
}

// cardOf is where the proposal of a group stands, "" where it has none.
func (p RecurPage) cardOf(g recurrence.Group) string {
	i := slices.IndexFunc(p.Why, func(x recurrence.Proposal) bool { return x.Key == g.ProposalKey() })
	if i < 0 {
		return ""
	}
	return "#" + recurrence.Recurs[:1] + strconv.Itoa(i+1)
}

// dismissed are the groups whose proposal was dismissed.
func (p RecurPage) dismissed() []recurrence.Group {
	return slices.DeleteFunc(slices.Clone(p.Groups), func(g recurrence.Group) bool { return g.Proposal != recurrence.Dismissed || g.Decision == nil })
}

// counts tells what the numbers count.
func (p RecurPage) counts() string {
	if p.Scope == "all" {
		return "The numbers count every case, as your role may; those that you may not open are told as a number and have no dot."
	}
	return "Every dot, number and proposal is of cases that you may open. Cases that you may not open are not counted at all."
}

// uncounted are the cases that no line shows, in sentences.
func (p RecurPage) uncounted() (out []string) {
	if p.Undated > 0 {
		out = append(out, plural(p.Undated, "case has", "cases have")+" no date, and so no place in any window.")
	}
	if p.NoWeakness > 0 {
		out = append(out, plural(p.NoWeakness, "case", "cases")+" of the window "+verbFor(p.NoWeakness, "states", "state")+" no weakness.")
	}
	if p.More > 0 {
		out = append(out, plural(p.More, "group is", "groups are")+" left out to be short; ask for more cases a line to see the largest.")
	}
	return out
}

func verbFor(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// rateWords write a rate a year.
func rateWords(reads *ui.Reader, x float64) string { return reads.Value(x, 2) }

// at is an address with the question kept: of the picture as a file, or of the data.
func (p RecurPage) at(address string) string {
	return addressed(address, rightly(p.Query, p.Wrong), []string{"as_of", "min"})
}

// recurField is the id of the field of a card's reason.
func recurField(c recurCard) string { return "f-reason-" + c.ID }

// joins tells whether the group of a card may be put to a risk that there is.
func (p RecurPage) joins(c recurCard) bool {
	return c.Kind == recurrence.Recurs && p.may(risk.VerbEvidence)
}
