package web

import (
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/insight"
)

// fieldParts are the sections in which fields of a record stand, by the kind of the
// record, where one verb changes several.
var fieldParts = map[string]map[string]string{
	"case": {"complete": "triage", "provisional": "triage", "claimed": "triage", "reproduction": "reproduction", "environments": "environments", "platforms": "environments",
		"cwe": "weakness", "stride": "weakness", "impact": "weakness", "validation": "validation", "release": "release", "no_advisory": "advisory",
		"title": "details", "summary": "details", "product": "details", "component": "details", "cve": "details", "dependency": "details", "deadline": "details", "detected": "details",
		"fix_available": "details", "mitigated": "details"},
	"risk": {"statement": "statement", "title": "statement", "kind": "statement", "scope": "statement", "scoping": "scope", "origin": "details", "plan": "plan", "controls": "controls"},
}

// talkParts are where what was said and files stand, by the last word of the verb.
var talkParts = map[string]string{"note": "messages", "message": "messages", "reply": "messages", "attach": "files"}

// changedPart is the section of the page in which the change of an entry stands,
// and its title; both are empty where it is no section's.
func changedPart(e insight.Entry) (word, title string) {
	kind, act, _ := strings.Cut(e.Verb, ".")
	titles := partTitles(kind)
	for _, c := range e.Changes {
		if word := fieldParts[kind][c.Field]; titles[word] != "" {
			return word, titles[word]
		}
	}
	if word, ok := talkParts[act]; ok {
		return word, ""
	}
	if word := onlyPart(kind, access.Verb(e.Verb)); titles[word] != "" {
		return word, titles[word]
	}
	return "", ""
}

// partTitles are the sections of a kind of record with their titles.
func partTitles(kind string) map[string]string {
	out := map[string]string{}
	switch kind {
	case "case":
		for _, s := range sections() {
			out[s.word] = s.title
		}
	case "risk":
		for _, s := range riskSections() {
			out[s.word] = s.title
		}
	}
	return out
}

// onlyPart is the section of which alone a verb is, or "".
func onlyPart(kind string, verb access.Verb) (word string) {
	n := 0
	count := func(w string, v access.Verb) {
		if v == verb {
			word, n = w, n+1
		}
	}
	switch kind {
	case "case":
		for _, s := range sections() {
			count(s.word, s.verb)
		}
	case "risk":
		for _, s := range riskSections() {
			count(s.word, s.verb)
		}
	}
	if n != 1 {
		return ""
	}
	return word
}
