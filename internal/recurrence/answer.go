package recurrence

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Verbs that an answer depends on.
const (
	readCases     access.Verb = "case.read"
	VerbAggregate access.Verb = "risk.aggregate" // to count cases that one may not open
)

// Recurrence are the operations of counting.
type Recurrence struct {
	Gate  *gate.Gate
	Rules Rules

	// Covered finds the open risks about groups, as far as the reader may see them.
	// Where it is not set, those count that were raised from a proposal.
	Covered func(v *gate.View, keys []Key) (map[Key]ref.ID, error)
	// RaiseRisk raises a risk from a draft inside an act.
	RaiseRisk func(tx *gate.Tx, d Draft) (ref.ID, error)
}

// Ask is a question.
type Ask struct {
	AsOf     time.Time // the window ends with its day, UTC; zero is today
	Min      int       // cases that a group has at least; 0 is the threshold
	Groups   int       // groups that are listed at most; 0 is all
	Dots     int       // newest cases that are listed of a group; 0 is all
	Parents  bool      // roll up
	Excluded int       // cases that do not count, listed at most
	Key      *Key      // of this group alone, whatever its count
	Causes   bool      // root causes too
}

// maxYears is how far from now the window of a question may end.
const maxYears = 100

func (a *Ask) check(threshold int, now time.Time) error {
	var fs fault.Fields
	if a.AsOf.IsZero() {
		a.AsOf = now
	}
	if d := a.AsOf.Year() - now.Year(); d > maxYears || d < -maxYears {
		fs.Add("as_of", "the day lies %d years away; name one within %d years", max(d, -d), maxYears)
	}
	if a.Min < 0 {
		fs.Add("min", "%d cases is no number of cases; give 1 or more", a.Min)
	}
	if a.Groups < 0 || a.Dots < 0 || a.Excluded < 0 {
		fs.Add("limit", "a limit is 0 or more")
	}
	a.Min = cmp.Or(a.Min, threshold)
	return fs.Err()
}

// Answer tells what recurs, as far as the actor may know.
func (r *Recurrence) Answer(ctx context.Context, ask Ask) (a *Answer, err error) {
	err = r.Gate.View(ctx, func(v *gate.View) error {
		a, err = r.AnswerIn(v, ask)
		return err
	})
	return a, err
}

// AnswerIn is Answer inside another view.
func (r *Recurrence) AnswerIn(v *gate.View, ask Ask) (*Answer, error) {
	least := cmp.Or(ask.Min, r.Rules.Causes)
	if err := ask.check(r.Rules.Count, v.Now); err != nil {
		return nil, err
	}
	w := WindowTo(ask.AsOf, r.Rules.Months)
	seen, err := r.look(v, w, ask)
	if err != nil {
		return nil, err
	}
	a := &Answer{AsOf: w.LastDay(), Window: w, Threshold: r.Rules.Count, Min: ask.Min, Scope: "visible", Groups: []Group{}, Parents: []Parent{}, Excluded: []Excluded{}}
	if seen.aggregate {
		a.Scope = "all"
	}
	a.Undated, a.NoWeakness = seen.undated, seen.counted()[Key{}].n
	a.groups(r.Rules, seen, ask)
	if ask.Parents {
		a.parents(r.Rules, seen, ask.Min)
	}
	if err := dotGroups(v, a.Window, byWeakness, groupList(a.Groups), r.Rules.Count, ask.Dots); err != nil {
		return nil, err
	}
	if err := r.settle(v, a.Scope, Recurs, groupList(a.Groups)); err != nil {
		return nil, err
	}
	if err := r.addCauses(v, a, ask, least); err != nil || ask.Excluded == 0 {
		return a, err
	}
	return a, a.exclude(v, ask.Excluded)
}

// addCauses answers what recurs among root causes, where that was asked.
func (r *Recurrence) addCauses(v *gate.View, a *Answer, ask Ask, least int) (err error) {
	if !ask.Causes {
		return nil
	}
	a.CauseThreshold = r.Rules.Causes
	if a.Causes, err = r.causeGroups(v, a.Window, ask, least); err != nil {
		return err
	}
	return r.settle(v, a.Scope, Caused, causeList(a.Causes))
}

