// Package roll is the register of risks as it is listed and counted: which risks a
// filter leaves, in what order, and how many of them stand where. It reads what each
// risk is sorted by and where it stands, no word of what it says, so that ten
// thousand of them are counted by indexes alone. It is not the risk, which package
// risk keeps; that package is the one that asks.
package roll

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Filter narrows a list. The zero value is everything that the reader may see.
type Filter struct {
	Stage, Kind, Scope, Department, Response, Rating, Label, Parent string
	Owner, Security                                                 ref.ID
	Choice                                                          string // where what a leader chose stands: candidate, returned, approved, unset
	State                                                           string // open, closed; empty is both
	Standing                                                        string // within, above, beyond, outside (above or beyond), unset
	Likelihood, Impact                                              int    // of the score in force, rounded half up: a cell of the heat map
	By                                                              string // which score Likelihood and Impact mean: "" is the one in force
	Overdue, Held                                                   bool
	ReviewBefore, RaisedAfter, RaisedBefore                         time.Time
	About                                                           string      // with evidence about this record
	Text                                                            string      // full text
	Query                                                           query.Query `json:",omitzero"`
	Order                                                           string      // score (default; then trend, then age), newest, due, review
}

// Reader is for whom the register is read: what covers their sight, and the world
// whose numbers they have. The world is a word of package risk; "" is none.
type Reader struct {
	Verb   access.Verb
	World  string
	Fields map[string]query.Kind // that the house has of its own, by name
}

// Query is a filter on its way to the store. What it asks of a risk and what it asks
// of where the risk stands are kept apart: what asks for one of them reads no other.
type Query struct {
	filter Filter
	reader Reader
	risks  []string          // conditions on the risk c
	stands []string          // conditions on where it stands, n
	join   string            // of the full text, on c
	covers map[string]string // conditions on the guard of c and of n
	args   []any
	marker []string // the arguments of the place that the page begins behind
}

// side is what of a risk is read.
type side int

const (
	ofRisk     side = 1
	ofStanding side = 2
	ofBoth     side = ofRisk | ofStanding
)

// plain is the filter with what its query says of risks and of where they stand alike,
// or of the latter alone, in fields of its own: a query that asks for open risks reads
// no more than one that asks for nothing.
func (f Filter) plain() Filter {
	for i := 0; i < len(f.Query.Terms); {
		t, word := f.Query.Terms[i], ""
		if t.Field == "is" && !t.Not && len(t.Values) == 1 {
			word = t.Values[0]
		}
		switch {
		case (word == "open" || word == "closed") && (f.State == "" || f.State == word):
			f.State = word
		case word == "held":
			f.Held = true
		default:
			i++
			continue
		}
		f.Query = f.Query.Without(i)
	}
	return f
}

// New begins a query for a reader.
func New(v *gate.View, r Reader, f Filter) (*Query, error) {
	f = f.plain()
	q := &Query{filter: f, reader: r, covers: map[string]string{}}
	if !slices.Contains([]string{"", "score", "newest", "due", "review"}, f.Order) {
		return nil, fault.At("order", "%q is not one of: score, newest, due, review", f.Order)
	}
	q.narrow(v.Now)
	if err := q.ask(v); err != nil {
		return nil, err
	}
	var args []any
	for _, alias := range []string{"c", "n"} {
		cond, more, err := v.Where(r.Verb, alias, len(q.args)+1)
		if err != nil {
			return nil, err
		}
		q.covers[alias], args = cond, more
	}
	q.args = append(q.args, args...)
	text := strings.TrimSpace(f.Text + " " + f.Query.Words())
	if text == "" {
		return q, nil
	}
	m, err := insight.Matching(v.Engine(), text, len(q.args)+1)
	if err != nil {
		return nil, err
	}
	q.join, q.risks, q.args = m.Join, append(q.risks, m.Where), append(q.args, m.Arg)
	return q, nil
}

// ask makes conditions of the query: of where risks stand, and of the risks.
func (q *Query) ask(v *gate.View) error {
	for _, side := range [...]struct {
		among bool
		list  *[]string
	}{{true, &q.stands}, {false, &q.risks}} {
		quick, where, err := insight.Asking(v, q.filter.Query.Part(side.among, standingFields...), q.asked(), q.arg)
		if err != nil {
			return err
		}
		*side.list = slices.Concat(*side.list, quick, where)
	}
	return nil
}

