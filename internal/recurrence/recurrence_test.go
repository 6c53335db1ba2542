package recurrence_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// past is a case of history, so many days ago.
type past struct {
	cwe, product, component string
	days                    int // before the moment of the test; -1 is without a date
	score                   float64
}

// bring makes cases as an import does.
func bring(t *testing.T, h *rig.House, cases ...past) (ids []ref.ID) {
	t.Helper()
	now := h.Clock()
	check(t, "import", h.Gate.Act(rig.System(), "archive.import", "", func(tx *gate.Tx) error {
		for i, c := range cases {
			p := casework.Past{Title: fmt.Sprintf("case %d of %s", i, c.cwe), CWE: c.cwe, Product: c.product, Component: c.component, Format: "test", Name: string(ref.New("case"))}
			if c.days >= 0 {
				p.Opened = now.Add(-time.Duration(c.days) * 24 * time.Hour)
			}
			if c.score > 0 {
				p.Scores = []advisory.Score{{Version: "3.1", Base: c.score}}
			}
			id, err := h.Cases.Bring(tx, "", casework.Past{}, p)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	}))
	return ids
}

func ask(t *testing.T, h *rig.House, who context.Context, q recurrence.Ask) *recurrence.Answer {
	t.Helper()
	a, err := h.Recurrence.Answer(who, q)
	check(t, "answer", err)
	return a
}

// brief says a group in a line.
func brief(gs []recurrence.Group) (out []string) {
	for _, g := range gs {
		out = append(out, fmt.Sprintf("%s %s/%s %d", g.Weakness, g.Product, g.Component, g.Count))
	}
	return out
}

func TestFiveCasesOfOneWeaknessInOnePlaceAreSystemic(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		var old []past
		for i := range 4 {
			old = append(old, past{cwe: "CWE-79", product: "harbor", component: "wiki", days: 100 * (i + 1)})
		}
		old = append(old, past{cwe: "CWE-79", product: "harbor", component: "export", days: 10}, // another place
			past{cwe: "CWE-89", product: "harbor", component: "wiki", days: 10},   // another weakness
			past{cwe: "CWE-79", product: "harbor", component: "wiki", days: 1000}, // too long ago
			past{cwe: "CWE-79", product: "harbor", component: "wiki", days: -1},   // without a date
			past{product: "harbor", component: "wiki", days: 5},                   // without a weakness
			past{cwe: "CWE-22", product: "lighthouse", days: 3}, past{cwe: "CWE-22", product: "lighthouse", days: 4})
		bring(t, h, old...)
		for _, folded := range []bool{false, true} {
			if folded {
				check(t, "fold", h.Recurrence.Fold(rig.System()))
			}
			if a := ask(t, h, ana, recurrence.Ask{}); len(a.Groups) != 0 || a.Undated != 1 || a.NoWeakness != 1 || a.Threshold != 5 || a.Window.Months != 24 {
				t.Errorf("folded %v, below the threshold: %+v", folded, a)
			}
			a := ask(t, h, ana, recurrence.Ask{Min: 2})
			if have, want := brief(a.Groups), []string{"CWE-79 harbor/wiki 4", "CWE-22 lighthouse/ 2"}; !slices.Equal(have, want) {
				t.Errorf("folded %v: %v, want %v", folded, have, want)
			}
			if g := a.Groups[0]; g.Undated != 1 || g.Systemic || g.Place != "wiki" || a.Groups[1].Place != "lighthouse" || g.Trend != (recurrence.Trend{Earlier: 1, Later: 3, Word: "rising"}) || g.Rate != 2 {
				t.Errorf("folded %v: %+v", folded, g)
			}
		}
		id, err := h.Cases.Open(ana, casework.Opening{Title: "once more", CWE: "CWE-79", Product: "harbor", Component: "wiki"})
		check(t, "open", err)
		a := ask(t, h, ana, recurrence.Ask{Dots: 2})
		if have, want := brief(a.Groups), []string{"CWE-79 harbor/wiki 5"}; !slices.Equal(have, want) {
			t.Fatalf("%v, want %v", have, want)
		}
		g := a.Groups[0]
		if !g.Systemic || g.Proposal != recurrence.Open || len(g.Cases) != 5 || g.Cases[4].Case != id || !g.Reached.Equal(g.Cases[4].At) || g.LeftOff != 0 {
			t.Errorf("the fifth case: %+v", g)
		}
	})
}

