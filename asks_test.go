package house_test

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// asking are the words by which a view asks what its actor may.
var asking = []string{"Allow", "Reads", "Sees", "Where", "May", "Covers", "IsStaff", "Has"}

// open are the operations that read without asking, with the reason. What they read
// is still the part of each guarded table that the actor may see.
var open = map[string]string{
	"advisory.Advisories.Feed":      "what is published is for everybody",
	"advisory.Advisories.Published": "what is published is for everybody",
	"archive.run.fresh":             "of an import, which asks before it begins; it hands on nothing that is stored",
	"casework.Cases.Tick":           "the house's own look at clocks; it hands on a number",
	"cli.server.health":             "reads nothing",
	"effect.Effects.acknowledge":    "the house's own: an address to write to",
	"effect.Effects.mail":           "the house's own: whether a mail went out",
	"effect.Effects.nudge":          "the house's own: an address to write to",
	"effect.Effects.tellBulk":       "the house's own: how many of them who is told may see was asked for them",
	"effect.Effects.tellRiskOwner":  "the house's own: each who is found is asked for before they are told",
	"effect.Effects.tellMention":    "the house's own: each who is found is asked for before they are told",
	"effect.Effects.tellOwner":      "the house's own: each who is found is asked for before they are told",
	"effect.Effects.tellTeam":       "the house's own: each who is found is asked for before they are told",
	"insight.Jobs.Retry":            "which record a job is about, so that Act can ask for it; nothing is handed on",
	"intake.Reports.Own":            "compares the actor with the report's reporter",
	"intake.Reports.Reporter":       "the secret link is what says who asks",
	"intake.Reports.Tick":           "the house's own look at clocks; it hands on a number",
	"kri.KRIs.lookAll":              "the house's own look at what is due; it hands on nothing",
	"measure.Measures.base":         "the house's own: how far its cases are measured; nothing is handed on",
	"notice.Notices.Mine":           "the actor's own notices, about records that they see",
	"passage.Passages.Fill":         "the house's own: how far its texts are in; nothing is handed on",
	"party.Parties.Bearer":          "the token is what says who asks",
	"party.Parties.CanAccept":       "the link is what says who asks",
	"party.Parties.CanFound":        "the link is what says who asks",
	"party.Parties.Directory":       "the house's own, to put names where records say ids; pages show of it what stands on a record",
	"party.Parties.sitting":         "the cookie is what says who asks",
	"party.Parties.SignIn":          "name, password and code are what say who asks",
	"party.Parties.Sittings":        "the actor's own sessions",
	"party.Parties.Me":              "the actor's own account",
	"product.Products.List":         "products are no secret inside; asks whether the actor is inside by its kind",
	"recurrence.Recurrence.Fold":    "the house's own: how far its sums go; nothing is handed on",
	"risk.Risks.Recompute":          "finds the risks that the actor sees, and hands on a number; Act asks",
	"risk.Risks.Recurring":          "package recurrence asks for the cases that it counts, and the query for the risks that it finds",
	"risk.Risks.Tick":               "the house's own look at clocks; it hands on a number",
	"product.Products.Public":       "what the public report form offers is for everybody",
}

// operations are the functions of the house by place and name; a method also by its
// name alone, since without types its receiver is not known.
type operations map[string][]*ast.FuncDecl

func readOperations(all []file) operations {
	o := operations{}
	for _, f := range all {
		if !f.ours() {
			continue
		}
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				key := f.place() + "." + fn.Name.Name
				o[key] = append(o[key], fn)
			}
		}
	}
	return o
}

// askers finds operations that read through gate.View and never ask.
func askers(all []file) (bad []string) {
	o := readOperations(all)
	for _, f := range all {
		if !f.ours() || f.place() == "gate" {
			continue
		}
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || open[opName(f, fn)] != "" {
				continue
			}
			for _, view := range views(fn) {
				if !o.asks(f, view, map[ast.Node]bool{}) {
					bad = append(bad, fmt.Sprintf("%s: %s reads and asks nothing: call v.Allow, v.Reads or the like first, or give the reason in asks_test.go", f.at(view), opName(f, fn)))
				}
			}
		}
	}
	return bad
}

