// Package review is how the register is looked at, again and again: the regular
// meeting as a record, with an agenda from rules, minutes, decisions and actions;
// reviews of single risks, each with an outcome; the packs and reports that come of
// it, signed; the candidates that functional leaders commit to; and saved filters.
//
// It changes a risk by package risk's own operations alone. Every number is of the
// risks that the reader may see, in the reader's world of evidence: an agenda is
// computed when it is read, and what is kept of a closed meeting stands in rows that
// each risk guards, once for each world. Rules, days and limits are the profile's.
package review

import (
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/kri"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/seal"
)

// The verbs of reviews.
const (
	VerbRead    access.Verb = "meeting.read"
	VerbHold    access.Verb = "meeting.hold"
	VerbClose   access.Verb = "meeting.close"
	VerbReview  access.Verb = "risk.review"
	VerbChoose  access.Verb = "strategy.choose"
	VerbApprove access.Verb = "strategy.approve"
)

// Reviews are the operations on meetings, reviews and what leaders choose.
type Reviews struct {
	Gate       *gate.Gate
	Profile    *profile.Profile
	Risks      *risk.Risks
	KRIs       *kri.KRIs
	Recurrence *recurrence.Recurrence
	Key        seal.Key // signs packs and reports
}

// The states of a meeting.
const (
	Opened = "open"
	Closed = "closed"
)

// Meeting is one regular review of the register.
type Meeting struct {
	ID      ref.ID    `json:"id"`
	State   string    `json:"state"` // open, closed
	At      time.Time `json:"at"`    // opened
	From    time.Time `json:"from"`  // the period that it looks at begins here
	Closed  time.Time `json:"closed,omitzero"`
	Next    time.Time `json:"next,omitzero"` // the next meeting
	Version int       `json:"version"`       // of the row, for If-Match
	MeetingBody

	audience string
}

// MeetingBody is what a meeting holds besides what lists ask for.
type MeetingBody struct {
	Title   string    `json:"title"`
	Present []Present `json:"present,omitempty"`
	Minutes string    `json:"minutes,omitempty"` // Markdown, for everybody who reads meetings
}

// Present is somebody who was there.
type Present struct {
	Who  ref.ID `json:"who,omitempty"`  // a person of the house
	Name string `json:"name,omitempty"` // or somebody else
	Part string `json:"part,omitempty"` // as what: chair, minutes, guest
}

// Until is the end of the period that the meeting looks at.
func (m *Meeting) Until(now time.Time) time.Time {
	if m.Closed.IsZero() {
		return now
	}
	return m.Closed
}

// Mark is a score at a time; -1 is unset.
type Mark struct {
	Score  float64 `json:"score"`
	Rating string  `json:"rating,omitempty"`
}

// Set reports whether there is a score.
func (m Mark) Set() bool { return m.Score >= 0 }

// Section is one part of an agenda.
type Section struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Rule  bool   `json:"rule,omitempty"` // an escalation rule of the profile
	Items []Item `json:"items"`
}

// Item is a risk on an agenda, with the reason in words.
type Item struct {
	Risk       ref.ID   `json:"risk"`
	Title      string   `json:"title"`
	Owner      ref.ID   `json:"owner,omitempty"`
	Department string   `json:"department,omitempty"`
	Why        []string `json:"why"`
	Then       Mark     `json:"then"` // when the period began
	Now        Mark     `json:"now"`
	Arrow      string   `json:"arrow"` // worse, better, same, new: against the risk's last review
}

// The kinds of points.
const (
	Decision = "decision"
	Action   = "action"
)

// The states of a point.
const (
	Taken   = "taken" // a decision
	Asked   = "open"  // an action
	Done    = "done"
	Dropped = "dropped"
)

// Point is a decision of a meeting, or an action that it asks for.
type Point struct {
	ID        ref.ID    `json:"id"`
	Meeting   ref.ID    `json:"meeting"`
	Kind      string    `json:"kind"`           // decision, action
	Risk      ref.ID    `json:"risk,omitempty"` // that it is about
	RiskTitle string    `json:"risk_title,omitempty"`
	At        time.Time `json:"at"`
	Author    ref.ID    `json:"author"`
	Who       ref.ID    `json:"who,omitempty"` // whose action it is
	Due       time.Time `json:"due,omitzero"`
	State     string    `json:"state"` // decision: taken; action: open, done, dropped
	Done      time.Time `json:"done,omitzero"`
	Version   int       `json:"version"`
	Carried   bool      `json:"carried,omitempty"` // from an earlier meeting
	PointBody

	guard    ref.ID
	audience string
}

// PointBody is what a point says.
type PointBody struct {
	Text string `json:"text"`
	Note string `json:"note,omitempty"` // how it ended
	By   ref.ID `json:"by,omitempty"`   // who ended it
}

// Late reports whether an open action is past its day.
func (p *Point) Late(now time.Time) bool {
	return p.State == Asked && !p.Due.IsZero() && p.Due.Before(now)
}

// The outcomes of a review.
const (
	StillValid = "still-valid"
	Rescored   = "re-scored"
	Escalate   = "escalate"
)

// Outcomes lists them in order.
var Outcomes = []string{StillValid, Rescored, Escalate}

// RiskReview is one look at one risk.
type RiskReview struct {
	ID      ref.ID    `json:"id"`
	Risk    ref.ID    `json:"risk"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
	Meeting ref.ID    `json:"meeting,omitempty"`
	Author  ref.ID    `json:"author"`
	Next    time.Time `json:"next"`
	Was     Mark      `json:"was"` // the score at the review before, in the reader's world
	Is      Mark      `json:"is"`  // and at this one
	RiskReviewBody

	audience string
}

// RiskReviewBody is what a review says.
type RiskReviewBody struct {
	Reason string `json:"reason"`
	Name   string `json:"name"` // of the author
}

// Hit is an escalation rule that holds for a risk.
type Hit struct {
	Rule      string `json:"rule"`
	Title     string `json:"title"`
	Risk      ref.ID `json:"risk"`
	RiskTitle string `json:"risk_title"`
	Why       string `json:"why"`
}

// sentence joins reasons to one line.
func sentence(why []string) string { return strings.Join(why, "; ") }
