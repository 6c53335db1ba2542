package profile

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is where something stands in a file.
type place struct{ line, col int }

// source remembers where every value of the profile stands, so that a check can
// point at it long after it was read, and collects what is wrong.
type source struct {
	at     map[string]place
	unread map[string]bool // values that could not be read: no check looks at them again
	out    Problems
}

// key names a value by file and path: key("severity.yaml", "bands", 2, "from").
func key(file string, path ...any) string {
	var b strings.Builder
	b.WriteString(file)
	for _, p := range path {
		fmt.Fprintf(&b, "\x00%v", p)
	}
	return b.String()
}

// say notes a problem at the value that key names, or at what it stands in.
func (s *source) say(key, mend, says string, args ...any) {
	file, _, _ := strings.Cut(key, "\x00")
	for {
		p, ok := s.at[key]
		i := strings.LastIndexByte(key, 0)
		if s.unread[spot(file, p)] {
			return
		}
		if ok || i < 0 {
			s.put(file, p, mend, says, args...)
			return
		}
		key = key[:i]
	}
}

func spot(file string, p place) string { return fmt.Sprint(file, p) }

func (s *source) put(file string, p place, mend, says string, args ...any) {
	s.out = append(s.out, Problem{file, max(p.line, 1), max(p.col, 1), fmt.Sprintf(says, args...), mend})
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)

// yaml reads one file's text into v, a pointer to a struct whose json tags are the
// keys; a field with the tag need must be given.
func (s *source) yaml(file string, text []byte, v any) {
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		s.put(file, place{}, "fill it in, or remove it if it is not needed", "the file is empty")
		return
	} else if err != nil {
		s.syntax(file, err)
		return
	}
	switch err := dec.Decode(&more); {
	case err == nil:
		s.put(file, place{more.Line, more.Column}, "keep one document a file, without a line of ---", "the file has a second document")
	case !errors.Is(err, io.EOF):
		s.syntax(file, err)
	}
	r := reader{s, file}
	r.value(doc.Content[0], reflect.ValueOf(v).Elem(), file)
}

func (s *source) syntax(file string, err error) {
	p, says := place{}, err.Error()
	if m := yamlLine.FindStringSubmatch(says); m != nil {
		p.line, _ = strconv.Atoi(m[1])
		says = m[2]
	}
	s.put(file, p, "check the indentation, the colons and the quotes there", "this is not YAML: %s", says)
}

// reader walks one file's nodes and the Go value that they fill, side by side.
type reader struct {
	*source
	file string
}

func (r reader) bad(n *yaml.Node, mend, says string, args ...any) {
	p := place{n.Line, n.Column}
	r.unread[spot(r.file, p)] = true
	r.put(r.file, p, mend, says, args...)
}

func (r reader) value(n *yaml.Node, v reflect.Value, key string) {
	r.at[key] = place{n.Line, n.Column}
	t, isTarget := v.Addr().Interface().(*target)
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.bad(n, "write the value out", "anchors and aliases are not read")
	case n.Tag == "!!null":
		r.bad(n, "write a value, or remove the key", "there is no value")
	case isTarget && n.Kind == yaml.ScalarNode:
		t.word, _ = r.word(n)
	case isTarget:
		r.table(n, reflect.ValueOf(&t.spans).Elem(), key)
	case v.Addr().Type().Implements(textType):
		r.text(n, v.Addr().Interface().(encoding.TextUnmarshaler))
	case v.Kind() == reflect.Struct:
		r.object(n, v, key)
	case v.Kind() == reflect.Map:
		r.table(n, v, key)
	case v.Kind() == reflect.Slice:
		r.list(n, v, key)
	case v.Kind() == reflect.Array:
		r.array(n, v, key)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(n, v.Elem(), key)
	default:
		r.scalar(n, v)
	}
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// word returns the text of a scalar.
func (r reader) word(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		r.bad(n, "write one value", "a single value is wanted here, not a %s", kind(n))
		return "", false
	}
	if strings.ContainsFunc(n.Value, hidden) {
		r.bad(n, "remove it", "the text holds a control or direction character")
		return "", false
	}
	return n.Value, true
}

