package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/api"
	"tocsin/internal/db"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/portal"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// full is a house on a disk that has little room.
type full struct {
	*client
	setup  string // the one-time link's secret
	grow   func(t *testing.T)
	later  func(time.Duration) // moves the clock, where it can be
	look   func() *db.DB
	verify func(t *testing.T)
}

// smallDisk mounts a file system without room; it takes root to do so.
func smallDisk(t *testing.T) (dir string, grow func(t *testing.T)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("a small file system cannot be mounted here (%v); the page limit stands in for it", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir, func(t *testing.T) {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Fatal(err)
		}
	}
}

// onSmallDisk serves from a file system without room, as a process of its own.
func onSmallDisk(t *testing.T) full {
	dir, grow := smallDisk(t)
	s := newSiteIn(t, dir, "")
	v := s.start()
	return full{client: v.newClient(""), setup: setupLink(t, v), grow: grow, later: func(time.Duration) {}, look: s.look, verify: func(*testing.T) { s.verified() }}
}

// onSmallDiskLater is onSmallDisk within this process, whose clock can be moved.
func onSmallDiskLater(t *testing.T) full {
	dir, grow := smallDisk(t)
	f, _ := within(t, dir)
	f.grow = grow
	return f
}

// onFewPages makes the engine itself say that the disk is full, within this
// process: nobody else can tell it so.
func onFewPages(t *testing.T) full {
	f, h := within(t, t.TempDir())
	pages(t, h.DB, 700)
	f.grow = func(t *testing.T) { pages(t, h.DB, 100_000) }
	return f
}

// within serves from this process.
func within(t *testing.T, dir string) (full, *house.House) {
	t.Helper()
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	h, err := house.Open(t.Context(), house.Config{Store: filepath.Join(dir, "t.db"), Profile: "gitlab", Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	public, mux := portal.New(h, portal.Options{}), http.NewServeMux()
	mux.Handle("/api/", api.New(h, api.Options{}))
	mux.Handle("/portal", public)
	mux.Handle("/portal/", public)
	mux.Handle("/", web.New(h, web.Options{}))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	_, token, err := h.Parties.CreateToken(access.With(t.Context(), access.System("test")), party.TokenRequest{Name: "faults", Roles: []string{"analyst", "admin"}, Lasts: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.Parties.Setup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return full{client: &client{Client: srv.Client(), at: srv.URL, token: string(token), header: http.Header{}}, setup: string(link), later: func(d time.Duration) { ahead.Add(int64(d)) },
		look: func() *db.DB {
			d, err := db.Open(context.Background(), filepath.Join(dir, "t.db"))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}, verify: func(*testing.T) {}}, h
}

func pages(t *testing.T, d *db.DB, limit int) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), fmt.Sprintf("pragma max_page_count = %d", limit))
		if err != nil {
			return err
		}
		return rows.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}

var setupText = regexp.MustCompile(`/setup\?link=([0-9A-Z]+)`)

// setupLink is the secret that the first start prints.
func setupLink(t *testing.T, v *server) string {
	t.Helper()
	var m []string
	eventually(t, 5*time.Second, "the set-up link is printed", func() bool {
		m = setupText.FindStringSubmatch(v.out.String())
		return m != nil
	})
	return m[1]
}

// page posts a form of the pages, as the person of the session cookie.
func (c *client) page(t *testing.T, path, cookie string, fields url.Values) got {
	t.Helper()
	g, err := c.send("POST", path, strings.NewReader(fields.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// signedIn makes the first account and returns its session cookie.
func (c *client) signedIn(t *testing.T, link string) string {
	t.Helper()
	once := *c.Client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	still := *c
	still.Client = &once
	g := still.page(t, "/setup", "", url.Values{"link": {link}, "name": {"Ada Lovelace"}, "email": {"ada@example.org"}, "password": {"a long one: correct horse"}})
	cookie, _, _ := strings.Cut(g.header.Get("Set-Cookie"), ";")
	if g.status != http.StatusSeeOther || !strings.HasPrefix(cookie, "tocsin_session=") {
		t.Fatalf("no session: %v", g)
	}
	return cookie
}

func TestFullDiskAnswersInWordsAndHeals(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]func(*testing.T) full{"file system": onSmallDisk, "file system, later": onSmallDiskLater, "page limit": onFewPages} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := on(t)
			cookie := f.signedIn(t, f.setup)
			id := f.openCase(t, "before the disk was full")
			release := f.hold(t)
			taken := f.fill(t, id)
			f.refusals(t, id, cookie)
			f.later(10 * time.Minute) // the use of a session would be noted now
			f.reads(t, id, cookie)
			release()
			f.grow(t)
			f.must(t, 201, "POST", "/cases/"+id+"/notes", map[string]any{"text": "with room again"})
			if _, g, err := f.report("with room again", make([]byte, 2<<20)); err != nil {
				t.Errorf("a report with room again: %v, %v", g, err)
			}
			d := f.look()
			defer d.Close()
			if have := rig.Count(t, d, "messages where side = 'note'"); have != taken+1 {
				t.Errorf("%d notes, want the %d that were acknowledged", have, taken+1)
			}
			for what, where := range halves {
				if n := rig.Count(t, d, where); n > 0 {
					t.Errorf("%d times %s", n, what)
				}
			}
			if have := pairs(t, d, "select 'is', integrity_check from pragma_integrity_check")["is"]; have != "ok" {
				t.Errorf("integrity: %s", have)
			}
			f.verify(t)
		})
	}
}

