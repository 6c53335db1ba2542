package cli_test

import (
	"bufio"
	"bytes"
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

	"tocsin/internal/db"
	"tocsin/internal/rig"
)

// postbox is a mail server that hands over what it was sent, and answers when it is told to.
type postbox struct {
	net.Listener
	mu    sync.Mutex
	mails map[string]int // Message-ID -> how often it was taken
	begun chan struct{}  // one for each mail that arrives
	take  chan struct{}  // closed: mails are taken
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{Listener: l, mails: map[string]int{}, begun: make(chan struct{}, 100), take: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// serve speaks as much of RFC 5321 as taking a mail needs.
func (p *postbox) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewScanner(c)
	say := func(s string) { fmt.Fprint(c, s+"\r\n") }
	say("220 postbox.test ESMTP")
	for in.Scan() {
		switch word, _, _ := strings.Cut(strings.ToUpper(in.Text()), " "); word {
		case "EHLO", "HELO":
			say("250 postbox.test")
		case "DATA":
			say("354 go on")
			p.receive(in)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 yes")
		}
	}
}

func (p *postbox) receive(in *bufio.Scanner) {
	name := ""
	for in.Scan() && in.Text() != "." {
		if field, value, _ := strings.Cut(in.Text(), ":"); strings.EqualFold(field, "Message-ID") {
			name = strings.TrimSpace(value)
		}
	}
	p.begun <- struct{}{}
	<-p.take
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails[name]++
}

// slowly is a body that stops in its middle until it may go on.
type slowly struct {
	first io.Reader
	stop  chan struct{} // closed when the first half is read
	goOn  chan struct{}
	rest  io.Reader
	once  sync.Once
}

func (s *slowly) Read(b []byte) (int, error) {
	n, err := s.first.Read(b)
	if n > 0 || !errors.Is(err, io.EOF) {
		return n, nil
	}
	s.once.Do(func() { close(s.stop) })
	<-s.goOn
	return s.rest.Read(b)
}

func TestServerThatIsAskedToStopFinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	s, post := newSite(t, ""), newPostbox(t)
	v := s.start("--smtp", "smtp://"+post.Addr().String(), "--mail-from", "tocsin@example.org")
	c := v.newClient("")

	number, g, err := c.report("mail is on its way", []byte("one"))
	if err != nil {
		t.Fatalf("a report: %v, %v", g, err)
	}
	<-post.begun // the job is in flight

	body, kind := form(reported("a slow upload"), bytes.Repeat([]byte("x"), 4<<20))
	whole := body.Bytes()
	up := &slowly{first: bytes.NewReader(whole[:len(whole)/2]), rest: bytes.NewReader(whole[len(whole)/2:]), stop: make(chan struct{}), goOn: make(chan struct{})}
	uploaded := make(chan got, 1)
	go func() {
		g, err := c.send("POST", "/portal/report", up, "Content-Type", kind, "Expect", "100-continue") // so that no byte travels before the server has begun
		if err != nil {
			t.Errorf("the upload that had begun: %v", err)
		}
		uploaded <- g
	}()
	<-up.stop

	v.signal(syscall.SIGTERM)
	eventually(t, 10*time.Second, "new connections are refused", func() bool {
		r, err := quick.Get(v.url + "/healthz")
		if err == nil {
			r.Body.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})
	close(up.goOn)
	slow := <-uploaded
	m := tracking.FindSubmatch(slow.body)
	if slow.status != http.StatusOK || m == nil {
		t.Fatalf("the upload that had begun: %v", slow)
	}
	close(post.take)
	if code := v.ended(30 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, v.log)
	}
	s.rest(t, post, number, string(m[1]))
}

// rest starts the house again and asserts that each of the reports was
// acknowledged once, whoever did it.
func (s *site) rest(t *testing.T, post *postbox, numbers ...string) {
	t.Helper()
	v := s.start("--smtp", "smtp://"+post.Addr().String(), "--mail-from", "tocsin@example.org")
	d := s.look()
	defer d.Close()
	eventually(t, 40*time.Second, "every job is done", func() bool {
		return rig.Count(t, d, "jobs where state <> 'done' and kind not in ('clock:tick', 'house:clean', 'register:nightly')") == 0
	})
	for _, n := range numbers {
		if have := mailState(t, d, n); have != "sent" {
			t.Errorf("the acknowledgement of %s is %q, want sent", n, have)
		}
	}
	if code := v.stop(); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, v.log)
	}
	post.mu.Lock()
	defer post.mu.Unlock()
	if len(post.mails) != len(numbers) {
		t.Errorf("mails %v, want %d", post.mails, len(numbers))
	}
	for name, times := range post.mails {
		if times != 1 {
			t.Errorf("%s was sent %d times, want once", name, times)
		}
	}
	s.verified()
}

func mailState(t *testing.T, d *db.DB, about string) string {
	t.Helper()
	return pairs(t, d, "select about, state from mails")[about]
}

func TestJobOfAKilledServerIsTakenUpAtTheNextStart(t *testing.T) {
	t.Parallel()
	s, post := newSite(t, ""), newPostbox(t)
	v := s.start("--smtp", "smtp://"+post.Addr().String(), "--mail-from", "tocsin@example.org")
	number, g, err := v.newClient("").report("mail is on its way", []byte("one"))
	if err != nil {
		t.Fatalf("a report: %v, %v", g, err)
	}
	<-post.begun
	v.kill()
	began, after := time.Now(), newPostbox(t)
	close(after.take)
	taken := make(chan time.Duration, 1)
	go func() {
		<-after.begun
		taken <- time.Since(began)
	}()
	s.rest(t, after, number)
	select {
	case took := <-taken:
		t.Logf("taken up within %s of the kill", took.Round(time.Millisecond))
		if took > 30*time.Second {
			t.Errorf("taken up only after %s", took)
		}
	case <-time.After(time.Second):
		t.Error("no mail was taken up")
	}
}

func TestServerThatCannotFinishStillEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the whole time that a stop may take")
	}
	t.Parallel()
	s := newSite(t, "")
	v := s.start()
	stuck, err := net.Dial("tcp", strings.TrimPrefix(v.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	fmt.Fprintf(stuck, "POST /portal/report HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n")
	if said, err := bufio.NewReader(stuck).ReadString('\n'); err != nil || !strings.Contains(said, "100 Continue") {
		t.Fatalf("the request has not begun: %q, %v", said, err)
	}
	began := time.Now()
	v.signal(syscall.SIGTERM)
	if code := v.ended(35 * time.Second); code == 0 {
		t.Errorf("exit code 0 after %s although a request was cut off", time.Since(began))
	}
	if said := v.log.String(); strings.Contains(said, "panic") || strings.Count(said, "tocsin: ") != 1 || !strings.Contains(said, "tocsin: requests that had begun") {
		t.Errorf("it says %s, want one line that tells what was cut off", said)
	}
	s.verified()
}
