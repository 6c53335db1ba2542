package casework

import (
	"tocsin/internal/gate"
	"tocsin/internal/measure"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
)

// fact is what counting recurrence takes of the case.
func (c *Case) fact() recurrence.Fact {
	return recurrence.Fact{Key: recurrence.Key{Weakness: c.CWE, Product: c.Product, Component: c.Component},
		Audience: c.Audience, Severity: c.Severity, Barred: c.barred, At: c.Opened}
}

// noted tells those who count cases and those who measure them what the case was,
// nil for nothing, and is.
func (s *Cases) noted(tx *gate.Tx, c, before *Case) error {
	old, was := measure.Fact{}, recurrence.Fact{}
	if before != nil {
		old, was = before.measured(), before.fact()
	}
	if s.Measured != nil {
		if err := s.Measured.Note(tx, c.ID, old, c.measured()); err != nil {
			return err
		}
	}
	now := c.fact()
	if was == now {
		return nil
	}
	if err := recurrence.Note(tx, c.ID, was, now); err != nil || s.Changed == nil {
		return err
	}
	return s.Changed(tx, c.ID, was, now)
}

// measured is what reports measure of the case.
func (c *Case) measured() measure.Fact {
	return measure.Fact{Audience: c.Audience, Severity: c.Severity, Product: c.Product, Source: c.Source, CWE: c.CWE, Code: c.code(), Events: c.events}
}

// ToMeasure hands the cases behind an ID, in order of their IDs, to be measured
// anew. It asks nobody: the house alone measures.
func ToMeasure(v *gate.View, after ref.ID, n int) ([]measure.Case, error) {
	all, err := inOrder(v, after, n)
	out := make([]measure.Case, len(all))
	for i, c := range all {
		out[i] = measure.Case{ID: c.ID, Fact: c.measured()}
	}
	return out, err
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
