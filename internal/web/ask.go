package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/saved"
	"tocsin/internal/web/ui"
)

// askRoutes complete the query of each list.
var askRoutes = []Route{
	{Pattern: "GET /cases/complete", Do: completes(func(w *Web) completer { return w.Cases.Complete })},
	{Pattern: "GET /inbox/complete", Do: completes(func(w *Web) completer { return w.Reports.Complete })},
	{Pattern: "GET /register/complete", Do: completes(func(w *Web) completer { return w.Risks.Complete })},
	{Pattern: "GET /observations/complete", Do: completes(func(w *Web) completer { return w.Observations.Complete })},
	{Pattern: "GET /advisory/complete", Do: completes(func(w *Web) completer { return w.Advisories.Complete })},
	{Pattern: "GET /people/complete", Do: completes(func(w *Web) completer {
		return func(ctx context.Context, text string, at int) (query.Completion, error) {
			return w.Parties.Complete(ctx, party.Vocabulary(w.Rules), text, at)
		}
	})},
}

// completer is the operation that tells what could stand at a place of a query.
type completer func(ctx context.Context, text string, at int) (query.Completion, error)

// completes is the handler of the address that completes a list's query.
func completes(of func(*Web) completer) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		text := r.FormValue("q")
		if len(text) > query.MaxText {
			return Answer{}, fault.At("q", "a query has at most %d bytes; take something out", query.MaxText)
		}
		at, err := strconv.Atoi(r.FormValue("at"))
		if err != nil {
			at = len(text)
		}
		c, err := of(w)(r.Context(), text, query.Bytes(text, at))
		if err != nil {
			return Answer{}, err
		}
		var out []ui.AskOffer
		for _, o := range c.Offers {
			head, tail := text[:c.From]+o.Put, strings.TrimLeft(text[c.To:], " ")
			if !o.More && !strings.HasPrefix(tail, ",") {
				head += " "
			}
			out = append(out, ui.AskOffer{Put: o.Put, Title: o.Title, Text: head + tail, At: query.Units(head, len(head))})
		}
		return show(200, ui.AskOffers(out))
	}
}

// place is a list that can be asked: where it is, its words, what it shows unless it
// is asked, and how its old parameters are said in the language.
type place struct {
	path, name, plain string
	words             func(*profile.Profile) *query.Vocabulary
	old               []oldParam
	views             []ui.Link // the views that come with the program; Href is the query
	beside            []string  // parameters that narrow the list and are no words of the language
}

// oldParam is a parameter of a list's address from before there was a language.
type oldParam struct {
	name string
	says map[string]string // the query of a value; what is missing is a value of the field
}

// unknown is how old parameters ask for what has no value.
var unknown = map[string]string{"unknown": query.None}

var casePlace = place{path: "/cases", name: "cases", plain: "is:open", words: casework.Vocabulary,
	old: []oldParam{{"state", map[string]string{"open": "is:open", "closed": "is:closed", "any": ""}}, {"stage", nil}, {"severity", unknown}, {"owner", unknown}, {"product", unknown}, {"component", unknown},
		{"cwe", unknown}, {"label", nil}, {"source", unknown},
		{"age", map[string]string{"30": "opened<30d", "90": "opened>30d opened<90d", "365": "opened>90d opened<365d", "older": "opened>365d", "unknown": "opened:none"}},
		{"due", map[string]string{"soon": "due<7d"}}, {"late", map[string]string{"yes": "is:breached"}}},
	views: []ui.Link{{Text: "Open", Href: "is:open"}, {Text: "Mine", Href: "is:open owner:me"}, {Text: "Nobody's", Href: "is:open owner:none"}, {Text: "Overdue", Href: "is:overdue"},
		{Text: "Closed", Href: "is:closed"}, {Text: "All", Href: ""}}}

// boardPlace is the cases as a board, which shows open ones alone.
var boardPlace = place{path: "/cases/board", name: "board", words: casework.Vocabulary, old: casePlace.old}

var inboxPlace = place{path: "/inbox", name: "inbox", plain: "is:undecided", words: intake.Vocabulary,
	old:   []oldParam{{"state", map[string]string{"any": ""}}, {"stage", nil}, {"severity", unknown}, {"source", unknown}, {"cwe", unknown}},
	views: []ui.Link{{Text: "To decide", Href: "is:undecided"}, {Text: "Overdue", Href: "is:undecided is:overdue"}, {Text: "Decided", Href: "is:decided"}, {Text: "All", Href: ""}}}

var advisoryPlace = place{path: "/advisory", name: "advisories", words: advisory.Vocabulary, old: []oldParam{{"stage", nil}}}

// asking is what a request asks of a list.
type asking struct {
	place
	rules      *profile.Profile
	vocabulary *query.Vocabulary
	params     url.Values
	text       string // as it stands in the box
	query      query.Query
	wrong      *fault.Fault
	saved      []saved.View // of the reader
}

// ask reads what a request asks of a list: the query in q, or what the list shows
// unless it is asked, and the old parameters, each in the place of what the query
// says of its field.
func (w *Web) ask(r *http.Request, p place) asking {
	return asking{place: p, rules: w.Rules, vocabulary: p.words(w.Rules)}.of(r.URL.Query())
}

// of is what the parameters of another address of the list ask for.
func (a asking) of(params url.Values) asking {
	a.params, a.wrong = params, nil
	a.text = a.base(a.rules)
	q, err := a.vocabulary.Parse(a.text)
	for i := 0; err == nil && i < len(a.place.old); i++ {
		q, err = a.old(q, a.place.old[i])
	}
	if err != nil {
		a.fail(err)
		return a
	}
	a.query, a.text = q, q.String()
	return a
}

