package web

import (
	"net/http"
	"net/url"
	"slices"

	"tocsin/internal/fault"
	"tocsin/internal/observation"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

const obsBoardPath = "/observations/board"

// obsBoardPlace is the observations as a board, which shows open ones alone.
var obsBoardPlace = place{path: obsBoardPath, name: "observations board", words: observation.Vocabulary, old: obsPlace.old, beside: []string{"by"}}

// ObsBoardPage is the open observations in columns, in each what is due first on top.
type ObsBoardPage struct {
	ObsListPage
	By      string
	Columns []observation.Column
	Moved   *Arrival
}

func obsBoard(w *Web, r *http.Request) (Answer, error) {
	p := ObsBoardPage{ObsListPage: w.obsListPage(r, "Board of the observations", obsBoardPlace), By: or(r.FormValue("by"), observation.Boards[0])}
	if !slices.Contains(observation.Boards, p.By) {
		p.By = observation.Boards[0]
	}
	p.Head.Style, p.Head.Script = p.Head.Style+" "+boardStyle, boardScript
	var err error
	if p.Asked.wrong == nil {
		p.Columns, err = w.Observations.Board(r.Context(), observation.Filter{Query: p.Asked.query}, p.By)
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Moved = arrival(r, func(at *http.Request) (MovesPage, error) {
		x, err := w.readObs(at)
		if err != nil {
			return MovesPage{}, err
		}
		x.Board = p.Asked.with()
		return x.moves(""), nil
	})
	return show(p.Asked.status(p.Wrong), obsBoardView(p))
}

// obsLayouts name the ways to lay the board out.
var obsLayouts = map[string]string{"stage": "stage", "rating": "rating", "cause": "root cause"}

func (p ObsBoardPage) layouts() []ui.Tab {
	var out []ui.Tab
	for _, by := range observation.Boards {
		out = append(out, ui.Tab{Text: "By " + obsLayouts[by], Href: p.Asked.with("by", by), Now: by == p.By})
	}
	return out
}

// bare tells whether the board shows no observation.
func (p ObsBoardPage) bare() bool {
	return !slices.ContainsFunc(p.Columns, func(c observation.Column) bool { return c.Count > 0 })
}

// movesAt is where the ways on of an observation are asked for.
func (p ObsBoardPage) movesAt(id ref.ID) string {
	return addParam(obsAddress(id)+"/moves", "back", p.Asked.with())
}

// columnHref is the list of a column's observations.
func (p ObsBoardPage) columnHref(c observation.Column) string {
	q, err := p.Asked.query.Set(p.By, or(c.Name, query.None))
	if err != nil {
		return obsPlace.path // no word of the present profile
	}
	list := p.Asked
	list.place = obsPlace
	if open, err := list.vocabulary.Parse(list.plain); err == nil && !q.Has("is", "open") {
		q = q.And(open.Terms[0])
	}
	return list.address(q.String())
}

// obsOf is the open observations that have a word in a field.
func obsOf(field, word string) string {
	asked := query.Query{}.And(query.Term{Field: "is", Op: query.Is, Values: []string{"open"}}).And(query.Term{Field: field, Op: query.Is, Values: []string{word}})
	return obsPlace.path + "?" + url.Values{"q": {asked.String()}}.Encode()
}

func obsMoves(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readObs(r)
	if err != nil {
		return Answer{}, err
	}
	p.Board, p.Move = boardOf(r, obsBoardPath), r.FormValue("move")
	return show(200, movesView(p.moves(r.FormValue("to"))))
}

// moves is the observation as the page of its moves.
func (p ObsPage) moves(to string) MovesPage {
	m := MovesPage{Head: p.Head, Machine: obsMachine(p.Rules), ID: p.ID, Title: p.Title, Stage: p.Stage, Address: obsAddress(p.ID), Action: p.action("moves"), Back: p.Board, To: to,
		Hidden: obsVersion(p), Wrong: p.Wrong}
	for _, n := range p.Moves {
		m.All = append(m.All, Step{n.Move, n.May, p.needs(n), lacking(n), n.Reason})
	}
	if p.Move = m.open(p.Move); p.Move != "" {
		m.Decide = obsDecide(p)
	}
	m.Head.Style, m.Head.Narrow, m.Head.Live = m.Head.Style+" "+boardStyle, true, ""
	return m
}

// moveAt is where the form of a move is sent.
func (p ObsPage) moveAt() string {
	if p.Board != "" {
		return p.action("moves")
	}
	return p.action("move")
}

func moveObsCard(w *Web, r *http.Request) (Answer, error) {
	id, board := ref.Read(r.PathValue("id")), boardOf(r, obsBoardPath)
	err := saveObsMove(w, unrepeated(r), id)
	err = unlessSent(err)
	if err == nil {
		w.Jobs.Wake()
	}
	return moved(r, err, id, board, func(f *fault.Fault) (MovesPage, error) {
		p, err := w.readObs(r)
		if err != nil {
			return MovesPage{}, err
		}
		p.Board, p.Move, p.Wrong, p.Form = board, r.PostFormValue("verb"), f, r.PostForm
		return p.moves(""), nil
	})
}
