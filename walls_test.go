package house_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// wall is one rule of the house: find returns a sentence for each breach.
type wall struct {
	says string
	find func([]file) []string
}

// walls are the rules, in the words of the architecture.
var walls = []wall{
	{"a package imports lower floors only", importsDown},
	{"every package stands on a floor", standing},
	{"only the spine holds the store", store},
	{"servers stand in the surfaces only", servers},
	{"clients stand under plug only", clients},
	{"a format knows the Document and little else", formats},
	{"a plug knows the shapes of the outside and little else", plugs},
	{"only the wiring and the jobs look at the clock", clocks},
	{"only ref and seal throw dice", dice},
	{"SQL text stands in files named sql.go, or sql_ and its subject", sqlText},
	{"every package says what it is", comments},
	{"package names tell something", names},
	{"functions end before they are lost", func(all []file) []string { return long(all, refused) }},
	{"files end before they are lost", longFiles},
	{"nothing is left to do without an issue", leftovers},
	{"lock files name no download address", locks},
	{"main hands over to cli and does nothing else", mains},
	{"the binary holds no test code", testCode},
	{"stages are named in profiles only", stages},
	{"whoever reads is asked for", askers},
}

const module = "tocsin/"

// at says where in a file a node stands.
func (f file) at(n ast.Node) string {
	p := f.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", f.path, p.Line)
}

// importOf is the path that an import spec names.
func importOf(s *ast.ImportSpec) string {
	p, _ := strconv.Unquote(s.Path.Value)
	return p
}

// own cuts an import path of ours to a place.
func own(p string) (string, bool) {
	p, ok := strings.CutPrefix(p, module)
	return strings.TrimPrefix(p, "internal/"), ok
}

// eachImport calls look for every import of the files that run.
func eachImport(all []file, look func(f file, spec *ast.ImportSpec, path string)) {
	for _, f := range all {
		if !f.ours() {
			continue
		}
		for _, spec := range f.tree.Imports {
			look(f, spec, importOf(spec))
		}
	}
}

func importsDown(all []file) (bad []string) {
	eachImport(all, func(f file, spec *ast.ImportSpec, p string) {
		to, ok := own(p)
		from := f.place()
		if !ok || floor(to) < floor(from) || exceptions[from+" "+to] != "" {
			return
		}
		bad = append(bad, fmt.Sprintf("%s: %s (floor %d) imports %s (floor %d)", f.at(spec), from, floor(from), to, floor(to)))
	})
	return bad
}

func standing(all []file) (bad []string) {
	seen := map[string]bool{".": true}
	for _, f := range all {
		if p := f.place(); f.ours() && !seen[p] && floor(p) == 0 {
			seen[p] = true
			bad = append(bad, fmt.Sprintf("%s stands on no floor: add it to the table in house_test.go", p))
		}
	}
	return bad
}

func store(all []file) (bad []string) {
	eachImport(all, func(f file, spec *ast.ImportSpec, p string) {
		driver := strings.HasPrefix(p, "github.com/jackc/") || strings.HasPrefix(p, "modernc.org/sqlite")
		house := p == module+"internal/db"
		if (driver || house || p == "database/sql") && !in(f.place(), rooms.store) && !(house && asksEngine(f)) {
			bad = append(bad, fmt.Sprintf("%s: %s imports %s: go through gate", f.at(spec), f.place(), p))
		}
	})
	return bad
}

// asksEngine tells whether a file may ask which engine runs, and uses db for nothing else.
func asksEngine(f file) bool {
	only := in(f.place(), rooms.engine)
	named(f, module+"internal/db", func(_ ast.Node, name string) {
		only = only && slices.Contains([]string{"Engine", "SQLite", "Postgres"}, name)
	})
	return only
}

// named calls look for every pkg.Name in the file, where pkg is the import path.
func named(f file, pkg string, look func(n ast.Node, name string)) {
	for _, spec := range f.tree.Imports {
		if importOf(spec) != pkg {
			continue
		}
		local := path.Base(pkg)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			look(spec, "*")
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == local {
					look(n, s.Sel.Name)
				}
			}
			return true
		})
	}
}

