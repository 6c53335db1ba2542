package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tocsin/internal/access"
	spans "tocsin/internal/measure"
)

// maxReport is the goal of a report at 100,000 cases.
const maxReport = 100 * time.Millisecond

// reports measures the reports of the whole store, beside what two bare statements
// take to count the same clocks and lengths.
func (r *run) reports() error {
	store, err := r.copyTo("reports")
	if err != nil {
		return err
	}
	h, err := open(r.ctx, store)
	if err != nil {
		return err
	}
	defer h.Close()
	wide, err := h.Parties.Bearer(r.ctx, r.facts.Wide)
	if err != nil {
		return err
	}
	made, err := once(func() error { return h.Measures.Fold(access.With(r.ctx, access.System("bench"))) })
	if err != nil {
		return err
	}
	r.add(row{What: "reports, a store measured for the first time", Value: short(made)})
	inside := access.With(r.ctx, wide)
	for _, p := range spans.Periods {
		if err := r.reportOf(p.Name, store, func() (*spans.Report, error) { return h.Measures.Report(inside, spans.Ask{Period: p.Name}) }); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) reportOf(period, store string, ask func() (*spans.Report, error)) error {
	var last *spans.Report
	p50, p99, err := times(10, func() (err error) {
		last, err = ask()
		return err
	})
	if err != nil {
		return err
	}
	if last.Cases == 0 {
		return fmt.Errorf("no case is counted")
	}
	bare, err := bareReport(r.ctx, store, last.Window)
	if err != nil {
		return err
	}
	ratio := float64(bare) / float64(p50)
	r.add(row{What: "reports, one " + period + " to one of the staff", Ratio: ratio, Goal: "below 100 ms", OK: p50 < maxReport,
		Value: fmt.Sprintf("p50 %s, p99 %s, of %d cases; two bare group bys take %s, %.2f times as long", short(p50), short(p99), last.Cases, short(bare), ratio)})
	return nil
}

// bareReport is how long two statements take that count clocks and lengths of the
// window and of the one before, at best.
func bareReport(ctx context.Context, store string, w spans.Window) (time.Duration, error) {
	d, err := sql.Open("sqlite", "file:"+store+"?_pragma=query_only(1)")
	if err != nil {
		return 0, err
	}
	defer d.Close()
	best, _, err := times(5, func() error {
		for _, q := range []string{countDecided, countLengths} {
			rows, err := d.QueryContext(ctx, q, w.Prev().UnixMicro(), w.To().UnixMicro())
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	return best, err
}
