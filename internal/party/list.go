package party

import (
	"context"
	"encoding/json"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/query"
)

// Page says which part of the list of people is wanted.
type Page struct {
	Limit   int    // 1 to 200; 0 is 50
	After   string // the marker that the page before gave
	Counted bool   // count all that the query leaves, up to query.MaxCount
}

// MaxPage is the most people that a page has.
const MaxPage = 200

// List is one page of people, by their names.
type List struct {
	People []*Person `json:"people"`
	Next   string    `json:"next,omitempty"`  // marker of the next page; empty on the last
	Count  string    `json:"count,omitempty"` // where it was asked for: "128", "1,000+"
}

// List returns the people that a query leaves, for staff.
func (s *Parties) List(ctx context.Context, q query.Query, p Page) (l *List, err error) {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := MayList(v); err != nil {
			return err
		}
		l, err = listed(v, q, p)
		return err
	})
	return l, err
}

// MayList refuses the list of people to whoever is not staff.
func MayList(v *gate.View) error {
	if !v.IsStaff() || !v.Actor.InScope(readPeople) {
		return fault.New(fault.Forbidden, "the list of people is for staff, and for tokens whose scopes cover %s", readPeople)
	}
	return nil
}

func listed(v *gate.View, q query.Query, p Page) (*List, error) {
	n := &narrowed{}
	if err := n.ask(v, q); err != nil {
		return nil, err
	}
	l, err := &List{}, error(nil)
	if p.Counted {
		if l.Count, err = n.count(v); err != nil {
			return nil, err
		}
	}
	scope, err := scopeOf(q)
	if err != nil {
		return nil, err
	}
	if p.After != "" {
		var name, id string
		if err := v.Place(scope, p.After, &name, &id); err != nil {
			return nil, err
		}
		n.behind(name, id)
	}
	if l.People, err = n.page(v, p.Limit+1); err != nil {
		return nil, err
	}
	if len(l.People) > p.Limit {
		l.People = l.People[:p.Limit]
		last := l.People[p.Limit-1]
		l.Next = v.Cursor(scope, last.Name, string(last.ID))
	}
	return l, belongThese(v, l.People)
}

// scopeOf names the list in its page markers, so that a marker fits no other.
func scopeOf(q query.Query) (string, error) {
	b, err := json.Marshal(q)
	return "people" + string(b), err
}

// ask makes conditions of the query. Words are looked for in names and handles.
func (n *narrowed) ask(v *gate.View, q query.Query) error {
	people, err := Asked(v, q)
	if err != nil {
		return err
	}
	quick, where := query.Reading{Columns: asked, Now: v.Now, Me: string(v.Actor.ID), People: people, Arg: n.arg}.Conditions(q)
	n.where = append(quick, where...)
	for _, t := range q.Terms {
		if t.Field == "" {
			n.word(strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(t.Values[0], "@"), "*")))
		}
	}
	return nil
}
