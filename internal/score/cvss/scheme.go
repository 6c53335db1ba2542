package cvss

import (
	"fmt"
	"strings"
)

// scheme is one version of the standard, as a table compiled for reading.
type scheme struct {
	version string
	prefix  string // what canonical vectors begin with
	ordered bool   // the standard demands the metrics in its order
	rows    []row
	keys    []uint32 // beside rows: their keys, close together for the reader
	quick   quick
	steps   []step
	temp    [2]uint64   // the bits of the temporal or threat group
	env     [2]uint64   // the bits of the environmental group
	words   [101]string // severity by tenths
}

// row is one metric, with where its value lives in a Vector.
type row struct {
	Metric
	high  bool // in Vector.hi, else in lo
	shift uint8
	codes []uint8   // beside Choices: the four bits; 0 is not defined
	keys  []uint64  // beside Choices: the value's bytes
	one   [32]uint8 // for values of one letter, by its last five bits: the four bits, or none
}

// none marks a letter that is no value.
const none = 0xff

// schemes[0] is the scheme of the zero Vector and knows nothing.
var schemes = [...]scheme{
	{},
	compile("2.0", "", false, metrics2, words2),
	compile("3.0", "CVSS:3.0/", false, metrics3, words3),
	compile("3.1", "CVSS:3.1/", false, metrics3, words3),
	compile("4.0", "CVSS:4.0/", true, metrics4, words3),
}

const (
	v20 = 1 + iota
	v30
	v31
	v40
)

func schemeNamed(version string) uint8 {
	for i := range schemes {
		if i > 0 && schemes[i].version == version {
			return uint8(i)
		}
	}
	return 0
}

func compile(version, prefix string, ordered bool, metrics []Metric, words [101]string) scheme {
	s := scheme{version: version, prefix: prefix, ordered: ordered, words: words}
	var lo, hi uint8
	for _, m := range metrics {
		if m.Mandatory {
			hi++
		}
	}
	for _, m := range metrics {
		r := row{Metric: m}
		base := s.row(strings.TrimPrefix(m.Abbrev, "M"))
		switch {
		case base != nil:
			r.high, r.shift = true, base.shift
		case lo < 16:
			r.shift = 4 * lo
			lo++
		default:
			r.high, r.shift = true, 4*hi
			hi++
		}
		r.number(base)
		s.rows, s.keys = append(s.rows, r), append(s.keys, uint32(pack(m.Abbrev)))
		s.own(&r)
	}
	s.quick, s.steps = s.template(), s.makeSteps()
	return s
}

// own notes which bits of a Vector belong to the row's group.
func (s *scheme) own(r *row) {
	m := &s.temp
	switch r.Group {
	case Environmental:
		m = &s.env
	case Temporal, Threat:
	default:
		return
	}
	if r.high {
		m[1] |= 15 << r.shift
	} else {
		m[0] |= 15 << r.shift
	}
}

// number gives each choice its four bits: 0 for not defined, else 1, 2, 3 in
// the standard's order. A modified metric uses the numbers of its base metric,
// so that the one can stand in for the other.
func (r *row) number(base *row) {
	var next uint8 = 1
	if base != nil {
		next = uint8(len(base.Choices)) + 1
	}
	for _, c := range r.Choices {
		r.keys = append(r.keys, pack(c.Value))
		n := uint8(0)
		if c.Value != "X" && c.Value != "ND" {
			n = next
			if base != nil {
				if b, ok := base.codeOf(c.Value); ok {
					n = b
				}
			}
			if n == next {
				next++
			}
		}
		r.codes = append(r.codes, n)
	}
	for i := range r.one {
		r.one[i] = none
	}
	for i, c := range r.Choices {
		if len(c.Value) == 1 {
			r.one[c.Value[0]&31] = r.codes[i]
		}
	}
}

// pack makes one number of a word of up to seven bytes. The leading one keeps
// words apart that differ in leading zero bytes.
func pack(word string) uint64 {
	n := uint64(1)
	for i := range len(word) {
		n = n<<8 | uint64(word[i])
	}
	return n
}

func (s *scheme) row(abbrev string) *row {
	for i := range s.rows {
		if s.rows[i].Abbrev == abbrev {
			return &s.rows[i]
		}
	}
	return nil
}

func (r *row) codeOf(value string) (uint8, bool) {
	for i := range r.Choices {
		if r.Choices[i].Value == value {
			return r.codes[i], true
		}
	}
	return 0, false
}

func (r *row) value(code uint8) Choice {
	for i, c := range r.codes {
		if c == code {
			return r.Choices[i]
		}
	}
	return Choice{}
}

// values lists what a metric can be, for the mend of a fault.
func (r *row) values() string {
	var words []string
	for _, c := range r.Choices {
		words = append(words, fmt.Sprintf("%s (%s)", c.Value, c.Name))
	}
	return list(words, "or")
}

// names lists the metrics of the version, or only the mandatory ones.
func (s *scheme) names(mandatory bool) string {
	var words []string
	for _, r := range s.rows {
		if r.Mandatory || !mandatory {
			words = append(words, r.Abbrev)
		}
	}
	return list(words, "and")
}

// list joins words as a sentence does: "a, b or c".
func list(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}
