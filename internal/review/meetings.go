package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
)

// Limits of the fields, in bytes and in number.
const (
	MaxLine    = 200
	MaxNote    = 4000
	MaxMinutes = 64 << 10
	MaxPresent = 100
)

// Opening is what a meeting is opened with.
type Opening struct {
	Title string    `json:"title,omitempty"`
	From  time.Time `json:"from,omitzero"` // the period begins here; zero is where the last one ended
}

// Open opens a meeting. The period that it looks at begins where that of the last
// one ended; one meeting is open at a time.
func (s *Reviews) Open(ctx context.Context, in Opening) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbHold, "", func(tx *gate.Tx) error {
		m, err := s.begin(tx, in)
		if err != nil {
			return err
		}
		id = m.ID
		return insertMeeting(tx, m)
	})
	return id, err
}

func (s *Reviews) begin(tx *gate.Tx, in Opening) (*Meeting, error) {
	var fs fault.Fields
	m := &Meeting{ID: ref.New("meeting"), State: Opened, At: tx.Now, From: in.From.UTC(), audience: access.Staff}
	m.Title = line(&fs, "title", in.Title)
	if m.Title == "" {
		m.Title = "Review of " + tx.Now.Format("January 2006")
	}
	last, err := meetings(&tx.View, 1)
	if err != nil {
		return nil, err
	}
	if len(last) > 0 && last[0].State == Opened {
		return nil, fault.New(fault.Conflict, "the meeting of %s is still open; close it before the next begins", day(last[0].At))
	}
	if in.From.IsZero() {
		m.From = tx.Now.AddDate(0, 0, -s.Profile.Register.Cadence.MeetingDays)
		if len(last) > 0 {
			m.From = last[0].Closed
		}
	}
	if m.From.After(tx.Now) || m.From.Year() < 1990 {
		fs.Add("from", "the period cannot begin on %s; give a day in the past, or none for where the last meeting ended", m.From.Format(time.DateOnly))
	}
	return m, fs.Err()
}

// Minutes are what is written down of a meeting, and who was there.
type Minutes struct {
	Version int       `json:"version,omitempty"` // of the row that the writer saw
	Text    *string   `json:"text,omitempty"`    // nil leaves it as it is
	Present []Present `json:"present,omitempty"` // the whole list; nil leaves it as it is
}

// Record writes minutes and attendance. Everybody who reads meetings reads them:
// what concerns a restricted risk belongs into a decision or an action on it.
func (s *Reviews) Record(ctx context.Context, id ref.ID, in Minutes) error {
	return s.change(ctx, VerbHold, id, in.Version, func(tx *gate.Tx, m *Meeting) (any, error) {
		var fs fault.Fields
		if in.Text != nil {
			m.Minutes = text(&fs, "text", *in.Text, MaxMinutes)
		}
		if in.Present != nil {
			if err := attend(tx, &fs, in.Present); err != nil {
				return nil, err
			}
			m.Present = in.Present
		}
		return gate.Change{Field: "minutes"}, fs.Err()
	})
}

// attend checks who was there.
func attend(tx *gate.Tx, fs *fault.Fields, list []Present) error {
	if len(list) > MaxPresent {
		fs.Add("present", "there are %d of them; name at most %d", len(list), MaxPresent)
		return nil
	}
	for i := range list {
		p := &list[i]
		p.Name, p.Part = line(fs, "present", p.Name), line(fs, "present", p.Part)
		if p.Who == "" && p.Name == "" {
			fs.Add("present", "line %d names nobody; choose a person or write a name", i+1)
		}
		if p.Who == "" {
			continue
		}
		if ok, err := atWork(&tx.View, p.Who); err != nil {
			return err
		} else if !ok {
			fs.Add("present", "line %d: there is no such person here", i+1)
		}
	}
	return nil
}

// change loads an open meeting, lets fn change it and saves it.
func (s *Reviews) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Meeting) (any, error)) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		m, err := getMeeting(&tx.View, id)
		if err != nil {
			return err
		}
		if version != 0 && m.Version != version {
			return fault.New(fault.Conflict, "the meeting changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", version, m.Version)
		}
		if m.State != Opened {
			return fault.New(fault.Conflict, "the meeting was closed on %s; what it recorded stays as it is", day(m.Closed))
		}
		what, err := fn(tx, m)
		if err != nil {
			return err
		}
		return updateMeeting(tx, m, what)
	})
}

// Close ends a meeting: the agenda is kept as it stands, for each world of numbers,
// and the next meeting is planned.
func (s *Reviews) Close(ctx context.Context, id ref.ID, version int) (next time.Time, err error) {
	err = s.change(ctx, VerbClose, id, version, func(tx *gate.Tx, m *Meeting) (any, error) {
		if err := s.freeze(tx, m); err != nil {
			return nil, err
		}
		m.State, m.Closed = Closed, tx.Now
		m.Next = tx.Now.AddDate(0, 0, s.Profile.Register.Cadence.MeetingDays)
		next = m.Next
		return gate.Change{Field: "state", Old: Opened, New: Closed}, nil
	})
	return next, err
}

