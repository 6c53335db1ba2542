package risk

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// VerbAccept is the move that puts an acceptance in force.
const VerbAccept access.Verb = "risk.accept"

// Asking is a request to accept a risk: handbook 2.5.
type Asking struct {
	Version       int      `json:"version,omitempty"`
	Description   string   `json:"description"`        // of the risk that is borne
	Justification string   `json:"justification"`      // why it is borne
	Controls      string   `json:"controls"`           // that compensate
	Months        int      `json:"months"`             // how long
	Residual      *float64 `json:"residual,omitempty"` // the score as the requester saw it; the one in force is taken
	Quarter       string   `json:"quarter,omitempty"`  // accepts no more than that a key result is skipped in it: 2027 Q1
}

var quarterText = regexp.MustCompile(`^20[0-9]{2} Q[1-4]$`)

// RequestAcceptance asks for the approvals that the rating wants. The request stands
// on the state as it is: when a material field changes, it falls.
func (s *Risks) RequestAcceptance(ctx context.Context, id ref.ID, in Asking) (of ref.ID, err error) {
	err = s.change(ctx, VerbAsk, id, in.Version, func(tx *gate.Tx, r *Risk) error {
		open, err := openStanding(&tx.View, r.ID)
		if err != nil {
			return err
		}
		if err := in.check(&s.Profile.Register.Acceptance, open); err != nil {
			return err
		}
		if err := s.acceptable(tx, r, in.Quarter); err != nil {
			return err
		}
		d := &Decision{Kind: DecideAccept, State: StateAsked, DecisionBody: DecisionBody{Reason: in.Justification, Description: in.Description,
			Justification: in.Justification, Controls: in.Controls, Months: in.Months, Quarter: in.Quarter}}
		if err := d.weigh(&s.Profile.Register.Acceptance, open); err != nil {
			return err
		}
		if err := s.decide(tx, r, d); err != nil {
			return err
		}
		of = d.ID
		r.record(tx.Now, "updated", nil)
		return s.tellBoth(tx, r, "decision:"+DecideAccept)
	})
	return of, err
}

func (in *Asking) check(rules *profile.Acceptance, open OpenStanding) error {
	var fs fault.Fields
	in.Description = must(&fs, "description", in.Description, "describe the risk that is accepted")
	in.Justification = must(&fs, "justification", in.Justification, "say why bearing it is better than treating it")
	in.Controls = must(&fs, "controls", in.Controls, "say which controls compensate, or that there are none")
	if in.Months < 1 || in.Months > rules.MaxMonths {
		fs.Add("months", "an acceptance lasts 1 to %d months; say how long this one does", rules.MaxMonths)
	}
	if in.Quarter != "" && !quarterText.MatchString(in.Quarter) {
		fs.Add("quarter", "%q is no quarter; write it as 2027 Q1", in.Quarter)
	}
	switch {
	case !open.Scored():
		fs.Add("residual", "the risk has no score, and what is not scored is not accepted; score it first")
	case open.Held:
		fs.Add("residual", "base and evidence disagree on the rating; have it validated first")
	case in.Residual != nil && hundredths(*in.Residual) != hundredths(open.Score):
		fs.Add("residual", "the score in force is %s, not %s; look at the risk again", riskscore.Number(open.Score), riskscore.Number(*in.Residual))
	}
	return fs.Err()
}

// acceptable refuses a request where another stands, or where the risk lacks what an
// acceptance wants besides its approvals.
func (s *Risks) acceptable(tx *gate.Tx, r *Risk, quarter string) error {
	x, err := s.sight(&tx.View, r, nil)
	if err != nil {
		return err
	}
	for _, d := range x.Decisions {
		if d.Kind == DecideAccept && d.Quarter == quarter && d.open() {
			return fault.New(fault.Conflict, "there is an acceptance already that is %s; end it before asking for another", d.State)
		}
	}
	switch {
	case r.Closed:
		return fault.New(fault.Conflict, "the risk is closed; there is nothing left to accept")
	case quarter != "":
		return nil
	}
	var missing []string
	for _, w := range s.acceptMove(r.Stage).Needs {
		if w != "acceptance-approved" && !needs[w].has(x) {
			missing = append(missing, w)
		}
	}
	if len(missing) > 0 {
		return &fault.Fault{Kind: fault.Missing, Says: "the risk cannot be accepted yet", Needs: x.lacks(missing)}
	}
	return nil
}

