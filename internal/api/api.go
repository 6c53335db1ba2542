// Package api is the REST surface, /api/v1: everything that people do in the
// pages, for programs. Its routes are rows of one table, Routes, and from that
// table come the multiplexer, the OpenAPI 3.1 document, the readable reference at
// /api/docs and the tests that walk every route as an outsider.
//
// A handler decodes, calls one operation of the house and returns its value; who
// may do what is decided in gate. Around every handler stands the same frame: who
// asks (a bearer token, or the session of the pages), limits, what a request is
// tied to (Idempotency-Key, If-Match), problems (RFC 9457) and the headers that
// keep answers out of caches and frames.
//
// The frame is our own and small, although a library for typed handlers was at
// hand (huma): it reads bodies with encoding/json and a second validation by
// reflection, where the house's own strict reader (package shape) names duplicate
// members, unknown fields and invisible characters in one pass; it speaks its own
// errors, where package fault has the sentences; and it checks what goes out,
// where lists must stay fast.
//
// Everything that breaks a rule of the input is answered with 400, also where a
// single field is wrong: the fields stand in errors.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// Base is the path under which the routes stand.
const Base = "/api/v1"

// Limits of what is taken in.
const (
	MaxBody   = 1 << 20  // a JSON body, in bytes
	MaxCheck  = 16 << 20 // a file to check, in bytes
	MaxUpload = 51 << 20 // the request that carries a file, with what a form adds
	maxQuery  = 8 << 10
)

// Options are what a surface may be set to. The zero value is right for serving.
type Options struct {
	PerSecond float64       // requests a second of one person or token, twice as many at once; 0 is 1,000, below 0 is no limit
	RequestID func() string // names a request in answers and log; nil is a random one
	Log       *slog.Logger  // one line a request, without titles and queries; nil is the house's
}

// API answers requests.
type API struct {
	house  *house.House
	opts   Options
	cross  *http.CrossOriginProtection
	limits sync.Map // actor's ID -> *rate.Limiter
	doc    document
}

// New returns the handler of everything under /api/.
func New(h *house.House, opts Options) http.Handler {
	a := &API{house: h, opts: opts, cross: http.NewCrossOriginProtection()}
	if a.opts.RequestID == nil {
		a.opts.RequestID = func() string { return string(ref.New("req")) }
	}
	if a.opts.Log == nil {
		a.opts.Log = h.Log
	}
	if a.opts.PerSecond == 0 {
		a.opts.PerSecond = 1000
	}
	a.doc.make(h.Rules)
	return a.mux()
}

// mux puts the table of routes on a multiplexer. A path that has no row for the
// method answers 405 with those that it has.
func (a *API) mux() *http.ServeMux {
	m := http.NewServeMux()
	methods := map[string][]string{}
	for i := range Routes {
		r := &Routes[i]
		m.Handle(r.Method+" "+Base+r.Path, a.frame(r.ID, func(w *answer, q *http.Request) error { return a.serve(w, q, r) }))
		methods[Base+r.Path] = append(methods[Base+r.Path], r.Method)
	}
	m.Handle("GET "+Base+"/openapi.json", a.frame("openapi", a.openapi))
	m.Handle("GET /api/docs", a.frame("docs", a.docs))
	methods[Base+"/openapi.json"], methods["/api/docs"] = []string{"GET"}, []string{"GET"}
	for path, ms := range methods {
		m.Handle(path, a.frame("method", func(w *answer, q *http.Request) error { return otherMethod(w, q, ms) }))
	}
	m.Handle("/api/", a.frame("path", func(*answer, *http.Request) error {
		return fault.New(fault.NotFound, "there is no such address; /api/docs lists all that there are")
	}))
	return m
}

func otherMethod(w *answer, q *http.Request, methods []string) error {
	all := slices.Clone(methods)
	if slices.Contains(all, "GET") {
		all = append(all, "HEAD")
	}
	all = append(all, "OPTIONS")
	slices.Sort(all)
	w.Header().Set("Allow", strings.Join(all, ", "))
	if q.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return &refusal{fault.New(fault.Invalid, "this address does not know the method %s; it knows %s", q.Method, strings.Join(all, ", ")), http.StatusMethodNotAllowed}
}

// frame is what stands around every answer: its name, headers, problems, the log
// line, and a panic that ends no more than its request.
func (a *API) frame(route string, handle func(*answer, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		start := a.house.Now()
		out := &answer{ResponseWriter: w, id: a.opts.RequestID()}
		out.guard()
		defer func() {
			if p := recover(); p != nil {
				a.opts.Log.Error("api: panic", "request", out.id, "route", route, "panic", p)
				out.problem(fault.Of(nil))
			}
			a.log(out, q, route, start)
		}()
		if err := handle(out, q); err != nil {
			if p, _ := problemOf(err); p.Status >= http.StatusInternalServerError {
				a.opts.Log.Error("api: cannot answer", "request", out.id, "route", route, "err", err)
			}
			out.problem(err)
		}
	})
}

// log writes the line of one request: which route, for whom, how it went. What
// was asked for stands in it only as the ID of a record.
func (a *API) log(w *answer, q *http.Request, route string, start time.Time) {
	if !a.opts.Log.Enabled(q.Context(), slog.LevelInfo) {
		return
	}
	a.opts.Log.LogAttrs(context.Background(), slog.LevelInfo, "api", slog.String("request", w.id), slog.String("route", route), slog.String("method", q.Method),
		slog.String("record", logged(q.PathValue("id"))), slog.String("actor", string(w.actor)), slog.Int("status", w.status), slog.Int("bytes", w.bytes),
		slog.Duration("took", a.house.Now().Sub(start)))
}

// serve answers a row of the table.
func (a *API) serve(w *answer, q *http.Request, r *Route) error {
	who, err := a.who(w, q)
	if err != nil {
		return err
	}
	w.actor = who.ID
	if err := a.allow(who.ID); err != nil {
		return err
	}
	if r.Method == http.MethodGet && r.Verb != "" && !who.InScope(r.Verb) { // of a write gate asks, and audits the refusal
		return fault.New(fault.Forbidden, "this token's scopes do not cover %s; create one with that scope", r.Verb)
	}
	return r.do.run(&call{API: a, w: w, q: q, route: r, ctx: access.With(q.Context(), who), who: who})
}

// allow holds one actor to the stated rate.
func (a *API) allow(id ref.ID) error {
	if a.opts.PerSecond < 0 {
		return nil
	}
	l, ok := a.limits.Load(id)
	if !ok {
		l, _ = a.limits.LoadOrStore(id, rate.NewLimiter(rate.Limit(a.opts.PerSecond), max(1, int(2*a.opts.PerSecond))))
	}
	if now := a.house.Now(); !l.(*rate.Limiter).AllowN(now, 1) {
		return &fault.Fault{Kind: fault.TooMany, Says: "there are too many requests of this token or person; wait a second and go on more slowly", After: time.Second}
	}
	return nil
}
