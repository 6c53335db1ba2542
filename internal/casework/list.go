package casework

import (
	"context"
	"encoding/json"
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
	Stage, Severity, CWE, Product, Component, Source, CVE, Label string
	Owner                                                        ref.ID
	State                                                        string    // open, closed; empty is both
	Breached                                                     bool      // only those that were late at some time
	DueBefore                                                    time.Time // open, with a clock due before
	OpenedBefore, OpenedAfter                                    time.Time
	Undated                                                      bool        // only those whose opening is unknown
	RCA                                                          string      // whose root cause analysis is todo, done
	Text                                                         string      // full text
	Query                                                        query.Query `json:",omitzero"`
	Order                                                        string      // newest (default), due
}

// Page says which part of a list is wanted.
type Page struct {
	Limit   int    // 1 to 200; 0 is 50
	After   string // the marker that the page before gave
	Counted bool   // count all that the filter leaves, up to query.MaxCount
}

// MaxPage is the most rows that a page has.
const MaxPage = 200

// List is one page of cases.
type List struct {
	Cases []*Case `json:"cases"`
	Next  string  `json:"next,omitempty"`  // marker of the next page; empty on the last
	Count string  `json:"count,omitempty"` // where it was asked for: "128", "1,000+"
}

// List returns the cases that the reader may see and that the filter leaves.
func (s *Cases) List(ctx context.Context, f Filter, p Page) (l *List, err error) {
	return s.ListAfter(ctx, f, p, func(*gate.View) error { return nil })
}

// ListAfter is List in one snapshot with what is read first; where that fails, nothing
// is listed.
func (s *Cases) ListAfter(ctx context.Context, f Filter, p Page, first func(*gate.View) error) (l *List, err error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := first(v); err != nil {
			return err
		}
		l, err = list(v, f, p)
		return err
	})
	return l, err
}

func (p *Page) check() error {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > MaxPage {
		return fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	return nil
}

// scope names the list in its page markers, so that a marker fits no other.
func (f Filter) scope() string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // a filter is text and times
	}
	return "cases" + string(b)
}

func list(v *gate.View, f Filter, p Page) (*List, error) {
	q, err := f.listing(v)
	if err != nil {
		return nil, err
	}
	if err := q.bounded(v); err != nil {
		return nil, err
	}
	l := &List{}
	if p.Counted {
		if l.Count, err = q.count(v); err != nil {
			return nil, err
		}
	}
	if p.After != "" {
		if err := q.after(v, f, p.After); err != nil {
			return nil, err
		}
	}
	cs, err := q.run(v, p.Limit+1)
	if err != nil {
		return nil, err
	}
	l.Cases = cs
	if len(cs) > p.Limit {
		l.Cases = cs[:p.Limit]
		l.Next = q.marker(v, f, l.Cases[p.Limit-1])
	}
	return l, nil
}

// listing is a list under construction.
type listing struct {
	words *insight.Match // what the text asks for; nil is no text
	quick []string       // conditions that an index answers
	where []string       // all others
	args  []any
	due   bool   // ordered by what is due next
	by    string // the column that pages newest first
	paged bool   // the last quick condition is where the page begins
}

// arg keeps an argument and puts its number into the condition.
func (q *listing) arg(cond string, arg any) string {
	q.args = append(q.args, arg)
	return strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(q.args)))
}

func (q *listing) add(cond string, arg any) { q.where = append(q.where, q.arg(cond, arg)) }

// bounded limits the time of a list that looks for words.
func (q *listing) bounded(v *gate.View) error {
	if q.words == nil {
		return nil
	}
	return insight.Bounded(v)
}

// listing turns the filter into conditions; the columns are named in sql.go.
func (f Filter) listing(v *gate.View) (*listing, error) {
	q := &listing{due: f.Order == "due", by: "c.newest"}
	for _, is := range [...]struct{ column, value string }{{"stage", f.Stage}, {"severity", f.Severity}, {"cwe", f.CWE}, {"product", f.Product},
		{"component", f.Component}, {"source", f.Source}, {"cve", f.CVE}, {"owner", string(f.Owner)}, {"rca", f.RCA}} {
		if is.value != "" {
			q.equals(is.column, is.value)
		}
	}
	if f.Label != "" {
		q.labelled(f.Label)
	}
	quick, where, err := insight.Asking(v, f.Query, asked, func(a any) string { return q.arg("?", a) })
	if err != nil {
		return nil, err
	}
	q.quick, q.where = append(q.quick, quick...), append(q.where, where...)
	q.times(f)
	cond, args, err := v.Where(VerbRead, "c", len(q.args)+1)
	if err != nil {
		return nil, err
	}
	if cond != "" {
		q.where, q.args = append(q.where, cond), append(q.args, args...)
	}
	if text := strings.TrimSpace(f.Text + " " + f.Query.Words()); text != "" {
		m, err := insight.Matching(v.Engine(), text, len(q.args)+1)
		if err != nil {
			return nil, err
		}
		q.words, q.args, q.by = &m, append(q.args, m.Arg), m.Newest
	}
	return q, nil
}
