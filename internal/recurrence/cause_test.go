package recurrence_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// wordsOf are a word of each set of the profile, the first, with the origin as given.
func wordsOf(h *rig.House, origin string) map[string]string {
	out := map[string]string{}
	for _, s := range h.Rules.RCA.Sets {
		out[s.Name] = s.Words[0].Name
	}
	out["origin"] = origin
	return out
}

// analysed opens a case so many days ago and sorts its root cause, as somebody would.
func analysed(t *testing.T, h *rig.House, product, origin string, days int, named bool) ref.ID {
	t.Helper()
	id, err := h.Cases.Open(rig.System(), casework.Opening{Title: "analysed", Product: product, Received: h.Clock().AddDate(0, 0, -days), Named: named})
	check(t, "open", err)
	check(t, "severity", h.Cases.Edit(rig.System(), id, casework.Patch{Provisional: ptr("high")}))
	check(t, "analyse", h.Cases.StepRCA(rig.System(), id, casework.VerbRCAOpen, casework.RCAStep{Reason: "to learn"}))
	sorted(t, h, id, origin)
	return id
}

func sorted(t *testing.T, h *rig.House, id ref.ID, origin string) {
	t.Helper()
	check(t, "sort", h.Cases.EditRCA(rig.System(), id, casework.RCAPatch{Causes: wordsOf(h, origin)}))
	if err := h.Cases.StepRCA(rig.System(), id, casework.VerbRCAReview, casework.RCAStep{}); err != nil && !errors.Is(err, fault.Conflict) { // they may be as they were
		t.Fatalf("review: %v", err)
	}
}

func ptr[T any](x T) *T { return &x }

// origins are the groups of one set, a line each.
func origins(a *recurrence.Answer) (out []string) {
	for _, g := range a.Causes {
		if g.Set == "origin" {
			out = append(out, fmt.Sprintf("%s %s %d hidden %d", g.Word, g.Product, g.Count, g.Hidden))
		}
	}
	return out
}

func TestThreeCasesOfOneRootCauseInOneProductAreProposed(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "coordinator", "analyst")
		var ids []ref.ID
		for i := range 2 {
			ids = append(ids, analysed(t, h, "harbor", "unsafe-default", 30*(i+1), false))
		}
		analysed(t, h, "buoy", "unsafe-default", 5, false)
		analysed(t, h, "harbor", "time-pressure", 5, false)
		analysed(t, h, "harbor", "unsafe-default", 1000, false) // too long ago
		a := ask(t, h, lea, recurrence.Ask{Causes: true, Min: 2})
		if have := origins(a); !slices.Equal(have, []string{"unsafe-default harbor 2 hidden 0"}) || a.CauseThreshold != 3 || a.Causes[1].Systemic {
			t.Fatalf("two of them: %s", text(t, a.Causes))
		}
		raw, err := h.Cases.Open(lea, casework.Opening{Title: "not reviewed", Product: "harbor"})
		check(t, "open", err)
		check(t, "analyse", h.Cases.StepRCA(rig.System(), raw, casework.VerbRCAOpen, casework.RCAStep{Reason: "to learn"}))
		check(t, "sort", h.Cases.EditRCA(rig.System(), raw, casework.RCAPatch{Causes: wordsOf(h, "unsafe-default")}))
		if have := origins(ask(t, h, lea, recurrence.Ask{Causes: true})); len(have) != 0 {
			t.Errorf("words that nobody reviewed count: %v", have)
		}
		check(t, "review", h.Cases.StepRCA(rig.System(), raw, casework.VerbRCAReview, casework.RCAStep{}))
		ids = append(ids, raw)

		key := "causes/origin:unsafe-default/harbor/"
		ps, err := h.Recurrence.Proposals(lea)
		check(t, "proposals", err)
		i := slices.IndexFunc(ps, func(p recurrence.Proposal) bool { return p.Key == key })
		if i < 0 || ps[i].Count != 3 || ps[i].Kind != recurrence.Caused || ps[i].Title != "Unsafe default may keep letting vulnerabilities into harbor" {
			t.Fatalf("proposals: %s", text(t, ps))
		}
		var got recurrence.Draft
		h.Recurrence.Covered = nil
		h.Recurrence.RaiseRisk = func(_ *gate.Tx, d recurrence.Draft) (ref.ID, error) { got = d; return ids[0], nil }
		_, err = h.Recurrence.Raise(lea, key)
		check(t, "raise", err)
		slices.Sort(ids)
		slices.Sort(got.Cases)
		if !slices.Equal(got.Cases, ids) || !strings.Contains(got.Problem, "3 cases of harbor") || !strings.Contains(got.Evidence, "3 analysed cases in 24 months") || got.Restricted || got.Consequence == "" {
			t.Errorf("draft: %s", text(t, got))
		}
		if _, err := h.Recurrence.Raise(lea, key); !errors.Is(err, fault.NotFound) {
			t.Errorf("raised twice: %v", err)
		}
		if err := h.Recurrence.Dismiss(lea, "causes/category:design/harbor/", "one team rewrote it"); err != nil {
			t.Errorf("dismiss: %v", err)
		}
		b, err := h.Recurrence.Others(lea, 50)
		if err != nil || len(b.Proposed) != 0 || len(b.Rooted) != 5 {
			t.Errorf("others: %v, %d proposed, %d groups: %s", err, len(b.Proposed), len(b.Rooted), text(t, b.Rooted))
		}
	})
}

