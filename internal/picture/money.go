package picture

import (
	"context"
	"math"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/house"
	"tocsin/internal/quant"
	"tocsin/internal/score/fair"
)

// Exceedance is how probable it is that a year costs more, before and after, beside
// what is tolerated.
func Exceedance(r *fair.Result, bears []chart.LossPoint) chart.LossExceedance {
	p := chart.LossExceedance{Title: "Loss exceedance", About: "How probable it is that the loss of a year exceeds an amount.", Currency: r.Unit,
		Curves: []chart.LossCurve{{Name: "as it is", Points: lossPoints(r.Curve), Years: r.Trials}}, Tolerance: bears}
	if r.After != nil {
		p.Curves = append(p.Curves, chart.LossCurve{Name: "as treated", Points: lossPoints(r.After.Curve), Years: r.Trials})
	}
	return p
}

// Tolerance is the curve of what is tolerated: lognormal, through two answers to
// "with which probability may a year cost more than this".
func Tolerance(first, then fair.Point) (out []chart.LossPoint) {
	e := fair.Through(first, then)
	for _, p := range [...]float64{.5, .4, .3, .25, .2, .15, .1, .08, .06, .05, .04, .03, .02, .015, .01, .008, .006, .005, .004, .003, .002, .001} {
		out = append(out, chart.LossPoint{Loss: e.Quantile(1 - p), Probability: p})
	}
	return out
}

func lossPoints(in []fair.Point) (out []chart.LossPoint) {
	for _, x := range in {
		out = append(out, chart.LossPoint{Loss: x.Loss, Probability: x.Probability})
	}
	return out
}

// Sensitivity is which inputs the loss of a year follows.
func Sensitivity(r fair.Risk) chart.BarList {
	p := chart.BarList{Title: "What moves it", About: "How closely each input goes with the loss of the year: rank correlation, by size."}
	for _, b := range r.Tornado {
		says := "the more, the more loss"
		if b.Correlation < 0 {
			says = "the more, the less loss"
		}
		p.Bars = append(p.Bars, chart.Bar{Name: strings.ReplaceAll(b.Factor, "_", " "), Value: math.Abs(b.Correlation), Says: says, Tone: chart.Accent})
	}
	return p
}

// Contribution is what each risk brings to the mean and to the worst years.
func Contribution(p *quant.Portfolio) chart.Contribution {
	r, titles := p.Run.Result, map[string]string{}
	for _, m := range p.Members {
		titles[string(m.Risk)] = m.Title
	}
	c := chart.Contribution{Title: "What each risk brings", About: "Its part of the mean year, and of the mean of the worst 1 % of years: the two orders differ.", Currency: r.Unit}
	for _, x := range r.Risks {
		part := chart.Part{Name: titles[x.ID], Href: "/risks/" + x.ID + "/quant", Mean: x.Mean, ES99: r.ES99}
		if part.Name == "" {
			part.Name = x.ID
		}
		if x.Portion != nil {
			part.Mean, part.ES99 = x.Portion.Mean*r.Mean, x.Portion.ES99*r.ES99
		}
		c.Parts = append(c.Parts, part)
	}
	return c
}

// portfolio is the newest result of what the asker adds up.
func portfolio(ctx context.Context, h *house.House, a Ask) (*quant.Portfolio, error) {
	p, err := h.Quants.Portfolio(ctx, a.Listed, a.Money)
	if err == nil && (p.Run == nil || p.Run.Result == nil) {
		err = nothing("the portfolio", "these risks were not run together, with these years and this seed; run them first")
	}
	return p, err
}

func contribution(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	p, err := portfolio(ctx, h, a)
	if err != nil {
		return nil, err
	}
	return Contribution(p), nil
}

func portfolioLoss(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	p, err := portfolio(ctx, h, a)
	if err != nil {
		return nil, err
	}
	return Exceedance(p.Run.Result, a.Bears), nil
}

// latest is the newest result of a risk's scenario.
func latest(ctx context.Context, h *house.House, a Ask) (*fair.Result, error) {
	q, err := h.Quants.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	if q.Latest == nil {
		return nil, nothing(q.Risk, "no year of its scenario was drawn; run it first")
	}
	return q.Latest.Result, nil
}

func riskLoss(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	r, err := latest(ctx, h, a)
	if err != nil {
		return nil, err
	}
	return Exceedance(r, a.Bears), nil
}

func sensitivity(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	r, err := latest(ctx, h, a)
	if err != nil {
		return nil, err
	}
	for _, x := range r.Risks {
		if len(x.Tornado) > 0 {
			return Sensitivity(x), nil
		}
	}
	return nil, nothing(a.ID, "every input of its scenario is one number, so none moves the loss")
}