func TestWhatIsNoVulnerabilityDoesNotCountAndSaysWhy(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager", "analyst", "engineer")
		check(t, "fold", h.Recurrence.Fold(rig.System()))
		id, err := h.Cases.Open(mia, casework.Opening{Title: "no defect", CWE: "CWE-79", Product: "harbor", Component: "wiki", Received: h.Clock().Add(-30 * 24 * time.Hour)})
		check(t, "open", err)
		count := func() int {
			a := ask(t, h, mia, recurrence.Ask{Min: 1})
			if len(a.Groups) == 0 {
				return 0
			}
			return a.Groups[0].Count
		}
		if n := count(); n != 1 {
			t.Fatalf("open: %d", n)
		}
		check(t, "reject", h.Cases.Move(mia, id, "case.reject", casework.Step{Reason: "it does not hold", Disposition: "not-applicable", Answer: "Thank you; it does not hold."}))
		if n := count(); n != 0 {
			t.Errorf("rejected: it counts %d", n)
		}
		a := ask(t, h, mia, recurrence.Ask{Excluded: 10})
		if len(a.Excluded) != 1 || a.Excluded[0].Case != id || a.Excluded[0].Why != "not-applicable" {
			t.Errorf("excluded: %+v", a.Excluded)
		}
		check(t, "reopen", h.Cases.Move(mia, id, "case.reopen", casework.Step{Reason: "it does hold"}))
		if n := count(); n != 1 {
			t.Errorf("reopened: it counts %d", n)
		}
	})
}

// TestSumsSayWhatCountingSays changes cases at random in every way that counts
// depend on, on different days, and holds after each step that the answer by sums is
// that by counting every case, for everybody.
func TestSumsSayWhatCountingSays(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		dice := rand.New(rand.NewPCG(8420, 60))
		ana, mia, lea := h.As(t, "ana", "analyst"), h.As(t, "mia", "analyst"), h.As(t, "lea", "coordinator", "analyst")
		gus := h.As(t, "gus", "guest", "component-owner")
		pick := func(of ...string) string { return of[dice.IntN(len(of))] }
		var ids []ref.ID
		step := func() {
			switch n := dice.IntN(10); {
			case n < 4 || len(ids) < 5:
				c := past{cwe: pick("CWE-79", "CWE-80", "CWE-89", ""), product: pick("harbor", "buoy"), component: pick("wiki", "", "export"), days: dice.IntN(900) - 1, score: float64(dice.IntN(11))}
				ids = append(ids, bring(t, h, c)...)
			case n < 6:
				id, err := h.Cases.Open(ana, casework.Opening{Title: "new", CWE: pick("CWE-79", "CWE-89", ""), Product: pick("harbor", "buoy"), Component: pick("wiki", ""),
					Received: h.Clock().Add(-time.Duration(dice.IntN(10+dice.IntN(800))) * time.Hour), Named: dice.IntN(3) == 0})
				check(t, "open", err)
				ids = append(ids, id)
			case n < 7:
				h.Pass(time.Duration(dice.IntN(60)) * time.Hour)
			case n < 8:
				check(t, "fold", h.Recurrence.Fold(rig.System()))
			case n < 9:
				id := ids[dice.IntN(len(ids))]
				weakness, component := pick("CWE-79", "CWE-89"), pick("wiki", "export", "")
				check(t, "edit", h.Cases.Edit(rig.System(), id, casework.Patch{CWE: &weakness, Component: &component}))
			default:
				id := ids[dice.IntN(len(ids))]
				if dice.IntN(2) == 0 {
					check(t, "embargo", h.Cases.Embargo(rig.System(), id, time.Time{}, "not public"))
					if dice.IntN(2) == 0 {
						check(t, "share", h.Cases.Share(rig.System(), id, "person-gus", "component-owner"))
						check(t, "share", h.Cases.Share(rig.System(), id, "person-mia", ""))
					}
				} else {
					check(t, "lift", h.Cases.Lift(rig.System(), id, "public"))
				}
			}
		}
		for i := range 150 {
			step()
			if i%5 != 4 {
				continue
			}
			for name, who := range map[string]context.Context{"an analyst": ana, "somebody named": mia, "a guest": gus, "somebody who may count everything": lea, "the house": rig.System()} {
				q := recurrence.Ask{Min: 1, Parents: true, Excluded: 100}
				fast := ask(t, h, who, q)
				slow, err := counted(h).Answer(who, q)
				check(t, "count", err)
				if have, want := text(t, fast), text(t, slow); have != want {
					t.Fatalf("step %d, %s:\nby sums     %s\nby counting %s", i, name, have, want)
				}
				q.Min = 4
				q.Parents = false
				if have, want := brief(ask(t, h, who, q).Groups), brief(least(fast.Groups, 4)); !slices.Equal(have, want) {
					t.Fatalf("step %d, %s, at least 4: %v, want %v", i, name, have, want)
				}
			}
		}
	})
}

