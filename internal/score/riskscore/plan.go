package riskscore

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
)

// KeyResult is one result of a long-term plan that takes the score down a step.
type KeyResult struct {
	Name   string    `json:"name"`
	Due    time.Time `json:"due"`
	Done   time.Time `json:"done,omitzero"`
	Step   *float64  `json:"step,omitempty"`   // set by hand in place of the computed one
	Reason string    `json:"reason,omitempty"` // why, where set by hand
}

// Plan is the way down from a score to the tolerance.
type Plan struct {
	Score     float64     `json:"score"`
	Tolerance float64     `json:"tolerance"`
	Start     time.Time   `json:"start"`
	Results   []KeyResult `json:"results"`
	Years     int         `json:"years"`                // how far out a result may lie; 0 asks nothing
	YearStart time.Month  `json:"year_start,omitempty"` // first month of the fiscal year; 0 is January
	Reason    string      `json:"reason,omitempty"`     // of a re-plan
}

// Path is a plan drawn: the score to expect after each key result.
type Path struct {
	Start    time.Time   `json:"start"`
	Score    float64     `json:"score"`
	Step     float64     `json:"step"` // of each result that nobody set by hand
	Points   []PathPoint `json:"points"`
	End      float64     `json:"end"` // what the plan comes to
	Warnings []Warning   `json:"warnings"`
	Steps    Steps       `json:"steps"`
}

// PathPoint is the score to expect from a day on.
type PathPoint struct {
	At     time.Time `json:"at"`
	Score  float64   `json:"score"`
	Step   float64   `json:"step"`
	Result string    `json:"result"`
	ByHand bool      `json:"by_hand"`
	Reason string    `json:"reason,omitempty"`
}

// Warning is something about a plan that a person should look at.
type Warning struct {
	Key  string `json:"key"` // empty-quarter, far-out, short, past
	Says string `json:"says"`
}

// KRStep is what each of n key results takes off: (score - tolerance) / n
// (handbook 1.9). A score within the tolerance has nothing to take off.
func KRStep(score, tolerance float64, n int) (float64, error) {
	var fs fault.Fields
	if !finite(score) || score < 0 {
		fs.Add("score", "the score to come down from is a number of 0 or more")
	}
	if !finite(tolerance) || tolerance < 0 {
		fs.Add("tolerance", "the tolerance is a number of 0 or more")
	}
	if n < 1 {
		fs.Add("results", "a plan has one key result at least")
	}
	if err := fs.Err(); err != nil {
		return 0, err
	}
	return snap(max(0, score-tolerance) / float64(n)), nil
}

// NewPath draws a plan. A step set by hand stands; the results left share what
// remains equally, so that the path still ends at the tolerance. Where the hand
// took more than there is, the others take nothing; where it took too little and
// nothing is left to share, a warning says where the path ends.
func NewPath(p Plan) (Path, error) {
	if err := p.check(); err != nil {
		return Path{}, err
	}
	results := slices.Clone(p.Results)
	slices.SortStableFunc(results, func(a, b KeyResult) int { return a.Due.Compare(b.Due) })
	path := Path{Start: p.Start.UTC(), Score: snap(p.Score), Step: p.step()}
	score, computed := path.Score, 0
	for _, k := range results {
		pt := PathPoint{At: day(k.Due), Step: path.Step, Result: k.Name}
		if k.Step != nil {
			pt.Step, pt.ByHand, pt.Reason = snap(*k.Step), true, k.Reason
		} else {
			computed++
		}
		score = snap(max(0, score-pt.Step))
		pt.Score = score
		path.Points = append(path.Points, pt)
	}
	// Thirds do not add up on the grid; the end of a path without gaps does.
	if off := score - p.Tolerance; computed > 0 && off < 1e-6 && off > -1e-6 {
		score = snap(p.Tolerance)
		path.Points[len(path.Points)-1].Score = score
	}
	path.End = score
	path.Warnings = p.warn(path)
	path.Steps = p.explain(path, computed)
	return path, nil
}

// step is what is left for each result that nobody set by hand.
func (p Plan) step() float64 {
	left, n := p.Score-p.Tolerance, 0
	for _, k := range p.Results {
		if k.Step != nil {
			left -= *k.Step
		} else {
			n++
		}
	}
	if n == 0 || left <= 0 {
		return 0
	}
	return snap(left / float64(n))
}

