package shape

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Anything is any value.
var Anything = &Node{check: func(*checker, any) {}}

// Bool is true or false.
var Bool = &Node{check: func(c *checker, v any) {
	if _, ok := v.(bool); !ok {
		c.add("this must be true or false, not " + kindOf(v))
	}
}}

// Text is a string of at least one character.
var Text = Length(1, 0)

// String is any string.
var String = Length(0, 0)

// Length is a string of at least least and, where most is not zero, at most
// most characters.
func Length(least, most int) *Node {
	return text(func(c *checker, s string) {
		if len(s) < least || utf8.RuneCountInString(s) < least {
			if s == "" {
				c.add("the text is empty")
			} else {
				c.add("the text needs at least " + count(least, "character"))
			}
		}
		if most > 0 && len(s) > most && utf8.RuneCountInString(s) > most {
			c.add("the text has more than " + count(most, "character"))
		}
	})
}

func text(check func(c *checker, s string)) *Node {
	return &Node{check: func(c *checker, v any) {
		if s, ok := v.(string); ok {
			check(c, s)
			return
		}
		c.add("this must be a string, not " + kindOf(v))
	}}
}

// Match is a string for which ok is true; what names what is due: "a CVE ID,
// for example CVE-2021-44228".
func Match(what string, ok func(string) bool) *Node {
	return text(func(c *checker, s string) {
		if !ok(s) {
			c.add(brief(s) + " is not " + what)
		}
	})
}

// Pattern is a string that the regular expression matches.
func Pattern(what, expr string) *Node {
	return Match(what, regexp.MustCompile(expr).MatchString)
}

// Enum is one of the words, letter for letter.
func Enum(words ...string) *Node {
	known := map[string]bool{}
	for _, w := range words {
		known[w] = true
	}
	return text(func(c *checker, s string) {
		if !known[s] {
			c.add(brief(s) + " is not one of " + strings.Join(words, ", ") + didYouMean(s, words))
		}
	})
}

// Number is a number in the range from least to most.
func Number(least, most float64) *Node {
	return &Node{check: func(c *checker, v any) {
		n, ok := v.(json.Number)
		if !ok {
			c.add("this must be a number, not " + kindOf(v))
			return
		}
		if f, err := n.Float64(); err != nil || f < least || f > most {
			c.add(n.String() + " is not in the range from " + short(least) + " to " + short(most))
		}
	}}
}

// Integer is a whole number in the range from least to most.
func Integer(least, most int64) *Node {
	return &Node{check: func(c *checker, v any) {
		n, ok := v.(json.Number)
		if !ok {
			c.add("this must be a whole number, not " + kindOf(v))
			return
		}
		if i, err := strconv.ParseInt(n.String(), 10, 64); err != nil || i < least || i > most {
			c.add(n.String() + " is not a whole number from " + strconv.FormatInt(least, 10) + " to " + strconv.FormatInt(most, 10))
		}
	}}
}

