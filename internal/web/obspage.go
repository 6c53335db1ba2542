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
	"tocsin/internal/lifecycle"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// ObsPage is one observation.
type ObsPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Me    ref.ID
	Now   time.Time
	*observation.Full
	Edit  string // the section that is a form
	Move  string // the move whose form is open
	Board string // from which the move is asked for; "" is the observation's own page
	Form  url.Values
	Wrong *fault.Fault
}

func obsPage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readObs(r)
	if err != nil {
		return Answer{}, err
	}
	p.Edit, p.Move = r.FormValue("edit"), r.FormValue("move")
	return show(200, obsPageView(p))
}

func (w *Web) readObs(r *http.Request) (p ObsPage, err error) {
	p = ObsPage{Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC()}
	if p.Full, err = w.Observations.Get(r.Context(), ref.Read(r.PathValue("id"))); err != nil {
		return p, err
	}
	p.Head = w.keepHead(r, p.Title)
	return p, nil
}

// obsSaves are the forms of an observation, by the last word of their address.
var obsSaves = map[string]func(*Web, *http.Request, ref.ID) error{
	"statement": saveObsStatement, "rating": saveObsRating, "details": saveObsDetails, "proof": saveObsProof, "ask": saveObsAsk, "approve": saveObsApproval, "labels": saveObsLabel,
	"access": saveObsAccess, "note": saveObsNote, "move": saveObsMove, "files": saveObsFiles,
}

// saveObs is the handler of one form: done it leads back, refused it comes back.
func saveObs(form string) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		id := ref.Read(r.PathValue("id"))
		err := obsSaves[form](w, unrepeated(r), id)
		if err = unlessSent(err); err == nil {
			w.Jobs.Wake()
			return lead(obsAddress(id), "saved")
		}
		f, ok := formFault(err)
		if !ok {
			return Answer{}, err
		}
		p, err := w.readObs(r)
		if err != nil {
			return Answer{}, err
		}
		p.Edit, p.Form, p.Wrong = form, r.PostForm, f
		if form == "move" {
			p.Move = r.PostFormValue("verb")
		}
		return show(statusFor(f), obsPageView(p))
	}
}

func saveObsStatement(w *Web, r *http.Request, id ref.ID) error {
	return w.Observations.Edit(r.Context(), id, observation.Patch{Version: rowVersion(r), Title: sent(r, "title"), Condition: sent(r, "condition"), Criteria: sent(r, "criteria"), RootCause: sent(r, "root_cause"),
		Consequence: sent(r, "consequence"), Recommendation: sent(r, "recommendation")})
}

func saveObsRating(w *Web, r *http.Request, id ref.ID) error {
	l, i := sentCell(r)
	return w.Observations.Edit(r.Context(), id, observation.Patch{Version: rowVersion(r), Likelihood: &l, Impact: &i})
}

func saveObsDetails(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	entity, owner := r.PostFormValue("entity") != "", ref.ID(r.PostFormValue("owner"))
	p := observation.Patch{Version: rowVersion(r), Owner: &owner, Department: sent(r, "department"), Control: sent(r, "control"), Cause: sent(r, "cause"), Entity: &entity,
		Source: sent(r, "source"), External: sent(r, "external"), Link: sent(r, "link")}
	if r.PostFormValue("due_why") != "" || r.PostFormValue("due") != r.PostFormValue("due.was") {
		p.Due, p.DueWhy = sentMoment(&fs, r, "due"), sent(r, "due_why")
	}
	if err := fs.Err(); err != nil {
		return w.afterFirst(r, observation.VerbEdit, id, err)
	}
	return w.Observations.Edit(r.Context(), id, p)
}

func saveObsProof(w *Web, r *http.Request, id ref.ID) error {
	return w.Observations.Edit(r.Context(), id, observation.Patch{Version: rowVersion(r), Proof: sent(r, "proof")})
}

