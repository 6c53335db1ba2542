// Package cvss reads, writes and scores vectors of the Common Vulnerability
// Scoring System of FIRST: versions 2.0, 3.0, 3.1 and 4.0. Reading and scoring
// allocate nothing. It is not a place for policy: which version or which
// environment counts is the profile's choice. The formats, the API, the web
// calculators, the importers and `tocsin score cvss` use it.
//
// Scores are computed in integers, so that no binary fraction ever decides a
// rounding. That matters most in version 4.0, where the published method
// subtracts a mean from a table's value and rounds to one decimal: exact
// results such as 8.55 are common, and an implementation on binary fractions
// that lands at 8.549999 says 8.5 where the standard says 8.6. Of the 104,976
// base vectors, 4,818 lie exactly between two tenths, and pandatix/go-cvss 0.6.4
// is 0.1 low for 450 of them (a test counts them). For example
//
//	CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:L/VA:N/SC:H/SI:H/SA:H
//
// is 8.6 here: the MacroVector's 8.6 less a mean of exactly 0.05. Calculators
// that follow the corrected reference (RedHatProductSecurity/cvss-v4-calculator,
// pull request 67) agree; older ones show 8.5. For no base vector does the
// difference change the severity. Version 2.0 has such halves too: 9.0 x 0.95 is
// 8.55, which its guide rounds to 8.6.
//
// A metric that says X or ND ("not defined") is the same as one that is absent;
// the canonical form, [Vector.String], leaves it out.
package cvss

import "tocsin/internal/fault"

// Vector is one vector that was read and found whole: every mandatory metric
// has a value. Vectors compare with ==, and equal vectors have equal String.
// The zero Vector is no vector: its String and Version are empty.
type Vector struct {
	scheme uint8  // index into schemes; 0 for the zero Vector
	lo     uint64 // four bits a metric: base, temporal or threat, requirements
	hi     uint64 // four bits a metric: the modified ones at their base's place, supplemental
}

// IsZero says whether v is no vector at all.
func (v Vector) IsZero() bool { return v.scheme == 0 }

// Version is "2.0", "3.0", "3.1" or "4.0".
func (v Vector) Version() string { return schemes[v.scheme].version }

// String is the canonical form: metrics in the standard's order, those that
// are not defined left out, version 2.0 without prefix or parentheses.
func (v Vector) String() string {
	if v.IsZero() {
		return ""
	}
	b, _ := v.AppendText(make([]byte, 0, maxLength))
	return string(b)
}

// AppendText appends the canonical form to b.
func (v Vector) AppendText(b []byte) ([]byte, error) {
	s := &schemes[v.scheme]
	b = append(b, s.prefix...)
	first := true
	for i := range s.rows {
		r := &s.rows[i]
		c := v.code(r)
		if c == 0 {
			continue
		}
		if !first {
			b = append(b, '/')
		}
		first = false
		b = append(append(append(b, r.Abbrev...), ':'), r.value(c).Value...)
	}
	return b, nil
}

// MarshalText gives the canonical form, so that a Vector is a string in JSON.
func (v Vector) MarshalText() ([]byte, error) { return v.AppendText(nil) }

// UnmarshalText reads what Parse reads; empty text gives the zero Vector.
func (v *Vector) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*v = Vector{}
		return nil
	}
	*v, err = Parse(string(text))
	return err
}

// Get is the value that v gives the metric, for example Get("AV") is "N". An
// optional metric that is not stated is "X" ("ND" in version 2.0); a metric that
// the version does not know is "".
func (v Vector) Get(metric string) string {
	r := schemes[v.scheme].row(metric)
	if r == nil {
		return ""
	}
	return r.value(v.code(r)).Value
}

// With is v with one metric changed. Giving an optional metric X (ND in
// version 2.0) takes it out.
func (v Vector) With(metric, value string) (Vector, error) {
	s := &schemes[v.scheme]
	r := s.row(metric)
	if r == nil {
		return v, fault.At(metric, "CVSS %s has no metric %s; it has %s", s.version, quote(metric), s.names(false))
	}
	c, ok := r.codeOf(value)
	if !ok || c == 0 && r.Mandatory {
		return v, fault.At(metric, "%s (%s) cannot be %s; choose %s", r.Abbrev, r.Name, quote(value), r.values())
	}
	return v.set(r, c), nil
}

// Of builds a vector of the version from what pick says for each metric, as a
// form sends it; an empty answer means not defined. Everything that is wrong
// is named in one fault, one field a metric.
func Of(version string, pick func(metric string) string) (Vector, error) {
	n := schemeNamed(version)
	if n == 0 {
		return Vector{}, fault.At("version", "there is no CVSS %s here; choose 2.0, 3.0, 3.1 or 4.0", quote(version))
	}
	var wrong fault.Fields
	v := Vector{scheme: n}
	for i := range schemes[n].rows {
		r := &schemes[n].rows[i]
		value := pick(r.Abbrev)
		c, ok := r.codeOf(value)
		switch {
		case value == "" && r.Mandatory:
			wrong.Add(r.Abbrev, "%s has no value yet; choose %s", r.Name, r.values())
		case value != "" && !ok:
			wrong.Add(r.Abbrev, "%s cannot be %s; choose %s", r.Name, quote(value), r.values())
		default:
			v = v.set(r, c)
		}
	}
	if err := wrong.Err(); err != nil {
		return Vector{}, err
	}
	return v, nil
}

// Differ lists the metrics, in the standard's order, to which a and b give
// different values. Vectors of two versions are compared by the metrics'
// abbreviations: a metric that only one of them can have differs.
func Differ(a, b Vector) []string {
	var names []string
	for _, r := range schemes[a.scheme].rows {
		if stated(a, r.Abbrev) != stated(b, r.Abbrev) {
			names = append(names, r.Abbrev)
		}
	}
	for _, r := range schemes[b.scheme].rows {
		if schemes[a.scheme].row(r.Abbrev) == nil && stated(b, r.Abbrev) != "" {
			names = append(names, r.Abbrev)
		}
	}
	return names
}

// stated is the value of a metric where v defines it, else "".
func stated(v Vector, metric string) string {
	r := schemes[v.scheme].row(metric)
	if r == nil || v.code(r) == 0 {
		return ""
	}
	return r.value(v.code(r)).Value
}

func (v Vector) code(r *row) uint8 {
	if r.high {
		return uint8(v.hi>>r.shift) & 15
	}
	return uint8(v.lo>>r.shift) & 15
}

func (v Vector) set(r *row, c uint8) Vector {
	if r.high {
		v.hi = v.hi&^(15<<r.shift) | uint64(c)<<r.shift
	} else {
		v.lo = v.lo&^(15<<r.shift) | uint64(c)<<r.shift
	}
	return v
}
