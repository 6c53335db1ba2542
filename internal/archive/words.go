package archive

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line makes text of others fit a field of one line.
func line(s string, most int) string {
	return cut(strings.Join(strings.Fields(clean(s)), " "), most)
}

// text makes text of others fit a field of several lines.
func text(s string) string { return cut(strings.TrimSpace(clean(s)), maxText) }

// clean takes out what cannot be stored or makes text read otherwise than it is:
// control characters and bidirectional ones. The original keeps them.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}

// cut shortens text to at most so many bytes, and shows it.
func cut(s string, most int) string {
	const more = "…"
	if len(s) <= most {
		return s
	}
	s = s[:most-len(more)]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return strings.TrimRight(s, " ") + more
}

// sentence is the first sentence of a text.
func sentence(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if i := strings.Index(s, ". "); i > 0 {
		s = s[:i+1]
	}
	return s
}

func first(words ...string) string {
	for _, w := range words {
		if strings.TrimSpace(w) != "" {
			return w
		}
	}
	return ""
}

// also appends a word that is not there yet.
func also(list []string, word string) []string {
	if word = strings.TrimSpace(word); word == "" || slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}
