package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// reference is what the page at /api/docs shows.
type reference struct {
	About    []string
	Groups   []refGroup
	Problems []refProblem
	Schemas  []refSchema
}

type refGroup struct {
	Name, About string
	Operations  []refOperation
}

type refOperation struct {
	Method, Path string
	Op           *operation
	Bodies       []refBody
	Answers      []refBody
	Failures     []string
}

type refBody struct{ Status, Media, Schema, Example string }

type refProblem struct{ Kind, Status, Anchor, Title, About string }

type refSchema struct {
	Name    string
	Schema  *schema
	Members []refMember
}

type refMember struct {
	Name, Type, Link, Says string
	Optional               bool
}

// referenceOf lays the document out for people, in the order of the table.
func referenceOf(d *openAPI) reference {
	p := reference{About: strings.Split(d.Info.Description, "\n\n")}
	for _, t := range d.Tags {
		g := refGroup{Name: t.Name, About: t.Description}
		for i := range Routes {
			if r := &Routes[i]; r.tag() == t.Name {
				g.Operations = append(g.Operations, refOperationOf(r, d.Paths[r.Path][strings.ToLower(r.Method)]))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		s := d.Components.Schemas[name]
		p.Schemas = append(p.Schemas, refSchema{name, s, s.list()})
	}
	p.Problems = refProblems()
	return p
}

func refOperationOf(r *Route, op *operation) refOperation {
	o := refOperation{Method: r.Method, Path: r.Path, Op: op}
	if op.Body != nil {
		o.Bodies = refBodies("", op.Body.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		answer := op.Responses[status]
		switch {
		case answer.Ref != "":
			o.Failures = append(o.Failures, status)
		case len(answer.Content) == 0:
			o.Answers = append(o.Answers, refBody{Status: status + ", with no body"})
		default:
			o.Answers = append(o.Answers, refBodies(status, answer.Content)...)
		}
	}
	return o
}

func refBodies(status string, content map[string]*media) (out []refBody) {
	for _, name := range slices.Sorted(maps.Keys(content)) {
		m := content[name]
		b := refBody{Status: status, Media: name, Schema: strings.TrimPrefix(m.Schema.Ref, components)}
		if len(m.Example) > 0 {
			var text bytes.Buffer
			if err := json.Indent(&text, m.Example, "", "  "); err == nil {
				b.Example = text.String()
			}
		}
		out = append(out, b)
	}
	return out
}

func refProblems() (out []refProblem) {
	anchored := map[int]bool{}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		row := kinds[kind]
		p := refProblem{Kind: string(kind), Status: strconv.Itoa(row.status), Title: row.title, About: row.about, Anchor: "also-" + string(kind)}
		if !anchored[row.status] {
			p.Anchor = "status-" + p.Status
		}
		anchored[row.status] = true
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b refProblem) int { return strings.Compare(a.Status, b.Status) })
	return append(out, refProblem{"about:blank", "405", "status-405", "Method Not Allowed", "Allow lists the methods that the address knows."},
		refProblem{"about:blank", "415", "status-415", "Unsupported Media Type", "Bodies are application/json; files are sent as they are, or as multipart/form-data."})
}

// list is the members of an object, for people.
func (s *schema) list() (out []refMember) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		m := refMember{Name: name, Type: p.word(), Link: p.link(), Says: p.Description, Optional: !slices.Contains(s.Required, name)}
		if len(p.Enum) > 0 {
			m.Says = strings.TrimSpace(m.Says + " One of: " + strings.Join(p.Enum, ", "))
		}
		out = append(out, m)
	}
	return out
}

// word names the type in a word or two.
func (s *schema) word() string {
	switch {
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, components)
	case len(s.AllOf) > 0:
		return s.AllOf[0].word()
	case s.Items != nil:
		return "list of " + s.Items.word()
	case s.Format == "date-time":
		return "time"
	case s.Type == nil:
		return "anything"
	}
	if of, ok := s.Additional.(*schema); ok {
		return "map of " + of.word()
	}
	return fmt.Sprint(s.Type)
}

// link is the schema that a member leads to.
func (s *schema) link() string {
	switch {
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, components)
	case len(s.AllOf) > 0:
		return s.AllOf[0].link()
	case s.Items != nil:
		return s.Items.link()
	}
	if of, ok := s.Additional.(*schema); ok {
		return of.link()
	}
	return ""
}

// docsCSP lets the page have its style sheet and font from here, and nothing else.
const docsCSP = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// docs answers with the reference. It holds no record, so that a browser may keep
// it and ask whether it is still the same.
func (a *API) docs(w *answer, q *http.Request) error {
	h := w.Header()
	h.Set("Content-Security-Policy", docsCSP)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", "text/html; charset=utf-8")
	tag := fmt.Sprintf(`"%08x"`, crc32.Checksum(a.doc.page, castagnoli))
	h.Set("ETag", tag)
	if anyTag(q.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, _ = w.Write(a.doc.page) // the reader has gone away: nobody is left to tell
	return nil
}

func (d *document) print() {
	var b bytes.Buffer
	if err := refPage(referenceOf(&d.api)).Render(context.Background(), &b); err != nil {
		panic(err) // a buffer takes everything
	}
	d.page = b.Bytes()
}
