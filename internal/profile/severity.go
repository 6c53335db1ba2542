package profile

import "math"

// ScoreSources lists the scores that can decide about severity.
var ScoreSources = []string{"cvss-4.0", "cvss-3.1", "cvss-3.0", "cvss-2.0", "scanner"}

// tenths puts a score on the grid of CVSS: 7.05 is 71.
func tenths(score float64) int { return int(math.Floor(score*10 + 0.5 + 1e-9)) }

// SeverityOf returns the band of a score, rounded half up to one decimal. There is
// none for 0.0 in bands that begin at 0.1: such a score has no severity.
func (p *Profile) SeverityOf(score float64) (Band, bool) {
	if math.IsNaN(score) || score < 0 || score > 10 {
		return Band{}, false
	}
	n := tenths(score)
	for _, b := range p.Severity.Bands {
		if tenths(b.From) <= n && n <= tenths(b.To) {
			return b, true
		}
	}
	return Band{}, false
}

// SeverityFrom decides which of several scores counts, by the profile's order of
// sources, and returns its severity word and the source. A score without severity
// (0.0) still decides: the word is then empty and the source is not. Both are
// empty where none of the sources has a score.
func (p *Profile) SeverityFrom(scores map[string]float64) (word, source string) {
	for _, s := range p.Severity.Sources {
		if score, ok := scores[s]; ok {
			b, _ := p.SeverityOf(score)
			return b.Word, s
		}
	}
	return "", ""
}

// Band finds a severity by its word.
func (p *Profile) Band(word string) (Band, bool) {
	for _, b := range p.Severity.Bands {
		if b.Word == word {
			return b, true
		}
	}
	return Band{}, false
}

// SeverityWords lists the severity words from the lowest to the highest.
func (p *Profile) SeverityWords() []string {
	var out []string
	for _, b := range p.Severity.Bands {
		out = append(out, b.Word)
	}
	return out
}

// RatingOf returns the rating of a risk score. A fraction is rounded as the
// profile's matrix says for the rating alone; the score itself is kept elsewhere.
func (p *Profile) RatingOf(score float64) (Rating, bool) {
	n := int(math.Floor(score + 0.5))
	for _, r := range p.Ratings {
		if r.From <= n && n <= r.To {
			return r, true
		}
	}
	return Rating{}, false
}
