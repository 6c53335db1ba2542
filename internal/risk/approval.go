package risk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// The roles of a plan's approval that stand for the two owners. Any other role of
// the profile is for whoever may approve plans.
const (
	asBusiness = "business-owner"
	asSecurity = "security-owner"
)

// unSmart names the questions of the checklist that no reviewer answered with yes
// for exactly this plan.
func (s *Sight) unSmart() []string {
	var out []string
	now := s.Plan.Review.Hash == s.Plan.Hash()
	for _, c := range s.Profile.Register.Plan.Smart {
		if c.Required && (!now || s.Plan.Smart[c.Name] != "yes") {
			out = append(out, c.Title)
		}
	}
	return out
}

func saysSmart(s *Sight) string {
	return "a reviewer's yes, for the plan as it is, to: " + strings.Join(s.unSmart(), ", ")
}

func saysPlan(s *Sight) string {
	return "a plan that can be approved; it lacks " + strings.Join(s.Plan.lacks(), ", ")
}

// unapproved names the roles whose approval of exactly this plan is missing.
func (s *Sight) unapproved() []string {
	var out []string
	for _, role := range s.Profile.Register.Plan.Approval {
		if !s.Plan.approved(role.Name) {
			out = append(out, role.Title)
		}
	}
	return out
}

// approved reports whether the plan as it is has the role's yes.
func (p Plan) approved(role string) bool {
	hash := p.Hash()
	return slices.ContainsFunc(p.Approvals, func(a Approval) bool { return a.Role == role && a.Hash == hash && !a.No })
}

func saysApproved(s *Sight) string {
	return "the approval of exactly this plan by: " + strings.Join(s.unapproved(), ", ")
}

// Smart is a reviewer's answers to the checklist of a plan.
type Smart struct {
	Version int               `json:"version,omitempty"`
	Hash    string            `json:"hash,omitempty"` // of the plan that the reviewer saw
	Answers map[string]string `json:"answers"`        // yes, or why not
}

// AnswerSmart answers the checklist for the plan as it is. Its author may not.
func (s *Risks) AnswerSmart(ctx context.Context, id ref.ID, in Smart) error {
	return s.change(ctx, VerbApprove, id, in.Version, func(tx *gate.Tx, r *Risk) error {
		var fs fault.Fields
		if err := r.Plan.reviewed().Refuse(tx.Actor); err != nil {
			return err
		}
		if err := r.Plan.seen(in.Hash); err != nil {
			return err
		}
		known := map[string]string{}
		for _, c := range s.Profile.Register.Plan.Smart {
			known[c.Name] = must(&fs, "answers."+c.Name, in.Answers[c.Name], `answer "`+c.Title+`" with yes, or say what is missing`)
		}
		for _, name := range slices.Sorted(maps.Keys(in.Answers)) {
			if _, ok := known[name]; !ok {
				fs.Add("answers."+name, "the checklist has no question %q", name)
			}
		}
		if err := fs.Err(); err != nil {
			return err
		}
		var err error
		r.Plan.Smart = known
		r.Plan.Review, err = approval(&tx.View, "", r.Plan.Hash(), "")
		return err
	})
}

// reviewed is who may review the plan as it is: nobody who wrote any of it.
func (p Plan) reviewed() access.Second {
	return access.Second{Gives: "the review of a plan", Did: "you wrote this plan, or a part of it", First: p.writers()}
}

// writers are all who wrote what is to be approved, by hand or by a token that they
// made. A plan that was kept before all of them were names the last.
func (p Plan) writers() access.Hands { return p.Authors.And(p.By, p.Maker) }

// seen refuses a word on a plan that changed since the actor saw it.
func (p Plan) seen(hash string) error {
	if hash != "" && hash != p.Hash() {
		return fault.New(fault.Conflict, "the plan changed since you saw it; read it again")
	}
	return nil
}

// Approving is somebody's word on a plan.
type Approving struct {
	Version int    `json:"version,omitempty"`
	Role    string `json:"role"` // of the profile's roles that approve plans
	Hash    string `json:"hash,omitempty"`
	Note    string `json:"note,omitempty"`
	No      bool   `json:"no,omitempty"` // it is declined; the note says why
}

