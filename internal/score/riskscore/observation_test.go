package riskscore

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// observed are the published ratings of observations (handbook 5).
var observed = ObsRules{4, 4, []ObsRating{{"low", "Low", 1, 3, 18}, {"medium", "Medium", 4, 11, 12}, {"high", "High", 12, 15, 6}, {"critical", "Critical", 16, 16, 3}}}

// equivalents is the published table (handbook 2.3).
var equivalents = []Equivalent{
	{"P1", "critical", "critical", [2]float64{9, 10}, [2]int{16, 16}},
	{"P2", "high", "high", [2]float64{7, 8.9}, [2]int{12, 15}},
	{"P3", "medium", "medium", [2]float64{4, 6.9}, [2]int{4, 11}},
	{"P4", "low", "low", [2]float64{0.1, 3.9}, [2]int{1, 3}},
}

func TestObservationsHaveTheirRatings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l, i   int
		rating string
		due    string
	}{{1, 3, "low", "2028-02-29"}, {2, 2, "medium", "2027-08-31"}, {3, 3, "medium", "2027-08-31"}, {3, 4, "high", "2027-02-28"}, {4, 4, "critical", "2026-11-30"}} {
		o := must[Observed](t)(Observe(observed, c.l, c.i))
		same2(t, fmt.Sprintf("%d x %d", c.l, c.i), []any{o.Score, o.Rating.Word, date(o.Due(now))}, []any{c.l * c.i, c.rating, c.due})
	}
	for field, call := range map[string][2]int{"likelihood": {0, 4}, "impact": {4, 5}} {
		_, err := Observe(observed, call[0], call[1])
		refused(t, err, field)
	}
	_, err := Observe(ObsRules{4, 4, observed.Ratings[:1]}, 4, 4)
	refused(t, err, "ratings")
}

func TestEquivalentsOfOtherScales(t *testing.T) {
	t.Parallel()
	find := func(e Equivalent, err error) string {
		if err != nil {
			return "none"
		}
		return e.Priority
	}
	for score, want := range map[float64]string{10: "P1", 9: "P1", 8.9: "P2", 8.95: "P1", 7: "P2", 6.9: "P3", 4: "P3", 3.9: "P4", 0.1: "P4", 0: "none", 10.1: "none"} {
		if have := find(ByCVSS(equivalents, score)); have != want {
			t.Errorf("CVSS %v is %s, want %s", score, have, want)
		}
	}
	for score, want := range map[int]string{16: "P1", 15: "P2", 12: "P2", 11: "P3", 4: "P3", 3: "P4", 1: "P4", 0: "none", 17: "none"} {
		if have := find(ByObserved(equivalents, score)); have != want {
			t.Errorf("observation %d is %s, want %s", score, have, want)
		}
	}
	same2(t, "by word", []string{
		find(ByRating(equivalents, "high")), find(BySeverity(equivalents, "medium")), find(ByPriority(equivalents, "P4")), find(ByRating(equivalents, "")),
	}, []string{"P2", "P3", "P4", "none"})
	_, err := ByCVSS(equivalents, math.NaN())
	refused(t, err, "cvss")
}

// The published example of the OWASP Risk Rating Methodology.
func TestTheOWASPExample(t *testing.T) {
	t.Parallel()
	f := Factors{
		Agent: []float64{5, 2, 7, 1}, Vulnerability: []float64{3, 6, 9, 2},
		Technical: []float64{9, 7, 5, 8}, Business: []float64{1, 2, 1, 5},
	}
	business := 2.25
	want := OWASPRating{4.375, 7.25, &business, "MEDIUM", "HIGH", "LOW", "Low"}
	same2(t, "rating", must[OWASPRating](t)(OWASP(f)), want)
	f.Business = nil
	same2(t, "without business impact the technical decides", must[OWASPRating](t)(OWASP(f)).Severity, "High")
	f.Agent[0], f.Technical = 10, nil
	_, err := OWASP(f)
	refused(t, err, "agent.0")
	refused(t, err, "technical")
	read := must[Factors](t)(ParseFactors("5, 2,7,1", "3,6,9,2", "9,7,5,8", " "))
	same2(t, "factors as written", read, Factors{[]float64{5, 2, 7, 1}, []float64{3, 6, 9, 2}, []float64{9, 7, 5, 8}, nil})
	_, err = ParseFactors("5,2,7,", "3,6,9,2", "NaN,7,5,8", "")
	refused(t, err, "agent.3")
	_, err = ParseFactors(strings.Repeat("x,", 4000), "3,6,9,2", "9,7,5,x", "")
	refused(t, err, "agent")
	refused(t, err, "technical.3")
	read, err = ParseFactors("5,2,7,1e999", "", "NaN,7,5,8", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = OWASP(read)
	refused(t, err, "agent.3")
	refused(t, err, "vulnerability")
	refused(t, err, "technical.0")
}

// Tables I-2 and G-5 as printed: a row a likelihood, from the highest; a column
// from Very Low to Very High.
func TestTheTablesOfSP80030(t *testing.T) {
	t.Parallel()
	i2 := map[string]string{"VH": "VL L M H VH", "H": "VL L M H VH", "M": "VL L M M H", "L": "VL L L L M", "VL": "VL VL VL L L"}
	g5 := map[string]string{"VH": "L M H VH VH", "H": "L M M H VH", "M": "L L M M H", "L": "VL L L M M", "VL": "VL VL L L L"}
	word := map[string]string{"VL": "Very Low", "L": "Low", "M": "Moderate", "H": "High", "VH": "Very High"}
	columns := []string{"VL", "L", "M", "H", "VH"}
	for first, row := range g5 {
		for k, overall := range strings.Fields(row) {
			for n, risk := range strings.Fields(i2[overall]) {
				have := must[Qualitative](t)(SP80030(word[first], word[columns[k]], word[columns[n]]))
				same2(t, first+" "+columns[k]+" "+columns[n], have, Qualitative{word[overall], word[risk]})
			}
		}
	}
	same2(t, "in numbers", must[Qualitative](t)(SP80030("85", " 50", "96.2")), Qualitative{"Moderate", "High"})
	_, err := SP80030("high", "High", "Certain")
	refused(t, err, "initiation")
	refused(t, err, "impact")
	_, err = SP80030("-1", "High", "NaN")
	refused(t, err, "initiation")
	refused(t, err, "impact")
	for value, want := range map[float64]string{0: "Very Low", 4: "Very Low", 5: "Low", 20: "Low", 21: "Moderate", 79.4: "Moderate", 79.5: "High", 95: "High", 96: "Very High", 100: "Very High"} {
		same2(t, fmt.Sprint(value), must[string](t)(SemiQuantitative(value)), want)
	}
	_, err = SemiQuantitative(101)
	refused(t, err, "value")
}
