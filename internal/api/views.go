package api

import (
	"reflect"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/evidence"
	"tocsin/internal/gate"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// CaseRow is what a list shows of a case.
type CaseRow struct {
	ID        ref.ID    `json:"id"`
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Closed    bool      `json:"closed"`
	Severity  string    `json:"severity"`        // the word in force: final, else provisional; empty is unknown
	Score     *float64  `json:"score,omitempty"` // by which the severity was found; absent is unknown
	CWE       string    `json:"cwe"`             // empty is unknown
	CVE       string    `json:"cve"`
	Product   string    `json:"product"`
	Component string    `json:"component"`
	Owner     ref.ID    `json:"owner"`
	Source    string    `json:"source"`
	Audience  string    `json:"audience"`        // staff, or named: only those who are named see it
	Opened    time.Time `json:"opened,omitzero"` // absent is unknown
	Due       time.Time `json:"due,omitzero"`
	DueWhat   string    `json:"due_what,omitempty"` // name of the clock that is due next
	Breached  bool      `json:"breached"`           // one of its clocks was late at some time
	Labels    []string  `json:"labels"`
	Version   int       `json:"version"` // of the row, for If-Match
}

func caseRow(c *casework.Case) CaseRow {
	return CaseRow{c.ID, c.Title, c.Stage, c.Closed, c.Severity, known(c.Score), c.CWE, c.CVE, c.Product, c.Component, c.Owner, c.Source, c.Audience,
		c.Opened, c.Due, c.DueWhat, c.Breached, c.Labels, c.Version}
}

// known is a score that may be unknown.
func known(score float64) *float64 {
	if score < 0 {
		return nil
	}
	return &score
}

// Case is one case with all that its page shows.
type Case struct {
	CaseRow
	casework.Body
	casework.Around
	Clocks   []Clock          `json:"clocks"`
	Dates    Dates            `json:"dates"`               // by the vulnerability SLA
	RCANeeds []casework.Held  `json:"rca_needs,omitempty"` // what the root cause analysis must hold, while it is under way
	Moves    []casework.Next  `json:"moves"`               // that leave its stage, with what each still needs
	Messages []thread.Message `json:"messages"`
	Files    []evidence.File  `json:"files"`
	May      map[string]bool  `json:"may"` // verb -> whether your roles cover it here
}

func (c *Case) rowVersion() int { return c.Version }

func caseOf(f *casework.Full) *Case {
	return &Case{CaseRow: caseRow(f.Case), Body: f.Body, Around: f.Around, Clocks: clocks(f.Clocks), Dates: datesOf(f.Dates), RCANeeds: f.RCANeeds, Moves: f.Moves,
		Messages: f.Said, Files: f.Files, May: f.May}
}

// Clock is what one clock of a record says. How much is left follows from due.
type Clock struct {
	Name        string      `json:"name"`
	Title       string      `json:"title"`
	Kind        string      `json:"kind"`     // slo, sla, disclosure, promise, followup
	Phase       string      `json:"phase"`    // waiting, idle, running, paused, stopped
	Calendar    string      `json:"calendar"` // in which it counts
	Severity    string      `json:"severity"` // by which the target was chosen
	Target      string      `json:"target"`   // "0d" is none at this severity
	Round       int         `json:"round"`    // how often it has begun
	Started     time.Time   `json:"started,omitzero"`
	Due         time.Time   `json:"due,omitzero"` // while it is paused, as if it went on at that moment
	Stopped     time.Time   `json:"stopped,omitzero"`
	PausedSince time.Time   `json:"paused_since,omitzero"`
	PauseReason string      `json:"pause_reason,omitempty"`
	Breached    bool        `json:"breached"` // it was late at some time
	BreachedAt  time.Time   `json:"breached_at,omitzero"`
	Extensions  []Extension `json:"extensions"`
	Why         []string    `json:"why"` // what happened, in sentences
}

// Extension is time that was added to a clock.
type Extension struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Span   string    `json:"span"`
	At     time.Time `json:"at"`
}

func clocks(states []clock.State) []Clock {
	out := make([]Clock, len(states))
	for i, s := range states {
		out[i] = Clock{Name: s.Name, Title: s.Title, Kind: s.Kind, Phase: string(s.Phase()), Calendar: s.Calendar, Severity: s.Severity, Target: s.Target.String(),
			Round: s.Round, Started: s.StartedAt, Due: s.DueAt, Stopped: s.StoppedAt, PausedSince: s.PausedSince, PauseReason: s.PauseReason,
			Breached: s.Breached, BreachedAt: s.BreachedAt, Why: s.Why}
		for _, e := range s.Extensions {
			out[i].Extensions = append(out[i].Extensions, Extension{e.By, e.Reason, e.Span.String(), e.At})
		}
	}
	return out
}

