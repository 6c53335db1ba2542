package web_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/live"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// stream is what an open page hears.
type stream struct {
	t     *testing.T
	lines chan string
	end   context.CancelFunc
}

// served puts the pages of a house behind an address, with a quick tick.
func served(t *testing.T, h *rig.House) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(web.New(h.House, web.Options{Tick: time.Millisecond}))
	t.Cleanup(srv.Close)
	return srv
}

// hear opens the stream of a page as somebody.
func (b *browser) hear(srv *httptest.Server, on string) (*stream, int) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/live?on="+on, nil)
	check(b.t, "request", err)
	r.AddCookie(&http.Cookie{Name: "tocsin_session", Value: b.cookies["tocsin_session"]})
	answer, err := srv.Client().Do(r)
	check(b.t, "stream", err)
	s := &stream{b.t, make(chan string, 100), cancel}
	b.t.Cleanup(cancel)
	if answer.StatusCode != 200 {
		answer.Body.Close()
		return s, answer.StatusCode
	}
	go func() {
		defer close(s.lines)
		defer answer.Body.Close()
		for in := bufio.NewScanner(answer.Body); in.Scan(); {
			if line := in.Text(); strings.HasPrefix(line, "data:") || strings.HasPrefix(line, "event:") {
				s.lines <- line
			}
		}
	}()
	if e, _ := s.next(); e != "hello" {
		b.t.Errorf("the stream begins with %q", e)
	}
	return s, 200
}

// next waits for an event; the stream's end is "end".
func (s *stream) next() (event, data string) {
	s.t.Helper()
	for line := range s.lines {
		if word, ok := strings.CutPrefix(line, "event: "); ok {
			event = word
		} else if text, ok := strings.CutPrefix(line, "data: "); ok {
			return event, text
		}
	}
	return "end", ""
}

// changes fails unless the next event says all of it.
func (s *stream) changes(says ...string) {
	s.t.Helper()
	event, data := s.next()
	for _, w := range says {
		if event != "change" || !strings.Contains(data, w) {
			s.t.Fatalf("%s %s, want a change with %q", event, data, w)
		}
	}
}

func (s *stream) ends() {
	s.t.Helper()
	if event, data := s.next(); event != "end" {
		s.t.Fatalf("%s %s, want the end of the stream", event, data)
	}
}

func opened(t *testing.T, h *rig.House, as context.Context, title string) ref.ID {
	t.Helper()
	id, err := h.Cases.Open(as, casework.Opening{Title: title, Summary: "It can.", Product: "gateway", Component: "export"})
	check(t, "open", err)
	return id
}

func TestAnOpenPageHearsWhereAndByWhomItsRecordChanged(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer")
		id, other := opened(t, h, ana, "Export can be read"), opened(t, h, ana, "Import can be read")
		s := open(t, h)
		srv := served(t, h)
		one, _ := s.as(eve).hear(srv, string(id))
		list, _ := s.as(eve).hear(srv, "cases")
		check(t, "other", h.Cases.Edit(ana, other, casework.Patch{Title: ptrTo("Imports can be read")}))
		list.changes("The list has changed")
		check(t, "edit", h.Cases.Edit(ana, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced", Steps: "a secret step"}}))
		one.changes(`"says":"ana changed Reproduction"`, `"parts":["reproduction"]`)
		_, err := h.Cases.Note(ana, id, "Look at this.")
		check(t, "note", err)
		event, data := one.next()
		if !strings.Contains(data, "ana wrote a note") || strings.Contains(data, "Look at this") {
			t.Errorf("%s %s: want who and where, and no word of it", event, data)
		}
		_, err = h.Cases.Note(eve, id, "Mine.")
		check(t, "note", err)
		one.changes(`"own":true`)
	})
}

// TestALinkToWhatIsHiddenIsNotHeard holds that nobody hears of a change of which
// their own history of the record says nothing.
func TestALinkToWhatIsHiddenIsNotHeard(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer")
		id, secret := opened(t, h, ana, "Export can be read"), opened(t, h, ana, "Export of secrets")
		check(t, "embargo", h.Cases.Embargo(ana, secret, rig.Start.AddDate(0, 1, 0), "serious"))
		s := open(t, h)
		srv := served(t, h)
		one, _ := s.as(eve).hear(srv, string(id))
		list, _ := s.as(eve).hear(srv, "cases")
		check(t, "link", h.Cases.LinkTo(ana, id, "related", secret, true))
		check(t, "hidden edit", h.Cases.Edit(ana, secret, casework.Patch{Title: ptrTo("Exports of secrets")}))
		_, err := h.Cases.Note(ana, id, "Look at this.")
		check(t, "note", err)
		one.changes("wrote a note")
		list.changes("The list has changed")
		if _, status := s.as(eve).hear(srv, string(secret)); status != 404 {
			t.Errorf("the stream of a hidden record: %d, want 404", status)
		}
	})
}

