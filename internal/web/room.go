package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin/internal/insight"
	"tocsin/internal/notice"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// The machine room: background work, mails, the audit log.
var roomRoutes = []Route{
	{Pattern: "GET /jobs", Do: jobList},
	{Pattern: "POST /jobs/{id}/retry", Verb: insight.VerbRetry, Do: jobRetry},
	{Pattern: "GET /outbox", Do: outboxList},
	{Pattern: "GET /audit", Do: auditList},
}

// JobPage lists background work.
type JobPage struct {
	Head  ui.PageHead
	List  *insight.JobList
	State string
	Pages ui.Paging
}

const jobsAPage = 50

func jobList(w *Web, r *http.Request) (Answer, error) {
	p := JobPage{Head: w.head(r, "Jobs", "jobs"), State: r.FormValue("state")}
	var err error
	if p.List, err = w.Queue.List(r.Context(), p.State, jobsAPage, r.FormValue("after")); err != nil {
		return Answer{}, err
	}
	if p.List.Next != "" {
		p.Pages.Older = "/jobs?" + url.Values{"state": {p.State}, "after": {p.List.Next}}.Encode()
	}
	return show(200, jobView(p))
}

// jobStates are the states of a job in words, and the tone that they have.
var jobStates = map[string]struct {
	Words string
	Tone  ui.Tone
}{
	"parked": {"parked: tried in vain", ui.Bad}, "ready": {"waits for its turn", ui.Plain}, "running": {"is being done", ui.Accent}, "done": {"done", ui.Good},
}

// jobWords are the kinds of jobs in words.
var jobWords = map[string]string{
	"tell:owner": "Tell who handles it", "tell:team": "Tell the team", "tell:mention": "Tell who was mentioned", "tell:reporter": "Write to the reporter", "tell:bulk": "Tell of what was done to many",
	"mail:acknowledgement": "Acknowledge the report", "clock:tick": "Look at the clocks", "house:clean": "Tidy up",
	"tell:risk-owner": "Tell the owners of the risk", "tell:risk-team": "Tell the team", "tell:risk-mention": "Tell who was mentioned",
	"tell:observation-owner": "Tell the owners of the observation", "tell:observation-team": "Tell the team", "tell:observation-mention": "Tell who was mentioned",
	"risk:recompute": "Compute the score again", "risk:gather": "Gather evidence", "risk:quantify": "Run the scenario", "register:nightly": "The register's night work", "review:schedule": "Plan the next review",
	"bulk:go-on": "Go on with many rows",
}

// jobs are jobs of one kind that were done one after another: the newest, and how many.
type jobs struct {
	insight.Job
	Times int
}

// alike puts those together that were done one after another and differ in nothing but
// the moment: the clocks are looked at twice a minute.
func alike(list []insight.Job) (out []jobs) {
	for _, j := range list {
		if n := len(out); n > 0 && j.State == "done" && j.Subject == "" && out[n-1].State == j.State && out[n-1].Kind == j.Kind && out[n-1].Subject == "" {
			out[n-1].Times++
			continue
		}
		out = append(out, jobs{j, 1})
	}
	return out
}

func (p JobPage) stats() (out []ui.Stat) {
	for _, s := range insight.JobStates {
		n := p.List.Counts[s]
		st := ui.Stat{Number: p.Head.Reads.Counted(n, insight.MostCounted), Label: s, Href: "/jobs?state=" + s}
		if s == "parked" && n > 0 {
			st.Tone, st.Note = ui.Bad, "a person has to look"
		}
		out = append(out, st)
	}
	return out
}

func jobRetry(w *Web, r *http.Request) (Answer, error) {
	if err := w.Queue.Retry(r.Context(), ref.ID(r.PathValue("id"))); err != nil {
		return Answer{}, err
	}
	w.Jobs.Wake()
	return lead("/jobs?state=ready", "retried")
}

// OutboxPage lists what went out by mail, or would have.
type OutboxPage struct {
	Head  ui.PageHead
	Mails []notice.Mail
	Kept  bool // no mail server is set
}

