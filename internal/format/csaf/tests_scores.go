package csaf

import (
	"encoding/json"
	"strings"

	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
)

// The tests about scores and weaknesses: 6.1.7 to 6.1.11.

// cvssObject is one CVSS object of a file.
type cvssObject struct {
	value any // as the file has it
	m     map[string]any
	sheet *sheet // nil where the object names no version that there is
	at    *place
}

func (s *subject) eachCVSS(do func(cvssObject)) {
	for i := range s.Vulnerabilities {
		for j, x := range s.Vulnerabilities[i].Scores {
			at := vulnerabilityAt(i).in("scores").at(j)
			if x.V2 != nil {
				do(cvssObject{x.V2, object(x.V2), sheet2, at.in("cvss_v2")})
			}
			if x.V3 != nil {
				m := object(x.V3)
				do(cvssObject{x.V3, m, sheets3[text(m, "version")], at.in("cvss_v3")})
			}
		}
	}
}

func scoreTwice(s *subject, r *report) {
	type key struct{ id, version string }
	for i, v := range s.Vulnerabilities {
		seen := map[key]int{}
		for j, x := range v.Scores {
			for k, id := range x.Products {
				for _, version := range x.versions() {
					if first, ok := seen[key{id, version}]; ok && first != j {
						r.add(vulnerabilityAt(i).in("scores").at(j).in("products").at(k),
							"the product %q has already a score of CVSS %s in item %d", id, version, first)
						continue
					}
					seen[key{id, version}] = j
				}
			}
		}
	}
}

// versions returns the CVSS versions of a score. A cvss_v2 is of version 2.0,
// whatever it says.
func (x *score) versions() []string {
	var out []string
	if x.V2 != nil {
		out = append(out, sheet2.version)
	}
	if x.V3 != nil {
		out = append(out, text(object(x.V3), "version"))
	}
	return out
}

func invalidCVSS(s *subject, r *report) {
	s.eachCVSS(func(c cvssObject) {
		node := node3
		if c.sheet == sheet2 {
			node = sheet2.node
		}
		if found := node.Check(c.value); len(found) > 0 {
			r.structure("6.1.8", c.at.String(), found)
		}
	})
}

// wrongScore compares what an object states with what its vector computes to.
func wrongScore(s *subject, r *report) {
	s.eachCVSS(func(c cvssObject) {
		vector := text(c.m, "vectorString")
		if c.sheet == nil || c.sheet.vectorSays(vector) != "" {
			return // test 6.1.8 says so
		}
		v, err := cvss.Parse(vector)
		if err != nil || v.Version() != c.sheet.version {
			r.add(c.at.in("vectorString"), "nothing can be computed from the vector %q: it is not whole", vector)
			return
		}
		c.compare(v.Score(), r)
	})
}

func (c cvssObject) compare(result cvss.Result, r *report) {
	want := [...]float64{result.Base, result.Temporal, result.Environmental}
	for i, name := range c.sheet.scores {
		n, ok := c.m[name].(json.Number)
		if !ok {
			continue
		}
		if have, err := n.Float64(); err == nil && have != want[i] {
			r.add(c.at.in(name), "the vector computes to %.1f, not %s", want[i], n)
		}
	}
	for i, name := range c.sheet.ratings {
		have, ok := c.m[name].(string)
		if word := strings.ToUpper(cvss.Severity(c.sheet.version, want[i])); ok && have != word {
			r.add(c.at.in(name), "a score of %.1f is %s, not %s", want[i], word, have)
		}
	}
}

// inconsistentCVSS compares the members for single metrics with the vector. A
// metric that the vector does not state contradicts no member.
func inconsistentCVSS(s *subject, r *report) {
	s.eachCVSS(func(c cvssObject) {
		vector := text(c.m, "vectorString")
		if c.sheet == nil || c.sheet.vectorSays(vector) != "" || len(c.m) <= len(c.sheet.needs) {
			return
		}
		states := c.sheet.states(vector)
		for _, m := range c.sheet.metrics {
			have, ok := c.m[m.member].(string)
			if want := states[m.abbrev]; ok && want != "" && have != want {
				r.add(c.at.in(m.member), "%s is %q here, but %q in the vector", m.member, have, want)
			}
		}
	})
}

// unknownCWE takes the name that any version of CWE had: a document of CSAF 2.0
// does not say of which it speaks, and names were changed later.
func unknownCWE(s *subject, r *report) {
	for i, v := range s.Vulnerabilities {
		if v.CWE == nil || v.CWE.ID == "" {
			continue
		}
		at := vulnerabilityAt(i).in("cwe")
		name, ok := weakness(v.CWE.ID)
		switch {
		case !ok:
			r.add(at.in("id"), "there is no weakness %q", v.CWE.ID)
		case v.CWE.Name != "" && v.CWE.Name != name && !cwe.Named(v.CWE.ID, v.CWE.Name):
			r.add(at.in("name"), "%s is named %q, not %q", v.CWE.ID, name, v.CWE.Name)
		}
	}
}
