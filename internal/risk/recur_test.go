package risk_test

import (
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func done(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestWhatKeepsComingBackBecomesARiskInOneAct walks the arrow between the towers:
// cases make a proposal, the proposal a risk, and the next case its evidence.
func TestWhatKeepsComingBackBecomesARiskInOneAct(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, eve := h.As(t, "lea", "manager"), h.As(t, "eve", "engineer")
		open := func(named bool) ref.ID {
			h.Pass(24 * time.Hour)
			id, err := h.Cases.Open(lea, casework.Opening{Title: "Export shows too much", CWE: "CWE-863", Product: "gateway", Component: "export", Severity: "high", Named: named})
			done(t, "open", err)
			done(t, "severity", h.Cases.Edit(lea, id, casework.Patch{Provisional: ptr("high")}))
			return id
		}
		for range 5 {
			open(false)
		}
		ps, err := h.Recurrence.Proposals(lea)
		done(t, "proposals", err)
		if len(ps) != 1 {
			t.Fatalf("%d proposals of five cases, want 1", len(ps))
		}
		id, err := h.Recurrence.Raise(lea, ps[0].Key)
		done(t, "raise", err)
		done(t, "judge", h.Risks.Judge(lea, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3}))
		f, err := h.Risks.Get(lea, id)
		done(t, "get", err)
		if s := f.Standing; s.Items != 5 || s.Points != 10 || s.Likelihood != 4 || s.Impact != 5 || s.Score != 20 || s.Rating != "medium" {
			t.Errorf("raised of five: %+v, want 5 items, 10 points, 4 × 5 = 20 medium", s)
		}
		if f.Scoping.Test == "" || f.Origin.From != "recurrence/CWE-863/gateway/export" {
			t.Errorf("scoping %q from %q, want the recurrence test and the proposal", f.Scoping.Test, f.Origin.From)
		}
		if ps, err = h.Recurrence.Proposals(lea); err != nil || len(ps) != 0 {
			t.Errorf("%d proposals after it was raised, want 0: %v", len(ps), err)
		}
		hidden := open(true)
		done(t, "gather", h.Risks.Gather(access.With(t.Context(), access.System("test")), id))
		for _, one := range []struct {
			name  string
			who   int
			items int
			seen  int
		}{{"who counts all", 0, 6, 6}, {"who may not open the sixth", 1, 5, 5}} {
			ctx := lea
			if one.who == 1 {
				ctx = eve
			}
			f, err := h.Risks.Get(ctx, id)
			done(t, "get", err)
			if f.Standing.Items != one.items || len(f.Items) != one.seen {
				t.Errorf("%s: %d count, %d listed, want %d and %d (hidden is %s)", one.name, f.Standing.Items, len(f.Items), one.items, one.seen, hidden)
			}
		}
	})
}

// TestHiddenEvidenceLeavesNoTrace is the two-worlds test of evidence: for somebody
// who may not open a case, nothing of a risk changes when it becomes evidence.
func TestHiddenEvidenceLeavesNoTrace(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, eve := h.As(t, "lea", "manager"), h.As(t, "eve", "engineer")
		id, err := h.Risks.Raise(lea, risk.Raising{Title: "Exports may reveal data"})
		done(t, "raise", err)
		done(t, "judge", h.Risks.Judge(lea, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3}))
		before := picture(t, h, eve, id)
		h.Pass(time.Hour)
		c, err := h.Cases.Open(lea, casework.Opening{Title: "Hidden", Severity: "critical", Named: true})
		done(t, "open", err)
		done(t, "link", h.Risks.Link(lea, id, risk.Adding{About: string(c), Kind: "case"}))
		h.Pass(time.Hour)
		_, err = h.Risks.Recompute(rig.System())
		done(t, "recompute", err)
		if after := picture(t, h, eve, id); after != before {
			t.Errorf("the outsider's picture changed:\n%s\nwas\n%s", after, before)
		}
		f, err := h.Risks.Get(lea, id)
		done(t, "get", err)
		if f.Standing.Items != 1 {
			t.Errorf("whoever counts all counts %d, want 1", f.Standing.Items)
		}
	})
}

// TestANightWithoutNewsMovesNothing: a second look at the same evidence counts no
// risk as moved and adds no evaluation.
func TestANightWithoutNewsMovesNothing(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id, err := h.Risks.Raise(lea, risk.Raising{Title: "Exports may reveal data"})
		done(t, "raise", err)
		done(t, "judge", h.Risks.Judge(lea, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 4, Categories: map[string]int{"output": 3, "legal": 4, "customers": 3}}))
		before, err := h.Risks.Get(lea, id)
		done(t, "get", err)
		h.Pass(24 * time.Hour)
		moved, err := h.Risks.Recompute(rig.System())
		done(t, "recompute", err)
		after, err := h.Risks.Get(lea, id)
		done(t, "get", err)
		if moved != 0 || len(after.Evaluations) != len(before.Evaluations) || !after.Standing.At.Equal(before.Standing.At) {
			t.Errorf("%d moved, %d evaluations of %s; want none, %d of %s", moved, len(after.Evaluations), after.Standing.At, len(before.Evaluations), before.Standing.At)
		}
	})
}
