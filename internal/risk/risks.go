package risk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/lifecycle"
	"tocsin/internal/passage"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Risks are the operations on risks.
type Risks struct {
	Gate    *gate.Gate
	Profile *profile.Profile

	// Indicators tells what the indicators of risks say, by risk: package kri's,
	// handed in where the house is put together.
	Indicators func(v *gate.View, ids ...ref.ID) (map[ref.ID][]Indicator, error)
}

// Limits of the fields, in bytes.
const (
	MaxTitle = 300
	MaxText  = 64 << 10
	MaxLine  = 200
	MaxNote  = 4000
)

// machine is the risk's life cycle in force.
func (s *Risks) machine() *lifecycle.Machine {
	return s.Profile.Lifecycle(s.Profile.Register.Lifecycle)
}

// Raising is what a risk is raised with.
type Raising struct {
	Title      string    `json:"title"`
	Kind       string    `json:"kind,omitempty"`
	Scope      string    `json:"scope,omitempty"`
	Department string    `json:"department,omitempty"`
	Statement  Statement `json:"statement,omitzero"`
	Scoping    Scoping   `json:"scoping,omitzero"`
	Origin     Origin    `json:"origin,omitzero"`
	TLP        string    `json:"tlp,omitempty"`
	Named      bool      `json:"named,omitempty"`   // need to know: only named people may see it
	Similar    []ref.ID  `json:"similar,omitempty"` // that were looked at and are not the same
}

// Raise opens a risk with its first evidence; whoever raises it is named on it.
func (s *Risks) Raise(ctx context.Context, in Raising, adds ...Adding) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbRaise, "", func(tx *gate.Tx) error {
		if id, err = s.RaiseIn(tx, in); err != nil || len(adds) == 0 {
			return err
		}
		return s.LinkIn(tx, id, adds...)
	})
	return id, err
}

// RaiseIn opens a risk inside another act: a proposal that is taken up.
func (s *Risks) RaiseIn(tx *gate.Tx, in Raising) (ref.ID, error) {
	if err := in.check(s.Profile, tx.Now); err != nil {
		return "", err
	}
	r := s.start(in, tx.Now)
	if in.Named {
		r.Audience = access.Named
	}
	r.note(s, tx.Now)
	r.tick(s.Profile, tx.Now)
	if err := insert(tx, r, gate.Change{Field: "raised", New: r.Title}); err != nil {
		return "", err
	}
	if in.Named {
		if err := tx.Show(r.ID, tx.Actor.ID, "", r.doc); err != nil {
			return "", err
		}
	}
	return r.ID, insight.Index(tx, r.ID, r.doc, true, r.Title, r.words())
}

// start is a risk as it enters its life cycle.
func (s *Risks) start(in Raising, now time.Time) *Risk {
	r := &Risk{ID: ref.New("risk"), Title: in.Title, Stage: s.machine().Start(), Kind: in.Kind, Scope: in.Scope, Department: in.Department,
		Audience: access.Staff, Raised: now, Touched: now, Standing: unset(), doc: gate.Doc(now),
		Body: Body{Statement: in.Statement, Scoping: in.Scoping, Origin: in.Origin, TLP: in.TLP, Profile: s.Profile.Version, Similar: in.Similar}}
	if r.Origin.Found.IsZero() {
		r.Origin.Found = now
	}
	r.record(now, "opened", nil)
	r.record(now, "enter:"+r.Stage, nil)
	return r
}

const wantsTitle = "a risk needs a title; one sentence that says what may happen"

// check cleans what a risk is raised with and lists all that is wrong with it. A
// risk may be raised with little: what is missing holds up its first move, not it.
func (in *Raising) check(p *profile.Profile, now time.Time) error {
	var fs fault.Fields
	thread.SetLine(&fs, "title", &in.Title, &in.Title, MaxTitle)
	fs.Want("title", in.Title, wantsTitle)
	thread.SetLine(&fs, "department", &in.Department, &in.Department, MaxLine)
	thread.Word(&fs, "kind", in.Kind, kinds(p))
	thread.Word(&fs, "scope", in.Scope, names(p.Register.Scopes))
	thread.Word(&fs, "tlp", in.TLP, p.TLP)
	in.Statement.check(&fs, p)
	in.Scoping.check(&fs, p)
	in.Origin.check(&fs, p, now)
	if len(in.Similar) > 100 {
		fs.Add("similar", "there are %d of them; name at most 100", len(in.Similar))
	}
	return fs.Err()
}