// acceptMove is the move that puts an acceptance in force from the stage, or where
// the risk stays in its stage, one that says what an acceptance needs.
func (s *Risks) acceptMove(stage string) (out movable) {
	for _, mv := range s.machine().Moves {
		if mv.Verb != string(VerbAccept) {
			continue
		}
		if mv.From == stage {
			return movable{Move: mv, ok: true}
		}
		out.Move = mv
	}
	return out
}

// weigh fills in whose approvals the rating wants.
func (d *Decision) weigh(rules *profile.Acceptance, open OpenStanding) error {
	row, ok := rules.ApprovalOf(open.Rating)
	if !ok {
		return fault.New(fault.Conflict, "the profile does not say who accepts a risk rated %q", open.Rating)
	}
	d.Preset, d.Residual, d.Rating, d.Wanted, d.Owner = rules.Name, open.Score, open.Rating, row.Levels, row.Owner
	return nil
}

// Wants names the approvals that an acceptance still lacks. Each level takes one
// person of that level or above, and nobody counts for two; the business owner's
// word and their own level are one signature. An owner who asked gave their word by
// asking, and then at least one other person approves.
func (d *Decision) Wants(reg *profile.Register, owner ref.ID) []string {
	var out []string
	by := func(a Approval) bool { return a.By == owner }
	if d.Owner && !d.asked().Has(owner) && !slices.ContainsFunc(d.Approvals, by) {
		out = append(out, "the business owner")
	}
	ranks := []int{}
	for _, a := range d.Approvals {
		ranks = append(ranks, reg.LevelRank(a.Level))
	}
	slices.SortFunc(ranks, func(a, b int) int { return cmp.Compare(b, a) })
	levels := slices.Clone(d.Wanted)
	slices.SortFunc(levels, func(a, b string) int { return cmp.Compare(reg.LevelRank(b), reg.LevelRank(a)) })
	for _, l := range levels {
		if len(ranks) > 0 && ranks[0] >= reg.LevelRank(l) {
			ranks = ranks[1:]
			continue
		}
		for _, n := range reg.Levels {
			if n.Name == l {
				out = append(out, "a "+n.Title+" or above")
			}
		}
	}
	if len(out) == 0 && len(d.Approvals) == 0 {
		out = append(out, "a person besides whoever asked")
	}
	return out
}

// Approve is an approval of exactly what the approver saw.
type Approve struct {
	Decision ref.ID `json:"decision"`
	Hash     string `json:"hash,omitempty"`
	Note     string `json:"note,omitempty"`
}

// ApproveAcceptance records an approval. With the last one that the rating wants the
// acceptance is in force, until its end or its review passes.
func (s *Risks) ApproveAcceptance(ctx context.Context, id ref.ID, in Approve) error {
	return s.change(ctx, VerbGrant, id, 0, func(tx *gate.Tx, r *Risk) error {
		d, note, err := s.asked(tx, r, in.Decision, in.Note)
		if err != nil {
			return err
		}
		if in.Hash != "" && in.Hash != d.Hash {
			return fault.New(fault.Conflict, "the request changed since you saw it; read it again")
		}
		a, err := approval(&tx.View, "", d.Hash, note)
		if err != nil {
			return err
		}
		before := d.Wants(&s.Profile.Register, r.Owner)
		if slices.ContainsFunc(d.Approvals, func(o Approval) bool { return o.By == a.By }) {
			return fault.New(fault.Conflict, "you approved this already; it still wants %s", strings.Join(before, ", "))
		}
		if a.By == r.Owner {
			a.Role = asBusiness
		}
		d.Approvals = append(d.Approvals, a)
		after := d.Wants(&s.Profile.Register, r.Owner)
		if len(after) >= len(before) {
			return fault.New(fault.Forbidden, "this acceptance wants %s; an approval of yours, %s, adds nothing to it",
				strings.Join(before, ", "), levelTitle(s.Profile, a.Level))
		}
		if len(after) > 0 {
			return updateDecision(tx, d, d.State)
		}
		return s.inForce(tx, r, d)
	})
}

