package intake

import (
	"slices"
	"strings"
	"unicode"

	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
)

// similar proposes records that the report may repeat: those that share telling
// words, the weakness, the component or the product, best first, at most five.
func similar(v *gate.View, r *Report) ([]Similar, error) {
	mine := telling(r.Title + " " + r.Summary)
	m, err := insight.MatchingAny(v.Engine(), head(mine, 12), 1)
	if err != nil {
		return nil, nil //nolint:nilerr // a report without words has no likeness
	}
	found, err := candidates(v, r, m)
	if err != nil {
		return nil, err
	}
	seen := map[ref.ID]bool{r.ID: true}
	var out []Similar
	for _, s := range found {
		if seen[s.ID] || s.ID == r.Case {
			continue
		}
		seen[s.ID] = true
		if s.weigh(r, telling(r.Title)); s.Points >= 3 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Similar) int { return b.Points - a.Points })
	return out[:min(len(out), 5)], nil
}

// weigh counts what the two have in common: a shared weakness and component 2
// each, a product 1, each telling word of the titles 1.
func (s *Similar) weigh(r *Report, title []string) {
	var why []string
	add := func(points int, what string) {
		s.Points += points
		why = append(why, what)
	}
	if s.CWE != "" && s.CWE == r.CWE {
		add(2, s.CWE)
	}
	if s.Component != "" && s.Component == r.Component {
		add(2, s.Component)
	}
	if s.Product != "" && s.Product == r.Product {
		add(1, s.Product)
	}
	other := telling(s.Title)
	for _, w := range title {
		if slices.Contains(other, w) {
			add(1, "“"+w+"”")
		}
	}
	s.Why = strings.Join(why, ", ")
}

// telling lists the words that say something, longest first, each once.
func telling(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 3 && len(w) < 40 && !slices.Contains(plain, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

func head(words []string, n int) []string { return words[:min(len(words), n)] }

// plain are words that every report has.
var plain = strings.Fields(`this that with from have which when where there their they them then than will would could should into onto only also
	been being does done using used user users allows allow attacker attackers vulnerability vulnerable security issue report found about after before
	because through without within version versions product application server page request response`)
