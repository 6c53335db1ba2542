package review

import (
	"tocsin/internal/chart"
	"tocsin/internal/profile"
	"tocsin/internal/risk"
)

// Heat is the map of the scales with nothing on it but how many stand in each cell:
// its axes, ratings, and what lies above the tolerance and beyond the ceiling. counted
// tells how many; nil is none anywhere.
func Heat(title, about string, s risk.Scales, a risk.Appetite, counted func(likelihood, impact int) int) chart.HeatMap {
	h := chart.HeatMap{Title: title, About: about, Across: axis(s.Impact()), Up: axis(s.Likelihood())}
	for l := 1; l <= len(h.Up.Levels); l++ {
		for i := 1; i <= len(h.Across.Levels); i++ {
			c := heatCell(s, a, l, i)
			if counted != nil {
				c.Count = counted(l, i)
			}
			h.Cells = append(h.Cells, c)
		}
	}
	return h
}

func heatCell(s risk.Scales, a risk.Appetite, likelihood, impact int) chart.HeatCell {
	score := likelihood * impact
	c := chart.HeatCell{Across: impact, Up: likelihood, Score: float64(score)}
	for _, b := range s.Ratings {
		if score >= b.From && score <= b.To {
			c.Rating, c.Tone = b.Title, chart.Tone(b.Word)
		}
	}
	switch {
	case score > s.Ceiling:
		c.Beyond = 2
	case score > a.UpTo:
		c.Beyond = 1
	}
	return c
}

func axis(s profile.Scale) chart.Axis {
	a := chart.Axis{Title: s.Title}
	for _, l := range s.Levels {
		a.Levels = append(a.Levels, l.Title)
	}
	return a
}
