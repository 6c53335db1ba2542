package intake

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The verbs of intake. Accept, Decline, Duplicate, Ask and Reopen are moves of
// the life cycle "report".
const (
	VerbSubmit    access.Verb = "report.submit"
	VerbRead      access.Verb = "report.read"
	VerbReply     access.Verb = "report.reply" // to the reporter; and the reporter's own replies
	VerbAccept    access.Verb = "report.accept"
	VerbDecline   access.Verb = "report.decline"
	VerbDuplicate access.Verb = "report.duplicate"
	VerbAsk       access.Verb = "report.ask"
	VerbReopen    access.Verb = "report.reopen"
)

// Reports are the operations on reports.
type Reports struct {
	Gate    *gate.Gate
	Profile *profile.Profile
	Hash    func(secret string) string                              // of a secret link, as it is stored
	Open    func(tx *gate.Tx, r *Report, o Opening) (ref.ID, error) // opens the case that a report is accepted into
	Link    func(tracking, secret string) string                    // address of the reporter's own page
	Heard   func(tx *gate.Tx, id ref.ID, side thread.Side) error    // tells the case that something was said on a report of it; may be nil
}

// Opening is what the one who accepts adds to the report.
type Opening struct {
	Title     string `json:"title,omitempty"` // in our words; else the reporter's
	Component string `json:"component,omitempty"`
	CWE       string `json:"cwe,omitempty"`
	Named     bool   `json:"named,omitempty"` // need to know
}

// Receipt is what the reporter gets back.
type Receipt struct {
	ID     ref.ID `json:"id"`     // the tracking number
	Secret string `json:"secret"` // opens their own page; shown once, stored hashed
}

// Submit takes a report in, with the files that came with it. From the portal the
// actor is a Reporter, made for this report alone.
func (s *Reports) Submit(ctx context.Context, in Submission, files ...Upload) (out Receipt, err error) {
	err = s.Gate.Act(ctx, VerbSubmit, "", func(tx *gate.Tx) error {
		if tx.Actor.Kind == access.Reporter {
			in.Source, in.Received = s.channel(), time.Time{}
		}
		if err := in.Check(s.Profile, tx.Now); err != nil {
			return err
		}
		r := s.report(tx, in)
		out = Receipt{Secret: ref.Secret()}
		if err := insert(tx, r, s.Hash(out.Secret)); err != nil {
			return err
		}
		out.ID = r.ID
		if err := tx.Show(r.ID, r.Reporter, "", r.doc); err != nil {
			return err
		}
		if err := insight.Index(tx, r.ID, r.doc, true, r.Title, r.words()); err != nil {
			return err
		}
		if err := attach(tx, r, thread.In, files); err != nil {
			return err
		}
		return s.acknowledge(tx, r, out.Secret)
	})
	return out, err
}

func (s *Reports) report(tx *gate.Tx, in Submission) *Report {
	received := tx.Now
	if !in.Received.IsZero() && in.Received.Before(tx.Now) {
		received = in.Received.UTC().Truncate(time.Microsecond)
	}
	who := tx.Actor.ID
	if tx.Actor.Kind != access.Reporter {
		who = ref.New("reporter")
	}
	r := &Report{ID: ref.New("report"), Title: in.Title, Stage: s.Profile.Lifecycle("report").Start(), Product: in.Product, Component: in.Component,
		CWE: in.CWE, Severity: in.Severity, Source: in.Source, Reporter: who, Audience: access.Staff, Received: received, doc: gate.Doc(received),
		Body: Body{Summary: in.Summary, Steps: in.Steps, Impact: in.Impact, Versions: in.Versions, Name: in.Name, Contact: in.Contact,
			Credit: in.Credit, CreditName: in.CreditName, Deadline: in.Deadline, AI: in.AI}}
	r.record(received, "opened", nil)
	r.record(received, "enter:"+r.Stage, nil)
	if in.Severity != "" {
		r.record(received, "severity", map[string]string{"severity": in.Severity})
	}
	r.tick(s.Profile, tx.Now)
	return r
}

