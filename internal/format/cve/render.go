package cve

import (
	"reflect"
	"slices"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/score/cvss"
)

// Render makes one record for every vulnerability that has a CVE ID, in the
// order of the Document. It refuses where a record would not be valid, and says
// all that is missing. What others said (a score By somebody) is left to them.
func (f Format) Render(d advisory.Document) ([]advisory.File, error) {
	var files []advisory.File
	for _, v := range d.Vulns {
		if v.CVE == "" {
			continue
		}
		body, err := advisory.Marshal(write(d, v))
		if err != nil {
			return nil, err
		}
		found, err := f.Check(body)
		if err == nil {
			err = advisory.Refuse("a CVE record of "+v.CVE, found)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, advisory.File{Name: v.CVE + ".json", Media: "application/json", Body: body})
	}
	if len(files) == 0 {
		return nil, fault.At("vulns", "a CVE record needs a vulnerability with a CVE ID; this advisory has none yet")
	}
	return files, nil
}

func write(d advisory.Document, v advisory.Vuln) record {
	r := record{Type: "CVE_RECORD", Version: "5.1"}
	r.Metadata = metadata{ID: v.CVE, OrgID: d.Publisher.OrgID, ShortName: d.Publisher.CNA, State: published,
		Reserved: advisory.At(v.Reserved), Published: advisory.At(d.Initial), Updated: advisory.At(d.Current)}
	c := container{
		Provider:  provider{d.Publisher.OrgID, d.Publisher.CNA, advisory.At(d.Current)},
		Generator: map[string]any{"engine": "Tocsin"},
	}
	if v.State == rejected || !v.Withdrawn.IsZero() {
		r.Metadata.State, r.Metadata.Rejected = rejected, advisory.At(v.Withdrawn)
		c.Reasons, c.ReplacedBy = inEnglish(v.Description), v.ReplacedBy
	} else {
		c.write(d, v)
	}
	r.Containers.CNA = c
	return r
}

