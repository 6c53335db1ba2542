package web

import (
	"tocsin/internal/recurrence"
)

// recurCauses is how many groups of root causes a page lists.
const recurCauses = 40

// causeStands says in a word where the proposal of a group of root causes stands.
func causeStands(g recurrence.CauseGroup) string {
	switch {
	case g.Proposal == recurrence.Open:
		return "proposed"
	case g.Proposal == recurrence.Dismissed:
		return "dismissed"
	}
	return ""
}
