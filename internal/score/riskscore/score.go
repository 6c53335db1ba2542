package riskscore

import (
	"fmt"
	"strings"

	"tocsin/internal/fault"
)

// Rules are the scales, bands and limits that scores are read by: those of one
// version of a profile. Both scales begin at 1.
type Rules struct {
	Version    string  `json:"version,omitempty"` // of the scales; stored with the score
	Likelihood int     `json:"likelihood"`        // the highest level
	Impact     int     `json:"impact"`            // the highest level
	Aggregate  string  `json:"aggregate"`         // how categories become one impact: mean or max
	Bands      []Band  `json:"bands"`             // ratings, from the lowest score
	Appetite   string  `json:"appetite"`          // the appetite in force, in words
	Tolerance  float64 `json:"tolerance"`         // its score: up to it a risk may stay
	Ceiling    float64 `json:"ceiling"`           // above it a risk is treated whatever the appetite
}

// Band is a rating with the whole scores that it covers, both ends included.
type Band struct {
	Word  string `json:"word"`
	Title string `json:"title"`
	From  int    `json:"from"`
	To    int    `json:"to"`
}

// Ways to join categories.
const (
	Mean = "mean"
	Max  = "max"
)

// Standing says how a score stands to the tolerance.
type Standing string

// The standings, from the calm one.
const (
	Within Standing = "within" // it may stay as it is
	Above  Standing = "above"  // above the appetite: treat or accept
	Beyond Standing = "beyond" // above the hard ceiling: no appetite tolerates it
)

var standings = map[Standing]string{
	Within: "within the tolerance",
	Above:  "above the tolerance",
	Beyond: "above the hard ceiling",
}

// Title is the standing in words.
func (s Standing) Title() string { return standings[s] }

// maxLevel bounds scales; the profile's own check is far below it.
const maxLevel = 1000

// Check finds what is wrong with the rules.
func (r Rules) Check() error {
	var fs fault.Fields
	level := func(name string, n int) {
		if n < 1 || n > maxLevel {
			fs.Add(name, "a scale ends between 1 and %d, not at %d: name its highest level", maxLevel, n)
		}
	}
	level("likelihood", r.Likelihood)
	level("impact", r.Impact)
	if r.Aggregate != "" && r.Aggregate != Mean && r.Aggregate != Max {
		fs.Add("aggregate", "%q joins no categories: write mean or max", r.Aggregate)
	}
	if !finite(r.Tolerance) || r.Tolerance < 0 {
		fs.Add("tolerance", "the tolerance is a score of 0 or more")
	}
	if !finite(r.Ceiling) || r.Ceiling < r.Tolerance {
		fs.Add("ceiling", "the hard ceiling stands at the tolerance or above it")
	}
	r.checkBands(&fs)
	return fs.Err()
}

// checkBands asks that every whole score from 1 to the highest has one band.
func (r Rules) checkBands(fs *fault.Fields) {
	next := 1
	for i, b := range r.Bands {
		at := fmt.Sprintf("bands.%d", i)
		if b.From != next || b.To < b.From {
			fs.Add(at, "the rating %q covers %d to %d: let it begin at %d and end there or above", b.Word, b.From, b.To, next)
			return
		}
		next = b.To + 1
	}
	if top := r.Likelihood * r.Impact; next <= top {
		fs.Add("bands", "no rating covers the scores from %d to %d: add a band or widen the last", next, top)
	}
}

// Rate is the band of a score. The bands cover whole scores; a fraction takes
// that of the whole score it rounds to, a half upwards (handbook 1.7, and 19 point
// 9 for what the source leaves open: 10.4 is rated as 10, 10.5 as 11).
func (r Rules) Rate(score float64) (Band, error) {
	if !finite(score) {
		return Band{}, fault.At("score", "a score is a number")
	}
	n := halfUp(score)
	for _, b := range r.Bands {
		if n >= b.From && n <= b.To {
			return b, nil
		}
	}
	return Band{}, fault.At("score", "no rating covers the score %s; the scores go from 1 to %d", Number(score), r.Likelihood*r.Impact)
}