// opName is "casework.Cases.Get".
func opName(f file, fn *ast.FuncDecl) string {
	parts := []string{f.place()}
	if fn.Recv != nil && len(fn.Recv.List) == 1 {
		t := fn.Recv.List[0].Type
		if s, ok := t.(*ast.StarExpr); ok {
			t = s.X
		}
		if id, ok := t.(*ast.Ident); ok {
			parts = append(parts, id.Name)
		}
	}
	return strings.Join(append(parts, fn.Name.Name), ".")
}

// views are what a function hands to View: mostly a function literal.
func views(fn *ast.FuncDecl) (out []ast.Node) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "View" {
				out = append(out, call.Args[1])
			}
		}
		return true
	})
	return out
}

// asks tells whether a function, or one that it hands its view to, asks.
func (o operations) asks(f file, fn ast.Node, seen map[ast.Node]bool) bool {
	if seen[fn] {
		return false
	}
	seen[fn] = true
	var typ *ast.FuncType
	var body *ast.BlockStmt
	switch x := fn.(type) {
	case *ast.FuncLit:
		typ, body = x.Type, x.Body
	case *ast.FuncDecl:
		typ, body = x.Type, x.Body
	case *ast.Ident, *ast.SelectorExpr:
		return o.follow(f, x.(ast.Expr), seen)
	default:
		return false
	}
	mine, found := viewsAmong(typ), false
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if found || !ok {
			return !found
		}
		s, method := call.Fun.(*ast.SelectorExpr)
		if method && s.Sel.Name == "AsHouse" {
			return false // what asks there, asks for the house
		}
		if method && slices.Contains(asking, s.Sel.Name) && isOne(s.X, mine) {
			found = true
		} else if slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return isOne(a, mine) }) {
			found = o.follow(f, call.Fun, seen)
		}
		return !found
	})
	return found
}

// follow goes into the function that an expression names: one of the same package,
// or of another of ours.
func (o operations) follow(f file, fun ast.Expr, seen map[ast.Node]bool) bool {
	place, name := f.place(), ""
	switch x := fun.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
		if id, ok := x.X.(*ast.Ident); ok {
			for _, spec := range f.tree.Imports {
				if p, ours := own(importOf(spec)); ours && spec.Name == nil && p[strings.LastIndex(p, "/")+1:] == id.Name {
					place = p
				}
			}
		}
	}
	return slices.ContainsFunc(o[place+"."+name], func(fn *ast.FuncDecl) bool { return o.asks(f.in(place), fn, seen) })
}

// in is a file as if it stood in another place, to follow what is called there; its
// imports are not known.
func (f file) in(place string) file {
	if place != f.place() {
		f.path, f.tree = "internal/"+place+"/x.go", &ast.File{}
	}
	return f
}

// viewsAmong are the parameters that are a view, or a transaction, which is one.
func viewsAmong(t *ast.FuncType) (names []string) {
	for _, p := range t.Params.List {
		star, ok := p.Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		if s, ok := star.X.(*ast.SelectorExpr); ok && (s.Sel.Name == "View" || s.Sel.Name == "Tx") {
			for _, n := range p.Names {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// isOne tells whether an expression is one of the named views: v, tx, &tx.View.
func isOne(e ast.Expr, names []string) bool {
	if u, ok := e.(*ast.UnaryExpr); ok {
		if s, ok := u.X.(*ast.SelectorExpr); ok && s.Sel.Name == "View" {
			e = s.X
		}
	}
	id, ok := e.(*ast.Ident)
	return ok && slices.Contains(names, id.Name)
}

// TestOpenOperationsAreThere keeps the table of those that need not ask honest.
func TestOpenOperationsAreThere(t *testing.T) {
	read := map[string]bool{}
	all := house(t)
	for _, f := range all {
		if !f.ours() {
			continue
		}
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && len(views(fn)) > 0 {
				read[opName(f, fn)] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(open)) {
		if !read[name] || open[name] == "" {
			t.Errorf("%s: want an operation that reads, and a reason", name)
		}
	}
}
