package review_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestTheRegisterIsByScoreTrendAndAgeAcrossPages holds the order of the register (R37)
// on pages of any length, however the list is narrowed, and tells each risk's trend.
func TestTheRegisterIsByScoreTrendAndAgeAcrossPages(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "mia", "manager", "leader")
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		was := []int{4, 5, 0, 3, -1, 4, 0, 5, 3, -1} // the impact at the review; 0 is no review, -1 no score
		var ids []ref.ID
		for i, impact := range was {
			h.Pass(time.Hour)
			id, err := h.Risks.Raise(ctx, risk.Raising{Title: fmt.Sprintf("Check %d fails", i), Department: "Plan"})
			ok(err)
			if ids = append(ids, id); impact < 0 {
				continue
			}
			if impact > 0 {
				ok(h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: impact}))
				ok(h.Reviews.Review(ctx, id, review.Reviewing{Outcome: review.StillValid, Reason: "looked at"}))
			}
			h.Pass(time.Hour)
			ok(h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 4, Reason: "seen anew"}))
		}
		const want = "38 26 05 17 49" // worse, never reviewed, the same, better, not scored; in each the oldest first
		trends := map[string]string{"3": "worse", "8": "worse", "2": "new", "6": "new", "0": "same", "5": "same", "1": "better", "7": "better", "4": "new", "9": "new"}
		for _, f := range []risk.Filter{{}, {Order: "score"}, {State: "open"}, {State: "open", Department: "Plan"}, {Text: "check"}, {Department: "Plan", Standing: ""}} {
			for _, n := range []int{1, 3, 4, 50} {
				var have strings.Builder
				for p := (risk.Page{Limit: n}); ; {
					l, err := h.Risks.List(ctx, f, p)
					ok(err)
					for _, r := range l.Risks {
						name := fmt.Sprint(slices.Index(ids, r.ID))
						have.WriteString(name)
						if m, _ := r.Standing.Moved(); string(m.Arrow) != trends[name] {
							t.Errorf("check %s is %s, want %s", name, m.Arrow, trends[name])
						}
					}
					if p.After = l.Next; p.After == "" {
						break
					}
				}
				if have.String() != strings.ReplaceAll(want, " ", "") {
					t.Errorf("%+v in pages of %d: %s, want %s", f, n, have.String(), want)
				}
			}
		}
		for i, id := range ids {
			f, err := h.Risks.Get(ctx, id)
			ok(err)
			if m, _ := f.Standing.Moved(); string(m.Arrow) != trends[fmt.Sprint(i)] {
				t.Errorf("check %d by itself is %s, want %s", i, m.Arrow, trends[fmt.Sprint(i)])
			}
		}
	})
}
