package risk

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
	"tocsin/internal/thread"
)

// Filter narrows a list. The zero value is everything that the reader may see.
type Filter struct {
	Stage, Kind, Scope, Department, Response, Rating, Label, Parent string
	Owner, Security                                                 ref.ID
	State                                                           string // open, closed; empty is both
	Standing                                                        string // within, above, beyond, outside (above or beyond), unset
	Likelihood, Impact                                              int    // of the score in force, rounded half up: a cell of the heat map
	By                                                              string // which score Likelihood and Impact mean: "" is the one in force
	Overdue, Held                                                   bool
	ReviewBefore, RaisedAfter, RaisedBefore                         time.Time
	About                                                           string // with evidence about this record
	Text                                                            string // full text
	Order                                                           string // score (default), newest, due, review
}

// Page says which part of a list is wanted.
type Page struct {
	Limit   int    // 1 to 200; 0 is 50
	After   string // the marker that the page before gave
	Counted bool   // count all that the filter leaves, up to MaxCount
}

// MaxCount is how far a list counts; MaxPage the most rows that a page has.
const (
	MaxCount = 1000
	MaxPage  = 200
)

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
		l, err = list(v, f, p)
		return err
	})
	return l, err
}

// scope names the list in its page markers, so that a marker fits no other.
func (f Filter) scope(world string) string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // a filter is text and times
	}
	return "risks" + world + string(b)
}

func list(v *gate.View, f Filter, p Page) (*List, error) {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	q, err := f.query(v)
	if err != nil {
		return nil, err
	}
	l := &List{World: world(v)}
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
	rs, err := q.run(v, p.Limit+1)
	if err != nil {
		return nil, err
	}
	l.Risks = rs
	if len(rs) > p.Limit {
		l.Risks = rs[:p.Limit]
		l.Next = q.marker(v, f, l.Risks[p.Limit-1])
	}
	return l, nil
}

// query is a list under construction. The first argument is the world.
type query struct {
	join  string
	where []string
	args  []any
	order string
	by    string // the number of the row, for paging
}

func (q *query) add(cond string, arg any) {
	q.args = append(q.args, arg)
	q.where = append(q.where, strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(q.args))))
}

func (f Filter) query(v *gate.View) (*query, error) {
	q := &query{args: []any{world(v)}, order: f.Order, by: "c.doc"}
	for _, is := range [...]struct{ column, value string }{{"c.stage", f.Stage}, {"c.kind", f.Kind}, {"c.scope", f.Scope}, {"c.department", f.Department},
		{"c.response", f.Response}, {"c.parent", f.Parent}, {"c.owner", string(f.Owner)}, {"c.security", string(f.Security)}} {
		if is.value != "" {
			q.equals(is.column, is.value)
		}
	}
	if err := q.narrow(f, v.Now); err != nil {
		return nil, err
	}
	cond, args, err := v.Where(VerbRead, "c", len(q.args)+1)
	if err != nil {
		return nil, err
	}
	if cond != "" {
		q.where, q.args = append(q.where, cond), append(q.args, args...)
	}
	if f.Text == "" {
		return q, nil
	}
	q.args = append(q.args, nil)
	m, err := insight.Matching(v.Engine(), f.Text, len(q.args))
	if err != nil {
		return nil, err
	}
	q.join, q.where, q.args[len(q.args)-1] = m.Join, append(q.where, m.Where), m.Arg
	return q, nil
}

// Column is a column of a board, with the risks that score highest first.
type Column struct {
	Name  string  `json:"name"`
	Title string  `json:"title"`
	Risks []*Risk `json:"risks"`
	Count int     `json:"count"`
}

// Boards are the ways to lay out a board: handbook 3.2.
var Boards = []string{"stage", "department", "rating", "scope"}

// MaxBoard is how many risks a board looks at.
const MaxBoard = 2000

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
		q, err := f.query(v)
		if err != nil {
			return err
		}
		rs, err := q.run(v, MaxBoard)
		out = s.columns(rs, by)
		return err
	})
	return out, err
}

func (s *Risks) columns(rs []*Risk, by string) []Column {
	var out []Column
	at := map[string]int{}
	add := func(name, title string) int {
		if _, ok := at[name]; !ok {
			at[name] = len(out)
			out = append(out, Column{Name: name, Title: title})
		}
		return at[name]
	}
	switch by {
	case "stage":
		for _, st := range s.machine().Stages {
			if !st.Terminal {
				add(st.Name, st.Title)
			}
		}
	case "rating":
		for i := len(s.Profile.Ratings) - 1; i >= 0; i-- {
			add(s.Profile.Ratings[i].Word, s.Profile.Ratings[i].Title)
		}
	case "scope":
		for _, n := range s.Profile.Register.Scopes {
			add(n.Name, n.Title)
		}
	}
	for _, r := range rs {
		name := map[string]string{"stage": r.Stage, "department": r.Department, "rating": r.Standing.Rating, "scope": r.Scope}[by]
		title := name
		if name == "" {
			title = "Not set"
		}
		c := &out[add(name, title)]
		c.Count++
		if len(c.Risks) < 50 {
			c.Risks = append(c.Risks, r)
		}
	}
	return out
}

func oneOf(field, word string, of []string) error {
	var fs fault.Fields
	thread.Word(&fs, field, word, of)
	return fs.Err()
}
