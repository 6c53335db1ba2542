package risk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// The states of a control.
const (
	ControlPlanned  = "planned"
	ControlActive   = "active"
	ControlDegraded = "degraded" // it does not work as it should: it lowers nothing
	ControlRetired  = "retired"
)

// ControlStates lists them in order.
var ControlStates = []string{ControlPlanned, ControlActive, ControlDegraded, ControlRetired}

// domains are those of the FAIR controls analytics model.
var domains = []string{"loss-event", "variance", "decision"}

// MaxControls is how many controls a risk has at most.
const MaxControls = 200

// SetControl adds a control, or changes one. What the active ones take off moves
// the residual score: a rise counts at once, a lower rating once another person has
// reviewed it.
func (s *Risks) SetControl(ctx context.Context, id ref.ID, version int, c Control) (name string, err error) {
	err = s.change(ctx, VerbControl, id, version, func(tx *gate.Tx, r *Risk) error {
		old, err := s.checkControl(tx, r, &c)
		if err != nil {
			return err
		}
		name = c.ID
		before, err := s.residual(tx, r)
		if err != nil {
			return err
		}
		c.Considered, c.Since = old.Considered, old.Since
		if c.State != old.State {
			c.Since = tx.Now
		}
		r.putControl(c)
		r.record(tx.Now, "updated", nil)
		after, err := s.residual(tx, r)
		if err != nil || after == nil || before.same(after) {
			return err
		}
		after.Reason = fmt.Sprintf("control %s, %q, became %s", c.ID, c.Title, c.State)
		if c.State == old.State {
			after.Reason = fmt.Sprintf("what control %s, %q, takes off was changed", c.ID, c.Title)
		}
		tx.Reason(after.Reason)
		after.Judgement.Reason = after.Reason
		return s.settle(tx, r, after, ScalesOf(s.Profile), r.worksBy())
	})
	return name, err
}

// checkControl cleans a control and returns the one that it replaces.
func (s *Risks) checkControl(tx *gate.Tx, r *Risk, c *Control) (old Control, err error) {
	var fs fault.Fields
	old, known := r.control(c.ID)
	switch {
	case c.ID != "" && !known:
		fs.Add("id", "the risk has no control %q; leave the id out to add one", c.ID)
	case c.ID == "" && len(r.Controls) >= MaxControls:
		return old, fault.New(fault.TooLarge, "the risk has %d controls already; join those that belong together", len(r.Controls))
	case c.ID == "":
		c.ID = r.nextControl()
	}
	thread.SetLine(&fs, "title", &c.Title, &c.Title, MaxTitle)
	fs.Want("title", c.Title, "the control has no title; say in a few words what it does")
	c.Effective = thread.Cleaned(&fs, "effective", c.Effective, MaxNote)
	thread.SetLine(&fs, "link", &c.Link, &c.Link, 2000)
	if c.Link != "" && !strings.HasPrefix(c.Link, "https://") && !strings.HasPrefix(c.Link, "http://") {
		fs.Add("link", "the link must be an address that starts with https:// or http://")
	}
	thread.Word(&fs, "domain", c.Domain, domains)
	s.checkEffect(&fs, c)
	if c.Owner != "" && c.Owner != old.Owner {
		if err := s.sees(tx, r, &fs, "owner", c.Owner); err != nil {
			return old, err
		}
	}
	return old, fs.Err()
}

func (s *Risks) checkEffect(fs *fault.Fields, c *Control) {
	if c.State == "" {
		c.State = ControlPlanned
	}
	thread.Word(fs, "state", c.State, ControlStates)
	scales := ScalesOf(s.Profile)
	levels := map[string]int{"likelihood": len(scales.Likelihood().Levels), "impact": len(scales.Impact().Levels)}
	top, ok := levels[c.Factor]
	switch {
	case !ok:
		fs.Add("factor", "say what the control lowers: likelihood or impact")
	case !(c.Lowers >= 0 && c.Lowers < float64(top)):
		fs.Add("lowers", "the %s has %d levels; a control takes off 0 to %d of them", c.Factor, top, top-1)
	}
}

func (r *Risk) control(id string) (Control, bool) {
	for _, c := range r.Controls {
		if c.ID == id {
			return c, true
		}
	}
	return Control{}, false
}

func (r *Risk) nextControl() string {
	last := 0
	for _, c := range r.Controls {
		if n, err := strconv.Atoi(strings.TrimPrefix(c.ID, "c")); err == nil {
			last = max(last, n)
		}
	}
	return "c" + strconv.Itoa(last+1)
}

// putControl replaces the control of the same id, or adds it.
func (r *Risk) putControl(c Control) {
	r.Controls = slices.Clone(r.Controls)
	for i := range r.Controls {
		if r.Controls[i].ID == c.ID {
			r.Controls[i] = c
			return
		}
	}
	r.Controls = append(r.Controls, c)
}