func (s *Statement) check(fs *fault.Fields, p *profile.Profile) {
	for _, f := range s.fields() {
		*f.text = thread.Cleaned(fs, "statement."+f.name, *f.text, MaxText)
	}
	thread.Word(fs, "statement.threat", s.Threat, names(p.Register.Threats))
}

// field is one text of a statement.
type field struct {
	name string
	text *string
}

func (s *Statement) fields() []field {
	return []field{{"asset", &s.Asset}, {"event", &s.Event}, {"source", &s.Source}, {"consequence", &s.Consequence}, {"problem", &s.Problem},
		{"impact", &s.Impact}, {"evidence", &s.Evidence}, {"scale", &s.Scale}, {"diagram", &s.Diagram}}
}

func (s *Scoping) check(fs *fault.Fields, p *profile.Profile) {
	thread.Word(fs, "scoping.test", s.Test, names(p.Register.InScope))
	thread.Word(fs, "scoping.out", s.Out, names(p.Register.OutOfScope))
	s.Override = thread.Cleaned(fs, "scoping.override", s.Override, MaxNote)
}

func (o *Origin) check(fs *fault.Fields, p *profile.Profile, now time.Time) {
	thread.Word(fs, "origin.channel", o.Channel, names(p.Register.Channels))
	thread.SetLine(fs, "origin.from", &o.From, &o.From, 500)
	o.Note = thread.Cleaned(fs, "origin.note", o.Note, MaxNote)
	thread.SetTime(fs, "origin.found", &o.Found, &o.Found)
	if o.Found.After(now) {
		fs.Add("origin.found", "a risk cannot have been found in the future; give the day on which it was")
	}
}

// Shown is a person or a team that is named on a risk, and as what.
type Shown struct {
	Who  ref.ID      `json:"who"`
	Role access.Role `json:"role,omitempty"`
	Name string      `json:"name,omitempty"` // of a person
}

// Link is a typed link to another record that the reader may see.
type Link struct {
	Kind   string `json:"kind"`
	ID     ref.ID `json:"id"`
	Title  string `json:"title"`
	Back   bool   `json:"back,omitempty"` // the other record points here
	Closed bool   `json:"closed,omitempty"`
}

// change loads the risk, lets fn change it, brings its clocks up to date and saves
// it with what changed. version, where not 0, is the row version that the caller
// saw.
func (s *Risks) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Risk) error) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if version != 0 && r.Version != version {
			return fault.New(fault.Conflict, "%s changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", id, version, r.Version)
		}
		return s.apply(tx, r, fn)
	})
}

func (s *Risks) apply(tx *gate.Tx, r *Risk, fn func(*gate.Tx, *Risk) error) error {
	words, plan := r.Title+r.words(), r.planned().Text
	old := r.told()
	if err := fn(tx, r); err != nil {
		return err
	}
	r.Touched, r.Profile = tx.Now, s.Profile.Version
	if err := s.stale(tx, r); err != nil {
		return err
	}
	r.note(s, tx.Now)
	r.tick(s.Profile, tx.Now)
	what := gate.Diff(old, r.told(), "touched", "version")
	if r.shifted {
		what = append(what, gate.Change{Field: "standing"})
	}
	if err := update(tx, r, what); err != nil {
		return err
	}
	if p := r.planned(); p.Text != plan {
		if err := passage.Put(tx, p); err != nil {
			return err
		}
	}
	if words != r.Title+r.words() {
		return insight.Index(tx, r.ID, r.doc, false, r.Title, r.words())
	}
	return nil
}

