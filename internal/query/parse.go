package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/fault"
)

// How much a query holds.
const (
	MaxText   = 2000 // bytes
	MaxTerms  = 40
	MaxValues = 50 // of one term
)

// Wrong is where a text is no query. It is the cause inside of the fault that Parse
// answers with.
type Wrong struct {
	From, To int // the part that is wrong, in bytes
	Says     string
}

func (w *Wrong) Error() string { return fmt.Sprintf("bytes %d to %d of the query", w.From, w.To) }

// wrong is the fault about a part of the text.
func wrong(text string, from, to int, format string, args ...any) error {
	w := &Wrong{From: from, To: to, Says: fmt.Sprintf(format, args...)}
	says := fmt.Sprintf("at character %d, %s", utf8.RuneCountInString(text[:from])+1, w.Says)
	return &fault.Fault{Kind: fault.Invalid, Says: says, Fields: []fault.Field{{Name: "q", Says: says}}, Err: w}
}

// Nobody is the fault that a query names a person whom its reader may not name, or
// whom there is not.
func (q Query) Nobody(name string) error {
	for _, t := range q.Terms {
		if f, ok := q.field(t); ok && f.Kind == Person && slices.Contains(t.Values, name) && t.End <= len(q.text) {
			return wrong(q.text, t.At, t.End, "nobody whom you may name is called %s; write me, none, or the name behind an @ as notes mention it", name)
		}
	}
	return fault.At("q", "nobody whom you may name is called %s", name)
}

// Parse reads a text. Every field, operator and word is checked.
func (v *Vocabulary) Parse(text string) (Query, error) {
	if len(text) > MaxText {
		return Query{}, fault.At("q", "a query has at most %d bytes; this one has %d: take something out", MaxText, len(text))
	}
	if !utf8.ValidString(text) {
		return Query{}, fault.At("q", "the query is no UTF-8 text; type it anew")
	}
	q := Query{words: v, text: text}
	for at := skip(text, 0); at < len(text); at = skip(text, at) {
		if len(q.Terms) == MaxTerms {
			return Query{}, wrong(text, at, len(text), "the query goes on after %d terms, and that is the most; take some out", MaxTerms)
		}
		t, err := v.term(text, at)
		if err != nil {
			return Query{}, err
		}
		q.Terms = append(q.Terms, t)
		at = t.End
	}
	return q, nil
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// skip is where the next term begins.
func skip(text string, at int) int {
	return len(text) - len(strings.TrimLeftFunc(text[at:], blank))
}

// word is where a run of characters without blanks and quotes ends.
func word(text string, at int) int {
	end := strings.IndexFunc(text[at:], func(r rune) bool { return blank(r) || r == '"' })
	if end < 0 {
		return len(text)
	}
	return at + end
}

// phrase reads what stands in quotes from at on.
func phrase(text string, at int) (inside string, end int, err error) {
	n := strings.IndexByte(text[at+1:], '"')
	if n < 0 {
		return "", 0, wrong(text, at, len(text), "a quote is opened and never closed; add \" where the words end")
	}
	return text[at+1 : at+1+n], at + n + 2, nil
}

func (v *Vocabulary) term(text string, at int) (Term, error) {
	if text[at] == '"' {
		inside, end, err := phrase(text, at)
		return Term{Values: []string{inside}, Phrase: true, At: at, End: end}, err
	}
	h := headOf(text, at)
	if h.not && strings.HasPrefix(text[at+1:], `"`) {
		return Term{}, wrong(text, at, at+2, "words of the text cannot be left out; leave out by a field, such as -%s:…", v.Fields[0].Name)
	}
	if h.op == "" {
		end := word(text, at)
		if h.not && h.name != "" {
			return Term{}, wrong(text, at, end, "words of the text cannot be left out; put %q into quotes to look for it, or leave out by a field, such as -%s:…", text[at:end], v.Fields[0].Name)
		}
		return Term{Values: []string{text[at:end]}, At: at, End: end}, nil
	}
	f, ok := v.Field(h.name)
	if !ok {
		end := word(text, at)
		if rest := text[h.end:end]; h.op == Is && (strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, ":")) {
			return Term{Values: []string{text[at:end]}, At: at, End: end}, nil // an address, a name::space
		}
		return Term{}, wrong(text, h.from, h.from+len(h.name), "no field is called %s; %s, or put the words into quotes", h.name, mend(h.name, v.names()))
	}
	return v.read(text, at, h, f)
}

// head is how a term with a field begins.
type head struct {
	not  bool
	name string // "" where a word begins that is no name
	op   Op     // "" where the term has no operator
	from int    // where the name begins
	end  int    // where the values begin
}

func headOf(text string, at int) head {
	h := head{from: at}
	if text[at] == '-' {
		h.not, h.from = true, at+1
	}
	end := h.from
	for end < len(text) && (letter(text[end]) || end > h.from && (text[end] == '-' || text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end] == '.' && text[h.from:end] == owned)) {
		end++
	}
	h.name, h.end = text[h.from:end], end
	if h.name == "" {
		return h
	}
	for _, s := range []string{"!=", "<=", ">=", "<", ">", ":", "="} {
		if strings.HasPrefix(text[end:], s) {
			h.op, h.end = Op(s), end+len(s)
			break
		}
	}
	switch h.op {
	case "!=":
		h.op, h.not = Is, !h.not
	case "=":
		h.op = Is
	}
	return h
}

// owned begins the names of fields that a house has of its own: field.effort.
const owned = "field"

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (v *Vocabulary) names() []string {
	var out []string
	for _, f := range v.Fields {
		out = append(append(out, f.Name), f.Also...)
	}
	return out
}

