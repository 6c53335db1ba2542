package risk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Full is a risk with all that its page shows.
type Full struct {
	*Risk
	Clocks      []clock.State     `json:"clocks"`
	Moves       []Next            `json:"moves"` // that leave its stage
	Items       []Item            `json:"items"` // evidence that the reader may open
	Priority    Priority          `json:"priority,omitzero"`
	Fall        *Fall             `json:"fall,omitempty"`   // of the rating, that no review has looked at yet
	Hidden      int               `json:"hidden,omitempty"` // items that count and that the reader may not open
	Evaluations []*Evaluation     `json:"evaluations"`      // oldest first
	Decisions   []*Decision       `json:"decisions"`        // newest first
	Reviews     []Reviewed        `json:"reviews"`          // newest first
	Indicators  []Indicator       `json:"indicators"`
	Links       []Link            `json:"links"`
	Groups      []recurrence.Key  `json:"groups"`            // of cases, that it covers
	Choices     []LeaderChoice    `json:"choices,omitempty"` // of leaders, that stand, newest period first
	Shown       []Shown           `json:"shown"`             // who is named on it
	Said        []thread.Message  `json:"messages"`
	Files       []evidence.File   `json:"files"`
	Appetite    Appetite          `json:"appetite"` // in force
	Verdicts    []Verdict         `json:"health"`   // derived, beside what was set
	Scales      Scales            `json:"-"`        // of the score in force
	Persons     map[ref.ID]Person `json:"persons"`
	May         map[string]bool   `json:"may"` // verb -> whether the reader's roles cover it here
}

