// Package shape reads JSON strictly and checks the structure of what it read.
//
// Decode and Into refuse what lenient readers let pass: two members of one
// name, bytes after the value, text that is not UTF-8, half of a surrogate
// pair, nesting without end. Every refusal names line, column and JSON pointer.
// A Node describes a structure as a table in Go; its Check reports everything
// that a decoded value breaks, each with its JSON pointer.
//
// The package knows no form of advisory and no route: the formats and the API
// bring their own tables and types.
package shape

import (
	"strconv"
	"strings"

	"tocsin/internal/fault"
)

// Limits bound what Decode and Into accept. A zero field stands for its default.
type Limits struct {
	Bytes  int  // size of the input; 64 MiB where zero
	Depth  int  // objects and arrays inside one another; 200 where zero
	Values int  // values altogether; 4 million where zero
	Plain  bool // refuse control characters (but tab, line feed, carriage return) and bidirectional overrides in strings
}

// The limits that hold where nothing else is asked for.
const (
	DefaultBytes  = 64 << 20
	DefaultDepth  = 200
	DefaultValues = 4_000_000
)

func (l Limits) orDefault() Limits {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	if l.Values == 0 {
		l.Values = DefaultValues
	}
	return l
}

// step is one step of a path into a value: a member's name, or a place in an
// array where name is empty and index is not negative.
type step struct {
	name  string
	index int
}

// path is where in a value one stands.
type path []step

// Pointer returns the path as a JSON pointer, RFC 6901. The whole value is "".
func (p path) Pointer() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte('/')
		if s.index >= 0 {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		b.WriteString(Escape(s.name))
	}
	return b.String()
}

// Dotted returns the path as a form spells a nested field: "versions.0.fixed".
func (p path) Dotted() string {
	parts := make([]string, len(p))
	for i, s := range p {
		parts[i] = s.name
		if s.index >= 0 {
			parts[i] = strconv.Itoa(s.index)
		}
	}
	return strings.Join(parts, ".")
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// Escape returns name as one token of a JSON pointer, RFC 6901, section 3.
func Escape(name string) string {
	if strings.ContainsAny(name, "~/") {
		return escaper.Replace(name)
	}
	return name
}

// place says where for people: "the whole document" has no pointer to show.
func place(pointer string) string {
	if pointer == "" {
		return "the top level"
	}
	return pointer
}

// brief shortens text that is quoted in a sentence.
func brief(s string) string {
	const most = 60
	if len(s) <= most {
		return strconv.Quote(s)
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}

func tooLarge(size, limit int) error {
	return fault.New(fault.TooLarge, "the JSON has %d bytes; the limit is %d", size, limit)
}
