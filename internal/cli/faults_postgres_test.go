package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tocsin/internal/rig"
)

// ownPostgres is a PostgreSQL server that a test may stop.
type ownPostgres struct {
	t         *testing.T
	dir, bin  string
	port      string
	as        *syscall.SysProcAttr
	cmd       *exec.Cmd
	connected *sql.DB
}

// newPostgres makes a server's files and starts it; the test is skipped where there
// are no programs for it, or it is not root and so has no other account to run it as.
func newPostgres(t *testing.T) *ownPostgres {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // a pattern that is right
	account, err := user.Lookup("postgres")
	if len(found) == 0 || err != nil || os.Getuid() != 0 {
		t.Skip("no PostgreSQL server can be started here: it takes root, its programs and the account postgres")
	}
	slices.Sort(found)
	uid, _ := strconv.Atoi(account.Uid) // numbers on every Unix
	gid, _ := strconv.Atoi(account.Gid)
	dir, err := os.MkdirTemp("", "tocsin-faults-postgres.") // outside the test's folder, which that account cannot enter
	if err == nil {
		err = os.Chown(dir, uid, gid)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	_, port, _ := net.SplitHostPort(freePort(t)) // an address of ours
	p := &ownPostgres{t: t, dir: dir, bin: filepath.Dir(found[len(found)-1]), port: port,
		as: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, Pdeathsig: syscall.SIGKILL}}
	c := exec.Command(filepath.Join(p.bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "tocsin", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	c.SysProcAttr, c.Dir = p.as, dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v, %s", err, out)
	}
	p.start()
	t.Cleanup(p.stop)
	return p
}

func (p *ownPostgres) url() string {
	return "postgres://tocsin@127.0.0.1:" + p.port + "/postgres?sslmode=disable"
}

// start starts the server and waits until it answers.
func (p *ownPostgres) start() {
	p.t.Helper()
	p.cmd = exec.Command(filepath.Join(p.bin, "postgres"), "-D", filepath.Join(p.dir, "data"), "-p", p.port, "-k", p.dir, "-h", "127.0.0.1")
	p.cmd.SysProcAttr, p.cmd.Dir = p.as, p.dir
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	if p.connected == nil {
		var err error
		if p.connected, err = sql.Open("pgx", p.url()); err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(func() { p.connected.Close() })
	}
	eventually(p.t, 30*time.Second, "PostgreSQL answers", func() bool { return p.connected.PingContext(context.Background()) == nil })
}

// stop stops it at once, as its host would.
func (p *ownPostgres) stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // one that has ended takes none
		_ = p.cmd.Wait()                          // how it ended does not matter
	}
}

// terminate ends every connection of others.
func (p *ownPostgres) terminate() {
	p.t.Helper()
	if _, err := p.connected.ExecContext(p.t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"); err != nil {
		p.t.Fatal(err)
	}
}

func TestLostPostgreSQLAnswers503AndComesBack(t *testing.T) {
	t.Parallel()
	p := newPostgres(t)
	s := newSite(t, p.url())
	v := s.start()
	c := v.newClient("")
	cookie := c.signedIn(t, setupLink(t, v))
	id := c.openCase(t, "before")
	for round := range 3 {
		p.terminate()
		kept := s.backAgain(c, func() (got, error) {
			return c.api("POST", "/cases/"+id+"/notes", map[string]any{"text": fmt.Sprintf("terminated %d", round)})
		})
		if kept.status != 201 {
			t.Errorf("after its connections were ended: %v", kept)
		}
	}
	acknowledged := writeUnder(t, v, func() {
		p.stop()
		s.away(c, id, cookie)
		p.start()
	})
	s.backAgain(c, func() (got, error) { return c.api("GET", "/cases/"+id, nil) })
	g, err := c.send("GET", "/healthz", nil)
	if err != nil || g.status != 200 {
		t.Errorf("healthz after its return: %v, %v", g, err)
	}
	number, g, err := c.report("when it is back", []byte("a file"))
	if err != nil {
		t.Fatalf("a report after its return: %v, %v", g, err)
	}
	d := s.look()
	defer d.Close()
	eventually(t, 40*time.Second, "the jobs go on", func() bool { return rig.Count(t, d, "mails where about = $1", number) == 1 })
	has(t, "case", pairs(t, d, "select title, 'yes' from cases"), acknowledged)
	if code := v.stop(); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, v.log)
	}
	s.verified()
}

