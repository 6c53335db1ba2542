package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web"
)

// Goals of a register of many risks.
const (
	manyRisks     = 10_000
	maxNight      = 10 * time.Second
	maxFront      = 50 * time.Millisecond
	maxStatements = 8
	hands         = 64 // that fill it at once
)

// register fills a register with scored risks, each with evidence, and measures the
// night's recompute and the server's time for its pages, in the process itself.
func (r *run) register() error {
	store, err := r.copyTo("register")
	if err != nil {
		return err
	}
	h, err := open(r.ctx, store)
	if err != nil {
		return err
	}
	defer h.Close()
	begin := time.Now()
	ids, err := r.risks(h)
	if err != nil {
		return err
	}
	say("filled %d risks in %.1f s", len(ids), time.Since(begin).Seconds())
	inside := access.With(r.ctx, access.System("bench"))
	for _, x := range []struct {
		what string
		h    *house.House
	}{{"all evidence is new", h}, {"nothing is new", h}, {"half of the evidence has left the window", h.At(func() time.Time { return time.Now().AddDate(1, 8, 0) })}} {
		moved := 0
		took, err := once(func() (err error) { moved, err = x.h.Risks.Recompute(inside); return err })
		if err != nil {
			return err
		}
		r.add(row{What: fmt.Sprintf("register of %d risks, nightly recompute, %s", manyRisks, x.what), Value: fmt.Sprintf("%.2f s, %d moved", took.Seconds(), moved),
			Goal: "below 10 s", OK: took < maxNight})
	}
	bare, err := bareRegister(r.ctx, store)
	if err != nil {
		return err
	}
	return r.registerPages(h, ids[len(ids)/2], bare)
}

// risks fills the register. Each risk has a score and two pieces of evidence, one of
// which is a year older than the other.
func (r *run) risks(h *house.House) ([]ref.ID, error) {
	ctx, stop := context.WithCancelCause(access.With(r.ctx, access.System("bench")))
	defer stop(nil)
	ids, next := make([]ref.ID, manyRisks), atomic.Int64{}
	scopes := h.Rules.Register.Scopes
	var wg sync.WaitGroup
	for range hands {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < manyRisks && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				progress("filling the register", i, manyRisks)
				var err error
				if ids[i], err = oneRisk(ctx, h, i, scopes[i%len(scopes)].Name); err != nil {
					stop(err)
				}
			}
		})
	}
	wg.Wait()
	return ids, context.Cause(ctx)
}

func oneRisk(ctx context.Context, h *house.House, i int, scope string) (ref.ID, error) {
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: fmt.Sprintf("Incomplete check %d may reveal what others keep", i), Scope: scope, Department: []string{"Create", "Plan", "Verify"}[i%3]})
	if err != nil {
		return id, err
	}
	if err := h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 1 + i%6, Impact: 1 + i/6%5}); err != nil {
		return id, err
	}
	now := h.Now()
	return id, h.Risks.Link(ctx, id, risk.Adding{About: fmt.Sprintf("INC-%d", 2*i), Kind: "incident", At: now.AddDate(0, -1, 0), Severity: "high"},
		risk.Adding{About: fmt.Sprintf("INC-%d", 2*i+1), Kind: "incident", At: now.AddDate(0, -13, 0), Severity: "medium"})
}

// bareRegister is how long it takes at the median to ask what somebody would write by
// hand for the first page: the map, the counts and the list, each joined and grouped as
// it comes to mind, for somebody who sees what all staff see. It draws nothing.
func bareRegister(ctx context.Context, store string) (time.Duration, error) {
	d, err := sql.Open("sqlite", "file:"+store+"?_pragma=query_only(1)&_pragma=cache_size(-16000)")
	if err != nil {
		return 0, err
	}
	defer d.Close()
	d.SetMaxOpenConns(1)
	p50, _, err := times(asked, func() error {
		for _, q := range []struct {
			text string
			args []any
		}{{bareMap, nil}, {bareFacets, []any{time.Now().UnixMicro()}}, {bareTop, nil}} {
			rows, err := d.QueryContext(ctx, q.text, q.args...)
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	return p50, err
}

// registerPages measures pages by the server's own time, and counts what each asks
// of the store.
func (r *run) registerPages(h *house.House, one ref.ID, bare time.Duration) error {
	secret, err := h.Parties.SessionFor(access.With(r.ctx, access.System("bench")), r.facts.Person)
	if err != nil {
		return err
	}
	site := web.New(h, web.Options{})
	var statements atomic.Int32
	h.DB.Watch = func(string) { statements.Add(1) }
	defer func() { h.DB.Watch = nil }()
	for _, x := range []struct {
		what, path string
		goal       bool
	}{{"register with its heat map", "/register", true}, {"register, above tolerance", "/register?view=above", true}, {"board of the register", "/register/board", true},
		{"one risk", "/risks/" + string(one), false}, {"one risk in money", "/risks/" + string(one) + "/quant", false}, {"portfolio", "/register/portfolio", false}} {
		get := func() error {
			q, w := httptest.NewRequest("GET", x.path, nil), httptest.NewRecorder()
			q.AddCookie(&http.Cookie{Name: "tocsin_session", Value: string(secret)})
			if site.ServeHTTP(w, q); w.Code != http.StatusOK {
				return fmt.Errorf("GET %s answers %d", x.path, w.Code)
			}
			return nil
		}
		if err := get(); err != nil { // once to warm up
			return err
		}
		statements.Store(0)
		if err := get(); err != nil {
			return err
		}
		n := statements.Load()
		before := processor(os.Getpid())
		p50, p99, err := times(asked, get)
		if err != nil {
			return err
		}
		m := row{What: x.what + ", server time", Value: fmt.Sprintf("p50 %s, p99 %s, processor %s, %d statements", short(p50), short(p99), short((processor(os.Getpid())-before)/asked), n), Goal: "at most 8 statements", OK: n <= maxStatements}
		if x.goal {
			m.Goal, m.OK = "below 50 ms, at most 8 statements", m.OK && p50 < maxFront
			m.Ratio = float64(bare) / float64(p50)
			m.Value += fmt.Sprintf("; three bare statements, without a page, take %s, %.1f times as long", short(bare), m.Ratio)
		}
		r.add(m)
	}
	return nil
}
