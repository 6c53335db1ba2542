package advisory

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/shape"
)

// Unmarshal reads one JSON object into what v points to: strict about the JSON
// (duplicate names, bytes after the end, broken text), forgiving about members
// that v does not know, because published forms allow extensions.
func Unmarshal(body []byte, v any) error {
	decoded, err := shape.Decode(body)
	if err != nil {
		return err
	}
	if _, ok := decoded.(map[string]any); !ok {
		return fault.New(fault.Invalid, "an advisory is one JSON object; this is something else")
	}
	err = json.Unmarshal(body, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fault.At(wrong.Field, "/%s: a %s does not fit here", strings.ReplaceAll(wrong.Field, ".", "/"), wrong.Value)
	}
	var f *fault.Fault
	if err != nil && !errors.As(err, &f) {
		return &fault.Fault{Kind: fault.Invalid, Says: "the JSON does not fit: " + err.Error(), Err: err}
	}
	return err
}

// Marshal writes v as the forms are published: indented by two spaces, HTML
// characters as they are, one line feed at the end.
func Marshal(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return []byte(b.String()), nil
}

// Stamp is a time in a published form. It reads what RFC 3339 allows and the
// forms' own looseness (no zone is UTC, only a date is its midnight); the zero
// Stamp is a time that nobody stated and is written as nothing.
type Stamp struct{ time.Time }

// At returns the Stamp of t in UTC.
func At(t time.Time) Stamp { return Stamp{t.UTC()} }

var stampLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly}

// UnmarshalJSON reads the stamp; the year 1 counts as not stated, because some
// databases write it where they know no time.
func (s *Stamp) UnmarshalJSON(b []byte) error {
	var text string
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &text); err != nil {
		return fault.New(fault.Invalid, "a time is a string here, not %s", b)
	}
	if text == "" {
		return nil
	}
	for _, layout := range stampLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			if t.Year() > 1 {
				s.Time = t.UTC()
			}
			return nil
		}
	}
	return fault.New(fault.Invalid, "%q is no time; write it like 2026-03-09T14:30:00Z (RFC 3339)", text)
}

// MarshalJSON writes the stamp in UTC, to the millisecond where it has a fraction.
func (s Stamp) MarshalJSON() ([]byte, error) {
	t := s.UTC().Truncate(time.Millisecond)
	if t.Nanosecond() != 0 {
		return []byte(t.Format(`"2006-01-02T15:04:05.000Z"`)), nil
	}
	return []byte(t.Format(`"2006-01-02T15:04:05Z"`)), nil
}
