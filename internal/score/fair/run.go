package fair

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tocsin/internal/fault"
)

// Options say how to run. The zero value is good: 100,000 years, seed 0.
type Options struct {
	Trials   int
	Seed     uint64
	Progress func(done, all int64) // is called from time to time with years drawn, never twice at once
}

// Result is what a run found. Its own summary is that of the portfolio: of a
// single scenario, that of the scenario.
type Result struct {
	Engine    string `json:"engine"`
	Seed      uint64 `json:"seed"`
	Trials    int    `json:"trials"`
	InputHash string `json:"input_hash"` // SHA-256 of the input in one order, without what it expects
	Name      string `json:"name,omitempty"`
	Unit      string `json:"unit,omitempty"`
	Summary
	After *After   `json:"after,omitempty"` // where any scenario has a treatment
	Risks []Risk   `json:"risks"`           // by id
	Notes []string `json:"notes,omitempty"` // what a reader should know about the numbers
}

// After is the loss of a year under treatment, from the same random words.
type After struct {
	Treatment  string  `json:"treatment,omitempty"`
	AnnualCost float64 `json:"annual_cost"`
	Summary
	ROC     *float64 `json:"roc,omitempty"`      // (mean before - mean after - cost) / cost; none where the cost is 0
	ROCES99 *float64 `json:"roc_es99,omitempty"` // the same of ES99
}

// Risk is one scenario of a run.
type Risk struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Count string `json:"count"`
	Summary
	Susceptibility *float64   `json:"susceptibility,omitempty"` // where it is derived
	Events         *Events    `json:"events,omitempty"`         // where each event is drawn
	Event          *EventLoss `json:"event_loss,omitempty"`
	Tornado        []Bar      `json:"tornado,omitempty"` // by size
	After          *After     `json:"after,omitempty"`
	Portion        *Portion   `json:"portion,omitempty"` // where there are several scenarios
}

// Events is how many loss events a year has.
type Events struct {
	Mean      float64 `json:"mean"`
	Histogram []Count `json:"histogram"` // each bar from its number up to the next one's
}

// Count is one bar of a histogram.
type Count struct {
	From  int     `json:"from"`
	Share float64 `json:"share"` // of the years
}

