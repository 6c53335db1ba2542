package api

import (
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/chart"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/review"
	"tocsin/internal/risk"
)

// chartRoutes are the pictures of the register as files.
var chartRoutes = []Route{
	{"risk.chart", "GET", "/risk-charts/{picture}", risk.VerbRead, "A picture of the register as a file: heatmap, recurrence, velocity, ageing-found or ageing-reviewed, with the ending .svg or .png; always a download", charted()},
}

// ChartQuery is how a picture is drawn.
type ChartQuery struct {
	Picture string `path:"picture" doc:"heatmap.svg, recurrence.png and so on."`
	Theme   string `query:"theme" enum:"light,dark" doc:"On a light or a dark ground; light where it is not given."`
	// Department and Scope narrow the heat map.
	Department string `query:"department" doc:"Of the heat map: only risks of this department."`
	Scope      string `query:"scope" doc:"Of the heat map: only risks of this scope."`
}

// charted is the endpoint that answers with a picture. Its numbers are those of the
// reader's world, as on every page.
func charted() endpoint {
	return saved(func(c *call, in ChartQuery) (string, []byte, error) {
		name, ending, _ := strings.Cut(in.Picture, ".")
		draw, known := pictures[name]
		if !known || ending != "svg" && ending != "png" {
			return "", nil, access.NoRecord()
		}
		p, err := draw(c, in)
		if err != nil {
			return "", nil, err
		}
		theme := chart.Light
		if in.Theme == "dark" {
			theme = chart.Dark
		}
		if ending == "png" {
			b, err := p.Draw().PNG(theme)
			return in.Picture, b, err
		}
		return in.Picture, p.Draw().File(theme), nil
	})
}

var pictures = map[string]func(*call, ChartQuery) (chart.Picture, error){
	"heatmap": heatMap, "recurrence": recurrencePicture, "velocity": velocityPicture, "ageing-found": ageingPicture(0), "ageing-reviewed": ageingPicture(1),
}

func heatMap(c *call, in ChartQuery) (chart.Picture, error) {
	o, err := c.house.Risks.Overview(c.ctx, risk.Filter{Department: in.Department, Scope: in.Scope})
	if err != nil {
		return nil, err
	}
	h := chart.HeatMap{Title: "Heat map", About: "How many risks stand in each cell of the score in force.", Across: levelsOf(o.Scales.Impact()), Up: levelsOf(o.Scales.Likelihood())}
	count := map[[2]int]int{}
	for _, x := range o.Cells {
		count[[2]int{x.Likelihood, x.Impact}] = x.Count
	}
	for l := range o.Scales.Likelihood().Levels {
		for i := range o.Scales.Impact().Levels {
			h.Cells = append(h.Cells, heatCell(o, l+1, i+1, count[[2]int{l + 1, i + 1}]))
		}
	}
	return h, nil
}

func heatCell(o *risk.Overview, likelihood, impact, count int) chart.HeatCell {
	score := likelihood * impact
	c := chart.HeatCell{Across: impact, Up: likelihood, Score: float64(score), Count: count}
	for _, b := range o.Scales.Ratings {
		if score >= b.From && score <= b.To {
			c.Rating, c.Tone = b.Title, chart.Tone(b.Word)
		}
	}
	switch {
	case score > o.Scales.Ceiling:
		c.Beyond = 2
	case score > o.Appetite.UpTo:
		c.Beyond = 1
	}
	return c
}

func levelsOf(s profile.Scale) chart.Axis {
	a := chart.Axis{Title: s.Title}
	for _, l := range s.Levels {
		a.Levels = append(a.Levels, l.Title)
	}
	return a
}

func recurrencePicture(c *call, _ ChartQuery) (chart.Picture, error) {
	a, err := c.house.Recurrence.Answer(c.ctx, recurrence.Ask{Groups: 60, Dots: 200})
	if err != nil {
		return nil, err
	}
	p := chart.Recurrence{Title: "What keeps coming back", About: "Cases of one weakness in one place, within the window.", From: a.Window.From(), To: a.Window.To(), Threshold: a.Threshold}
	for _, g := range a.Groups {
		s := chart.Strip{Name: g.Weakness + " " + g.Name, Where: strings.Trim(g.Product+" "+g.Component, " "), Hidden: g.Hidden}
		for _, d := range g.Cases {
			s.Cases = append(s.Cases, chart.Dot{At: d.At, Severity: d.Severity, Tone: chart.Tone(d.Severity), Name: string(d.Case)})
		}
		p.Strips = append(p.Strips, s)
	}
	return p, nil
}

func velocityPicture(c *call, _ ChartQuery) (chart.Picture, error) {
	f, err := c.house.Reviews.Figures(c.ctx)
	if err != nil {
		return nil, err
	}
	v := chart.Velocity{Title: "Velocity", About: "Risks opened, closed, rated up and rated down, by month."}
	for _, m := range f.Velocity {
		v.Months = append(v.Months, chart.Month{At: m.At, Opened: m.Opened.Value, Closed: m.Closed.Value, Up: m.Up.Value, Down: m.Down.Value})
	}
	return v, nil
}

// ageingPicture draws how long open risks have waited: since they were found, or
// since the last review.
func ageingPicture(n int) func(*call, ChartQuery) (chart.Picture, error) {
	return func(c *call, _ ChartQuery) (chart.Picture, error) {
		f, err := c.house.Reviews.Figures(c.ctx)
		if err != nil {
			return nil, err
		}
		a := review.Ageing{}
		if n < len(f.Ageing) {
			a = f.Ageing[n]
		}
		return chart.Ageing{Title: "Days since " + a.Since, About: "Open risks by how long they have waited, the oldest first.", Since: a.Since, Target: a.Target, Ages: a.Days}, nil
	}
}
