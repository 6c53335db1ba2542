package cli

import (
	"context"
	"fmt"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/ref"
)

type adminCmd struct {
	Token  adminTokenCmd  `cmd:"" help:"API tokens."`
	Person adminPersonCmd `cmd:"" help:"People."`
	Setup  adminSetupCmd  `cmd:"" help:"Print a new set-up link, while nobody has an account."`
}

type adminTokenCmd struct {
	Create adminTokenCreateCmd `cmd:"" help:"Create a token and print it, once."`
	List   adminTokenListCmd   `cmd:"" help:"List tokens."`
	Revoke adminTokenRevokeCmd `cmd:"" help:"Revoke a token."`
}

type adminTokenCreateCmd struct {
	store
	Name  string   `required:"" help:"Which program uses it."`
	Role  []string `required:"" help:"Its role; may be given more than once."`
	Scope []string `help:"Limit it to verbs, such as case.* or *.read."`
	Days  int      `default:"90" help:"Days until it expires; 0 is never."`
	JSON  bool     `help:"As one JSON object."`
}

// Run creates a token.
func (c adminTokenCreateCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	lasts := time.Duration(c.Days) * 24 * time.Hour
	if c.Days <= 0 {
		lasts = -1
	}
	t, secret, err := h.Parties.CreateToken(asHouse(e.Ctx), party.TokenRequest{Name: c.Name, Roles: c.Role, Scopes: c.Scope, Lasts: lasts})
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(map[string]any{"id": t.ID, "token": secret, "until": t.Until, "roles": t.Roles, "scopes": t.Scopes})
	}
	e.say("%s", secret)
	return nil
}

type adminTokenListCmd struct {
	store
	JSON bool `help:"One object a token a line."`
}

// Run lists the tokens.
func (c adminTokenListCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	ts, err := h.Parties.Tokens(asHouse(e.Ctx))
	if err != nil {
		return err
	}
	for _, t := range ts {
		if c.JSON {
			if err := e.print(t); err != nil {
				return err
			}
			continue
		}
		state := "good"
		if !t.Revoked.IsZero() {
			state = "revoked " + t.Revoked.Format(time.DateOnly)
		} else if !t.Until.IsZero() {
			state = "until " + t.Until.Format(time.DateOnly)
		}
		e.say("%s  %-24s %v  %s", t.ID, t.Name, t.Roles, state)
	}
	return nil
}

type adminTokenRevokeCmd struct {
	store
	ID string `arg:"" help:"The token's id, as the list shows it."`
}

// Run revokes a token.
func (c adminTokenRevokeCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Parties.RevokeToken(asHouse(e.Ctx), ref.ID(c.ID))
}

type adminPersonCmd struct {
	Invite adminPersonInviteCmd `cmd:"" help:"Invite a person and print the one-time link."`
	List   adminPersonListCmd   `cmd:"" help:"List people."`
	Link   adminPersonLinkCmd   `cmd:"" help:"Print a new one-time link for somebody who cannot sign in."`
}

type adminPersonInviteCmd struct {
	store
	Name  string   `required:"" help:"Name."`
	Email string   `help:"Mail address."`
	Role  []string `required:"" help:"Role; may be given more than once."`
	Guest bool     `help:"Sees only what is shared with them."`
}

// Run invites a person.
func (c adminPersonInviteCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	_, link, err := h.Parties.Invite(asHouse(e.Ctx), party.Person{Name: c.Name, Email: c.Email, Roles: c.Role}, c.Guest)
	if err != nil {
		return err
	}
	e.say("%s/invite/%s", h.URL, link)
	return nil
}

type adminPersonListCmd struct{ listing }

// Run lists the people that a query leaves.
func (c adminPersonListCmd) Run(e *Env) error {
	return c.run(e, func(ctx context.Context, h *house.House) (out []row, says string, err error) {
		q, err := c.asked(party.Vocabulary(h.Rules), "")
		if err != nil {
			return nil, "", err
		}
		l, err := h.Parties.List(ctx, q, party.Page{Limit: c.Limit, Counted: true})
		if err != nil {
			return nil, "", err
		}
		for _, p := range l.People {
			out = append(out, row{p, []any{p.ID, p.Name, p.State, p.Roles}})
		}
		return out, fmt.Sprintf("%d of %s people", len(l.People), l.Count), nil
	})
}

type adminPersonLinkCmd struct {
	store
	ID string `arg:"" help:"The person's id, as the list shows it."`
}

// Run prints a new link.
func (c adminPersonLinkCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	link, err := h.Parties.Reinvite(asHouse(e.Ctx), ref.ID(c.ID))
	if err != nil {
		return err
	}
	e.say("%s/invite/%s", h.URL, link)
	return nil
}

type adminSetupCmd struct {
	store
}

// Run prints the set-up link.
func (c adminSetupCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	secret, err := h.Parties.Setup(e.Ctx)
	if err != nil {
		return err
	}
	if secret == "" {
		return fault.New(fault.Conflict, "somebody has an account already, so there is no set-up link; make a link with: tocsin admin person link ID")
	}
	e.say("%s/setup?link=%s", h.URL, secret)
	return nil
}
