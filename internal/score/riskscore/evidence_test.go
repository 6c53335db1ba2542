package riskscore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// items makes n pieces of evidence that have so many points together.
func items(n, points int) (out []Item) {
	for i := range n {
		it := Item{Ref: fmt.Sprintf("CASE-%03d", i), Kind: "case", Date: now.AddDate(0, 0, -i)}
		if i == 0 {
			it.Points = points
		}
		out = append(out, it)
	}
	return out
}

// handbook 3.4, the test vectors.
func TestThePublishedVectorsOfEvidence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l, i          float64
		items, points int
		wantL, wantI  float64
		score         float64
		rating        string
	}{
		{3, 3, 0, 0, 2, 2, 4, "low"},
		{3, 3, 4, 4, 3, 3, 9, "low"},
		{3, 3, 5, 5, 4, 4, 16, "medium"},
		{4, 3, 12, 9, 6, 4, 24, "high"},
		{4, 4, 10, 10, 6, 5, 30, "critical"},
		{6, 5, 0, 0, 5, 4, 20, "medium"},
		{1, 1, 0, 0, 1, 1, 1, "low"},
		{5, 4, 9, 12, 6, 5, 30, "critical"},
	} {
		t.Run(fmt.Sprintf("base %v x %v with %d items and %d points", c.l, c.i, c.items, c.points), func(t *testing.T) {
			l := must[Ledger](t)(Collect(items(c.items, c.points), 24, now))
			a := must[Adjusted](t)(published().Adjust(proven(), c.l, c.i, l))
			have := []any{a.Final.Likelihood, a.Final.Impact, a.Final.Score, a.Final.Rating, a.Held}
			same2(t, "final", have, []any{c.wantL, c.wantI, c.score, c.rating, false})
		})
	}
}

func TestARiskWithoutEvidenceIsNeverHigh(t *testing.T) {
	t.Parallel()
	s := must[Score](t)(published().Unproven(proven()))
	same2(t, "the cap", []any{s.Likelihood, s.Impact, s.Score, s.Rating}, []any{5.0, 4.0, 20.0, "medium"})
}

func TestEvidenceIsCountedInsideTheWindowOnce(t *testing.T) {
	t.Parallel()
	first := on(2024, 8, 31)
	l := must[Ledger](t)(Collect([]Item{
		{Ref: "first day", Date: first, Points: 1},
		{Ref: "day before", Date: first.Add(-time.Second)},
		{Ref: "later today", Date: now.Add(5 * time.Hour), Points: 2},
		{Ref: "tomorrow", Date: on(2026, 9, 1)},
		{Ref: "someday"},
		{Ref: "taken back", Date: on(2026, 1, 1), Points: 9, Withdrawn: true},
		{Ref: "twin", Date: on(2026, 1, 1), Points: 2, Severity: "s2"},
		{Ref: "twin", Date: on(2026, 1, 2), Points: 3, Severity: "s1"},
		{Link: "https://Example.org/issues/7/#note_1", Date: on(2026, 2, 1)},
		{Link: "https://example.org/issues/7", Date: on(2026, 2, 2)},
	}, 24, now))
	var counted []string
	for _, it := range l.Counted {
		counted = append(counted, it.name()+" "+it.Severity)
	}
	slices.Sort(counted)
	same2(t, "counted", counted, []string{"first day ", "https://example.org/issues/7 ", "later today ", "twin s1"})
	same2(t, "count and points", []int{l.Count, l.Points}, []int{4, 6})
	why := map[string]string{}
	for _, e := range l.Excluded {
		why[e.Item.name()] = e.Why
		if e.Says == "" {
			t.Errorf("%s is excluded without a sentence", e.Item.name())
		}
	}
	same2(t, "excluded", why, map[string]string{
		"day before": TooOld, "tomorrow": Future, "someday": Undated, "taken back": Withdrawn,
		"twin": Duplicate, "https://Example.org/issues/7/#note_1": Duplicate,
	})
}

func TestTwoItemsAreOneByWayOfAThird(t *testing.T) {
	t.Parallel()
	l := must[Ledger](t)(Collect([]Item{
		{Ref: "A", Link: "x", Date: now}, {Ref: "B", Link: "y", Date: now}, {Ref: "A", Link: "y", Date: now, Points: 1},
	}, 24, now))
	same2(t, "count", l.Count, 1)
	same2(t, "points", l.Points, 1)
}

func TestContradictionsHoldTheRating(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says          string
		l, i          float64
		items, points int
		held          int
	}{
		{"an unlikely risk that happened five times", 1, 3, 5, 0, 1},
		{"a harmless risk with ten points", 3, 1, 3, 10, 1},
		{"a mean that is read as the lowest level", 3, 1.4, 3, 10, 1},
		{"a mean that is read as the next level", 3, 1.5, 3, 10, 0},
		{"four items do not contradict", 1, 1, 4, 9, 0},
		{"both at once", 1, 1, 10, 10, 2},
	} {
		t.Run(c.says, func(t *testing.T) {
			l := must[Ledger](t)(Collect(items(c.items, c.points), 24, now))
			a := must[Adjusted](t)(published().Adjust(proven(), c.l, c.i, l))
			if len(a.Contradictions) != c.held || a.Held != (c.held > 0) {
				t.Errorf("held %v by %q, want %d contradictions", a.Held, a.Contradictions, c.held)
			}
		})
	}
}

