package risk

import (
	"context"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Page returns a risk with the planned course of its score and the conditions of
// its closure, all read at one moment.
func (s *Risks) Page(ctx context.Context, id ref.ID) (f *Full, c *Course, closes []Condition, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		if f, err = s.full(v, id); err != nil {
			return err
		}
		x := f.sight(s, v)
		closes = x.closure()
		c, err = s.planned(v, f, x)
		return err
	})
	return f, c, closes, err
}

// sight is what needs look at, of a risk that was read whole.
func (f *Full) sight(s *Risks, v *gate.View) *Sight {
	return &Sight{Risk: f.Risk, Rules: s, Profile: s.Profile, Now: v.Now, Appetite: f.Appetite, Decisions: f.Decisions, Indicators: f.Indicators,
		Verdicts: f.Verdicts, History: history(f.Evaluations), Persons: f.Persons}
}
