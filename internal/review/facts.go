package review

import (
	"slices"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// most is how many risks an agenda and a report look at.
const most = 20000

// facts are a risk with what a review asks of it, in one world of numbers.
type facts struct {
	*risk.Risk
	clock   string // what the clock that runs out first is called
	events  []clock.Event
	course  []dated     // the score in force, oldest first
	reviews []time.Time // of this risk, or where it has none those of the register
	looked  []look      // its own reviews, oldest first
	lights  []light
	lapsed  bool      // an acceptance is past its review or its end
	borne   time.Time // until when an acceptance in force bears it
}

// dated is a score with its rating that held from a time on.
type dated struct {
	riskscore.Dated
	rating string
}

// light is an indicator that a review looks at.
type light struct {
	id    ref.ID
	title string
	color string
}

// look is a review of a risk.
type look struct {
	at      time.Time
	outcome string
	reason  string
}

// at returns the score in force at a moment.
func (f *facts) at(t time.Time) Mark {
	m := Mark{Score: -1}
	for _, d := range f.course {
		if d.At.After(t) {
			break
		}
		m = Mark{d.Score, d.rating}
	}
	return m
}

// now is the score in force.
func (f *facts) now() Mark { return Mark{f.Standing.Score, f.Standing.Rating} }

// history is the course as the arithmetic takes it.
func (f *facts) history() []riskscore.Dated {
	var out []riskscore.Dated
	for _, d := range f.course {
		out = append(out, d.Dated)
	}
	return out
}

// trend is where the score went since the last review.
func (f *facts) trend() riskscore.Move { return riskscore.Trend(f.history(), f.reviews) }

// closedAt is when the risk was closed; zero where it is open.
func (f *facts) closedAt() (at time.Time) {
	if !f.Closed {
		return at
	}
	for _, e := range f.events {
		if e.Name == "closed" || e.Name == "enter:"+f.Stage {
			at = e.At
		}
	}
	return at
}

// reader says whose numbers are meant: the reader's own, or those that all staff
// have.
type reader struct {
	world string
	list  func(*gate.View, risk.Filter, int) ([]*risk.Risk, error)
}

// own is the reader of the view.
func (s *Reviews) own(v *gate.View) reader { return reader{risk.WorldOf(v), s.Risks.ListIn} }

// openly is everybody of the staff, whoever asks; for the house alone.
func (s *Reviews) openly() reader { return reader{risk.WorldOpen, s.Risks.OpenlyIn} }

// gather reads, in six statements, what reports ask of the risks that the filter
// leaves, those that score highest first.
func (s *Reviews) gather(v *gate.View, r reader, f risk.Filter) ([]*facts, error) {
	return s.read(v, r, f, bodies)
}

// glance is gather for an agenda, which asks less of the open risks.
func (s *Reviews) glance(v *gate.View, r reader) ([]*facts, error) {
	return s.read(v, r, risk.Filter{State: "open"}, urgent(s.Profile.Register.Labels.Blocked))
}

type filling func(v *gate.View, world string, by map[ref.ID]*facts) error

func (s *Reviews) read(v *gate.View, r reader, f risk.Filter, body filling) ([]*facts, error) {
	rs, err := r.list(v, f, most)
	if err != nil {
		return nil, err
	}
	out := make([]*facts, 0, len(rs))
	by := make(map[ref.ID]*facts, len(rs))
	for _, x := range rs {
		one := &facts{Risk: x, clock: x.DueWhat}
		if c, ok := s.Profile.Clock(x.DueWhat); ok {
			one.clock = c.Title
		}
		out, by[x.ID] = append(out, one), one
	}
	for _, fill := range []filling{body, courses, acceptances, lights, looks} {
		if err := fill(v, r.world, by); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// inherit gives risks without a review of their own those of the register.
func inherit(by map[ref.ID]*facts, meetings []time.Time) {
	for _, f := range by {
		if len(f.reviews) > 0 {
			continue
		}
		for _, at := range meetings {
			if at.After(f.Raised) {
				f.reviews = append(f.reviews, at)
			}
		}
		slices.SortFunc(f.reviews, time.Time.Compare)
	}
}
