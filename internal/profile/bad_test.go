package profile

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tocsin/internal/fault"
)

var update = flag.Bool("update", false, "rewrite what the files under testdata want")

// base is the profile that the tests change.
func base(t testing.TB) fstest.MapFS {
	t.Helper()
	a, err := txtar.ParseFile("testdata/base.txtar")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range a.Files {
		out[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return out
}

// few are the words that the base profile is written against.
var few = Words{
	Needs:   []string{"owner", "votes", "closure"},
	Effects: []string{"event:released", "event:closed", "event:published", "event:party", "tell:reporter", "tell:owner"},
	Verbs:   []string{"report.accept", "report.decline", "case.finish", "case.note", "advisory.publish", "risk.close", "observation.confirm"},
}

func TestTheBaseProfileIsGood(t *testing.T) {
	if _, err := Load(base(t), few); err != nil {
		t.Fatal(err)
	}
}

// edit changes the profile as the lines of an edit section say: "FILE: OLD => NEW"
// replaces the first OLD, \n standing for a new line; "FILE: gone" removes the file.
func edit(t *testing.T, fsys fstest.MapFS, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		file, change, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if change == "gone" {
			delete(fsys, file)
			continue
		}
		was, is, ok := strings.Cut(change, " => ")
		was, is = strings.ReplaceAll(was, `\n`, "\n"), strings.ReplaceAll(is, `\n`, "\n")
		if fsys[file] == nil {
			fsys[file] = &fstest.MapFile{Data: []byte(was)}
		}
		text := string(fsys[file].Data)
		if !ok || !strings.Contains(text, was) {
			t.Fatalf("%s holds no %q", file, was)
		}
		fsys[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, was, is, 1))}
	}
}

// TestEveryMistakeHasItsPlaceAndMend walks the files under testdata/bad: one
// mistake or a few each, and every line that Load answers.
func TestEveryMistakeHasItsPlaceAndMend(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(a.Files); i += 2 {
			name := strings.TrimPrefix(a.Files[i].Name, "edit ")
			t.Run(name, func(t *testing.T) {
				fsys := base(t)
				edit(t, fsys, string(a.Files[i].Data))
				have := refusal(t, fsys)
				if *update {
					a.Files[i+1].Data = []byte(have)
				}
				if diff := cmp.Diff(string(a.Files[i+1].Data), have); diff != "" {
					t.Errorf("want (-), have (+):\n%s", diff)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// refusal loads a bad profile and returns its mistakes, a line each.
func refusal(t *testing.T, fsys fs.FS) string {
	t.Helper()
	p, err := Load(fsys, few)
	if err == nil {
		t.Fatalf("loaded as %s, want a refusal", p.Version)
	}
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("kind %s, want %s", fault.KindOf(err), fault.Invalid)
	}
	if f := fault.Of(err); len(f.Fields) != strings.Count(err.Error(), "\n")+1 {
		t.Errorf("%d fields for %d lines", len(f.Fields), strings.Count(err.Error(), "\n")+1)
	}
	return err.Error() + "\n"
}

func TestNearestWord(t *testing.T) {
	known := []string{"critical", "high", "low", "medium"}
	for word, want := range map[string]string{"hihg": "high", "criticla": "critical", "lwo": "low", "medum": "medium", "purple": ""} {
		if have := nearest(word, known); have != want {
			t.Errorf("nearest to %s is %q, want %q", word, have, want)
		}
	}
}

func TestMistakesComeInOrderAndOnce(t *testing.T) {
	ps := Problems{{"b", 1, 1, "x", "y"}, {"a", 2, 1, "x", "y"}, {"a", 1, 9, "x", "y"}, {"b", 1, 1, "x", "y"}}
	want := Problems{{"a", 1, 9, "x", "y"}, {"a", 2, 1, "x", "y"}, {"b", 1, 1, "x", "y"}}
	if have := ps.sorted(); !slices.Equal(have, want) {
		t.Errorf("sorted %v, want %v", have, want)
	}
}
