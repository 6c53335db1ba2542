package picture

import (
	"context"
	"strconv"

	"tocsin/internal/chart"
	"tocsin/internal/house"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// movesMost is how many risks have their way drawn on the heat map.
const movesMost = risk.JourneysMost

// Map is the heat map of the register: how many risks stand in each cell of the
// score in force, and the way of the worst. cell leads to the risks of a cell; nil
// is no link.
func Map(o *risk.Overview, cell func(likelihood, impact int) string) chart.HeatMap {
	count := map[[2]int]int{}
	for _, c := range o.Cells {
		count[[2]int{c.Likelihood, c.Impact}] = c.Count
	}
	h := review.Heat("Heat map", Standing(o), o.Scales, o.Appetite, func(likelihood, impact int) int { return count[[2]int{likelihood, impact}] })
	for i, c := range h.Cells {
		if c.Count > 0 && cell != nil {
			h.Cells[i].Href = cell(c.Up, c.Across)
		}
	}
	for _, j := range o.Journeys {
		m := chart.Move{Name: j.Title, Href: "/risks/" + string(j.Risk)}
		for _, s := range j.Steps {
			m.Steps = append(m.Steps, chart.Place{Kind: s.Kind, Across: s.Impact, Up: s.Likelihood})
		}
		h.Moves = append(h.Moves, m)
	}
	return h
}

// Standing says in a sentence what is to be seen on the map.
func Standing(o *risk.Overview) string {
	out := 0
	for _, c := range o.Of("standing") {
		if c.Word == string(riskscore.Above) || c.Word == string(riskscore.Beyond) {
			out += c.Count
		}
	}
	scored := o.Total - o.Unscored
	if scored == 0 {
		return "No risk is scored yet."
	}
	return plural(scored, "risk is", "risks are") + " scored, " + strconv.Itoa(out) + " of them above the tolerance of " + strconv.Itoa(o.Appetite.UpTo) + "."
}

// Velocity is how the register moved, month by month.
func Velocity(f *review.Figures) chart.Velocity {
	v := chart.Velocity{Title: "Velocity", About: "Risks opened, closed, rated up and rated down, by month."}
	for _, m := range f.Velocity {
		v.Months = append(v.Months, chart.Month{At: m.At, Opened: m.Opened.Value, Closed: m.Closed.Value, Up: m.Up.Value, Down: m.Down.Value})
	}
	return v
}

// Ageings name the pictures of a register's ageing, in the order of its figures.
var Ageings = [...]string{"ageing-found", "ageing-reviewed"}

// Ageing is how long the open risks have waited.
func Ageing(a review.Ageing) chart.Ageing {
	return chart.Ageing{Title: "Days since " + a.Since, About: "Open risks by how long they have waited, the oldest first.", Since: a.Since, Target: a.Target, Ages: a.Days}
}

func heatMap(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	o, _, err := h.Risks.Front(ctx, a.Over, a.Listed, risk.Page{Limit: movesMost})
	if err != nil {
		return nil, err
	}
	return Map(o, nil), nil
}

func velocity(ctx context.Context, h *house.House, _ Ask) (chart.Picture, error) {
	f, err := h.Reviews.Figures(ctx)
	if err != nil {
		return nil, err
	}
	return Velocity(f), nil
}

// ageing draws the nth clock: since the risks were found, since their last review.
func ageing(n int) func(context.Context, *house.House, Ask) (chart.Picture, error) {
	return func(ctx context.Context, h *house.House, _ Ask) (chart.Picture, error) {
		f, err := h.Reviews.Figures(ctx)
		if err != nil {
			return nil, err
		}
		x := review.Ageing{}
		if n < len(f.Ageing) {
			x = f.Ageing[n]
		}
		return Ageing(x), nil
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
