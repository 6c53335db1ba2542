package chart

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/internal/locale"
)

// How many letters of one text a picture looks at, and the cell of a table holds.
const (
	longest     = 400
	longestCell = 20_000
)

// clean makes a text one line that XML may carry: control characters become
// spaces, marks that turn the direction of writing become visible, and what is
// longer than any label is cut.
func clean(s string) string { return cleanTo(s, longest) }

func cleanTo(s string, most int) string {
	if len(s) <= most && isClean(s) {
		return s
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteString("…")
			break
		}
		b.WriteRune(mild(r))
	}
	return strings.TrimSpace(b.String())
}

// isClean tells whether a text can stay as it is.
func isClean(s string) bool {
	if s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := 0; i < len(s); {
		if s[i] >= ' ' && s[i] < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || mild(r) != r {
			return false
		}
		i += n
	}
	return true
}

// mild replaces what does not belong into a line of text.
func mild(r rune) rune {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029:
		return ' '
	case r == 0x202f: // between thousands: the typeface has no narrow one
		return 0xa0
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c,
		r == 0xfeff, r >= 0xfff0 && r <= 0xffff, r&0xfffe == 0xfffe, r >= 0xd800 && r < 0xe000:
		return utf8.RuneError
	}
	return r
}

// dayOf writes a date; no date is "undated".
func dayOf(reads *locale.Reader, t time.Time) string {
	if t.IsZero() {
		return "undated"
	}
	return reads.Date(t)
}

// many writes a number with its noun: "1 case", "4 cases".
func many(reads *locale.Reader, n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return reads.Number(n) + " " + noun + "s"
}

// nth writes an ordinal as a word: "fifth", "13th".
func nth(n int) string {
	words := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"}
	if n > 0 && n < len(words) {
		return words[n]
	}
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, end)
}

// say joins the parts of a title that are there.
func say(parts ...string) string {
	b := make([]byte, 0, 64)
	for _, p := range parts {
		if p = clean(p); p == "" {
			continue
		}
		if len(b) > 0 {
			b = append(b, " · "...)
		}
		b = append(b, p...)
	}
	return string(b)
}
