// Package picture is the table of the register's pictures: what each is called,
// what it is of, and how it is drawn from what its reader may see. The pages draw
// them from what they have read, the files and the API by the row of the table, and
// both by the same functions, so that a picture tells the same wherever it is met.
//
// It draws nothing itself (package chart does), decides nothing and reads nothing
// past the operations of the house. Package web and package api use it. To add a
// picture: a row in Kinds; the routes, the links beside it and the tests of
// outsiders and of two worlds pick it up.
package picture

import (
	"context"
	"path"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/chart"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/locale"
	"tocsin/internal/quant"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// What a picture is of.
const (
	Register  = "register"
	Risk      = "risk"
	Indicator = "kri"
)

// Kind is one row of the table of pictures.
type Kind struct {
	Of    string // Register, Risk or Indicator
	Name  string // in addresses: "heatmap"
	Title string // for people who choose one
	draw  func(context.Context, *house.House, Ask) (chart.Picture, error)
}

// Kinds is every picture that there is as a file.
var Kinds = []Kind{
	{Register, "heatmap", "Heat map, with the way of the worst risks", heatMap},
	{Register, "recurrence", "What keeps coming back", recurs},
	{Register, "velocity", "Velocity: opened, closed, rated up and down", velocity},
	{Register, "ageing-found", "Days since the risks were found", ageing(0)},
	{Register, "ageing-reviewed", "Days since the last review", ageing(1)},
	{Register, "contribution", "What each risk brings to the portfolio", contribution},
	{Register, "loss", "Loss exceedance of the portfolio", portfolioLoss},
	{Risk, "movement", "Where it stands: inherent, residual, adjusted", ofRisk(Risks.movement)},
	{Risk, "history", "Score over time, with the reasons", ofRisk(Risks.history)},
	{Risk, "burn-down", "Residual score against the plan", ofRisk(Risks.burnDown)},
	{Risk, "bow-tie", "From the source to the consequence", ofRisk(Risks.bowTie)},
	{Risk, "diagram", "The diagram of the statement", ofRisk(Risks.diagram)},
	{Risk, "loss", "Loss exceedance before and after treatment", riskLoss},
	{Risk, "sensitivity", "What moves the loss", sensitivity},
	{Indicator, "values", "The values between their limits", indicator},
}

// Ask is what a picture is asked for with; most need no more than the ID.
type Ask struct {
	ID     ref.ID                 // of the risk or the indicator
	Over   risk.Filter            // of the heat map: what is counted
	Listed risk.Filter            // of the heat map: whose way is drawn; of a portfolio: what is added up
	Recurs recurrence.Ask         // of what keeps coming back
	Money  quant.Asking           // of a portfolio
	Bears  []chart.LossPoint      // of losses: what is tolerated, as points of a curve
	Name   func(id ref.ID) string // how people are called; nil is by what the risk says of them
	Reads  *locale.Reader         // who it is drawn for
}

// Find returns the row of that name.
func Find(of, name string) (Kind, bool) {
	for _, k := range Kinds {
		if k.Of == of && k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Names lists the pictures of something, for documents.
func Names(of string) (out []string) {
	for _, k := range Kinds {
		if k.Of == of {
			out = append(out, k.Name)
		}
	}
	return out
}

// Draw draws the picture from what the actor of ctx may see.
func (k Kind) Draw(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	return k.draw(ctx, h, a)
}

// File draws a picture as a file, by a name such as "heatmap.svg"; theme is light or
// dark. A name that is none is answered as a record that does not exist.
func File(ctx context.Context, h *house.House, of, name, theme string, a Ask) (file string, body []byte, err error) {
	ending := path.Ext(name)
	k, known := Find(of, strings.TrimSuffix(name, ending))
	if !known || ending != ".svg" && ending != ".png" {
		return "", nil, access.NoRecord()
	}
	p, err := k.Draw(ctx, h, a)
	if err != nil {
		return "", nil, err
	}
	file = name
	if a.ID != "" {
		file = string(a.ID) + "-" + name
	}
	t := chart.Light
	if theme == string(chart.Dark) {
		t = chart.Dark
	}
	if ending == ".png" {
		body, err = p.Draw(a.Reads).PNG(t)
		return file, body, err
	}
	return file, p.Draw(a.Reads).File(t), nil
}

// nothing says that there is nothing to draw, and what would give it.
func nothing(id ref.ID, says string) error {
	return fault.New(fault.NotFound, "there is nothing to draw of %s yet: %s", id, says)
}
