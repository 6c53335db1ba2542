package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Full is a case with all that its page shows.
type Full struct {
	*Case
	Around
	Clocks []clock.State    `json:"clocks"`
	Dates  clock.DueDates   `json:"dates"` // by the vulnerability SLA
	Moves  []Next           `json:"moves"` // that leave its stage, and that the reader's roles allow or could
	Said   []thread.Message `json:"messages"`
	Files  []evidence.File  `json:"files"`
	May    map[string]bool  `json:"may"` // verb -> whether the reader's roles cover it here

	RCANeeds []Held `json:"rca_needs,omitempty"` // what the root cause analysis must hold, while it is under way
}

// Next is a move that leaves the case's stage, with what it still lacks.
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

// full reads all that a case's page shows, in six statements.
func (s *Cases) full(v *gate.View, id ref.ID) (*Full, error) {
	f, err := s.most(v, id)
	if err == nil {
		f.Files, err = evidence.On(v, false, f.subjects()...)
	}
	return f, err
}

// most is full without the files.
func (s *Cases) most(v *gate.View, id ref.ID) (*Full, error) {
	c, err := get(v, id)
	if err != nil {
		return nil, err
	}
	a, err := around(v, c)
	if err != nil {
		return nil, err
	}
	f := &Full{Case: c, Around: *a, Clocks: c.Clocks(s.Profile, v.Now), Dates: c.dates(s.Profile, v.Now), May: map[string]bool{}}
	if f.Said, err = thread.On(v, false, f.subjects()...); err != nil {
		return nil, err
	}
	for _, verb := range slices.Concat(verbs, rcaVerbs) {
		f.May[string(verb)] = v.May(verb, id)
	}
	f.Moves = s.next(v, f)
	if c.RCA.State == RCATodo {
		f.RCANeeds = s.rcaHeld(&Sight{Case: c, Profile: s.Profile, Now: v.Now}, s.Profile.RCA.Needs)
	}
	f.hide(v)
	return f, nil
}

// hide takes away what only those may read who may read the reports: who reported
// it, and what was said with them. A component's owner works without it.
func (f *Full) hide(v *gate.View) {
	hidden := map[ref.ID]bool{}
	for _, r := range f.Reports {
		hidden[r.ID] = v.Reads(r.ID) != nil
	}
	f.Reports = slices.DeleteFunc(f.Reports, func(r Report) bool { return hidden[r.ID] })
	f.Said = slices.DeleteFunc(f.Said, func(m thread.Message) bool { return hidden[m.Subject] })
}

// subjects are the records whose conversation is the case's.
func (f *Full) subjects() []ref.ID {
	out := []ref.ID{f.ID}
	for _, r := range f.Reports {
		out = append(out, r.ID)
	}
	return out
}

var verbs = []access.Verb{VerbRead, VerbEdit, VerbAssign, VerbNote, VerbMessage, VerbAttach, VerbScore, VerbVote, VerbFix, VerbPause, VerbExtend,
	VerbShare, VerbEmbargo, VerbMark, VerbLink, VerbCredit, VerbAccept, "advisory.draft", "case.label"}

// sight gathers the facts that needs look at.
func (s *Cases) sight(c *Case, a *Around, lastOut, now time.Time) *Sight {
	x := &Sight{Case: c, Profile: s.Profile, Now: now, Lines: a.Lines, HasReports: len(a.Reports) > 0}
	for _, d := range a.Advisories {
		x.Approved, x.Published = x.Approved || d.Approved, x.Published || d.Published
	}
	x.Told = !lastOut.IsZero() && !lastOut.Before(c.releasedAt())
	return x
}

// releasedAt is when the release was recorded, or the opening.
func (c *Case) releasedAt() time.Time {
	for _, e := range slices.Backward(c.events) {
		if e.Name == "released" {
			return e.At
		}
	}
	return c.Opened
}

func (s *Cases) next(v *gate.View, f *Full) []Next {
	last := time.Time{}
	for _, m := range f.Said {
		if m.Side == thread.Out {
			last = m.At
		}
	}
	x := s.sight(f.Case, &f.Around, last, v.Now)
	var out []Next
	for _, mv := range s.Profile.Lifecycle("case").Allowed(f.Stage) {
		n := Next{Move: mv, May: v.May(access.Verb(mv.Verb), f.ID)}
		for _, w := range mv.Needs {
			known := needs[w]
			h := Held{fault.Need{Word: w, Link: known.link}, known.has(x)}
			h.Says = known.says(x)
			n.Needs = append(n.Needs, h)
		}
		out = append(out, n)
	}
	return out
}

