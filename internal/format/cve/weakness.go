package cve

import (
	"fmt"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/score/cwe"
)

func says(err error) string { return fault.Of(err).Says }

// weakness looks at one weakness: whether its number is on MITRE's list, may be
// used for a vulnerability, and is the one that its words name.
func (c *checker) weakness(at string, w object) {
	c.placeholder(at+"/description", w.text("description"))
	id := w.text("cweId")
	c.listed(at+"/cweId", id)
	m := cweWords.FindStringSubmatch(w.text("description"))
	switch {
	case m == nil:
	case id == "":
		c.add(advisory.Info, "cve.cwe", at, "the words name CWE-"+m[1]+"; state it in cweId too, where programs look for it")
	case id != "CWE-"+m[1]:
		c.add(advisory.Warning, "cve.cwe", at+"/description", "the words name CWE-"+m[1]+", cweId says "+id)
	}
}

// listed looks the number up.
func (c *checker) listed(at, id string) {
	if id == "" {
		return
	}
	known, ok := cwe.Get(id)
	switch {
	case !ok:
		c.add(advisory.Error, "cve.cwe", at, fmt.Sprintf("%s is not in CWE %s", id, cwe.Version()))
	case known.Abstraction == cwe.Category:
		c.add(advisory.Warning, "cve.cwe", at, fmt.Sprintf("%s (%s) is a category, no weakness; name the weakness itself", id, known.Name))
	case known.Usage == cwe.Prohibited:
		c.add(advisory.Warning, "cve.cwe", at, fmt.Sprintf("CWE prohibits mapping a vulnerability to %s (%s)", id, known.Name))
	}
}
