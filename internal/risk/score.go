package risk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// Kinds of evaluation.
const (
	KindInherent  = "inherent"  // no control considered
	KindResidual  = "residual"  // with the controls that are in place
	KindTarget    = "target"    // where the treatment shall lead
	KindAdjusted  = "adjusted"  // moved by evidence
	KindOverride  = "override"  // set by a person, approved by another
	KindValidated = "validated" // a held rating that a person confirmed
)

// Judgement is what a person says of a risk on the profile's scales.
type Judgement struct {
	Version    int            `json:"version,omitempty"` // of the row that the person saw
	Kind       string         `json:"kind"`              // inherent, residual or target
	Likelihood int            `json:"likelihood"`
	Impact     int            `json:"impact,omitempty"`     // where the scale has no categories, or instead of them
	Categories map[string]int `json:"categories,omitempty"` // level by category; one that is left out is unanswered
	Confidence string         `json:"confidence,omitempty"` // strength of knowledge, a word of the profile
	Reason     string         `json:"reason,omitempty"`
	Controls   []string       `json:"controls,omitempty"`    // those considered, of a residual
	NoControls string         `json:"no_controls,omitempty"` // why there are none
	Proof      []string       `json:"proof,omitempty"`       // of a lower rating: what shows it
}

// Evaluation is a dated record of how a score came to be. It is never changed.
type Evaluation struct {
	ID         ref.ID    `json:"id"`
	At         time.Time `json:"at"`
	World      string    `json:"world"`
	Kind       string    `json:"kind"`
	Likelihood float64   `json:"likelihood"`
	Impact     float64   `json:"impact"`
	Score      float64   `json:"score"`
	Rating     string    `json:"rating"`
	Scale      string    `json:"scale"` // version of the scales
	Author     ref.ID    `json:"author"`
	EvaluationBody
}