// ApprovePlan records a role's word on exactly this plan. With the last yes the
// planned course of the score is fixed; an earlier one stays beside it.
func (s *Risks) ApprovePlan(ctx context.Context, id ref.ID, in Approving) error {
	return s.change(ctx, VerbApprove, id, in.Version, func(tx *gate.Tx, r *Risk) error {
		if err := in.check(s, r); err != nil {
			return err
		}
		if err := r.mayApprove(tx.Actor, in.Role, func() bool { return tx.May(VerbValidate, r.ID) }); err != nil {
			return err
		}
		x, err := s.sight(&tx.View, r, nil)
		if err != nil {
			return err
		}
		if err := x.approvable(); err != nil && !in.No {
			return err
		}
		if r.Plan.approved(in.Role) && !in.No {
			return fault.New(fault.Conflict, "this plan has that approval already")
		}
		a, err := approval(&tx.View, in.Role, r.Plan.Hash(), in.Note)
		if err != nil {
			return err
		}
		a.No = in.No
		r.Plan.Approvals = append(slices.DeleteFunc(slices.Clone(r.Plan.Approvals), func(o Approval) bool { return o.Role == a.Role && o.Hash == a.Hash }), a)
		r.record(tx.Now, "updated", nil)
		if in.No || len(x.unapproved()) > 0 {
			return nil
		}
		return s.fix(tx, r)
	})
}

