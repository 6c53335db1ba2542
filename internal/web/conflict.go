package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tocsin/internal/insight"
	"tocsin/internal/seal"
)

// Clash is what a form that came back shows of two people at one record: the fields
// that both changed, side by side, and those that only the other changed, which the
// form has taken over.
type Clash struct {
	Fields []ClashField
	Taken  []string // labels
}

// ClashField is one field that both changed.
type ClashField struct {
	Name, Label  string
	Mine, Theirs string   // in words
	Stored       []string // the other's, as the form would send it
	Who          string
	At           time.Time
}

// Fields of forms by which a clash is found and settled.
const (
	baseField = "was"   // what the form was made from: a digest a field
	takeField = "take." // whose text of a field is to be saved: mine or theirs
	theirs    = "theirs."
)

// formField is a field of a form with what stands in it.
type formField struct {
	name, label string
	values      []string
	says        map[string]string // words of the answers of a list
}

func (f formField) words(values []string) string {
	var out []string
	for _, v := range values {
		out = append(out, or(f.says[v], v))
	}
	return strings.Join(out, ", ")
}

// withBase shows the form, and keeps in it what the stored one says, so that a later
// clash is told from a field that nobody touched. kept, where not empty, is what the
// form had kept before.
func withBase(form, stored templ.Component, kept string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if kept == "" {
			fields, err := readForm(ctx, stored)
			if err != nil {
				return err
			}
			kept = baseOf(fields)
		}
		if err := form.Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, `<input type="hidden" name="`+baseField+`" value="`+templ.EscapeString(kept)+`">`)
		return err
	})
}

// baseOf is a short digest of each field.
func baseOf(fields []formField) string {
	v := url.Values{}
	for _, f := range fields {
		v.Set(f.name, digestOf(f.values))
	}
	return v.Encode()
}

func digestOf(values []string) string {
	sum := seal.Digest(even(values)...)
	return hex.EncodeToString(sum[:4])
}

// even is what was typed, less what browsers add, and less empty answers.
func even(values []string) (out []string) {
	for _, v := range values {
		if v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// meet holds what was typed against what is stored now. It returns the form to show
// again, in which fields that only the other changed are theirs, and what clashes.
func meet(typed url.Values, stored []formField, trail []insight.Entry) (url.Values, *Clash) {
	form, c := url.Values{}, &Clash{}
	for name, values := range typed {
		form[name] = slices.Clone(values)
	}
	base, err := url.ParseQuery(typed.Get(baseField))
	if err != nil {
		base = url.Values{}
	}
	form.Del(baseField)
	for _, f := range stored {
		mine, now := digestOf(typed[f.name]), digestOf(f.values)
		switch was := base.Get(f.name); {
		case mine == now, was == now:
		case was == mine:
			form[f.name] = slices.Clone(f.values)
			c.Taken = append(c.Taken, f.label)
		default:
			x := ClashField{Name: f.name, Label: f.label, Mine: f.words(typed[f.name]), Theirs: f.words(f.values), Stored: f.values}
			x.Who, x.At = lastOn(trail, f.name)
			c.Fields = append(c.Fields, x)
		}
	}
	return form, c
}

// lastOn is who changed a field last, and when; a trail that does not say is told by
// its newest entry.
func lastOn(trail []insight.Entry, field string) (string, time.Time) {
	head, _, _ := strings.Cut(field, ".")
	for _, e := range trail {
		for _, c := range e.Changes {
			if c.Field == field || c.Field == head {
				return actorName(e), e.At
			}
		}
	}
	if len(trail) == 0 {
		return "", time.Time{}
	}
	return actorName(trail[0]), trail[0].At
}

// settle puts the other's text where the form says so.
func settle(r *http.Request) {
	for name, choice := range r.PostForm {
		field, ok := strings.CutPrefix(name, takeField)
		if ok && len(choice) > 0 && choice[0] == "theirs" {
			r.PostForm[field] = r.PostForm[theirs+field]
			r.Form[field] = r.PostForm[field]
		}
	}
	for name := range r.PostForm {
		if strings.HasPrefix(name, takeField) || strings.HasPrefix(name, theirs) {
			r.PostForm.Del(name)
			r.Form.Del(name)
		}
	}
}

// readForm renders a form and reads its fields, in the order of the page.
func readForm(ctx context.Context, form templ.Component) ([]formField, error) {
	var b bytes.Buffer
	if err := form.Render(ctx, &b); err != nil {
		return nil, err
	}
	nodes, err := html.ParseFragment(&b, &html.Node{Type: html.ElementNode, Data: "form", DataAtom: atom.Form})
	if err != nil {
		return nil, err
	}
	f := reader{at: map[string]int{}, labels: map[string]string{}}
	for _, n := range nodes {
		f.read(n, "")
	}
	for i, x := range f.fields {
		f.fields[i].label = or(f.labels[x.name], or(x.label, capital(spaced(x.name))))
	}
	return f.fields, nil
}

// reader walks a form.
type reader struct {
	fields []formField
	at     map[string]int
	labels map[string]string // of for="f-NAME", by name
}

func (f *reader) field(name, label string) *formField {
	i, ok := f.at[name]
	if !ok {
		i = len(f.fields)
		f.at[name] = i
		f.fields = append(f.fields, formField{name: name, label: label, says: map[string]string{}})
	}
	return &f.fields[i]
}

// read reads a node and what is in it; group is the legend around it.
func (f *reader) read(n *html.Node, group string) {
	name := attr(n, "name")
	switch {
	case n.DataAtom == atom.Fieldset:
		group = legend(n)
	case n.DataAtom == atom.Label:
		if to, ok := strings.CutPrefix(attr(n, "for"), "f-"); ok {
			f.labels[to] = plainText(n)
		}
	case name == "" || has(n, "disabled"):
	case n.DataAtom == atom.Textarea:
		x := f.field(name, group)
		x.values = append(x.values, plainRaw(n))
	case n.DataAtom == atom.Select:
		f.list(n, f.field(name, group))
		return
	case n.DataAtom == atom.Input:
		f.input(n, name, group)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		f.read(c, group)
	}
}

func (f *reader) input(n *html.Node, name, group string) {
	value := attr(n, "value")
	switch attr(n, "type") {
	case "file", "password", "submit", "hidden":
	case "checkbox", "radio":
		x := f.field(name, group)
		if p := n.Parent; p != nil && p.DataAtom == atom.Label {
			x.says[value] = plainText(p)
		}
		if has(n, "checked") {
			x.values = append(x.values, value)
		}
	default:
		x := f.field(name, group)
		x.values = append(x.values, value)
	}
}

func (f *reader) list(n *html.Node, x *formField) {
	first, chosen := "", false
	for o := range n.Descendants() {
		if o.DataAtom != atom.Option {
			continue
		}
		value := attr(o, "value")
		x.says[value] = plainText(o)
		if has(o, "selected") {
			x.values, chosen = append(x.values, value), true
		} else if first == "" {
			first = value
		}
	}
	if !chosen && first != "" {
		x.values = append(x.values, first)
	}
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

func legend(n *html.Node) string {
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Legend {
			return plainText(c)
		}
	}
	return ""
}

// plainRaw is the text in a node as it stands.
func plainRaw(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// plainText is the text in a node less what labels say besides.
func plainText(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		} else if c.DataAtom != atom.Em && c.DataAtom != atom.Small && c.DataAtom != atom.Textarea && c.DataAtom != atom.Select {
			b.WriteString(plainText(c))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
