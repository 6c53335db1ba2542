package osv

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

// Parse reads one record into a Document with one vulnerability. A record
// without a range, a score or a date has none in the Document either.
func (f Format) Parse(body []byte) (advisory.Document, error) {
	var r record
	if err := advisory.Unmarshal(body, &r); err != nil {
		return advisory.Document{}, err
	}
	if r.ID == "" {
		return advisory.Document{}, fault.At("id", "/id: an OSV record has an ID, for example GHSA-c3h9-896r-86jm")
	}
	return r.document(), nil
}

func (r record) document() advisory.Document {
	d := advisory.Document{
		ID:        strings.TrimPrefix(r.ID, experimental),
		Title:     r.Summary,
		Initial:   r.Published.Time,
		Current:   r.Modified.Time,
		Withdrawn: r.Withdrawn.Time,
	}
	v := advisory.Vuln{Title: r.Summary, Description: r.Details, Related: r.Related, Upstream: r.Upstream}
	name(&v, append([]string{r.ID}, r.Aliases...))
	for _, s := range r.Severity {
		v.Scores = append(v.Scores, s.score())
	}
	for i, a := range r.Affected {
		a.into(&d, &v, "P"+strconv.Itoa(i+1))
	}
	page, _ := r.Database["url"].(string)
	for _, x := range r.References {
		if x.URL == page {
			continue // it comes back as the Document's own reference
		}
		v.References = append(v.References, advisory.Reference{URL: x.URL, Category: x.Type})
	}
	for _, c := range r.Credits {
		role := strings.ReplaceAll(strings.ToLower(c.Type), "_", " ")
		v.Credits = append(v.Credits, advisory.Credit{Name: c.Name, Contact: c.Contact, Role: role})
	}
	r.database(&d, &v)
	d.Vulns = []advisory.Vuln{v}
	return d
}

var cveForm = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

// name takes the first CVE ID of ids, the first of which is the record's own;
// all others are aliases.
func name(v *advisory.Vuln, ids []string) {
	for i, id := range ids {
		switch {
		case v.CVE == "" && cveForm.MatchString(id):
			v.CVE = id
		case i > 0 && id != v.CVE && !slices.Contains(v.Aliases, id):
			v.Aliases = append(v.Aliases, id)
		}
	}
}

// score reads the CVSS version of a severity's type and vector.
func (s severity) score() advisory.Score {
	switch {
	case s.Type == "CVSS_V2":
		return advisory.Score{Version: "2.0", Vector: s.Score}
	case s.Type == "CVSS_V3" && strings.HasPrefix(s.Score, "CVSS:3.0/"):
		return advisory.Score{Version: "3.0", Vector: s.Score}
	case s.Type == "CVSS_V3":
		return advisory.Score{Version: "3.1", Vector: s.Score}
	case s.Type == "CVSS_V4":
		return advisory.Score{Version: "4.0", Vector: s.Score}
	}
	return advisory.Score{Severity: s.Score, By: s.Type}
}

// into adds what is affected as a product and where it stands.
func (a affected) into(d *advisory.Document, v *advisory.Vuln, id string) {
	p := advisory.Product{ID: id}
	if a.Package != nil {
		p.Name, p.Package = a.Package.Name, a.Package.Name
		p.Ecosystem, p.PURL = a.Package.Ecosystem, a.Package.PURL
	}
	p.Vendor, _ = a.Database["vendor"].(string)
	if product, ok := a.Database["product"].(string); ok {
		p.Name = product
	}
	made := advisory.Affected{Product: id, Status: advisory.KnownAffected, Versions: a.Versions}
	for _, r := range a.Ranges {
		made.Ranges = append(made.Ranges, r.read()...)
	}
	if e := a.Ecosystem; e != nil {
		for _, r := range e.Custom {
			made.Ranges = append(made.Ranges, r.read()...)
		}
		for _, i := range e.Imports {
			made.Parts = append(made.Parts, advisory.Part{Module: i.Path, Routines: i.Symbols})
		}
	}
	list, _ := a.Database[wordsKey].([]any)
	for _, x := range list {
		if words, ok := x.(string); ok {
			made.Ranges = append(made.Ranges, advisory.Range{Raw: words})
		}
	}
	if p.Name == "" {
		p.Name = repository(made.Ranges)
	}
	if purl, ok := a.Database["purl"].(string); ok && p.PURL == "" {
		p.PURL = purl
	}
	for _, s := range a.Severity {
		score := s.score()
		score.Products = []string{id}
		v.Scores = append(v.Scores, score)
	}
	d.Products = append(d.Products, p)
	v.Affected = append(v.Affected, made)
}

// repository names a product that is known by its source alone.
func repository(all []advisory.Range) string {
	for _, r := range all {
		if r.Repo != "" {
			return r.Repo
		}
	}
	return ""
}

// read turns events into ranges: each introduced opens one, and what follows
// closes it. Events are taken in the order of the record, which databases write
// in the order of versions.
func (r ranges) read() (all []advisory.Range) {
	kind := strings.ToLower(r.Type)
	open := false
	for _, e := range r.Events {
		if e.Introduced != "" || !open {
			all = append(all, advisory.Range{Type: kind, Repo: r.Repo})
			open = true
		}
		at := &all[len(all)-1]
		switch {
		case e.Introduced == "0":
		case e.Introduced != "":
			at.Introduced = e.Introduced
		case e.Fixed != "":
			at.Fixed, open = e.Fixed, false
		case e.LastAffected != "":
			at.LastAffected, open = e.LastAffected, false
		case e.Limit != "":
			at.Limit, open = e.Limit, false
		}
	}
	return all
}

// database reads what databases agree to keep under database_specific: weakness
// IDs, a severity word, the record's page.
func (r record) database(d *advisory.Document, v *advisory.Vuln) {
	list, _ := r.Database["cwe_ids"].([]any)
	for _, x := range list {
		if id, ok := x.(string); ok && id != "" {
			v.CWEs = append(v.CWEs, advisory.CWE{ID: id})
		}
	}
	if word, ok := r.Database["severity"].(string); ok {
		d.Severity = strings.ToLower(word)
		if d.Severity == "moderate" {
			d.Severity = "medium"
		}
	}
	if url, ok := r.Database["url"].(string); ok {
		d.References = append(d.References, advisory.Reference{URL: url, Category: "self"})
	}
}
