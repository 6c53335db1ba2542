package risk

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// What a decision decides.
const (
	DecideAccept    = "accept"    // the risk is borne, or a quarter without a key result
	DecidePlan      = "plan"      // the plan is approved
	DecideMonitor   = "monitor"   // the risk is watched within tolerance
	DecideClose     = "close"     // the evidence of its end is validated
	DecideEscalate  = "escalate"  // it is proposed for the register above
	DecideDowngrade = "downgrade" // a lower rating, which another person reviews
)

// The states of a decision.
const (
	StateAsked   = "asked"   // approvals are missing
	StateActive  = "active"  // in force
	StateStale   = "stale"   // what it was taken on has changed
	StateDue     = "due"     // its review or its end has passed: it needs a decision
	StateEnded   = "ended"   // taken back or overtaken
	StateRefused = "refused" // somebody who may approve it said no
)

// labels are the side labels that follow from what is decided, by their roles.
func (s *Risks) labels() profile.Marks { return s.Profile.Register.Labels }

// Decision is something that was decided about a risk, bound to the exact state on
// which it was decided.
type Decision struct {
	ID      ref.ID    `json:"id"`
	Risk    ref.ID    `json:"risk"`
	Kind    string    `json:"kind"`  // accept, plan, monitor, close, escalate, downgrade
	State   string    `json:"state"` // asked, active, stale, due, ended, refused
	At      time.Time `json:"at"`
	Until   time.Time `json:"until,omitzero"`
	Review  time.Time `json:"review,omitzero"` // the next one
	Hash    string    `json:"hash"`            // SHA-256 of the snapshot
	Author  ref.ID    `json:"author"`          // who asked
	Version int       `json:"version"`
	DecisionBody

	guard    ref.ID // the record that says who sees it: the risk, or evidence that is hidden
	audience string
}

// DecisionBody is what a decision holds besides.
type DecisionBody struct {
	Name          string           `json:"name,omitempty"` // of the author
	Reason        string           `json:"reason,omitempty"`
	Preset        string           `json:"preset,omitempty"`        // of acceptance
	Description   string           `json:"description,omitempty"`   // of the risk that is accepted
	Justification string           `json:"justification,omitempty"` // why it is borne
	Controls      string           `json:"controls,omitempty"`      // that compensate
	Residual      float64          `json:"residual,omitempty"`
	Rating        string           `json:"rating,omitempty"`
	Months        int              `json:"months,omitempty"`
	Quarter       string           `json:"quarter,omitempty"` // that is skipped
	Wanted        []string         `json:"wanted,omitempty"`  // levels whose approval the rating wants
	Owner         bool             `json:"owner,omitempty"`   // and the business owner's
	Approvals     []Approval       `json:"approvals,omitempty"`
	Snapshot      map[string]any   `json:"snapshot"`          // the material fields, as they were
	Changed       []string         `json:"changed,omitempty"` // material fields that changed since
	Reviews       []DecisionReview `json:"reviews,omitempty"`
	Maker         ref.ID           `json:"maker,omitempty"`    // of the token that asked
	Asker         ref.ID           `json:"asker,omitempty"`    // of this round of approvals
	Renewing      bool             `json:"renewing,omitempty"` // in force, and approvals are asked for again
	Pending       *Evaluation      `json:"pending,omitempty"`  // of a downgrade: what counts once it is approved
	Proof         []string         `json:"proof,omitempty"`    // of a downgrade: what shows it
	Drops         ref.ID           `json:"drops,omitempty"`    // of a downgrade: the evidence that no longer counts once it is approved
	Ends          bool             `json:"ends,omitempty"`     // of a downgrade: the override ends once it is approved
	Closing       *Closing         `json:"closing,omitempty"`  // of a closure: what was validated
}

// DecisionReview is one look at an accepted risk: six questions, and the word of
// those whose approval it wants again.
type DecisionReview struct {
	At      time.Time         `json:"at"`
	By      ref.ID            `json:"by"`
	Name    string            `json:"name"`
	Answers map[string]string `json:"answers"`
	Outcome string            `json:"outcome"` // holds, changed, remediate
	Note    string            `json:"note,omitempty"`

	Approvals []Approval `json:"approvals,omitempty"` // that stood until then
}

// Verdict is a health value that the house derived, beside the label that people
// set.
type Verdict struct {
	Domain string `json:"domain"` // owner, treatment, kri
	Light  string `json:"light"`
	Says   string `json:"says"`
	Set    string `json:"set,omitempty"`    // what the label says
	Differ string `json:"differ,omitempty"` // how they disagree, in a sentence
}