// Step is what comes with a move.
type Step struct {
	Version     int    `json:"version,omitempty"` // of the row that the mover saw
	Reason      string `json:"reason,omitempty"`
	Disposition string `json:"disposition,omitempty"`
	Answer      string `json:"answer,omitempty"`  // to the reporter, when it ends here
	Verdict     string `json:"verdict,omitempty"` // of the validation
	Note        string `json:"note,omitempty"`    // of the acceptance
}

// MaxNote is how long a reason or a note may be, in bytes.
const MaxNote = 4000

// Move takes the case one step along its life cycle, with everything that
// follows from it, or answers with all that is missing.
func (s *Cases) Move(ctx context.Context, id ref.ID, verb access.Verb, step Step) error {
	if !slices.Contains(s.Profile.Lifecycle("case").Verbs(), string(verb)) {
		return fault.New(fault.Invalid, "%s is no move of a case; its moves are: %s", verb, strings.Join(s.Profile.Lifecycle("case").Verbs(), ", "))
	}
	if err := step.check(s); err != nil {
		return err
	}
	return s.change(ctx, verb, id, step.Version, func(tx *gate.Tx, c *Case) error {
		tx.Reason(step.Reason)
		return s.take(tx, c, verb, step)
	})
}

func (st *Step) check(s *Cases) error {
	var fs fault.Fields
	var err error
	if st.Reason, err = thread.Clean("reason", st.Reason, MaxNote); err != nil {
		fs.Add("reason", "%s", fault.Of(err).Says)
	}
	st.Note = thread.Cleaned(&fs, "note", st.Note, MaxNote)
	if st.Answer, err = thread.Clean("answer", st.Answer, thread.MaxText); err != nil {
		fs.Add("answer", "%s", fault.Of(err).Says)
	}
	if _, ok := s.Profile.Disposition(st.Disposition); st.Disposition != "" && !ok {
		fs.Add("disposition", "%q is no disposition of the profile", st.Disposition)
	}
	thread.Word(&fs, "verdict", st.Verdict, names(s.Profile.Validations))
	return fs.Err()
}

func (s *Cases) take(tx *gate.Tx, c *Case, verb access.Verb, step Step) error {
	if err := s.bring(tx, c, verb, step); err != nil {
		return err
	}
	a, err := around(&tx.View, c)
	if err != nil {
		return err
	}
	last, err := lastOut(&tx.View, c.ID)
	if err != nil {
		return err
	}
	x := s.sight(c, a, gate.Time(last), tx.Now)
	mv, missing, err := s.Profile.Lifecycle("case").Take(c.Stage, string(verb), func(w string) bool { return needs[w].has(x) })
	if len(missing) > 0 {
		f := fault.Of(err)
		f.Needs = x.lacks(missing)
		return f
	}
	if err != nil {
		return err
	}
	if mv.Reason && step.Reason == "" {
		return fault.At("reason", "%s wants a reason; write a sentence for those who read this later", strings.ToLower(mv.Title))
	}
	c.walk(s, mv, tx.Now)
	return s.follow(tx, c, a, mv)
}

// bring takes in what came with the move, before its needs are asked: only what
// this move asks for, so that nobody slips into one what only another may decide.
func (s *Cases) bring(tx *gate.Tx, c *Case, verb access.Verb, step Step) error {
	asks := func(word string) bool {
		return slices.ContainsFunc(s.Profile.Lifecycle("case").Moves, func(mv lifecycle.Move) bool {
			return mv.Verb == string(verb) && slices.Contains(mv.Needs, word)
		})
	}
	if d, _ := s.Profile.Disposition(step.Disposition); step.Disposition != "" && len(d.Verbs) > 0 && !slices.Contains(d.Verbs, string(verb)) {
		return fault.At("disposition", "%s does not go with this step; it goes with %s", d.Title, strings.Join(d.Verbs, ", "))
	}
	if step.Disposition != "" && asks("disposition") {
		c.Disposition = step.Disposition
	}
	if step.Answer != "" && asks("answer") {
		c.Answer = step.Answer
	}
	if step.Verdict != "" && asks("verdict") {
		c.Validation.Verdict, c.Validation.By, c.Validation.At, c.Validation.Note = step.Verdict, tx.Actor.ID, tx.Now, step.Reason
	}
	if step.Note != "" && asks("acceptance") {
		c.Acceptance = Acceptance{Note: step.Note, By: tx.Actor.ID, At: tx.Now}
	}
	return nil
}

