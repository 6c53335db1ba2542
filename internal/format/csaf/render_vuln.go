package csaf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/score/cvss"
)

// naming is one vulnerability being written.
type naming struct {
	*writing
	in  *advisory.Vuln
	out vulnerability
	// by the ID of the Document's product, the leaves of this vulnerability
	affected map[string][]string
	all      map[string][]string
	order    []string // the Document's products in the order of their mention
	status   status
}

func (w *writing) vulnerability(v *advisory.Vuln) vulnerability {
	n := &naming{writing: w, in: v, affected: map[string][]string{}, all: map[string][]string{}}
	n.out = vulnerability{
		CVE: v.CVE, Title: v.Title, Discovery: date(v.Discovered), Release: date(v.Released),
		IDs: w.identify(v.Aliases), References: refer(v.References), Acknowledgments: acknowledge(v.Credits),
	}
	n.out.Notes = withText(nil, "description", "Description", v.Description, v.Notes)
	for _, x := range v.Notes {
		n.out.Notes = append(n.out.Notes, note{Category: x.Category, Text: x.Text, Title: x.Title})
	}
	n.weaknesses()
	n.statuses()
	n.scores()
	n.remediations()
	for _, t := range v.Threats {
		n.out.Threats = append(n.out.Threats, threat{Category: t.Category, Details: t.Details})
	}
	return n.out
}

// weaknesses puts the first that CWE knows into its place, the others into notes.
func (n *naming) weaknesses() {
	for _, c := range n.in.CWEs {
		name, ok := isNamed(c)
		switch {
		case ok && n.out.CWE == nil:
			n.out.CWE = &weaknessRef{ID: c.ID, Name: name}
		case c.ID != "" || c.Name != "":
			n.note(weaknessTitle, strings.TrimSpace(c.ID+" "+cmp.Or(c.Name, name)))
		}
	}
}

func (n *naming) note(title, text string) {
	n.out.Notes = append(n.out.Notes, note{Category: "other", Title: title, Text: text})
}

// statuses writes where each leaf stands. What the Document states itself goes
// before what follows from the end of a range.
func (n *naming) statuses() {
	var implied []placed
	taken := map[string]bool{}
	for i := range n.in.Affected {
		a := &n.in.Affected[i]
		var ids []string
		for _, p := range n.leaves.affected(a) {
			if p.status != a.Status {
				implied = append(implied, p)
				continue
			}
			ids = append(ids, p.id)
			taken[p.id] = true
			n.place(a.Product, p)
		}
		n.reasons(a, ids)
	}
	for _, p := range implied {
		if !taken[p.id] {
			taken[p.id] = true
			n.place(p.of.ID, p)
		}
	}
	if len(taken) > 0 {
		n.out.Status = &n.status
	}
}

func (n *naming) place(product string, p placed) {
	list := n.status.list(p.status)
	if list == nil {
		return // a status that CSAF does not know says nothing here
	}
	if !slices.Contains(*list, p.id) {
		*list = append(*list, p.id)
	}
	if !slices.Contains(n.order, product) {
		n.order = append(n.order, product)
	}
	n.all[product] = append(n.all[product], p.id)
	switch p.status {
	case advisory.KnownAffected, advisory.FirstAffected, advisory.LastAffected:
		n.affected[product] = append(n.affected[product], p.id)
	}
}

// reasons writes why products are not affected: a flag for the words of VEX, a
// threat of category impact for a statement of one's own.
func (n *naming) reasons(a *advisory.Affected, ids []string) {
	if a.Status != advisory.KnownNotAffected || len(ids) == 0 {
		return
	}
	if a.Justification != "" {
		i := slices.IndexFunc(n.out.Flags, func(f flag) bool { return f.Label == a.Justification })
		if i < 0 {
			n.out.Flags = append(n.out.Flags, flag{Label: a.Justification})
			i = len(n.out.Flags) - 1
		}
		n.out.Flags[i].Products = union(n.out.Flags[i].Products, ids)
	}
	if a.Impact != "" {
		i := slices.IndexFunc(n.out.Threats, func(t threat) bool { return t.Category == "impact" && t.Details == a.Impact })
		if i < 0 {
			n.out.Threats = append(n.out.Threats, threat{Category: "impact", Details: a.Impact})
			i = len(n.out.Threats) - 1
		}
		n.out.Threats[i].Products = union(n.out.Threats[i].Products, ids)
	}
}