func TestTheExplanationNamesTheExactEvidence(t *testing.T) {
	t.Parallel()
	l := must[Ledger](t)(Collect(append(items(6, 5), Item{Ref: "CASE-OLD", Date: on(2019, 1, 1)}), 24, now))
	a := must[Adjusted](t)(published().Adjust(proven(), 6, 3, l))
	text := a.Steps.String()
	for _, want := range []string{
		"Likelihood, base: 6", "2024-08-31 to 2026-08-31 (1 item is set aside)", "Items: 6 (CASE-000, CASE-001", "Severity points: 5 (CASE-000: 5)",
		"Likelihood moves by: +1 (for 6 items)", "Likelihood: 6 (6 +1, kept on its scale)", "Impact: 4 (3 +1)", "Score: 24", "Rating: High",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the explanation does not say %q:\n%s", want, text)
		}
	}
}

func TestEvidenceThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	for field, call := range map[string]func() error{
		"evidence.0.ref":    func() error { _, err := Collect([]Item{{Date: now}}, 24, now); return err },
		"evidence.0.points": func() error { _, err := Collect([]Item{{Ref: "A", Points: -1}}, 24, now); return err },
		"months":            func() error { _, err := Collect(nil, 0, now); return err },
		"now":               func() error { _, err := Collect(nil, 24, time.Time{}); return err },
		"count_bands.1":     func() error { return EvidenceRules{Counts: []Modifier{{5, 1}, {5, 2}}}.Check() },
		"point_bands.0":     func() error { return EvidenceRules{Points: []Modifier{{-1, 1}}}.Check() },
		"contradictions.0.factor": func() error {
			return EvidenceRules{Contradictions: []Contradiction{{Factor: "mood", Number: "items"}}}.Check()
		},
		"contradictions.0.number": func() error {
			return EvidenceRules{Contradictions: []Contradiction{{Factor: "impact", Number: "stars"}}}.Check()
		},
	} {
		t.Run(field, func(t *testing.T) { refused(t, call(), field) })
	}
}

func ledgerItems(t *rapid.T) []Item {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Item {
		it := Item{Points: rapid.IntRange(0, 3).Draw(t, "points"), Withdrawn: rapid.IntRange(0, 9).Draw(t, "withdrawn") == 0}
		if n := rapid.IntRange(-1, 900).Draw(t, "age"); n >= 0 {
			it.Date = now.AddDate(0, 0, 20-n)
		}
		it.Ref = rapid.SampledFrom([]string{"", "A", "B", "C", "D", "E", "F"}).Draw(t, "ref")
		it.Link = rapid.SampledFrom([]string{"", "u", "v", "w", "x", "y", "z"}).Draw(t, "link")
		if it.name() == "" {
			it.Ref = "G"
		}
		return it
	}), 0, 20).Draw(t, "items")
}

func TestTheOrderOfEvidenceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := ledgerItems(t)
		a, err := Collect(all, 24, now)
		if err != nil {
			t.Fatal(err)
		}
		mixed := slices.Clone(all)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(mixed), func(i, k int) { mixed[i], mixed[k] = mixed[k], mixed[i] })
		b, err := Collect(mixed, 24, now)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Counted, b.Counted) || a.Points != b.Points || len(a.Excluded) != len(b.Excluded) {
			t.Fatalf("counted %v, and in another order %v", a.Counted, b.Counted)
		}
		if len(a.Counted)+len(a.Excluded) != len(all) {
			t.Fatalf("%d counted and %d excluded of %d", len(a.Counted), len(a.Excluded), len(all))
		}
	})
}

func TestEvidenceMovesTheScoreAsItShould(t *testing.T) {
	t.Parallel()
	r, e := published(), proven()
	rapid.Check(t, func(t *rapid.T) {
		all := ledgerItems(t)
		l, i := rapid.Float64Range(1, 6).Draw(t, "likelihood"), rapid.Float64Range(1, 5).Draw(t, "impact")
		score := func(items []Item) Adjusted {
			led, err := Collect(items, e.Months, now)
			if err != nil {
				t.Fatal(err)
			}
			a, err := r.Adjust(e, l, i, led)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		before := score(all)
		if more := score(append(slices.Clone(all), Item{Ref: "new", Date: now, Points: 3})); more.Final.Score < before.Final.Score {
			t.Fatalf("more evidence lowers the score from %v to %v", before.Final.Score, more.Final.Score)
		}
		if twice := score(append(slices.Clone(all), all...)); twice.Final.Score != before.Final.Score || twice.Ledger.Count != before.Ledger.Count {
			t.Fatalf("the same evidence twice counts %d, once %d", twice.Ledger.Count, before.Ledger.Count)
		}
		if old := score(append(slices.Clone(all), Item{Ref: "old", Date: on(2000, 1, 1), Points: 9})); old.Final.Score != before.Final.Score {
			t.Fatalf("evidence outside the window moves the score to %v", old.Final.Score)
		}
		if before.Ledger.Count == 0 && before.Final.Score > 20 {
			t.Fatalf("without evidence the score is %v", before.Final.Score)
		}
	})
}
