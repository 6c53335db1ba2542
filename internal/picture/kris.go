package picture

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"tocsin/internal/chart"
	"tocsin/internal/house"
	"tocsin/internal/kri"
	"tocsin/internal/locale"
	"tocsin/internal/score/riskscore"
)

// Values is an indicator month by month, between its limits.
func Values(k *kri.Full, now time.Time, reads *locale.Reader) chart.KRI {
	p := chart.KRI{Title: k.Title, About: "How the indicator went, month by month, between its limits. " + upper(reads.Said(k.Says)), Unit: k.Unit, Direction: k.Better + " is better",
		Bands: limits(k.KRI), Target: k.Target, Now: now}
	for _, x := range k.Points {
		note, _, _ := strings.Cut(x.Note, "\n")
		p.Values = append(p.Values, chart.Reading{At: x.At, Value: x.Value, Note: note})
	}
	return p
}

func upper(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }

// limits are the limits of an indicator as areas of its chart.
func limits(k *kri.KRI) []chart.Band {
	g, y := k.Bands.Green, k.Bands.Yellow
	if g == nil {
		return nil
	}
	if y == nil {
		y = g
	}
	inf := math.Inf(1)
	out := []chart.Band{{Title: "green", Tone: chart.Good, From: -inf, To: *g}, {Title: "yellow", Tone: chart.Medium, From: *g, To: *y}, {Title: "red", Tone: chart.Critical, From: *y, To: inf}}
	if k.Better == riskscore.Higher {
		out = []chart.Band{{Title: "red", Tone: chart.Critical, From: -inf, To: *y}, {Title: "yellow", Tone: chart.Medium, From: *y, To: *g}, {Title: "green", Tone: chart.Good, From: *g, To: inf}}
	}
	return slices.DeleteFunc(out, func(b chart.Band) bool { return b.From >= b.To })
}

func indicator(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	k, err := h.KRIs.Get(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	return Values(k, h.Now().UTC(), a.Reads), nil
}
