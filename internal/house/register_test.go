package house_test

import (
	"math"
	"testing"

	"tocsin/internal/quant"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestARiskInMoneyIsWhatItsYearsSay: 95 of 100 years of three events on average have
// a loss, and 300,000 is lost in an average year.
func TestARiskInMoneyIsWhatItsYearsSay(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id, err := h.Risks.Raise(lea, risk.Raising{Title: "Exports may reveal data"})
		if err != nil {
			t.Fatal(err)
		}
		if est, err := h.Exchange.Estimate(lea, id); est != nil || err != nil {
			t.Errorf("without a scenario: %+v %v, want nothing", est, err)
		}
		text := "unit: EUR\nscenarios:\n  - id: " + string(id) + "\n    loss_event_frequency: {kind: constant, value: 3}\n    loss_magnitude: {kind: constant, value: 100000}\n" +
			"    treatment: {name: fewer, annual_cost: 10000, changes: [{factor: loss_event_frequency, scale: 0.5}]}\n"
		if _, err := h.Quants.SetScenario(lea, id, quant.Setting{Text: text}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Quants.Run(lea, id, quant.Options{Trials: 100_000, Seed: 7}); err != nil {
			t.Fatal(err)
		}
		for more := true; more; {
			if more, err = h.Jobs.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		est, err := h.Exchange.Estimate(lea, id)
		if err != nil || est == nil || est.Planned == nil {
			t.Fatalf("estimate %+v: %v", est, err)
		}
		for _, one := range []struct {
			name       string
			have, want float64
		}{{"likelihood", est.Before.Percent, 95.02}, {"exposure", est.Before.Exposure / 3000, 100}, {"impact", est.Before.Impact / 3157, 100}, {"planned exposure", est.Planned.Exposure / 1500, 100}} {
			if math.Abs(one.have-one.want) > 1 {
				t.Errorf("%s %v, want %v", one.name, one.have, one.want)
			}
		}
	})
}
