package cvss

// Turn is one change of one metric by which a vector's score gets another word.
type Turn struct {
	Metric, Name string  // "AC", "Attack Complexity"
	Value, Word  string  // what it would be: "H", "High"
	Score        float64 // with that one change
	Band         string  // the word of that score
	Vector       Vector  // with that one change
}

// Turns lists the changes of a single metric that would give the score of v
// another word, in the standard's order; band is the word of a score, as a profile
// has it. What a modified metric stands for is changed at the base metric, unless v
// states the modified one: then the base metric counts no more.
func Turns(v Vector, band func(float64) string) []Turn {
	if v.IsZero() {
		return nil
	}
	var out []Turn
	now := band(v.Score().Score)
	for i := range schemes[v.scheme].rows {
		r := &schemes[v.scheme].rows[i]
		if r.high && v.code(r) == 0 {
			continue // not stated: the base metric speaks for it; supplemental metrics never count
		}
		for _, c := range r.Choices {
			code, ok := r.codeOf(c.Value)
			if !ok || code == v.code(r) || code == 0 {
				continue
			}
			w := v.set(r, code)
			if s := w.Score().Score; band(s) != now {
				out = append(out, Turn{r.Abbrev, r.Name, c.Value, c.Name, s, band(s), w})
			}
		}
	}
	return out
}
