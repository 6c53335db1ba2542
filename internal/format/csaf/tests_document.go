package csaf

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"tocsin/internal/shape"
)

// The tests about the document, its profile and single entries: 6.1.12, 6.1.15,
// 6.1.23, 6.1.24, 6.1.26 to 6.1.28.

// The profiles of section 4.
const (
	profileBase          = "csaf_base"
	profileIncident      = "csaf_security_incident_response"
	profileInformational = "csaf_informational_advisory"
	profileAdvisory      = "csaf_security_advisory"
	profileVEX           = "csaf_vex"
)

var profiles = []string{profileBase, profileIncident, profileInformational, profileAdvisory, profileVEX}

func documentAt() *place { return (*place)(nil).in("document") }

func (s *subject) is(profiles ...string) bool {
	return slices.Contains(profiles, s.Document.Category)
}

func unknownLanguage(s *subject, r *report) {
	for _, x := range []struct{ name, tag string }{{"lang", s.Document.Lang}, {"source_lang", s.Document.SourceLang}} {
		if x.tag != "" && langTag.MatchString(x.tag) && !isLanguage(x.tag) {
			r.add(documentAt().in(x.name), "%q is no language of the IANA registry", x.tag)
		}
	}
}

// isLanguage reports whether all parts of the tag are registered. No tag in
// use has a tenth of the length that it looks at.
func isLanguage(tag string) bool {
	const longest = 255
	if len(tag) > longest {
		return false
	}
	_, err := language.Parse(tag)
	return err == nil
}

func translatorWithoutSource(s *subject, r *report) {
	if s.Document.Publisher.Category == "translator" && s.Document.SourceLang == "" {
		r.add(documentAt(), "a translator states the language of the original in source_lang")
	}
}

func sameLanguage(s *subject, r *report) {
	d := &s.Document
	if d.SourceLang != "" && strings.EqualFold(d.SourceLang, d.Lang) {
		r.add(documentAt().in("source_lang"), "the document and its original are both in %q", d.Lang)
	}
}

func cveTwice(s *subject, r *report) {
	seen := map[string]int{}
	for i, v := range s.Vulnerabilities {
		if v.CVE == "" {
			continue
		}
		if first, ok := seen[v.CVE]; ok {
			r.add(vulnerabilityAt(i).in("cve"), "%s is already the CVE ID of vulnerability %d", v.CVE, first)
			continue
		}
		seen[v.CVE] = i
	}
}

func involvementTwice(s *subject, r *report) {
	type key struct {
		party string
		when  int64
	}
	for i, v := range s.Vulnerabilities {
		seen := map[key]bool{}
		for j, x := range v.Involvements {
			when, ok := shape.Time(x.Date)
			k := key{x.Party, when.UnixNano()}
			if ok && seen[k] {
				r.add(vulnerabilityAt(i).in("involvements").at(j), "the involvement of the %s on this date is already stated", x.Party)
			}
			seen[k] = seen[k] || ok
		}
	}
}

// prohibitedCategory keeps names free that read like those of the profiles.
func prohibitedCategory(s *subject, r *report) {
	category := s.Document.Category
	if s.is(profiles...) {
		return
	}
	bare := bareName(category)
	switch {
	case strings.HasPrefix(strings.ToLower(category), "csaf_"):
		r.add(documentAt().in("category"), "names that begin with csaf_ are kept for the standard's profiles; %q is none", category)
	case slices.ContainsFunc(profiles[1:], func(p string) bool {
		return strings.TrimPrefix(bare, "csaf") == strings.TrimPrefix(bareName(p), "csaf")
	}):
		r.add(documentAt().in("category"), "%q reads like the name of a profile of the standard", category)
	}
}

// bareName drops case, white space, dashes and underscores.
func bareName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func documentNotes(s *subject, r *report) {
	if !s.is(profileIncident, profileInformational) {
		return
	}
	told := []string{"description", "details", "general", "summary"}
	if !slices.ContainsFunc(s.Document.Notes, func(n note) bool { return slices.Contains(told, n.Category) }) {
		r.add(documentAt().in("notes"), "a note of category description, details, general or summary is missing")
	}
}

