package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/seal"
)

const insertEntry = `insert into audit (id, at, actor, verb, subject, outcome, reason, detail, profile, salt)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// entry is the i-th of a made-up history; several share a moment.
func entry(i int) audit.Entry {
	return audit.Entry{ID: ref.New("audit"), At: rig.Start.Add(time.Duration(i/3) * time.Millisecond), Actor: "person-a", Verb: "case.accept",
		Subject: ref.ID(fmt.Sprintf("CASE-%d", i/5)), Outcome: "done", Profile: "gitlab-0123456789ab", Reason: "as discussed",
		Detail: `[{"field":"stage","old":"new","new":"triage"}]`, Salt: ref.Secret()}
}

func insert(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	_, err := tx.Exec(ctx, insertEntry, string(e.ID), e.At.UnixMicro(), string(e.Actor), string(e.Verb), string(e.Subject), e.Outcome, e.Reason, e.Detail, e.Profile, e.Salt)
	return err
}

// add writes the entries from to to-1 of the history.
func add(t testing.TB, d *db.DB, from, to int) (out []audit.Entry) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for i := from; i < to; i++ {
			out = append(out, entry(i))
			if err := insert(t.Context(), tx, out[len(out)-1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func clock() time.Time { return rig.Start.Add(time.Hour) }

func sealer(d *db.DB, k seal.Key) *audit.Sealer {
	return &audit.Sealer{DB: d, Key: k, Now: clock}
}

func step(t testing.TB, s *audit.Sealer, want int) {
	t.Helper()
	n, err := s.Step(t.Context())
	if err != nil || n != want {
		t.Fatalf("sealed %d, %v, want %d", n, err, want)
	}
}

func verify(t testing.TB, d *db.DB, o audit.Options) audit.Report {
	t.Helper()
	r, err := audit.Verify(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// do runs statements, as somebody would who owns the database.
func do(t testing.TB, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

func value[T any](t testing.TB, d *db.DB, q string, args ...any) (v T) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return errors.Join(rows.Err(), fmt.Errorf("no row"))
		}
		return rows.Scan(&v)
	})
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return v
}

func TestSealedLogVerifies(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		k := seal.NewKey()
		s := sealer(d, k)
		step(t, s, 0)
		add(t, d, 0, 700)
		if r := verify(t, d, audit.Options{}); r.Waiting != 700 || r.Size != 0 || !r.OK() {
			t.Errorf("before sealing: %+v", r)
		}
		step(t, s, 700)
		add(t, d, 700, 703)
		step(t, s, 3)
		add(t, d, 703, 705)
		r := verify(t, d, audit.Options{Public: value[string](t, d, "select public from audit_log")})
		if !r.OK() || r.Size != 703 || r.Waiting != 2 || !r.Trusted || r.Checkpoints != 1 {
			t.Errorf("have %+v", r)
		}
	})
}

func TestIdleSealerWritesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	d := rig.OpenDB(t, path)
	s := sealer(d, seal.NewKey())
	add(t, d, 0, 10)
	step(t, s, 10)
	before, err1 := os.Stat(path + "-wal")
	for range 5 {
		step(t, s, 0)
	}
	after, err2 := os.Stat(path + "-wal")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("an idle sealer wrote: the write-ahead log has %d bytes, want %d", after.Size(), before.Size())
	}
}

func TestAnyBatchSizesGiveTheSameTree(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		k := seal.NewKey()
		s := sealer(d, k)
		add(t, d, 0, 1400)
		step(t, s, 1400)
		want := verify(t, d, audit.Options{})
		for _, size := range []int{1, 7, 255, 256, 257, 1000} {
			if size == 1 && d.Engine == db.Postgres {
				continue // 1,400 commits; SQLite has shown it
			}
			tamper(t, d)
			for _, table := range []string{"audit_seal", "audit_tile", "audit_checkpoint", "audit_new"} {
				do(t, d, "delete from "+table)
			}
			do(t, d, "update audit_log set size = 0")
			do(t, d, "insert into audit_new (at, id) select at, id from audit")
			s.Batch = size
			step(t, s, 1400)
			if have := verify(t, d, audit.Options{}); !have.OK() || have.Root != want.Root {
				t.Errorf("batches of %d: root %s, %v, want %s", size, have.Root, have.Findings, want.Root)
			}
		}
	})
}

// tamper takes away what the engine does to keep entries as they are.
func tamper(t testing.TB, d *db.DB) {
	t.Helper()
	if d.Engine == db.Postgres {
		for _, table := range []string{"audit", "audit_seal"} {
			do(t, d, "alter table "+table+" disable trigger user")
		}
		return
	}
	for _, name := range []string{"audit_waits", "audit_kept", "audit_fixed", "audit_seal_kept", "audit_seal_fixed"} {
		do(t, d, "drop trigger if exists "+name)
	}
}

func TestEngineRefusesToChangeEntries(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		add(t, d, 0, 3)
		step(t, sealer(d, seal.NewKey()), 3)
		all := []string{"update audit set reason = 'x'", "update audit set salt = 'erased:00', reason = '', detail = '[]', actor = 'x'", "update audit set salt = 'erased:00', reason = 'x', detail = '[]'",
			"update audit set id = 'x'", "delete from audit", "update audit_seal set seq = seq + 10", "delete from audit_seal"}
		if d.Engine == db.Postgres {
			all = append(all, "truncate audit", "truncate audit_seal")
		}
		for _, q := range all {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), q)
				return err
			})
			if err == nil {
				t.Errorf("%s: passed", q)
			}
		}
		if r := verify(t, d, audit.Options{}); !r.OK() || r.Size != 3 {
			t.Errorf("have %+v", r)
		}
	})
}

func TestErasedEntryKeepsTheLogWhole(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		s := sealer(d, seal.NewKey())
		e := add(t, d, 0, 5)[2]
		step(t, s, 5)
		gone := e.Erased()
		do(t, d, "update audit set salt = $1, reason = $2, detail = $3 where id = $4", gone.Salt, gone.Reason, gone.Detail, string(e.ID))
		if r := verify(t, d, audit.Options{}); r.OK() || r.Findings[0].Kind != audit.Edited || r.Findings[0].Entry != e.ID {
			t.Errorf("erased without an entry that says so: %+v", r.Findings)
		}
		says := entry(9)
		says.Verb, says.Subject = audit.Erase, e.ID
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return insert(t.Context(), tx, says) }); err != nil {
			t.Fatal(err)
		}
		step(t, s, 1)
		if r := verify(t, d, audit.Options{}); !r.OK() || r.Erased != 1 {
			t.Errorf("have %+v", r)
		}
	})
}

func TestTwoSealersMakeOneLog(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, url string) {
		const writers, each = 4, 60
		k := seal.NewKey()
		stop := make(chan struct{})
		var sealers, wg sync.WaitGroup
		for i := range 3 {
			own := rig.OpenDB(t, url) // as a replica would
			s := sealer(own, k)
			s.Batch = 5 + i
			sealers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := s.Step(t.Context()); err != nil && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Unavailable) {
						t.Error(err)
					}
				}
			})
		}
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					add(t, d, w+i, w+i+1)
				}
			})
		}
		wg.Wait()
		close(stop)
		sealers.Wait()
		if _, err := sealer(d, k).Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, d, audit.Options{}); !r.OK() || r.Size != writers*each || r.Waiting != 0 {
			t.Errorf("have %+v", r)
		}
	})
}

func TestEntryThatCommitsLateIsSealedNext(t *testing.T) {
	t.Parallel()
	d := rig.OpenDB(t, rig.Postgres(t))
	s := sealer(d, seal.NewKey())
	wrote, commit := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- d.Write(t.Context(), func(tx *db.Tx) error {
			err := insert(t.Context(), tx, entry(0))
			close(wrote)
			<-commit
			return err
		})
	}()
	<-wrote
	add(t, d, 3, 6) // later moments, committed before
	step(t, s, 3)
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	step(t, s, 1)
	if r := verify(t, d, audit.Options{}); !r.OK() || r.Size != 4 || r.Waiting != 0 {
		t.Errorf("have %+v", r)
	}
}

func TestAnotherKeyIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		if err := sealer(d, seal.NewKey()).Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := sealer(d, seal.NewKey()).Open(t.Context()); !errors.Is(err, fault.Conflict) {
			t.Errorf("have %v, want conflict", err)
		}
	})
}

func TestCheckpointIsKeptOutside(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		s := sealer(d, seal.NewKey())
		s.Dir = t.TempDir()
		add(t, d, 0, 10)
		step(t, s, 10)
		path, err := s.Export(t.Context())
		if err != nil || filepath.Base(path) != "000000000010.checkpoint" {
			t.Fatalf("have %q, %v", path, err)
		}
		if again, err := s.Export(t.Context()); again != "" || err != nil {
			t.Errorf("nothing new: have %q, %v", again, err)
		}
		kept, err1 := os.ReadFile(path)
		public, err2 := os.ReadFile(filepath.Join(s.Dir, "public-key"))
		c, err := audit.OpenCheckpoint(string(public), kept)
		if err1 != nil || err2 != nil || err != nil || c.Size != 10 {
			t.Errorf("have %+v, %v", c, errors.Join(err1, err2, err))
		}
		_ = os.WriteFile(path, []byte("x"), 0o644)
		if _, err := s.Export(t.Context()); !errors.Is(err, fault.Conflict) {
			t.Errorf("a checkpoint of another log lies there: have %v, want conflict", err)
		}
	})
}

func TestRunSealsWhatIsLeftWhenItEnds(t *testing.T) {
	t.Parallel()
	d := rig.OpenDB(t, filepath.Join(t.TempDir(), "test.db"))
	s := sealer(d, seal.NewKey())
	s.Dir = t.TempDir()
	add(t, d, 0, 10)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx)
	if r := verify(t, d, audit.Options{}); r.Size != 10 || r.Waiting != 0 {
		t.Errorf("have %+v", r)
	}
	if files, _ := filepath.Glob(filepath.Join(s.Dir, "*.checkpoint")); len(files) != 1 {
		t.Errorf("kept %v, want one checkpoint", files)
	}
}

func TestStoreWhoseQueueWasRestoredIsNotSealedTwice(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		s := sealer(d, seal.NewKey())
		s.Batch = 4
		add(t, d, 0, 10)
		step(t, s, 10)
		do(t, d, "insert into audit_new (at, id) select at, id from audit") // as a copy of the rows does
		add(t, d, 10, 12)
		for range 5 {
			if _, err := s.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		r := verify(t, d, audit.Options{})
		if left := value[int](t, d, "select count(*) from audit_new"); !r.OK() || r.Size != 12 || left != 0 {
			t.Errorf("have %+v, %d left", r, left)
		}
	})
}
