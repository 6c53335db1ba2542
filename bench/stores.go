package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"tocsin/bench/seed"
)

// stores are the filled store and its copies, one for each program, so that all
// begin with the same data.
type stores struct {
	folder string
	n      int
	remove bool
	facts  *seed.Facts
}

// prepare fills a store, or finds one that an earlier run has kept.
func prepare(ctx context.Context, o options) (*stores, error) {
	s := &stores{folder: o.dir, n: o.n}
	if s.folder == "" {
		dir, err := os.MkdirTemp("", "tocsin-bench-")
		if err != nil {
			return nil, err
		}
		s.folder, s.remove = dir, true
	}
	facts := filepath.Join(s.folder, fmt.Sprintf("facts-%d.json", o.n))
	if b, err := os.ReadFile(facts); err == nil {
		s.facts = new(seed.Facts)
		return s, json.Unmarshal(b, s.facts)
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return nil, err
	}
	f, err := fill(ctx, s.seed(), o.n)
	if err != nil {
		return s, err
	}
	s.facts = f
	return s, writeJSON(facts, f)
}

func fill(ctx context.Context, store string, n int) (*seed.Facts, error) {
	h, err := open(ctx, store)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	begin := time.Now()
	f, err := seed.Fill(ctx, h, n, func(done int) { progress("filling the store", done, n) })
	if err == nil {
		say("filled %d cases in %.1f s", n, time.Since(begin).Seconds())
	}
	return f, err
}

func (s *stores) seed() string { return s.file(fmt.Sprintf("seed-%d", s.n)) }

func (s *stores) file(name string) string { return filepath.Join(s.folder, name+".db") }

// copyTo makes a fresh copy of the filled store.
func (s *stores) copyTo(name string) (string, error) {
	to := s.file(name)
	for _, end := range []string{"-wal", "-shm"} {
		_ = os.Remove(to + end) // mostly there is none
	}
	in, err := os.Open(s.seed())
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return "", err
	}
	if err := out.Sync(); err != nil { // so that no later commit waits for it
		out.Close()
		return "", err
	}
	return to, out.Close()
}

func (s *stores) close() {
	if s.remove {
		_ = os.RemoveAll(s.folder) // a folder for temporary files
	}
}

// say writes a line about the run, over the progress bar.
func say(format string, args ...any) {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		format = "\r\033[K" + format
	}
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// progress draws how far the work has come, where somebody looks.
func progress(what string, done, all int) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return
	}
	const width = 30
	n := width * done / max(1, all)
	fmt.Fprintf(os.Stderr, "\r\033[K%s [%s%s] %d of %d", what, strings.Repeat("=", n), strings.Repeat("-", width-n), done, all)
	if done >= all {
		fmt.Fprint(os.Stderr, "\r\033[K")
	}
}
