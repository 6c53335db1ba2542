// Package bulk does one thing to many records, and undoes it. Each record is changed
// by the operation that changes it alone, in an act of its own, as the person who
// asked: its rights, needs and audit entry are those that it always has, and a record
// that cannot be changed is left as it is, with the reason. What became of each is kept
// in the act's own transaction, so that a process that ends in between leaves no record
// half done and none done twice.
//
// It holds no rule about any record: the table of kinds says which operations there
// are and how each is taken back. Used by the lists of the pages and by the API.
package bulk

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/intake"
	"tocsin/internal/observation"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Bulks are the operations on many records at once.
type Bulks struct {
	Gate         *gate.Gate
	Profile      *profile.Profile
	Cases        *casework.Cases
	Reports      *intake.Reports
	Risks        *risk.Risks
	Observations *observation.Observations
	Advisories   *advisory.Advisories
	People       *party.Parties
}

// Limits of what is asked for at once, and of how long it can be undone.
const (
	MaxIDs   = 1000           // chosen one by one; a query leaves as many as it leaves
	Soon     = 100            // so many records are done while the asker waits
	slice    = 250            // records of one turn of the background work
	workers  = 4              // records at a time: the store commits them together
	told     = 5              // of more records than these people are told once of all
	undoable = 24 * time.Hour // how long it can be undone
	kept     = 30 * 24 * time.Hour
)

// The states of the whole.
const (
	Collecting = "collecting" // finding what the query leaves
	Doing      = "doing"
	Stopping   = "stopping" // somebody asked to stop it
	Finished   = "done"
	Stopped    = "stopped"
	Undoing    = "undoing"
	Undone     = "undone"
)

// The states of one record.
const (
	RowWaiting = "waiting"
	RowDone    = "done"
	RowSame    = "same"    // it was so before
	RowRefused = "refused" // its own rules, or the actor's rights, do not allow it
	RowUndone  = "undone"
	RowLeft    = "left" // it could not be set back: somebody changed it since
)

// Input is what an act is given.
type Input struct {
	Value    string `json:"value,omitempty"`    // a person, a label, a word; "" is nobody or none where that is one
	Reason   string `json:"reason,omitempty"`   // for us
	Answer   string `json:"answer,omitempty"`   // to the reporters
	Original ref.ID `json:"original,omitempty"` // the record that reports repeat
}

// Asked says what is to be done to which records: those of IDs, or all that the query
// leaves to whoever asks.
type Asked struct {
	Surface string          `json:"-"`
	Act     string          `json:"act"`
	Input   Input           `json:"with,omitzero"`
	IDs     []ref.ID        `json:"ids,omitempty"`
	All     bool            `json:"all,omitempty"` // all that the query leaves; else IDs
	Query   string          `json:"query,omitempty"`
	Order   string          `json:"order,omitempty"`
	Filter  json.RawMessage `json:"-"` // what the address of a list says besides its query
}

// Bulk is what somebody did to many records, and how far it is.
type Bulk struct {
	ID      ref.ID         `json:"id"`
	At      time.Time      `json:"at"`
	Surface string         `json:"surface"`
	Act     string         `json:"act"`
	Input   Input          `json:"with,omitzero"`
	State   string         `json:"state"`
	Until   time.Time      `json:"undo_until"`
	Counts  map[string]int `json:"counts"`            // records by their state
	Why     []Why          `json:"why,omitempty"`     // why records were not changed, or not set back
	Missing []ref.ID       `json:"missing,omitempty"` // that are no records to whoever asked
	May     bool           `json:"may_undo"`          // it can be undone now

	actor ref.ID
	who   string
	query string
	mark  string
	quiet bool
}

// Why is one reason, and the records that it holds for: all counted, the first named.
type Why struct {
	State string   `json:"state"`
	Says  string   `json:"says"`
	Count int      `json:"count"`
	IDs   []ref.ID `json:"ids"`
}

// Fate is what became of one record of a bulk.
type Fate struct {
	N     int    `json:"-"`
	ID    ref.ID `json:"id"`
	State string `json:"state"`
	Says  string `json:"says,omitempty"`

	at  time.Time
	was []gate.Change
}

// Total is how many records there are that the reader may still see.
func (b *Bulk) Total() (n int) {
	for _, x := range b.Counts {
		n += x
	}
	return n
}

// Busy tells whether the work goes on.
func (b *Bulk) Busy() bool {
	return slices.Contains([]string{Collecting, Doing, Stopping, Undoing}, b.State)
}

// mayUndo tells whether something is left to set back, and the time for it is not over.
func (b *Bulk) mayUndo(now time.Time) bool {
	return !b.Busy() && b.Counts[RowDone] > 0 && now.Before(b.Until)
}

// Act is what can be done to many records of a kind.
type Act struct {
	Name string      // assign, label
	Verb access.Verb // of the operation that does it
	Tell string      // the kind of job by which people are told of one record; "" is none that is held back

	fields []string              // of a record that it changes: the first is compared before it is set back
	same   func(in Input) string // a text that audit entries hold where they change the same; nil is that any entry counts
	check  func(s *Bulks, in *Input) error
	do     func(s *Bulks, w work) error
	undo   func(s *Bulks, w work) error
}

// kind is a list whose records can be chosen.
type kind struct {
	surface string
	record  string // kind of record
	read    access.Verb
	reads   func(v *gate.View) error // where no verb covers the list: nil, or that the actor may not read it
	acts    []Act
	page    func(s *Bulks, w work, q chosen, after string) ([]ref.ID, string, error)
}

// kinds are the lists, by surface.
var kinds = map[string]*kind{"cases": &cases, "inbox": &reports, "register": &risks, "observations": &observations, "advisories": &advisories, "people": &people}

// allows is nil where the actor may read the list.
func (k *kind) allows(v *gate.View) error {
	if k.reads != nil {
		return k.reads(v)
	}
	return v.Allow(k.read, "")
}

// find returns a list and one of its acts.
func find(surface, act string) (*kind, *Act, error) {
	k, ok := kinds[surface]
	if !ok {
		return nil, nil, fault.At("surface", "no list is called %q", surface)
	}
	i := slices.IndexFunc(k.acts, func(a Act) bool { return a.Name == act })
	if i < 0 {
		var all []string
		for _, a := range k.acts {
			all = append(all, a.Name)
		}
		return nil, nil, fault.At("act", "%q cannot be done to many of them at once; write one of %s", act, strings.Join(all, ", "))
	}
	return k, &k.acts[i], nil
}

// Acts lists what can be done to many records of a list.
func Acts(surface string) []Act {
	if k, ok := kinds[surface]; ok {
		return k.acts
	}
	return nil
}

// check says what is wrong with what is asked.
func (in *Asked) check(s *Bulks) (*kind, *Act, error) {
	k, a, err := find(in.Surface, in.Act)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case !in.All && len(in.IDs) == 0:
		return nil, nil, fault.At("ids", "nothing is chosen; tick rows of the list, or choose all that match")
	case in.All && len(in.IDs) > 0:
		return nil, nil, fault.At("ids", "give either records or a query, not both")
	case len(in.IDs) > MaxIDs:
		return nil, nil, fault.New(fault.TooLarge, "there are %d records; name at most %d, or choose them by a query", len(in.IDs), MaxIDs)
	}
	slices.Sort(in.IDs)
	in.IDs = slices.Compact(in.IDs)
	if len(in.Input.Value) > 200 {
		return nil, nil, fault.At("value", "the value is longer than any; choose one of the list")
	}
	return k, a, a.check(s, &in.Input)
}
