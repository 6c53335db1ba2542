package measure_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/measure"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

const day = 24 * time.Hour

// worker handles cases by the operations, at moments that a seed chooses.
type worker struct {
	t    *testing.T
	h    *rig.House
	as   context.Context
	dice *rand.Rand
	ids  []ref.ID
}

func (w *worker) pass(most int) { w.h.Pass(time.Duration(w.dice.IntN(most*24)) * time.Hour) }

// one opens a case and takes it some of the way.
func (w *worker) one() {
	words := w.h.Rules.SeverityWords()
	o := casework.Opening{Title: fmt.Sprintf("case %d", len(w.ids)), Product: []string{"gateway", "runner"}[w.dice.IntN(2)], CWE: []string{"CWE-79", "CWE-89", "CWE-22"}[w.dice.IntN(3)],
		Source: w.h.Rules.Sources[w.dice.IntN(len(w.h.Rules.Sources))].Name}
	id, err := w.h.Cases.Open(w.as, o)
	check(w.t, "open", err)
	w.ids = append(w.ids, id)
	word := words[w.dice.IntN(len(words))]
	check(w.t, "severity", w.h.Cases.Edit(w.as, id, casework.Patch{Provisional: &word}))
	if w.dice.IntN(3) == 0 {
		check(w.t, "pause", w.h.Cases.Pause(w.as, id, "triage", "waiting for a log"))
		w.pass(4)
		check(w.t, "resume", w.h.Cases.Resume(w.as, id, "triage", "it came"))
	}
	w.pass(7)
	switch w.dice.IntN(4) {
	case 0, 1:
		w.close(id)
		if w.dice.IntN(3) == 0 {
			w.pass(3)
			check(w.t, "reopen", w.h.Cases.Move(w.as, id, "case.reopen", casework.Step{Reason: "It was one after all."}))
		}
	case 2:
		done := map[string]bool{}
		for _, c := range w.h.Rules.Completeness {
			done[c.Name] = true
		}
		check(w.t, "complete", w.h.Cases.Edit(w.as, id, casework.Patch{Complete: done}))
		check(w.t, "assign", w.h.Cases.Assign(w.as, id, "person-ana"))
		check(w.t, "assess", w.h.Cases.Move(w.as, id, "case.assess", casework.Step{}))
	}
}

func (w *worker) close(id ref.ID) {
	check(w.t, "reject", w.h.Cases.Move(w.as, id, "case.reject", casework.Step{Disposition: disposition(w.h), Answer: "It is none.", Reason: "It is none."}))
}

func disposition(h *rig.House) string {
	for _, d := range h.Rules.Dispositions {
		if d.Closes && slices.Contains(d.Verbs, "case.reject") {
			return d.Name
		}
	}
	return ""
}

// raw is a case as its recorded events tell it, for counting by hand.
type raw struct {
	*casework.Case
	events []clock.Event
}

func (w *worker) raws() (out []raw) {
	for _, id := range w.ids {
		f, err := w.h.Cases.Get(w.as, id)
		check(w.t, "get", err)
		out = append(out, raw{f.Case, f.Case.Events()})
	}
	return out
}

func (r raw) first(name string) time.Time {
	for _, e := range r.events {
		if e.Name == name {
			return e.At
		}
	}
	return time.Time{}
}

// paused is how long the case was paused between two moments.
func (r raw) paused(from, to time.Time) (sum time.Duration) {
	since := time.Time{}
	for _, e := range r.events {
		switch {
		case e.Name == "paused":
			since = e.At
		case e.Name == "resumed" && !since.IsZero():
			if a, b := later(since, from), earlier(e.At, to); b.After(a) {
				sum += b.Sub(a)
			}
			since = time.Time{}
		}
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// TestAReportIsWhatTheRecordedEventsSay counts by hand what the report counts.
func TestAReportIsWhatTheRecordedEventsSay(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := &worker{t: t, h: h, as: h.As(t, "ana", "analyst", "engineer", "manager"), dice: rand.New(rand.NewPCG(1, 2))}
		check(t, "measure", h.Measures.Fold(rig.System()))
		for range 60 {
			w.one()
		}
		raws := w.raws()
		for _, ask := range []measure.Ask{{}, {Period: "month"}, {Period: "year"}, {Period: "year", Product: "runner"}, {Period: "quarter", Severity: "high"},
			{Period: measure.Custom, From: h.Clock().Add(-50 * day), AsOf: h.Clock().Add(-20 * day)}} {
			r, err := h.Measures.Report(w.as, ask)
			check(t, "report", err)
			of := slices.DeleteFunc(slices.Clone(raws), func(x raw) bool {
				return ask.Product != "" && x.Product != ask.Product || ask.Severity != "" && x.Severity != ask.Severity
			})
			t.Run(fmt.Sprintf("%s %s%s", r.Window.Period, ask.Product, ask.Severity), func(t *testing.T) {
				triage(t, r, of)
				lengths(t, r, of)
				flow(t, r, of)
				if r.Unhandled != 0 || r.Measuring {
					t.Errorf("%d cases are in no number (measuring: %t), want all of them in", r.Unhandled, r.Measuring)
				}
			})
		}
	})
}

