package locale

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Parse reads a number that a person typed: with a comma or a point before the
// decimals, with or without separators of thousands, as "1234,5", "1.234,5",
// "1 234.5", "1e6". What one place reads as another number than the next, such as
// "1.500", is refused whoever typed it, since what is typed travels in addresses. The
// error is a sentence about it.
func (r *Reader) Parse(typed string) (float64, error) {
	s := strings.Replace(strings.TrimSpace(typed), "−", "-", 1)
	if power.MatchString(s) {
		if x, err := strconv.ParseFloat(s, 64); err == nil {
			return x, nil
		}
	}
	digits := strings.TrimLeft(s, "+-")
	whole, rest, ok := split(digits)
	x, err := strconv.ParseFloat(s[:len(s)-len(digits)]+whole+"."+rest, 64)
	_, point, _ := r.separators()
	switch {
	case !ok || err != nil:
		return 0, fmt.Errorf("“%s” is no number; write it like 12%s5", typed, point)
	case twoWays.MatchString(digits):
		return 0, fmt.Errorf("“%s” is %s%s to some and %s%s%s to others; write %s%s, or %s%s%s0", typed, whole, rest, whole, point, rest, whole, rest, whole, point, rest)
	}
	return x, nil
}

// Typed writes a number as a field takes it: Parse reads it as it is.
func (r *Reader) Typed(x float64) string {
	_, point, _ := r.separators()
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if twoWays.MatchString(strings.TrimPrefix(s, "-")) {
		s += "0"
	}
	return strings.Replace(s, ".", point, 1)
}

const gap = "[ '’\u00a0\u2009\u202f]"

var (
	power   = regexp.MustCompile(`^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}$`)
	twoWays = regexp.MustCompile(`^[1-9]\d{0,2}[.,]\d{3}$`)
	// The forms of a number without its sign: the whole part in group 1, decimals in 2.
	forms = []*regexp.Regexp{
		regexp.MustCompile(`^(\d*)(?:[.,](\d+))?$`),
		regexp.MustCompile(`^(\d{1,3}(?:` + gap + `\d{3})+)(?:[.,](\d+))?$`),
		regexp.MustCompile(`^(\d{1,3}(?:\.\d{3})+),(\d+)$`), regexp.MustCompile(`^(\d{1,3}(?:\.\d{3}){2,})()$`),
		regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+)\.(\d+)$`), regexp.MustCompile(`^(\d{1,3}(?:,\d{3}){2,})()$`),
		regexp.MustCompile(`^(\d{1,2}(?:,\d{2})+,\d{3})(?:\.(\d+))?$`),
	}
	noDigit = regexp.MustCompile(`\D`)
)

// split takes a number apart; ok is false where it is none.
func split(s string) (whole, rest string, ok bool) {
	for _, f := range forms {
		if m := f.FindStringSubmatch(s); m != nil && m[1]+m[2] != "" {
			return noDigit.ReplaceAllString(m[1], ""), m[2], true
		}
	}
	return "", "", false
}
