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
	Count      string      `json:"count,omitempty"` // where it was asked for: "128", "1,000+"
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
func (s *Advisories) List(ctx context.Context, f Filter, limit int, after string) (*List, error) {
	return s.list(ctx, f, limit, after, false)
}

// Counted is List with how many the filter leaves.
func (s *Advisories) Counted(ctx context.Context, f Filter, limit int, after string) (*List, error) {
	return s.list(ctx, f, limit, after, true)
}

func (s *Advisories) list(ctx context.Context, f Filter, limit int, after string, counted bool) (l *List, err error) {
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
		if l, err = listed(v, f, before, limit, counted); err == nil && len(l.Advisories) == 0 {
			err = v.Allow(VerbRead, "") // who has a role on one case alone reads a list of its advisories
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

func listed(v *gate.View, f Filter, before *int64, limit int, counted bool) (*List, error) {
	n, err := narrow(v, f)
	if err != nil {
		return nil, err
	}
	l := &List{}
	if counted {
		if l.Count, err = n.count(v); err != nil {
			return nil, err
		}
	}
	if l.Advisories, err = n.page(v, before, limit+1); err != nil {
		return nil, err
	}
	if len(l.Advisories) > limit {
		l.Advisories = l.Advisories[:limit]
		l.Next = v.Cursor(f.scope(), l.Advisories[limit-1].doc)
	}
	return l, nil
}