// asked finds an acceptance that wants approvals, and checks that the actor may say
// anything to it.
func (s *Risks) asked(tx *gate.Tx, r *Risk, of ref.ID, note string) (*Decision, string, error) {
	note, err := thread4000("note", note)
	if err != nil {
		return nil, "", err
	}
	d, err := decision(&tx.View, r, of, DecideAccept)
	if err != nil {
		return nil, "", err
	}
	if d.State != StateAsked && !d.Renewing {
		return nil, "", fault.New(fault.Conflict, "this acceptance is %s; no approval is asked for", d.State)
	}
	return d, note, d.another(tx.Actor, r.Owner)
}

// inForce puts an acceptance with all its approvals in force.
func (s *Risks) inForce(tx *gate.Tx, r *Risk, d *Decision) error {
	was := d.State
	if d.Until.IsZero() || !d.Until.After(tx.Now) {
		d.Until = riskscore.Months(tx.Now, d.Months)
	}
	d.Review = d.Until
	if n := s.Profile.Register.Acceptance.Review[d.Rating]; n > 0 && d.Quarter == "" {
		if next := riskscore.Months(tx.Now, n); next.Before(d.Until) {
			d.Review = next
		}
	}
	d.State, d.Renewing, d.Changed = StateActive, false, nil
	if err := updateDecision(tx, d, was); err != nil {
		return err
	}
	r.record(tx.Now, "updated", nil)
	if d.Quarter != "" {
		skips := map[string]string{d.Quarter: string(d.ID)}
		for q, id := range r.Skips {
			if q != d.Quarter {
				skips[q] = id
			}
		}
		r.Skips = skips
		return nil
	}
	if s.acceptMove(r.Stage).ok {
		if err := s.take(tx, r, VerbAccept, Step{}); err != nil {
			return err
		}
	}
	r.set(s.labels().Accepted, "")
	r.Review = d.Review
	return s.tellBoth(tx, r, "decision:"+DecideAccept)
}

// RefuseAcceptance refuses a request, by somebody who might have approved it.
func (s *Risks) RefuseAcceptance(ctx context.Context, id, of ref.ID, reason string) error {
	return s.change(ctx, VerbGrant, id, 0, func(tx *gate.Tx, r *Risk) error {
		d, note, err := s.asked(tx, r, of, reason)
		if err != nil {
			return err
		}
		if note == "" {
			return fault.At("reason", "say why the risk is not accepted, for those who must now treat it")
		}
		a, err := approval(&tx.View, "", d.Hash, note)
		if err != nil {
			return err
		}
		a.No = true
		d.Reviews = append(d.Reviews, DecisionReview{At: tx.Now, By: a.By, Name: a.Name, Outcome: StateRefused, Note: note, Approvals: append(slices.Clone(d.Approvals), a)})
		tx.Reason(note)
		return s.end(tx, r, d, StateRefused)
	})
}

// EndAcceptance takes a request back, or ends an acceptance: the risk wants another
// decision.
func (s *Risks) EndAcceptance(ctx context.Context, id, of ref.ID, reason string) error {
	return s.change(ctx, VerbAsk, id, 0, func(tx *gate.Tx, r *Risk) error {
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.At("reason", "say why it ends")
		}
		d, err := decision(&tx.View, r, of, DecideAccept)
		if err != nil {
			return err
		}
		if d.State == StateEnded || d.State == StateRefused {
			return fault.New(fault.Conflict, "this acceptance is %s already", d.State)
		}
		tx.Reason(reason)
		return s.end(tx, r, d, StateEnded)
	})
}

// end takes an acceptance out of force, with the label that it set.
func (s *Risks) end(tx *gate.Tx, r *Risk, d *Decision, state string) error {
	was := d.State
	d.State, d.Renewing = state, false
	if d.Quarter == "" && was == StateActive && r.Has(s.labels().Accepted) { // the label of a newer one stays
		r.clear(s.labels().Accepted)
		r.Review = tx.Now
	}
	r.record(tx.Now, "updated", nil)
	if err := updateDecision(tx, d, was); err != nil {
		return err
	}
	return s.tellBoth(tx, r, "decision:"+DecideAccept)
}
