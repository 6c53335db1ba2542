package profile

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

const docs = "../../docs/profile.md"

// TestDocsListEveryMistake keeps the end of the document in step with testdata/bad.
func TestDocsListEveryMistake(t *testing.T) {
	const begin = "The lists below are made by the tests; the places are those of their example.\n"
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	head, have, ok := strings.Cut(string(text), begin)
	if !ok {
		t.Fatalf("%s holds no line %q", docs, begin)
	}
	want := mistakes(t)
	if *update {
		if err := os.WriteFile(docs, []byte(head+begin+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s: want (-), have (+); run with -update:\n%s", docs, diff)
	}
}

func mistakes(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n### About %s\n", strings.TrimSuffix(filepath.Base(file), ".txtar"))
		for i := 0; i+1 < len(a.Files); i += 2 {
			name := strings.TrimPrefix(a.Files[i].Name, "edit ")
			fmt.Fprintf(&b, "\n- %s\n\n", strings.ToUpper(name[:1])+name[1:])
			for line := range strings.Lines(string(a.Files[i+1].Data)) {
				b.WriteString("      " + line)
			}
		}
	}
	return b.String()
}

// TestDocsTellOfEveryKey walks the structs that the files fill.
func TestDocsTellOfEveryKey(t *testing.T) {
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	var r raw
	keys := map[string]bool{}
	for _, part := range r.files() {
		collect(reflect.TypeOf(part), keys)
	}
	collect(reflect.TypeFor[rawMachine](), keys)
	if len(keys) < 80 {
		t.Fatalf("found only %d keys", len(keys))
	}
	for _, k := range sortedKeys(keys) {
		if !strings.Contains(string(text), "`"+k) {
			t.Errorf("%s says nothing of the key %q", docs, k)
		}
	}
}

// TestDocsTellOfEveryWord looks for the words of messages, events, needs and effects.
func TestDocsTellOfEveryWord(t *testing.T) {
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]string{StandardEvents, known.Needs, known.Effects, ScoreSources, RiskEvents, LintChecks, StatementFields, MaterialFields, PolicyChecks, EscalationChecks} {
		for _, w := range list {
			if !strings.Contains(string(text), "`"+w) {
				t.Errorf("%s says nothing of %q", docs, w)
			}
		}
	}
	for _, v := range vars {
		if !strings.Contains(string(text), "{{."+v+"}}") {
			t.Errorf("%s says nothing of the word %s of messages", docs, v)
		}
	}
	if have := reflect.TypeFor[Vars]().NumField(); have != len(vars) {
		t.Errorf("Vars has %d fields, the list of words %d", have, len(vars))
	}
}

func collect(typ reflect.Type, keys map[string]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collect(typ.Elem(), keys)
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				keys[name] = true
				collect(f.Type, keys)
			}
		}
	}
}
