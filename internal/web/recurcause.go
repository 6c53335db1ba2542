package web

import (
	"slices"

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

// causeDots is how many cases a line of a root cause names.
const causeDots = 4

// newestDots are the newest cases of a group, the newest first.
func newestDots(dots []recurrence.Dot) []recurrence.Dot {
	out := slices.Clone(dots[max(0, len(dots)-causeDots):])
	slices.Reverse(out)
	return out
}