// counted is the same without the use of sums: rules that no sums were made by.
func counted(h *rig.House) *recurrence.Recurrence {
	r := *h.Recurrence
	r.Rules.Points = map[string]int{"never": 1}
	for k, v := range h.Recurrence.Rules.Points {
		r.Rules.Points[k] = v
	}
	return &r
}

func least(gs []recurrence.Group, n int) []recurrence.Group {
	return slices.DeleteFunc(slices.Clone(gs), func(g recurrence.Group) bool { return g.Count < n })
}

func text(t *testing.T, x any) string {
	t.Helper()
	b, err := json.Marshal(x)
	check(t, "write", err)
	return string(b)
}

func TestOnlyTheGrantCountsWhatOneMayNotOpen(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, lea := h.As(t, "ana", "analyst"), h.As(t, "lea", "coordinator", "analyst")
		ids := bring(t, h, slices.Repeat([]past{{cwe: "CWE-79", product: "harbor", component: "wiki", days: 50, score: 9}}, 7)...)
		for _, id := range ids[:3] {
			check(t, "embargo", h.Cases.Embargo(rig.System(), id, time.Time{}, "not public"))
		}
		for _, folded := range []bool{false, true} {
			if folded {
				check(t, "fold", h.Recurrence.Fold(rig.System()))
			}
			a := ask(t, h, ana, recurrence.Ask{Min: 1})
			if len(a.Groups) != 1 || a.Groups[0].Count != 4 || a.Groups[0].Hidden != 0 || a.Groups[0].Systemic || a.Scope != "visible" {
				t.Errorf("folded %v, without the grant: %s", folded, text(t, a))
			}
			a = ask(t, h, lea, recurrence.Ask{})
			if len(a.Groups) != 1 || a.Groups[0].Count != 7 || a.Groups[0].Hidden != 3 || len(a.Groups[0].Cases) != 4 || !a.Groups[0].Systemic || a.Scope != "all" || a.Groups[0].Reached != nil {
				t.Errorf("folded %v, with it: %s", folded, text(t, a))
			}
			for _, id := range ids[:3] {
				if strings.Contains(text(t, a), string(id)) {
					t.Errorf("the hidden %s is named", id)
				}
			}
		}
		ps, err := h.Recurrence.Proposals(ana)
		if err != nil || len(ps) != 0 {
			t.Errorf("proposals without the grant: %+v %v", ps, err)
		}
		key := "recurrence/CWE-79/harbor/wiki"
		if err := h.Recurrence.Dismiss(lea, key, "known"); err != nil {
			t.Errorf("dismiss with the grant: %v", err)
		}
		if g := ask(t, h, lea, recurrence.Ask{}).Groups[0]; g.Proposal != recurrence.Dismissed {
			t.Errorf("dismissed: %+v", g)
		}
		if g := ask(t, h, ana, recurrence.Ask{Min: 1}).Groups[0]; g.Proposal != "" || g.Decision != nil {
			t.Errorf("the decision shows to who may not count: %+v", g)
		}
	})
}

