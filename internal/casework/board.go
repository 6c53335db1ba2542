package casework

import (
	"context"
	"slices"

	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Column is a stage on the board, with its open cases, those first that are due
// first.
type Column struct {
	Stage string  `json:"stage"`
	Cases []*Case `json:"cases"`
	More  bool    `json:"more"`  // there are more than the board shows
	Count string  `json:"count"` // of all that stand there: "128", "1,000+"

	Ways map[ref.ID][]lifecycle.Move `json:"-"` // that leave the stage and that the reader's roles cover, by case
}

// BoardColumn is how many cases a column of the board shows, and BoardWide how many
// one that was opened shows.
const (
	BoardColumn = 25
	BoardWide   = 200
)

// Board returns the open cases that the filter leaves, by stage; each stage of wide
// shows up to BoardWide of them.
func (s *Cases) Board(ctx context.Context, f Filter, wide ...string) (out []Column, err error) {
	f.Stage, f.State, f.Order = "", "open", ""
	for _, st := range s.Profile.Lifecycle("case").Stages {
		if !st.Terminal {
			out = append(out, Column{Stage: st.Name})
		}
	}
	return out, s.Gate.View(ctx, func(v *gate.View) error {
		q, err := f.listing(v)
		if err != nil {
			return err
		}
		if err := q.bounded(v); err != nil {
			return err
		}
		if err := q.board(v, out, wide); err != nil {
			return err
		}
		for i := range out {
			if err := s.finish(v, q, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// shows is how many cases a column shows.
func shows(stage string, wide []string) int {
	if slices.Contains(wide, stage) {
		return BoardWide
	}
	return BoardColumn
}

// finish counts what stands in a column and finds the ways on of what it shows.
func (s *Cases) finish(v *gate.View, q *listing, col *Column) (err error) {
	if col.Count = query.Tally(len(col.Cases)); col.More {
		if col.Count, err = q.within(col.Stage).count(v); err != nil {
			return err
		}
	}
	col.Ways = gate.Ways(v, s.Profile.Lifecycle("case").Allowed(col.Stage), col.Cases, func(c *Case) ref.ID { return c.ID })
	return nil
}
