package rig

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Unsound says what is wrong with how a page is made, for whoever reads it with the
// ears or walks it with the keyboard: one h1 and headings that skip no level, named
// landmarks, labelled fields, named tables, pictures and presses, ids that name one
// thing and are there, and an order of the focus that is the order of the source.
func Unsound(page *html.Node) []string {
	p := &sound{ids: map[string]*html.Node{}, navs: map[string]int{}}
	for n := range page.Descendants() {
		if id := attr(n, "id"); n.Type == html.ElementNode && id != "" {
			if p.ids[id] != nil {
				p.say(n, "a second element has the id %s", id)
			}
			p.ids[id] = n
		}
	}
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && !has(n, "hidden") {
			p.element(n)
		}
	}
	if p.h1 != 1 || p.mains != 1 {
		p.wrong = append(p.wrong, fmt.Sprintf("%d h1 and %d main, want one of each", p.h1, p.mains))
	}
	if len(p.navs) > 1 && p.navs[""] > 0 {
		p.wrong = append(p.wrong, "one nav of several has no name")
	}
	for name, n := range p.navs {
		if n > 1 {
			p.wrong = append(p.wrong, fmt.Sprintf("%d navs are called %q", n, name))
		}
	}
	return p.wrong
}

// sound is what is known of a page while it is looked through.
type sound struct {
	ids       map[string]*html.Node
	navs      map[string]int // how often a name occurs
	h1, mains int
	level     int // of the heading before
	wrong     []string
}

func (p *sound) say(n *html.Node, format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...)+": "+opening(n))
}

var heading = regexp.MustCompile(`^h[1-6]$`)

// unread are the types of inputs that need no label of their own.
var unread = []string{"hidden", "submit", "button", "reset", "image"}

func (p *sound) element(n *html.Node) {
	if i, err := strconv.Atoi(attr(n, "tabindex")); err == nil && i > 0 {
		p.say(n, "tabindex %d", i)
	}
	for _, by := range []string{"aria-labelledby", "aria-describedby", "for", "list"} {
		for id := range strings.FieldsSeq(attr(n, by)) {
			if p.ids[id] == nil {
				p.say(n, "%s names %q, which is not there", by, id)
			}
		}
	}
	switch tag := n.Data; {
	case heading.MatchString(tag):
		p.heading(n, int(tag[1]-'0'))
	case tag == "main":
		p.mains++
	case tag == "nav":
		p.navs[p.named(n)]++
	case tag == "input" && !slices.Contains(unread, attr(n, "type")), tag == "select", tag == "textarea":
		if p.named(n) == "" && !p.labelled(n) {
			p.say(n, "no label")
		}
	case tag == "table":
		if p.named(n) == "" && !entitled(n) {
			p.say(n, "no caption and no heading")
		}
		p.cells(n)
	case tag == "img" || tag == "svg":
		if !silent(n) && p.named(n) == "" && attr(n, "alt") == "" && inside(n, "title") == nil {
			p.say(n, "no text and not hidden from readers")
		}
	case tag == "button", tag == "summary", tag == "a" && has(n, "href"):
		if p.named(n) == "" && words(n) == "" {
			p.say(n, "no name")
		}
	}
}

// heading holds that no level is skipped. What a closed dialog says is not read with
// the page.
func (p *sound) heading(n *html.Node, level int) {
	if words(n) == "" {
		p.say(n, "an empty heading")
	}
	if level == 1 {
		p.h1++
	}
	if d := around(n, "dialog"); d != nil && !has(d, "open") {
		return
	}
	if level > p.level+1 {
		p.say(n, "level %d after %d", level, p.level)
	}
	p.level = level
}

// named is the name that an element is given by an attribute.
func (p *sound) named(n *html.Node) string {
	name := attr(n, "aria-label") + attr(n, "title")
	for id := range strings.FieldsSeq(attr(n, "aria-labelledby")) {
		if x := p.ids[id]; x != nil {
			name += words(x)
		}
	}
	return strings.TrimSpace(name)
}

// labelled tells whether a label says what a field is for.
func (p *sound) labelled(field *html.Node) bool {
	if l := around(field, "label"); l != nil && words(l) != "" {
		return true
	}
	root := field
	for root.Parent != nil {
		root = root.Parent
	}
	for l := range root.Descendants() {
		if id := attr(field, "id"); l.Data == "label" && id != "" && attr(l, "for") == id && words(l) != "" {
			return true
		}
	}
	return false
}

// entitled tells whether a table has a caption, or stands in a part of the page that
// has a name: a heading before it, or one that readers are told.
func entitled(table *html.Node) bool {
	if c := inside(table, "caption"); c != nil && words(c) != "" {
		return true
	}
	for p := table.Parent; p != nil && p.Data != "main"; p = p.Parent {
		if attr(p, "aria-label") != "" || attr(p, "aria-labelledby") != "" {
			return true
		}
		for x := range p.Descendants() {
			if x == table {
				break
			}
			if heading.MatchString(x.Data) || x.Data == "summary" || x.Data == "figcaption" {
				return true
			}
		}
	}
	return false
}

// places are the cells that stand first where a row becomes a card, with the order that
// 40-table.css and part-select.css give them.
var places = map[string]int{"tick": -3, "id": -2, "sevcell": -2, "lead": -1}

// cells holds that what can be pressed in a row is reached in the order in which it is
// seen where the row becomes a card.
func (p *sound) cells(table *html.Node) {
	if !strings.Contains(attr(table, "class"), "cards-table") {
		return
	}
	for row := range table.Descendants() {
		last := -9
		if row.Data != "tr" || row.Parent.Data != "tbody" {
			continue
		}
		for cell := range row.ChildNodes() {
			at := 0
			for class := range strings.FieldsSeq(attr(cell, "class")) {
				at = min(at, places[class])
			}
			if cell.Data == "th" {
				at = min(at, -1)
			}
			if cell.Type != html.ElementNode || !pressed(cell) {
				continue
			}
			if at < last {
				p.say(cell, "reached after what stands below it on a small screen")
			}
			last = at
		}
	}
}

// pressed tells whether something in an element takes the focus.
func pressed(n *html.Node) bool {
	for x := range n.Descendants() {
		switch {
		case attr(x, "tabindex") == "-1" || attr(x, "type") == "hidden":
		case x.Data == "a" && has(x, "href"), x.Data == "button", x.Data == "input", x.Data == "select", x.Data == "textarea", x.Data == "summary":
			return true
		}
	}
	return false
}

// silent tells whether readers are not told of an element.
func silent(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if attr(n, "aria-hidden") == "true" || attr(n, "role") == "presentation" {
			return true
		}
	}
	return false
}

// words are the text of an element with what stands for its pictures.
func words(n *html.Node) string {
	var b strings.Builder
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		} else {
			b.WriteString(attr(x, "alt") + attr(x, "aria-label"))
		}
	}
	return strings.TrimSpace(b.String())
}

func around(n *html.Node, tag string) *html.Node {
	for n = n.Parent; n != nil && n.Data != tag; n = n.Parent {
	}
	return n
}

func inside(n *html.Node, tag string) *html.Node {
	for x := range n.Descendants() {
		if x.Data == tag {
			return x
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// opening is how an element begins, with the beginning of what it says.
func opening(n *html.Node) string {
	out := "<" + n.Data
	for _, a := range n.Attr {
		out += fmt.Sprintf(" %s=%.60q", a.Key, a.Val)
	}
	return out + "> " + fmt.Sprintf("%.60s", strings.Join(strings.Fields(words(n)), " "))
}
