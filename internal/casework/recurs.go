package casework

import (
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
)

// fact is what counting recurrence takes of the case.
func (c *Case) fact() recurrence.Fact {
	return recurrence.Fact{Key: recurrence.Key{Weakness: c.CWE, Product: c.Product, Component: c.Component},
		Audience: c.Audience, Severity: c.Severity, Barred: c.barred, At: c.Opened}
}

// noted tells those who count cases what the case was and is.
func (s *Cases) noted(tx *gate.Tx, c *Case, was recurrence.Fact) error {
	now := c.fact()
	if was == now {
		return nil
	}
	if err := recurrence.Note(tx, c.ID, was, now); err != nil || s.Changed == nil {
		return err
	}
	return s.Changed(tx, c.ID, was, now)
}

// Words of published records that take back what they said (CVE record format 5,
// OSV schema), and the reasons that they are for a case not to count.
const (
	stateRejected = "REJECTED"
	rejected      = "rejected"
	withdrawn     = "withdrawn"
)

// bar is why the case is no occurrence of its weakness: the disposition by which it
// was closed as no vulnerability of its own, or what its published record says.
func (c *Case) bar(p *profile.Profile) string {
	if d, ok := p.Disposition(c.Disposition); c.Closed && ok && d.Closes {
		return c.Disposition
	}
	switch {
	case c.Origin.Stated[withdrawn] != "":
		return withdrawn
	case c.Origin.Stated["state"] == stateRejected:
		return rejected
	}
	return ""
}
