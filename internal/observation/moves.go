package observation

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Sight is an observation with the facts around it that its needs look at.
type Sight struct {
	*Observation
	Profile *profile.Profile
	Actor   access.Actor
	Now     time.Time
	Files   int
}

// need is one word that the life cycle may ask for before a move.
type need struct {
	has  func(s *Sight) bool
	says func(s *Sight) string
	link string // where it is filled in, on the observation's page
}

func text(s string) func(*Sight) string { return func(*Sight) string { return s } }

// needs is every word that an observation's life cycle may use under needs.
var needs = map[string]need{
	"described": {func(s *Sight) bool { return len(s.undescribed()) == 0 }, func(s *Sight) string {
		return "what was found in four parts; missing: " + strings.Join(s.undescribed(), ", ")
	}, "#statement"},
	"rated":    {func(s *Sight) bool { return s.Rating != "" }, text("a rating by likelihood and impact"), "#rating"},
	"owner":    {func(s *Sight) bool { return s.Owner != "" }, text("an owner"), "#owner"},
	"evidence": {func(s *Sight) bool { return len(s.Proof) > 0 || s.Files > 0 }, text("something that shows the remediation: a text or a file"), "#proof"},
	"second-person": {(*Sight).second,
		text("a second person: neither the owner nor whoever said that it is remediated"), "#decide"},
	"acceptance-approved": {func(s *Sight) bool { return s.Acceptance.approved(s) }, func(s *Sight) string {
		return "an acceptance with every approval that its rating wants" + s.Acceptance.missing(s)
	}, "#acceptance"},
}

// second reports whether the actor is a second person to the remediation: neither the
// owner nor whoever said that it is done.
func (s *Sight) second() bool {
	first := access.Hands{}.And(s.Remediated.Who, s.Remediated.Maker, s.Owner)
	return access.Second{Gives: "the acceptance of a remediation", Did: "you own it, or said that it is remediated", First: first}.Refuse(s.Actor) == nil
}

// Needs lists the words that an observation's life cycle may ask for.
func Needs() []string { return slices.Sorted(maps.Keys(needs)) }

// Effects lists the words that an observation's life cycle may use under does.
func Effects() []string {
	return []string{"tell:owner", "tell:team", "event:closed", "review:schedule"}
}

// undescribed lists which of the four parts are missing.
func (o *Observation) undescribed() (out []string) {
	for _, x := range [...]struct{ name, text string }{{"condition", o.Condition}, {"criteria", o.Criteria}, {"cause", o.RootCause}, {"consequence", o.Consequence}} {
		if x.text == "" {
			out = append(out, x.name)
		}
	}
	return out
}

// Full is an observation with all that its page shows.
type Full struct {
	*Observation
	Moves  []Next            `json:"moves"` // that leave its stage
	Risks  []Link            `json:"risks"` // that it was taken up into and that the reader may see
	Said   []thread.Message  `json:"messages"`
	Files  []evidence.File   `json:"files"`
	People map[ref.ID]string `json:"people"`
	May    map[string]bool   `json:"may"` // verb -> whether the reader's roles cover it here
}

// Link is a risk that an observation was taken up into.
type Link struct {
	ID     ref.ID `json:"id"`
	Title  string `json:"title"`
	Closed bool   `json:"closed,omitempty"`
}

// Next is a move that leaves the observation's stage, with what it still lacks.
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

// Get returns one observation with all that its page shows.
func (s *Observations) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		f, err = s.full(v, id)
		return err
	})
	return f, err
}

func (s *Observations) full(v *gate.View, id ref.ID) (*Full, error) {
	o, err := get(v, id)
	if err != nil {
		return nil, err
	}
	f := &Full{Observation: o, May: map[string]bool{}}
	if f.Risks, err = risksOf(v, id); err != nil {
		return nil, err
	}
	if f.Said, err = thread.On(v, false, id); err != nil {
		return nil, err
	}
	if f.Files, err = evidence.On(v, false, id); err != nil {
		return nil, err
	}
	if f.People, err = namesOf(v, o.everybody()); err != nil {
		return nil, err
	}
	for _, verb := range []access.Verb{VerbRead, VerbEdit, VerbUpgrade, VerbAccept} {
		f.May[string(verb)] = v.May(verb, id)
	}
	x := &Sight{Observation: o, Profile: s.Profile, Actor: v.Actor, Now: v.Now, Files: len(f.Files)}
	for _, mv := range s.machine().Allowed(o.Stage) {
		n := Next{Move: mv, May: v.May(access.Verb(mv.Verb), id)}
		for _, w := range mv.Needs {
			n.Needs = append(n.Needs, Held{fault.Need{Word: w, Says: needs[w].says(x), Link: needs[w].link}, needs[w].has(x)})
		}
		f.Moves = append(f.Moves, n)
	}
	return f, nil
}