// told is the risk as its trail tells of it: the numbers that were validated are not in
// it, since even a hash of them can be guessed, and neither is where it stands, which is
// told only where the score that all staff see has moved.
func (r *Risk) told() map[string]any {
	seen := *r
	seen.Hold.On, seen.Standing = "", Standing{}
	return gate.Fields(seen)
}

// note records the facts that the risk's clocks run on, each once a stage: a clock
// that begins with the stage sees what holds already.
func (r *Risk) note(s *Risks, now time.Time) {
	for _, f := range []struct {
		event string
		holds bool
	}{
		{"articulated", len(s.unarticulated(r)) == 0 && r.Scoping.in()},
		{"owned", r.Owner != "" && r.Security != ""},
		{"planned", r.Plan.dated()},
		{"tracked", r.ever("tracked")},
		{"accepted", r.Accepted(s.Profile)},
	} {
		if f.holds && !r.since(f.event) {
			r.record(now, f.event, nil)
		}
	}
}

// since reports whether the event was recorded in this stage of the risk's life.
func (r *Risk) since(event string) bool {
	for _, e := range slices.Backward(r.events) {
		switch {
		case e.Name == event:
			return true
		case strings.HasPrefix(e.Name, "enter:"):
			return false
		}
	}
	return false
}

// ever reports whether the event was ever recorded.
func (r *Risk) ever(event string) bool {
	return slices.ContainsFunc(r.events, func(e clock.Event) bool { return e.Name == event })
}

// dated reports whether the plan has milestones, each with a date.
func (p Plan) dated() bool {
	return len(p.Milestones) > 0 && !slices.ContainsFunc(p.Milestones, func(m Milestone) bool { return m.Due.IsZero() })
}

// in reports whether the risk belongs into the register: a test is met, and it is
// of no type that is out, or somebody said why all the same.
func (s Scoping) in() bool { return (s.Test != "" && s.Out == "") || s.Override != "" }

// Note says something inside the house about the risk: also where solutions and
// blockers are put.
func (s *Risks) Note(ctx context.Context, id ref.ID, text string) (msg ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbNote, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		m, err := thread.New(tx, id, thread.Note, text)
		if err != nil {
			return err
		}
		msg = m.ID
		for _, name := range thread.Mentions(text) {
			told := Told{Risk: id, What: string(VerbNote), Text: m.ID, From: tx.Actor.ID, Name: name}
			if err := tx.Later("tell:risk-mention", tx.Now, "", told); err != nil {
				return err
			}
		}
		return thread.Add(tx, m, id, r.Audience)
	})
	return msg, err
}

// Told is what the jobs that tell people of risks carry: never a title or a text,
// since authority is asked again when it is sent.
type Told struct {
	Risk ref.ID `json:"risk"`
	What string `json:"what"` // the verb, or clock:NAME
	Who  ref.ID `json:"who,omitempty"`
	Name string `json:"name,omitempty"` // who was mentioned
	Text ref.ID `json:"text,omitempty"` // a message
	From ref.ID `json:"from,omitempty"` // whose doing it was; they are not told

	Staff bool `json:"staff,omitempty"` // it is told to nobody from outside
}

// Tick brings the columns of risks whose clocks changed by themselves up to the
// moment, at most n of them, and returns how many there were.
func (s *Risks) Tick(ctx context.Context, n int) (done int, err error) {
	var ids []ref.ID
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		ids, err = toLook(v, n)
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if bad := s.tickOne(ctx, id); bad != nil {
			err = errors.Join(err, bad) // one that cannot be brought up holds up no other
			continue
		}
		done++
	}
	return done, err
}

// tickOne leaves alone when somebody last touched the risk: the house did not.
func (s *Risks) tickOne(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		was := *r
		r.tick(s.Profile, tx.Now)
		if r.Breached && !was.Breached {
			if err := tx.Later("tell:risk-owner", tx.Now, "", Told{Risk: id, What: "clock:" + r.late(s.Profile, tx.Now)}); err != nil {
				return err
			}
		}
		return update(tx, r, gate.Diff(gate.Fields(was), gate.Fields(*r), "standing", "version"))
	})
}
