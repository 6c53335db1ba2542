// Package tools_test tries the shell scripts of this folder as a person runs them.
package tools_test

import (
	"bufio"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// withPostgres prepares tools/with-postgres for a command, as if no server had been named.
func withPostgres(t *testing.T, command ...string) *exec.Cmd {
	t.Helper()
	if exec.Command("./with-postgres", "--installed").Run() != nil {
		t.Skip("no PostgreSQL server here: run tools/setup")
	}
	cmd := exec.Command("./with-postgres", command...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "TEST_POSTGRES=") })
	return cmd
}

// begin starts the command and returns the URL that it prints first.
func begin(t *testing.T, cmd *exec.Cmd) (url string, rest *bufio.Reader) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	rest = bufio.NewReader(out)
	if url, err = rest.ReadString('\n'); err != nil {
		t.Fatalf("the command printed no URL: %v", err)
	}
	return strings.TrimSpace(url), rest
}

// answers asks the server for its name.
func answers(t *testing.T, url string) error {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return db.PingContext(t.Context())
}

func TestThePrivatePostgresEndsWithItsCommand(t *testing.T) {
	t.Parallel()
	cmd := withPostgres(t, "bash", "-c", `echo "$TEST_POSTGRES"; read -r; exit 7`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	url, _ := begin(t, cmd)
	if err := answers(t, url); err != nil {
		t.Errorf("the server at %s does not answer: %v", url, err)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("ended with %v, want the command's own 7", err)
	}
	if answers(t, url) == nil {
		t.Errorf("the server at %s still answers", url)
	}
}

func TestThePrivatePostgresEndsWhenItIsStopped(t *testing.T) {
	t.Parallel()
	cmd := withPostgres(t, "bash", "-c", `echo "$TEST_POSTGRES"; sleep 1000`)
	url, rest := begin(t, cmd)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := rest.ReadString('\n'); err == nil { // its end of the pipe closes with the last of its processes
		t.Error("the command went on to print")
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 143 {
		t.Errorf("ended with %v, want 143 for SIGTERM", err)
	}
	if answers(t, url) == nil {
		t.Errorf("the server at %s still answers", url)
	}
}

func TestAServerThatIsNamedIsUsed(t *testing.T) {
	t.Parallel()
	cmd := withPostgres(t, "bash", "-c", `echo "$TEST_POSTGRES"`)
	cmd.Env = append(cmd.Env, "TEST_POSTGRES=postgres://elsewhere/postgres")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if have, want := strings.TrimSpace(string(out)), "postgres://elsewhere/postgres"; have != want {
		t.Errorf("server %q, want %q", have, want)
	}
}

func TestVendoredFilesThatChangedAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"as committed they pass", "", "", ""},
		{"a changed file", "inter-latin.woff2", "alert(1)", "a vendored file was changed"},
		{"a file that nobody fetched", "more.js", "alert(1)", "more.js is not in CHECKSUMS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			vendor := filepath.Join(root, "internal", "web", "assets", "vendor")
			copyTo(t, filepath.Join(root, "tools"), "vendor-assets")
			for _, f := range glob(t, "../internal/web/assets/vendor/*") {
				copyTo(t, vendor, f)
			}
			for _, f := range glob(t, "../internal/chart/font/*") {
				copyTo(t, filepath.Join(root, "internal", "chart", "font"), f)
			}
			if c.file != "" {
				if err := os.WriteFile(filepath.Join(vendor, c.file), []byte(c.text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			out, err := exec.Command("bash", filepath.Join(root, "tools", "vendor-assets"), "--check").CombinedOutput()
			if (err == nil) != (c.want == "") || !strings.Contains(string(out), c.want) {
				t.Errorf("said %q (%v), want %q", out, err, c.want)
			}
		})
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

func copyTo(t *testing.T, dir, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}
