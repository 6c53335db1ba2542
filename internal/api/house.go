package api

import (
	"context"
	"encoding/json"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/notice"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
	"tocsin/internal/setup"
)

// houseRoutes are the rows about the house itself.
var houseRoutes = []Route{
	{"notice.list", "GET", "/notices", "", "What you were told, about records that you may still see", read(listNotices)},
	{"notice.read", "POST", "/notices/read", "", "Mark your notices as read: one, or all", change(readNotices)},
	{"outbox.read", "GET", "/outbox", notice.VerbOutbox, "Mails that went out or would have, about records that you may see", read(listMails)},
	{"score.cvss", "GET", "/score/cvss", "", "Scores, severity and words of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0", read(scoreVector)},
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

// Score is what a vector scores, and what it says.
type Score struct {
	Vector        string        `json:"vector"`
	Version       string        `json:"version"`
	Base          float64       `json:"base"`
	Temporal      *float64      `json:"temporal,omitempty"` // versions 2.0 and 3.x
	Threat        *float64      `json:"threat,omitempty"`   // version 4.0
	Environmental float64       `json:"environmental"`
	Score         float64       `json:"score"`    // overall: of all that the vector states
	Severity      string        `json:"severity"` // none, low, medium, high, critical: the standard's own rating
	Nomenclature  string        `json:"nomenclature,omitempty"`
	Metrics       []cvss.Metric `json:"metrics"`
}

func scoreVector(_ context.Context, _ *house.House, in struct {
	Vector string `query:"vector" required:"true" doc:"The vector, percent-encoded."`
}) (*Score, error) {
	v, err := cvss.Parse(in.Vector)
	if err != nil {
		f := *fault.Of(err)
		f.Fields = []fault.Field{{Name: "vector", Says: f.Says}}
		return nil, &f
	}
	r := v.Score()
	s := &Score{Vector: v.String(), Version: r.Version, Base: r.Base, Environmental: r.Environmental, Score: r.Score, Severity: r.Severity, Nomenclature: r.Nomenclature, Metrics: v.Metrics()}
	if r.Version == "4.0" {
		s.Threat = &r.Threat
	} else {
		s.Temporal = &r.Temporal
	}
	return s, nil
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
