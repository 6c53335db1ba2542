package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/insight"
	"tocsin/internal/passage"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// SearchPage is what a search found of every kind.
type SearchPage struct {
	Head  ui.PageHead
	Text  string
	In    string // the kind that the search is narrowed to; "" is all
	Found []foundKind
	Rules *profile.Profile
	Wrong string
	Hint  string // how a search that is no error was read
}

// foundKind is what was found of one kind.
type foundKind struct {
	Kind string
	Rows []foundItem
	Many int
}

// foundItem is one row of what was found.
type foundItem struct {
	To, Title, ID string
	What          string // what it is, in a word
	Says          string // the words in what stands around them
	Peek          string // the record that can be looked at beside the list; "" is none
	Severity      string // where Severe
	Severe        bool
	At            time.Time
}

// How many rows a search shows of each kind, and of one that it is narrowed to.
const (
	searchRows = 8
	narrowRows = insight.MostFound
)

// The kinds of what a search finds that stand on no record.
const (
	foundPeople   = "person"
	foundProducts = "product"
)

// searchPage looks for words, or goes straight to the record whose ID was typed.
func searchPage(w *Web, r *http.Request) (Answer, error) {
	p := SearchPage{Head: w.head(r, "Search", ""), Text: strings.TrimSpace(r.FormValue("q")), In: r.FormValue("in"), Rules: w.Rules}
	p.Head.Query, p.Head.Style = p.Text, "search.css"
	if p.Text == "" {
		return show(200, searchView(p))
	}
	if id := ref.Read(p.Text); jumps[id.Kind()] && len(id) == len(id.Kind())+1+idLetters {
		return lead(recordHref(id), "")
	}
	err := w.search(r, &p)
	if f, ok := formFault(err); ok {
		p.Wrong = f.Says
		return show(statusOf(f), searchView(p))
	}
	if err != nil {
		return Answer{}, err
	}
	p.Hint = insight.Hint(p.Text)
	return show(200, searchView(p))
}

// search fills in what was found.
func (w *Web) search(r *http.Request, p *SearchPage) error {
	rows, in := searchRows, []string(nil)
	if p.In != "" {
		rows, in = narrowRows, []string{p.In}
		if p.In == foundPeople || p.In == foundProducts {
			rows, in = 1, nil
		}
	}
	found, err := w.Across.Search(r.Context(), p.Text, rows, in...)
	if err != nil {
		return err
	}
	for _, f := range found {
		p.Found = append(p.Found, p.kind(f))
	}
	products, err := w.productsFound(r.Context(), p.Text, narrowRows)
	if err != nil {
		return err
	}
	for kind, hits := range map[string][]hit{foundPeople: w.knownFound(r, p.Text), foundProducts: products} {
		f := foundKind{Kind: kind, Many: len(hits)}
		for _, h := range hits {
			f.Rows = append(f.Rows, foundItem{To: h.To, Title: h.Text, What: capital(h.Kind)})
		}
		p.Found = append(p.Found, f)
	}
	p.settle()
	return nil
}

// settle leaves out kinds without anything but the one that was asked for, sorts the
// others and cuts them to what is shown.
func (p *SearchPage) settle() {
	p.Found = slices.DeleteFunc(p.Found, func(f foundKind) bool { return f.Many == 0 })
	if p.In != "" && !slices.ContainsFunc(p.Found, func(f foundKind) bool { return f.Kind == p.In }) {
		p.Found = append(p.Found, foundKind{Kind: p.In})
	}
	slices.SortStableFunc(p.Found, func(a, b foundKind) int { return slices.Index(foundOrder, a.Kind) - slices.Index(foundOrder, b.Kind) })
	for i, f := range p.Found {
		switch {
		case p.In == "":
			p.Found[i].Rows = f.Rows[:min(len(f.Rows), searchRows)]
		case p.In != f.Kind:
			p.Found[i].Rows = nil
		}
	}
}

// foundOrder is the order in which kinds are shown.
var foundOrder = append(insight.Searched(), foundPeople, foundProducts)

// kind is what insight found of a kind.
func (p SearchPage) kind(f insight.Found) foundKind {
	out := foundKind{Kind: f.Kind, Many: f.Many}
	for _, b := range f.Rows {
		out.Rows = append(out.Rows, foundItem{To: recordHref(b.ID), Title: b.Title, ID: string(b.ID), What: briefStage(p.Rules, b), Peek: string(b.ID),
			Severity: b.Severity, Severe: f.Kind != "risk" && f.Kind != "obs", At: b.At})
	}
	for _, t := range f.Texts {
		out.Rows = append(out.Rows, textFound(f.Kind, t))
	}
	return out
}

// textFound is the row of a text that stands on a record.
func textFound(kind string, t insight.Text) foundItem {
	f := foundItem{To: textHref(kind, t), Title: or(or(t.Title, t.On), string(t.About)), ID: string(t.About), What: textWord(kind, t), Says: t.Says, At: t.At}
	if f.Title == t.Title && t.On != t.Title && t.On != "" {
		f.ID += " · " + t.On
	}
	if kind == passage.KRI || kind == passage.Meeting || t.About.Kind() == "candidate" {
		f.ID = ""
	}
	if jumps[t.About.Kind()] {
		f.Peek = string(t.About)
	}
	return f
}

