package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"tocsin/bench/load"
	"tocsin/internal/party"
)

const (
	clients  = 16
	openRate = 500 // requests a second
	openConn = 256
)

// run is one run of the benchmarks under way.
type run struct {
	options
	report
	*stores
	ctx    context.Context //nolint:containedctx // a run lives as long as the command
	procs  map[string]*process
	cookie party.Secret // of somebody signed in to the program "pages"
}

// part is a group of measurements that can be asked for by name.
type part struct {
	name string
	do   func(*run) error
}

func parts() []part {
	return []part{{"list", (*run).list}, {"one", (*run).one}, {"search", (*run).search}, {"narrow", (*run).narrow},
		{"create", (*run).create}, {"open", (*run).open}, {"memory", (*run).memory}, {"cvss", (*run).cvss}, {"fair", (*run).fair}, {"product", (*run).product}, {"html", (*run).html}, {"click", (*run).click}, {"lighthouse", (*run).lighthouse}, {"recurrence", (*run).recurrence}, {"reports", (*run).reports}, {"register", (*run).register}, {"postgres", (*run).postgres}}
}

func partNames() (names []string) {
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// measure runs every part and prints the table.
func measure(ctx context.Context, o options) error {
	s, err := prepare(ctx, o)
	if s != nil {
		defer s.close()
	}
	if err != nil {
		return err
	}
	r := &run{options: o, stores: s, ctx: ctx, procs: map[string]*process{}}
	r.Cases, r.Machine = o.n, thisMachine(ctx)
	defer r.endAll()
	for _, p := range parts() {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), p.name) {
			continue
		}
		if err := p.do(r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return r.finish()
}

// finish prints the table and does with it what was asked.
func (r *run) finish() error {
	r.report.print()
	var before *report
	if r.check != "" { // read before it may be written
		before = new(report)
		b, err := os.ReadFile(r.check)
		if err == nil {
			err = json.Unmarshal(b, before)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.check, err)
		}
	}
	if r.out != "" {
		if err := writeJSON(r.out, r.report); err != nil {
			return err
		}
	}
	if r.docs != "" {
		if err := writeTable(r.docs, &r.report); err != nil {
			return err
		}
	}
	if before != nil {
		return r.report.against(before)
	}
	return nil
}

// program is a server on a fresh copy of the store, started at its first use.
func (r *run) program(name string) (*process, error) {
	if p := r.procs[name]; p != nil {
		return p, nil
	}
	store, err := r.copyTo(name)
	if err != nil {
		return nil, err
	}
	kind := name
	if name == hidden {
		kind = "real"
		if err := hide(r.ctx, store); err != nil {
			return nil, err
		}
	}
	p, err := start(r.ctx, r.options, kind, store)
	if err == nil {
		r.procs[name] = p
	}
	return p, err
}

// hidden is the house on a store of which somebody inside may see 2 % only: all
// other cases are restricted to people who are named on them.
const hidden = "hidden"

func hide(ctx context.Context, store string) error {
	d, err := sql.Open("sqlite", "file:"+store+"?_pragma=synchronous(off)")
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = d.ExecContext(ctx, restrict)
	return err
}

func (r *run) endAll() {
	for _, p := range r.procs {
		p.end()
	}
	clear(r.procs)
}

// turn is one program with what it is asked.
type turn struct {
	program string
	next    load.Next
}

// closed lets the programs take turns, and keeps the best turn of each: whatever
// else runs on the machine can only make a turn worse.
func (r *run) closed(clients int, turns ...turn) ([]side, error) {
	return r.turns(turns, func(p *process, t turn) (load.Result, error) { return load.Closed(p.addr, clients, r.each, t.next) },
		func(a, b side) bool { return a.Rate > b.Rate })
}

func (r *run) turns(turns []turn, do func(*process, turn) (load.Result, error), better func(a, b side) bool) ([]side, error) {
	best := make([]side, len(turns))
	for round := range r.rounds {
		for i, t := range turns {
			progress("measuring", round*len(turns)+i, r.rounds*len(turns))
			p, err := r.program(t.program)
			if err != nil {
				return nil, err
			}
			r.settle()
			before := p.cpu()
			got, err := do(p, t)
			if err != nil {
				return nil, err
			}
			if got.Failed > 0 {
				return nil, fmt.Errorf("%d of %d requests to the %s program failed: %s", got.Failed, got.Requests, t.program, got.First)
			}
			s := side{Rate: got.Rate(), P50: got.Quantile(0.5), P99: got.Quantile(0.99), CPU: (p.cpu() - before) / time.Duration(max(1, got.Requests))}
			if round == 0 || better(s, best[i]) {
				best[i] = s
			}
		}
	}
	return best, r.ctx.Err()
}

