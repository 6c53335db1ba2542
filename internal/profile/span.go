package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// Span is a length of time in the unit of a calendar.
type Span struct {
	N    int
	Unit string // "h" hours, "d" days, "bd" business days
}

// longest is the longest span that a profile may name: ten years.
const longest = 3660

// ParseSpan reads "24h", "5d" or "1bd".
func ParseSpan(s string) (Span, error) {
	digits := strings.TrimRight(s, "hdb")
	n, err := strconv.Atoi(digits)
	unit := s[len(digits):]
	if err != nil || n <= 0 || strings.Trim(digits, "0123456789") != "" || unit != "h" && unit != "d" && unit != "bd" {
		return Span{}, fmt.Errorf("%q is no span of time; write a whole number with h (hours), d (days) or bd (business days), such as 24h, 5d or 1bd", s)
	}
	if unit == "h" && n > 24*longest || unit != "h" && n > longest {
		return Span{}, fmt.Errorf("%q is longer than ten years; write a shorter span", s)
	}
	return Span{n, unit}, nil
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	if s == (Span{}) {
		return ""
	}
	return strconv.Itoa(s.N) + s.Unit
}

// Zero tells that no span is given.
func (s Span) Zero() bool { return s.N == 0 }

// Words writes the span for people: "5 days", "1 business day".
func (s Span) Words() string {
	unit := map[string]string{"h": "hour", "d": "day", "bd": "business day"}[s.Unit]
	if s.N != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", s.N, unit)
}

// MarshalText writes the span as ParseSpan reads it.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Span) UnmarshalText(text []byte) error {
	span, err := ParseSpan(string(text))
	*s = span
	return err
}
