package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// site is a store and the program that serves it, as processes of their own.
type site struct {
	t     *testing.T
	dir   string
	db    string
	token string
	lines []string // flags of every start
}

// newSite makes a store, in db or in a new SQLite file, with one token that may do
// everything that a person of the team may.
func newSite(t *testing.T, db string) *site {
	t.Helper()
	return newSiteIn(t, t.TempDir(), db)
}

func newSiteIn(t *testing.T, dir, db string) *site {
	t.Helper()
	s := &site{t: t, dir: dir, db: db}
	if db == "" {
		s.db = filepath.Join(dir, "tocsin.db")
	}
	s.lines = []string{"--db", s.db, "--key-file", filepath.Join(dir, "tocsin.key"), "--profile", "gitlab"}
	s.token = s.newToken("faults", "analyst", "engineer", "manager", "admin", "auditor", "communications", "release-manager")
	return s
}

func (s *site) newToken(name string, roles ...string) string {
	s.t.Helper()
	args := append([]string{"admin", "token", "create", "--name", name}, s.lines...)
	for _, r := range roles {
		args = append(args, "--role", r)
	}
	got := run(s.t, args...)
	if got.code != 0 {
		s.t.Fatalf("make a token: exit %d, %s", got.code, got.err)
	}
	return strings.TrimSpace(got.out)
}

// ran is what came of a command that has ended.
type ran struct {
	out, err string
	code     int
}

// run runs a command of the program to its end.
func run(t *testing.T, args ...string) ran {
	t.Helper()
	return runAs(t, nil, "tocsin", args...)
}

func runAs(t *testing.T, as *syscall.SysProcAttr, program string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errw bytes.Buffer
	c := exec.CommandContext(ctx, program, args...)
	c.Stdout, c.Stderr, c.SysProcAttr, c.Dir = &out, &errw, as, "/"
	if err := c.Run(); c.ProcessState == nil {
		t.Fatalf("tocsin %s: %v", strings.Join(args, " "), err)
	}
	return ran{out.String(), errw.String(), c.ProcessState.ExitCode()}
}

// verified asserts that the audit log proves itself, as the command line says.
func (s *site) verified() {
	s.t.Helper()
	if got := run(s.t, "audit", "verify", "--db", s.db, "--key-file", filepath.Join(s.dir, "tocsin.key")); got.code != 0 {
		s.t.Errorf("audit verify: exit %d, want 0: %s%s", got.code, got.out, got.err)
	}
}

// server is one running process.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	out    *tail
	log    *tail
	began  time.Duration // from start to the first 200
	exited chan struct{}
	token  string
}

// tail keeps the end of what a process says.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (w *tail) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.b = append(w.b, b...); len(w.b) > 1<<20 {
		w.b = append([]byte(nil), w.b[len(w.b)-1<<19:]...)
	}
	return len(b), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.b)
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts a server on the store and waits for its first 200.
func (s *site) start(flags ...string) *server {
	s.t.Helper()
	for range 3 {
		v := s.launch(flags...)
		if v.ready() {
			s.t.Cleanup(func() {
				v.kill()
				v.brokenLines()
			})
			return v
		}
		if said := v.log.String(); !strings.Contains(said, "cannot listen") { // somebody else took the port meanwhile
			s.t.Fatalf("the server does not start: %s", said)
		}
	}
	s.t.Fatal("no port stays free")
	return nil
}

func (s *site) launch(flags ...string) *server {
	s.t.Helper()
	at := freePort(s.t)
	v := &server{t: s.t, url: "http://" + at, out: &tail{}, log: &tail{}, exited: make(chan struct{}), token: s.token}
	args := append([]string{"serve", "--listen", at, "--trust-proxy", "--checkpoint-dir", filepath.Join(s.dir, "checkpoints")}, s.lines...)
	v.cmd = exec.Command("tocsin", append(args, flags...)...)
	v.cmd.Stdout, v.cmd.Stderr, v.cmd.Dir = v.out, v.log, "/"
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := v.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(v.exited)
		_ = v.cmd.Wait() // ProcessState tells
	}()
	return v
}

// quick gives up soon: for asking whether somebody answers at all.
var quick = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// ready waits for the first 200, or for the end of the process.
func (v *server) ready() bool {
	began := time.Now()
	for tick := time.NewTicker(2 * time.Millisecond); time.Since(began) < 30*time.Second; <-tick.C {
		select {
		case <-v.exited:
			return false
		default:
		}
		if r, err := quick.Get(v.url + "/healthz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				v.began = time.Since(began)
				return true
			}
		}
	}
	v.kill()
	return false
}

// brokenLines shows what the server has logged of failures of its own, where the
// test has failed.
func (v *server) brokenLines() {
	if !v.t.Failed() {
		return
	}
	for line := range strings.Lines(v.log.String()) {
		if strings.Contains(line, "cannot answer") || strings.Contains(line, "status=500") || strings.Contains(line, "panic") {
			v.t.Logf("%.700s", line)
		}
	}
}

func (v *server) signal(s os.Signal) { _ = v.cmd.Process.Signal(s) } // one that has ended takes none

// kill ends the process as a power cut would.
func (v *server) kill() {
	v.signal(syscall.SIGKILL)
	<-v.exited
}

