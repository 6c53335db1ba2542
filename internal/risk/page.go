package risk

import (
	"context"

	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
)

// Sheet is a risk with what is derived from it, all read at one moment.
type Sheet struct {
	*Full
	Course *Course
	Closes []Condition     // of a closure
	Trail  []insight.Entry // where it was asked for, newest first
}

// Page returns a risk with the planned course of its score and the conditions of
// its closure, and with its audit trail where that is asked for.
func (s *Risks) Page(ctx context.Context, id ref.ID, trail bool) (out *Sheet, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		f, err := s.full(v, id)
		if err != nil {
			return err
		}
		x := f.sight(s, v)
		out = &Sheet{Full: f, Closes: x.closure()}
		if out.Course, err = s.planned(v, f, x); err != nil || !trail {
			return err
		}
		out.Trail, err = insight.OnRecord(v, id)
		return err
	})
	return out, err
}

// sight is what needs look at, of a risk that was read whole.
func (f *Full) sight(s *Risks, v *gate.View) *Sight {
	return &Sight{Risk: f.Risk, Rules: s, Profile: s.Profile, Now: v.Now, Appetite: f.Appetite, Decisions: f.Decisions, Indicators: f.Indicators,
		Verdicts: f.Verdicts, History: history(f.Evaluations), Persons: f.Persons}
}

// Desk is what waits in the register, counted over the open risks that the reader
// may see.
type Desk struct {
	Open        int `json:"open"`
	Above       int `json:"above"`       // out of tolerance
	Worse       int `json:"worse"`       // that left tolerance since the last meeting was due
	Overdue     int `json:"overdue"`     // past a date
	Held        int `json:"held"`        // whose rating waits for a person
	Review      int `json:"review"`      // whose review is due
	Mine        int `json:"mine"`        // of the reader as business owner
	Acceptances int `json:"acceptances"` // with an acceptance that wants a decision
	Monitor     int `json:"monitor"`     // whose monitoring waits to be agreed to
}

// NewsIn lists the risks that worsened since the last meeting was due, and those of
// the actor whose review is due; nobody who may not read the register has any.
func (s *Risks) NewsIn(v *gate.View, n int) ([]roll.Notable, error) {
	if !v.May(VerbRead, "") {
		return nil, nil
	}
	return roll.News(v, roll.Reader{Verb: VerbRead, World: world(v)}, v.Now.AddDate(0, 0, -s.Profile.Register.Cadence.MeetingDays), v.Actor.ID, n)
}

// DeskIn counts what waits in the register, in one statement; nil is for who may not
// read it.
func (s *Risks) DeskIn(v *gate.View) (*Desk, error) {
	if !v.May(VerbRead, "") {
		return nil, nil
	}
	w, err := roll.Wait(v, roll.Reader{Verb: VerbRead, World: world(v)}, v.Now.AddDate(0, 0, -s.Profile.Register.Cadence.MeetingDays), v.Actor.ID)
	d := Desk(w)
	return &d, err
}