// settle waits until the programs have done what they do after an answer, such
// as sealing the audit log.
func (r *run) settle() {
	used := func() (all time.Duration) {
		for _, p := range r.procs {
			all += p.cpu()
		}
		return all
	}
	for range 100 {
		before := used()
		time.Sleep(100 * time.Millisecond)
		if used()-before <= 10*time.Millisecond {
			return
		}
	}
}

// beside measures the real house beside the bare program and says the ratio of
// their throughputs.
func (r *run) beside(what, goal string, least float64, real, bare load.Next) error {
	s, err := r.closed(clients, turn{"bare", bare}, turn{"real", real})
	if err != nil {
		return err
	}
	ratio := s[1].Rate / s[0].Rate
	r.add(row{What: what, Ours: s[1], Other: s[0], Than: "bare", Ratio: ratio, Value: ofBare(ratio, s[0], s[1]), Goal: goal, OK: ratio >= least})
	return nil
}

// ofBare says a ratio of throughputs, and that of processor time a request, which
// a busy machine moves less.
func ofBare(ratio float64, bare, real side) string {
	return fmt.Sprintf("%.2f of bare (by CPU %.2f)", ratio, float64(bare.CPU)/float64(max(1, real.CPU)))
}

const half = "at least 0.5"

func (r *run) list() error {
	return r.beside("list of 50", half, 0.5, r.of("real").list(), r.of("bare").list())
}

func (r *run) one() error {
	if err := r.beside("one case", half, 0.5, r.of("real").one("cases"), r.of("bare").one("whole")); err != nil {
		return err
	}
	return r.beside("one case, beside its row alone", "", 0, r.of("real").one("cases"), r.of("bare").one("cases"))
}

func (r *run) search() error {
	if err := r.beside("search, two common words", half, 0.5, r.of("real").common(), r.of("bare").common()); err != nil {
		return err
	}
	return r.beside("search, a rare word", half, 0.5, r.of("real").rare(), r.of("bare").rare())
}

func (r *run) create() error {
	s, err := r.closed(clients, turn{"alone", r.of("alone").create()}, turn{"bare", r.of("bare").create()}, turn{"real", r.of("real").create()})
	if err != nil {
		return err
	}
	ratio, times := s[2].Rate/s[1].Rate, s[2].Rate/s[0].Rate
	r.add(row{What: "create with audit and search row", Ours: s[2], Other: s[1], Than: "bare", Ratio: ratio, Value: ofBare(ratio, s[1], s[2]), Goal: half, OK: ratio >= 0.5})
	r.add(row{What: "create, one transaction a request", Ours: s[2], Other: s[0], Than: "alone", Ratio: times, Value: fmt.Sprintf("%.2f times it", times), Goal: "at least 2 times", OK: times >= 2})
	return nil
}

// narrow compares the lists of somebody who may see 2 % with those of somebody inside.
func (r *run) narrow() error {
	wide, narrow := r.of("real"), r.of("real").as(r.facts.Narrow)
	for _, x := range []struct {
		what, goal string
		ask        func(requests) load.Next
	}{{"list", "at most 2 times", requests.list}, {"list of one stage", "", requests.stage}, {"search, two common words", "", requests.common}, {"search, a rare word", "", requests.rare}} {
		s, err := r.closed(clients, turn{"real", x.ask(wide)}, turn{"real", x.ask(narrow)})
		if err != nil {
			return err
		}
		cost := s[0].Rate / s[1].Rate
		r.add(row{What: x.what + ", of 2 %", Ours: s[1], Other: s[0], Than: "of all", Ratio: cost, Value: fmt.Sprintf("%.2f times the cost", cost), Goal: x.goal, OK: cost <= 2})
	}
	s, err := r.closed(clients, turn{"real", wide.list()}, turn{hidden, r.of("real").list()})
	if err != nil {
		return err
	}
	cost := s[0].Rate / s[1].Rate
	r.add(row{What: "list, of staff where 98 % are restricted", Ours: s[1], Other: s[0], Than: "of all", Ratio: cost, Value: fmt.Sprintf("%.2f times the cost", cost), Goal: "at most 2 times", OK: cost <= 2})
	r.procs[hidden].end()
	delete(r.procs, hidden)
	return nil
}

// open sends the mix at fixed instants.
func (r *run) open() error {
	s, err := r.turns([]turn{{"bare", r.of("bare").mix()}, {"real", r.of("real").mix()}},
		func(p *process, t turn) (load.Result, error) {
			return load.Open(p.addr, openRate, openConn, r.each, t.next)
		},
		func(a, b side) bool { return a.P99 < b.P99 })
	if err != nil {
		return err
	}
	ratio := float64(s[1].P99) / float64(s[0].P99)
	r.add(row{What: fmt.Sprintf("mix at %d a second, p99", openRate), Ours: s[1], Other: s[0], Than: "bare", Ratio: ratio,
		Value: fmt.Sprintf("%.2f times bare's p99", ratio), Goal: "below 10 times", OK: ratio < 10})
	return nil
}
