// Package live tells open pages that something changed: a hub at which each page
// that is open has a seat, on one record or on all records of a kind. The gate tells
// the hub of every act after its commit; what other replicas and the command line
// did is read from the sealed audit log, once a second at most and only while
// somebody sits. The hub says that, where and by whom something changed, never what.
// It asks nobody's authority: whoever sends on, package web, asks before each send.
// It starts no goroutine: whoever sits looks.
package live

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Limits of a hub.
const (
	MostSeats = 4000 // in one process
	MostEach  = 24   // of one person; a page that is out of sight gives its seat up
	kept      = 1024 // changes that one who comes back is told of
)

// Config is what a Hub is made of.
type Config struct {
	Trail *insight.Trail
	Now   func() time.Time
}

// Hub is where open pages sit.
type Hub struct {
	Config
	key seal.Key // places are sealed with it: how much happened to others is nobody's to read

	mu     sync.Mutex
	seats  map[*Seat]struct{}
	each   map[ref.ID]int
	born   time.Time
	ring   [kept]told
	next   int64 // number of the change that comes next
	known  map[ref.ID]struct{}
	seq    int64 // of the sealed log: read up to here; -1 before the first look
	looked time.Time
	closed chan struct{}
	once   sync.Once
}

// told is what was done, and when the hub heard of it.
type told struct {
	gate.Done
	at time.Time
}

// New returns a hub at which nobody sits.
func New(c Config) *Hub {
	return &Hub{Config: c, key: seal.NewKey(), born: c.Now(), seats: map[*Seat]struct{}{}, each: map[ref.ID]int{}, known: map[ref.ID]struct{}{}, seq: -1, closed: make(chan struct{})}
}

// Close ends every seat and takes no more: the program stops.
func (h *Hub) Close() { h.once.Do(func() { close(h.closed) }) }

// Closed is closed when the hub is.
func (h *Hub) Closed() <-chan struct{} { return h.closed }

// Seats is how many sit.
func (h *Hub) Seats() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.seats)
}

// Seat is the place of one open page. It belongs to one goroutine.
type Seat struct {
	hub  *Hub
	who  ref.ID
	on   string // a record, or a kind of records
	at   int64  // number of the first change that it was not told of
	wake chan struct{}
	gap  bool // what happened before it sat down is not known
}

// Sit takes a seat for a person. on is the ID of a record, or a kind of record: then
// it is told of all of that kind. since is where it left off, as Place said, or when
// the page was made, as Since said, or "".
func (h *Hub) Sit(who ref.ID, on, since string) (*Seat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return nil, later("the server is about to stop; the page comes back by itself")
	default:
	}
	if len(h.seats) >= MostSeats || h.each[who] >= MostEach {
		return nil, later("too many pages are open to be kept up to date; close some, or reload this one by hand")
	}
	s := &Seat{hub: h, who: who, on: on, at: h.next, wake: make(chan struct{}, 1)}
	if since != "" {
		at, ok := h.read(on, since)
		if s.gap = !ok || at > h.next || at < h.next-kept; !s.gap {
			s.at = at
		}
		if s.gap || at < h.next {
			s.nudge()
		}
	}
	h.seats[s] = struct{}{}
	h.each[who]++
	return s, nil
}

func later(says string) error {
	f := fault.New(fault.TooMany, "%s", says)
	f.After = 30 * time.Second
	return f
}

// Leave gives the seat up.
func (s *Seat) Leave() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, sits := h.seats[s]; !sits {
		return
	}
	delete(h.seats, s)
	if h.each[s.who]--; h.each[s.who] == 0 {
		delete(h.each, s.who)
	}
}

// Woken has a value when there may be something to take.
func (s *Seat) Woken() <-chan struct{} { return s.wake }

func (s *Seat) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Place is where the seat is now, to come back with.
func (s *Seat) Place() string {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.place()
}

func (s *Seat) place() string { return s.hub.key.Seal(s.on, fmt.Appendf(nil, "%019d", s.at)) }

// News is what a seat is told.
type News struct {
	Changes []gate.Done
	Missed  bool   // more happened than the hub kept
	Place   string // to come back with
}

// Take returns what happened since the last Take.
func (s *Seat) Take() (n News) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	n.Missed, s.gap = s.gap || s.at < h.next-kept, false
	for i := max(s.at, h.next-kept); i < h.next; i++ {
		if d := h.ring[i%kept]; s.hears(d.Done) {
			n.Changes = append(n.Changes, d.Done)
		}
	}
	s.at = h.next
	n.Place = s.place()
	return n
}

// Since is when a page was made, for Sit: what is done while the page travels, and until
// its line stands, reaches it too.
func Since(made time.Time) string { return "@" + strconv.FormatInt(made.UnixNano(), 10) }

// recent is how long ago a page that asks by Since may have been made.
const recent = time.Minute

// after is the number of the first change that was told at that instant or later. An
// instant long ago, or from before the hub began to hear, is not known. Of what the hub
// has forgotten nothing is said: how much happened to others is nobody's to find out.
func (h *Hub) after(made time.Time) (at int64, ok bool) {
	if made.Before(h.born) || h.Now().Sub(made) > recent {
		return 0, false
	}
	for at = h.next; at > max(0, h.next-kept) && !h.ring[(at-1)%kept].at.Before(made); {
		at--
	}
	return at, true
}

// read opens a place that Take gave for the same seat, or that Since did.
func (h *Hub) read(on, place string) (at int64, ok bool) {
	if ns, is := strings.CutPrefix(place, "@"); is {
		made, err := strconv.ParseInt(ns, 10, 64)
		if err != nil {
			return 0, false
		}
		return h.after(time.Unix(0, made))
	}
	b, err := h.key.Open(on, place)
	if err == nil {
		at, err = strconv.ParseInt(string(b), 10, 64)
	}
	return at, err == nil
}

func (s *Seat) hears(d gate.Done) bool {
	return string(d.Subject) == s.on || d.Subject.Kind() == s.on
}

// Tell says what was done; the gate calls it after each commit. It never waits.
func (h *Hub) Tell(done []gate.Done) {
	h.mu.Lock()
	defer h.mu.Unlock()
	first, now := h.next, h.Now()
	for _, d := range done {
		if _, again := h.known[d.Entry]; again || d.Subject == "" {
			continue
		}
		at := &h.ring[h.next%kept]
		delete(h.known, at.Entry)
		*at = told{d, now}
		h.known[d.Entry] = struct{}{}
		h.next++
	}
	for s := range h.seats {
		for i := max(first, h.next-kept); i < h.next; i++ {
			if s.hears(h.ring[i%kept].Done) {
				s.nudge()
				break
			}
		}
	}
}

// Often is how often the sealed log is looked at, at most.
const Often = time.Second

// Look reads what was done elsewhere. Everybody who sits calls it now and then; it
// reads once a second at most.
func (h *Hub) Look(ctx context.Context) error {
	from, due := h.due()
	if !due {
		return nil
	}
	done, to, err := h.Trail.Sealed(access.With(ctx, access.System("live")), from)
	if err != nil {
		return err
	}
	h.mu.Lock()
	if h.seq = to; from < 0 {
		h.born = h.Now() // what others did before is not known
	}
	h.mu.Unlock()
	h.Tell(done)
	return nil
}

// due tells whether it is time to look, and from where.
func (h *Hub) due() (from int64, due bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.Now()
	if gone := now.Sub(h.looked); gone >= 0 && gone < Often {
		return 0, false
	}
	h.looked = now
	return h.seq, true
}