// Args are the arguments of the texts that a query gives.
func (q *Query) Args() []any { return q.args }

// arg keeps an argument and returns its place.
func (q *Query) arg(x any) string {
	q.args = append(q.args, x)
	return "$" + strconv.Itoa(len(q.args))
}

// side is what a statement reads that needs this much itself.
func (q *Query) side(need side) side {
	if len(q.risks) > 0 || q.join != "" {
		need |= ofRisk
	}
	if len(q.stands) > 0 {
		need |= ofStanding
	}
	switch {
	case need == 0:
		return ofRisk
	case need == ofStanding && q.reader.World == "": // whoever has no world has risks all the same
		return ofBoth
	}
	return need
}

// Place is where a risk stands in every order of the list.
type Place struct {
	Score       int64 // in hundredths; -1 is unset
	Trend       int64 // where it went since the last review: what is worse is less
	Closed      bool
	Due, Review time.Time
	Doc         int64
}

// key is the number that comes first in the order, as the statement computes it.
func (q *Query) key(p Place) int64 {
	switch q.filter.Order {
	case "newest":
		return 0
	case "due":
		return atOrNever(p.Closed, p.Due)
	case "review":
		return atOrNever(p.Closed, p.Review)
	}
	return -p.Score
}

// ranked tells whether the list is by score, then trend, then age.
func (q *Query) ranked() bool { return q.filter.Order == "" || q.filter.Order == "score" }

// never is behind every moment.
const never = 9000000000000000

func atOrNever(closed bool, t time.Time) int64 {
	if closed || t.IsZero() {
		return never
	}
	return gate.Micros(t)
}

// Marker is where the next page begins. It fits the scope that it was made for.
func (q *Query) Marker(v *gate.View, scope string, last Place) string {
	return v.Cursor(scope, q.key(last), last.Doc, last.Trend)
}

// After begins the list behind a marker.
func (q *Query) After(v *gate.View, scope, marker string) error {
	var k, doc, trend int64
	if err := v.Place(scope, marker, &k, &doc, &trend); err != nil {
		return err
	}
	if q.listed() == ofStanding {
		k = -k // there the score itself is compared
	}
	if q.filter.Order != "newest" {
		q.marker = []string{q.arg(k)}
	}
	if q.ranked() {
		q.marker = append(q.marker, q.arg(trend))
	}
	q.marker = append(q.marker, q.arg(doc))
	return nil
}

// Tally is the register counted.
type Tally struct {
	Cells    []Cell
	Facets   []Facet
	Appetite Appetite
}

// Appetite is the one that leaders decided on last; without a name they did not yet.
type Appetite struct {
	Name, From string // From is the survey
	At         time.Time
}

// sort brings what an engine counted into an order that all of them share.
func (t *Tally) sort() {
	slices.SortFunc(t.Cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Likelihood, b.Likelihood), cmp.Compare(a.Impact, b.Impact), cmp.Compare(a.Rating, b.Rating), cmp.Compare(a.Standing, b.Standing))
	})
	slices.SortFunc(t.Facets, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Response, b.Response), cmp.Compare(a.Department, b.Department))
	})
}

// Cell is how many risks share a place on the map, and its words.
type Cell struct {
	Likelihood, Impact int64 // in hundredths; -1 is unset
	Held               bool
	Rating, Standing   string
	Count              int
}

// Facet is how many risks share the words that they are sorted by, and what waits
// on them.
type Facet struct {
	Stage, Scope, Response, Department string
	Count, Overdue, Review, Blocked    int
}

// Word is how many risks have a word; "" is not set.
type Word struct {
	Word  string
	Count int
}

// Waiting is what waits in the register.
type Waiting struct {
	Open        int // risks
	Above       int // out of tolerance
	Worse       int // that left tolerance since a moment
	Overdue     int // past a date
	Held        int // whose rating waits for a person
	Review      int // whose review is due
	Mine        int // of the reader as business owner
	Acceptances int // with an acceptance that wants a decision
	Monitor     int // whose monitoring waits to be agreed to
}

// The kinds of what is notable of a risk.
const (
	Worse = "worse"  // it left tolerance
	Due   = "review" // its review is due
)

// Notable is a risk that wants somebody to look, and since when.
type Notable struct {
	Kind, Title, Stage, Rating string
	ID, Owner                  ref.ID
	At                         time.Time
}