// freeze keeps the agenda in both worlds. It is read as the house: whoever closes the
// meeting sees no more of it than before.
func (s *Reviews) freeze(tx *gate.Tx, m *Meeting) error {
	kept := map[string][]Section{}
	audience := map[ref.ID]string{}
	err := tx.AsHouse(func(v *gate.View) error {
		for _, r := range []reader{s.openly(), {risk.WorldAll, s.Risks.ListIn}} {
			fs, err := s.glance(v, r)
			if err != nil {
				return err
			}
			for _, f := range fs {
				audience[f.ID] = f.Audience
			}
			kept[r.world] = agenda(fs, s.Profile.Register.Escalations, period{m.From, v.Now})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for world, list := range kept {
		for _, part := range list {
			for _, it := range part.Items {
				if err := keepItem(tx, m.ID, world, part.Name, audience[it.Risk], it); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Full is a meeting with all that its page shows.
type Full struct {
	*Meeting
	World     string          `json:"world"` // open, all: which evidence the numbers count
	Sections  []Section       `json:"sections"`
	Decisions []*Point        `json:"decisions"`
	Actions   []*Point        `json:"actions"` // those of earlier meetings that were open, too
	May       map[string]bool `json:"may"`
}

// Get returns one meeting. The agenda of an open one is computed now.
func (s *Reviews) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err = v.Allow(VerbRead, id); err != nil {
			return err
		}
		m, err := getMeeting(v, id)
		if err != nil {
			return err
		}
		f, err = s.full(v, m, nil)
		return err
	})
	return f, err
}

// full reads what stands around a meeting; fs are its risks where they are at hand.
func (s *Reviews) full(v *gate.View, m *Meeting, fs []*facts) (*Full, error) {
	f := &Full{Meeting: m, World: risk.WorldOf(v), May: map[string]bool{}}
	for _, verb := range []access.Verb{VerbHold, VerbClose, VerbReview} {
		f.May[string(verb)] = v.May(verb, "")
	}
	points, err := pointsOf(v, m)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		if p.Kind == Decision {
			f.Decisions = append(f.Decisions, p)
		} else {
			f.Actions = append(f.Actions, p)
		}
	}
	f.Sections, err = s.agendaOf(v, m, fs)
	return f, err
}

func (s *Reviews) agendaOf(v *gate.View, m *Meeting, fs []*facts) ([]Section, error) {
	rules := s.Profile.Register.Escalations
	if m.State == Closed {
		kept, err := keptItems(v, m.ID, risk.WorldOf(v))
		return sections(kept, rules), err
	}
	if fs == nil {
		var err error
		if fs, err = s.glance(v, s.own(v)); err != nil {
			return nil, err
		}
	}
	return agenda(fs, rules, period{m.From, v.Now}), nil
}

// Preview returns the agenda as the next meeting would have it now.
func (s *Reviews) Preview(ctx context.Context) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		m := &Meeting{State: Opened, At: v.Now, From: v.Now.AddDate(0, 0, -s.Profile.Register.Cadence.MeetingDays)}
		last, err := meetings(v, 1)
		if err != nil {
			return err
		}
		if len(last) > 0 {
			m.From = last[0].Until(last[0].From)
		}
		f, err = s.full(v, m, nil)
		return err
	})
	return f, err
}

// List returns the meetings, the newest first.
func (s *Reviews) List(ctx context.Context) (out []*Meeting, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		out, err = meetings(v, 200)
		return err
	})
	return out, err
}

// Escalations lists the escalation rules that hold for risks that the reader sees.
func (s *Reviews) Escalations(ctx context.Context) (out []Hit, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		out, err = s.EscalationsIn(v)
		return err
	})
	return out, err
}

// EscalationsIn is Escalations inside a view, in three statements. Only risks that a
// rule may hold for are read; the rest of the register costs a look at an index.
func (s *Reviews) EscalationsIn(v *gate.View) ([]Hit, error) {
	if err := v.Allow(risk.VerbRead, ""); err != nil {
		return nil, err
	}
	fs, err := suspects(v, risk.WorldOf(v), s.Profile.Register.Escalations)
	return hits(fs, s.Profile.Register.Escalations, period{v.Now, v.Now}), err
}

func line(fs *fault.Fields, field, s string) string {
	out, err := thread.Line(field, s, MaxLine)
	if err != nil {
		fs.Add(field, "%s", fault.Of(err).Says)
	}
	return out
}

func text(fs *fault.Fields, field, s string, max int) string {
	out, err := thread.Clean(field, s, max)
	if err != nil {
		fs.Add(field, "%s", fault.Of(err).Says)
	}
	return out
}

func must(fs *fault.Fields, field, s, mend string) string {
	out := text(fs, field, s, MaxNote)
	if strings.TrimSpace(out) == "" {
		fs.Add(field, "%s", mend)
	}
	return out
}

func oneOf(fs *fault.Fields, field, word string, of []string) {
	if !slices.Contains(of, word) {
		fs.Add(field, "%q is not one of: %s", word, strings.Join(of, ", "))
	}
}
