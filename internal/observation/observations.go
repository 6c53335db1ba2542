package observation

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Opening is what an observation is opened with.
type Opening struct {
	Title          string    `json:"title"`
	Source         string    `json:"source,omitempty"`
	Condition      string    `json:"condition,omitempty"`
	Criteria       string    `json:"criteria,omitempty"`
	RootCause      string    `json:"root_cause,omitempty"`
	Consequence    string    `json:"consequence,omitempty"`
	Recommendation string    `json:"recommendation,omitempty"`
	Control        string    `json:"control,omitempty"`
	Cause          string    `json:"cause,omitempty"`
	Entity         bool      `json:"entity,omitempty"`
	Owner          ref.ID    `json:"owner,omitempty"`
	Department     string    `json:"department,omitempty"`
	Found          time.Time `json:"found,omitzero"` // zero is now
	Link           string    `json:"link,omitempty"`
	External       string    `json:"external,omitempty"`
	Likelihood     int       `json:"likelihood,omitempty"` // 0 is not judged yet
	Impact         int       `json:"impact,omitempty"`
	Named          bool      `json:"named,omitempty"` // need to know
}

// Open opens an observation.
func (s *Observations) Open(ctx context.Context, in Opening) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbOpen, "", func(tx *gate.Tx) error {
		o := s.start(in, tx.Now)
		if err := o.check(tx.Now); err != nil {
			return err
		}
		if in.Likelihood != 0 || in.Impact != 0 {
			if err := o.rate(s.Profile, in.Likelihood, in.Impact); err != nil {
				return err
			}
		}
		err := s.put(tx, o)
		id = o.ID
		return err
	})
	return id, err
}

func (s *Observations) start(in Opening, now time.Time) *Observation {
	o := &Observation{ID: ref.New("obs"), Title: in.Title, Stage: s.machine().Start(), Source: in.Source, External: in.External, Cause: in.Cause, Entity: in.Entity, Owner: in.Owner,
		Department: in.Department, Found: in.Found, Opened: now, Touched: now, Audience: access.Staff, Version: 1, doc: gate.Doc(now),
		Body: Body{Condition: in.Condition, Criteria: in.Criteria, RootCause: in.RootCause, Consequence: in.Consequence, Recommendation: in.Recommendation,
			Control: in.Control, Link: in.Link}}
	if o.Found.IsZero() {
		o.Found = now
	}
	if in.Named {
		o.Audience = access.Named
	}
	return o
}

// put stores a new observation; of one that is need-to-know, whoever opens it is
// named on it.
func (s *Observations) put(tx *gate.Tx, o *Observation) error {
	if err := insert(tx, o); err != nil {
		return err
	}
	if o.Audience == access.Named && !tx.Actor.IsSystem() {
		if err := tx.Show(o.ID, tx.Actor.ID, "", o.doc); err != nil {
			return err
		}
	}
	if err := s.own(tx, o, ""); err != nil {
		return err
	}
	return insight.Index(tx, o.ID, o.doc, true, o.Title, o.words())
}

// roleOwner is the role that the owner has on an observation: that of a risk's
// owner, so that one table of grants says what owners may.
const roleOwner access.Role = "risk-owner"

// own gives the owner their role on the observation, and takes it from who had it.
func (s *Observations) own(tx *gate.Tx, o *Observation, was ref.ID) error {
	if was == o.Owner {
		return nil
	}
	if o.Owner != "" {
		ok, err := maySee(&tx.View, o, o.Owner)
		if err == nil && !ok {
			err = fault.At("owner", "there is no such person who may see this observation; choose another, or share it with them first")
		}
		if err != nil {
			return err
		}
		if err := tx.Show(o.ID, o.Owner, roleOwner, o.doc); err != nil {
			return err
		}
	}
	switch {
	case was == "":
	case o.Audience == access.Named:
		if err := tx.Show(o.ID, was, "", o.doc); err != nil {
			return err
		}
	default:
		if _, err := tx.Unshow(o.ID, was); err != nil {
			return err
		}
	}
	return s.tell(tx, o, "owner", VerbEdit)
}

// Told is what the jobs that tell people of observations carry: never a title or a
// text, since authority is asked again when it is sent.
type Told struct {
	Observation ref.ID `json:"observation"`
	What        string `json:"what"` // the verb
	Who         ref.ID `json:"who,omitempty"`
	Name        string `json:"name,omitempty"`
	Text        ref.ID `json:"text,omitempty"`
	From        ref.ID `json:"from,omitempty"` // whose doing it was; they are not told
}