// stop asks the process to end and returns its exit code.
func (v *server) stop() int {
	v.t.Helper()
	v.signal(syscall.SIGTERM)
	return v.ended(40 * time.Second)
}

func (v *server) ended(within time.Duration) int {
	v.t.Helper()
	select {
	case <-v.exited:
	case <-time.After(within):
		v.signal(syscall.SIGQUIT)
		<-v.exited
		v.t.Fatalf("the server has not ended after %s: %s", within, v.log)
	}
	return v.cmd.ProcessState.ExitCode()
}

// client is one caller with connections of its own.
type client struct {
	*http.Client
	at     string
	token  string
	header http.Header
}

// newClient is a caller with the site's token, at an address of its own as far as
// limits go.
func (v *server) newClient(from string) *client {
	c := &client{Client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, ExpectContinueTimeout: 10 * time.Second}}, at: v.url, token: v.token, header: http.Header{}}
	if from != "" {
		c.header.Set("X-Forwarded-For", from)
	}
	return c
}

// close gives the connections back.
func (c *client) close() { c.CloseIdleConnections() }

// got is an answer that has arrived whole.
type got struct {
	status int
	header http.Header
	body   []byte
}

func (g got) String() string { return fmt.Sprintf("%d %.300s", g.status, g.body) }

// id is the member "id" of a JSON answer.
func (g got) id() string {
	var x struct{ ID string }
	_ = json.Unmarshal(g.body, &x) // what is none has no id
	return x.ID
}

// api calls the API; body is JSON text, or what is written as JSON.
func (c *client) api(method, path string, body any, header ...string) (got, error) {
	var b io.Reader
	switch x := body.(type) {
	case nil:
	case string:
		b = strings.NewReader(x)
	default:
		text, err := json.Marshal(x)
		if err != nil {
			return got{}, err
		}
		b = bytes.NewReader(text)
	}
	header = append([]string{"Authorization", "Bearer " + c.token}, header...)
	if b != nil {
		header = append([]string{"Content-Type", "application/json"}, header...)
	}
	return c.send(method, "/api/v1"+path, b, header...)
}

// send sends a request and reads the answer to its end.
func (c *client) send(method, path string, body io.Reader, header ...string) (got, error) {
	q, err := http.NewRequest(method, c.at+path, body)
	if err != nil {
		return got{}, err
	}
	for name, values := range c.header {
		q.Header[name] = values
	}
	for i := 0; i+1 < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	r, err := c.Do(q)
	if err != nil {
		return got{}, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return got{r.StatusCode, r.Header, b}, err
}

// must calls the API and ends the test unless the answer has the status.
func (c *client) must(t *testing.T, status int, method, path string, body any, header ...string) got {
	t.Helper()
	g, err := c.api(method, path, body, header...)
	if err != nil || g.status != status {
		t.Fatalf("%s %s: have %v, %v, want %d", method, path, g, err, status)
	}
	return g
}

// openCase opens a case and returns its ID.
func (c *client) openCase(t *testing.T, title string) string {
	t.Helper()
	return c.must(t, 201, "POST", "/cases", map[string]any{"title": title}).id()
}

// form is the portal's report form, filled in.
func form(fields map[string]string, files ...[]byte) (body *bytes.Buffer, kind string) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for name, text := range fields {
		_ = w.WriteField(name, text) // into memory
	}
	for i, f := range files {
		part, err := w.CreateFormFile("files", fmt.Sprintf("proof-%d.bin", i))
		if err == nil {
			_, err = part.Write(f)
		}
		if err != nil {
			panic(err) // into memory
		}
	}
	_ = w.Close() // into memory
	return body, w.FormDataContentType()
}

// reported are the fields of a report that is complete.
func reported(title string) map[string]string {
	return map[string]string{"title": title, "product_other": "Harbor", "summary": "What happens, in a few words: " + title, "steps": "1. Start it.", "impact": "Somebody reads what is not theirs.",
		"contact": "finder@example.org", "credit": "", "ai": ""}
}

var tracking = regexp.MustCompile(`<div class="number">(REPORT-[0-9A-Z]+)</div>`)

// report sends a report through the portal and returns its tracking number.
func (c *client) report(title string, files ...[]byte) (string, got, error) {
	body, kind := form(reported(title), files...)
	g, err := c.send("POST", "/portal/report", body, "Content-Type", kind)
	if err != nil {
		return "", got{}, err // what breaks off is no answer, whatever its first line says
	}
	m := tracking.FindSubmatch(g.body)
	if g.status != http.StatusOK || m == nil {
		return "", g, errors.New("no receipt")
	}
	return string(m[1]), g, nil
}

// problem asserts that an answer is a problem of the status with a sentence.
func problem(t *testing.T, what string, g got, status int) {
	t.Helper()
	var p struct {
		Status int
		Detail string
	}
	if err := json.Unmarshal(g.body, &p); err != nil || g.status != status || p.Status != status || !strings.Contains(p.Detail, " ") ||
		g.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: have %v (%s), want a problem of status %d with a sentence", what, g, g.header.Get("Content-Type"), status)
	}
}

// eventually waits until ok, looking every few milliseconds.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !ok(); <-tick.C {
		if time.Since(began) > within {
			t.Fatalf("%s: not within %s", what, within)
		}
	}
}
