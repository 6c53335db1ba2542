package cve

import (
	"path/filepath"
	"regexp"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/shape"
)

// Check reports everything that makes the record unfit: its structure, rule
// "schema", and then, as a linter of CVE records would, what is well formed and
// wrong all the same, rules "cve.…".
func (Format) Check(body []byte) ([]advisory.Finding, error) {
	decoded, err := shape.Decode(body)
	if err != nil {
		return nil, err
	}
	o, ok := decoded.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "a CVE record is one JSON object; this is something else")
	}
	c := checker{state: part(o, "cveMetadata").text("state"), older: before52.MatchString(object(o).text("dataVersion"))}
	c.structure(o)
	c.lint(o)
	return c.found, nil
}

var before52 = regexp.MustCompile(`^5\.[01](\.|$)`)

// checker collects the findings of one record.
type checker struct {
	state string
	older bool // the record is of a version before 5.2
	found []advisory.Finding
}

func (c *checker) add(level advisory.Level, rule, pointer, says string) {
	c.found = append(c.found, advisory.Finding{Rule: rule, Level: level, Pointer: pointer, Message: says})
}

// inProduct is the pointer of a member of a product.
var inProduct = regexp.MustCompile(`^/containers/(cna|adp/[0-9]+)/affected/[0-9]+/[^/]*$`)

// extension is the pointer of a member of a container that is free to be there.
var extension = regexp.MustCompile(`^/containers/(cna|adp/[0-9]+)/x_[^./]*$`)

func (c *checker) structure(o map[string]any) {
	table := publishedRecord
	switch {
	case c.state == rejected:
		table = rejectedRecord
	case c.older:
		table = olderRecord
	}
	for _, f := range table.Check(o) {
		if f.Unknown && extension.MatchString(f.Pointer) {
			continue
		}
		level := advisory.Error
		if f.Unknown && inProduct.MatchString(f.Pointer) {
			level = advisory.Warning
		}
		c.add(level, "schema", f.Pointer, f.Message)
	}
}

// CheckName reports where the name of a file is the ID of another record.
func (Format) CheckName(file string, body []byte) []advisory.Finding {
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	decoded, err := shape.Decode(body)
	if err != nil || !idForm.MatchString(stem) {
		return nil
	}
	o, _ := decoded.(map[string]any)
	if id := part(o, "cveMetadata").text("cveId"); id != stem {
		return []advisory.Finding{{Rule: "cve.file", Level: advisory.Warning, Pointer: "/cveMetadata/cveId",
			Message: "the file is named " + stem + " and holds the record of " + id}}
	}
	return nil
}

// object is a part of a decoded record; looking into what is not there finds nothing.
type object map[string]any

func part(o object, names ...string) object {
	for _, name := range names {
		o, _ = o[name].(map[string]any)
	}
	return o
}

func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

func (o object) list(name string) []any {
	l, _ := o[name].([]any)
	return l
}