// hold reads from the store for so long, as a backup does, that its log cannot
// begin anew: then there is no room for the smallest write.
func (f *full) hold(t *testing.T) (release func()) {
	t.Helper()
	d, began, end, ended := f.look(), make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		defer close(ended)
		ended <- d.Read(context.Background(), func(tx *db.Tx) error {
			rows, err := tx.Query(context.Background(), "select count(*) from cases")
			if err == nil {
				err = rows.Close()
			}
			close(began)
			<-end
			return err
		})
	}()
	<-began
	return func() {
		close(end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		d.Close()
	}
}

// fill writes until the disk is full, for notes of every size. It returns how many
// were acknowledged.
func (f *full) fill(t *testing.T, id string) (taken int) {
	t.Helper()
	for _, size := range []int{15_000, 1_000, 1} {
		for n, no := 0, 0; no < 5; n++ {
			if n > 20_000 {
				t.Fatal("the disk does not get full")
			}
			g, err := f.api("POST", "/cases/"+id+"/notes", map[string]any{"text": strings.Repeat("x", size)})
			switch {
			case err != nil:
				t.Fatal(err)
			case g.status == http.StatusCreated:
				taken++
			default:
				problem(t, "a note on a full disk", g, http.StatusInsufficientStorage)
				no++
			}
		}
	}
	return taken
}

// refusals asserts how each surface says that there is no room.
func (f *full) refusals(t *testing.T, id, cookie string) {
	t.Helper()
	g, err := f.api("POST", "/cases", map[string]any{"title": "too late", "summary": strings.Repeat("y", 30_000)})
	if err != nil {
		t.Fatal(err)
	}
	problem(t, "a case on a full disk", g, http.StatusInsufficientStorage)
	g, err = f.send("POST", "/api/v1/cases/"+id+"/files?name=big.bin", bytes.NewReader(make([]byte, 2<<20)), "Authorization", "Bearer "+f.token, "Content-Type", "application/octet-stream")
	if err != nil {
		t.Fatal(err)
	}
	problem(t, "a file on a full disk", g, http.StatusInsufficientStorage)
	g = f.page(t, "/cases/"+id+"/note", cookie, url.Values{"note-text": {strings.Repeat("z", 30_000)}})
	if g.status != http.StatusInsufficientStorage || !bytes.Contains(g.body, []byte("<h1")) || !bytes.Contains(bytes.ToLower(g.body), []byte("disk")) {
		t.Errorf("a page on a full disk: %v", g)
	}
	_, g, _ = f.report("too late", make([]byte, 2<<20))
	if g.status != http.StatusInsufficientStorage || !bytes.Contains(g.body, []byte("too late")) {
		t.Errorf("a report on a full disk: have %v, want 507 and the form with what was typed", g)
	}
}

// reads asserts that reading goes on.
func (f *full) reads(t *testing.T, id, cookie string) {
	t.Helper()
	f.must(t, 200, "GET", "/cases", nil)
	f.must(t, 200, "GET", "/cases?q=before", nil)
	f.must(t, 200, "GET", "/cases/"+id, nil)
	f.must(t, 200, "GET", "/cases/"+id+"/history", nil)
	for _, path := range []string{"/cases/" + id, "/portal", "/portal/report"} {
		g, err := f.send("GET", path, nil, "Cookie", cookie)
		if err != nil || g.status != http.StatusOK {
			t.Errorf("GET %s on a full disk: %v, %v", path, g, err)
		}
	}
}