// base is the query before the old parameters. Who asks for nothing wants the work
// that waits, and who asks for a stage at which records rest wants those.
func (a asking) base(rules *profile.Profile) string {
	stage := a.params.Get("stage")
	if a.params.Has("q") {
		return a.params.Get("q")
	}
	if a.params.Get("state") != "" || a.params.Get("view") == "closed" || stage != "" && rests(a.place, rules, stage) {
		return ""
	}
	return a.plain
}

func rests(p place, rules *profile.Profile, stage string) bool {
	if p.name == "inbox" {
		return true // who asks for a stage of reports wants it, whatever it is
	}
	machine := rules.Lifecycle("case")
	switch p.name {
	case registerName:
		machine = riskMachine(rules)
	case obsName:
		machine = obsMachine(rules)
	}
	s, ok := machine.Stage(stage)
	return ok && s.Terminal
}

// old puts the value of an old parameter into the query.
func (a *asking) old(q query.Query, o oldParam) (query.Query, error) {
	x := a.params.Get(o.name)
	if x == "" {
		return q, nil
	}
	text, ok := o.says[x]
	_, field := a.vocabulary.Field(o.name)
	switch {
	case !ok && !field:
		return q, nil
	case !ok:
		text = o.name + `:"` + strings.ReplaceAll(x, `"`, "") + `"`
	case text == query.None:
		text = o.name + ":" + text
	}
	more, err := a.vocabulary.Parse(text)
	if err != nil {
		a.text = strings.TrimSpace(q.String() + " " + text)
		return q, err
	}
	for i, t := range more.Terms {
		if i == 0 && t.Field != "is" {
			q = q.With(t)
		} else {
			q = q.And(t)
		}
	}
	return q, nil
}

// fail keeps what is wrong with the query.
func (a *asking) fail(err error) { a.wrong = fault.Of(err) }

// refused keeps what an operation found wrong: with the query beside the box, with
// anything else in other.
func (a *asking) refused(err error, other **fault.Fault) error {
	f, ok := formFault(err)
	switch {
	case !ok:
		return err
	case len(f.Fields) > 0 && f.Fields[0].Name == "q":
		a.wrong = f
	default:
		*other = f
	}
	return nil
}

// status is that of the page.
func (a asking) status(other *fault.Fault) int {
	if a.wrong != nil {
		return statusFor(a.wrong)
	}
	return statusFor(other)
}

// choice is a list of answers for one field.
func (a asking) choice(name, label string, list []ui.Option) ui.Choice {
	v := a.chosen(name)
	return ui.Choice{Input: ui.Input{Name: name, Label: label, Value: v, Silent: true}, Blank: "—", Options: keep(list, v)}
}

// address is the list as a query asks for it, with parameters besides.
func (a asking) address(text string, pairs ...string) string {
	v := url.Values{}
	if text != a.plain {
		v.Set("q", text)
	}
	for _, name := range a.kept() {
		v.Set(name, a.params.Get(name))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Del(pairs[i]); pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return a.path
	}
	return a.path + "?" + v.Encode()
}

// kept are the parameters besides the query that are set: the order, and what the
// language has no words for.
func (a asking) kept() []string {
	return slices.DeleteFunc(append([]string{"order"}, a.beside...), func(name string) bool { return a.params.Get(name) == "" })
}

// with is the present list with parameters changed, from its first page on.
func (a asking) with(pairs ...string) string { return a.address(a.text, pairs...) }

// paging says where in the list we are; there is a way back to its beginning.
func (a asking) paging(next string) ui.Paging {
	g := ui.Paging{}
	if next != "" {
		g.Older = a.with("after", next)
	}
	if a.params.Get("after") != "" {
		g.Newer = a.with()
	}
	return g
}

// box is the box above the list.
func (a asking) box(says, hint string) ui.Asking {
	b := ui.Asking{Action: a.path, Complete: strings.TrimSuffix(a.path, "/board") + "/complete", Text: a.text, Hint: hint, Says: says}
	for _, name := range a.kept() {
		b.Hidden = append(b.Hidden, ui.Pair{Name: name, Value: a.params.Get(name)})
	}
	for i, t := range a.query.Terms {
		b.Set = append(b.Set, ui.Link{Text: a.vocabulary.Says(t), Href: a.address(a.query.Without(i).String())})
	}
	if a.text != a.plain {
		b.Clear = a.path
	}
	if a.wrong != nil {
		b.Wrong = strings.ToUpper(a.wrong.Says[:1]) + a.wrong.Says[1:]
		if !strings.HasSuffix(b.Wrong, "?") {
			b.Wrong += "."
		}
		if at := (*query.Wrong)(nil); errors.As(a.wrong, &at) && at.To <= len(a.text) {
			b.Marked = [3]string{a.text[:at.From], a.text[at.From:at.To], a.text[at.To:]}
		}
	}
	return b
}

// chosen is what the query asks for a field, where it asks for one thing.
func (a asking) chosen(field string) string {
	i := slices.IndexFunc(a.query.Terms, func(t query.Term) bool {
		return t.Field == field && !t.Not && t.Op == query.Is && len(t.Values) == 1
	})
	if i < 0 {
		return ""
	}
	return a.query.Terms[i].Values[0]
}

// narrowed tells whether anything but what the list shows by itself is asked for.
func (a asking) narrowed() bool { return a.text != a.plain }
