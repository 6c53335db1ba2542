package insight

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Part is a piece of a text: a word that was looked for, or what stands between.
type Part struct {
	Text string
	Hit  bool
}

// Mark cuts a text into the words that were looked for, in any case of letters, and
// what stands between them.
func Mark(text, typed string) (out []Part) {
	terms, from := split(typed), 0
	for at, end := range spans(text) {
		if !wanted(terms, strings.ToLower(text[at:end])) {
			continue
		}
		if at > from {
			out = append(out, Part{Text: text[from:at]})
		}
		out, from = append(out, Part{text[at:end], true}), end
	}
	if from < len(text) {
		out = append(out, Part{Text: text[from:]})
	}
	return out
}

// How much of a text is told around the first word that was looked for, in letters:
// before it, and in all.
const (
	lead = 60
	most = 220
)

// Around is the part of a text around the first word that was looked for, in one line;
// the beginning where the text has none of them.
func Around(text, typed string) string {
	text = strings.Join(strings.Fields(text), " ")
	from := begin(text, split(typed))
	out := text[from:]
	if utf8.RuneCountInString(out) > most {
		out = string([]rune(out)[:most])
		if i := strings.LastIndexByte(out, ' '); i > 0 {
			out = out[:i]
		}
		out += " …"
	}
	if from > 0 {
		out = "… " + out
	}
	return out
}

// begin is where the part of a text that is told begins: some words before the first
// that was looked for.
func begin(text string, terms []term) int {
	for at, end := range spans(text) {
		if !wanted(terms, strings.ToLower(text[at:end])) {
			continue
		}
		before := []rune(text[:at])
		if len(before) <= lead {
			return 0
		}
		from := at - len(string(before[len(before)-lead:]))
		if i := strings.IndexByte(text[from:at], ' '); i >= 0 {
			return from + i + 1
		}
		return from
	}
	return 0
}

// wanted tells whether a word of a text, in small letters, is one that was looked for,
// or has it as a part between dashes.
func wanted(terms []term, word string) bool {
	parts := append(strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '_' }), word)
	for _, t := range terms {
		for i, w := range t.words {
			w = strings.ToLower(w)
			begins := t.prefix && i == len(t.words)-1
			if slices.ContainsFunc(parts, func(p string) bool { return p == w || begins && strings.HasPrefix(p, w) }) {
				return true
			}
		}
	}
	return false
}

// spans yields where the words of a text begin and end.
func spans(text string) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		from := -1
		for i, r := range text {
			in := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '-' || r == '_'
			switch {
			case in && from < 0:
				from = i
			case !in && from >= 0:
				if !yield(from, i) {
					return
				}
				from = -1
			}
		}
		if from >= 0 {
			yield(from, len(text))
		}
	}
}

// Hint says how a search was read that is no error and may not mean what was typed; ""
// where there is nothing to say.
func Hint(typed string) string {
	if strings.Count(typed, `"`)%2 == 1 {
		return `The last quote is not closed, so that all behind it was looked for as one phrase.`
	}
	for f := range strings.FieldsSeq(typed) {
		if strings.HasPrefix(f, "http://") || strings.HasPrefix(f, "https://") {
			continue
		}
		if field, value, ok := strings.Cut(f, ":"); ok && field != "" && value != "" && len(words(field)) == 1 {
			return "A condition such as " + f + " narrows the lists of cases, reports and risks; here its words were looked for."
		}
		if f == "OR" || f == "AND" || f == "NOT" {
			return f + " was looked for as a word: a search finds what holds all words, and has no operators but quotes and *."
		}
	}
	return ""
}
