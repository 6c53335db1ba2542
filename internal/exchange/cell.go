package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// starters begin a formula in the programs that people open tables with, also in
// their full width.
const starters = "=+-@\t\r\n＝＋－＠"

// dangerous reports whether a program may take the cell for a formula: its first
// character after blanks and quotes begins one, or it begins with a control
// character.
func dangerous(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && unicode.IsControl(first) {
		return true
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("'\"`\u2018\u2019\u201c\u201d\ufeff", r)
	})
	return s != "" && strings.ContainsRune(starters, firstOf(s))
}

func firstOf(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// Neutral is the cell with an apostrophe before it where it could be taken for a
// formula. Restore takes exactly that one away again.
func Neutral(s string) string {
	if shielded(s) {
		return "'" + s
	}
	return s
}

// Restore is the text that Neutral was given.
func Restore(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && shielded(rest) {
		return rest
	}
	return s
}

// shielded reports whether a cell goes out with an apostrophe before it: one that is
// dangerous, and one that would be taken for a shielded one when it comes back.
func shielded(s string) bool {
	rest, ok := strings.CutPrefix(s, "'")
	return dangerous(s) || ok && shielded(rest)
}

// formula reports whether a cell from outside begins a formula that nobody made
// neutral. A list's dash or plus with a blank behind it is text, and so is a cell
// without any letter or digit, such as two dashes for nothing.
func formula(s string) bool {
	if s == "" || strings.HasPrefix(s, "'") || !dangerous(s) {
		return false
	}
	s = strings.TrimSpace(s)
	return !strings.HasPrefix(s, "- ") && !strings.HasPrefix(s, "+ ") &&
		strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// stamp is a time as files hold it; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// parseTime reads RFC 3339, or a day.
func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date that there is; write it as 2006-01-02 or 2006-01-02T15:04:05Z", short(s))
}

func parseNumber(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%q is no number; write digits, with a point before a fraction", short(s))
	}
	return x, nil
}

// short is the beginning of a text, for sentences about it.
func short(s string) string {
	const most = 60
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}

// says is what is wrong with JSON, without the names of Go.
func says(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("at character %d, %s", syntax.Offset, strings.TrimPrefix(err.Error(), "json: "))
	case errors.As(err, &kind):
		return fmt.Sprintf("%s holds a %s where something else belongs", kind.Field, kind.Value)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
