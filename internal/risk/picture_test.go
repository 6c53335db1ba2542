package risk_test

import (
	"context"
	"encoding/json"
	"testing"

	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func ptr[T any](x T) *T { return &x }

// picture is all that somebody gets of a risk, its trail and the lists, as text.
func picture(t *testing.T, h *rig.House, ctx context.Context, id ref.ID) string {
	t.Helper()
	f, err := h.Risks.Get(ctx, id)
	done(t, "get", err)
	trail, err := h.Trail.On(ctx, id)
	done(t, "trail", err)
	l, err := h.Risks.List(ctx, risk.Filter{}, risk.Page{Counted: true})
	done(t, "list", err)
	o, err := h.Risks.Overview(ctx, risk.Filter{})
	done(t, "overview", err)
	f.Clocks = nil // they tell how much time is left
	b, err := json.MarshalIndent([]any{f, trail, l, o}, "", " ")
	done(t, "marshal", err)
	return string(b)
}
