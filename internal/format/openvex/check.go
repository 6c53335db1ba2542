package openvex

import (
	"fmt"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/shape"
)

// algorithms are the names of hashes, after IANA's registry of named information.
var algorithms = []string{"md5", "sha1", "sha-256", "sha-384", "sha-512", "sha3-224", "sha3-256", "sha3-384", "sha3-512",
	"blake2s-256", "blake2b-256", "blake2b-512", "blake3"}

// The structure of an OpenVEX document, version 0.2.0.
var (
	hashes       = shape.Object(shape.Closed, hashFields()...)
	identifiers  = shape.Object(shape.Closed, optional(shape.Text, "purl", "cpe22", "cpe23", "@cpe22", "@cpe23")...)
	identified   = shape.Has("@id", "identifiers", "hashes")
	subcomponent = shape.All(shape.Object(shape.Closed, componentFields()...), identified)
	product      = shape.All(shape.Object(shape.Closed, append(componentFields(), shape.Opt("subcomponents", shape.Set(subcomponent, 0)))...), identified)

	vulnerabilityNode = shape.Object(shape.Closed, shape.Opt("@id", shape.URI), shape.Req("name", shape.Text),
		shape.Opt("description", shape.String), shape.Opt("aliases", shape.Set(shape.Text, 0)))

	statementNode = shape.All(shape.Object(shape.Closed,
		shape.Opt("@id", shape.URI), shape.Opt("version", shape.Integer(1, 1<<53)), shape.Req("vulnerability", vulnerabilityNode),
		shape.Opt("timestamp", shape.DateTime), shape.Opt("last_updated", shape.DateTime), shape.Opt("products", shape.Set(product, 1)),
		shape.Req("status", shape.Enum("not_affected", "affected", "fixed", "under_investigation")), shape.Opt("supplier", shape.String),
		shape.Opt("status_notes", shape.String), shape.Opt("justification", shape.Enum(advisory.Justifications...)),
		shape.Opt("impact_statement", shape.String), shape.Opt("action_statement", shape.String),
		shape.Opt("action_statement_timestamp", shape.DateTime)), shape.Rule(reasons))

	documentNode = shape.Object(shape.Closed,
		shape.Req("@context", shape.Pattern("the context of OpenVEX, "+context, `^https://openvex\.dev/ns(/v[0-9.]+)?$`)),
		shape.Req("@id", shape.URI), shape.Req("author", shape.Text), shape.Opt("role", shape.String),
		shape.Req("timestamp", shape.DateTime), shape.Opt("last_updated", shape.DateTime), shape.Req("version", shape.Integer(1, 1<<53)),
		shape.Opt("tooling", shape.String), shape.Opt("supplier", shape.String), shape.Req("statements", shape.Set(statementNode, 1)))
)

func optional(n *shape.Node, names ...string) (all []shape.Field) {
	for _, name := range names {
		all = append(all, shape.Opt(name, n))
	}
	return all
}

func hashFields() []shape.Field { return optional(shape.Text, algorithms...) }

func componentFields() []shape.Field {
	return []shape.Field{shape.Opt("@id", shape.URI), shape.Opt("identifiers", identifiers), shape.Opt("hashes", hashes), shape.Opt("supplier", shape.String)}
}

// reasons says which words a status still needs.
func reasons(v any) string {
	o, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	has := func(name string) bool { s, _ := o[name].(string); return s != "" }
	switch status := o["status"]; {
	case status == "not_affected" && !has("justification") && !has("impact_statement"):
		return "not_affected needs a justification or an impact_statement"
	case status == "affected" && !has("action_statement"):
		return "affected needs an action_statement, which says what users can do"
	}
	return ""
}

// Check reports everything that makes the document unfit: its structure, rule
// "schema", and what is well formed and wrong all the same, rules "openvex.…".
func (Format) Check(body []byte) ([]advisory.Finding, error) {
	decoded, err := shape.Decode(body)
	if err != nil {
		return nil, err
	}
	o, ok := decoded.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "an OpenVEX document is one JSON object; this is something else")
	}
	var c checker
	for _, f := range documentNode.Check(o) {
		c.add(advisory.Error, "schema", f.Pointer, f.Message)
	}
	c.lint(o)
	return c.found, nil
}

// checker collects the findings of one document.
type checker struct{ found []advisory.Finding }

func (c *checker) add(level advisory.Level, rule, pointer, says string) {
	c.found = append(c.found, advisory.Finding{Rule: rule, Level: level, Pointer: pointer, Message: says})
}

// misplaced are the members that say nothing beside a status.
var misplaced = map[string][]string{
	"not_affected":        {"action_statement"},
	"affected":            {"justification", "impact_statement"},
	"fixed":               {"justification", "impact_statement", "action_statement"},
	"under_investigation": {"justification", "impact_statement", "action_statement"},
}

func (c *checker) lint(o map[string]any) {
	began, ok1 := o["timestamp"].(string)
	changed, ok2 := o["last_updated"].(string)
	if first, ok := shape.Time(began); ok && ok1 && ok2 {
		if last, ok := shape.Time(changed); ok && last.Before(first) {
			c.add(advisory.Warning, "openvex.time", "/last_updated", "last_updated is before timestamp")
		}
	}
	seen := map[string]string{}
	list, _ := o["statements"].([]any)
	for i, x := range list {
		s, _ := x.(map[string]any)
		at := fmt.Sprintf("/statements/%d", i)
		status, _ := s["status"].(string)
		for _, name := range misplaced[status] {
			if _, has := s[name]; has {
				c.add(advisory.Warning, "openvex.status", at+"/"+name, fmt.Sprintf("%s says nothing beside the status %s", name, status))
			}
		}
		if s["justification"] != nil && s["impact_statement"] != nil {
			c.add(advisory.Warning, "openvex.status", at+"/impact_statement", "one reason is enough: the justification, or else the impact_statement")
		}
		c.products(at, status, s, seen)
	}
}

// products looks for statements about nothing and for two that contradict.
func (c *checker) products(at, status string, s map[string]any, seen map[string]string) {
	list, _ := s["products"].([]any)
	if len(list) == 0 {
		c.add(advisory.Warning, "openvex.products", at, "the statement names no product, so it is about whatever the document is attached to")
	}
	v, _ := s["vulnerability"].(map[string]any)
	name, _ := v["name"].(string)
	for i, x := range list {
		p, _ := x.(map[string]any)
		id, _ := p["@id"].(string)
		_, parts := p["subcomponents"]
		_, dated := s["timestamp"]
		notes, _ := s["status_notes"].(string)
		key := name + "\x00" + id
		if other, twice := seen[key]; twice && id != "" && other != status && !parts && !dated && notes == "" {
			c.add(advisory.Error, "openvex.contradiction", fmt.Sprintf("%s/products/%d", at, i),
				fmt.Sprintf("%s is %s here and %s in an earlier statement of the same time", id, status, other))
		}
		if !parts && !dated && notes == "" {
			seen[key] = status
		}
	}
}
