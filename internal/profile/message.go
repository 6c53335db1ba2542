package profile

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// Message is a canned text to a reporter, or to the people of a risk, as a template over Vars.
type Message struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`        // the subject line
	Body  string   `json:"body"`         // Markdown
	On    []string `json:"on,omitempty"` // the moves that it goes out with by itself

	title, body *template.Template
}

// Vars are the words that a message may use.
type Vars struct {
	Tracking string // the report's tracking number; the risk's
	Title    string // the report's title, in the reporter's words; the risk's
	Link     string // the reporter's own page; the risk's
	Vendor   string // the publisher's name
	Credit   string // how the reporter wishes to be named; empty for not at all
	Days     int    // the days that the message speaks of
	Detail   string // what somebody writes into this one message: a question, a reason
	Advisory string // address of the published advisory
	Versions string // fixed versions
	Owner    string // of a risk: who is in charge
	Due      string // the day on which it is due
}

// vars lists the names of Vars as templates write them.
var vars = []string{"Tracking", "Title", "Link", "Vendor", "Credit", "Days", "Detail", "Advisory", "Versions", "Owner", "Due"}

// Render fills the message's title and body.
func (m Message) Render(v Vars) (title, body string, err error) {
	var t, b strings.Builder
	if err := m.title.Execute(&t, v); err != nil {
		return "", "", err
	}
	if err := m.body.Execute(&b, v); err != nil {
		return "", "", err
	}
	return strings.TrimSpace(t.String()), strings.TrimSpace(b.String()) + "\n", nil
}

// MessageOn finds the message that goes out by itself with a move.
func (p *Profile) MessageOn(verb string) (Message, bool) {
	for _, name := range slices.Sorted(maps.Keys(p.Messages)) {
		if m := p.Messages[name]; slices.Contains(m.On, verb) {
			return m, true
		}
	}
	return Message{}, false
}

// rawMessage is a message as its file spells it: a head between two lines of
// three dashes, and the body.
type rawMessage struct {
	Title string   `json:"title" need:"true"`
	On    []string `json:"on,omitempty"`

	made Message
}

// message reads one Markdown file. The head's opening line begins a YAML document,
// so it is handed over with it and the lines stay as they are.
func (l *loader) message(file, name string, text []byte) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	head, body, ok := bytes.Cut(text, []byte("\n---\n"))
	if !ok || !bytes.HasPrefix(head, []byte("---\n")) {
		l.put(file, place{}, `begin with a line of ---, a line "title: …", and a line of ---`, "the message has no head")
		return
	}
	m := &rawMessage{}
	l.yaml(file, append(head, '\n'), m)
	l.word(file, name)
	l.raw.messages[name] = m
	m.made = Message{Name: name, Title: m.Title, Body: string(body), On: m.On}
	if at := l.at[key(file, "title")]; m.Title != "" {
		if quoted(text, at) {
			at.col++
		}
		m.made.title = l.template(file, m.Title, at)
	}
	if strings.TrimSpace(m.made.Body) == "" {
		l.put(file, place{bytes.Count(head, []byte("\n")) + 2, 1}, "write what the message says below its head", "the message has no text")
	}
	m.made.body = l.template(file, m.made.Body, place{bytes.Count(head, []byte("\n")) + 3, 1})
}

// quoted tells whether the value at a place begins with a quote.
func quoted(text []byte, at place) bool {
	lines := bytes.Split(text, []byte("\n"))
	if at.line < 1 || at.line > len(lines) || at.col < 1 || at.col > len(lines[at.line-1]) {
		return false
	}
	c := lines[at.line-1][at.col-1]
	return c == '"' || c == '\''
}

var templateError = regexp.MustCompile(`^template: t:(\d+)(?::\d+)?: (?s:(.*))$`)

// template parses text that begins at a place of the file, and refuses all that
// is more than words and conditions.
func (l *loader) template(file, text string, at place) *template.Template {
	t, err := template.New("t").Parse(text)
	if err != nil {
		line, says := 1, err.Error()
		if m := templateError.FindStringSubmatch(says); m != nil {
			line, _ = strconv.Atoi(m[1])
			says = m[2]
		}
		l.put(file, at.move(text, lineStart(text, line)), "close what is open; words stand as {{.Title}}", "the template does not parse: %s", says)
		return template.Must(template.New("t").Parse(""))
	}
	w := walker{l, file, text, at}
	if len(t.Templates()) > 1 {
		l.put(file, at, "write the text where it is used", "a message cannot define other templates")
	} else if t.Tree != nil {
		w.node(t.Root)
	}
	return t
}

// lineStart returns the offset of the first brace of a line, or of the line.
func lineStart(text string, line int) int {
	at := 0
	for range line - 1 {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	rest, _, _ := strings.Cut(text[at:], "\n")
	return at + max(strings.Index(rest, "{{"), 0)
}

// move returns the place of the offset in text that begins at p.
func (p place) move(text string, offset int) place {
	before := text[:min(offset, len(text))]
	if n := strings.Count(before, "\n"); n > 0 {
		return place{p.line + n, len(before) - strings.LastIndexByte(before, '\n')}
	}
	return place{p.line, p.col + len(before)}
}

// walker looks at every node of a template.
type walker struct {
	l    *loader
	file string
	text string
	at   place
}

func (w walker) bad(n parse.Node, mend, says string, args ...any) {
	w.l.put(w.file, w.at.move(w.text, int(n.Position())), mend, says, args...)
}

func (w walker) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, c := range n.Nodes {
			w.node(c)
		}
	case *parse.ActionNode:
		w.pipe(n.Pipe)
	case *parse.IfNode:
		w.pipe(n.Pipe)
		w.node(n.List)
		w.node(n.ElseList)
	case *parse.TextNode, *parse.CommentNode:
	default:
		w.bad(n, "use words such as {{.Title}} and {{if .Credit}}…{{else}}…{{end}} only", "a message cannot do %s", n)
	}
}

// pipe allows one word and nothing else: no function, no variable, no chain.
func (w walker) pipe(p *parse.PipeNode) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		w.bad(p, "use words such as {{.Title}} only", "a message cannot compute %s", p)
		return
	}
	f, ok := p.Cmds[0].Args[0].(*parse.FieldNode)
	switch {
	case !ok || len(f.Ident) != 1:
		w.bad(p, "use words such as {{.Title}} only", "a message cannot compute %s", p)
	case !slices.Contains(vars, f.Ident[0]):
		w.bad(f, pick(f.Ident[0], vars), "messages have no word called %q", f.Ident[0])
	}
}