// channel is the profile's word for reports by the public form, where it has one.
func (s *Reports) channel() string {
	if slices.Contains(named(s.Profile.Sources), "portal") {
		return "portal"
	}
	return ""
}

// words is the text by which a report is found besides its title.
func (r *Report) words() string {
	return strings.Join([]string{string(r.ID), r.CWE, r.Product, r.Component, r.Summary, r.Steps, r.Impact}, "\n")
}

// Ack is the job that sends the acknowledgement. It alone carries the secret, to
// the address that the reporter gave, and is deleted with the job.
type Ack struct {
	Report ref.ID `json:"report"`
	Link   string `json:"link"`
}

func (s *Reports) acknowledge(tx *gate.Tx, r *Report, secret string) error {
	title, body, err := s.say("received", r, s.firstResponse())
	if err != nil || body == "" {
		return err
	}
	m := thread.Message{ID: ref.New("message"), Subject: r.ID, At: tx.Now, Author: "system-portal", Name: s.Profile.Publisher.Name, Side: thread.Out, Text: title + "\n\n" + body}
	if err := thread.Add(tx, m, r.ID, r.Audience); err != nil {
		return err
	}
	if r.Contact == "" {
		return nil
	}
	return tx.Later("mail:acknowledgement", tx.Now, "", Ack{r.ID, s.Link(string(r.ID), secret)})
}

// firstResponse is the promise of a first answer, in words: "1 business day". It is
// the target of the clock that runs on a report until somebody writes back.
func (s *Reports) firstResponse() string {
	for _, c := range s.Profile.Clocks {
		if c.On == "report" && c.Kind == "promise" && slices.Contains(c.Stop, "message:out") {
			if span, ok := c.TargetFor(""); ok {
				return span.Words()
			}
		}
	}
	return ""
}

// say fills a canned answer; an unknown one is empty.
func (s *Reports) say(name string, r *Report, detail string) (title, body string, err error) {
	m, ok := s.Profile.Messages[name]
	if !ok {
		return "", "", nil
	}
	return m.Render(s.vars(r, detail))
}

func (s *Reports) vars(r *Report, detail string) profile.Vars {
	return profile.Vars{Tracking: string(r.ID), Title: r.Title, Vendor: s.Profile.Publisher.Name, Credit: r.CreditName, Days: s.Profile.Disclosure.Days, Detail: detail}
}

// Suggest fills the canned answer of a disposition for a person to review.
func (s *Reports) Suggest(ctx context.Context, id ref.ID, disposition string) (text string, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Reads(id); err != nil {
			return err
		}
		r, err := get(v, id)
		if err != nil {
			return err
		}
		text, err = s.Answer(r, disposition)
		return err
	})
	return text, err
}

// Full is a report with all that its page shows inside.
type Full struct {
	*Report
	Clocks  []clock.State    `json:"clocks"`
	Moves   []Next           `json:"moves"`
	Said    []thread.Message `json:"messages"`
	Files   []evidence.File  `json:"files"`
	Similar []Similar        `json:"similar"`
	May     map[string]bool  `json:"may"`
}

// Next is a move that leaves the report's stage.
type Next struct {
	lifecycle.Move
	May bool `json:"may"`
}

// Get returns one report, for staff.
func (s *Reports) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Reads(id); err != nil {
			return err
		}
		r, err := get(v, id)
		if err != nil {
			return err
		}
		if r.DuplicateOf != "" && v.Sees(r.DuplicateOf) != nil {
			r.DuplicateOf = "" // the reader may not know of that record
		}
		f = &Full{Report: r, Clocks: r.Clocks(s.Profile, v.Now), May: map[string]bool{}}
		if f.Said, err = thread.On(v, false, id); err != nil {
			return err
		}
		if f.Files, err = evidence.On(v, false, id); err != nil {
			return err
		}
		for _, verb := range []access.Verb{VerbRead, VerbReply, VerbAccept, VerbDecline, VerbDuplicate, VerbAsk, VerbReopen} {
			f.May[string(verb)] = v.May(verb, id)
		}
		for _, mv := range s.Profile.Lifecycle("report").Allowed(r.Stage) {
			f.Moves = append(f.Moves, Next{mv, v.May(access.Verb(mv.Verb), id)})
		}
		f.Similar, err = similar(v, r)
		return err
	})
	return f, err
}

