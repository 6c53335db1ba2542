package risk

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Imports is what an import says of a risk. What is nil or empty stays as it is. An
// import puts nothing in force that a second person must approve: acceptances,
// closures, approvals and stages are taken here, by those who may.
type Imports struct {
	New      *Raising // of a risk that is not here yet
	Patch    Patch
	Parent   *string
	Owners   *Owners
	People   *[]Part
	Controls *[]Control // the whole list
	Plan     *Planning
	Scores   []Given
	Response *Response
	Blocked  *Blocking
	Health   map[string]string
	Labels   *map[string]string // that people set, with their notes
	Kept     map[string]string  // what no field has
	Evidence []Adding

	Notes *[]string // takes in what could not be done, in words; may be nil
}

// Given is a score that an import brings: a judgement, or exact levels where
// controls left a fraction of one.
type Given struct {
	Judgement
	Likelihood, Impact float64
}

// ReasonImported is the reason of every evaluation that an import brought.
const ReasonImported = "imported"

// Derived reports whether a label follows from a decision, so that nobody sets it.
func (s *Risks) Derived(label string) bool { return slices.Contains(s.labels().All(), label) }

// BringIn raises a risk as an import says, or changes the one of the id, inside
// another act. The rules are those of each operation by hand, and so are the verbs
// that the actor must hold.
func (s *Risks) BringIn(tx *gate.Tx, id ref.ID, in Imports) (ref.ID, error) {
	if in.New != nil {
		made, err := s.RaiseIn(tx, *in.New)
		if err != nil {
			return "", err
		}
		id = made
	}
	for _, v := range in.verbs() {
		if err := tx.Allow(v, id); err != nil {
			return id, err
		}
	}
	r, err := get(&tx.View, id)
	if err != nil {
		return id, err
	}
	if err := s.apply(tx, r, func(tx *gate.Tx, r *Risk) error { return s.bring(tx, r, in) }); err != nil {
		return id, err
	}
	if len(in.Evidence) == 0 {
		return id, nil
	}
	return id, s.LinkIn(tx, id, in.Evidence...)
}

// verbs are those that the parts of the import are done by.
func (in Imports) verbs() []access.Verb {
	out := []access.Verb{VerbEdit}
	for _, x := range []struct {
		does bool
		verb access.Verb
	}{{in.Parent != nil, VerbEscalate}, {in.Owners != nil || in.People != nil, VerbAssign}, {in.Controls != nil, VerbControl}, {in.Plan != nil, VerbTreat},
		{len(in.Scores) > 0, VerbScore}, {in.Response != nil, VerbRespond}, {in.Blocked != nil, VerbBlock}, {len(in.Health) > 0 || in.Labels != nil, VerbLabel},
		{len(in.Evidence) > 0, VerbEvidence}} {
		if x.does {
			out = append(out, x.verb)
		}
	}
	return out
}

// bring takes over each part in the order in which they rest on each other.
func (s *Risks) bring(tx *gate.Tx, r *Risk, in Imports) error {
	if err := in.Patch.apply(s, tx, r); err != nil {
		return err
	}
	if in.Parent != nil {
		if err := r.under(*in.Parent); err != nil {
			return err
		}
	}
	for _, step := range []func(*gate.Tx, *Risk, Imports) error{s.bringOwners, s.bringControls, s.bringPlan, s.bringScores, s.bringResponse, s.bringLabels} {
		if err := step(tx, r, in); err != nil {
			return err
		}
	}
	if len(in.Kept) > 0 {
		kept := maps.Clone(r.Imported)
		if kept == nil {
			kept = map[string]string{}
		}
		maps.Copy(kept, in.Kept)
		r.Imported = kept
	}
	return nil
}

func (s *Risks) bringOwners(tx *gate.Tx, r *Risk, in Imports) error {
	if in.Owners != nil {
		if err := s.assign(tx, r, *in.Owners); err != nil {
			return err
		}
	}
	if in.People == nil {
		return nil
	}
	return s.setPeople(tx, r, *in.People)
}

var controlID = regexp.MustCompile(`^c[1-9][0-9]{0,3}$`)

