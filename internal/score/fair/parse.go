package fair

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tocsin/internal/fault"
)

// MaxInput is how many bytes an input may have.
const MaxInput = 4 << 20

const maxText = 10_000 // bytes of one text

// Parse reads a portfolio from YAML or JSON and checks it. What is wrong is said for
// each place: file, line, column, field, and how to mend it. The name is
// that of the file.
func Parse(name string, text []byte) (Portfolio, error) {
	r := reader{name: name, at: map[string]place{}}
	var p Portfolio
	if len(text) > MaxInput {
		return p, fault.New(fault.TooLarge, "%s has more than %d MiB: no portfolio of at most %d scenarios needs that; split it", name, MaxInput>>20, MaxRisks)
	}
	if root := r.document(text); root != nil {
		r.value(root, reflect.ValueOf(&p).Elem(), "")
	}
	if len(r.lines) == 0 {
		r.checked(p.Check())
	}
	return p, r.fault()
}

// place is where something stands in a file.
type place struct{ line, col int }

// reader walks the nodes of a file and the value that they fill, side by side.
type reader struct {
	name  string
	at    map[string]place
	lines fault.Fields
}

// maxLines is how many mistakes are told at once.
const maxLines = 20

func (r *reader) put(at place, field, says, mend string) {
	line := fmt.Sprintf("%s:%d:%d: ", r.name, max(1, at.line), max(1, at.col))
	if field != "" {
		line += field + ": "
	}
	if len(r.lines) < maxLines {
		r.lines.Add(field, "%s", line+says+"; "+mend)
	}
}

func (r *reader) bad(n *yaml.Node, field, says, mend string) {
	r.put(place{n.Line, n.Column}, field, says, mend)
}

// fault is everything that is wrong: a sentence a line, and each with its field.
func (r *reader) fault() error {
	if len(r.lines) == 0 {
		return nil
	}
	var says []string
	for _, f := range r.lines {
		says = append(says, f.Says)
	}
	return &fault.Fault{Kind: fault.Invalid, Says: strings.Join(says, "\n"), Fields: r.lines}
}

// checked notes what a check found at the places where it stands.
func (r *reader) checked(err error) {
	if err == nil {
		return
	}
	for _, f := range fault.Of(err).Fields {
		key := f.Name
		at, ok := r.at[key]
		for !ok && key != "" {
			key = key[:max(0, strings.LastIndexByte(key, '.'))]
			at, ok = r.at[key]
		}
		says, mend, _ := strings.Cut(f.Says, "; ")
		r.put(at, f.Name, says, mend)
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)

// document reads the one document of a file.
func (r *reader) document(text []byte) *yaml.Node {
	body := string(text)
	if strings.HasPrefix(strings.TrimSpace(body), "{") {
		body = strings.ReplaceAll(body, "\t", " ") // JSON may indent with tabs, and has none in its texts
	}
	dec := yaml.NewDecoder(strings.NewReader(body))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		r.put(place{}, "", "the file is empty", "give at least one scenario")
		return nil
	} else if err != nil {
		r.syntax(err)
		return nil
	}
	switch err := dec.Decode(&more); {
	case err == nil:
		r.bad(&more, "", "the file has a second document", "keep one document a file")
	case !errors.Is(err, io.EOF):
		r.syntax(err)
	}
	return doc.Content[0]
}

func (r *reader) syntax(err error) {
	at, says := place{}, err.Error()
	if m := yamlLine.FindStringSubmatch(says); m != nil {
		at.line, _ = strconv.Atoi(m[1])
		says = m[2]
	}
	r.put(at, "", "this is neither YAML nor JSON: "+says, "check indentation, colons, quotes and brackets there")
}

func (r *reader) value(n *yaml.Node, v reflect.Value, field string) {
	r.at[field] = place{n.Line, n.Column}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.bad(n, field, "anchors and aliases are not read", "write the value out")
	case n.Tag == "!!null":
		r.bad(n, field, "there is no value", "write one, or take the line out")
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(n, v.Elem(), field)
	case v.Kind() == reflect.Struct:
		r.object(n, v, field)
	case v.Kind() == reflect.Slice:
		r.list(n, v, field)
	case n.Kind != yaml.ScalarNode:
		r.bad(n, field, "a single value is wanted here", "write a number or a text")
	case v.Kind() == reflect.Float64:
		r.number(n, v, field)
	default:
		r.text(n, v, field)
	}
}

func (r *reader) number(n *yaml.Node, v reflect.Value, field string) {
	x, err := strconv.ParseFloat(n.Value, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		r.bad(n, field, fmt.Sprintf("%q is no number", brief(n.Value)), "write one such as 0.25, 250000 or 2.5e5")
		return
	}
	v.SetFloat(x)
}

func (r *reader) text(n *yaml.Node, v reflect.Value, field string) {
	switch {
	case len(n.Value) > maxText:
		r.bad(n, field, fmt.Sprintf("the text has %d bytes", len(n.Value)), fmt.Sprintf("write at most %d", maxText))
	case strings.ContainsFunc(n.Value, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 }):
		r.bad(n, field, "the text holds a control character", "take it out")
	}
	v.SetString(n.Value)
}

// brief is the beginning of a word.
func brief(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// list reads a sequence; of structs, one alone stands for a list of one.
func (r *reader) list(n *yaml.Node, v reflect.Value, field string) {
	nodes := n.Content
	switch {
	case n.Kind == yaml.MappingNode && v.Type().Elem().Kind() == reflect.Struct:
		nodes = []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		r.bad(n, field, "a list is wanted here", "write [a, b] or lines that begin with a dash")
		return
	case len(nodes) > MaxRisks+maxParts*maxParts:
		r.bad(n, field, fmt.Sprintf("the list has %d entries", len(nodes)), "shorten it")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(nodes), len(nodes)))
	for i, item := range nodes {
		r.value(item, v.Index(i), join(field, strconv.Itoa(i)))
	}
}

// object reads a mapping whose keys are the fields of a struct.
func (r *reader) object(n *yaml.Node, v reflect.Value, field string) {
	if n.Kind != yaml.MappingNode {
		r.bad(n, field, "keys with values are wanted here", `write lines of "key: value"`)
		return
	}
	var known []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		known = append(known, name)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		k := slices.Index(known, name.Value)
		switch {
		case k < 0:
			r.bad(name, join(field, brief(name.Value)), "nobody knows the key", "use one of "+strings.Join(known, ", "))
		case seen[name.Value]:
			r.bad(name, join(field, name.Value), "the key is given twice", "keep one of the two")
		default:
			seen[name.Value] = true
			r.value(n.Content[i+1], v.Field(k), join(field, name.Value))
		}
	}
}
