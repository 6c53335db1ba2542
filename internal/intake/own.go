package intake

import (
	"context"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Own is a report as its reporter sees it: what they wrote, what was said both
// ways, and where it stands in plain words. No internal word is in it.
type Own struct {
	ID       ref.ID          `json:"id"`
	Title    string          `json:"title"`
	Product  string          `json:"product"`
	Received time.Time       `json:"received"`
	Status   string          `json:"status"` // in plain words
	Closed   bool            `json:"closed"`
	Waiting  bool            `json:"waiting"` // for an answer of the reporter
	Deadline time.Time       `json:"deadline,omitzero"`
	Credit   string          `json:"credit,omitempty"`
	Name     string          `json:"credit_name,omitempty"` // as they wish to be named
	Phase    lifecycle.Phase `json:"phase"`                 // of ISO/IEC 30111: the standard's word, no stage of ours
	Known    bool            `json:"accepted"`              // we handle it as a vulnerability
	Advisory string          `json:"advisory,omitempty"`    // tracking ID of what was published
	Said     []Said          `json:"messages"`
	Files    []evidence.File `json:"files"`
	Body     Written         `json:"report"`
}

// Written is what the reporter wrote.
type Written struct {
	Summary, Steps, Impact, Versions string
}

// Said is one message as the reporter sees it.
type Said struct {
	At   time.Time `json:"at"`
	Mine bool      `json:"mine"`
	Name string    `json:"name"`
	Text string    `json:"text"`
}

// Reporter returns the actor whom a secret link makes of its holder. A wrong
// secret is NotFound.
func (s *Reports) Reporter(ctx context.Context, secret string) (a access.Actor, id ref.ID, err error) {
	system := access.With(ctx, access.System("portal"))
	err = s.Gate.View(system, func(v *gate.View) error {
		if len(secret) != len(ref.Secret()) {
			return access.NoRecord()
		}
		r, err := bySecret(v, s.Hash(secret))
		if err != nil {
			return err
		}
		a, id = access.Actor{ID: r.Reporter, Kind: access.Reporter, Name: "the reporter"}, r.ID
		return nil
	})
	return a, id, err
}

// Own returns the report of the actor, who is its reporter.
func (s *Reports) Own(ctx context.Context, id ref.ID) (o *Own, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		r, err := get(v, id)
		if err != nil {
			return err
		}
		if r.Reporter != v.Actor.ID {
			return access.NoRecord()
		}
		said, err := thread.On(v, true, id)
		if err != nil {
			return err
		}
		o = s.own(r, said)
		if o.Files, err = evidence.On(v, true, id); err != nil {
			return err
		}
		for i := range o.Files {
			o.Files[i].Author = "" // who of us put it there is an internal word
		}
		return s.caseStatus(v, r, o)
	})
	return o, err
}

func (s *Reports) own(r *Report, said []thread.Message) *Own {
	stage, _ := s.Profile.Lifecycle("report").Stage(r.Stage)
	o := &Own{ID: r.ID, Title: r.Title, Product: r.Product, Received: r.Received, Status: stage.Plain, Closed: stage.Terminal && r.Case == "",
		Deadline: r.Deadline, Credit: r.Credit, Name: r.CreditName, Phase: stage.Phase, Known: r.Case != "", Body: Written{r.Summary, r.Steps, r.Impact, r.Versions}, Waiting: slices.ContainsFunc(r.Labels, s.waits)}
	if d, ok := s.Profile.Disposition(r.Disposition); ok && d.Plain != "" && d.Closes {
		o.Status = d.Plain
	}
	for _, m := range said {
		mine := m.Side == thread.In
		name := s.Profile.Publisher.Name
		if mine {
			name = "You"
		}
		o.Said = append(o.Said, Said{m.At, mine, name, m.Text})
	}
	return o
}

// caseStatus adds where the case stands that the report was accepted into. The
// reporter may not see the case; its stage in plain words is what they are told.
func (s *Reports) caseStatus(v *gate.View, r *Report, o *Own) error {
	if r.Case == "" {
		return nil
	}
	stage, name, err := s.standing(v, r.Case)
	if err != nil {
		return err
	}
	st, _ := s.Profile.Lifecycle("case").Stage(stage)
	if plain := s.Profile.Plain[stage]; plain != "" {
		o.Status = plain
	}
	o.Closed, o.Advisory, o.Phase = st.Terminal, name, st.Phase
	return nil
}

// standing reads a case's stage, and the tracking ID of its published advisory,
// as the house itself.
func (s *Reports) standing(v *gate.View, id ref.ID) (stage, name string, err error) {
	err = v.AsHouse(func(h *gate.View) error {
		stage, name, err = standing(h, id)
		return err
	})
	return stage, name, err
}

// ReplyOwn adds the reporter's own message, with the files that came with it.
func (s *Reports) ReplyOwn(ctx context.Context, id ref.ID, text string, files ...Upload) error {
	return s.change(ctx, VerbReply, id, 0, func(tx *gate.Tx, r *Report) error {
		if tx.Actor.Kind != access.Reporter || r.Reporter != tx.Actor.ID {
			return fault.New(fault.Forbidden, "only the reporter writes here")
		}
		m, err := thread.New(tx, id, thread.In, text)
		if err != nil {
			return err
		}
		if err := s.heard(tx, r, thread.In); err != nil {
			return err
		}
		r.Labels = slices.DeleteFunc(r.Labels, s.waits)
		if err := thread.Add(tx, m, id, r.Audience); err != nil {
			return err
		}
		if err := attach(tx, r, thread.In, files); err != nil {
			return err
		}
		return tx.Later("tell:team", tx.Now, "", Told{id, string(VerbReply), m.ID})
	})
}

// waits reports whether a label says that the reporter has to answer: a move sets it
// then, as opposed to those that people set for themselves.
func (s *Reports) waits(label string) bool {
	return slices.ContainsFunc(s.Profile.Lifecycle("report").Moves, func(mv lifecycle.Move) bool { return slices.Contains(mv.Sets, label) })
}

// Upload is a stored content with the name that its sender gave it.
type Upload struct {
	Name    string
	Content evidence.Content
}

// attach puts what came with a report or a message on the report.
func attach(tx *gate.Tx, r *Report, side thread.Side, files []Upload) error {
	for _, f := range files {
		if _, err := evidence.Attach(tx, r.ID, r.ID, r.Audience, side, f.Name, f.Content); err != nil {
			return err
		}
	}
	return nil
}

// Attach puts a stored content on a report: the reporter's own, or one that staff
// share with the reporter.
func (s *Reports) Attach(ctx context.Context, id ref.ID, name string, c evidence.Content) (f evidence.File, err error) {
	err = s.Gate.Act(ctx, VerbReply, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		side := thread.Out
		if tx.Actor.Kind == access.Reporter {
			side = thread.In
		}
		f, err = evidence.Attach(tx, id, id, r.Audience, side, name, c)
		return err
	})
	return f, err
}