func saveObsAsk(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	in := observation.Asking{Version: rowVersion(r), Reason: r.PostFormValue("ask.reason"), Controls: r.PostFormValue("ask.controls"), Months: whole(&fs, r, "ask.months")}
	if err := fs.Err(); err != nil {
		return w.afterFirst(r, observation.VerbEdit, id, err)
	}
	return fieldsOf(w.Observations.Ask(r.Context(), id, in), "", "ask.")
}

func saveObsApproval(w *Web, r *http.Request, id ref.ID) error {
	return fieldsOf(w.Observations.Approve(r.Context(), id, rowVersion(r), r.PostFormValue("approve.note"), r.PostFormValue("do") == "refuse"), "", "approve.")
}

func saveObsLabel(w *Web, r *http.Request, id ref.ID) error {
	if off := r.PostFormValue("off"); off != "" {
		return w.Observations.Label(r.Context(), id, off, false, "")
	}
	return fieldsOf(w.Observations.Label(r.Context(), id, r.PostFormValue("label.label"), true, r.PostFormValue("label.reason")), "", "label.")
}

func saveObsAccess(w *Web, r *http.Request, id ref.ID) error {
	switch do := r.PostFormValue("do"); do {
	case "restrict", "open":
		return fieldsOf(w.Observations.Restrict(r.Context(), id, do == "restrict", r.PostFormValue("access.reason")), "", "access.")
	}
	if off := r.PostFormValue("off"); off != "" {
		return w.Observations.Unshare(r.Context(), id, ref.ID(off))
	}
	return fieldsOf(w.Observations.Share(r.Context(), id, ref.ID(r.PostFormValue("access.with"))), "", "access.")
}

func saveObsNote(w *Web, r *http.Request, id ref.ID) error {
	_, err := w.Observations.Note(once(r), id, r.PostFormValue("note-text"))
	return err
}

func saveObsMove(w *Web, r *http.Request, id ref.ID) error {
	return w.Observations.Move(r.Context(), id, access.Verb(r.PostFormValue("verb")), observation.Step{Version: rowVersion(r), Reason: r.PostFormValue("reason"), Proof: r.PostFormValue("step-proof")})
}

func saveObsFiles(w *Web, r *http.Request, id ref.ID) error {
	return w.eachFile(r, observation.VerbEdit, func(name string, c content) error {
		_, err := w.Observations.Attach(r.Context(), id, name, c)
		return err
	})
}

// obsMachine is the life cycle of observations.
func obsMachine(rules *profile.Profile) *lifecycle.Machine {
	return rules.Lifecycle(rules.Register.Observations.Lifecycle)
}

func obsStage(rules *profile.Profile, name string) string {
	if s, ok := obsMachine(rules).Stage(name); ok {
		return s.Title
	}
	return name
}

// obsRating is what people call a rating of observations.
func obsRating(rules *profile.Profile, word string) string {
	for _, r := range rules.Register.Observations.Ratings {
		if r.Word == word {
			return r.Title
		}
	}
	return or(word, "Not rated")
}

func (p ObsPage) may(verb access.Verb) bool { return p.May[string(verb)] }

func (p ObsPage) action(form string) string { return obsAddress(p.ID) + "/" + form }

// editing tells whether a section is shown as a form.
func (p ObsPage) editing(section string) bool {
	return p.Edit == section && p.may(observation.VerbEdit)
}

// in fills a field with what was typed into the form at hand or is stored, and with
// what is wrong.
func (p ObsPage) in(in ui.Input, stored string) ui.Input {
	if p.Form.Has(in.Name) {
		stored = p.Form.Get(in.Name)
	}
	return in.For(stored, p.Wrong)
}

// aside tells whether a stage lies beside the way that leads on: one goes there for a
// reason alone.
func aside(m *lifecycle.Machine, stage string) bool {
	into := 0
	for _, mv := range m.Moves {
		if mv.To == stage && !mv.Loop {
			if into++; !mv.Reason {
				return false
			}
		}
	}
	return into > 0
}

