package cli

import (
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
)

type riskQuantifyCmd struct {
	store
	Risk     string `arg:"" help:"RISK-…"`
	Scenario string `help:"Describe it first by this file, YAML or JSON (docs/fair.md); - is standard input." placeholder:"FILE"`
	Why      string `help:"Why the scenario changed."`
	Trials   int    `default:"100000" help:"How many years are drawn." placeholder:"N"`
	Seed     uint64 `default:"0" help:"The same seed gives the same numbers." placeholder:"N"`
	JSON     bool   `help:"Everything, as one JSON object."`
}

// Run draws the years of a risk's scenario at once, keeps the result with the risk
// and prints it. What was drawn before is printed and not drawn again.
func (c riskQuantifyCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	id := ref.Read(c.Risk)
	if err := c.describe(e, h, id); err != nil {
		return saidOnce(err)
	}
	ctx := asHouse(e.Ctx)
	run, err := h.Quants.Run(ctx, id, quant.Options{Trials: c.Trials, Seed: c.Seed})
	if err != nil {
		return err
	}
	if err := h.Quants.Do(ctx, run); err != nil {
		return err
	}
	if _, err := h.Sealer.Step(e.Ctx); err != nil {
		return err
	}
	r, err := h.Quants.Get(ctx, run)
	switch {
	case err != nil:
		return err
	case r.State != quant.Done:
		return fault.New(fault.Conflict, "the run is %s; %s", r.State, r.Says)
	case c.JSON:
		return e.print(r.Result)
	}
	return fairRunCmd{File: string(id)}.tell(e, r.Result)
}

// describe keeps the scenario of the file, where there is one.
func (c riskQuantifyCmd) describe(e *Env, h *house.House, id ref.ID) error {
	if c.Scenario == "" {
		return nil
	}
	text, err := readFile(e, c.Scenario, quant.MaxText)
	if err != nil {
		return err
	}
	_, err = h.Quants.SetScenario(asHouse(e.Ctx), id, quant.Setting{Text: string(text), Why: c.Why})
	return err
}
