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
