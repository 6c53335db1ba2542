package casework

import (
	"slices"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// Facts tells what an advisory of the case is drafted from.
func (s *Cases) Facts(v *gate.View, id ref.ID) (advisory.Facts, error) {
	c, err := get(v, id)
	if err != nil {
		return advisory.Facts{}, err
	}
	f := advisory.Facts{Case: id, Audience: c.Audience, Title: c.Title, Summary: c.Summary, CVE: c.CVE, CWE: c.CWE, Severity: c.Severity, TLP: c.TLP,
		Detected: c.Detected, Released: c.Release.Date, Fixes: c.Release.Versions, Embargo: c.Embargo, Held: c.Held, Publisher: publisher(s.Profile.Publisher),
		Product: advisory.Product{ID: c.Product, Vendor: s.Profile.Publisher.Name, Name: c.Product}}
	if len(s.Profile.Publisher.Languages) > 0 {
		f.Lang = s.Profile.Publisher.Languages[0]
	}
	if f.Product.Name == "" {
		f.Product.ID, f.Product.Name = "product", s.Profile.Publisher.Name
	}
	for _, e := range c.events {
		f.Events = f.Events || e.Name == "released"
	}
	for _, e := range c.Environments {
		env, _ := s.Profile.Environment(e.Name)
		f.Environments = append(f.Environments, advisory.Standing{Title: env.Title, Status: e.Verdict, Justification: e.Justification,
			Reason: e.Reason, Shipped: env.Shipped, Ranges: e.Ranges})
	}
	for _, version := range []string{"4.0", "3.1", "3.0", "2.0"} {
		if sc, ok := c.Vectors[version]; ok {
			f.Vectors = append(f.Vectors, sc.Vector)
		}
	}
	f.Credits, f.Unthanked = c.credits(), c.unthanked()
	return f, nil
}

func publisher(p profile.Publisher) advisory.Publisher {
	return advisory.Publisher{Name: p.Name, Namespace: p.Namespace, Category: p.Category, Contact: p.Contact, OrgID: p.OrgID, CNA: p.CNA}
}

// names reports whether the credit is by a name that its bearer agreed to.
func (c Credit) names() bool {
	return c.Name != "" && c.Consent && c.Choice != CreditAnonymous && c.Choice != CreditNone
}

// thank sets the credit and remembers a name that is no longer agreed to, so that it
// goes out with no advisory that was drafted before.
func (c *Case) thank(cr Credit) {
	was := c.Credit
	c.Credit = cr
	c.Withdrawn = slices.DeleteFunc(c.Withdrawn, func(name string) bool { return cr.names() && name == cr.Name })
	if was.names() && (!cr.names() || cr.Name != was.Name) && !slices.Contains(c.Withdrawn, was.Name) {
		c.Withdrawn = append(c.Withdrawn, was.Name)
	}
	c.Withdrawn = c.Withdrawn[max(0, len(c.Withdrawn)-maxWithdrawn):]
}

// maxWithdrawn is how many names a case remembers that may not be thanked.
const maxWithdrawn = 50

// unthanked are the names that no advisory may thank: their bearers have not agreed,
// or no longer do.
func (c *Case) unthanked() []string {
	if c.Credit.Name == "" || c.Credit.names() {
		return c.Withdrawn
	}
	return append(slices.Clone(c.Withdrawn), c.Credit.Name)
}

// credits are the names that their bearers agreed to.
func (c *Case) credits() []advisory.Credit {
	if !c.Credit.names() {
		return nil
	}
	cr := advisory.Credit{Name: c.Credit.Name, Role: "finder"}
	if c.Credit.Link != "" {
		cr.Contact = []string{c.Credit.Link}
	}
	return []advisory.Credit{cr}
}

// AdvisoryOut does on the case what follows from a move of its advisory, inside
// that move's act.
func (s *Cases) AdvisoryOut(tx *gate.Tx, id ref.ID, effects []string) error {
	if len(effects) == 0 {
		return nil
	}
	c, err := get(&tx.View, id)
	if err != nil {
		return err
	}
	return s.apply(tx, c, func(tx *gate.Tx, c *Case) error {
		for _, e := range effects {
			switch {
			case e == "event:published":
				c.record(tx.Now, "published", nil)
			case e == "lift:embargo":
				c.Embargo, c.Held = time.Time{}, false
			case slices.Contains([]string{"tell:reporter", "tell:owner", "tell:team"}, e):
				if err := tx.Later(e, tx.Now, "", Told{Case: id, What: "advisory", From: tx.Actor.ID}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
