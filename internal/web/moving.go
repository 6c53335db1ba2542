package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tocsin/internal/fault"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// movingRoutes are the ways on of one record as boards ask for them: a page of plain
// forms, which script shows over the board.
var movingRoutes = []Route{
	{Pattern: "GET /cases/{id}/moves", Do: caseMoves},
	{Pattern: "POST /cases/{id}/moves", Verb: "case.move", Do: moveCaseCard},
	{Pattern: "GET /risks/{id}/moves", Do: riskMoves},
	{Pattern: "POST /risks/{id}/moves", Verb: "risk.move", Do: moveRiskCard},
	{Pattern: "GET /observations/{id}/moves", Do: obsMoves},
	{Pattern: "POST /observations/{id}/moves", Verb: "observation.move", Do: moveObsCard},
}

// boardAssets are the style and the script of every board.
const (
	boardStyle  = "part-board.css"
	boardScript = "board.js"
)

// MovesPage is one record with the ways on that its life cycle and the reader's roles
// give it, each as a form, or with what it still lacks.
type MovesPage struct {
	Head    ui.PageHead
	Machine *lifecycle.Machine
	ID      ref.ID
	Title   string
	Stage   string
	Address string          // of the record
	Action  string          // where moves are sent
	Back    string          // the board
	To      string          // the stage that was asked for; "" is any
	All     []Step          // that leave the stage
	Decide  templ.Component // the form of the step that is open; nil is none
	Hidden  templ.Component // which row the forms were made from
	Wrong   *fault.Fault
}

// Step is a move as the page of moves offers it.
type Step struct {
	lifecycle.Move
	May     bool
	Needs   []ui.Need
	Missing int  // needs that only the record's page can mend
	Form    bool // asks for something itself: a reason, an answer
}

// lacking are the needs that do not hold.
func (p MovesPage) lacking(x Step) []ui.Need { return openNeeds(x.Needs, p.Address) }

// offered are the steps that the reader's roles cover, those that lead to the stage
// that was asked for, and those that can be taken first.
func (p MovesPage) offered() []Step {
	out := slices.DeleteFunc(slices.Clone(p.All), func(x Step) bool { return !x.May || p.To != "" && x.To != p.To })
	slices.SortStableFunc(out, func(a, b Step) int { return min(a.Missing, 1) - min(b.Missing, 1) })
	return out
}

// others are the steps that leave the stage for elsewhere, and those that are for
// other roles, in words.
func (p MovesPage) others() (elsewhere, forbidden []string) {
	for _, x := range p.All {
		switch {
		case p.To != "" && x.To != p.To && x.May:
			elsewhere = append(elsewhere, x.Title+" → "+p.stage(x.To))
		case !x.May && (p.To == "" || x.To == p.To):
			forbidden = append(forbidden, x.Title)
		}
	}
	return elsewhere, forbidden
}

// only is the one step that can be taken at once to the stage that was asked for.
func (p MovesPage) only() (Step, bool) {
	list := p.offered()
	if p.To == "" || len(list) != 1 || list[0].Missing > 0 {
		return Step{}, false
	}
	return list[0], true
}

// goes tells whether that step asks for nothing more, so that a card which was dropped
// goes there at once.
func (p MovesPage) goes() bool {
	x, ok := p.only()
	return ok && !x.Form && p.Wrong == nil
}

func (p MovesPage) stage(name string) string {
	s, _ := p.Machine.Stage(name)
	return or(s.Title, name)
}

// at is this page with parameters changed.
func (p MovesPage) at(pairs ...string) string {
	return addressed(p.Action, nil, nil, append([]string{"back", p.Back}, pairs...)...)
}

// none says why nothing is offered.
func (p MovesPage) none() string {
	_, forbidden := p.others()
	switch {
	case len(forbidden) > 0:
		return "Your roles do not cover: " + strings.Join(forbidden, ", ") + "."
	case p.To == p.Stage:
		return "It stands there already."
	case p.To != "":
		return "No step of the life cycle leads from " + p.stage(p.Stage) + " to " + p.stage(p.To) + "."
	}
	return "No step leaves " + p.stage(p.Stage) + "."
}

// stays says that a step was refused, and why.
func (p MovesPage) stays() *fault.Fault {
	if p.Wrong == nil || p.Wrong.Kind != fault.Missing {
		return p.Wrong
	}
	return fault.New(fault.Missing, "It stays in %s: %s.", p.stage(p.Stage), plural(len(p.Wrong.Needs), "thing is missing", "things are missing"))
}

