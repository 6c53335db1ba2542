package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// RiskPage is everything about one risk: what it is and how bad, whose turn it is
// and what is missing, and one of its sides. One section at a time can be open as
// a form.
type RiskPage struct {
	*risk.Sheet
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Me    access.Actor
	Now   time.Time

	Side string       // which side is shown: a word of riskSides
	Edit string       // which section is a form
	Move string       // the verb whose form is open
	Dry  *risk.DryRun // what a control in another state would do

	Form  url.Values // what was typed, where a form comes back
	Wrong *fault.Fault
	Clash *Clash     // where somebody was faster
	Query url.Values // of the address
	Board string     // the board over which a move is asked for; "" is on the page itself
}

// riskSides are the sides of a risk in the order of the work. The first has no word
// of its own in the address.
var riskSides = []side{{"risk", "Risk and score"}, {"treatment", "Treatment"}, {"decisions", "Decisions"}, {"notes", "Notes"}, {"files", "Files"},
	{"record", "Record"}, {"history", "History"}}

// wholeSide is every side on one page, to be printed or read at one go.
const wholeSide = "whole"

// riskSection is a part of a risk that is read, and filled in by whom the verb
// covers. Its word is its anchor, to which the needs of moves lead, and the last
// word of the address that its form is sent to.
type riskSection struct {
	word, title string
	side        string // "" is beside every side
	verb        access.Verb
	save        func(*Web, *http.Request, ref.ID) error
	read, form  func(RiskPage) templ.Component
	plain       bool // has forms of its own on the page, and none to open
}

func findRiskSection(word string) (riskSection, bool) {
	all := riskSections()
	i := slices.IndexFunc(all, func(s riskSection) bool { return s.word == word })
	if i < 0 {
		return riskSection{}, false
	}
	return all[i], true
}

func (p RiskPage) address() string { return riskAddress(p.ID, p.Side) }

// anchor is where a section of the risk stands, with the side on which it is.
func (p RiskPage) anchor(link string) string {
	word := strings.TrimPrefix(link, "#")
	s, ok := findRiskSection(word)
	if !ok || s.side == "" || s.side == p.Side || p.Side == wholeSide {
		return "#" + word
	}
	return riskAddress(p.ID, s.side) + "#" + word
}

// open is the address at which a section is a form.
func (p RiskPage) open(word string) string {
	s, _ := findRiskSection(word)
	side := s.side
	if side == "" || p.Side == wholeSide {
		side = p.Side
	}
	return riskAddress(p.ID, side) + "?edit=" + word + "#" + word
}

// action is the address that a section's form is sent to.
func (p RiskPage) action(word string) string { return riskAddress(p.ID, "") + "/" + word }

func (p RiskPage) may(verb access.Verb) bool { return p.May[string(verb)] }

// offers tells whether the reader is offered the form of a section.
func (p RiskPage) offers(word string) bool {
	s, ok := findRiskSection(word)
	return ok && s.form != nil && p.may(s.verb)
}

// editing tells whether a section is shown as a form.
func (p RiskPage) editing(word string) bool {
	return p.Edit == word && p.Form.Get("inside") == "" && (p.offers(word) || p.Form != nil)
}

// val is what a field shows: what was typed, where the form comes back, else what
// is stored.
func (p RiskPage) val(name, stored string) string {
	if p.Form != nil {
		return p.Form.Get(name)
	}
	return stored
}

// vals is val for a field with several values.
func (p RiskPage) vals(name string, stored []string) []string {
	if p.Form != nil {
		return append([]string{}, p.Form[name]...)
	}
	return append([]string{}, stored...)
}

// field fills an input with what was typed or is stored, and with what is wrong.
func (p RiskPage) field(in ui.Input, stored string) ui.Input {
	return in.For(p.val(in.Name, stored), p.Wrong)
}

func (p RiskPage) person(id ref.ID) ui.Person { return ui.Person{Name: p.name(id)} }

// name is how somebody on the risk is called.
func (p RiskPage) name(id ref.ID) string {
	if k, ok := p.Persons[id]; ok && k.Name != "" {
		return k.Name
	}
	return p.Names.name(id)
}

// conflict tells whether the form came back because somebody was faster.
func (p RiskPage) conflict() bool { return p.Wrong != nil && p.Wrong.Kind == fault.Conflict }

// made is what the form that came back was made from; after a conflict, and in a
// fresh form, what is so now.
func (p RiskPage) made(name, now string) string {
	if p.Form == nil || p.conflict() || p.Form.Get(name) == "" {
		return now
	}
	return p.Form.Get(name)
}

// stored is the page as the store has it, without what was typed.
func (p RiskPage) stored() RiskPage {
	p.Form, p.Wrong, p.Edit = nil, nil, ""
	return p
}

