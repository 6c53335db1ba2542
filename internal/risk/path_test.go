package risk_test

import (
	"errors"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestARiskIsRaisedScoredAndMovedByEvidence(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, r *rig.House) {
		ctx := r.As(t, "lea", "manager")
		id, err := r.Risks.Raise(ctx, risk.Raising{Title: "Exports may reveal data to members of sibling groups"})
		if err != nil {
			t.Fatal(err)
		}
		f, err := r.Risks.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if f.Standing.Scored() || f.Standing.Rating != "" {
			t.Errorf("a risk that nobody scored stands at %v %q, want unset", f.Standing.Score, f.Standing.Rating)
		}
		err = r.Risks.Move(ctx, id, "risk.plan", risk.Step{})
		if have := len(fault.Of(err).Needs); !errors.Is(err, fault.Missing) || have < 4 {
			t.Errorf("moved with %d needs: %v, want all that is missing", have, err)
		}
		if err := r.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3}); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			c, err := r.Cases.Open(ctx, casework.Opening{Title: "Export shows too much", Severity: "high"})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Risks.Link(ctx, id, risk.Adding{About: string(c), Kind: r.Rules.Register.Evidence.Kinds[0].Name}); err != nil {
				t.Fatal(err)
			}
		}
		if f, err = r.Risks.Get(ctx, id); err != nil {
			t.Fatal(err)
		}
		if s := f.Standing; s.Likelihood != 4 || s.Items != 5 {
			t.Errorf("five cases make likelihood %v of %d items, want 4 of 5", s.Likelihood, s.Items)
		}
	})
}