func TestADismissedProposalComesBackWhenItGrewByTheThreshold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "coordinator", "analyst")
		one := past{cwe: "CWE-918", product: "harbor", component: "import", days: 20, score: 9}
		bring(t, h, slices.Repeat([]past{one}, 5)...)
		ps, err := h.Recurrence.Proposals(lea)
		if err != nil || len(ps) != 1 || ps[0].Count != 5 || ps[0].Points != 15 || ps[0].Title != "Server-Side Request Forgery (SSRF) may keep coming back in import of harbor" {
			t.Fatalf("%+v %v", ps, err)
		}
		if err := h.Recurrence.Dismiss(lea, ps[0].Key, "  "); !errors.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		check(t, "dismiss", h.Recurrence.Dismiss(lea, ps[0].Key, "the component is replaced this quarter"))
		if again, err := h.Recurrence.Proposals(lea); err != nil || len(again) != 0 {
			t.Errorf("after it was dismissed: %+v %v", again, err)
		}
		if err := h.Recurrence.Dismiss(lea, ps[0].Key, "once more"); !errors.Is(err, fault.NotFound) {
			t.Errorf("dismissed twice: %v", err)
		}
		bring(t, h, slices.Repeat([]past{one}, 4)...)
		if again, err := h.Recurrence.Proposals(lea); err != nil || len(again) != 0 {
			t.Errorf("4 more: %+v %v", again, err)
		}
		bring(t, h, one)
		again, err := h.Recurrence.Proposals(lea)
		if err != nil || len(again) != 1 || again[0].Count != 10 || again[0].Decision == nil {
			t.Errorf("5 more: %+v %v", again, err)
		}
	})
}

func TestARaisedProposalIsARiskWithItsTextAndCases(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "coordinator", "analyst")
		ids := bring(t, h, slices.Repeat([]past{{cwe: "CWE-79", product: "harbor", component: "wiki", days: 50, score: 9}}, 5)...)
		var got recurrence.Draft
		h.Recurrence.Covered = nil
		h.Recurrence.RaiseRisk = func(_ *gate.Tx, d recurrence.Draft) (ref.ID, error) { got = d; return ids[0], nil }
		before, err := h.Recurrence.Draft(lea, "recurrence/CWE-79/harbor/wiki")
		check(t, "draft", err)
		id, err := h.Recurrence.Raise(lea, "recurrence/CWE-79/harbor/wiki")
		check(t, "raise", err)
		if text(t, before) != text(t, got) {
			t.Errorf("the draft was %s and is %s", text(t, before), text(t, got))
		}
		slices.Sort(ids)
		slices.SortFunc(got.Cases, func(a, b ref.ID) int { return cmp.Compare(a, b) })
		if !slices.Equal(got.Cases, ids) || !strings.Contains(got.Title, " may ") || !strings.Contains(got.Evidence, "5 cases in 24 months, 2.5 a year") || got.Restricted || got.Impact == "" || got.Scale == "" || got.Consequence == "" {
			t.Errorf("draft: %s", text(t, got))
		}
		if g := ask(t, h, lea, recurrence.Ask{}).Groups[0]; g.Risk != id || g.Proposal != recurrence.Raised {
			t.Errorf("the group: %s", text(t, g))
		}
		if _, err := h.Recurrence.Raise(lea, "recurrence/CWE-79/harbor/wiki"); !errors.Is(err, fault.NotFound) {
			t.Errorf("raised twice: %v", err)
		}
	})
}

