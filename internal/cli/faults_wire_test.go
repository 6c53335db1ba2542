package cli_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// raw writes bytes to the server and returns what it answers until it closes.
func (v *server) raw(t *testing.T, within time.Duration, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(v.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(within)) // a socket takes one
	_, _ = io.WriteString(c, text)            // it may close while we still write: that is an answer too
	b, err := io.ReadAll(bufio.NewReader(c))
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%.60q: neither answered nor closed within %s: %v", text, within, err)
	}
	return string(b)
}

// civil asserts that an answer is none of a server that fell over.
func civil(t *testing.T, what string, g got) {
	t.Helper()
	if g.status >= 500 || g.status < 200 {
		t.Errorf("%s: have %v, want an answer below 500", what, g)
	}
	engine := bytes.Contains(g.body, []byte("SQL")) || bytes.Contains(g.body, []byte("sqlite"))
	if g.status == 200 && strings.HasPrefix(what, "get /health-check ") {
		engine = false // which store it is, is what it tells
	}
	if engine || bytes.Contains(g.body, []byte("goroutine ")) || bytes.Contains(g.body, []byte(".go:")) {
		t.Errorf("%s: the answer tells of the inside: %s", what, g)
	}
	if strings.Contains(g.header.Get("Content-Type"), "json") && g.status >= 400 {
		problem(t, what, g, g.status)
	}
}

