package osv

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

// Render makes one record for every vulnerability. Its ID is the Document's,
// with the CVE ID or a number behind it where there are several; an ID that no
// registered database gives begins with x_. It refuses where a record would not
// be valid, and says all that is missing.
func (f Format) Render(d advisory.Document) ([]advisory.File, error) {
	if len(d.Vulns) == 0 {
		return nil, fault.At("vulns", "an OSV record describes a vulnerability; this advisory has none yet")
	}
	var files []advisory.File
	for i := range d.Vulns {
		r := write(d, i)
		body, err := advisory.Marshal(r)
		if err != nil {
			return nil, err
		}
		found, err := f.Check(body)
		if err == nil {
			err = advisory.Refuse("an OSV record", found)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, advisory.File{Name: r.ID + ".json", Media: "application/json", Body: body})
	}
	return files, nil
}

// idOf names the i-th vulnerability of d.
func idOf(d advisory.Document, i int) string {
	id := d.ID
	if len(d.Vulns) > 1 {
		suffix := d.Vulns[i].CVE
		if suffix == "" {
			suffix = strconv.Itoa(i + 1)
		}
		id += "-" + suffix
	}
	if id != "" && !registered(id) {
		id = experimental + id
	}
	return id
}

func write(d advisory.Document, i int) record {
	v := d.Vulns[i]
	r := record{
		SchemaVersion: schemaVersion,
		ID:            idOf(d, i),
		Modified:      advisory.At(d.Current),
		Published:     advisory.At(d.Initial),
		Withdrawn:     advisory.At(d.Withdrawn),
		Upstream:      v.Upstream,
		Related:       v.Related,
		Summary:       first(v.Title, d.Title),
		Details:       first(v.Description, d.Summary),
	}
	if d.Current.IsZero() {
		r.Modified = r.Published
	}
	for _, id := range append([]string{v.CVE}, v.Aliases...) {
		if id != "" && id != r.ID && !slices.Contains(r.Aliases, id) {
			r.Aliases = append(r.Aliases, id)
		}
	}
	r.Severity = severities(v, func(s advisory.Score) bool { return len(s.Products) == 0 })
	r.Affected = products(d, v, len(r.Severity) == 0)
	r.refer(append(slices.Clone(d.References), v.References...))
	r.thank(append(slices.Clone(d.Credits), v.Credits...))
	r.Database = specific(d, v)
	return r
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// kinds maps CVSS versions to the types of a severity.
var kinds = map[string]string{"2.0": "CVSS_V2", "3.0": "CVSS_V3", "3.1": "CVSS_V3", "4.0": "CVSS_V4"}

// severities writes one vector a type, the publisher's own and general first.
func severities(v advisory.Vuln, fits func(advisory.Score) bool) (all []severity) {
	for _, general := range []bool{true, false} {
		for _, s := range v.Scores {
			kind := kinds[s.Version]
			has := slices.ContainsFunc(all, func(x severity) bool { return x.Type == kind })
			if kind != "" && s.Vector != "" && s.By == "" && fits(s) && !has && (s.Source == "") == general {
				all = append(all, severity{kind, s.Vector})
			}
		}
	}
	return all
}

var isAffected = map[advisory.Status]bool{advisory.KnownAffected: true, advisory.FirstAffected: true, advisory.LastAffected: true}

// products writes one entry a product, and one for all products that differ in
// nothing but the version.
func products(d advisory.Document, v advisory.Vuln, scored bool) []affected {
	var all []affected
	at := map[string]int{}
	for _, a := range v.Affected {
		p, ok := d.Product(a.Product)
		if !ok || !isAffected[a.Status] {
			continue
		}
		key := p.ID
		if p.Version != "" || p.Range != "" {
			key = strings.Join([]string{p.Vendor, p.Name, p.Ecosystem, p.Package}, "\x00")
		}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, entry(p, a))
		}
		all[i].stand(p, a)
		if scored && !known {
			all[i].Severity = severities(v, func(s advisory.Score) bool { return slices.Contains(s.Products, p.ID) })
		}
	}
	return all
}

// entry names the product: by its package, else under database_specific.
func entry(p advisory.Product, a advisory.Affected) affected {
	var e affected
	if name := first(p.Package, p.Name); name != "" && isEcosystem(p.Ecosystem) {
		e.Package = &pkg{p.Ecosystem, name, p.PURL}
		if p.Vendor != "" || p.Name != name {
			e.Database = named(p)
		}
		return e
	}
	if repository(a.Ranges) != p.Name || p.Name == "" {
		e.Database = named(p)
	}
	return e
}