func TestARaisedRootCauseTakesTheNextCaseAsEvidence(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		for i := range 3 {
			analysed(t, h, "harbor", "unsafe-default", i+1, false)
		}
		id, err := h.Recurrence.Raise(lea, "causes/origin:unsafe-default/harbor/")
		check(t, "raise", err)
		g := ask(t, h, lea, recurrence.Ask{Causes: true})
		if i := slices.IndexFunc(g.Causes, func(c recurrence.CauseGroup) bool { return c.Risk == id }); i < 0 || g.Causes[i].Set != "origin" {
			t.Errorf("no group has the risk: %s", text(t, g.Causes))
		}
		analysed(t, h, "harbor", "unsafe-default", 0, false)
		for more := true; more; {
			more, err = h.Jobs.Step(t.Context())
			check(t, "job", err)
		}
		f, err := h.Risks.Get(lea, id)
		if err != nil || len(f.Items) != 4 {
			t.Errorf("%d cases are evidence, want 4: %v", len(f.Items), err)
		}
	})
}

// TestSumsOfCausesSayWhatCountingSays changes analyses at random in every way that
// counts depend on, and holds that sums and rows agree, for everybody.
func TestSumsOfCausesSayWhatCountingSays(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		dice := rand.New(rand.NewPCG(150, 151))
		ana, lea := h.As(t, "ana", "analyst"), h.As(t, "lea", "coordinator", "analyst")
		h.As(t, "mia", "analyst")
		pick := func(of ...string) string { return of[dice.IntN(len(of))] }
		var ids []ref.ID
		restricted := map[ref.ID]bool{}
		for i := range 60 {
			switch n := dice.IntN(10); {
			case n < 4 || len(ids) < 5:
				id := analysed(t, h, pick("harbor", "buoy"), pick("unsafe-default", "time-pressure"), dice.IntN(800), false)
				ids = append(ids, id)
			case n < 6:
				sorted(t, h, ids[dice.IntN(len(ids))], pick("unsafe-default", "missing-guidance", "tooling-gap"))
			case n < 7:
				check(t, "move", h.Cases.Edit(rig.System(), ids[dice.IntN(len(ids))], casework.Patch{Product: ptr(pick("harbor", "buoy")), Provisional: ptr(pick("low", "critical"))}))
			case n < 8:
				h.Pass(time.Duration(dice.IntN(90)) * time.Hour)
			default:
				id := ids[dice.IntN(len(ids))]
				if restricted[id] = !restricted[id]; restricted[id] {
					check(t, "embargo", h.Cases.Embargo(rig.System(), id, time.Time{}, "not public"))
				} else {
					check(t, "lift", h.Cases.Lift(rig.System(), id, "public"))
				}
			}
			if i%6 != 5 {
				continue
			}
			for name, who := range map[string]context.Context{"an analyst": ana, "somebody who may count everything": lea, "the house": rig.System()} {
				q := recurrence.Ask{Min: 1, Causes: true}
				if have, want := slices.Sorted(slices.Values(origins(ask(t, h, who, q)))), byHand(t, h, name == "an analyst", name == "the house"); !slices.Equal(have, want) {
					t.Fatalf("step %d, %s:\nby sums %q\nby hand %q", i, name, have, want)
				}
			}
		}
	})
}

// byHand counts the rows of origins in the window: what all staff see, or everything.
func byHand(t *testing.T, h *rig.House, seen, house bool) []string {
	t.Helper()
	w := recurrence.WindowTo(h.Clock(), h.Recurrence.Rules.Months)
	count, hidden := map[string]int{}, map[string]int{}
	l, err := h.Cases.List(rig.System(), casework.Filter{}, casework.Page{Limit: 200})
	check(t, "list", err)
	for _, row := range l.Cases {
		c, err := h.Cases.Get(rig.System(), row.ID)
		check(t, "get", err)
		word := c.RCA.Causes["origin"]
		if word == "" || c.RCA.Review != casework.ReviewDone || !w.Holds(c.Opened) || seen && c.Audience != access.Staff {
			continue
		}
		k := word + " " + c.Product
		count[k]++
		if c.Audience != access.Staff && !house {
			hidden[k]++
		}
	}
	var out []string
	for k, n := range count {
		out = append(out, fmt.Sprintf("%s %d hidden %d", k, n, hidden[k]))
	}
	slices.Sort(out)
	return out
}