// uses finds the names of a package that appear outside of the rooms that may use them.
func uses(all []file, pkg string, may []string, mend string, names ...string) (bad []string) {
	for _, f := range all {
		if !f.ours() || in(f.place(), may) {
			continue
		}
		named(f, pkg, func(n ast.Node, name string) {
			if name == "*" || slices.Contains(names, name) {
				bad = append(bad, fmt.Sprintf("%s: %s uses %s.%s: %s", f.at(n), f.place(), pkg, name, mend))
			}
		})
	}
	return bad
}

func servers(all []file) []string {
	const mend = "a server is a surface's business"
	return slices.Concat(
		uses(all, "net/http", rooms.server, mend, "Server", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS",
			"Handle", "HandleFunc", "NewServeMux", "ServeMux", "ResponseWriter"),
		uses(all, "net", append([]string{"plug/*"}, rooms.server...), mend, "Listen", "ListenConfig", "ListenTCP"),
		uses(all, "net/http/httptest", rooms.client, mend, "NewServer", "NewTLSServer", "NewUnstartedServer"))
}

func clients(all []file) []string {
	const mend = "what goes outside is a plug"
	return slices.Concat(
		uses(all, "net/http", rooms.client, mend, "Get", "Post", "PostForm", "Head", "Client", "DefaultClient",
			"Transport", "DefaultTransport", "NewRequest", "NewRequestWithContext"),
		uses(all, "net", rooms.client, mend, "Dial", "DialTimeout", "Dialer", "DialTCP"),
		uses(all, "crypto/tls", rooms.client, mend, "Dial", "DialWithDialer", "Dialer"))
}

// only finds imports of ours other than the allowed ones, in the places of a pattern.
func only(all []file, pattern string, allowed []string) (bad []string) {
	eachImport(all, func(f file, spec *ast.ImportSpec, p string) {
		to, ok := own(p)
		if !ok || !in(f.place(), []string{pattern}) || path.Base(f.place()) == "all" || in(to, allowed) {
			return
		}
		bad = append(bad, fmt.Sprintf("%s: %s imports %s; allowed are %s", f.at(spec), f.place(), to, strings.Join(allowed, ", ")))
	})
	return bad
}

func formats(all []file) []string { return only(all, "format/*", rooms.format) }

func plugs(all []file) []string { return only(all, "plug/*", rooms.plug) }

func clocks(all []file) []string {
	return uses(all, "time", rooms.now, "take the time that you are handed (tx.Now)", "Now", "Since", "Until")
}

func dice(all []file) (bad []string) {
	may := map[string][]string{"crypto/rand": rooms.secret, "math/rand": rooms.random, "math/rand/v2": rooms.random}
	eachImport(all, func(f file, spec *ast.ImportSpec, p string) {
		if rooms, ok := may[p]; ok && !in(f.place(), rooms) {
			bad = append(bad, fmt.Sprintf("%s: %s imports %s: use ref.New or ref.Secret", f.at(spec), f.place(), p))
		}
	})
	return bad
}

