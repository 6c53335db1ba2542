package csaf

import "tocsin/internal/advisory"

// statusList is one list of a product_status.
type statusList struct {
	name string
	ids  *[]string
	kind statusKind
}

// statusKind groups the lists that contradict one another: section 6.1.6.
type statusKind int

const (
	neutral statusKind = iota // recommended says nothing about the vulnerability
	affected
	notAffected
	fixed
	investigated
)

var kindNames = map[statusKind]string{affected: "affected", notAffected: "not affected", fixed: "fixed", investigated: "under investigation"}

// lists returns the lists of s in the order of their names. The names are those
// of advisory.Status.
func (s *status) lists() [8]statusList {
	return [8]statusList{
		{string(advisory.FirstAffected), &s.FirstAffected, affected},
		{string(advisory.FirstFixed), &s.FirstFixed, fixed},
		{string(advisory.Fixed), &s.Fixed, fixed},
		{string(advisory.KnownAffected), &s.KnownAffected, affected},
		{string(advisory.KnownNotAffected), &s.KnownNotAffected, notAffected},
		{string(advisory.LastAffected), &s.LastAffected, affected},
		{string(advisory.Recommended), &s.Recommended, neutral},
		{string(advisory.UnderInvestigation), &s.UnderInvestigation, investigated},
	}
}

// list returns the list of the named status, or nil.
func (s *status) list(name advisory.Status) *[]string {
	for _, l := range s.lists() {
		if l.name == string(name) {
			return l.ids
		}
	}
	return nil
}
