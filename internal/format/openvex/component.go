package openvex

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/advisory"
)

// purlVersion is the version in a package URL: after the last @ of the path,
// before qualifiers and subpath.
var purlVersion = regexp.MustCompile(`^([^?#]*[^@/?#])@([^@/?#]+)([?#].*)?$`)

// splitPURL takes the version out of a package URL.
func splitPURL(purl string) (base, version string) {
	m := purlVersion.FindStringSubmatch(purl)
	if m == nil {
		return purl, ""
	}
	if v, err := url.PathUnescape(m[2]); err == nil {
		return m[1] + m[3], v
	}
	return m[1] + m[3], m[2]
}

// joinPURL puts the version into a package URL that has none.
func joinPURL(base, version string) string {
	if _, has := splitPURL(base); has != "" || version == "" {
		return base
	}
	end := strings.IndexAny(base, "?#")
	if end < 0 {
		end = len(base)
	}
	return base[:end] + "@" + escape(version) + base[end:]
}

// escape percent-encodes one segment of a package URL.
func escape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.PathEscape(s), "@", "%40"), "+", "%2B")
}

// generic begins the package URL of a product that belongs to no ecosystem.
const generic = "pkg:generic/"

func genericPURL(vendor, name string) string {
	if vendor == "" {
		return generic + escape(name)
	}
	return generic + escape(vendor) + "/" + escape(name)
}

// product reads a component: by its package URL, else by the IRI or the other
// identifiers that it has.
func (c component) product() (p advisory.Product, version string) {
	p.CPE = first(c.Identifiers["cpe23"], c.Identifiers["@cpe23"], c.Identifiers["cpe22"], c.Identifiers["@cpe22"])
	p.Hashes = maps.Clone(c.Hashes)
	purl := c.Identifiers["purl"]
	if strings.HasPrefix(c.ID, "pkg:") {
		purl = c.ID
	}
	if purl == "" {
		p.ID = c.ID
		p.Name = first(lastOf(c.ID), p.CPE, c.digest())
		return p, ""
	}
	base, version := splitPURL(purl)
	p.PURL = base
	if vendor, name, ok := readGeneric(base); ok {
		p.Vendor, p.Name, p.PURL = vendor, name, ""
		return p, version
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(base, "pkg:"), "?")
	_, p.Name, _ = strings.Cut(path, "/")
	if plain, err := url.PathUnescape(p.Name); err == nil {
		p.Name = plain
	}
	return p, version
}

// readGeneric reads back what genericPURL wrote.
func readGeneric(base string) (vendor, name string, ok bool) {
	rest, ok := strings.CutPrefix(base, generic)
	if !ok {
		return "", "", false
	}
	vendor, name, two := strings.Cut(rest, "/")
	if !two {
		vendor, name = "", vendor
	}
	vendor, err1 := url.PathUnescape(vendor)
	name, err2 := url.PathUnescape(name)
	return vendor, name, err1 == nil && err2 == nil && genericPURL(vendor, name) == base
}

func lastOf(iri string) string {
	return iri[strings.LastIndexByte(strings.TrimRight(iri, "/"), '/')+1:]
}

// digest names a component that has nothing but hashes.
func (c component) digest() string {
	for _, algorithm := range slices.Sorted(maps.Keys(c.Hashes)) {
		return algorithm + ":" + c.Hashes[algorithm]
	}
	return ""
}

// versionLine is how version ranges stand in status_notes, a line a type.
var versionLine = regexp.MustCompile(`^Versions(?: \(([a-z0-9_-]+)\))?: (.+)$`)

// writeNotes returns notes followed by the ranges.
func writeNotes(notes string, ranges []advisory.Range) string {
	var lines []string
	if notes != "" {
		lines = append(lines, notes)
	}
	for i := 0; i < len(ranges); {
		kind := ranges[i].Type
		var words []string
		for ; i < len(ranges) && ranges[i].Type == kind; i++ {
			words = append(words, ranges[i].String())
		}
		label := "Versions"
		if kind != "" {
			label += " (" + kind + ")"
		}
		lines = append(lines, label+": "+strings.Join(words, "; "))
	}
	return strings.Join(lines, "\n")
}

// readNotes takes apart what writeNotes put together.
func readNotes(text string) (notes string, ranges []advisory.Range) {
	var rest []string
	for _, line := range strings.Split(text, "\n") {
		m := versionLine.FindStringSubmatch(line)
		if m == nil {
			rest = append(rest, line)
			continue
		}
		for _, words := range strings.Split(m[2], "; ") {
			r, ok := advisory.ReadRange(words)
			if ok {
				r.Raw = ""
			}
			r.Type = m[1]
			ranges = append(ranges, r)
		}
	}
	return strings.Join(rest, "\n"), ranges
}

// impactLine begins the line of status_notes that says what a justification
// means for the product: beside a justification OpenVEX takes no impact_statement.
const impactLine = "Impact: "

// readImpact takes that line out of the notes.
func readImpact(notes string) (rest, impact string) {
	lines := strings.Split(notes, "\n")
	for i, line := range lines {
		if said, ok := strings.CutPrefix(line, impactLine); ok && said != "" {
			return strings.Join(slices.Delete(lines, i, i+1), "\n"), said
		}
	}
	return notes, ""
}
