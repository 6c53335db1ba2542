package cve

import (
	"slices"
	"strings"

	"tocsin/internal/advisory"
)

// statusOf maps the format's three statuses to the house's.
var statusOf = map[string]advisory.Status{
	"affected":   advisory.KnownAffected,
	"unaffected": advisory.KnownNotAffected,
	"unknown":    advisory.UnderInvestigation,
}

// wordOf maps the house's statuses to the format's three.
var wordOf = map[advisory.Status]string{
	advisory.KnownAffected:      "affected",
	advisory.FirstAffected:      "affected",
	advisory.LastAffected:       "affected",
	advisory.KnownNotAffected:   "unaffected",
	advisory.Fixed:              "unaffected",
	advisory.FirstFixed:         "unaffected",
	advisory.Recommended:        "unaffected",
	advisory.UnderInvestigation: "unknown",
}

// affected reads where the versions of p stand, one entry a status.
func (p product) affected(id string) []advisory.Affected {
	var all []advisory.Affected
	at := func(word string) *advisory.Affected {
		status := statusOf[word]
		i := slices.IndexFunc(all, func(a advisory.Affected) bool { return a.Status == status })
		if i < 0 {
			all = append(all, advisory.Affected{Product: id, Status: status, Default: statusOf[p.Default], Parts: p.parts()})
			i = len(all) - 1
		}
		return &all[i]
	}
	for _, v := range p.Versions {
		v.into(at)
	}
	if len(all) == 0 && p.Default != "" {
		at(p.Default).Default = ""
	}
	return all
}

// into adds what v says to the entries of its statuses.
func (v version) into(at func(status string) *advisory.Affected) {
	if v.LessThan == "" && v.LessThanOrEqual == "" && len(v.Changes) == 0 {
		v.single(at(v.Status))
		return
	}
	from, status := start(v.Version), v.Status
	for _, c := range v.Changes {
		if c.Status == status {
			continue
		}
		a := at(status)
		a.Ranges = append(a.Ranges, advisory.Range{Type: v.Type, Introduced: from, Fixed: c.At})
		from, status = c.At, c.Status
	}
	a := at(status)
	a.Ranges = append(a.Ranges, advisory.Range{Type: v.Type, Introduced: from,
		Fixed: end(v.LessThan), LastAffected: end(v.LessThanOrEqual)})
}

// single adds one version, or one range that is written as if it were a version.
func (v version) single(a *advisory.Affected) {
	words := advisory.Stated(v.Version)
	if words == "" {
		return
	}
	if r, ok := advisory.ReadRange(words); ok || strings.ContainsAny(words, " <>=,*") {
		r.Type = v.Type
		a.Ranges = append(a.Ranges, r)
		return
	}
	if v.Type != "" {
		a.Ranges = append(a.Ranges, advisory.Range{Type: v.Type, Introduced: words, LastAffected: words})
		return
	}
	a.Versions = append(a.Versions, words)
}

// start and end read the bounds of a range: 0 and * stand for no bound.
func start(s string) string {
	if s = advisory.Stated(s); s == "0" || s == "*" {
		return ""
	}
	return s
}

func end(s string) string {
	if s = advisory.Stated(s); s == "*" {
		return ""
	}
	return s
}

// parts reads the places in the product where the weakness lies.
func (p product) parts() (all []advisory.Part) {
	for _, m := range p.Modules {
		all = append(all, advisory.Part{Module: m})
	}
	if len(p.Files)+len(p.Routines) == 0 {
		return all
	}
	place := advisory.Part{Files: p.Files}
	for _, r := range p.Routines {
		place.Routines = append(place.Routines, r.Name)
	}
	return append(all, place)
}

// products writes where the products stand: one element a product, and one for
// all products that differ in nothing but the version.
func products(d advisory.Document, v advisory.Vuln) []product {
	var all []product
	at := map[string]int{}
	for _, a := range v.Affected {
		p, ok := d.Product(a.Product)
		if !ok || wordOf[a.Status] == "" {
			continue
		}
		key := p.ID
		if p.Version != "" || p.Range != "" {
			key = strings.Join([]string{p.Vendor, p.Name, p.Package, p.Platform}, "\x00")
		}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, element(p))
		}
		all[i].stand(p, a)
	}
	return all
}

func element(p advisory.Product) product {
	e := product{Vendor: first(p.Vendor, "n/a"), Product: first(p.Name, p.Package, "n/a"), Collection: p.Collection,
		Package: p.Package, Repo: p.Repo}
	if e.Collection == "" {
		e.Package = ""
	}
	if p.Platform != "" {
		e.Platforms = strings.Split(p.Platform, ", ")
	}
	for _, cpe := range append([]string{p.CPE}, p.CPEs...) {
		if cpe != "" && !slices.Contains(e.CPEs, cpe) {
			e.CPEs = append(e.CPEs, cpe)
		}
	}
	return e
}

// stand adds what a says of the product p, which is e.
func (e *product) stand(p advisory.Product, a advisory.Affected) {
	e.Default = first(e.Default, wordOf[a.Default])
	status := wordOf[a.Status]
	made := exact(p, a, status)
	for _, r := range a.Ranges {
		made = append(made, rangeOf(r, status))
	}
	if len(made) == 0 {
		e.Default = status
	}
	for _, v := range made {
		if !slices.ContainsFunc(e.Versions, v.equals) {
			e.Versions = append(e.Versions, v)
		}
	}
	e.place(a.Parts)
}

// exact writes the versions that are named one by one.
func exact(p advisory.Product, a advisory.Affected, status string) (all []version) {
	for _, v := range a.Versions {
		all = append(all, version{Version: v, Status: status})
	}
	if len(a.Versions)+len(a.Ranges) > 0 {
		return all
	}
	if p.Version != "" {
		return []version{{Version: p.Version, Status: status}}
	}
	if p.Range != "" {
		r, _ := advisory.ReadRange(p.Range)
		return []version{rangeOf(r, status)}
	}
	return nil
}

func (v version) equals(o version) bool {
	return v.Version == o.Version && v.Status == o.Status && v.LessThan == o.LessThan && v.LessThanOrEqual == o.LessThanOrEqual
}

// untyped is the versionType of a range whose source names none; the format
// wants one, and this one promises nothing about the order of versions.
const untyped = "custom"

func rangeOf(r advisory.Range, status string) version {
	v := version{Version: first(r.Introduced, "0"), Status: status, Type: first(r.Type, untyped)}
	switch {
	case r.Fixed != "":
		v.LessThan = r.Fixed
	case r.LastAffected != "" && r.LastAffected == r.Introduced:
		if v.Type == untyped {
			v.Type = r.Type
		}
	case r.LastAffected != "":
		v.LessThanOrEqual = r.LastAffected
	case r.Introduced == "" && r.Raw != "":
		v.Version, v.Type = r.Raw, r.Type
	default:
		v.LessThan = "*"
	}
	return v
}

// place adds the places in the product where the weakness lies, each once.
func (e *product) place(parts []advisory.Part) {
	for _, part := range parts {
		if part.Module != "" && !slices.Contains(e.Modules, part.Module) {
			e.Modules = append(e.Modules, part.Module)
		}
		for _, f := range part.Files {
			if !slices.Contains(e.Files, f) {
				e.Files = append(e.Files, f)
			}
		}
		for _, r := range part.Routines {
			if !slices.Contains(e.Routines, named{r}) {
				e.Routines = append(e.Routines, named{r})
			}
		}
	}
}
