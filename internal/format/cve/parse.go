package cve

import (
	"regexp"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

// Parse reads one record, published or rejected, into a Document with one
// vulnerability. What the record does not state stays zero; placeholders such
// as n/a count as not stated. Of the containers of others (ADP) it takes scores.
// It leaves out rich text beside a description, scores that are no CVSS,
// cpeApplicability and taxonomyMappings.
func (f Format) Parse(body []byte) (advisory.Document, error) {
	var r record
	if err := advisory.Unmarshal(body, &r); err != nil {
		return advisory.Document{}, err
	}
	if r.Type != "" && r.Type != "CVE_RECORD" {
		return advisory.Document{}, fault.At("dataType", "/dataType: %q is no CVE record; it says CVE_RECORD there", r.Type)
	}
	if !idForm.MatchString(r.Metadata.ID) {
		return advisory.Document{}, fault.At("cveMetadata.cveId", "/cveMetadata/cveId: %q is no CVE ID; one looks like CVE-2026-12345", r.Metadata.ID)
	}
	return r.document(), nil
}

var idForm = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

func (r record) document() advisory.Document {
	m, c := r.Metadata, r.Containers.CNA
	d := advisory.Document{
		ID:      m.ID,
		Title:   c.Title,
		Initial: m.Published.Time,
		Current: m.Updated.Time,
		Publisher: advisory.Publisher{
			OrgID: first(m.OrgID, c.Provider.OrgID),
			CNA:   first(m.ShortName, c.Provider.ShortName),
		},
	}
	if d.Current.IsZero() {
		d.Current = c.Provider.Updated.Time
	}
	v := advisory.Vuln{CVE: m.ID, Title: c.Title, State: m.State, Reserved: m.Reserved.Time,
		Withdrawn: m.Rejected.Time, Released: c.Public.Time, Assigned: c.Assigned.Time}
	c.describe(&v)
	c.classify(&v)
	c.locate(&d, &v)
	for _, a := range r.Containers.ADP {
		for _, s := range a.scores() {
			s.By = first(a.Provider.ShortName, a.Provider.OrgID)
			v.Scores = append(v.Scores, s)
		}
	}
	d.Vulns = []advisory.Vuln{v}
	return d
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

func english(lang string) bool { return strings.HasPrefix(strings.ToLower(lang), "en") }

// describe reads what the container says in words.
func (c container) describe(v *advisory.Vuln) {
	var said []string
	for _, t := range append(c.Descriptions, c.Reasons...) {
		if english(t.Lang) || t.Lang == "" {
			said = append(said, t.Value)
		} else {
			v.Notes = append(v.Notes, advisory.Note{Category: "description", Text: t.Value, Lang: t.Lang})
		}
	}
	v.Description = strings.Join(said, "\n\n")
	for _, t := range c.Configurations {
		v.Notes = append(v.Notes, advisory.Note{Category: "other", Title: configuration, Text: t.Value, Lang: foreign(t.Lang)})
	}
	for _, t := range c.Solutions {
		v.Remediations = append(v.Remediations, advisory.Remediation{Category: "vendor_fix", Details: t.Value})
	}
	for _, t := range c.Workarounds {
		v.Remediations = append(v.Remediations, advisory.Remediation{Category: "workaround", Details: t.Value})
	}
	for _, t := range c.Exploits {
		v.Threats = append(v.Threats, advisory.Threat{Category: "exploit_status", Details: t.Value})
	}
	for _, i := range c.Impacts {
		for _, t := range i.Descriptions {
			v.Threats = append(v.Threats, advisory.Threat{Category: "impact", Details: t.Value, CAPEC: i.CAPEC})
		}
	}
	for _, e := range c.Timeline {
		v.Timeline = append(v.Timeline, advisory.Event{Time: e.Time.Time, Text: e.Value})
	}
	for _, x := range c.Credits {
		v.Credits = append(v.Credits, advisory.Credit{Name: x.Value, Role: x.Type, User: x.User})
	}
	for _, x := range c.References {
		v.References = append(v.References, advisory.Reference{URL: x.URL, Summary: x.Name, Tags: x.Tags})
	}
}

// configuration titles the notes that a record keeps under configurations.
const configuration = "Required configuration"

func foreign(lang string) string {
	if english(lang) {
		return ""
	}
	return lang
}

// classify reads weaknesses, scores, tags and where the record came from.
func (c container) classify(v *advisory.Vuln) {
	v.Tags, v.ReplacedBy, v.Scores = c.Tags, c.ReplacedBy, c.scores()
	for _, p := range c.Problems {
		for _, w := range p.Descriptions {
			if cwe := w.read(); cwe != (advisory.CWE{}) && (english(w.Lang) || w.Lang == "") {
				v.CWEs = append(v.CWEs, cwe)
			}
		}
	}
	if s, ok := c.Source["discovery"].(string); ok {
		v.Discovery = strings.ToLower(s)
	}
	v.Defects = texts(c.Source["defect"])
	for _, id := range texts(c.Source["advisory"]) {
		if id != v.CVE {
			v.Aliases = append(v.Aliases, id)
		}
	}
}

// texts reads a string or a list of strings and leaves out empty ones.
func texts(v any) (all []string) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, x := range list {
		if s, ok := x.(string); ok && advisory.Stated(s) != "" {
			all = append(all, s)
		}
	}
	return all
}

// cweWords is how records write a weakness where they leave out its cweId:
// "CWE-79: Improper …", "CWE 94 …", "CWE-20".
var cweWords = regexp.MustCompile(`^CWE[- ]?([1-9][0-9]*)\b[\s:.–-]*`)

func (w weakness) read() advisory.CWE {
	words := advisory.Stated(w.Description)
	m := cweWords.FindStringSubmatch(words)
	switch {
	case m == nil:
		return advisory.CWE{ID: w.CWE, Name: words}
	case w.CWE != "":
		return advisory.CWE{ID: w.CWE, Name: words[len(m[0]):]}
	}
	return advisory.CWE{ID: "CWE-" + m[1], Name: words[len(m[0]):]}
}

// scores reads the CVSS objects of all metrics.
func (c container) scores() (all []advisory.Score) {
	for _, m := range c.Metrics {
		for _, version := range versions {
			o := *version.of(&m)
			if o == nil {
				continue
			}
			s := advisory.Score{Version: version.name, Source: m.scenario()}
			s.Vector, _ = o["vectorString"].(string)
			s.Base, _ = o["baseScore"].(float64)
			word, _ := o["baseSeverity"].(string)
			s.Severity = strings.ToLower(word)
			all = append(all, s)
		}
	}
	return all
}

// general is the scenario of a metric that holds always.
const general = "GENERAL"

func (m metric) scenario() string {
	var all []string
	for _, s := range m.Scenarios {
		if s.Value != general {
			all = append(all, s.Value)
		}
	}
	return strings.Join(all, "; ")
}

// locate reads the affected products.
func (c container) locate(d *advisory.Document, v *advisory.Vuln) {
	for _, p := range c.Affected {
		vendor, name := advisory.Stated(p.Vendor), advisory.Stated(p.Product)
		if vendor+name+p.Package == "" && len(p.Versions) == 0 {
			continue
		}
		id := "P" + strconv.Itoa(len(d.Products)+1)
		made := advisory.Product{ID: id, Vendor: vendor, Name: first(name, p.Package), Package: p.Package,
			Collection: p.Collection, Repo: p.Repo, Platform: strings.Join(p.Platforms, ", ")}
		made.PURL, _ = p.PURL.(string)
		if len(p.CPEs) > 0 {
			made.CPE, made.CPEs = p.CPEs[0], p.CPEs[1:]
		}
		if len(made.CPEs) == 0 {
			made.CPEs = nil
		}
		d.Products = append(d.Products, made)
		v.Affected = append(v.Affected, p.affected(id)...)
	}
}
