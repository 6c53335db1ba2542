package thread

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
)

// LineField reads a field of one line as Line does, and notes what is wrong with it.
func LineField(fs *fault.Fields, field string, text *string, max int) {
	out, err := Line(field, *text, max)
	if err != nil {
		fs.Add(field, "%s", fault.Of(err).Says)
	}
	*text = out
}

// CleanField reads a field of several lines as Clean does, and notes what is wrong
// with it.
func CleanField(fs *fault.Fields, field string, text *string, max int) {
	out, err := Clean(field, *text, max)
	if err != nil {
		fs.Add(field, "%s", fault.Of(err).Says)
	}
	*text = out
}

// Cleaned is CleanField of a text that is handed on.
func Cleaned(fs *fault.Fields, field, text string, max int) string {
	CleanField(fs, field, &text, max)
	return text
}

// SetLine reads a field of one line into its place, where one is given.
func SetLine(fs *fault.Fields, field string, to, from *string, max int) {
	if from == nil {
		return
	}
	text := *from
	LineField(fs, field, &text, max)
	*to = text
}

// Word notes a word that is none of the list. The empty word is none, and fits.
func Word(fs *fault.Fields, field, word string, of []string) {
	if word != "" && !slices.Contains(of, word) {
		fs.Add(field, "%q is not one of: %s", word, strings.Join(of, ", "))
	}
}

// SensibleTime brings a time into the form of the store, and notes a year that makes
// no sense here. The zero time is none.
func SensibleTime(fs *fault.Fields, field string, t *time.Time) {
	if !t.IsZero() && (t.Year() < 1990 || t.Year() > 2100) {
		fs.Add(field, "the year %d makes no sense here; use one from 1990 to 2100", t.Year())
	}
	*t = t.UTC().Truncate(time.Microsecond)
}

// SetTime is SensibleTime into its place, where one is given.
func SetTime(fs *fault.Fields, field string, to, from *time.Time) {
	if from == nil {
		return
	}
	at := *from
	SensibleTime(fs, field, &at)
	*to = at
}