// walk carries the move out on the case and records its events.
func (c *Case) walk(s *Cases, mv lifecycle.Move, now time.Time) {
	if !mv.Stays() {
		c.record(now, "leave:"+c.Stage, nil)
		c.record(now, "enter:"+mv.To, nil)
	}
	if mv.Loop {
		c.again()
	}
	c.Stage = mv.To
	for _, l := range mv.Clears {
		c.clear(l)
	}
	for _, l := range mv.Sets {
		c.set(l, "")
	}
	stage, _ := s.Profile.Lifecycle("case").Stage(c.Stage)
	c.Closed = stage.Terminal
}

// again takes back what was decided for the round that has ended. After the end of
// the case that is how it ended, too.
func (c *Case) again() {
	c.Validation = Validation{}
	if !c.Closed {
		c.Loops++
		return
	}
	c.Disposition, c.Answer, c.Acceptance, c.Release = "", "", Acceptance{}, Release{}
}

func (c *Case) set(label, why string) {
	if !c.Has(label) {
		c.Labels = append(c.Labels, label)
		slices.Sort(c.Labels)
	}
	if why != "" {
		if c.LabelNotes == nil {
			c.LabelNotes = map[string]string{}
		}
		c.LabelNotes[label] = why
	}
}

func (c *Case) clear(label string) {
	c.Labels = slices.DeleteFunc(c.Labels, func(l string) bool { return l == label })
	delete(c.LabelNotes, label)
}

// unlabel takes away the side labels that end with what was recorded since there were
// so many events: the reporter answers, and nobody waits for them any more.
func (c *Case) unlabel(m *lifecycle.Machine, since int) {
	for _, e := range c.events[min(since, len(c.events)):] {
		for _, label := range m.Labels {
			if slices.Contains(label.Ends, e.Name) {
				c.clear(label.Name)
			}
		}
	}
}

// Effects lists the words that a case's life cycle may use under does.
func Effects() []string {
	return []string{"tell:reporter", "tell:owner", "tell:team", "event:released", "event:published", "event:closed", "event:mitigated", "lift:embargo", "refresh:due"}
}

// follow does what follows from a move: events at once, everything that reaches
// somebody as a job in the same transaction.
func (s *Cases) follow(tx *gate.Tx, c *Case, a *Around, mv lifecycle.Move) error {
	for _, effect := range mv.Does {
		kind, what, _ := strings.Cut(effect, ":")
		switch kind {
		case "event":
			at := tx.Now
			if what == "released" {
				at = c.outAt(tx.Now)
			}
			c.record(at, what, nil)
		case "lift":
			c.Embargo, c.Held = time.Time{}, false
		case "tell":
			if err := s.tell(tx, c, a, effect, mv); err != nil {
				return err
			}
		}
	}
	return nil
}

// outAt is when the release counts as made: on its date, and not before the case
// was opened, since its clocks begin there.
func (c *Case) outAt(now time.Time) time.Time {
	at := c.Release.Date
	switch {
	case at.IsZero() || at.After(now):
		return now
	case at.Before(c.Opened):
		return c.Opened
	}
	return at
}

// answer sends the answer that was written for this move to the reporters; where
// there is none, the profile's own message goes out.
func (s *Cases) answer(tx *gate.Tx, c *Case, a *Around, mv lifecycle.Move) error {
	if len(a.Reports) == 0 {
		return nil
	}
	if c.Answer == "" || !slices.Contains(mv.Needs, "answer") {
		return tx.Later("tell:reporter", tx.Now, "", Told{Case: c.ID, What: mv.Verb})
	}
	return s.write(tx, c, a, c.Answer)
}

func (s *Cases) tell(tx *gate.Tx, c *Case, a *Around, effect string, mv lifecycle.Move) error {
	if effect == "tell:reporter" {
		return s.answer(tx, c, a, mv)
	}
	return tx.Later(effect, tx.Now, "", Told{Case: c.ID, What: mv.Verb, From: tx.Actor.ID})
}
