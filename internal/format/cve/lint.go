package cve

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/score/cvss"
	"tocsin/internal/shape"
)

// lint walks what the structure cannot judge.
func (c *checker) lint(o object) {
	meta, cna := part(o, "cveMetadata"), part(o, "containers", "cna")
	c.metadata(meta, cna)
	if c.state == rejected {
		return
	}
	c.container("/containers/cna", cna)
	for i, x := range part(o, "containers").list("adp") {
		adp, _ := x.(map[string]any)
		c.container("/containers/adp/"+strconv.Itoa(i), adp)
	}
	c.nothingAffected(cna)
}

// metadata compares what is said about the ID with itself.
func (c *checker) metadata(meta, cna object) {
	assigner, provider := meta.text("assignerOrgId"), part(cna, "providerMetadata").text("orgId")
	if assigner != "" && provider != "" && !strings.EqualFold(assigner, provider) {
		c.add(advisory.Warning, "cve.assigner", "/containers/cna/providerMetadata/orgId",
			"the container is not by the organisation that assigned the ID, "+assigner)
	}
	order := []string{"dateReserved", "datePublished", "dateUpdated"}
	for i, name := range order[1:] {
		earlier, ok1 := shape.Time(meta.text(order[i]))
		later, ok2 := shape.Time(meta.text(name))
		if ok1 && ok2 && later.Before(earlier) {
			c.add(advisory.Warning, "cve.date", "/cveMetadata/"+name, fmt.Sprintf("%s is before %s", name, order[i]))
		}
	}
}

func (c *checker) container(at string, o object) {
	c.edges(at+"/title", o.text("title"))
	for i, x := range o.list("descriptions") {
		d, _ := x.(map[string]any)
		c.edges(fmt.Sprintf("%s/descriptions/%d/value", at, i), object(d).text("value"))
		c.placeholder(fmt.Sprintf("%s/descriptions/%d/value", at, i), object(d).text("value"))
	}
	for i, x := range o.list("affected") {
		p, _ := x.(map[string]any)
		c.product(fmt.Sprintf("%s/affected/%d", at, i), p)
	}
	for i, x := range o.list("problemTypes") {
		p, _ := x.(map[string]any)
		for j, y := range object(p).list("descriptions") {
			w, _ := y.(map[string]any)
			c.weakness(fmt.Sprintf("%s/problemTypes/%d/descriptions/%d", at, i, j), w)
		}
	}
	for i, x := range o.list("metrics") {
		m, _ := x.(map[string]any)
		c.metric(fmt.Sprintf("%s/metrics/%d", at, i), m)
	}
	c.references(at+"/references", o.list("references"))
}

// edges warns about space that a form left around a text.
func (c *checker) edges(at, s string) {
	if s != strings.TrimSpace(s) {
		c.add(advisory.Warning, "cve.space", at, "the text begins or ends with white space")
	}
}

func (c *checker) placeholder(at, s string) {
	if s != "" && advisory.Stated(s) == "" {
		c.add(advisory.Warning, "cve.placeholder", at, fmt.Sprintf("%q says nothing; state it or leave it out", s))
	}
}

func (c *checker) references(at string, list []any) {
	seen := map[string]int{}
	for i, x := range list {
		r, _ := x.(map[string]any)
		url := object(r).text("url")
		if j, twice := seen[url]; twice && url != "" {
			c.add(advisory.Warning, "cve.reference", fmt.Sprintf("%s/%d/url", at, i),
				fmt.Sprintf("the same URL as at %d; put the tags of both into one reference", j))
			continue
		}
		seen[url] = i
	}
}

// product looks at names and versions.
func (c *checker) product(at string, p object) {
	for _, name := range []string{"vendor", "product", "packageName"} {
		c.placeholder(at+"/"+name, p.text(name))
	}
	for i, x := range p.list("versions") {
		v, _ := x.(map[string]any)
		c.version(fmt.Sprintf("%s/versions/%d", at, i), v)
	}
}

// version looks at one version or range.
func (c *checker) version(at string, v object) {
	from, kind := v.text("version"), v.text("versionType")
	ranged := false
	for _, name := range []string{"lessThan", "lessThanOrEqual"} {
		to := v.text(name)
		if to == "" {
			continue
		}
		ranged = true
		c.bounds(at, name, from, to)
		c.placeholder(at+"/"+name, to)
		c.commit(at+"/"+name, kind, to)
	}
	last := from
	for i, x := range v.list("changes") {
		change, _ := x.(map[string]any)
		next := object(change).text("at")
		if order, ok := advisory.Compare(next, last); ok && order < 0 {
			c.add(advisory.Error, "cve.range", fmt.Sprintf("%s/changes/%d/at", at, i), fmt.Sprintf("%s comes before %s; changes stand in the order of versions", next, last))
		}
		last = next
	}
	c.placeholder(at+"/version", from)
	c.commit(at+"/version", kind, from)
	if !ranged && strings.ContainsAny(from, "<>") {
		c.add(advisory.Warning, "cve.version", at+"/version", fmt.Sprintf("%q is a range in words; write it with version and lessThan or lessThanOrEqual", from))
	}
}

