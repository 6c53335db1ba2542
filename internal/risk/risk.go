// Package risk is the Product Security Risk Register: systemic risks of the
// product, from a well-articulated statement to a closure that is shown to last.
// A risk is worded, scored, owned, treated, accepted, watched and closed here; the
// arithmetic is package riskscore's, indicators are package kri's, meetings are
// package review's, and what cases say together is package recurrence's. Scales,
// stages, days and texts stand in the profile; needs and effects are defined here.
//
// It never imports casework: what joins the towers is evidence, which links a risk
// to cases and is read as rows.
package risk

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// Risk is one systemic risk.
type Risk struct {
	ID         ref.ID    `json:"id"`
	Title      string    `json:"title"` // one sentence: what may happen
	Stage      string    `json:"stage"`
	Closed     bool      `json:"closed"`
	Kind       string    `json:"kind"`
	Scope      string    `json:"scope"`
	Department string    `json:"department"` // of the business owner
	Response   string    `json:"response"`   // monitor, remediate, accept; "" is not decided
	Path       string    `json:"path"`       // of remediation
	Owner      ref.ID    `json:"owner"`      // the business owner, accountable
	Security   ref.ID    `json:"security"`   // the security owner, who validates
	Parent     string    `json:"parent"`     // the risk of the register above
	Audience   string    `json:"audience"`   // staff, or named
	Raised     time.Time `json:"raised"`     // UTC
	Due        time.Time `json:"due,omitzero"`
	DueWhat    string    `json:"due_what,omitempty"` // name of the clock that is due next
	Breached   bool      `json:"breached"`           // one of its clocks was late at some time
	Review     time.Time `json:"review,omitzero"`    // the next review
	Synced     time.Time `json:"synced,omitzero"`    // the last sync with the owner
	Touched    time.Time `json:"touched"`            // when somebody last changed it
	Labels     []string  `json:"labels"`
	Choice     string    `json:"choice,omitempty"` // where what a leader chose stands: candidate, returned, approved; "" is not chosen
	Version    int       `json:"version"`          // of the row, for If-Match
	Standing   Standing  `json:"standing"`
	Body

	doc     int64
	numbers map[string]int64  // of the fields of the house that change, as lists compare them
	kept    map[string]string // the fields of the house, as the store has them
	shut    bool              // closed, as the store has it
	look    time.Time
	shifted bool // the score that all staff see moved in this act
	events  []clock.Event

	appetite Appetite // of the newest survey, where the risk was read whole
}

// Body is what a risk holds besides what lists show. It is kept as one JSON text.
type Body struct {
	Statement   Statement         `json:"statement"`
	Scoping     Scoping           `json:"scoping,omitzero"`
	Origin      Origin            `json:"origin,omitzero"`
	Profile     string            `json:"profile,omitempty"` // version of the profile by which it was last computed
	TLP         string            `json:"tlp,omitempty"`
	People      []Part            `json:"people,omitempty"` // RACI besides the two owners
	Plan        Plan              `json:"plan,omitzero"`
	Controls    []Control         `json:"controls,omitempty"`
	Syncs       []Sync            `json:"syncs,omitempty"` // with the owner, newest last
	Blocked     Blocked           `json:"blocked,omitzero"`
	Health      map[string]string `json:"health,omitempty"` // labels that people set: owner, treatment, kri
	LabelNotes  map[string]string `json:"label_notes,omitempty"`
	Hold        Hold              `json:"hold,omitzero"` // the last validation of a held rating
	Override    Override          `json:"override,omitzero"`
	Closing     Closing           `json:"closing,omitzero"`
	Escalated   Escalated         `json:"escalated,omitzero"`
	Rejection   string            `json:"rejection,omitempty"` // why it is no risk of this register
	Links       map[string]string `json:"links,omitempty"`     // names in other systems: URL
	Skips       map[string]string `json:"skips,omitempty"`     // quarter: the acceptance that covers its missing key result
	Committed   string            `json:"committed,omitempty"` // work that is already under way, so that it is no candidate
	SecurityLed bool              `json:"security_led,omitempty"`
	Replace     bool              `json:"replace,omitempty"`  // the business owner is to be replaced
	Similar     []ref.ID          `json:"similar,omitempty"`  // that were looked at before it was raised
	Fields      map[string]string `json:"fields,omitempty"`   // that the house asks for besides, by the names of the profile
	Imported    map[string]string `json:"imported,omitempty"` // columns of an import that no field has
}

// Statement is how a risk is worded: the four parts of STORM and the four elements
// of a well-articulated risk.
type Statement struct {
	Asset       string `json:"asset,omitempty"`       // what is at risk
	Event       string `json:"event,omitempty"`       // what may happen to it
	Source      string `json:"source,omitempty"`      // the root cause
	Consequence string `json:"consequence,omitempty"` // what follows
	Problem     string `json:"problem,omitempty"`     // specific and concise
	Impact      string `json:"impact,omitempty"`      // harm to vendor and customers
	Evidence    string `json:"evidence,omitempty"`    // trends, data, proof
	Scale       string `json:"scale,omitempty"`       // how widespread, which parts
	Threat      string `json:"threat,omitempty"`      // a word of the profile
	Diagram     string `json:"diagram,omitempty"`     // a flowchart as text
}

