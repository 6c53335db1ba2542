package rig

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"tocsin/internal/db"
)

// A database costs PostgreSQL more to make and to drop than most tests cost to run.
// So a server keeps some, each migrated once; a test takes one that nobody has, by
// an advisory lock that ends with it however it ends, and begins by emptying it.
// One whose schema is not as it was migrated, as a test changed it, is made anew.

// poolSize is how many databases a server keeps at most; more tests than that do
// not run at a time.
const poolSize = 64

// poolNumber is the first of the advisory locks by which the databases are taken.
const poolNumber = 8420_1000

// grown takes an empty, migrated database on the server that TEST_POSTGRES names
// and returns its address; without one the test is skipped.
func grown(t testing.TB) string {
	t.Helper()
	admin := server(t)
	t.Cleanup(func() { admin.Close() }) // which gives the database back
	admin.SetMaxOpenConns(1)            // the lock is one connection's
	name, err := take(t.Context(), admin)
	if err == nil {
		err = tidy(t.Context(), admin, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return onServer(name)
}

// take takes the first database that nobody has.
func take(ctx context.Context, admin *sql.DB) (name string, err error) {
	schema := db.Schema(db.Postgres)[:12]
	for i := range poolSize {
		var mine bool
		name = fmt.Sprintf("tocsin_%s_%d", schema, i)
		if err := admin.QueryRowContext(ctx, takeDatabase, int64(poolNumber+i)).Scan(&mine); err != nil || mine {
			return name, err
		}
	}
	return "", fmt.Errorf("all %d databases of the server are taken", poolSize)
}

// tidy brings a database to where Migrate leaves a new one.
func tidy(ctx context.Context, admin *sql.DB, name string) error {
	var n int
	if err := admin.QueryRowContext(ctx, countDatabases, name).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		if _, err := admin.ExecContext(ctx, endOthers, name); err != nil {
			return err
		}
		if empty(ctx, name) == nil {
			return nil
		}
		if _, err := admin.ExecContext(ctx, "drop database "+name+" with (force)"); err != nil {
			return err
		}
	}
	if _, err := admin.ExecContext(ctx, "create database "+name); err != nil {
		return err
	}
	return errors.Join(migrate(onServer(name)), within(name, func(own *sql.DB) error {
		_, err := own.ExecContext(ctx, keepShape)
		return err
	}))
}

// empty empties all tables, and fails where the schema is not as it was.
func empty(ctx context.Context, name string) error {
	return within(name, func(own *sql.DB) error {
		_, err := own.ExecContext(ctx, emptyTables)
		return err
	})
}

func within(name string, do func(own *sql.DB) error) error {
	own, err := sql.Open("pgx", onServer(name))
	if err != nil {
		return err
	}
	defer own.Close()
	return do(own)
}
