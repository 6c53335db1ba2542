package risk

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
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

// MaxMilestones is how many milestones a plan has at most.
const MaxMilestones = 200

// Planning is what a plan is to say. Milestones are the whole list: one that is
// left out is taken away; one without an id, or with a new one, is added. When they
// were done, and when they were first due, the register keeps itself.
type Planning struct {
	Version    int         `json:"version,omitempty"`
	Summary    string      `json:"summary"`
	Document   string      `json:"document"` // the step that documents the outcome
	Public     bool        `json:"public,omitempty"`
	Cost       float64     `json:"cost,omitempty"`
	Milestones []Milestone `json:"milestones"`
	Why        string      `json:"why,omitempty"` // wanted once a plan was approved: why the old one no longer holds
}

// Planned is what came of a plan.
type Planned struct {
	Hash     string              `json:"hash"`
	Fell     []string            `json:"fell,omitempty"` // whose approval fell with the content
	Warnings []riskscore.Warning `json:"warnings"`
}

// SetPlan writes the treatment plan. It may be unfinished; what is there must make
// sense. Approvals are bound to the content and fall with it.
func (s *Risks) SetPlan(ctx context.Context, id ref.ID, in Planning) (out *Planned, err error) {
	err = s.change(ctx, VerbTreat, id, in.Version, func(tx *gate.Tx, r *Risk) error {
		if r.Closed {
			return fault.New(fault.Conflict, "the risk is closed; reopen it before planning")
		}
		d := draft{s: s, tx: tx, r: r, in: &in, top: s.maxScore()}
		if err := d.check(); err != nil {
			return err
		}
		was := r.Plan
		r.Plan.Summary, r.Plan.Document, r.Plan.Public, r.Plan.Cost, r.Plan.Milestones = in.Summary, in.Document, in.Public, in.Cost, in.Milestones
		out = &Planned{Hash: r.Plan.Hash()}
		if out.Hash != was.Hash() {
			r.Plan.written(tx.Actor, in.Why, was.stands(s.Profile))
			out.Fell = was.approvers()
			tx.Reason(in.Why)
			r.record(tx.Now, "updated", nil)
		}
		_, out.Warnings, err = s.course(tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// written notes who wrote the plan anew, and why. Whoever wrote what is still to be
// approved stays an author of it; what was approved already had its second person.
func (p *Plan) written(by access.Actor, why string, approved bool) {
	authors := p.writers()
	if approved {
		authors = nil
	}
	p.By, p.Maker, p.Why, p.Authors = by.ID, by.Maker, why, authors.And(by.Hands()...)
}

// stands reports whether the plan as it is has every approval.
func (p Plan) stands(of *profile.Profile) bool {
	for _, role := range of.Register.Plan.Approval {
		if !p.approved(role.Name) {
			return false
		}
	}
	return true
}

// maxScore is the highest score there is.
func (s *Risks) maxScore() float64 {
	sc := ScalesOf(s.Profile)
	return float64(len(sc.Likelihood().Levels) * len(sc.Impact().Levels))
}

// approvers names those whose yes to this content stands.
func (p Plan) approvers() []string {
	var out []string
	hash := p.Hash()
	for _, a := range p.Approvals {
		if a.Hash == hash && !a.No {
			out = append(out, a.Name)
		}
	}
	return out
}

// draft is a plan that is being checked.
type draft struct {
	s   *Risks
	tx  *gate.Tx
	r   *Risk
	in  *Planning
	top float64
	fs  fault.Fields
}

func (d *draft) check() error {
	in := d.in
	in.Summary, in.Document = thread.Cleaned(&d.fs, "summary", in.Summary, MaxText), thread.Cleaned(&d.fs, "document", in.Document, MaxNote)
	in.Why = thread.Cleaned(&d.fs, "why", in.Why, MaxNote)
	if in.Cost < 0 || in.Cost > 1e15 || in.Cost != in.Cost {
		d.fs.Add("cost", "the cost is a number from 0 to 1e15 in %s", d.s.Profile.Register.Currency)
	}
	if len(in.Milestones) > MaxMilestones {
		return fault.New(fault.TooLarge, "the plan has %d milestones; keep to %d, and put the detail into what they link to", len(in.Milestones), MaxMilestones)
	}
	in.Milestones = slices.Clone(in.Milestones)
	d.name()
	for i := range in.Milestones {
		if err := d.milestone(&in.Milestones[i], "milestones."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	d.kept()
	d.depends()
	if next := (Plan{Summary: in.Summary, Document: in.Document, Public: in.Public, Cost: in.Cost, Milestones: in.Milestones}); len(d.r.Plan.Paths) > 0 &&
		in.Why == "" && next.Hash() != d.r.Plan.Hash() {
		d.fs.Add("why", "a plan was approved already; say why it no longer holds")
	}
	return d.fs.Err()
}

var milestoneID = regexp.MustCompile(`^m[1-9][0-9]{0,3}$`)

// name gives each new milestone an id that no other has or had.
func (d *draft) name() {
	last, seen := 0, map[string]bool{}
	for _, m := range slices.Concat(d.r.Plan.Milestones, d.in.Milestones) {
		if n, err := strconv.Atoi(strings.TrimPrefix(m.ID, "m")); err == nil {
			last = max(last, n)
		}
	}
	for i := range d.in.Milestones {
		m := &d.in.Milestones[i]
		if m.ID == "" {
			last++
			m.ID = "m" + strconv.Itoa(last)
		}
		at := "milestones." + strconv.Itoa(i) + ".id"
		if !milestoneID.MatchString(m.ID) {
			d.fs.Add(at, "%q names no milestone; write m and a number, or leave it out", m.ID)
		}
		if seen[m.ID] {
			d.fs.Add(at, "two milestones are called %s; leave the id of the new one out", m.ID)
		}
		seen[m.ID] = true
	}
}

// milestone checks one milestone and takes over what the register keeps of it.
func (d *draft) milestone(m *Milestone, at string) error {
	old, known := d.r.Plan.milestone(m.ID)
	thread.SetLine(&d.fs, at+".title", &m.Title, &m.Title, MaxTitle)
	if m.Title == "" {
		d.fs.Add(at+".title", "the milestone has no title; say in a few words what is done then")
	}
	m.Success, m.Why = thread.Cleaned(&d.fs, at+".success", m.Success, MaxNote), thread.Cleaned(&d.fs, at+".why", m.Why, MaxNote)
	m.Was, m.Done, m.Proof = old.Was, old.Done, old.Proof
	thread.SetTime(&d.fs, at+".due", &m.Due, &m.Due)
	d.due(m, old, known, at)
	d.step(m, at)
	if m.Owner != "" && m.Owner != old.Owner {
		return d.s.sees(d.tx, d.r, &d.fs, at+".owner", m.Owner)
	}
	return nil
}

// due checks when a milestone is due, and keeps when it first was.
func (d *draft) due(m *Milestone, old Milestone, known bool, at string) {
	now := d.tx.Now
	if m.Due.Equal(old.Due) || m.Due.IsZero() && old.Due.IsZero() {
		return
	}
	if known && !old.Done.IsZero() {
		d.fs.Add(at+".due", "%s is done; its date stays", m.ID)
		return
	}
	if known && !old.Due.IsZero() {
		m.Was = cmp.Or(old.Was, old.Due)
		if m.Why == "" {
			d.fs.Add(at+".why", "the due date of %s moves; say why", m.ID)
		}
	}
	years := d.s.Profile.Register.Plan.Years
	switch {
	case m.Due.IsZero():
	case m.Due.Before(now.Truncate(24 * time.Hour)):
		d.fs.Add(at+".due", "%s lies in the past; give a day that is still to come", m.Due.Format(time.DateOnly))
	case !m.KeyResult && m.Due.After(riskscore.Months(now, 12*years)):
		d.fs.Add(at+".due", "%s is more than %d years out; plan that far by key results alone", m.Due.Format(time.DateOnly), years)
	}
}

// step checks by how much a key result lowers the score, where a person says so.
func (d *draft) step(m *Milestone, at string) {
	switch {
	case m.Step == 0:
	case !m.KeyResult:
		d.fs.Add(at+".step", "only a key result lowers the planned score; make it one, or leave the step out")
	case !(m.Step > 0 && m.Step <= d.top):
		d.fs.Add(at+".step", "a key result lowers the score by more than 0 and at most %s", riskscore.Number(d.top))
	case m.Why == "":
		d.fs.Add(at+".why", "the step of %s is set by hand; say why", m.ID)
	}
}

// kept refuses to take away what was done.
func (d *draft) kept() {
	for _, old := range d.r.Plan.Milestones {
		if !old.Done.IsZero() && !slices.ContainsFunc(d.in.Milestones, func(m Milestone) bool { return m.ID == old.ID }) {
			d.fs.Add("milestones", "%s, %q, is done and stays in the plan", old.ID, old.Title)
		}
	}
}

// depends checks what milestones wait for: known ones, and not in a circle.
func (d *draft) depends() {
	after := map[string][]string{}
	for _, m := range d.in.Milestones {
		after[m.ID] = m.After
	}
	for i, m := range d.in.Milestones {
		at := "milestones." + strconv.Itoa(i) + ".after"
		for _, a := range m.After {
			if _, ok := after[a]; !ok {
				d.fs.Add(at, "%s waits for %q, which is no milestone of the plan", m.ID, a)
			}
		}
		if circle := around(after, m.ID); circle != nil {
			d.fs.Add(at, "the milestones wait for each other: %s; take one of the steps out", strings.Join(circle, " after "))
		}
	}
}

// around finds a way from a name back to itself.
func around(after map[string][]string, from string) []string {
	seen := map[string]bool{}
	var walk func(at string, way []string) []string
	walk = func(at string, way []string) []string {
		for _, next := range after[at] {
			if next == from {
				return append(way, from)
			}
			if !seen[next] {
				seen[next] = true
				if found := walk(next, append(slices.Clone(way), next)); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return walk(from, []string{from})
}

// milestone finds a milestone by its id.
func (p Plan) milestone(id string) (Milestone, bool) {
	for _, m := range p.Milestones {
		if m.ID == id {
			return m, true
		}
	}
	return Milestone{}, false
}

// lacks names what a plan still needs before anybody approves it: handbook 1.8.
func (p Plan) lacks() []string {
	var out []string
	if p.Summary == "" {
		out = append(out, "what is done, in a summary")
	}
	if p.Document == "" {
		out = append(out, "the step that documents the outcome")
	}
	if len(p.Milestones) == 0 {
		out = append(out, "milestones")
	}
	for _, m := range p.Milestones {
		for _, x := range []struct {
			missing bool
			what    string
		}{{m.Owner == "", "an owner"}, {m.Due.IsZero(), "a due date"}, {m.Success == "", "a success criterion"}} {
			if x.missing {
				out = append(out, x.what+" of "+m.ID)
			}
		}
	}
	return out
}

// Done says that a milestone is done, and what shows it.
type Done struct {
	Version   int       `json:"version,omitempty"`
	Milestone string    `json:"milestone"`
	Done      time.Time `json:"done,omitzero"` // zero is now
	Proof     string    `json:"proof"`
}

// FinishMilestone records that a milestone is done.
func (s *Risks) FinishMilestone(ctx context.Context, id ref.ID, in Done) error {
	return s.change(ctx, VerbTreat, id, in.Version, func(tx *gate.Tx, r *Risk) error {
		var fs fault.Fields
		in.Proof = must(&fs, "proof", in.Proof, "say what shows that it is done: a link, or where it can be seen")
		thread.SetTime(&fs, "done", &in.Done, &in.Done)
		if in.Done.IsZero() {
			in.Done = tx.Now
		}
		if in.Done.After(tx.Now) {
			fs.Add("done", "it cannot have been done in the future; give the day on which it was")
		}
		m, ok := r.Plan.milestone(in.Milestone)
		if !ok {
			fs.Add("milestone", "the plan has no milestone %q", in.Milestone)
		}
		for _, a := range m.After {
			if before, _ := r.Plan.milestone(a); before.Done.IsZero() {
				fs.Add("milestone", "%s waits for %s, which is not done; finish that first", m.ID, a)
			}
		}
		if err := fs.Err(); err != nil {
			return err
		}
		m.Done, m.Proof = in.Done, in.Proof
		r.Plan.put(m)
		r.record(tx.Now, "updated", nil)
		return nil
	})
}

// ReopenMilestone takes back that a milestone is done.
func (s *Risks) ReopenMilestone(ctx context.Context, id ref.ID, version int, milestone, reason string) error {
	return s.change(ctx, VerbTreat, id, version, func(tx *gate.Tx, r *Risk) error {
		var fs fault.Fields
		tx.Reason(must(&fs, "reason", reason, "say why it is not done after all"))
		m, ok := r.Plan.milestone(milestone)
		if !ok || m.Done.IsZero() {
			fs.Add("milestone", "the plan has no milestone %q that is done", milestone)
		}
		if err := fs.Err(); err != nil {
			return err
		}
		m.Done, m.Proof = time.Time{}, ""
		r.Plan.put(m)
		r.record(tx.Now, "updated", nil)
		return nil
	})
}

// put replaces the milestone of the same id.
func (p *Plan) put(m Milestone) {
	p.Milestones = slices.Clone(p.Milestones)
	for i := range p.Milestones {
		if p.Milestones[i].ID == m.ID {
			p.Milestones[i] = m
		}
	}
}
