// Package notice keeps what people were told inside the house, and what went out
// by mail or would have. It decides nothing about who is told: package effect
// does, and asks their authority again at that moment.
package notice

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// VerbOutbox is to read the outbox.
const VerbOutbox access.Verb = "outbox.read"

// Notice tells one person that something happened on a record. None is kept with a
// title or a text of the record: the title is looked up for whoever may see it.
type Notice struct {
	ID      ref.ID    `json:"id"`
	Person  ref.ID    `json:"-"`
	Subject ref.ID    `json:"subject"`
	Title   string    `json:"-"`    // of the record, as the reader may see it now
	What    string    `json:"what"` // a verb, "mention", or clock:NAME
	Actor   ref.ID    `json:"actor"`
	At      time.Time `json:"at"`
	Read    time.Time `json:"read,omitzero"`
}

// Mail is one mail as it went out, or would have.
type Mail struct {
	ID        ref.ID    `json:"id"`
	Job       ref.ID    `json:"-"`
	At        time.Time `json:"at"`
	Recipient string    `json:"recipient"`
	Subject   string    `json:"subject"`
	Body      string    `json:"body"`
	State     string    `json:"state"` // kept: no mail server is set; sent; refused
	Note      string    `json:"note,omitempty"`
	About     ref.ID    `json:"about"`
}

// The states of a mail.
const (
	Kept    = "kept"
	Sent    = "sent"
	Refused = "refused"
)

// Notices are the operations on notices and mails.
type Notices struct{ Gate *gate.Gate }

// Put tells a person, once for each job.
func (s *Notices) Put(ctx context.Context, n Notice, job ref.ID) error {
	return s.Gate.Act(ctx, "notice.put", "", func(tx *gate.Tx) error {
		n.ID, n.At = ref.New("notice"), tx.Now
		return insert(tx, n, string(job))
	})
}

// Mine lists the actor's notices about records that they may still see, newest
// first.
func (s *Notices) Mine(ctx context.Context, limit int) (out []Notice, err error) {
	if limit < 1 || limit > 200 {
		return nil, fault.At("limit", "a page has 1 to 200 notices; ask for that many")
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		out, err = mine(v, limit)
		return err
	})
	return out, err
}

// Latest is Mine inside a view.
func Latest(v *gate.View, limit int) ([]Notice, error) { return mine(v, limit) }

// Unread counts the actor's unread notices, at most 100.
func Unread(v *gate.View) (int, error) { return unread(v) }

// MarkRead marks the actor's notices as read: one, or all where id is empty.
func (s *Notices) MarkRead(ctx context.Context, id ref.ID) error {
	a, err := access.From(ctx)
	if err != nil {
		return err
	}
	return s.Gate.Act(access.With(ctx, access.System("notices")), "notice.read", "", func(tx *gate.Tx) error { return markRead(tx, a.ID, id) })
}

// Post keeps a mail, once for each job and recipient; it reports whether it is
// new, and in which state it stands.
func (s *Notices) Post(ctx context.Context, m Mail) (fresh bool, err error) {
	err = s.Gate.Act(ctx, "mail.post", "", func(tx *gate.Tx) error {
		m.ID, m.At = ref.New("mail"), tx.Now
		fresh, err = insertMail(tx, m)
		return err
	})
	return fresh, err
}

// Settle records how sending went.
func (s *Notices) Settle(ctx context.Context, job ref.ID, recipient, state, note string) error {
	return s.Gate.Act(ctx, "mail.settle", "", func(tx *gate.Tx) error { return settleMail(tx, job, recipient, state, note) })
}

// Outbox lists mails about records that the actor may see, newest first.
func (s *Notices) Outbox(ctx context.Context, limit int) (out []Mail, err error) {
	if limit < 1 || limit > 200 {
		return nil, fault.At("limit", "a page has 1 to 200 mails; ask for that many")
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbOutbox, ""); err != nil {
			return err
		}
		out, err = mails(v, limit)
		return err
	})
	return out, err
}
