package api

import (
	"context"

	"tocsin/internal/house"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/fair"
)

// quantRoutes are the rows about quantification.
var quantRoutes = []Route{
	{"risk.quantification", "GET", "/risks/{id}/quantification", risk.VerbRead, "The scenario of a risk with its versions and runs, and the newest result", read(readQuant)},
	{"risk.describe", "PUT", "/risks/{id}/quantification", quant.VerbQuantify, "Keep a new version of a risk's scenario: Open FAIR, as YAML or JSON", respond(setQuant)},
	{"risk.quantify", "POST", "/risks/{id}/quantification/runs", quant.VerbQuantify, "Draw the years of the scenario in force; where the result stands, it is answered", create(runQuant)},
	{"risk.quantify.cancel", "DELETE", "/risks/{id}/quantification/runs/{run}", quant.VerbQuantify, "Cancel a run that is under way", change(cancelQuant)},
	{"risk.quantify.read", "GET", "/quantifications/{id}", risk.VerbRead, "One run: how far it is, and its result", read(readRun)},
	{"risk.portfolio", "GET", "/risk-portfolio", risk.VerbRead, "What the risks that you may see cost together, with the result where they were run", read(readPortfolio)},
	{"risk.portfolio.run", "POST", "/risk-portfolio", quant.VerbQuantify, "Draw the years of all risks that you may see and that have a scenario", create(runPortfolio)},
	{"risk.portfolio.cancel", "DELETE", "/quantifications/{id}", quant.VerbQuantify, "Cancel a run of several risks", change(cancelPortfolio)},
}

func readQuant(ctx context.Context, h *house.House, in record) (*quant.Quant, error) {
	return h.Quants.Of(ctx, in.ID)
}

// Described is a version of a scenario that was kept.
type Described struct {
	N    int    `json:"n"`    // its number
	Hash string `json:"hash"` // of what is run
}

func setQuant(ctx context.Context, h *house.House, in struct {
	record
	Body quant.Setting
}) (*Described, error) {
	s, err := h.Quants.SetScenario(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	return &Described{s.N, s.Hash}, nil
}

func runQuant(ctx context.Context, h *house.House, in struct {
	record
	Body quant.Options
}) (*Made, error) {
	id, err := h.Quants.Run(ctx, in.ID, in.Body)
	return &Made{id, "/quantifications/" + string(id)}, err
}

func cancelQuant(ctx context.Context, h *house.House, in struct {
	record
	Run ref.ID `path:"run" doc:"The run's ID."`
}) error {
	return h.Quants.Cancel(ctx, in.ID, in.Run)
}

func readRun(ctx context.Context, h *house.House, in record) (*quant.Run, error) {
	return h.Quants.Get(ctx, in.ID)
}

func cancelPortfolio(ctx context.Context, h *house.House, in record) error {
	return h.Quants.Cancel(ctx, "", in.ID)
}

// PortfolioQuery is which risks are added up, and how.
type PortfolioQuery struct {
	RiskFilter
	Trials int    `query:"trials" min:"1" max:"10000000" doc:"Years; 100000 where it is not given."`
	Seed   int    `query:"seed" min:"0" max:"1000000000" doc:"The same seed gives the same numbers."`
	Unit   string `query:"unit" doc:"That losses are added up in; that of most scenarios where it is not given."`
}

func readPortfolio(ctx context.Context, h *house.House, in PortfolioQuery) (*quant.Portfolio, error) {
	f, err := in.filter(h)
	if err != nil {
		return nil, err
	}
	return h.Quants.Portfolio(ctx, f, quant.Asking{Options: quant.Options{Trials: in.Trials, Seed: uint64(in.Seed)}, Unit: in.Unit}) //nolint:gosec // at least 0
}

// PortfolioRun is a run of several risks.
type PortfolioRun struct {
	quant.Options
	Unit        string            `json:"unit,omitempty"`     // that losses are added up in; empty is that of most scenarios
	Appetite    []float64         `json:"appetite,omitempty"` // losses of a year whose probability is asked
	Correlation *fair.Correlation `json:"correlation,omitempty"`
	Department  string            `json:"department,omitempty"` // only risks of this department
	Scope       string            `json:"scope,omitempty"`      // only of this scope
	Rating      string            `json:"rating,omitempty"`     // only of this rating
	Label       string            `json:"label,omitempty"`      // only with this label
}

func runPortfolio(ctx context.Context, h *house.House, in struct{ Body PortfolioRun }) (*Made, error) {
	b := in.Body
	id, err := h.Quants.RunPortfolio(ctx, risk.Filter{Department: b.Department, Scope: b.Scope, Rating: b.Rating, Label: b.Label},
		quant.Asking{Options: b.Options, Unit: b.Unit, Appetite: b.Appetite, Correlation: b.Correlation})
	return &Made{id, "/quantifications/" + string(id)}, err
}
