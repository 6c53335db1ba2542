package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c,
		r == 0xfeff, r >= 0xfff0 && r <= 0xffff, r&0xfffe == 0xfffe, r >= 0xd800 && r < 0xe000:
		return utf8.RuneError
	}
	return r
}

// Number writes a value for a label: three digits that count, thousands as k,
// millions as M, billions as G.
func Number(v float64) string {
	if !finite(v) {
		return "–"
	}
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	for _, u := range []struct {
		from float64
		name string
	}{{999.5e12, ""}, {999.5e9, "T"}, {999.5e6, "G"}, {999.5e3, "M"}, {9995, "k"}} {
		if v < u.from {
			continue
		}
		by := map[string]float64{"": 1, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3}[u.name]
		if u.name == "" {
			return sign + strconv.FormatFloat(v, 'g', 3, 64)
		}
		return sign + digits(v/by) + "\u00a0" + u.name
	}
	s := digits(v)
	if s == "0" {
		return s
	}
	return sign + s
}

// digits writes a value below 10,000 with three digits that count and no zeros behind.
func digits(v float64) string {
	places := 0
	switch {
	case v >= 100:
	case v >= 10:
		places = 1
	default:
		places = 2
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if len(s) == 4 && !strings.Contains(s, ".") {
		s = s[:1] + "," + s[1:]
	}
	return s
}

// Money writes an amount: "1.2 M EUR".
func Money(v float64, currency string) string {
	if c := clean(currency); c != "" {
		return Number(v) + "\u00a0" + c
	}
	return Number(v)
}

// Percent writes a probability: "5 %", "0.1 %".
func Percent(p float64) string {
	if !finite(p) {
		return "–"
	}
	if p > 0 && p < .0001 {
		return "under\u00a00.01\u00a0%"
	}
	return strings.ReplaceAll(digits(math.Min(math.Abs(p), 99)*100), ",", "") + "\u00a0%"
}

// Day writes a date: "8 Nov 2025"; no date is "undated".
func Day(t time.Time) string {
	if t.IsZero() {
		return "undated"
	}
	return string(appendDay(make([]byte, 0, 16), t))
}

func appendDay(b []byte, t time.Time) []byte {
	y, m, d := t.UTC().Date()
	b = append(strconv.AppendInt(b, int64(d), 10), ' ')
	b = append(append(b, m.String()[:3]...), ' ')
	return strconv.AppendInt(b, int64(y), 10)
}

// Count writes a whole number with commas: "10,412".
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// many writes a number with its noun: "1 case", "4 cases".
func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
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
