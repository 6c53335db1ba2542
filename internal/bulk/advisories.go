package bulk

import (
	"slices"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// advisories are prepared together, and nothing of it leaves the house: what goes out
// goes out one by one, after its own approval.
var advisories = kind{surface: "advisories", record: "adv", read: advisory.VerbRead, page: pageOfAdvisories, acts: []Act{
	{Name: "submit", Verb: advisory.VerbSubmit, fields: []string{"stage"}, check: nothing,
		do: func(s *Bulks, w work) error { return s.Advisories.Move(w.ctx, w.id, advisory.VerbSubmit, 0, "") },
		undo: func(s *Bulks, w work) error {
			return s.Advisories.Move(w.ctx, w.id, advisory.VerbReturn, 0, "submitted together with others, and taken back")
		}},
	{Name: "mark", Verb: advisory.VerbEdit, fields: []string{"tlp"}, check: marked,
		do: func(s *Bulks, w work) error { return s.Advisories.Mark(w.ctx, w.id, w.in.Value) },
		undo: func(s *Bulks, w work) error {
			var was string
			w.before("tlp", &was)
			return s.Advisories.Mark(w.ctx, w.id, was)
		}},
}}

// nothing is given to an act that needs no word.
func nothing(*Bulks, *Input) error { return nil }

// marked asks for a mark of the profile.
func marked(s *Bulks, in *Input) error {
	if !slices.Contains(s.Profile.TLP, in.Value) {
		return fault.At("value", "%q is no mark; write one of: %s", in.Value, strings.Join(s.Profile.TLP, ", "))
	}
	return nil
}

func pageOfAdvisories(s *Bulks, w work, q chosen, after string) (out []ref.ID, next string, err error) {
	asked, err := parsed(advisory.Vocabulary(s.Profile), q)
	if err != nil {
		return nil, "", err
	}
	l, err := s.Advisories.List(w.ctx, advisory.Filter{Query: asked}, advisory.MaxPage, after)
	if err != nil {
		return nil, "", err
	}
	for _, a := range l.Advisories {
		out = append(out, a.ID)
	}
	return out, l.Next, nil
}
