// Package observation keeps observations: single findings about controls, worded by
// condition, criteria, cause and consequence, rated on a scale of their own,
// remediated by a date, and accepted by a second person. Several with one root cause,
// or one about a control of the whole organisation, become a risk of the register,
// with the observations as its evidence.
//
// It is not the register and knows nothing of risks: what raises one is handed in
// where the house is put together. Scales, stages and months stand in the profile.
package observation

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// The verbs of observations that are not moves of their life cycle.
const (
	VerbRead    access.Verb = "observation.read"
	VerbOpen    access.Verb = "observation.open"
	VerbEdit    access.Verb = "observation.edit"
	VerbUpgrade access.Verb = "observation.upgrade"
	VerbAccept  access.Verb = "observation.accept" // a move, and the word of those whom it asks for
)

// Observations are the operations on observations.
type Observations struct {
	Gate    *gate.Gate
	Profile *profile.Profile

	// RaiseRisk raises a risk from observations, inside the act, with the
	// observations as its evidence.
	RaiseRisk func(tx *gate.Tx, d Draft) (ref.ID, error)
}

func (s *Observations) machine() *lifecycle.Machine {
	return s.Profile.Lifecycle(s.Profile.Register.Observations.Lifecycle)
}

// Observation is one finding.
type Observation struct {
	ID         ref.ID    `json:"id"`
	Title      string    `json:"title"`
	Stage      string    `json:"stage"`
	Closed     bool      `json:"closed"`
	Source     string    `json:"source,omitempty"`   // where it was found
	External   string    `json:"external,omitempty"` // its name there
	Rating     string    `json:"rating"`             // a word of the profile; "" is unrated
	Score      int       `json:"score"`              // likelihood times impact; 0 is unset
	Priority   string    `json:"priority,omitempty"`
	Cause      string    `json:"cause,omitempty"` // key of the root cause, shared by all that have it
	Entity     bool      `json:"entity"`          // of a control of the whole organisation
	Owner      ref.ID    `json:"owner,omitempty"`
	Department string    `json:"department,omitempty"`
	Labels     []string  `json:"labels"`
	Due        time.Time `json:"due,omitzero"`
	Found      time.Time `json:"found"`
	Opened     time.Time `json:"opened"`
	Touched    time.Time `json:"touched"`
	Audience   string    `json:"audience"`
	Version    int       `json:"version"` // of the row, for If-Match
	Body

	doc int64
}

// Body is what an observation holds besides what lists ask for.
type Body struct {
	Condition      string            `json:"condition,omitempty"`   // what is
	Criteria       string            `json:"criteria,omitempty"`    // what should be
	RootCause      string            `json:"root_cause,omitempty"`  // why it is so
	Consequence    string            `json:"consequence,omitempty"` // what follows
	Recommendation string            `json:"recommendation,omitempty"`
	Control        string            `json:"control,omitempty"` // that it is about
	Link           string            `json:"link,omitempty"`
	Likelihood     int               `json:"likelihood,omitempty"`
	Impact         int               `json:"impact,omitempty"`
	Basis          string            `json:"basis,omitempty"` // of a rating that another scale gave: CVSS 8.1
	Steps          riskscore.Steps   `json:"steps,omitempty"` // why this rating
	DueWhy         string            `json:"due_why,omitempty"`
	Proof          []Proof           `json:"proof,omitempty"` // of the remediation, newest last
	Remediated     By                `json:"remediated,omitzero"`
	Acceptance     *Acceptance       `json:"acceptance,omitempty"`
	LabelNotes     map[string]string `json:"label_notes,omitempty"`
	Review         time.Time         `json:"review,omitzero"` // of an acceptance
	Said           string            `json:"said,omitempty"`  // the reason of the last move
}

// By is who did something, and when.
type By struct {
	Who   ref.ID    `json:"who,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Maker ref.ID    `json:"maker,omitempty"` // of the token that did it
}

// Proof is something that shows that an observation is remediated.
type Proof struct {
	Text string    `json:"text"`
	By   ref.ID    `json:"by"`
	At   time.Time `json:"at"`
}

// Has reports whether the observation carries the label.
func (o *Observation) Has(label string) bool { return slices.Contains(o.Labels, label) }

// Late reports whether an open observation is past its date.
func (o *Observation) Late(now time.Time) bool {
	return !o.Closed && !o.Due.IsZero() && o.Due.Before(now)
}

// words is the text by which an observation is found besides its title.
func (o *Observation) words() string {
	return strings.Join([]string{string(o.ID), o.Source, o.Cause, o.Department, o.Condition, o.Criteria, o.RootCause, o.Consequence, o.Recommendation,
		o.Control, o.External}, "\n")
}

// rules are the profile's scales and ratings as the arithmetic takes them.
func rules(p *profile.Profile) riskscore.ObsRules {
	r := p.Register.Observations
	out := riskscore.ObsRules{Likelihood: len(r.Likelihood.Levels), Impact: len(r.Impact.Levels)}
	for _, x := range r.Ratings {
		out.Ratings = append(out.Ratings, riskscore.ObsRating(x))
	}
	return out
}

func equivalents(p *profile.Profile) (out []riskscore.Equivalent) {
	for _, e := range p.Register.Equivalents {
		out = append(out, riskscore.Equivalent(e))
	}
	return out
}

// rate scores the observation by its own scales, and sets the day by which it is
// remediated.
func (o *Observation) rate(p *profile.Profile, likelihood, impact int) error {
	got, err := riskscore.Observe(rules(p), likelihood, impact)
	if err != nil {
		return err
	}
	o.Likelihood, o.Impact, o.Score, o.Rating, o.Steps, o.Basis = likelihood, impact, got.Score, got.Rating.Word, got.Steps, ""
	if o.DueWhy == "" {
		o.Due = got.Due(o.Found)
	}
	if e, err := riskscore.ByObserved(equivalents(p), got.Score); err == nil {
		o.Priority = e.Priority
	}
	return nil
}

// redate sets the day again after the day on which it was found has changed.
func (o *Observation) redate(p *profile.Profile) {
	if o.DueWhy != "" || o.Rating == "" {
		return
	}
	for _, r := range p.Register.Observations.Ratings {
		if r.Word == o.Rating {
			o.Due = riskscore.Observed{Rating: riskscore.ObsRating(r)}.Due(o.Found)
		}
	}
}

// severity is the word of the severity bands that the observation's rating equals.
func (o *Observation) severity(p *profile.Profile) string {
	e, err := riskscore.ByPriority(equivalents(p), o.Priority)
	if err != nil {
		return ""
	}
	return e.Severity
}

func (o *Observation) set(label, why string) {
	if !o.Has(label) {
		o.Labels = append(slices.Clone(o.Labels), label)
		slices.Sort(o.Labels)
	}
	if why != "" {
		notes := map[string]string{label: why}
		for k, v := range o.LabelNotes {
			if k != label {
				notes[k] = v
			}
		}
		o.LabelNotes = notes
	}
}

func (o *Observation) clear(label string) {
	o.Labels = slices.DeleteFunc(slices.Clone(o.Labels), func(l string) bool { return l == label })
	notes := map[string]string{}
	for k, v := range o.LabelNotes {
		if k != label {
			notes[k] = v
		}
	}
	o.LabelNotes = notes
}

// at answers Conflict where the caller saw another version.
func (o *Observation) at(version int) error {
	if version != 0 && version != o.Version {
		return fault.New(fault.Conflict, "%s changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", o.ID, version, o.Version)
	}
	return nil
}
