// Package load sends requests to a server over loopback and measures how it
// answers: in a closed loop, where each client sends its next request when the
// last one is answered, and in an open loop, where requests come at fixed
// instants whether or not the server keeps up. It speaks just enough HTTP/1.1 to
// cost little beside the servers that it measures. Only the benchmarks use it.
package load

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Next writes request number n, whole, onto buf and returns it.
type Next func(buf []byte, n int) []byte

// Result is what was measured.
type Result struct {
	Requests int
	Failed   int           // answers other than 2xx, and lost connections
	Took     time.Duration // of all together
	First    string        // the first failure, for the reader
	waits    []time.Duration
	sorted   bool
}

// Rate is how many requests were answered in a second.
func (r *Result) Rate() float64 {
	if r.Took <= 0 {
		return 0
	}
	return float64(r.Requests-r.Failed) / r.Took.Seconds()
}

// Quantile is the latency that the share q of the requests stays below.
func (r *Result) Quantile(q float64) time.Duration {
	if len(r.waits) == 0 {
		return 0
	}
	if !r.sorted {
		slices.Sort(r.waits)
		r.sorted = true
	}
	return r.waits[min(len(r.waits)-1, int(q*float64(len(r.waits))))]
}

func (r *Result) add(o Result) {
	r.Requests += o.Requests
	r.Failed += o.Failed
	r.waits = append(r.waits, o.waits...)
	r.sorted = false
	if r.First == "" {
		r.First = o.First
	}
}

func (r *Result) note(wait time.Duration, err error) {
	r.Requests++
	r.waits = append(r.waits, wait)
	if err != nil {
		r.Failed++
		if r.First == "" {
			r.First = err.Error()
		}
	}
}

// Closed runs clients that each wait for their answer, for as long as d.
func Closed(addr string, clients int, d time.Duration, next Next) (Result, error) {
	conns, err := dial(addr, clients)
	if err != nil {
		return Result{}, err
	}
	defer closeAll(conns)
	var number atomic.Int64
	var wg sync.WaitGroup
	parts := make([]Result, clients)
	start := time.Now()
	for i, c := range conns {
		wg.Go(func() {
			for time.Since(start) < d {
				n := int(number.Add(1))
				begin := time.Now()
				err := c.ask(next, n)
				parts[i].note(time.Since(begin), err)
			}
		})
	}
	wg.Wait()
	all := Result{Took: time.Since(start)}
	for _, p := range parts {
		all.add(p)
	}
	return all, nil
}

// Open sends rate requests a second for as long as d, over at most conns
// connections. A latency counts from the instant at which the request was due,
// so that a server that stalls is not spared the requests that wait meanwhile.
func Open(addr string, rate, conns int, d time.Duration, next Next) (Result, error) {
	cs, err := dial(addr, conns)
	if err != nil {
		return Result{}, err
	}
	defer closeAll(cs)
	free := make(chan *client, conns)
	for _, c := range cs {
		free <- c
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var all Result
	start := time.Now()
	total := int(d.Seconds() * float64(rate))
	for n := range total {
		due := start.Add(time.Duration(n) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		wg.Go(func() {
			c := <-free
			err := c.ask(next, n)
			wait := time.Since(due)
			free <- c
			mu.Lock()
			all.note(wait, err)
			mu.Unlock()
		})
	}
	wg.Wait()
	all.Took = time.Since(start)
	return all, nil
}

// Once sends one request and returns the answer's status, headers and body.
func Once(addr string, request []byte) (status int, header, body []byte, err error) {
	cs, err := dial(addr, 1)
	if err != nil {
		return 0, nil, nil, err
	}
	defer closeAll(cs)
	c := cs[0]
	c.keep = true
	err = c.ask(func([]byte, int) []byte { return request }, 0)
	return c.status, c.header, c.body, err
}

// client is one connection that stays open.
type client struct {
	addr   string
	conn   net.Conn
	r      *bufio.Reader
	buf    []byte
	keep   bool // header and body
	status int
	header []byte
	body   []byte
}

func dial(addr string, n int) ([]*client, error) {
	var out []*client
	for range n {
		c := &client{addr: addr}
		if err := c.connect(); err != nil {
			closeAll(out)
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func closeAll(cs []*client) {
	for _, c := range cs {
		c.conn.Close()
	}
}

func (c *client) connect() error {
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		return err
	}
	c.conn, c.r = conn, bufio.NewReaderSize(conn, 64<<10)
	return nil
}

// ask sends a request and reads its answer; after a failure of the connection it
// connects anew.
func (c *client) ask(next Next, n int) error {
	c.buf = next(c.buf[:0], n)
	_, err := c.conn.Write(c.buf)
	if err == nil {
		err = c.answer()
	}
	if err != nil {
		c.conn.Close()
		if again := c.connect(); again != nil {
			return again
		}
		return err
	}
	if c.status < 200 || c.status > 299 {
		return fmt.Errorf("the answer has status %d", c.status)
	}
	return nil
}

var (
	lengthName  = []byte("content-length:")
	chunkedName = []byte("transfer-encoding: chunked")
)

// answer reads one response.
func (c *client) answer() error {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 {
		return fmt.Errorf("the answer begins with %q", line)
	}
	c.status, _ = strconv.Atoi(string(line[9:12]))
	c.header, c.body = c.header[:0], c.body[:0]
	length, chunked := 0, false
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if c.keep {
			c.header = append(c.header, line...)
		}
		switch {
		case len(line) > len(lengthName) && bytes.EqualFold(line[:len(lengthName)], lengthName):
			length, _ = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthName):])))
		case len(line) > len(chunkedName) && bytes.EqualFold(line[:len(chunkedName)], chunkedName):
			chunked = true
		}
	}
	if chunked {
		return c.chunks()
	}
	return c.take(length)
}

func (c *client) take(n int) error {
	if c.keep {
		at := len(c.body)
		c.body = append(c.body, make([]byte, n)...)
		_, err := io.ReadFull(c.r, c.body[at:])
		return err
	}
	_, err := c.r.Discard(n)
	return err
}

func (c *client) chunks() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return err
		}
		if err := c.take(int(n)); err != nil {
			return err
		}
		if _, err := c.r.Discard(2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
