package query

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Spot is what is being typed at a place of a text.
type Spot struct {
	From, To int    // the part that an offer replaces, in bytes
	Typed    string // of that part, up to the place
	Field    string // whose value it is; "" is the beginning of a term
	Op       Op
	Taken    []string // values that the term has already
}

// Offer is what could stand at a spot.
type Offer struct {
	Put   string // in the place of the spot's part
	Title string // what it means, in words
	More  bool   // something has to follow at once: a value, behind an operator
}

// Spot finds what is being typed at a place of the text, in bytes.
func (v *Vocabulary) Spot(text string, at int) Spot {
	at = min(max(at, 0), len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	from := begins(text, at)
	s := Spot{From: from, To: ends(text, at), Typed: text[from:at]}
	if from == at || text[from] == '"' {
		return s
	}
	h := headOf(text[:at], from)
	f, ok := v.Field(h.name)
	if h.op == "" || !ok {
		s.From, s.Typed = h.from, text[h.from:at]
		return s
	}
	s.Field, s.Op, s.From = f.Name, h.op, h.end
	for {
		x, end, err := piece(text[:at], s.From)
		if err != nil || end >= at || text[end] != ',' {
			break
		}
		s.Taken, s.From = append(s.Taken, x), end+1
	}
	s.Typed = strings.TrimPrefix(text[s.From:at], `"`)
	if end := s.From + strings.IndexByte(text[s.From:]+",", ','); end < s.To && end >= at {
		s.To = end
	}
	return s
}

// begins is where the term that a place stands in begins: quotes hold blanks.
func begins(text string, at int) int {
	start, open := 0, false
	for i, r := range text[:at] {
		switch {
		case r == '"':
			open = !open
		case blank(r) && !open:
			start = i + utf8.RuneLen(r)
		}
	}
	return start
}

// ends is where the word that a place stands in ends.
func ends(text string, at int) int {
	end := word(text, at)
	if end < len(text) && text[end] == '"' && strings.Count(text[:end], `"`)%2 == 1 {
		end++
	}
	return end
}

// Completion is what could stand at a place of a text, in the place of a part of it.
type Completion struct {
	From, To int // the part, in bytes
	Offers   []Offer
}

// MaxOffers is how much is offered at once.
const MaxOffers = 12

// Offers tells what could stand at a spot; values are those of a field that the
// vocabulary does not list, for this reader and what they typed.
func (v *Vocabulary) Offers(s Spot, values []Value) []Offer {
	var out []Offer
	if f, ok := v.Field(s.Field); s.Field != "" && ok {
		out = f.offers(s, values)
	} else {
		out = v.begin(s)
	}
	return out[:min(len(out), MaxOffers)]
}

// begin offers fields, their operators where the name is whole, and words that only
// one field has.
func (v *Vocabulary) begin(s Spot) (out []Offer) {
	typed := strings.ToLower(s.Typed)
	for _, f := range v.Fields {
		if whole := f.Name == typed || slices.Contains(f.Also, typed); whole && len(f.ops()) > 1 {
			for _, op := range f.ops() {
				out = append(out, Offer{Put: f.Name + string(op), Title: strings.TrimRight(f.Title+opWords[op], ": ") + " …", More: true})
			}
		} else if fits(typed, f.Title, append([]string{f.Name}, f.Also...)...) {
			out = append(out, Offer{Put: f.Name + f.first(), Title: f.Title, More: true})
		}
	}
	if len(typed) < 2 {
		return out
	}
	for _, f := range v.Fields {
		for _, x := range f.Values {
			if fits(typed, x.Title, x.Name) {
				out = append(out, Offer{Put: f.Name + ":" + quoted(x.Name), Title: f.Title + ": " + x.Title})
			}
		}
	}
	return out
}

// first is the operator that a field is mostly asked with.
func (f *Field) first() string {
	switch {
	case f.Kind == Date:
		return string(Less)
	case f.Kind == Number:
		return string(AtLeast)
	}
	return string(Is)
}

// near are the distances that are offered.
var near = []string{"1d", "3d", "1w", "2w", "1m", "3m", "6m", "12m"}

func (f *Field) offers(s Spot, values []Value) (out []Offer) {
	all := slices.Concat(f.Values, values)
	if f.Kind == Date && s.Op != Is {
		for _, d := range near {
			all = append(all, Value{d, spoken(d)})
		}
	}
	if f.Kind == Person {
		all = append([]Value{{Me, "you"}}, all...)
	}
	if f.None && s.Op == Is {
		all = append(all, Value{None, "not set"})
	}
	for _, x := range all {
		if fits(strings.ToLower(s.Typed), x.Title, x.Name) && !slices.Contains(s.Taken, x.Name) {
			out = append(out, Offer{Put: quoted(x.Name), Title: x.Title})
		}
	}
	return out
}

// fits tells whether something begins as it was typed: a name, or a word of the title.
func fits(typed, title string, names ...string) bool {
	if typed == "" || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(strings.ToLower(n), typed) }) {
		return true
	}
	title = strings.ToLower(title)
	return strings.HasPrefix(title, typed) || strings.Contains(title, " "+typed)
}

// Bytes is a place of a text that a browser counts in UTF-16 units, in bytes.
func Bytes(text string, units int) int {
	for i, r := range text {
		if units <= 0 {
			return i
		}
		units -= utf16.RuneLen(r)
	}
	return len(text)
}

// Units is a place of a text in bytes as a browser counts it.
func Units(text string, at int) (n int) {
	for _, r := range text[:min(at, len(text))] {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