// Reviewed is a review of the risk that was recorded: package review's.
type Reviewed struct {
	ID      ref.ID    `json:"id"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	By      ref.ID    `json:"by"`
	Name    string    `json:"name"`
	Next    time.Time `json:"next,omitzero"`
	Meeting ref.ID    `json:"meeting,omitempty"` // in which it was reviewed
}

// LeaderChoice is a period for which a department's leader chose the risk.
type LeaderChoice struct {
	Department string `json:"department"`
	Period     string `json:"period"`
	State      string `json:"state"` // candidate, returned, approved
}

// Person is somebody who is named on a risk.
type Person struct {
	Name  string `json:"name"`
	Level string `json:"level,omitempty"`
}

// Next is a move that leaves the risk's stage, with what it still lacks.
type Next struct {
	lifecycle.Move
	May   bool   `json:"may"`
	Needs []Held `json:"needs"`
}

// Held is one need of a move and whether it holds.
type Held struct {
	fault.Need
	Holds bool `json:"holds"`
}

// Get returns one risk with all that its page shows.
func (s *Risks) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err = v.Allow(VerbRead, id); err == nil {
			f, err = s.full(v, id)
		}
		return err
	})
	return f, err
}

func (s *Risks) full(v *gate.View, id ref.ID) (*Full, error) {
	r, err := get(v, id)
	if err != nil {
		return nil, err
	}
	f := &Full{Risk: r, Clocks: r.Clocks(s.Profile, v.Now), May: map[string]bool{}}
	for _, part := range []func(*gate.View, *Full) error{s.fillScores, s.fillAround} {
		if err := part(v, f); err != nil {
			return nil, err
		}
	}
	for _, verb := range verbs {
		f.May[string(verb)] = v.May(verb, id)
	}
	x, err := s.sight(v, r, f)
	if err != nil {
		return nil, err
	}
	f.Verdicts, f.Priority = x.Verdicts, r.priority(s.Profile, r.Standing.Rating)
	f.Moves = s.next(v, x)
	f.Hold.On = ""
	if fall, ok := r.Fallen(v.Now); ok && v.IsStaff() {
		f.Fall = &fall
	}
	if world(v) == "" {
		f.discreet()
	}
	return f, nil
}

// fillScores reads evidence, evaluations and what the reader's world makes of them.
func (s *Risks) fillScores(v *gate.View, f *Full) (err error) {
	w := world(v)
	if err = ledger(v, f, w); err != nil {
		return err
	}
	f.Appetite = s.appetiteBy(f.Risk.appetite)
	f.Hidden = redact(f.Evaluations, f.Items)
	f.Scales = ScalesOf(s.Profile)
	if w == "" {
		return s.byWhatIsSeen(v, f)
	}
	for _, e := range f.Evaluations {
		if e.World == w && e.Scale != f.Scales.Version && e.Scale != "" {
			f.Scales, err = s.scales(v, e.Scale)
		}
	}
	return err
}

func (s *Risks) fillAround(v *gate.View, f *Full) (err error) {
	if err = beside(v, f); err != nil {
		return err
	}
	return said(v, f)
}

// redact takes the items out of the evaluations that the reader may not open,
// leaving their number, and returns how many the newest has.
func redact(es []*Evaluation, seen []Item) (hidden int) {
	open := map[ref.ID]bool{}
	for _, it := range seen {
		open[it.ID] = true
	}
	for _, e := range es {
		n := len(e.Items)
		e.Items = slices.DeleteFunc(e.Items, func(c Counted) bool { return !open[c.ID] })
		e.Excluded = slices.DeleteFunc(e.Excluded, func(c Counted) bool { return !open[c.ID] })
		e.Hidden = n - len(e.Items)
		e.hush()
		if e.World != WorldBase {
			hidden = e.Hidden
		}
	}
	return hidden
}

// hush takes the names of what the reader may not open out of the arithmetic,
// leaving its number.
func (e *Evaluation) hush() {
	if e.Hidden == 0 {
		return
	}
	var open []string
	for _, it := range e.Items {
		open = append(open, it.About)
	}
	says := strings.TrimPrefix(strings.Join(open, ", ")+fmt.Sprintf(", and %d more that you may not open", e.Hidden), ", ")
	e.Steps = slices.Clone(e.Steps)
	for i := range e.Steps {
		switch e.Steps[i].Key {
		case "evidence.count":
			e.Steps[i].Note = says
		case "evidence.points":
			e.Steps[i].Note = "of all that count, by kind and severity"
		}
	}
}

// byWhatIsSeen computes the standing for somebody from outside: from the evidence
// that they may open, and nothing else.
func (s *Risks) byWhatIsSeen(v *gate.View, f *Full) error {
	judged, err := judgements(v, f.ID)
	if err != nil {
		return err
	}
	found := judged.foundation()
	f.Standing = unset()
	if found == nil {
		return nil
	}
	if f.Scales, err = s.scales(v, found.Scale); err != nil {
		return err
	}
	e, err := s.adjust(f.Risk, found, f.Items, f.Scales, f.Appetite, v.Now, false)
	if err != nil {
		return err
	}
	e.World, e.At = "", v.Now
	f.Standing.take(e, f.Scales.rules(f.Appetite))
	f.Standing.Inherent, f.Standing.Residual, f.Standing.Target = scoreOf(judged, KindInherent), scoreOf(judged, KindResidual), scoreOf(judged, KindTarget)
	f.Evaluations = append(f.Evaluations, e)
	return nil
}

func scoreOf(b base, kind string) float64 {
	if e := b[kind]; e != nil {
		return e.Score
	}
	return -1
}

func (s *Risks) next(v *gate.View, x *Sight) []Next {
	var out []Next
	for _, mv := range s.machine().Allowed(x.Stage) {
		n := Next{Move: mv, May: v.May(access.Verb(mv.Verb), x.ID)}
		for _, w := range mv.Needs {
			known := needs[w]
			h := Held{fault.Need{Word: w, Link: known.link}, known.has(x)}
			h.Says = known.says(x)
			n.Needs = append(n.Needs, h)
		}
		for _, f := range x.before(mv.Verb) {
			n.Needs = append(n.Needs, Held{f, x.Fields[strings.TrimPrefix(f.Word, ownField)] != ""})
		}
		out = append(out, n)
	}
	return out
}

// Step is what comes with a move.
type Step struct {
	Version   int    `json:"version,omitempty"` // of the row that the mover saw
	Reason    string `json:"reason,omitempty"`
	Rejection string `json:"rejection,omitempty"` // why it is no risk of this register
}

// Move takes the risk one step along its life cycle, with everything that follows
// from it, or answers with all that is missing.
func (s *Risks) Move(ctx context.Context, id ref.ID, verb access.Verb, step Step) error {
	if !slices.Contains(s.machine().Verbs(), string(verb)) {
		return fault.New(fault.Invalid, "%s is no move of a risk; its moves are: %s", verb, strings.Join(s.machine().Verbs(), ", "))
	}
	var fs fault.Fields
	step.Reason, step.Rejection = thread.Cleaned(&fs, "reason", step.Reason, MaxNote), thread.Cleaned(&fs, "rejection", step.Rejection, MaxNote)
	if err := fs.Err(); err != nil {
		return err
	}
	return s.change(ctx, verb, id, step.Version, func(tx *gate.Tx, r *Risk) error {
		tx.Reason(step.Reason)
		if step.Rejection != "" {
			r.Rejection = step.Rejection
		}
		return s.take(tx, r, verb, step)
	})
}

func (s *Risks) take(tx *gate.Tx, r *Risk, verb access.Verb, step Step) error {
	x, err := s.sight(&tx.View, r, nil)
	if err != nil {
		return err
	}
	mv, missing, err := s.machine().Take(r.Stage, string(verb), func(w string) bool { return needs[w].has(x) })
	if err != nil && len(missing) == 0 {
		return err
	}
	if more := x.unfilled(string(verb)); len(missing)+len(more) > 0 {
		return &fault.Fault{Kind: fault.Missing, Says: fmt.Sprintf("%s still needs: %s", verb, wanted(missing, more)), Needs: append(x.lacks(missing), more...)}
	}
	if mv.Reason && step.Reason == "" {
		return fault.At("reason", "%s wants a reason; write a sentence for those who read this later", strings.ToLower(mv.Title))
	}
	r.walk(s.machine(), mv, tx.Now)
	if r.Has(s.labels().Blocked) && r.Blocked.Reason == "" {
		r.Blocked = Blocked{Reason: step.Reason, By: tx.Actor.ID, At: tx.Now}
		r.record(tx.Now, "paused", map[string]string{"reason": step.Reason})
	}
	return s.follow(tx, r, mv)
}

// walk carries the move out on the risk and records its events.
func (r *Risk) walk(m *lifecycle.Machine, mv lifecycle.Move, now time.Time) {
	if !mv.Stays() {
		r.record(now, "leave:"+r.Stage, nil)
		r.record(now, "enter:"+mv.To, nil)
	}
	r.record(now, "updated", nil)
	r.Stage = mv.To
	for _, l := range mv.Clears {
		r.clear(l)
	}
	for _, l := range mv.Sets {
		r.set(l, "")
	}
	stage, _ := m.Stage(r.Stage)
	if r.Closed && !stage.Terminal {
		r.Closing, r.Rejection = Closing{}, ""
	}
	r.Closed = stage.Terminal
}

func (r *Risk) set(label, why string) {
	if !r.Has(label) {
		r.Labels = append(slices.Clone(r.Labels), label)
		slices.Sort(r.Labels)
	}
	if why != "" {
		notes := map[string]string{label: why}
		for k, v := range r.LabelNotes {
			if k != label {
				notes[k] = v
			}
		}
		r.LabelNotes = notes
	}
}

func (r *Risk) clear(label string) {
	r.Labels = slices.DeleteFunc(slices.Clone(r.Labels), func(l string) bool { return l == label })
	delete(r.LabelNotes, label)
}

// Effects lists the words that a risk's life cycle may use under does.
func Effects() []string {
	return []string{"tell:owner", "tell:team", "event:closed", "review:schedule"}
}

// follow does what follows from a move: events at once, everything that reaches
// somebody as a job in the same transaction.
func (s *Risks) follow(tx *gate.Tx, r *Risk, mv lifecycle.Move) error {
	for _, effect := range mv.Does {
		kind, what, _ := strings.Cut(effect, ":")
		switch kind {
		case "event":
			r.record(tx.Now, what, nil)
		case "review":
			open, err := openStanding(&tx.View, r.ID)
			if err != nil {
				return err
			}
			r.Review = s.nextReview(open, tx.Now)
		case "tell":
			if err := tx.Later("tell:risk-"+what, tx.Now, "", Told{Risk: r.ID, What: mv.Verb, From: tx.Actor.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextReview is when a risk is looked at again: by the rating that all staff see, since
// they see the day.
func (s *Risks) nextReview(open OpenStanding, now time.Time) time.Time {
	days := s.Profile.Register.Cadence.ReviewDays[open.Rating]
	if days == 0 {
		days = s.Profile.Register.Cadence.ScoreDays
	}
	return now.AddDate(0, 0, days)
}
