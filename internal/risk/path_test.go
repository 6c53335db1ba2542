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

func TestTheOverviewCountsWhatTheReaderSees(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, r *rig.House) {
		lea, eve := r.As(t, "lea", "manager"), r.As(t, "eve", "engineer")
		for i, title := range []string{"Exports may reveal data", "Tokens may outlive their owners", "Imports may run code"} {
			id, err := r.Risks.Raise(lea, risk.Raising{Title: title, Named: i == 2})
			if err != nil {
				t.Fatal(err)
			}
			if i == 1 {
				continue // unscored
			}
			if err := r.Risks.Judge(lea, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 4, Categories: map[string]int{"output": 3, "legal": 4}}); err != nil {
				t.Fatal(err)
			}
		}
		for _, one := range []struct {
			name         string
			as           int
			total, count int
		}{{"a manager", 0, 3, 2}, {"an engineer, who is not named", 1, 2, 1}} {
			ctx := lea
			if one.as == 1 {
				ctx = eve
			}
			o, err := r.Risks.Overview(ctx, risk.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, c := range o.Cells {
				n += c.Count
			}
			if o.Total != one.total || n != one.count || o.Unscored != 1 {
				t.Errorf("%s: %d risks, %d in cells, %d unscored; want %d, %d, 1", one.name, o.Total, n, o.Unscored, one.total, one.count)
			}
			l, err := r.Risks.List(ctx, risk.Filter{State: "open"}, risk.Page{Limit: 1, Counted: true})
			if err != nil || len(l.Risks) != 1 || l.Next == "" {
				t.Fatalf("the first page: %v %v", l, err)
			}
			seen := map[string]bool{}
			for after := ""; ; {
				l, err := r.Risks.List(ctx, risk.Filter{State: "open"}, risk.Page{Limit: 1, After: after})
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range l.Risks {
					seen[x.Title] = true
				}
				if after = l.Next; after == "" {
					break
				}
			}
			if len(seen) != one.total {
				t.Errorf("%s pages through %d risks, want %d", one.name, len(seen), one.total)
			}
		}
	})
}