// riskRoutes are the pages of one risk; the forms of its sections join them in
// risksections.go.
var riskRoutes = []Route{
	{Pattern: "GET /risks/new", Do: newRisk},
	{Pattern: "POST /risks", Verb: risk.VerbRaise, Do: raiseRisk},
	{Pattern: "POST /risks/check", Verb: "", Do: checkRisk},
	{Pattern: "GET /risks/{id}", Do: riskPage},
	{Pattern: "GET /risks/{id}/{side}", Do: riskPage},
	{Pattern: "GET /risks/{id}/files/{file}", Do: caseFile},
	{Pattern: "POST /risks/{id}/move", Verb: "risk.move", Do: moveRisk},
}

func riskPage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readRisk(r, false)
	if err != nil {
		return Answer{}, err
	}
	p.Edit, p.Move = r.FormValue("edit"), r.FormValue("move")
	if err := w.dryRun(r, &p); err != nil {
		return Answer{}, err
	}
	return show(200, riskView(p))
}

// dryRun asks what the control would do whose form names another state.
func (w *Web) dryRun(r *http.Request, p *RiskPage) error {
	control, state := p.Query.Get("control"), p.Query.Get("state")
	if p.Edit != "controls" || control == "" || state == "" {
		return nil
	}
	var err error
	p.Dry, err = w.Risks.DryRunControl(r.Context(), p.ID, control, state)
	if f, ok := formFault(err); ok {
		p.Wrong = f
		return nil
	}
	return err
}

// readRisk reads a risk and the side of it that the address names; trail asks for
// what was done with it on whichever side.
func (w *Web) readRisk(r *http.Request, trail bool) (p RiskPage, err error) {
	id, word := ref.ID(r.PathValue("id")), or(r.PathValue("side"), riskSides[0].word)
	if word != wholeSide && !slices.ContainsFunc(riskSides, func(s side) bool { return s.word == word }) {
		return p, access.NoRecord()
	}
	p = RiskPage{Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor, Now: w.Now().UTC(), Side: word, Query: r.URL.Query()}
	if p.Sheet, err = w.Risks.Page(r.Context(), id, trail || word == "history" || word == wholeSide); err != nil {
		return p, err
	}
	p.Head = w.registerHead(r, string(p.ID))
	p.Head.Mark = ui.Marking{TLP: p.TLP, Embargod: p.Audience == access.Named}
	for _, verb := range []access.Verb{review.VerbRead, risk.VerbRaise} {
		p.May[string(verb)] = w.rights(r)(verb)
	}
	return p, nil
}

// riskAgain shows the risk with a section or a move open as it was sent, and what
// is wrong with it. Where somebody was faster, it shows what they did.
func (w *Web) riskAgain(r *http.Request, word, move string, wrong *fault.Fault) (Answer, error) {
	s, _ := findRiskSection(word)
	r.SetPathValue("side", or(s.side, r.PostFormValue("side")))
	p, err := w.readRisk(r, wrong.Kind == fault.Conflict)
	if err != nil {
		return Answer{}, err
	}
	p.Edit, p.Move, p.Wrong, p.Form = word, move, wrong, r.PostForm
	if p.conflict() {
		p.Trail = since(p.Trail, r.PostFormValue("at"))
		if s.form != nil {
			fields, err := readForm(r.Context(), s.form(p.stored()))
			if err != nil {
				return Answer{}, err
			}
			p.Form, p.Clash = meet(r.PostForm, fields, p.Trail)
		}
	}
	return show(statusOf(wrong), riskView(p))
}

// saveRisk sends a section's form to its operation.
func saveRisk(word string) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		s, _ := findRiskSection(word)
		id := ref.ID(r.PathValue("id"))
		settle(r)
		err := s.save(w, unrepeated(r), id)
		err = unlessSent(err)
		if f, ok := formFault(err); ok {
			return w.riskAgain(r, word, "", f)
		}
		if err != nil {
			return Answer{}, err
		}
		return lead(riskAddress(id, or(s.side, r.PostFormValue("side")))+"#"+word, "saved")
	}
}

// stepRisk takes the step that a form asks for; one that was sent already is taken.
func (w *Web) stepRisk(r *http.Request, id ref.ID, verb string) error {
	err := w.Risks.Move(once(r), id, access.Verb(verb), risk.Step{Version: rowVersion(r), Reason: r.PostFormValue("reason"), Rejection: r.PostFormValue("rejection")})
	return unlessSent(err)
}

func moveRisk(w *Web, r *http.Request) (Answer, error) {
	id, verb := ref.ID(r.PathValue("id")), r.PostFormValue("verb")
	err := w.stepRisk(r, id, verb)
	if f, ok := formFault(err); ok {
		return w.riskAgain(r, "", verb, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(riskAddress(id, ""), "case-moved")
}

// said are the notes on the risk as a thread shows them.
func (p RiskPage) said() []ui.Message { return messages(p.Said) }

func (p RiskPage) composer() []ui.Composer {
	if !p.may(risk.VerbNote) {
		return nil
	}
	var sent url.Values
	if p.Edit == "note" {
		sent = p.Form
	}
	return []ui.Composer{noteComposer(p.ID, p.action, p.Now, "Markdown. @name tells somebody. Ideas for solutions and blockers belong here, too.", sent, p.Wrong)}
}
