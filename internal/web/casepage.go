package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// CasePage is everything about one case: where it stands, whose turn it is and
// what is missing, its clocks, and one of its sides. One section at a time can be
// open as a form.
type CasePage struct {
	*casework.Full
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Me    access.Actor
	Now   time.Time

	Side  string          // which side is shown: a word of sides
	Edit  string          // which section is a form: a word of sections
	Move  string          // the verb whose form is open
	Trail []insight.Entry // of the side history; and after a conflict, what others did meanwhile

	Form  url.Values // what was typed, where a form comes back
	Wrong *fault.Fault
	Clash *Clash     // where somebody was faster
	Query url.Values // of the address
	Board string     // the board over which a move is asked for; "" is on the page itself
}

// side is one side of a case, with its own address.
type side struct{ word, title string }

// sides are the sides of a case in the order of the work. The first has no word
// of its own in the address.
var sides = []side{{"assessment", "Assessment"}, {"fixes", "Fixes"}, {"advisory", "Advisory"}, {sideCauses, "Root cause"}, {"messages", "Messages"}, {"files", "Files"},
	{"clocks", "Clocks"}, {"record", "Record"}, {"history", "History"}}

// section is a part of a case that is read, and by whom the verb covers filled in.
// Its word is its anchor, to which the needs of moves lead.
type section struct {
	word, title string
	side        string // "" is beside every side
	verb        access.Verb
	save        func(*Web, *http.Request, ref.ID) error
	read, form  func(CasePage) templ.Component
	plain       bool // has forms of its own on the page, and none to open
}

func findSection(word string) (section, bool) {
	all := sections()
	i := slices.IndexFunc(all, func(s section) bool { return s.word == word })
	if i < 0 {
		return section{}, false
	}
	return all[i], true
}

// caseAddress is the address of a side of a case.
func caseAddress(id ref.ID, side string) string {
	if side == "" || side == sides[0].word {
		return "/cases/" + url.PathEscape(string(id))
	}
	return "/cases/" + url.PathEscape(string(id)) + "/" + side
}

func (p CasePage) address() string { return caseAddress(p.ID, p.Side) }

// anchor is where a section of the case stands: "#score" of a need, with the side
// on which it is.
func (p CasePage) anchor(link string) string {
	word := strings.TrimPrefix(link, "#")
	s, ok := findSection(word)
	if !ok || s.side == "" || s.side == p.Side {
		return "#" + word
	}
	return caseAddress(p.ID, s.side) + "#" + word
}

// open is the address at which a section is a form.
func (p CasePage) open(word string) string {
	s, _ := findSection(word)
	side := s.side
	if side == "" {
		side = p.Side
	}
	return caseAddress(p.ID, side) + "?edit=" + word + "#" + word
}

// action is the address that a section's form is sent to.
func (p CasePage) action(word string) string { return caseAddress(p.ID, "") + "/" + word }

func (p CasePage) may(verb access.Verb) bool { return p.May[string(verb)] }

// editing tells whether a section is shown as a form.
func (p CasePage) editing(word string) bool {
	s, ok := findSection(word)
	return ok && p.Edit == word && (p.may(s.verb) || p.Form != nil)
}

// val is what a field shows: what was typed, where the form comes back, else what
// is stored.
func (p CasePage) val(name, stored string) string {
	if p.Form != nil {
		return p.Form.Get(name)
	}
	return stored
}

// vals is val for a field with several values.
func (p CasePage) vals(name string, stored []string) []string {
	if p.Form != nil {
		return append([]string{}, p.Form[name]...)
	}
	return append([]string{}, stored...)
}

// field fills an input with what was typed or is stored, and with what is wrong.
func (p CasePage) field(in ui.Input, stored string) ui.Input {
	return in.For(p.val(in.Name, stored), p.Wrong)
}

// person is somebody as the case's page shows them.
func (p CasePage) person(id ref.ID) ui.Person {
	return ui.Person{Name: p.Names.name(id)}
}

// owner is the name of who handles the case, or "".
func (p CasePage) owner() string {
	if p.Owner == "" {
		return ""
	}
	return p.Names.name(p.Owner)
}

func (p CasePage) mark() ui.Marking {
	return ui.Marking{TLP: p.TLP, Embargo: p.Embargo, Embargod: p.Audience == access.Named && p.Embargo.IsZero()}
}

// conflict tells whether the form came back because somebody was faster.
func (p CasePage) conflict() bool { return p.Wrong != nil && p.Wrong.Kind == fault.Conflict }

// made is what the form that came back was made from; after a conflict, and in a
// fresh form, what is so now.
func (p CasePage) made(name, now string) string {
	if p.Form == nil || p.conflict() || p.Form.Get(name) == "" {
		return now
	}
	return p.Form.Get(name)
}

// caseRoutes are the pages and forms of one case; those of the sections join them
// in casesections.go.
var caseRoutes = []Route{
	{Pattern: "GET /cases/{id}", Do: casePage},
	{Pattern: "GET /cases/{id}/{side}", Do: casePage},
	{Pattern: "GET /cases/{id}/files/{file}", Do: caseFile},
	{Pattern: "POST /cases/{id}/move", Verb: "case.move", Do: moveCase},
}