// bringControls sets the whole list of controls. It moves no score: an import says
// the scores itself.
func (s *Risks) bringControls(tx *gate.Tx, r *Risk, in Imports) error {
	if in.Controls == nil {
		return nil
	}
	had := *r
	r.Controls = nil
	for i, c := range *in.Controls {
		old, known := had.control(c.ID)
		id := c.ID
		if c.ID = ""; id == "" {
			id = r.nextControl()
		}
		if _, twice := r.control(id); twice || !controlID.MatchString(id) {
			return fault.At("controls", "control %d is called %q; write c and a number that no other has, or leave the id out", i+1, id)
		}
		if _, err := s.checkControl(tx, r, &c); err != nil {
			return inside("controls", i, err)
		}
		c.ID, c.Considered = id, old.Considered
		switch {
		case known && c.State == old.State:
			c.Since = old.Since
		case known || c.Since.IsZero() || c.Since.After(tx.Now):
			c.Since = tx.Now
		}
		r.putControl(c)
	}
	return nil
}

// inside says of each field that it is part of an item of a list.
func inside(list string, i int, err error) error {
	f := *fault.Of(err)
	f.Fields = slices.Clone(f.Fields)
	for j := range f.Fields {
		f.Fields[j].Name = list + "." + strconv.Itoa(i) + "." + f.Fields[j].Name
	}
	return &f
}

// bringPlan sets the plan. What is new in it may lie in the past, as it was planned
// elsewhere; what is here already changes by the rules of a plan by hand.
func (s *Risks) bringPlan(tx *gate.Tx, r *Risk, in Imports) error {
	if in.Plan == nil {
		return nil
	}
	p := *in.Plan
	p.Milestones = slices.Clone(p.Milestones)
	d := draft{s: s, tx: tx, r: r, in: &p, top: s.maxScore()}
	d.name()
	was := r.Plan
	r.Plan.Milestones = slices.Clone(was.Milestones)
	for i, m := range p.Milestones {
		d.history(i, m)
		if m.Owner != "" {
			if err := s.sees(tx, r, &d.fs, "milestones."+strconv.Itoa(i)+".owner", m.Owner); err != nil {
				return err
			}
		}
	}
	if err := d.check(); err != nil {
		return err
	}
	hash, approved := was.Hash(), was.stands(s.Profile)
	r.Plan.Summary, r.Plan.Document, r.Plan.Public, r.Plan.Cost, r.Plan.Milestones = p.Summary, p.Document, p.Public, p.Cost, p.Milestones
	if r.Plan.Hash() != hash {
		r.Plan.written(tx.Actor, p.Why, approved)
	}
	_, _, err := s.course(tx, r)
	return err
}

// history takes over what was done elsewhere of a milestone.
func (d *draft) history(i int, m Milestone) {
	at := "milestones." + strconv.Itoa(i)
	for _, x := range []struct {
		name string
		t    *time.Time
	}{{".due", &m.Due}, {".was", &m.Was}, {".done", &m.Done}} {
		thread.SetTime(&d.fs, at+x.name, x.t, x.t)
	}
	if m.Done.After(d.tx.Now) {
		d.fs.Add(at+".done", "it cannot have been done in the future; give the day on which it was")
	}
	m.Proof = thread.Cleaned(&d.fs, at+".proof", m.Proof, MaxNote)
	old, known := d.r.Plan.milestone(m.ID)
	if !known {
		d.r.Plan.Milestones = append(d.r.Plan.Milestones, m)
	} else if old.Done.IsZero() && !m.Done.IsZero() {
		old.Done, old.Proof = m.Done, m.Proof
		d.r.Plan.put(old)
	}
}

func (s *Risks) bringScores(tx *gate.Tx, r *Risk, in Imports) error {
	for _, g := range in.Scores {
		if err := s.JudgeIn(tx, r, g); err != nil {
			f := *fault.Of(err)
			f.Fields = slices.Clone(f.Fields)
			for i := range f.Fields {
				f.Fields[i].Name = "scores." + g.Kind + "." + f.Fields[i].Name
			}
			return &f
		}
	}
	return nil
}