// rail is the way of the observation that leads on, with where it stands.
func (p ObsPage) rail() []ui.Stage {
	m := obsMachine(p.Rules)
	var out []ui.Stage
	now := slices.IndexFunc(m.Stages, func(s lifecycle.Stage) bool { return s.Name == p.Stage })
	for i, s := range m.Stages {
		if aside(m, s.Name) && i != now {
			continue // the ways aside are shown where it took one
		}
		x := ui.Stage{Title: s.Title}
		switch {
		case i == now && s.Terminal:
			x.State = "done"
		case i == now && p.Late(p.Now):
			x.State, x.Note = "late", "due "+p.Head.Reads.Date(p.Due)
		case i == now:
			x.State = "now"
			if !p.Due.IsZero() {
				x.Note = "due " + p.Head.Reads.Date(p.Due)
			}
		case i < now:
			x.State = "done"
		}
		out = append(out, x)
	}
	return out
}

// main is the move that leads on; others are the rest.
func (p ObsPage) main() (main *observation.Next, others []observation.Next) {
	for i, n := range p.Moves {
		if main == nil && !n.Loop && !n.Reason {
			main = &p.Moves[i]
			continue
		}
		others = append(others, n)
	}
	return main, others
}

// lacking counts what a move still lacks.
func lacking(n observation.Next) (count int) {
	for _, h := range n.Needs {
		if !h.Holds {
			count++
		}
	}
	return count
}

// needs are what a move asks for, each with where it is mended.
func (p ObsPage) needs(n observation.Next) []ui.Need {
	var out []ui.Need
	for _, h := range n.Needs {
		x := ui.Need{Done: h.Holds, Text: capital(h.Says)}
		if h.Holds && h.Word == "described" {
			x.Text = "What was found, in four parts"
		}
		if !h.Holds && h.Link != "" && h.Link != "#decide" {
			word := strings.TrimPrefix(h.Link, "#")
			x.Link = ui.Link{Text: "fill in", Href: obsAddress(p.ID) + "?edit=" + sectionOf(word) + h.Link}
		}
		out = append(out, x)
	}
	return out
}

// sectionOf is the section that holds what a need links to.
func sectionOf(word string) string {
	switch word {
	case "owner":
		return "details"
	case "acceptance":
		return "ask"
	}
	return word
}

// turn says whose turn it is.
func (p ObsPage) turn() ui.Turn {
	main, _ := p.main()
	if main == nil {
		return ui.Turn{Title: obsStage(p.Rules, p.Stage), Says: p.endWords(), Wait: true}
	}
	t := ui.Turn{Title: "Next: " + lowerFirst(main.Title), Wait: true, Needs: p.needs(*main), Late: p.Late(p.Now)}
	a := ui.Action{Text: main.Title, Kind: "primary", Name: "verb", Value: main.Verb, Href: p.action("move"), Off: !main.May || lacking(*main) > 0}
	switch {
	case !main.May:
		t.Says, t.Why = "Somebody with the role for it takes this step.", "your roles do not cover it"
	case lacking(*main) > 0:
		t.Why = plural(lacking(*main), "thing is missing", "things are missing")
	default:
		t.Title, t.Wait = "Your turn: "+lowerFirst(main.Title), false
	}
	t.Moves = append(t.Moves, a)
	return t
}

func (p ObsPage) endWords() string {
	if a := p.Acceptance; a != nil && p.Closed && aside(obsMachine(p.Rules), p.Stage) {
		return "Borne until " + p.Head.Reads.Date(a.Until) + "."
	}
	return or(p.Observation.Said, "No step leads on from here by itself.")
}

// opened is the move whose form is open.
func (p ObsPage) opened() (observation.Next, bool) {
	for _, n := range p.Moves {
		if n.Verb == p.Move && n.May {
			return n, true
		}
	}
	return observation.Next{}, false
}

// cs are the four parts of a finding and what it asks for, each with its question.
var cs = []struct{ name, label, help string }{
	{"condition", "Condition", "What is: what was found?"}, {"criteria", "Criteria", "What should be: the policy, control or standard?"}, {"root_cause", "Cause", "Why is it so?"},
	{"consequence", "Consequence", "What follows from it?"}, {"recommendation", "Recommendation", "What should be done?"},
}

