package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// Problem is how every failure is answered: RFC 9457, with the fields and needs
// of the house.
type Problem struct {
	Type     string        `json:"type"`     // address of its description
	Title    string        `json:"title"`    // the same for every problem of the type
	Status   int           `json:"status"`   // the HTTP status
	Detail   string        `json:"detail"`   // one sentence for people: what is wrong and how to mend it
	Instance string        `json:"instance"` // the request, as the log names it
	Errors   []fault.Field `json:"errors,omitempty"`
	Needs    []fault.Need  `json:"needs,omitempty"`
}

// kinds says how each kind of failure is answered.
var kinds = map[fault.Kind]struct {
	status int
	title  string
	about  string
}{
	fault.Invalid:     {400, "The input breaks a rule", "Something in the address, a header or the body is not as it must be. errors names every field that is wrong, nested ones with dots, with a sentence on how to mend it. Nothing was changed."},
	fault.Unknown:     {401, "Nobody is signed in", "There is no token or session, or it is not good any more."},
	fault.Forbidden:   {403, "Not allowed", "You may see the record, but your roles or the token's scopes do not cover this. The refusal is in the audit trail."},
	fault.NotFound:    {404, "No such record", "It does not exist, or you may not know that it does: the answer is the same to the last byte."},
	fault.Conflict:    {409, "The record does not allow this now", "It changed meanwhile, or is in a state that does not allow this, or the idempotency key was used before. Load the record again."},
	fault.Missing:     {409, "Something is still missing", "The move needs more. needs lists all of it, each with a sentence and the part of the record's page where it is filled in."},
	gate.Stale:        {412, "The record changed meanwhile", "It is not at the version that If-Match names. Load it again; nothing was changed."},
	fault.TooLarge:    {413, "Too large", "More than the stated limit."},
	fault.TooMany:     {429, "Too many requests", "More often than the stated limit. Retry-After says how many seconds to wait."},
	fault.Internal:    {500, "Something went wrong here", "The log has the details under the request's name, which is in instance."},
	fault.Unavailable: {503, "The store does not answer", "Try again; Retry-After says after how many seconds."},
	fault.Full:        {507, "The disk is full", "Nothing was written; reading still works. Writes go on by themselves when there is space again."},
}

// refusal is a fault with a status of HTTP's own.
type refusal struct {
	*fault.Fault
	status int
}

func (r *refusal) Unwrap() error { return r.Fault }

// problemOf turns a failure into what is answered.
func problemOf(err error) (Problem, time.Duration) {
	var over *http.MaxBytesError
	switch {
	case err == nil:
		err = fault.New(fault.Internal, "something went wrong here; the log has the details")
	case errors.As(err, &over):
		err = fault.New(fault.TooLarge, "the body is longer than %d bytes, which is the limit here", over.Limit)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		err = &fault.Fault{Kind: fault.Unavailable, Says: "the request was cut off before it was done; send it again", After: time.Second}
	}
	f, kind := fault.Of(err), fault.KindOf(err)
	if errors.Is(err, gate.Stale) {
		kind = gate.Stale
	}
	row, ok := kinds[kind]
	if !ok || kind == fault.Internal {
		kind, row = fault.Internal, kinds[fault.Internal]
		f = fault.New(kind, "something went wrong here; the log has the details")
	}
	p := Problem{Type: "/api/docs#problem-" + string(kind), Title: row.title, Status: row.status, Detail: f.Says, Errors: f.Fields, Needs: f.Needs}
	var r *refusal
	if errors.As(err, &r) {
		p.Status, p.Title, p.Type = r.status, http.StatusText(r.status), "about:blank"
	}
	return p, f.After
}

// problem answers with a failure. What was begun already cannot be taken back.
func (w *answer) problem(err error) {
	if w.status != 0 {
		return
	}
	p, after := problemOf(err)
	p.Instance = w.id
	h := w.Header()
	for _, name := range []string{"ETag", "Location", "Link", "Content-Disposition", "Content-Length"} {
		h.Del(name)
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="tocsin"`)
	}
	if after > 0 || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(after.Seconds())))))
	}
	h.Set("Content-Type", "application/problem+json")
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // a Problem is plain fields
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the reader has gone away: nobody is left to tell
}
