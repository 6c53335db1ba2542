package shape

import (
	"maps"
	"slices"
)

// Finding is one thing in a decoded value that its Node does not allow.
type Finding struct {
	Pointer string // RFC 6901
	Message string // one sentence
	Unknown bool   // nothing but a member of a Noted object that its table does not know
}

// MostFindings is where Check stops counting: what is wrong, and apart from
// that what is merely Unknown, so that none hides the other.
const MostFindings = 1000

// Node describes one value. Nodes are built once, as package tables, and never
// change afterwards; a Node may stand in many places, and in itself (Later).
type Node struct {
	check  func(c *checker, v any)
	fields []Field // of an object, so that it can be extended
}

// Check returns everything in v, as Decode returned it, that n does not allow:
// in the order of the tables.
func (n *Node) Check(v any) []Finding {
	c := &checker{path: make(path, 0, 32)}
	n.check(c, v)
	return c.found
}

// Later returns a Node that is looked up when it is used, for structures that
// contain themselves.
func Later(n **Node) *Node {
	return &Node{check: func(c *checker, v any) { (*n).check(c, v) }}
}

// checker is one walk over one value.
type checker struct {
	path  path
	found []Finding
	count [2]int // of findings that are not Unknown, and that are
}

func (c *checker) add(message string) { c.note(message, false) }

func (c *checker) note(message string, unknown bool) {
	c.take(Finding{c.path.Pointer(), message, unknown})
}

func (c *checker) take(f Finding) {
	which := &c.count[0]
	if f.Unknown {
		which = &c.count[1]
	}
	if *which < MostFindings {
		*which++
		c.found = append(c.found, f)
	}
}

func (c *checker) unknown(name string, noted bool, known []string) {
	c.path = append(c.path, step{name, -1})
	c.note(brief(name)+" is not a member that is known here"+didYouMean(name, known), noted)
	c.path = c.path[:len(c.path)-1]
}

// member checks v under name.
func (c *checker) member(name string, n *Node, v any) {
	c.path = append(c.path, step{name, -1})
	n.check(c, v)
	c.path = c.path[:len(c.path)-1]
}

// item checks the i-th of a list.
func (c *checker) item(i int, n *Node, v any) {
	c.path = append(c.path, step{index: i})
	n.check(c, v)
	c.path = c.path[:len(c.path)-1]
}

// Field is one member of an object.
type Field struct {
	name     string
	node     *Node
	required bool
}

// Req is a member that must be there.
func Req(name string, n *Node) Field { return Field{name, n, true} }

// Opt is a member that may be missing.
func Opt(name string, n *Node) Field { return Field{name, n, false} }

// Mode says what an object does with members that its table does not know.
type Mode int

// The modes of an object.
const (
	Closed Mode = iota // they are findings
	Noted              // they are findings marked Unknown
	Open               // they are passed over
)

// Object is a value with named members.
func Object(mode Mode, fields ...Field) *Node { return Sized(mode, 0, 0, fields...) }

// Extend returns the object n with more fields; a field of the same name is replaced.
func (n *Node) Extend(mode Mode, fields ...Field) *Node {
	all := slices.DeleteFunc(slices.Clone(n.fields), func(f Field) bool {
		return slices.ContainsFunc(fields, func(g Field) bool { return f.name == g.name })
	})
	return Object(mode, append(all, fields...)...)
}

// Sized is an Object that has at least least and, where most is not zero, at
// most most members.
func Sized(mode Mode, least, most int, fields ...Field) *Node {
	o := &object{mode: mode, least: least, most: most, fields: fields, known: map[string]bool{}}
	for _, f := range fields {
		if o.known[f.name] {
			panic("shape: the member " + f.name + " stands twice in one table")
		}
		o.known[f.name] = true
		o.names = append(o.names, f.name)
	}
	return &Node{check: o.check, fields: fields}
}

type object struct {
	mode        Mode
	least, most int
	fields      []Field
	known       map[string]bool
	names       []string
}

func (o *object) check(c *checker, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		c.add("this must be an object, not " + kindOf(v))
		return
	}
	o.size(c, len(m))
	met := 0
	for i := range o.fields {
		f := &o.fields[i]
		x, ok := m[f.name]
		switch {
		case ok:
			met++
			c.member(f.name, f.node, x)
		case f.required:
			c.add("the member " + brief(f.name) + " is missing")
		}
	}
	if met < len(m) && o.mode != Open {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !o.known[name] {
				c.unknown(name, o.mode == Noted, o.names)
			}
		}
	}
}

func (o *object) size(c *checker, n int) {
	if n < o.least {
		c.add("this object needs at least " + count(o.least, "member"))
	}
	if o.most > 0 && n > o.most {
		c.add("this object has more than " + count(o.most, "member"))
	}
}

// Map is an object whose names are free and whose values are all n.
func Map(n *Node) *Node {
	return &Node{check: func(c *checker, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.add("this must be an object, not " + kindOf(v))
			return
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			c.member(name, n, m[name])
		}
	}}
}

// All is a value that fits each of the nodes.
func All(nodes ...*Node) *Node {
	return &Node{check: func(c *checker, v any) {
		for _, n := range nodes {
			n.check(c, v)
		}
	}}
}

// AnyOf is a value that fits at least one of the nodes. Where it fits none,
// says is the finding; where says is empty, what the nearest node found.
func AnyOf(says string, nodes ...*Node) *Node {
	return &Node{check: func(c *checker, v any) {
		best, fits := c.try(nodes, v)
		if !fits && says != "" {
			c.add(says)
		} else {
			for _, f := range best {
				c.take(f)
			}
		}
	}}
}

// try returns what the first node that v fits has found about it, or else the
// fewest findings of any.
func (c *checker) try(nodes []*Node, v any) (best []Finding, fits bool) {
	for i, n := range nodes {
		own := &checker{path: c.path}
		n.check(own, v)
		if own.count[0] == 0 {
			return own.found, true
		}
		if i == 0 || len(own.found) < len(best) {
			best = own.found
		}
	}
	return best, false
}

// OneOf is a value that fits exactly one of the nodes; says is the finding
// where it fits none or several.
func OneOf(says string, nodes ...*Node) *Node {
	return &Node{check: func(c *checker, v any) {
		fit := 0
		for _, n := range nodes {
			own := &checker{path: c.path}
			if n.check(own, v); own.count[0] == 0 {
				fit++
			}
		}
		if fit != 1 {
			c.add(says)
		}
	}}
}

// By is an object whose member name decides, by its text, which node it must
// fit: the structure of one of several versions, for example. fallback stands
// for any other text, and for none.
func By(name string, nodes map[string]*Node, fallback *Node) *Node {
	return &Node{check: func(c *checker, v any) {
		m, _ := v.(map[string]any)
		word, _ := m[name].(string)
		if n, ok := nodes[word]; ok {
			n.check(c, v)
			return
		}
		fallback.check(c, v)
	}}
}

// Has is an object that has at least one of the named members.
func Has(names ...string) *Node {
	says := "this object needs " + either(names)
	return &Node{check: func(c *checker, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return // another node says so
		}
		for _, name := range names {
			if _, ok := m[name]; ok {
				return
			}
		}
		c.add(says)
	}}
}

// Rule is a node of the caller's own: it returns a sentence, or "" where v is good.
func Rule(says func(v any) string) *Node {
	return &Node{check: func(c *checker, v any) {
		if s := says(v); s != "" {
			c.add(s)
		}
	}}
}
