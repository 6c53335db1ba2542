package demo

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"tocsin/internal/access"
)

// story is one thread of what happens: it acts, waits for a later moment, acts
// again. Stories take turns in the order of their moments, so that all of them
// share one clock and the audit log reads as it would have been written.
type story struct {
	t     *town
	what  string // for errors
	begin time.Time
	at    time.Time // of the next act
	err   error     // after one, nothing is done any more
	yield func(time.Time) bool

	row *Row
	n   int // number of the row
	bound

	passed float64 // days of the steps so far
}

// errOver ends a story whose next act lies in the future.
var errOver = errors.New("that has not happened yet")

// turn is a story that waits for its moment.
type turn struct {
	at   time.Time
	n    int // in the order of telling, where moments are equal
	next func() (time.Time, bool)
	s    *story
}

type turns []*turn

func (q turns) Len() int { return len(q) }
func (q turns) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].n < q[j].n
	}
	return q[i].at.Before(q[j].at)
}
func (q turns) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *turns) Push(x any)   { *q = append(*q, x.(*turn)) }
func (q *turns) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// tell adds a story that begins at its moment.
func (t *town) tell(s *story, run func(*story)) {
	s.t, s.at = t, s.begin
	next, _ := iter.Pull(func(yield func(time.Time) bool) {
		s.yield = yield
		run(s)
	})
	t.told++
	heap.Push(&t.turns, &turn{at: s.begin, n: t.told, next: next, s: s})
}

// live lets every story have its turns until the present.
func (t *town) live() error {
	for t.turns.Len() > 0 {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		u := heap.Pop(&t.turns).(*turn)
		t.pass(u.at)
		at, more := u.next()
		if err := u.s.err; err != nil && !errors.Is(err, errOver) {
			return fmt.Errorf("%s: %w", u.s.what, err)
		}
		if err := t.work(); err != nil {
			return err
		}
		if more {
			u.at = at
			heap.Push(&t.turns, u)
		}
	}
	t.pass(t.end)
	return t.work()
}

// work does the jobs that the turn left, as the workers would have.
func (t *town) work() error {
	for {
		more, err := t.h.Jobs.Step(t.ctx)
		if err != nil || !more {
			return err
		}
	}
}

// clock is the moment at which the demonstration stands; no two acts are at one
// instant.
func (t *town) clock() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = t.now.Add(time.Microsecond)
	return t.now
}

// pass moves the clock on; it never goes back.
func (t *town) pass(to time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if to.After(t.now) {
		t.now = to
	}
}

// wait ends the turn until the moment that lies so many days after the story's
// beginning. One that lies in the future ends the story.
func (s *story) wait(days float64) { s.until(s.begin.Add(span(days))) }

// office is wait until a moment at which people work.
func (s *story) office(days float64) { s.until(workday(s.begin.Add(span(days)), s.n)) }

func (s *story) until(at time.Time) {
	if s.err != nil {
		return
	}
	if at.Before(s.at) {
		at = s.at.Add(7 * time.Minute)
	}
	if s.at = at; at.After(s.t.end) {
		s.err = errOver
		return
	}
	s.yield(at)
}

// do acts as one of the people; what it was stands in the error.
func (s *story) do(who, what string, act func(ctx context.Context) error) {
	if s.err != nil {
		return
	}
	ctx, err := s.t.as(who)
	if err == nil {
		err = act(ctx)
	}
	if err != nil {
		s.err = fmt.Errorf("%s by %s: %w", what, who, err)
	}
}

// doOutside acts as the story's reporter.
func (s *story) doOutside(what string, act func(ctx context.Context) error) {
	if s.err != nil {
		return
	}
	if err := act(access.With(s.t.ctx, s.reporter)); err != nil {
		s.err = fmt.Errorf("%s by the reporter: %w", what, err)
	}
}

func span(days float64) time.Duration { return time.Duration(days * 24 * float64(time.Hour)) }

// workday moves a moment out of the night and the weekend.
func workday(at time.Time, n int) time.Time {
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.Add(24 * time.Hour)
	}
	minutes := time.Duration((n*37+at.YearDay()*11)%53) * time.Minute
	switch h := at.Hour(); {
	case h < 8:
		return at.Truncate(24 * time.Hour).Add(8*time.Hour + minutes)
	case h >= 17:
		return at.Truncate(24 * time.Hour).Add(16*time.Hour + minutes)
	}
	return at
}