// hidden tells of characters that make text read other than it is.
func hidden(c rune) bool {
	return c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c >= 0x200b && c <= 0x200f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0xfeff
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "table of keys"
	case yaml.SequenceNode:
		return "list"
	}
	return "single value"
}

func (r reader) text(n *yaml.Node, v encoding.TextUnmarshaler) {
	word, ok := r.word(n)
	if !ok {
		return
	}
	if err := v.UnmarshalText([]byte(word)); err != nil {
		says, mend, _ := strings.Cut(err.Error(), "; ")
		r.bad(n, mend, "%s", says)
	}
}

func (r reader) scalar(n *yaml.Node, v reflect.Value) {
	word, ok := r.word(n)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if word == "" {
			r.bad(n, "write a value, or remove the key", "there is no value")
		}
		v.SetString(word)
	case reflect.Bool:
		if word != "true" && word != "false" {
			r.bad(n, "write true or false", "%q is neither true nor false", word)
		}
		v.SetBool(word == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(word, 10, 32)
		if err != nil {
			r.bad(n, "write digits only, such as 30", "%q is no whole number", word)
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			r.bad(n, "write a number such as 6.9", "%q is no number", word)
			return
		}
		v.SetFloat(f)
	}
}

// list reads a sequence; a single value stands for a list of one.
func (r reader) list(n *yaml.Node, v reflect.Value, k string) {
	nodes := n.Content
	switch {
	case n.Kind == yaml.ScalarNode && v.Type().Elem().Kind() == reflect.String:
		nodes = []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		r.bad(n, `begin each entry with "- "`, "a list is wanted here, not a %s", kind(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(nodes), len(nodes)))
	for i, item := range nodes {
		r.value(item, v.Index(i), key(k, i))
	}
}

// array reads a sequence of exactly as many entries as v has.
func (r reader) array(n *yaml.Node, v reflect.Value, k string) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != v.Len() {
		r.bad(n, "write them as [FROM, TO]", "a list of %d values is wanted here", v.Len())
		return
	}
	for i, item := range n.Content {
		r.value(item, v.Index(i), key(k, i))
	}
}

// pairs walks a mapping and refuses a key that comes twice.
func (r reader) pairs(n *yaml.Node, each func(name, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.bad(n, `write "key: value" lines`, "a table of keys is wanted here, not a %s", kind(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if _, ok := r.word(name); !ok {
			continue
		}
		if seen[name.Value] {
			r.bad(name, "remove one of the two", "the key %q is given twice", name.Value)
			continue
		}
		seen[name.Value] = true
		each(name, n.Content[i+1])
	}
}

// table reads a mapping whose keys are the profile's own words.
func (r reader) table(n *yaml.Node, v reflect.Value, k string) {
	v.Set(reflect.MakeMap(v.Type()))
	r.pairs(n, func(name, value *yaml.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		path := key(k, name.Value)
		r.value(value, elem, path)
		r.at[key(path, "@key")] = place{name.Line, name.Column}
		v.SetMapIndex(reflect.ValueOf(name.Value), elem)
	})
}

// object reads a mapping whose keys are the fields of a struct.
func (r reader) object(n *yaml.Node, v reflect.Value, k string) {
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = i
			known = append(known, name)
		}
	}
	given := map[string]bool{}
	r.pairs(n, func(name, value *yaml.Node) {
		i, ok := fields[name.Value]
		if !ok && value.Tag == "!!null" && strings.Contains(name.Value, " ") {
			r.bad(name, "put the whole text into quotes", "the comma before %q ended the value: it does inside { }", name.Value)
			return
		}
		if !ok {
			r.bad(name, pick(name.Value, known), "nobody knows the key %q", name.Value)
			return
		}
		given[name.Value] = true
		r.value(value, v.Field(i), key(k, name.Value))
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, name := range known {
		if _, must := v.Type().Field(fields[name]).Tag.Lookup("need"); must && !given[name] {
			r.put(r.file, place{n.Line, n.Column}, fmt.Sprintf("add %q", name+": …"), "the key %q is missing", name)
		}
	}
}