func (in *Approving) check(s *Risks, r *Risk) error {
	var fs fault.Fields
	roles := names(s.Profile.Register.Plan.Approval)
	if !slices.Contains(roles, in.Role) {
		fs.Add("role", "%q approves no plans; the roles that do are: %s", in.Role, strings.Join(roles, ", "))
	}
	in.Note = thread.Cleaned(&fs, "note", in.Note, MaxNote)
	if in.No && in.Note == "" {
		fs.Add("note", "say what the plan wants before you approve it")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	return r.Plan.seen(in.Hash)
}

// mayApprove keeps the four eyes of a plan: the business owner acknowledges it, and
// who reviews it neither wrote it nor answers for it.
func (r *Risk) mayApprove(a access.Actor, role string, validates func() bool) error {
	hash := r.Plan.Hash()
	if err := (access.Second{Gives: "the approval of a plan"}).Refuse(a); err != nil {
		return err
	}
	if role != asBusiness {
		if err := r.Plan.reviewed().Refuse(a); err != nil {
			return err
		}
	}
	switch {
	case slices.ContainsFunc(r.Plan.Approvals, func(o Approval) bool { return o.By == a.ID && o.Role != role && o.Hash == hash && !o.No }):
		return fault.New(fault.Forbidden, "you approved this plan in another role; this one is for somebody else")
	case role == asBusiness && a.ID != r.Owner:
		return fault.New(fault.Forbidden, "this approval is the business owner's")
	case role != asBusiness && a.ID == r.Owner:
		return fault.New(fault.Forbidden, "you are the business owner of this risk, so its review is for somebody else")
	case role == asSecurity && a.ID != r.Security && !validates():
		return fault.New(fault.Forbidden, "this approval is the security owner's, or that of somebody who may validate scores")
	}
	return nil
}

// approvable lists what holds an approval up.
func (s *Sight) approvable() error {
	var missing []string
	if s.Response != Remediate {
		missing = append(missing, "response-remediate")
	}
	if len(s.Plan.lacks()) > 0 {
		missing = append(missing, "plan")
	}
	if len(s.unSmart()) > 0 {
		missing = append(missing, "plan-smart")
	}
	needs := s.lacks(missing)
	if q := s.skipped(); len(q) > 0 {
		needs = append(needs, fault.Need{Word: "acceptance-approved", Says: "an acceptance of the delay, since a key result is skipped in " + strings.Join(q, ", "), Link: "#acceptance"})
	}
	if len(needs) == 0 {
		return nil
	}
	return &fault.Fault{Kind: fault.Missing, Says: "this plan cannot be approved yet", Needs: needs}
}

// fix keeps the planned course of an approved plan, and the decision.
func (s *Risks) fix(tx *gate.Tx, r *Risk) error {
	path, _, err := s.course(tx, r)
	if err != nil {
		return err
	}
	if path != nil {
		r.Plan.Paths = append(slices.Clone(r.Plan.Paths), *path)
	}
	if err := overtaken(tx, r, DecidePlan); err != nil {
		return err
	}
	return s.decide(tx, r, &Decision{Kind: DecidePlan, State: StateActive, DecisionBody: DecisionBody{Reason: r.Plan.Why, Approvals: r.Plan.Approvals}})
}

// course draws the planned course of the score from where it stands now, over the
// key results that are open; nil is a plan without any, or a risk without score.
func (s *Risks) course(tx *gate.Tx, r *Risk) (*Path, []riskscore.Warning, error) {
	open, err := openStanding(&tx.View, r.ID)
	if err != nil {
		return nil, nil, err
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return nil, nil, err
	}
	path, warnings, err := r.Plan.course(open.Standing, float64(appetite.UpTo), s.Profile.Register.Plan.Years, tx.Now)
	return path, append(warnings, r.fits(s.Profile, open.Rating)...), err
}

func (p Plan) course(from Standing, tolerance float64, years int, now time.Time) (*Path, []riskscore.Warning, error) {
	in := riskscore.Plan{Score: from.Score, Tolerance: tolerance, Start: now, Years: years}
	warnings := p.order()
	for _, m := range p.Milestones {
		if !m.KeyResult || !m.Done.IsZero() || m.Due.IsZero() {
			continue
		}
		k := riskscore.KeyResult{Name: m.ID, Due: m.Due, Reason: m.Why}
		if m.Step > 0 {
			k.Step = &m.Step
		}
		in.Results = append(in.Results, k)
	}
	switch {
	case len(p.Milestones) == 0:
		return nil, warnings, nil
	case len(in.Results) == 0:
		return nil, append(warnings, riskscore.Warning{Key: "no-key-result", Says: "no open milestone with a date is a key result, so no lower score is planned"}), nil
	case !from.Scored():
		return nil, append(warnings, riskscore.Warning{Key: "unscored", Says: "the risk has no score, so no course of it can be planned"}), nil
	}
	drawn, err := riskscore.NewPath(in)
	if err != nil {
		return nil, nil, err
	}
	path := &Path{At: now, From: drawn.Score, Why: p.Why}
	for _, pt := range drawn.Points {
		path.Points = append(path.Points, Point{At: pt.At, Score: pt.Score, What: pt.Result})
	}
	return path, append(warnings, p.still(drawn.Warnings)...), nil
}

// still leaves out the warnings of quarters that had their key result: it is done.
func (p Plan) still(warnings []riskscore.Warning) []riskscore.Warning {
	return slices.DeleteFunc(warnings, func(w riskscore.Warning) bool {
		return w.Key == "empty-quarter" && slices.ContainsFunc(p.Milestones, func(m Milestone) bool {
			return m.KeyResult && !m.Done.IsZero() && (strings.HasSuffix(w.Says, quarter(m.Due)) || strings.HasSuffix(w.Says, quarter(m.Done)))
		})
	})
}

// expect is the score that a course leads to expect at a moment: by its dates, and by
// the key results that are done. The score in force is judged, not earned.
func (p Plan) expect(path *Path, now time.Time) (planned, earned float64) {
	if path == nil {
		return -1, -1
	}
	planned, earned = path.From, path.From
	last := path.From
	for _, pt := range path.Points {
		if !pt.At.After(now) {
			planned = pt.Score
		}
		if m, ok := p.milestone(pt.What); ok && !m.Done.IsZero() {
			earned -= last - pt.Score
		}
		last = pt.Score
	}
	return planned, earned
}

// order warns of milestones that are due before what they wait for.
func (p Plan) order() []riskscore.Warning {
	out := []riskscore.Warning{}
	for _, m := range p.Milestones {
		for _, a := range m.After {
			if b, ok := p.milestone(a); ok && !m.Due.IsZero() && m.Due.Before(b.Due) {
				out = append(out, riskscore.Warning{Key: "order", Says: fmt.Sprintf("%s is due before %s, which it waits for", m.ID, a)})
			}
		}
	}
	return out
}

// skipped lists the quarters in which an approved course had a key result that is
// neither done nor still due there, and that no acceptance covers: handbook 1.9.
func (s *Sight) skipped() []string {
	var out []string
	if !s.Profile.Register.Plan.Skip {
		return nil
	}
	for _, path := range s.Plan.Paths {
		for _, pt := range path.Points {
			q := quarter(pt.At)
			if !slices.Contains(out, q) && s.Plan.skips(pt.What, q, s.Now) && !s.covered(q) {
				out = append(out, q)
			}
		}
	}
	slices.Sort(out)
	return out
}

// skips reports whether a key result that was planned for the quarter is not done,
// and no other is done or will be due in it.
func (p Plan) skips(name, q string, now time.Time) bool {
	if m, ok := p.milestone(name); ok && !m.Done.IsZero() {
		return false
	}
	for _, m := range p.Milestones {
		if !m.KeyResult {
			continue
		}
		if quarter(m.Done) == q || m.Done.IsZero() && quarter(m.Due) == q && q >= quarter(now) {
			return false
		}
	}
	return true
}

// covered reports whether an acceptance of the delay is in force.
func (s *Sight) covered(q string) bool {
	return slices.ContainsFunc(s.Decisions, func(d *Decision) bool { return d.Kind == DecideAccept && d.Quarter == q && d.State == StateActive })
}

// quarter is the calendar quarter of a day: 2027 Q1; the zero time has none.
func quarter(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	return fmt.Sprintf("%d Q%d", t.Year(), (int(t.Month())+2)/3)
}

// Course is the planned course of a risk's score.
type Course struct {
	Path     *Path               `json:"path,omitempty"` // in force; without one, what approving the plan would fix
	Approved bool                `json:"approved"`
	Planned  float64             `json:"planned"`       // score to expect today by the dates; -1 is none
	Earned   float64             `json:"earned"`        // score to expect by the key results that are done; -1 is none
	Old      []Path              `json:"old,omitempty"` // earlier ones, oldest first
	Warnings []riskscore.Warning `json:"warnings"`
	Skipped  []string            `json:"skipped,omitempty"` // quarters that want an acceptance
	Lacks    []string            `json:"lacks,omitempty"`   // what the plan needs before it is approved
}

// CoursePlan returns the planned course of the score, with what to look at in it.
func (s *Risks) CoursePlan(ctx context.Context, id ref.ID) (c *Course, err error) {
	x, err := s.Page(ctx, id, false)
	if err != nil {
		return nil, err
	}
	return x.Course, nil
}

// planned is the planned course of a risk that was read whole.
func (s *Risks) planned(v *gate.View, f *Full, x *Sight) (c *Course, err error) {
	now := f.Standing
	if v.IsStaff() && len(f.Plan.Milestones) > 0 {
		open, err := openStanding(v, f.ID)
		if err != nil {
			return nil, err
		}
		now = open.Standing
	}
	c = &Course{Approved: len(x.unapproved()) == 0 && len(f.Plan.Paths) > 0, Skipped: x.skipped(), Lacks: f.Plan.lacks()}
	c.Path, c.Warnings, err = f.Plan.course(now, float64(x.Appetite.UpTo), s.Profile.Register.Plan.Years, v.Now)
	c.Warnings = append(c.Warnings, f.fits(s.Profile, now.Rating)...)
	c.Old = f.Plan.Paths
	if n := len(c.Old); c.Approved {
		c.Path, c.Old = &c.Old[n-1], c.Old[:n-1]
	}
	c.Planned, c.Earned = f.Plan.expect(c.Path, v.Now)
	return c, err
}
