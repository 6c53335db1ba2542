package risk

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// roleOwner is what the business owner is on the record of the risk.
const roleOwner access.Role = "risk-owner"

// Owners are who answers for a risk; a nil field stays as it is, an empty one is
// nobody.
type Owners struct {
	Version    int     `json:"version,omitempty"`
	Owner      *ref.ID `json:"owner,omitempty"`      // the business owner, accountable
	Security   *ref.ID `json:"security,omitempty"`   // the security owner, who validates
	Department *string `json:"department,omitempty"` // of the business owner
	Replace    *bool   `json:"replace,omitempty"`    // the business owner is to be replaced
}

// Assign names the owners: two different people, who may see the risk. The business
// owner gets the role of one on it. That their level suffices for the rating is
// asked where the risk goes on, not here.
func (s *Risks) Assign(ctx context.Context, id ref.ID, in Owners) error {
	return s.change(ctx, VerbAssign, id, in.Version, func(tx *gate.Tx, r *Risk) error { return s.assign(tx, r, in) })
}

func (s *Risks) assign(tx *gate.Tx, r *Risk, in Owners) error {
	var fs fault.Fields
	owner, security := r.Owner, r.Security
	if in.Owner != nil {
		owner = *in.Owner
	}
	if in.Security != nil {
		security = *in.Security
	}
	for _, x := range []struct {
		field    string
		now, was ref.ID
	}{{"owner", owner, r.Owner}, {"security", security, r.Security}} {
		if x.now == "" || x.now == x.was {
			continue
		}
		if err := s.sees(tx, r, &fs, x.field, x.now); err != nil {
			return err
		}
	}
	if owner != "" && owner == security {
		fs.Add("security", "the security owner validates what the business owner does; name two people")
	}
	thread.SetLine(&fs, "department", &r.Department, in.Department, MaxLine)
	if err := fs.Err(); err != nil {
		return err
	}
	return s.hand(tx, r, owner, security, in)
}

func (s *Risks) hand(tx *gate.Tx, r *Risk, owner, security ref.ID, in Owners) error {
	was := r.Owner
	r.Owner, r.Security = owner, security
	if in.Replace != nil {
		r.Replace = *in.Replace
	}
	if owner == was {
		return s.told(tx, r, VerbAssign)
	}
	if in.Replace == nil {
		r.Replace = false
	}
	if was != "" {
		if err := s.let(tx, r, was); err != nil {
			return err
		}
	}
	if owner != "" {
		if err := tx.Show(r.ID, owner, roleOwner, r.doc); err != nil {
			return err
		}
	}
	return s.told(tx, r, VerbAssign)
}

// let takes the owner's role from who owned the risk. Of a risk that only named
// people see they go on seeing it; somebody takes that from them on purpose.
func (s *Risks) let(tx *gate.Tx, r *Risk, was ref.ID) error {
	if r.Audience == access.Named {
		return tx.Show(r.ID, was, "", r.doc)
	}
	_, err := tx.Unshow(r.ID, was)
	return err
}

func (s *Risks) told(tx *gate.Tx, r *Risk, verb access.Verb) error {
	return tx.Later("tell:risk-owner", tx.Now, "", Told{Risk: r.ID, What: string(verb), From: tx.Actor.ID})
}

// sees notes a field that names nobody at work, or somebody who may not see the
// risk. Both are one answer: who may see what is nobody's to find out here.
func (s *Risks) sees(tx *gate.Tx, r *Risk, fs *fault.Fields, field string, who ref.ID) error {
	ok, err := maySee(&tx.View, r.ID, r.Audience, who)
	if err == nil && !ok {
		fs.Add(field, "there is no such person who may see this risk; choose another, or share the risk with them first")
	}
	return err
}

// SetPeople sets who has which part in the risk besides its two owners: handbook 2.1.
func (s *Risks) SetPeople(ctx context.Context, id ref.ID, version int, parts []Part) error {
	return s.change(ctx, VerbAssign, id, version, func(tx *gate.Tx, r *Risk) error { return s.setPeople(tx, r, parts) })
}

func (s *Risks) setPeople(tx *gate.Tx, r *Risk, parts []Part) error {
	var fs fault.Fields
	if len(parts) > 100 {
		return fault.New(fault.TooLarge, "there are %d parts; name at most 100", len(parts))
	}
	parts = slices.Clone(parts)
	accountable := map[ref.ID]bool{r.Owner: r.Owner != ""}
	for i := range parts {
		p := &parts[i]
		s.part(&fs, p)
		thread.SetLine(&fs, "note", &p.Note, &p.Note, MaxLine)
		accountable[p.Who] = accountable[p.Who] || p.RACI == "A"
		if !slices.ContainsFunc(r.People, func(o Part) bool { return o.Who == p.Who }) {
			if err := s.sees(tx, r, &fs, "who", p.Who); err != nil {
				return err
			}
		}
	}
	n := 0
	for _, a := range accountable {
		if a {
			n++
		}
	}
	if n > 1 {
		fs.Add("raci", "%d people would be accountable (A); exactly one is: the business owner", n)
	}
	if err := fs.Err(); err != nil {
		return err
	}
	r.People = parts
	return nil
}

// part checks one part, and fills in its letter.
func (s *Risks) part(fs *fault.Fields, p *Part) {
	known := s.Profile.Register.RACI
	p.RACI = strings.ToUpper(p.RACI)
	if p.As == "" {
		if !slices.ContainsFunc(known, func(k profile.Part) bool { return k.Letter == p.RACI }) {
			fs.Add("raci", "%q is no letter of the table; use R, A, C or I", p.RACI)
		}
		return
	}
	i := slices.IndexFunc(known, func(k profile.Part) bool { return k.Name == p.As })
	switch {
	case i < 0:
		var all []string
		for _, k := range known {
			all = append(all, k.Name)
		}
		fs.Add("as", "%q is no part in a risk; the parts are: %s", p.As, strings.Join(all, ", "))
	case p.As == asBusiness || p.As == asSecurity:
		fs.Add("as", "the two owners are assigned, not listed here")
	case p.RACI != "" && p.RACI != known[i].Letter:
		fs.Add("raci", "the %s is %s, not %s", known[i].Title, known[i].Letter, p.RACI)
	default:
		p.RACI = known[i].Letter
	}
}

// maxSyncs is how many talks a risk keeps; the audit log has them all.
const maxSyncs = 200

// Sync records a talk with the owner.
func (s *Risks) Sync(ctx context.Context, id ref.ID, note string) error {
	return s.change(ctx, VerbSync, id, 0, func(tx *gate.Tx, r *Risk) error {
		note, err := thread4000("note", note)
		if err != nil {
			return err
		}
		if r.Owner == "" {
			return fault.New(fault.Conflict, "the risk has no business owner to talk to; assign one first")
		}
		r.Syncs = append(slices.Clone(r.Syncs), Sync{At: tx.Now, By: tx.Actor.ID, Note: note})
		if n := len(r.Syncs); n > maxSyncs {
			r.Syncs = r.Syncs[n-maxSyncs:]
		}
		r.Synced = tx.Now
		r.record(tx.Now, "updated", nil)
		return nil
	})
}
