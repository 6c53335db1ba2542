// Package saved keeps queries of lists under names: views, each of one person or for
// everybody, and with which of them a list opens for a person. A view is a question
// and no answer: whoever opens it sees, and counts, what they may see. Used by the
// pages and the API; which lists there are, and who may share a view of them, is put
// together by package house.
package saved

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Place is a list whose queries can be saved.
type Place struct {
	Name  string
	Read  access.Verb // who may read the list saves views of their own
	Share access.Verb // who may do this shares them, and deletes those of others
}

// Views are the operations on saved views.
type Views struct {
	Gate   *gate.Gate
	Places []Place
}

// View is a query with a name: one person's own, or for everybody.
type View struct {
	ID      ref.ID    `json:"id"`
	Owner   ref.ID    `json:"owner"`
	Shared  bool      `json:"shared"`
	Surface string    `json:"surface"` // the list that it belongs to
	Name    string    `json:"name"`
	Query   string    `json:"query"` // of the list's address
	At      time.Time `json:"at"`
	First   bool      `json:"first,omitempty"` // the reader's list opens with it
	May     bool      `json:"may"`             // the reader may rename and delete it
}

// How many views a list has for one reader, and how long a name and a query are.
const (
	MaxViews = 100
	MaxName  = 60
	MaxQuery = 6000
)

func (s *Views) place(name string) (Place, error) {
	i := slices.IndexFunc(s.Places, func(p Place) bool { return p.Name == name })
	if i < 0 {
		var all []string
		for _, p := range s.Places {
			all = append(all, p.Name)
		}
		return Place{}, fault.At("surface", "no list is called %q; write one of %s", name, strings.Join(all, ", "))
	}
	return s.Places[i], nil
}

// Save saves a query under a name. The same name again replaces it.
func (s *Views) Save(ctx context.Context, in View) (id ref.ID, err error) {
	p, err := s.place(in.Surface)
	if err != nil {
		return "", err
	}
	err = s.Gate.Act(ctx, p.Read, "", func(tx *gate.Tx) error {
		if err := in.check(); err != nil {
			return err
		}
		if in.Shared && !tx.May(p.Share, "") {
			return fault.New(fault.Forbidden, "your roles do not cover sharing views of this list; save it for yourself, or ask whose roles cover %s", p.Share)
		}
		there, err := views(&tx.View, in.Surface)
		if err != nil {
			return err
		}
		in.ID, in.Owner, in.At = ref.New("view"), tx.Actor.ID, tx.Now
		same := slices.IndexFunc(there, func(x View) bool { return x.Owner == in.Owner && x.Name == in.Name })
		if same >= 0 {
			in.ID = there[same].ID
		} else if len(there) >= MaxViews {
			return fault.New(fault.Conflict, "there are %d saved views already; delete some first", len(there))
		}
		id = in.ID
		return upsert(tx, in)
	})
	return id, err
}

func (in *View) check() error {
	var fs fault.Fields
	if thread.LineField(&fs, "name", &in.Name, MaxName); in.Name == "" && len(fs) == 0 {
		fs.Add("name", "give the view a name")
	}
	in.Query = strings.TrimPrefix(in.Query, "?")
	if q, err := url.ParseQuery(in.Query); err != nil || len(in.Query) > MaxQuery {
		fs.Add("query", "this is no query of an address, or longer than %d characters; save what stands behind the question mark", MaxQuery)
	} else {
		q.Del("after") // a page marker is no filter
		in.Query = q.Encode()
	}
	return fs.Err()
}

// List lists the reader's own views of a list and those for everybody, by name; of
// every list, where surface is empty.
func (s *Views) List(ctx context.Context, surface string) (out []View, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		out, err = s.ListIn(v, surface)
		return err
	})
	return out, err
}

// ListIn is List inside a view.
func (s *Views) ListIn(v *gate.View, surface string) (out []View, err error) {
	all, err := views(v, surface)
	for _, x := range all {
		p, err := s.place(x.Surface)
		if err != nil || v.Allow(p.Read, "") != nil {
			continue // a list that the reader may not read has no views for them
		}
		x.May = x.Owner == v.Actor.ID || x.Shared && v.May(p.Share, "")
		out = append(out, x)
	}
	return out, err
}

// own finds a view that the actor may change, and carries the change out.
func (s *Views) own(ctx context.Context, id ref.ID, change func(*gate.Tx, View) error) error {
	var surface string
	err := s.Gate.View(ctx, func(v *gate.View) error {
		x, err := one(v, id)
		if err != nil {
			return err
		}
		if x.Owner != v.Actor.ID && !x.Shared {
			return access.NoRecord()
		}
		p, err := s.place(x.Surface)
		if err != nil || v.Allow(p.Read, "") != nil {
			return access.NoRecord()
		}
		surface = x.Surface
		return nil
	})
	if err != nil {
		return err
	}
	p, err := s.place(surface)
	if err != nil {
		return err
	}
	return s.Gate.Act(ctx, p.Read, "", func(tx *gate.Tx) error {
		x, err := one(&tx.View, id)
		if err != nil {
			return err
		}
		if x.Owner != tx.Actor.ID && !tx.May(p.Share, "") {
			return fault.New(fault.Forbidden, "this view is for everybody; who saved it, or whose roles cover %s, may change it", p.Share)
		}
		return change(tx, x)
	})
}

// Delete deletes a view: one's own, or for those who may share one for everybody.
func (s *Views) Delete(ctx context.Context, id ref.ID) error {
	return s.own(ctx, id, func(tx *gate.Tx, x View) error { return remove(tx, x.ID) })
}

// Rename gives a view another name.
func (s *Views) Rename(ctx context.Context, id ref.ID, name string) error {
	in := View{Name: name}
	if err := in.check(); err != nil {
		return err
	}
	name = in.Name
	return s.own(ctx, id, func(tx *gate.Tx, x View) error {
		there, err := views(&tx.View, x.Surface)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(there, func(o View) bool { return o.Owner == x.Owner && o.Name == name && o.ID != x.ID }) {
			return fault.At("name", "another view is called %s; choose another name, or delete that one", name)
		}
		return rename(tx, x.ID, name)
	})
}

// First says with which view a list opens for the actor; "" is with what it shows by
// itself.
func (s *Views) First(ctx context.Context, surface string, id ref.ID) error {
	p, err := s.place(surface)
	if err != nil {
		return err
	}
	return s.Gate.Act(ctx, p.Read, "", func(tx *gate.Tx) error {
		if id == "" {
			return unchoose(tx, surface)
		}
		x, err := one(&tx.View, id)
		if err != nil {
			return err
		}
		if x.Surface != surface || x.Owner != tx.Actor.ID && !x.Shared {
			return access.NoRecord()
		}
		return choose(tx, surface, id)
	})
}
