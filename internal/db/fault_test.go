package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/rig"
)

// walGrowth is how many bytes do adds to the write-ahead log.
func walGrowth(t *testing.T, path string, do func()) int64 {
	t.Helper()
	before, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	do()
	after, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return after.Size() - before.Size()
}

// disk is a place for a store that runs full, and gets room again by grow.
type disk struct {
	dir  string
	fill func(t *testing.T, d *db.DB)
	grow func(t *testing.T, d *db.DB)
}

// smallDisk is a real file system without room; it takes root to mount one.
func smallDisk(t *testing.T) disk {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a small file system cannot be mounted here (%v); the page limit stands in for it", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return disk{dir: dir, fill: func(*testing.T, *db.DB) {}, grow: func(t *testing.T, _ *db.DB) {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Fatal(err)
		}
	}}
}

// pageLimit makes the engine itself answer that the disk is full.
func pageLimit(t *testing.T) disk {
	limit := func(pages int) func(*testing.T, *db.DB) {
		return func(t *testing.T, d *db.DB) {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				rows, err := tx.Query(t.Context(), fmt.Sprintf("pragma max_page_count = %d", pages))
				if err != nil {
					return err
				}
				return rows.Close()
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return disk{dir: t.TempDir(), fill: limit(400), grow: limit(100_000)}
}

func TestFullDiskIsSaidAndHeals(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]func(*testing.T) disk{"file system": smallDisk, "page limit": pageLimit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			where := on(t)
			d := rig.OpenDB(t, filepath.Join(where.dir, "test.db"))
			t.Cleanup(func() { d.Close() }) // before the file system goes
			where.fill(t, d)
			acknowledged := fillUp(t, d)
			sameRows(t, d, acknowledged)
			where.grow(t, d)
			if err := write(t.Context(), d, put, "after", "p"); err != nil {
				t.Errorf("with room again: %v", err)
			}
			sameRows(t, d, append(acknowledged, "after"))
			if have, err := column(t.Context(), d, "pragma integrity_check"); err != nil || strings.Join(have, "") != "ok" {
				t.Errorf("integrity: %v, %v", have, err)
			}
		})
	}
}

// fillUp writes in crowds until the disk is full and a while longer. It returns
// which rows were acknowledged.
func fillUp(t *testing.T, d *db.DB) (acknowledged []string) {
	t.Helper()
	long := strings.Repeat("x", 2000)
	full := 0
	for round := 0; full < 100 && round < 500; round++ {
		errs := crowd(t, d, 20, func(ctx context.Context, tx *db.Tx, i int) error {
			_, err := tx.Exec(ctx, put, fmt.Sprintf("%04d-%02d", round, i), long)
			return err
		})
		for i, err := range errs {
			switch {
			case err == nil:
				acknowledged = append(acknowledged, fmt.Sprintf("%04d-%02d", round, i))
			case errors.Is(err, fault.Full):
				full++
			default:
				t.Errorf("round %d: have %v, want full", round, err)
			}
		}
		if _, err := column(t.Context(), d, "select count(*) from membership"); err != nil {
			t.Errorf("reading: %v", err)
		}
	}
	if full == 0 || len(acknowledged) == 0 {
		t.Fatalf("%d writes met a full disk, %d did not; want some of both", full, len(acknowledged))
	}
	return acknowledged
}

func sameRows(t *testing.T, d *db.DB, want []string) {
	t.Helper()
	have := map[string]bool{}
	for _, h := range holders(t, d) {
		have[h] = true
	}
	for _, w := range want {
		if !have[w] {
			t.Errorf("%s was acknowledged and is gone", w)
		}
	}
	if len(have) != len(want) {
		t.Errorf("%d rows, want the %d that were acknowledged", len(have), len(want))
	}
}

func TestLostPostgreSQLIsUnavailableAndComesBack(t *testing.T) {
	t.Parallel()
	url := rig.Postgres(t)
	d := rig.OpenDB(t, url)
	admin, err := sql.Open("pgx", os.Getenv("TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	for round := range 5 {
		// one in the middle of a write, and all that lie idle
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), put, fmt.Sprintf("lost-%d", round), "p"); err != nil {
				return err
			}
			if _, err := admin.ExecContext(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name); err != nil {
				t.Error(err)
			}
			_, err := tx.Exec(t.Context(), put, fmt.Sprintf("lost-%d-2", round), "p")
			return err
		})
		if !errors.Is(err, fault.Unavailable) || fault.Of(err).After == 0 {
			t.Errorf("in the middle of a write: have %v, want unavailable with a time to come back", err)
		}
		back := false
		for try := 0; try < 20 && !back; try++ {
			err := write(t.Context(), d, put, fmt.Sprintf("kept-%d", round), "p")
			if back = err == nil; !back && !errors.Is(err, fault.Unavailable) {
				t.Errorf("try %d: have %v, want unavailable", try, err)
			}
		}
		if !back {
			t.Fatal("it does not come back")
		}
		if _, err := column(t.Context(), d, "select 1"); err != nil {
			t.Errorf("reading: %v", err)
		}
	}
	if have := strings.Join(holders(t, d), " "); have != "kept-0 kept-1 kept-2 kept-3 kept-4" {
		t.Errorf("rows %s", have)
	}
}

func TestPostgreSQLThatRefusesConnectionsIsUnavailable(t *testing.T) {
	t.Parallel()
	url := rig.Postgres(t)
	d := rig.OpenDB(t, url)
	admin, err := sql.Open("pgx", os.Getenv("TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	for _, q := range []string{"alter database " + name + " allow_connections false", "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'"} {
		if _, err := admin.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if err := write(t.Context(), d, put, "a", "p"); !errors.Is(err, fault.Unavailable) {
			t.Errorf("writing: have %v, want unavailable", err)
		}
		if _, err := column(t.Context(), d, "select 1"); !errors.Is(err, fault.Unavailable) {
			t.Errorf("reading: have %v, want unavailable", err)
		}
	}
	if _, err := admin.ExecContext(t.Context(), "alter database "+name+" allow_connections true"); err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), d, put, "a", "p"); err != nil {
		t.Errorf("it does not come back: %v", err)
	}
}

func TestStoreWhoseDiskIsGoneIsUnavailable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := rig.OpenDB(t, filepath.Join(dir, "test.db"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := column(t.Context(), d, "select 1"); !errors.Is(err, fault.Unavailable) || fault.Of(err).After == 0 {
		t.Errorf("have %v, want unavailable with a time to come back", err)
	}
}

func TestNewStoreIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	d := rig.OpenDB(t, path)
	if err := write(t.Context(), d, put, "a", "p"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(name), info.Mode().Perm())
		}
	}
}
