package csaf

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"tocsin/internal/score/cvss"
	"tocsin/internal/shape"
)

// The optional tests of section 6.2: what a file should rather not do. Test
// 6.2.13 (sorted members) is not among them: it is about the text, not about
// what the text says.

func unusedProduct(s *subject, r *report) {
	if s.is(profileInformational) {
		return
	}
	used := make(map[string]bool, len(s.uses))
	for _, u := range s.uses {
		used[u.id] = true
	}
	for _, p := range s.products {
		if !used[p.ID] {
			r.add(p.at.in("product_id"), "nothing refers to the product %q", p.ID)
		}
	}
}

// lacking adds a finding for every product in lists of the kinds that is not in has.
func lacking(v *vulnerability, at *place, has map[string]bool, r *report, says string, kinds ...statusKind) {
	if v.Status == nil {
		return
	}
	for _, l := range v.Status.lists() {
		for i, id := range *l.ids {
			if slices.Contains(kinds, l.kind) && !has[id] {
				r.add(at.in("product_status").in(l.name).at(i), says, id)
			}
		}
	}
}

func missingRemediation(s *subject, r *report) {
	for i := range s.Vulnerabilities {
		v, has := &s.Vulnerabilities[i], map[string]bool{}
		for _, x := range v.Remediations {
			mark(has, s.named(x.Products, x.Groups))
		}
		lacking(v, vulnerabilityAt(i), has, r, "no remediation is for the product %q", affected, investigated)
	}
}

func missingScore(s *subject, r *report) {
	for i := range s.Vulnerabilities {
		v, has := &s.Vulnerabilities[i], map[string]bool{}
		for _, x := range v.Scores {
			mark(has, x.Products)
		}
		lacking(v, vulnerabilityAt(i), has, r, "no score is for the product %q", affected)
	}
}

func buildMetadata(s *subject, r *report) {
	for i, x := range s.Document.Tracking.Revisions {
		if isSemantic(x.Number) && semver.Build("v"+x.Number) != "" {
			r.add(historyAt().at(i).in("number"), "the revision %s has build metadata", x.Number)
		}
	}
}

func oldInitialDate(s *subject, r *report) {
	h := s.history
	if when, ok := shape.Time(s.Document.Tracking.InitialDate); ok && len(h) > 0 && when.Before(h[0].when) {
		r.add(trackingAt().in("initial_release_date"), "the initial release is older than the first revision")
	}
}

func oldCurrentDate(s *subject, r *report) {
	h := s.history
	if when, ok := shape.Time(s.Document.Tracking.CurrentDate); ok && len(h) > 0 && when.Before(h[len(h)-1].when) {
		r.add(trackingAt().in("current_release_date"), "the current release is older than the last revision")
	}
}

func undatedInvolvement(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		for j, x := range v.Involvements {
			if x.Date == "" {
				r.add(vulnerabilityAt(i).in("involvements").at(j), "the involvement has no date")
			}
		}
	}
}

func onlyMD5(s *subject, r *report)  { onlyHash(s, r, "md5") }
func onlySHA1(s *subject, r *report) { onlyHash(s, r, "sha1") }

func onlyHash(s *subject, r *report, weak string) {
	for _, p := range s.products {
		if p.Helper == nil {
			continue
		}
		for i, h := range p.Helper.Hashes {
			other := func(x hash) bool { return !strings.EqualFold(x.Algorithm, weak) }
			if len(h.FileHashes) > 0 && !slices.ContainsFunc(h.FileHashes, other) {
				r.add(p.at.in("product_identification_helper").in("hashes").at(i).in("file_hashes"), "%s is the only kind of hash; add a stronger one", weak)
			}
		}
	}
}

func missingTLP(s *subject, r *report) {
	if d := s.Document.Distribution; d == nil || d.TLP == nil || d.TLP.Label == "" {
		r.add(documentAt().in("distribution"), "there is no TLP label")
	}
}

