package risk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
	"tocsin/internal/thread"
)

// Filter narrows a list. The zero value is everything that the reader may see.
type Filter = roll.Filter

// Page says which part of a list is wanted.
type Page struct {
	Limit   int    // 1 to 200; 0 is 50
	After   string // the marker that the page before gave
	Counted bool   // count all that the filter leaves, up to query.MaxCount
}

// MaxPage is the most rows that a page has.
const MaxPage = 200

// List is one page of risks.
type List struct {
	Risks []*Risk `json:"risks"`
	World string  `json:"world"` // open, all: which evidence the scores count
	Next  string  `json:"next,omitempty"`
	Count string  `json:"count,omitempty"`
}

// List returns the risks that the reader may see and that the filter leaves.
func (s *Risks) List(ctx context.Context, f Filter, p Page) (l *List, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		l, err = s.list(v, f, p)
		return err
	})
	return l, err
}

// sifted begins a query for the reader of the view.
func (s *Risks) sifted(v *gate.View, f Filter) (*roll.Query, error) {
	return roll.New(v, roll.Reader{Verb: VerbRead, World: world(v), Fields: fieldKinds(s.Profile)}, f)
}

// scope names the list in its page markers, so that a marker fits no other.
func scope(f Filter, world string) string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // a filter is text and times
	}
	return "risks" + world + string(b)
}

// place is where a risk stands in every order of the list.
func (r *Risk) place() roll.Place {
	return roll.Place{Score: hundredths(r.Standing.Score), Trend: r.Standing.rank(), Closed: r.Closed, Due: r.Due, Review: r.Review, Doc: r.doc}
}

func (s *Risks) list(v *gate.View, f Filter, p Page) (*List, error) {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	q, err := s.sifted(v, f)
	if err != nil {
		return nil, err
	}
	l := &List{World: world(v)}
	if p.Counted {
		n, err := q.Count(v)
		if err != nil {
			return nil, err
		}
		l.Count = query.Tally(n)
	}
	if p.After != "" {
		if err := q.After(v, scope(f, l.World), p.After); err != nil {
			return nil, err
		}
	}
	if l.Risks, err = listed(v, q, p.Limit+1); err != nil {
		return nil, err
	}
	if len(l.Risks) > p.Limit {
		l.Risks = l.Risks[:p.Limit]
		l.Next = q.Marker(v, scope(f, l.World), l.Risks[p.Limit-1].place())
	}
	return l, nil
}

// Column is a column of a board, with the risks that score highest first.
type Column struct {
	Name  string  `json:"name"`
	Title string  `json:"title"`
	Risks []*Risk `json:"risks"`
	Count int     `json:"count"`

	Ways map[ref.ID][]lifecycle.Move `json:"-"` // that leave the stage and that the reader's roles cover, by risk, where the columns are stages
}

// Boards are the ways to lay out a board: handbook 3.2.
var Boards = []string{"stage", "choice", "department", "rating", "scope"}

// MaxBoard is how many columns of a board show risks, and MaxColumn how many each
// shows; all of them are counted.
const (
	MaxBoard  = 40
	MaxColumn = 50
)

// Board returns the open risks that the filter leaves, in columns.
func (s *Risks) Board(ctx context.Context, f Filter, by string) (out []Column, err error) {
	f.State, f.Order = "open", "score"
	if by == "" {
		by = "stage"
	}
	if err := oneOf("by", by, Boards); err != nil {
		return nil, err
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		q, err := s.sifted(v, f)
		if err != nil {
			return err
		}
		words, err := q.Words(v, by)
		if err != nil {
			return err
		}
		var rs []*Risk
		if len(words) > 0 {
			rs, err = tops(v, q, by, words[:min(len(words), MaxBoard)])
		}
		if out = s.columns(words, rs, by); by == "stage" {
			for i, c := range out {
				out[i].Ways = gate.Ways(v, s.machine().Allowed(c.Name), c.Risks, func(r *Risk) ref.ID { return r.ID })
			}
		}
		return err
	})
	return out, err
}

// columns lays risks out under the words that were counted, those of the profile
// first and in its order.
func (s *Risks) columns(words []roll.Word, rs []*Risk, by string) []Column {
	out := s.layout(by)
	at := map[string]int{}
	for i, c := range out {
		at[c.Name] = i
	}
	slices.SortStableFunc(words, func(a, b roll.Word) int { return strings.Compare(a.Word, b.Word) })
	for _, w := range words {
		i, ok := at[w.Word]
		if !ok {
			title := w.Word
			if title == "" {
				title = "Not set"
			}
			i, out = len(out), append(out, Column{Name: w.Word, Title: title})
			at[w.Word] = i
		}
		out[i].Count = w.Count
	}
	for _, r := range rs {
		name := map[string]string{"stage": r.Stage, "department": r.Department, "rating": r.Standing.Rating, "scope": r.Scope, "choice": r.Choice}[by]
		if i, ok := at[name]; ok {
			out[i].Risks = append(out[i].Risks, r)
		}
	}
	return out
}

// layout are the columns that a board has whether or not a risk stands in them.
func (s *Risks) layout(by string) (out []Column) {
	switch by {
	case "stage":
		for _, st := range s.machine().Stages {
			if !st.Terminal {
				out = append(out, Column{Name: st.Name, Title: st.Title})
			}
		}
	case "choice":
		out = append(out, Column{Title: "Not chosen"})
		for _, n := range s.Profile.Register.Strategy.States {
			out = append(out, Column{Name: n.Name, Title: n.Title})
		}
	case "rating":
		for _, r := range slices.Backward(s.Profile.Ratings) {
			out = append(out, Column{Name: r.Word, Title: r.Title})
		}
	case "scope":
		for _, n := range s.Profile.Register.Scopes {
			out = append(out, Column{Name: n.Name, Title: n.Title})
		}
	}
	return out
}

func oneOf(field, word string, of []string) error {
	var fs fault.Fields
	thread.Word(&fs, field, word, of)
	return fs.Err()
}
