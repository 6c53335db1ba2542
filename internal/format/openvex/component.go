package openvex

import (
	"errors"
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

// platformKey is the qualifier that keeps apart one product on two platforms.
const platformKey = "?platform="

func genericPURL(vendor, name, platform string) string {
	purl := generic + escape(name)
	if vendor != "" {
		purl = generic + escape(vendor) + "/" + escape(name)
	}
	if platform != "" {
		purl += platformKey + url.QueryEscape(platform)
	}
	return purl
}

// purlTypes maps OSV's ecosystems to the types of package URLs.
var purlTypes = map[string]string{"Go": "golang", "npm": "npm", "PyPI": "pypi", "crates.io": "cargo", "RubyGems": "gem",
	"NuGet": "nuget", "Packagist": "composer", "Hex": "hex", "Pub": "pub", "Maven": "maven"}

// packageURL names a package of an ecosystem, or is empty.
func packageURL(p advisory.Product) string {
	kind := purlTypes[p.Ecosystem]
	if kind == "" || p.Package == "" {
		return ""
	}
	name := p.Package
	if kind == "maven" {
		name = strings.Replace(name, ":", "/", 1)
	}
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = escape(part)
	}
	return "pkg:" + kind + "/" + strings.Join(parts, "/")
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
	if own, ok := readGeneric(base); ok {
		p.Vendor, p.Name, p.Platform, p.PURL = own.Vendor, own.Name, own.Platform, ""
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
func readGeneric(base string) (p advisory.Product, ok bool) {
	rest, ok := strings.CutPrefix(base, generic)
	if !ok {
		return p, false
	}
	rest, platform, _ := strings.Cut(rest, platformKey)
	vendor, name, two := strings.Cut(rest, "/")
	if !two {
		vendor, name = "", vendor
	}
	var errs [3]error
	p.Vendor, errs[0] = url.PathUnescape(vendor)
	p.Name, errs[1] = url.PathUnescape(name)
	p.Platform, errs[2] = url.QueryUnescape(platform)
	return p, errors.Join(errs[:]...) == nil && genericPURL(p.Vendor, p.Name, p.Platform) == base
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