// statement recognises the beginning of an SQL statement, and not a sentence that begins alike.
var statement = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s+[{(\w]|insert\s+into\s+[{\w]|update\s+[{\w]+\}?(\s+\w+)?\s+set\s|delete\s+from\s+[{\w]|with\s+\w+\s*(\([^)]*\)\s*)?as\s+\(|create\s+(table|index|unique|database|virtual|trigger)\s|alter\s+table\s|drop\s+(table|index|database)\s|pragma\s)`)

// sentence recognises words that no SQL has after "from".
var sentence = regexp.MustCompile(`(?i)\sfrom\s+(the|a|an|this|that|your|one|our|its|all)\s`)

// sqlFile is what files that hold SQL are named: sql.go, and where a package has much of
// it sql_evidence.go, sql_score.go and so on, one a subject.
var sqlFile = regexp.MustCompile(`^sql(_[a-z]+)?\.go$`)

func sqlText(all []file) (bad []string) {
	for _, f := range all {
		if !f.ours() || sqlFile.MatchString(path.Base(f.path)) || f.path == "internal/db/flavor.go" || in(f.place(), rooms.sql) {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if s, err := strconv.Unquote(lit.Value); err == nil && statement.MatchString(s) && !sentence.MatchString(s) {
				bad = append(bad, fmt.Sprintf("%s: SQL text outside of sql.go and sql_*.go: %.40q", f.at(n), s))
			}
			return true
		})
	}
	return bad
}

func comments(all []file) (bad []string) {
	said := map[string]bool{}
	for _, f := range all {
		if f.ours() {
			first, _, _ := strings.Cut(f.tree.Doc.Text(), "\n")
			said[f.place()] = said[f.place()] || strings.HasPrefix(first, "Package "+f.tree.Name.Name+" ") || strings.HasPrefix(first, "Command ")
		}
	}
	for place, ok := range said {
		if !ok {
			bad = append(bad, place+" has no package comment that says what it is")
		}
	}
	slices.Sort(bad)
	return bad
}

func names(all []file) (bad []string) {
	seen := map[string]bool{}
	for _, f := range all {
		if !f.ours() || seen[f.place()] {
			continue
		}
		seen[f.place()] = true
		if slices.Contains(vague, f.tree.Name.Name) {
			bad = append(bad, fmt.Sprintf("%s: package %s: a name that tells nothing", f.path, f.tree.Name.Name))
		}
	}
	return bad
}

// long finds functions of more than limit lines.
func long(all []file, limit int) (bad []string) {
	for _, f := range all {
		if !f.ours() {
			continue
		}
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1; n > limit {
				bad = append(bad, fmt.Sprintf("%s: %s has %d lines: split at %d", f.at(fn), fn.Name.Name, n, questioned))
			}
		}
	}
	return bad
}

// longFiles finds files of more than longFile lines.
func longFiles(all []file) (bad []string) {
	for _, f := range all {
		if n := strings.Count(f.text, "\n"); f.ours() && n > longFile {
			bad = append(bad, fmt.Sprintf("%s has %d lines: split at %d", f.path, n, longFile))
		}
	}
	return bad
}

var (
	mark  = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b(\(#\d+\))?`)
	notes = []string{".go", ".templ", ".css", ".js", ".yaml", ".sql"}
)

func leftovers(all []file) (bad []string) {
	for _, f := range all {
		if !slices.Contains(notes, path.Ext(f.path)) {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			if m := mark.FindStringSubmatch(line); m != nil && m[2] == "" && strings.ContainsAny(line, "/*#-") {
				bad = append(bad, fmt.Sprintf("%s:%d: %s without an issue", f.path, i+1, m[1]))
			}
		}
	}
	return bad
}

func locks(all []file) (bad []string) {
	for _, f := range all {
		if path.Base(f.path) == "package-lock.json" && strings.Contains(f.text, `"resolved"`) {
			bad = append(bad, f.path+": names download addresses: make it with npm's omit-lockfile-registry-resolved")
		}
	}
	return bad
}

func testCode(all []file) (bad []string) {
	eachImport(all, func(f file, spec *ast.ImportSpec, p string) {
		if strings.SplitN(p, "/", 2)[0] == "testing" && !in(f.place(), rooms.testing) {
			bad = append(bad, fmt.Sprintf("%s: %s imports %s", f.at(spec), f.place(), p))
		}
	})
	return bad
}

func mains(all []file) (bad []string) {
	eachImport(all, func(f file, spec *ast.ImportSpec, p string) {
		if to, ok := own(p); f.place() == "cmd/tocsin" && ok && to != "cli" {
			bad = append(bad, fmt.Sprintf("%s: imports %s", f.at(spec), to))
		}
	})
	return bad
}

// stageName finds the stages in a life cycle's YAML.
var stageName = regexp.MustCompile(`(?m)^  - name: ([a-z-]+)$`)

// stages finds the names of a profile's stages in the code that must work with
// any profile's: a vendor's process is a folder of YAML and no Go.
func stages(all []file) (bad []string) {
	known := map[string]bool{}
	for _, f := range all {
		if ok, _ := path.Match("profiles/*/lifecycle/*.yaml", f.path); !ok {
			continue
		}
		text, _, _ := strings.Cut(f.text, "\nmoves:")
		for _, m := range stageName.FindAllStringSubmatch(text, -1) {
			known[m[1]] = !slices.Contains(eventWords, m[1])
		}
	}
	for _, f := range all {
		if !f.ours() || !in(f.place(), rooms.anyProcess) {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value) // the parser has read it
				if _, after, ok := strings.Cut(s, ":"); known[s] || ok && known[after] {
					bad = append(bad, fmt.Sprintf("%s: names the stage %q: let the life cycle say it", f.at(n), s))
				}
			}
			return true
		})
	}
	return bad
}
