package party

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// How far a completion of a mention goes.
const (
	MostMentioned = 8  // names that it offers
	mostTried     = 60 // people whom it asks for
)

// Mentionable lists people whose handle or a word of whose name begins as typed and
// who may read the record now, for those inside who may read it themselves; to
// anybody else it offers nobody. Each candidate's own authority is asked, so that
// somebody who may not read the record is not offered, whatever was typed.
func (s *Parties) Mentionable(ctx context.Context, on ref.ID, typed string) (out []Known, err error) {
	inside, err := s.reads(ctx, on)
	if err != nil || !inside {
		return nil, err
	}
	all, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	typed = strings.ToLower(strings.TrimSpace(typed))
	tried := 0
	for _, k := range all {
		if len(out) == MostMentioned || tried == mostTried {
			break
		}
		if !k.Active || k.Team || k.Handle == "" || !k.called(typed) {
			continue
		}
		tried++
		if _, err := s.reads(access.With(ctx, access.Actor{ID: k.ID, Kind: access.Person, Name: k.Name}), on); err == nil {
			out = append(out, k)
		}
	}
	return out, nil
}

// called tells whether somebody's handle or a word of their name begins as typed.
func (k Known) called(typed string) bool {
	words := append(strings.Fields(strings.ToLower(k.Name)), strings.ToLower(k.Handle))
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, typed) })
}

// reads asks whether the actor may read a record, and whether they are inside.
func (s *Parties) reads(ctx context.Context, id ref.ID) (inside bool, err error) {
	if access.Reads(id.Kind()) == "" {
		return false, access.NoRecord()
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		inside = v.IsStaff()
		return v.Reads(id)
	})
	return inside, err
}
