package db_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/rig"
)

var kills = flag.Int("kills", 100, "how often the crash test kills a writing process")

// crashStore names the store that this process, started by the crash test,
// should write into until it is killed.
const crashStore = "TOCSIN_TEST_CRASH_STORE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes pairs of rows from several goroutines and prints the
// name of each pair after it was acknowledged.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, path)
	if err != nil {
		return err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	failed := make(chan error)
	for g := range 8 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d-%d", os.Getpid(), g, i)
				err := d.Write(ctx, func(tx *db.Tx) error {
					if _, err := tx.Exec(ctx, put, name, "a"); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, put, name, "b")
					return err
				})
				if err != nil {
					failed <- err
				}
				os.Stdout.WriteString(name + "\n")
			}
		}()
	}
	return <-failed
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "crash.db")
	rig.OpenDB(t, path).Close()
	var acknowledged []string
	for range *kills {
		acknowledged = append(acknowledged, writeAndKill(t, path)...)
		if t.Failed() {
			return
		}
	}
	d := rig.OpenDB(t, path)
	pairs, err := column(t.Context(), d, "select holder from membership group by holder having count(*) = 2")
	if err != nil {
		t.Fatal(err)
	}
	all, err := column(t.Context(), d, "select distinct holder from membership")
	if err != nil || len(all) != len(pairs) {
		t.Errorf("%d of %d writes are there in part, %v", len(all)-len(pairs), len(all), err)
	}
	there := map[string]bool{}
	for _, name := range pairs {
		there[name] = true
	}
	for _, name := range acknowledged {
		if !there[name] {
			t.Errorf("%s was acknowledged and is gone", name)
		}
	}
	if len(acknowledged) < *kills {
		t.Errorf("only %d writes were acknowledged in %d runs", len(acknowledged), *kills)
	}
	t.Logf("%d writes acknowledged, %d there", len(acknowledged), len(pairs))
}

// writeAndKill starts a writer, kills it (SIGKILL) some milliseconds after its
// first acknowledgement, and checks the store. It returns what was acknowledged.
func writeAndKill(t *testing.T, path string) (acknowledged []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashStore+"="+path)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		once.Do(func() {
			time.AfterFunc(time.Duration(rand.N(40_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		})
		acknowledged = append(acknowledged, lines.Text())
	}
	if err := cmd.Wait(); err == nil || said.Len() > 0 {
		t.Errorf("the writer ended by itself: %v %s", err, said.String())
	}
	d := rig.OpenDB(t, path)
	defer d.Close()
	if have, err := column(t.Context(), d, "pragma integrity_check"); err != nil || strings.Join(have, "") != "ok" {
		t.Errorf("integrity: %v, %v", have, err)
	}
	last := acknowledged[max(0, len(acknowledged)-50):]
	for _, name := range last {
		if have, err := column(t.Context(), d, "select principal from membership where holder = $1 order by principal", name); err != nil || strings.Join(have, "") != "ab" {
			t.Errorf("%s was acknowledged, but there is %v, %v", name, have, err)
		}
	}
	return acknowledged
}
