package profile

import (
	"slices"
	"strings"
)

// RCA says how the root causes of cases are analysed. Its zero value, of a folder
// without the file, asks nobody for an analysis.
type RCA struct {
	Required []string   `json:"required"`          // severities whose cases always have one
	After    []string   `json:"after"`             // recorded events: after any of them a required one is opened
	Needs    []string   `json:"needs" need:"true"` // what must be there before it is done
	Sets     []CauseSet `json:"sets" need:"true"`  // of words, of which a case has at most one each
}

// CauseSet is a scoped set of words that sort causes.
type CauseSet struct {
	Name     string  `json:"name" need:"true"`
	Title    string  `json:"title" need:"true"`
	About    string  `json:"about,omitempty"`
	Required bool    `json:"required"` // an analysis is not done without a word of it
	Recurs   bool    `json:"recurs"`   // its words are counted, and propose risks
	Words    []Named `json:"words" need:"true"`
}

// RCANeeds are what a profile may ask for before an analysis is done.
var RCANeeds = []string{"happened", "why", "factors", "causes", "review", "actions", "settled"}

// CaseEvents are the events that a case keeps besides the standard ones: those of its
// root cause analysis.
var CaseEvents = []string{"rca:opened", "rca:invited", "rca:filed", "rca:done", "rca:reopened", "rca:waived"}

// Asked reports whether the profile has root causes analysed at all.
func (r RCA) Asked() bool { return len(r.Sets) > 0 }

// Set finds a set of causes by name.
func (r RCA) Set(name string) (CauseSet, bool) {
	i := slices.IndexFunc(r.Sets, func(s CauseSet) bool { return s.Name == name })
	if i < 0 {
		return CauseSet{}, false
	}
	return r.Sets[i], true
}

// Word finds a word of the set.
func (s CauseSet) Word(name string) (Named, bool) {
	i := slices.IndexFunc(s.Words, func(n Named) bool { return n.Name == name })
	if i < 0 {
		return Named{}, false
	}
	return s.Words[i], true
}

// ofCauses tells whether the verb is one of root cause analysis, which a folder
// without its file need not grant.
func ofCauses(verb string) bool { return strings.HasPrefix(verb, "case.rca-") }

// checkRCA finds what is wrong with the analysis of root causes.
func (l *loader) checkRCA(p *Profile) {
	f, r := rcaFile, &p.RCA
	for i, word := range r.Required {
		l.severity(p, key(f, "required", i), word)
	}
	l.once("severity", r.Required, func(i int) string { return key(f, "required", i) })
	known := l.events(p, ofCases)
	for i, e := range r.After {
		if known != nil && (!slices.Contains(known, e) || slices.Contains(CaseEvents, e)) {
			l.say(key(f, "after", i), pick(e, slices.DeleteFunc(known, func(k string) bool { return slices.Contains(CaseEvents, k) })),
				"no life cycle can produce the event %q on a case", e)
		}
	}
	if len(r.Required) > 0 && len(r.After) == 0 {
		l.say(key(f, "required"), "add after: and the events that are the resolution, such as [released]", "nothing says when a required analysis is opened")
	}
	for i, w := range r.Needs {
		l.unknown(key(f, "needs", i), "need of an analysis", w, RCANeeds)
	}
	l.once("need", r.Needs, func(i int) string { return key(f, "needs", i) })
	l.causeSets(r.Sets)
}

func (l *loader) causeSets(sets []CauseSet) {
	l.named(rcaFile, "sets", len(sets), func(i int) string { return sets[i].Name })
	for i, s := range sets {
		at := key(rcaFile, "sets", i)
		if strings.Contains(s.Name, ":") {
			l.say(key(at, "name"), "use - or _ instead", "the name %q of a set holds a colon, which parts a set from its words", s.Name)
		}
		var words []string
		for k, w := range s.Words {
			l.word(key(at, "words", k, "name"), w.Name)
			words = append(words, w.Name)
		}
		l.once("name", words, func(k int) string { return key(at, "words", k, "name") })
		if _, given := l.at[key(at, "words")]; given && len(s.Words) == 0 {
			l.say(key(at, "words"), "add at least one word", "the set %q has no words", s.Name)
		}
	}
}
