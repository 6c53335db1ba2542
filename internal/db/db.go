// Package db is the engine room: connections, transactions, the schema and the
// few words on which SQLite and PostgreSQL differ. It knows no domain, no actor
// and no rule; only gate, job and the wiring hold a DB.
//
// All SQL of the house is written once, in PostgreSQL's words, and kept to what
// both engines say alike. What remains is in flavor.go.
//
// On SQLite there is one writer: a goroutine that takes the waiting writes, runs
// each in a savepoint of its own and commits them together, with
// synchronous=FULL. A write returns only after that commit. Readers are a pool of
// connections on which the engine refuses every write.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"tocsin/internal/fault"
)

// DB is an open database.
type DB struct {
	Engine Engine
	Watch  func(q string) // told of every statement of the house before it runs, where not nil; set it before use

	read    *sql.DB
	write   *sql.DB
	readers *readers // SQLite only
	writer  *writer  // SQLite only
}

// Throwaway is what a path ends with where the store need not outlive a crash of
// the machine: the demonstration's. Its commits do not wait for the disk.
const Throwaway = "?throwaway"

// Open connects to "postgres://…" or to a SQLite file named by a path or by
// "sqlite:PATH". It does not bring the schema up; see Migrate.
func Open(ctx context.Context, url string) (*DB, error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return openPostgres(ctx, url)
	}
	if scheme, _, ok := strings.Cut(url, "://"); ok {
		return nil, fault.New(fault.Invalid, "the database address starts with %q; write postgres://user@host/name or the path of a SQLite file", scheme)
	}
	return openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"))
}

func openPostgres(ctx context.Context, url string) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the database address cannot be read: %v", err)
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, withoutJIT)
		return err
	}))
	pool.SetMaxOpenConns(max(8, 4*runtime.NumCPU()))
	pool.SetMaxIdleConns(max(8, 4*runtime.NumCPU()))
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, &fault.Fault{Kind: fault.Unavailable, Says: "PostgreSQL does not answer at the given address; check that it runs and that user, password and database name are right", Err: err}
	}
	return &DB{Engine: Postgres, read: pool, write: pool}, nil
}

const pragmas = "_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=temp_store(memory)&_pragma=mmap_size(0)&_pragma=wal_autocheckpoint(4000)"

func openSQLite(ctx context.Context, path string) (*DB, error) {
	path, careless := strings.CutSuffix(path, Throwaway)
	dsn := "file:" + escapePath(path) + "?" + pragmas
	const readCache, writeCache = "&_pragma=cache_size(-6000)", "&_pragma=cache_size(-16000)" // KiB a connection; the system keeps the file too
	if careless {
		dsn = strings.Replace(dsn, "synchronous(full)", "synchronous(off)", 1)
	}
	d := &DB{Engine: SQLite}
	var err error
	if d.write, err = sql.Open("sqlite", dsn+writeCache); err != nil {
		return nil, err
	}
	d.write.SetMaxOpenConns(1)
	private(path)
	if err := d.write.PingContext(ctx); err != nil {
		d.write.Close()
		return nil, &fault.Fault{Kind: fault.Invalid, Says: fmt.Sprintf("the store %s cannot be opened; check that its folder exists, that you may write there, and that the file is a SQLite database", path), Err: err}
	}
	if d.read, err = sql.Open("sqlite", dsn+readCache+"&_pragma=query_only(1)"); err != nil {
		return nil, err
	}
	n := max(4, runtime.NumCPU())
	d.read.SetMaxOpenConns(n)
	d.readers = newReaders(d.read, n)
	d.writer, err = newWriter(d.write, &d.Watch)
	return d, err
}

// private makes a new store's file one that only its owner may read; the log and
// the index beside it are given the same rights. What is in the way is said when
// the store is opened.
func private(path string) {
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		_ = f.Close() // nothing was written
	}
}

func escapePath(p string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(p)
}

// Close finishes the waiting writes and closes the connections.
func (d *DB) Close() error {
	if d.writer != nil {
		d.writer.close()
		d.readers.close()
	}
	d.read.Close()
	return d.write.Close()
}

// Tx is an open transaction in the words of the house.
type Tx struct {
	Engine Engine
	run    runner
	watch  func(q string)
}

// Last runs a statement at the end of the transaction, after all that fn does. On
// SQLite that is after all writes that share the commit: the full-text index
// writes itself out at every savepoint, and so does it once for them together.
// Where it goes wrong then, it goes wrong for all of them.
func (t *Tx) Last(ctx context.Context, q string, args ...any) error {
	t.saw(q)
	if w, ok := t.run.(*writer); ok {
		w.last = append(w.last, statement{q, args})
		return nil
	}
	_, err := t.run.exec(ctx, q, args)
	return known(err)
}

// runner runs one statement, prepared where that pays.
type runner interface {
	query(ctx context.Context, q string, args []any) (*sql.Rows, error)
	exec(ctx context.Context, q string, args []any) (sql.Result, error)
}

// readOnly makes a transaction of PostgreSQL one snapshot that cannot write. A
// connection of SQLite's readers is so by itself, under "query_only".
var readOnly = &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}

// Read runs fn in a read-only transaction: a snapshot that cannot write.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if d.readers != nil {
		return known(d.readers.do(ctx, d.Watch, fn))
	}
	tx, err := d.read.BeginTx(ctx, readOnly)
	if err != nil {
		return known(err)
	}
	defer tx.Rollback()
	if err := fn(&Tx{d.Engine, &plain{tx}, d.Watch}); err != nil {
		return known(err)
	}
	return known(tx.Commit())
}

// Write runs fn in a transaction and returns after it is durable. fn may run on
// another goroutine; it must not start another transaction.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if d.writer != nil {
		return known(d.writer.do(ctx, fn))
	}
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return known(err)
	}
	defer tx.Rollback()
	if err := fn(&Tx{d.Engine, &plain{tx}, d.Watch}); err != nil {
		return known(err)
	}
	return known(tx.Commit())
}

func (t *Tx) saw(q string) {
	if t.watch != nil {
		t.watch(q)
	}
}

// Query runs a SELECT.
func (t *Tx) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	t.saw(q)
	rows, err := t.run.query(ctx, q, args)
	return rows, known(err)
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, q string, args ...any) (int64, error) {
	t.saw(q)
	res, err := t.run.exec(ctx, q, args)
	if err != nil {
		return 0, known(err)
	}
	return res.RowsAffected()
}

// plain runs on a transaction of PostgreSQL, whose driver caches statements.
type plain struct{ tx *sql.Tx }

func (p *plain) query(ctx context.Context, q string, args []any) (*sql.Rows, error) {
	return p.tx.QueryContext(ctx, q, args...)
}

func (p *plain) exec(ctx context.Context, q string, args []any) (sql.Result, error) {
	return p.tx.ExecContext(ctx, q, args...)
}

// maxStmts is how many prepared statements one connection of SQLite keeps.
const maxStmts = 500