// textWord says what a text is.
func textWord(kind string, t insight.Text) string {
	if word := textWords[ref.ID(t.ID).Kind()]; word != "" {
		return word
	}
	return capital(kindNames[kind].one)
}

// textWords say what a text is, by its row, where the kind alone does not.
var textWords = map[string]string{"point": "Decided or asked for", "review": "Review", "candidate": "Chosen by a leader"}

// textHref is where a text stands.
func textHref(kind string, t insight.Text) string {
	at := recordHref(t.About)
	switch about := t.About.Kind(); {
	case about == "meeting":
		at = "/reviews/" + url.PathEscape(string(t.About))
		if ref.ID(t.ID).Kind() == "point" {
			at += "#decisions"
		}
	case kind == passage.Decision && (about == "candidate" || ref.ID(t.ID).Kind() == "candidate"):
		at = "/register/strategy"
	case about == "case" && kind == passage.Note:
		at += "/messages#" + t.ID
	case about == "case" && kind == passage.File:
		at += "/files"
	case kind == passage.Cause:
		at += "/" + sideCauses
	case about == "risk" && kind == passage.Note:
		at += "/notes#" + t.ID
	case about == "risk" && kind == passage.File:
		at += "/files"
	case kind == passage.Plan:
		at += "/treatment#plan"
	case kind == passage.Decision:
		at += "/decisions"
	case kind == passage.Evidence:
		at += "#evidence"
	case kind == passage.Note:
		at += "#" + t.ID
	case kind == passage.File:
		at += "#files"
	}
	return at
}

// knownFound are those inside whose name holds the words, for staff.
func (w *Web) knownFound(r *http.Request, text string) (out []hit) {
	known := w.who(r)
	if !known.get(visitOf(r).actor.ID).Staff {
		return nil
	}
	for _, k := range known.all {
		if !k.Team && len(out) < narrowRows && holds(k.Name+" "+k.Handle, text) {
			out = append(out, hit{recordHref(k.ID), k.Name, "person"})
		}
	}
	return out
}

// jumps are the kinds of records whose ID, typed into the search, leads to them.
// Whether the record exists is not asked here: its own page answers that.
var jumps = map[string]bool{"case": true, "report": true, "adv": true, "risk": true, "obs": true}

const idLetters = 8

// kindNames name what is found: one of it, and several; and the list in which the
// search goes on.
var kindNames = map[string]struct{ one, many, list string }{
	"case": {"case", "Cases", "/cases"}, "report": {"report", "Reports", "/inbox"}, "adv": {"advisory", "Advisories", ""}, "risk": {"risk", "Risks", "/register"},
	"obs": {"observation", "Observations", "/observations"}, passage.KRI: {"indicator", "Indicators", ""}, passage.Meeting: {"meeting", "Meetings", ""},
	passage.Decision: {"decision", "Decisions and reviews", ""}, passage.Plan: {"treatment plan", "Treatment plans", ""}, passage.Cause: {"root cause", "Root causes", ""},
	passage.Note: {"note or message", "Notes and messages", ""}, passage.Evidence: {"evidence", "Evidence", ""}, passage.File: {"file", "Files", ""},
	foundPeople: {"person", "People", ""}, foundProducts: {"product", "Products", ""},
}

// columns are the columns of what is found of a kind.
func (f foundKind) columns() []ui.Column {
	all := []ui.Column{{Text: "Title"}, {Text: "Severity"}, {Text: "Stage"}, {Text: "Since"}}
	switch {
	case len(f.Rows) > 0 && f.Rows[0].At.IsZero() && f.Rows[0].ID == "":
		return []ui.Column{{Text: "Name"}, {Text: "Kind"}}
	case len(f.Rows) > 0 && !f.Rows[0].Severe:
		all = slices.Delete(all, 1, 2)
	}
	if !jumps[f.Kind] {
		all[1].Text, all[2].Text = "Kind", "When"
	}
	return all
}

// address is this search, narrowed to a kind; "" is all.
func (p SearchPage) address(kind string) string {
	return addressed("/search", url.Values{"q": {p.Text}}, []string{"q"}, "in", kind)
}

// listHref is the list in which the search goes on.
func (p SearchPage) listHref(kind string) string {
	at := kindNames[kind].list
	if at == "" {
		return ""
	}
	return at + "?" + url.Values{"q": {p.Text}}.Encode()
}

// total is how much there is of every kind, as far as each was counted.
func (p SearchPage) total() string {
	n, more := 0, ""
	for _, f := range p.Found {
		if n += f.Many; f.Many >= insight.MostFound {
			more = "+"
		}
	}
	return strconv.Itoa(n) + more
}

// nothing tells whether no kind has anything.
func (p SearchPage) nothing() bool {
	return !slices.ContainsFunc(p.Found, func(f foundKind) bool { return f.Many > 0 })
}

// unsearchable tells whether a failure of a search only means that nothing is found.
func unsearchable(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Unavailable, fault.Forbidden:
		return true
	}
	return false
}
