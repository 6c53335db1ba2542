package observation

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
)

// Filter narrows a list. The zero value is everything that the reader may see.
type Filter struct {
	Stage, Rating, Priority, Cause, Source, Department, Label string
	Owner                                                     ref.ID
	State                                                     string // open, closed; empty is both
	Entity, Overdue, Unowned                                  bool
	TouchedBefore                                             time.Time
	Text                                                      string // full text
}

// Page says which part of a list is wanted.
type Page struct {
	Limit int    // 1 to 200; 0 is 50
	After string // the marker that the page before gave
}

// MaxPage is the most rows that a page has.
const MaxPage = 200

// List is one page of observations, the newest first.
type List struct {
	Observations []*Observation `json:"observations"`
	Next         string         `json:"next,omitempty"`
}

// List returns the observations that the reader may see and that the filter leaves.
func (s *Observations) List(ctx context.Context, f Filter, p Page) (l *List, err error) {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
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

// query is a list under construction.
type query struct {
	join  string
	where []string
	args  []any
}

// add keeps an argument and a condition that speaks of it as ?.
func (q *query) add(cond string, arg any) {
	q.args = append(q.args, arg)
	q.where = append(q.where, strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(q.args))))
}

func (f Filter) query(v *gate.View) (*query, error) {
	cond, args, err := v.Where(VerbRead, "c", 1)
	if err != nil {
		return nil, err
	}
	q := &query{args: args}
	if cond != "" {
		q.where = append(q.where, cond)
	}
	f.narrow(q, v.Now)
	if f.Text == "" {
		return q, nil
	}
	if err := insight.Bounded(v); err != nil {
		return nil, err
	}
	m, err := insight.Matching(v.Engine(), f.Text, len(q.args)+1)
	if err != nil {
		return nil, err
	}
	q.join, q.where, q.args = m.Join, append(q.where, m.Where), append(q.args, m.Arg)
	return q, nil
}

func (f Filter) list(v *gate.View, p Page) (*List, error) {
	q, err := f.query(v)
	if err != nil {
		return nil, err
	}
	if p.After != "" {
		var doc int64
		if err := v.Place(f.scope(), p.After, &doc); err != nil {
			return nil, err
		}
		q.add("c.doc < ?", doc)
	}
	found, err := find(v, q, p.Limit+1)
	if err != nil {
		return nil, err
	}
	l := &List{Observations: found}
	if len(found) > p.Limit {
		l.Observations = found[:p.Limit]
		l.Next = v.Cursor(f.scope(), l.Observations[p.Limit-1].doc)
	}
	return l, nil
}

// Column is a column of the board.
type Column struct {
	Name         string         `json:"name"`
	Title        string         `json:"title"`
	Count        int            `json:"count"` // among those that the board looks at
	Observations []*Observation `json:"observations"`
}

// Boards are the ways to lay out the board.
var Boards = []string{"stage", "rating", "cause"}

// MaxBoard is how many observations a board looks at, and MaxColumn how many a
// column shows.
const (
	MaxBoard  = 2000
	MaxColumn = 50
)

// Board returns the open observations that the filter leaves, in columns.
func (s *Observations) Board(ctx context.Context, f Filter, by string) (out []Column, err error) {
	if by == "" {
		by = Boards[0]
	}
	f.State = "open"
	err = s.Gate.View(ctx, func(v *gate.View) error {
		q, err := f.query(v)
		if err != nil {
			return err
		}
		found, err := find(v, q, MaxBoard)
		if err == nil {
			out, err = s.columns(found, by)
		}
		return err
	})
	return out, err
}

func (s *Observations) columns(found []*Observation, by string) (out []Column, err error) {
	switch by {
	case "stage":
		for _, st := range s.machine().Stages {
			if !st.Terminal {
				out = append(out, Column{Name: st.Name, Title: st.Title})
			}
		}
	case "rating":
		for _, r := range s.Profile.Register.Observations.Ratings {
			out = append([]Column{{Name: r.Word, Title: r.Title}}, out...)
		}
	case "cause":
	default:
		return nil, fault.At("by", "%q is no way to lay out the board; there are: %s", by, strings.Join(Boards, ", "))
	}
	at := map[string]int{}
	for i, c := range out {
		at[c.Name] = i
	}
	for _, o := range found {
		name := map[string]string{"stage": o.Stage, "rating": o.Rating, "cause": o.Cause}[by]
		i, ok := at[name]
		if !ok {
			i, at[name] = len(out), len(out)
			title := name
			if name == "" {
				title = "Not set"
			}
			out = append(out, Column{Name: name, Title: title})
		}
		if out[i].Count++; len(out[i].Observations) < MaxColumn {
			out[i].Observations = append(out[i].Observations, o)
		}
	}
	return out, nil
}
