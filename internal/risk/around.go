package risk

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// follows says of a label that nobody sets by hand what sets it.
func (s *Risks) follows(label string) (how string, ok bool) {
	m := s.labels()
	how, ok = map[string]string{
		m.Accepted: "ask for an acceptance, or end it",
		m.Blocked:  "block the risk with a reason and a date, or unblock it",
		m.Proposed: "propose the risk for the register above, or answer the proposal",
	}[label]
	return how, ok
}

// SetLabel sets or clears a side label of the life cycle.
func (s *Risks) SetLabel(ctx context.Context, id ref.ID, name string, on bool, reason string) error {
	return s.change(ctx, VerbLabel, id, 0, func(tx *gate.Tx, r *Risk) error {
		l, ok := s.machine().Label(name)
		if !ok {
			return fault.At("label", "the life cycle has no label %q", name)
		}
		if how, follows := s.follows(name); follows {
			return fault.At("label", "the label %s follows from what is decided; %s", l.Title, how)
		}
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		if on && l.Reason && reason == "" {
			return fault.At("reason", "the label %s wants a reason; write a sentence", l.Title)
		}
		if on && len(l.Stages) > 0 && !slices.Contains(l.Stages, r.Stage) {
			return fault.New(fault.Conflict, "the label %s is not for this stage; it is for %s", l.Title, strings.Join(l.Stages, ", "))
		}
		tx.Reason(reason)
		if on {
			r.set(name, reason)
		} else {
			r.clear(name)
		}
		return nil
	})
}

// Attach puts a stored content on the risk.
func (s *Risks) Attach(ctx context.Context, id ref.ID, name string, content evidence.Content) (f evidence.File, err error) {
	err = s.Gate.Act(ctx, VerbAttach, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		f, err = evidence.Attach(tx, id, id, r.Audience, thread.Note, name, content)
		return err
	})
	return f, err
}

// The kinds of links between a risk and another record.
var linkKinds = []string{LinkDepends, "related", "duplicate-of", "found-by"}

// SetLink links the risk to another risk or to a case. Risks may not depend on each
// other in a circle.
func (s *Risks) SetLink(ctx context.Context, id ref.ID, kind string, to ref.ID) error {
	return s.Gate.Act(ctx, VerbLink, id, func(tx *gate.Tx) error {
		if err := oneOf("kind", kind, linkKinds); err != nil {
			return err
		}
		if k := to.Kind(); to == id || k != "risk" && k != "case" || kind == LinkDepends && k != "risk" {
			return fault.At("to", "a risk is linked to another risk or to a case; it depends on risks alone")
		}
		if err := tx.Reads(to); err != nil {
			return fault.At("to", "there is no record %s that you may read", to)
		}
		if kind == LinkDepends {
			if err := circle(tx, id, to); err != nil {
				return err
			}
		}
		return insertLink(tx, id, kind, to)
	})
}

// circle refuses a dependency that leads back to the risk. It looks at every risk,
// seen or not, and names only what the actor names.
func circle(tx *gate.Tx, from, to ref.ID) error {
	var pairs [][2]ref.ID
	if err := tx.AsHouse(func(v *gate.View) (err error) {
		pairs, err = dependents(v)
		return err
	}); err != nil {
		return err
	}
	on := map[ref.ID][]ref.ID{}
	for _, p := range pairs {
		on[p[0]] = append(on[p[0]], p[1])
	}
	seen, todo := map[ref.ID]bool{}, []ref.ID{to}
	for len(todo) > 0 {
		x := todo[0]
		todo = todo[1:]
		if x == from {
			return fault.At("to", "%s depends on %s already, directly or through others; a circle of dependencies can never be worked off", to, from)
		}
		if !seen[x] {
			seen[x] = true
			todo = append(todo, on[x]...)
		}
	}
	return nil
}

// Unlink takes a link away.
func (s *Risks) Unlink(ctx context.Context, id ref.ID, kind string, to ref.ID) error {
	return s.Gate.Act(ctx, VerbLink, id, func(tx *gate.Tx) error { return deleteLink(tx, id, kind, to) })
}

// Restrict makes the risk need-to-know: only those who are named on it see it and
// all that hangs on it. Whoever does it stays named, and so do the owners.
func (s *Risks) Restrict(ctx context.Context, id ref.ID, reason string) error {
	return s.audience(ctx, id, access.Named, reason)
}

// Lift opens the risk to all staff again.
func (s *Risks) Lift(ctx context.Context, id ref.ID, reason string) error {
	return s.audience(ctx, id, access.Staff, reason)
}

func (s *Risks) audience(ctx context.Context, id ref.ID, audience, reason string) error {
	return s.change(ctx, VerbMark, id, 0, func(tx *gate.Tx, r *Risk) error {
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		tx.Reason(reason)
		r.Audience = audience
		if err := tx.Audience(id, audience); err != nil || audience == access.Staff {
			return err
		}
		shown, err := shownOn(&tx.View, id)
		if err != nil {
			return err
		}
		for _, who := range []ref.ID{tx.Actor.ID, r.Owner, r.Security} {
			if who == "" || who.Kind() == "system" || slices.ContainsFunc(shown, func(x Shown) bool { return x.Who == who }) {
				continue
			}
			if err := tx.Show(id, who, "", r.doc); err != nil {
				return err
			}
		}
		return nil
	})
}

// Share lets a person or a team see the risk, with a role on it; an empty role is
// to see it and no more than their roles allow. Nobody gives a role that may do
// more than they may themselves.
func (s *Risks) Share(ctx context.Context, id, with ref.ID, role access.Role) error {
	return s.Gate.Act(ctx, VerbShare, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if err := s.mayGive(tx, id, role); err != nil {
			return err
		}
		if with == r.Owner {
			return fault.New(fault.Conflict, "the business owner sees the risk already, with the role of one; another would take that away")
		}
		if ok, err := someone(&tx.View, with); err != nil {
			return err
		} else if !ok {
			return fault.At("with", "there is no such person or team")
		}
		tx.Touch(id, gate.Change{Field: "shared", New: string(with) + " " + string(role)})
		return tx.Show(id, with, role, r.doc)
	})
}

func (s *Risks) mayGive(tx *gate.Tx, id ref.ID, role access.Role) error {
	if role == "" {
		return nil
	}
	known := slices.ContainsFunc(s.Profile.Roles, func(r profile.Named) bool { return r.Name == string(role) })
	if !known || role == access.Role(access.Reporter) {
		return fault.At("role", "the profile has no role %q for people; leave it empty to let them see the risk", role)
	}
	if !tx.Covers(role, id, "risk", "kri") {
		return fault.New(fault.Forbidden, "the role %s may do more with this risk than you may; ask somebody who holds it to share the risk so", role)
	}
	return nil
}

// Unshare takes that sight away again, at once.
func (s *Risks) Unshare(ctx context.Context, id, with ref.ID) error {
	return s.Gate.Act(ctx, VerbShare, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if with == r.Owner || with == r.Security {
			return fault.New(fault.Conflict, "the owners must be able to see the risk; hand it to somebody else first")
		}
		shown, err := shownOn(&tx.View, id)
		if err != nil {
			return err
		}
		if r.Audience == access.Named && len(shown) == 1 && shown[0].Who == with {
			return fault.New(fault.Conflict, "nobody would see this risk any more; name somebody else on it first")
		}
		return tx.Hide(id, with)
	})
}
