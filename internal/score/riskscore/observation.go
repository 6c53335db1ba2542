package riskscore

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"tocsin/internal/fault"
)

// ObsRating is a band of observation scores with the time to remediate.
type ObsRating struct {
	Word   string `json:"word"`
	Title  string `json:"title"`
	From   int    `json:"from"`
	To     int    `json:"to"`
	Months int    `json:"months"`
}

// ObsRules are the scales and ratings of observations; both scales begin at 1.
type ObsRules struct {
	Likelihood int         `json:"likelihood"` // the highest level
	Impact     int         `json:"impact"`
	Ratings    []ObsRating `json:"ratings"`
}

// Observed is an observation's score.
type Observed struct {
	Score  int       `json:"score"`
	Rating ObsRating `json:"rating"`
	Steps  Steps     `json:"steps"`
}

// Observe scores a single finding (handbook 5, R75).
func Observe(r ObsRules, likelihood, impact int) (Observed, error) {
	var fs fault.Fields
	checkLevel(&fs, "likelihood", float64(likelihood), r.Likelihood)
	checkLevel(&fs, "impact", float64(impact), r.Impact)
	if err := fs.Err(); err != nil {
		return Observed{}, err
	}
	out := Observed{Score: likelihood * impact}
	for _, b := range r.Ratings {
		if out.Score < b.From || out.Score > b.To {
			continue
		}
		out.Rating = b
		out.Steps.add("observation.score", "Score", fmt.Sprint(out.Score), "likelihood %d x impact %d", likelihood, impact)
		out.Steps.add("observation.rating", "Rating", cmp.Or(b.Title, b.Word), "%d to %d; remediation within %s", b.From, b.To, plural(b.Months, "month", "months"))
		return out, nil
	}
	return Observed{}, fault.At("ratings", "no rating covers the observation score %d: add a band", out.Score)
}

// Due is the day by which an observation found on a day is remediated.
func (o Observed) Due(found time.Time) time.Time { return day(Months(found, o.Rating.Months)) }

// Equivalent is one priority beside what other scales call the same.
type Equivalent struct {
	Priority string     `json:"priority"`
	Rating   string     `json:"rating"`
	Severity string     `json:"severity"`
	CVSS     [2]float64 `json:"cvss"`
	Observed [2]int     `json:"observed"`
}

// ByCVSS is the row of a CVSS score. CVSS has one decimal, and so has the
// comparison: 6.95 is read as 7.0. A score of 0.0 has no row, for it is no
// vulnerability.
func ByCVSS(rows []Equivalent, score float64) (Equivalent, error) {
	if !finite(score) || score < 0 || score > 10 {
		return Equivalent{}, fault.At("cvss", "a CVSS score lies between 0.0 and 10.0")
	}
	tenth := func(x float64) float64 { return math.Floor(snap(10*x) + 0.5) }
	for _, e := range rows {
		if s := tenth(score); s >= tenth(e.CVSS[0]) && s <= tenth(e.CVSS[1]) {
			return e, nil
		}
	}
	return Equivalent{}, fault.At("cvss", "no priority has the CVSS score %.1f", score)
}

// ByRating is the row of a risk's rating, by word.
func ByRating(rows []Equivalent, word string) (Equivalent, error) {
	return byWord(rows, "rating", word, func(e Equivalent) string { return e.Rating })
}

// BySeverity is the row of a severity, by word.
func BySeverity(rows []Equivalent, word string) (Equivalent, error) {
	return byWord(rows, "severity", word, func(e Equivalent) string { return e.Severity })
}

// ByPriority is the row of a priority, by name.
func ByPriority(rows []Equivalent, name string) (Equivalent, error) {
	return byWord(rows, "priority", name, func(e Equivalent) string { return e.Priority })
}

func byWord(rows []Equivalent, field, word string, of func(Equivalent) string) (Equivalent, error) {
	for _, e := range rows {
		if of(e) == word && word != "" {
			return e, nil
		}
	}
	return Equivalent{}, fault.At(field, "no priority has the %s %q", field, word)
}

// ByObserved is the row of an observation's score.
func ByObserved(rows []Equivalent, score int) (Equivalent, error) {
	for _, e := range rows {
		if score >= e.Observed[0] && score <= e.Observed[1] {
			return e, nil
		}
	}
	return Equivalent{}, fault.At("observed", "no priority has the observation score %d", score)
}
