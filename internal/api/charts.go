package api

import (
	"strings"

	"tocsin/internal/kri"
	"tocsin/internal/picture"
	"tocsin/internal/quant"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// chartRoutes are the pictures of the register as files: the rows of package picture,
// by what they are of.
var chartRoutes = []Route{
	{"risk.charts", "GET", "/risk-charts/{picture}", risk.VerbRead, charts("the register", picture.Register), charted(picture.Register, func(in ChartQuery) picture.Ask {
		over := risk.Filter{Department: in.Department, Scope: in.Scope}
		return picture.Ask{Over: over, Listed: over, Recurs: recurrence.Ask{}, Money: quant.Asking{Options: quant.Options{Trials: in.Trials, Seed: uint64(in.Seed)}, Unit: in.Unit}} //nolint:gosec // at least 0
	})},
	{"risk.chart", "GET", "/risks/{id}/charts/{picture}", risk.VerbRead, charts("a risk", picture.Risk), charted(picture.Risk, PictureQuery.ask)},
	{"kri.chart", "GET", "/kris/{id}/charts/{picture}", kri.VerbRead, charts("an indicator", picture.Indicator), charted(picture.Indicator, PictureQuery.ask)},
}

// charts is the line of the reference about pictures of something.
func charts(what, of string) string {
	return "A picture of " + what + " as a file, always a download: " + strings.Join(picture.Names(of), ", ") + "; each with the ending .svg or .png"
}

// ChartQuery is which picture of the register, and how it is drawn.
type ChartQuery struct {
	Picture string `path:"picture" doc:"heatmap.svg, recurrence.png and so on."`
	Theme   string `query:"theme" enum:"light,dark" doc:"On a light or a dark ground; light where it is not given."`
	// Department and Scope narrow the heat map.
	Department string `query:"department" doc:"Of the heat map: only risks of this department."`
	Scope      string `query:"scope" doc:"Of the heat map: only risks of this scope."`
	// Trials, Seed and Unit say which run of the portfolio.
	Trials int    `query:"trials" min:"1" max:"10000000" doc:"Of the portfolio: years; 100000 where it is not given."`
	Seed   int    `query:"seed" min:"0" max:"1000000000" doc:"Of the portfolio: the seed of the run."`
	Unit   string `query:"unit" doc:"Of the portfolio: what losses are added up in."`
}

func (in ChartQuery) name() (file, theme string) { return in.Picture, in.Theme }

// PictureQuery is which picture of one record.
type PictureQuery struct {
	record
	Picture string `path:"picture" doc:"The name of the picture with the ending .svg or .png."`
	Theme   string `query:"theme" enum:"light,dark" doc:"On a light or a dark ground; light where it is not given."`
}

func (in PictureQuery) name() (file, theme string) { return in.Picture, in.Theme }

func (in PictureQuery) ask() picture.Ask { return picture.Ask{ID: ref.Read(string(in.ID))} }

// charted is the endpoint that answers with a picture. Its numbers are those of the
// reader's world, as on every page.
func charted[In interface{ name() (file, theme string) }](of string, ask func(In) picture.Ask) endpoint {
	return saved(func(c *call, in In) (string, []byte, error) {
		file, theme := in.name()
		return picture.File(c.ctx, c.house, of, file, theme, ask(in))
	})
}
