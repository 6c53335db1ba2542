package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

type visitKey struct{}

// visit is what is known of one request.
type visit struct {
	trace string // its id, in the log, in a header and on the page of a failure of ours
	out   http.ResponseWriter
}

func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	if v == nil {
		return &visit{}
	}
	return v
}

// serve makes a handler of a row.
func (p *Portal) serve(route Route) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		v := &visit{trace: string(ref.New("request")), out: out}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		out.Header().Set("X-Request-Id", v.trace)
		a, err := p.guarded(route, r)
		if err != nil {
			a = p.failed(r, err)
		}
		p.send(out, r, a)
	})
}

// guarded does what the row says; a panic is a failure like any other.
func (p *Portal) guarded(route Route, r *http.Request) (a Answer, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("panic: %v\n%s", x, debug.Stack())
		}
	}()
	if err := p.origin.Check(r); err != nil {
		return a, &fault.Fault{Kind: fault.Forbidden, Says: "This form was sent from another site, so nothing was done. Open the page here and send it again.", Err: err}
	}
	return route.Do(p, r)
}

// statuses says which status each kind of failure has.
var statuses = map[fault.Kind]int{
	fault.Invalid: 422, fault.Unknown: 404, fault.NotFound: 404, fault.Forbidden: 403, fault.Conflict: 409, fault.Missing: 422,
	fault.TooLarge: 413, fault.TooMany: 429, fault.Full: 507, fault.Unavailable: 503, fault.Internal: 500,
}

// failures are the pages of the portal for what differs from those of the team.
var failures = map[int]ui.Oops{
	403: {Code: "403", Title: "That was not done", Back: ui.Link{Text: "Report a vulnerability", Href: "/portal"}},
	404: {Code: "404", Title: "There is nothing here", Says: "Look whether the address is whole. A private link ends in 32 letters and digits; you can also paste it under “Your report”.",
		Back: ui.Link{Text: "Find your report", Href: "/portal/find"}},
	422: {Code: "422", Title: "That could not be read", Back: ui.Link{Text: "Report a vulnerability", Href: "/portal"}},
}

// failed is the page of a failure. That of what is not there is the same to the
// last byte as that of what the asker may not know of.
func (p *Portal) failed(r *http.Request, err error) Answer {
	f := fault.Of(err)
	status := statuses[f.Kind]
	o, known := failures[status]
	if !known {
		o = ui.Failures[status]
	}
	switch {
	case status >= http.StatusInternalServerError:
		o.Trace = visitOf(r).trace
		p.Log.Error("portal", "trace", o.Trace, "pattern", r.Pattern, "status", status, "err", err)
	case status != http.StatusNotFound:
		o.Says = sentence(f.Says)
	}
	if o.Back.Href == "" || o.Back.Href == "/" {
		o.Back = ui.Link{Text: "Start page", Href: "/portal"}
	}
	h := p.head(r, o.Title, "")
	h.Back = "/portal"
	return Answer{Status: status, Page: trouble(h, o), Wait: f.After}
}

// spoken is a fault as sentences for everybody: with a capital and a full stop.
func spoken(f *fault.Fault) *fault.Fault {
	if f == nil {
		return nil
	}
	out := *f
	out.Says, out.Fields = sentence(f.Says), nil
	if len(f.Fields) == 1 && f.Fields[0].Says == f.Says {
		out.Says = "One thing needs another look."
	}
	for _, x := range f.Fields {
		out.Fields = append(out.Fields, fault.Field{Name: x.Name, Says: sentence(x.Says)})
	}
	return &out
}

func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	s = string(unicode.ToUpper(r)) + s[n:]
	if strings.ContainsRune(".!?", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

// formFault returns the fault that a form can say above and beside its fields,
// without losing what was typed. Other failures have a page of their own.
func formFault(err error) (*fault.Fault, bool) {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind == fault.NotFound || f.Kind == fault.Unknown {
		return nil, false
	}
	return f, true
}
