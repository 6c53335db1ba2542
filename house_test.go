// Package house_test holds the walls of the house: what the plan of the
// architecture says about who may import, do and contain what, as tests that
// read the tree. The plan is the tables of this file; how each wall looks is
// in walls_test.go; that each would notice is shown in broken_test.go.
package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floors is the plan of the house, from the ground up. A package imports
// packages of lower floors only, none of its own floor or above. Paths are below
// internal/ where such a folder is meant, else from the project's root. An
// exact path wins over a pattern.
var floors = [][]string{
	{"fault", "ref", "locale", "profiles", "tools/*"},
	{"shape", "query"},                        // query reads what is typed above a list, as shape reads what is sent; its words are handed in
	{"lifecycle", "score/*", "seal", "chart"}, // chart draws what it is given, as score computes it: it knows no record
	{"profile"},
	{"access", "db", "outside"},
	{"audit"},
	{"gate"},
	{"job", "backup", "union", "passage"}, // passage keeps what stands on records findable: whoever writes there puts it in
	{"clock", "thread"},
	{"party", "product", "evidence", "notice", "kri", "setup", "saved"}, // thread says how text from people is read, and on which side a file stands
	{"insight", "recurrence", "measure"},                                // the towers put their text into its index; what it reads across them, it reads as rows
	{"advisory", "live", "hook"},                                        // live and hook read the sealed log, for open pages and for programs of others; the Document is a waist: cases are drafted into it, it knows no case
	{"roll"},                                                            // the register as it is listed and counted: it knows where risks stand, and no word of what they say
	{"intake", "casework", "archive", "risk", "observation"},
	{"exchange", "review", "hygiene", "quant", "bulk"}, // the register as files, in meetings, seen to at night and in money, and many records at once: they read and write by the records' own operations
	{"format/*"},
	{"format/all", "plug/*"},
	{"effect", "web/assets"},
	{"house", "web/ui"},              // house is wiring: everything below put together, for the surfaces, the command line and the tests
	{"picture"},                      // the pictures by name, of what the house's operations read: for the surfaces that show them and hand them out
	{"api", "web", "portal", "demo"}, // demo tells what happened by the operations, as a surface does; it shows nothing
	{"cli"},
	{"rig", "format/mutate", "walk", "cmd/tocsin"}, // rig, mutate and walk are for tests alone
	{"bench/*"},
	{"bench", "tools/style"},
}

// exceptions are imports that the floors forbid and that stand all the same,
// "from to", with the reason.
var exceptions = map[string]string{}

// rooms is who may hold what the rest of the house may not. Patterns of paths as in floors.
var rooms = struct {
	store, engine, server, client, now, secret, random, sql, format, plug, testing, anyProcess []string
}{
	store:  []string{"db", "gate", "job", "backup", "audit", "house", "rig", "cli", "bench", "bench/*"},
	engine: []string{"insight", "passage"}, // full text is their seam: they may ask which engine runs, and no more
	server: []string{"web", "web/*", "portal", "api", "cli", "rig", "bench", "bench/*", "tools/style"},
	client: []string{"plug/*", "rig", "bench", "bench/*"},
	now:    []string{"cli", "house", "job", "rig", "bench", "bench/*"},
	secret: []string{"ref", "seal", "rig", "bench", "bench/*"},
	random: []string{"job", "score/fair", "score/riskscore", "rig", "bench", "bench/*"}, // job: jitter of the back-off; fair, riskscore: seeded draws
	sql:    []string{"rig", "bench", "bench/*"},
	format: []string{"advisory", "product", "score/*", "shape", "fault", "ref"},
	plug:   []string{"outside", "fault"},

	testing:    []string{"rig", "format/mutate", "bench", "bench/*"},
	anyProcess: []string{"clock", "thread", "insight", "measure", "intake", "casework", "effect"},
}

// vague are package names that tell nothing.
var vague = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "service", "services",
	"manager", "repository", "controller", "misc", "base", "core"}

// eventWords are recorded events that some profile has a stage of the same name for.
var eventWords = []string{"opened", "severity", "published", "released", "closed", "mitigated"}

const (
	questioned = 60  // lines of a function that are mentioned
	refused    = 100 // lines of a function that fail
	longFile   = 500 // lines of a file; more fail
)

// file is one file of the house; tree is nil where it is not Go.
type file struct {
	path string // from the project's root, with slashes
	text string
	fset *token.FileSet
	tree *ast.File
}

// place is the file's folder as floors spells it.
func (f file) place() string { return strings.TrimPrefix(path.Dir(f.path), "internal/") }

// ours tells whether the walls read the file as Go that runs: no test, not generated.
func (f file) ours() bool {
	return f.tree != nil && !strings.HasSuffix(f.path, "_test.go") && !ast.IsGenerated(f.tree)
}

// in tells whether a place is one of the patterns.
func in(place string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, place); return ok })
}

// floor is the number of a place's floor, 0 for none.
func floor(place string) int {
	for i, row := range floors {
		if slices.Contains(row, place) {
			return i + 1
		}
	}
	for i, row := range floors {
		if in(place, row) {
			return i + 1
		}
	}
	return 0
}

// read parses one file of the house.
func read(path, text string) (file, error) {
	f := file{path: path, text: text}
	if !strings.HasSuffix(path, ".go") {
		return f, nil
	}
	f.fset = token.NewFileSet()
	var err error
	f.tree, err = parser.ParseFile(f.fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return f, err
}

// unread are folders that hold nothing of ours.
var unread = []string{".git", ".cache", "bin", "node_modules", "testdata", "internal/web/assets/vendor"}

// house reads every file of the tree whose text the walls look at.
func house(t *testing.T) []file {
	t.Helper()
	var all []file
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if slices.Contains(unread, name) || slices.Contains(unread, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".templ", ".css", ".js", ".yaml", ".json", ".sql"}, path.Ext(name)) {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := read(name, string(text))
		if err != nil {
			t.Errorf("%v", err)
			return nil
		}
		all = append(all, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestHouse reads the whole tree once and looks at every wall.
func TestHouse(t *testing.T) {
	all := house(t)
	for _, w := range walls {
		t.Run(w.says, func(t *testing.T) {
			for _, s := range w.find(all) {
				t.Error(s)
			}
		})
	}
	for _, s := range long(all, questioned) {
		t.Log(s)
	}
}

// TestPlan keeps the tables themselves honest.
func TestPlan(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range slices.Concat(floors...) {
		if seen[p] {
			t.Errorf("%s stands on two floors", p)
		}
		seen[p] = true
	}
	for edge, reason := range exceptions {
		from, to, ok := strings.Cut(edge, " ")
		if !ok || floor(from) == 0 || floor(to) == 0 || reason == "" {
			t.Errorf("exception %q: want two known places and a reason", edge)
		}
	}
}