func missingCanonical(s *subject, r *report) {
	name := "/" + fileName(s.Document.Tracking.ID)
	if !slices.ContainsFunc(s.Document.References, func(x reference) bool {
		return x.Category == "self" && strings.HasPrefix(x.URL, "https://") && strings.HasSuffix(x.URL, name)
	}) {
		r.add(documentAt().in("references"), "no reference of category self begins with https:// and ends in %s", name)
	}
}

func missingLanguage(s *subject, r *report) {
	if s.Document.Lang == "" {
		r.add(documentAt().in("lang"), "the document does not state its language")
	}
}

func (s *subject) eachLanguage(do func(name, tag string)) {
	do("lang", s.Document.Lang)
	do("source_lang", s.Document.SourceLang)
}

// privateTag is a language tag with a part that RFC 5646 or ISO keeps for private use.
var privateTag = regexp.MustCompile(`(?i)^q[a-t][a-z](-|$)|(^|-)x-|^[a-z]{2,8}(-[a-z]{3}){0,3}-qa(a[a-z]|b[a-x])(-|$)|^[a-z]{2,8}(-[a-z]{3}){0,3}(-[a-z]{4})?-(aa|q[m-z]|x[a-z]|zz)(-|$)`)

func privateLanguage(s *subject, r *report) {
	s.eachLanguage(func(name, tag string) {
		if privateTag.MatchString(tag) {
			r.add(documentAt().in(name), "%q is a language of private use", tag)
		}
	})
}

func defaultLanguage(s *subject, r *report) {
	s.eachLanguage(func(name, tag string) {
		if strings.EqualFold(tag, "i-default") {
			r.add(documentAt().in(name), "i-default says nothing about the language")
		}
	})
}

func missingHelper(s *subject, r *report) {
	for _, p := range s.products {
		if p.Helper == nil {
			r.add(p.at, "the product %q has no product_identification_helper", p.ID)
		}
	}
}

func cveAsID(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		for j, x := range v.IDs {
			if isCVE(x.Text) {
				r.add(vulnerabilityAt(i).in("ids").at(j), "%s belongs into the member cve", x.Text)
			}
		}
	}
}

var versShape = regexp.MustCompile(`^vers:[a-z.+-][a-z0-9.+-]*/.+`)

func rangeWithoutVers(s *subject, r *report) {
	if s.ProductTree == nil {
		return
	}
	eachBranch(s.ProductTree.Branches, treeAt().in("branches"), func(b *branch, at *place) {
		if b.Category == "product_version_range" && !versShape.MatchString(b.Name) {
			r.add(at.in("name"), "%q is no version range specifier such as vers:semver/>=1.0|<1.2", b.Name)
		}
	})
}

// scoredThoughFixed warns of scores above zero for products that are fixed.
func scoredThoughFixed(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		if v.Status == nil {
			continue
		}
		done := map[string]bool{}
		mark(done, v.Status.Fixed)
		mark(done, v.Status.FirstFixed)
		for j, x := range v.Scores {
			for k, id := range x.Products {
				if done[id] && x.above0() {
					r.add(vulnerabilityAt(i).in("scores").at(j).in("products").at(k), "the product %q is fixed, but its environmental score is not 0", id)
				}
			}
		}
	}
}

// above0 reports whether an environmental score of x is above zero.
func (x *score) above0() bool {
	m := object(x.V3)
	return x.V2 != nil && sheet2.environmental(object(x.V2)) > 0 ||
		m != nil && sheets3[text(m, "version")] != nil && sheets3[text(m, "version")].environmental(m) > 0
}

// environmental computes the environmental score of an object from its vector
// and the metrics that stand beside it.
func (s *sheet) environmental(m map[string]any) float64 {
	v, err := cvss.Parse(text(m, "vectorString"))
	if err != nil {
		return 0
	}
	for _, x := range s.metrics {
		word := text(m, x.member)
		for value, w := range x.words {
			if w == word {
				if with, err := v.With(x.abbrev, value); err == nil {
					v = with
				}
			}
		}
	}
	return v.Score().Environmental
}