// Stand says how the real score, not the rounded one, stands to the tolerance:
// 10.4 is above a tolerance of 10 although its rating is that of 10. Ratings are
// for talking; what may stay is decided by the tolerance (handbook 1.3, 1.7).
func (r Rules) Stand(score float64) Standing {
	switch score = snap(score); {
	case score <= r.Tolerance:
		return Within
	case score <= r.Ceiling:
		return Above
	}
	return Beyond
}

// MayMonitor refuses the response of only watching a risk whose score is not
// within the tolerance (handbook 1.3, 1.8).
func (r Rules) MayMonitor(score float64) error {
	switch r.Stand(score) {
	case Above:
		return fault.At("response", "a score of %s is above the tolerance of %s: treat the risk or ask for its acceptance", Number(score), Number(r.Tolerance))
	case Beyond:
		return fault.At("response", "a score of %s is above the hard ceiling of %s, which no appetite tolerates: treat the risk", Number(score), Number(r.Ceiling))
	}
	return nil
}

// Score is one likelihood and one impact with what follows from them.
type Score struct {
	Likelihood float64  `json:"likelihood"`
	Impact     float64  `json:"impact"`
	Score      float64  `json:"score"`  // their product, not rounded
	Rating     string   `json:"rating"` // the band's word
	Title      string   `json:"title"`  // the band's title
	Standing   Standing `json:"standing"`
	Steps      Steps    `json:"steps,omitempty"`
}

// Score multiplies (handbook 1.7). A level that is not set (0) is refused: unset
// is a value of its own and never the lowest level.
func (r Rules) Score(likelihood, impact float64) (Score, error) {
	if err := r.Check(); err != nil {
		return Score{}, err
	}
	var fs fault.Fields
	checkLevel(&fs, "likelihood", likelihood, r.Likelihood)
	checkLevel(&fs, "impact", impact, r.Impact)
	if err := fs.Err(); err != nil {
		return Score{}, err
	}
	s := Score{Likelihood: likelihood, Impact: impact, Score: snap(likelihood * impact)}
	b, err := r.Rate(s.Score)
	if err != nil {
		return Score{}, err
	}
	s.Rating, s.Title, s.Standing = b.Word, b.Title, r.Stand(s.Score)
	s.Steps = r.explain(s, b)
	return s, nil
}

func checkLevel(fs *fault.Fields, name string, x float64, top int) {
	switch {
	case x == 0:
		fs.Add(name, "the %s is not set: choose a level from 1 to %d", name, top)
	case !finite(x) || x < 1 || x > float64(top):
		fs.Add(name, "%v is no level of the %s: choose one from 1 to %d", x, name, top)
	}
}

func (r Rules) explain(s Score, b Band) (out Steps) {
	out.add("score", "Score", Number(s.Score), "likelihood %s x impact %s", Number(s.Likelihood), Number(s.Impact))
	note := fmt.Sprintf("%d to %d", b.From, b.To)
	if n := halfUp(s.Score); float64(n) != s.Score {
		note = fmt.Sprintf("%s counts as %d for the rating: %s", Number(s.Score), n, note)
	}
	out.add("rating", "Rating", b.Title, "%s", note)
	limits := fmt.Sprintf("tolerance %s, hard ceiling %s", Number(r.Tolerance), Number(r.Ceiling))
	if r.Appetite != "" {
		limits = "appetite " + r.Appetite + ": " + limits
	}
	out.add("standing", "Tolerance", s.Standing.Title(), "%s", limits)
	return out
}

// Answer is the level that one category of impact was given.
type Answer struct {
	Category string `json:"category"`
	Title    string `json:"title,omitempty"`
	Level    int    `json:"level"` // 0 where nobody answered
}

// Impact is what answers by category give together.
type Impact struct {
	Impact     float64  `json:"impact"`
	Answered   []string `json:"answered"`   // categories that count
	Unanswered []string `json:"unanswered"` // categories that do not, and that the explanation names
	Steps      Steps    `json:"steps"`
}

