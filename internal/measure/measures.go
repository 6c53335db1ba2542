package measure

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// readCases is the verb that a report needs: it is of the cases that the reader may read.
const readCases access.Verb = "case.read"

// Measures are the operations of measuring.
type Measures struct {
	Gate  *gate.Gate
	Rules *Rules
	Read  func(v *gate.View, after ref.ID, n int) ([]Case, error) // the next cases in order of their IDs
}

// Report tells how a window went, as far as the actor may know, in eight statements.
func (m *Measures) Report(ctx context.Context, ask Ask) (r *Report, err error) {
	err = m.Gate.View(ctx, func(v *gate.View) error {
		if _, _, err := v.Where(readCases, "s", 1); err != nil {
			return err
		}
		r, err = m.reportIn(v, ask)
		return err
	})
	return r, err
}

func (m *Measures) reportIn(v *gate.View, ask Ask) (*Report, error) {
	w, err := ask.check(m.Rules.profile, v.Now)
	if err != nil {
		return nil, err
	}
	q := asked{Ask: ask, Window: w, v: v}
	r := &Report{AsOf: w.to, Window: w, Product: ask.Product, Severity: ask.Severity, NoData: noData, Breaches: []Breach{}}
	left, err := m.open(r, q)
	if err != nil {
		return nil, err
	}
	handled, err := m.came(r, q)
	if err != nil {
		return nil, err
	}
	for _, part := range []func(asked) error{m.attainment(r), m.times(r), m.months(r, left), m.again(r), m.breaches(r), m.population(r, left, handled)} {
		if err := part(q); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// noData is what reports like this are asked for and what nothing here records.
var noData = []NoData{
	{"Security review miss rate", "It is the changes that brought a vulnerability in although security had reviewed them, of all changes that brought one in. No record says which change brought a vulnerability in, or whether it was reviewed."},
	{"Bounty spend", "Rewards are no records of their own yet."},
}

// attainment fills in how the clocks were kept.
func (m *Measures) attainment(r *Report) func(asked) error {
	return func(q asked) error {
		var clocks []string
		for _, c := range m.Rules.clocks() {
			clocks = append(clocks, c.what)
		}
		found, err := q.tallies(clocks, m.Rules.severities())
		if err != nil {
			return err
		}
		for _, c := range m.Rules.clocks() {
			a := Attainment{Measure: c.public(), Severities: []SeverityKept{}}
			for _, word := range m.Rules.severities() {
				s := SeverityKept{Severity: word}
				for _, t := range found {
					if t.what == c.what && t.severity == word {
						s.add(t)
						a.add(t)
					}
				}
				if s.interval(); !s.None() {
					a.Severities = append(a.Severities, s)
				}
			}
			a.interval()
			r.Missed += a.Missed
			r.Attainment = append(r.Attainment, a)
		}
		return nil
	}
}

func (c measured) public() Measure { return Measure{What: c.what, Title: c.title, Stage: c.stage} }

func (k *Kept) add(t tally) {
	k.Met, k.Missed, k.Open, k.Running = k.Met+t.met, k.Missed+t.missed, k.Open+t.open, k.Running+t.running
	k.Before.Part, k.Before.Of = k.Before.Part+t.before.Part, k.Before.Of+t.before.Of
}

func (k *Kept) interval() { k.Low, k.High = k.Share().Wilson() }

// times fills in how long the stages took, the way to the release and the whole.
func (m *Measures) times(r *Report) func(asked) error {
	return func(q asked) error {
		what, names := m.Rules.stays(), []string{}
		for _, x := range m.Rules.made {
			if x.what == ToRelease || x.what == WholeCase {
				what = append(what, x)
			}
		}
		for _, x := range what {
			names = append(names, x.what)
		}
		found, err := q.lengths(names, m.Rules.severities())
		if err != nil {
			return err
		}
		for _, x := range what {
			r.Times = append(r.Times, m.Rules.length(x, found))
		}
		return nil
	}
}

func (r *Rules) length(x measured, found []took) Length {
	l := Length{Measure: x.public(), Severities: []SeveritySpread{}, Buckets: []Bucket{}}
	var now, before []took
	for _, t := range found {
		switch {
		case t.what != x.what:
		case t.period == 1:
			now = append(now, t)
		default:
			before = append(before, t)
		}
	}
	l.Spread, l.Buckets = spread(now)
	l.Before, _ = spread(before)
	for _, word := range r.severities() {
		of := slices.DeleteFunc(slices.Clone(now), func(t took) bool { return !t.listed || t.severity != word })
		if len(of) > 0 {
			s, _ := spread(of)
			l.Severities = append(l.Severities, SeveritySpread{word, s})
		}
	}
	return l
}

// spread is what counts by whole hours say. The median is the middle one, of an even
// number the lower; p90 is the least that nine of ten do not exceed.
func spread(all []took) (s Spread, buckets []Bucket) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b took) int { return cmp.Compare(a.hours, b.hours) })
	buckets, seconds := []Bucket{}, int64(0)
	for _, t := range all {
		s.Count += t.n
		seconds += t.seconds
		if n := len(buckets); n > 0 && buckets[n-1].Hours == t.hours {
			buckets[n-1].N += t.n
			continue
		}
		buckets = append(buckets, Bucket{t.hours, t.n})
	}
	if s.Count == 0 {
		return s, buckets
	}
	s.Median, s.P90 = rank(buckets, (s.Count+1)/2), rank(buckets, int(math.Ceil(.9*float64(s.Count))))
	s.Most = float64(buckets[len(buckets)-1].Hours)
	s.Mean = math.Round(float64(seconds)/float64(s.Count)/36) / 100
	return s, buckets
}

