package insight

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
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
	After          string // the marker that the page before gave
}

// On returns the trail of a record that the actor may read, newest first, at most
// the newest 500 entries.
func (s *Trail) On(ctx context.Context, subject ref.ID) (out []Entry, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		out, err = OnRecord(v, subject)
		return err
	})
	return out, err
}

// OnRecord is On inside a view.
func OnRecord(v *gate.View, subject ref.ID) ([]Entry, error) {
	if err := mayRead(v, subject); err != nil {
		return nil, err
	}
	entries, err := trailOf(v, subject)
	if err != nil {
		return nil, err
	}
	return discreet(v, entries)
}

// mayRead asks for the verb that covers reading the record; what is no record of
// its own kind is for those who read the whole trail.
func mayRead(v *gate.View, subject ref.ID) error {
	if access.Reads(subject.Kind()) == "" {
		return v.Allow(VerbAudit, subject)
	}
	return v.Reads(subject)
}

var recordID = regexp.MustCompile(`\b(?:(?:CASE|REPORT|ADV|RISK|OBS)-[0-9A-Z]{8}|kri-[0-9A-Z]{16})\b`)

// discreet leaves out changes and reasons that name a record which the reader may
// not see, such as a link to it, and entries of which nothing is left then.
func discreet(v *gate.View, entries []Entry) ([]Entry, error) {
	if !v.IsStaff() && !v.Actor.IsSystem() {
		entries = leave(entries, func(c gate.Change) bool { return c.Staff })
	}
	named := map[ref.ID]bool{}
	for _, e := range entries {
		for _, id := range idsIn([]byte(e.Reason)) {
			named[id] = true
		}
		for _, c := range e.Changes {
			for _, id := range namedIn(c) {
				named[id] = true
			}
		}
	}
	if len(named) == 0 {
		return entries, nil
	}
	seen := map[ref.ID]bool{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(named)), mostAsked) {
		some, err := seenOf(v, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(seen, some)
	}
	hidden := func(id ref.ID) bool { return !seen[id] }
	tells := func(c gate.Change) bool { return slices.ContainsFunc(namedIn(c), hidden) }
	for i := range entries {
		if slices.ContainsFunc(idsIn([]byte(entries[i].Reason)), hidden) {
			entries[i].Reason = ""
		}
	}
	return leave(entries, tells), nil
}

// leave takes changes out, and entries of which nothing is left then.
func leave(entries []Entry, out func(gate.Change) bool) []Entry {
	kept := entries[:0]
	for _, e := range entries {
		said := len(e.Changes)
		e.Changes = slices.DeleteFunc(e.Changes, out)
		if said == 0 || len(e.Changes) > 0 {
			kept = append(kept, e)
		}
	}
	return kept
}

// namedIn lists the records that a change names.
func namedIn(c gate.Change) (ids []ref.ID) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil
	}
	return idsIn(b)
}

func idsIn(text []byte) (ids []ref.ID) {
	for _, id := range recordID.FindAll(text, -1) {
		ids = append(ids, ref.ID(id))
	}
	return ids
}

// mostAsked is how many records one statement asks for; both engines take more.
const mostAsked = 500

// Whole returns the whole trail, newest first, and the marker of the next page.
// Entries about records that the actor may not see are left out.
func (s *Trail) Whole(ctx context.Context, span Span) (out []Entry, next string, err error) {
	if span.Limit == 0 {
		span.Limit = 100
	}
	if span.Limit < 1 || span.Limit > 500 {
		return nil, "", fault.At("limit", "a page has 1 to 500 entries; ask for that many")
	}
	err = s.Gate.Act(ctx, VerbAudit, "", func(tx *gate.Tx) error {
		tx.Touch("", gate.Change{Field: "audit_read"})
		out, next, err = whole(&tx.View, span)
		return err
	})
	return out, next, err
}

// Seal says how far the audit log is sealed.
type Seal struct {
	Size int // entries in the Merkle log
	Open int // entries that wait for it, at most MostCounted
}

// Seal returns how far the audit log is sealed.
func (s *Trail) Seal(ctx context.Context) (out Seal, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbAudit, ""); err != nil {
			return err
		}
		out, err = sealed(v)
		return err
	})
	return out, err
}

// Said returns those of the entries on a record that its reader finds in its trail;
// a record that the actor may not read is not found.
func (s *Trail) Said(ctx context.Context, subject ref.ID, entries []ref.ID) (out []Entry, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := mayRead(v, subject); err != nil || len(entries) == 0 {
			return err
		}
		if out, err = entriesOf(v, subject, entries[max(0, len(entries)-mostAsked):]); err != nil {
			return err
		}
		out, err = discreet(v, out)
		return err
	})
	return out, err
}

// Sealed returns what was done since place from of the sealed log, for the house's
// own hub of open pages, and the place to go on from. A negative from reads nothing.
func (s *Trail) Sealed(ctx context.Context, from int64) (out []gate.Done, to int64, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbAudit, ""); err != nil {
			return err
		}
		seal, err := sealed(v)
		if to = int64(seal.Size); err != nil || from < 0 || from >= to {
			return err
		}
		out, err = doneSince(v, max(from, to-mostTold), to)
		return err
	})
	return out, to, err
}

// mostTold is how much of the sealed log one look reads; who missed more reads the
// page anew.
const mostTold = 1000

// scope names the list in its markers, so that a marker fits no other.
func (s Span) scope() string {
	return strings.Join([]string{"audit", string(s.Actor), string(s.Subject), s.Verb, s.Outcome, s.Before.String()}, "\n")
}

// whole reads on until the page is full, since some entries may be left out. After
// mostReads it hands on what it has, which may be nothing, and where to go on.
func whole(v *gate.View, span Span) (out []Entry, next string, err error) {
	from := place{gate.Micros(span.Before), ""}
	if span.Before.IsZero() {
		from.at = 1 << 62
	}
	if span.After != "" {
		if err := v.Place(span.scope(), span.After, &from.at, &from.id); err != nil {
			return nil, "", err
		}
	}
	end := false
	for reads := 0; reads < mostReads && !end && len(out) <= span.Limit; reads++ {
		read, err := trail(v, span, from)
		if err != nil {
			return nil, "", err
		}
		if end = len(read) <= span.Limit; !end {
			from = placeOf(read[len(read)-1])
		}
		if read, err = discreet(v, read); err != nil {
			return nil, "", err
		}
		out = append(out, read...)
	}
	if len(out) > span.Limit {
		out = out[:span.Limit]
		from, end = placeOf(out[span.Limit-1]), false
	}
	if !end {
		next = v.Cursor(span.scope(), from.at, from.id)
	}
	return out, next, nil
}

// place is where in the trail an entry stands.
type place struct {
	at int64
	id ref.ID
}

func placeOf(e Entry) place { return place{gate.Micros(e.At), e.ID} }

// mostReads is how often a page is filled up.
const mostReads = 20

func scanEntry(row func(...any) error) (e Entry, err error) {
	var at int64
	var detail string
	if err = row(&e.ID, &at, &e.Actor, &e.Name, &e.Verb, &e.Subject, &e.Outcome, &e.Reason, &detail, &e.Profile); err != nil {
		return e, err
	}
	e.At = gate.Time(at)
	err = json.Unmarshal([]byte(detail), &e.Changes)
	return e, err
}
