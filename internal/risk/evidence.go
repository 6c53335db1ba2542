package risk

import (
	"context"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Item is one piece of evidence: something that happened.
type Item struct {
	ID       ref.ID    `json:"id"`
	About    string    `json:"about"`       // a record's id, or a name in another system
	Kind     string    `json:"kind"`        // a word of the profile
	At       time.Time `json:"at,omitzero"` // when it happened; zero is undated
	Severity string    `json:"severity,omitempty"`
	By       ref.ID    `json:"by"`
	Added    time.Time `json:"added"`
	Dropped  bool      `json:"dropped,omitempty"` // taken back
	Closed   bool      `json:"closed,omitempty"`  // of a case
	ItemBody

	audience string
	guard    ref.ID
}

// ItemBody is what an item says besides.
type ItemBody struct {
	Title  string `json:"title,omitempty"`
	Source string `json:"source,omitempty"`
	Link   string `json:"link,omitempty"`
	Note   string `json:"note,omitempty"`
	Why    string `json:"why,omitempty"` // it was taken back
}

func thread4000(field, text string) (string, error) {
	out, err := thread.Clean(field, text, MaxNote)
	if err != nil {
		return "", fault.At(field, "%s", fault.Of(err).Says)
	}
	return out, nil
}

// Adding is a piece of evidence to link to a risk.
type Adding struct {
	About    string    `json:"about"`              // a case, or the name of what it is elsewhere
	Kind     string    `json:"kind"`               // of the profile's kinds of evidence
	At       time.Time `json:"at,omitzero"`        // when it happened; a case says so itself
	Severity string    `json:"severity,omitempty"` // a case says so itself
	Title    string    `json:"title,omitempty"`
	Source   string    `json:"source,omitempty"`
	Link     string    `json:"link,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// Link puts pieces of evidence into a risk's ledger, and brings its standing up to
// date. The same thing counts once: linking it again changes nothing.
func (s *Risks) Link(ctx context.Context, id ref.ID, adds ...Adding) error {
	return s.Gate.Act(ctx, VerbEvidence, id, func(tx *gate.Tx) error { return s.LinkIn(tx, id, adds...) })
}

// MaxAdds is how many pieces are linked at once.
const MaxAdds = 1000

// LinkIn is Link inside another act. It changes nothing of the risk itself: what
// is linked to a hidden case shows to nobody who may not open the case.
func (s *Risks) LinkIn(tx *gate.Tx, id ref.ID, adds ...Adding) error {
	if len(adds) > MaxAdds {
		return fault.New(fault.TooLarge, "there are %d pieces of evidence; link at most %d at once", len(adds), MaxAdds)
	}
	r, err := get(&tx.View, id)
	if err != nil {
		return err
	}
	for i, a := range adds {
		if err := s.add(tx, r, a, i); err != nil {
			return err
		}
	}
	_, err = s.recomputeIn(tx, id, false)
	return err
}

func (s *Risks) add(tx *gate.Tx, r *Risk, a Adding, i int) error {
	var fs fault.Fields
	a.check(&fs, s, tx.Now, i)
	if err := fs.Err(); err != nil {
		return err
	}
	it := Item{ID: ref.New("item"), About: a.About, Kind: a.Kind, At: a.At, Severity: a.Severity, By: tx.Actor.ID, Added: tx.Now,
		ItemBody: ItemBody{Title: a.Title, Source: a.Source, Link: a.Link, Note: a.Note}, guard: r.ID, audience: r.Audience}
	if to := ref.Read(a.About); to.Kind() == "case" {
		if err := tx.Reads(to); err != nil {
			return fault.At("about", "there is no case %s that you may read; link one that you may", to)
		}
		audience, err := caseAudience(&tx.View, to)
		if err != nil {
			return err
		}
		it.About, it.guard, it.audience = string(to), to, audience
		it.Title = "" // the case's own, as it is
	}
	return insertItem(tx, r, it)
}

func (a *Adding) check(fs *fault.Fields, s *Risks, now time.Time, i int) {
	thread.SetLine(fs, "about", &a.About, &a.About, 300)
	if a.About == "" {
		fs.Add("about", "item %d says nothing of what it is; name a case, or give a name and a link", i+1)
	}
	var known []string
	for _, k := range s.Profile.Register.Evidence.Kinds {
		known = append(known, k.Name)
	}
	if a.Kind == "" {
		fs.Add("kind", "say what kind of evidence it is: one of %s", strings.Join(known, ", "))
	}
	thread.Word(fs, "kind", a.Kind, known)
	thread.Word(fs, "severity", a.Severity, s.Profile.SeverityWords())
	thread.SetLine(fs, "title", &a.Title, &a.Title, MaxTitle)
	thread.SetLine(fs, "source", &a.Source, &a.Source, MaxLine)
	thread.SetLine(fs, "link", &a.Link, &a.Link, 2000)
	a.Note = thread.Cleaned(fs, "note", a.Note, MaxNote)
	thread.SetTime(fs, "at", &a.At, &a.At)
	if a.At.After(now) {
		fs.Add("at", "evidence is of what happened; the date lies in the future")
	}
	if a.Link != "" && !strings.HasPrefix(a.Link, "https://") && !strings.HasPrefix(a.Link, "http://") {
		fs.Add("link", "the link must be an address that starts with https:// or http://")
	}
}

// Drop takes a piece of evidence back; it stays on record with the reason, and no
// longer counts. Where the rating falls with it, it counts until another person has
// looked at the reason.
func (s *Risks) Drop(ctx context.Context, id, item ref.ID, reason string) error {
	return s.Gate.Act(ctx, VerbEvidence, id, func(tx *gate.Tx) error {
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.At("reason", "say why it does not count; whoever replays the score will ask")
		}
		tx.Reason(reason)
		it, err := itemSeen(&tx.View, id, item)
		if err != nil {
			return err
		}
		if it.Dropped {
			return fault.New(fault.Conflict, "this piece of evidence does not count any more: %s", it.Why)
		}
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		wait, err := s.dropping(tx, r, it, reason)
		if err != nil {
			return err
		}
		if wait != nil {
			return s.askDrop(tx, r, wait)
		}
		return s.drop(tx, r, it, reason)
	})
}

// drop takes a piece of evidence back for good.
func (s *Risks) drop(tx *gate.Tx, r *Risk, it Item, reason string) error {
	it.Dropped, it.Why = true, reason
	if err := updateItem(tx, r.ID, it); err != nil {
		return err
	}
	_, err := s.recomputeIn(tx, r.ID, true)
	return err
}

// RecomputeOne brings one risk's standing up to date: a job's work.
func (s *Risks) RecomputeOne(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, VerbScore, "", func(tx *gate.Tx) error {
		_, err := s.recomputeIn(tx, id, false)
		return err
	})
}
