// Package recurrence finds what keeps coming back: cases of one weakness in one
// place, so many within so many months that they are no bad luck but a systemic
// risk. It counts; it is not the register, raises no risk by itself and knows no
// life cycle. Casework tells it of every change of a case that a count depends on;
// the pages, the command line and the register ask it.
//
// What counts, and how, is said in docs/recurrence.md, so that anybody can count
// by hand and find the same. In short: an occurrence is a case that states a
// weakness; its place is its component in its product, or the product where it
// states no component; its date is that of its opening.
//
// An answer is made of what its reader may see. Cases that are seen by all staff
// are summed ahead of time for a window of time that ends a day or two ago; what
// is newer, what has left the window since, and what names the reader on restricted
// cases is added when somebody asks. So a new case costs no more than before, and
// an answer costs as much as it says, not as much as there is.
package recurrence

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/cwe"
)

// Rules are the process values that counting runs on.
type Rules struct {
	Count  int            `json:"-"`      // so many cases are systemic
	Months int            `json:"months"` // within so many months
	RollUp int            `json:"-"`      // so many generations of parents are counted too
	Misses int            `json:"-"`      // so many late cases of one component propose a risk; 0 is never
	Points map[string]int `json:"points"` // of a case, by severity word

	Causes int                `json:"-"` // so many root causes of one word in one product propose a risk; 0 is never
	Sets   []profile.CauseSet `json:"-"` // of words, of which some are counted
}

// kindCase is the profile's kind of evidence whose points cases have.
const kindCase = "case"

// RulesOf are the rules of a profile.
func RulesOf(p *profile.Profile) Rules {
	r := p.Register.Recurrence
	out := Rules{Count: r.Count, Months: r.Months, RollUp: r.RollUp, Misses: r.Misses, Causes: r.Causes, Sets: p.RCA.Sets}
	for _, k := range p.Register.Evidence.Kinds {
		if k.Name == kindCase {
			out.Points = k.Points
		}
	}
	return out
}

// text is what sums are made by: others make others.
func (r Rules) text() string {
	b, _ := json.Marshal(r) // numbers and words, which always are JSON
	return string(b)
}

// Key names a group: a weakness in a place.
type Key struct {
	Weakness  string `json:"weakness"` // "CWE-79"; of root causes set and word, "origin:unsafe-default"
	Product   string `json:"product"`
	Component string `json:"component"` // "" is the product as a whole
}

// Place is where it is: the component, or the product where none is stated.
func (k Key) Place() string { return cmp.Or(k.Component, k.Product) }

// compare orders keys by the weakness's number, then by place.
func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(len(k.Weakness), len(o.Weakness)), cmp.Compare(k.Weakness, o.Weakness),
		cmp.Compare(k.Product, o.Product), cmp.Compare(k.Component, o.Component))
}

// Fact is what a case says that counts depend on. Its zero value is no case.
type Fact struct {
	Key
	Audience string
	Severity string
	Barred   string    // why it does not count; "" counts
	At       time.Time // opened; zero is unknown
}

// Dot is one case of a group.
type Dot struct {
	Case     ref.ID    `json:"case"`
	At       time.Time `json:"at"`
	Severity string    `json:"severity"` // "" is unknown

	open bool // all staff see it
}

// tally is what is summed of a group.
type tally struct{ n, earlier, points, undated int }

func (t *tally) add(o tally) {
	t.n, t.earlier, t.points, t.undated = t.n+o.n, t.earlier+o.earlier, t.points+o.points, t.undated+o.undated
}

// Trend compares the halves of a window.
type Trend struct {
	Earlier int    `json:"earlier"` // cases in the first half
	Later   int    `json:"later"`   // in the second
	Word    string `json:"word"`    // rising, steady, falling
}

func trend(earlier, later int) Trend {
	return Trend{earlier, later, [...]string{"falling", "steady", "rising"}[1+cmp.Compare(later, earlier)]}
}

