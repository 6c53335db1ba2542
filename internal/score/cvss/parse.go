package cvss

import (
	"fmt"
	"strings"

	"tocsin/internal/fault"
)

// maxLength is the most bytes that a vector may have. The longest possible one,
// every metric of version 4.0, has fewer than 200.
const maxLength = 256

// Parse reads a vector of any version. Versions 3.0, 3.1 and 4.0 begin with
// their prefix; version 2.0 has none, and may stand in parentheses. Version 4.0
// demands the metrics in the standard's order, the others do not. Nothing is
// guessed: whatever is not exactly a vector is an Invalid fault that names the
// metric and the position, counted from 1, and says how to mend it.
func Parse(s string) (Vector, error) {
	if n := schemeOf(s); n != 0 {
		sc := &schemes[n]
		if v, at := sc.quick.read(s, n); at == len(s) {
			return v, nil
		} else if at > 0 && len(s) <= maxLength {
			p := parser{s: s, scheme: sc, v: v, at: at, next: sc.quick.rows, seen: 1<<sc.quick.rows - 1}
			if p.quickly(); p.at == len(s) {
				return p.v, nil
			}
			return p.rest()
		}
	}
	return parseSlowly(s)
}

// schemeOf guesses the version by two bytes; the caller checks the rest.
func schemeOf(s string) uint8 {
	if len(s) < 26 {
		return 0
	}
	if s[4] != ':' {
		return v20
	}
	switch uint16(s[5])<<8 | uint16(s[7]) {
	case '4'<<8 | '0':
		return v40
	case '3'<<8 | '1':
		return v31
	case '3'<<8 | '0':
		return v30
	}
	return 0
}

