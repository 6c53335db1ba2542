package chart

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/fault"
	"tocsin/internal/locale"
)

// The limits of a flow: what is larger is no small diagram any more.
const (
	flowBytes = 20_000
	flowNodes = 40
	flowEdges = 80
	flowWords = 200 // letters of one text
)

// ParseFlow reads a flow from a subset of Mermaid's flowchart text:
//
//	flowchart LR
//	  A[Repository import] --> B[Parser]
//	  B -- unchecked URL --> C[Internal network]
//	  B -.-> D[Log]
//	  %% a comment
//
// A fault names line and column and what was expected there.
func ParseFlow(text string) (Flow, error) {
	if len(text) > flowBytes {
		return Flow{}, fault.New(fault.TooLarge, "the diagram has %s bytes, at most %s are read: leave the detail to a document", locale.House.Number(len(text)), locale.House.Number(flowBytes))
	}
	if !utf8.ValidString(text) {
		return Flow{}, fault.New(fault.Invalid, "the diagram is not UTF-8 text: save it as UTF-8")
	}
	p := &flowParser{nodes: map[string]int{}}
	begun := false
	for i, line := range strings.Split(text, "\n") {
		p.line, p.rest, p.col = i+1, []rune(strings.TrimSuffix(line, "\r")), 0
		p.blank()
		if p.done() || p.at("%%") {
			continue
		}
		var err error
		if !begun {
			begun, err = true, p.header()
		} else {
			err = p.statement()
		}
		if err != nil {
			return Flow{}, err
		}
	}
	if !begun {
		return Flow{}, fault.New(fault.Invalid, `the diagram is empty: begin with "flowchart LR"`)
	}
	if len(p.flow.Nodes) == 0 {
		return Flow{}, fault.New(fault.Invalid, `the diagram has no box: write for example "A[Import] --> B[Parser]"`)
	}
	return p.flow, nil
}

// flowParser reads one line after the other.
type flowParser struct {
	flow  Flow
	nodes map[string]int
	line  int
	rest  []rune // of the line
	col   int
}

// bad is a fault at the place that was read last.
func (p *flowParser) bad(says string, args ...any) error {
	f := fault.New(fault.Invalid, says, args...)
	f.Says = "line " + strconv.Itoa(p.line) + ", column " + strconv.Itoa(p.col+1) + ": " + f.Says
	return f
}

func (p *flowParser) done() bool { return p.col >= len(p.rest) }

func (p *flowParser) blank() {
	for !p.done() && (p.rest[p.col] == ' ' || p.rest[p.col] == '\t' || p.rest[p.col] == ';') {
		p.col++
	}
}

// at tells whether s comes next.
func (p *flowParser) at(s string) bool { return strings.HasPrefix(string(p.rest[p.col:]), s) }

// take reads s where it comes next.
func (p *flowParser) take(s string) bool {
	if !p.at(s) {
		return false
	}
	p.col += utf8.RuneCountInString(s)
	return true
}

// until reads up to s and behind it.
func (p *flowParser) until(s string) (string, bool) {
	text, _, ok := strings.Cut(string(p.rest[p.col:]), s)
	if ok {
		p.col += utf8.RuneCountInString(text) + utf8.RuneCountInString(s)
	}
	return strings.TrimSpace(text), ok
}

func (p *flowParser) header() error {
	if !p.take("flowchart") && !p.take("graph") {
		return p.bad(`a diagram begins with "flowchart LR"`)
	}
	p.blank()
	if !p.take("LR") {
		return p.bad(`only diagrams from left to right are drawn: write "flowchart LR"`)
	}
	if p.blank(); !p.done() {
		return p.bad("nothing stands behind LR: put the boxes on the next line")
	}
	return nil
}

// unread are words of Mermaid that are not part of the subset.
var unread = []string{"subgraph", "classDef", "class", "style", "linkStyle", "click", "direction"}

// statement reads a box, and the arrows that lead on from it.
func (p *flowParser) statement() error {
	from, err := p.node()
	for err == nil {
		if p.blank(); p.done() || p.at("%%") {
			return nil
		}
		var e Edge
		if e, err = p.arrow(); err != nil {
			return err
		}
		var to string
		if to, err = p.node(); err != nil {
			return err
		}
		if len(p.flow.Edges) == flowEdges {
			return p.bad("a diagram has at most %d arrows", flowEdges)
		}
		e.From, e.To = from, to
		p.flow.Edges = append(p.flow.Edges, e)
		from = to
	}
	return err
}

// shapes are the brackets that hold the text of a box.
var shapes = [][2]string{{"((", "))"}, {"[", "]"}, {"(", ")"}, {"{", "}"}}

// node reads a box: its name, and its text where it is given.
func (p *flowParser) node() (string, error) {
	p.blank()
	begin := p.col
	for !p.done() && (unicode.IsLetter(p.rest[p.col]) || unicode.IsDigit(p.rest[p.col]) || p.rest[p.col] == '_') {
		p.col++
	}
	id := string(p.rest[begin:p.col])
	for _, w := range unread {
		if id == w {
			p.col = begin
			return "", p.bad("%q is not drawn here: only boxes and arrows are", w)
		}
	}
	if id == "" {
		return "", p.bad("the name of a box is missing: letters, digits and _, for example A[Text]")
	}
	text := ""
	for _, s := range shapes {
		if !p.take(s[0]) {
			continue
		}
		var ok bool
		if text, ok = p.until(s[1]); !ok {
			return "", p.bad("the text of box %s is not closed: %q is missing", id, s[1])
		}
		break
	}
	return id, p.remember(id, strings.Trim(text, `"`))
}

// remember keeps a box; the first text that is given stays.
func (p *flowParser) remember(id, text string) error {
	if utf8.RuneCountInString(text) > flowWords {
		return p.bad("the text of box %s is longer than %d letters", clean(id[:min(len(id), 40)]), flowWords)
	}
	i, ok := p.nodes[id]
	if !ok {
		if len(p.flow.Nodes) == flowNodes {
			return p.bad("a diagram has at most %d boxes", flowNodes)
		}
		i = len(p.flow.Nodes)
		p.nodes[id] = i
		p.flow.Nodes = append(p.flow.Nodes, Node{ID: id})
	}
	if text != "" && p.flow.Nodes[i].Text == "" {
		p.flow.Nodes[i].Text = text
	}
	return nil
}

// arrow reads -->, -.->, -->|label|, -- label --> and -. label .->.
func (p *flowParser) arrow() (Edge, error) {
	e := Edge{}
	ok := true
	switch {
	case p.take("-->"), p.take("---"), p.take("==>"):
	case p.take("-.->"):
		e.Dashed = true
	case p.take("--"):
		if e.Text, ok = p.until("-->"); !ok {
			return e, p.bad(`the label of the arrow does not end: "-->" is missing`)
		}
	case p.take("-."):
		e.Dashed = true
		if e.Text, ok = p.until(".->"); !ok {
			return e, p.bad(`the label of the arrow does not end: ".->" is missing`)
		}
	default:
		return e, p.bad("an arrow is expected here: -->, -.-> or -- label -->")
	}
	if p.blank(); e.Text == "" && p.take("|") {
		if e.Text, ok = p.until("|"); !ok {
			return e, p.bad(`the label of the arrow does not end: "|" is missing`)
		}
	}
	if utf8.RuneCountInString(e.Text) > flowWords {
		return e, p.bad("the label of the arrow is longer than %d letters", flowWords)
	}
	return e, nil
}
