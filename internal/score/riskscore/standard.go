package riskscore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/fault"
)

// This file holds two published calculators with the tables of their standards.

// Factors are the sixteen of the OWASP Risk Rating Methodology, each 0 to 9, by
// group: skill, motive, opportunity, size; ease of discovery, ease of exploit,
// awareness, intrusion detection; loss of confidentiality, integrity, availability,
// accountability; financial and reputation damage, non-compliance, privacy.
type Factors struct {
	Agent         []float64 `json:"agent"`
	Vulnerability []float64 `json:"vulnerability"`
	Technical     []float64 `json:"technical"`
	Business      []float64 `json:"business"` // empty where it is not known; technical impact then decides
}

// OWASPRating is the result of the methodology.
type OWASPRating struct {
	Likelihood      float64  `json:"likelihood"`
	Technical       float64  `json:"technical"`
	Business        *float64 `json:"business,omitempty"` // absent where it is not known
	LikelihoodLevel string   `json:"likelihood_level"`   // LOW, MEDIUM or HIGH
	TechnicalLevel  string   `json:"technical_level"`
	BusinessLevel   string   `json:"business_level,omitempty"` // empty where not known
	Severity        string   `json:"severity"`                 // Note, Low, Medium, High or Critical
}

var owaspGrid = map[string]map[string]string{ // likelihood, then impact
	"LOW":    {"LOW": "Note", "MEDIUM": "Low", "HIGH": "Medium"},
	"MEDIUM": {"LOW": "Low", "MEDIUM": "Medium", "HIGH": "High"},
	"HIGH":   {"LOW": "Medium", "MEDIUM": "High", "HIGH": "Critical"},
}

// OWASP rates: the likelihood is the mean of the eight factors of agent and vulnerability,
// each impact that of its four. The business impact decides where it is known; the technical
// stands in where it is not.
func OWASP(f Factors) (OWASPRating, error) {
	if err := f.check(); err != nil {
		return OWASPRating{}, err
	}
	var out OWASPRating
	out.Likelihood, out.LikelihoodLevel = owaspMean(slices.Concat(f.Agent, f.Vulnerability))
	out.Technical, out.TechnicalLevel = owaspMean(f.Technical)
	impact := out.TechnicalLevel
	if len(f.Business) > 0 {
		mean, level := owaspMean(f.Business)
		out.Business, out.BusinessLevel, impact = &mean, level, level
	}
	out.Severity = owaspGrid[out.LikelihoodLevel][impact]
	return out, nil
}

// group is one of the four, by the name of its field.
type group struct {
	name    string
	factors *[]float64
	may     bool // be empty
}

func (f *Factors) groups() []group {
	return []group{{"agent", &f.Agent, false}, {"vulnerability", &f.Vulnerability, false}, {"technical", &f.Technical, false}, {"business", &f.Business, true}}
}

// ParseFactors reads the factors of each group as they are written: four numbers with
// commas between, and nothing for a business impact that is not known. OWASP says what
// makes no sense of what could be read.
func ParseFactors(agent, vulnerability, technical, business string) (f Factors, err error) {
	var fs fault.Fields
	for i, text := range []string{agent, vulnerability, technical, business} {
		g := f.groups()[i]
		if strings.TrimSpace(text) == "" {
			continue
		}
		words := strings.Split(text, ",")
		if len(words) != 4 {
			fs.Add(g.name, "%s has four factors, not %d; write them with commas between, such as 5,2,7,1", g.name, len(words))
			continue
		}
		for i, word := range words {
			x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
			if err != nil && !errors.Is(err, strconv.ErrRange) {
				fs.Add(fmt.Sprintf("%s.%d", g.name, i), "factor %d of %s is %q, which is no number; write one from 0 to 9", i+1, g.name, word)
			}
			*g.factors = append(*g.factors, x)
		}
	}
	return f, fs.Err()
}

func (f Factors) check() error {
	var fs fault.Fields
	for _, g := range f.groups() {
		if n := len(*g.factors); n != 4 && !(g.may && n == 0) {
			fs.Add(g.name, "%s has four factors, not %d", g.name, n)
			continue
		}
		for i, x := range *g.factors {
			if !finite(x) || x < 0 || x > 9 {
				fs.Add(fmt.Sprintf("%s.%d", g.name, i), "factor %d of %s is %v; a factor lies between 0 and 9", i+1, g.name, x)
			}
		}
	}
	return fs.Err()
}

func owaspMean(factors []float64) (float64, string) {
	sum := 0.0
	for _, x := range factors {
		sum += x
	}
	switch mean := snap(sum / float64(len(factors))); {
	case mean < 3:
		return mean, "LOW"
	case mean < 6:
		return mean, "MEDIUM"
	default:
		return mean, "HIGH"
	}
}

// qualitative are the levels of NIST SP 800-30 r1, from the lowest.
var qualitative = []string{"Very Low", "Low", "Moderate", "High", "Very High"}

// Tables I-2 and G-5, a row a likelihood from Very Low, a column an impact (or a
// likelihood of adverse effect) from Very Low, each cell an index of qualitative.
var (
	tableI2 = [5][5]int{{0, 0, 0, 1, 1}, {0, 1, 1, 1, 2}, {0, 1, 2, 2, 3}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}}
	tableG5 = [5][5]int{{0, 0, 1, 1, 1}, {0, 1, 1, 2, 2}, {1, 1, 2, 2, 3}, {1, 2, 2, 3, 4}, {1, 2, 3, 4, 4}}
)

// Qualitative is what SP 800-30 r1 gives: the overall likelihood of table G-5 and
// the risk of table I-2.
type Qualitative struct {
	Likelihood string `json:"likelihood"`
	Risk       string `json:"risk"`
}

// SP80030 combines the likelihood that a threat event is initiated with the
// likelihood that it then does harm, and the result with the impact. Each is a level, or
// a number on the scale of SemiQuantitative.
func SP80030(initiation, harm, impact string) (Qualitative, error) {
	var fs fault.Fields
	at := func(field, word string) int {
		word = strings.TrimSpace(word)
		if value, err := strconv.ParseFloat(word, 64); err == nil {
			level, err := SemiQuantitative(value)
			if err != nil {
				fs.Add(field, "%s is no %s: %s", word, field, fault.Of(err).Says)
			}
			word = level
		} else if !slices.Contains(qualitative, word) {
			fs.Add(field, "%q is no level of SP 800-30: write Very Low, Low, Moderate, High or Very High, or a number from 0 to 100", word)
		}
		return slices.Index(qualitative, word)
	}
	a, b, c := at("initiation", initiation), at("harm", harm), at("impact", impact)
	if err := fs.Err(); err != nil {
		return Qualitative{}, err
	}
	l := tableG5[a][b]
	return Qualitative{qualitative[l], qualitative[tableI2[l][c]]}, nil
}

// SemiQuantitative is the level of a value from 0 to 100 on the scale of SP 800-30
// r1: 0-4, 5-20, 21-79, 80-95, 96-100. The bands are of whole numbers; a fraction
// is rounded half up.
func SemiQuantitative(value float64) (string, error) {
	if !finite(value) || value < 0 || value > 100 {
		return "", fault.At("value", "a value on the scale of SP 800-30 lies between 0 and 100")
	}
	n := halfUp(value)
	for i, top := range []int{4, 20, 79, 95} {
		if n <= top {
			return qualitative[i], nil
		}
	}
	return qualitative[4], nil
}
