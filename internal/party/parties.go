package party

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
	"tocsin/internal/thread"
)

const setupName = "setup"

// readPeople is what a token's scopes have to cover to list people and teams. All
// staff may; no role is needed.
const readPeople access.Verb = "person.read"

// Setup returns the secret of the one-time set-up link while nobody has an
// account yet, and "" afterwards. Every start makes a new one.
func (s *Parties) Setup(ctx context.Context) (secret Secret, err error) {
	err = s.Gate.Act(system(ctx), "house.setup", "", func(tx *gate.Tx) error {
		if some, err := anybody(&tx.View); err != nil || some {
			return err
		}
		secret = Secret(ref.Secret())
		return setSetting(tx, setupName, seal.Token(string(secret)))
	})
	return secret, err
}

// Found makes the first account, an administrator and manager, of whoever holds
// the set-up link, and begins their session. The link works once.
func (s *Parties) Found(ctx context.Context, link Secret, p Person, password, agent string) (secret Secret, err error) {
	if err := errors.Join(p.check(), checkPassword(password, p.Name, p.Email)); err != nil {
		return "", err
	}
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.Gate.Act(system(ctx), "house.setup", "", func(tx *gate.Tx) error {
		if err := s.setupLink(tx, link); err != nil {
			return err
		}
		p.ID, p.State = ref.New("person"), Active
		if err := insertPerson(tx, &p, hash, "", 0); err != nil {
			return err
		}
		for _, principal := range []string{access.Staff, "role:admin", "role:manager"} {
			if err := join(tx, p.ID, principal); err != nil {
				return err
			}
		}
		secret, err = newSession(tx, p.ID, agent)
		return err
	})
	return secret, err
}

// CanFound is nil while the set-up link still makes the first account.
func (s *Parties) CanFound(ctx context.Context, link Secret) error {
	return s.Gate.View(system(ctx), func(v *gate.View) error { return founds(v, link) })
}

func (s *Parties) setupLink(tx *gate.Tx, link Secret) error {
	if err := founds(&tx.View, link); err != nil {
		return err
	}
	return setSetting(tx, setupName, "")
}

func founds(v *gate.View, link Secret) error {
	want, err := setting(v, setupName)
	if err != nil {
		return err
	}
	some, err := anybody(v)
	if err != nil {
		return err
	}
	if some || want == "" || !seal.Same(want, seal.Token(string(link))) {
		return fault.New(fault.NotFound, "this set-up link is not good any more; the newest one was printed when the server started")
	}
	return nil
}

// People lists everybody inside, for staff.
func (s *Parties) People(ctx context.Context) (ps []*Person, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := MayList(v); err != nil {
			return err
		}
		ps, err = people(v)
		return err
	})
	return ps, err
}

// Me returns the actor's own account.
func (s *Parties) Me(ctx context.Context) (p *Person, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		p, err = person(v, v.Actor.ID)
		return err
	})
	return p, err
}

// Invite makes an account and returns the secret of the link by which its bearer
// chooses a password. guest makes somebody who sees only what is shared with them.
func (s *Parties) Invite(ctx context.Context, p Person, guest bool) (id ref.ID, link Secret, err error) {
	if err := p.check(); err != nil {
		return "", "", err
	}
	err = s.Gate.Act(ctx, VerbInvite, "", func(tx *gate.Tx) error {
		p.ID, p.State, link = ref.New("person"), Invited, Secret(ref.Secret())
		id = p.ID
		if err := insertPerson(tx, &p, "", seal.Token(string(link)), gate.Micros(tx.Now.Add(inviteLasts))); errors.Is(err, fault.Conflict) {
			return fault.New(fault.Conflict, "somebody is called @%s or has this mail address already; their page under People makes a new link, and another of the same name needs a longer one", p.Handle)
		} else if err != nil {
			return err
		}
		if !guest {
			if err := join(tx, p.ID, access.Staff); err != nil {
				return err
			}
		}
		if len(p.Roles) > 0 {
			if err := tx.Allow(VerbGive, ""); err != nil {
				return err
			}
		}
		for _, r := range p.Roles {
			if err := s.give(tx, p.ID, r); err != nil {
				return err
			}
		}
		return nil
	})
	return id, link, err
}

// Reinvite makes a new link for somebody, by which they choose a new password.
func (s *Parties) Reinvite(ctx context.Context, id ref.ID) (link Secret, err error) {
	err = s.Gate.Act(ctx, VerbInvite, "", func(tx *gate.Tx) error {
		link = Secret(ref.Secret())
		return setInvite(tx, id, seal.Token(string(link)), gate.Micros(tx.Now.Add(inviteLasts)))
	})
	return link, err
}

// Accept sets the password of whoever holds an invitation, and begins a session.
func (s *Parties) Accept(ctx context.Context, link Secret, password, agent string) (secret Secret, err error) {
	if err := checkPassword(password, "", ""); err != nil {
		return "", err
	}
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.Gate.Act(system(ctx), "person.accept", "", func(tx *gate.Tx) error {
		a, err := invited(&tx.View, link)
		if err != nil {
			return err
		}
		if err := setPassword(tx, a.id, hash); err != nil {
			return err
		}
		if err := endSessions(tx, a.id); err != nil {
			return err
		}
		secret, err = newSession(tx, a.id, agent)
		return err
	})
	return secret, err
}

