package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/house"
	"tocsin/internal/recurrence"
)

// Goals of recurrence, at a million cases.
const (
	maxAnswer = 100 * time.Millisecond
	maxUpdate = 10 * time.Millisecond
)

// asked is how often something quick is done.
const asked = 40

// recurrence counts what keeps coming back in the whole store: answers and updates,
// beside what a bare statement takes to count the same groups.
func (r *run) recurrence() error {
	store, err := r.copyTo("recurrence")
	if err != nil {
		return err
	}
	h, err := open(r.ctx, store)
	if err != nil {
		return err
	}
	defer h.Close()
	house := access.With(r.ctx, access.System("bench"))
	wide, err := h.Parties.Bearer(r.ctx, r.facts.Wide)
	if err != nil {
		return err
	}
	inside := access.With(r.ctx, wide)
	made, err := once(func() error { return h.Recurrence.Fold(house) })
	if err != nil {
		return err
	}
	r.add(row{What: "recurrence, counts made for the first time", Value: short(made)})
	if err := r.answers(h, inside, store); err != nil {
		return err
	}
	if err := r.updates(h, inside); err != nil {
		return err
	}
	next := h.At(func() time.Time { return time.Now().Add(24 * time.Hour) })
	moved, err := once(func() error { return next.Recurrence.Fold(house) })
	if err == nil {
		r.add(row{What: "recurrence, counts moved by a day", Value: short(moved)})
	}
	return err
}

// answers measures questions beside one bare statement.
func (r *run) answers(h *house.House, inside context.Context, store string) error {
	w := recurrence.WindowTo(time.Now(), h.Recurrence.Rules.Months)
	bare, err := bareCount(r.ctx, store, w)
	if err != nil {
		return err
	}
	page := recurrence.Ask{Groups: 100, Dots: 40}
	rolled := page
	rolled.Parents = true
	year := page
	year.AsOf = time.Now().AddDate(-1, 0, 0)
	for _, x := range []struct {
		what, goal string
		who        context.Context
		ask        recurrence.Ask
	}{
		{"recurrence, answer to one of the staff", "below 100 ms", inside, page},
		{"recurrence, with parents", "below 100 ms", inside, rolled},
		{"recurrence, answer that counts everything", "", access.With(r.ctx, access.Actor{ID: r.facts.Person, Kind: access.Person}), page},
		{"recurrence, as of a year ago", "", inside, year},
	} {
		n := asked
		if x.ask.AsOf.Year() > 1 {
			n = 3
		}
		p50, p99, err := times(n, func() error {
			a, err := h.Recurrence.Answer(x.who, x.ask)
			if err == nil && len(a.Groups) == 0 {
				err = fmt.Errorf("no group is answered")
			}
			return err
		})
		if err != nil {
			return err
		}
		ratio := float64(bare) / float64(p50)
		r.add(row{What: x.what, Ratio: ratio, Value: fmt.Sprintf("p50 %s, p99 %s; the bare group by takes %s, %.1f times as long", short(p50), short(p99), short(bare), ratio),
			Goal: x.goal, OK: p50 < maxAnswer})
	}
	return nil
}

// updates measures new cases: of today, and of a day that is summed already.
func (r *run) updates(h *house.House, inside context.Context) error {
	for _, x := range []struct {
		what string
		ago  time.Duration
	}{{"recurrence, a new case of today, all that opening it takes", 0}, {"recurrence, a new case of a month ago, likewise", 30 * 24 * time.Hour}} {
		p50, p99, err := times(asked, func() error {
			_, err := h.Cases.Open(inside, casework.Opening{Title: "one more", CWE: "CWE-79", Product: "harbor-gateway", Component: "parser", Received: time.Now().Add(-x.ago)})
			return err
		})
		if err != nil {
			return err
		}
		r.add(row{What: x.what, Value: fmt.Sprintf("p50 %s, p99 %s", short(p50), short(p99)), Goal: "below 10 ms", OK: p50 < maxUpdate})
	}
	return nil
}

// bareCount is how long one statement takes that counts the groups of the window,
// at best, with the index that there is.
func bareCount(ctx context.Context, store string, w recurrence.Window) (time.Duration, error) {
	d, err := sql.Open("sqlite", "file:"+store+"?_pragma=query_only(1)")
	if err != nil {
		return 0, err
	}
	defer d.Close()
	best, _, err := times(3, func() error {
		rows, err := d.QueryContext(ctx, countGroups, w.From().UnixMicro(), w.To().UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	})
	return best, err
}

func once(do func() error) (time.Duration, error) {
	begin := time.Now()
	err := do()
	return time.Since(begin), err
}

// times does something so often and tells the median and all but the slowest of a
// hundred.
func times(n int, do func() error) (p50, p99 time.Duration, err error) {
	var took []time.Duration
	for range n {
		one, err := once(do)
		if err != nil {
			return 0, 0, err
		}
		took = append(took, one)
	}
	slices.Sort(took)
	return took[n/2], took[(n-1)*99/100], nil
}
