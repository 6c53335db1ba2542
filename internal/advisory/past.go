package advisory

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
)

// Past is an advisory that somebody published before the house knew of it.
type Past struct {
	Document Document
	Names    []string // tracking IDs to publish it under: the first that is free
	Case     ref.ID   // the case it speaks of
	Original string   // SHA-256 of the file it was read from
}

// IsPublic reports whether everybody may read the document: it carries no TLP
// label, or the one that says so.
func (d Document) IsPublic() bool { return d.TLP == "" || d.TLP == "CLEAR" }

// Bring takes published history in, inside another act: as published by the
// profile's life cycle, or as withdrawn. What is not meant for everybody gets no
// publication. Without an id it makes an advisory; with one it adds a revision.
// What has no date keeps none.
func (s *Advisories) Bring(tx *gate.Tx, id ref.ID, p Past) (ref.ID, error) {
	stage, err := s.resting(!p.Document.withdrawn().IsZero() || p.Document.rejected())
	if err != nil {
		return "", err
	}
	if id != "" {
		return id, s.bringAgain(tx, id, stage, p)
	}
	a := &Advisory{ID: ref.New("adv"), Case: p.Case, Made: p.Document.Initial, guard: p.Case, audience: access.Staff}
	if a.Name, err = freeName(tx, p.Names); err != nil {
		return "", err
	}
	a.hold(stage, p)
	if a.doc, err = insight.Place(tx, a.Made); err != nil {
		return "", err
	}
	if err := insert(tx, a, gate.Change{Field: "imported", New: a.Name + " " + p.Original}); err != nil {
		return "", err
	}
	if err := a.out(tx); err != nil {
		return "", err
	}
	return a.ID, insight.Index(tx, a.ID, a.doc, true, a.Title, a.words())
}

func (s *Advisories) bringAgain(tx *gate.Tx, id ref.ID, stage string, p Past) error {
	a, err := get(&tx.View, id)
	if err != nil {
		return err
	}
	if at, _ := s.Profile.Lifecycle("advisory").Stage(a.Stage); !at.Terminal {
		return fault.New(fault.Conflict, "%s is being revised here (%s); publish that revision, then import again", a.Name, strings.ToLower(at.Title))
	}
	a.hold(stage, p)
	if err := update(tx, a, gate.Change{Field: "imported", New: a.Name + " " + p.Original}); err != nil {
		return err
	}
	if err := setOriginal(tx, a); err != nil {
		return err
	}
	if err := a.out(tx); err != nil {
		return err
	}
	return insight.Index(tx, a.ID, a.doc, false, a.Title, a.words())
}

// hold makes the document the advisory's next revision, in a stage of rest.
func (a *Advisory) hold(stage string, p Past) {
	d := p.Document
	if out := d.out(); a.Stage != stage && !out.IsZero() {
		a.record(out, "enter:"+stage)
	}
	a.Stage, a.Document, a.Severity, a.Published, a.original = stage, d, d.Severity, d.out(), p.Original
	a.Revision++
	a.Title = d.Title
	if a.Title == "" {
		a.Title = a.Name
	}
	a.Summary, a.Writers, a.Approved = "", nil, false
}

// out writes the publication of the newest revision, where everybody may read it.
func (a *Advisory) out(tx *gate.Tx) error {
	d := a.Document
	if !d.IsPublic() {
		return nil
	}
	d.Title = a.Title
	if err := insertPublication(tx, a, d); err != nil {
		return err
	}
	if d.withdrawn().IsZero() && !d.rejected() {
		return nil
	}
	return setWithdrawn(tx, a)
}

// out is when the newest revision went out; zero where nobody says so.
func (d Document) out() time.Time {
	if d.Current.IsZero() {
		return d.Initial
	}
	return d.Current
}

// withdrawn is when the document, or the one record that it is, was withdrawn.
func (d Document) withdrawn() time.Time {
	if len(d.Vulns) == 1 && d.Withdrawn.IsZero() {
		return d.Vulns[0].Withdrawn
	}
	return d.Withdrawn
}

// rejected tells a CVE record that is rejected, with or without a date.
func (d Document) rejected() bool { return len(d.Vulns) == 1 && d.Vulns[0].State == "REJECTED" }

// resting is the stage that publication leads to, or withdrawal.
func (s *Advisories) resting(withdrawn bool) (string, error) {
	verb := VerbPublish
	if withdrawn {
		verb = VerbWithdraw
	}
	m := s.Profile.Lifecycle("advisory")
	i := slices.IndexFunc(m.Moves, func(mv lifecycle.Move) bool { return mv.Verb == string(verb) })
	if i < 0 {
		return "", fault.New(fault.Conflict, "the profile's life cycle of advisories has no move %s, so no published advisory can be brought in", verb)
	}
	return m.Moves[i].To, nil
}

// freeName takes the first of the names that no advisory has.
func freeName(tx *gate.Tx, names []string) (name string, err error) {
	err = tx.AsHouse(func(v *gate.View) error {
		for _, n := range names {
			taken, err := named(v, n)
			if err != nil {
				return err
			}
			if !taken {
				name = n
				return nil
			}
		}
		return fault.New(fault.Conflict, "an advisory of the name %s is here already, and it did not come from this record", names[0])
	})
	return name, err
}