// parseSlowly reads what is not in the usual form from the beginning.
func parseSlowly(s string) (Vector, error) {
	if s == "" {
		return Vector{}, invalid("the vector is empty; write one such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	}
	if len(s) > maxLength {
		return Vector{}, invalid("the vector has %d characters, and none has more than %d; give one vector alone", len(s), maxLength)
	}
	for n := v40; n >= v30; n-- {
		if strings.HasPrefix(s, schemes[n].prefix) {
			at := len(schemes[n].prefix)
			p := parser{s: s, scheme: &schemes[n], v: Vector{scheme: uint8(n)}, at: at - 1}
			return p.rest()
		}
	}
	return parse2(s)
}

// parse2 reads version 2.0: bare, in parentheses, or with the prefix that some
// databases write although the standard has none.
func parse2(s string) (Vector, error) {
	p := parser{s: s, scheme: &schemes[v20], v: Vector{scheme: v20}}
	switch {
	case strings.HasPrefix(s, "CVSS:2.0/"):
		p.at = len("CVSS:2.0/")
	case strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") && len(s) > 2:
		p.at, p.s = 1, s[:len(s)-1]
	default:
		if err := prefixFault(s); err != nil {
			return Vector{}, err
		}
	}
	p.bare = true
	return p.rest()
}

// prefixFault says what is wrong with the beginning of a vector that is not
// plainly of version 2.0; nil if nothing is.
func prefixFault(s string) error {
	upper := strings.ToUpper(s)
	switch {
	case strings.HasPrefix(upper, "CVSS"):
		head, _, _ := strings.Cut(s, "/")
		return invalid("the vector begins with %s at position 1; begin with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/, or without prefix for version 2.0", quote(head))
	case strings.HasPrefix(s, "(") || strings.HasSuffix(s, ")"):
		return invalid("the parentheses do not match; close them or leave them out")
	case s[0] <= ' ':
		return invalid("there is a space at position 1; take it away")
	case strings.Contains(s, "/AT:") || strings.Contains(s, "/VC:"):
		return invalid("the prefix is missing at position 1; this looks like version 4.0, which begins with CVSS:4.0/")
	case strings.Contains(s, "/PR:") || strings.Contains(s, "/UI:"):
		return invalid("the prefix is missing at position 1; this looks like version 3, which begins with CVSS:3.1/ or CVSS:3.0/")
	}
	return nil
}

// parser reads metric after metric.
type parser struct {
	s      string
	scheme *scheme
	v      Vector
	at     int    // where the next byte is
	next   int    // the row after the last one read
	seen   uint64 // rows that were read, as bits
	bare   bool   // no slash stands before the next metric
}

func (p *parser) rest() (Vector, error) {
	for p.at < len(p.s) || p.bare {
		if !p.bare {
			if p.s[p.at] != '/' {
				return Vector{}, p.metricFault(p.at)
			}
			p.at++
		}
		p.bare = false
		if err := p.metric(); err != nil {
			return Vector{}, err
		}
	}
	if all := uint64(1)<<p.scheme.quick.rows - 1; p.seen&all != all { // the mandatory metrics come first
		return Vector{}, p.missingFault()
	}
	return p.v, nil
}

// metric reads one "AV:N".
func (p *parser) metric() error {
	start, s, i := p.at, p.s, p.at
	name := uint64(1) // as pack does
	for i < len(s) && s[i] != ':' && s[i] != '/' {
		name = name<<8 | uint64(s[i])
		i++
	}
	if i == start || i-start > 3 || i == len(s) || s[i] != ':' {
		return p.metricFault(start)
	}
	k := p.find(uint32(name))
	if k < 0 || p.seen>>k&1 != 0 || p.scheme.ordered && k < p.next {
		return p.metricFault(start)
	}
	r := &p.scheme.rows[k]
	code, end := r.read(s, i+1)
	if code == none {
		return p.metricFault(start)
	}
	p.v = p.v.set(r, code)
	p.seen |= 1 << k
	p.next, p.at = k+1, end
	return nil
}

// read gives the four bits of the value that begins at byte i, or none, and
// where it ends.
func (r *row) read(s string, i int) (code uint8, end int) {
	if i < len(s) && (i+1 == len(s) || s[i+1] == '/') {
		if s[i]&0xe0 != 'A'&0xe0 {
			return none, i
		}
		return r.one[s[i]&31], i + 1
	}
	start, value := i, uint64(1)
	for ; i < len(s) && s[i] != '/'; i++ {
		value = value<<8 | uint64(s[i])
	}
	for c := range r.keys {
		if r.keys[c] == value && i-start < 8 {
			return r.codes[c], i
		}
	}
	return none, i
}

// find looks for the metric where the standard's order expects it, and onward
// from there.
func (p *parser) find(key uint32) int {
	keys := p.scheme.keys
	for k := p.next; k < len(keys); k++ {
		if keys[k] == key {
			return k
		}
	}
	for k := range min(p.next, len(keys)) {
		if keys[k] == key {
			return k
		}
	}
	return -1
}

// metricFault says what is wrong with the metric at byte start. It runs only
// when something is, and takes its time.
func (p *parser) metricFault(start int) error {
	word, _, _ := strings.Cut(p.s[start:], "/")
	name, value, colon := strings.Cut(word, ":")
	pos, version := start+1, p.scheme.version
	r := p.scheme.row(name)
	switch {
	case word == "" && start >= len(p.s):
		return invalid("the vector ends with a slash at position %d; take it away", start)
	case word == "":
		return invalid("there is nothing between the slashes at position %d; take one slash away", pos)
	case strings.ContainsAny(word, " \t\r\n"):
		return invalid("there is a space at position %d; take it away", pos+strings.IndexAny(word, " \t\r\n"))
	case r == nil && p.scheme.row(fold(p.scheme, name)) != nil:
		return invalid("%s at position %d is spelt %s in a vector; upper and lower case matter", quote(name), pos, fold(p.scheme, name))
	case r == nil:
		return invalid("CVSS %s has no metric %s (position %d); it has %s", version, quote(name), pos, p.scheme.names(false))
	case !colon || value == "":
		return invalid("metric %s at position %d has no value; choose %s", name, pos, r.values())
	case p.seen>>p.scheme.index(name)&1 != 0:
		return invalid("metric %s stands twice, the second time at position %d; keep one of them", name, pos)
	}
	if _, ok := r.codeOf(value); !ok {
		return invalid("metric %s (%s) at position %d cannot be %s; choose %s", name, r.Name, pos, quote(value), r.values())
	}
	last := p.scheme.rows[p.next-1].Abbrev
	return invalid("metric %s at position %d stands after %s; CVSS %s demands the standard's order: move it before %s", name, pos, last, version, last)
}

func (p *parser) missingFault() error {
	var names []string
	for k := range p.scheme.rows {
		if r := &p.scheme.rows[k]; r.Mandatory && p.v.code(r) == 0 {
			names = append(names, fmt.Sprintf("%s (%s)", r.Abbrev, r.Name))
		}
	}
	if len(names) == 1 {
		return invalid("the CVSS %s vector lacks the metric %s; add it", p.scheme.version, names[0])
	}
	return invalid("the CVSS %s vector lacks the metrics %s; add them", p.scheme.version, list(names, "and"))
}

func (s *scheme) index(abbrev string) int {
	for k := range s.rows {
		if s.rows[k].Abbrev == abbrev {
			return k
		}
	}
	return 63
}

// fold is the metric that name would be if case did not matter.
func fold(s *scheme, name string) string {
	for _, r := range s.rows {
		if strings.EqualFold(r.Abbrev, name) {
			return r.Abbrev
		}
	}
	return ""
}

func invalid(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// quote shows a piece of the input, cut short.
func quote(s string) string {
	if len(s) > 24 {
		s = s[:24] + "..."
	}
	return fmt.Sprintf("%q", s)
}
