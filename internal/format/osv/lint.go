package osv

import (
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
	"tocsin/internal/shape"
)

func text(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}

// each calls do for every object of the list under name.
func each(o map[string]any, name string, do func(i int, x map[string]any)) {
	list, _ := o[name].([]any)
	for i, x := range list {
		if m, ok := x.(map[string]any); ok {
			do(i, m)
		}
	}
}

// lint walks what the structure cannot judge.
func (c *checker) lint(o map[string]any) {
	c.times(o)
	c.severity("/severity", o)
	each(o, "affected", func(i int, a map[string]any) {
		at := fmt.Sprintf("/affected/%d", i)
		c.severity(at+"/severity", a)
		each(a, "ranges", func(j int, r map[string]any) { c.events(fmt.Sprintf("%s/ranges/%d/events", at, j), r) })
		_, named := a["package"]
		if _, ranged := a["ranges"]; !named && !ranged && a["versions"] == nil {
			c.add(advisory.Warning, "osv.affected", at, "names neither a package nor a range nor a version")
		}
	})
	if list, _ := o["affected"].([]any); len(list) == 0 && text(o, "withdrawn") == "" {
		c.add(advisory.Warning, "osv.affected", "/affected", "the record names nothing that is affected")
	}
	c.references(o)
	c.names(o)
}

// times compares the record's times with the calendar and with one another.
func (c *checker) times(o map[string]any) {
	for _, name := range []string{"modified", "published", "withdrawn"} {
		s := text(o, name)
		if s == "" {
			continue
		}
		t, ok := shape.Time(s)
		switch {
		case !ok:
			c.add(advisory.Error, "osv.time", "/"+name, fmt.Sprintf("%q is no time of the calendar; write it like 2026-03-09T14:30:00Z", s))
		case t.Year() <= 1:
			c.add(advisory.Warning, "osv.time", "/"+name, "the year 1 stands for a time that nobody stated")
		}
	}
	published, ok1 := shape.Time(text(o, "published"))
	for _, name := range []string{"modified", "withdrawn"} {
		later, ok2 := shape.Time(text(o, name))
		if ok1 && ok2 && later.Before(published) && later.Year() > 1 {
			c.add(advisory.Warning, "osv.time", "/"+name, name+" is before published")
		}
	}
}

// severity reads the vectors.
func (c *checker) severity(at string, o map[string]any) {
	each(o, "severity", func(i int, s map[string]any) {
		kind, vector := text(s, "type"), text(s, "score")
		here := fmt.Sprintf("%s/%d/score", at, i)
		if !strings.HasPrefix(kind, "CVSS_") {
			c.word(here, kind, vector)
			return
		}
		v, err := cvss.Parse(vector)
		switch {
		case err != nil:
			c.add(advisory.Error, "osv.cvss", here, "the vector cannot be read: "+fault.Of(err).Says)
		case strings.HasPrefix(vector, "("):
			c.add(advisory.Error, "osv.cvss", here, "the vector stands in parentheses; leave them out")
		case kinds[v.Score().Version] != kind:
			c.add(advisory.Error, "osv.cvss", here, "this is a vector of CVSS "+v.Score().Version+"; the type says "+kind)
		}
	})
}

func (c *checker) word(at, kind, word string) {
	switch word {
	case "negligible", "low", "medium", "high", "critical":
	default:
		if kind == "Ubuntu" {
			c.add(advisory.Error, "schema", at, fmt.Sprintf("%q is none of Ubuntu's words: negligible, low, medium, high, critical", word))
		}
	}
}

// events looks for ranges that end before they begin.
func (c *checker) events(at string, r map[string]any) {
	kind, from := text(r, "type"), "0"
	if kind == git {
		return
	}
	each(r, "events", func(i int, e map[string]any) {
		for _, name := range eventKinds {
			v := text(e, name)
			if v == "" || v == "0" {
				continue
			}
			here := fmt.Sprintf("%s/%d/%s", at, i, name)
			if _, ok := advisory.Compare(v, v); !ok && kind == semver {
				c.add(advisory.Warning, "osv.version", here, fmt.Sprintf("%q is no semantic version, and the range is of type SEMVER", v))
			}
			if order, ok := advisory.Compare(v, from); ok && from != "0" && name != "introduced" && (order < 0 || order == 0 && name == "fixed") {
				c.add(advisory.Error, "osv.range", here, fmt.Sprintf("the range ends at %s and begins at %s, so it holds no version", v, from))
			}
		}
		if s := text(e, "introduced"); s != "" {
			from = s
		}
	})
}

func (c *checker) references(o map[string]any) {
	seen := map[string]bool{}
	each(o, "references", func(i int, r map[string]any) {
		url := text(r, "url")
		at := fmt.Sprintf("/references/%d/url", i)
		if !shape.IsURI(url) {
			c.add(advisory.Error, "osv.reference", at, fmt.Sprintf("%q is no URI (RFC 3986)", url))
		}
		if key := text(r, "type") + " " + url; seen[key] {
			c.add(advisory.Warning, "osv.reference", at, "the same reference stands here twice")
		} else {
			seen[key] = true
		}
	})
}

// names looks at the record's names, its summary and its weaknesses.
func (c *checker) names(o map[string]any) {
	list, _ := o["aliases"].([]any)
	for i, x := range list {
		if s, ok := x.(string); ok && s == text(o, "id") {
			c.add(advisory.Warning, "osv.alias", fmt.Sprintf("/aliases/%d", i), "a record is no alias of itself")
		}
		if repeated(list[:i], x) {
			c.add(advisory.Warning, "osv.alias", fmt.Sprintf("/aliases/%d", i), "the same alias stands here twice")
		}
	}
	if strings.ContainsAny(text(o, "summary"), "\r\n") {
		c.add(advisory.Warning, "osv.summary", "/summary", "the summary is one line; the details can have several")
	}
	db, _ := o["database_specific"].(map[string]any)
	ids, _ := db["cwe_ids"].([]any)
	for i, x := range ids {
		id, _ := x.(string)
		if _, ok := cwe.Get(id); !ok {
			c.add(advisory.Warning, "osv.cwe", fmt.Sprintf("/database_specific/cwe_ids/%d", i), fmt.Sprintf("%q is not in CWE %s", id, cwe.Version()))
		}
	}
}

// repeated reports whether the string x is among the earlier ones.
func repeated(earlier []any, x any) bool {
	s, ok := x.(string)
	return ok && slices.ContainsFunc(earlier, func(e any) bool { return e == s })
}