// triage counts how the clock of the first stage was kept: five days, pauses apart.
func triage(t *testing.T, r *measure.Report, of []raw) {
	t.Helper()
	met, missed, running := 0, 0, 0
	var late []ref.ID
	for _, x := range of {
		begun, ended := x.first("enter:triage"), x.first("leave:triage")
		due := begun.Add(5 * day)
		for range 5 { // a pause may be moved in by another
			due = begun.Add(5*day + x.paused(begun, later(due, begun)))
		}
		decided, kept := due.Add(time.Microsecond), false
		if !ended.IsZero() && !ended.After(due) {
			decided, kept = ended, true
		}
		switch in := !decided.Before(r.Window.From()) && decided.Before(r.Window.To()); {
		case in && kept:
			met++
		case in:
			missed++
			late = append(late, x.ID)
		case !decided.Before(r.Window.To()) && begun.Before(r.Window.To()):
			running++
		}
	}
	a := r.Attainment[slices.IndexFunc(r.Attainment, func(a measure.Attainment) bool { return a.What == "clock:triage" })]
	if have, want := [3]int{a.Met, a.Missed, a.Running}, [3]int{met, missed, running}; have != want {
		t.Errorf("triage met, missed, running %v, want %v", have, want)
	}
	sum := 0
	for _, s := range a.Severities {
		sum += s.Met + s.Missed + s.Running
	}
	if sum != met+missed+running {
		t.Errorf("the severities sum up to %d, want %d", sum, met+missed+running)
	}
	for _, id := range late {
		if !slices.ContainsFunc(r.Breaches, func(b measure.Breach) bool { return b.Case == id && b.Name == "triage" }) && len(r.Breaches) < 50 {
			t.Errorf("%s missed its triage and is not in the list of %d", id, len(r.Breaches))
		}
	}
}

// lengths counts how long the first stage took.
func lengths(t *testing.T, r *measure.Report, of []raw) {
	t.Helper()
	var hours []int
	for _, x := range of {
		begun, ended := x.first("enter:triage"), x.first("leave:triage")
		if ended.IsZero() || ended.Before(r.Window.From()) || !ended.Before(r.Window.To()) {
			continue
		}
		hours = append(hours, int((ended.Sub(begun)-x.paused(begun, ended))/time.Hour))
	}
	slices.Sort(hours)
	have := r.Times[0]
	if have.What != "clock:triage" || have.Count != len(hours) {
		t.Fatalf("%s ended %d times, want triage %d times", have.What, have.Count, len(hours))
	}
	if len(hours) == 0 {
		return
	}
	median, p90 := hours[(len(hours)+1)/2-1], hours[int(math.Ceil(.9*float64(len(hours))))-1]
	if have.Median != float64(median) || have.P90 != float64(p90) {
		t.Errorf("median %v, p90 %v, want %d, %d", have.Median, have.P90, median, p90)
	}
}

