// Package demo fills a throw-away store with a year of a plainly fictional vendor,
// Fernhollow: people, products, reports and cases in every stage. Everything is
// done by the operations that the team itself uses, in the order in which it
// would have happened, by a clock that the package moves; nothing is written past
// the gate. What happened stands in cases.yaml, reports.yaml and town.yaml; the
// words of the process come from the profile in force.
//
// The command "tocsin demo" and the walk through the browser use it. It opens no
// store, serves no page and keeps nothing.
package demo

import (
	"context"
	"fmt"
	"time"

	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// Role is one of the people that a visitor of the demonstration can be.
type Role struct {
	Role   string // a role of the profile, "reporter", or "outsider"
	Title  string // as the switch calls it
	Name   string // of the person
	Person ref.ID // "" is nobody of the team
	Home   string // where being this person begins; "" is wherever the visitor is
}

// People is who lives in the demonstration.
type People struct {
	Roles    []Role            // in the order of the switch; the first is who a new visitor is
	All      map[string]ref.ID // everybody inside, by handle
	Reporter string            // the secret that opens a reporter's own page
}

// days is how long ago the demonstration's first day lies.
const days = 400

// Build lives the demonstration's year in an empty house, up to now, and returns
// who lives there.
func Build(ctx context.Context, h *house.House, now time.Time) (*People, error) {
	t, err := open(ctx, h, now.UTC())
	if err != nil {
		return nil, fmt.Errorf("demonstration: %w", err)
	}
	if err := t.settle(); err != nil {
		return nil, fmt.Errorf("demonstration: %w", err)
	}
	if err := t.live(); err != nil {
		return nil, fmt.Errorf("demonstration: %w", err)
	}
	return t.people()
}

// people lists who can be played: one of each role that the switch offers.
func (t *town) people() (*People, error) {
	p := &People{All: t.ids}
	for _, r := range []string{"analyst", "engineer", "manager", "leader", "risk-owner"} {
		who := t.first(r)
		p.Roles = append(p.Roles, Role{Role: r, Title: t.roleTitle(r), Name: who.Name, Person: t.ids[who.Handle]})
	}
	for _, s := range t.stories {
		if s.row.Guide && s.secret != "" {
			p.Reporter = s.secret
		}
	}
	if p.Reporter == "" {
		return nil, fmt.Errorf("no report is the guide's")
	}
	p.Roles = append(p.Roles,
		Role{Role: "reporter", Title: t.roleTitle("reporter"), Name: "a reporter", Home: "/portal/r/" + p.Reporter},
		Role{Role: "outsider", Title: "Outsider", Name: "anybody", Home: "/advisories"})
	return p, nil
}

func (t *town) roleTitle(name string) string {
	for _, r := range t.h.Rules.Roles {
		if r.Name == name {
			return r.Title
		}
	}
	return name
}
