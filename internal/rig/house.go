package rig

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// House is a whole house under test, with a clock that the test sets.
type House struct {
	*house.House
	mu  sync.Mutex
	now time.Time
}

// Each runs test in an empty house on each engine.
func Each(t *testing.T, test func(t *testing.T, h *House)) {
	t.Helper()
	EachProfile(t, "gitlab", test)
}

// EachProfile is Each with another profile.
func EachProfile(t *testing.T, profile string, test func(t *testing.T, h *House)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Open(t, filepath.Join(t.TempDir(), "test.db"), profile)) })
	t.Run("postgres", func(t *testing.T) { test(t, Open(t, grown(t), profile)) })
}

// Open opens a house on a store, at the moment Start.
func Open(t testing.TB, store, profile string) *House {
	t.Helper()
	seed(t, store)
	h := &House{now: Start}
	inside, err := house.Open(t.Context(), house.Config{Store: store, Profile: profile, KeyFile: filepath.Join(t.TempDir(), "key"),
		URL: "http://tocsin.test", Now: h.Clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	h.House = inside
	t.Cleanup(func() { inside.Close() })
	return h
}

// Clock is the present moment of the house; it moves a microsecond at each look,
// as no two acts are at one instant.
func (h *House) Clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Microsecond)
	return h.now
}

// Pass moves the clock.
func (h *House) Pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// As makes a person with the roles, one of the staff, and returns the context in
// which they act. A role "guest" makes somebody who is not of the staff.
func (h *House) As(t testing.TB, name string, roles ...string) context.Context {
	t.Helper()
	id := ref.ID("person-" + name)
	err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), insertPerson, string(id), name, strings.ToLower(name), h.now.UnixMicro()); err != nil {
			return err
		}
		principals := []string{access.Staff}
		for _, r := range roles {
			if r == "guest" {
				principals = principals[1:]
				continue
			}
			principals = append(principals, "role:"+r)
		}
		for _, p := range principals {
			if _, err := tx.Exec(t.Context(), insertMembership, string(id), p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return access.With(context.Background(), access.Actor{ID: id, Kind: access.Person, Name: name})
}

// Reporter is the context of somebody outside who reports.
func (h *House) Reporter() context.Context {
	return access.With(context.Background(), access.Actor{ID: ref.New("reporter"), Kind: access.Reporter, Name: "the reporter"})
}

// System is the context of the house itself.
func System() context.Context { return access.With(context.Background(), access.System("test")) }

// Count returns how many rows match.
func Count(t testing.TB, d *db.DB, q string, args ...any) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), countRows+q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.Next()
		return rows.Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// CountAs returns how many rows of a table PostgreSQL itself gives a reader, past
// gate; "" is the house.
func CountAs(t testing.TB, d *db.DB, who, table string) (n int) {
	t.Helper()
	one := func(tx *db.Tx, to any, q string, args ...any) error {
		rows, err := tx.Query(t.Context(), q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.Next()
		return rows.Scan(to)
	}
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		var reader string
		if err := one(tx, &reader, tellReader, who); err != nil {
			return err
		}
		return one(tx, &n, countRows+table)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
