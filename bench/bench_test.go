package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tocsin/bench/bare"
	"tocsin/bench/load"
	"tocsin/bench/seed"
	"tocsin/internal/api"
)

// serveTest serves a handler for as long as the test.
func serveTest(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-done })
	return l.Addr().String()
}

// TestBothProgramsAnswerTheSameRequests keeps the comparison honest: the bare
// program and the house give the same rows to the same readers.
func TestBothProgramsAnswerTheSameRequests(t *testing.T) {
	s := &stores{folder: t.TempDir(), n: 200}
	h, err := open(t.Context(), s.seed())
	if err != nil {
		t.Fatal(err)
	}
	if s.facts, err = seed.Fill(t.Context(), h, s.n, func(int) {}); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	addrs := map[string]string{}
	for _, name := range []string{"real", "bare"} {
		store, err := s.copyTo(name)
		if err != nil {
			t.Fatal(err)
		}
		addrs[name] = serveTest(t, program(t, name, store))
	}
	for what, next := range map[string]func(r requests) load.Next{
		"a list":                    requests.list,
		"a search for common words": requests.common,
		"a search for a rare word":  requests.rare,
	} {
		a, b := ids(t, addrs["real"], next(s.of("real"))), ids(t, addrs["bare"], next(s.of("bare")))
		if a != b {
			t.Errorf("%s: the house answers %s, the bare program %s", what, a, b)
		}
	}
	narrow := ids(t, addrs["real"], s.of("real").as(s.facts.Narrow).list())
	if n := strings.Count(narrow, "CASE-"); n == 0 || n > s.n/5 {
		t.Errorf("who may see 2 %% of %d cases is shown %d", s.n, n)
	}
	for name, path := range map[string]string{"real": "cases", "bare": "whole"} {
		for _, next := range []load.Next{s.of(name).one(path), s.of(name).create()} {
			if status, _, body, err := load.Once(addrs[name], next(nil, 1)); err != nil || status/100 != 2 {
				t.Errorf("%s: status %d, %v: %.200s", name, status, err, body)
			}
		}
	}
}

func program(t *testing.T, name, store string) http.Handler {
	t.Helper()
	if name == "bare" {
		b, err := bare.Open(store)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		return b.Handler()
	}
	h, err := open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return api.New(h, api.Options{PerSecond: -1})
}

// ids are the cases of an answer, in its order.
func ids(t *testing.T, addr string, next load.Next) string {
	t.Helper()
	status, _, body, err := load.Once(addr, next(nil, 0))
	if err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v: %.200s", status, err, body)
	}
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&page); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, x := range page.Items {
		all = append(all, x.ID)
	}
	return strings.Join(all, " ")
}

func TestTheTableTellsWhatWasMissed(t *testing.T) {
	for _, x := range []struct {
		row  row
		want string
	}{{row{}, ""}, {row{Goal: "at least 1", OK: true}, "ok"}, {row{Goal: "at least 1"}, "MISS"}} {
		if have := x.row.verdict(); have != x.want {
			t.Errorf("%+v: %q, want %q", x.row, have, x.want)
		}
	}
	r := report{Cases: 3, Rows: []row{{What: "a", Value: "1"}}}
	path := filepath.Join(t.TempDir(), "out", "latest.json")
	if err := writeJSON(path, r); err != nil {
		t.Fatal(err)
	}
}
