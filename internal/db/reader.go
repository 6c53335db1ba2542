package db

import (
	"context"
	"database/sql"
	"fmt"
)

// readers are the connections that read a SQLite store. Each keeps its own
// prepared statements: one that is prepared for the pool as a whole would need a
// second connection in the middle of a transaction, and when all are in a
// transaction they would wait for each other for ever.
type readers struct {
	pool *sql.DB
	free chan *reader
}

// reader is one connection; its conn is nil until it is first needed.
type reader struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newReaders(pool *sql.DB, n int) *readers {
	r := &readers{pool: pool, free: make(chan *reader, n)}
	for range n {
		r.free <- &reader{}
	}
	return r
}

// do runs fn in a snapshot of its own. Reading leaves nothing to commit, so the
// transaction is rolled back however it ends.
func (rs *readers) do(ctx context.Context, watch func(string), fn func(*Tx) error) error {
	var r *reader
	select {
	case r = <-rs.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { rs.free <- r }()
	if err := r.begin(ctx, rs.pool); err != nil {
		return err
	}
	defer r.end()
	return fn(&Tx{SQLite, r, watch})
}

// close waits for the snapshots that are open and closes the connections, so that
// the last of them brings the log home into the store's own file.
func (rs *readers) close() {
	all := make([]*reader, cap(rs.free))
	for i := range all {
		if all[i] = <-rs.free; all[i].conn != nil {
			all[i].drop()
		}
	}
	rs.pool.Close()
	for _, r := range all {
		rs.free <- r // whoever reads now is told that the store is closed
	}
}

func (r *reader) begin(ctx context.Context, pool *sql.DB) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.conn == nil {
		if r.conn, err = pool.Conn(ctx); err != nil {
			return err
		}
		r.stmts = map[string]*sql.Stmt{}
	}
	_, err = r.exec(context.WithoutCancel(ctx), "begin", nil)
	if err != nil {
		r.drop()
	}
	return err
}

// end leaves the snapshot; a connection that cannot is given up.
func (r *reader) end() {
	if _, err := r.exec(context.Background(), "rollback", nil); err != nil {
		r.drop()
	}
}

func (r *reader) drop() {
	closeAll(r.stmts)
	r.conn.Close() // what it says does not matter: the connection is of no use
	r.conn = nil
}

func (r *reader) query(ctx context.Context, q string, args []any) (*sql.Rows, error) {
	st, err := r.prepared(ctx, q)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (r *reader) exec(ctx context.Context, q string, args []any) (sql.Result, error) {
	st, err := r.prepared(ctx, q)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

func (r *reader) prepared(ctx context.Context, q string) (*sql.Stmt, error) {
	if st := r.stmts[q]; st != nil {
		return st, nil
	}
	st, err := r.conn.PrepareContext(ctx, SQLite.say(q))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if len(r.stmts) >= maxStmts {
		closeAll(r.stmts)
	}
	r.stmts[q] = st
	return st, nil
}

// closeAll closes prepared statements; one that is still read from closes after it.
// A connection whose statements are open stays, and with it the store's log.
func closeAll(stmts map[string]*sql.Stmt) {
	for _, st := range stmts {
		st.Close()
	}
	clear(stmts)
}
