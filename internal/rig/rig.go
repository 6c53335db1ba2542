// Package rig sets up a whole house for a test, on each engine. Only tests use it.
package rig

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/ref"
)

// EachDB runs test on an empty, migrated store of each engine: SQLite always,
// PostgreSQL where TEST_POSTGRES names a server.
func EachDB(t *testing.T, test func(t *testing.T, d *db.DB, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		url := filepath.Join(t.TempDir(), "test.db")
		test(t, OpenDB(t, url), url)
	})
	t.Run("postgres", func(t *testing.T) {
		url := grown(t)
		test(t, OpenDB(t, url), url)
	})
}

// OpenDB opens and migrates the store, and closes it with the test.
func OpenDB(t testing.TB, url string) *db.DB {
	t.Helper()
	seed(t, url)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// Postgres makes an empty database on the server that TEST_POSTGRES names and
// returns its address; without one the test is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, "template1")
}

// database makes a database that is a copy of another, for the time of the test.
func database(t testing.TB, template string) string {
	t.Helper()
	admin := server(t)
	name := strings.ToLower("t" + strings.TrimPrefix(string(ref.New("db")), "db-"))
	if _, err := admin.Exec("create database " + name + " template " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin.ExecContext(context.Background(), "drop database "+name+" with (force)")
		admin.Close()
	})
	return onServer(name)
}

// server connects to the server that TEST_POSTGRES names; without one the test is skipped.
func server(t testing.TB) *sql.DB {
	t.Helper()
	url := os.Getenv("TEST_POSTGRES")
	if url == "" {
		t.Skip("TEST_POSTGRES names no server; make test starts one")
	}
	admin, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	return admin
}

// onServer is the address of a database on the server that TEST_POSTGRES names.
func onServer(name string) string {
	return strings.Replace(os.Getenv("TEST_POSTGRES"), "/postgres?", "/"+name+"?", 1)
}

// PostgresAs is Postgres for a database that an ordinary role owns, above which
// row security stands; the role is made where the server has none of the name.
func PostgresAs(t testing.TB, role string) string {
	t.Helper()
	url := Postgres(t)
	own, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for _, q := range []string{makeRole(role), ownSchema(role)} {
		if _, err := own.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Replace(url, "://"+userOf(url)+"@", "://"+role+"@", 1)
}

func userOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	user, _, _ := strings.Cut(rest, "@")
	return user
}

// Start is the moment at which the clock of a test house stands.
var Start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