// rank is the hours of the n-th, from 1.
func rank(buckets []Bucket, n int) float64 {
	for _, b := range buckets {
		if n -= b.N; n <= 0 {
			return float64(b.Hours)
		}
	}
	return 0
}

// ageBands are the last days of the bands of ages; the last band has no end.
var ageBands = []int{7, 30, 90, 180, 365, 0}

// open fills in how old is what is open, and says how many cases that are, whatever
// their severity is.
func (m *Measures) open(r *Report, q asked) (left int, err error) {
	found, err := q.ages(ageBands, m.Rules.severities())
	if err != nil {
		return 0, err
	}
	from := 0
	for i, to := range ageBands {
		b := Band{From: from, To: to, By: []SeverityOpen{}}
		for j, word := range m.Rules.severities() {
			s := SeverityOpen{Severity: word}
			for _, x := range found {
				if x.band == i {
					s.Count += x.by[j]
				}
			}
			if s.Count > 0 {
				b.By, b.Count = append(b.By, s), b.Count+s.Count
			}
		}
		r.Open.Bands, from = append(r.Open.Bands, b), to+1
		r.Open.Count += b.Count
	}
	for _, x := range found {
		left, r.Open.Oldest = left+x.n, max(r.Open.Oldest, q.days(x.begun))
	}
	return left, nil
}

// days is how many whole days before the end of the window a moment of the store lies.
func (q asked) days(begun int64) int { return int((gate.Micros(q.to) - begun) / dayMicros) }

// monthsShown is how many months a report tells the flow of.
const monthsShown = 12

// months fills in what came in and went out.
func (m *Measures) months(r *Report, left int) func(asked) error {
	return func(q asked) error {
		last := q.to.Add(-time.Microsecond)
		this := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC)
		starts := make([]time.Time, monthsShown)
		for i := range starts {
			starts[i] = this.AddDate(0, i-monthsShown+1, 0)
			r.Months = append(r.Months, Month{At: starts[i], Part: starts[i].AddDate(0, 1, 0).After(q.to)})
		}
		found, err := q.flow(starts)
		if err != nil {
			return err
		}
		for _, f := range found {
			if x := &r.Months[f.month]; f.ended {
				x.Closed = f.n
			} else {
				x.Opened, x.Reopened = f.n-f.again, f.again
			}
		}
		backlog := left
		for i := range slices.Backward(r.Months) { // from what is open at the end
			x := &r.Months[i]
			x.Backlog = backlog
			backlog -= x.Opened + x.Reopened - x.Closed
		}
		return nil
	}
}

// came fills in the weaknesses and who reported, and says how many cases of the window
// those are.
func (m *Measures) came(r *Report, q asked) (handled int, err error) {
	found, err := q.intake(m.Rules.severities()[:min(2, len(m.Rules.severities()))])
	if err != nil {
		return 0, err
	}
	r.Weaknesses = groups(found, func(c came) string { return c.cwe })
	r.Sources = groups(found, func(c came) string { return c.source })
	for _, c := range found {
		handled += c.n
	}
	return handled, nil
}

// groups sums what came in by a word, the most first.
func groups(found []came, of func(came) string) []Group {
	out := []Group{}
	for _, c := range found {
		i := slices.IndexFunc(out, func(g Group) bool { return g.Name == of(c) })
		if i < 0 {
			i, out = len(out), append(out, Group{Name: of(c)})
		}
		g := &out[i]
		g.Count, g.Before, g.Grave = g.Count+c.n, g.Before+c.before, g.Grave+c.grave
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Before, a.Before), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// again fills in what had to be done once more.
func (m *Measures) again(r *Report) func(asked) error {
	return func(q asked) error {
		found, err := q.again()
		if err != nil {
			return err
		}
		what := m.Rules.stays()
		for _, x := range m.Rules.made {
			if x.what == WholeCase {
				what = append(what, x)
			}
		}
		for _, x := range what {
			a := Again{Measure: x.public()}
			for _, f := range found {
				if f.what == x.what && f.period == 1 {
					a.Count += f.n
				} else if f.what == x.what {
					a.Before += f.n
				}
			}
			r.Again = append(r.Again, a)
		}
		return nil
	}
}

// breaches fills in the rounds that were missed.
func (m *Measures) breaches(r *Report) func(asked) error {
	return func(q asked) error {
		found, err := q.behind(Behind{Of: "missed"}, q.Rows)
		if err != nil {
			return err
		}
		m.complete(found, q.to)
		r.Breaches = append(r.Breaches, found...)
		return nil
	}
}

// population fills in of how many cases the numbers are.
func (m *Measures) population(r *Report, left, handled int) func(asked) error {
	return func(q asked) error {
		p, err := q.population(left)
		r.Cases, r.Unhandled = left+p.ended, max(0, p.opened-handled)
		if left > 0 {
			r.Open.Median = float64(q.days(p.middle))
		}
		r.Measuring = p.upto != all || p.rules != m.Rules.text()
		return err
	}
}

// Seconds writes a length of time in whole seconds.
func Seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