func groupList(groups []Group) []*Group {
	out := make([]*Group, len(groups))
	for i := range groups {
		out[i] = &groups[i]
	}
	return out
}

// sight is what was counted for a reader.
type sight struct {
	visible   map[Key]tally // of cases that they may open
	all       map[Key]tally // of all, where they hold the grant
	aggregate bool
	undated   int
}

// counted are the numbers that the reader is told.
func (s *sight) counted() map[Key]tally {
	if s.aggregate {
		return s.all
	}
	return s.visible
}

func (a *Answer) groups(r Rules, s *sight, ask Ask) {
	counted := s.counted()
	for k, t := range counted {
		if ask.Key != nil && k != *ask.Key || ask.Key == nil && t.n < ask.Min || k.Weakness == "" {
			continue
		}
		seen := s.visible[k]
		a.Groups = append(a.Groups, Group{Key: k, Name: nameOf(k.Weakness), Place: k.Place(), Count: t.n, Window: a.Window, Points: t.points,
			Rate: rate(t.n, r.Months), Trend: trend(seen.earlier, seen.n-seen.earlier), Cases: []Dot{}, Hidden: t.n - seen.n, Undated: t.undated, Systemic: t.n >= r.Count})
	}
	slices.SortFunc(a.Groups, func(x, y Group) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(y.Points, x.Points), x.compare(y.Key))
	})
	if ask.Groups > 0 && len(a.Groups) > ask.Groups {
		a.More, a.Groups = len(a.Groups)-ask.Groups, a.Groups[:ask.Groups]
	}
}

// rate is how many cases a year.
func rate(n, months int) float64 { return math.Round(float64(n)*12/float64(months)*100) / 100 }

func (a *Answer) parents(r Rules, s *sight, least int) {
	counted := s.counted()
	for p, below := range parents(counted, r.RollUp, least) {
		x := Parent{Key: p, Name: nameOf(p.Weakness), Place: p.Place()}
		earlier, later := 0, 0
		for _, k := range below {
			t, seen := counted[k], s.visible[k]
			x.Count, x.Points = x.Count+t.n, x.Points+t.points
			earlier, later = earlier+seen.earlier, later+seen.n-seen.earlier
			x.Below = append(x.Below, Below{k.Weakness, nameOf(k.Weakness), t.n})
		}
		x.Rate, x.Trend, x.Systemic = rate(x.Count, r.Months), trend(earlier, later), x.Count >= r.Count
		slices.SortFunc(x.Below, func(a, b Below) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), Key{Weakness: a.Weakness}.compare(Key{Weakness: b.Weakness}))
		})
		a.Parents = append(a.Parents, x)
	}
	slices.SortFunc(a.Parents, func(x, y Parent) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(y.Points, x.Points), x.compare(y.Key))
	})
}

// atOnce is how many groups one statement reads the cases of.
const atOnce = 200

// dotGroups puts the cases that the reader may read into the groups, and dates them.
func dotGroups(v *gate.View, w Window, by dotted, groups []*Group, threshold, newest int) error {
	for part := range slices.Chunk(groups, atOnce) {
		keys := make([]Key, len(part))
		for i, g := range part {
			keys[i] = g.Key
		}
		found, err := dots(v, w, by, keys, threshold, newest)
		if err != nil {
			return err
		}
		for _, d := range found {
			part[d.group].Cases = append(part[d.group].Cases, d.Dot)
		}
		for _, g := range part {
			g.date(threshold)
		}
	}
	return nil
}

// date orders the cases and tells what their dates say. The oldest of them, as far
// as the threshold, and the newest are always among them.
func (g *Group) date(threshold int) {
	slices.SortFunc(g.Cases, func(x, y Dot) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Case, y.Case)) })
	g.Cases = slices.Compact(g.Cases)
	n := len(g.Cases)
	if n == 0 {
		return
	}
	g.LeftOff = g.Count - g.Hidden - n
	g.First, g.Last = &g.Cases[0].At, &g.Cases[n-1].At
	if n >= threshold {
		g.Reached = &g.Cases[threshold-1].At
	}
}

func (a *Answer) exclude(v *gate.View, n int) error {
	found, err := excluded(v, a.Window, n+1)
	if len(found) > n {
		found, a.LeftOff = found[:n], true
	}
	a.Excluded = append(a.Excluded, found...)
	return err
}
