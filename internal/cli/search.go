package cli

import (
	"cmp"
	"context"
	"strings"

	"tocsin/internal/house"
	"tocsin/internal/insight"
)

type searchCmd struct {
	store
	Words []string `arg:"" help:"Words that all occur; '\"a phrase\"'; begin* for beginnings."`
	In    []string `help:"Kinds to show: case, report, adv, risk, obs, kri, meeting, decision, plan, cause, note, evidence, file; all where none is given." placeholder:"KIND"`
	Limit int      `default:"10" help:"At most so many of a kind, 1 to 100." placeholder:"N"`
	JSON  bool     `help:"One JSON object a line."`
}

// Run looks for words in everything that the store holds.
func (c searchCmd) Run(e *Env) error {
	l := listing{store: c.store, JSON: c.JSON}
	return l.run(e, func(ctx context.Context, h *house.House) (out []row, says string, err error) {
		if err := h.Passages.Fill(ctx); err != nil { // of a store that an earlier version filled
			return nil, "", err
		}
		found, err := h.Across.Search(ctx, strings.Join(c.Words, " "), c.Limit, c.In...)
		if err != nil {
			return nil, "", err
		}
		more := false
		for _, f := range found {
			for _, b := range f.Rows {
				out = append(out, row{b, []any{f.Kind, b.ID, dayOf(b.At), plain(b.Title)}})
			}
			for _, t := range f.Texts {
				out = append(out, row{textRow{f.Kind, t}, []any{f.Kind, t.About, dayOf(t.At), plain(cmp.Or(t.Title, t.On) + ": " + t.Says)}})
			}
			more = more || f.Many > len(f.Rows)+len(f.Texts)
		}
		return out, counted(len(out), more, "places"), nil
	})
}

// textRow is a text that stands on a record, with its kind.
type textRow struct {
	Kind string `json:"kind"`
	insight.Text
}