// EvaluationBody is what an evaluation rests on.
type EvaluationBody struct {
	Judgement  Judgement       `json:"judgement,omitzero"`   // of a person
	Unanswered []string        `json:"unanswered,omitempty"` // categories
	Items      []Counted       `json:"items,omitempty"`      // the evidence that counted
	Excluded   []Counted       `json:"excluded,omitempty"`   // what did not, and why
	Number     int             `json:"number,omitempty"`     // of items that counted
	Points     int             `json:"points,omitempty"`
	Hidden     int             `json:"hidden,omitempty"` // of items, those that the reader may not open; filled in when read
	Held       bool            `json:"held,omitempty"`
	Computed   float64         `json:"computed,omitempty"` // of an override, what stood before
	Approver   ref.ID          `json:"approver,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Steps      riskscore.Steps `json:"steps,omitempty"` // the arithmetic, line by line
	Profile    string          `json:"profile"`
	Name       string          `json:"name,omitempty"` // of the author
}

// Counted is one item of evidence in an evaluation.
type Counted struct {
	ID       ref.ID    `json:"id"`    // of the evidence
	About    string    `json:"about"` // what it is about
	Kind     string    `json:"kind"`
	At       time.Time `json:"at,omitzero"`
	Severity string    `json:"severity,omitempty"`
	Points   int       `json:"points,omitempty"`
	Why      string    `json:"why,omitempty"` // it did not count
}

// Scales are the scales that scores are given on, as one version of a profile had
// them.
type Scales struct {
	Version string           `json:"version"`
	Scales  []profile.Scale  `json:"scales"`
	Matrix  profile.Matrix   `json:"matrix"`
	Ratings []profile.Rating `json:"ratings"`
	Ceiling int              `json:"ceiling"`
}

// ScalesOf returns the scales in force, named by what they say.
func ScalesOf(p *profile.Profile) Scales {
	s := Scales{Scales: p.Scales, Matrix: p.Matrix, Ratings: p.Ratings, Ceiling: p.Tolerance.Ceiling}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // scales are texts and numbers
	}
	sum := sha256.Sum256(b)
	s.Version = "scale-" + hex.EncodeToString(sum[:6])
	return s
}

// Scale finds one of the two scales of the matrix.
func (s Scales) Scale(name string) profile.Scale {
	for _, x := range s.Scales {
		if x.Name == name {
			return x
		}
	}
	return profile.Scale{}
}

// Likelihood and Impact are the two scales of the matrix.
func (s Scales) Likelihood() profile.Scale { return s.Scale(s.Matrix.Likelihood) }

// Impact is the other scale of the matrix.
func (s Scales) Impact() profile.Scale { return s.Scale(s.Matrix.Impact) }

// rules are the scales as the arithmetic takes them, with the tolerance in force.
func (s Scales) rules(a Appetite) riskscore.Rules {
	impact := s.Impact()
	r := riskscore.Rules{Version: s.Version, Likelihood: len(s.Likelihood().Levels), Impact: len(impact.Levels), Aggregate: impact.Aggregate,
		Appetite: a.Name, Tolerance: float64(a.UpTo), Ceiling: float64(s.Ceiling)}
	for _, b := range s.Ratings {
		r.Bands = append(r.Bands, riskscore.Band{Word: b.Word, Title: b.Title, From: b.From, To: b.To})
	}
	return r
}

// Judge records what a person says of the risk, and brings its standing up to date.
func (s *Risks) Judge(ctx context.Context, id ref.ID, j Judgement) error {
	return s.change(ctx, VerbScore, id, j.Version, func(tx *gate.Tx, r *Risk) error { return s.judge(tx, r, j) })
}

func (s *Risks) judge(tx *gate.Tx, r *Risk, j Judgement) error {
	if err := j.check(s.Profile, r); err != nil {
		return err
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return err
	}
	scales := ScalesOf(s.Profile)
	e, err := j.evaluate(scales, appetite, s.Profile)
	if err != nil {
		return err
	}
	e.At, e.Author, e.Name, e.Profile, e.World = tx.Now, tx.Actor.ID, tx.Actor.Name, s.Profile.Version, WorldBase
	return s.settle(tx, r, e, scales, j.Proof)
}

// record puts an evaluation in force.
func (s *Risks) record(tx *gate.Tx, r *Risk, e *Evaluation, scales Scales) error {
	r.consider(e)
	if err := insertEvaluation(tx, r, e, r.ID); err != nil {
		return err
	}
	if err := keepScales(tx, r.ID, scales); err != nil {
		return err
	}
	return s.restand(tx, r)
}

// check lists what is wrong with a judgement.
func (j *Judgement) check(p *profile.Profile, r *Risk) error {
	var fs fault.Fields
	thread.Word(&fs, "kind", j.Kind, []string{KindInherent, KindResidual, KindTarget})
	fs.Want("kind", j.Kind, "say which score it is: inherent, residual or target")
	scales := ScalesOf(p)
	level(&fs, "likelihood", j.Likelihood, scales.Likelihood(), true)
	j.checkImpact(&fs, scales.Impact())
	thread.Word(&fs, "confidence", j.Confidence, names(p.Register.Confidences))
	j.Reason, j.NoControls = thread.Cleaned(&fs, "reason", j.Reason, MaxNote), thread.Cleaned(&fs, "no_controls", j.NoControls, MaxNote)
	if j.Kind == KindResidual && len(j.Controls) == 0 && j.NoControls == "" {
		fs.Add("controls", "a residual score says which controls were considered; name them, or say why there are none")
	}
	for _, id := range j.Controls {
		if !slices.ContainsFunc(r.Controls, func(c Control) bool { return c.ID == id }) {
			fs.Add("controls", "the risk has no control %q; add it first", id)
		}
	}
	return fs.Err()
}

func (j *Judgement) checkImpact(fs *fault.Fields, scale profile.Scale) {
	if len(j.Categories) == 0 {
		level(fs, "impact", j.Impact, scale, true)
		return
	}
	if j.Impact != 0 {
		fs.Add("impact", "give the impact as one level or by its categories, not both")
	}
	for name, n := range j.Categories {
		i := slices.IndexFunc(scale.Categories, func(c profile.Category) bool { return c.Name == name })
		if i < 0 {
			fs.Add("categories", "the scale %s has no category %q", scale.Title, name)
			continue
		}
		level(fs, "categories."+name, n, scale, false)
	}
}

// level refuses a level that the scale does not have.
func level(fs *fault.Fields, field string, n int, scale profile.Scale, must bool) {
	if n == 0 && !must {
		return
	}
	if n < 1 || n > len(scale.Levels) {
		fs.Add(field, "%s goes from 1 to %d; choose a level of it", strings.ToLower(scale.Title), len(scale.Levels))
	}
}

// evaluate computes the score that the judgement gives.
func (j Judgement) evaluate(scales Scales, a Appetite, p *profile.Profile) (*Evaluation, error) {
	rules := scales.rules(a)
	in := riskscore.Inputs{Rules: rules, Likelihood: float64(j.Likelihood), Impact: float64(j.Impact)}
	if len(j.Categories) > 0 {
		for _, c := range scales.Impact().Categories {
			in.Answers = append(in.Answers, riskscore.Answer{Category: c.Name, Title: c.Title, Level: j.Categories[c.Name]})
		}
	}
	res, err := riskscore.Evaluate(in)
	if err != nil {
		return nil, err
	}
	f := res.Final
	return &Evaluation{ID: ref.New("eval"), Kind: j.Kind, Likelihood: f.Likelihood, Impact: f.Impact, Score: f.Score, Rating: f.Rating,
		Scale: scales.Version, EvaluationBody: EvaluationBody{Judgement: j, Unanswered: res.Unanswered, Steps: res.Steps, Reason: j.Reason}}, nil
}

// Score is the override of a computed score.
type Score struct {
	Version    int     `json:"version,omitempty"`
	Likelihood float64 `json:"likelihood"`
	Impact     float64 `json:"impact"`
	Reason     string  `json:"reason"`
}

// Override asks for another score than the computed one; it is in force once
// another person approves it, and the computed value is kept beside it.
func (s *Risks) Override(ctx context.Context, id ref.ID, o Score) error {
	return s.change(ctx, VerbOverride, id, o.Version, func(tx *gate.Tx, r *Risk) error {
		reason, err := thread4000("reason", o.Reason)
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.At("reason", "an override wants its reason; write down why the computed score misleads")
		}
		rules := ScalesOf(s.Profile).rules(Appetite{})
		if _, err := rules.Score(o.Likelihood, o.Impact); err != nil {
			return err
		}
		if err := s.mayReplace(tx, r); err != nil {
			return err
		}
		tx.Reason(reason)
		r.Override = Override{Likelihood: o.Likelihood, Impact: o.Impact, Reason: reason, By: tx.Actor.ID, Maker: tx.Actor.Maker, At: tx.Now}
		return s.restand(tx, r)
	})
}

// ApproveOverride puts an override in force. Whoever asked for it may not.
func (s *Risks) ApproveOverride(ctx context.Context, id ref.ID) error {
	return s.change(ctx, VerbValidate, id, 0, func(tx *gate.Tx, r *Risk) error {
		if r.Override.By == "" {
			return fault.New(fault.Conflict, "nobody asked for an override of this score")
		}
		second := access.Second{Gives: "the approval of an override", Did: "you asked for this override", First: access.Hands{r.Override.By, r.Override.Maker}}
		if err := second.Refuse(tx.Actor); err != nil {
			return err
		}
		r.Override.Approver, r.Override.Approved = tx.Actor.ID, tx.Now
		return s.restand(tx, r)
	})
}

// Validate confirms, by a named person, a rating on which base and evidence
// disagree. It counts for the numbers that the person saw.
func (s *Risks) Validate(ctx context.Context, id ref.ID, reason string) error {
	return s.change(ctx, VerbValidate, id, 0, func(tx *gate.Tx, r *Risk) error {
		if err := (access.Second{Gives: "the validation of a rating"}).Refuse(tx.Actor); err != nil {
			return err
		}
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.At("reason", "say why the rating stands although base and evidence disagree")
		}
		tx.Reason(reason)
		r.Hold = Hold{By: tx.Actor.ID, At: tx.Now, Reason: reason, On: ""}
		return s.restandAs(tx, r, true)
	})
}

// Recompute brings the standing of every risk that is not closed up to the moment,
// and returns how many moved.
func (s *Risks) Recompute(ctx context.Context) (moved int, err error) {
	var ids []ref.ID
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		ids, err = open(v)
		return err
	}); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(ids, 200) {
		n, bad := s.recomputeAll(ctx, part)
		if bad == nil {
			moved += n
			continue
		}
		for _, id := range part { // one that cannot be brought up holds up no other
			n, bad := s.recomputeAll(ctx, []ref.ID{id})
			if bad != nil {
				err = errors.Join(err, fmt.Errorf("recompute %s: %w", id, bad))
				continue
			}
			moved += n
		}
	}
	return moved, err
}

// recomputeAll brings some risks up to the moment, in one act.
func (s *Risks) recomputeAll(ctx context.Context, ids []ref.ID) (moved int, err error) {
	err = s.Gate.Act(ctx, VerbScore, "", func(tx *gate.Tx) error {
		moved = 0
		for _, id := range ids {
			did, err := s.recomputeIn(tx, id, false)
			if err != nil {
				return err
			}
			if did {
				moved++
			}
		}
		return nil
	})
	return moved, err
}

// recomputeIn brings one risk's standing up to date, and its row only where the
// rating that its clocks run by has changed. Where nobody asked for it, a rating that
// falls is to be looked at.
func (s *Risks) recomputeIn(tx *gate.Tx, id ref.ID, asked bool) (moved bool, err error) {
	r, err := get(&tx.View, id)
	if err != nil {
		return false, err
	}
	was, rating, firm, events := r.Standing, r.lastRating(), r.firmRating(), len(r.events)
	if err := s.restand(tx, r); err != nil {
		return false, err
	}
	before := *r
	if !asked {
		if err := s.fall(tx, r, firm); err != nil {
			return false, err
		}
	}
	if r.shifted {
		if err := s.stale(tx, r); err != nil {
			return false, err
		}
	}
	if len(r.events) == events && reflect.DeepEqual(before, *r) {
		return r.Standing.moved(was), nil
	}
	r.tick(s.Profile, tx.Now)
	what := gate.Diff(gate.Fields(before), gate.Fields(*r), "standing", "due", "due_what")
	if now := r.lastRating(); now != rating {
		what = append(what, gate.Change{Field: "rating", Old: rating, New: now})
	}
	for i := range what {
		what[i].Staff = true
	}
	return true, update(tx, r, what)
}
