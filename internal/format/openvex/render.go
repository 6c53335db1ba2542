package openvex

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

// Render makes one document with one statement for every vulnerability and
// product. The same Document gives the same bytes. It refuses where the
// document would not be valid, and says all that is missing.
func (f Format) Render(d advisory.Document) ([]advisory.File, error) {
	doc := write(d)
	if len(doc.Statements) == 0 {
		return nil, fault.At("vulns", "an OpenVEX document says where a product stands; this advisory names no product with a status")
	}
	if err := doc.identify(d); err != nil {
		return nil, err
	}
	body, err := advisory.Marshal(doc)
	if err != nil {
		return nil, err
	}
	found, err := f.Check(body)
	if err == nil {
		err = advisory.Refuse("an OpenVEX document", found)
	}
	if err != nil {
		return nil, err
	}
	return []advisory.File{{Name: fileName(d.ID), Media: "application/json", Body: body}}, nil
}

// fileName keeps of an ID what every file system takes.
func fileName(id string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, strings.ToLower(id))
	return strings.TrimLeft(plain, "._") + ".openvex.json"
}

func write(d advisory.Document) document {
	p := d.Publisher
	doc := document{
		Context:   context,
		Author:    first(p.Name, p.CNA, p.OrgID),
		Role:      first(p.Role, p.Category),
		Timestamp: advisory.At(d.Initial),
		Updated:   advisory.At(d.Current),
		Version:   number(d),
		Tooling:   "Tocsin",
	}
	if d.Initial.IsZero() {
		doc.Timestamp = doc.Updated
	}
	for _, v := range d.Vulns {
		for _, a := range v.Affected {
			s, ok := state(d, v, a)
			same := func(o statement) bool { return reflect.DeepEqual(o, s) }
			if ok && !slices.ContainsFunc(doc.Statements, same) {
				doc.Statements = append(doc.Statements, s)
			}
		}
	}
	return doc
}

// number is the document's version: the Document's where that is a number, else
// how often it was revised.
func number(d advisory.Document) int {
	if n, err := strconv.Atoi(d.Version); err == nil && n > 0 {
		return n
	}
	return max(1, len(d.Revisions))
}

// identify gives the document its @id: the publisher's namespace and the ID; a
// foreign ID that is an IRI as it is; else a hash of the content.
func (doc *document) identify(d advisory.Document) error {
	switch {
	case d.Publisher.Namespace != "" && d.ID != "":
		doc.ID = strings.TrimRight(d.Publisher.Namespace, "/") + path + url.PathEscape(d.ID)
	case isIRI(d.ID):
		doc.ID = d.ID
	default:
		body, err := advisory.Marshal(doc)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(append(body, d.ID...))
		doc.ID = "https://openvex.dev/docs/public/vex-" + hex.EncodeToString(sum[:])
	}
	return nil
}

func isIRI(s string) bool {
	return strings.Contains(s, "://") || strings.HasPrefix(s, "urn:")
}

// state writes one statement.
func state(d advisory.Document, v advisory.Vuln, a advisory.Affected) (statement, bool) {
	p, ok := d.Product(a.Product)
	word := wordOf[a.Status]
	if !ok || word == "" {
		return statement{}, false
	}
	ranges := a.Ranges
	if p.Range != "" && len(ranges)+len(a.Versions) == 0 {
		r, _ := advisory.ReadRange(p.Range)
		ranges = []advisory.Range{r}
	}
	s := statement{Vulnerability: nameOf(d, v), Products: components(p, a), Status: word, Notes: a.Notes}
	switch word {
	case "affected":
		s.Action, s.ActionTime = action(v, p.ID)
	case "not_affected":
		s.excuse(a)
	}
	s.Notes = writeNotes(s.Notes, ranges)
	return s, true
}

func nameOf(d advisory.Document, v advisory.Vuln) vulnerability {
	x := vulnerability{Description: v.Description}
	for _, id := range append([]string{v.CVE}, v.Aliases...) {
		switch {
		case id == "":
		case x.Name == "":
			x.Name = id
		case id != x.Name && !slices.Contains(x.Aliases, id):
			x.Aliases = append(x.Aliases, id)
		}
	}
	x.Name = first(x.Name, d.ID)
	return x
}

// excuse says why the product is not affected: by a justification or, where
// there is none, in words.
func (s *statement) excuse(a advisory.Affected) {
	s.Justification = a.Justification
	switch {
	case a.Justification == "":
		s.Impact = first(a.Impact, noReason)
	case a.Impact != "":
		s.Notes = strings.TrimPrefix(s.Notes+"\n"+impactLine+strings.Join(strings.Fields(a.Impact), " "), "\n")
	}
}

// action joins what users of the product can do.
func action(v advisory.Vuln, product string) (string, advisory.Stamp) {
	var said []string
	var at advisory.Stamp
	for _, r := range v.Remediations {
		if len(r.Products) > 0 && !slices.Contains(r.Products, product) {
			continue
		}
		said = append(said, first(r.Details, r.URL))
		if at.IsZero() {
			at = advisory.At(r.Date)
		}
	}
	return first(strings.Join(said, "\n"), noAction), at
}

// components are the product itself or, where versions are named one by one,
// each of them.
func components(p advisory.Product, a advisory.Affected) []component {
	versions := a.Versions
	if len(versions) == 0 {
		versions = []string{p.Version}
	}
	var all []component
	for _, version := range versions {
		c := identity(p, version)
		for _, part := range a.Parts {
			if strings.Contains(part.Module, ":") {
				c.Subcomponents = append(c.Subcomponents, component{ID: part.Module})
			}
		}
		if !slices.ContainsFunc(all, func(o component) bool { return o.ID == c.ID }) {
			all = append(all, c)
		}
	}
	return all
}

// identity names one version of a product, or the product where version is
// empty: by its package URL, else by the IRI that its ID is, else by a package
// URL made of its ecosystem and package or, with the type generic, of its vendor
// and name.
func identity(p advisory.Product, version string) component {
	c := component{Hashes: p.Hashes}
	switch {
	case p.PURL != "":
		c.ID = joinPURL(p.PURL, version)
	case isIRI(p.ID) && version == "":
		c.ID = p.ID
	default:
		c.ID = joinPURL(first(packageURL(p), genericPURL(p.Vendor, first(p.Name, p.Package, p.ID), p.Platform)), version)
	}
	if strings.HasPrefix(p.CPE, "cpe:2.3:") {
		c.Identifiers = map[string]string{"cpe23": p.CPE}
	} else if p.CPE != "" {
		c.Identifiers = map[string]string{"cpe22": p.CPE}
	}
	return c
}
