// Package effect holds what follows from moves and from time: one job kind each.
// An effect runs as the house, through the same operations as anybody, and may
// run twice. Who is told is decided here and their authority is asked at the
// moment of telling; no title and no text of a record leaves the house by mail.
package effect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/bulk"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/intake"
	"tocsin/internal/job"
	"tocsin/internal/notice"
	"tocsin/internal/outside"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Effects are the handlers of the house's jobs.
type Effects struct {
	Gate    *gate.Gate
	Profile *profile.Profile
	Cases   *casework.Cases
	Reports *intake.Reports
	Notices *notice.Notices
	Risks   *risk.Risks
	Bulks   *bulk.Bulks
	Sums    func(context.Context) error // brings the counts of what recurs up to the day; nil where there are none
	Nightly []Night                     // what the house does once a night, in this order
	Mailer  outside.Mailer              // nil: no mail server is set, mails are kept in the outbox
	URL     string                      // how people inside reach the house
	Portal  string                      // how reporters reach it
}

// Handlers lists every kind of job with its handler.
func (e *Effects) Handlers() map[string]job.Handler {
	return map[string]job.Handler{
		"tell:owner":               handler(e.tellOwner),
		"tell:team":                handler(e.tellTeam),
		"tell:mention":             handler(e.tellMention),
		"tell:reporter":            handler(e.tellReporter),
		"mail:acknowledgement":     handler(e.acknowledge),
		"clock:tick":               handler(e.tick),
		"house:clean":              handler(e.clean),
		"tell:risk-owner":          handler(e.tellRiskOwner),
		"tell:risk-team":           handler(e.tellTeam),
		"tell:risk-mention":        handler(e.tellMention),
		"tell:observation-owner":   handler(e.tellRiskOwner),
		"tell:observation-team":    handler(e.tellTeam),
		"tell:observation-mention": handler(e.tellMention),
		bulk.JobTell:               handler(e.tellBulk),
		"risk:recompute":           handler(e.recompute),
		"risk:gather":              handler(e.gather),
		"register:nightly":         handler(e.nightly),
	}
}

// told is what the jobs that tell people carry; it reads those of casework and
// of intake alike.
type told struct {
	Case        ref.ID `json:"case"`
	Report      ref.ID `json:"report"`
	Risk        ref.ID `json:"risk"`
	Observation ref.ID `json:"observation"`
	What        string `json:"what"`
	Who         ref.ID `json:"who"`
	Text        ref.ID `json:"text"`
	Name        string `json:"name"`
	From        ref.ID `json:"from"`  // whose doing it was
	Staff       bool   `json:"staff"` // it is told to nobody from outside
}

func (t told) subject() ref.ID {
	return cmp.Or(t.Case, t.Report, t.Risk, t.Observation)
}

// handler reads a job's arguments into T; what cannot be read is parked.
func handler[T any](do func(ctx context.Context, id ref.ID, args T) error) job.Handler {
	return func(ctx context.Context, id ref.ID, raw json.RawMessage) error {
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return &fault.Fault{Kind: job.Hopeless, Says: "the job's arguments cannot be read", Err: err}
		}
		return do(ctx, id, args)
	}
}

// somebody is a person who may be told.
type somebody struct {
	id    ref.ID
	email string
}

// tell leaves a notice and a mail for a person who may see the record now; all
// others are passed over without a word.
func (e *Effects) tell(ctx context.Context, job ref.ID, who somebody, subject ref.ID, what string, from ref.ID) error {
	if who.id == from {
		return nil
	}
	ok, err := e.sees(ctx, who.id, subject)
	if err != nil || !ok {
		return err
	}
	if err := e.Notices.Put(ctx, notice.Notice{Person: who.id, Subject: subject, What: what, Actor: from}, job); err != nil {
		return err
	}
	if who.email == "" {
		return nil
	}
	return e.mail(ctx, job, notice.Mail{Recipient: who.email, Subject: "Tocsin: something waits for you", About: subject,
		Body: "Something happened on a record that concerns you:\n\n" + e.URL + Page(subject) + "\n"}, "")
}

// sees asks whether the person may see the record at this moment.
func (e *Effects) sees(ctx context.Context, who, subject ref.ID) (bool, error) {
	err := e.Gate.View(access.With(ctx, access.Actor{ID: who, Kind: access.Person}), func(v *gate.View) error { return v.Sees(subject) })
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Page is where a record is shown inside.
func Page(subject ref.ID) string {
	return map[string]string{"case": "/cases/", "report": "/inbox/", "adv": "/advisory/", "risk": "/risks/", "obs": "/observations/", "kri": "/kri/"}[subject.Kind()] + string(subject)
}

// mail keeps the mail in the outbox and sends it where a mail server is set.
// secret, where not empty, replaces the words "(secret link)" in what is sent and
// stands nowhere else.
func (e *Effects) mail(ctx context.Context, job ref.ID, m notice.Mail, secret string) error {
	m.Job, m.State = job, notice.Kept
	if e.Mailer == nil {
		m.Note = "no mail server is set, so this was not sent"
	}
	if _, err := e.Notices.Post(ctx, m); err != nil || e.Mailer == nil {
		return err
	}
	var state string
	if err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		state, err = notice.State(v, job, m.Recipient)
		return err
	}); err != nil || state == notice.Sent {
		return err
	}
	out := outside.Mail{ID: string(job), To: m.Recipient, Subject: m.Subject, Text: strings.ReplaceAll(m.Body, hidden, secret)}
	if err := e.Mailer.Send(ctx, out); err != nil {
		return errors.Join(err, e.Notices.Settle(ctx, job, m.Recipient, notice.Refused, "the mail server did not take it; it is tried again"))
	}
	return e.Notices.Settle(ctx, job, m.Recipient, notice.Sent, "")
}

const hidden = "(secret link)"

// tick brings cases and reports whose clocks changed by themselves up to the
// moment.
func (e *Effects) tick(ctx context.Context, _ ref.ID, _ struct{}) error {
	_, cases := e.Cases.Tick(ctx, tickBatch)
	_, reports := e.Reports.Tick(ctx, tickBatch)
	_, risks := e.Risks.Tick(ctx, tickBatch)
	var sums error
	if e.Sums != nil {
		sums = e.Sums(ctx)
	}
	return errors.Join(cases, reports, risks, sums)
}

const tickBatch = 200
