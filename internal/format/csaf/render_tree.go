package csaf

import (
	"slices"
	"strings"

	"tocsin/internal/advisory"
)

// leaf is one product of the file: one exact version, one range, or all of what
// it is. A Product of the Document is one leaf where it states a version or
// range of its own, and otherwise one for each version and range that some
// vulnerability states of it.
type leaf struct {
	id       string
	of       *advisory.Product
	category string // of its branch; empty for all of the product
	name     string // of its branch
	words    string // its version or range for people
}

// leaves are all products of the file, in the order of their first mention.
type leaves struct {
	list []*leaf
	byID map[string]*leaf
	of   map[string][]*leaf // by the ID of the Document's product
	from map[string]*advisory.Product
}

func growLeaves(d *advisory.Document) *leaves {
	ls := &leaves{byID: map[string]*leaf{}, of: map[string][]*leaf{}, from: map[string]*advisory.Product{}}
	for i := range d.Products {
		p := &d.Products[i]
		ls.from[p.ID] = p
		switch {
		case p.Range != "":
			ls.add(leaf{p.ID, p, "product_version_range", p.Range, rangeWordsOf(readRange(p.Range))})
		case p.Version != "":
			ls.add(leaf{p.ID, p, "product_version", p.Version, p.Version})
		}
	}
	for i := range d.Vulns {
		for j := range d.Vulns[i].Affected {
			ls.affected(&d.Vulns[i].Affected[j])
		}
	}
	for i := range d.Products {
		if p := &d.Products[i]; len(ls.of[p.ID]) == 0 {
			ls.whole(p)
		}
	}
	return ls
}

func rangeWordsOf(r advisory.Range) string {
	if r.Bounded() || r.Raw != "" && !strings.HasPrefix(r.Raw, "vers:") {
		return r.String()
	}
	return "all versions"
}

func (ls *leaves) add(l leaf) *leaf {
	if old := ls.byID[l.id]; old != nil {
		return old
	}
	ls.byID[l.id] = &l
	ls.list = append(ls.list, &l)
	ls.of[l.of.ID] = append(ls.of[l.of.ID], &l)
	return &l
}

// whole is all of a product.
func (ls *leaves) whole(p *advisory.Product) *leaf { return ls.add(leaf{id: p.ID, of: p}) }

// placed is a leaf with the status that a statement gives it.
type placed struct {
	*leaf
	status advisory.Status
}

// affected returns the leaves that one statement speaks of. The version that
// ends a range because it has the fix is a fixed one.
func (ls *leaves) affected(a *advisory.Affected) []placed {
	p := ls.from[a.Product]
	if p == nil {
		return []placed{{&leaf{id: a.Product}, a.Status}} // test 6.1.1 says that it is missing
	}
	if p.Version != "" || p.Range != "" {
		return []placed{{ls.byID[p.ID], a.Status}}
	}
	var out []placed
	for _, v := range a.Versions {
		out = append(out, placed{ls.version(p, v), a.Status})
	}
	for _, r := range a.Ranges {
		out = append(out, placed{ls.ranged(p, r), a.Status})
		if r.Fixed != "" && a.Status == advisory.KnownAffected && r.Type != "git" {
			out = append(out, placed{ls.version(p, r.Fixed), advisory.Fixed})
		}
	}
	if len(out) == 0 {
		out = []placed{{ls.whole(p), a.Status}}
	}
	return out
}

func (ls *leaves) version(p *advisory.Product, v string) *leaf {
	return ls.add(leaf{p.ID + "@" + v, p, "product_version", v, v})
}

func (ls *leaves) ranged(p *advisory.Product, r advisory.Range) *leaf {
	name := vers(r)
	return ls.add(leaf{p.ID + "@" + name, p, "product_version_range", name, rangeWordsOf(r)})
}

// vers writes a range as a version range specifier: vers:semver/>=1.0|<1.2.
// Words that are no interval stay words.
func vers(r advisory.Range) string {
	if !r.Bounded() && r.Raw != "" && r.Raw != "*" {
		return r.Raw
	}
	var parts []string
	for _, b := range []struct{ op, v string }{{">=", r.Introduced}, {"<", r.Fixed}, {"<=", r.LastAffected}} {
		if b.v != "" && (b.op != ">=" || b.v != "0") {
			parts = append(parts, b.op+versEscape.Replace(b.v))
		}
	}
	if len(parts) == 0 {
		return "vers:all/*"
	}
	return "vers:" + versTypes.to(r.Type) + "/" + strings.Join(parts, "|")
}

// versEscape percent-encodes what has a meaning in a version range specifier.
var versEscape = strings.NewReplacer("%", "%25", "|", "%7C", "<", "%3C", ">", "%3E", "=", "%3D", "!", "%21", ",", "%2C", "*", "%2A", " ", "%20", "/", "%2F")

// full is the product as section 3.1.3 has it.
func (l *leaf) full() *product {
	name := advisory.Product{Vendor: l.of.Vendor, Name: l.of.Name, Package: l.of.Package}.Names()
	if l.words != "" && !strings.HasSuffix(name, " "+l.words) {
		name += " " + l.words
	}
	if l.of.Platform != "" {
		name += " (" + l.of.Platform + ")"
	}
	p := &product{Name: name, ID: l.id}
	if l.of.PURL != "" || l.of.CPE != "" {
		p.Helper = &helper{CPE: l.of.CPE, PURL: l.of.PURL}
	}
	return p
}

// tree hangs the leaves under vendor, product name, platform and version. What
// has no vendor begins with its name.
func (ls *leaves) tree() *tree {
	if len(ls.list) == 0 {
		return nil
	}
	under := map[string]int{}
	for _, l := range ls.list {
		under[l.under()]++
	}
	t := &tree{}
	for _, l := range ls.list {
		hang(&t.Branches, l.path(under[l.under()] == 1), l.full())
	}
	return t
}

// under names the branches above the leaf. The only leaf there needs no branch
// of its own.
func (l *leaf) under() string {
	return strings.Join([]string{l.of.Vendor, l.of.Name, l.of.Package, l.of.Platform}, "\x00")
}

// fork is one branch on the way to a leaf.
type fork struct{ category, name string }

func (l *leaf) path(alone bool) []fork {
	var path []fork
	if l.of.Vendor != "" {
		path = append(path, fork{"vendor", l.of.Vendor})
	}
	name := l.of.Name
	if name == "" {
		name = l.of.Package
	}
	path = append(path, fork{"product_name", name})
	if l.of.Platform != "" {
		path = append(path, fork{"architecture", l.of.Platform})
	}
	switch {
	case l.category != "":
		path = append(path, fork{l.category, l.name})
	case !alone:
		path = append(path, fork{"product_version_range", "vers:all/*"})
	}
	return path
}

// hang puts p at the end of path, into branches that are there where they are.
// A branch that already carries a product gets a neighbour of the same name.
func hang(bs *[]branch, path []fork, p *product) {
	for i, f := range path {
		last := i == len(path)-1
		at := slices.IndexFunc(*bs, func(b branch) bool {
			return b.Category == f.category && b.Name == f.name && b.Product == nil && !last
		})
		if at < 0 {
			*bs = append(*bs, branch{Category: f.category, Name: f.name})
			at = len(*bs) - 1
		}
		if last {
			(*bs)[at].Product = p
			return
		}
		bs = &(*bs)[at].Branches
	}
}