// FromAnswers joins the categories that were answered by mean or by max; the
// others are left out and named, for a question that nobody answered is not a
// low answer (handbook 1.6, R23).
func (r Rules) FromAnswers(answers []Answer) (Impact, error) {
	if err := r.checkAnswers(answers); err != nil {
		return Impact{}, err
	}
	var out Impact
	sum, top := 0, 0
	for _, a := range answers {
		title := a.Category
		if a.Title != "" {
			title = a.Title
		}
		if a.Level == 0 {
			out.Unanswered = append(out.Unanswered, a.Category)
			out.Steps.add("impact.category."+a.Category, title, "not answered", "left out")
			continue
		}
		out.Answered = append(out.Answered, a.Category)
		out.Steps.add("impact.category."+a.Category, title, Number(float64(a.Level)), "")
		sum, top = sum+a.Level, max(top, a.Level)
	}
	out.Impact = float64(top)
	note := fmt.Sprintf("the highest of %d", len(out.Answered))
	if r.Aggregate == Mean {
		out.Impact = float64(sum) / float64(len(out.Answered))
		note = fmt.Sprintf("the mean of %d: %d / %d", len(out.Answered), sum, len(out.Answered))
	}
	if n := len(out.Unanswered); n > 0 {
		note += fmt.Sprintf("; %d not answered: %s", n, strings.Join(out.Unanswered, ", "))
	}
	out.Steps.add("impact.base", "Impact", Number(out.Impact), "%s", note)
	return out, nil
}

func (r Rules) checkAnswers(answers []Answer) error {
	var fs fault.Fields
	seen, answered := map[string]bool{}, 0
	for i, a := range answers {
		at := "impact." + a.Category
		switch {
		case a.Category == "":
			fs.Add(fmt.Sprintf("impact.%d", i), "an answer names its category")
		case seen[a.Category]:
			fs.Add(at, "the category %q is answered twice: keep one answer", a.Category)
		case a.Level < 0 || a.Level > r.Impact:
			fs.Add(at, "%d is no level of %q: choose one from 1 to %d, or leave it open", a.Level, a.Category, r.Impact)
		case a.Level > 0:
			answered++
		}
		seen[a.Category] = true
	}
	if r.Aggregate != Mean && r.Aggregate != Max {
		fs.Add("aggregate", "nothing says how categories become one impact: write mean or max")
	}
	if len(fs) == 0 && answered == 0 {
		fs.Add("impact", "no category is answered: answer one at least")
	}
	return fs.Err()
}

// Override is a score that a named person sets in place of the computed one.
type Override struct {
	Likelihood float64 `json:"likelihood"`
	Impact     float64 `json:"impact"`
	Reason     string  `json:"reason"`
	Approver   string  `json:"approver"` // who said yes
}

// Overrule scores what a person decided; the computed score stays in the
// explanation. Likelihood and impact are set, not the product, so that the risk
// keeps its place on the heat map (R34).
func (r Rules) Overrule(computed Score, o Override) (Score, error) {
	var fs fault.Fields
	if strings.TrimSpace(o.Reason) == "" {
		fs.Add("reason", "an override says why: write the reason")
	}
	if strings.TrimSpace(o.Approver) == "" {
		fs.Add("approver", "an override names who approved it")
	}
	checkLevel(&fs, "likelihood", o.Likelihood, r.Likelihood)
	checkLevel(&fs, "impact", o.Impact, r.Impact)
	if err := fs.Err(); err != nil {
		return Score{}, err
	}
	s, err := r.Score(o.Likelihood, o.Impact)
	if err != nil {
		return Score{}, err
	}
	var head Steps
	head.add("override.computed", "Computed score, kept", Number(computed.Score), "likelihood %s x impact %s", Number(computed.Likelihood), Number(computed.Impact))
	head.add("override", "Overruled", fmt.Sprintf("likelihood %s, impact %s", Number(s.Likelihood), Number(s.Impact)), "approved by %s: %s", o.Approver, o.Reason)
	s.Steps = append(head, s.Steps...)
	return s, nil
}