func short(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// List is a list of at least least items that each fit n.
func List(n *Node, least int) *Node { return list{n: n, least: least}.node() }

// Set is a List in which no two items are equal.
func Set(n *Node, least int) *Node { return list{n: n, least: least, unique: true}.node() }

// Bounded is a List of at least least and at most most items, where unique no
// two of them equal.
func Bounded(n *Node, least, most int, unique bool) *Node {
	return list{n, least, most, unique}.node()
}

type list struct {
	n           *Node
	least, most int
	unique      bool
}

func (l list) node() *Node { return &Node{check: l.check} }

func (l list) check(c *checker, v any) {
	items, ok := v.([]any)
	if !ok {
		c.add("this must be a list, not " + kindOf(v))
		return
	}
	if len(items) < l.least {
		c.add("this list needs at least " + count(l.least, "item"))
	}
	if l.most > 0 && len(items) > l.most {
		c.add("this list has more than " + count(l.most, "item"))
	}
	for i, x := range items {
		c.item(i, l.n, x)
	}
	if l.unique && len(items) > 1 {
		l.twice(c, items)
	}
}

// twice notes each item that equals an earlier one.
func (l list) twice(c *checker, items []any) {
	if len(items) <= 8 && allStrings(items) {
		for i, x := range items {
			if j := slices.Index(items[:i], x); j >= 0 {
				c.equal(i, j)
			}
		}
		return
	}
	seen := make(map[string]int, len(items))
	for i, x := range items {
		key := canonical(x)
		if j, ok := seen[key]; ok {
			c.equal(i, j)
			continue
		}
		seen[key] = i
	}
}

func allStrings(items []any) bool {
	for _, x := range items {
		if !isType[string](x) {
			return false
		}
	}
	return true
}

func (c *checker) equal(i, j int) {
	c.path = append(c.path, step{index: i})
	c.add("this item equals the one at " + strconv.Itoa(j) + "; each may stand once")
	c.path = c.path[:len(c.path)-1]
}

// canonical returns a text that is the same for equal values and for no others.
func canonical(v any) string {
	switch x := v.(type) {
	case string:
		return `"` + x
	case json.Number:
		if f, err := x.Float64(); err == nil {
			return short(f)
		}
		return x.String()
	}
	b, err := json.Marshal(v) // sorts the names of objects
	if err != nil {
		panic("shape: a decoded value does not encode: " + err.Error())
	}
	return string(b)
}

// DateTime is a string in the form date-time of JSON Schema: RFC 3339, section 5.6.
var DateTime = Match("a date and time like 2026-03-09T14:30:00Z (RFC 3339)", IsDateTime)

// URI is a string in the form uri of JSON Schema: RFC 3986, with a scheme.
var URI = Match("a URI with a scheme, like https://example.com/path (RFC 3986)", IsURI)

// IsDateTime reports whether s is a date-time of RFC 3339, section 5.6.
func IsDateTime(s string) bool { _, ok := Time(s); return ok }

// Time returns the instant that a date-time of RFC 3339 names. It knows the
// lower case letters t and z, and the leap second, which it takes for the
// second before it.
func Time(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[13] != ':' {
		return time.Time{}, false
	}
	if strings.IndexByte(s, ',') >= 0 || !isOffset(s) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err == nil {
		return t, true
	}
	up := strings.ToUpper(s)
	leap := up[16:19] == ":60"
	if leap {
		up = up[:17] + "59" + up[19:]
	}
	if t, err = time.Parse(time.RFC3339, up); err != nil {
		return time.Time{}, false
	}
	if u := t.UTC(); leap && (u.Hour() != 23 || u.Minute() != 59) {
		return time.Time{}, false
	}
	return t, true
}

// isOffset checks the range of an offset at the end of s: at most 23:59.
func isOffset(s string) bool {
	end := s[len(s)-6:]
	if end[0] != '+' && end[0] != '-' {
		return true
	}
	return end[1:3] <= "23" && end[4:] <= "59"
}

// IsURI reports whether s is a URI of RFC 3986: with a scheme, and without a
// character that a URI must percent-encode.
func IsURI(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 1 || !isScheme(s[:colon]) {
		return false
	}
	for i := colon; i < len(s); i++ {
		if !uriByte[s[i]] || s[i] == '%' && !isHexPair(s, i+1) {
			return false
		}
	}
	return strings.Count(s, "#") <= 1 && isHierarchy(s[colon+1:])
}

// isHierarchy checks what follows the scheme: brackets stand around an IP
// literal only, and a port is a number.
func isHierarchy(rest string) bool {
	authority, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return !strings.ContainsAny(rest, "[]")
	}
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		if strings.ContainsAny(authority[end:], "[]") {
			return false
		}
		authority = authority[:end]
	}
	if !strings.ContainsAny(authority, ":[]@") {
		return true
	}
	_, err := url.Parse("x://" + authority)
	return err == nil
}

func isScheme(s string) bool {
	for i, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return true
}

func isHexPair(s string, i int) bool {
	if i+2 > len(s) {
		return false
	}
	_, err := strconv.ParseUint(s[i:i+2], 16, 8)
	return err == nil
}

// uriByte holds what RFC 3986 allows in a URI: unreserved, reserved and percent.
var uriByte = func() (ok [256]bool) {
	for _, c := range []byte("-._~:/?#[]@!$&'()*+,;=%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		ok[c] = true
	}
	return ok
}()

// count says how many: "1 item", "2 items".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// either lists names: "a", "a or b", "a, b or c".
func either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
