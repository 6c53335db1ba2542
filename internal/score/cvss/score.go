package cvss

import "encoding/json"

// Result is what a vector scores. In versions 2.0 and 3.x Base, Temporal and
// Environmental are the standard's three scores; in 4.0 Base is the score of
// the base metrics alone (CVSS-B), Threat that with Exploit Maturity (CVSS-BT),
// Environmental that with everything (CVSS-BTE). A score whose group the vector
// does not state equals the one before it, with one exception: version 3.1 has
// its own impact equation for the environmental score, and where the scope is
// changed it can differ by 0.1 although no environmental metric is stated.
// Environmental then is what the equation gives, and Score is Temporal.
type Result struct {
	Vector        Vector
	Version       string
	Base          float64
	Temporal      float64 // versions 2.0 and 3.x
	Threat        float64 // version 4.0
	Environmental float64
	Score         float64 // the overall score: of all that the vector states
	Severity      string  // the rating of Score, in lower case: none, low, medium, high, critical
	Nomenclature  string  // version 4.0: CVSS-B, CVSS-BT, CVSS-BE or CVSS-BTE
}

// Score computes all scores of v. The zero Vector scores nothing.
func (v Vector) Score() (r Result) {
	if v.IsZero() {
		return r
	}
	s := &schemes[v.scheme]
	temp, env := v.any(s.temp), v.any(s.env)
	r.Vector, r.Version = v, s.version
	var t tenths
	switch v.scheme {
	case v20:
		t = score2(v.lo, env)
	case v30:
		t = score3(v.lo, v.hi, env, sums30, impact3C, ceil30)
	case v31:
		t = score3(v.lo, v.hi, env, sums31, impact31MC, ceil31)
	case v40:
		t = score4(v.lo, v.hi, temp, env)
		r.Nomenclature = nomenclature(temp, env)
	}
	r.Base, r.Environmental = points[t.base], points[t.environmental]
	r.Score, r.Severity = points[t.overall], s.words[t.overall]
	if v.scheme == v40 {
		r.Threat = points[t.temporal]
	} else {
		r.Temporal = points[t.temporal]
	}
	return r
}

// nomenclature says which groups a score of version 4.0 is of (section 1.3).
func nomenclature(threat, env bool) string {
	switch {
	case threat && env:
		return "CVSS-BTE"
	case threat:
		return "CVSS-BT"
	case env:
		return "CVSS-BE"
	}
	return "CVSS-B"
}

// States says whether v defines any metric of the group.
func (v Vector) States(group string) bool {
	s := &schemes[v.scheme]
	switch group {
	case Base:
		return !v.IsZero()
	case Temporal:
		return v.scheme != v40 && v.any(s.temp)
	case Threat:
		return v.scheme == v40 && v.any(s.temp)
	case Environmental:
		return v.any(s.env)
	case Supplemental:
		for i := range s.rows {
			if s.rows[i].Group == Supplemental && v.code(&s.rows[i]) != 0 {
				return true
			}
		}
	}
	return false
}

func (v Vector) any(bits [2]uint64) bool { return v.lo&bits[0]|v.hi&bits[1] != 0 }

// Severity is the word for a score in a version: none, low, medium, high or
// critical. Version 2.0 has no words of its own; NVD's low, medium and high are
// used. It is "" for a version that is not known or a score that no vector has.
func Severity(version string, score float64) string {
	n := schemeNamed(version)
	if n == 0 || !(score >= 0 && score <= 10) {
		return ""
	}
	return schemes[n].words[int(score*10+0.5)]
}

// words2 are NVD's ratings for version 2.0; words3 are the rating scale of the
// later versions (3.1: Specification Document, section 5; 4.0: section 6).
var (
	words2 = ratings(0, "low", 40, "medium", 70, "high")
	words3 = ratings(0, "none", 1, "low", 40, "medium", 70, "high", 90, "critical")
)

// ratings spreads pairs of first tenth and word over all hundred and one scores.
func ratings(pairs ...any) (words [101]string) {
	for i := 0; i < len(pairs); i += 2 {
		for t := pairs[i].(int); t <= 100; t++ {
			words[t] = pairs[i+1].(string)
		}
	}
	return words
}

// tenth is a score counted in tenths, 0 to 100.
type tenth = int64

// tenths are the scores of one vector; temporal is also threat.
type tenths struct{ base, temporal, environmental, overall tenth }

// points are the scores as numbers: points[86] is 8.6.
var points = func() (p [101]float64) {
	for i := range p {
		p[i] = float64(i) / 10
	}
	return p
}()

// MarshalJSON writes one object: the vector in canonical form, the scores that
// it states, the overall score with its severity, and each metric in words.
func (r Result) MarshalJSON() ([]byte, error) {
	given := func(group string, score float64) *float64 {
		if !r.Vector.States(group) {
			return nil
		}
		return &score
	}
	metrics := r.Vector.Metrics()
	for i := range metrics {
		metrics[i].Help, metrics[i].Mandatory = "", false // the same for every vector
	}
	return json.Marshal(struct {
		Vector        Vector   `json:"vector"`
		Version       string   `json:"version"`
		Base          float64  `json:"base"`
		Temporal      *float64 `json:"temporal,omitempty"`
		Threat        *float64 `json:"threat,omitempty"`
		Environmental *float64 `json:"environmental,omitempty"`
		Score         float64  `json:"score"`
		Severity      string   `json:"severity"`
		Nomenclature  string   `json:"nomenclature,omitempty"`
		Metrics       []Metric `json:"metrics"`
	}{
		r.Vector, r.Version, r.Base, given(Temporal, r.Temporal), given(Threat, r.Threat),
		given(Environmental, r.Environmental), r.Score, r.Severity, r.Nomenclature, metrics,
	})
}
