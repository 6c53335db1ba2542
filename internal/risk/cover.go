package risk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
)

// linkCovers is the kind of link from a risk to a group of cases: those of one
// weakness in one place, present and future.
const linkCovers = "covers"

// MaxCovered is how many groups a risk covers.
const MaxCovered = 100

// RaiseDraft raises the risk that a proposal speaks for, inside the act that takes
// the proposal up: its text is filled from facts, the cases are its evidence, and
// those that come after them will be too.
func (s *Risks) RaiseDraft(tx *gate.Tx, d recurrence.Draft, channel string) (ref.ID, error) {
	in := Raising{Title: d.Title, Named: d.Restricted, Origin: Origin{Channel: s.channel(channel), From: d.Proposal},
		Statement: Statement{Asset: d.Asset, Event: d.Event, Source: d.Source, Consequence: d.Consequence, Problem: d.Problem, Impact: d.Impact,
			Evidence: d.Evidence, Scale: d.Scale}}
	if d.Kind == recurrence.Recurs || d.Kind == recurrence.Caused {
		in.Scoping.Test = s.Profile.Register.Recurrence.Test
	}
	id, err := s.RaiseIn(tx, in)
	if err != nil {
		return "", err
	}
	if d.Group.Weakness != "" {
		if err := insertLink(tx, id, linkCovers, ref.ID(groupText(d.Group))); err != nil {
			return "", err
		}
	}
	var adds []Adding
	for _, c := range d.Cases {
		adds = append(adds, Adding{About: string(c), Kind: s.caseKind()})
	}
	for part := range slices.Chunk(adds, MaxAdds) {
		if err := s.LinkIn(tx, id, part...); err != nil {
			return "", err
		}
	}
	return id, nil
}

// channel is the profile's word for how the risk came, or none where the profile
// does not have it.
func (s *Risks) channel(word string) string {
	if slices.Contains(names(s.Profile.Register.Channels), word) {
		return word
	}
	return ""
}

// caseKind is the kind of evidence that a case is: the profile's first.
func (s *Risks) caseKind() string {
	kinds := s.Profile.Register.Evidence.Kinds
	for _, k := range kinds {
		if k.Name == "case" {
			return k.Name
		}
	}
	return kinds[0].Name
}

// Cover lets the risk stand for a group of cases: every case of it, present and
// future, becomes its evidence.
func (s *Risks) Cover(ctx context.Context, id ref.ID, k recurrence.Key) error {
	return s.Gate.Act(ctx, VerbEvidence, id, func(tx *gate.Tx) error {
		if k.Weakness == "" || k.Product == "" && k.Component == "" {
			return fault.At("group", "a group is a weakness in a product or a component; name both")
		}
		had, err := coveredBy(&tx.View, id)
		if err != nil {
			return err
		}
		if len(had) >= MaxCovered {
			return fault.New(fault.TooLarge, "a risk covers at most %d groups; raise another one", MaxCovered)
		}
		if err := insertLink(tx, id, linkCovers, ref.ID(groupText(k))); err != nil {
			return err
		}
		return tx.Later("risk:gather", tx.Now, string(id), Told{Risk: id})
	})
}

// Uncover ends that; what is evidence stays evidence.
func (s *Risks) Uncover(ctx context.Context, id ref.ID, k recurrence.Key) error {
	return s.Gate.Act(ctx, VerbEvidence, id, func(tx *gate.Tx) error { return deleteLink(tx, id, linkCovers, ref.ID(groupText(k))) })
}

// CaseChanged leaves the work that a case brings which is new or not what it was:
// evidence for the risks that cover its group, and a new look at those that have it
// as evidence. It is called inside the case's own act.
func (s *Risks) CaseChanged(tx *gate.Tx, id ref.ID, was, now recurrence.Fact) error {
	var ids []ref.ID
	if err := tx.AsHouse(func(v *gate.View) (err error) {
		ids, err = concerned(v, id, groupText(now.Key))
		return err
	}); err != nil {
		return err
	}
	for _, r := range ids {
		if err := tx.Later("risk:gather", tx.Now, string(r), Told{Risk: r}); err != nil {
			return err
		}
	}
	return nil
}

// Gather makes the cases of the groups that a risk covers its evidence, and brings
// its standing up to date: a job's work.
func (s *Risks) Gather(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, VerbEvidence, "", func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil || r.Closed {
			return err
		}
		cases, err := coveredCases(&tx.View, id)
		if err != nil {
			return err
		}
		for _, c := range cases {
			it := Item{ID: ref.New("item"), About: string(c.ID), Kind: s.caseKind(), By: tx.Actor.ID, Added: tx.Now, guard: c.ID, audience: c.audience}
			if err := insertItem(tx, r, it); err != nil {
				return err
			}
		}
		_, err = s.recomputeIn(tx, id, false)
		return err
	})
}

// Covered finds the open risks that cover the groups, as far as the reader may see
// them.
func (s *Risks) Covered(v *gate.View, keys []recurrence.Key) (map[recurrence.Key]ref.ID, error) {
	out := map[recurrence.Key]ref.ID{}
	byText := map[string]recurrence.Key{}
	var texts []string
	for _, k := range keys {
		if byText[groupText(k)] == (recurrence.Key{}) {
			texts = append(texts, groupText(k))
		}
		byText[groupText(k)] = k
	}
	for part := range slices.Chunk(texts, 500) {
		found, err := covering(v, part)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			out[byText[f.key]] = f.risk
		}
	}
	return out, nil
}

// groupText names a group as the target of a link.
func groupText(k recurrence.Key) string {
	return strings.Join([]string{k.Weakness, k.Product, k.Component}, "\t")
}

// readGroup reads what groupText wrote.
func readGroup(text string) (recurrence.Key, error) {
	f := strings.Split(text, "\t")
	if len(f) != 3 {
		return recurrence.Key{}, fmt.Errorf("read the group %q of a link: it has no weakness, product and component", text)
	}
	return recurrence.Key{Weakness: f[0], Product: f[1], Component: f[2]}, nil
}