// part is the text of one of the parts.
func (p ObsPage) part(name string) string {
	return map[string]string{"condition": p.Condition, "criteria": p.Criteria, "root_cause": p.RootCause, "consequence": p.Consequence, "recommendation": p.Recommendation}[name]
}

// facts are what is known of the observation besides.
func (p ObsPage) facts() []ui.Fact {
	f := []ui.Fact{{Term: "Found", Show: ui.Day(p.Found)}, {Term: "Source", Text: join(" ", p.Source, p.External), Href: p.Link}, {Term: "Control", Text: p.Control}, {Term: "Root cause", Text: p.Cause, Mono: true}}
	if p.Cause != "" {
		f[3].Href = obsOf("cause", p.Cause)
	}
	if p.Entity {
		f = append(f, ui.Fact{Term: "Reach", Text: "a control of the whole organisation"})
	}
	f = append(f, ui.Fact{Term: "Department", Text: p.Department})
	if !p.Due.IsZero() {
		f = append(f, ui.Fact{Term: "Due", Show: ui.Day(p.Due), Small: p.DueWhy})
	}
	if !p.Review.IsZero() {
		f = append(f, ui.Fact{Term: "Looked at again", Show: ui.Day(p.Review)})
	}
	return f
}

// name is how somebody on the observation is called.
func (p ObsPage) name(id ref.ID) string {
	if n := p.People[id]; n != "" {
		return n
	}
	return p.Names.name(id)
}

func (p ObsPage) said() []ui.Message { return messages(p.Full.Said) }

func (p ObsPage) composer() []ui.Composer {
	if !p.may(observation.VerbEdit) {
		return nil
	}
	var sent url.Values
	if p.Edit == "note" {
		sent = p.Form
	}
	return []ui.Composer{noteComposer(p.ID, p.action, p.Now, "Markdown. @name tells somebody.", sent, p.Wrong)}
}

// labels are those of the life cycle that people set, as answers of a form.
func (p ObsPage) labels() []ui.Option {
	var out []ui.Option
	for _, l := range obsMachine(p.Rules).Labels {
		if !p.Has(l.Name) {
			out = append(out, ui.Option{Value: l.Name, Text: l.Title})
		}
	}
	return out
}

// label is what people call a label of observations.
func (p ObsPage) label(name string) string {
	if l, ok := obsMachine(p.Rules).Label(name); ok {
		return l.Title
	}
	return name
}

// pick is the table of the rating: every cell of likelihood by impact.
type pick struct {
	Rules *profile.Profile
	Now   string // "3,4"
	Wrong string
}

func pickOf(rules *profile.Profile, likelihood, impact int, form url.Values, wrong *fault.Fault) pick {
	p := pick{Rules: rules, Wrong: or(ui.ErrorFor(wrong, "likelihood"), ui.ErrorFor(wrong, "impact"))}
	if likelihood > 0 {
		p.Now = strconv.Itoa(likelihood) + "," + strconv.Itoa(impact)
	}
	if form.Has("cell") {
		p.Now = form.Get("cell")
	}
	return p
}

// rating is the rating of a cell.
func (p pick) rating(likelihood, impact int) profile.ObsRating {
	for _, r := range p.Rules.Register.Observations.Ratings {
		if n := likelihood * impact; n >= r.From && n <= r.To {
			return r
		}
	}
	return profile.ObsRating{}
}

// detail fills a field of the form of details.
func (p ObsPage) detail(in ui.Input) ui.Input {
	stored := map[string]string{"source": p.Source, "external": p.External, "link": p.Link, "control": p.Control, "cause": p.Cause, "owner": string(p.Owner), "department": p.Department}
	return p.in(in, stored[in.Name])
}

// dateValue writes a day as a date field wants it, "" for none.
func dateValue(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