// boardOf is the board over which a move is asked for: the one that the request names,
// with what it shows, else the plain one.
func boardOf(r *http.Request, plain string) string {
	to := local(r.FormValue("back"))
	if path, _, _ := strings.Cut(to, "?"); path != plain {
		return plain
	}
	return to
}

// arrived is the board that tells of a move which was taken.
func arrived(board string, id ref.ID, from string) string {
	return readdressed(board, "moved", string(id), "from", from)
}

const (
	caseBoardPath = "/cases/board"
	riskBoardPath = "/register/board"
)

func caseMoves(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readCase(r)
	if err != nil {
		return Answer{}, err
	}
	p.Board, p.Move = boardOf(r, caseBoardPath), r.FormValue("move")
	return show(200, movesView(p.moves(r.FormValue("to"))))
}

// moves is the case as the page of its moves.
func (p CasePage) moves(to string) MovesPage {
	m := MovesPage{Head: p.Head, Machine: p.Rules.Lifecycle("case"), ID: p.ID, Title: p.Title, Stage: p.Stage, Address: caseAddress(p.ID, ""),
		Action: caseAddress(p.ID, "") + "/moves", Back: p.Board, To: to, Hidden: hidden(p), Wrong: p.Wrong}
	for _, n := range p.Moves {
		w := p.way(n)
		m.All = append(m.All, Step{n.Move, n.May, w.Needs, w.Missing, w.Form})
	}
	if p.Move = m.open(p.Move); p.Move != "" {
		m.Decide = decideView(p)
	}
	m.Head.Current, m.Head.Style, m.Head.Narrow, m.Head.Live = "board", boardStyle, true, ""
	return m
}

// open is the step whose form is shown: the one that was asked for, or the only one
// there is.
func (p MovesPage) open(verb string) string {
	x, ok := p.only()
	if i := slices.IndexFunc(p.All, func(s Step) bool { return s.Verb == verb && s.May }); i >= 0 {
		x, ok = p.All[i], true
	}
	if !ok || !x.Form || x.Missing > 0 {
		return ""
	}
	return x.Verb
}

// moveAt is where the form of a move is sent.
func (p CasePage) moveAt() string {
	if p.Board != "" {
		return p.action("moves")
	}
	return p.action("move")
}

// pickAt is where the form of a move is shown again with another choice.
func (p CasePage) pickAt() string {
	if p.Board != "" {
		return p.action("moves")
	}
	return p.address()
}

func moveCaseCard(w *Web, r *http.Request) (Answer, error) {
	id, verb, board := ref.ID(r.PathValue("id")), r.PostFormValue("verb"), boardOf(r, caseBoardPath)
	return moved(r, w.stepCase(r, id, verb), id, board, func(f *fault.Fault) (MovesPage, error) {
		p, err := w.readCase(r)
		if err != nil {
			return MovesPage{}, err
		}
		p.Board, p.Move, p.Wrong, p.Form = board, verb, f, r.PostForm
		return p.moves(""), nil
	})
}

