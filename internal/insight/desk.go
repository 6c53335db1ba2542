package insight

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/notice"
	"tocsin/internal/ref"
)

// Across reads records of several kinds side by side, each as a Brief.
type Across struct{ Gate *gate.Gate }

// Brief is what a list of records of several kinds shows of one.
type Brief struct {
	ID       ref.ID    `json:"id"`
	Title    string    `json:"title"`
	Stage    string    `json:"stage"`
	Severity string    `json:"severity"`
	At       time.Time `json:"at,omitzero"`  // received, opened or drafted
	Due      time.Time `json:"due,omitzero"` // what its clocks want next
	DueWhat  string    `json:"due_what,omitempty"`
	Late     bool      `json:"late"` // one of its clocks was late at some time
}

// The kinds of what waits for a person.
const (
	WaitClock    = "clock"    // a case of the actor, or of nobody, whose next clock ends soon
	WaitReporter = "reporter" // a case of the actor whose reporter wrote last
	WaitAdvisory = "advisory" // an advisory that waits for approval
	WaitTask     = "task"     // what a record asks of the actor
	WaitMention  = "mention"  // somebody mentioned the actor, who has not read it
	WaitCause    = "cause"    // a root cause analysis of the actor that is not done
)

// Wait is one thing that waits for a person. Of a task and a mention the Brief is
// that of the record that it is about, as far as it has one.
type Wait struct {
	Kind string
	Of   ref.ID // of the task, the notice; else of the record
	Brief
	Owner   ref.ID // who handles the record; of a mention, who mentioned
	Words   string // what the reporter wrote; the kind of the task
	Version int    // of the record
}

// Meeting is when the register is looked at together.
type Meeting struct {
	ID   ref.ID
	Open bool
	Next time.Time // of one that is closed
}

// Desk is what waits for one person.
type Desk struct {
	Waits      []Wait
	Cases      []Brief         // open ones of the actor, by due date
	Inbox      int             // undecided reports; more than MostCounted is one more
	Oldest     time.Time       // when the oldest of them came in
	Reports    []Brief         // those that are due first
	Advisories []Brief         // those that wait for approval, where the actor may give one
	Notices    []notice.Notice // newest first
	Meeting    *Meeting        // the newest, for who may read its minutes
}

// Waiting says which stages the desk looks at, in the profile's words, and how far
// ahead.
type Waiting struct {
	Inbox    []string  // stages of reports that are not decided
	Approval []string  // stages of advisories that wait for approval
	Soon     time.Time // clocks that end before are told
	Signs    Signable  // nil is any
}

// Signable tells which of the advisories the actor may give an approval that counts:
// not those that they wrote.
type Signable func(v *gate.View, ids []ref.ID) (map[ref.ID]bool, error)

// The verbs whose holders see cases, the inbox and the advisories on their desk.
const (
	readCases      access.Verb = "case.read"
	readReports    access.Verb = "report.read"
	readAdvisories access.Verb = "advisory.read"
	readIndicators access.Verb = "kri.read"
	readMeetings   access.Verb = "meeting.read"
	assignCases    access.Verb = "case.assign"
	approve        access.Verb = "advisory.approve"
	readRisks      access.Verb = "risk.read"
	readFindings   access.Verb = "observation.read"
)

// deskRows is how many records of a kind the desk shows.
const deskRows = 8

// Desk returns what waits for the actor, all of it in one statement. more reads at
// the same moment what else a desk shows.
func (s *Across) Desk(ctx context.Context, w Waiting, more ...func(*gate.View) error) (d Desk, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := d.read(v, w); err != nil {
			return err
		}
		for _, read := range more {
			if err := read(v); err != nil {
				return err
			}
		}
		d.Notices, err = notice.Latest(v, deskRows)
		return err
	})
	return d, err
}
