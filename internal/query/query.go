// Package query is the small language by which lists are asked: stage:triage
// sev>=high due<3d -label:dup "free words". It reads a text into terms by a
// vocabulary, prints them in one way, says where a text is wrong and how to mend
// it, tells what could be typed next, and makes conditions for a list's SQL of it.
//
// It knows no record, no profile and no reader: each list hands in its vocabulary
// and its columns, and joins the conditions to the part of a table that gate lets
// the reader see. Used by the lists of cases, reports, risks, observations,
// advisories and people.
package query

import (
	"slices"
	"strings"
	"time"
)

// Kind is what the values of a field are.
type Kind int

// The kinds of fields.
const (
	Word   Kind = iota // one of a list of words
	Text               // any text, compared as a whole
	Date               // a day such as 2026-03-01, or a distance from now such as 3d
	Number             // a decimal number
	Person             // somebody's handle, me, or none
)

// Op is how a field is compared.
type Op string

// The operators. Is takes a list of values, of which one has to fit.
const (
	Is      Op = ":"
	Less    Op = "<"
	AtMost  Op = "<="
	More    Op = ">"
	AtLeast Op = ">="
)

// None is the value of a field that has none; Me is the reader, for a Person.
const (
	None = "none"
	Me   = "me"
)

// Value is a word that a field can have, and how people call it.
type Value struct{ Name, Title string }

// Field is what a list can be asked for.
type Field struct {
	Name, Title string
	Also        []string // other spellings of the name: sev
	Kind        Kind
	Values      []Value             // of a Word, from the lowest to the highest where Ordered
	Ordered     bool                // a Word that is more or less than another
	None        bool                // it may be unset: none asks for that
	Bare        bool                // its words say enough without its title: is:open
	Past        bool                // of a Date: a distance counts back from now
	Clean       func(string) string // of a Text: one spelling for what people type
}

// Vocabulary is what one list can be asked for.
type Vocabulary struct {
	Fields []Field
	Zone   *time.Location // in which days begin; nil is UTC
}

// Field finds a field by its name or another spelling of it.
func (v *Vocabulary) Field(name string) (*Field, bool) {
	name = strings.ToLower(name)
	for i, f := range v.Fields {
		if f.Name == name || slices.Contains(f.Also, name) {
			return &v.Fields[i], true
		}
	}
	return nil, false
}

// ops are the operators that fit the field.
func (f *Field) ops() []Op {
	if f.Ordered || f.Kind == Date || f.Kind == Number {
		return []Op{Is, Less, AtMost, More, AtLeast}
	}
	return []Op{Is}
}

// value finds a word of the field by its name or title.
func (f *Field) value(s string) (Value, bool) {
	for _, v := range f.Values {
		if strings.EqualFold(v.Name, s) {
			return v, true
		}
	}
	i := slices.IndexFunc(f.Values, func(v Value) bool { return strings.EqualFold(v.Title, s) })
	if i < 0 {
		return Value{}, false
	}
	return f.Values[i], true
}

// title is how people call a value of the field.
func (f *Field) title(name string) string {
	if v, ok := f.value(name); ok {
		return v.Title
	}
	if f.Kind == Date {
		return spoken(name)
	}
	return name
}

// Term is one thing that is asked for. Without a Field it is a word, or a phrase, of
// the text.
type Term struct {
	Not    bool     `json:",omitempty"`
	Field  string   `json:",omitempty"`
	Op     Op       `json:",omitempty"`
	Values []string // any one of them
	Phrase bool     `json:",omitempty"` // words that stand together
	At     int      `json:"-"`          // where it begins in the text that it was read from, in bytes
	End    int      `json:"-"`          // where it ends
}

// Query is everything that is asked for, all of it at once. Only a Vocabulary makes
// one; its zero value asks for nothing.
type Query struct {
	Terms []Term `json:",omitempty"`
	words *Vocabulary
	text  string // that it was read from
}

// String prints the term in the one way that each term is printed.
func (t Term) String() string {
	switch {
	case t.Field == "" && t.Phrase:
		return `"` + t.Values[0] + `"`
	case t.Field == "":
		return t.Values[0]
	}
	var b strings.Builder
	if t.Not {
		b.WriteByte('-')
	}
	b.WriteString(t.Field + string(t.Op))
	for i, x := range t.Values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(x))
	}
	return b.String()
}

// quoted is a value as it is typed.
func quoted(x string) string {
	if x == "" || strings.ContainsFunc(x, func(r rune) bool { return r == ',' || blank(r) }) {
		return `"` + x + `"`
	}
	return x
}

// String prints the query so that reading it gives the same query.
func (q Query) String() string {
	all := make([]string, len(q.Terms))
	for i, t := range q.Terms {
		all[i] = t.String()
	}
	return strings.Join(all, " ")
}

// Without is the query with one term left out.
func (q Query) Without(i int) Query { return q.of(slices.Delete(slices.Clone(q.Terms), i, i+1)) }

