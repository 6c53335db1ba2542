package gate

import (
	"tocsin/internal/access"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
)

// Ways are, of the moves that leave a column of a board, those that the actor's roles
// cover, by record that stands there.
func Ways[R any](v *View, leave []lifecycle.Move, there []R, id func(R) ref.ID) map[ref.ID][]lifecycle.Move {
	ways := map[ref.ID][]lifecycle.Move{}
	for _, r := range there {
		for _, mv := range leave {
			if verb := access.Verb(mv.Verb); v.Can(verb) || v.May(verb, id(r)) {
				ways[id(r)] = append(ways[id(r)], mv)
			}
		}
	}
	return ways
}