func (s *Observations) tell(tx *gate.Tx, o *Observation, whom string, verb access.Verb) error {
	told := Told{Observation: o.ID, What: string(verb), From: tx.Actor.ID}
	if whom == "owner" {
		if told.Who = o.Owner; o.Owner == "" {
			return nil
		}
	}
	return tx.Later("tell:observation-"+whom, tx.Now, "", told)
}

// Patch changes the fields that it names; a nil field stays as it is.
type Patch struct {
	Version        int        `json:"version,omitempty"`
	Title          *string    `json:"title,omitempty"`
	Source         *string    `json:"source,omitempty"`
	Condition      *string    `json:"condition,omitempty"`
	Criteria       *string    `json:"criteria,omitempty"`
	RootCause      *string    `json:"root_cause,omitempty"`
	Consequence    *string    `json:"consequence,omitempty"`
	Recommendation *string    `json:"recommendation,omitempty"`
	Control        *string    `json:"control,omitempty"`
	Cause          *string    `json:"cause,omitempty"`
	Entity         *bool      `json:"entity,omitempty"`
	Owner          *ref.ID    `json:"owner,omitempty"`
	Department     *string    `json:"department,omitempty"`
	Found          *time.Time `json:"found,omitempty"`
	Due            *time.Time `json:"due,omitempty"`     // in place of the rating's; zero goes back to it
	DueWhy         *string    `json:"due_why,omitempty"` // wanted with Due
	Link           *string    `json:"link,omitempty"`
	External       *string    `json:"external,omitempty"`
	Likelihood     *int       `json:"likelihood,omitempty"` // both, or neither
	Impact         *int       `json:"impact,omitempty"`
	Proof          *string    `json:"proof,omitempty"` // one more piece
}

// Edit changes what is known of an observation.
func (s *Observations) Edit(ctx context.Context, id ref.ID, p Patch) error {
	return s.change(ctx, VerbEdit, id, p.Version, func(tx *gate.Tx, o *Observation) error {
		was := o.Owner
		if err := p.apply(s, tx, o); err != nil {
			return err
		}
		return s.own(tx, o, was)
	})
}

func (p *Patch) apply(s *Observations, tx *gate.Tx, o *Observation) error {
	set(&o.Title, p.Title)
	set(&o.Source, p.Source)
	set(&o.Condition, p.Condition)
	set(&o.Criteria, p.Criteria)
	set(&o.RootCause, p.RootCause)
	set(&o.Consequence, p.Consequence)
	set(&o.Recommendation, p.Recommendation)
	set(&o.Control, p.Control)
	set(&o.Cause, p.Cause)
	set(&o.Entity, p.Entity)
	set(&o.Owner, p.Owner)
	set(&o.Department, p.Department)
	set(&o.Found, p.Found)
	set(&o.Link, p.Link)
	set(&o.External, p.External)
	if err := p.date(o); err != nil {
		return err
	}
	if err := o.check(tx.Now); err != nil {
		return err
	}
	o.redate(s.Profile)
	if p.Likelihood != nil || p.Impact != nil {
		l, i := o.Likelihood, o.Impact
		set(&l, p.Likelihood)
		set(&i, p.Impact)
		if err := o.rate(s.Profile, l, i); err != nil {
			return err
		}
	}
	if p.Proof != nil {
		return o.prove(tx, *p.Proof)
	}
	return nil
}

// date sets a day by hand, with the reason, or goes back to that of the rating.
func (p *Patch) date(o *Observation) error {
	if p.Due == nil {
		return nil
	}
	set(&o.Due, p.Due)
	o.DueWhy = ""
	set(&o.DueWhy, p.DueWhy)
	if p.Due.IsZero() {
		o.DueWhy = ""
	} else if o.DueWhy == "" {
		return fault.At("due_why", "say why it has another day than its rating gives")
	}
	return nil
}

// maxProof is how many pieces of proof an observation keeps.
const maxProof = 100

func (o *Observation) prove(tx *gate.Tx, text string) error {
	text, err := thread.Clean("proof", text, MaxNote)
	switch {
	case err != nil:
		return err
	case text == "":
		return fault.At("proof", "say what shows that it is remediated, or attach it as a file")
	case len(o.Proof) >= maxProof:
		return fault.New(fault.TooLarge, "an observation keeps at most %d pieces of proof; attach a file", maxProof)
	}
	o.Proof = append(o.Proof, Proof{Text: text, By: tx.Actor.ID, At: tx.Now})
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// change loads the observation, lets fn change it and saves it with what changed.
func (s *Observations) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Observation) error) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error { return s.changeIn(tx, id, version, fn) })
}

