// Package mutate is for the tests of the formats alone: it breaks a JSON
// document in every place, so that a format's own tables can be compared with
// the published schema, and finds the real documents beside the project.
package mutate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tocsin/internal/advisory"
)

// Shared returns the path of real documents beside the project, or skips the test.
func Shared(t testing.TB, parts ...string) string {
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

// Read returns the bytes of a file.
func Read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var schemas sync.Map // path -> func() (*jsonschema.Schema, error)

// Schema returns the check of a published JSON schema beside the project, which
// is compiled once.
func Schema(t testing.TB, parts ...string) func(body []byte) error {
	t.Helper()
	file := Shared(t, parts...)
	once, _ := schemas.LoadOrStore(file, sync.OnceValues(func() (*jsonschema.Schema, error) {
		return jsonschema.NewCompiler().Compile(file)
	}))
	s, err := once.(func() (*jsonschema.Schema, error))()
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

// Agree breaks the document in every place and in every way that is cheap to
// write, and compares check with the schema: what the schema refuses must be an
// error, and what it lets pass must break no rule "schema", but where stricter
// says that we know better.
func Agree(t *testing.T, document []byte, schema func([]byte) error, check func([]byte) ([]advisory.Finding, error), stricter func(where string) bool) {
	t.Helper()
	var whole any
	if err := json.Unmarshal(document, &whole); err != nil {
		t.Fatal(err)
	}
	n, refused := 0, 0
	Each(whole, "", func(where string) {
		body, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := check(body)
		if err != nil {
			t.Fatal(err)
		}
		n++
		if schema(body) != nil {
			refused++
			if advisory.Valid(ours) {
				t.Errorf("%s: we let it pass, the schema does not", where)
			}
			return
		}
		if s := structural(ours); len(s) > 0 && !stricter(where) {
			t.Errorf("%s: the schema lets it pass, we say %.300q", where, s)
		}
	})
	if refused < n/3 {
		t.Errorf("%d of %d broken documents refused by the schema; the breaking does not break", refused, n)
	}
	t.Logf("%d documents, %d refused", n, refused)
}

// structural returns the errors of the rule "schema".
func structural(found []advisory.Finding) (all []string) {
	for _, f := range found {
		if f.Level == advisory.Error && f.Rule == "schema" {
			all = append(all, f.Pointer+": "+f.Message)
		}
	}
	return all
}

// Each changes v in place in many ways, one at a time, calls try after each with
// where and what it was, and undoes it.
func Each(v any, at string, try func(where string)) {
	switch x := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			old := x[name]
			delete(x, name)
			try(at + "/" + name + " removed")
			replace(old, func(what string, bad any) {
				x[name] = bad
				try(fmt.Sprintf("%s/%s %s", at, name, what))
			})
			x[name] = old
			Each(old, at+"/"+name, try)
		}
		x["unheardOf"] = "x"
		try(at + " with another member")
		delete(x, "unheardOf")
	case []any:
		for i, old := range x {
			replace(old, func(what string, bad any) {
				x[i] = bad
				try(fmt.Sprintf("%s/%d %s", at, i, what))
			})
			x[i] = old
			Each(old, fmt.Sprintf("%s/%d", at, i), try)
		}
	}
}

// replace calls use with many values that could stand where old does.
func replace(old any, use func(what string, bad any)) {
	use("as null", nil)
	use("as a number", 7.25)
	use("empty", "")
	use("as a word", "word")
	use("as an object", map[string]any{})
	use("as a list", []any{})
	switch x := old.(type) {
	case string:
		use("with a space", x+" ")
		use("long", strings.Repeat(x+"x", 5000/(len(x)+1)))
		use("very long", strings.Repeat(x+"x", 20000/(len(x)+1)))
		use("in capitals", strings.ToUpper(x))
		use("in small letters", strings.ToLower(x))
		use("as n/a", "n/a")
	case []any:
		use("doubled", append(slices.Clone(x), x...))
	case float64:
		use("below zero", -x)
		use("as text", fmt.Sprint(x))
	}
}