// bounds refuses a range that holds no version.
func (c *checker) bounds(at, name, from, to string) {
	order, ok := advisory.Compare(from, to)
	switch {
	case !ok || from == "0": // the beginning, even before 0.0.0-pre
	case order > 0:
		c.add(advisory.Error, "cve.range", at+"/"+name, fmt.Sprintf("the range ends at %s before it begins at %s", to, from))
	case order == 0 && name == "lessThan":
		c.add(advisory.Error, "cve.range", at+"/"+name, fmt.Sprintf("the range from %s to before %s holds no version", from, to))
	}
}

func (c *checker) commit(at, kind, s string) {
	if kind != "git" || s == "0" || s == "*" {
		return
	}
	if n := len(s); n < 7 || n > 64 || strings.Trim(s, "0123456789abcdef") != "" {
		c.add(advisory.Warning, "cve.version", at, fmt.Sprintf("%q is no commit, and the versionType is git", s))
	}
}

// nothingAffected warns where a record names products and none is affected.
func (c *checker) nothingAffected(cna object) {
	list := cna.list("affected")
	for _, x := range list {
		p, _ := x.(map[string]any)
		if s := object(p).text("defaultStatus"); s == "affected" || s == "unknown" {
			return
		}
		for _, y := range object(p).list("versions") {
			if b, _ := json.Marshal(y); strings.Contains(string(b), `"affected"`) || strings.Contains(string(b), `"unknown"`) {
				return
			}
		}
	}
	if len(list) > 0 {
		c.add(advisory.Warning, "cve.affected", "/containers/cna/affected", "no version of any product is affected")
	}
}

// metric compares each CVSS object with its own vector.
func (c *checker) metric(at string, m object) {
	for _, version := range versions {
		name := "cvssV" + strings.ReplaceAll(version.name, ".", "_")
		if o := part(m, name); o != nil {
			c.scored(at+"/"+name, version.name, version.metrics, o)
		}
	}
}

func (c *checker) scored(at, version string, metrics map[string]property, o object) {
	vector := o.text("vectorString")
	v, err := cvss.Parse(vector)
	if err != nil || strings.HasPrefix(vector, "(") {
		c.add(advisory.Error, "cve.cvss", at+"/vectorString", vectorSays(vector, err))
		return
	}
	r := v.Score()
	if r.Version != version {
		c.add(advisory.Error, "cve.cvss", at+"/vectorString", fmt.Sprintf("this is a vector of CVSS %s; CVSS %s stands here", r.Version, version))
		return
	}
	c.number(at, "baseScore", o, r.Base)
	c.word(at+"/baseSeverity", o.text("baseSeverity"), strings.ToUpper(cvss.Severity(version, r.Base)))
	stated := words(vector, metrics)
	for _, name := range slices.Sorted(maps.Keys(stated)) {
		c.word(at+"/"+name, o.text(name), stated[name])
	}
}

func vectorSays(vector string, err error) string {
	if err != nil {
		return "the vector cannot be read: " + says(err)
	}
	return "the vector " + vector + " stands in parentheses; leave them out"
}

// number compares a score with what the vector gives. CVSS 4.0 has one score,
// and records write the one of all metrics as often as that of the base metrics.
func (c *checker) number(at, name string, o object, want float64) {
	n, ok := o[name].(json.Number)
	have, err := n.Float64()
	if !ok || err != nil || have == want {
		return
	}
	if v, err := cvss.Parse(o.text("vectorString")); err == nil && v.Score().Version == "4.0" && v.Score().Score == have {
		return
	}
	c.add(advisory.Error, "cve.cvss", at+"/"+name, fmt.Sprintf("the vector gives %.1f, the record says %s", want, n))
}

// word compares a word that stands beside the vector with what the vector says.
func (c *checker) word(at, have, want string) {
	if have != "" && have != want {
		c.add(advisory.Error, "cve.cvss", at, fmt.Sprintf("the vector says %s, the record says %s", want, have))
	}
}
