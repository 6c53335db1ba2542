package shape

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads the string that begins at r.i. Without an escape it is a part of
// the input, not a copy.
func (r *reader) text() string {
	begin := r.i
	r.i++
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == '"':
			s := r.s[begin+1 : r.i]
			r.i++
			return r.plain(s, begin)
		case c == '\\':
			return r.plain(r.escapes(begin+1), begin)
		case c < ' ':
			r.fail(r.i, "a string holds the control character U+%04X as it is; write it as an escape", c)
			return ""
		default:
			r.i++
		}
	}
	r.fail(begin, "this string has no end")
	return ""
}

// escapes reads on from the first backslash of a string whose text begins at from.
func (r *reader) escapes(from int) string {
	var b strings.Builder
	for r.i < len(r.s) && r.err == nil {
		switch c := r.s[r.i]; {
		case c == '"':
			b.WriteString(r.s[from:r.i])
			r.i++
			return b.String()
		case c == '\\':
			b.WriteString(r.s[from:r.i])
			r.escape(&b)
			from = r.i
		case c < ' ':
			r.fail(r.i, "a string holds the control character U+%04X as it is; write it as an escape", c)
		default:
			r.i++
		}
	}
	r.fail(r.i, "this string has no end")
	return ""
}

// escaped maps the letter after a backslash to the character that it means.
var escaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *reader) escape(b *strings.Builder) {
	at := r.i
	if r.i+1 >= len(r.s) {
		r.fail(at, "the text ends inside an escape")
		return
	}
	c := r.s[r.i+1]
	if c == 'u' {
		r.unicode(b)
		return
	}
	if escaped[c] == 0 {
		r.fail(at, "%s is not an escape that JSON knows", strconv.Quote(r.s[at:at+2]))
		return
	}
	b.WriteByte(escaped[c])
	r.i += 2
}

// unicode reads \uXXXX, or two of them that are one surrogate pair.
func (r *reader) unicode(b *strings.Builder) {
	at := r.i
	c, ok := hex4(r.s, r.i)
	if !ok {
		r.fail(at, `an escape \u needs four hexadecimal digits`)
		return
	}
	r.i += 6
	if utf16.IsSurrogate(c) {
		low, ok := hex4(r.s, r.i)
		pair := utf16.DecodeRune(c, low)
		if !ok || pair == utf8.RuneError {
			r.fail(at, "%s is half of a surrogate pair and stands for no character", r.s[at:at+6])
			return
		}
		r.i += 6
		c = pair
	}
	b.WriteRune(c)
}

// hex4 reads the four digits of the escape \uXXXX at s[i:].
func hex4(s string, i int) (rune, bool) {
	if len(s) < i+6 || s[i] != '\\' || s[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
	return rune(n), err == nil
}

// plain passes s on, or fails where only plain text is accepted and s is not.
func (r *reader) plain(s string, at int) string {
	if !r.limits.Plain || r.err != nil {
		return s
	}
	if c, ok := Unplain(s); ok {
		r.fail(at, "the text holds the character U+%04X, which is invisible or turns text around; remove it", c)
	}
	return s
}

// Unplain returns the first character of s that plain text does not hold: a
// control character but tab, line feed and carriage return, or one that
// embeds, overrides or isolates the direction of writing (Unicode, UAX #9).
func Unplain(s string) (rune, bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c < 0x7f || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		if c < utf8.RuneSelf {
			return rune(c), true
		}
		wide, n := utf8.DecodeRuneInString(s[i:])
		if wide < 0xa0 || wide >= 0x202a && wide <= 0x202e || wide >= 0x2066 && wide <= 0x2069 {
			return wide, true
		}
		i += n - 1
	}
	return 0, false
}
