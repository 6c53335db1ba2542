package riskscore

import (
	"math"
	"testing"
	"time"
)

func TestHealthFollowsFromTheFacts(t *testing.T) {
	t.Parallel()
	r := HealthRules{OwnerDays: 92, DelayDays: 92}
	ago := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	for _, c := range []struct {
		says string
		have Verdict
		want Color
	}{
		{"no owner is red", OwnerHealth(r, OwnerFacts{LastSync: ago(1)}, now), Red},
		{"an owner on the way out is yellow", OwnerHealth(r, OwnerFacts{Assigned: true, Replaced: true, LastSync: ago(1)}, now), Yellow},
		{"an owner never spoken to is yellow", OwnerHealth(r, OwnerFacts{Assigned: true}, now), Yellow},
		{"a sync on the last day allowed is green", OwnerHealth(r, OwnerFacts{Assigned: true, LastSync: ago(92)}, now), Green},
		{"a sync a day too old is yellow", OwnerHealth(r, OwnerFacts{Assigned: true, LastSync: ago(93)}, now), Yellow},
		{"a sync to come is no sync", OwnerHealth(r, OwnerFacts{Assigned: true, LastSync: ago(-1)}, now), Yellow},
		{"no plan is red", PlanHealth(r, PlanFacts{}, now), Red},
		{"a plan without milestones is red", PlanHealth(r, PlanFacts{Plan: true}, now), Red},
		{"a milestone without a date is red", PlanHealth(r, PlanFacts{true, []Milestone{{"A", ago(1), ago(1)}, {Name: "B"}}}, now), Red},
		{"a delay of a quarter is green", PlanHealth(r, PlanFacts{true, []Milestone{{Name: "A", Due: ago(92)}}}, now), Green},
		{"a delay of more is yellow", PlanHealth(r, PlanFacts{true, []Milestone{{Name: "A", Due: ago(93)}, {Name: "B", Due: ago(1)}}}, now), Yellow},
		{"what was done late is done", PlanHealth(r, PlanFacts{true, []Milestone{{"A", ago(300), ago(1)}}}, now), Green},
		{"no indicator is red", KRIHealth(nil), Red},
		{"indicators that nobody tracks are red", KRIHealth([]IndicatorFacts{{"A", false, true}}), Red},
		{"one that is not tracked is yellow", KRIHealth([]IndicatorFacts{{"A", true, true}, {"B", false, true}}), Yellow},
		{"one that is tied to nothing is yellow", KRIHealth([]IndicatorFacts{{"A", true, true}, {"B", true, false}}), Yellow},
		{"tracked and tied is green", KRIHealth([]IndicatorFacts{{"A", true, true}}), Green},
	} {
		t.Run(c.says, func(t *testing.T) {
			if c.have.Light != c.want || c.have.Says == "" {
				t.Errorf("%s (%s), want %s", c.have.Light, c.have.Says, c.want)
			}
		})
	}
}

func TestLabelsThatDisagreeWithTheFactsAreNamed(t *testing.T) {
	t.Parallel()
	derived := []Verdict{{DomainOwner, Red, "no business owner is named"}, {DomainTreatment, Green, "on track"}, {DomainKRI, Yellow, "not tracked: A"}}
	have := Disagree(derived, map[string]string{DomainOwner: "green", DomainTreatment: "green"})
	same2(t, "disagreements", have, []Disagreement{
		{DomainOwner, "green", Red, "the label says green, the facts say red: no business owner is named"},
		{DomainKRI, "", Yellow, "no label is set; the facts say yellow: not tracked: A"},
	})
}

func TestTheArrowComparesWithTheLastReview(t *testing.T) {
	t.Parallel()
	history := []Dated{{on(2026, 1, 1), 12}, {on(2026, 3, 1), 16}, {on(2026, 5, 1), 20}, {on(2026, 5, 2), 16}}
	for _, c := range []struct {
		says    string
		history []Dated
		reviews []time.Time
		want    Arrow
		was     float64
	}{
		{"higher than at the review is worse", history, []time.Time{on(2026, 2, 1)}, Worse, 12},
		{"only the last review counts, not the last save", history, []time.Time{on(2026, 4, 1), on(2026, 2, 1)}, Level, 16},
		{"lower than at the review is better", history, []time.Time{on(2026, 5, 1)}, Better, 20},
		{"without a review it is new", history, nil, NewScore, 0},
		{"a review before the first score saw none", history, []time.Time{on(2025, 1, 1)}, NewScore, 0},
		{"without a score it is new", nil, []time.Time{on(2026, 1, 1)}, NewScore, 0},
	} {
		t.Run(c.says, func(t *testing.T) {
			m := Trend(c.history, c.reviews)
			if m.Arrow != c.want || m.Was != c.was || m.Says == "" {
				t.Errorf("%s from %v (%s), want %s from %v", m.Arrow, m.Was, m.Says, c.want, c.was)
			}
		})
	}
}

func TestWorseningReviewsAreCountedFromTheLast(t *testing.T) {
	t.Parallel()
	history := []Dated{{on(2026, 1, 1), 12}, {on(2026, 2, 1), 8}, {on(2026, 3, 1), 16}, {on(2026, 4, 1), 20}}
	var reviews []time.Time
	for m := range 4 {
		reviews = append(reviews, on(2026, time.Month(m+1), 15))
	}
	same2(t, "reviews", []int{Worsened(history, reviews), Worsened(history, reviews[:2]), Worsened(history, reviews[:1])}, []int{2, 0, 0})
}

func TestDwellCountsTheDaysAboveTheTolerance(t *testing.T) {
	t.Parallel()
	history := []Dated{{on(2026, 1, 1), 12}, {on(2026, 1, 11), 10}, {on(2026, 2, 1), 10.4}, {on(2026, 2, 5), 30}, {on(2030, 1, 1), 1}}
	same2(t, "above", Dwell(history, 10, on(2026, 2, 21)), Stay{true, on(2026, 2, 1), 20, 30})
	same2(t, "below", Dwell(history, 10, on(2026, 1, 20)), Stay{false, time.Time{}, 0, 10})
	same2(t, "never scored", Dwell(nil, 10, on(2026, 1, 20)), Stay{})
}

func TestRisksAreRankedByScoreThenTrendThenAge(t *testing.T) {
	t.Parallel()
	entries := []Entry{
		{"low", ptr(4.0), Worse, on(2020, 1, 1)},
		{"old", ptr(20.0), Level, on(2024, 1, 1)},
		{"unset", nil, NewScore, on(2019, 1, 1)},
		{"b", ptr(20.0), Level, on(2025, 1, 1)},
		{"a", ptr(20.0), Level, on(2025, 1, 1)},
		{"worse", ptr(20.0), Worse, on(2026, 1, 1)},
		{"new", ptr(20.0), NewScore, on(2026, 1, 1)},
		{"top", ptr(20.5), Better, on(2026, 1, 1)},
	}
	ranked, unscored, err := Rank(entries, []string{KeyScore, KeyTrend, KeyAge})
	if err != nil {
		t.Fatal(err)
	}
	var refs []string
	for _, e := range ranked {
		refs = append(refs, e.Ref)
	}
	same2(t, "order", refs, []string{"top", "worse", "new", "old", "a", "b", "low"})
	same2(t, "apart", len(unscored), 1)
	_, _, err = Rank(entries, []string{"mood"})
	refused(t, err, "keys.0")
	_, _, err = Rank([]Entry{{"x", ptr(math.NaN()), Level, now}}, []string{KeyScore})
	refused(t, err, "entries.0.score")
}
