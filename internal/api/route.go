package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// Route is one row of the table of routes.
type Route struct {
	ID      string      // the operation: "case.open"
	Method  string      // of HTTP
	Path    string      // below Base, with {id} and the like
	Verb    access.Verb // that a token's scopes have to cover; "" where every actor may ask
	Summary string      // one line for the reference
	do      endpoint
}

// Routes is every route there is.
var Routes = slices.Concat(caseRoutes, rcaRoutes, reportRoutes, advisoryRoutes, fileRoutes, productRoutes, partyRoutes, houseRoutes, scoreRoutes, riskRoutes, exchangeRoutes, kriRoutes, observationRoutes, reviewRoutes, quantRoutes, chartRoutes, metricRoutes, savedRoutes, eventRoutes, bulkRoutes, searchRoutes)

// endpoint is what a row does, with the types that the reference describes.
type endpoint struct {
	in, out  reflect.Type // out is nil where nothing is answered
	plan     *plan
	status   int
	upload   bool // takes a file
	download bool // answers with a file
	run      func(c *call) error
}

// call is one request on its way through a row.
type call struct {
	*API
	ctx   context.Context //nolint:containedctx // a call lives as long as its request
	w     *answer
	q     *http.Request
	route *Route
	who   access.Actor
}

// record is the part of an input by which the address names a record that has a
// version: If-Match is asked for it.
type record struct {
	ID ref.ID `path:"id" doc:"The record's ID."`
}

// page is the part of an input by which a list is paged.
type page struct {
	Limit int    `query:"limit" min:"1" max:"200" doc:"Rows of a page, 1 to 200; 50 where it is not given."`
	After string `query:"after" doc:"The marker that the page before gave as next."`
}

func (p page) limit() int {
	if p.Limit == 0 {
		return 50
	}
	return p.Limit
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // marker of the next page; absent on the last
}

func (p *Page[T]) marker() string { return p.Next }

// pageOf makes a page of rows, each turned by to.
func pageOf[R, T any](rows []R, next string, to func(R) T) *Page[T] {
	p := &Page[T]{Items: make([]T, len(rows)), Next: next}
	for i, r := range rows {
		p.Items[i] = to(r)
	}
	return p
}

// listOf is pageOf for a short list that has one page; lists in its rows that are
// nil become empty.
func listOf[R, T any](rows []R, to func(R) T) *Page[T] {
	p := pageOf(rows, "", to)
	fill(reflect.ValueOf(p))
	return p
}

func same[T any](x T) T { return x }

// Made says what was made.
type Made struct {
	ID ref.ID `json:"id"`
	at string
}

func (m *Made) location() string { return m.at }

// read is an endpoint that answers with a value.
func read[In, Out any](fn func(context.Context, *house.House, In) (Out, error)) endpoint {
	p := planOf(reflect.TypeFor[In]())
	return endpoint{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), plan: p, status: http.StatusOK, run: func(c *call) error {
		in, err := input[In](c, p)
		if err != nil {
			return err
		}
		v, err := fn(c.ctx, c.house, in)
		if err != nil {
			return err
		}
		return c.w.value(c.q, v)
	}}
}

// create is an endpoint that makes something and answers with what it made.
func create[In, Out any](fn func(context.Context, *house.House, In) (Out, error)) endpoint {
	return write(http.StatusCreated, func(ctx context.Context, h *house.House, in In) (reply, error) {
		v, err := fn(ctx, h, in)
		if err != nil {
			return reply{}, err
		}
		return made(http.StatusCreated, v)
	}, reflect.TypeFor[Out]())
}

// change is an endpoint that changes something and answers with nothing.
func change[In any](fn func(context.Context, *house.House, In) error) endpoint {
	return write(http.StatusNoContent, func(ctx context.Context, h *house.House, in In) (reply, error) {
		return reply{Status: http.StatusNoContent}, fn(ctx, h, in)
	}, nil)
}

// respond is an endpoint that changes or checks something and answers with a value.
func respond[In, Out any](fn func(context.Context, *house.House, In) (Out, error)) endpoint {
	return write(http.StatusOK, func(ctx context.Context, h *house.House, in In) (reply, error) {
		v, err := fn(ctx, h, in)
		if err != nil {
			return reply{}, err
		}
		return made(http.StatusOK, v)
	}, reflect.TypeFor[Out]())
}

func write[In any](status int, fn func(context.Context, *house.House, In) (reply, error), out reflect.Type) endpoint {
	p := planOf(reflect.TypeFor[In]())
	return endpoint{in: reflect.TypeFor[In](), out: out, plan: p, status: status, run: func(c *call) error {
		in, err := input[In](c, p)
		if err != nil {
			return err
		}
		ctx, err := c.tied(p, reflect.ValueOf(&in).Elem())
		if err != nil {
			return err
		}
		return c.once(ctx, in, func(ctx context.Context) (reply, error) { return fn(ctx, c.house, in) })
	}}
}

func input[In any](c *call, p *plan) (in In, err error) {
	return in, p.fill(c.w, c.q, reflect.ValueOf(&in).Elem())
}

// tied puts the version that If-Match asks for into the context or the input.
func (c *call) tied(p *plan, in reflect.Value) (context.Context, error) {
	h := c.q.Header.Get("If-Match")
	if h == "" || h == "*" {
		return c.ctx, nil
	}
	version, err := matched(h)
	switch {
	case err != nil:
		return nil, err
	case p.record:
		return gate.WithVersion(c.ctx, version), nil
	case p.match != nil:
		in.FieldByIndex(p.match).SetInt(int64(version))
		return c.ctx, nil
	}
	return nil, fault.New(fault.Invalid, "If-Match has no meaning here, since this changes no single record; leave it out")
}

// matched reads the version out of an entity tag of ours.
func matched(tag string) (int, error) {
	inside, ok := strings.CutPrefix(tag, `"`)
	inside, end := strings.CutSuffix(inside, `"`)
	number, _, _ := strings.Cut(inside, ".")
	n, err := strconv.Atoi(number)
	if !ok || !end || err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "If-Match wants one entity tag as the record's ETag gave it, such as \"3.1f2e3d4c\"")
	}
	return n, nil
}

// stale makes the conflict of a version that came by If-Match what HTTP calls it.
func (c *call) stale(err error) error {
	if errors.Is(err, fault.Conflict) && c.route.do.plan.match != nil && c.q.Header.Get("If-Match") != "" {
		f := *fault.Of(err)
		f.Err = gate.Stale
		return &f
	}
	return err
}
