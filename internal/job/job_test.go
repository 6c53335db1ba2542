package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/job"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// clock is one that the test sets.
type clock struct{ us atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.us.Store(rig.Start.UnixMicro())
	return c
}

func (c *clock) now() time.Time        { return time.UnixMicro(c.us.Load()).UTC() }
func (c *clock) pass(by time.Duration) { c.us.Add(by.Microseconds()) }

// house is a store with a gate that leaves jobs and a clock.
type house struct {
	*testing.T
	d     *db.DB
	g     *gate.Gate
	clock *clock
	wake  func()
}

func each(t *testing.T, test func(h *house)) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		h := &house{T: t, d: d, clock: newClock(), wake: func() {}}
		h.g = gate.New(gate.Config{DB: d, Grants: access.Grants{}, Profile: "test", Now: h.clock.now, Wake: func() { h.wake() }})
		test(h)
	})
}

func (h *house) leave(kind, once string, args any) {
	h.Helper()
	err := h.g.Act(access.With(h.Context(), access.System("test")), "test.leave", "", func(tx *gate.Tx) error {
		return tx.Later(kind, tx.Now, once, args)
	})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) runner(handlers map[string]job.Handler) *job.Runner {
	return &job.Runner{DB: h.d, Now: h.clock.now, Handlers: handlers, Lease: time.Hour, Poll: time.Hour, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func (h *house) step(r *job.Runner, want bool) {
	h.Helper()
	if did, err := r.Step(h.Context()); err != nil || did != want {
		h.Fatalf("did %v, %v, want %v", did, err, want)
	}
}

// row is what the store says of the only job that the query finds.
type row struct {
	state, said        string
	tries, runAt, done int64
	lease              int64
}

func (h *house) row(where string) (r row) {
	h.Helper()
	n := 0
	err := h.d.Read(h.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(h.Context(), "select state, last_error, tries, run_at, done_at, lease_until from jobs where "+where)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			n++
			if err := rows.Scan(&r.state, &r.said, &r.tries, &r.runAt, &r.done, &r.lease); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil || n != 1 {
		h.Fatalf("%d jobs where %s, %v, want 1", n, where, err)
	}
	return r
}

func TestJobRunsAsTheSystemWithItsArguments(t *testing.T) {
	each(t, func(h *house) {
		h.leave("greet", "", map[string]string{"name": "Ada"})
		ran := 0
		r := h.runner(map[string]job.Handler{"greet": func(ctx context.Context, id ref.ID, args json.RawMessage) error {
			ran++
			a, err := access.From(ctx)
			if err != nil || !a.IsSystem() || a.ID != "system-greet" || id.Kind() != "job" || string(args) != `{"name":"Ada"}` {
				h.Errorf("have %v, %v, %s, %s", a, err, id, args)
			}
			return nil
		}})
		h.step(r, true)
		h.step(r, false)
		if have := h.row("1 = 1"); ran != 1 || have.state != "done" || have.tries != 1 || have.done != rig.Start.UnixMicro() {
			h.Errorf("ran %d times, %+v", ran, have)
		}
	})
}

func TestJobIsNotRunBeforeItsTime(t *testing.T) {
	each(t, func(h *house) {
		err := h.g.Act(access.With(h.Context(), access.System("test")), "test.leave", "", func(tx *gate.Tx) error {
			return tx.Later("greet", tx.Now.Add(time.Minute), "", nil)
		})
		if err != nil {
			h.Fatal(err)
		}
		r := h.runner(map[string]job.Handler{"greet": func(context.Context, ref.ID, json.RawMessage) error { return nil }})
		h.step(r, false)
		h.clock.pass(time.Minute)
		h.step(r, true)
	})
}

func TestJobThatFailsIsTriedLaterAndParkedAtLast(t *testing.T) {
	each(t, func(h *house) {
		h.leave("send", "", nil)
		r := h.runner(map[string]job.Handler{"send": func(context.Context, ref.ID, json.RawMessage) error { return errors.New("the server is away") }})
		for try := 1; try < job.MaxTries; try++ {
			h.step(r, true)
			have := h.row("1 = 1")
			pause, usual := time.Duration(have.runAt-h.clock.us.Load())*time.Microsecond, time.Second<<try
			if have.state != "ready" || have.said != "the server is away" || pause < usual*3/4 || pause > usual*5/4 {
				h.Fatalf("try %d: %+v, pause %s, want about %s", try, have, pause, usual)
			}
			h.clock.pass(pause - time.Microsecond)
			h.step(r, false)
			h.clock.pass(time.Microsecond)
		}
		h.step(r, true)
		h.clock.pass(24 * time.Hour)
		h.step(r, false)
		if have := h.row("1 = 1"); have.state != "parked" || have.tries != job.MaxTries {
			h.Errorf("have %+v, want it parked", have)
		}
	})
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 5, 12, 13, 60, 1000} {
		usual := min(time.Hour, time.Second<<min(n, 12))
		for range 100 {
			if have := job.Backoff(n); have < usual*3/4 || have > usual*5/4 {
				t.Fatalf("after try %d: %s, want about %s", n, have, usual)
			}
		}
	}
}

func TestJobThatCannotBeMendedIsParkedAtOnce(t *testing.T) {
	each(t, func(h *house) {
		for kind, fail := range map[string]func() error{
			"hopeless": func() error { return &fault.Fault{Kind: job.Hopeless, Says: "no such address"} },
			"wrapped":  func() error { return fmt.Errorf("send: %w", job.Hopeless) },
		} {
			h.leave(kind, "", nil)
			h.step(h.runner(map[string]job.Handler{kind: func(context.Context, ref.ID, json.RawMessage) error { return fail() }}), true)
			if have := h.row("kind = '" + kind + "'"); have.state != "parked" || have.tries != 1 || have.said == "" {
				h.Errorf("%s: %+v, want it parked", kind, have)
			}
		}
	})
}

func TestPanicAndUnknownKindAreFailures(t *testing.T) {
	each(t, func(h *house) {
		r := h.runner(map[string]job.Handler{"panics": func(context.Context, ref.ID, json.RawMessage) error { panic("boom") }})
		for kind, says := range map[string]string{"panics": "panic: boom", "unknown": "no handler"} {
			h.leave(kind, "", nil)
			h.step(r, true)
			if have := h.row("kind = '" + kind + "'"); have.state != "ready" || !strings.Contains(have.said, says) {
				h.Errorf("%s: %+v", kind, have)
			}
		}
	})
}

// begun is a job that a runner has begun and does not end before end is closed.
type begun struct {
	id   ref.ID
	ctx  context.Context
	end  chan struct{}
	done chan error
}

func (h *house) begin(r *job.Runner, kind string) *begun {
	h.Helper()
	b := &begun{end: make(chan struct{}), done: make(chan error, 1)}
	started := make(chan struct{})
	r.Handlers = map[string]job.Handler{kind: func(ctx context.Context, id ref.ID, _ json.RawMessage) error {
		b.id, b.ctx = id, ctx
		close(started)
		<-b.end
		return errors.New("too late")
	}}
	go func() {
		_, err := r.Step(context.WithoutCancel(h.Context()))
		b.done <- err
	}()
	<-started
	return b
}

func TestAnotherWorkerTakesOverWhenOneFallsSilent(t *testing.T) {
	each(t, func(h *house) {
		h.leave("send", "", nil)
		silent := h.begin(h.runner(nil), "send")
		var second ref.ID
		r := h.runner(map[string]job.Handler{"send": func(_ context.Context, id ref.ID, _ json.RawMessage) error { second = id; return nil }})
		h.step(r, false)
		h.clock.pass(time.Hour)
		h.step(r, true)
		close(silent.end)
		if err := <-silent.done; err != nil {
			h.Error(err)
		}
		if have := h.row("1 = 1"); second != silent.id || have.state != "done" || have.tries != 2 || have.said != "" {
			h.Errorf("ran %s, then %s: %+v; what the silent one says late must not count", silent.id, second, have)
		}
	})
}

func TestWorkerMayTakeOverFromItself(t *testing.T) {
	each(t, func(h *house) {
		h.leave("send", "", nil)
		r := h.runner(nil)
		first := h.begin(r, "send")
		h.clock.pass(time.Hour)
		second := h.begin(r, "send")
		close(first.end)
		if err := <-first.done; err != nil {
			h.Error(err)
		}
		if have := h.row("1 = 1"); have.state != "running" || have.tries != 2 {
			h.Errorf("the first try settled the second: %+v", have)
		}
		close(second.end)
		if err := <-second.done; err != nil {
			h.Error(err)
		}
		if have := h.row("1 = 1"); have.state != "ready" || have.said != "too late" {
			h.Errorf("have %+v", have)
		}
	})
}

func TestHandlerEndsWhenItsLeaseIsLost(t *testing.T) {
	each(t, func(h *house) {
		h.leave("send", "", nil)
		slow := h.runner(nil)
		slow.Lease = 30 * time.Millisecond // its renewals follow the real clock
		b := h.begin(slow, "send")
		other := h.runner(map[string]job.Handler{"send": func(context.Context, ref.ID, json.RawMessage) error { return nil }})
		for took := false; !took; { // a renewal may come between
			h.clock.pass(time.Second)
			var err error
			if took, err = other.Step(h.Context()); err != nil {
				h.Fatal(err)
			}
		}
		<-b.ctx.Done()
		close(b.end)
		<-b.done
	})
}

func TestLeaseIsRenewedWhileTheHandlerRuns(t *testing.T) {
	each(t, func(h *house) {
		h.leave("send", "", nil)
		slow := h.runner(nil)
		slow.Lease = 30 * time.Millisecond
		b := h.begin(slow, "send")
		first := h.row("1 = 1").lease
		h.clock.pass(20 * time.Millisecond)
		for h.row("1 = 1").lease == first { // until the next renewal
			h.clock.pass(time.Microsecond)
		}
		h.clock.us.Store(first + 1)
		h.step(h.runner(map[string]job.Handler{}), false)
		close(b.end)
		<-b.done
	})
}

func TestJobThatEndsItsProcessEachTimeIsParked(t *testing.T) {
	each(t, func(h *house) {
		h.leave("poison", "", nil)
		for range job.MaxTries {
			r := h.runner(nil)
			b := h.begin(r, "poison")
			defer func() { close(b.end); <-b.done }() // as if the process had gone
			h.clock.pass(time.Hour)
		}
		h.step(h.runner(map[string]job.Handler{"poison": func(context.Context, ref.ID, json.RawMessage) error {
			h.Error("it ran again")
			return nil
		}}), true)
		if have := h.row("1 = 1"); have.state != "parked" || !strings.Contains(have.said, "fell silent") {
			h.Errorf("have %+v, want it parked", have)
		}
	})
}

func TestOnceKeepsOneWaiting(t *testing.T) {
	each(t, func(h *house) {
		h.leave("mail", "to-ada", 1)
		h.leave("mail", "to-ada", 2)
		h.leave("mail", "to-bob", 3)
		h.leave("note", "to-ada", 4)
		var ran []string
		note := func(_ context.Context, _ ref.ID, args json.RawMessage) error {
			ran = append(ran, string(args))
			return nil
		}
		r := h.runner(map[string]job.Handler{"mail": note, "note": note})
		for range 3 {
			h.step(r, true)
		}
		h.step(r, false)
		if len(ran) != 3 || strings.Contains(strings.Join(ran, " "), "2") {
			h.Errorf("ran %v, want 1, 3 and 4", ran)
		}
		h.leave("mail", "to-ada", 5)
		h.step(r, true)
	})
}

func TestFailedJobGivesWayToTheSameThatWaits(t *testing.T) {
	each(t, func(h *house) {
		h.leave("mail", "to-ada", 1)
		b := h.begin(h.runner(nil), "mail")
		h.leave("mail", "to-ada", 2)
		close(b.end)
		if err := <-b.done; err != nil {
			h.Error(err)
		}
		if have := h.row("state = 'done'"); !strings.Contains(have.said, "too late") || have.tries != 1 {
			h.Errorf("the failed one: %+v", have)
		}
		if have := h.row("state = 'ready' and args = '2'"); have.tries != 0 {
			h.Errorf("the one that waits: %+v", have)
		}
	})
}

func TestTwoRunnersNeverRunAJobAtOnce(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, url string) {
		const jobs = 150
		h := &house{T: t, d: d, clock: newClock(), wake: func() {}}
		h.g = gate.New(gate.Config{DB: d, Grants: access.Grants{}, Now: h.clock.now, Wake: func() { h.wake() }})
		for i := range jobs {
			h.leave("count", "", i)
		}
		var mu sync.Mutex
		ran := map[string]int{}
		all := make(chan struct{})
		count := func(_ context.Context, _ ref.ID, args json.RawMessage) error {
			mu.Lock()
			defer mu.Unlock()
			if ran[string(args)]++; len(ran) == jobs {
				select {
				case <-all:
				default:
					close(all)
				}
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 2 {
			r := h.runner(map[string]job.Handler{"count": count})
			r.DB = rig.OpenDB(t, url) // as another process would
			wg.Go(func() { r.Run(ctx) })
		}
		<-all
		cancel()
		wg.Wait()
		for args, n := range ran {
			if n != 1 {
				t.Errorf("job %s ran %d times", args, n)
			}
		}
	})
}

func TestWakeBringsAllWorkersToWork(t *testing.T) {
	each(t, func(h *house) {
		var together sync.WaitGroup
		together.Add(4)
		met := func(context.Context, ref.ID, json.RawMessage) error {
			together.Done()
			together.Wait() // all four are at work at once
			return nil
		}
		r := h.runner(map[string]job.Handler{"meet": met})
		h.wake = r.Wake
		ctx, cancel := context.WithCancel(h.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		for range 4 {
			h.leave("meet", "", nil)
		}
		together.Wait()
		cancel()
		<-ended
		h.step(r, false)
	})
}

func TestRunEndsAfterWhatItHasBegun(t *testing.T) {
	each(t, func(h *house) {
		h.leave("slow", "", nil)
		started, end := make(chan struct{}), make(chan struct{})
		r := h.runner(map[string]job.Handler{"slow": func(ctx context.Context, _ ref.ID, _ json.RawMessage) error {
			close(started)
			<-end
			return ctx.Err()
		}})
		ctx, cancel := context.WithCancel(h.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		<-started
		cancel()
		select {
		case <-ended:
			h.Error("Run ended while a job was under way")
		default:
		}
		close(end)
		<-ended
		if have := h.row("1 = 1"); have.state != "done" {
			h.Errorf("have %+v, want it done", have)
		}
	})
}
