package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"tocsin/internal/fault"
)

// maxBatch is how many writes share one commit.
const maxBatch = 128

// writer is the one writer of a SQLite store. The writes that came while the commit
// before them was under way, or come while these run, share one commit.
type writer struct {
	conn  *sql.Conn
	queue chan *request
	done  chan struct{}
	stmts map[string]*sql.Stmt
	watch *func(q string)
	last  []statement // of the batch under way, to run before its commit

	mu     sync.RWMutex // held for reading while sending into queue
	closed bool
}

// statement is one that waits.
type statement struct {
	q    string
	args []any
}

type request struct {
	ctx   context.Context
	fn    func(*Tx) error
	err   error
	panic any
	ready chan struct{}
}

func newWriter(pool *sql.DB, watch *func(string)) (*writer, error) {
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, watch: watch, queue: make(chan *request, 4*maxBatch), done: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	go w.loop()
	return w, nil
}

func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
}

// do hands fn to the writer and waits until it is committed or refused.
func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	r := &request{ctx: ctx, fn: fn, ready: make(chan struct{})}
	if err := w.send(r); err != nil {
		return err
	}
	<-r.ready
	if r.panic != nil {
		panic(r.panic)
	}
	return r.err
}

func (w *writer) send(r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fault.New(fault.Unavailable, "the store is closing; try again in a moment")
	}
	select {
	case w.queue <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.done)
	defer w.conn.Close()
	defer func() { closeAll(w.stmts) }()
	for r := range w.queue {
		batch := w.commit(r)
		for _, r := range batch {
			close(r.ready)
		}
	}
}

// next is a request that waits now, if any does.
func (w *writer) next() *request {
	select {
	case r := <-w.queue: // nil where it is closed
		return r
	default:
		return nil
	}
}

// commit runs a request in a transaction, and with it those that wait or come while
// it runs; it returns them all. Statements are not cancelled by their caller's
// context: an interrupted write would take its neighbours along.
func (w *writer) commit(r *request) (batch []*request) {
	ctx := context.Background()
	if _, err := w.exec(ctx, "begin immediate", nil); err != nil {
		for ; r != nil && len(batch) < maxBatch; r = w.next() {
			batch = append(batch, r)
		}
		failAll(batch, err)
		return batch
	}
	changed := false
	w.last = w.last[:0]
	for ; r != nil; r = w.next() {
		batch = append(batch, r)
		if r.err = r.ctx.Err(); r.err == nil {
			if lost := w.savepoint(ctx, r); lost != nil {
				w.exec(ctx, "rollback", nil)
				failAll(batch, lost)
				return batch
			}
			changed = changed || r.err == nil
		}
		if len(batch) == maxBatch {
			break
		}
	}
	if err := w.end(ctx, changed); err != nil {
		w.exec(ctx, "rollback", nil)
		failAll(batch, err)
	}
	return batch
}

// end commits the batch with what was left for its end, or gives up one that
// changed nothing.
func (w *writer) end(ctx context.Context, changed bool) error {
	if !changed {
		_, err := w.exec(ctx, "rollback", nil)
		return err
	}
	for _, s := range w.last {
		if _, err := w.exec(ctx, s.q, s.args); err != nil {
			return err
		}
	}
	_, err := w.exec(ctx, "commit", nil)
	return err
}

// failAll gives every write of a lost batch the error, unless it has its own.
func failAll(batch []*request, err error) {
	for _, r := range batch {
		if r.err == nil {
			r.err = fmt.Errorf("commit: %w", err)
		}
	}
}

// savepoint runs one request. It returns an error when the whole transaction is
// lost, as the engine decides for a full disk.
func (w *writer) savepoint(ctx context.Context, r *request) error {
	if _, err := w.exec(ctx, "savepoint one", nil); err != nil {
		return err
	}
	before := len(w.last)
	r.err = w.guarded(r)
	if r.err == nil {
		_, err := w.exec(ctx, "release one", nil)
		return err
	}
	w.last = w.last[:before]
	if _, err := w.exec(ctx, "rollback to one", nil); err != nil {
		return errors.Join(r.err, err)
	}
	_, err := w.exec(ctx, "release one", nil)
	return err
}

func (w *writer) guarded(r *request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.panic, err = p, fmt.Errorf("panic: %v", p)
		}
	}()
	return r.fn(&Tx{SQLite, w, *w.watch})
}

func (w *writer) query(_ context.Context, q string, args []any) (*sql.Rows, error) {
	st, err := w.prepared(q)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.Background(), args...)
}

func (w *writer) exec(_ context.Context, q string, args []any) (sql.Result, error) {
	st, err := w.prepared(q)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(context.Background(), args...)
}

func (w *writer) prepared(q string) (*sql.Stmt, error) {
	if st := w.stmts[q]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(context.Background(), SQLite.say(q))
	if err != nil {
		return nil, err
	}
	if len(w.stmts) >= maxStmts {
		for _, old := range w.stmts {
			old.Close()
		}
		clear(w.stmts)
	}
	w.stmts[q] = st
	return st, nil
}