func (s *Observations) changeIn(tx *gate.Tx, id ref.ID, version int, fn func(*gate.Tx, *Observation) error) error {
	o, err := get(&tx.View, id)
	if err == nil {
		err = o.at(version)
	}
	if err != nil {
		return err
	}
	old, words := gate.Fields(*o), o.Title+o.words()
	if err := fn(tx, o); err != nil {
		return err
	}
	o.Touched = tx.Now
	o.stale()
	if err := update(tx, o, gate.Diff(old, gate.Fields(*o), "touched", "version", "steps")); err != nil {
		return err
	}
	if words != o.Title+o.words() {
		return insight.Index(tx, id, o.doc, false, o.Title, o.words())
	}
	return nil
}

// Label sets or clears a label of the life cycle; some want a reason.
func (s *Observations) Label(ctx context.Context, id ref.ID, name string, on bool, why string) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error { return s.LabelIn(tx, id, name, on, why) })
}

// LabelIn is Label inside another act. A label that stands or is gone already is
// left alone, and what the house itself sets is no touch of the observation.
func (s *Observations) LabelIn(tx *gate.Tx, id ref.ID, name string, on bool, why string) error {
	l, ok := s.machine().Label(name)
	if !ok {
		return fault.At("label", "%q is no label of an observation", name)
	}
	why, err := thread.Clean("reason", why, MaxNote)
	if err != nil {
		return err
	}
	if on && l.Reason && why == "" {
		return fault.At("reason", "the label %s wants a reason; write a sentence for those who read this later", l.Title)
	}
	o, err := get(&tx.View, id)
	if err != nil || o.Has(name) == on && why == "" {
		return err
	}
	old := gate.Fields(*o)
	if o.clear(name); on {
		o.set(name, why)
	}
	if !tx.Actor.IsSystem() {
		o.Touched = tx.Now
	}
	return update(tx, o, gate.Diff(old, gate.Fields(*o), "touched", "version"))
}

// Note says something inside the house about the observation.
func (s *Observations) Note(ctx context.Context, id ref.ID, text string) (msg ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		o, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		m, err := thread.New(tx, id, thread.Note, text)
		if err != nil {
			return err
		}
		msg = m.ID
		for _, name := range thread.Mentions(text) {
			told := Told{Observation: id, What: string(VerbEdit), Text: m.ID, From: tx.Actor.ID, Name: name}
			if err := tx.Later("tell:observation-mention", tx.Now, "", told); err != nil {
				return err
			}
		}
		return thread.Add(tx, m, id, o.Audience)
	})
	return msg, err
}

// Attach puts a stored content on the observation.
func (s *Observations) Attach(ctx context.Context, id ref.ID, name string, content evidence.Content) (f evidence.File, err error) {
	err = s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		o, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		f, err = evidence.Attach(tx, id, id, o.Audience, thread.Note, name, content)
		return err
	})
	return f, err
}

// Share lets a person or a team see the observation, and no more than their roles
// allow.
func (s *Observations) Share(ctx context.Context, id, with ref.ID) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		o, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if with == o.Owner {
			return nil
		}
		if ok, err := someone(&tx.View, with); err != nil || !ok {
			if err == nil {
				err = fault.At("with", "there is no such person or team")
			}
			return err
		}
		return tx.Show(id, with, "", o.doc)
	})
}

// Unshare takes that sight away again.
func (s *Observations) Unshare(ctx context.Context, id, with ref.ID) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		o, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if with == o.Owner {
			return fault.New(fault.Conflict, "the owner must be able to see the observation; hand it to somebody else first")
		}
		return tx.Hide(id, with)
	})
}

// Restrict makes the observation need-to-know, or with named off opens it to all
// staff. Whoever does it and the owner stay named.
func (s *Observations) Restrict(ctx context.Context, id ref.ID, named bool, why string) error {
	return s.change(ctx, VerbEdit, id, 0, func(tx *gate.Tx, o *Observation) error {
		why, err := because(why)
		if err != nil {
			return err
		}
		tx.Reason(why)
		if o.Audience = access.Staff; named {
			o.Audience = access.Named
		}
		if err := tx.Audience(id, o.Audience); err != nil || !named || tx.Actor.IsSystem() || tx.Actor.ID == o.Owner {
			return err
		}
		return tx.Show(id, tx.Actor.ID, "", o.doc)
	})
}
