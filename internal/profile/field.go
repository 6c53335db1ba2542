package profile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RiskField is something that the house asks of a risk besides what every risk says.
type RiskField struct {
	Name    string   `json:"name" need:"true"`
	Title   string   `json:"title" need:"true"`
	Help    string   `json:"help,omitempty"`
	Kind    string   `json:"kind" need:"true"` // one of FieldKinds
	Choices []Named  `json:"choices"`          // of a choice: the words that it can be
	Kinds   []string `json:"kinds"`            // of risk; none is every kind
	Before  []string `json:"before"`           // moves before which it must be filled in: their verbs
}

// FieldKinds are what a field of a risk can hold.
var FieldKinds = []string{"text", "number", "date", "choice", "yes-no"}

// MaxField is how long a field of a risk may be, in bytes.
const MaxField = 2000

// FieldScale is how exact a number is: in so many parts of one.
const FieldScale = 10000

// mostNumber keeps a number, in its parts, a whole number of the store.
const mostNumber = 1e12

// Of reports whether risks of the kind have the field.
func (f RiskField) Of(kind string) bool { return len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind) }

// Field finds a field of risks by its name.
func (r *Register) Field(name string) (RiskField, bool) {
	i := slices.IndexFunc(r.Fields, func(f RiskField) bool { return f.Name == name })
	if i < 0 {
		return RiskField{}, false
	}
	return r.Fields[i], true
}

// Read is the one spelling of what somebody writes into the field; the error says what
// is wrong and how to mend it. Empty is not filled in.
func (f RiskField) Read(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", nil
	case len(s) > MaxField:
		return "", fmt.Errorf("%s has %d bytes, and %d is the most; shorten it", f.Title, len(s), MaxField)
	}
	switch f.Kind {
	case "number":
		return f.number(s)
	case "date":
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return "", fmt.Errorf("%s is a date, and %q is none; write a day that exists as 2027-03-31", f.Title, s)
		}
	case "yes-no":
		switch strings.ToLower(s) {
		case "yes", "true":
			return "yes", nil
		case "no", "false":
			return "no", nil
		}
		return "", fmt.Errorf("%s is yes or no, and %q is neither; write one of the two, or nothing", f.Title, s)
	case "choice":
		return f.choice(s)
	}
	return s, nil
}

func (f RiskField) number(s string) (string, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > mostNumber {
		return "", fmt.Errorf("%s is a number from 0 up to %.0f, and %q is none; write it as 12 or 12.5", f.Title, mostNumber, s)
	}
	if n*FieldScale != math.Trunc(n*FieldScale) && math.Abs(n*FieldScale-math.Round(n*FieldScale)) > 1e-4 {
		return "", fmt.Errorf("%s is kept to four decimals, and %q has more; round it", f.Title, s)
	}
	return strconv.FormatFloat(math.Round(n*FieldScale)/FieldScale, 'f', -1, 64), nil
}

func (f RiskField) choice(s string) (string, error) {
	var known []string
	for _, c := range f.Choices {
		if strings.EqualFold(c.Name, s) || strings.EqualFold(c.Title, s) {
			return c.Name, nil
		}
		known = append(known, c.Name)
	}
	return "", fmt.Errorf("%s cannot be %q; choose one of: %s", f.Title, s, strings.Join(known, ", "))
}

// Says is a value of the field as people read it.
func (f RiskField) Says(value string) string {
	for _, c := range f.Choices {
		if c.Name == value {
			return c.Title
		}
	}
	return value
}

// Number is a value as lists compare it, days beginning in the zone: -1 is none for a
// number, 0 for a date. Other kinds have none.
func (f RiskField) Number(value string, zone *time.Location) int64 {
	switch f.Kind {
	case "number":
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			return int64(math.Round(n * FieldScale))
		}
		return -1
	case "date":
		if t, err := time.ParseInLocation(time.DateOnly, value, zone); err == nil {
			return t.UnixMicro()
		}
	}
	return 0
}

// riskFields checks what the house asks of a risk besides.
func (l *loader) riskFields(p *Profile) {
	var names, kinds, verbs []string
	for _, k := range p.Register.Kinds {
		kinds = append(kinds, k.Name)
	}
	if m := p.Lifecycles[p.Register.Lifecycle]; m != nil {
		for _, mv := range m.Moves {
			verbs = append(verbs, mv.Verb)
		}
	}
	slices.Sort(verbs)
	for i, f := range p.Register.Fields {
		at := key(registerFile, "fields", i)
		l.word(key(at, "name"), f.Name)
		names = append(names, f.Name)
		l.unknown(key(at, "kind"), "kind of field", f.Kind, FieldKinds)
		for k, x := range f.Kinds {
			l.unknown(key(at, "kinds", k), "kind of risk", x, kinds)
		}
		for k, x := range f.Before {
			l.unknown(key(at, "before", k), "move of a risk", x, slices.Compact(verbs))
		}
		l.fieldChoices(at, f)
	}
	l.once("field", names, func(i int) string { return key(registerFile, "fields", i, "name") })
}

func (l *loader) fieldChoices(at string, f RiskField) {
	if f.Kind != "choice" && len(f.Choices) > 0 {
		l.say(key(at, "choices"), "write kind: choice, or leave them out", "the field %q is a %s, which has no choices", f.Name, f.Kind)
	}
	if f.Kind == "choice" && len(f.Choices) == 0 {
		l.say(at, "add choices: and what it can be", "the field %q is a choice of nothing", f.Name)
	}
	var words []string
	for k, c := range f.Choices {
		l.word(key(at, "choices", k, "name"), c.Name)
		words = append(words, c.Name)
	}
	l.once("choice", words, func(k int) string { return key(at, "choices", k, "name") })
}