// Scoping records why the risk belongs into this register.
type Scoping struct {
	Test     string    `json:"test,omitempty"`     // the in-scope test that is met
	Out      string    `json:"out,omitempty"`      // the out-of-scope type that it looks like
	Override string    `json:"override,omitempty"` // why it belongs here all the same
	By       ref.ID    `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// Origin is where a risk came from.
type Origin struct {
	Channel string    `json:"channel,omitempty"` // a word of the profile
	From    string    `json:"from,omitempty"`    // a record's id, a proposal's key, or a name elsewhere
	Found   time.Time `json:"found,omitzero"`    // date of identification
	Note    string    `json:"note,omitempty"`
}

// Part is somebody's part in a risk: R, A, C or I.
type Part struct {
	Who  ref.ID `json:"who"`
	As   string `json:"as,omitempty"`   // name of the part in the profile
	RACI string `json:"raci,omitempty"` // its letter
	Note string `json:"note,omitempty"`
}

// Plan is how the risk is treated.
type Plan struct {
	Summary    string            `json:"summary,omitempty"`
	Document   string            `json:"document,omitempty"` // the step that documents the outcome
	Public     bool              `json:"public,omitempty"`   // the outcome is documented in public
	Cost       float64           `json:"cost,omitempty"`     // in the profile's currency
	Milestones []Milestone       `json:"milestones,omitempty"`
	By         ref.ID            `json:"by,omitempty"`      // who wrote it last
	Maker      ref.ID            `json:"maker,omitempty"`   // of the token that did
	Authors    access.Hands      `json:"authors,omitempty"` // all who wrote what is to be approved
	Why        string            `json:"why,omitempty"`     // it replaces one that was approved
	Smart      map[string]string `json:"smart,omitempty"`   // the checklist with the reviewer's answers: yes, or why not
	Review     Approval          `json:"review,omitzero"`   // who answered it, and on which content
	Approvals  []Approval        `json:"approvals,omitempty"`
	Paths      []Path            `json:"paths,omitempty"` // planned residual scores, the newest last; earlier ones stay
}

// Milestone is one step of a plan. A key result lowers the planned score.
type Milestone struct {
	ID        string    `json:"id,omitempty"` // short, within the plan: m1
	Title     string    `json:"title"`
	Owner     ref.ID    `json:"owner,omitempty"`
	Due       time.Time `json:"due,omitzero"`
	Was       time.Time `json:"was,omitzero"`      // the first due date, where it moved
	After     []string  `json:"after,omitempty"`   // milestones that must be done before
	Success   string    `json:"success,omitempty"` // criterion
	KeyResult bool      `json:"key_result,omitempty"`
	Step      float64   `json:"step,omitempty"` // by how much the score falls; 0 is the plan's own step
	Why       string    `json:"why,omitempty"`  // of a step set by hand, or of a moved date
	Done      time.Time `json:"done,omitzero"`
	Proof     string    `json:"proof,omitempty"`
}

// Approval is somebody's yes to exactly one content.
type Approval struct {
	By    ref.ID    `json:"by"`
	Name  string    `json:"name"`
	Role  string    `json:"role,omitempty"`  // as which
	Level string    `json:"level,omitempty"` // of management, at the time
	At    time.Time `json:"at"`
	Hash  string    `json:"hash"` // of what was approved
	Note  string    `json:"note,omitempty"`
	No    bool      `json:"no,omitempty"`
}

// Path is a planned course of the residual score, fixed when the plan was approved.
type Path struct {
	At     time.Time `json:"at"`
	From   float64   `json:"from"`
	Points []Point   `json:"points"`
	Why    string    `json:"why,omitempty"`
}

// Point is a score at a time.
type Point struct {
	At    time.Time `json:"at"`
	Score float64   `json:"score"`
	What  string    `json:"what,omitempty"`
}

// Control is something that lowers likelihood or impact once it is active.
type Control struct {
	ID         string    `json:"id,omitempty"` // short, within the risk: c1
	Title      string    `json:"title"`
	Domain     string    `json:"domain,omitempty"`    // FAIR-CAM: loss-event, variance, decision
	Factor     string    `json:"factor"`              // likelihood or impact
	Lowers     float64   `json:"lowers"`              // levels of the scale
	State      string    `json:"state"`               // planned, active, degraded, retired
	Effective  string    `json:"effective,omitempty"` // how it is known to work
	Owner      ref.ID    `json:"owner,omitempty"`
	Link       string    `json:"link,omitempty"`
	Since      time.Time `json:"since,omitzero"`       // of the state
	Considered bool      `json:"considered,omitempty"` // in the residual in force
}

// Sync is a talk with the owner.
type Sync struct {
	At   time.Time `json:"at"`
	By   ref.ID    `json:"by"`
	Note string    `json:"note,omitempty"`
}

// Blocked is why nothing moves, and until when.
type Blocked struct {
	Reason string    `json:"reason,omitempty"`
	Until  time.Time `json:"until,omitzero"` // the target date of unblocking
	To     string    `json:"to,omitempty"`   // whom it was escalated to
	By     ref.ID    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Hold is a person's word on a rating where base and evidence disagree. It counts
// for the numbers that it was given on.
type Hold struct {
	By     ref.ID    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Reason string    `json:"reason,omitempty"`
	On     string    `json:"on,omitempty"` // what was validated, as a text; nobody is told it
}

// Override is a score that a person set in place of the computed one.
type Override struct {
	Likelihood float64   `json:"likelihood,omitempty"`
	Impact     float64   `json:"impact,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	By         ref.ID    `json:"by,omitempty"`
	Maker      ref.ID    `json:"maker,omitempty"` // of the token that asked
	At         time.Time `json:"at,omitzero"`
	Approver   ref.ID    `json:"approver,omitempty"` // another person; until then it is not in force
	Approved   time.Time `json:"approved,omitzero"`
}

