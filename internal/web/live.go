package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/live"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// liveRoutes are what open pages listen to: that something changed, where and by
// whom. What changed they read again as anybody would.
var liveRoutes = []Route{
	{Pattern: "GET " + ui.LivePath, Do: listen, Quiet: true},
}

// liveLists are the lists that can be listened to, with the kind of their records.
var liveLists = map[string]string{"cases": "case", "inbox": "report", "advisories": "adv", "risks": "risk", "observations": "obs"}

// liveBeats: a tick is how often an open page is looked after. Every beatEvery ticks
// it is asked whether its reader may still listen; after endAfter ticks the stream
// ends, before the server's own limit on answers, and the page comes back.
const (
	liveTick  = time.Second
	beatEvery = 15
	endAfter  = 240
)

// listener is one open page.
type listener struct {
	*Web
	r    *http.Request
	on   string // a record, or a word of liveLists
	kind string // of the list's records; "" listens to a record
	seat *live.Seat
}

func listen(w *Web, r *http.Request) (Answer, error) {
	l := &listener{Web: w, r: r, on: r.FormValue("on")}
	l.kind = liveLists[l.on]
	if err := l.may(); err != nil {
		return Answer{}, err
	}
	if r.Method == http.MethodHead {
		return Answer{JSON: struct{}{}}, nil
	}
	var err error
	if l.seat, err = w.Live.Sit(visitOf(r).actor.ID, or(l.kind, l.on), r.FormValue("since")); err != nil {
		return Answer{}, err
	}
	return Answer{Stream: l.run}, nil
}

// may asks anew whether the session still is, and whether its person may read what
// they listen to.
func (l *listener) may() error {
	v := visitOf(l.r)
	a, err := l.Parties.Still(l.r.Context(), v.secret)
	if err != nil {
		return err
	}
	if a.ID != v.actor.ID {
		return access.NoRecord()
	}
	if l.kind != "" {
		return nil // each record is asked for by itself
	}
	if access.Reads(ref.ID(l.on).Kind()) == "" {
		return access.NoRecord()
	}
	_, err = l.Trail.Said(access.With(l.r.Context(), a.Actor), ref.ID(l.on), nil)
	return err
}

// run sends until the reader goes, may not listen any more, or the server stops. How
// it ends says nothing about why.
func (l *listener) run(out http.ResponseWriter) {
	defer l.seat.Leave()
	tick := time.NewTicker(l.options.tick())
	defer tick.Stop()
	if !l.send(out, "hello", nil) {
		return
	}
	for n := 1; n < endAfter; {
		select {
		case <-l.r.Context().Done():
			return
		case <-l.Live.Closed():
			return
		case <-l.seat.Woken():
			if !l.news(out) {
				return
			}
		case <-tick.C:
			if n++; !l.look(out, n) {
				return
			}
		}
	}
}

// look is what a tick does.
func (l *listener) look(out http.ResponseWriter, n int) bool {
	if err := l.Live.Look(l.r.Context()); err != nil {
		l.Log.Warn("live", "err", err)
	}
	if n%beatEvery != 0 {
		return true
	}
	if l.may() != nil {
		return false
	}
	_, err := fmt.Fprint(out, ":\n\n")
	return err == nil && http.NewResponseController(out).Flush() == nil
}

// happening is what a page is told.
type happening struct {
	Place string   `json:"place"`           // to come back with
	Says  string   `json:"says,omitempty"`  // one sentence
	Parts []string `json:"parts,omitempty"` // the sections where it was
	Own   bool     `json:"own,omitempty"`   // the reader did it, in another window
}

// news sends what happened, as far as the reader may know of it now.
func (l *listener) news(out http.ResponseWriter) bool {
	if l.may() != nil {
		return false
	}
	n := l.seat.Take()
	h, tells := &happening{Place: n.Place}, n.Missed
	if !n.Missed {
		var err error
		if tells, err = l.tell(h, n.Changes); err != nil {
			return false
		}
	}
	return !tells || l.send(out, "change", h)
}

func (l *listener) send(out http.ResponseWriter, event string, h *happening) bool {
	if h == nil {
		h = &happening{Place: l.seat.Place()}
	}
	b, err := json.Marshal(h)
	if err != nil {
		panic(err) // plain values
	}
	_, err = fmt.Fprintf(out, "event: %s\ndata: %s\n\n", event, b)
	return err == nil && http.NewResponseController(out).Flush() == nil
}

// tell puts into words what of the changes the reader finds in the trails of the
// records; it reports whether there is anything.
func (l *listener) tell(h *happening, changes []gate.Done) (bool, error) {
	ctx := l.r.Context()
	bySubject := map[ref.ID][]ref.ID{}
	var subjects []ref.ID
	for _, d := range changes {
		if len(bySubject[d.Subject]) == 0 {
			subjects = append(subjects, d.Subject)
		}
		bySubject[d.Subject] = append(bySubject[d.Subject], d.Entry)
	}
	if l.kind == "" {
		return l.tellRecord(ctx, h, bySubject[ref.ID(l.on)])
	}
	for _, id := range subjects {
		if said, err := l.Trail.Said(ctx, id, bySubject[id]); err == nil && len(said) > 0 {
			h.Says = "The list has changed"
			return true, nil
		}
	}
	return false, nil
}

func (l *listener) tellRecord(ctx context.Context, h *happening, ids []ref.ID) (bool, error) {
	said, err := l.Trail.Said(ctx, ref.ID(l.on), ids)
	if err != nil || len(said) == 0 {
		return false, err
	}
	h.Own = true
	for _, e := range said {
		h.Own = h.Own && e.Actor == visitOf(l.r).actor.ID
		if word, _ := changedPart(e); word != "" && !slices.Contains(h.Parts, word) {
			h.Parts = append(h.Parts, word)
		}
	}
	last := said[len(said)-1]
	if _, title := changedPart(last); title != "" {
		h.Says = actorName(last) + " changed " + title
	} else {
		h.Says = actorName(last) + " " + verbSays(l.Rules, last.Verb)
	}
	return true, nil
}

// liveTopic is what the page at an address listens to: its record, or its list. A
// form that came back listens to nothing: its address cannot be read, and what was
// typed into it stays as it is.
func liveTopic(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	if id := ref.Read(r.PathValue("id")); access.Reads(id.Kind()) != "" {
		return string(id)
	}
	return liveAddresses[strings.TrimSuffix(r.URL.Path, "/")]
}

// liveAddresses are the lists that listen, by their address.
var liveAddresses = map[string]string{"/cases": "cases", "/cases/board": "cases", "/inbox": "inbox", "/advisory": "advisories", "/register": "risks", "/register/board": "risks",
	"/observations": "observations", "/observations/board": "observations"}
