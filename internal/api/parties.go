package api

import (
	"context"
	"reflect"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/ref"
)

// partyRoutes are the rows about people, teams, roles and tokens.
var partyRoutes = []Route{
	{"whoami", "GET", "/whoami", "", "Who you are here", read(whoAmI)},
	{"person.list", "GET", "/people", "", "People inside, by their names", read(listPeople)},
	{"person.invite", "POST", "/people", party.VerbInvite, "Invite somebody; the link's secret is in the answer and nowhere else", create(invite)},
	{"person.edit", "PUT", "/people/{id}", party.VerbEdit, "Change what is known of a person; disabling ends every way in at once", change(editPerson)},
	{"person.reinvite", "POST", "/people/{id}/invitation", party.VerbInvite, "Make a new link by which somebody chooses a password", create(reinvite)},
	{"grant.give", "PUT", "/people/{id}/roles/{role}", party.VerbGive, "Give a person a role", change(giveRole)},
	{"grant.take", "DELETE", "/people/{id}/roles/{role}", party.VerbTake, "Take a role away, at once", change(takeRole)},
	{"team.list", "GET", "/teams", "", "The teams and their members", read(listTeams)},
	{"team.create", "POST", "/teams", party.VerbTeam, "Make a team", create(createTeam)},
	{"team.edit", "PUT", "/teams/{id}", party.VerbTeam, "Change the name and the members of a team", change(editTeam)},
	{"token.list", "GET", "/tokens", party.VerbRevokeToken, "The API tokens, without their secrets", read(listTokens)},
	{"token.create", "POST", "/tokens", party.VerbCreateToken, "Make an API token; its secret is in the answer and nowhere else", create(createToken)},
	{"token.revoke", "DELETE", "/tokens/{id}", party.VerbRevokeToken, "End a token, at once", change(revokeToken)},
}

// Me is who asks.
type Me struct {
	ID     ref.ID      `json:"id"`
	Kind   access.Kind `json:"kind"` // person or token
	Name   string      `json:"name"`
	Scopes []string    `json:"scopes,omitempty"` // that a token is limited to; absent is no limit
}

func whoAmI(ctx context.Context, _ *house.House, _ struct{}) (*Me, error) {
	a, err := access.From(ctx)
	return &Me{a.ID, a.Kind, a.Name, a.Scopes}, err
}

func listPeople(ctx context.Context, h *house.House, in struct {
	Q string `query:"q" doc:"A query: role:analyst is:active -is:mfa seen>6m, and words of names. See docs/queries.md."`
	page
}) (*Page[*party.Person], error) {
	q, err := party.Vocabulary(h.Rules).Parse(in.Q)
	if err != nil {
		return nil, err
	}
	l, err := h.Parties.List(ctx, q, party.Page{Limit: in.limit(), After: in.After})
	if err != nil {
		return nil, err
	}
	p := pageOf(l.People, l.Next, same[*party.Person])
	fill(reflect.ValueOf(p))
	return p, nil
}

// Invitation is who is invited.
type Invitation struct {
	Name   string   `json:"name"`
	Handle string   `json:"handle,omitempty"` // for mentions; made of the name where it is absent
	Email  string   `json:"email,omitempty"`
	Roles  []string `json:"roles,omitempty"`
	Guest  bool     `json:"guest,omitempty"` // somebody who sees only what is shared with them
}

// Invited is who was invited, and the secret of their link.
type Invited struct {
	ID     ref.ID       `json:"id"`
	Secret party.Secret `json:"secret"` // shown once
}

func (i *Invited) location() string { return "/people" }

func invite(ctx context.Context, h *house.House, in struct{ Body Invitation }) (*Invited, error) {
	b := in.Body
	id, secret, err := h.Parties.Invite(ctx, party.Person{Name: b.Name, Handle: b.Handle, Email: b.Email, Roles: b.Roles}, b.Guest)
	return &Invited{id, secret}, err
}

