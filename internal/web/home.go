package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/notice"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

var homeRoutes = []Route{
	{Pattern: "GET /{$}", Do: home},
	{Pattern: "GET /notices", Do: noticeList},
	{Pattern: "POST /notices/read", Verb: "notice.read", Do: noticesRead},
	{Pattern: "GET /search", Do: searchPage},
}

// HomePage is what waits for the one who asks.
type HomePage struct {
	Head ui.PageHead
	insight.Desk
	Me     ref.ID
	Rules  *profile.Profile
	Known  book
	At     time.Time // now
	Unread int
	Risks  *RegisterBox // what waits in the register; nil is nothing of it
}

// waiting says which stages the desk looks at, as the profile has them.
func waiting(p *profile.Profile) (w insight.Waiting) {
	for _, s := range p.Lifecycle("report").Stages {
		if !s.Terminal {
			w.Inbox = append(w.Inbox, s.Name)
		}
	}
	for _, mv := range p.Lifecycle("advisory").Moves {
		if mv.Verb == "advisory.approve" {
			w.Approval = append(w.Approval, mv.From)
		}
	}
	return w
}

func home(w *Web, r *http.Request) (Answer, error) {
	p := HomePage{Head: w.head(r, "Home", "home"), Rules: w.Rules, Known: w.who(r), Me: visitOf(r).actor.ID, At: w.Now()}
	var err error
	var risks *risk.Desk
	if p.Desk, err = w.Across.Desk(r.Context(), waiting(w.Rules), func(v *gate.View) (err error) {
		risks, err = w.Risks.DeskIn(v)
		return err
	}); err != nil {
		return Answer{}, err
	}
	p.Risks = registerBox(risks)
	for _, n := range p.Notices {
		if n.Read.IsZero() {
			p.Unread++
		}
	}
	p.Head.Counts = map[string]int{"inbox": p.Inbox}
	return show(200, homeView(p))
}

// stats are the numbers at the top of the page, each where it is worked on.
func (p HomePage) stats() []ui.Stat {
	late := 0
	for _, c := range p.Cases {
		if p.overdue(c) {
			late++
		}
	}
	cases := ui.Stat{Number: capped(len(p.Cases), deskShown), Label: "cases of yours", Href: "#cases"}
	if late > 0 {
		cases.Tone, cases.Note = ui.Bad, strconv.Itoa(late)+" overdue"
	}
	in := ui.Stat{Number: capped(p.Inbox, insight.MostCounted), Label: "reports to decide", Href: "/inbox"}
	if p.Inbox > 0 {
		in.Note = "the oldest is from " + ui.Date(p.Oldest)
	}
	return []ui.Stat{cases, in,
		{Number: capped(len(p.Advisories), deskShown), Label: "advisories to approve", Href: "#approve"},
		{Number: capped(p.Unread, deskShown), Label: "unread notices", Href: "/notices"}}
}

// deskShown is how many of each kind the desk shows.
const deskShown = 8

// capped says a number that was counted only so far.
func capped(n, most int) string {
	if n >= most {
		return strconv.Itoa(most) + "+"
	}
	return strconv.Itoa(n)
}

func (p HomePage) overdue(b insight.Brief) bool { return !b.Due.IsZero() && b.Due.Before(p.At) }

// briefStage is how the stage of a record is called in its life cycle.
func briefStage(p *profile.Profile, b insight.Brief) string {
	name := b.ID.Kind()
	switch name {
	case "adv":
		name = "advisory"
	case "risk":
		name = p.Register.Lifecycle
	}
	if s, ok := p.Lifecycle(name).Stage(b.Stage); ok {
		return s.Title
	}
	return b.Stage
}

// clockTitle is what a clock is called.
func clockTitle(p *profile.Profile, name string) string {
	if c, ok := p.Clock(name); ok {
		return c.Title
	}
	return name
}

// NoticePage lists what the reader was told.
type NoticePage struct {
	Head    ui.PageHead
	Notices []notice.Notice
	Known   book
	Rules   *profile.Profile
}