func inEnglish(values ...string) (all []text) {
	for _, s := range values {
		if t := (text{"en", s}); s != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// write fills the container of a published record.
func (c *container) write(d advisory.Document, v advisory.Vuln) {
	c.Title = first(v.Title, d.Title)
	c.Assigned, c.Public = advisory.At(v.Assigned), advisory.At(v.Released)
	c.Descriptions = inEnglish(first(v.Description, d.Summary))
	c.Affected = products(d, v)
	c.Tags = v.Tags
	for _, n := range v.Notes {
		lang := first(n.Lang, "en")
		switch {
		case n.Title == configuration:
			c.Configurations = append(c.Configurations, text{lang, n.Text})
		case n.Category == "description" && !english(lang):
			c.Descriptions = append(c.Descriptions, text{lang, n.Text})
		}
	}
	for _, w := range v.CWEs {
		c.Problems = append(c.Problems, problemOf(w))
	}
	for _, s := range v.Scores {
		if m, ok := writeScore(s); ok && s.By == "" {
			c.Metrics = append(c.Metrics, m)
		}
	}
	c.remedy(v)
	c.source(d, v)
	c.refer(append(slices.Clone(d.References), v.References...))
	c.thank(append(slices.Clone(d.Credits), v.Credits...))
	for _, e := range v.Timeline {
		c.Timeline = append(c.Timeline, event{advisory.At(e.Time), "en", e.Text})
	}
	c.once()
}

// once drops what stands in a list already: the format wants every item once,
// and an advisory of many vulnerabilities says the same of several products.
func (c *container) once() {
	c.Descriptions, c.Configurations = unique(c.Descriptions), unique(c.Configurations)
	c.Workarounds, c.Solutions, c.Exploits = unique(c.Workarounds), unique(c.Solutions), unique(c.Exploits)
	c.Problems, c.Impacts, c.Metrics = unique(c.Problems), unique(c.Impacts), unique(c.Metrics)
	c.Timeline, c.Tags = unique(c.Timeline), unique(c.Tags)
}

func unique[T any](all []T) (kept []T) {
	for _, x := range all {
		if !slices.ContainsFunc(kept, func(k T) bool { return reflect.DeepEqual(k, x) }) {
			kept = append(kept, x)
		}
	}
	return kept
}

// problemOf writes a weakness: the ID before the words, as readers expect it.
func problemOf(w advisory.CWE) problem {
	made := weakness{Lang: "en", Description: strings.TrimSpace(w.ID + " " + w.Name), CWE: w.ID}
	if w.ID != "" {
		made.Type = "CWE"
	}
	return problem{[]weakness{made}}
}

// remedy writes what users can do and what attackers do.
func (c *container) remedy(v advisory.Vuln) {
	for _, r := range v.Remediations {
		t := text{"en", first(r.Details, r.URL)}
		switch r.Category {
		case "vendor_fix":
			c.Solutions = append(c.Solutions, t)
		case "workaround", "mitigation":
			c.Workarounds = append(c.Workarounds, t)
		}
	}
	for _, t := range v.Threats {
		switch t.Category {
		case "exploit_status":
			c.Exploits = append(c.Exploits, text{"en", t.Details})
		case "impact":
			c.Impacts = append(c.Impacts, impact{t.CAPEC, inEnglish(t.Details)})
		}
	}
}

// source writes where the record came from: the advisory, defects, discovery.
func (c *container) source(d advisory.Document, v advisory.Vuln) {
	s := map[string]any{}
	if d.ID != v.CVE && d.ID != "" {
		s["advisory"] = d.ID
	} else if len(v.Aliases) > 0 {
		s["advisory"] = v.Aliases[0]
	}
	if len(v.Defects) > 0 {
		s["defect"] = v.Defects
	}
	if v.Discovery != "" {
		s["discovery"] = strings.ToUpper(v.Discovery)
	}
	if len(s) > 0 {
		c.Source = s
	}
}

// tagOf maps OSV's reference types and CSAF's categories to the format's tags.
var tagOf = map[string]string{
	"self":       "vendor-advisory",
	"ADVISORY":   "vendor-advisory",
	"ARTICLE":    "technical-description",
	"DISCUSSION": "mailing-list",
	"EVIDENCE":   "exploit",
	"FIX":        "patch",
	"PACKAGE":    "product",
	"REPORT":     "issue-tracking",
}

// refer writes every URL once.
func (c *container) refer(all []advisory.Reference) {
	for _, x := range all {
		if slices.ContainsFunc(c.References, func(r reference) bool { return r.URL == x.URL }) {
			continue
		}
		r := reference{URL: x.URL, Name: x.Summary, Tags: x.Tags}
		if tag := tagOf[x.Category]; tag != "" && len(r.Tags) == 0 {
			r.Tags = []string{tag}
		}
		c.References = append(c.References, r)
	}
}

// roles are the format's words for what somebody did.
var roles = []string{"finder", "reporter", "analyst", "coordinator", "remediation developer",
	"remediation reviewer", "remediation verifier", "tool", "sponsor", "other"}

func (c *container) thank(all []advisory.Credit) {
	for _, x := range all {
		made := credit{Lang: "en", Value: x.Name, User: x.User, Type: x.Role}
		if x.Organization != "" && x.Name != "" {
			made.Value += " of "
		}
		made.Value += x.Organization
		if made.Type != "" && !slices.Contains(roles, made.Type) {
			made.Type = "other"
		}
		if !slices.Contains(c.Credits, made) {
			c.Credits = append(c.Credits, made)
		}
	}
}

// writeScore writes one metric with the CVSS object of the score's version. A
// score without a vector has no place in the format.
func writeScore(s advisory.Score) (metric, bool) {
	m := metric{Format: "CVSS"}
	if s.Vector == "" {
		return m, false
	}
	if s.Source != "" {
		m.Scenarios = []text{{"en", s.Source}}
	}
	for _, version := range versions {
		if version.name == s.Version || s.Version == "" && strings.HasPrefix(s.Vector, "CVSS:"+version.name+"/") {
			*version.of(&m) = scoreObject(version.name, s, version.metrics)
			return m, true
		}
	}
	return m, false
}

// scoreObject writes what FIRST's schema of the version asks for.
func scoreObject(version string, s advisory.Score, metrics map[string]property) scored {
	o := scored{"version": version, "vectorString": s.Vector}
	for name, word := range words(s.Vector, metrics) {
		o[name] = word
	}
	base := s.Base
	if base == 0 {
		if v, err := cvss.Parse(s.Vector); err == nil {
			base = v.Score().Base
		}
	}
	o["baseScore"] = base
	if version != "2.0" {
		o["baseSeverity"] = strings.ToUpper(cvss.Severity(version, base))
	}
	return o
}
