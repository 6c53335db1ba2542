package api

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/house"
	"tocsin/internal/profile"
)

var update = flag.Bool("update", false, "write comments.go anew")

// TestComments holds that the reference says what the code says: comments.go has
// the comments of every type and field that the schemas describe. -update writes
// it anew.
func TestComments(t *testing.T) {
	want := comment(t)
	if *update {
		if err := os.WriteFile("comments.go", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("comments.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("comments.go does not say what the code says; run go test ./internal/api -run TestComments -update")
	}
}

// comment writes the file.
func comment(t *testing.T) []byte {
	p, err := profile.Embedded("generic", house.Words())
	if err != nil {
		t.Fatal(err)
	}
	d := &document{}
	types := d.make(p)
	said := map[string]string{}
	for _, folder := range folders(types) {
		readCode(t, folder, said)
	}
	var b bytes.Buffer
	b.WriteString("package api\n\n// comments is what the code says of the types and fields that the reference shows.\n// It is made of the code by TestComments; do not edit it.\nvar comments = map[string]string{\n")
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if described(types, name) {
			fmt.Fprintf(&b, "%q: %q,\n", name, said[name])
		}
	}
	b.WriteString("}\n")
	out, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func folders(types map[reflect.Type]string) []string {
	out := map[string]bool{}
	for t := range types {
		if rest, ours := strings.CutPrefix(t.PkgPath(), "tocsin/internal/"); ours {
			out[filepath.Join("..", rest)] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

func described(types map[reflect.Type]string, name string) bool {
	for t := range types {
		inner, _, _ := strings.Cut(t.Name(), "[")
		full := filepath.Base(t.PkgPath()) + "." + inner
		if name == full || strings.HasPrefix(name, full+".") {
			return true
		}
		for i := range t.NumField() { // embedded types lend their fields
			if f := t.Field(i); f.Anonymous {
				e := f.Type
				if e.Kind() == reflect.Pointer {
					e = e.Elem()
				}
				if strings.HasPrefix(name, filepath.Base(e.PkgPath())+"."+e.Name()+".") {
					return true
				}
			}
		}
	}
	return false
}

// readCode collects what a folder's code says of its struct types.
func readCode(t *testing.T, folder string, said map[string]string) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					readType(f.Name.Name, g, s.(*ast.TypeSpec), said)
				}
			}
		}
	}
}

func readType(pkg string, g *ast.GenDecl, s *ast.TypeSpec, said map[string]string) {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	doc := s.Doc
	if doc == nil {
		doc = g.Doc
	}
	keep(said, pkg+"."+s.Name.Name, doc.Text())
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			keep(said, pkg+"."+s.Name.Name+"."+n.Name, f.Doc.Text()+" "+f.Comment.Text())
		}
	}
}

func keep(said map[string]string, name, text string) {
	if text = strings.Join(strings.Fields(text), " "); text != "" {
		said[name] = strings.ToUpper(text[:1]) + text[1:]
	}
}