// moved leads back to the board after a card's move, or shows again, by again, what its
// form lacks.
func moved(r *http.Request, err error, id ref.ID, board string, again func(*fault.Fault) (MovesPage, error)) (Answer, error) {
	if f, ok := formFault(err); ok {
		p, err := again(f)
		if err != nil {
			return Answer{}, err
		}
		return show(statusOf(f), movesView(p))
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{To: arrived(board, id, r.PostFormValue("from"))}, nil
}

func riskMoves(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readRisk(r, false)
	if err != nil {
		return Answer{}, err
	}
	p.Board, p.Move = boardOf(r, riskBoardPath), r.FormValue("move")
	return show(200, movesView(p.moves(r.FormValue("to"))))
}

// moves is the risk as the page of its moves.
func (p RiskPage) moves(to string) MovesPage {
	m := MovesPage{Head: p.Head, Machine: riskMachine(p.Rules), ID: p.ID, Title: p.Title, Stage: p.Stage, Address: riskAddress(p.ID, ""),
		Action: p.action("moves"), Back: p.Board, To: to, Hidden: riskHidden(p), Wrong: p.Wrong}
	for _, n := range p.Moves {
		w := p.way(n)
		m.All = append(m.All, Step{n.Move, n.May, w.Needs, w.Missing, w.Form})
	}
	if p.Move = m.open(p.Move); p.Move != "" {
		m.Decide = riskDecide(p)
	}
	m.Head.Style, m.Head.Narrow, m.Head.Live = registerStyle+" "+boardStyle, true, ""
	return m
}

// moveAt is where the form of a move is sent.
func (p RiskPage) moveAt() string {
	if p.Board != "" {
		return p.action("moves")
	}
	return p.action("move")
}

func moveRiskCard(w *Web, r *http.Request) (Answer, error) {
	id, verb, board := ref.ID(r.PathValue("id")), r.PostFormValue("verb"), boardOf(r, riskBoardPath)
	return moved(r, w.stepRisk(r, id, verb), id, board, func(f *fault.Fault) (MovesPage, error) {
		p, err := w.readRisk(r, f.Kind == fault.Conflict)
		if err != nil {
			return MovesPage{}, err
		}
		p.Board, p.Move, p.Wrong, p.Form = board, verb, f, r.PostForm
		return p.moves(""), nil
	})
}

// Arrival is what a board says of a card that was just moved: where it stands now, and
// the way back, where the life cycle has one.
type Arrival struct {
	ID   ref.ID
	Says string
	Undo ui.Link // of the step that leads back; without an address there is none
}

// arrival tells of the card that the address names. A record that the reader may not
// see, and words that fit nothing, tell nothing.
func arrival(r *http.Request, read func(*http.Request) (MovesPage, error)) *Arrival {
	q := r.URL.Query()
	if q.Get("moved") == "" {
		return nil
	}
	at := r.Clone(r.Context())
	at.SetPathValue("id", q.Get("moved"))
	p, err := read(at)
	if err != nil {
		return nil
	}
	if _, ok := p.Machine.Stage(q.Get("from")); !ok || q.Get("from") == p.Stage {
		return nil
	}
	from, a := q.Get("from"), &Arrival{ID: p.ID}
	a.Says = string(p.ID) + " went from " + p.stage(from) + " to " + p.stage(p.Stage) + "."
	i := slices.IndexFunc(p.All, func(x Step) bool { return x.To == from })
	switch {
	case i < 0:
		a.Says += " No step of the life cycle leads back."
	case !p.All[i].May:
		a.Says += " The way back, " + lowerFirst(p.All[i].Title) + ", is for other roles."
	case p.All[i].Missing > 0:
		a.Says += " The way back is “" + p.All[i].Title + "”, which still lacks something."
		a.Undo = ui.Link{Text: "What it lacks", Href: p.at("to", from)}
	default:
		a.Undo = ui.Link{Text: "Undo: " + lowerFirst(p.All[i].Title), Href: p.at("to", from)}
		if p.All[i].Form {
			a.Undo.Text += "…"
		}
	}
	return a
}

// leadsTo is the stages to which a card can be moved, each with the step that leads
// there, for the script of boards.
func leadsTo(ways []lifecycle.Move) string {
	to := map[string]string{}
	for _, mv := range ways {
		if mv.Stays() {
			continue
		}
		if to[mv.To] != "" {
			to[mv.To] += ", " + mv.Title
			continue
		}
		to[mv.To] = mv.Title
	}
	b, err := json.Marshal(to)
	if err != nil {
		panic(err) // words by words
	}
	return string(b)
}

// ends are the stages of a life cycle at which records rest, which boards do not show.
func ends(m *lifecycle.Machine) []lifecycle.Stage {
	return slices.DeleteFunc(slices.Clone(m.Stages), func(s lifecycle.Stage) bool { return !s.Terminal })
}

// boardHead is what a column says of its cards: how many are in sight, of how many, and
// where all of them are.
type boardHead struct {
	Name, Title, Href string
	Stage             bool // it is a stage, to which cards move
	Here, All         int
}

// shown says how many of a column's cards are in sight.
func shown(here int, all string) string {
	if n := strconv.Itoa(here); n != all {
		return n + " of " + all
	}
	return all
}

// card is the anchor of the card that was moved.
func (a *Arrival) card() string {
	if a == nil {
		return ""
	}
	return "k-" + string(a.ID)
}

// firstName is the name by which somebody is called on a narrow card.
func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