func noticeList(w *Web, r *http.Request) (Answer, error) {
	p := NoticePage{Head: w.head(r, "Notices", "notices"), Known: w.who(r), Rules: w.Rules}
	p.Head.Narrow = true
	var err error
	if p.Notices, err = w.Notices.Mine(r.Context(), 100); err != nil {
		return Answer{}, err
	}
	return show(200, noticeView(p))
}

func (p NoticePage) unread() bool {
	return slices.ContainsFunc(p.Notices, func(n notice.Notice) bool { return n.Read.IsZero() })
}

// noticesRead marks one notice as read, or all; from a notice it leads to its record.
func noticesRead(w *Web, r *http.Request) (Answer, error) {
	if err := w.Notices.MarkRead(r.Context(), ref.ID(r.PostFormValue("id"))); err != nil {
		return Answer{}, err
	}
	return lead(local(r.PostFormValue("to")), "")
}

// noticeSays is the sentence of a notice, before the record that it is about.
func noticeSays(p *profile.Profile, known book, n notice.Notice) string {
	name, clock := strings.CutPrefix(n.What, "clock:")
	noun, _, _ := strings.Cut(n.What, ".")
	k, isPerson := known.byID[n.Actor]
	switch {
	case clock:
		return clockTitle(p, name) + " wants attention on"
	case n.What == "mention":
		return or(k.Name, "Somebody") + " mentioned you on"
	case n.What == "advisory":
		return "News about the advisory of"
	case isPerson:
		return k.Name + " " + deed(p, n.What) + ":"
	case n.Actor.Kind() == "reporter":
		return "The reporter " + deed(p, n.What) + ":"
	case moveTitle(p, n.What) != "":
		return "The " + noun + " moved on, " + lowerFirst(moveTitle(p, n.What)) + ":"
	}
	return "Somebody " + deed(p, n.What) + ":"
}

// SearchPage is what a search found of every kind.
type SearchPage struct {
	Head  ui.PageHead
	Text  string
	Found []insight.Found
	Rules *profile.Profile
	Wrong string
}

const searchRows = 12

// searchPage looks for words, or goes straight to the record whose ID was typed.
func searchPage(w *Web, r *http.Request) (Answer, error) {
	p := SearchPage{Head: w.head(r, "Search", ""), Text: strings.TrimSpace(r.FormValue("q")), Rules: w.Rules}
	p.Head.Query = p.Text
	if p.Text == "" {
		return show(200, searchView(p))
	}
	if id := ref.Read(p.Text); jumps[id.Kind()] && len(id) == len(id.Kind())+1+idLetters {
		return lead(recordHref(id), "")
	}
	var err error
	p.Found, err = w.Across.Search(r.Context(), p.Text, searchRows)
	if f, ok := formFault(err); ok {
		p.Wrong = f.Says
		return show(statusOf(f), searchView(p))
	}
	if err != nil {
		return Answer{}, err
	}
	return show(200, searchView(p))
}

// jumps are the kinds of records whose ID, typed into the search, leads to them.
// Whether the record exists is not asked here: its own page answers that.
var jumps = map[string]bool{"case": true, "report": true, "adv": true, "risk": true, "obs": true}

const idLetters = 8

// foundTitles name the kinds of records in a search.
var foundTitles = map[string]string{"case": "Cases", "report": "Reports", "adv": "Advisories", "risk": "Risks"}

// listHref is the list in which the search goes on.
func (p SearchPage) listHref(kind string) string {
	at := map[string]string{"case": "/cases", "report": "/inbox", "risk": "/register"}[kind]
	if at == "" {
		return ""
	}
	return at + "?" + url.Values{"q": {p.Text}}.Encode()
}

// nothing tells whether no kind has anything.
func (p SearchPage) nothing() bool {
	return !slices.ContainsFunc(p.Found, func(f insight.Found) bool { return f.Many > 0 })
}