// everybody lists whom the observation speaks of.
func (o *Observation) everybody() (out []ref.ID) {
	add := func(who ref.ID) {
		if who.Kind() == "person" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	add(o.Owner)
	add(o.Remediated.Who)
	for _, p := range o.Proof {
		add(p.By)
	}
	if o.Acceptance != nil {
		add(o.Acceptance.By)
	}
	return out
}

// Step is what comes with a move.
type Step struct {
	Version int    `json:"version,omitempty"` // of the row that the mover saw
	Reason  string `json:"reason,omitempty"`
	Proof   string `json:"proof,omitempty"` // of the remediation
}

// Move takes the observation one step along its life cycle, or answers with all
// that is missing.
func (s *Observations) Move(ctx context.Context, id ref.ID, verb access.Verb, step Step) error {
	if !slices.Contains(s.machine().Verbs(), string(verb)) {
		return fault.New(fault.Invalid, "%s is no move of an observation; its moves are: %s", verb, strings.Join(s.machine().Verbs(), ", "))
	}
	reason, err := thread.Clean("reason", step.Reason, MaxNote)
	if err != nil {
		return err
	}
	return s.change(ctx, verb, id, step.Version, func(tx *gate.Tx, o *Observation) error {
		tx.Reason(reason)
		if step.Proof != "" {
			if err := o.prove(tx, step.Proof); err != nil {
				return err
			}
		}
		return s.take(tx, o, verb, reason)
	})
}

func (s *Observations) take(tx *gate.Tx, o *Observation, verb access.Verb, reason string) error {
	files, err := evidence.On(&tx.View, false, o.ID)
	if err != nil {
		return err
	}
	x := &Sight{Observation: o, Profile: s.Profile, Actor: tx.Actor, Now: tx.Now, Files: len(files)}
	mv, missing, err := s.machine().Take(o.Stage, string(verb), func(w string) bool { return needs[w].has(x) })
	if len(missing) > 0 {
		f := fault.Of(err)
		f.Needs = nil
		for _, w := range missing {
			f.Needs = append(f.Needs, fault.Need{Word: w, Says: needs[w].says(x), Link: needs[w].link})
		}
		return f
	}
	if err != nil {
		return err
	}
	if mv.Reason && reason == "" {
		return fault.At("reason", "%s wants a reason; write a sentence for those who read this later", strings.ToLower(mv.Title))
	}
	o.walk(s.machine(), mv, By{tx.Actor.ID, tx.Now, tx.Actor.Maker}, reason)
	return s.follow(tx, o, mv)
}

// walk carries the move out on the observation.
func (o *Observation) walk(m *lifecycle.Machine, mv lifecycle.Move, by By, reason string) {
	o.Stage, o.Said = mv.To, reason
	for _, l := range mv.Clears {
		o.clear(l)
	}
	for _, l := range mv.Sets {
		o.set(l, "")
	}
	stage, _ := m.Stage(mv.To)
	if slices.ContainsFunc(m.Allowed(mv.To), func(next lifecycle.Move) bool { return slices.Contains(next.Needs, "second-person") }) {
		o.Remediated = by
	}
	if o.Closed && !stage.Terminal {
		o.Acceptance, o.Review = nil, time.Time{}
	}
	o.Closed = stage.Terminal
}

// follow does what follows from a move: what reaches somebody is a job in the same
// transaction.
func (s *Observations) follow(tx *gate.Tx, o *Observation, mv lifecycle.Move) error {
	for _, effect := range mv.Does {
		switch kind, what, _ := strings.Cut(effect, ":"); kind {
		case "tell":
			if err := s.tell(tx, o, what, access.Verb(mv.Verb)); err != nil {
				return err
			}
		case "review":
			o.Review = tx.Now.AddDate(0, s.Profile.Register.Acceptance.Review[s.riskRating(o)], 0)
		}
	}
	return nil
}
