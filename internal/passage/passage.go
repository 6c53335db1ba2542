// Package passage keeps the texts that stand on records for the search: what was
// said, decided, planned, measured and learnt there, each under the guard of the row
// that it is the text of. Whoever writes such a row puts its text here in the same
// transaction, and reads it back for a store that was filled before. The records' own
// words are not here: those are in the index of package insight, which searches both.
package passage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// The kinds of passages.
const (
	Note     = "note"     // what was said on a record, inside or to its reporter
	File     = "file"     // the name of a file
	Meeting  = "meeting"  // a meeting, and what it decided or asked for
	Decision = "decision" // on a risk: a decision, a review, a choice of a leader
	Plan     = "plan"     // the treatment of a risk
	KRI      = "kri"      // an indicator
	Cause    = "cause"    // the root cause analysis of a case
	Evidence = "evidence" // of a risk
)

// MaxText is how much of a text is kept and indexed, in bytes.
const MaxText = 64 << 10

// Passage is one text.
type Passage struct {
	ID       string // of the row that it is the text of; behind a colon, what of the row
	Kind     string
	Guard    ref.ID // whose visibility holds for it
	Audience string
	About    ref.ID      // the record on whose page it stands
	Verb     access.Verb // that covers reading it there; "" is that of the record
	At       time.Time
	Title    string
	Text     string
}

// Lines joins what a text consists of, leaving out what is empty.
func Lines(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n")
}

// ready cuts what is too long and fills in who may read it.
func (p Passage) ready() Passage {
	if len(p.Text) > MaxText {
		p.Text = strings.ToValidUTF8(p.Text[:MaxText], "")
	}
	p.Verb = cmp.Or(p.Verb, access.Reads(p.About.Kind()))
	return p
}

// empty tells whether there is nothing to find.
func (p Passage) empty() bool { return strings.TrimSpace(p.Title+p.Text) == "" }

// Add keeps the text of a row that is new.
func Add(tx *gate.Tx, p Passage) error {
	if p = p.ready(); p.empty() {
		return nil
	}
	doc, err := insert(tx, p)
	if err != nil || doc == 0 {
		return err
	}
	return index(tx, p, doc)
}

// Put keeps the text of a row that may have had another; an empty text is taken out.
func Put(tx *gate.Tx, p Passage) error {
	p = p.ready()
	old, err := find(tx, p.ID)
	switch {
	case err != nil:
		return err
	case old == nil:
		return Add(tx, p)
	case p.empty():
		return remove(tx, p, old.doc)
	case old.title == p.Title && old.text == p.Text:
		return nil
	}
	if err := change(tx, p); err != nil {
		return err
	}
	return reindex(tx, p, old.doc)
}

// Source reads the texts of the next n stored rows of one table, in order of the rows'
// names, behind one of them. A row without a text has an empty one.
type Source struct {
	Name string
	Read func(v *gate.View, after string, n int) ([]Passage, error)
}

// From is the source of a table: q reads its rows as Source says, scan one of them, and
// text is its passage.
func From[T any](name string, scan func(row func(...any) error) (T, error), text func(T) Passage, q string) Source {
	return Source{name, func(v *gate.View, after string, n int) ([]Passage, error) {
		return gate.All(v, func(row func(...any) error) (p Passage, err error) {
			x, err := scan(row)
			if err == nil {
				p = text(x)
			}
			return p, err
		}, q, after, n)
	}}
}

// Guarded is From for rows that do not hold whose visibility holds for them: their guard
// and audience are the last two columns of q.
func Guarded[T any](name string, scan func(row func(...any) error) (T, error), text func(x T, guard ref.ID, audience string) Passage, q string) Source {
	return From(name, func(row func(...any) error) (p Passage, err error) {
		var guard ref.ID
		var audience string
		x, err := scan(func(to ...any) error { return row(append(to, &guard, &audience)...) })
		if err == nil {
			p = text(x, guard, audience)
		}
		return p, err
	}, func(p Passage) Passage { return p }, q)
}

// Passages fills the index of a store that was filled by an earlier version.
type Passages struct {
	Gate    *gate.Gate
	Sources []Source
}

// verbFill is in no profile: the house alone does it.
const verbFill access.Verb = "search.fill"

// all is how far a source is in that is in whole.
const all = "~"

// batch is how many rows are read at once.
const batch = 200

// Fill puts in what is not in yet, as the house. Once all is in it costs one read.
func (s *Passages) Fill(ctx context.Context) error {
	for {
		var done map[string]string
		if err := s.Gate.View(ctx, func(v *gate.View) (err error) {
			done, err = bases(v)
			return err
		}); err != nil {
			return err
		}
		next := slices.IndexFunc(s.Sources, func(src Source) bool { return done[src.Name] != all })
		if next < 0 {
			return nil
		}
		if err := s.fill(ctx, s.Sources[next]); err != nil {
			return err
		}
	}
}

// fill puts in the next rows of a source.
func (s *Passages) fill(ctx context.Context, src Source) error {
	return s.Gate.Act(ctx, verbFill, "", func(tx *gate.Tx) error {
		done, err := bases(&tx.View)
		if err != nil || done[src.Name] == all {
			return err
		}
		ps, err := src.Read(&tx.View, done[src.Name], batch)
		if err != nil {
			return err
		}
		for _, p := range ps {
			if err := Put(tx, p); err != nil {
				return err
			}
		}
		upto := all
		if len(ps) == batch {
			upto, _, _ = strings.Cut(ps[batch-1].ID, ":")
		}
		return putBase(tx, src.Name, upto)
	})
}