// writeUnder opens cases while something happens to the store, and returns the
// titles of those that were acknowledged.
func writeUnder(t *testing.T, v *server, happens func()) map[string]string {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := map[string]string{}
	ctx, cancel := context.WithCancel(t.Context())
	for w := range 3 {
		wg.Go(func() {
			c := v.newClient("")
			defer c.close()
			for i := 0; ctx.Err() == nil; i++ {
				title := fmt.Sprintf("under %d-%d", w, i)
				g, err := c.api("POST", "/cases", map[string]any{"title": title})
				switch {
				case err != nil:
					t.Errorf("open a case: %v", err)
				case g.status == 201:
					mu.Lock()
					done[title] = "yes"
					mu.Unlock()
				default:
					isAway(t, "a write", g)
				}
			}
		})
	}
	happens()
	cancel()
	wg.Wait()
	return done
}

// isAway asserts the answer of a store that is away for a while.
func isAway(t *testing.T, what string, g got) {
	t.Helper()
	problem(t, what+" while the store is away", g, http.StatusServiceUnavailable)
	if after, err := strconv.Atoi(g.header.Get("Retry-After")); err != nil || after < 1 {
		t.Errorf("%s while the store is away: Retry-After %q, want seconds", what, g.header.Get("Retry-After"))
	}
}

// away asserts what everybody hears while PostgreSQL is away.
func (s *site) away(c *client, id, cookie string) {
	t := s.t
	t.Helper()
	for range 3 {
		for _, q := range []struct{ method, path, body string }{{"GET", "/cases", ""}, {"GET", "/cases/" + id, ""}, {"POST", "/cases", `{"title":"away"}`}} {
			var body any
			if q.body != "" {
				body = q.body
			}
			g, err := c.api(q.method, q.path, body)
			if err != nil {
				t.Fatal(err)
			}
			isAway(t, q.method+" "+q.path, g)
		}
		for _, path := range []string{"/healthz", "/cases/" + id, "/portal", "/advisories"} {
			g, err := c.send("GET", path, nil, "Cookie", cookie)
			if err != nil || g.status != http.StatusServiceUnavailable || g.header.Get("Retry-After") == "" {
				t.Errorf("GET %s while the store is away: have %v, %v, Retry-After %q, want 503 with a time", path, g, err, g.header.Get("Retry-After"))
			}
		}
		_, g, _ := c.report("typed with care")
		if g.status != http.StatusServiceUnavailable || !bytes.Contains(g.body, []byte("typed with care")) {
			t.Errorf("a report while the store is away: have %v, want 503 and the form with what was typed", g)
		}
		g = c.page(t, "/sign-in", "", url.Values{"login": {"ada@example.org"}, "password": {"whatever it is, it is long"}})
		if g.status != http.StatusServiceUnavailable {
			t.Errorf("a sign-in while the store is away: have %v, want 503", g)
		}
	}
}

// backAgain asks until the answer is no 503; each that is has a sentence and a time.
func (s *site) backAgain(c *client, ask func() (got, error)) (g got) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, "the store is there again", func() bool {
		var err error
		if g, err = ask(); err != nil {
			s.t.Fatal(err)
		}
		if g.status == http.StatusServiceUnavailable {
			isAway(s.t, "a request", g)
			return false
		}
		return true
	})
	return g
}

// inPostgres is a database of its own on the server that TEST_POSTGRES names.
func inPostgres(t *testing.T) string {
	t.Helper()
	return rig.Postgres(t)
}

func TestTwoReplicasAreOneHouse(t *testing.T) {
	t.Parallel()
	s := &site{t: t, dir: t.TempDir(), db: inPostgres(t)}
	s.lines = []string{"--db", s.db, "--key-file", filepath.Join(s.dir, "tocsin.key"), "--profile", "gitlab"}
	a, b := s.together()
	s.token = s.newToken("faults", "analyst", "engineer", "manager", "admin", "auditor")
	a.token, b.token = s.token, s.token
	ca, cb := a.newClient(""), b.newClient("")
	link := setupText.FindStringSubmatch(run(t, append([]string{"admin", "setup"}, s.lines...)...).out)
	cookie := ca.signedIn(t, link[1]) // the newest link is the one that is good

	var ids []string
	for i := range 30 {
		ids = append(ids, ca.openCase(t, fmt.Sprintf("case %02d", i)))
	}
	for i, id := range ids[:20] {
		race(t, i, ca, cb, id)
	}
	s.shared(ca, cb, ids[0], cookie)
	s.sealedByBoth(ca, cb)
	for _, v := range []*server{a, b} {
		if code := v.stop(); code != 0 {
			t.Errorf("exit code %d, want 0: %s", code, v.log)
		}
	}
	s.verified()
}

