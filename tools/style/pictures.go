package main

import (
	"context"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/chart"
	"tocsin/internal/fault"
	"tocsin/internal/web/ui"
)

// pictures is a page with every picture of the register, or one of them as the
// file that it is exported as: ?file=recurrence.png.
func pictures(w http.ResponseWriter, r *http.Request) {
	theme := r.FormValue("theme")
	if name := r.FormValue("file"); name != "" {
		export(w, name, chart.Theme(theme))
		return
	}
	body := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		for _, s := range samples() {
			if _, err := io.WriteString(w, `<section class="sheet"><h2>`+templ.EscapeString(s.title)+`</h2>`+chart.Both(s.picture, nil)+`<p class="small"><a href="?file=`+s.name+`.svg">SVG</a> <a href="?file=`+s.name+`.png">PNG</a></p></section>`); err != nil {
				return err
			}
		}
		return nil
	})
	stack := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, `<div class="stack">`) // a broken connection shows with the next write
		if err := body.Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, "</div>")
		return err
	})
	page := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return ui.Layout(ui.PageHead{Title: "Pictures", Theme: theme}).Render(templ.WithChildren(ctx, stack), w)
	})
	templ.Handler(page).ServeHTTP(w, r)
}

// export answers with a picture as a file.
func export(w http.ResponseWriter, name string, theme chart.Theme) {
	for _, s := range samples() {
		switch name {
		case s.name + ".svg":
			w.Header().Set("Content-Type", "image/svg+xml")
			_, _ = w.Write(s.picture.Draw(nil).File(theme)) // the reader has gone away: nobody is left to tell
			return
		case s.name + ".png":
			b, err := s.picture.Draw(nil).PNG(theme)
			if err != nil {
				http.Error(w, fault.Of(err).Says, http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(b) // the reader has gone away: nobody is left to tell
			return
		}
	}
	http.NotFound(w, nil)
}

type sample struct {
	name, title string
	picture     chart.Picture
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var (
	now     = day(2026, 11, 22)
	ratings = []chart.Band{{Title: "Low", Tone: chart.Low, From: 1, To: 10}, {Title: "Medium", Tone: chart.Medium, From: 11, To: 20}, {Title: "High", Tone: chart.High, From: 21, To: 25}, {Title: "Critical", Tone: chart.Critical, From: 26, To: 30}}
)

func samples() []sample {
	return []sample{
		{"recurrence", "What keeps coming back", sampleRecurrence()},
		{"heat-map", "Where we are", sampleHeatMap()},
		{"move", "One risk on the map", sampleMove()},
		{"history", "How the score went", sampleHistory()},
		{"burn-down", "Is the plan working", sampleBurnDown()},
		{"exceedance", "Can we bear it", sampleExceedance()},
		{"contribution", "What the portfolio is made of", sampleContribution()},
		{"ageing", "Whom do we chase", sampleAgeing()},
		{"kri", "Cross-site scripting reports a month", sampleKRI()},
		{"velocity", "What moved", sampleVelocity()},
		{"spark", "Twelve months", chart.Sparkline{Title: "12 months, now 9, worse", Values: []float64{3, 4, 4, 5, math.NaN(), 6, 6, 7, 7, 8, 8, 9}, Tone: chart.High}},
		{"bow-tie", "How it may come to pass", sampleBowTie()},
		{"bars", "Open risks by department", sampleBars()},
		{"stack", "Risks by health", sampleStack()},
		{"flow", "Where the data goes", sampleFlow()},
		{"empty", "Nothing yet", chart.HeatMap{Title: "Register"}},
	}
}

func dots(component string, at ...chart.Dot) []chart.Dot {
	for i := range at {
		at[i].Name, at[i].Severity, at[i].Href = "CASE-7QK3D9X"+string(rune('A'+i)), map[chart.Tone]string{chart.Critical: "Critical", chart.High: "High", chart.Medium: "Medium", chart.Low: "Low"}[at[i].Tone], "/cases/"+component
	}
	return at
}

func sampleRecurrence() chart.Recurrence {
	m, h, c, l := chart.Medium, chart.High, chart.Critical, chart.Low
	return chart.Recurrence{Title: "Recurrence by weakness and component over 24 months", About: "Two of four weaknesses came back five times or more: cross-site scripting in wiki, and incorrect authorization in export.",
		From: day(2024, 11, 22), To: now, Threshold: 5,
		Strips: []chart.Strip{
			{Name: "CWE-79 Cross-site scripting", Where: "wiki", Note: "17 points", Href: "/risks/recurrence/79", Hidden: 3, Undated: dots("w", chart.Dot{Tone: m}),
				Cases: dots("wiki", chart.Dot{At: day(2024, 12, 20), Tone: m}, chart.Dot{At: day(2025, 2, 25), Tone: m}, chart.Dot{At: day(2025, 5, 2), Tone: h}, chart.Dot{At: day(2025, 7, 30), Tone: m}, chart.Dot{At: day(2025, 11, 8), Tone: c}, chart.Dot{At: day(2026, 2, 3), Tone: m}, chart.Dot{At: day(2026, 4, 12), Tone: h}, chart.Dot{At: day(2026, 7, 8), Tone: m}, chart.Dot{At: day(2026, 10, 4), Tone: h})},
			{Name: "CWE-863 Incorrect authorization", Where: "export", Note: "11 points", Href: "/risks/recurrence/863", Flag: "propose a risk",
				Cases: dots("export", chart.Dot{At: day(2025, 1, 10), Tone: m}, chart.Dot{At: day(2025, 7, 10), Tone: h}, chart.Dot{At: day(2025, 12, 1), Tone: m}, chart.Dot{At: day(2026, 4, 29), Tone: c}, chart.Dot{At: now, Tone: h})},
			{Name: "CWE-918 Server-side request forgery", Where: "import", Note: "RISK-4XM2TA open", Href: "/risks/4XM2TA", Marks: []chart.Mark{{At: day(2025, 9, 10), Text: "plan started"}},
				Cases: dots("import", chart.Dot{At: day(2024, 12, 8), Tone: h}, chart.Dot{At: day(2025, 2, 6), Tone: m}, chart.Dot{At: day(2025, 4, 20), Tone: m}, chart.Dot{At: day(2025, 6, 25), Tone: h}, chart.Dot{At: day(2026, 2, 20), Tone: l})},
			{Name: "CWE-400 Uncontrolled resource consumption", Where: "regex", Cases: dots("regex", chart.Dot{At: day(2025, 6, 13), Tone: l}, chart.Dot{At: day(2026, 1, 2), Tone: m}, chart.Dot{At: day(2026, 8, 23), Tone: chart.Unknown})},
		}}
}

func sampleMap() chart.HeatMap {
	h := chart.HeatMap{Title: "Register by likelihood and impact", About: "Nine risks are on the map; three are outside tolerance.",
		Across: chart.Axis{Title: "Impact", Levels: []string{"Very low", "Low", "Medium", "High", "Very high"}}, Up: chart.Axis{Title: "Likelihood", Levels: []string{"Very low", "Low", "Medium", "High", "Very high", "Critical"}}}
	counts := map[[2]int]int{{5, 4}: 1, {4, 6}: 1, {3, 3}: 2, {4, 5}: 1, {2, 2}: 3, {3, 4}: 12}
	for l := 1; l <= 6; l++ {
		for i := 1; i <= 5; i++ {
			c := chart.HeatCell{Across: i, Up: l, Score: float64(l * i), Count: counts[[2]int{i, l}], Href: "/risks?cell"}
			for _, b := range ratings {
				if c.Score >= b.From {
					c.Rating, c.Tone = b.Title, b.Tone
				}
			}
			if c.Score > 10 {
				c.Beyond = 1
			}
			if c.Score > 20 {
				c.Beyond = 2
			}
			h.Cells = append(h.Cells, c)
		}
	}
	return h
}

func sampleHeatMap() chart.HeatMap {
	h := sampleMap()
	h.Moves = []chart.Move{
		{Name: "RISK-4XM2TA", Href: "#", Steps: []chart.Place{{Kind: "inherent", Across: 5, Up: 6}, {Kind: "residual", Across: 4, Up: 4}, {Kind: "adjusted", Across: 4, Up: 5}}},
		{Name: "RISK-9PL2CC", Href: "#", Steps: []chart.Place{{Kind: "inherent", Across: 3, Up: 5}, {Kind: "residual", Across: 2, Up: 3}, {Kind: "adjusted", Across: 2, Up: 2}}},
	}
	return h
}

func sampleMove() chart.HeatMap {
	h := sampleMap()
	h.Title = "RISK-4XM2TA on the map"
	for i := range h.Cells {
		h.Cells[i].Count = 0
	}
	h.Moves = []chart.Move{{Name: "RISK-4XM2TA", Steps: []chart.Place{{Kind: "inherent", Across: 5, Up: 6}, {Kind: "residual", Across: 3, Up: 4}, {Kind: "adjusted", Across: 4, Up: 5}, {Kind: "target", Across: 2, Up: 3}}}}
	return h
}

func sampleHistory() chart.ScoreHistory {
	s := func(y int, m time.Month, d int, kind string, v float64, why string) chart.Score {
		return chart.Score{At: day(y, m, d), Kind: kind, Value: v, Reason: why, By: "Ada Winter"}
	}
	return chart.ScoreHistory{Title: "Scores of RISK-4XM2TA", About: "The residual score fell from 20 to 9, and evidence holds it at 12, above tolerance.", Bands: ratings, Tolerance: 10, Ceiling: 20, Max: 30, Now: now,
		Scores: []chart.Score{s(2025, 11, 20, "inherent", 24, "first evaluation"), s(2025, 11, 20, "residual", 20, "controls considered: review of exports"), s(2026, 2, 4, "residual", 16, "authorization is checked in one place"), s(2026, 6, 18, "residual", 9, "old export path removed"), s(2026, 7, 2, "adjusted", 12, "two cases since the plan began: likelihood +1"), s(2025, 12, 1, "target", 6, "target of the approved plan")}}
}

func sampleBurnDown() chart.BurnDown {
	p := func(y int, m time.Month, d int, v float64, why string) chart.Score {
		return chart.Score{At: day(y, m, d), Value: v, Reason: why}
	}
	return chart.BurnDown{Title: "Residual score against plan", About: "One step behind the plan; tolerance is to be reached in March 2027.", Tolerance: 10, Max: 24, Now: now,
		Plan:    []chart.Score{p(2026, 1, 10, 20, "plan approved"), p(2026, 4, 1, 16, "KR 1"), p(2026, 8, 1, 12, "KR 2"), p(2027, 3, 1, 8, "KR 3")},
		Earlier: [][]chart.Score{{p(2026, 1, 10, 20, ""), p(2026, 3, 1, 12, ""), p(2026, 6, 1, 6, "")}},
		Actual:  []chart.Score{p(2026, 1, 20, 20, ""), p(2026, 3, 2, 20, ""), p(2026, 4, 20, 16, "KR 1 done"), p(2026, 6, 30, 16, ""), p(2026, 9, 1, 16, "KR 2 late"), p(2026, 11, 10, 12, "KR 2 done")}}
}

func sampleExceedance() chart.LossExceedance {
	curve := func(name string, scale float64) chart.LossCurve {
		c := chart.LossCurve{Name: name, Years: 100_000}
		for i := range 60 {
			x := 10_000 * math.Pow(10, float64(i)/60*3.3)
			p := .42 * math.Erfc(math.Log(x/scale)/1.9)
			if p < 1e-5 {
				break
			}
			c.Points = append(c.Points, chart.LossPoint{Loss: x, Probability: p})
			c.Low, c.High = append(c.Low, p*.93), append(c.High, math.Min(1, p*1.07+.002))
		}
		return c
	}
	return chart.LossExceedance{Title: "Loss of a year, before and after treatment", About: "With treatment a loss of more than one million is half as likely, and inside tolerance.", Currency: "EUR",
		Curves:    []chart.LossCurve{curve("as it is", 400_000), curve("with treatment", 120_000)},
		Tolerance: []chart.LossPoint{{Loss: 10_000, Probability: .9}, {Loss: 100_000, Probability: .5}, {Loss: 1_000_000, Probability: .1}, {Loss: 10_000_000, Probability: .01}}}
}

func sampleContribution() chart.Contribution {
	return chart.Contribution{Title: "Contribution to the loss of the portfolio", Currency: "EUR", Parts: []chart.Part{
		{Name: "Exports reveal data of sibling groups", Href: "/risks/1", Mean: 410_000, ES99: 2_900_000}, {Name: "Import reaches the internal network", Href: "/risks/2", Mean: 280_000, ES99: 5_400_000}, {Name: "Old parsers of untrusted files", Href: "/risks/3", Mean: 190_000, ES99: 800_000}, {Name: "Secrets in job logs", Href: "/risks/4", Mean: 120_000, ES99: 300_000}, {Name: "Build runners shared between customers", Href: "/risks/5", Mean: 60_000, ES99: 3_100_000}}}
}

func sampleAgeing() chart.Ageing {
	ages := []int{12, 20, 33, 35, 41, 58, 60, 71, 77, 88, 90, 101, 110, 120, 140, 155, 170, 185, 190, 220, 260, 410}
	return chart.Ageing{Title: "Days since the last review", Since: "the last review", Target: 90, Ages: ages, Links: [4]string{"/risks?a", "/risks?b", "/risks?c", "/risks?d"}}
}

func sampleKRI() chart.KRI {
	target := 2.0
	k := chart.KRI{Title: "KRI: reports of cross-site scripting", Unit: "reports a month", Direction: "lower is better", Target: &target, Now: now,
		Bands: []chart.Band{{Title: "Green", Tone: chart.Good, From: math.Inf(-1), To: 3}, {Title: "Yellow", Tone: chart.Medium, From: 3, To: 6}, {Title: "Red", Tone: chart.Critical, From: 6, To: math.Inf(1)}}}
	for i, v := range []float64{7, 8, 6, 5, -1, -1, 4, 5, 3, 2, 4, 2} {
		if v >= 0 {
			k.Values = append(k.Values, chart.Reading{At: day(2025, time.November+time.Month(i), 15), Value: v})
		}
	}
	return k
}

func sampleVelocity() chart.Velocity {
	v := chart.Velocity{Title: "What moved in the register"}
	for i := range 12 {
		v.Months = append(v.Months, chart.Month{At: day(2025, time.December+time.Month(i), 1), Opened: (i*5 + 3) % 7, Closed: (i * 3) % 6, Up: (i + 1) % 3, Down: (i * 2) % 5, Href: "/risks?month"})
	}
	return v
}

func sampleBowTie() chart.BowTie {
	return chart.BowTie{Title: "Bow-tie of RISK-4XM2TA", Event: "An export holds data of a group that the reader may not see",
		Causes: []chart.Path{
			{Text: "Authorization is checked on the parent only", Barriers: []chart.Barrier{{Text: "Policy check in one place"}, {Text: "Review of new exports", Degraded: true}}},
			{Text: "A cached archive outlives a membership", Barriers: []chart.Barrier{{Text: "Archives end after 24 h"}}},
			{Text: "Support exports by hand"}},
		Consequences: []chart.Path{
			{Text: "Customer data is disclosed", Barriers: []chart.Barrier{{Text: "Export audit log"}, {Text: "Alert on unusual size", Degraded: true}, {Text: "Two people for bulk export"}}},
			{Text: "Statutory report within 72 hours", Barriers: []chart.Barrier{{Text: "Reporting clock"}}}}}
}

func sampleBars() chart.BarList {
	return chart.BarList{Title: "Open risks by department", Bars: []chart.Bar{{Name: "Platform", Value: 14, Href: "/risks?d=1", Says: "3 outside tolerance"}, {Name: "Verify", Value: 9}, {Name: "Create", Value: 7}, {Name: "Secure", Value: 2}}}
}

func sampleStack() chart.StackedBar {
	return chart.StackedBar{Title: "Risks by health", Rows: []chart.Stack{
		{Name: "Platform", Parts: []chart.Bar{{Name: "on track", Value: 8, Tone: chart.Good}, {Name: "needs attention", Value: 4, Tone: chart.Medium}, {Name: "at risk", Value: 2, Tone: chart.Critical}}},
		{Name: "Verify", Parts: []chart.Bar{{Name: "on track", Value: 3, Tone: chart.Good}, {Name: "needs attention", Value: 5, Tone: chart.Medium}, {Name: "at risk", Value: 1, Tone: chart.Critical}}},
	}}
}

func sampleFlow() chart.Flow {
	f, err := chart.ParseFlow(`flowchart LR
  A[Repository import] --> B[Archive parser]
  B -- unchecked URL --> C[Internal network]
  B --> D[Object store]
  A -.-> E[Audit log]
  C --> F[Metadata service]
  D --> F
  F -- credentials --> A`)
	if err != nil {
		panic(err) // written here
	}
	f.Title = "From import to the metadata service"
	return f
}
