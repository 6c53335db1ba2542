package shape

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"tocsin/internal/fault"
)

// Decode reads one JSON value (RFC 8259) as map[string]any, []any, string,
// json.Number, bool or nil. It returns an Invalid fault that names line, column
// and pointer, or a TooLarge fault. Strings of the value share the memory of
// one copy of b.
func Decode(b []byte, limits ...Limits) (any, error) {
	var l Limits
	if len(limits) > 0 {
		l = limits[0]
	}
	l = l.orDefault()
	if len(b) > l.Bytes {
		return nil, tooLarge(len(b), l.Bytes)
	}
	r := &reader{s: string(b), limits: l}
	return r.whole()
}

// reader is one pass over one input. The first failure is kept and ends it.
type reader struct {
	s      string
	i      int
	values int
	limits Limits
	path   path
	err    error
}

const bom = "\ufeff"

func (r *reader) whole() (any, error) {
	if strings.HasPrefix(r.s, bom) {
		r.fail(0, "the text begins with a byte order mark; save it as UTF-8 without one (RFC 8259, section 8.1)")
		return nil, r.err
	}
	if !utf8.ValidString(r.s) {
		r.fail(firstInvalid(r.s), "the text is not UTF-8 here; save it as UTF-8")
		return nil, r.err
	}
	r.space()
	if r.i == len(r.s) {
		r.fail(r.i, "there is no JSON value here, the text is empty")
		return nil, r.err
	}
	v := r.value(0)
	if r.err != nil {
		return nil, r.err
	}
	r.space()
	if r.i < len(r.s) {
		r.fail(r.i, "the JSON value ends before this; remove what follows it")
	}
	return v, r.err
}

func firstInvalid(s string) int {
	for i, c := range s {
		if c == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return len(s)
}

// fail keeps the first failure, at byte offset at.
func (r *reader) fail(at int, format string, args ...any) {
	if r.err != nil {
		return
	}
	line, column := position(r.s, at)
	pointer := r.path.Pointer()
	says := fmt.Sprintf(format, args...)
	r.err = &fault.Fault{
		Kind:   fault.Invalid,
		Says:   fmt.Sprintf("line %d, column %d (%s): %s", line, column, place(pointer), says),
		Fields: []fault.Field{{Name: r.path.Dotted(), Says: says}},
	}
}

// position returns line and column, both from 1, of a byte offset. Columns
// count characters.
func position(s string, at int) (line, column int) {
	before := s[:min(at, len(s))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

func (r *reader) space() {
	for r.i < len(r.s) {
		switch r.s[r.i] {
		case ' ', '\n', '\r', '\t':
			r.i++
		default:
			return
		}
	}
}

// value reads the value that begins at r.i, inside depth objects and arrays.
func (r *reader) value(depth int) any {
	if r.values++; r.values > r.limits.Values {
		r.fail(r.i, "there are more than %d values", r.limits.Values)
		return nil
	}
	if r.i >= len(r.s) {
		r.fail(r.i, "the text ends where a value is due")
		return nil
	}
	switch c := r.s[r.i]; {
	case c == '"':
		return r.text()
	case c == '{' || c == '[':
		if depth >= r.limits.Depth {
			r.fail(r.i, "objects and arrays are nested more than %d deep", r.limits.Depth)
			return nil
		}
		if c == '{' {
			return r.object(depth + 1)
		}
		return r.array(depth + 1)
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	return r.word()
}

func (r *reader) word() any {
	for _, w := range [...]struct {
		text  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if strings.HasPrefix(r.s[r.i:], w.text) {
			r.i += len(w.text)
			return w.value
		}
	}
	c, _ := utf8.DecodeRuneInString(r.s[r.i:])
	r.fail(r.i, "%q does not begin a JSON value", c)
	return nil
}

func (r *reader) object(depth int) map[string]any {
	m := make(map[string]any)
	r.i++ // the brace
	r.space()
	if r.take('}') {
		return m
	}
	at := len(r.path)
	r.path = append(r.path, step{index: -1})
	for r.err == nil {
		r.member(m, at, depth)
		if r.err != nil || !r.more('}', "object") {
			break
		}
	}
	r.path = r.path[:at]
	return m
}

// member reads one name and its value into m.
func (r *reader) member(m map[string]any, at, depth int) {
	if r.i >= len(r.s) || r.s[r.i] != '"' {
		r.path = r.path[:at]
		r.fail(r.i, "a member's name in double quotes is due here")
		return
	}
	begin, n := r.i, len(m)
	name := r.text()
	r.path[at].name = name
	r.space()
	if r.err == nil && !r.take(':') {
		r.fail(r.i, "a colon is due after the name %s", brief(name))
		return
	}
	r.space()
	v := r.value(depth)
	if r.err != nil {
		return
	}
	if m[name] = v; len(m) == n {
		r.fail(begin, "the name %s stands twice in this object; keep one of the two", brief(name))
	}
}

func (r *reader) array(depth int) []any {
	r.i++ // the bracket
	r.space()
	list := []any{}
	if r.take(']') {
		return list
	}
	at := len(r.path)
	r.path = append(r.path, step{})
	for r.err == nil {
		r.path[at].index = len(list)
		list = append(list, r.value(depth))
		if r.err != nil || !r.more(']', "array") {
			break
		}
	}
	r.path = r.path[:at]
	return list
}

// more takes a comma and reports true, or takes the end and reports false.
func (r *reader) more(end byte, what string) bool {
	r.space()
	if r.take(end) {
		return false
	}
	if !r.take(',') {
		if r.i >= len(r.s) {
			r.fail(r.i, "the text ends inside an %s", what)
		} else {
			r.fail(r.i, "a comma or %q is due here", end)
		}
		return false
	}
	r.space()
	if r.i < len(r.s) && r.s[r.i] == end {
		r.fail(r.i, "there is a comma before %q; remove it", end)
		return false
	}
	return true
}

func (r *reader) take(c byte) bool {
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *reader) number() any {
	begin := r.i
	r.take('-')
	switch {
	case r.take('0'):
	case r.digits() == 0:
		r.fail(begin, "a number needs a digit after its minus sign")
		return nil
	}
	if r.take('.') && r.digits() == 0 {
		r.fail(r.i, "a number needs a digit after its point")
		return nil
	}
	if r.take('e') || r.take('E') {
		if !r.take('-') {
			r.take('+')
		}
		if r.digits() == 0 {
			r.fail(r.i, "a number needs a digit in its exponent")
			return nil
		}
	}
	if r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		r.fail(begin, "a number does not begin with a zero that other digits follow")
		return nil
	}
	return json.Number(r.s[begin:r.i])
}

func (r *reader) digits() int {
	begin := r.i
	for r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		r.i++
	}
	return r.i - begin
}
