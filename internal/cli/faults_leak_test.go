package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// held is what a process holds of the machine.
type held struct{ files, kilobytes int }

func (v *server) held() held {
	v.t.Helper()
	proc := filepath.Join("/proc", strconv.Itoa(v.cmd.Process.Pid))
	names, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		v.t.Skipf("what a process holds cannot be read here: %v", err)
	}
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		v.t.Fatal(err)
	}
	h := held{files: len(names)}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			h.kilobytes, _ = strconv.Atoi(f[1]) // a number, always
		}
	}
	return h
}

// goroutine heads one of the stacks that a Go program prints when it is told to quit.
var goroutine = regexp.MustCompile(`(?m)^goroutine \d+`)

// quit ends the process and returns how many goroutines it had.
func (v *server) quit() int {
	v.t.Helper()
	v.signal(syscall.SIGQUIT)
	<-v.exited
	return len(goroutine.FindAllString(v.log.String(), -1))
}

func TestNothingIsLeftOfManyRequests(t *testing.T) {
	many := 2000
	if testing.Short() {
		many = 300
	}
	s := newSite(t, "")
	idle := s.start()
	warm(t, idle, 100)
	before := idle.settledDown()
	base := idle.quit()

	v := s.start()
	warm(t, v, 100)
	v.settledDown()
	began := time.Now()
	warm(t, v, many)
	took := time.Since(began)
	after := v.settledDown()
	left := v.quit()
	t.Logf("%d requests in %s; open files %d -> %d, resident %d -> %d MB, goroutines %d -> %d", many, took.Round(time.Millisecond), before.files, after.files,
		before.kilobytes>>10, after.kilobytes>>10, base, left)
	if after.files > before.files+5 {
		t.Errorf("%d files are open, want about %d", after.files, before.files)
	}
	if left > base+10 {
		t.Errorf("%d goroutines are left, want about %d", left, base)
	}
	if after.kilobytes > 256<<10 {
		t.Errorf("%d MB are resident, want less than 256", after.kilobytes>>10)
	}
}

// warm sends requests of every kind, some of which are cut off in their middle.
func warm(t *testing.T, v *server, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			c := v.newClient("")
			defer c.close()
			id := c.openCase(t, fmt.Sprintf("case %d", w))
			for i := range n / 8 {
				c.header.Set("X-Forwarded-For", fmt.Sprintf("10.9.%d.%d", w, i%250))
				c.one(t, i, id)
			}
		})
	}
	wg.Wait()
}

func (c *client) one(t *testing.T, i int, id string) {
	var g got
	var err error
	switch i % 10 {
	case 0:
		g, err = c.api("POST", "/cases/"+id+"/notes", map[string]any{"text": "a note"})
	case 1:
		g, err = c.api("GET", "/cases?q=case", nil)
	case 2:
		_, g, err = c.report(fmt.Sprintf("report %d", i), make([]byte, 100_000))
	case 3:
		g, err = c.api("POST", "/cases", `{"title":`)
	case 4:
		g, err = c.send("GET", "/portal", nil)
	case 5:
		g, err = c.send("GET", "/portal/r/NOBODYKNOWSTHISSECRETOFNOREPORT00", nil)
	case 6:
		c.hangUp(id)
		return
	case 7:
		g, err = c.api("GET", "/audit?limit=5", nil)
	default:
		g, err = c.api("GET", "/cases/"+id, nil)
	}
	if err != nil || g.status >= 500 {
		t.Errorf("request %d: %v, %v", i, g, err)
	}
}

// hangUp leaves in the middle of an upload.
func (c *client) hangUp(id string) {
	short := *c.Client
	short.Timeout = 20 * time.Millisecond
	hasty := *c
	hasty.Client = &short
	_, _ = hasty.send("POST", "/api/v1/cases/"+id+"/files?name=x", &endless{}, "Authorization", "Bearer "+c.token, "Content-Type", "application/octet-stream") // it is meant to fail
}

// endless is a body that trickles for ever.
type endless struct{}

func (*endless) Read(b []byte) (int, error) {
	<-time.After(time.Millisecond)
	b[0] = 'x'
	return 1, nil
}

// settledDown waits until the process holds no more connections of callers, and
// returns what it holds then.
func (v *server) settledDown() (h held) {
	v.t.Helper()
	last, same := -1, 0
	eventually(v.t, 20*time.Second, "the process settles down", func() bool {
		h = v.held()
		if h.files == last {
			same++
		} else {
			last, same = h.files, 0
		}
		return same > 25
	})
	return h
}
