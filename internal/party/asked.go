package party

import (
	"context"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Vocabulary is what the list of people can be asked for, in the words of the profile.
func Vocabulary(p *profile.Profile) *query.Vocabulary {
	roles := []query.Value{}
	for _, r := range p.Roles {
		if r.Name != string(access.Reporter) {
			roles = append(roles, query.Value{Name: r.Name, Title: r.Title})
		}
	}
	var levels []query.Value
	for _, l := range p.Register.Levels {
		levels = append(levels, query.Value{Name: l.Name, Title: l.Title})
	}
	return &query.Vocabulary{Zone: p.Zone(), Fields: []query.Field{
		{Name: "role", Title: "Role", None: true, Values: roles},
		{Name: "team", Title: "Team", Kind: query.Text, None: true},
		{Name: "is", Title: "Is", Bare: true, Values: []query.Value{{Name: "active", Title: "active"}, {Name: "invited", Title: "invited"}, {Name: "disabled", Title: "disabled"},
			{Name: "staff", Title: "staff"}, {Name: "guest", Title: "guest"}, {Name: "mfa", Title: "with one-time codes"}}},
		{Name: "level", Title: "Level", None: true, Values: levels},
		{Name: "seen", Title: "Last seen", Kind: query.Date, None: true, Past: true},
		{Name: "added", Title: "Added", Kind: query.Date, Past: true},
	}}
}

// Complete tells staff what could stand at a place of a query for people, in bytes.
func (s *Parties) Complete(ctx context.Context, words *query.Vocabulary, text string, at int) (c query.Completion, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := MayList(v); err != nil {
			return err
		}
		spot := words.Spot(text, at)
		var teams []query.Value
		if f, ok := words.Field(spot.Field); ok && f.Name == "team" {
			teams, err = OfferedTeams(v, spot.Typed)
		}
		c = query.Completion{From: spot.From, To: spot.To, Offers: words.Offers(spot, teams)}
		return err
	})
	return c, err
}

// idKinds are the kinds of ids that a query may name instead of a handle.
var idKinds = map[string]bool{"person": true, "team": true, "token": true}

// Asked finds the ids of the people that a query names. Staff may name everybody
// inside, as a mention does; others themselves alone. An id stands for itself,
// whether or not there is such a person.
func Asked(v *gate.View, q query.Query) (map[string]string, error) {
	out := map[string]string{}
	var handles []string
	for _, name := range q.People() {
		if kind := ref.ID(name).Kind(); kind != name && idKinds[kind] {
			out[name] = name
			continue
		}
		handles = append(handles, strings.ToLower(name))
	}
	if len(handles) == 0 {
		return out, nil
	}
	found, err := handled(v, handles)
	if err != nil {
		return nil, err
	}
	for _, name := range q.People() {
		if out[name] == "" {
			out[name] = found[strings.ToLower(name)]
		}
		if out[name] == "" {
			return nil, q.Nobody(name)
		}
	}
	return out, nil
}

// Offered are the people that a reader may name and whose handle or name holds what
// was typed, by their handles.
func Offered(v *gate.View, typed string) ([]query.Value, error) {
	return offered(v, strings.TrimPrefix(typed, "@"))
}

// OfferedTeams are the teams whose name holds what was typed, for staff.
func OfferedTeams(v *gate.View, typed string) ([]query.Value, error) {
	if !v.IsStaff() {
		return nil, nil
	}
	return offeredTeams(v, typed)
}
