package observation

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Filter narrows a list. The zero value is everything that the reader may see.
type Filter struct {
	Stage, Rating, Priority, Cause, Source, Department, Label string
	Owner                                                     ref.ID
	State                                                     string // open, closed; empty is both
	Entity, Overdue, Unowned                                  bool
	TouchedBefore                                             time.Time
	Text                                                      string      // full text
	Query                                                     query.Query `json:",omitzero"`
	Order                                                     string      `json:",omitempty"` // one of Orders; empty is newest
}

// Orders are the orders of a list: the newest first, the highest score first, what was
// found longest ago first, what is due first. What is alike there is listed the oldest
// first.
var Orders = []string{"newest", "score", "age", "due"}

// Page says which part of a list is wanted.
type Page struct {
	Limit   int    // 1 to 200; 0 is 50
	After   string // the marker that the page before gave
	Counted bool   // count all that the filter leaves, up to query.MaxCount
}

// MaxPage is the most rows that a page has.
const MaxPage = 200

// List is one page of observations, in the order that was asked for.
type List struct {
	Observations []*Observation `json:"observations"`
	Next         string         `json:"next,omitempty"`
	Count        string         `json:"count,omitempty"` // where it was asked for: "128", "1,000+"
}

// List returns the observations that the reader may see and that the filter leaves.
func (s *Observations) List(ctx context.Context, f Filter, p Page) (l *List, err error) {
	return s.ListAfter(ctx, f, p, func(*gate.View) error { return nil })
}

// ListAfter is List in one snapshot with what is read first; where that fails, nothing
// is listed.
func (s *Observations) ListAfter(ctx context.Context, f Filter, p Page, first func(*gate.View) error) (l *List, err error) {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := first(v); err != nil {
			return err
		}
		l, err = f.list(v, p)
		return err
	})
	return l, err
}

// scope names the list in its page markers, so that a marker fits no other.
func (f Filter) scope() string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // a filter is text and times
	}
	return "observations" + string(b)
}

// listing is a list under construction.
type listing struct {
	order string
	join  string
	where []string
	args  []any
}

// arg keeps an argument and returns its place.
func (q *listing) arg(x any) string {
	q.args = append(q.args, x)
	return "$" + strconv.Itoa(len(q.args))
}

// add keeps an argument and a condition that speaks of it as ?.
func (q *listing) add(cond string, arg any) {
	q.where = append(q.where, strings.ReplaceAll(cond, "?", q.arg(arg)))
}

func (f Filter) listing(v *gate.View) (*listing, error) {
	if f.Order != "" && !slices.Contains(Orders, f.Order) {
		return nil, fault.At("order", "%q is no order of observations; there are: %s", f.Order, strings.Join(Orders, ", "))
	}
	cond, args, err := v.Where(VerbRead, "c", 1)
	if err != nil {
		return nil, err
	}
	q := &listing{order: f.Order, args: args}
	if cond != "" {
		q.where = append(q.where, cond)
	}
	f.narrow(q, v.Now)
	_, where, err := insight.Asking(v, f.Query, asked, q.arg)
	if err != nil {
		return nil, err
	}
	q.where = append(q.where, where...)
	text := strings.TrimSpace(f.Text + " " + f.Query.Words())
	if text == "" {
		return q, nil
	}
	if err := insight.Bounded(v); err != nil {
		return nil, err
	}
	m, err := insight.Matching(v.Engine(), text, len(q.args)+1)
	if err != nil {
		return nil, err
	}
	q.join, q.where, q.args = m.Join, append(q.where, m.Where), append(q.args, m.Arg)
	return q, nil
}

// key is what comes first in an order, as the store computes it: the least is listed
// first.
func (o *Observation) key(order string) int64 {
	switch order {
	case "score":
		return -int64(o.Score)
	case "age":
		return gate.Micros(o.Found)
	case "due":
		if o.Closed || o.Due.IsZero() {
			return never
		}
		return gate.Micros(o.Due)
	}
	return 0
}

func (f Filter) list(v *gate.View, p Page) (*List, error) {
	q, err := f.listing(v)
	if err != nil {
		return nil, err
	}
	l := &List{}
	if p.Counted {
		n, err := q.count(v)
		if err != nil {
			return nil, err
		}
		l.Count = query.Tally(n)
	}
	if p.After != "" {
		var key, doc int64
		if err := v.Place(f.scope(), p.After, &key, &doc); err != nil {
			return nil, err
		}
		q.behind(key, doc)
	}
	if l.Observations, err = find(v, q, p.Limit+1); err != nil {
		return nil, err
	}
	if len(l.Observations) > p.Limit {
		l.Observations = l.Observations[:p.Limit]
		l.Next = v.Cursor(f.scope(), l.Observations[p.Limit-1].key(f.Order), l.Observations[p.Limit-1].doc)
	}
	return l, nil
}
