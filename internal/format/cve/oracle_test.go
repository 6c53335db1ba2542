package cve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tocsin/internal/advisory"
)

// shared returns the path of real documents beside the project, or skips.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && !exists(filepath.Join(dir, "go.mod")) {
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	p := filepath.Join(append([]string{dir, "..", "shared", "data"}, parts...)...)
	if !exists(p) {
		t.Skipf("%s is not there: the real documents stand beside the project, not in it", filepath.Join(parts...))
	}
	return p
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile(schemaFile)
})

var schemaFile string

// oracle is the published schema of the record format.
func oracle(t testing.TB) func(body []byte) error {
	t.Helper()
	schemaFile = shared(t, "cve", "CVE_JSON_bundled_5.1.1.json")
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

func read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func check(t testing.TB, body []byte) []advisory.Finding {
	t.Helper()
	found, err := Format{}.Check(body)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// structural returns the errors of the rule "schema", which must be the schema's
// too; the linter's rules are ours alone.
func structural(found []advisory.Finding) (all []string) {
	for _, f := range found {
		if f.Level == advisory.Error && f.Rule == "schema" {
			all = append(all, f.Pointer+": "+f.Message)
		}
	}
	return all
}

// TestAgreesWithSchema breaks whole records in every place and in every way
// that is cheap to write, and asks both the schema and our tables.
func TestAgreesWithSchema(t *testing.T) {
	t.Parallel()
	validate := oracle(t)
	for _, name := range []string{"full", "rejected"} {
		var whole any
		if err := json.Unmarshal(read(t, "testdata/"+name+".json"), &whole); err != nil {
			t.Fatal(err)
		}
		n, refused := 0, 0
		mutate(whole, "", func(where string) {
			body, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			n++
			theirs, ours := validate(body), check(t, body)
			if theirs != nil {
				refused++
			}
			if theirs == nil && len(structural(ours)) > 0 && !stricter.MatchString(where) {
				t.Errorf("%s %s: the schema lets it pass, we say %.300q", name, where, structural(ours))
			}
			if theirs != nil && advisory.Valid(ours) {
				t.Errorf("%s %s: we let it pass, the schema does not", name, where)
			}
		})
		if refused < n/2 {
			t.Errorf("%s: %d of %d broken records refused by the schema; the breaking does not break", name, refused, n)
		}
		t.Logf("%s: %d records, %d refused by both", name, n, refused)
	}
}

// stricter are the places where we knowingly refuse what the schema, or the
// library that runs it, lets pass: a URI that ends with a space, and values that
// are no objects where the schema forgot to ask for one.
var stricter = regexp.MustCompile(`^/containers/cna/(affected/0/repo with a space|references/[01]/url with a space|cpeApplicability/0(/nodes/0)? .*)$`)

// mutate changes v in place in many ways, one at a time, calls try after each
// and undoes it.
func mutate(v any, at string, try func(where string)) {
	switch x := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			old := x[name]
			delete(x, name)
			try(at + "/" + name + " removed")
			for what, bad := range replacements(old) {
				x[name] = bad
				try(fmt.Sprintf("%s/%s %s", at, name, what))
			}
			x[name] = old
			mutate(old, at+"/"+name, try)
		}
		x["unheardOf"] = "x"
		try(at + " with another member")
		delete(x, "unheardOf")
	case []any:
		for i, old := range x {
			for what, bad := range replacements(old) {
				x[i] = bad
				try(fmt.Sprintf("%s/%d %s", at, i, what))
			}
			x[i] = old
			mutate(old, fmt.Sprintf("%s/%d", at, i), try)
		}
	}
}

func replacements(old any) map[string]any {
	all := map[string]any{"null": nil, "a number": 7.25, "empty": "", "a word": "word", "an object": map[string]any{}, "a list": []any{}}
	switch x := old.(type) {
	case string:
		all["with a space"] = x + " "
		all["long"] = strings.Repeat(x+"x", 5000/(len(x)+1))
		all["very long"] = strings.Repeat(x+"x", 20000/(len(x)+1))
		all["upper"] = strings.ToUpper(x)
		all["lower"] = strings.ToLower(x)
		all["n/a"] = "n/a"
	case []any:
		all["doubled"] = append(slices.Clone(x), x...)
	case float64:
		all["minus"] = -x
		all["text"] = fmt.Sprint(x)
	}
	return all
}
