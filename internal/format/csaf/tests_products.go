package csaf

import (
	"slices"
	"strings"
)

// The tests about products, groups and their status: 6.1.1 to 6.1.6, 6.1.13,
// 6.1.25, 6.1.29 and 6.1.31 to 6.1.33.

func missingProduct(s *subject, r *report) {
	for _, u := range s.uses {
		if !s.defined[u.id] {
			r.add(u.at, "no product of the product tree has the ID %q", u.id)
		}
	}
}

func productTwice(s *subject, r *report) {
	seen := make(map[string]*place, len(s.products))
	for _, p := range s.products {
		if first, ok := seen[p.ID]; ok {
			r.add(p.at.in("product_id"), "the product ID %q is already defined at %s", p.ID, first)
			continue
		}
		seen[p.ID] = p.at
	}
}

// circularProduct follows the relationships from each product that they define.
func circularProduct(s *subject, r *report) {
	if s.ProductTree == nil {
		return
	}
	g := cycles{to: map[string][]string{}, state: map[string]int{}}
	for _, x := range s.ProductTree.Relationships {
		g.to[x.Product.ID] = append(g.to[x.Product.ID], x.Reference, x.RelatesTo)
	}
	for i, x := range s.ProductTree.Relationships {
		if g.round(x.Product.ID) {
			r.add(treeAt().in("relationships").at(i), "the product %q is defined by way of itself", x.Product.ID)
		}
	}
}

// cycles looks for ways back in a graph of IDs.
type cycles struct {
	to    map[string][]string
	state map[string]int
}

// round reports whether a way from id leads into a circle; each circle is told once.
func (g *cycles) round(id string) bool {
	const open, done = 1, 2
	switch g.state[id] {
	case open:
		return true
	case done:
		return false
	}
	g.state[id] = open
	found := false
	for _, next := range g.to[id] {
		if g.round(next) {
			found = true
		}
	}
	g.state[id] = done
	return found
}

func (s *subject) eachGroupUse(do func(id string, at *place)) {
	each := func(ids []string, at *place) {
		for i, id := range ids {
			do(id, at.in("group_ids").at(i))
		}
	}
	for i, v := range s.Vulnerabilities {
		at := vulnerabilityAt(i)
		for j, x := range v.Flags {
			each(x.Groups, at.in("flags").at(j))
		}
		for j, x := range v.Remediations {
			each(x.Groups, at.in("remediations").at(j))
		}
		for j, x := range v.Threats {
			each(x.Groups, at.in("threats").at(j))
		}
	}
}

func missingGroup(s *subject, r *report) {
	s.eachGroupUse(func(id string, at *place) {
		if _, ok := s.groups[id]; !ok {
			r.add(at, "no product group has the ID %q", id)
		}
	})
}

func groupTwice(s *subject, r *report) {
	if s.ProductTree == nil {
		return
	}
	seen := map[string]bool{}
	for i, g := range s.ProductTree.Groups {
		if seen[g.ID] {
			r.add(treeAt().in("product_groups").at(i).in("group_id"), "the product group ID %q is already defined", g.ID)
		}
		seen[g.ID] = true
	}
}

func contradictingStatus(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		if v.Status == nil {
			continue
		}
		at := vulnerabilityAt(i).in("product_status")
		first := map[string]statusKind{}
		for _, l := range v.Status.lists() {
			for j, id := range *l.ids {
				before, ok := first[id]
				switch {
				case l.kind == neutral:
				case !ok:
					first[id] = l.kind
				case before != l.kind:
					r.add(at.in(l.name).at(j), "the product %q is %s here and %s in another list", id, kindNames[l.kind], kindNames[before])
				}
			}
		}
	}
}

func invalidPURL(s *subject, r *report) {
	for _, p := range s.products {
		if p.Helper == nil || !p.Helper.hasPURL {
			continue
		}
		if says := purlSays(p.Helper.PURL); says != "" {
			r.add(p.at.in("product_identification_helper").in("purl"), "%q is no package URL: %s", p.Helper.PURL, says)
		}
	}
}

func hashTwice(s *subject, r *report) {
	for _, p := range s.products {
		if p.Helper == nil {
			continue
		}
		for i, h := range p.Helper.Hashes {
			seen := map[string]bool{}
			for j, x := range h.FileHashes {
				if seen[x.Algorithm] {
					r.add(p.at.in("product_identification_helper").in("hashes").at(i).in("file_hashes").at(j),
						"the file has already a hash of the algorithm %q", x.Algorithm)
				}
				seen[x.Algorithm] = true
			}
		}
	}
}

func remediationForNothing(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		for j, x := range v.Remediations {
			if len(x.Products) == 0 && len(x.Groups) == 0 {
				r.add(vulnerabilityAt(i).in("remediations").at(j), "the remediation names no product; give product_ids or group_ids")
			}
		}
	}
}

// rangeMarks and rangeWords tell a range of versions from one version.
const rangeMarks = "<>"

var rangeWords = []string{"after", "all", "before", "earlier", "later", "prior", "versions"}

func rangeAsVersion(s *subject, r *report) {
	if s.ProductTree == nil {
		return
	}
	eachBranch(s.ProductTree.Branches, treeAt().in("branches"), func(b *branch, at *place) {
		if b.Category == "product_version" && saysRange(b.Name) {
			r.add(at.in("name"), "%q is a range, not one version; its category is product_version_range", b.Name)
		}
	})
}

// saysRange takes words between spaces: "after-eight" is a name of one version,
// as the standard's own test files have it.
func saysRange(name string) bool {
	if strings.ContainsAny(name, rangeMarks) {
		return true
	}
	for word := range strings.FieldsSeq(name) {
		if slices.Contains(rangeWords, strings.ToLower(strings.Trim(word, ".,;:()"))) {
			return true
		}
	}
	return false
}

func flagForNothing(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		for j, x := range v.Flags {
			if len(x.Products) == 0 && len(x.Groups) == 0 {
				r.add(vulnerabilityAt(i).in("flags").at(j), "the flag names no product; give product_ids or group_ids")
			}
		}
	}
}

func flagTwice(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		seen := map[string]int{}
		for j, x := range v.Flags {
			for _, id := range s.named(x.Products, x.Groups) {
				if first, ok := seen[id]; ok && first != j {
					r.add(vulnerabilityAt(i).in("flags").at(j), "the product %q has already the justification of flag %d", id, first)
					continue
				}
				seen[id] = j
			}
		}
	}
}