// TestTwoWorldsOfCauses holds that for who may not count everything, each answer is
// the same to the last byte with restricted analyses and without them.
func TestTwoWorldsOfCauses(t *testing.T) {
	rig.Twins(t, "gitlab", func(h *rig.House) {
		h.As(t, "ana", "analyst")
		h.As(t, "gus", "guest", "component-owner")
		h.As(t, "lea", "coordinator", "analyst")
		id := analysed(t, h, "harbor", "unsafe-default", 40, false)
		check(t, "share", h.Cases.Share(rig.System(), id, "person-gus", "component-owner"))
		analysed(t, h, "harbor", "unsafe-default", 20, false)
	}, func(t *testing.T, a, b *rig.House) {
		lea := access.With(context.Background(), access.Actor{ID: "person-lea", Kind: access.Person})
		for range 4 {
			id := analysed(t, b, "harbor", "unsafe-default", 3, false)
			check(t, "embargo", b.Cases.Embargo(rig.System(), id, time.Time{}, "not public"))
			analysed(t, b, "vault", "time-pressure", 3, true)
		}
		key := "causes/origin:unsafe-default/harbor/"
		d, err := b.Recurrence.Draft(lea, key)
		if err != nil || !d.Restricted {
			t.Errorf("who may count everything: %+v %v", d, err)
		}
		check(t, "dismiss", b.Recurrence.Dismiss(lea, key, "known"))
		for _, d := range []time.Duration{0, 30 * time.Hour} {
			a.Set(rig.Start.Add(time.Hour + d))
			b.Set(rig.Start.Add(time.Hour + d))
			for _, who := range []ref.ID{"person-ana", "person-gus"} {
				ctx := access.With(context.Background(), access.Actor{ID: who, Kind: access.Person})
				for _, q := range []recurrence.Ask{{Causes: true}, {Causes: true, Min: 1}, {Causes: true, Min: 1, Dots: 1, Groups: 1}} {
					if one, two := text(t, ask(t, a, ctx, q)), text(t, ask(t, b, ctx, q)); one != two {
						t.Errorf("%s, %+v:\n%s\n%s", who, q, one, two)
					}
				}
				one, err := a.Recurrence.Others(ctx, 10)
				check(t, "others", err)
				two, err := b.Recurrence.Others(ctx, 10)
				check(t, "others", err)
				if text(t, one) != text(t, two) || len(one.Rooted) == 0 {
					t.Errorf("%s, others:\n%s\n%s", who, text(t, one), text(t, two))
				}
				for _, h := range []*rig.House{a, b} {
					if err := h.Recurrence.Dismiss(ctx, key, "no"); !errors.Is(err, fault.NotFound) && !errors.Is(err, fault.Forbidden) {
						t.Errorf("%s dismissed what only hidden cases propose: %v", who, err)
					}
				}
			}
		}
	})
}

// TestPostgresKeepsCausesBack asks the engine past gate's own guard.
func TestPostgresKeepsCausesBack(t *testing.T) {
	h := rig.Open(t, rig.PostgresAs(t, "tocsin_ordinary"), "gitlab")
	h.As(t, "ana", "analyst")
	id := analysed(t, h, "harbor", "unsafe-default", 3, false)
	analysed(t, h, "harbor", "unsafe-default", 3, false)
	check(t, "embargo", h.Cases.Embargo(rig.System(), id, time.Time{}, "not public"))
	check(t, "product", h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from cause_sums where n = 0`)
		return err
	}))
	sets := len(h.Rules.RCA.Sets)
	for who, want := range map[string][2]int{"": {2 * sets, 2 * sets}, "person-ana": {sets, sets}, "person-nobody": {0, 0}} {
		if rows, sums := rig.CountAs(t, h.DB, who, `causes`), rig.CountAs(t, h.DB, who, `cause_sums`); rows != want[0] || sums != want[1] {
			t.Errorf("reader %q: the engine gave %d causes and %d sums, want %v", who, rows, sums, want)
		}
	}
}

// TestStatementsOfCauses holds what the part of the page costs.
func TestStatementsOfCauses(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab")
	ana, lea := h.As(t, "ana", "analyst"), h.As(t, "lea", "coordinator", "analyst")
	for i := range 12 {
		analysed(t, h, fmt.Sprint("product ", i%3), "unsafe-default", i, false)
	}
	var ran []string
	h.DB.Watch = func(q string) { ran = append(ran, q) }
	for name, who := range map[string]context.Context{"of the staff": ana, "with the grant": lea} {
		ran = nil
		b, err := h.Recurrence.Others(who, 40)
		check(t, "others", err)
		if len(b.Rooted) != 6 || len(ran) > 8 {
			t.Errorf("%s: %d groups in %d statements, want 6 in at most 8:\n%s", name, len(b.Rooted), len(ran), strings.Join(ran, "\n"))
		}
	}
}
