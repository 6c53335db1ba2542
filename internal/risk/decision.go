package risk

import (
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Decision is something that was decided about a risk, bound to the exact state on
// which it was decided.
type Decision struct {
	ID      ref.ID    `json:"id"`
	Risk    ref.ID    `json:"risk"`
	Kind    string    `json:"kind"`  // accept, plan, monitor, close, escalate, downgrade
	State   string    `json:"state"` // asked, active, stale, due, ended, refused
	At      time.Time `json:"at"`
	Until   time.Time `json:"until,omitzero"`
	Review  time.Time `json:"review,omitzero"` // the next one
	Hash    string    `json:"hash"`            // SHA-256 of the snapshot
	Author  ref.ID    `json:"author"`          // who asked
	Version int       `json:"version"`
	DecisionBody
}

// DecisionBody is what a decision holds besides.
type DecisionBody struct {
	Name          string           `json:"name,omitempty"` // of the author
	Reason        string           `json:"reason,omitempty"`
	Preset        string           `json:"preset,omitempty"`        // of acceptance
	Description   string           `json:"description,omitempty"`   // of the risk that is accepted
	Justification string           `json:"justification,omitempty"` // why it is borne
	Controls      string           `json:"controls,omitempty"`      // that compensate
	Residual      float64          `json:"residual,omitempty"`
	Rating        string           `json:"rating,omitempty"`
	Months        int              `json:"months,omitempty"`
	Quarter       string           `json:"quarter,omitempty"` // that is skipped
	Wanted        []string         `json:"wanted,omitempty"`  // levels whose approval the rating wants
	Owner         bool             `json:"owner,omitempty"`   // and the business owner's
	Approvals     []Approval       `json:"approvals,omitempty"`
	Snapshot      map[string]any   `json:"snapshot"`          // the material fields, as they were
	Changed       []string         `json:"changed,omitempty"` // material fields that changed since
	Reviews       []DecisionReview `json:"reviews,omitempty"`
}

// DecisionReview is one look at an accepted risk: six questions, and the word of
// those whose approval it wants again.
type DecisionReview struct {
	At      time.Time         `json:"at"`
	By      ref.ID            `json:"by"`
	Name    string            `json:"name"`
	Answers map[string]string `json:"answers"`
	Outcome string            `json:"outcome"` // holds, changed, remediate
	Note    string            `json:"note,omitempty"`
}

// Verdict is a health value that the house derived, beside the label that people
// set.
type Verdict struct {
	Domain string `json:"domain"` // owner, treatment, kri
	Light  string `json:"light"`
	Says   string `json:"says"`
	Set    string `json:"set,omitempty"`    // what the label says
	Differ string `json:"differ,omitempty"` // how they disagree, in a sentence
}

// Appetite is how much risk is borne, as it is in force.
type Appetite struct {
	Name  string    `json:"name"`
	Title string    `json:"title"`
	UpTo  int       `json:"up_to"`
	From  string    `json:"from"` // the profile, or the survey's id
	At    time.Time `json:"at,omitzero"`
}

// everybody calls add with each person whom the risk's page speaks of.
func (f *Full) everybody(add func(ref.ID)) {
	add(f.Owner)
	add(f.Security)
	for _, p := range f.Risk.People {
		add(p.Who)
	}
	for _, m := range f.Plan.Milestones {
		add(m.Owner)
	}
	for _, e := range f.Evaluations {
		add(e.Author)
	}
	for _, d := range f.Decisions {
		add(d.Author)
	}
	for _, s := range f.Shown {
		add(s.Who)
	}
	for _, who := range []ref.ID{f.Scoping.By, f.Hold.By, f.Override.By, f.Override.Approver, f.Closing.By, f.Blocked.By, f.Escalated.By} {
		add(who)
	}
}

// stale marks the decisions whose material fields changed, so that they are looked
// at again: nothing stands that was decided on another state.
func (s *Risks) stale(tx *gate.Tx, before, after *Risk) error {
	return nil
}