// Filter narrows the inbox.
type Filter struct {
	Stage, Product, Component, CWE, Source, Severity string
	Open                                             bool // only those that are not decided
	Text                                             string
	Query                                            query.Query `json:",omitzero"`
}

// Page says which part of a list is wanted.
type Page struct {
	Limit int
	After string
}

// List is one page of reports.
type List struct {
	Reports []*Report `json:"reports"`
	Next    string    `json:"next,omitempty"`
}

// List returns the reports that the reader may see and that the filter leaves.
func (s *Reports) List(ctx context.Context, f Filter, p Page) (l *List, err error) {
	if p.Limit == 0 {
		p.Limit = 50
	}
	if p.Limit < 1 || p.Limit > 200 {
		return nil, fault.At("limit", "a page has 1 to 200 rows; ask for that many")
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if v.Actor.Kind == access.Reporter {
			return access.NoRecord()
		}
		if l, err = s.list(v, f, p); err == nil && len(l.Reports) == 0 {
			err = v.Allow(VerbRead, "") // who has a role on one report alone reads a list of it
		}
		return err
	})
	return l, err
}

func (s *Reports) list(v *gate.View, f Filter, p Page) (*List, error) {
	q, err := s.listing(v, f)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	scope := "reports" + string(b)
	if p.After != "" {
		var doc int64
		if err := v.Place(scope, p.After, &doc); err != nil {
			return nil, err
		}
		q.before(doc)
	}
	rs, err := q.run(v, p.Limit+1)
	if err != nil {
		return nil, err
	}
	l := &List{Reports: rs}
	if len(rs) > p.Limit {
		l.Reports = rs[:p.Limit]
		l.Next = v.Cursor(scope, l.Reports[p.Limit-1].doc)
	}
	return l, nil
}

func (s *Reports) listing(v *gate.View, f Filter) (*listing, error) {
	q := &listing{by: "c.newest"}
	for _, is := range [...]struct{ column, value string }{{"stage", f.Stage}, {"product", f.Product}, {"component", f.Component},
		{"cwe", f.CWE}, {"source", f.Source}, {"severity", f.Severity}} {
		if is.value != "" {
			q.equals(is.column, is.value)
		}
	}
	if f.Open {
		q.stages(s.openStages())
	}
	quick, where, err := insight.Asking(v, f.Query, s.asked(), func(a any) string { return q.arg("?", a) })
	if err != nil {
		return nil, err
	}
	q.quick, q.where = append(q.quick, quick...), append(q.where, where...)
	cond, args, err := v.Where(VerbRead, "c", len(q.args)+1)
	if err != nil {
		return nil, err
	}
	if cond != "" {
		q.where, q.args = append(q.where, cond), append(q.args, args...)
	}
	if text := strings.TrimSpace(f.Text + " " + f.Query.Words()); text != "" {
		m, err := insight.Matching(v.Engine(), text, len(q.args)+1)
		if err != nil {
			return nil, err
		}
		q.words, q.args, q.by = &m, append(q.args, m.Arg), m.Newest
		return q, insight.Bounded(v)
	}
	return q, nil
}

func (s *Reports) openStages() []string {
	var out []string
	for _, st := range s.Profile.Lifecycle("report").Stages {
		if !st.Terminal {
			out = append(out, st.Name)
		}
	}
	return out
}

// Needs lists the words that a report's life cycle may ask for.
func Needs() []string {
	return slices.Sorted(slices.Values([]string{"disposition", "answer", "original"}))
}

// Effects lists the words that a report's life cycle may use under does.
func Effects() []string {
	return []string{"tell:reporter", "tell:owner", "tell:team", "open:case", "refresh:due"}
}