func (p Plan) check() error {
	var fs fault.Fields
	if _, err := KRStep(p.Score, p.Tolerance, len(p.Results)); err != nil {
		fs = append(fs, fault.Of(err).Fields...)
	}
	if p.Start.IsZero() {
		fs.Add("start", "a plan has a day that it begins on")
	}
	if p.Years < 0 || p.YearStart < 0 || p.YearStart > 12 {
		fs.Add("year_start", "a year begins in a month from 1 to 12, and a plan reaches 0 years or more")
	}
	for i, k := range p.Results {
		at := fmt.Sprintf("results.%d", i)
		if k.Due.IsZero() {
			fs.Add(at+".due", "the key result %q has no date: say when it is due", k.Name)
		}
		if k.Step == nil {
			continue
		}
		if !finite(*k.Step) || *k.Step < 0 {
			fs.Add(at+".step", "the step of %q is a number of 0 or more", k.Name)
		}
		if strings.TrimSpace(k.Reason) == "" {
			fs.Add(at+".reason", "the step of %q is set by hand: say why", k.Name)
		}
	}
	return fs.Err()
}

func (p Plan) explain(path Path, computed int) (s Steps) {
	note := fmt.Sprintf("(%s - %s) / %d", Number(p.Score), Number(p.Tolerance), len(p.Results))
	if computed < len(p.Results) {
		note = fmt.Sprintf("what %s set by hand leave, shared by %d", plural(len(p.Results)-computed, "step", "steps"), computed)
	}
	if p.Score <= p.Tolerance {
		note = "the score is within the tolerance already"
	}
	s.add("plan.step", "Step of a key result", Number(path.Step), "%s", note)
	for _, pt := range path.Points {
		s.add("plan.point", pt.Result, Number(pt.Score), "due %s, takes off %s%s", date(pt.At), Number(pt.Step), byHand(pt))
	}
	return s
}

func byHand(pt PathPoint) string {
	if !pt.ByHand {
		return ""
	}
	return ", set by hand: " + pt.Reason
}

// warn looks for what R44 asks and for a path that does not arrive.
func (p Plan) warn(path Path) (out []Warning) {
	for _, q := range EmptyQuarters(p) {
		out = append(out, Warning{"empty-quarter", "no key result is due in " + q})
	}
	limit := Months(p.Start, 12*p.Years)
	for _, pt := range path.Points {
		if p.Years > 0 && day(pt.At).After(day(limit)) {
			out = append(out, Warning{"far-out", fmt.Sprintf("%s is due on %s, more than %s after the start", pt.Result, date(pt.At), plural(p.Years, "year", "years"))})
		}
		if day(pt.At).Before(day(p.Start)) {
			out = append(out, Warning{"past", fmt.Sprintf("%s is due on %s, before the plan begins", pt.Result, date(pt.At))})
		}
	}
	if path.End > snap(p.Tolerance) {
		out = append(out, Warning{"short", fmt.Sprintf("the plan ends at %s, above the tolerance of %s", Number(path.End), Number(p.Tolerance))})
	}
	return out
}

// At is the score that the path expects on a day: a step falls on the day its
// result is due.
func (p Path) At(t time.Time) float64 {
	score := p.Score
	for _, pt := range p.Points {
		if !day(pt.At).After(day(t)) {
			score = pt.Score
		}
	}
	return score
}

// EmptyQuarters lists the quarters from the plan's start to its last result in
// which no key result is due, by name: "2026 Q3", or "FY2027 Q2" where the year
// does not begin in January (a fiscal year is called by the year it ends in).
func EmptyQuarters(p Plan) (out []string) {
	if len(p.Results) == 0 || p.Start.IsZero() {
		return nil
	}
	first, last := p.quarter(p.Start), 0
	filled := map[int]bool{}
	for _, k := range p.Results {
		q := p.quarter(k.Due)
		filled[q] = true
		last = max(last, q)
	}
	for q := first; q <= min(last, first+4*maxLevel); q++ {
		if !filled[q] {
			out = append(out, p.quarterName(q))
		}
	}
	return out
}

// quarter numbers the quarters of the fiscal years.
func (p Plan) quarter(t time.Time) int {
	shift := max(int(p.YearStart), 1) - 1
	return (t.UTC().Year()*12 + int(t.UTC().Month()) - 1 - shift) / 3
}

func (p Plan) quarterName(q int) string {
	if p.YearStart > 1 {
		return fmt.Sprintf("FY%d Q%d", q/4+1, q%4+1)
	}
	return fmt.Sprintf("%d Q%d", q/4, q%4+1)
}

// Replan plans anew from a measured score: the results that are done stay in
// the old path, those that are open share the way that is left. The old plan and
// its path are kept by the caller and drawn grey (quantification.md, pictures).
func Replan(old Plan, at time.Time, score float64, reason string) (Plan, Path, error) {
	if strings.TrimSpace(reason) == "" {
		return Plan{}, Path{}, fault.At("reason", "a new plan says why the old one no longer holds")
	}
	p := old
	p.Score, p.Start, p.Reason, p.Results = score, at, reason, nil
	for _, k := range old.Results {
		if k.Done.IsZero() {
			p.Results = append(p.Results, k)
		}
	}
	path, err := NewPath(p)
	return p, path, err
}
