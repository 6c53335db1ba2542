package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/bench/load"
	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/ref"
)

// Goals of the program as people get it.
const (
	maxStart  = 300 * time.Millisecond
	maxMemory = 128 << 20
	maxBinary = 40 << 20
	maxPage   = 10_000
	maxCode   = 40_000
	maxScript = 30_000
	maxFonts  = 60_000
)

// memory tells what the house's process holds after all that came before.
func (r *run) memory() error {
	p, err := r.program("real")
	if err != nil {
		return err
	}
	if _, err := load.Closed(p.addr, clients, r.each, r.of("real").mix()); err != nil {
		return err
	}
	r.settle()
	rss, peak := memory(p.cmd.Process.Pid, "VmRSS"), memory(p.cmd.Process.Pid, "VmHWM")
	r.add(row{What: "resident memory after the run", Value: fmt.Sprintf("%s, at most %s", megabytes(rss), megabytes(peak)), Goal: "below 128 MB", OK: rss < maxMemory})
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

// product builds the program, starts it on the filled store and looks at its pages.
func (r *run) product() error {
	program := filepath.Join(r.folder, "tocsin")
	if err := build(r.ctx, program); err != nil {
		return err
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	r.add(row{What: "stripped binary", Value: megabytes(info.Size()), Goal: "below 40 MB", OK: info.Size() < maxBinary})
	store, err := r.copyTo("product")
	if err != nil {
		return err
	}
	cookie, err := session(r.ctx, store, r)
	if err != nil {
		return err
	}
	var first []time.Duration
	for range max(3, r.rounds) {
		took, err := r.serve1(program, store, func(addr string) error {
			if len(first) > 0 {
				return nil
			}
			return r.pages(addr, cookie)
		})
		if err != nil {
			return err
		}
		first = append(first, took)
	}
	best, worst := slices.Min(first), slices.Max(first)
	r.add(row{What: "start to first answer", Value: fmt.Sprintf("%s, at most %s", short(best), short(worst)), Goal: "below 0.3 s", OK: best < maxStart})
	return nil
}

// build builds the program as "make build" does.
func build(ctx context.Context, to string) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-gcflags=tocsin/internal/web=-l", "-ldflags", "-s -w", "-o", to, "./cmd/tocsin")
	c.Dir, c.Stderr, c.Env = root, os.Stderr, append(os.Environ(), "CGO_ENABLED=0")
	return c.Run()
}

// moduleRoot is the folder of the project.
func moduleRoot(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}

// session signs somebody in.
func session(ctx context.Context, store string, r *run) (party.Secret, error) {
	h, err := open(ctx, store)
	if err != nil {
		return "", err
	}
	defer h.Close()
	return sessionOf(ctx, h, r.facts.Person)
}

func sessionOf(ctx context.Context, h *house.House, who ref.ID) (party.Secret, error) {
	return h.Parties.SessionFor(access.With(ctx, access.System("bench")), who)
}

// serve1 starts the program and returns how long it took until it answered a
// list of cases; then it does what is asked and stops it.
func (r *run) serve1(program, store string, then func(addr string) error) (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	addr := l.Addr().String()
	l.Close()
	c := exec.CommandContext(r.ctx, program, "serve", "--db", store, "--key-file", keyFile(store), "--profile", profile, "--listen", addr)
	request := r.of("real").list()(nil, 0)
	begin := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait() // what it says on the way out is no measurement
	}()
	for {
		status, _, _, err := load.Once(addr, request)
		if err == nil && status == 200 {
			break
		}
		if time.Since(begin) > 30*time.Second {
			return 0, fmt.Errorf("it does not answer within 30 s: status %d, %v", status, err)
		}
		time.Sleep(time.Millisecond)
	}
	took := time.Since(begin)
	return took, then(addr)
}

var (
	linked = regexp.MustCompile(`(?:href|src)="(/[^"]+\.(?:css|js)(?:\?[^"]*)?)"`)
	fonts  = regexp.MustCompile(`url\(["']?([^"')]+\.woff2)`)
)

// weights are what one thing weighs on the wire: as a browser of today fetches it, and
// in gzip.
type weights struct{ wire, gzip int }

func (w *weights) add(x weights) { w.wire, w.gzip = w.wire+x.wire, w.gzip+x.gzip }

func (w weights) String() string {
	return fmt.Sprintf("%d bytes in Brotli, as a browser fetches it; %d in gzip", w.wire, w.gzip)
}

// fetch asks for what is under a path as it is, in gzip, and as Chromium asks for it on
// loopback and over TLS. What is compressed better in the background is waited for.
func fetch(addr, path string, cookie party.Secret) (w weights, text string, err error) {
	ask := func(coding string) (header string, body []byte, err error) {
		status, h, body, err := load.Once(addr, fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\nCookie: tocsin_session=%s\r\n\r\n", path, addr, coding, cookie))
		if err != nil || status != 200 {
			return "", nil, fmt.Errorf("%s answers with status %d, %v", path, status, err)
		}
		return strings.ToLower(string(h)), body, nil
	}
	_, plain, err := ask("identity")
	if err != nil {
		return w, "", err
	}
	_, zipped, err := ask("gzip")
	if err != nil {
		return w, "", err
	}
	w.gzip = len(zipped)
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		header, body, err := ask("gzip, deflate, br, zstd")
		if err != nil {
			return w, "", err
		}
		if w.wire = len(body); !strings.Contains(header, "immutable") || !strings.Contains(header, "content-encoding: gzip") || time.Since(begin) > 10*time.Second {
			return w, string(plain), nil
		}
	}
}

// pages weighs a first load of the list of cases as it goes over the wire.
func (r *run) pages(addr string, cookie party.Secret) error {
	page, html, err := fetch(addr, "/cases", cookie)
	if err != nil {
		return err
	}
	var code, scripts, letters weights
	seen := map[string]bool{}
	for _, m := range linked.FindAllStringSubmatch(html, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		n, text, err := fetch(addr, m[1], cookie)
		if err != nil {
			return err
		}
		code.add(n)
		if strings.Contains(m[1], ".js") {
			scripts.add(n)
		}
		for _, f := range fonts.FindAllStringSubmatch(text, -1) {
			path := f[1]
			if !strings.HasPrefix(path, "/") {
				path = m[1][:strings.LastIndexByte(m[1], '/')+1] + path
			}
			if seen[path] {
				continue
			}
			seen[path] = true
			n, _, err := fetch(addr, path, cookie)
			if err != nil {
				return err
			}
			letters.add(n)
		}
	}
	r.add(row{What: "page of 50 cases, compressed", Value: fmt.Sprintf("%d bytes", page.wire), Goal: "below 10 kB", OK: page.wire < maxPage})
	r.add(row{What: "script and style of a first load, compressed", Value: code.String(), Goal: "below 40 kB", OK: code.wire < maxCode && code.wire > 0})
	r.add(row{What: "script alone, compressed", Value: scripts.String(), Goal: "below 30 kB", OK: scripts.wire < maxScript && scripts.wire > 0})
	r.add(row{What: "fonts", Value: fmt.Sprintf("%d bytes", letters.wire), Goal: "below 60 kB", OK: letters.wire < maxFonts})
	return nil
}