// Dates are the due dates of the vulnerability SLA: the SLA date, the release
// that keeps it, and the earlier of the two, which counts.
type Dates struct {
	Start      time.Time `json:"start,omitzero"`
	Mitigate   time.Time `json:"mitigate,omitzero"`
	SLA        time.Time `json:"sla,omitzero"`
	Release    time.Time `json:"release,omitzero"`     // the last release that keeps the SLA date
	ReleaseDue time.Time `json:"release_due,omitzero"` // when the fix must be ready for it
	Due        time.Time `json:"due,omitzero"`
	Past       bool      `json:"past"` // a change of severity put the due date into the past
	Why        []string  `json:"why"`
}

func datesOf(d clock.DueDates) Dates {
	return Dates{d.Start, d.Mitigate, d.SLA, d.Release, d.ReleaseDue, d.Due, d.Past, d.Why}
}

// ReportRow is what a list shows of a report.
type ReportRow struct {
	ID        ref.ID    `json:"id"` // the tracking number
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Product   string    `json:"product"`
	Component string    `json:"component"`
	CWE       string    `json:"cwe"`
	Severity  string    `json:"severity"` // as the reporter put it; empty is not stated
	Source    string    `json:"source"`
	Case      ref.ID    `json:"case,omitempty"` // that it was accepted into
	Audience  string    `json:"audience"`
	Received  time.Time `json:"received,omitzero"`
	Due       time.Time `json:"due,omitzero"`
	DueWhat   string    `json:"due_what,omitempty"`
	Breached  bool      `json:"breached"`
	Version   int       `json:"version"`
}

func reportRow(r *intake.Report) ReportRow {
	return ReportRow{r.ID, r.Title, r.Stage, r.Product, r.Component, r.CWE, r.Severity, r.Source, r.Case, r.Audience, r.Received, r.Due, r.DueWhat, r.Breached, r.Version}
}

// Report is one report with all that its page shows inside.
type Report struct {
	ReportRow
	intake.Body
	Clocks   []Clock          `json:"clocks"`
	Moves    []intake.Next    `json:"moves"`
	Messages []thread.Message `json:"messages"`
	Files    []evidence.File  `json:"files"`
	Similar  []intake.Similar `json:"similar"` // records that it may repeat
	May      map[string]bool  `json:"may"`
}

func (r *Report) rowVersion() int { return r.Version }

func reportOf(f *intake.Full) *Report {
	return &Report{ReportRow: reportRow(f.Report), Body: f.Body, Clocks: clocks(f.Clocks), Moves: f.Moves, Messages: f.Said, Files: f.Files, Similar: f.Similar, May: f.May}
}

// AdvisoryRow is what a list shows of an advisory.
type AdvisoryRow struct {
	ID        ref.ID    `json:"id"`
	Name      string    `json:"name"` // the tracking ID that it is published under
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Severity  string    `json:"severity"`
	TLP       string    `json:"tlp,omitempty"` // the mark of its Document
	Case      ref.ID    `json:"case,omitempty"`
	Published time.Time `json:"published,omitzero"` // newest revision; absent is never
	Approved  bool      `json:"approved"`           // by a second person, and unchanged since
	Made      time.Time `json:"made,omitzero"`
	Version   int       `json:"version"`
}

func advisoryRow(a *advisory.Advisory) AdvisoryRow {
	return AdvisoryRow{a.ID, a.Name, a.Title, a.Stage, a.Severity, a.TLP, a.Case, a.Published, a.Approved, a.Made, a.Version}
}

// Advisory is one advisory with all that its page shows.
type Advisory struct {
	AdvisoryRow
	advisory.Work
	Moves    []advisory.Next    `json:"moves"`
	Findings []advisory.Finding `json:"findings"` // of its published forms, as they would go out now
	Hash     string             `json:"hash"`     // of the present content; approvals are bound to it
	May      map[string]bool    `json:"may"`
}

func (a *Advisory) rowVersion() int { return a.Version }

func advisoryOf(f *advisory.Full) *Advisory {
	return &Advisory{AdvisoryRow: advisoryRow(f.Advisory), Work: f.Work, Moves: f.Moves, Findings: f.Findings, Hash: f.Hash, May: f.May}
}

// Publication is one revision that is out.
type Publication struct {
	Name      string            `json:"name"`
	Revision  int               `json:"revision"`
	At        time.Time         `json:"at"`
	Title     string            `json:"title"`
	Severity  string            `json:"severity"`
	Withdrawn bool              `json:"withdrawn"`
	Document  advisory.Document `json:"document"`
}

func publicationOf(p advisory.Publication) Publication {
	return Publication{p.Name, p.Revision, gate.Time(p.At), p.Title, p.Severity, p.Withdrawn, p.Document}
}

// decidedType and checkedType are what writes answer with that make nothing.
var (
	decidedType = reflect.TypeFor[*Decided]()
	checkedType = reflect.TypeFor[*Checked]()
)