// together starts two replicas at once on a store that has no schema yet.
func (s *site) together() (a, b *server) {
	s.t.Helper()
	two := []*server{s.launch(), s.launch()}
	for _, v := range two {
		if !v.ready() {
			s.t.Fatalf("a replica does not start: %s", v.log)
		}
		s.t.Cleanup(v.kill)
	}
	return two[0], two[1]
}

// race moves one case by both replicas at once, from the version that both saw.
func race(t *testing.T, i int, a, b *client, id string) {
	t.Helper()
	tag := a.must(t, 200, "GET", "/cases/"+id, nil).header.Get("ETag")
	if other := b.must(t, 200, "GET", "/cases/"+id, nil).header.Get("ETag"); other != tag {
		t.Fatalf("the replicas show ETag %s and %s of one case", tag, other)
	}
	var wg sync.WaitGroup
	var answers [4]got
	for n := range answers {
		wg.Go(func() {
			c := []*client{a, b}[n%2]
			var header []string
			body := map[string]any{"move": "case.reject", "reason": "raced", "disposition": "informative"}
			if i%2 == 0 {
				header = []string{"If-Match", tag}
			}
			var err error
			if answers[n], err = c.api("POST", "/cases/"+id+"/moves", body, header...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	won := 0
	for _, g := range answers {
		switch g.status {
		case http.StatusNoContent:
			won++
		case http.StatusConflict, http.StatusPreconditionFailed:
			problem(t, "a move that came second", g, g.status)
		default:
			t.Errorf("a move: have %v, want 204, 409 or 412", g)
		}
	}
	moves := bytes.Count(a.must(t, 200, "GET", "/cases/"+id+"/history", nil).body, []byte(`"case.reject"`))
	if won != 1 || moves != 1 {
		t.Errorf("%d of four moves of one case won and %d are in its history, want 1 and 1", won, moves)
	}
}

// shared asserts that what one replica gave is good at the other.
func (s *site) shared(a, b *client, id, cookie string) {
	t := s.t
	t.Helper()
	if g, err := b.send("GET", "/cases/"+id, nil, "Cookie", cookie); err != nil || g.status != http.StatusOK {
		t.Errorf("a session of the other replica: %v, %v", g, err)
	}
	seen, from, path := map[string]bool{}, []*client{a, b}, "/cases?limit=7"
	for page := 0; path != ""; page++ {
		g := from[page%2].must(t, 200, "GET", path, nil)
		for _, id := range strings.Split(string(g.body), `"id":"CASE-`)[1:] {
			seen[id[:8]] = true
		}
		_, next, more := strings.Cut(string(g.body), `"next":"`)
		if path = ""; more {
			marker, _, _ := strings.Cut(next, `"`)
			path = "/cases?limit=7&after=" + url.QueryEscape(marker)
		}
	}
	if len(seen) != 30 {
		t.Errorf("pages of two replicas in turn show %d cases, want 30", len(seen))
	}
	first, err := a.api("POST", "/cases", map[string]any{"title": "asked twice"}, "Idempotency-Key", "one key")
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.api("POST", "/cases", map[string]any{"title": "asked twice"}, "Idempotency-Key", "one key")
	if err != nil || first.status != 201 || second.status != 201 || first.id() != second.id() || second.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("one key at two replicas: %v and %v, %v; want the same case", first, second, err)
	}
}

// sealedByBoth writes at both and waits until all of it is sealed.
func (s *site) sealedByBoth(a, b *client) {
	s.t.Helper()
	var wg sync.WaitGroup
	for n, c := range []*client{a, b, a, b} {
		wg.Go(func() {
			for i := range 20 {
				if g, err := c.api("POST", "/cases", map[string]any{"title": fmt.Sprintf("seal %d-%d", n, i)}); err != nil || g.status != 201 {
					s.t.Errorf("open a case: %v, %v", g, err)
				}
			}
		})
	}
	wg.Wait()
	d := s.look()
	defer d.Close()
	eventually(s.t, 10*time.Second, "everything is sealed", func() bool { return rig.Count(s.t, d, "audit_new") == 0 })
}
