package riskscore

import (
	"fmt"
	"math"
	"slices"

	"tocsin/internal/fault"
)

// Scale is one version of a scale by the words of its levels, from level 1.
type Scale struct {
	Version string   `json:"version"`
	Words   []string `json:"words"`
}

// Ways in which a level is carried over.
const (
	BySame     = "same"     // the scales have the same words at the same places
	ByWord     = "word"     // the new scale has a level of the same word
	ByPosition = "position" // the same place between lowest and highest
)

// Proposal is a level of an old scale carried to a new one. It is a proposal:
// the old score keeps its scale, and a person re-rates (R35, quantification.md,
// build point 7).
type Proposal struct {
	From  float64 `json:"from"`
	To    int     `json:"to"`    // a level to confirm
	Exact float64 `json:"exact"` // before rounding
	Way   string  `json:"way"`
	Note  string  `json:"note"`
}

// Map carries a level over: unchanged where the scales are the same, else to the
// level of the same word, else to the same relative place, rounded half up so that
// a tie does not make a risk smaller. A fraction lies between two levels and goes
// between what those two map to, if both have a word; else by place.
func Map(from, to Scale, level float64) (Proposal, error) {
	if err := checkMap(from, to, level); err != nil {
		return Proposal{}, err
	}
	p := Proposal{From: level}
	low, high := int(math.Floor(p.From)), int(math.Ceil(p.From))
	a, b := slices.Index(to.Words, from.Words[low-1])+1, slices.Index(to.Words, from.Words[high-1])+1
	switch {
	case slices.Equal(from.Words, to.Words):
		p.Way, p.Exact, p.Note = BySame, p.From, "the scale has not changed"
	case a > 0 && b > 0:
		p.Way, p.Exact = ByWord, float64(a)+float64((p.From-float64(low))*float64(b-a))
		p.Note = fmt.Sprintf("%q is level %d of the new scale", to.Words[a-1], a)
		if a != b {
			p.Note = fmt.Sprintf("between %q and %q of the new scale", to.Words[a-1], to.Words[b-1])
		}
	default:
		n, m := float64(len(from.Words)), float64(len(to.Words))
		p.Way, p.Exact = ByPosition, 1+float64((p.From-1)*(m-1))/(n-1)
		p.Note = fmt.Sprintf("no level has the same word: %s of 1 to %d is %s of 1 to %d", Number(p.From), len(from.Words), Number(p.Exact), len(to.Words))
	}
	p.To = halfUp(p.Exact)
	return p, nil
}

func checkMap(from, to Scale, level float64) error {
	var fs fault.Fields
	if len(from.Words) < 2 {
		fs.Add("from", "a scale has two levels at least")
	}
	if len(to.Words) < 2 {
		fs.Add("to", "a scale has two levels at least")
	}
	checkLevel(&fs, "level", level, len(from.Words))
	return fs.Err()
}

// Remapped is a score with what it would be by new rules.
type Remapped struct {
	Old        Score    `json:"old"`
	New        Score    `json:"new"`
	Likelihood Proposal `json:"likelihood"`
	Impact     Proposal `json:"impact"`
	Moved      bool     `json:"moved"` // the rating or the standing is another one
	Note       string   `json:"note"`
}

// Remap proposes what a score is by the rules now, for the list of risks to
// re-rate. Likelihood is proposed as a whole level; impact, which may be a mean,
// keeps its fraction.
func Remap(now Rules, old Score, likelihood, impact [2]Scale) (Remapped, error) {
	out := Remapped{Old: old}
	var err error
	if out.Likelihood, err = Map(likelihood[0], likelihood[1], old.Likelihood); err != nil {
		return Remapped{}, err
	}
	if out.Impact, err = Map(impact[0], impact[1], old.Impact); err != nil {
		return Remapped{}, err
	}
	l := out.Likelihood.Exact
	if old.Likelihood == math.Trunc(old.Likelihood) {
		l = float64(out.Likelihood.To)
	}
	if out.New, err = now.Score(l, out.Impact.Exact); err != nil {
		return Remapped{}, err
	}
	out.Moved = out.New.Rating != old.Rating || out.New.Standing != old.Standing
	out.Note = compare(old, out.New)
	return out, nil
}
