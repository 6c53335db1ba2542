package profile

import (
	"cmp"
	"fmt"
	"slices"
)

func (l *loader) checkRisk(p *Profile) {
	f := riskFile
	l.named(f, "scales", len(p.Scales), func(i int) string { return p.Scales[i].Name })
	var names []string
	for i, s := range p.Scales {
		names = append(names, s.Name)
		l.scale(key(f, "scales", i), s)
	}
	m := p.Matrix
	l.unknown(key(f, "matrix", "likelihood"), "scale", m.Likelihood, names)
	l.unknown(key(f, "matrix", "impact"), "scale", m.Impact, names)
	l.unknown(key(f, "matrix", "score"), "way to a score", m.Score, []string{"product"})
	l.unknown(key(f, "matrix", "rounding"), "way of rounding", m.Rounding, []string{"half_up"})
	scores := p.riskScores()
	if len(scores) == 0 {
		return
	}
	l.ratings(key(f, "ratings"), p.Ratings, scores)
	l.tolerance(p.Tolerance, scores[len(scores)-1])
}

func (l *loader) scale(at string, s Scale) {
	for i, lv := range s.Levels {
		if lv.Percent < 0 || lv.Percent > 100 {
			l.say(key(at, "levels", i, "percent"), "write a chance from 0 to 100, or leave it out", "%v is no percentage", lv.Percent)
		}
		if lv.Money < 0 {
			l.say(key(at, "levels", i, "money"), "write a loss of 0 or more, or leave it out", "%v is no loss", lv.Money)
		}
		if lv.Score != i+1 {
			l.say(key(at, "levels", i, "score"), fmt.Sprintf("write %d", i+1), "the scale %q must count 1, 2, 3 … from its lowest level", s.Name)
		}
	}
	for i, c := range s.Categories {
		if len(c.Levels) != len(s.Levels) {
			l.say(key(at, "categories", i, "levels"), fmt.Sprintf("write %d texts, one a score", len(s.Levels)), "the category %q has %d texts for %d scores", c.Name, len(c.Levels), len(s.Levels))
		}
	}
	if len(s.Categories) > 0 || s.Aggregate != "" {
		l.unknown(key(at, "aggregate"), "way to join categories", cmp.Or(s.Aggregate, "none"), []string{"max", "mean"})
	}
}

// riskScores lists every score that two whole levels can give, in order.
func (p *Profile) riskScores() []int {
	a, okA := p.Scale(p.Matrix.Likelihood)
	b, okB := p.Scale(p.Matrix.Impact)
	if !okA || !okB {
		return nil
	}
	return products(a, b)
}

// products lists every product of two whole levels, in order.
func products(a, b Scale) []int {
	var out []int
	if len(a.Levels) > 20 || len(b.Levels) > 20 {
		return nil
	}
	for i := range a.Levels {
		for k := range b.Levels {
			out = append(out, (i+1)*(k+1))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Scale finds a risk scale by name.
func (p *Profile) Scale(name string) (Scale, bool) {
	for _, s := range p.Scales {
		if s.Name == name {
			return s, true
		}
	}
	return Scale{}, false
}

func (l *loader) ratings(list string, ratings []Rating, scores []int) {
	next, top := 1, scores[len(scores)-1]
	var words []string
	for i, r := range ratings {
		at := key(list, i)
		l.word(key(at, "word"), r.Word)
		words = append(words, r.Word)
		switch {
		case r.From > r.To:
			l.say(key(at, "from"), "swap the two ends", "the rating %q cannot be reached: it begins at %d and ends at %d", r.Word, r.From, r.To)
			return
		case r.From < next:
			l.say(key(at, "from"), fmt.Sprintf("begin at %d", next), "the rating %q overlaps what comes before it", r.Word)
		case r.From > next:
			l.say(key(at, "from"), fmt.Sprintf("begin at %d", next), "no rating holds %s", scoreGap(next, r.From-1))
		case !slices.ContainsFunc(scores, func(s int) bool { return r.From <= s && s <= r.To }):
			l.say(at, "widen it, or remove it", "the rating %q cannot be reached: no two levels give a score from %d to %d", r.Word, r.From, r.To)
		}
		next = r.To + 1
	}
	l.once("rating", words, func(i int) string { return key(list, i, "word") })
	switch n := len(ratings); {
	case n > 0 && next <= top:
		l.say(key(list, n-1, "to"), fmt.Sprintf("end the last rating at %d", top), "no rating holds %s", scoreGap(next, top))
	case n > 0 && next > top+1:
		l.say(key(list, n-1, "to"), fmt.Sprintf("end the last rating at %d", top), "the highest score is %d", top)
	}
}

func (l *loader) tolerance(t Tolerance, top int) {
	f := riskFile
	var names []string
	for i, a := range t.Appetites {
		at := key(f, "tolerance", "appetites", i)
		l.word(key(at, "name"), a.Name)
		names = append(names, a.Name)
		if a.UpTo < 0 || a.UpTo > t.Ceiling {
			l.say(key(at, "up_to"), fmt.Sprintf("write a score from 0 to the ceiling of %d", t.Ceiling), "the appetite %q tolerates more than the ceiling", a.Name)
		}
	}
	l.once("appetite", names, func(i int) string { return key(f, "tolerance", "appetites", i, "name") })
	l.unknown(key(f, "tolerance", "chosen"), "appetite", t.Chosen, names)
	if t.Ceiling > top {
		l.say(key(f, "tolerance", "ceiling"), fmt.Sprintf("write a score up to %d", top), "the ceiling is above the highest score")
	}
}

func scoreGap(from, to int) string {
	if from == to {
		return fmt.Sprintf("the score %d", from)
	}
	return fmt.Sprintf("the scores %d to %d", from, to)
}
