package cve

import (
	"bytes"
	"regexp"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tocsin/internal/advisory"
	"tocsin/internal/format/mutate"
)

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile(schemaFile)
})

var schemaFile string

// oracle is the published schema of the record format, version 5.1.1. There is
// no linter of CVE records among npm's packages or Go's modules to compare the
// rules "cve.…" with; TestLint states what each of them must find.
func oracle(t testing.TB) func(body []byte) error {
	t.Helper()
	schemaFile = mutate.Shared(t, "cve", "CVE_JSON_bundled_5.1.1.json")
	s, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return func(body []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			return err
		}
		return s.Validate(v)
	}
}

func check(t testing.TB, body []byte) []advisory.Finding {
	t.Helper()
	found, err := Format{}.Check(body)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAgreesWithSchema(t *testing.T) {
	t.Parallel()
	validate := oracle(t)
	for _, name := range []string{"full", "rejected"} {
		t.Run(name, func(t *testing.T) {
			mutate.Agree(t, mutate.Read(t, "testdata/"+name+".json"), validate, Format{}.Check, stricter.MatchString)
		})
	}
}

// stricter are the places where we knowingly refuse what the schema, or the
// library that runs it, lets pass: a URI that ends with a space, and values that
// are no objects where the schema forgot to ask for one.
var stricter = regexp.MustCompile(`^/containers/cna/(affected/0/repo with a space|references/[01]/url with a space|cpeApplicability/0(/nodes/0)? .*)$`)