// Active reports whether the override is in force.
func (o Override) Active() bool { return o.Approver != "" }

// Closing is what the security owner wrote before the risk was closed.
type Closing struct {
	Rationale string    `json:"rationale,omitempty"`
	RootCause string    `json:"root_cause,omitempty"` // how it was addressed
	Outcome   string    `json:"outcome,omitempty"`    // where it is documented
	Evidence  []string  `json:"evidence,omitempty"`   // what was reviewed
	By        ref.ID    `json:"by,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Hash      string    `json:"hash,omitempty"` // of the state that was validated
}

// Escalated is the proposal of a risk for the register above.
type Escalated struct {
	State  string    `json:"state,omitempty"` // proposed, taken, refused
	Reason string    `json:"reason,omitempty"`
	By     ref.ID    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Top    int       `json:"top,omitempty"` // place among the top risks; 0 is none
}

// Events returns the recorded events, oldest first.
func (r *Risk) Events() []clock.Event { return slices.Clone(r.events) }

// Has reports whether the risk carries the side label.
func (r *Risk) Has(label string) bool { return slices.Contains(r.Labels, label) }

// Accepted reports whether an acceptance of the risk is in force.
func (r *Risk) Accepted(p *profile.Profile) bool { return r.Has(p.Register.Labels.Accepted) }

func (r *Risk) record(at time.Time, name string, data map[string]string) {
	r.events = append(r.events, clock.Event{At: at, Name: name, Data: data})
}

// words is the text by which a risk is found besides its title.
func (r *Risk) words() string {
	s := r.Statement
	return strings.Join([]string{string(r.ID), r.Kind, r.Scope, r.Department, r.Parent, s.Asset, s.Event, s.Source, s.Consequence,
		s.Problem, s.Impact, s.Evidence, s.Scale}, "\n")
}

// Clocks returns what the risk's clocks say at the moment.
func (r *Risk) Clocks(p *profile.Profile, now time.Time) []clock.State {
	return clock.Run(p, "risk", r.events, now)
}

// tick brings the columns that lists sort by up to the moment.
func (r *Risk) tick(p *profile.Profile, now time.Time) {
	states := r.Clocks(p, now)
	r.Due, r.DueWhat, r.look = time.Time{}, "", time.Time{}
	if next, ok := clock.Next(states); ok && !r.Closed {
		r.Due, r.DueWhat = next.DueAt, next.Name
	}
	if m, ok := r.Plan.next(); ok && !r.Closed && (r.Due.IsZero() || m.Due.Before(r.Due)) {
		r.Due, r.DueWhat = m.Due, "milestone"
	}
	for _, s := range states {
		r.Breached = r.Breached || s.Breached
		if !s.NextAt.IsZero() && !r.Closed && (r.look.IsZero() || s.NextAt.Before(r.look)) {
			r.look = s.NextAt
		}
	}
}

// late names the clock that was late first. What is due next may be a milestone, which
// is none of the clocks.
func (r *Risk) late(p *profile.Profile, now time.Time) (name string) {
	var first time.Time
	for _, s := range r.Clocks(p, now) {
		if s.Breached && (first.IsZero() || s.DueAt.Before(first)) {
			name, first = s.Name, s.DueAt
		}
	}
	return name
}

// next returns the open milestone that is due first.
func (p Plan) next() (m Milestone, ok bool) {
	for _, x := range p.Milestones {
		if x.Done.IsZero() && !x.Due.IsZero() && (!ok || x.Due.Before(m.Due)) {
			m, ok = x, true
		}
	}
	return m, ok
}
