package csaf

import (
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/advisory"
)

// readProducts flattens the product tree: branches, full product names, then
// relationships, in the file's order.
func (r *reading) readProducts() {
	t := r.ProductTree
	if t == nil {
		return
	}
	r.walk(t.Branches, advisory.Product{})
	for i := range t.Names {
		r.take(&t.Names[i], advisory.Product{Name: t.Names[i].Name})
	}
	for i := range r.out.Products {
		r.byID[r.out.Products[i].ID] = &r.out.Products[i]
	}
	for i := range t.Relationships {
		r.related(&t.Relationships[i])
	}
	for i := range r.out.Products {
		r.byID[r.out.Products[i].ID] = &r.out.Products[i]
	}
}

// onBranch says what the name of a branch is of a product.
var onBranch = map[string]func(p *advisory.Product, name string){
	"vendor":                func(p *advisory.Product, name string) { p.Vendor = name },
	"product_name":          func(p *advisory.Product, name string) { p.Name = name },
	"product_version":       func(p *advisory.Product, name string) { p.Version = name },
	"product_version_range": func(p *advisory.Product, name string) { p.Range = name },
	"service_pack":          func(p *advisory.Product, name string) { p.Version = joined(p.Version, name) },
	"patch_level":           func(p *advisory.Product, name string) { p.Version = joined(p.Version, name) },
	"architecture":          func(p *advisory.Product, name string) { p.Platform = joined(p.Platform, name) },
	"host_name":             func(p *advisory.Product, name string) { p.Platform = joined(p.Platform, name) },
	"specification":         func(p *advisory.Product, name string) { p.Platform = joined(p.Platform, name) },
	"language":              func(p *advisory.Product, name string) { p.Platform = joined(p.Platform, name) },
	"product_family": func(p *advisory.Product, name string) {
		if p.Name == "" { // the product_name below says it better
			p.Name = name
		}
	},
	"legacy": func(*advisory.Product, string) {}, // a name of which nobody knows what it is
}

func joined(a, b string) string { return strings.TrimSpace(a + " " + b) }

func (r *reading) walk(bs []branch, above advisory.Product) {
	for i := range bs {
		b, p := &bs[i], above
		if set := onBranch[b.Category]; set != nil {
			set(&p, b.Name)
		}
		if b.Product != nil {
			r.take(b.Product, p)
		}
		r.walk(b.Branches, p)
	}
}

// take adds a product of which the tree says what p holds.
func (r *reading) take(full *product, p advisory.Product) {
	p.ID = full.ID
	if p.Name == "" {
		p.Name = full.Name
	}
	if full.Helper != nil {
		p.PURL, p.CPE = full.Helper.PURL, full.Helper.CPE
	}
	r.out.Products = append(r.out.Products, p)
}

// related adds the product that a relationship makes of two others. It has the
// vendor and version of the one that it is about.
func (r *reading) related(x *relationship) {
	var p advisory.Product
	if of := r.byID[x.Reference]; of != nil {
		p = advisory.Product{Vendor: of.Vendor, Version: of.Version, Range: of.Range}
	}
	if on := r.byID[x.RelatesTo]; on != nil && x.Category == "installed_on" {
		p.Platform = on.Names()
	}
	p.Name = x.Product.Name
	r.take(&x.Product, p)
}

// readRange reads a range as branches have it: vers:type/>=1|<2, or the words
// that people write. Words that are no interval stay words.
func readRange(words string) advisory.Range {
	kind, constraints, ok := strings.Cut(strings.TrimPrefix(words, "vers:"), "/")
	if !ok || !strings.HasPrefix(words, "vers:") {
		r, _ := advisory.ReadRange(words) // where it is no interval, the words are all there is
		return r
	}
	out := advisory.Range{Type: versTypes.from(kind), Raw: words}
	if constraints == "*" {
		return out
	}
	for part := range strings.SplitSeq(constraints, "|") {
		if !bound(&out, part) {
			return advisory.Range{Type: out.Type, Raw: words}
		}
	}
	return out
}

// bound takes one constraint of a vers range, where it is a bound.
func bound(r *advisory.Range, part string) bool {
	for _, op := range []struct {
		text string
		at   *string
	}{{">=", &r.Introduced}, {"<=", &r.LastAffected}, {"<", &r.Fixed}} {
		rest, ok := strings.CutPrefix(part, op.text)
		if !ok {
			continue
		}
		v, err := url.PathUnescape(rest)
		if err != nil || v == "" || *op.at != "" {
			return false
		}
		*op.at = v
		return r.Fixed == "" || r.LastAffected == ""
	}
	return false
}

// versPairs translate between the types of the Document's ranges and those of
// vers ranges.
type versPairs []struct{ ours, vers string }

var versTypes = versPairs{{"semver", "semver"}, {"rpm", "rpm"}, {"custom", "generic"}, {"", "unknown"}}

func (ps versPairs) from(vers string) string {
	for _, p := range ps {
		if p.vers == vers {
			return p.ours
		}
	}
	return vers
}

func (ps versPairs) to(ours string) string {
	i := slices.IndexFunc(ps, func(p struct{ ours, vers string }) bool { return p.ours == ours })
	if i < 0 {
		return "generic"
	}
	return ps[i].vers
}
