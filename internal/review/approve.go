package review

import (
	"context"
	"slices"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Where a choice stands: profile.ChoiceStates, and withdrawn, which ends it.
const (
	Chosen    = "candidate" // it waits for approval
	Returned  = "returned"  // it came back with a reason
	Approved  = "approved"  // as it is
	Withdrawn = "withdrawn"
)

// stand derives where a choice stands from what is stored. An approval is of exactly
// what was chosen and of the risk as it was titled; one that was taken back has none.
func (k *Candidate) stand() {
	k.Hash = k.hash()
	switch {
	case !k.Ended.IsZero():
		k.State = Withdrawn
	case k.State == Approved && k.approved != k.RiskTitle:
		k.State = Chosen
	}
}

// hash names exactly what is approved.
func (k *Candidate) hash() string {
	return risk.HashOf([]string{k.Department, k.Period, string(k.Risk), k.RiskTitle, k.Alternative, k.Reason, string(k.Author)})
}

// Word is the last word that was said to a choice; nil is none.
func (k *Candidate) Word() *risk.Approval {
	if len(k.Words) == 0 {
		return nil
	}
	return &k.Words[len(k.Words)-1]
}

// Lapsed reports whether the choice was approved and is not any more, since the risk
// was titled anew.
func (k *Candidate) Lapsed() bool {
	w := k.Word()
	return k.State == Chosen && w != nil && !w.No && w.Hash != k.Hash
}

// second is the rule that nobody approves what they chose.
func (k *Candidate) second() access.Second {
	return access.Second{Gives: "the approval of a choice", Did: "you chose it", First: access.Hands{}.And(k.Author, k.Maker)}
}

// high refuses a level of management below that of the profile.
func (s *Reviews) high(level string) error {
	r := &s.Profile.Register
	if r.Strategy.Level == "" || r.LevelRank(level) >= r.LevelRank(r.Strategy.Level) {
		return nil
	}
	return fault.New(fault.Forbidden, "a choice is approved from the level %s on; yours is %s: ask somebody of that level, or have your level set on the page People",
		risk.LevelTitle(s.Profile, r.Strategy.Level), risk.LevelTitle(s.Profile, level))
}

// answerable marks the choices that the reader may approve or send back.
func (s *Reviews) answerable(v *gate.View, ks []*Candidate) error {
	if !v.May(VerbApprove, "") {
		return nil
	}
	level, err := risk.LevelIn(v)
	s.mark(v, ks, level)
	return err
}

func (s *Reviews) mark(v *gate.View, ks []*Candidate, level string) {
	for _, k := range ks {
		k.Answers = s.high(level) == nil && k.State == Chosen && k.second().Refuse(v.Actor) == nil
	}
}

// mostChoices is how many choices that wait are looked at for one person.
const mostChoices = 60

// ChoicesIn lists the choices that the actor may approve or send back now, the oldest
// first.
func (s *Reviews) ChoicesIn(v *gate.View) ([]*Candidate, error) {
	if !v.May(risk.VerbRead, "") || !v.May(VerbApprove, "") {
		return nil, nil
	}
	ks, level, err := waitingCandidates(v, mostChoices)
	if err != nil {
		return nil, err
	}
	s.mark(v, ks, level)
	return slices.DeleteFunc(ks, func(k *Candidate) bool { return !k.Answers }), nil
}

// Answer is somebody's word on a choice.
type Answer struct {
	Hash string `json:"hash,omitempty"` // of the choice that was seen
	Note string `json:"note,omitempty"`
	No   bool   `json:"no,omitempty"` // it is sent back; the note says why
}

// Answer approves a choice exactly as it is, or sends it back with the reason. It is
// the word of a person of the profile's level, and never of who chose.
func (s *Reviews) Answer(ctx context.Context, id ref.ID, in Answer) error {
	return s.Gate.Act(ctx, VerbApprove, id, func(tx *gate.Tx) error {
		if err := in.check(); err != nil {
			return err
		}
		k, err := getCandidate(&tx.View, id)
		if err != nil {
			return err
		}
		if err := k.answered(in.Hash); err != nil {
			return err
		}
		if err := k.second().Refuse(tx.Actor); err != nil {
			return err
		}
		w, err := risk.SignedIn(&tx.View, k.Hash, in.Note)
		if err != nil {
			return err
		}
		if err := s.high(w.Level); err != nil {
			return err
		}
		was := k.State
		w.No, k.State, k.approved = in.No, Approved, k.RiskTitle
		if in.No {
			k.State, k.approved = Returned, ""
		}
		k.Words = append(k.Words, w)
		tx.Reason(in.Note)
		return answerCandidate(tx, k, was)
	})
}

func (in *Answer) check() error {
	var fs fault.Fields
	in.Note = text(&fs, "note", in.Note, MaxNote)
	if in.No && in.Note == "" {
		fs.Add("note", "say why it is sent back, for those who choose anew")
	}
	return fs.Err()
}

// answered refuses a word on a choice that is not what the actor saw, or waits for none.
func (k *Candidate) answered(seen string) error {
	switch {
	case k.State == Withdrawn:
		return fault.New(fault.Conflict, "this choice was taken back on %s; there is nothing to approve", day(k.Ended))
	case k.State == Approved:
		return fault.New(fault.Conflict, "this choice is approved already")
	case k.State == Returned:
		return fault.New(fault.Conflict, "this choice was sent back; the department chooses anew")
	case seen != "" && seen != k.Hash:
		return fault.New(fault.Conflict, "the choice changed since you saw it; read it again")
	}
	return nil
}
