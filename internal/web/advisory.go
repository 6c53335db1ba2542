package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/all"
	"tocsin/internal/insight"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

var advisoryRoutes = []Route{
	{Pattern: "GET /advisory", Do: advisoryList},
	{Pattern: "GET /advisory/{id}", Do: advisoryRead},
	{Pattern: "GET /advisory/{id}/edit", Do: advisoryEditor},
	{Pattern: "POST /advisory/{id}/edit", Verb: advisory.VerbEdit, Do: advisoryEdit},
	{Pattern: "GET /advisory/{id}/forms", Do: advisoryForms},
	{Pattern: "GET /advisory/{id}/forms/{form}/{file}", Do: advisoryFile},
	{Pattern: "GET /advisory/{id}/changes", Do: advisoryChanges},
	{Pattern: "GET /advisory/{id}/history", Do: advisoryHistory},
	{Pattern: "GET /advisory/{id}/do/{verb}", Do: advisoryStep},
	{Pattern: "POST /advisory/{id}/do/{verb}", Verb: "advisory.*", Do: advisoryMove},
}

// AdvisoryListPage is the advisories that a query leaves, newest first.
type AdvisoryListPage struct {
	Head  ui.PageHead
	Rows  []*advisory.Advisory
	Asked asking
	Bulk  bulkBar
	Cycle *lifecycle.Machine
	Rules *profile.Profile
	Count string // how many the query leaves, in words
	Pages ui.Paging
	Wrong *fault.Fault // what is wrong besides the query
}

const advisoriesAPage = 50

