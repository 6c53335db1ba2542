package cli_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tocsin/internal/db"
)

// nobody is an account that may do nothing.
const nobody = 65534

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the mask is
		t.Fatal(err)
	}
}

// starts are starts that cannot go well: what is prepared, and what the one line
// on the standard error has to tell.
var starts = []struct {
	name    string
	prepare func(t *testing.T, dir string) (flags []string)
	code    int
	says    []string
	as      *syscall.SysProcAttr // nil: as ourselves
}{
	{name: "a port in use", code: 3, says: []string{"cannot listen on 127.0.0.1:", "--listen"}, prepare: func(t *testing.T, _ string) []string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return []string{"--listen", l.Addr().String()}
	}},
	{name: "an address that is none", code: 3, says: []string{"cannot listen on nonsense", "--listen"}, prepare: func(*testing.T, string) []string {
		return []string{"--listen", "nonsense"}
	}},
	{name: "a store that is a text", code: 2, says: []string{"t.db", "SQLite"}, prepare: func(t *testing.T, dir string) []string {
		write(t, filepath.Join(dir, "t.db"), strings.Repeat("Dear diary, today I was no database.\n", 100), 0o600)
		return nil
	}},
	{name: "a store that is a folder", code: 2, says: []string{"t.db", "SQLite"}, prepare: func(t *testing.T, dir string) []string {
		if err := os.Mkdir(filepath.Join(dir, "t.db"), 0o700); err != nil {
			t.Fatal(err)
		}
		return nil
	}},
	{name: "a store of another program", code: 3, says: []string{"another program"}, prepare: func(t *testing.T, dir string) []string {
		d, err := db.Open(t.Context(), filepath.Join(dir, "t.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		change(t, d, "create table audit (id integer primary key, thing text)")
		return nil
	}},
	{name: "a store in a folder that is not there", code: 2, says: []string{"nowhere", "folder exists"}, prepare: func(_ *testing.T, dir string) []string {
		return []string{"--db", filepath.Join(dir, "nowhere", "t.db"), "--key-file", filepath.Join(dir, "t.key")}
	}},
	{name: "a folder that may not be written", code: 2, says: []string{"may write there"}, as: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, prepare: func(t *testing.T, dir string) []string {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return nil
	}},
	{name: "a store that may not be read", code: 2, says: []string{"t.db", "you may"}, as: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, prepare: func(t *testing.T, dir string) []string {
		made(t, dir)
		if err := os.Chown(filepath.Join(dir, "t.key"), nobody, nobody); err != nil {
			t.Fatal(err)
		}
		return nil
	}},
	{name: "a store that may be read and not written", code: 3, says: []string{"cannot be written", "check"}, as: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, prepare: func(t *testing.T, dir string) []string {
		made(t, dir)
		if err := os.Chown(filepath.Join(dir, "t.key"), nobody, nobody); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, "t.db"), 0o644); err != nil {
			t.Fatal(err)
		}
		return nil
	}},
	{name: "the key of another store", code: 3, says: []string{"another key", "--key-file"}, prepare: func(t *testing.T, dir string) []string {
		made(t, dir)
		if err := os.Remove(filepath.Join(dir, "t.key")); err != nil {
			t.Fatal(err)
		}
		return nil // a fresh one is made
	}},
	{name: "a key file that holds something else", code: 2, says: []string{"t.key", "no key"}, prepare: func(t *testing.T, dir string) []string {
		write(t, filepath.Join(dir, "t.key"), "hello\n", 0o600)
		return nil
	}},
	{name: "a key file that others may read", code: 2, says: []string{"t.key", "chmod 600"}, prepare: func(t *testing.T, dir string) []string {
		made(t, dir)
		if err := os.Chmod(filepath.Join(dir, "t.key"), 0o644); err != nil {
			t.Fatal(err)
		}
		return nil
	}},
	{name: "a profile with a mistake", code: 2, says: []string{"profile.yaml:4:1", "title", "tocsin profile check"}, prepare: func(t *testing.T, dir string) []string {
		from := filepath.Join("..", "..", "profiles", "gitlab")
		if err := os.CopyFS(filepath.Join(dir, "mine"), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(from, "profile.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "mine", "profile.yaml"), strings.Replace(string(b), "title:", "tilte:", 1), 0o600)
		return []string{"--profile", filepath.Join(dir, "mine")}
	}},
	{name: "an empty profile", code: 2, says: []string{"calendars.yaml", "add it"}, prepare: func(t *testing.T, dir string) []string {
		if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
			t.Fatal(err)
		}
		return []string{"--profile", filepath.Join(dir, "empty")}
	}},
	{name: "a store of a newer version", code: 3, says: []string{"newer version"}, prepare: func(t *testing.T, dir string) []string {
		made(t, dir)
		d, err := db.Open(t.Context(), filepath.Join(dir, "t.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		change(t, d, "insert into schema_log (name, sum) values ('9999_future', 'x')")
		return nil
	}},
	{name: "a certificate that is not there", code: 2, says: []string{"certificate", "--tls-cert"}, prepare: func(_ *testing.T, dir string) []string {
		return []string{"--tls-cert", filepath.Join(dir, "none.pem"), "--tls-key", filepath.Join(dir, "none.key")}
	}},
	{name: "a certificate without its key", code: 2, says: []string{"--tls-key"}, prepare: func(_ *testing.T, dir string) []string {
		return []string{"--tls-cert", filepath.Join(dir, "none.pem")}
	}},
	{name: "a PostgreSQL that is not there", code: 3, says: []string{"PostgreSQL does not answer"}, prepare: func(t *testing.T, dir string) []string {
		return []string{"--db", "postgres://somebody:hunter2@" + freePort(t) + "/x", "--key-file", filepath.Join(dir, "t.key")}
	}},
	{name: "a checkpoint folder that is a file", code: 2, says: []string{"checkpoint"}, prepare: func(t *testing.T, dir string) []string {
		write(t, filepath.Join(dir, "file"), "x", 0o600)
		return []string{"--checkpoint-dir", filepath.Join(dir, "file")}
	}},
}

// made makes a store t.db with its key.
func made(t *testing.T, dir string) {
	t.Helper()
	if got := run(t, "admin", "token", "create", "--db", filepath.Join(dir, "t.db"), "--name", "first", "--role", "admin"); got.code != 0 {
		t.Fatalf("exit %d: %s", got.code, got.err)
	}
}

func change(t *testing.T, d *db.DB, q string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStartThatCannotGoWellSaysWhatToDoInOneLine(t *testing.T) {
	t.Parallel()
	for _, test := range starts {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.as != nil && os.Getuid() != 0 {
				t.Skip("only root can start the program as somebody else")
			}
			dir := open(t)
			flags := test.prepare(t, dir)
			args := append([]string{"serve", "--db", filepath.Join(dir, "t.db"), "--listen", freePort(t)}, flags...)
			program := "tocsin"
			if test.as != nil {
				program = forEverybody(t)
			}
			got := runAs(t, test.as, program, args...)
			line, rest, _ := strings.Cut(got.err, "\n")
			if got.code != test.code || rest != "" || !strings.HasPrefix(line, "tocsin: ") {
				t.Errorf("exit %d, %q; want exit %d and one line", got.code, got.err, test.code)
			}
			for _, s := range test.says {
				if !strings.Contains(line, s) {
					t.Errorf("it says %q, want it to tell %q", line, s)
				}
			}
			if strings.Contains(got.err+got.out, "goroutine ") || strings.Contains(got.err+got.out, "hunter2") {
				t.Errorf("it says too much: %q %q", got.out, got.err)
			}
			if strings.Contains(got.out, "listens on") {
				t.Errorf("it says that it listens: %q", got.out)
			}
		})
	}
}

// forEverybody is the program where everybody may start it.
func forEverybody(t *testing.T) string {
	t.Helper()
	from, err := exec.LookPath("tocsin")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	bin := open(t)
	if err := os.WriteFile(filepath.Join(bin, "tocsin"), b, 0o755); err != nil { //nolint:gosec // it is for everybody
		t.Fatal(err)
	}
	return filepath.Join(bin, "tocsin")
}

// open is a folder that everybody may enter: those of the testing package nobody else may.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tocsin-faults.")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}
