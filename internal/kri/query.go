package kri

import (
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// Query is what the house counts over its own cases, as data. It counts the cases
// that all staff may open and no others: an embargoed case changes no value, for
// anybody, until it is open. A case that was found to be none counts nowhere. Somebody
// from outside, who may open none of them, is told no value. Months are counted anew for a year back, since a case
// may come to be known late.
type Query struct {
	Measure   string `json:"measure"`
	Product   string `json:"product,omitempty"`
	Component string `json:"component,omitempty"`
	CWE       string `json:"cwe,omitempty"`
	Severity  string `json:"severity,omitempty"`
}

// The measures of a query.
const (
	Count   = "count"   // cases opened in the month
	InTime  = "in-time" // of the cases opened in the month and closed since, the share that was never late
	Overdue = "overdue" // open cases that are late, as of the night of the count
)

var measures = []string{Count, InTime, Overdue}

func (q *Query) check(fs *fault.Fields, p *profile.Profile) {
	chosen(fs, "query.measure", q.Measure, measures)
	thread.LineField(fs, "query.product", &q.Product, MaxLine)
	thread.LineField(fs, "query.component", &q.Component, MaxLine)
	thread.LineField(fs, "query.cwe", &q.CWE, MaxLine)
	thread.Word(fs, "query.severity", q.Severity, p.SeverityWords())
}

// asked is how many months back a query counts.
const asked = 12

// ask counts what the query asks for, up to the moment.
func (k *KRI) ask(v *gate.View) ([]Point, error) {
	if k.Query.Measure == Overdue {
		return k.askOverdue(v)
	}
	var borders []time.Time
	y, m, _ := v.Now.Date()
	for back := asked; back >= 0; back-- {
		if at := time.Date(y, m-time.Month(back), 1, 0, 0, 0, 0, time.UTC); !at.Before(k.Start) {
			borders = append(borders, at)
		}
	}
	if len(borders) < 2 {
		return nil, nil
	}
	months, err := opened(v, k.Query, borders)
	var out []Point
	for i, n := range months {
		p := Point{At: borders[i+1].AddDate(0, 0, -1), Value: float64(n.all)}
		if k.Query.Measure == InTime {
			if n.closed == 0 {
				continue // of nothing there is no share
			}
			p.Value, p.Tried, p.Bad = float64(n.closed-n.late)/float64(n.closed), n.closed, n.late
		}
		out = append(out, p)
	}
	return out, err
}

// askOverdue counts what is late now, where no value of this cadence is there.
func (k *KRI) askOverdue(v *gate.View) ([]Point, error) {
	if !k.At.IsZero() && k.Next.After(v.Now) {
		return nil, nil
	}
	n, err := overdue(v, k.Query)
	if err != nil {
		return nil, err
	}
	y, m, d := v.Now.Date()
	return []Point{{At: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Value: float64(n)}}, nil
}

// hush takes out what the house counted over its own cases, for somebody from outside:
// of an indicator that asks no more, what other values say is left.
func (k *KRI) hush(v *gate.View) {
	if !k.Counts() || inside(v) {
		return
	}
	told := k.newest.Told
	if k.Asks() || told == nil {
		told = &Newest{}
	}
	k.newest = *told
	k.plan(v.Now)
	k.show(v.Now)
	if k.Asks() {
		k.Light, k.Says, k.Next = string(riskscore.Unknown), "its values are counted over cases that are not open to you", time.Time{}
	}
}

// Counts reports whether the house counts the indicator's values over its cases, or
// did so for some that its light still rests on.
func (k *KRI) Counts() bool { return k.Asks() || k.newest.Told != nil }

// inside reports whether the reader is one of those for whom the house counts.
func inside(v *gate.View) bool { return v.IsStaff() || v.Actor.IsSystem() }

// hushed is hush of several.
func hushed(v *gate.View, ks []*KRI, err error) ([]*KRI, error) {
	for _, k := range ks {
		k.hush(v)
	}
	return ks, err
}

// answer counts and records what an indicator asks of the house's cases.
func (s *KRIs) answer(tx *gate.Tx, id ref.ID, k *KRI) error {
	points, err := k.ask(&tx.View)
	if err != nil || len(points) == 0 {
		return err
	}
	_, err = s.recordOn(tx, id, fromQuery, points)
	return err
}
