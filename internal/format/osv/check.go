package osv

import (
	"fmt"
	"regexp"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/shape"
)

// The structure of an OSV record, version 1. Members under database_specific
// and ecosystem_specific are the database's own.
var (
	stamp    = shape.Pattern("a time in UTC like 2026-03-09T14:30:00Z", `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z`)
	strs     = shape.List(shape.String, 0)
	free     = shape.Object(shape.Open)
	scores   = shape.List(shape.Object(shape.Open, shape.Req("type", shape.Enum("CVSS_V2", "CVSS_V3", "CVSS_V4", "Ubuntu")), shape.Req("score", shape.String)), 0)
	eventsOf = shape.All(shape.List(shape.Rule(oneEvent), 1), shape.Rule(eventsTogether))
	rangesOf = shape.All(shape.Object(shape.Open, shape.Req("type", shape.Enum(git, semver, inEcosystem)), shape.Opt("repo", shape.String),
		shape.Req("events", eventsOf), shape.Opt("database_specific", free)), shape.Rule(gitRange))
	packageOf = shape.Object(shape.Open, shape.Req("name", shape.String), shape.Opt("purl", shape.String),
		shape.Req("ecosystem", shape.Match("an ecosystem that OSV knows, such as Go or npm", isEcosystem)))
	affectedOf = shape.Object(shape.Open, shape.Opt("package", packageOf), shape.Opt("severity", scores), shape.Opt("ranges", shape.List(rangesOf, 0)),
		shape.Opt("versions", strs), shape.Opt("ecosystem_specific", free), shape.Opt("database_specific", free))
	recordOf = shape.Object(shape.Closed,
		shape.Opt("schema_version", shape.String),
		shape.Req("id", shape.Match("an ID of a registered database; any other begins with "+experimental, isID)),
		shape.Req("modified", stamp), shape.Opt("published", stamp), shape.Opt("withdrawn", stamp),
		shape.Opt("aliases", strs), shape.Opt("upstream", strs), shape.Opt("related", strs),
		shape.Opt("summary", shape.String), shape.Opt("details", shape.String), shape.Opt("severity", scores),
		shape.Opt("affected", shape.List(affectedOf, 0)),
		shape.Opt("references", shape.List(shape.Object(shape.Open, shape.Req("type", shape.Enum(referenceTypes...)), shape.Req("url", shape.String)), 0)),
		shape.Opt("credits", shape.List(shape.Object(shape.Open, shape.Req("name", shape.String), shape.Opt("contact", strs), shape.Opt("type", shape.Enum(roles...))), 0)),
		shape.Opt("database_specific", free))
)

func isID(s string) bool { return strings.HasPrefix(s, experimental) || registered(s) }

// eventKinds are the members of which an event has one.
var eventKinds = []string{"introduced", "fixed", "last_affected", "limit"}

func oneEvent(v any) string {
	o, ok := v.(map[string]any)
	n := 0
	for _, kind := range eventKinds {
		if _, is := o[kind].(string); is {
			n++
		}
	}
	if !ok || n != 1 {
		return "an event has one of " + strings.Join(eventKinds, ", ") + ", as a string"
	}
	return ""
}

func eventsTogether(v any) string {
	has := map[string]bool{}
	list, ok := v.([]any)
	for _, x := range list {
		o, isObject := x.(map[string]any)
		ok = ok && isObject
		for name := range o {
			has[name] = true
		}
	}
	switch {
	case !ok: // another rule says so
	case !has["introduced"]:
		return "a range needs an event that says where it begins: introduced, 0 for the beginning"
	case has["fixed"] && has["last_affected"]:
		return "a range ends with fixed or with last_affected, not with both"
	}
	return ""
}

var commit = regexp.MustCompile(`^(0|[a-f0-9]{40}|[a-f0-9]{64})$`)

func gitRange(v any) string {
	o, _ := v.(map[string]any)
	if kind, ok := o["type"]; ok && kind != git || o == nil {
		return ""
	}
	if _, ok := o["repo"]; !ok {
		return "a range of type GIT names its repo"
	}
	list, _ := o["events"].([]any)
	for i, x := range list {
		e, _ := x.(map[string]any)
		for _, kind := range eventKinds {
			if s, ok := e[kind].(string); ok && !commit.MatchString(s) {
				return fmt.Sprintf("the event at %d names %q; a range of type GIT names whole commits, in hexadecimal", i, s)
			}
		}
	}
	return ""
}

// Check reports everything that makes the record unfit: its structure, rule
// "schema", and what is well formed and wrong all the same, rules "osv.…".
func (Format) Check(body []byte) ([]advisory.Finding, error) {
	decoded, err := shape.Decode(body)
	if err != nil {
		return nil, err
	}
	o, ok := decoded.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "an OSV record is one JSON object; this is something else")
	}
	dropNulls(o)
	var c checker
	for _, f := range recordOf.Check(o) {
		c.add(advisory.Error, "schema", f.Pointer, f.Message)
	}
	c.severityOnce(o)
	c.lint(o)
	return c.found, nil
}

// dropNulls removes the members that may be null, which is the same as absent.
func dropNulls(o map[string]any) {
	for _, name := range []string{"aliases", "severity", "affected", "references"} {
		if v, ok := o[name]; ok && v == nil {
			delete(o, name)
		}
	}
	list, _ := o["affected"].([]any)
	for _, x := range list {
		if a, ok := x.(map[string]any); ok && a["severity"] == nil {
			delete(a, "severity")
		}
	}
}

// checker collects the findings of one record.
type checker struct{ found []advisory.Finding }

func (c *checker) add(level advisory.Level, rule, pointer, says string) {
	c.found = append(c.found, advisory.Finding{Rule: rule, Level: level, Pointer: pointer, Message: says})
}

// severityOnce: a record states severity as a whole or a package, not both.
func (c *checker) severityOnce(o map[string]any) {
	if _, whole := o["severity"]; !whole {
		return
	}
	list, _ := o["affected"].([]any)
	for i, x := range list {
		if a, _ := x.(map[string]any); a["severity"] != nil {
			c.add(advisory.Error, "schema", fmt.Sprintf("/affected/%d/severity", i), "the record states a severity as a whole, so its packages state none")
		}
	}
}