func TestBadBytesOnTheWireAreAnsweredAndEnded(t *testing.T) {
	t.Parallel()
	v := newSite(t, "").start()
	auth := "Authorization: Bearer " + v.token + "\r\n"
	tests := []struct{ name, sends, want string }{
		{"a header larger than 64 KiB", "GET /api/v1/cases HTTP/1.1\r\nHost: x\r\nX-Big: " + strings.Repeat("a", 80<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		{"ten thousand small headers", "GET /api/v1/cases HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: b\r\n", 10_000) + "\r\n", "HTTP/1.1 431 "},
		{"no host", "GET /api/v1/cases HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"two hosts", "GET /api/v1/cases HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400 "},
		{"a host of another planet", "GET /api/v1/cases HTTP/1.1\r\nHost: evil\x00.example\r\n\r\n", "HTTP/1.1 400 "},
		{"a foreign host", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 "},
		{"a whole address of a foreign host", "GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 "},
		{"no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "HTTP/1.1 400 "},
		{"two lengths", "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 400 "},
		{"a negative length", "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
		{"an unknown transfer coding", "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 501 "},
		{"a length and chunks", "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Type: application/json\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 "},
		{"a chunk of no size", "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
		{"a space before the colon", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A : b\r\n\r\n", "HTTP/1.1 400 "},
		{"a line break in the path", "GET /api/v1/ca\rses HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		{"a method of its own", "BREW /api/v1/cases HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 "},
		{"a version of the future", "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", "HTTP/1.1 505 "},
		{"the proxy's method", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n", "HTTP/1.1 4"},
	}
	for _, test := range tests {
		if have := v.raw(t, 10*time.Second, test.sends); !strings.HasPrefix(have, test.want) {
			t.Errorf("%s: have %.80q, want %q", test.name, have, test.want)
		}
	}
	v.slow(t, auth)
}

// slow asserts that who takes their time with the head of a request is let go, and
// keeps nobody from being answered.
func (v *server) slow(t *testing.T, auth string) {
	t.Helper()
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			c, err := net.Dial("tcp", strings.TrimPrefix(v.url, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			fmt.Fprint(c, "GET /api/v1/cases HTTP/1.1\r\nHost: x\r\n"+auth)
			_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // a socket takes one
			if b, err := io.ReadAll(c); err != nil || len(b) > 0 && !bytes.HasPrefix(b, []byte("HTTP/1.1 4")) {
				t.Errorf("a head that never ends: have %.60q, %v, want to be let go within 20 s", b, err)
			}
		})
	}
	c := v.newClient("")
	defer c.close()
	c.must(t, 200, "GET", "/cases", nil)
	wg.Wait()
}

func TestThousandsOfConnectionsStayAnswerable(t *testing.T) {
	v := newSite(t, "").start()
	many := 10_000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		many = 1000
	}
	if most := int(limit.Cur)/2 - 200; many > most {
		t.Logf("only %d connections: the limit of open files is %d", most, limit.Cur)
		many = most
	}
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for i := range many {
		d := net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i/5000))}}
		c, err := d.Dial("tcp", strings.TrimPrefix(v.url, "http://"))
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		open = append(open, c)
		if i%10 == 0 { // of the many, one in ten asks, now and again; one that never does has ten seconds to
			if status := asked(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); status != http.StatusOK {
				t.Fatalf("connection %d is answered %d", i, status)
			}
		}
	}
	c := v.newClient("")
	defer c.close()
	began := time.Now()
	for i := range 20 {
		c.openCase(t, fmt.Sprintf("among thousands %d", i))
		c.must(t, 200, "GET", "/cases", nil)
	}
	answered := 0
	for i := 0; i < len(open); i += 10 {
		if asked(open[i], "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == http.StatusOK {
			answered++
		}
	}
	if want := (len(open) + 9) / 10; answered != want {
		t.Errorf("%d of %d connections were answered", answered, want)
	}
	t.Logf("%d connections opened, of which nine in ten never ask; 20 creates and 20 lists among them took %s", len(open), time.Since(began).Round(time.Millisecond))
}

// asked sends a request and reads its whole answer, and is the status of it; 0 for none.
func asked(c net.Conn, request string) int {
	_ = c.SetDeadline(time.Now().Add(30 * time.Second)) // a socket takes one
	fmt.Fprint(c, request)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body) // so that the next answer begins where it does
	answer.Body.Close()
	return answer.StatusCode
}

func TestBadBodiesAreRefusedInWords(t *testing.T) {
	t.Parallel()
	v := newSite(t, "").start()
	c := v.newClient("")
	id := c.openCase(t, "a case")
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 1000 {
		_, _ = z.Write(make([]byte, 1<<20)) // into memory
	}
	_ = z.Close() // into memory
	tests := []struct {
		name, body string
		want       int
		header     []string
	}{
		{"a body larger than 1 MiB", `{"title":"` + strings.Repeat("a", 2<<20) + `"}`, 413, nil},
		{"a member twice", `{"title":"a","title":"b"}`, 400, nil},
		{"a member twice, once in disguise", `{"title":"a","titl\u0065":"b"}`, 400, nil},
		{"a member twice, in capitals", `{"title":"a","TITLE":"b"}`, 400, nil},
		{"a hundred thousand brackets", strings.Repeat("[", 100_000), 400, nil},
		{"deep objects", strings.Repeat(`{"title":`, 50_000) + "1" + strings.Repeat("}", 50_000), 400, nil},
		{"bytes that are no UTF-8", "{\"title\":\"\xff\xfe\"}", 400, nil},
		{"half a surrogate", `{"title":"\ud800"}`, 400, nil},
		{"a NUL", `{"title":"a\u0000b"}`, 400, nil},
		{"text that turns around", "{\"title\":\"a\u202eb\"}", 400, nil},
		{"an unknown member", `{"title":"a","is_admin":true}`, 400, nil},
		{"a member of the row", `{"title":"a","version":7,"stage":"closed","guard":"x"}`, 400, nil},
		{"a number of a thousand digits", `{"title":` + strings.Repeat("9", 1000) + `}`, 400, nil},
		{"a huge exponent", `{"title":"a","received":1e400}`, 400, nil},
		{"two values", `{"title":"a"} {"title":"b"}`, 400, nil},
		{"nothing", ` `, 400, nil},
		{"null", `null`, 400, nil},
		{"a list", `[]`, 400, nil},
		{"a text", `"title"`, 400, nil},
		{"a byte order mark", "\ufeff{\"title\":\"a\"}", 400, nil},
		{"a year before time", `{"title":"a","received":"-0001-01-01T00:00:00Z"}`, 400, nil},
		{"a form", `title=a`, 415, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"plain text", `{"title":"a"}`, 415, []string{"Content-Type", "text/plain"}},
		{"a type that is none", `{"title":"a"}`, 415, []string{"Content-Type", ";;;"}},
		{"a gzip bomb", bomb.String(), 415, []string{"Content-Encoding", "gzip"}},
		{"an unknown encoding", `{"title":"a"}`, 415, []string{"Content-Encoding", "br"}},
		{"encoded twice", `{"title":"a"}`, 415, []string{"Content-Encoding", "identity, gzip"}},
		{"an idempotency key without end", `{"title":"a"}`, 400, []string{"Idempotency-Key", strings.Repeat("k", 5000)}},
		{"an If-Match that is none", `{"title":"a"}`, 400, []string{"If-Match", "W/\"x\""}},
	}
	for _, test := range tests {
		g, err := c.api("POST", "/cases", test.body, test.header...)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		problem(t, test.name, g, test.want)
		civil(t, test.name, g)
	}
	for _, up := range []string{"/cases/" + id + "/files?name=x.bin", "/advisory-check"} {
		g, err := c.api("POST", up, bomb.String(), "Content-Type", "application/json", "Content-Encoding", "gzip")
		if err != nil {
			t.Fatal(err)
		}
		problem(t, "a gzip bomb to "+up, g, 415)
	}
	body, kind := form(reported("squeezed"))
	var small bytes.Buffer
	z = gzip.NewWriter(&small)
	_, _ = z.Write(body.Bytes()) // into memory
	_ = z.Close()                // into memory
	g, err := c.send("POST", "/portal/report", &small, "Content-Type", kind, "Content-Encoding", "gzip")
	if err != nil || g.status < 400 || g.status >= 500 {
		t.Errorf("a form that is compressed: have %v, %v, want it refused", g, err)
	}
	if have := bytes.Count(c.must(t, 200, "GET", "/cases", nil).body, []byte(`"CASE-`)); have != 1 {
		t.Errorf("%d cases, want the one that was asked for rightly", have)
	}
}

// hostile are values that no parameter should take, and none should stumble over.
var hostile = []string{"", " ", "..", ".", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", `..\..\windows`, "%00", "a%00b", "%ff%fe", "%e2%80%ae", "'", "' or '1'='1", `"`, "`", "--", ";drop table cases", "{}", "{cases}", "$1", "%24%7b7*7%7d",
	"<script>", "-1", "0", "9223372036854775808", "1e309", "NaN", "null", "true", strings.Repeat("A", 5000), "CASE-", "case-00000000", "CASE-%F0%9F%94%94", "CASE-7QK3D9XB", "%C0%AE%C0%AE", "*", "?", "%25", "%2e%2e", "+", "a b", "\u0430", "2026-13-45", "0001-01-01", "9999-12-31T23:59:60Z", "=cmd|' /C calc'!A0"}

func TestHostilePathsAndMarkersAreAnsweredInWords(t *testing.T) {
	t.Parallel()
	v := newSite(t, "").start()
	c := v.newClient("")
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for i := range 5 {
		c.openCase(t, fmt.Sprintf("case %d", i))
	}
	paths := []string{"/api/v1/cases/%s", "/api/v1/cases/%s/history", "/api/v1/files/%s/content", "/api/v1/reports/%s", "/api/v1/advisories/%s/forms/%s", "/api/v1/publications/%s", "/api/%s", "/cases/%s", "/inbox/%s", "/advisories/%s", "/advisories/%s/csaf.json", "/portal/r/%s",
		"/portal/%s", "/invite/%s", "/assets/%s", "/%s", "/.well-known/%s", "/sign-in?next=%s", "/portal/find?number=%s"}
	for _, p := range paths {
		for _, h := range hostile {
			path := strings.ReplaceAll(p, "%s", strings.NewReplacer(" ", "%20", "#", "%23", "?", "%3f", `"`, "%22", "`", "%60", "<", "%3c", ">", "%3e", "{", "%7b", "}", "%7d", `\`, "%5c", "\u0430", "%D0%B0", "|", "%7c").Replace(h))
			if _, err := http.NewRequest("GET", v.url+path, nil); err != nil {
				path = strings.ReplaceAll(p, "%s", "%25")
			}
			g, err := c.send("GET", path, nil, "Authorization", "Bearer "+c.token)
			if err != nil {
				t.Errorf("GET %.100s: %v", path, err)
				continue
			}
			civil(t, "GET "+path[:min(len(path), 100)], g)
			if g.status == http.StatusOK && bytes.Contains(g.body, []byte("root:")) {
				t.Errorf("GET %s: handed out a file of the machine", path)
			}
			if to := g.header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") && !strings.HasPrefix(to, v.url) {
				t.Errorf("GET %s: leads away to %s", path, to)
			}
		}
	}
	c.markers(t)
	c.methods(t)
}

// markers flips every byte of a marker of pages: each is refused in words.
func (c *client) markers(t *testing.T) {
	t.Helper()
	var page struct{ Next string }
	if err := json.Unmarshal(c.must(t, 200, "GET", "/cases?limit=2", nil).body, &page); err != nil || page.Next == "" {
		t.Fatalf("no marker: %v", err)
	}
	var bad []string
	for i := range len(page.Next) {
		b := []byte(page.Next)
		if b[i]++; b[i] > 'z' {
			b[i] = 'a'
		}
		bad = append(bad, string(b))
	}
	for _, m := range append(bad, page.Next[:len(page.Next)-1], page.Next+"A", "AAAA", strings.Repeat("A", 5000)) {
		g, err := c.send("GET", "/api/v1/cases?limit=2&after="+strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(m), nil, "Authorization", "Bearer "+c.token)
		if err != nil {
			t.Fatal(err)
		}
		problem(t, "the marker "+m[:min(len(m), 60)], g, 400)
	}
	for _, list := range []string{"/reports", "/advisories", "/publications", "/jobs", "/audit"} { // the marker of another list
		g, err := c.api("GET", list+"?after="+page.Next, nil)
		if err != nil {
			t.Fatal(err)
		}
		problem(t, "the marker of cases at "+list, g, 400)
	}
}

// methods asks every address by methods that it does not know.
func (c *client) methods(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/api/v1/cases", "/api/v1/cases/CASE-7QK3D9XB", "/api/v1/openapi.json", "/healthz", "/portal/report", "/sign-in", "/advisories", "/"} {
		for _, m := range []string{"DELETE", "PATCH", "TRACE", "PROPFIND", "OPTIONS", "HEAD", "get"} {
			g, err := c.send(m, path, nil, "Authorization", "Bearer "+c.token, "X-HTTP-Method-Override", "DELETE")
			if err != nil {
				t.Errorf("%s %s: %v", m, path, err)
				continue
			}
			if g.status >= 500 || m != "HEAD" && m != "OPTIONS" && g.status < 400 {
				t.Errorf("%s %s: have %v, want a refusal", m, path, g)
			}
		}
	}
}