// EventLoss is the loss of one event.
type EventLoss struct {
	Mean float64 `json:"mean"`
	P5   float64 `json:"p5"`
	P50  float64 `json:"p50"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
}

// Portion is what a risk brings to the portfolio: its share of the mean, and of
// the mean of the years at or above the portfolio's p99.
type Portion struct {
	Mean float64 `json:"mean"`
	ES99 float64 `json:"es99"`
}

const defaultTrials = 100_000

// check says what is wrong with options, and fills the trials in.
func (o *Options) check() error {
	if o.Trials == 0 {
		o.Trials = defaultTrials
	}
	if o.Trials < 1 || o.Trials > MaxTrials {
		return fault.At("trials", "%d trials cannot be run; choose 1 to %d, 100000 is usual", o.Trials, MaxTrials)
	}
	return nil
}

// Run draws the years of a portfolio. It is the same to the byte for the same
// input, seed and trials, in whatever order the scenarios stand.
func Run(ctx context.Context, p Portfolio, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	r := newRunner(ctx, p, o)
	if err := r.afford(); err != nil {
		return nil, err
	}
	return r.run()
}

// risk is one scenario under way.
type risk struct {
	s             *Scenario
	before, after *model // after is nil where no treatment changes anything
}

// runner is a run under way.
type runner struct {
	ctx   context.Context //nolint:containedctx // a runner lives as long as Run
	p     Portfolio
	o     Options
	risks []risk

	total, totalAfter []float64 // by year; totalAfter where anything is treated
	losses, room      []float64
	rooms             []*block // one a worker
	say               sync.Mutex
	done, all         int64
}

func newRunner(ctx context.Context, p Portfolio, o Options) *runner {
	p.Scenarios = slices.Clone(p.Scenarios)
	slices.SortFunc(p.Scenarios, func(a, b Scenario) int { return strings.Compare(a.ID, b.ID) })
	r := &runner{ctx: ctx, p: p, o: o}
	blocks := (o.Trials + blockSize - 1) / blockSize
	for range min(blocks, runtime.GOMAXPROCS(0)) {
		r.rooms = append(r.rooms, new(block))
	}
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		r.risks = append(r.risks, risk{s: s})
		r.all += int64(o.Trials)
		if s.treats() {
			r.all += int64(o.Trials)
		}
	}
	r.losses, r.room = make([]float64, o.Trials), make([]float64, o.Trials)
	return r
}

func (s *Scenario) treats() bool { return s.Treatment != nil && len(s.Treatment.Changes) > 0 }

// afford refuses what would take hours.
func (r *runner) afford() error {
	events := 0.0
	for _, x := range r.risks {
		events += float64((1 + x.s.meanEvents(nil)) * float64(r.o.Trials))
		if x.s.treats() {
			after, scales := x.s.treated()
			events += float64((1 + after.meanEvents(scales)) * float64(r.o.Trials))
		}
	}
	if events > maxEvents {
		return fault.At("trials", "this run would draw %.2g events, which takes too long; choose fewer trials, or larger units for what happens often", events)
	}
	return nil
}

// hash names the input.
func (r *runner) hash() string {
	p := r.p
	p.Expect = nil
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // checked numbers and text: a programmer's mistake
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (r *runner) run() (*Result, error) {
	out := &Result{Engine: Version, Seed: r.o.Seed, Trials: r.o.Trials, InputHash: r.hash(), Name: r.p.Name, Unit: r.p.Unit}
	several := len(r.risks) > 1
	points := maxCurve
	if several {
		points = maxCurve / 5
		r.total = make([]float64, r.o.Trials)
	}
	links := r.p.Correlation.links(r.o.Seed)
	cost := 0.0
	for i := range r.risks {
		got, err := r.one(&r.risks[i], links, points)
		if err != nil {
			return nil, err
		}
		if got.After != nil {
			cost += got.After.AnnualCost
		}
		out.Risks = append(out.Risks, got)
	}
	r.whole(out, cost)
	out.Notes = r.notes()
	return out, r.ctx.Err()
}

// whole fills in the portfolio's own numbers.
func (r *runner) whole(out *Result, cost float64) {
	if len(r.risks) == 1 {
		out.Summary, out.After = out.Risks[0].Summary, out.Risks[0].After
		return
	}
	out.Summary = summarize(r.total, newSample(r.total, r.room), r.p.Appetite, maxCurve)
	r.portions(out)
	if r.totalAfter != nil {
		after := summarize(r.totalAfter, newSample(r.totalAfter, r.room), r.p.Appetite, maxCurve)
		out.After = newAfter("", cost, out.Summary, after)
	}
}

func newAfter(name string, cost float64, before, after Summary) *After {
	a := &After{Treatment: name, AnnualCost: cost, Summary: after}
	if cost > 0 {
		mean, es := (before.Mean-after.Mean-cost)/cost, (before.ES99-after.ES99-cost)/cost
		a.ROC, a.ROCES99 = &mean, &es
	}
	return a
}

// one runs one scenario, before and after its treatment.
func (r *runner) one(x *risk, links map[string]*link, points int) (got Risk, err error) {
	x.before = compile(x.s, nil, r.o.Seed)
	x.before.link = links[x.s.ID]
	got = Risk{ID: x.s.ID, Name: x.s.Name, Count: x.before.countName()}
	if x.s.ThreatCapability != nil {
		got.Susceptibility = &x.before.v.fixed
	}
	counts, err := r.draw(x.before)
	if err != nil {
		return got, err
	}
	s := newSample(r.losses, r.room)
	got.Summary = summarize(r.losses, s, r.p.Appetite, points)
	got.Events = counts.events(r.o.Trials)
	got.Event = x.before.eventLoss(r.rooms[0], r.o.Trials)
	got.Tornado = x.before.tornado(r.rooms[0], min(tornadoYears, r.o.Trials), s)
	r.add(&r.total)
	if x.s.Treatment == nil {
		return got, r.carry()
	}
	after := got.Summary
	if x.s.treats() {
		s, scales := x.s.treated()
		x.after = compile(&s, scales, r.o.Seed)
		x.after.link = x.before.link
		if _, err := r.draw(x.after); err != nil {
			return got, err
		}
		after = summarize(r.losses, newSample(r.losses, r.room), r.p.Appetite, points)
	}
	got.After = newAfter(x.s.Treatment.Name, x.s.Treatment.AnnualCost, got.Summary, after)
	return got, r.carry()
}

// add adds the losses drawn last to a portfolio's, where there is one.
func (r *runner) add(to *[]float64) {
	for i := range *to {
		(*to)[i] += r.losses[i]
	}
}

// carry adds the losses drawn last, treated or not, to the portfolio under treatment.
func (r *runner) carry() error {
	if r.total == nil || !slices.ContainsFunc(r.p.Scenarios, func(s Scenario) bool { return s.Treatment != nil }) {
		return nil
	}
	if r.totalAfter == nil {
		r.totalAfter = make([]float64, r.o.Trials)
	}
	r.add(&r.totalAfter)
	return nil
}

// tally counts years by their number of events.
type tally []int64

func (t *tally) add(n uint64) {
	for uint64(len(*t)) <= n {
		*t = append(*t, make(tally, max(64, len(*t)))...)
	}
	(*t)[n]++
}

// draw draws every year of a model into r.losses, block by block on all processors. Each
// block writes its own years, so who drew it does not matter.
func (r *runner) draw(m *model) (tally, error) {
	var next atomic.Int64
	tallies := make([]tally, len(r.rooms))
	var wg sync.WaitGroup
	for w, b := range r.rooms {
		wg.Go(func() {
			for r.ctx.Err() == nil {
				from := int(next.Add(1)-1) * blockSize
				if from >= len(r.losses) {
					return
				}
				to := min(from+blockSize, len(r.losses))
				m.years(b, uint64(from), r.losses[from:to])
				if m.count != Product {
					for _, n := range b.n[:to-from] {
						tallies[w].add(n)
					}
				}
				r.progress(to - from)
			}
		})
	}
	wg.Wait()
	if err := r.ctx.Err(); err != nil {
		return nil, fmt.Errorf("draw the years of %s: %w", m.id, err)
	}
	var all tally
	for _, t := range tallies {
		for n, c := range t {
			if c > 0 {
				for len(all) <= n {
					all = append(all, 0)
				}
				all[n] += c
			}
		}
	}
	return all, nil
}

func (r *runner) progress(years int) {
	if r.o.Progress == nil {
		return
	}
	r.say.Lock()
	defer r.say.Unlock()
	r.done += int64(years)
	r.o.Progress(r.done, r.all)
}

const maxBars = 50

// events says how many events the years had, in at most maxBars bars.
func (t tally) events(years int) *Events {
	if t == nil {
		return nil
	}
	e, n := &Events{}, float64(years)
	width := (len(t) + maxBars - 1) / maxBars
	total := int64(0)
	for from := 0; from < len(t); from += width {
		sum := int64(0)
		for i, c := range t[from:min(from+width, len(t))] {
			sum += c
			total += c * int64(from+i)
		}
		e.Histogram = append(e.Histogram, Count{from, float64(sum) / n})
	}
	e.Mean = float64(total) / n
	return e
}

func (m *model) countName() string {
	if m.count == "" {
		return Poisson
	}
	return m.count
}
