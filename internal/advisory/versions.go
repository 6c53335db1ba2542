package advisory

import (
	"fmt"
	"slices"
	"strings"
)

// placeholders are what records write where they know no version or name.
var placeholders = []string{"n/a", "na", "unspecified", "unknown", "none", "-", "--", "tbd", "not specified", "not available"}

// Stated returns s without surrounding space, or "" where s is one of the words
// that stand for "nobody stated it", such as n/a or unspecified.
func Stated(s string) string {
	s = strings.TrimSpace(s)
	if slices.Contains(placeholders, strings.ToLower(s)) {
		return ""
	}
	return s
}

// Bounded reports whether the range has any end or beginning of its own.
func (r Range) Bounded() bool {
	return r.Introduced != "" || r.Fixed != "" || r.LastAffected != "" || r.Limit != ""
}

// String returns the range in the operators that people write: ">= 1.0, < 1.2".
// A range without bounds is its own words, or "*" for every version.
func (r Range) String() string {
	var parts []string
	if r.Introduced != "" {
		parts = append(parts, ">= "+r.Introduced)
	}
	switch {
	case r.Fixed != "":
		parts = append(parts, "< "+r.Fixed)
	case r.LastAffected != "":
		parts = append(parts, "<= "+r.LastAffected)
	}
	if len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	if r.Raw != "" {
		return r.Raw
	}
	return "*"
}

// ReadRange reads a range as people write it: ">= 1.0, < 1.2", "<= 3.4",
// "before 2.0", "1.0 through 1.4", "*". The words are kept in Raw; ok is false
// where they say no half-open interval, and the words are then all there is.
func ReadRange(words string) (r Range, ok bool) {
	r = Range{Raw: words}
	text := strings.TrimSpace(words)
	if text == "*" {
		return r, true
	}
	if from, to, found := strings.Cut(text, " through "); found {
		return r.between(from, to)
	}
	for _, part := range strings.Split(text, ",") {
		if !r.bound(strings.TrimSpace(part)) {
			return Range{Raw: words}, false
		}
	}
	return r, r.Bounded()
}

func (r Range) between(from, to string) (Range, bool) {
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if !version(from) || !version(to) {
		return r, false
	}
	r.Introduced, r.LastAffected = from, to
	return r, true
}

// operators are the beginnings of a bound, longest first.
var operators = []struct {
	text string
	set  func(*Range) *string
}{
	{"prior to ", func(r *Range) *string { return &r.Fixed }},
	{"before ", func(r *Range) *string { return &r.Fixed }},
	{">=", func(r *Range) *string { return &r.Introduced }},
	{"<=", func(r *Range) *string { return &r.LastAffected }},
	{"<", func(r *Range) *string { return &r.Fixed }},
}

// bound takes one bound such as "< 1.2" and reports whether it could.
func (r *Range) bound(text string) bool {
	for _, o := range operators {
		rest, found := strings.CutPrefix(text, o.text)
		if !found {
			continue
		}
		at := o.set(r)
		if v := strings.TrimSpace(rest); version(v) && *at == "" {
			*at = v
			return r.Fixed == "" || r.LastAffected == ""
		}
		return false
	}
	return false
}

// version reports whether s can be one version: one word without an operator.
func version(s string) bool {
	return s != "" && s != "*" && !strings.ContainsAny(s, " \t<>=|,")
}

// Names returns the product's name as people say it: vendor, name, version.
func (p Product) Names() string {
	name := p.Name
	if name == "" {
		name = p.Package
	}
	if p.Vendor != "" && !strings.HasPrefix(strings.ToLower(name), strings.ToLower(p.Vendor)) {
		name = p.Vendor + " " + name
	}
	for _, v := range []string{p.Version, p.Range} {
		if v != "" && !strings.Contains(name, v) {
			name = fmt.Sprintf("%s %s", name, v)
		}
	}
	return strings.TrimSpace(name)
}

// Product returns the product of the ID.
func (d Document) Product(id string) (Product, bool) {
	for _, p := range d.Products {
		if p.ID == id {
			return p, true
		}
	}
	return Product{}, false
}

// Compare orders two versions of numbers with dots and, after a dash, a
// pre-release, as Semantic Versioning 2.0.0 does (section 11), with any count of
// numbers. ok is false where one of them is no such version.
func Compare(a, b string) (order int, ok bool) {
	x, okx := numbers(a)
	y, oky := numbers(b)
	if !okx || !oky {
		return 0, false
	}
	for i := range max(len(x.core), len(y.core)) {
		if order = numeric(field(x.core, i), field(y.core, i)); order != 0 {
			return order, true
		}
	}
	return x.before(y), true
}

// dotted is a version taken apart.
type dotted struct{ core, pre []string }

func numbers(s string) (d dotted, ok bool) {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "v"), "+")
	core, pre, has := strings.Cut(s, "-")
	d.core = strings.Split(core, ".")
	if has {
		d.pre = strings.Split(pre, ".")
	}
	for _, n := range d.core {
		if !isNumber(n) {
			return d, false
		}
	}
	return d, true
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func field(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return "0"
}

// numeric compares two texts of digits of any length.
func numeric(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// before orders the pre-releases of two versions with equal numbers.
func (d dotted) before(o dotted) int {
	if len(d.pre) == 0 || len(o.pre) == 0 {
		return len(o.pre) - len(d.pre)
	}
	for i := range min(len(d.pre), len(o.pre)) {
		p, q := d.pre[i], o.pre[i]
		order := strings.Compare(p, q)
		switch {
		case isNumber(p) && isNumber(q):
			order = numeric(p, q)
		case isNumber(p) != isNumber(q):
			order = 1
			if isNumber(p) {
				order = -1
			}
		}
		if order != 0 {
			return order
		}
	}
	return len(d.pre) - len(o.pre)
}
