package insight

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Event is that something was done: to which record, when, what and by whom. It
// never says what a record says.
type Event struct {
	ID     ref.ID      `json:"id"` // of the entry in the audit trail: the same however often the event is told
	At     time.Time   `json:"at"`
	Record ref.ID      `json:"record"`
	Kind   string      `json:"kind"` // of the record
	Verb   access.Verb `json:"verb"`
	Actor  ref.ID      `json:"actor"`
	Fields []string    `json:"fields"` // names of what changed
	Seq    int64       `json:"-"`      // its place in the sealed log: how much happened to others, and so nobody's to read
}

// Kinds are the kinds of records whose events are told.
var Kinds = []string{"case", "report", "adv", "risk", "obs", "kri"}

// mostEvents is how many entries of the log one look for events reads.
const mostEvents = 20 * eventsRead

// eventsRead is how many of them one statement reads.
const eventsRead = 1000

// Events returns what was done since place from of the sealed log to records of
// the kinds that the actor may read, oldest first, at most so many, and the place to
// go on from, which is from again where there is nothing new. A negative from reads
// nothing, and returns the end of the log.
func (s *Trail) Events(ctx context.Context, from int64, kinds []string, limit int) (out []Event, to int64, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		kinds, err := readKinds(v, kinds)
		if err != nil {
			return err
		}
		seal, err := sealed(v)
		if err != nil {
			return err
		}
		size := int64(seal.Size)
		if from < 0 {
			to = size
			return nil
		}
		to = min(from, size) // a log that was brought back from a backup may be shorter
		end := min(size, to+mostEvents)
		for ; to < end && len(out) < limit; to = min(to+eventsRead, end) {
			some, err := eventsOf(v, to, min(to+eventsRead, end), kinds)
			if err != nil {
				return err
			}
			out = append(out, some...)
		}
		if len(out) > limit {
			out = out[:limit]
			to = out[limit-1].Seq + 1
		}
		return nil
	})
	return out, to, err
}

// readKinds leaves the kinds that a token's scopes do not cover out; a kind that
// nobody knows is Invalid.
func readKinds(v *gate.View, kinds []string) (out []string, err error) {
	if v.Actor.Kind == access.Reporter {
		return nil, access.NoRecord()
	}
	if len(kinds) == 0 {
		kinds = Kinds
	}
	for _, k := range kinds {
		if !slices.Contains(Kinds, k) {
			return nil, fault.At("kind", "no events are told of the kind %q; write one of %s", k, strings.Join(Kinds, ", "))
		}
		if v.Actor.IsSystem() || v.Actor.InScope(access.Reads(k)) {
			out = append(out, k)
		}
	}
	return out, nil
}

// eventsOf reads the entries of a stretch of the log and leaves out those on records
// that the actor may not read, and of the others what names such a record.
func eventsOf(v *gate.View, from, to int64, kinds []string) ([]Event, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	done, err := happened(v, from, to, kinds)
	if err != nil {
		return nil, err
	}
	may := map[ref.ID]bool{}
	var subjects []ref.ID
	for _, e := range done {
		if _, known := may[e.Subject]; !known {
			may[e.Subject] = false
			subjects = append(subjects, e.Subject)
		}
	}
	for part := range slices.Chunk(subjects, mostAsked) {
		seen, err := seenOf(v, part)
		if err != nil {
			return nil, err
		}
		for id := range seen {
			if may[id], err = readsOne(v, id); err != nil {
				return nil, err
			}
		}
	}
	done = slices.DeleteFunc(done, func(e sealedEntry) bool { return !may[e.Subject] })
	entries := make([]Entry, len(done))
	at := map[ref.ID]int64{}
	for i, e := range done {
		entries[i], at[e.ID] = e.Entry, e.seq
	}
	if entries, err = discreet(v, entries); err != nil {
		return nil, err
	}
	out := make([]Event, len(entries))
	for i, e := range entries {
		out[i] = Event{ID: e.ID, At: e.At, Record: e.Subject, Kind: e.Subject.Kind(), Verb: access.Verb(e.Verb), Actor: e.Actor, Fields: fieldsOf(e), Seq: at[e.ID]}
	}
	return out, nil
}

// readsOne tells whether the actor's roles, on the record or in general, cover
// reading a record that the actor sees.
func readsOne(v *gate.View, id ref.ID) (bool, error) {
	if v.May(access.Reads(id.Kind()), "") {
		return true, nil
	}
	err := v.Reads(id)
	if errors.Is(err, fault.Forbidden) || errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

func fieldsOf(e Entry) []string {
	out := []string{}
	for _, c := range e.Changes {
		if !slices.Contains(out, c.Field) {
			out = append(out, c.Field)
		}
	}
	return out
}
