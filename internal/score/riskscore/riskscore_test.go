package riskscore

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
)

// published are the scales, bands and limits of the STORM text (handbook 1.3 to 1.7).
func published() Rules {
	return Rules{
		Version: "1", Likelihood: 6, Impact: 5, Aggregate: Mean, Appetite: "Neutral", Tolerance: 10, Ceiling: 20,
		Bands: []Band{{"low", "Low", 1, 10}, {"medium", "Medium", 11, 20}, {"high", "High", 21, 25}, {"critical", "Critical", 26, 30}},
	}
}

// proven are the published rules of evidence (handbook 3.4).
func proven() EvidenceRules {
	bands := []Modifier{{10, 2}, {5, 1}, {1, 0}, {0, -1}}
	return EvidenceRules{
		Months: 24, Counts: bands, Points: bands,
		Contradictions: []Contradiction{
			{factorLikelihood, 1, "items", 5, ""},
			{factorImpact, 1, "points", 10, ""},
		},
	}
}

var now = time.Date(2026, 8, 31, 15, 4, 5, 0, time.UTC)

func on(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func must[T any](t *testing.T) func(T, error) T {
	return func(x T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

// refused asks that an error is Invalid and names the field.
func refused(t *testing.T, err error, field string) {
	t.Helper()
	if !errors.Is(err, fault.Invalid) {
		t.Fatalf("error %v, want an invalid input", err)
	}
	var have []string
	for _, f := range fault.Of(err).Fields {
		have = append(have, f.Name)
	}
	if !slices.Contains(have, field) {
		t.Errorf("fields %v, want %s among them", have, field)
	}
}

func same2(t *testing.T, what string, have, want any) {
	t.Helper()
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("%s: -want +have\n%s", what, d)
	}
}

func TestMonthsKeepToTheMonthTheyLandIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says       string
		from, want time.Time
		n          int
	}{
		{"a day that exists stays", on(2026, 8, 15), on(2024, 8, 15), -24},
		{"the end of a long month becomes the end of a short one", on(2026, 3, 31), on(2026, 2, 28), -1},
		{"a leap day is kept where there is one", on(2026, 2, 28), on(2028, 2, 28), 24},
		{"a leap day without one becomes the 28th", on(2024, 2, 29), on(2026, 2, 28), 24},
		{"across the new year", on(2026, 1, 31), on(2025, 11, 30), -2},
	} {
		t.Run(c.says, func(t *testing.T) {
			if have := Months(c.from, c.n); !have.Equal(c.want) {
				t.Errorf("%s, want %s", date(have), date(c.want))
			}
		})
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	t.Parallel()
	for want, x := range map[string]float64{"3.5": 3.5, "12": 12, "3.33": 10.0 / 3, "0": -0.0001, "0.1": 0.1, "-2": -2} {
		if have := Number(x); have != want {
			t.Errorf("%v is written %q, want %q", x, have, want)
		}
	}
}

func TestStepsSayWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	a := Steps{{"score", "Score", "12", "likelihood 4 x impact 3"}, {"rating", "Rating", "Medium", ""}}
	same2(t, "the same steps", a.Differ(slices.Clone(a)), []string(nil))
	b := slices.Clone(a)
	b[1].Value = "High"
	if have := a.Differ(b); len(have) != 1 || !strings.Contains(have[0], "rating, is Medium and was stored as rating: High") {
		t.Errorf("differences %q, want the changed rating alone", have)
	}
	if have := a.Differ(a[:1]); len(have) != 1 || !strings.Contains(have[0], "was not stored") {
		t.Errorf("differences %q, want the step that was not stored", have)
	}
	if have := a[:1].Differ(a); len(have) != 1 || !strings.Contains(have[0], "does not follow") {
		t.Errorf("differences %q, want the step that does not follow", have)
	}
	same2(t, "the text", a.String(), "Score: 12 (likelihood 4 x impact 3)\nRating: Medium\n")
}
