package review

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Deciding is a decision of a meeting.
type Deciding struct {
	Risk ref.ID `json:"risk,omitempty"` // that it is about; empty is the register
	Text string `json:"text"`
}

// Decide records a decision. One on a risk hangs on that risk: who may not see the
// risk sees no trace of it.
func (s *Reviews) Decide(ctx context.Context, meeting ref.ID, in Deciding) (ref.ID, error) {
	p := &Point{Kind: Decision, Risk: in.Risk, State: Taken, PointBody: PointBody{Text: in.Text}}
	return s.put(ctx, meeting, p)
}

// Asking is an action that a meeting asks of somebody.
type Asking struct {
	Risk ref.ID    `json:"risk,omitempty"`
	Text string    `json:"text"`
	Who  ref.ID    `json:"who"`
	Due  time.Time `json:"due"`
}

// Ask records an action. Until somebody ends it, it stands on every later meeting.
func (s *Reviews) Ask(ctx context.Context, meeting ref.ID, in Asking) (ref.ID, error) {
	p := &Point{Kind: Action, Risk: in.Risk, State: Asked, Who: in.Who, Due: in.Due.UTC(), PointBody: PointBody{Text: in.Text}}
	return s.put(ctx, meeting, p)
}

func (s *Reviews) put(ctx context.Context, meeting ref.ID, p *Point) (ref.ID, error) {
	subject := meeting
	if p.Risk != "" {
		subject = p.Risk
	}
	err := s.Gate.Act(ctx, VerbHold, subject, func(tx *gate.Tx) error {
		m, err := getMeeting(&tx.View, meeting)
		if err != nil {
			return err
		}
		if m.State != Opened {
			return fault.New(fault.Conflict, "the meeting was closed on %s; what is decided now belongs into the next one", day(m.Closed))
		}
		audience := m.audience
		if p.Risk != "" {
			if audience, err = riskAudience(&tx.View, p.Risk); err != nil {
				return err
			}
		}
		p.ID, p.Meeting, p.At, p.Author, p.guard = ref.New("point"), m.ID, tx.Now, tx.Actor.ID, subject
		if err := s.checkPoint(tx, p); err != nil {
			return err
		}
		return insertPoint(tx, p, audience)
	})
	return p.ID, err
}

func (s *Reviews) checkPoint(tx *gate.Tx, p *Point) error {
	var fs fault.Fields
	p.Text = must(&fs, "text", p.Text, "write what was decided, or what is to be done")
	if p.Kind != Action {
		return fs.Err()
	}
	switch {
	case p.Due.IsZero():
		fs.Add("due", "an action wants a day; give the one by which it is done")
	case !p.Due.After(tx.Now) || p.Due.Year() > 2100:
		fs.Add("due", "%s is no day for an action; give one that lies ahead", p.Due.Format(time.DateOnly))
	}
	ok, err := s.mayCarry(tx, p)
	if err != nil {
		return err
	}
	if !ok {
		fs.Add("who", "an action has one owner, at work here and able to see what it is about; name that person")
	}
	return fs.Err()
}

// mayCarry reports whether the owner of an action can see what it is about.
func (s *Reviews) mayCarry(tx *gate.Tx, p *Point) (bool, error) {
	switch {
	case p.Who == "":
		return false, nil
	case p.Risk != "":
		return s.Risks.SeesIn(tx, p.Risk, p.Who)
	}
	return atWork(&tx.View, p.Who)
}

// Ending is how an action ended.
type Ending struct {
	Note    string `json:"note,omitempty"`
	Dropped bool   `json:"dropped,omitempty"` // it is not to be done any more; wants a note
}

// Finish ends an action: by the one whose action it is, or by who holds meetings.
func (s *Reviews) Finish(ctx context.Context, id ref.ID, in Ending) error {
	verb := VerbHold
	if a, err := access.From(ctx); err == nil {
		own, err := s.isMine(ctx, id, a.ID)
		if err != nil && fault.KindOf(err) != fault.NotFound { // what they may not see, Act refuses and notes
			return err
		}
		if own && !in.Dropped {
			verb = VerbRead
		}
	}
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		p, err := getPoint(&tx.View, id)
		if err != nil {
			return err
		}
		return s.finish(tx, p, in)
	})
}

// isMine reports whether an action is that person's own.
func (s *Reviews) isMine(ctx context.Context, id, who ref.ID) (own bool, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Sees(id); err != nil {
			return err
		}
		p, err := getPoint(v, id)
		if err == nil {
			own = p.Who == who
		}
		return err
	})
	return own, err
}

func (s *Reviews) finish(tx *gate.Tx, p *Point, in Ending) error {
	var fs fault.Fields
	p.Note, p.By, p.Done, p.State = text(&fs, "note", in.Note, MaxNote), tx.Actor.ID, tx.Now, Done
	if in.Dropped {
		p.State = Dropped
		fs.Want("note", p.Note, "say why it is not to be done any more")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	if p.Kind != Action || p.guard == "" {
		return fault.New(fault.Conflict, "a decision is not ended; take another one")
	}
	return updatePoint(tx, p)
}