func documentReferences(s *subject, r *report) {
	if !s.is(profileIncident, profileInformational) {
		return
	}
	// A reference without a category is external: section 3.1.10.1.
	if !slices.ContainsFunc(s.Document.References, func(x reference) bool { return x.Category != "self" }) {
		r.add(documentAt().in("references"), "a reference of category external is missing")
	}
}

func noVulnerabilities(s *subject, r *report) {
	if _, ok := s.raw["vulnerabilities"]; ok && s.is(profileInformational) {
		r.addAt("/vulnerabilities", "an informational advisory holds no vulnerabilities")
	}
}

func productTree(s *subject, r *report) {
	if _, ok := s.raw["product_tree"]; !ok && s.is(profileAdvisory, profileVEX) {
		r.addAt("/product_tree", "the product tree is missing")
	}
}

func someVulnerabilities(s *subject, r *report) {
	if _, ok := s.raw["vulnerabilities"]; !ok && s.is(profileAdvisory, profileVEX) {
		r.addAt("/vulnerabilities", "the vulnerabilities are missing")
	}
}

func vulnerabilityNotes(s *subject, r *report) {
	if !s.is(profileAdvisory, profileVEX) {
		return
	}
	for i, v := range s.Vulnerabilities {
		if len(v.Notes) == 0 {
			r.add(vulnerabilityAt(i).in("notes"), "the vulnerability has no note")
		}
	}
}

func productStatus(s *subject, r *report) {
	if !s.is(profileAdvisory) {
		return
	}
	for i, v := range s.Vulnerabilities {
		if v.Status == nil {
			r.add(vulnerabilityAt(i).in("product_status"), "the vulnerability has no product status")
		}
	}
}

func vexStatus(s *subject, r *report) {
	if !s.is(profileVEX) {
		return
	}
	for i, v := range s.Vulnerabilities {
		x := v.Status
		if x == nil || len(x.Fixed)+len(x.KnownAffected)+len(x.KnownNotAffected)+len(x.UnderInvestigation) == 0 {
			r.add(vulnerabilityAt(i).in("product_status"), "none of fixed, known_affected, known_not_affected and under_investigation is there")
		}
	}
}

func vexID(s *subject, r *report) {
	if !s.is(profileVEX) {
		return
	}
	for i, v := range s.Vulnerabilities {
		if v.CVE == "" && len(v.IDs) == 0 {
			r.add(vulnerabilityAt(i), "the vulnerability has neither a CVE ID nor another one in ids")
		}
	}
}

func vexImpact(s *subject, r *report) {
	if !s.is(profileVEX) {
		return
	}
	for i, v := range s.Vulnerabilities {
		said := map[string]bool{}
		for _, x := range v.Flags {
			mark(said, s.named(x.Products, x.Groups))
		}
		for _, x := range v.Threats {
			if x.Category == "impact" {
				mark(said, s.named(x.Products, x.Groups))
			}
		}
		if v.Status != nil {
			s.unsaid(v.Status.KnownNotAffected, said, vulnerabilityAt(i).in("product_status").in("known_not_affected"), r,
				"no flag and no threat of category impact says why the product %q is not affected")
		}
	}
}

func vexAction(s *subject, r *report) {
	if !s.is(profileVEX) {
		return
	}
	for i, v := range s.Vulnerabilities {
		said := map[string]bool{}
		for _, x := range v.Remediations {
			mark(said, s.named(x.Products, x.Groups))
		}
		if v.Status != nil {
			s.unsaid(v.Status.KnownAffected, said, vulnerabilityAt(i).in("product_status").in("known_affected"), r,
				"no remediation says what to do about the product %q")
		}
	}
}

func mark(said map[string]bool, ids []string) {
	for _, id := range ids {
		said[id] = true
	}
}

func (s *subject) unsaid(ids []string, said map[string]bool, at *place, r *report, says string) {
	for i, id := range ids {
		if !said[id] {
			r.add(at.at(i), says, id)
		}
	}
}
