package observation

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
)

// Column is a column of the board, with those first that are due first.
type Column struct {
	Name         string         `json:"name"`
	Title        string         `json:"title"`
	Count        int            `json:"count"` // of all that stand there
	Observations []*Observation `json:"observations"`

	Ways map[ref.ID][]lifecycle.Move `json:"-"` // that leave the stage and that the reader's roles cover, by observation, where the columns are stages
}

// Boards are the ways to lay out the board.
var Boards = []string{"stage", "rating", "cause"}

// MaxBoard is how many columns of a board show observations, and MaxColumn how many
// each shows; all of them are counted.
const (
	MaxBoard  = 40
	MaxColumn = 25
)

// Board returns the open observations that the filter leaves, in columns.
func (s *Observations) Board(ctx context.Context, f Filter, by string) (out []Column, err error) {
	if by == "" {
		by = Boards[0]
	}
	if !slices.Contains(Boards, by) {
		return nil, fault.At("by", "%q is no way to lay out the board; there are: %s", by, strings.Join(Boards, ", "))
	}
	f.State = "open"
	err = s.Gate.View(ctx, func(v *gate.View) error {
		q, err := f.listing(v)
		if err != nil {
			return err
		}
		words, err := q.words(v, by)
		if err != nil {
			return err
		}
		if out = s.columns(words, by); len(words) == 0 {
			return nil
		}
		found, err := q.tops(v, by, out[:min(len(out), MaxBoard)])
		if err != nil {
			return err
		}
		fill(out, found, by)
		if by == "stage" {
			for i, c := range out {
				out[i].Ways = gate.Ways(v, s.machine().Allowed(c.Name), c.Observations, func(o *Observation) ref.ID { return o.ID })
			}
		}
		return nil
	})
	return out, err
}

// columns are those that a board has whether or not anything stands in them, and
// behind them those of other words, with what was counted.
func (s *Observations) columns(words []Column, by string) (out []Column) {
	switch by {
	case "stage":
		for _, st := range s.machine().Stages {
			if !st.Terminal {
				out = append(out, Column{Name: st.Name, Title: st.Title})
			}
		}
	case "rating":
		for _, r := range slices.Backward(s.Profile.Register.Observations.Ratings) {
			out = append(out, Column{Name: r.Word, Title: r.Title})
		}
	}
	for _, w := range words {
		i := slices.IndexFunc(out, func(c Column) bool { return c.Name == w.Name })
		if i < 0 {
			if w.Title = w.Name; w.Name == "" {
				w.Title = "Not set"
			}
			i, out = len(out), append(out, w)
		}
		out[i].Count = w.Count
	}
	return out
}

// fill puts observations into the columns of their words.
func fill(out []Column, found []*Observation, by string) {
	at := map[string]int{}
	for i, c := range out {
		at[c.Name] = i
	}
	for _, o := range found {
		i, ok := at[map[string]string{"stage": o.Stage, "rating": o.Rating, "cause": o.Cause}[by]]
		if ok {
			out[i].Observations = append(out[i].Observations, o)
		}
	}
}