// flow counts by month what came and went, and what is open in the end.
func flow(t *testing.T, r *measure.Report, of []raw) {
	t.Helper()
	var opened, closed, reopened, open, cases int
	oldest := 0
	for _, x := range of {
		in := func(at time.Time) bool {
			return !at.IsZero() && !at.Before(r.Months[0].At) && at.Before(r.Window.To())
		}
		last, n, some := time.Time{}, 0, false
		for _, e := range x.events {
			switch {
			case e.Name == "opened":
				last = e.At
				if in(e.At) {
					opened++
				}
			case e.Name == "enter:closed":
				if in(e.At) {
					closed++
				}
				if e.At.Before(r.Window.To()) {
					last = time.Time{}
				}
				some = some || !e.At.Before(r.Window.From()) && x.first("opened").Before(r.Window.To())
			case e.Name == "leave:closed":
				if n++; in(e.At) {
					reopened++
				}
				if e.At.Before(r.Window.To()) {
					last = e.At
				}
			}
		}
		if some || !last.IsZero() && last.Before(r.Window.To()) {
			cases++
		}
		if !last.IsZero() && last.Before(r.Window.To()) {
			open++
			oldest = max(oldest, int(r.Window.To().Sub(last)/day))
		}
	}
	var have [4]int
	for _, m := range r.Months {
		have[0], have[1], have[2], have[3] = have[0]+m.Opened, have[1]+m.Closed, have[2]+m.Reopened, m.Backlog
	}
	if want := [4]int{opened, closed, reopened, open}; have != want {
		t.Errorf("opened, closed, reopened, backlog %v, want %v", have, want)
	}
	if r.Cases != cases {
		t.Errorf("the report is of %d cases, want %d", r.Cases, cases)
	}
	if r.Open.Count != open || r.Open.Oldest != oldest {
		t.Errorf("%d open, the oldest of %d days, want %d, %d", r.Open.Count, r.Open.Oldest, open, oldest)
	}
}

// TestMeasuringAnewChangesNothing holds the spans that were written with the cases
// against those of a store that is measured from its cases.
func TestMeasuringAnewChangesNothing(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := &worker{t: t, h: h, as: h.As(t, "ana", "analyst", "engineer", "manager"), dice: rand.New(rand.NewPCG(3, 4))}
		for range 25 {
			w.one()
		}
		moment := h.Clock()
		at := h.At(func() time.Time { return moment })
		tell := func() string {
			r, err := at.Measures.Report(w.as, measure.Ask{Period: "year"})
			check(t, "report", err)
			r.Measuring = false
			b, err := json.Marshal(r)
			check(t, "JSON", err)
			return string(b)
		}
		before, rows := tell(), rig.Count(t, h.DB, "spans")
		check(t, "measure", h.Measures.Fold(rig.System()))
		if after := tell(); before != after || rows == 0 || rows != rig.Count(t, h.DB, "spans") {
			t.Errorf("measured anew: %s\nwant %s", after, before)
		}
	})
}

// TestAHiddenCaseChangesNoNumber compares what somebody reads before and after a
// case that they may not know of went its way.
func TestAHiddenCaseChangesNoNumber(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, out := h.As(t, "ana", "analyst", "engineer", "manager"), h.As(t, "out", "analyst")
		w := &worker{t: t, h: h, as: ana, dice: rand.New(rand.NewPCG(5, 6))}
		for range 10 {
			w.one()
		}
		moment := h.Clock().Add(30 * day)
		at := h.At(func() time.Time { return moment })
		tell := func(who context.Context) string {
			r, err := at.Measures.Report(who, measure.Ask{Period: "year"})
			check(t, "report", err)
			b, err := json.Marshal(r)
			check(t, "JSON", err)
			return string(b)
		}
		seen, own := tell(out), tell(ana)
		if seen != own {
			t.Errorf("both see all, and are told %s\nand %s", seen, own)
		}
		id, err := h.Cases.Open(ana, casework.Opening{Title: "secret", Named: true, CWE: "CWE-79", Product: "gateway"})
		check(t, "open", err)
		h.Pass(9 * day)
		w.close(id)
		if now := tell(out); now != seen || strings.Contains(now, string(id)) {
			t.Errorf("somebody outside is told %s\nwant %s", now, seen)
		}
		if now := tell(ana); now == own || !strings.Contains(now, string(id)) {
			t.Error("who is named on the case is told nothing of it")
		}
		check(t, "share", h.Cases.Share(ana, id, "person-out", ""))
		if have, want := tell(out), tell(ana); have != want {
			t.Errorf("who is let in is told %s\nwant %s", have, want)
		}
	})
}

// TestAReportAsksForTheGrant refuses who may not read cases.
func TestAReportAsksForTheGrant(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := &worker{t: t, h: h, as: h.As(t, "ana", "analyst", "engineer", "manager"), dice: rand.New(rand.NewPCG(7, 8))}
		w.one()
		r, err := h.Measures.Report(h.Reporter(), measure.Ask{Period: "year"})
		if err == nil && (r.Cases != 0 || r.Open.Count != 0 || len(r.Breaches) != 0) {
			t.Errorf("a reporter is told of %d cases", r.Cases)
		}
		r, err = h.Measures.Report(access.With(context.Background(), access.Public()), measure.Ask{Period: "year"})
		if err == nil && (r.Cases != 0 || r.Open.Count != 0 || len(r.Breaches) != 0) {
			t.Errorf("anybody is told of %d cases", r.Cases)
		}
	})
}