func advisoryList(w *Web, r *http.Request) (Answer, error) {
	p := AdvisoryListPage{Head: w.head(r, "Advisories", "advisories"), Asked: w.ask(r, advisoryPlace), Cycle: w.Rules.Lifecycle("advisory"), Rules: w.Rules}
	p.Head.Wide = true
	if to, err := p.Asked.loadViews(w, r); err != nil || to != "" {
		return Answer{To: to}, err
	}
	l, err := &advisory.List{}, error(nil)
	if p.Asked.wrong == nil {
		l, err = w.Advisories.Counted(r.Context(), advisory.Filter{Query: p.Asked.query}, advisoriesAPage, p.Asked.params.Get("after"))
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	if l != nil {
		p.Rows, p.Pages = l.Advisories, p.Asked.paging(l.Next)
		p.Count = inAll(l.Count, advisoryPlace.name)
	}
	p.Bulk = w.bulkOn(r, &p.Head, advisoryPlace.name, p.Asked.with("after", p.Asked.params.Get("after")), p.Count)
	return show(p.Asked.status(p.Wrong), advisoryListView(p))
}

// views are all of them, and each stage.
func (p AdvisoryListPage) views() asking {
	a := p.Asked
	a.views = []ui.Link{{Text: "All", Href: ""}}
	for _, s := range p.Cycle.Stages {
		a.views = append(a.views, ui.Link{Text: s.Title, Href: "stage:" + s.Name})
	}
	return a
}

// more are the lists of answers from which a term can be put together.
func (p AdvisoryListPage) more() []ui.Choice {
	var stages []ui.Option
	for _, s := range p.Cycle.Stages {
		stages = append(stages, ui.Option{Value: s.Name, Text: s.Title})
	}
	return []ui.Choice{p.Asked.choice("stage", "Stage", stages), p.Asked.choice("severity", "Severity", append(severities(p.Rules), ui.Option{Value: "none", Text: "Unknown"})), p.Asked.choice("tlp", "TLP", plainOptions(p.Rules.TLP))}
}

// counted says how many there are.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// advisoryNumber is how an advisory is called everywhere: by its ID, and by the name
// under which it goes out where that is another.
func advisoryNumber(a *advisory.Advisory) string {
	if strings.EqualFold(a.Name, string(a.ID)) {
		return string(a.ID)
	}
	return string(a.ID) + " · " + a.Name
}

// approvalLacks says why an advisory has no approval that counts: it was not asked for
// yet, or the text changed after it was given.
func approvalLacks(m *lifecycle.Machine, stage string) string {
	at := func(name string) int {
		return slices.IndexFunc(m.Stages, func(s lifecycle.Stage) bool { return s.Name == name })
	}
	for _, mv := range m.Moves {
		if mv.Verb == string(advisory.VerbApprove) && at(stage) >= at(mv.To) {
			return "changed since approval"
		}
	}
	return "not yet approved"
}

// AdvisoryPage is one advisory, one side of it.
type AdvisoryPage struct {
	Head ui.PageHead
	*advisory.Full
	Side    string // read, edit, forms, changes, history
	Cycle   *lifecycle.Machine
	Now     advisory.Document // as it would go out now, or as it is out
	Writers []string
	Wrong   *fault.Fault

	Form    docForm               // edit
	Clash   *Clash                // edit: where somebody was faster
	Words   docWords              // edit
	Fresh   string                // edit: the row that was just added
	Files   []FormFile            // forms
	Shown   FormFile              // forms
	Changes []ui.Change           // changes
	Old     *advisory.Publication // changes: what is out
	Trail   []ui.Entry            // history
	Next    *advisory.Next        // step: the move to be made
	Given   map[string]string     // step: what was sent
	Actor   ref.ID
}

// advisoryPage loads what every side of an advisory shows.
func (w *Web) advisoryPage(r *http.Request, side string) (*AdvisoryPage, error) {
	a, err := w.Advisories.Get(r.Context(), ref.Read(r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	return w.sideOf(r, side, a), nil
}

// sideOf is one side of an advisory that is loaded.
func (w *Web) sideOf(r *http.Request, side string, a *advisory.Full) *AdvisoryPage {
	p := &AdvisoryPage{Head: w.head(r, a.Title, "advisories"), Full: a, Side: side, Cycle: w.Rules.Lifecycle("advisory"), Actor: visitOf(r).actor.ID}
	p.Head.Mark = ui.Marking{TLP: a.Document.TLP, Embargo: a.Embargo}
	p.Now = a.Document
	if !p.out() {
		p.Now = a.Issue(w.Now().UTC().Truncate(time.Second))
	}
	known := w.who(r)
	for _, id := range a.Writers {
		p.Writers = append(p.Writers, known.name(id))
	}
	return p
}

// out tells whether the advisory rests as it was published.
func (p *AdvisoryPage) out() bool { return p.Revision > 0 && p.terminal() }

func (p *AdvisoryPage) terminal() bool {
	s, _ := p.Cycle.Stage(p.Stage)
	return s.Terminal
}

// Path is the address of the advisory, or of one side of it.
func (p *AdvisoryPage) Path(side string) string {
	return strings.TrimSuffix("/advisory/"+string(p.ID)+"/"+side, "/")
}

// MayEdit tells whether the editor is offered.
func (p *AdvisoryPage) MayEdit() bool { return p.May[string(advisory.VerbEdit)] && !p.terminal() }

func (p *AdvisoryPage) tabs() []ui.Tab {
	tabs := []ui.Tab{{Text: "Overview", Href: p.Path(""), Now: p.Side == "read"}}
	if p.MayEdit() {
		tabs = append(tabs, ui.Tab{Text: "Edit", Href: p.Path("edit"), Now: p.Side == "edit"})
	}
	return append(tabs,
		ui.Tab{Text: "Published forms", Href: p.Path("forms"), Now: p.Side == "forms", Count: strconv.Itoa(len(all.Formats))},
		ui.Tab{Text: "Changes", Href: p.Path("changes"), Now: p.Side == "changes"},
		ui.Tab{Text: "History", Href: p.Path("history"), Now: p.Side == "history"})
}

// rail shows the life cycle; a stage that the advisory left for good by another
// way, or that is no part of the common way, is quiet.
func (p *AdvisoryPage) rail() []ui.Stage {
	now := slices.IndexFunc(p.Cycle.Stages, func(s lifecycle.Stage) bool { return s.Name == p.Stage })
	var out []ui.Stage
	for i, s := range p.Cycle.Stages {
		st := ui.Stage{Title: s.Title}
		switch {
		case i == now:
			st.State = "now"
		case i < now:
			st.State = "done"
		case i > 0 && s.Terminal && p.Cycle.Stages[i-1].Terminal:
			st.State = "left-out"
		}
		out = append(out, st)
	}
	return out
}

// status is the stage in words and the tone that it has.
func (p *AdvisoryPage) status() (ui.Tone, string) { return stageStatus(p.Cycle, p.Advisory) }

func stageStatus(m *lifecycle.Machine, a *advisory.Advisory) (ui.Tone, string) {
	s, _ := m.Stage(a.Stage)
	switch {
	case s.Terminal && s.Phase == lifecycle.PostRelease:
		return ui.Quiet, s.Title
	case s.Terminal:
		return ui.Good, s.Title
	case a.Stage == m.Start():
		return ui.Plain, s.Title
	}
	return ui.Accent, s.Title
}

// straight are the moves that need no more than a press; all others have a page.
func straight(n advisory.Next) bool {
	return !n.Reason && access.Verb(n.Verb) != advisory.VerbPublish && access.Verb(n.Verb) != advisory.VerbWithdraw
}

// turn says what can be done with the advisory next. The first move that leaves
// its stage, and does not go back, is the way on; the others stand beside it, quietly.
func (p *AdvisoryPage) turn() ui.Turn {
	t := ui.Turn{Title: p.rests(), Wait: true}
	way := slices.IndexFunc(p.Moves, func(n advisory.Next) bool { return !n.Loop })
	for i, n := range p.Moves {
		onward := i == way && !p.terminal()
		if onward {
			t.Title, t.Needs = p.onward(n), p.needs(n)
		}
		if !n.May {
			continue
		}
		a := ui.Action{Text: n.Title, Href: p.Path("do/" + n.Verb), Kind: "quiet"}
		if onward {
			a.Kind, a.Off, t.Wait = "primary", missing(n) > 0, false
		}
		if a.Off {
			t.Why = "The list says what is missing."
		}
		if straight(n) && !a.Off {
			a.Name, a.Value = "version", strconv.Itoa(p.Version)
		}
		if onward {
			t.Moves = slices.Insert(t.Moves, 0, a)
		} else {
			t.Moves = append(t.Moves, a)
		}
	}
	return t
}

// rests says how an advisory stands that nobody has to do anything about.
func (p *AdvisoryPage) rests() string {
	_, status := p.status()
	if !p.out() {
		return status
	}
	return fmt.Sprintf("%s: revision %d of %s", status, p.Revision, p.Head.Reads.Exact(p.Published))
}

func (p *AdvisoryPage) onward(n advisory.Next) string {
	switch {
	case !n.May:
		return "Waits for somebody who may " + lowerFirst(n.Title)
	case missing(n) > 0:
		return "Next: " + lowerFirst(n.Title)
	}
	return "Your turn: " + lowerFirst(n.Title)
}

func missing(n advisory.Next) (many int) {
	for _, x := range n.Needs {
		if !x.Holds {
			many++
		}
	}
	return many
}

// lowerFirst makes the beginning of a sentence the middle of one.
func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s // an abbreviation
	}
	return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
}

// needLinks says what the link beside a missing need is called.
var needLinks = map[string]ui.Link{"#findings": {Text: "see the findings"}, "#approvals": {Text: "see the approvals"}, "#case": {Text: "open the case"},
	"#credits": {Text: "take the name out"}}

func (p *AdvisoryPage) needs(n advisory.Next) (out []ui.Need) {
	for _, x := range n.Needs {
		link := needLinks[x.Link]
		switch {
		case x.Link == "#case" && p.Case != "":
			link.Href = "/cases/" + string(p.Case)
		case x.Link == "#credits":
			link.Href = p.Path("edit")
		case link.Text != "":
			link.Href = p.Path("") + x.Link
		}
		if x.Holds {
			link = ui.Link{}
		}
		out = append(out, ui.Need{Done: x.Holds, Text: upperFirst(x.Says), Link: link})
	}
	return out
}

func upperFirst(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }

// cves lists the CVE IDs of a Document.
func cves(d advisory.Document) (out []string) {
	for _, v := range d.Vulns {
		if v.CVE != "" {
			out = append(out, v.CVE)
		}
	}
	return out
}

func advisoryRead(w *Web, r *http.Request) (Answer, error) {
	p, err := w.advisoryPage(r, "read")
	if err != nil {
		return Answer{}, err
	}
	return show(200, advisoryReadView(p))
}

// approvals are the approvals, newest first, and whether each still counts.
func (p *AdvisoryPage) approvals() []advisory.Approval {
	out := slices.Clone(p.Approvals)
	slices.Reverse(out)
	return out
}

// counts tells whether an approval is of exactly the present content, by somebody
// who did not write it.
func (p *AdvisoryPage) counts(a advisory.Approval) bool {
	return a.Hash == p.Hash && !slices.Contains(p.Advisory.Writers, a.By)
}

func advisoryChanges(w *Web, r *http.Request) (Answer, error) {
	p, err := w.advisoryPage(r, "changes")
	if err != nil {
		return Answer{}, err
	}
	if p.Revision > 0 {
		out, err := w.Advisories.Published(r.Context(), p.Name)
		if err != nil {
			return Answer{}, err
		}
		p.Old, p.Changes = &out, docChanges(out.Document, p.Document)
	}
	return show(200, advisoryChangesView(p))
}

func advisoryHistory(w *Web, r *http.Request) (Answer, error) {
	a, entries, err := w.Advisories.WithTrail(r.Context(), ref.Read(r.PathValue("id")))
	if err != nil {
		return Answer{}, err
	}
	p := w.sideOf(r, "history", a)
	p.Trail = timeline(w.Rules, w.who(r), entries)
	return show(200, advisoryHistoryView(p))
}

// actorOf is who did it; background work is the house itself.
func actorOf(known book, e insight.Entry) string {
	switch {
	case e.Name != "":
		return e.Name
	case e.Actor.Kind() == "system":
		return "Tocsin"
	case e.Actor.Kind() == "reporter":
		return "The reporter"
	}
	return known.name(e.Actor)
}

// trailChanges says what changed. A value that the trail does not hold, because it
// is long or secret, is only said to have changed; what the deed says is not said again.
func trailChanges(known book, e insight.Entry) (out []ui.Change) {
	for _, c := range e.Changes {
		switch {
		case slices.Contains(quietFields, c.Field):
		case c.Old == nil && c.New == nil:
			out = append(out, ui.Change{Field: fieldSays(c.Field), New: or(bareWords[c.Field], "changed")})
		default:
			out = append(out, flat(known, fieldSays(c.Field), c.Old, c.New)...)
		}
	}
	return out
}