func union(a, b []string) []string {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

// about returns the leaves that a list of the Document's products means here:
// the affected ones of each where there are any, else all of them. An empty list
// means every product.
func (n *naming) about(products []string) []string {
	if len(products) == 0 {
		products = n.order
		if len(n.affected) > 0 {
			products = slices.DeleteFunc(slices.Clone(n.order), func(p string) bool { return len(n.affected[p]) == 0 })
		}
	}
	var out []string
	for _, p := range products {
		switch {
		case len(n.affected[p]) > 0:
			out = union(out, n.affected[p])
		case len(n.all[p]) > 0:
			out = union(out, n.all[p])
		case len(n.leaves.of[p]) > 0:
			for _, l := range n.leaves.of[p] {
				out = union(out, []string{l.id})
			}
		default:
			out = union(out, []string{p})
		}
	}
	return out
}

func (n *naming) remediations() {
	for _, x := range n.in.Remediations {
		n.out.Remediations = append(n.out.Remediations, remediation{
			Category: x.Category, Date: date(x.Date), Details: x.Details, URL: x.URL, Products: n.about(x.Products)})
	}
}

// scores writes one score of a version for each product; what CSAF 2.0 has no
// place for (version 4.0, a second score, one without vector) becomes a note.
func (n *naming) scores() {
	type key struct{ version, id string }
	given := map[key]bool{}
	for _, s := range n.in.Scores {
		v, err := cvss.Parse(s.Vector)
		if err != nil {
			n.scoreNote(s, cmp.Or(s.Vector, fmt.Sprintf("base score %.1f", s.Base)))
			continue
		}
		version := v.Version()
		ids := slices.DeleteFunc(n.about(s.Products), func(id string) bool { return given[key{version, id}] })
		if version == "4.0" || len(ids) == 0 {
			s.Version = version
			base := v.Score().Base
			n.scoreNote(s, fmt.Sprintf("%s (base score %.1f, %s)", v, base, cvss.Severity(version, base)))
			continue
		}
		for _, id := range ids {
			given[key{version, id}] = true
		}
		n.out.Scores = append(n.out.Scores, newScore(v, ids))
	}
}

func (n *naming) scoreNote(s advisory.Score, text string) {
	title := strings.TrimSpace(scoreTitle + s.Version)
	if s.Source != "" {
		title += ": " + s.Source
	}
	n.note(title, text)
}

func newScore(v cvss.Vector, ids []string) score {
	if v.Version() == sheet2.version {
		return score{V2: sheet2.write(v), Products: ids}
	}
	return score{V3: sheets3[v.Version()].write(v), Products: ids}
}

// write returns the object of FIRST's schema for a vector: every metric that it
// states in words, and each score whose metrics it states.
func (s *sheet) write(v cvss.Vector) map[string]any {
	out := map[string]any{"version": s.version, "vectorString": v.String()}
	for abbrev, word := range s.states(v.String()) {
		out[s.metric(abbrev).member] = word
	}
	r := v.Score()
	for i, x := range []struct {
		group string
		score float64
	}{{cvss.Base, r.Base}, {cvss.Temporal, r.Temporal}, {cvss.Environmental, r.Environmental}} {
		if !v.States(x.group) {
			continue
		}
		out[s.scores[i]] = x.score
		if len(s.ratings) > 0 {
			out[s.ratings[i]] = strings.ToUpper(cvss.Severity(s.version, x.score))
		}
	}
	return out
}
