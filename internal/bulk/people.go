package bulk

import (
	"encoding/json"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/party"
	"tocsin/internal/ref"
)

// people are changed by those who administer them. Each change is one thing of a person:
// it is set back unless somebody else has changed that very thing since, whatever became
// of the rest of them.
var people = kind{surface: "people", record: "person", reads: party.MayList, page: pageOfPeople, acts: []Act{
	{Name: "give", Verb: party.VerbGive, fields: member, same: sameRole, check: role,
		do:   others(func(s *Bulks, w work) error { return s.People.Give(w.ctx, w.id, w.in.Value) }),
		undo: others(func(s *Bulks, w work) error { return s.People.Take(w.ctx, w.id, w.in.Value) })},
	{Name: "take", Verb: party.VerbTake, fields: member, same: sameRole, check: role,
		do:   others(func(s *Bulks, w work) error { return s.People.Take(w.ctx, w.id, w.in.Value) }),
		undo: others(func(s *Bulks, w work) error { return s.People.Give(w.ctx, w.id, w.in.Value) })},
	{Name: "level", Verb: party.VerbEdit, fields: []string{"level"}, same: sameField("level"), check: level,
		do: others(func(s *Bulks, w work) error { return s.People.SetLevel(w.ctx, w.id, w.in.Value) }),
		undo: others(func(s *Bulks, w work) error {
			var was string
			w.before("level", &was)
			return s.People.SetLevel(w.ctx, w.id, was)
		})},
	{Name: "disable", Verb: party.VerbEdit, fields: []string{"state"}, same: sameField("state"), check: nothing,
		do:   others(func(s *Bulks, w work) error { return s.People.Disable(w.ctx, w.id) }),
		undo: others(state)},
	{Name: "enable", Verb: party.VerbEdit, fields: []string{"state"}, same: sameField("state"), check: nothing,
		do:   others(func(s *Bulks, w work) error { return s.People.Enable(w.ctx, w.id) }),
		undo: others(state)},
}}

var member = []string{"member"}

// state sets the state back that a person had.
func state(s *Bulks, w work) error {
	var was string
	w.before("state", &was)
	return s.People.SetState(w.ctx, w.id, was)
}

// others leaves the account of whoever asks as it is: a press on many is no way to lock
// oneself out of taking it back.
func others(do func(*Bulks, work) error) func(*Bulks, work) error {
	return func(s *Bulks, w work) error {
		a, err := access.From(w.ctx)
		if err != nil {
			return err
		}
		if a.Hands().Has(w.id) {
			return fault.New(fault.Forbidden, "this is your own account; change it on its own page")
		}
		return do(s, w)
	}
}

// sameRole is what audit entries hold that give or take the role.
func sameRole(in Input) string { return quoted("role:" + in.Value) }

func sameField(name string) func(Input) string {
	return func(Input) string { return `"field":` + quoted(name) }
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string is JSON
	return string(b)
}

// role asks for a role that people can have.
func role(s *Bulks, in *Input) error { return s.People.IsRole(in.Value) }

// level asks for a level of management, or none.
func level(s *Bulks, in *Input) error { return s.People.IsLevel(in.Value) }

func pageOfPeople(s *Bulks, w work, q chosen, after string) (out []ref.ID, next string, err error) {
	asked, err := parsed(party.Vocabulary(s.Profile), q)
	if err != nil {
		return nil, "", err
	}
	l, err := s.People.List(w.ctx, asked, party.Page{Limit: party.MaxPage, After: after})
	if err != nil {
		return nil, "", err
	}
	for _, p := range l.People {
		out = append(out, p.ID)
	}
	return out, l.Next, nil
}
