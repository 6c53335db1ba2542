package portal

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter is a bucket for each network address: an IPv4 address, or the /64 that
// an IPv6 host usually has to itself. It lives in the memory of one replica.
type limiter struct {
	mu    sync.Mutex
	every time.Duration
	burst int
	of    map[netip.Prefix]*rate.Limiter
}

// mostBuckets is how many addresses are remembered; then those that may send in
// full again are forgotten.
const mostBuckets = 50_000

func newLimiter(every time.Duration, burst int) *limiter {
	return &limiter{every: every, burst: burst, of: map[netip.Prefix]*rate.Limiter{}}
}

// wait is how long the address has to wait before it may send again; 0 is not at all.
func (l *limiter) wait(from netip.Prefix, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.of[from]
	if !ok {
		return 0
	}
	return max(0, time.Duration((1-b.TokensAt(now))*float64(l.every)))
}

// take counts one sending, and tells whether there was room for it.
func (l *limiter) take(from netip.Prefix, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.of) >= mostBuckets {
		l.forget(now)
	}
	b, ok := l.of[from]
	if !ok {
		b = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.of[from] = b
	}
	return b.AllowN(now, 1)
}

// forget drops the buckets that are full again, and where none is, any half: an
// attack from so many addresses is not one that this limit stops.
func (l *limiter) forget(now time.Time) {
	for from, b := range l.of {
		if b.TokensAt(now) >= float64(l.burst) {
			delete(l.of, from)
		}
	}
	for from := range l.of {
		if len(l.of) <= mostBuckets/2 {
			return
		}
		delete(l.of, from)
	}
}

// from is the network that a request comes from.
func (p *Portal) from(r *http.Request) netip.Prefix {
	host := r.RemoteAddr
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if p.options.Address != nil {
		host = p.options.Address(r)
	}
	return network(host)
}

// network is the part of an address that one host or household has.
func network(host string) netip.Prefix {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{} // all that cannot be told apart share one bucket
	}
	a = a.Unmap().WithZone("")
	bits := 64
	if a.Is4() {
		bits = 32
	}
	n, _ := a.Prefix(bits) // both lengths fit their family
	return n
}
