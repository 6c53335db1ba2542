package house

import (
	"context"
	"fmt"

	"tocsin/internal/effect"
	"tocsin/internal/exchange"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/score/fair"
)

// raise raises the risk that recurrence proposes.
func (h *House) raise(tx *gate.Tx, d recurrence.Draft) (ref.ID, error) {
	return h.Risks.RaiseDraft(tx, d, recurrence.Recurs)
}

// nightly is what the house does for the register once a night: scores are brought
// up to the evidence of the day, acceptances that nobody reviewed in time lapse, and
// what the policies ask for is asked.
func (h *House) nightly() []effect.Night {
	return []effect.Night{
		{Name: "recompute", Do: func(ctx context.Context) error { _, err := h.Risks.Recompute(ctx); return err }},
		{Name: "indicators", Do: h.KRIs.Look},
		{Name: "lapse", Do: func(ctx context.Context) error { _, err := h.Risks.Lapse(ctx); return err }},
		{Name: "accepted observations", Do: func(ctx context.Context) error { _, err := h.Observations.Lapse(ctx); return err }},
		{Name: "top risks", Do: func(ctx context.Context) error { _, err := h.Reviews.Refresh(ctx); return err }},
		{Name: "hygiene", Do: func(ctx context.Context) error { _, err := h.Hygiene.Run(ctx, false); return err }},
	}
}

// estimate is what a risk's scenario says in money, for the registers that ask for
// it: the years that have a loss, and what they lose on average.
func (h *House) estimate(ctx context.Context, id ref.ID) (*exchange.Estimates, error) {
	q, err := h.Quants.Of(ctx, id)
	if err != nil || q.Latest == nil || q.Latest.Result == nil {
		return nil, err
	}
	r := q.Latest.Result
	from := fmt.Sprintf("Open FAIR, %d years, seed %d", r.Trials, r.Seed)
	out := &exchange.Estimates{Before: amount(r.Summary, from)}
	if r.After != nil {
		out.Planned = amount(r.After.Summary, from+", with "+r.After.Treatment)
	}
	return out, nil
}

func amount(s fair.Summary, from string) *exchange.Amount {
	likely := 1 - s.PZero
	if likely <= 0 {
		return &exchange.Amount{From: from}
	}
	return &exchange.Amount{Percent: 100 * likely, Impact: s.Mean / likely, Exposure: s.Mean, From: from}
}
