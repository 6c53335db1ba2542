package ui

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"tocsin/internal/locale"
)

// hidden tells whether r is a character that changes how text reads without
// being seen: a control, a bidirectional override or mark, an invisible space.
// The zero-width joiners stay, because scripts and emoji need them.
func hidden(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\u200c', r == '\u200d':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0, r == utf8.RuneError:
		return true
	case r == '\u061c', r == '\u200b', r == '\u200e', r == '\u200f', r == '\u2060', r == '\ufeff', r == '\u00ad':
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// plain tells whether s is letters, digits and signs that are neither hidden nor
// have to be escaped, as most text is.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n', c == '\t':
		case c < ' ', c > '~', c == '&', c == '<', c == '>', c == '"', c == '\'':
			return false
		}
	}
	return true
}

// Visible returns s with every hidden character spelled out, as in "⟨U+202E⟩".
// A carriage return before a line feed is dropped. Use it where only a string
// will do: attributes, titles, Markdown. Elsewhere Text does the same, in colour.
func Visible(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Text shows what a person wrote: escaped, and with hidden characters marked.
func Text(s string) templ.Component {
	return leaf(func(w io.Writer) error { return writeText(w, s) })
}

func writeText(w io.Writer, s string) error {
	if plain(s) {
		return put(w, s)
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for {
		i := strings.IndexFunc(s, hidden)
		if i < 0 {
			return put(w, templ.EscapeString(s))
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if _, err := fmt.Fprintf(w, `%s<span class="ctl">U+%04X</span>`, templ.EscapeString(s[:i]), r); err != nil {
			return err
		}
		s = s[i+n:]
	}
}

// machine returns t as the datetime attribute wants it, and as it is shown to
// whoever asks for the exact instant: RFC 3339, UTC.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// machineDay is machine for a value that may be a day.
func machineDay(t time.Time) string {
	if locale.IsDay(t) {
		return t.UTC().Format(time.DateOnly)
	}
	return machine(t)
}

// hover is the title of a moment: what the reader's clock says, to the second, with
// its distance from UTC. A day has no instant.
func hover(r *Reader, t time.Time) string {
	if locale.IsDay(t) {
		return "the whole day, UTC"
	}
	return precise(r).Exact(t)
}

// atTime is hover beside the day itself, which it does not say again: a list has a
// hundred of them.
func atTime(r *Reader, t time.Time) string {
	if locale.IsDay(t) {
		return hover(r, t)
	}
	return precise(r).Clock(t) + " " + r.Offset(t)
}

// precise is the reader as one who wants it to the second.
func precise(r *Reader) *Reader {
	var to Reader
	if r != nil {
		to = *r
	}
	to.Precise = true
	return &to
}

// Size returns a number of bytes in words: "4.2 MB".
func Size(r *Reader, n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, u := float64(n), 0
	for ; f >= 999.5 && u < len(units)-1; u++ {
		f /= 1000
	}
	if u == 0 || f >= 9.95 {
		return r.Decimal(f, 0) + " " + units[u]
	}
	return r.Decimal(f, 1) + " " + units[u]
}

// Initials returns the one or two letters that stand for a name.
func Initials(name string) string {
	var letters []rune
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		r, _ := utf8.DecodeRuneInString(word)
		letters = append(letters, unicode.ToUpper(r))
	}
	switch len(letters) {
	case 0:
		return "?"
	case 1:
		return string(letters[0])
	}
	return string(letters[0]) + string(letters[len(letters)-1])
}

// hues are the colours of faces.
var hues = [...]string{"h0", "h1", "h2", "h3", "h4"}

// hue returns one of them, always the same for a name (FNV-1a).
func hue(name string) string {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return hues[h%uint32(len(hues))]
}

// class joins class names, leaving out the empty ones.
func class(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		if n == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(n)
	}
	return b.String()
}

// when returns word if cond holds.
func when(cond bool, word string) string {
	if cond {
		return word
	}
	return ""
}

// or returns s, or other where s is empty.
func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