func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *rig.House, context.Context, ref.ID, *browser){
		"the record comes under embargo": func(t *testing.T, h *rig.House, ana context.Context, id ref.ID, _ *browser) {
			check(t, "embargo", h.Cases.Embargo(ana, id, rig.Start.AddDate(0, 1, 0), "serious"))
		},
		"the reader signs out": func(t *testing.T, _ *rig.House, _ context.Context, _ ref.ID, b *browser) {
			b.post("/sign-out").leads(t, "/sign-in")
		},
		"the server stops": func(_ *testing.T, h *rig.House, _ context.Context, _ ref.ID, _ *browser) { h.Live.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			rig.Each(t, func(t *testing.T, h *rig.House) {
				ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer")
				id := opened(t, h, ana, "Export can be read")
				b := open(t, h).as(eve)
				one, _ := b.hear(served(t, h), string(id))
				end(t, h, ana, id, b)
				one.ends()
			})
		})
	}
}

func TestAnOpenPageDoesNotLengthenASession(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana := h.As(t, "ana", "analyst")
	id := opened(t, h, ana, "Export can be read")
	b := open(t, h).as(ana)
	until := func() string { return rows(t, h, `select until from sessions`)[0][0] }
	before := until()
	h.Pass(2 * time.Hour)
	one, _ := b.hear(served(t, h), string(id))
	one.end()
	r := httptest.NewRequest("GET", "/cases/"+string(id), nil)
	r.Header.Set(web.QuietHeader, "1")
	b.send(r).is(t, 200)
	if have := until(); have != before {
		t.Errorf("until %s, want %s", have, before)
	}
	b.get("/cases/"+string(id)).is(t, 200)
	if until() == before {
		t.Error("a page that somebody opens lengthens their session")
	}
}

// TestAPageThatReadsItselfAgainTakesNoWordOfTheNext has a page hear of its own person's
// change, and read itself again, before the answer to the form has led on.
func TestAPageThatReadsItselfAgainTakesNoWordOfTheNext(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana := h.As(t, "ana", "analyst")
	id := opened(t, h, ana, "Export can be read")
	b := open(t, h).as(ana)
	b.post("/cases/"+string(id)+"/note", "note-text", "I look at it")
	again := httptest.NewRequest("GET", "/cases/"+string(id), nil)
	again.Header.Set(web.QuietHeader, "1")
	if strings.Contains(b.send(again).body, "Saved.") {
		t.Error("a page that reads itself again says what the next is to say")
	}
	b.get("/cases/"+string(id)).is(t, 200, "Saved.")
	if strings.Contains(b.get("/cases/"+string(id)).body, "Saved.") {
		t.Error("it is said twice")
	}
}

// TestNoStreamIsLeftBehind holds that a reader who goes leaves neither a seat nor a
// goroutine, however many there were, and that one person has only so many.
func TestNoStreamIsLeftBehind(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana := h.As(t, "ana", "analyst")
	id := opened(t, h, ana, "Export can be read")
	b, srv := open(t, h).as(ana), served(t, h)
	b.get("/cases/"+string(id)).is(t, 200, `data-live="/live?on=`+string(id)+`"`, `data-me="person-ana"`)
	before := runtime.NumGoroutine()
	var all []*stream
	for range live.MostEach {
		one, status := b.hear(srv, string(id))
		if status != 200 {
			t.Fatalf("status %d", status)
		}
		all = append(all, one)
	}
	if _, status := b.hear(srv, string(id)); status != 429 {
		t.Errorf("one page too many: %d, want 429", status)
	}
	for _, one := range all {
		one.end()
		one.ends()
	}
	srv.Client().CloseIdleConnections()
	srv.Close() // waits for every answer to end
	if have := h.Live.Seats(); have != 0 {
		t.Errorf("%d seats are left", have)
	}
	for n := 0; runtime.NumGoroutine() > before; n++ {
		if n > 1e7 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}