func TestAWorseQuestionIsRefused(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	for name, q := range map[string]recurrence.Ask{"a negative number": {Min: -1}, "a year far away": {AsOf: time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)}, "a negative limit": {Dots: -4}} {
		if _, err := h.Recurrence.Answer(rig.System(), q); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Recurrence.Answer(context.Background(), recurrence.Ask{}); !errors.Is(err, fault.Unknown) {
		t.Errorf("nobody: %v", err)
	}
	token := access.With(context.Background(), access.Actor{ID: "token-x", Kind: access.Token, Scopes: []string{"report.read"}})
	if _, err := h.Recurrence.Answer(token, recurrence.Ask{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a token whose scopes leave cases out: %v", err)
	}
}

// TestTwoWorlds holds that for who may not count everything, each answer is the same
// to the last byte in a store and in the same store with restricted cases added,
// decided about and folded in.
func TestTwoWorlds(t *testing.T) {
	secret := past{cwe: "CWE-79", product: "harbor", component: "wiki", days: 40, score: 9}
	var all []ref.ID
	rig.Twins(t, "gitlab", func(h *rig.House) {
		h.As(t, "ana", "analyst")
		h.As(t, "gus", "guest", "component-owner")
		h.As(t, "lea", "coordinator", "analyst")
		bring(t, h, slices.Repeat([]past{{cwe: "CWE-79", product: "harbor", component: "wiki", days: 50, score: 7}}, 4)...)
		all = bring(t, h, slices.Repeat([]past{{cwe: "CWE-89", product: "buoy", days: 10}}, 6)...)
		check(t, "share", h.Cases.Share(rig.System(), all[0], "person-gus", "component-owner"))
	}, func(t *testing.T, a, b *rig.House) {
		lea := access.With(context.Background(), access.Actor{ID: "person-lea", Kind: access.Person})
		hide := func() {
			for _, id := range bring(t, b, slices.Repeat([]past{secret, {cwe: "CWE-502", product: "vault", days: 3}, {cwe: "CWE-80", product: "harbor", component: "wiki", days: -1}}, 3)...) {
				check(t, "embargo", b.Cases.Embargo(rig.System(), id, time.Time{}, "not public"))
			}
		}
		check(t, "fold", a.Recurrence.Fold(rig.System()))
		hide()
		check(t, "fold", b.Recurrence.Fold(rig.System()))
		hide()
		if ps, err := b.Recurrence.Proposals(lea); err != nil || len(ps) != 3 {
			t.Fatalf("in the world with more, who may count everything has %d proposals, want 3: %v", len(ps), err)
		}
		check(t, "dismiss", b.Recurrence.Dismiss(lea, "recurrence/CWE-79/harbor/wiki", "known"))
		for _, d := range []time.Duration{0, 30 * time.Hour} {
			a.Set(rig.Start.Add(time.Hour + d))
			b.Set(rig.Start.Add(time.Hour + d))
			for _, who := range []ref.ID{"person-ana", "person-gus"} {
				ctx := access.With(context.Background(), access.Actor{ID: who, Kind: access.Person})
				for _, q := range []recurrence.Ask{{}, {Min: 1, Parents: true, Excluded: 50}, {Groups: 1, Dots: 2}, {Min: 1, AsOf: rig.Start.AddDate(0, -1, 0)},
					{Key: &recurrence.Key{Weakness: "CWE-502", Product: "vault"}}, {Key: &recurrence.Key{Weakness: "CWE-79", Product: "harbor", Component: "wiki"}}} {
					if one, two := text(t, ask(t, a, ctx, q)), text(t, ask(t, b, ctx, q)); one != two {
						t.Errorf("%s, %+v:\n%s\n%s", who, q, one, two)
					}
				}
				one, err := a.Recurrence.Proposals(ctx)
				check(t, "proposals", err)
				two, err := b.Recurrence.Proposals(ctx)
				check(t, "proposals", err)
				if text(t, one) != text(t, two) {
					t.Errorf("%s, proposals:\n%s\n%s", who, text(t, one), text(t, two))
				}
			}
		}
	})
}

// TestPostgresKeepsTheCountsOfEverythingBack asks the engine past gate's own guard:
// the second wall stands around the sums and the decisions too.
func TestPostgresKeepsTheCountsOfEverythingBack(t *testing.T) {
	h := rig.Open(t, rig.PostgresAs(t, "tocsin_ordinary"), "gitlab")
	h.As(t, "ana", "analyst")
	lea := h.As(t, "lea", "coordinator", "analyst")
	ids := bring(t, h, slices.Repeat([]past{{cwe: "CWE-79", product: "harbor", component: "wiki", days: 50}}, 6)...)
	check(t, "embargo", h.Cases.Embargo(rig.System(), ids[0], time.Time{}, "not public"))
	check(t, "embargo", h.Cases.Embargo(rig.System(), ids[1], time.Time{}, "not public"))
	check(t, "fold", h.Recurrence.Fold(rig.System()))
	check(t, "dismiss", h.Recurrence.Dismiss(lea, "recurrence/CWE-79/harbor/wiki", "known"))
	for who, want := range map[string][2]int{"": {2, 1}, "person-ana": {1, 0}, "person-lea": {1, 0}, "person-nobody": {0, 0}} {
		sums, decided := rig.CountAs(t, h.DB, who, `recurrence_sums`), rig.CountAs(t, h.DB, who, `proposals`)
		if sums != want[0] || decided != want[1] {
			t.Errorf("reader %q: the engine gave %d sums and %d decisions, want %v", who, sums, decided, want)
		}
	}
	if a := ask(t, h, lea, recurrence.Ask{}); len(a.Groups) != 1 || a.Groups[0].Hidden != 2 {
		t.Errorf("with the grant, behind the wall: %s", text(t, a))
	}
}

// TestAStoreOfAnEarlierReleaseKnowsWhatDoesNotCount runs the step of the schema that
// reads it from what cases say, on cases that do not have it yet.
func TestAStoreOfAnEarlierReleaseKnowsWhatDoesNotCount(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager", "analyst", "engineer")
		id, err := h.Cases.Open(mia, casework.Opening{Title: `says "disposition":"spam" and "withdrawn": in its text`, Summary: `"disposition":"spam"`, CWE: "CWE-79", Product: "harbor"})
		check(t, "open", err)
		no, err := h.Cases.Open(mia, casework.Opening{Title: "no defect", CWE: "CWE-79", Product: "harbor"})
		check(t, "open", err)
		check(t, "reject", h.Cases.Move(mia, no, "case.reject", casework.Step{Reason: "known", Disposition: "duplicate", Answer: "Thank you; it is known."}))
		var old, taken ref.ID
		check(t, "import", h.Gate.Act(rig.System(), "archive.import", "", func(tx *gate.Tx) error {
			at := h.Clock().AddDate(0, -1, 0)
			old, err = h.Cases.Bring(tx, "", casework.Past{}, casework.Past{Title: "old", CWE: "CWE-79", Product: "harbor", Opened: at, Stated: map[string]string{"state": "REJECTED"}})
			if err == nil {
				taken, err = h.Cases.Bring(tx, "", casework.Past{}, casework.Past{Title: "taken back", CWE: "CWE-79", Product: "harbor", Opened: at, Stated: map[string]string{"withdrawn": "2026-01-01"}})
			}
			return err
		}))
		want := text(t, ask(t, h, mia, recurrence.Ask{Min: 1, Excluded: 10}))
		step, err := os.ReadFile(filepath.Join("..", "db", "schema", "0060_recurrence."+string(h.DB.Engine)+".sql"))
		check(t, "read the schema", err)
		_, fill, _ := strings.Cut(string(step), "alter table cases add column barred text not null default '';\n")
		fill, _, _ = strings.Cut(fill, ";\n")
		check(t, "forget", h.DB.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `update cases set barred = ''`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), fill)
			return err
		}))
		have := text(t, ask(t, h, mia, recurrence.Ask{Min: 1, Excluded: 10}))
		if have != want || strings.Count(have, `"why"`) != 3 || !strings.Contains(have, `"duplicate"`) || strings.Count(have, string(id)) != 1 || !strings.Contains(have, string(old)) || !strings.Contains(have, string(taken)) {
			t.Errorf("have %s\nwant %s", have, want)
		}
	})
}