type somebody struct {
	ID ref.ID `path:"id" doc:"The person's ID."`
}

func reinvite(ctx context.Context, h *house.House, in somebody) (*Invited, error) {
	secret, err := h.Parties.Reinvite(ctx, in.ID)
	return &Invited{in.ID, secret}, err
}

// PersonBody is what is known of a person.
type PersonBody struct {
	Name    string `json:"name"`
	Handle  string `json:"handle,omitempty"`
	Email   string `json:"email,omitempty"`
	State   string `json:"state,omitempty"`   // active or disabled
	Version int    `json:"version,omitempty"` // of the row that you saw
}

func editPerson(ctx context.Context, h *house.House, in struct {
	somebody
	Match int `match:"version"`
	Body  PersonBody
}) error {
	b := in.Body
	return h.Parties.Edit(ctx, party.Person{ID: in.ID, Name: b.Name, Handle: b.Handle, Email: b.Email, State: b.State, Version: max(b.Version, in.Match)})
}

type rolePath struct {
	somebody
	Role string `path:"role" doc:"A role of the profile."`
}

func giveRole(ctx context.Context, h *house.House, in rolePath) error {
	return h.Parties.Give(ctx, in.ID, in.Role)
}

func takeRole(ctx context.Context, h *house.House, in rolePath) error {
	return h.Parties.Take(ctx, in.ID, in.Role)
}

func listTeams(ctx context.Context, h *house.House, _ struct{}) (*Page[*party.Team], error) {
	ts, err := h.Parties.Teams(ctx)
	return listOf(ts, same[*party.Team]), err
}

// TeamBody is a team's name and members.
type TeamBody struct {
	Name    string   `json:"name"`
	Members []ref.ID `json:"members,omitempty"`
	Version int      `json:"version,omitempty"` // of the row that you saw
}

func createTeam(ctx context.Context, h *house.House, in struct{ Body TeamBody }) (*Made, error) {
	id, err := h.Parties.SaveTeam(ctx, party.Team{Name: in.Body.Name, Members: in.Body.Members})
	return &Made{id, "/teams"}, err
}

func editTeam(ctx context.Context, h *house.House, in struct {
	ID    ref.ID `path:"id" doc:"The team's ID."`
	Match int    `match:"version"`
	Body  TeamBody
}) error {
	_, err := h.Parties.SaveTeam(ctx, party.Team{ID: in.ID, Name: in.Body.Name, Members: in.Body.Members, Version: max(in.Body.Version, in.Match, -1)})
	return err
}

func listTokens(ctx context.Context, h *house.House, _ struct{}) (*Page[*party.Token], error) {
	ts, err := h.Parties.Tokens(ctx)
	return listOf(ts, same[*party.Token]), err
}

// TokenBody is what a token is made from.
type TokenBody struct {
	Name   string   `json:"name"` // which program uses it
	Roles  []string `json:"roles"`
	Scopes []string `json:"scopes,omitempty"` // verbs that it is limited to, such as case.* or *.read; absent is no limit
	Days   int      `json:"days,omitempty"`   // that it is good for; absent is 90, below 0 is for ever
}

// NewToken is a token and its secret.
type NewToken struct {
	party.Token
	Secret party.Secret `json:"secret"` // shown once
}

func (t *NewToken) location() string { return "/tokens" }

func createToken(ctx context.Context, h *house.House, in struct{ Body TokenBody }) (*NewToken, error) {
	b := in.Body
	t, secret, err := h.Parties.CreateToken(ctx, party.TokenRequest{Name: b.Name, Roles: b.Roles, Scopes: b.Scopes, Lasts: time.Duration(min(b.Days, 36500)) * 24 * time.Hour})
	if err != nil {
		return nil, err
	}
	return &NewToken{*t, secret}, nil
}

func revokeToken(ctx context.Context, h *house.House, in struct {
	ID ref.ID `path:"id" doc:"The token's ID."`
}) error {
	return h.Parties.RevokeToken(ctx, in.ID)
}