func named(p advisory.Product) map[string]any {
	m := map[string]any{}
	for name, value := range map[string]string{"vendor": p.Vendor, "product": p.Name, "purl": p.PURL} {
		if value != "" {
			m[name] = value
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

// stand adds the versions of p that a names.
func (e *affected) stand(p advisory.Product, a advisory.Affected) {
	for _, v := range a.Versions {
		if !slices.Contains(e.Versions, v) {
			e.Versions = append(e.Versions, v)
		}
	}
	ranges := a.Ranges
	if len(a.Versions)+len(ranges) == 0 {
		if p.Version != "" {
			e.Versions = append(e.Versions, p.Version)
		}
		if p.Range != "" {
			r, _ := advisory.ReadRange(p.Range)
			ranges = append(ranges, r)
		}
	}
	for _, r := range ranges {
		e.add(r, p.Ecosystem == "Go")
	}
	for _, part := range a.Parts {
		if e.Ecosystem == nil {
			e.Ecosystem = &ecosystem{}
		}
		e.Ecosystem.Imports = append(e.Ecosystem.Imports, imports{part.Module, part.Routines})
	}
}

// wordsKey keeps, under database_specific, ranges that are words and no interval.
const wordsKey = "version_words"

// add writes one range. The Go ecosystem orders versions as SEMVER alone; what
// is ordered otherwise has its place under ecosystem_specific.
func (e *affected) add(r advisory.Range, inGo bool) {
	if !r.Bounded() && r.Raw != "" && r.Raw != "*" {
		if e.Database == nil {
			e.Database = map[string]any{}
		}
		list, _ := e.Database[wordsKey].([]string)
		e.Database[wordsKey] = append(list, r.Raw)
		return
	}
	made := ranges{Type: inEcosystem, Repo: r.Repo, Events: events(r)}
	switch {
	case r.Type == "semver":
		made.Type = semver
	case r.Type == "git":
		made.Type = git
	case inGo:
		if e.Ecosystem == nil {
			e.Ecosystem = &ecosystem{}
		}
		e.Ecosystem.Custom = join(e.Ecosystem.Custom, made)
		return
	}
	e.Ranges = join(e.Ranges, made)
}

func events(r advisory.Range) []event {
	all := []event{{Introduced: first(r.Introduced, "0")}}
	switch {
	case r.Fixed != "":
		all = append(all, event{Fixed: r.Fixed})
	case r.LastAffected != "":
		all = append(all, event{LastAffected: r.LastAffected})
	case r.Limit != "":
		all = append(all, event{Limit: r.Limit})
	}
	return all
}

// join adds r to the last of all where both are of one kind: one list of events
// says fixed or last_affected, not both.
func join(all []ranges, r ranges) []ranges {
	if n := len(all) - 1; n >= 0 && all[n].Type == r.Type && all[n].Repo == r.Repo && !clash(all[n].Events, r.Events) {
		all[n].Events = append(all[n].Events, r.Events...)
		return all
	}
	return append(all, r)
}

func clash(a, b []event) bool {
	has := func(all []event, of func(event) string) bool {
		return slices.ContainsFunc(all, func(e event) bool { return of(e) != "" })
	}
	fixed, last := func(e event) string { return e.Fixed }, func(e event) string { return e.LastAffected }
	return has(a, fixed) && has(b, last) || has(a, last) && has(b, fixed)
}

// refer writes every URL once.
func (r *record) refer(all []advisory.Reference) {
	for _, x := range all {
		made := reference{referenceType(x), x.URL}
		if !slices.ContainsFunc(r.References, func(o reference) bool { return o.URL == x.URL }) {
			r.References = append(r.References, made)
		}
	}
}

func referenceType(x advisory.Reference) string {
	if slices.Contains(referenceTypes, x.Category) {
		return x.Category
	}
	for _, t := range typeOf {
		if t.word == x.Category || slices.Contains(x.Tags, t.word) {
			return t.kind
		}
	}
	return "WEB"
}

func (r *record) thank(all []advisory.Credit) {
	for _, c := range all {
		made := credit{Name: first(c.Name, c.Organization), Contact: c.Contact}
		if c.Role != "" {
			made.Type = strings.ReplaceAll(strings.ToUpper(c.Role), " ", "_")
			if !slices.Contains(roles, made.Type) {
				made.Type = "OTHER"
			}
		}
		r.Credits = append(r.Credits, made)
	}
}

// specific writes what databases agree to keep under database_specific.
func specific(d advisory.Document, v advisory.Vuln) map[string]any {
	m := map[string]any{}
	var ids []string
	for _, w := range v.CWEs {
		if w.ID != "" {
			ids = append(ids, w.ID)
		}
	}
	if len(ids) > 0 {
		m["cwe_ids"] = ids
	}
	if d.Severity != "" {
		m["severity"] = strings.ToUpper(d.Severity)
	}
	for _, x := range d.References {
		if x.Category == "self" && m["url"] == nil {
			m["url"] = x.URL
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}