// CanAccept is nil while the link of an invitation still works.
func (s *Parties) CanAccept(ctx context.Context, link Secret) error {
	return s.Gate.View(system(ctx), func(v *gate.View) error {
		_, err := invited(v, link)
		return err
	})
}

func invited(v *gate.View, link Secret) (account, error) {
	a, err := accountByInvite(v, seal.Token(string(link)))
	if errors.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "this invitation is not good any more; ask for a new one")
	}
	return a, err
}

// ChangePassword changes the actor's own password and ends their other sessions.
func (s *Parties) ChangePassword(ctx context.Context, old, fresh, agent string) (secret Secret, err error) {
	if err := checkPassword(fresh, "", ""); err != nil {
		return "", err
	}
	hash, err := s.Passwords.Hash(ctx, fresh)
	if err != nil {
		return "", err
	}
	var a account
	if err := s.self(ctx, func(tx *gate.Tx, who ref.ID) error {
		a, err = accountByID(&tx.View, who)
		return err
	}); err != nil {
		return "", err
	}
	if right, _, err := s.Passwords.Check(ctx, a.password, old); err != nil || !right {
		return "", errors.Join(fault.At("old", "the present password is not right"), err)
	}
	err = s.self(ctx, func(tx *gate.Tx, who ref.ID) error {
		if err := errors.Join(setPassword(tx, who, hash), endSessions(tx, who)); err != nil {
			return err
		}
		secret, err = newSession(tx, who, agent)
		return err
	})
	return secret, err
}

// Teams lists the teams, for staff.
func (s *Parties) Teams(ctx context.Context) (ts []*Team, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if !v.IsStaff() || !v.Actor.InScope(readPeople) {
			return fault.New(fault.Forbidden, "the list of teams is for staff, and for tokens whose scopes cover %s", readPeople)
		}
		ts, err = teams(v)
		return err
	})
	return ts, err
}

// SaveTeam makes a team or changes its name and members.
func (s *Parties) SaveTeam(ctx context.Context, t Team) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbTeam, "", func(tx *gate.Tx) error {
		if t.Name, err = thread.Line("name", t.Name, 100); err != nil || t.Name == "" {
			return errors.Join(fault.At("name", "a team needs a name"), err)
		}
		if t.Version == 0 {
			t.ID = ref.New("team")
		}
		id = t.ID
		if err := saveTeam(tx, &t); err != nil {
			return err
		}
		old, err := members(tx, t.ID)
		if err != nil {
			return err
		}
		for _, m := range old {
			if !slices.Contains(t.Members, m) {
				if err := leave(tx, m, string(t.ID)); err != nil {
					return err
				}
			}
		}
		for _, m := range t.Members {
			if err := join(tx, m, string(t.ID)); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// TokenRequest is what an API token is made from.
type TokenRequest struct {
	Name   string
	Roles  []string
	Scopes []string      // verbs, "case.*" or "*.read"; nil is no limit
	Lasts  time.Duration // 0 is 90 days; below 0 is for ever
}

// CreateToken makes an API token. Its secret is in the answer and nowhere else.
func (s *Parties) CreateToken(ctx context.Context, r TokenRequest) (t *Token, secret Secret, err error) {
	err = s.Gate.Act(ctx, VerbCreateToken, "", func(tx *gate.Tx) error {
		name, err := thread.Line("name", r.Name, 200)
		if err != nil || name == "" {
			return errors.Join(fault.At("name", "a token needs a name that says which program uses it"), err)
		}
		if len(r.Roles) == 0 {
			return fault.At("role", "a token needs a role; the profile's roles are: %s", strings.Join(s.Roles, ", "))
		}
		if r.Lasts == 0 {
			r.Lasts = 90 * 24 * time.Hour
		}
		t, secret = &Token{ID: ref.New("token"), Name: name, Roles: r.Roles, Scopes: r.Scopes, MadeBy: tx.Actor.ID, Made: tx.Now}, Secret("tocsin_"+ref.Secret())
		if r.Lasts > 0 {
			t.Until = tx.Now.Add(r.Lasts)
		}
		if err := insertToken(tx, t, seal.Token(string(secret))); err != nil {
			return err
		}
		for _, role := range r.Roles {
			if err := s.give(tx, t.ID, role); err != nil {
				return err
			}
		}
		return join(tx, t.ID, access.Staff)
	})
	return t, secret, err
}

// Tokens lists the tokens, without their secrets.
func (s *Parties) Tokens(ctx context.Context) (ts []*Token, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRevokeToken, ""); err != nil {
			return err
		}
		ts, err = tokens(v)
		return err
	})
	return ts, err
}

// RevokeToken ends a token, at once.
func (s *Parties) RevokeToken(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, VerbRevokeToken, "", func(tx *gate.Tx) error { return revokeToken(tx, id) })
}
