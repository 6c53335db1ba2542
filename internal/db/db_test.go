package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/rig"
)

// The tests use the table membership: two columns of text, no triggers.
const put = `insert into membership (holder, principal) values ($1, $2)`

func write(ctx context.Context, d *db.DB, q string, args ...any) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
}

// column reads the first column of a query as text.
func column(ctx context.Context, d *db.DB, q string, args ...any) (out []string, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	return out, err
}

func holders(t *testing.T, d *db.DB) []string {
	t.Helper()
	out, err := column(t.Context(), d, "select holder from membership order by holder")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMigrateBringsTheSchemaUpOnce(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, url string) {
		if ran, err := d.Migrate(t.Context()); err != nil || len(ran) != 0 {
			t.Errorf("again: ran %v, %v, want nothing", ran, err)
		}
		if todo, err := d.Pending(t.Context()); err != nil || len(todo) != 0 {
			t.Errorf("pending: %v, %v, want nothing", todo, err)
		}
	})
}

func TestPendingNamesWhatAnEmptyStoreLacks(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "new.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	todo, err := d.Pending(t.Context())
	if err != nil || len(todo) == 0 || todo[0] != "0001_spine" || !slices.IsSorted(todo) {
		t.Errorf("have %v, %v", todo, err)
	}
	ran, err := d.Migrate(t.Context())
	if err != nil || !slices.Equal(ran, todo) {
		t.Errorf("ran %v, %v, want %v", ran, err, todo)
	}
}

func TestStoreOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, says string }{
		"written by a newer version":           {"insert into schema_log (name, sum) values ('9999_future', 'x')", "9999_future"},
		"a migration is not the one we know":   {"update schema_log set sum = 'x' where name = '0001_spine'", "another build"},
		"both, and the changed one is told of": {"update schema_log set sum = 'x'", "another build"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
				if err := write(t.Context(), d, c.change); err != nil {
					t.Fatal(err)
				}
				if _, err := d.Migrate(t.Context()); !errors.Is(err, fault.Conflict) || !strings.Contains(fault.Of(err).Says, c.says) {
					t.Errorf("migrate: have %v, want a conflict that says %q", err, c.says)
				}
				if _, err := d.Pending(t.Context()); !errors.Is(err, fault.Conflict) {
					t.Errorf("pending: have %v, want conflict", err)
				}
			})
		})
	}
}

func TestReplicasThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	url := rig.Postgres(t)
	ran := make([][]string, 5)
	var wg sync.WaitGroup
	for i := range ran {
		wg.Go(func() {
			d, err := db.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			if ran[i], err = d.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	worked := slices.DeleteFunc(ran, func(r []string) bool { return len(r) == 0 })
	if len(worked) != 1 {
		t.Errorf("%d replicas migrated, want 1", len(worked))
	}
}

func TestAddressThatCannotBeOpenedIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for address, says := range map[string]string{
		"mysql://localhost/x":         "write postgres://",
		filepath.Join(dir, "no", "x"): "check that its folder exists",
		dir:                           "check that its folder exists",
		"postgres://nobody@127.0.0.1:1/none?connect_timeout=2": "PostgreSQL does not answer",
	} {
		d, err := db.Open(t.Context(), address)
		if err == nil {
			d.Close()
		}
		if !strings.Contains(fault.Of(err).Says, says) {
			t.Errorf("%s: have %v, want a fault that says %q", address, err, says)
		}
	}
}

func TestFileThatIsNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(t.Context(), path); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "is a SQLite database") {
		t.Errorf("have %v, want invalid", err)
	}
}

func TestOddFileNameIsTakenAsItStands(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd ?#%41.db")
	rig.OpenDB(t, path).Close()
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "odd*.db")); len(found) != 1 || found[0] != path {
		t.Errorf("have %v, want %s", found, path)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), put, "a", "p")
			return err
		})
		if err == nil || len(holders(t, d)) != 0 {
			t.Errorf("a reader wrote: %v", err)
		}
	})
}