func casePage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readCase(r)
	if err != nil {
		return Answer{}, err
	}
	p.Edit, p.Move = r.FormValue("edit"), r.FormValue("move")
	if p.Edit == "" && p.Move == "" {
		p.Edit = p.obvious()
	}
	return show(200, caseView(p))
}

// readCase reads a case and the side of it that the address names.
func (w *Web) readCase(r *http.Request) (p CasePage, err error) {
	id, word := ref.ID(r.PathValue("id")), or(r.PathValue("side"), sides[0].word)
	if !slices.ContainsFunc(sides, func(s side) bool { return s.word == word }) {
		return p, access.NoRecord()
	}
	p = CasePage{Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor, Now: w.Now().UTC(), Side: word, Query: r.URL.Query()}
	if word == "history" {
		p.Full, p.Trail, err = w.Cases.History(r.Context(), id)
	} else {
		p.Full, err = w.Cases.Get(r.Context(), id)
	}
	if err != nil {
		return p, err
	}
	p.Head = w.head(r, string(p.ID), "cases")
	p.Head.Mark = p.mark()
	p.register(w.rights(r))
	return p, nil
}

// caseAgain shows the case with a section or a move open as it was sent, and what
// is wrong with it. Where somebody was faster, it shows what they did.
func (w *Web) caseAgain(r *http.Request, id ref.ID, word, move string, wrong *fault.Fault) (Answer, error) {
	s, _ := findSection(word)
	r.SetPathValue("side", or(s.side, r.PostFormValue("side")))
	p, err := w.readCase(r)
	if err != nil {
		return Answer{}, err
	}
	p.Edit, p.Move, p.Wrong, p.Form = word, move, wrong, r.PostForm
	if p.conflict() {
		_, trail, err := w.Cases.History(r.Context(), id)
		if err != nil {
			return Answer{}, err
		}
		p.Trail = since(trail, r.PostFormValue("at"))
		if s.form != nil {
			fields, err := readForm(r.Context(), s.form(p.stored()))
			if err != nil {
				return Answer{}, err
			}
			p.Form, p.Clash = meet(r.PostForm, fields, p.Trail)
		}
	}
	return show(statusOf(wrong), caseView(p))
}

// since keeps the entries after the moment at which the form was shown.
func since(trail []insight.Entry, at string) []insight.Entry {
	us, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(trail, func(e insight.Entry) bool { return e.At.UnixMicro() <= us || e.Outcome != "done" })
}

// saveSection sends a section's form to its operation.
func saveSection(word string) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		s, _ := findSection(word)
		id := ref.ID(r.PathValue("id"))
		settle(r)
		err := s.save(w, unrepeated(r), id)
		err = unlessSent(err)
		if f, ok := formFault(err); ok {
			return w.caseAgain(r, id, word, "", f)
		}
		if err != nil {
			return Answer{}, err
		}
		return lead(caseAddress(id, or(s.side, r.PostFormValue("side")))+"#"+word, "saved")
	}
}

// rowVersion is the version of the row that the form was made from.
func rowVersion(r *http.Request) int {
	n, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return 0
	}
	return n
}

// stepCase takes the step that a form asks for; one that was sent already is taken.
func (w *Web) stepCase(r *http.Request, id ref.ID, verb string) error {
	err := w.Cases.Move(once(r), id, access.Verb(verb), casework.Step{Version: rowVersion(r), Reason: r.PostFormValue("reason"),
		Disposition: r.PostFormValue("disposition"), Answer: r.PostFormValue("answer"), Verdict: r.PostFormValue("verdict"), Note: r.PostFormValue("note")})
	return unlessSent(err)
}

func moveCase(w *Web, r *http.Request) (Answer, error) {
	id, verb := ref.ID(r.PathValue("id")), r.PostFormValue("verb")
	err := w.stepCase(r, id, verb)
	if f, ok := formFault(err); ok {
		return w.caseAgain(r, id, "", verb, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(caseAddress(id, ""), "case-moved")
}

// caseFile hands a file out to be saved; a picture that a note shows asks with show.
func caseFile(w *Web, r *http.Request) (Answer, error) {
	f, body, err := w.Files.Open(r.Context(), ref.ID(r.PathValue("file")), false)
	out := &File{Name: f.Name, Body: body}
	if r.URL.Query().Has("show") && slices.Contains(pictures, f.Media) {
		out.Picture = f.Media
	}
	return Answer{File: out}, err
}

// stageTitle is what people call a stage of a case.
func stageTitle(p *profile.Profile, name string) string {
	s, ok := p.Lifecycle("case").Stage(name)
	if !ok {
		return name
	}
	return s.Title
}

// spent is how long a case was in each of its stages, in all rounds.
func spent(events []clock.Event, now time.Time) map[string]time.Duration {
	out, since := map[string]time.Duration{}, map[string]time.Time{}
	for _, e := range events {
		if stage, ok := strings.CutPrefix(e.Name, "enter:"); ok {
			since[stage] = e.At
		} else if stage, ok := strings.CutPrefix(e.Name, "leave:"); ok && !since[stage].IsZero() {
			out[stage] += e.At.Sub(since[stage])
			delete(since, stage)
		}
	}
	for stage, at := range since {
		out[stage] += now.Sub(at)
	}
	return out
}