// controlTexts are the controls as decisions rest on them.
func (r *Risk) controlTexts() []string {
	out := []string{}
	for _, c := range r.Controls {
		if c.State != ControlRetired {
			out = append(out, fmt.Sprintf("%s %s: %s of %s, %s", c.ID, c.Title, riskscore.Number(c.Lowers), c.Factor, c.State))
		}
	}
	return out
}

// worksBy is what is known of the active controls at work.
func (r *Risk) worksBy() []string {
	var out []string
	for _, c := range r.Controls {
		if c.State == ControlActive && c.Effective != "" {
			out = append(out, c.ID+": "+c.Effective)
		}
	}
	return out
}

// considered are the controls as the arithmetic takes them, one of them in another
// state where switched names it.
func (r *Risk) considered() riskscore.Controls {
	out := riskscore.Controls{None: "the risk has no control"}
	for _, c := range r.Controls {
		if c.State != ControlRetired {
			out.Considered = append(out.Considered, riskscore.Control{Ref: c.ID, Title: c.Title, On: c.Factor, Levels: c.Lowers, Active: c.State == ControlActive})
		}
	}
	return out
}

// residual is what the active controls leave of the inherent score; nil while there
// is none, or where it was given on other scales.
func (s *Risks) residual(tx *gate.Tx, r *Risk) (*Evaluation, error) {
	judged, err := judgements(&tx.View, r.ID)
	if err != nil {
		return nil, err
	}
	inherent, scales := judged[KindInherent], ScalesOf(s.Profile)
	if inherent == nil || inherent.Scale != scales.Version {
		return nil, nil
	}
	rules := scales.rules(Appetite{})
	res, err := rules.Residual(riskscore.Score{Likelihood: inherent.Likelihood, Impact: inherent.Impact, Score: inherent.Score}, r.considered())
	if err != nil {
		return nil, err
	}
	f := res.Score
	e := &Evaluation{ID: ref.New("eval"), At: tx.Now, World: WorldBase, Kind: KindResidual, Likelihood: f.Likelihood, Impact: f.Impact, Score: f.Score,
		Rating: f.Rating, Scale: scales.Version, Author: tx.Actor.ID}
	e.Steps, e.Name, e.Profile, e.Judgement.Kind = res.Steps, tx.Actor.Name, s.Profile.Version, KindResidual
	for _, c := range r.considered().Considered {
		e.Judgement.Controls = append(e.Judgement.Controls, c.Ref)
	}
	return e, nil
}

// same reports whether two evaluations say the same.
func (e *Evaluation) same(o *Evaluation) bool {
	return e != nil && o != nil && hundredths(e.Likelihood) == hundredths(o.Likelihood) && hundredths(e.Impact) == hundredths(o.Impact)
}

// DryRun is what the residual score would be if a control changed its state.
type DryRun struct {
	Before riskscore.Score `json:"before"`
	After  riskscore.Score `json:"after"`
	Says   string          `json:"says"`
	Review bool            `json:"review"` // another person must approve, since the rating falls
}

// DryRunControl tells what the residual score would be with a control in a state.
// It changes nothing.
func (s *Risks) DryRunControl(ctx context.Context, id ref.ID, control, state string) (out *DryRun, err error) {
	if err := oneOf("state", state, ControlStates); err != nil {
		return nil, err
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		r, err := get(v, id)
		if err != nil {
			return err
		}
		out, err = s.dryRun(v, r, control, state)
		return err
	})
	return out, err
}

func (s *Risks) dryRun(v *gate.View, r *Risk, control, state string) (*DryRun, error) {
	c, ok := r.control(control)
	if !ok {
		return nil, fault.At("control", "the risk has no control %q", control)
	}
	judged, err := judgements(v, r.ID)
	if err != nil {
		return nil, err
	}
	inherent, scales := judged[KindInherent], ScalesOf(s.Profile)
	if inherent == nil || inherent.Scale != scales.Version {
		return nil, fault.New(fault.Conflict, "controls take off the inherent score, and there is none on the scales in force; score the risk first")
	}
	appetite, err := s.appetite(v)
	if err != nil {
		return nil, err
	}
	from, rules, then := riskscore.Score{Likelihood: inherent.Likelihood, Impact: inherent.Impact, Score: inherent.Score}, scales.rules(appetite), *r
	c.State = state
	then.putControl(c)
	before, err := rules.Residual(from, r.considered())
	if err != nil {
		return nil, err
	}
	after, err := rules.Residual(from, then.considered())
	if err != nil {
		return nil, err
	}
	says := fmt.Sprintf("%s %s would take the residual score from %s, %s, to %s, %s", c.ID, state, riskscore.Number(before.Score.Score), before.Score.Title,
		riskscore.Number(after.Score.Score), after.Score.Title)
	if before.Score.Score == after.Score.Score {
		says = fmt.Sprintf("%s %s would leave the residual score at %s, %s", c.ID, state, riskscore.Number(after.Score.Score), after.Score.Title)
	}
	was := s.measure(r, judged, KindResidual)
	return &DryRun{Before: before.Score, After: after.Score, Says: says, Review: was != nil && s.lower(after.Score.Rating, was.Rating)}, nil
}