func TestReaderSeesOneSnapshot(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			for i, want := range []int{0, 0} {
				rows, err := tx.Query(t.Context(), "select count(*) from membership")
				if err != nil {
					return err
				}
				n := -1
				for rows.Next() {
					err = rows.Scan(&n)
				}
				if err := errors.Join(err, rows.Close()); err != nil {
					return err
				}
				if n != want {
					t.Errorf("look %d: %d rows, want %d", i+1, n, want)
				}
				if err := write(t.Context(), d, put, strconv.Itoa(i), "p"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSameKeyTwiceIsAConflict(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		if err := write(t.Context(), d, put, "a", "p"); err != nil {
			t.Fatal(err)
		}
		if err := write(t.Context(), d, put, "a", "p"); !errors.Is(err, fault.Conflict) {
			t.Errorf("have %v, want conflict", err)
		}
	})
}

// crowd runs n writes that are all waiting while another runs, whose commit they
// share: that other writes nothing, and fails only with the disk under all of them.
func crowd(t *testing.T, d *db.DB, n int, fn func(ctx context.Context, tx *db.Tx, i int) error) []error {
	t.Helper()
	started, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- d.Write(t.Context(), func(*db.Tx) error { close(started); <-release; return nil })
	}()
	<-started
	errs := make([]error, n)
	var wg, ready sync.WaitGroup
	for i := range n {
		ready.Add(1)
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("it panicked: %v", p)
				}
			}()
			ready.Done()
			errs[i] = d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx, i) })
		})
	}
	ready.Wait()
	close(release)
	wg.Wait()
	if err := <-first; err != nil && !errors.Is(err, fault.Full) {
		t.Fatal(err)
	}
	return errs
}

func TestPanicSurfacesInItsOwnCallerAndLeavesNeighboursAlone(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		errs := crowd(t, d, 60, func(ctx context.Context, tx *db.Tx, i int) error {
			_, err := tx.Exec(ctx, put, fmt.Sprintf("%02d", i), "p")
			switch i % 6 {
			case 4:
				panic("boom " + strconv.Itoa(i))
			case 5:
				return errors.New("no " + strconv.Itoa(i))
			}
			return err
		})
		var want []string
		for i, err := range errs {
			switch i % 6 {
			case 4:
				if err == nil || err.Error() != "it panicked: boom "+strconv.Itoa(i) {
					t.Errorf("%d: have %v, want its panic", i, err)
				}
			case 5:
				if err == nil || err.Error() != "no "+strconv.Itoa(i) {
					t.Errorf("%d: have %v, want its error", i, err)
				}
			default:
				want = append(want, fmt.Sprintf("%02d", i))
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
		}
		if have := holders(t, d); !slices.Equal(have, want) {
			t.Errorf("rows %v, want %v", have, want)
		}
	})
}

func TestWaitingWritesShareACommit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	d := rig.OpenDB(t, path)
	alone := walGrowth(t, path, func() {
		if err := write(t.Context(), d, put, "alone", "p"); err != nil {
			t.Fatal(err)
		}
	})
	together := walGrowth(t, path, func() {
		for i, err := range crowd(t, d, 100, func(ctx context.Context, tx *db.Tx, i int) error {
			_, err := tx.Exec(ctx, put, fmt.Sprintf("%03d", i), "p")
			return err
		}) {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
	if together > 30*alone {
		t.Errorf("100 waiting writes wrote %d bytes, one alone %d: they did not share commits", together, alone)
	}
}

func TestWriterWhoLeftWritesNothing(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := write(ctx, d, put, "a", "p"); !errors.Is(err, context.Canceled) {
			t.Errorf("have %v, want canceled", err)
		}
		if have := holders(t, d); len(have) != 0 {
			t.Errorf("rows %v, want none", have)
		}
	})
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	d := rig.OpenDB(t, filepath.Join(t.TempDir(), "test.db"))
	d.Close()
	if err := write(t.Context(), d, put, "a", "p"); !errors.Is(err, fault.Unavailable) {
		t.Errorf("have %v, want unavailable", err)
	}
}

func TestManyStatementTextsDoNotBreakReaders(t *testing.T) {
	t.Parallel()
	d := rig.OpenDB(t, filepath.Join(t.TempDir(), "test.db"))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 700 {
				if have, err := column(t.Context(), d, fmt.Sprintf("select '%d-%d'", g, i)); err != nil || len(have) != 1 || have[0] != fmt.Sprintf("%d-%d", g, i) {
					t.Errorf("have %v, %v", have, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestAClosedStoreIsOneFile: a store that was closed can be copied as one file.
func TestAClosedStoreIsOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "one.db")
	d := rig.OpenDB(t, path)
	if n := rig.Count(t, d, "jobs"); n != 0 {
		t.Fatalf("%d jobs in a fresh store", n)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log stands beside the closed store: %v", err)
	}
}