func TestKeysOfProposalsKeepEveryName(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "coordinator", "analyst")
		odd := past{cwe: "CWE-79", product: "C/C++ \"gate\" 100%", component: "a/b c|é", days: 9}
		bring(t, h, slices.Repeat([]past{odd}, 5)...)
		g := ask(t, h, lea, recurrence.Ask{}).Groups[0]
		check(t, "dismiss "+g.ProposalKey(), h.Recurrence.Dismiss(lea, g.ProposalKey(), "known"))
		for _, key := range []string{"", "recurrence", "recurrence/CWE-79/x", "recurrence/%zz/a/b", "recurrence/a/b/c/d"} {
			if err := h.Recurrence.Dismiss(lea, key, "known"); !errors.Is(err, fault.Invalid) {
				t.Errorf("key %q: %v", key, err)
			}
		}
	})
}

// TestLateCasesAndUnsupportedProductsAreProposed holds the other kinds of proposals.
func TestLateCasesAndUnsupportedProductsAreProposed(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "coordinator", "analyst")
		h.Recurrence.Rules.Misses = 2
		for range 2 {
			_, err := h.Cases.Open(lea, casework.Opening{Title: "late", Product: "buoy", Component: "bell", Received: h.Clock().AddDate(0, -6, 0)})
			check(t, "open", err)
		}
		check(t, "lines", h.DB.Write(t.Context(), func(tx *db.Tx) error {
			for _, l := range []struct {
				name      string
				supported bool
				until     time.Time
			}{{"1.0", false, time.Time{}}, {"2.0", true, h.Clock().AddDate(0, 0, -1)}} {
				if _, err := tx.Exec(t.Context(), `insert into lines (product, name, supported, until) values ('buoy', $1, $2, $3)`, l.name, l.supported, gate.Micros(l.until)); err != nil {
					return err
				}
			}
			return nil
		}))
		ps, err := h.Recurrence.Proposals(lea)
		check(t, "proposals", err)
		var have []string
		for _, p := range ps {
			have = append(have, p.Key+" "+p.Title)
		}
		want := []string{"misses//buoy/bell Vulnerabilities of bell of buoy may stay open longer than promised", "support//buoy/ Vulnerabilities of buoy may never be fixed"}
		if !slices.Equal(have, want) {
			t.Fatalf("have %q\nwant %q", have, want)
		}
		for _, p := range ps {
			d, err := h.Recurrence.Draft(lea, p.Key)
			if err != nil || d.Problem == "" || d.Consequence == "" {
				t.Errorf("draft of %s: %+v %v", p.Key, d, err)
			}
			check(t, "dismiss", h.Recurrence.Dismiss(lea, p.Key, "planned already"))
		}
		if ps, err = h.Recurrence.Proposals(lea); err != nil || len(ps) != 0 {
			t.Errorf("after both were dismissed: %+v %v", ps, err)
		}
	})
}

