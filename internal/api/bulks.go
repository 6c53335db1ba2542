package api

import (
	"context"
	"strconv"

	"tocsin/internal/bulk"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// bulkRoutes are the rows that do one thing to many records. Each record is decided by
// its own verb, which a token's scopes have to cover.
var bulkRoutes = []Route{
	{"bulk.begin", "POST", "/bulk", "", "Do one thing to many records of a list, each by its own rules; what a record refuses is left and named", respond(beginBulk)},
	{"bulk.list", "GET", "/bulk", "", "What you did to many records of late", read(listBulks)},
	{"bulk.read", "GET", "/bulk/{bulk}", "", "How far it is, and why records were left", read(getBulk)},
	{"bulk.records", "GET", "/bulk/{bulk}/records", "", "What became of each record", read(bulkRecords)},
	{"bulk.undo", "POST", "/bulk/{bulk}/undo", "", "Set back each record that nobody else has changed since, for a day", respond(undoBulk)},
	{"bulk.stop", "POST", "/bulk/{bulk}/stop", "", "Stop the work; what is done stays done, and can be undone", respond(stopBulk)},
}

// BulkRequest says what is to be done to which records: those that are named, or all
// that a query leaves.
type BulkRequest struct {
	List  string     `json:"list"` // cases, inbox, register, observations, advisories, people
	Act   string     `json:"act"`  // of cases: assign, label, unlabel, severity; of reports: decline, duplicate; of risks: assign, security, label, unlabel; of observations: assign, label, unlabel; of advisories: submit, mark; of people: give, take, level, disable, enable
	With  bulk.Input `json:"with,omitzero"`
	IDs   []ref.ID   `json:"ids,omitempty"`   // at most 1,000
	Query *string    `json:"query,omitempty"` // as the list takes it; "" is all that you may see
}

// BulkAnswer is what became of it so far. Few records are done with the answer; of many
// the work goes on, and its state is read again.
type BulkAnswer struct {
	*bulk.Bulk
	Records []bulk.Fate `json:"records"` // the first 1,000
}

func beginBulk(ctx context.Context, h *house.House, in struct{ Body BulkRequest }) (*BulkAnswer, error) {
	b := in.Body
	a := bulk.Asked{Surface: b.List, Act: b.Act, Input: b.With, IDs: b.IDs, All: b.Query != nil}
	if b.Query != nil {
		a.Query = *b.Query
	}
	id, err := h.Bulks.Begin(ctx, a)
	if err != nil {
		return nil, err
	}
	return bulkAnswer(ctx, h, id)
}

func bulkAnswer(ctx context.Context, h *house.House, id ref.ID) (*BulkAnswer, error) {
	b, err := h.Bulks.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	l, err := h.Bulks.Rows(ctx, id, 0, bulk.MaxIDs)
	if err != nil {
		return nil, err
	}
	return &BulkAnswer{b, l.Rows}, nil
}

func listBulks(ctx context.Context, h *house.House, _ struct{}) (*Page[*bulk.Bulk], error) {
	out, err := h.Bulks.Latest(ctx)
	return listOf(out, same[*bulk.Bulk]), err
}

// theBulk is the part of an input that names a change of many records.
type theBulk struct {
	Bulk ref.ID `path:"bulk" doc:"The ID that bulk.begin answered."`
}

func getBulk(ctx context.Context, h *house.House, in theBulk) (*bulk.Bulk, error) {
	return h.Bulks.Get(ctx, in.Bulk)
}

func bulkRecords(ctx context.Context, h *house.House, in struct {
	theBulk
	page
}) (*Page[bulk.Fate], error) {
	after := 0
	if in.After != "" {
		var err error
		if after, err = strconv.Atoi(in.After); err != nil || after < 0 {
			return nil, fault.At("after", "this page marker does not belong to this list; start from its first page")
		}
	}
	l, err := h.Bulks.Rows(ctx, in.Bulk, after, in.limit())
	if err != nil {
		return nil, err
	}
	next := ""
	if l.Next > 0 {
		next = strconv.Itoa(l.Next)
	}
	return pageOf(l.Rows, next, same[bulk.Fate]), nil
}

func undoBulk(ctx context.Context, h *house.House, in theBulk) (*bulk.Bulk, error) {
	if err := h.Bulks.Undo(ctx, in.Bulk); err != nil {
		return nil, err
	}
	return h.Bulks.Get(ctx, in.Bulk)
}

func stopBulk(ctx context.Context, h *house.House, in theBulk) (*bulk.Bulk, error) {
	if err := h.Bulks.Stop(ctx, in.Bulk); err != nil {
		return nil, err
	}
	return h.Bulks.Get(ctx, in.Bulk)
}
