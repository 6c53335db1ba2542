package web

import (
	"net/http"
	"slices"

	"tocsin/internal/profile"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// RiskBoardPage is the open risks in columns, in each the highest score on top.
type RiskBoardPage struct {
	RegisterPage
	By      string
	Columns []risk.Column
	Moved   *Arrival
}

// registerBoardPlace is the register as a board, which shows open risks alone.
var registerBoardPlace = place{path: riskBoardPath, name: "register board", words: risk.Vocabulary, old: registerPlace.old, beside: append([]string{"by"}, registerBeside...)}

func registerBoard(w *Web, r *http.Request) (Answer, error) {
	p := RiskBoardPage{RegisterPage: w.registerPage(r, "Board of the register", registerBoardPlace), By: or(r.FormValue("by"), risk.Boards[0])}
	if !slices.Contains(risk.Boards, p.By) {
		p.By = risk.Boards[0]
	}
	p.Head.Style, p.Head.Script = registerStyle+" "+boardStyle, boardScript
	var err error
	if p.Asked.wrong == nil {
		p.Columns, err = w.Risks.Board(r.Context(), p.filter(), p.By)
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Moved = arrival(r, func(at *http.Request) (MovesPage, error) {
		x, err := w.readRisk(at, false)
		if err != nil {
			return MovesPage{}, err
		}
		x.Board = p.with()
		return x.moves(""), nil
	})
	return show(p.Asked.status(p.Wrong), riskBoardView(p))
}

// boardWords name the layouts.
var boardWords = map[string]string{"stage": "stage", "choice": "leader's choice", "department": "department", "rating": "rating", "scope": "scope"}

// bare tells whether the board shows no risk.
func (p RiskBoardPage) bare() bool {
	return !slices.ContainsFunc(p.Columns, func(c risk.Column) bool { return c.Count > 0 })
}

// movesAt is where the ways on of a risk are asked for.
func (p RiskBoardPage) movesAt(r *risk.Risk) string {
	return addParam(riskAddress(r.ID, "")+"/moves", "back", p.with())
}

// layouts are the ways to lay the board out.
func (p RiskBoardPage) layouts() []ui.Tab {
	var out []ui.Tab
	for _, by := range risk.Boards {
		out = append(out, ui.Tab{Text: "By " + boardWords[by], Href: p.with("by", by), Now: by == p.By})
	}
	return out
}

// columnHref is the list of a column's risks.
func (p RiskBoardPage) columnHref(c risk.Column) string {
	return p.whose(p.By, c.Name)
}

// riskTone is how far a risk is.
func riskTone(rules *profile.Profile, r *risk.Risk) ui.Tone {
	switch stages := riskMachine(rules).Stages; {
	case r.Closed:
		return ui.Quiet
	case len(stages) > 0 && r.Stage == stages[0].Name:
		return ui.Plain
	}
	return ui.Accent
}

func riskLabel(rules *profile.Profile, name string) string {
	return labelIn(riskMachine(rules), name)
}

func ratingTitle(rules *profile.Profile, word string) string {
	r, _ := rules.Rating(word)
	return or(r.Title, word)
}
