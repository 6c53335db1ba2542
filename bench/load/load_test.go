package load_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tocsin/bench/load"
)

func server(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/long":
			w.Write([]byte(strings.Repeat("x", 100<<10))) // sent in chunks
		case "/no":
			w.WriteHeader(http.StatusTeapot)
		default:
			w.Write([]byte("short"))
		}
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func get(path string) load.Next {
	return func(b []byte, _ int) []byte { return append(b, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"...) }
}

func TestWholeAnswersAreRead(t *testing.T) {
	addr := server(t)
	for path, want := range map[string]int{"/": 5, "/long": 100 << 10} {
		status, _, body, err := load.Once(addr, get(path)(nil, 0))
		if err != nil || status != 200 || len(body) != want {
			t.Errorf("%s: status %d, %d bytes, %v; want 200 and %d", path, status, len(body), err, want)
		}
	}
}

func TestClosedLoopCountsAndTellsFailures(t *testing.T) {
	addr := server(t)
	r, err := load.Closed(addr, 4, 30*time.Millisecond, get("/long"))
	if err != nil || r.Requests == 0 || r.Failed != 0 || r.Rate() <= 0 || r.Quantile(0.5) > r.Quantile(0.99) {
		t.Errorf("%d requests, %d failed, %v", r.Requests, r.Failed, err)
	}
	if r, err = load.Closed(addr, 2, 10*time.Millisecond, get("/no")); err != nil || r.Failed != r.Requests || r.First != "the answer has status 418" {
		t.Errorf("%d of %d failed with %q, %v", r.Failed, r.Requests, r.First, err)
	}
}

func TestOpenLoopSendsAtItsRate(t *testing.T) {
	r, err := load.Open(server(t), 200, 8, 100*time.Millisecond, get("/"))
	if err != nil || r.Requests != 20 || r.Failed != 0 || r.Took < 90*time.Millisecond {
		t.Errorf("%d requests in %v, %d failed, %v; want 20 in 100 ms", r.Requests, r.Took, r.Failed, err)
	}
}
