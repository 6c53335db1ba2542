package riskscore

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tocsin/internal/fault"
)

// Dated is a score that held from a time on.
type Dated struct {
	At    time.Time `json:"at"`
	Score float64   `json:"score"`
}

// Arrow says where a score went since the last review.
type Arrow string

// The arrows; up is worse.
const (
	Worse    Arrow = "worse"
	Better   Arrow = "better"
	Level    Arrow = "same"
	NewScore Arrow = "new" // it has no review to compare with
)

// Rank is the arrow's place among risks of one score, what is worse first: a risk
// that nobody has reviewed comes before one that stayed as it was. Stores keep it.
func (a Arrow) Rank() int64 { return ranks[a] }

var ranks = map[Arrow]int64{Worse: 0, NewScore: 1, Level: 2, Better: 3}

// Move is the way of a score since the last review.
type Move struct {
	Arrow Arrow     `json:"arrow"`
	Was   float64   `json:"was"`
	Is    float64   `json:"is"`
	Since time.Time `json:"since,omitzero"`
	Says  string    `json:"says"`
}

// Trend compares the newest score with the one that held at the last review, not
// with the last save (quantification.md, pictures).
func Trend(history []Dated, reviews []time.Time) Move {
	if len(history) == 0 {
		return Move{Arrow: NewScore, Says: "it has not been scored"}
	}
	m := Move{Arrow: NewScore, Is: snap(ordered(history)[len(history)-1].Score), Says: "it had no score at a review yet"}
	for _, r := range slices.Backward(sorted(reviews)) {
		was, ok := held(history, r)
		if !ok {
			break
		}
		m.Was, m.Since, m.Arrow = snap(was), r.UTC(), arrow(was, m.Is)
		m.Says = fmt.Sprintf("%s, against %s at the review of %s", m.Arrow, Number(m.Was), date(r))
		break
	}
	return m
}

func arrow(was, is float64) Arrow {
	switch cmp.Compare(snap(is), snap(was)) {
	case 1:
		return Worse
	case -1:
		return Better
	}
	return Level
}

func ordered(history []Dated) []Dated {
	out := slices.Clone(history)
	slices.SortStableFunc(out, func(a, b Dated) int { return a.At.Compare(b.At) })
	return out
}

func sorted(times []time.Time) []time.Time {
	return slices.SortedFunc(slices.Values(times), time.Time.Compare)
}

// held is the score that held at a time.
func held(history []Dated, at time.Time) (score float64, ok bool) {
	for _, d := range ordered(history) {
		if !d.At.After(at) {
			score, ok = d.Score, true
		}
	}
	return score, ok
}

// Worsened is how many reviews in a row, up to the last, saw a higher score than
// the review before.
func Worsened(history []Dated, reviews []time.Time) (n int) {
	rs := sorted(reviews)
	for i := len(rs) - 1; i > 0; i-- {
		is, ok := held(history, rs[i])
		was, had := held(history, rs[i-1])
		if !ok || !had || arrow(was, is) != Worse {
			break
		}
		n++
	}
	return n
}

// Stay is how long a score has been above the tolerance.
type Stay struct {
	Above bool      `json:"above"`
	Since time.Time `json:"since,omitzero"` // when it last rose above
	Days  int       `json:"days"`           // without a break up to now
	Total int       `json:"total"`          // in all
}

// Dwell counts the days above the tolerance, by the scores as they held.
func Dwell(history []Dated, tolerance float64, now time.Time) (s Stay) {
	total := time.Duration(0)
	end := func(at time.Time) {
		if s.Above {
			total += at.Sub(s.Since)
		}
	}
	for _, d := range ordered(history) {
		if d.At.After(now) {
			break
		}
		above := snap(d.Score) > snap(tolerance)
		if above && !s.Above {
			s.Since = d.At.UTC()
		}
		if !above {
			end(d.At)
			s.Since = time.Time{}
		}
		s.Above = above
	}
	end(now)
	s.Total = int(total / (24 * time.Hour))
	if s.Above {
		s.Days = int(now.Sub(s.Since) / (24 * time.Hour))
	}
	return s
}

// Entry is a risk as ranking sees it.
type Entry struct {
	Ref    string    `json:"ref"`
	Score  *float64  `json:"score"` // nil where it has none
	Arrow  Arrow     `json:"arrow"`
	Opened time.Time `json:"opened"`
}

// Keys of a ranking.
const (
	KeyScore = "score" // the highest first
	KeyTrend = "trend" // worse, then new, then same, then better
	KeyAge   = "age"   // the oldest first
)

// Rank orders risks by the keys, then by ref (R37). Risks without a score come
// back apart, in order of age: no score is not a low score.
func Rank(entries []Entry, keys []string) (ranked, unscored []Entry, err error) {
	for i, k := range keys {
		if k != KeyScore && k != KeyTrend && k != KeyAge {
			return nil, nil, fault.At(fmt.Sprintf("keys.%d", i), "nothing is ranked by %q: write score, trend or age", k)
		}
	}
	for i, e := range entries {
		switch {
		case e.Score == nil:
			unscored = append(unscored, e)
		case !finite(*e.Score):
			return nil, nil, fault.At(fmt.Sprintf("entries.%d.score", i), "the score of %s is no number", e.Ref)
		default:
			ranked = append(ranked, e)
		}
	}
	slices.SortFunc(ranked, func(a, b Entry) int {
		for _, k := range keys {
			if c := compareBy(k, a, b); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Ref, b.Ref)
	})
	slices.SortFunc(unscored, func(a, b Entry) int { return cmp.Or(a.Opened.Compare(b.Opened), cmp.Compare(a.Ref, b.Ref)) })
	return ranked, unscored, nil
}

func compareBy(key string, a, b Entry) int {
	switch key {
	case KeyScore:
		return cmp.Compare(snap(*b.Score), snap(*a.Score))
	case KeyTrend:
		return cmp.Compare(a.Arrow.Rank(), b.Arrow.Rank())
	}
	return a.Opened.Compare(b.Opened)
}
