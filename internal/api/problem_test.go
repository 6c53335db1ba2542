package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// TestEveryFailureHasItsStatus: each kind of failure is answered with one status,
// and what is not for people stays in the log.
func TestEveryFailureHasItsStatus(t *testing.T) {
	t.Parallel()
	stale := fault.New(fault.Conflict, "changed")
	stale.Err = gate.Stale
	for _, c := range []struct {
		name   string
		err    error
		status int
		detail string
	}{
		{"a rule that is broken", fault.At("title", "give it a title"), 400, "give it a title"},
		{"nobody", fault.New(fault.Unknown, "sign in"), 401, "sign in"},
		{"somebody who may not", fault.New(fault.Forbidden, "not you"), 403, "not you"},
		{"no record", fault.New(fault.NotFound, "no such record"), 404, "no such record"},
		{"a conflict", fault.New(fault.Conflict, "not now"), 409, "not now"},
		{"an old version", stale, 412, "changed"},
		{"a move that lacks something", &fault.Fault{Kind: fault.Missing, Says: "still missing", Needs: []fault.Need{{Word: "cwe"}}}, 409, "still missing"},
		{"too much", fault.New(fault.TooLarge, "at most"), 413, "at most"},
		{"a body cut off by the limit", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 7}), 413, "the body is longer than 7 bytes, which is the limit here"},
		{"too often", &fault.Fault{Kind: fault.TooMany, Says: "wait", After: 90 * time.Second}, 429, "wait"},
		{"a full disk", fault.New(fault.Full, "make room"), 507, "make room"},
		{"a store that is gone", &fault.Fault{Kind: fault.Unavailable, Says: "later"}, 503, "later"},
		{"a caller who went away", fmt.Errorf("query: %w", context.Canceled), 503, "the request was cut off before it was done; send it again"},
		{"a method that is none", &refusal{fault.New(fault.Invalid, "not so"), 405}, 405, "not so"},
		{"what nobody foresaw", errors.New("pq: password=hunter2"), 500, "something went wrong here; the log has the details"},
		{"what was foreseen to be ours", &fault.Fault{Kind: fault.Internal, Says: "the verb x stands in no table"}, 500, "something went wrong here; the log has the details"},
		{"nothing at all", nil, 500, "something went wrong here; the log has the details"},
	} {
		p, _ := problemOf(c.err)
		if p.Status != c.status || p.Detail != c.detail || p.Title == "" || p.Type == "" {
			t.Errorf("%s: have %+v, want %d %q", c.name, p, c.status, c.detail)
		}
	}
}