// JudgeIn records an imported score inside another act: the reason of the
// evaluation is ReasonImported, what the file says stays in the judgement.
func (s *Risks) JudgeIn(tx *gate.Tx, r *Risk, g Given) error {
	scales, j := ScalesOf(s.Profile), g.Judgement
	rules := scales.rules(Appetite{})
	exact := len(j.Categories) == 0 && (g.Likelihood != math.Trunc(g.Likelihood) || g.Impact != math.Trunc(g.Impact))
	if j.Likelihood = bounded(g.Likelihood); len(j.Categories) == 0 {
		j.Impact = bounded(g.Impact)
	}
	if err := j.check(s.Profile, r); err != nil {
		return err
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return err
	}
	e, err := j.evaluate(scales, appetite, s.Profile)
	if err != nil {
		return err
	}
	if exact {
		f, err := rules.Score(g.Likelihood, g.Impact)
		if err != nil {
			return err
		}
		e.Likelihood, e.Impact, e.Score, e.Rating, e.Steps = f.Likelihood, f.Impact, f.Score, f.Rating, nil
	}
	e.At, e.Author, e.Name, e.Profile, e.World, e.Reason = tx.Now, tx.Actor.ID, tx.Actor.Name, s.Profile.Version, WorldBase, ReasonImported
	return s.settle(tx, r, e, scales, j.Proof)
}

// bounded is the level that a number lies on, 0 for none: what is no level is
// refused with the bounds of the scale.
func bounded(x float64) int {
	if !(x > 0 && x < 1e6) {
		return -1
	}
	return int(x)
}

func (s *Risks) bringResponse(tx *gate.Tx, r *Risk, in Imports) error {
	if in.Response == nil {
		return nil
	}
	if *in.Response == (Response{}) {
		r.Response, r.Path = "", ""
		r.clear(s.labels().Accepted)
		return nil
	}
	err := s.respond(tx, r, *in.Response)
	if err != nil && in.New != nil && in.Response.Response == Monitor {
		in.note("the response %q was not taken over: %s", Monitor, fault.Of(err).Says)
		return nil
	}
	return err
}

func (in Imports) note(format string, args ...any) {
	if in.Notes != nil {
		*in.Notes = append(*in.Notes, fmt.Sprintf(format, args...))
	}
}

// bringLabels sets what people say beside the flow: health, labels, and what blocks.
func (s *Risks) bringLabels(tx *gate.Tx, r *Risk, in Imports) error {
	if len(in.Health) > 0 {
		if err := s.setHealth(r, in.Health); err != nil {
			return err
		}
	}
	if in.Labels != nil {
		if err := s.setLabels(r, *in.Labels); err != nil {
			return err
		}
	}
	if in.Blocked == nil {
		return nil
	}
	return s.block(tx, r, *in.Blocked)
}

// setLabels sets the labels that people set; those that follow from decisions stay.
func (s *Risks) setLabels(r *Risk, labels map[string]string) error {
	var fs fault.Fields
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		l, ok := s.machine().Label(name)
		note := thread.Cleaned(&fs, "labels."+name, labels[name], MaxNote)
		switch {
		case !ok:
			fs.Add("labels", "the life cycle has no label %q", name)
		case s.Derived(name):
			fs.Add("labels", "%s follows from a decision here; leave it out", l.Title)
		case l.Reason && note == "":
			fs.Add("labels", "the label %s wants a reason; write it after the name", l.Title)
		case len(l.Stages) > 0 && !slices.Contains(l.Stages, r.Stage):
			fs.Add("labels", "the label %s is not for this stage; it is for %s", l.Title, strings.Join(l.Stages, ", "))
		default:
			r.set(name, cmp.Or(note, r.LabelNotes[name]))
		}
	}
	for _, name := range slices.Clone(r.Labels) {
		if _, said := labels[name]; !said && !s.Derived(name) {
			r.clear(name)
		}
	}
	return fs.Err()
}

// FullIn is Get inside a view or another act.
func (s *Risks) FullIn(v *gate.View, id ref.ID) (*Full, error) {
	if err := v.Allow(VerbRead, id); err != nil {
		return nil, err
	}
	return s.full(v, id)
}
