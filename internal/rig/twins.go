package rig

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/house"
)

// Twins runs test on two houses that are the same to the last byte, on each
// engine: build fills one, and the other is opened on a copy of its store. Both
// have the same key and the same clock.
func Twins(t *testing.T, profile string, build func(h *House), test func(t *testing.T, a, b *House)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		one, two := filepath.Join(dir, "one.db"), filepath.Join(dir, "two.db")
		twins(t, profile, one, two, build, test, func() {
			if _, err := os.Stat(one + "-wal"); err == nil {
				t.Fatal("the store was not closed whole: its log stands beside it")
			}
			b, err := os.ReadFile(one)
			if err == nil {
				err = os.WriteFile(two, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		one := grown(t)
		name := one[strings.LastIndex(one, "/")+1 : strings.Index(one, "?")]
		two := strings.Replace(one, "/"+name+"?", "/"+name+"b?", 1)
		twins(t, profile, one, two, build, test, func() { copyPostgres(t, name) })
	})
}

func twins(t *testing.T, profile, one, two string, build func(*House), test func(t *testing.T, a, b *House), copyStore func()) {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	first := openWith(t, one, profile, key)
	build(first)
	if err := first.House.Close(); err != nil {
		t.Fatal(err)
	}
	copyStore()
	a, b := openWith(t, one, profile, key), openWith(t, two, profile, key)
	t.Cleanup(func() { a.House.Close(); b.House.Close() })
	a.Set(first.now)
	b.Set(first.now)
	test(t, a, b)
}

func openWith(t *testing.T, store, profile, key string) *House {
	t.Helper()
	seed(t, store)
	h := &House{now: Start}
	inside, err := house.Open(t.Context(), house.Config{Store: store, Profile: profile, KeyFile: key, URL: "http://tocsin.test", Now: h.Clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	h.House = inside
	return h
}

// copyPostgres copies a database that nobody is connected to.
func copyPostgres(t *testing.T, name string) {
	t.Helper()
	admin, err := sql.Open("pgx", os.Getenv("TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin.ExecContext(context.Background(), "drop database "+name+"b with (force)")
		admin.Close()
	})
	if _, err := admin.Exec("create database " + name + "b template " + name); err != nil {
		t.Fatal(err)
	}
}

// Set sets the clock.
func (h *House) Set(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = now
}
