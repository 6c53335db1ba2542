package csaf

// subject is a file under test, with what many tests ask for.
type subject struct {
	*file
	raw      map[string]any
	products []located
	uses     []use           // of product IDs
	defined  map[string]bool // product IDs
	groups   map[string][]string
	history  []dated // the revisions in order
}

// located is a product with the place where the file defines it.
type located struct {
	*product
	at *place
}

// use is a place that names a product or group by its ID.
type use struct {
	id string
	at *place
}

func newSubject(raw map[string]any) *subject {
	s := &subject{file: readFile(raw), raw: raw, defined: map[string]bool{}, groups: map[string][]string{}}
	s.history = history(&s.Document.Tracking)
	if t := s.ProductTree; t != nil {
		s.collect(t)
	}
	for _, p := range s.products {
		s.defined[p.ID] = true
	}
	for i := range s.Vulnerabilities {
		s.vulnerability(&s.Vulnerabilities[i], vulnerabilityAt(i))
	}
	return s
}

func vulnerabilityAt(i int) *place { return (*place)(nil).in("vulnerabilities").at(i) }

func treeAt() *place { return (*place)(nil).in("product_tree") }

func (s *subject) collect(t *tree) {
	eachBranch(t.Branches, treeAt().in("branches"), func(b *branch, at *place) {
		if b.Product != nil {
			s.products = append(s.products, located{b.Product, at.in("product")})
		}
	})
	for i := range t.Names {
		s.products = append(s.products, located{&t.Names[i], treeAt().in("full_product_names").at(i)})
	}
	for i := range t.Relationships {
		r, at := &t.Relationships[i], treeAt().in("relationships").at(i)
		s.products = append(s.products, located{&r.Product, at.in("full_product_name")})
		s.uses = append(s.uses, use{r.Reference, at.in("product_reference")}, use{r.RelatesTo, at.in("relates_to_product_reference")})
	}
	for i, g := range t.Groups {
		s.use(g.Products, treeAt().in("product_groups").at(i).in("product_ids"))
		s.groups[g.ID] = append(s.groups[g.ID], g.Products...)
	}
}

// eachBranch calls do for every branch below, parents first.
func eachBranch(bs []branch, at *place, do func(*branch, *place)) {
	for i := range bs {
		here := at.at(i)
		do(&bs[i], here)
		eachBranch(bs[i].Branches, here.in("branches"), do)
	}
}

func (s *subject) use(ids []string, at *place) {
	for i, id := range ids {
		s.uses = append(s.uses, use{id, at.at(i)})
	}
}

func (s *subject) vulnerability(v *vulnerability, at *place) {
	for i, f := range v.Flags {
		s.use(f.Products, at.in("flags").at(i).in("product_ids"))
	}
	if v.Status != nil {
		for _, l := range v.Status.lists() {
			s.use(*l.ids, at.in("product_status").in(l.name))
		}
	}
	for i, r := range v.Remediations {
		s.use(r.Products, at.in("remediations").at(i).in("product_ids"))
	}
	for i, x := range v.Scores {
		s.use(x.Products, at.in("scores").at(i).in("products"))
	}
	for i, t := range v.Threats {
		s.use(t.Products, at.in("threats").at(i).in("product_ids"))
	}
}

// named returns the product IDs that a list of them and a list of groups name.
func (s *subject) named(products, groups []string) []string {
	if len(groups) == 0 {
		return products
	}
	all := append([]string(nil), products...)
	for _, g := range groups {
		all = append(all, s.groups[g]...)
	}
	return all
}