const mailsAPage = 100

func outboxList(w *Web, r *http.Request) (Answer, error) {
	p := OutboxPage{Head: w.head(r, "Outbox", "outbox"), Kept: w.Mailer == nil}
	var err error
	if p.Mails, err = w.Notices.Outbox(r.Context(), mailsAPage); err != nil {
		return Answer{}, err
	}
	return show(200, outboxView(p))
}

// mailStates are the states of a mail in words, and the tone that they have.
var mailStates = map[string]struct {
	Words string
	Tone  ui.Tone
}{
	notice.Kept: {"kept here, not sent", ui.Plain}, notice.Sent: {"sent", ui.Good}, notice.Refused: {"refused", ui.Bad},
}

// AuditPage is the audit log with its filters.
type AuditPage struct {
	Head    ui.PageHead
	Span    insight.Span
	On      string // the day up to which it shows
	Entries []insight.Entry
	Seal    insight.Seal
	Known   book
	Rules   *profile.Profile
	Verbs   []string
	Pages   ui.Paging
}

const auditAPage = 60

func auditList(w *Web, r *http.Request) (Answer, error) {
	p := AuditPage{Head: w.head(r, "Audit log", "audit"), Known: w.who(r), Rules: w.Rules, On: r.FormValue("on"), Verbs: grantedVerbs(w.Rules)}
	p.Head.Wide = true
	p.Span = insight.Span{Actor: ref.ID(r.FormValue("actor")), Subject: ref.Read(strings.TrimSpace(r.FormValue("q"))), Verb: r.FormValue("verb"),
		Outcome: r.FormValue("outcome"), Limit: auditAPage, After: r.FormValue("after"), Before: dayEnd(r.FormValue("on"))}
	var next string
	var err error
	if p.Entries, next, err = w.Trail.Whole(r.Context(), p.Span); err != nil {
		return Answer{}, err
	}
	if p.Seal, err = w.Trail.Seal(r.Context()); err != nil {
		return Answer{}, err
	}
	if next != "" {
		p.Pages.Older = "/audit?" + p.query("after", next)
	}
	return show(200, auditView(p))
}

// grantedVerbs are the verbs that the profile's table of grants has, in its order.
func grantedVerbs(p *profile.Profile) (out []string) {
	for _, g := range p.Grants {
		out = append(out, g.Verb)
	}
	slices.Sort(out)
	return out
}

// query is the address of the page with one part of it changed.
func (p AuditPage) query(name, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"actor": string(p.Span.Actor), "q": string(p.Span.Subject), "verb": p.Span.Verb, "outcome": p.Span.Outcome, "on": p.On} {
		if v != "" {
			q.Set(k, v)
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	return q.Encode()
}

func (p AuditPage) filtering() ui.Filtering {
	f := ui.Filtering{Action: "/audit", Query: string(p.Span.Subject), Hint: "ID of a record"}
	who := ui.Filter{Name: "actor", Label: "Who", Value: string(p.Span.Actor)}
	for _, k := range p.Known.all {
		if !k.Team {
			who.Options = append(who.Options, ui.Option{Value: string(k.ID), Text: k.Name})
		}
	}
	what := ui.Filter{Name: "verb", Label: "What", Value: p.Span.Verb}
	for _, v := range p.Verbs {
		what.Options = append(what.Options, ui.Option{Value: v, Text: v})
	}
	f.Filters = []ui.Filter{who, what, {Name: "outcome", Label: "Outcome", Value: p.Span.Outcome, Options: options("done", "done", "refused", "refused")}}
	if p.query("after", "") != "" {
		f.Clear = "/audit"
	}
	return f
}

// sealSays says whether the log is sealed. It says no number: that would count what
// the reader may not know of, too.
func sealSays(s insight.Seal) string {
	if s.Open == 0 {
		return "Every entry is sealed in the Merkle log."
	}
	return "The entries are sealed in the Merkle log; the newest wait for the next second."
}

// dayEnd is the end of a day that a form names, UTC; the zero time where it names
// none.
func dayEnd(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}