func (q Query) of(terms []Term) Query { return Query{Terms: terms, words: q.words, text: q.text} }

// With is the query with a term in the place of those of the same field that are
// not left out, or at its end.
func (q Query) With(t Term) Query {
	same := func(x Term) bool { return x.Field == t.Field && !x.Not }
	i := slices.IndexFunc(q.Terms, same)
	out := slices.DeleteFunc(slices.Clone(q.Terms), same)
	if i < 0 {
		i = len(out)
	}
	return q.of(slices.Insert(out, i, t))
}

// Set is the query with a field asked for one word, in the place of what it said of
// that field.
func (q Query) Set(field, word string) (Query, error) {
	t, err := q.words.Parse(field + `:"` + strings.ReplaceAll(word, `"`, "") + `"`)
	if err != nil {
		return q, err
	}
	return q.With(t.Terms[0]), nil
}

// Part is the query with those terms alone whose field is one of these, or with all
// others.
func (q Query) Part(among bool, fields ...string) Query {
	return q.of(slices.DeleteFunc(slices.Clone(q.Terms), func(t Term) bool { return slices.Contains(fields, t.Field) != among }))
}

// And is the query with a term at its end.
func (q Query) And(t Term) Query { return q.of(append(slices.Clone(q.Terms), t)) }

// People are the names of people in the query, without me and none.
func (q Query) People() (named []string) {
	for _, t := range q.Terms {
		if f, ok := q.field(t); ok && f.Kind == Person {
			named = append(named, slices.DeleteFunc(slices.Clone(t.Values), func(x string) bool { return x == Me || x == None })...)
		}
	}
	return named
}

// field is the field of a term.
func (q Query) field(t Term) (*Field, bool) {
	if t.Field == "" {
		return nil, false
	}
	return q.words.Field(t.Field)
}

// Has tells whether the field is asked for one of the values and that term is not
// left out; without values, whether it is asked for at all.
func (q Query) Has(field string, values ...string) bool {
	return slices.ContainsFunc(q.Terms, func(t Term) bool {
		if t.Field != field || len(values) > 0 && t.Not {
			return false
		}
		return len(values) == 0 || slices.ContainsFunc(t.Values, func(x string) bool { return slices.Contains(values, x) })
	})
}

// Words is the free text of the query as a full-text search takes it.
func (q Query) Words() string {
	var all []string
	for _, t := range q.Terms {
		if t.Field == "" {
			all = append(all, t.String())
		}
	}
	return strings.Join(all, " ")
}

// names of operators in words, for people.
var opWords = map[Op]string{Is: ": ", Less: " below ", AtMost: " at most ", More: " above ", AtLeast: " at least "}

// dateWords are the operators between a moment and now, or a day.
var dateWords = map[Op]string{Is: " on ", Less: " before ", AtMost: " up to ", More: " after ", AtLeast: " from "}

// Says tells people what a term asks for: "Severity at least High".
func (v *Vocabulary) Says(t Term) string {
	f, ok := v.Field(t.Field)
	if !ok {
		return t.String()
	}
	all := make([]string, len(t.Values))
	for i, x := range t.Values {
		all[i] = f.title(x)
		if x == None {
			all[i] = "none"
		}
	}
	says := f.Title + opWords[t.Op] + strings.Join(all, " or ")
	if f.Bare {
		says = strings.Join(all, " or ")
	}
	if f.Kind == Date && t.Values[0] != None {
		says = f.says(t.Op, t.Values[0])
	}
	if t.Not {
		says = "not " + says
	}
	return says
}

// says puts a date into words: "Due before 3 days from now", "Opened 30 days ago or
// earlier".
func (f *Field) says(op Op, x string) string {
	if _, _, ok := distance(x); !ok {
		return f.Title + dateWords[op] + x
	}
	within := op == Less || op == AtMost
	switch {
	case f.Past && within:
		return f.Title + " in the last " + spoken(x)
	case f.Past:
		return f.Title + " more than " + spoken(x) + " ago"
	case within:
		return f.Title + " within " + spoken(x)
	}
	return f.Title + " in more than " + spoken(x)
}

// Weakness is the one spelling of a weakness as people type it: 79, cwe-79.
func Weakness(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return "CWE-" + s
	}
	return s
}

// Sample shows how the field is asked for.
func (f *Field) Sample() string {
	switch f.Kind {
	case Date:
		return f.Name + "<3d  " + f.Name + ">=2026-03-01"
	case Number:
		return f.Name + ">=7.5"
	case Person:
		return f.Name + ":me"
	case Word:
		words := f.words()
		if f.Ordered {
			return f.Name + ">=" + words[min(1, len(words)-1)] + "  " + f.Name + ":" + strings.Join(words[:min(len(words), most)], ",")
		}
		return f.Name + ":" + strings.Join(words[:min(len(words), most)], ",")
	}
	return f.Name + `:"…"`
}
