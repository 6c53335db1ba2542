package kri

import (
	"context"
	"encoding/json"
	"strconv"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// Full is an indicator with all that its page shows.
type Full struct {
	*KRI
	Points  []Point         `json:"points"` // oldest first
	Risks   []ref.ID        `json:"risks"`  // that it tells of and that the reader may see
	Samples []*Sample       `json:"samples"`
	Tasks   []*Task         `json:"tasks"`
	May     map[string]bool `json:"may"` // verb -> whether the reader's roles cover it here
}

// Get returns one indicator with all that its page shows.
func (s *KRIs) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		f, err = full(v, id)
		return err
	})
	return f, err
}

func full(v *gate.View, id ref.ID) (*Full, error) {
	k, err := get(v, id)
	if err != nil {
		return nil, err
	}
	k.hush(v)
	f := &Full{KRI: k, Risks: []ref.ID{k.Risk}, May: map[string]bool{}}
	if f.Points, err = pointsSeen(v, id); err != nil {
		return nil, err
	}
	more, err := linkedTo(v, id)
	if err != nil {
		return nil, err
	}
	f.Risks = append(f.Risks, more...)
	if f.Samples, err = samplesOf(v, id); err != nil {
		return nil, err
	}
	if f.Tasks, err = tasks(v, []string{"t.about = $1"}, []any{string(id)}, 100); err != nil {
		return nil, err
	}
	for _, verb := range []access.Verb{VerbRead, VerbEdit, VerbRecord} {
		f.May[string(verb)] = v.May(verb, id)
	}
	return f, nil
}

// Indicators lists what tells of a risk, for those who read the risk: one
// statement, no values.
func (s *KRIs) Indicators(v *gate.View, risks ...ref.ID) ([]OnRisk, error) { return onRisks(v, risks) }

// OnRisk is an indicator beside a risk that it tells of.
type OnRisk struct {
	On ref.ID
	*KRI
}

// OnRisk lists the indicators that tell of a risk, those in use first.
func (s *KRIs) OnRisk(ctx context.Context, risk ref.ID) (out []*KRI, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, risk); err != nil {
			return err
		}
		out, err = onRisk(v, risk)
		return err
	})
	return out, err
}

// Filter narrows a list. The zero value is everything that the reader may see.
type Filter struct {
	Risk  ref.ID
	Owner ref.ID
	Kind  string
	State string // active, retired
	Light string // green, yellow, red, stale, unknown
	Due   bool   // a value is due
}

// Page says which part of a list is wanted.
type Page struct {
	Limit int    // 1 to 200; 0 is 50
	After string // the marker that the page before gave
}

// MaxPage is the most rows that a page has.
const MaxPage = 200

// List is one page of indicators: those in use first, the worst light first, then by
// name.
type List struct {
	KRIs []*KRI `json:"kris"`
	Next string `json:"next,omitempty"`
}

// List returns the indicators that the reader may see and that the filter leaves.
func (s *KRIs) List(ctx context.Context, f Filter, p Page) (l *List, err error) {
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
		panic(err) // a filter is text
	}
	return "kris" + string(b)
}

func (f Filter) list(v *gate.View, p Page) (*List, error) {
	cond, args, err := v.Where(VerbRead, "k", 1)
	if err != nil {
		return nil, err
	}
	q := query{args: args}
	q.light = q.worst(v)
	if cond != "" {
		q.where = append(q.where, cond)
	}
	f.narrow(&q, v)
	if p.After != "" {
		if err := q.after(v, f.scope(), p.After); err != nil {
			return nil, err
		}
	}
	found, err := q.find(v, p.Limit+1)
	found, err = hushed(v, found, err)
	if err != nil {
		return nil, err
	}
	l := &List{KRIs: found}
	if len(found) > p.Limit {
		l.KRIs = found[:p.Limit]
		l.Next = v.Cursor(f.scope(), string(l.KRIs[p.Limit-1].ID))
	}
	return l, nil
}

type query struct {
	where []string
	args  []any
	light string // by which it is ordered: the worst is the least
}

// arg keeps an argument and returns its number.
func (q *query) arg(x any) string {
	q.args = append(q.args, x)
	return "$" + strconv.Itoa(len(q.args))
}

func (f Filter) narrow(q *query, v *gate.View) {
	for column, value := range map[string]string{"k.owner": string(f.Owner), "k.kind": f.Kind, "k.state": f.State} {
		if value != "" {
			q.where = append(q.where, column+" = "+q.arg(value))
		}
	}
	if f.Risk != "" {
		q.arg(string(f.Risk))
		q.where = append(q.where, ofRisk(len(q.args)))
	}
	now := gate.Micros(v.Now)
	if (f.Light != "" || f.Due) && !inside(v) {
		q.where = append(q.where, "not k.asks") // what is not told is not found by it
	}
	if f.Due {
		q.where = append(q.where, "k.state = 'active' and k.due_at > 0 and k.due_at <= "+q.arg(now))
	}
	switch stale := "k.stale_at > 0 and k.stale_at <= "; f.Light {
	case "":
	case string(riskscore.Stale):
		q.where = append(q.where, stale+q.arg(now))
	default:
		q.where = append(q.where, "k.light = "+q.arg(f.Light), "not ("+stale+q.arg(now)+")")
	}
}
