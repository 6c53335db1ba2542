package risk

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/thread"
)

func clean(fs *fault.Fields, field, text string, max int) string {
	out, err := thread.Clean(field, text, max)
	if err != nil {
		fs.Add(field, "%s", fault.Of(err).Says)
	}
	return out
}

func line(fs *fault.Fields, field string, to, from *string, max int) {
	if from == nil {
		return
	}
	text, err := thread.Line(field, *from, max)
	if err != nil {
		fs.Add(field, "%s", fault.Of(err).Says)
	}
	*to = text
}

func checkWord(fs *fault.Fields, field, word string, of []string) {
	if word != "" && !slices.Contains(of, word) {
		fs.Add(field, "%q is not one of: %s", word, strings.Join(of, ", "))
	}
}

// sensible reads a time, where one is given, of the years that make sense here.
func sensible(fs *fault.Fields, field string, to, from *time.Time) {
	if from == nil {
		return
	}
	if !from.IsZero() && (from.Year() < 1990 || from.Year() > 2100) {
		fs.Add(field, "the year %d makes no sense here; use one from 1990 to 2100", from.Year())
	}
	*to = from.UTC().Truncate(time.Microsecond)
}

func names(list []profile.Named) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

func kinds(p *profile.Profile) []string {
	var out []string
	for _, k := range p.Register.Kinds {
		out = append(out, k.Name)
	}
	return out
}
