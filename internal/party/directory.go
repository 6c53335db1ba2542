package party

import (
	"context"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Known is a person or a team, as the names on records tell of them.
type Known struct {
	ID     ref.ID
	Name   string
	Handle string
	Team   bool
	Active bool
	Staff  bool
	Roles  []string
}

// Directory lists who is inside, people and teams, in one statement and for the
// house itself: the surfaces put names where records say ids. Nothing of it is
// secret to somebody who is signed in but the list as a whole, which pages show
// only where the actor may hand something to somebody.
func (s *Parties) Directory(ctx context.Context) (out []Known, err error) {
	err = s.Gate.View(system(ctx), func(v *gate.View) error {
		_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
			var k Known
			var state, principal string
			err := row(&k.ID, &k.Name, &k.Handle, &state, &principal)
			if n := len(out); n == 0 || out[n-1].ID != k.ID {
				k.Team, k.Active = state == "team", state == Active || state == "team"
				out = append(out, k)
			}
			out[len(out)-1].holds(principal)
			return struct{}{}, err
		}, directory)
		return err
	})
	return out, err
}

func (k *Known) holds(principal string) {
	if role, ok := strings.CutPrefix(principal, "role:"); ok {
		k.Roles = append(k.Roles, role)
	}
	k.Staff = k.Staff || principal == access.Staff
}