// read reads the values of a term.
func (v *Vocabulary) read(text string, at int, h head, f *Field) (Term, error) {
	t := Term{Not: h.not, Field: f.Name, Op: h.op, At: at}
	if !slices.Contains(f.ops(), h.op) {
		return t, wrong(text, h.from, h.end, "%s is not more or less than another; write %s: and one or more values", strings.ToLower(f.Title), f.Name)
	}
	for pos := h.end; ; pos++ {
		x, end, err := piece(text, pos)
		if err != nil {
			return t, err
		}
		if x == "" {
			return t, wrong(text, at, end, "a value is missing behind %s%s; %s", f.Name, h.op, f.example())
		}
		if x, err = f.check(text, pos, end, h.op, x); err != nil {
			return t, err
		}
		if !slices.Contains(t.Values, x) {
			t.Values = append(t.Values, x)
		}
		if t.End = end; end == len(text) || text[end] != ',' {
			return t, f.bounds(text, t)
		}
		pos = end
	}
}

// bounds looks at the values of a term together.
func (f *Field) bounds(text string, t Term) error {
	switch {
	case t.Op != Is && len(t.Values) > 1:
		return wrong(text, t.At, t.End, "%s%s takes one value; write %s:%s for any of them", t.Field, t.Op, t.Field, strings.Join(t.Values, ","))
	case len(t.Values) > MaxValues:
		return wrong(text, t.At, t.End, "one term has at most %d values; take some out", MaxValues)
	case t.End < len(text) && text[t.End] == '"':
		return wrong(text, t.At, t.End, "a quote stands in the middle of a value; put the whole value into quotes")
	}
	return nil
}

// piece reads one value: up to a comma, a blank or a quote.
func piece(text string, at int) (x string, end int, err error) {
	if at < len(text) && text[at] == '"' {
		return phrase(text, at)
	}
	n := strings.IndexFunc(text[at:], func(r rune) bool { return r == ',' || r == '"' || blank(r) })
	if n < 0 {
		n = len(text) - at
	}
	return text[at : at+n], at + n, nil
}

// check puts a value into the one spelling that it has.
func (f *Field) check(text string, from, to int, op Op, x string) (string, error) {
	bad := func(format string, args ...any) (string, error) { return "", wrong(text, from, to, format, args...) }
	if w, ok := f.value(x); ok && f.Kind == Word {
		return w.Name, nil
	}
	if strings.EqualFold(x, None) && f.None {
		if op != Is {
			return bad("none is not more or less than another; write %s:none", f.Name)
		}
		return None, nil
	}
	switch f.Kind {
	case Text:
		if f.Clean != nil {
			x = f.Clean(x)
		}
	case Date:
		return f.checkDate(op, strings.ToLower(x), bad)
	case Number:
		n, err := strconv.ParseFloat(x, 64)
		if err != nil || !(n >= -1e9 && n <= 1e9) {
			return bad("%q is no number; write %s%s7.5", x, f.Name, op)
		}
		return strconv.FormatFloat(n+0, 'f', -1, 64), nil
	case Person:
		return strings.TrimPrefix(x, "@"), f.checkPerson(x, bad)
	case Word:
		return bad("no %s is called %s; %s", strings.ToLower(f.Title), x, mend(x, f.words()))
	}
	return x, nil
}

func (f *Field) checkPerson(x string, bad func(string, ...any) (string, error)) error {
	x = strings.TrimPrefix(x, "@")
	if x == "" || strings.ContainsFunc(x, func(r rune) bool {
		return r >= utf8.RuneSelf || !letter(byte(r)) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
	}) {
		_, err := bad("%q is nobody's name for mentions; write %s:me, %s:none or the name behind an @", x, f.Name, f.Name)
		return err
	}
	return nil
}

func (f *Field) checkDate(op Op, x string, bad func(string, ...any) (string, error)) (string, error) {
	if n, unit, ok := distance(x); ok {
		if op == Is {
			return bad("%s is a distance from now; write %s<%s for less than that, or %s>%s for more", x, f.Name, x, f.Name, x)
		}
		return strconv.Itoa(n) + string(unit), nil
	}
	if _, err := time.Parse(time.DateOnly, x); err != nil || x < "0002" {
		return bad("%q is no date; write a day such as %s>=2026-03-01, or a distance such as %s<3d, 2w or 6m", x, f.Name, f.Name)
	}
	return x, nil
}

// words are the values of a field that can be typed.
func (f *Field) words() []string {
	var out []string
	for _, v := range f.Values {
		out = append(out, v.Name)
	}
	if f.None {
		out = append(out, None)
	}
	return out
}

// example shows how the field is asked for.
func (f *Field) example() string {
	switch f.Kind {
	case Date:
		return "write a day such as 2026-03-01, or a distance such as 3d"
	case Number:
		return "write a number"
	case Person:
		return "write me, none or the name behind an @"
	case Word:
		return "write one of " + some(f.words())
	}
	return "write it behind the sign, in quotes where it has a blank"
}

// most is how many words a sentence names.
const most = 12

func some(words []string) string {
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}

// mend says what could have been meant.
func mend(typed string, words []string) string {
	best, least := "", max(1, utf8.RuneCountInString(typed)/3)+1
	for _, w := range words {
		if d := apart(strings.ToLower(typed), w); d < least {
			best, least = w, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "write one of " + some(words)
}

// apart counts the letters that make two words differ; two that changed places count
// as one.
func apart(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range x {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i + 1
		for j := range y {
			d := last[j]
			if x[i] != y[j] {
				d++
			}
			d = min(d, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				d = min(d, before[j-1]+1)
			}
			now[j+1] = d
		}
		rows = [3][]int{last, now, before}
	}
	return rows[1][len(y)]
}