// TestAQuestionThatMakesNoSense says what is wrong with it.
func TestAQuestionThatMakesNoSense(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana := h.As(t, "ana", "analyst")
	for says, ask := range map[string]measure.Ask{
		"is no period":    {Period: "fortnight"},
		"is no severity":  {Severity: "dire"},
		"needs its first": {Period: measure.Custom},
		"lies after":      {Period: measure.Custom, From: h.Clock().Add(-day), AsOf: h.Clock().Add(-3 * day)},
		"more than a":     {Period: measure.Custom, From: h.Clock().AddDate(-20, 0, 0)},
		"1 to 1000":       {Rows: -1},
	} {
		if _, err := h.Measures.Report(ana, ask); err == nil || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%+v: %v, want a sentence with %q", ask, err, says)
		}
	}
}

// TestWilson holds the interval against values worked out elsewhere.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		part, of  int
		low, high float64
	}{{0, 0, 0, 100}, {0, 10, 0, 27.75}, {10, 10, 72.25, 100}, {5, 10, 23.66, 76.34}, {81, 263, 25.53, 36.62}} {
		low, high := measure.Share{Part: c.part, Of: c.of}.Wilson()
		if math.Abs(low-c.low) > .01 || math.Abs(high-c.high) > .01 {
			t.Errorf("%d of %d: %.2f to %.2f, want %.2f to %.2f", c.part, c.of, low, high, c.low, c.high)
		}
	}
}

// TestEveryNumberOpensItsRows counts the rows behind the numbers of a report.
func TestEveryNumberOpensItsRows(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := &worker{t: t, h: h, as: h.As(t, "ana", "analyst", "engineer", "manager"), dice: rand.New(rand.NewPCG(9, 10))}
		for range 30 {
			w.one()
		}
		moment := h.Clock()
		at := h.At(func() time.Time { return moment })
		ask := measure.Ask{Period: "year", Rows: measure.MaxRows}
		r, err := at.Measures.Report(w.as, ask)
		check(t, "report", err)
		rows := func(want int, b measure.Behind) {
			t.Helper()
			got, err := at.Measures.Rows(w.as, ask, b)
			check(t, "rows", err)
			if len(got.Rows) != want {
				t.Errorf("%+v has %d rows, want %d", b, len(got.Rows), want)
			}
		}
		for _, a := range r.Attainment {
			rows(a.Met, measure.Behind{Of: "met", What: a.What})
			rows(a.Missed, measure.Behind{Of: "missed", What: a.What})
			rows(a.Running, measure.Behind{Of: "running", What: a.What})
			rows(a.Open, measure.Behind{Of: "late", What: a.What})
			for _, s := range a.Severities {
				rows(s.Missed, measure.Behind{Of: "missed", What: a.What, Severity: cmp.Or(s.Severity, measure.Unknown)})
			}
		}
		for _, l := range r.Times {
			rows(l.Count, measure.Behind{Of: "took", What: l.What})
		}
		for _, b := range r.Open.Bands {
			rows(b.Count, measure.Behind{Of: "open", What: measure.WholeCase, From: b.From, To: b.To})
		}
		for _, m := range r.Months {
			rows(m.Opened, measure.Behind{Of: "opened", What: measure.WholeCase, Month: m.At.Format("2006-01")})
			rows(m.Opened+m.Reopened, measure.Behind{Of: "came", What: measure.WholeCase, Month: m.At.Format("2006-01")})
			rows(m.Backlog, measure.Behind{Of: "open", What: measure.WholeCase, Month: m.At.Format("2006-01")})
			rows(m.Closed, measure.Behind{Of: "closed", What: measure.WholeCase, Month: m.At.Format("2006-01")})
		}
		for _, g := range r.Weaknesses {
			rows(g.Count, measure.Behind{Of: "opened", What: measure.WholeCase, Name: "cwe:" + g.Name})
		}
		for _, x := range r.Again {
			rows(x.Count, measure.Behind{Of: "again", What: x.What})
		}
	})
}
