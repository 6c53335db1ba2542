// Package job runs what was left for later: rows of the table jobs, inserted in
// the transaction that wants them. A worker leases a job, runs its handler as a
// system actor through the same operations as anybody, and tries again with
// back-off when it fails; after the last try the job is parked, visibly, until a
// person retries it. Delivery is at least once: a handler may run twice.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// Handler does one kind of job. id is the same at every try, so that an outside
// effect can be made only once.
type Handler func(ctx context.Context, id ref.ID, args json.RawMessage) error

// Runner claims ready jobs and runs their handlers.
type Runner struct {
	DB       *db.DB
	Now      func() time.Time
	Handlers map[string]Handler
	Workers  int           // jobs at a time; 0 means 4
	Lease    time.Duration // how long a worker may be silent before another takes over; 0 means 12 s
	Poll     time.Duration // how often to look without being woken; 0 means 1 s
	Log      *slog.Logger

	name string
	wake chan struct{}
	once sync.Once
}

// MaxTries is how often a job is tried before it is parked.
const MaxTries = 8

// drainTime is how long a handler may go on after the worker was asked to stop.
const drainTime = 20 * time.Second

type leased struct {
	id, kind, args string
	tries          int
}

func (r *Runner) ready() {
	r.once.Do(func() {
		r.name, r.wake = string(ref.New("worker")), make(chan struct{}, 1)
		if r.Workers == 0 {
			r.Workers = 4
		}
		if r.Lease == 0 {
			r.Lease = 12 * time.Second
		}
		if r.Poll == 0 {
			r.Poll = time.Second
		}
		if r.Log == nil {
			r.Log = slog.Default()
		}
	})
}

// Wake makes a waiting worker look now. It never blocks.
func (r *Runner) Wake() {
	r.ready()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then finishes what it has begun.
func (r *Runner) Run(ctx context.Context) {
	r.ready()
	var wg sync.WaitGroup
	for range r.Workers {
		wg.Go(func() { r.work(ctx) })
	}
	wg.Wait()
}

func (r *Runner) work(ctx context.Context) {
	tick := time.NewTicker(r.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		more, err := r.Step(ctx)
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("job: cannot claim", "err", err)
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// Step claims and runs one job; it reports whether there was one.
func (r *Runner) Step(ctx context.Context) (bool, error) {
	r.ready()
	j, err := r.claim(ctx)
	if err != nil || j == nil {
		return false, err
	}
	r.Wake() // a neighbour may find another, now and not after this one is done: several wakes may have come as one
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, cancel) }) // a drain gives it time to finish
	defer stop()
	done := make(chan struct{})
	go r.keep(work, cancel, j, done)
	err = r.handle(work, j)
	close(done)
	return true, r.settle(context.WithoutCancel(ctx), j, err)
}

// handle runs the handler; its panic is an error like any other.
func (r *Runner) handle(ctx context.Context, j *leased) (err error) {
	if j.tries > MaxTries {
		return &fault.Fault{Kind: Hopeless, Says: "its worker fell silent at every try; what it does may be what ends the process"}
	}
	h, ok := r.Handlers[j.kind]
	if !ok {
		return fmt.Errorf("no handler for jobs of kind %s", j.kind)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return h(access.With(ctx, access.System(j.kind)), ref.ID(j.id), json.RawMessage(j.args))
}

// keep renews the lease while the handler runs. Where another worker has taken
// the job over, it ends the handler: what that one does would be done twice.
func (r *Runner) keep(ctx context.Context, end context.CancelFunc, j *leased, done <-chan struct{}) {
	tick := time.NewTicker(r.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			held, err := r.renew(ctx, j)
			if err != nil {
				r.Log.Warn("job: cannot renew the lease", "job", j.id, "err", err)
			} else if !held {
				end()
				return
			}
		}
	}
}

func (r *Runner) renew(ctx context.Context, j *leased) (held bool, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, renewLease, us(r.Now().Add(r.Lease)), j.id, r.name, j.tries)
		held = n > 0
		return err
	})
	return held, err
}

// claim leases the job that has waited longest, or one whose worker fell silent.
func (r *Runner) claim(ctx context.Context) (*leased, error) {
	now := r.Now()
	if some, err := r.waiting(ctx, now); err != nil || !some {
		return nil, err
	}
	var j *leased
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		j = nil
		rows, err := tx.Query(ctx, claimJob, us(now), us(now.Add(r.Lease)), r.name)
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			j = &leased{}
			if err := rows.Scan(&j.id, &j.kind, &j.args, &j.tries); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return j, err
}

// waiting looks without writing, so that an idle house does not touch its disk.
func (r *Runner) waiting(ctx context.Context, now time.Time) (some bool, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, anyReady, us(now))
		if err != nil {
			return err
		}
		defer rows.Close()
		some = rows.Next()
		return rows.Err()
	})
	return some, err
}

// settle records how it went.
func (r *Runner) settle(ctx context.Context, j *leased, failed error) error {
	now := r.Now()
	state, runAt, said := "done", now, ""
	if failed != nil {
		state, runAt, said = r.after(j, failed, now)
		r.Log.Warn("job: failed", "job", j.id, "kind", j.kind, "try", j.tries, "then", state, "err", failed)
	}
	err := r.write(ctx, j, state, runAt, said, now)
	if errors.Is(err, fault.Conflict) && state == "ready" {
		// meanwhile another with the same once-key was left, and will do it
		return r.write(ctx, j, "done", now, said+" (left to the one that was asked for after it)", now)
	}
	return err
}

func (r *Runner) write(ctx context.Context, j *leased, state string, runAt time.Time, said string, now time.Time) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, settleJob, state, us(runAt), said, us(now), j.id, r.name, j.tries)
		return err
	})
}

func (r *Runner) after(j *leased, failed error, now time.Time) (state string, runAt time.Time, said string) {
	said = failed.Error()
	if errors.Is(failed, Hopeless) || j.tries >= MaxTries {
		return "parked", now, said
	}
	return "ready", now.Add(Backoff(j.tries)), said
}

// Hopeless marks a failure that another try cannot mend; the job is parked at once.
const Hopeless fault.Kind = "hopeless"

// Backoff is the pause after the n-th try: 2 s, 4 s, 8 s … at most an hour, give
// or take a quarter so that a crowd does not return together.
func Backoff(n int) time.Duration {
	d := min(time.Hour, time.Second<<min(n, 12))
	return d*3/4 + rand.N(d/2)
}

func us(t time.Time) int64 { return t.UnixMicro() }