// TestStatements holds what an answer and a change cost: a few statements however
// many groups there are, and none for a case of today.
func TestStatements(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab")
	ana, lea := h.As(t, "ana", "analyst"), h.As(t, "lea", "coordinator", "analyst")
	var cases []past
	for i := range 200 {
		cases = append(cases, past{cwe: "CWE-79", product: "harbor", component: fmt.Sprint("part ", i%30), days: 3 + i})
	}
	bring(t, h, cases...)
	check(t, "fold", h.Recurrence.Fold(rig.System()))
	var ran []string
	h.DB.Watch = func(q string) { ran = append(ran, q) }
	for name, c := range map[string]struct {
		who context.Context
		max int
	}{"of the staff": {ana, 8}, "with the grant": {lea, 8}} {
		ran = nil
		a := ask(t, h, c.who, recurrence.Ask{Groups: 100, Dots: 40, Parents: true})
		if len(a.Groups) != 30 || len(ran) > c.max {
			t.Errorf("%s: %d groups in %d statements, want 30 in at most %d:\n%s", name, len(a.Groups), len(ran), c.max, strings.Join(ran, "\n"))
		}
	}
	ran = nil
	id, err := h.Cases.Open(ana, casework.Opening{Title: "of today", CWE: "CWE-79", Product: "harbor"})
	check(t, "open", err)
	weakness := "CWE-89"
	check(t, "edit", h.Cases.Edit(ana, id, casework.Patch{CWE: &weakness}))
	if i := slices.IndexFunc(ran, func(q string) bool { return strings.Contains(q, "recurrence") }); i >= 0 || len(ran) == 0 {
		t.Errorf("a case of today costs a statement: %d of %d", i, len(ran))
	}
}
