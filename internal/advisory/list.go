package advisory

import (
	"context"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/query"
)

// MaxPage is the most advisories that a page has.
const MaxPage = 200

// List is one page of advisories.
type List struct {
	Advisories []*Advisory `json:"advisories"`
	Next       string      `json:"next,omitempty"`
}

// Filter narrows the list of advisories. The zero value is all that the reader may see.
type Filter struct {
	Stage string
	Query query.Query `json:",omitzero"`
}

// scope names the list in its page markers, so that a marker fits no other.
func (f Filter) scope() string { return "advisories" + f.Stage + " " + f.Query.String() }

// List returns the advisories that the reader may see and that the filter leaves,
// newest first.
func (s *Advisories) List(ctx context.Context, f Filter, limit int, after string) (l *List, err error) {
	if limit < 1 || limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		var before *int64
		if after != "" {
			before = new(int64)
			if err := v.Place(f.scope(), after, before); err != nil {
				return err
			}
		}
		rows, err := listRows(v, f, before, limit+1)
		if err == nil && len(rows) == 0 {
			err = v.Allow(VerbRead, "") // who has a role on one case alone reads a list of its advisories
		}
		if err != nil {
			return err
		}
		l = &List{Advisories: rows}
		if len(rows) > limit {
			l.Advisories = rows[:limit]
			l.Next = v.Cursor(f.scope(), l.Advisories[limit-1].doc)
		}
		return nil
	})
	return l, err
}
