// Package all lists the published forms that the house knows. A new form is
// one folder beside this one and one line here. Who has a file and does not
// know its form asks Detect or Check; who publishes walks Formats.
package all

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/csaf"
	"tocsin/internal/format/cve"
	"tocsin/internal/format/openvex"
	"tocsin/internal/format/osv"
	"tocsin/internal/shape"
)

// Formats are the published forms, in the order in which they are offered.
var Formats = []advisory.Reader{
	csaf.Format{},
	cve.Format{},
	osv.Format{},
	openvex.Format{},
}

// Named returns the form of the name, such as "osv-1".
func Named(name string) (advisory.Reader, error) {
	var names []string
	for _, f := range Formats {
		if f.Name() == name {
			return f, nil
		}
		names = append(names, f.Name())
	}
	return nil, fault.New(fault.Invalid, "%q is no form that is known here; there are %s", name, strings.Join(names, ", "))
}

// Detect returns the form that the JSON object in body claims to be of, or an
// Invalid fault that says what was seen instead.
func Detect(body []byte) (advisory.Reader, error) {
	decoded, err := shape.Decode(body)
	if err != nil {
		return nil, err
	}
	object, ok := decoded.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "this is JSON, but %s and not an object, so it is no advisory", kind(decoded))
	}
	for _, f := range Formats {
		if f.Is(object) {
			return f, nil
		}
	}
	return nil, fault.New(fault.Invalid, "this is none of CSAF, CVE, OSV and OpenVEX: %s", seen(object))
}

func kind(v any) string {
	switch v.(type) {
	case []any:
		return "a list"
	case string:
		return "a string"
	case nil:
		return "null"
	}
	return "a single value"
}

// tells are the members by which the forms and their neighbours are known.
var tells = []string{"dataType", "@context", "schema_version", "bomFormat", "spdxVersion", "data_type", "$schema"}

// seen says what an object of no known form looks like.
func seen(object map[string]any) string {
	if doc, ok := object["document"].(map[string]any); ok {
		if v, ok := doc["csaf_version"].(string); ok {
			return fmt.Sprintf("it is CSAF of version %q, and 2.0 is the one that is read here", shorten(v))
		}
	}
	for _, name := range tells {
		if s, ok := object[name].(string); ok {
			return fmt.Sprintf("its %s is %q", name, shorten(s))
		}
	}
	names := slices.Sorted(maps.Keys(object))
	const most = 5
	switch {
	case len(names) == 0:
		return "the object is empty"
	case len(names) > most:
		return fmt.Sprintf("its members are %s and %d more", shorten(strings.Join(names[:most], ", ")), len(names)-most)
	}
	return "its members are " + shorten(strings.Join(names, ", "))
}

func shorten(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Report is what is said about one file.
type Report struct {
	File     string             `json:"file"`
	Format   string             `json:"format"` // "csaf-2.0"; empty where the file is of no known form
	Valid    bool               `json:"valid"`
	Findings []advisory.Finding `json:"findings"`
}

// Check finds the form of body and every rule of it that body breaks. file is
// the name it is reported under, and the name that the forms' own rules about
// file names look at.
func Check(file string, body []byte) Report {
	r := Report{File: file, Findings: []advisory.Finding{}}
	f, err := Detect(body)
	if err == nil {
		r.Format = f.Name()
		var found []advisory.Finding
		found, err = f.Check(body)
		r.Findings = append(r.Findings, found...)
		if n, ok := f.(fileNamer); ok && err == nil {
			r.Findings = append(r.Findings, n.CheckName(file, body)...)
		}
	}
	if err != nil {
		rule := "format"
		if r.Format == "" && fault.Of(err).Fields != nil {
			rule = "json"
		}
		r.Findings = append(r.Findings, advisory.Finding{Rule: rule, Level: advisory.Error, Message: fault.Of(err).Says})
	}
	r.Valid = advisory.Valid(r.Findings)
	return r
}

// fileNamer is a form with rules about the name of its files.
type fileNamer interface {
	CheckName(file string, body []byte) []advisory.Finding
}
