package api

import (
	"context"
	"encoding/json"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/notice"
	"tocsin/internal/ref"
	"tocsin/internal/setup"
)

// houseRoutes are the rows about the house itself.
var houseRoutes = []Route{
	{"notice.list", "GET", "/notices", "", "What you were told, about records that you may still see", read(listNotices)},
	{"notice.read", "POST", "/notices/read", "", "Mark your notices as read: one, or all", change(readNotices)},
	{"outbox.read", "GET", "/outbox", notice.VerbOutbox, "Mails that went out or would have, about records that you may see", read(listMails)},
	{"profile.read", "GET", "/profile", "profile.read", "The profile in force: life cycles, clocks, words, grants", read(readProfile)},
	{"audit.read", "GET", "/audit", insight.VerbAudit, "The whole audit trail, newest first; reading it is audited too", read(readAudit)},
	{"house.health", "GET", "/health-check", setup.Verb, "What of the installation is not set up yet, and how it is mended", read(readHealth)},
	{"job.list", "GET", "/jobs", insight.VerbJobs, "Background work, newest first", read(listJobs)},
	{"job.retry", "POST", "/jobs/{id}/retry", insight.VerbRetry, "Let a parked job run again", change(retryJob)},
}

func readHealth(ctx context.Context, h *house.House, _ struct{}) (*Page[setup.Row], error) {
	run, err := h.SetUp(ctx)
	return listOf(run.Rows, same[setup.Row]), err
}

func listNotices(ctx context.Context, h *house.House, in struct {
	Limit int `query:"limit" min:"1" max:"200" doc:"At most so many; 50 where it is not given."`
}) (*Page[notice.Notice], error) {
	ns, err := h.Notices.Mine(ctx, page{Limit: in.Limit}.limit())
	return listOf(ns, same[notice.Notice]), err
}

// NoticeBody names a notice.
type NoticeBody struct {
	ID ref.ID `json:"id,omitempty"` // absent is all of them
}

func readNotices(ctx context.Context, h *house.House, in struct{ Body NoticeBody }) error {
	return h.Notices.MarkRead(ctx, in.Body.ID)
}

func listMails(ctx context.Context, h *house.House, in struct {
	Limit int `query:"limit" min:"1" max:"200" doc:"At most so many; 50 where it is not given."`
}) (*Page[notice.Mail], error) {
	ms, err := h.Notices.Outbox(ctx, page{Limit: in.Limit}.limit())
	return listOf(ms, same[notice.Mail]), err
}

func readProfile(ctx context.Context, h *house.House, _ struct{}) (json.RawMessage, error) {
	p, err := h.Process(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// AuditQuery narrows the audit trail.
type AuditQuery struct {
	Actor   ref.ID      `query:"actor" doc:"Who did it."`
	Subject ref.ID      `query:"subject" doc:"The record."`
	Verb    access.Verb `query:"verb" doc:"What was done, such as case.edit."`
	Outcome string      `query:"outcome" enum:"done,refused" doc:"done or refused."`
	Before  time.Time   `query:"before" doc:"Entries before this moment."`
	Limit   int         `query:"limit" min:"1" max:"500" doc:"Entries of a page, 1 to 500; 100 where it is not given."`
	After   string      `query:"after" doc:"The marker that the page before gave as next."`
}

func readAudit(ctx context.Context, h *house.House, in AuditQuery) (*Page[insight.Entry], error) {
	entries, next, err := h.Trail.Whole(ctx, insight.Span{Actor: in.Actor, Subject: in.Subject, Verb: string(in.Verb), Outcome: in.Outcome, Before: in.Before, Limit: in.Limit, After: in.After})
	return pageOf(entries, next, same[insight.Entry]), err
}

// JobPage is one page of jobs, with how many stand in each state.
type JobPage struct {
	Page[insight.Job]
	Counts map[string]int `json:"counts"` // by state, counted up to 1,000
}

func listJobs(ctx context.Context, h *house.House, in struct {
	State string `query:"state" enum:"parked,ready,running,done" doc:"Jobs in this state alone."`
	page
}) (*JobPage, error) {
	l, err := h.Queue.List(ctx, in.State, in.limit(), in.After)
	if err != nil {
		return nil, err
	}
	return &JobPage{*pageOf(l.Jobs, l.Next, same[insight.Job]), l.Counts}, nil
}

func retryJob(ctx context.Context, h *house.House, in struct {
	ID ref.ID `path:"id" doc:"The job's ID."`
}) error {
	return h.Queue.Retry(ctx, in.ID)
}
