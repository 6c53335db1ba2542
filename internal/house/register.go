package house

import (
	"context"

	"tocsin/internal/effect"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
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
		{Name: "top risks", Do: func(ctx context.Context) error { _, err := h.Reviews.Refresh(ctx); return err }},
		{Name: "hygiene", Do: func(ctx context.Context) error { _, err := h.Hygiene.Run(ctx, false); return err }},
	}
}