// Group is a weakness in a place with all that its reader may know of it.
type Group struct {
	Key
	Name     string     `json:"name"`  // of the weakness
	Place    string     `json:"place"` // the component, or the product where none is stated
	Count    int        `json:"count"` // in the window
	Window   Window     `json:"window"`
	Points   int        `json:"severity_points"`
	First    *time.Time `json:"first,omitempty"` // of those that the reader may open, as all that follows
	Last     *time.Time `json:"last,omitempty"`
	Reached  *time.Time `json:"reached,omitempty"` // when it became as many as the threshold; absent below it
	Rate     float64    `json:"rate"`              // cases a year
	Trend    Trend      `json:"trend"`
	Cases    []Dot      `json:"cases"`              // oldest first
	LeftOff  int        `json:"left_off,omitempty"` // cases that the reader may open and that are not listed, to be short
	Hidden   int        `json:"hidden,omitempty"`   // counted, but not the reader's to open
	Undated  int        `json:"undated"`            // cases without a date, not counted
	Systemic bool       `json:"systemic"`           // as many as the threshold
	Risk     ref.ID     `json:"risk,omitempty"`     // the open risk about it
	Proposal string     `json:"proposal,omitempty"` // open, raised, dismissed
	Decision *Decision  `json:"decision,omitempty"` // what was decided about the proposal
}

// Below is one weakness of a parent.
type Below struct {
	Weakness string `json:"weakness"`
	Name     string `json:"name"`
	Count    int    `json:"count"`
}

// Parent is a weakness with those that are kinds of it, in one place. Its cases are
// those of the groups below it, which are not counted again anywhere.
type Parent struct {
	Key
	Name     string  `json:"name"`
	Place    string  `json:"place"`
	Count    int     `json:"count"`
	Points   int     `json:"severity_points"`
	Rate     float64 `json:"rate"`
	Trend    Trend   `json:"trend"`
	Systemic bool    `json:"systemic"`
	Below    []Below `json:"below"`
}

// Excluded is a case in the window that does not count.
type Excluded struct {
	Case ref.ID    `json:"case"`
	At   time.Time `json:"at"`
	Key
	Why string `json:"why"` // the disposition that made it no vulnerability, or what its record says of itself
}

// Answer is what recurs.
type Answer struct {
	AsOf       string     `json:"as_of"` // the last day of the window
	Window     Window     `json:"window"`
	Threshold  int        `json:"threshold"`
	Min        int        `json:"min"`   // groups of so many cases and more are listed
	Scope      string     `json:"scope"` // visible: all numbers are of cases that the reader may open; all: of every case
	Groups     []Group    `json:"groups"`
	More       int        `json:"more,omitempty"` // groups that are not listed, to be short
	Parents    []Parent   `json:"parents"`
	Undated    int        `json:"undated"`     // cases without a date, in no window
	NoWeakness int        `json:"no_weakness"` // cases in the window that state no weakness
	Excluded   []Excluded `json:"excluded"`
	LeftOff    bool       `json:"excluded_left_off,omitempty"` // there are more

	CauseThreshold int          `json:"cause_threshold,omitempty"`
	Causes         []CauseGroup `json:"causes,omitempty"` // root causes by product, where they were asked for
}

// parents rolls the groups up to what their weaknesses are kinds of, so many
// generations, and keeps what says more than a group by itself: at least two
// weaknesses below, and so many cases.
func parents(groups map[Key]tally, generations, least int) map[Key][]Key {
	out := map[Key][]Key{}
	for k, t := range groups {
		if k.Weakness == "" || t.n <= 0 {
			continue
		}
		for _, up := range lineage(k.Weakness, generations) {
			p := Key{up, k.Product, k.Component}
			out[p] = append(out[p], k)
		}
	}
	for p, below := range out {
		n := 0
		for _, k := range below {
			n += groups[k].n
		}
		if len(below) < 2 || n < least {
			delete(out, p)
		}
	}
	return out
}

// lineage is a weakness and what it is a kind of, so many generations up.
func lineage(id string, generations int) []string {
	out, next := []string{id}, []string{id}
	for range generations {
		var up []string
		for _, x := range next {
			w, _ := cwe.Get(x)
			for _, p := range w.Parents {
				if !slices.Contains(out, p) {
					out, up = append(out, p), append(up, p)
				}
			}
		}
		next = up
	}
	return out
}

func nameOf(weakness string) string {
	w, _ := cwe.Get(weakness)
	return w.Name
}
