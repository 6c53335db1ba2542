package party

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Edit changes what is known of a person. Disabling ends every way in at once.
func (s *Parties) Edit(ctx context.Context, p Person) error {
	return s.Gate.Act(ctx, VerbEdit, p.ID, func(tx *gate.Tx) error {
		old, err := person(&tx.View, p.ID)
		if err != nil {
			return err
		}
		if p.State == "" {
			p.State = old.State
		}
		if err := p.check(); err != nil {
			return err
		}
		return edit(tx, old, &p)
	})
}

// Disable ends every way in of a person at once. Who is disabled stays so.
func (s *Parties) Disable(ctx context.Context, id ref.ID) error {
	return s.stand(ctx, id, func(*Person) string { return Disabled })
}

// Enable lets a person in again who is disabled: by the password that they had, else by
// an invitation.
func (s *Parties) Enable(ctx context.Context, id ref.ID) error {
	return s.stand(ctx, id, func(p *Person) string {
		switch {
		case p.State != Disabled:
			return p.State
		case p.Password:
			return Active
		}
		return Invited
	})
}

// SetState sets the state of a person and leaves the rest as it is.
func (s *Parties) SetState(ctx context.Context, id ref.ID, state string) error {
	return s.stand(ctx, id, func(*Person) string { return state })
}

// stand brings a person to the state that fn finds for them.
func (s *Parties) stand(ctx context.Context, id ref.ID, fn func(*Person) string) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		old, err := person(&tx.View, id)
		if err != nil {
			return err
		}
		p := *old
		if p.State = fn(old); p.State == old.State {
			return nil
		}
		return edit(tx, old, &p)
	})
}

// edit saves a person as they are to be.
func edit(tx *gate.Tx, old, p *Person) error {
	if !slices.Contains([]string{Invited, Active, Disabled}, p.State) || (p.State == Active && !old.Password && old.State == Invited) {
		return fault.At("state", "%q is no state that this person can be set to", p.State)
	}
	if p.State == Disabled {
		if err := oneAtATime(tx); err != nil {
			return err
		}
	}
	p.Level = old.Level // which SetLevel changes
	if err := updatePerson(tx, p, gate.Diff(gate.Fields(old), gate.Fields(p), "roles", "teams", "seen", "made", "version", "password", "totp", "staff")); err != nil {
		return err
	}
	if p.State != Disabled {
		return nil
	}
	if err := lastAdmin(tx, old); err != nil {
		return err
	}
	return endSessions(tx, p.ID)
}

// SetLevel says which level of management somebody stands at: by it, approvals of
// the risk register resolve. An empty level is none.
func (s *Parties) SetLevel(ctx context.Context, id ref.ID, level string) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		if err := s.IsLevel(level); err != nil {
			return err
		}
		if tx.Actor.ID == id || tx.Actor.Maker == id {
			return fault.New(fault.Forbidden, "your own level is set by somebody else, since approvals rest on it")
		}
		p, err := person(&tx.View, id)
		if err != nil || p.Level == level {
			return err
		}
		return setLevel(tx, p, level)
	})
}

// lastAdmin refuses to leave the house without an administrator.
func lastAdmin(tx *gate.Tx, p *Person) error {
	if !slices.Contains(p.Roles, "admin") {
		return nil
	}
	n, err := countAdmins(&tx.View)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "somebody has to be the administrator; give another person that role first")
	}
	return err
}

// Give gives a person a role.
func (s *Parties) Give(ctx context.Context, id ref.ID, role string) error {
	return s.Gate.Act(ctx, VerbGive, id, func(tx *gate.Tx) error { return s.give(tx, id, role) })
}

func (s *Parties) give(tx *gate.Tx, id ref.ID, role string) error {
	if err := s.IsRole(role); err != nil {
		return err
	}
	return join(tx, id, "role:"+role)
}

// IsRole is nil for a role that people can have.
func (s *Parties) IsRole(role string) error {
	if !slices.Contains(s.Roles, role) || role == string(access.Reporter) {
		return fault.At("role", "the profile has no role %q for people; its roles are: %s", role, strings.Join(s.Roles, ", "))
	}
	return nil
}

// IsLevel is nil for a level of management, and for none.
func (s *Parties) IsLevel(level string) error {
	if level != "" && !slices.Contains(s.Levels, level) {
		return fault.At("level", "%q is no level of management; the levels are: %s", level, strings.Join(s.Levels, ", "))
	}
	return nil
}

// Take takes a role away, at once.
func (s *Parties) Take(ctx context.Context, id ref.ID, role string) error {
	return s.Gate.Act(ctx, VerbTake, id, func(tx *gate.Tx) error {
		if role == "admin" {
			if err := oneAtATime(tx); err != nil {
				return err
			}
		}
		p, err := person(&tx.View, id)
		if err != nil {
			return err
		}
		if err := leave(tx, id, "role:"+role); err != nil {
			return err
		}
		if role == "admin" {
			return lastAdmin(tx, p)
		}
		return nil
	})
}
