package insight

import (
	"context"
	"encoding/json"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Trail reads the audit trail: that of one record for whoever may see the record,
// and the whole of it for those who may read audits. Reading the whole is
// audited itself.
type Trail struct{ Gate *gate.Gate }

// VerbAudit is to read the whole audit trail.
const VerbAudit access.Verb = "audit.read"

// Entry is one entry of the audit trail.
type Entry struct {
	ID      ref.ID        `json:"id"`
	At      time.Time     `json:"at"`
	Actor   ref.ID        `json:"actor"`
	Name    string        `json:"name"` // of the actor, where it has one
	Verb    string        `json:"verb"`
	Subject ref.ID        `json:"subject"`
	Outcome string        `json:"outcome"` // done, refused
	Reason  string        `json:"reason,omitempty"`
	Changes []gate.Change `json:"changes"`
	Profile string        `json:"profile"`
}

// Span narrows the whole trail.
type Span struct {
	Actor, Subject ref.ID
	Verb, Outcome  string
	Before         time.Time // entries before; zero is from the newest on
	Limit          int
}

// On returns the trail of a record that the actor may see, newest first, at most
// the newest 500 entries.
func (s *Trail) On(ctx context.Context, subject ref.ID) (out []Entry, err error) {
	return out, s.Gate.View(ctx, func(v *gate.View) error {
		out, err = OnRecord(v, subject)
		return err
	})
}

// OnRecord is On inside a view.
func OnRecord(v *gate.View, subject ref.ID) ([]Entry, error) {
	if err := v.Sees(subject); err != nil {
		return nil, err
	}
	return trailOf(v, subject)
}

// Whole returns the whole trail, newest first. Entries about records that the
// actor may not see are left out.
func (s *Trail) Whole(ctx context.Context, span Span) (out []Entry, err error) {
	if span.Limit == 0 {
		span.Limit = 100
	}
	if span.Limit < 1 || span.Limit > 500 {
		return nil, fault.At("limit", "a page has 1 to 500 entries; ask for that many")
	}
	return out, s.Gate.Act(ctx, VerbAudit, "", func(tx *gate.Tx) error {
		tx.Touch("", gate.Change{Field: "audit_read"})
		out, err = trail(&tx.View, span)
		return err
	})
}

func scanEntry(row func(...any) error) (e Entry, err error) {
	var at int64
	var detail string
	if err = row(&e.ID, &at, &e.Actor, &e.Name, &e.Verb, &e.Subject, &e.Outcome, &e.Reason, &detail, &e.Profile); err != nil {
		return e, err
	}
	e.At = gate.Time(at)
	return e, json.Unmarshal([]byte(detail), &e.Changes)
}
