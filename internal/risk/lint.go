package risk

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/profile"
)

// Flaw is something that a statement should say otherwise, with the reason and
// the mend: the guide for well-articulated risks, handbook 4, and the titles of 1.4.
type Flaw struct {
	Rule  string `json:"rule"`
	Field string `json:"field"`
	Level string `json:"level"` // error holds triage up, warning does not
	Found string `json:"found,omitempty"`
	Says  string `json:"says"`
	Mend  string `json:"mend"`
}

// Errors is the level of a flaw that holds triage up.
const Errors = "error"

// Lint asks the profile's questions of a statement. It looks at what is there:
// what is missing is the business of the need articulated.
func Lint(p *profile.Profile, title string, st Statement) []Flaw {
	texts := map[string]string{"title": title}
	fields := []string{"title"}
	for _, f := range st.fields() {
		if f.name != "diagram" {
			texts[f.name] = *f.text
			fields = append(fields, f.name)
		}
	}
	var out []Flaw
	for _, rule := range p.Register.Lint {
		for _, name := range fields {
			if rule.Field != name && rule.Field != "any" || strings.TrimSpace(texts[name]) == "" {
				continue
			}
			if found, bad := lintChecks[rule.Check](newProse(texts[name]), rule); bad {
				out = append(out, Flaw{Rule: rule.Name, Field: name, Level: rule.Level, Found: found, Says: rule.Says, Mend: rule.Mend})
			}
		}
	}
	return out
}

// prose is a text as the checks look at it: its words, in lower case.
type prose struct {
	text  string
	words []string
	line  string // the words with a blank around each
}

func newProse(text string) prose {
	words := wordsOf(strings.ToLower(text))
	return prose{text: text, words: words, line: " " + strings.Join(words, " ") + " "}
}

// wordsOf splits a text into words: letters and digits, joined by single apostrophes and
// hyphens. It is asked of every text at every stop of the typing, and a regular expression
// takes many times as long.
func wordsOf(text string) (words []string) {
	start, end := -1, 0 // of the word that the scan is in
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if start < 0 {
				start = i
			}
			end = i + utf8.RuneLen(r)
		case start < 0 || i == end && strings.ContainsRune("'’-", r): // may join what follows
		default:
			words = append(words, text[start:end])
			start = -1
		}
	}
	if start >= 0 {
		words = append(words, text[start:end])
	}
	return words
}

// holds returns the first of the phrases that the text has as whole words.
func (p prose) holds(phrases []string) (string, bool) {
	for _, ph := range phrases {
		if strings.Contains(p.line, newProse(ph).line) {
			return ph, true
		}
	}
	return "", false
}

// begins returns the phrase that the text begins with.
func (p prose) begins(phrases []string) (string, bool) {
	for _, ph := range phrases {
		if strings.HasPrefix(p.line, newProse(ph).line) {
			return ph, true
		}
	}
	return "", false
}

// lintChecks is every word that a profile's rule may have under check: it returns
// what was found, and whether that is a flaw.
var lintChecks = map[string]func(p prose, r profile.LintRule) (string, bool){
	"starts":     func(p prose, r profile.LintRule) (string, bool) { return p.begins(r.Words) },
	"starts-not": func(p prose, r profile.LintRule) (string, bool) { _, ok := p.begins(r.Words); return "", !ok },
	"contains":   func(p prose, r profile.LintRule) (string, bool) { return p.holds(r.Words) },
	"lacks":      func(p prose, r profile.LintRule) (string, bool) { _, ok := p.holds(r.Words); return "", !ok },
	"short":      func(p prose, r profile.LintRule) (string, bool) { return "", len(p.words) < r.Count },
	"sentence":   func(p prose, r profile.LintRule) (string, bool) { return "", sentences(p.text) > r.Count },
	"cve":        aboutOne,
	"vague":      vague,
}

// LintChecks lists the checks that a profile's rules may name.
func LintChecks() []string {
	var out []string
	for name := range lintChecks {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

var sentenceEnd = regexp.MustCompile(`[.!?]+(?:\s|$)`)

// sentences counts the sentences of a text; one without a full stop is one too.
func sentences(text string) int {
	text = strings.TrimSpace(text)
	n := len(sentenceEnd.FindAllString(text, -1))
	if text != "" && !strings.ContainsAny(text[len(text)-1:], ".!?") {
		n++
	}
	return n
}

var oneDefect = regexp.MustCompile(`(?i)\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})\b`)

// aboutOne finds a text that names exactly one vulnerability and nothing that
// says it is one of several.
func aboutOne(p prose, r profile.LintRule) (string, bool) {
	found := oneDefect.FindAllString(p.text, -1)
	for i := range found {
		found[i] = strings.ToUpper(found[i])
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != 1 {
		return "", false
	}
	_, several := p.holds(r.Words)
	return found[0], !several
}

// vague finds a text that complains in general and is too short to say more.
func vague(p prose, r profile.LintRule) (string, bool) {
	found, ok := p.holds(r.Words)
	return found, ok && len(p.words) < r.Count
}
