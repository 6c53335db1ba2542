package walk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/api"
	"tocsin/internal/db"
	"tocsin/internal/demo"
	"tocsin/internal/house"
	"tocsin/internal/portal"
	"tocsin/internal/web"
)

// place is the whole program, at work, with somebody in front of it.
type place struct {
	*testing.T
	house  *house.House
	people *demo.People
	base   string
	mux    *http.ServeMux
	images string
}

// start opens a copy of the demonstration's house behind an address, with its workers.
func start(t *testing.T) *place {
	t.Helper()
	p := idle(t)
	work, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { p.house.Work(work); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return p
}

// idle is start without workers.
func idle(t *testing.T) *place {
	t.Helper()
	m, err := modelled()
	check(t, "model", err)
	dir := t.TempDir()
	check(t, "copy", errors.Join(os.CopyFS(dir, os.DirFS(m.dir)), os.Chmod(filepath.Join(dir, "walk.key"), 0o600)))
	p := open(t, dir, m.rules, time.Now)
	p.people = m.people
	p.mount()
	return p
}

// model is a store with the demonstration in it, of which every test has a copy.
type model struct {
	dir    string // holds the store and its key
	rules  string
	people *demo.People
}

// modelled builds the model once, as it takes a while.
var modelled = sync.OnceValues(func() (*model, error) {
	m := &model{dir: filepath.Join(scratch, "store")}
	err := os.Mkdir(m.dir, 0o700)
	if err == nil {
		m.rules, err = demo.WriteProfile(scratch, "gitlab")
	}
	if err != nil {
		return nil, err
	}
	var said complained
	h, err := house.Open(context.Background(), house.Config{Store: filepath.Join(m.dir, "walk.db") + db.Throwaway, Profile: m.rules, Now: time.Now, Log: said.log()})
	if err != nil {
		return nil, err
	}
	m.people, err = demo.Build(context.Background(), h, time.Now())
	return m, errors.Join(err, h.Close(), said.err)
})

// scratch is a folder that lasts as long as all tests.
var scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tocsin-walk")
	if err != nil {
		panic(err)
	}
	scratch = dir
	code := m.Run()
	quit()
	_ = os.RemoveAll(dir) // whatever stays is in a folder for what need not
	os.Exit(code)
}

// open opens a house behind an address that nothing answers at yet.
func open(t *testing.T, dir, rules string, now func() time.Time) *place {
	t.Helper()
	p := &place{T: t, images: images(t), mux: http.NewServeMux()}
	server := httptest.NewServer(p.mux)
	p.base = server.URL
	var err error
	p.house, err = house.Open(t.Context(), house.Config{Store: filepath.Join(dir, "walk.db") + db.Throwaway, Profile: rules, URL: p.base, Now: now,
		Log: slog.New(slog.NewTextHandler(complaints{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		server.Close()
	}
	check(t, "open", err)
	t.Cleanup(func() { p.house.Close() })
	t.Cleanup(func() { // first, for whoever still asks would find the house closed
		server.CloseClientConnections()
		server.Close()
	})
	return p
}

// startAt builds the demonstration by another clock, without workers.
func startAt(t *testing.T, now func() time.Time) *place {
	t.Helper()
	dir := t.TempDir()
	rules, err := demo.WriteProfile(dir, "gitlab")
	check(t, "profile", err)
	p := open(t, dir, rules, now)
	p.people, err = demo.Build(t.Context(), p.house, now())
	check(t, "demonstration", err)
	p.mount()
	return p
}

// mount puts the surfaces where the command "serve" has them.
func (p *place) mount() {
	d := &web.Demo{}
	for _, r := range p.people.Roles {
		d.Roles = append(d.Roles, web.DemoRole{Role: r.Role, Title: r.Title, Person: r.Person, Home: r.Home})
	}
	public := portal.New(p.house, portal.Options{})
	for _, at := range []string{"/portal", "/portal/", "/advisories", "/advisories/", "/.well-known/"} {
		p.mux.Handle(at, public)
	}
	p.mux.Handle("/api/", api.New(p.house, api.Options{}))
	p.mux.Handle("/", web.New(p.house, web.Options{Demo: d, About: "Tocsin"}))
}

// complaints is a log in which every line fails the test.
type complaints struct{ t *testing.T }

func (c complaints) Write(b []byte) (int, error) {
	if !strings.Contains(string(b), "context canceled") {
		c.t.Errorf("the program says: %s", b)
	}
	return len(b), nil
}

var _ io.Writer = complaints{}

// complained is a log in which every line is an error of what is built before a test.
type complained struct{ err error }

func (c *complained) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(c, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (c *complained) Write(b []byte) (int, error) {
	c.err = errors.Join(c.err, fmt.Errorf("the program says: %s", b))
	return len(b), nil
}

// images is where the pictures go.
func images(t *testing.T) string {
	t.Helper()
	switch {
	case os.Getenv("TOCSIN_SHOTS") != "":
		check(t, "images", os.MkdirAll(os.Getenv("TOCSIN_SHOTS"), 0o755))
		return os.Getenv("TOCSIN_SHOTS")
	}
	return t.TempDir()
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// oracle is the folder of an independent judge that the tests' set-up installs.
func oracle(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "tools", "oracle", "web", file))
	check(t, "oracle", err)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the judge of pages is not installed: make test installs it")
	}
	return path
}

// at is the place in a part of a test.
func (p *place) at(t *testing.T) *place {
	here := *p
	here.T = t
	return &here
}