// Appetite is how much risk is borne, as it is in force.
type Appetite struct {
	Name  string    `json:"name"`
	Title string    `json:"title"`
	UpTo  int       `json:"up_to"`
	From  string    `json:"from"` // the profile, or the survey's id
	At    time.Time `json:"at,omitzero"`
}

// everybody calls add with each person whom the risk's page speaks of.
func (f *Full) everybody(add func(ref.ID)) {
	add(f.Owner)
	add(f.Security)
	for _, p := range f.Risk.People {
		add(p.Who)
	}
	for _, m := range f.Plan.Milestones {
		add(m.Owner)
	}
	for _, e := range f.Evaluations {
		add(e.Author)
	}
	for _, d := range f.Decisions {
		add(d.Author)
	}
	for _, s := range f.Shown {
		add(s.Who)
	}
	for _, who := range []ref.ID{f.Scoping.By, f.Hold.By, f.Override.By, f.Override.Approver, f.Closing.By, f.Blocked.By, f.Escalated.By} {
		add(who)
	}
}

// decide records a decision with the state that it is taken on.
func (s *Risks) decide(tx *gate.Tx, r *Risk, d *Decision) error {
	open, err := openStanding(&tx.View, r.ID)
	if err != nil {
		return err
	}
	d.ID, d.Risk, d.At, d.Author, d.Name, d.Maker = ref.New("decision"), r.ID, tx.Now, tx.Actor.ID, tx.Actor.Name, tx.Actor.Maker
	d.Asker = d.Author
	d.bind(s.Profile, r, open)
	return insertDecision(tx, r, d)
}

// bind takes the snapshot that the decision stands on. Its scores are those of the
// open world, so that hidden evidence shows in no decision.
func (d *Decision) bind(p *profile.Profile, r *Risk, open OpenStanding) {
	d.Snapshot = r.snapshot(material(p, d.Kind), open)
	d.Hash = hashOf(d.Snapshot)
}

// material lists what a decision of the kind rests on.
func material(p *profile.Profile, kind string) []string {
	words := p.Register.Acceptance.Material
	switch kind {
	case DecidePlan:
		return []string{"plan"}
	case DecideClose:
		return append(slices.Clone(words), "plan")
	case DecideDowngrade:
		return []string{"inherent", "residual", "controls"}
	}
	return words
}

// snapshot reads the named fields as they are.
func (r *Risk) snapshot(words []string, open OpenStanding) map[string]any {
	s := r.Statement
	all := map[string]any{"title": r.Title, "asset": s.Asset, "event": s.Event, "source": s.Source, "consequence": s.Consequence, "scope": r.Scope,
		"score": open.Score, "residual": open.Residual, "inherent": open.Inherent, "controls": r.controlTexts(), "owner": r.Owner, "security": r.Security,
		"plan": r.Plan.Hash()}
	out := map[string]any{}
	for _, w := range words {
		out[w] = all[w]
	}
	return out
}

// changed names the fields of the snapshot that are not as they were.
func (d *Decision) changed(r *Risk, open OpenStanding) []string {
	now := r.snapshot(slices.Collect(maps.Keys(d.Snapshot)), open)
	var out []string
	for _, w := range slices.Sorted(maps.Keys(now)) {
		if hashOf(now[w]) != hashOf(d.Snapshot[w]) {
			out = append(out, w)
		}
	}
	return out
}

// stale lets nothing stand that was decided on another state: a decision whose
// material fields changed falls, and what followed from it is undone. It runs
// before the risk is saved.
func (s *Risks) stale(tx *gate.Tx, r *Risk) error {
	ds, err := decisionsOf(&tx.View, r.ID)
	if err != nil {
		return err
	}
	r.unhold(s.labels().Blocked, tx.Now)
	if !slices.ContainsFunc(ds, (*Decision).open) {
		return nil
	}
	open, err := openStanding(&tx.View, r.ID)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if err := s.look(tx, r, d, open); err != nil {
			return err
		}
	}
	return nil
}

// open reports whether the decision is in force or waits for approvals.
func (d *Decision) open() bool { return d.State == StateAsked || d.State == StateActive }

