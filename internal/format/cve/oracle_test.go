package cve

import (
	"regexp"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/format/mutate"
)

// oracle is the published schema of the record format, version 5.1.1. There is
// no linter of CVE records among npm's packages or Go's modules to compare the
// rules "cve.…" with; TestLint states what each of them must find.
func oracle(t testing.TB) func(body []byte) error {
	t.Helper()
	return mutate.Schema(t, "cve", "CVE_JSON_bundled_5.1.1.json")
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