func (s *Risks) look(tx *gate.Tx, r *Risk, d *Decision, open OpenStanding) error {
	was := d.State
	if !d.open() || d.Kind == DecideEscalate || d.Kind == DecideDowngrade && was == StateActive {
		return nil
	}
	if d.overtaken(r, s.labels().Accepted) {
		d.State = StateEnded
		return updateDecision(tx, d, was)
	}
	if d.Changed = d.changed(r, open); len(d.Changed) == 0 {
		return nil
	}
	d.State, d.Renewing = StateStale, false
	r.fell(d, was, s.labels().Accepted, tx.Now)
	if err := updateDecision(tx, d, was); err != nil {
		return err
	}
	return s.tellDecision(tx, r, d)
}

// overtaken reports whether the risk went on past the decision.
func (d *Decision) overtaken(r *Risk, accepted string) bool {
	switch d.Kind {
	case DecideAccept:
		return r.Closed || d.Quarter == "" && (d.State == StateActive && !r.Has(accepted) || d.State == StateAsked && r.Response != "" && r.Response != Accept)
	case DecideMonitor:
		return r.Closed || r.Response != Monitor
	case DecideClose:
		return r.Closing.By == ""
	}
	return r.Closed && d.State == StateAsked
}

// fell undoes what followed from a decision that no longer stands: the risk is to
// be looked at at once.
func (r *Risk) fell(d *Decision, was, accepted string, now time.Time) {
	switch {
	case d.Kind == DecideClose:
		r.Closing = Closing{}
	case d.Kind == DecideAccept && d.Quarter == "" && was == StateActive:
		r.clear(accepted)
		r.Review = now
	case d.Kind == DecideMonitor && was == StateActive:
		r.Review = now
	}
}

// tellBoth leaves word for the owners and for those who run the register.
func (s *Risks) tellBoth(tx *gate.Tx, r *Risk, what string) error {
	return leaveWord(tx, Told{Risk: r.ID, What: what, From: tx.Actor.ID})
}

// leaveWord leaves the same for the owners and for those who work on the risk.
func leaveWord(tx *gate.Tx, told Told) error {
	if err := tx.Later("tell:risk-owner", tx.Now, "", told); err != nil {
		return err
	}
	return tx.Later("tell:risk-team", tx.Now, "", told)
}

// openStanding is where the risk stands by the evidence that all staff may open.
func openStanding(v *gate.View, id ref.ID) (OpenStanding, error) {
	all, err := standings(v, id)
	return OpenStanding{all[WorldOpen]}, err
}

// decision finds a decision of the risk.
func decision(v *gate.View, r *Risk, id ref.ID, kind string) (*Decision, error) {
	ds, err := decisionsOf(v, r.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		if d.ID == id && d.Kind == kind {
			return d, nil
		}
	}
	return nil, access.NoRecord()
}

// another refuses a word of whoever asked: neither they nor a token that they made
// approves. In a round that somebody else asked for, the business owner's word is
// wanted even where they asked first.
func (d *Decision) another(a access.Actor, owner ref.ID) error {
	first := d.asked()
	if a.ID != owner {
		first = first.And(d.Author, d.Maker)
	}
	return access.Second{Gives: "the approval of a decision", Did: "you asked for this decision", First: first}.Refuse(a)
}

// asked are those who asked for this round of approvals.
func (d *Decision) asked() access.Hands {
	if d.Asker == d.Author {
		return access.Hands{}.And(d.Author, d.Maker)
	}
	return access.Hands{}.And(d.Asker)
}

// approval is the actor's yes to a content, with the level that they have now.
func approval(v *gate.View, role, hash, note string) (Approval, error) {
	_, level, _, err := person(v, v.Actor.ID)
	return Approval{By: v.Actor.ID, Name: v.Actor.Name, Role: role, Level: level, At: v.Now, Hash: hash, Note: note}, err
}

// levelTitle is how a level of management is called.
func levelTitle(p *profile.Profile, level string) string {
	for _, l := range p.Register.Levels {
		if l.Name == level {
			return l.Title
		}
	}
	return cmp.Or(level, "without a level")
}

// must reads a text that may not be empty.
func must(fs *fault.Fields, field, text, mend string) string {
	out := thread.Cleaned(fs, field, text, MaxNote)
	if out == "" {
		fs.Add(field, "%s", mend)
	}
	return out
}

// discreet takes the scores out of decisions and plans that evidence moved which
// somebody from outside may not open.
func (f *Full) discreet() {
	f.Plan.Paths = nil
	for _, d := range f.Decisions {
		delete(d.Snapshot, "score")
		d.Residual, d.Rating = -1, ""
		if !slices.ContainsFunc(f.Items, func(it Item) bool { return it.ID == d.Drops }) {
			d.Drops = ""
		}
	}
}
