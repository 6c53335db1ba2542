package observation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
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

// Acceptance is a request to bear what an observation found, with the word of those
// whom its rating asks for. It is bound to the content that it was asked for.
type Acceptance struct {
	Reason    string     `json:"reason"`
	Controls  string     `json:"controls"` // that compensate
	Until     time.Time  `json:"until"`
	By        ref.ID     `json:"by"`              // who asked
	Maker     ref.ID     `json:"maker,omitempty"` // of the token that asked
	At        time.Time  `json:"at"`
	Hash      string     `json:"hash"`
	Stale     bool       `json:"stale,omitempty"` // the content has changed since
	Approvals []Approval `json:"approvals,omitempty"`
}

// Approval is somebody's word on an acceptance.
type Approval struct {
	By    ref.ID    `json:"by"`
	Name  string    `json:"name"`
	Level string    `json:"level,omitempty"` // of management, at the time
	At    time.Time `json:"at"`
	Note  string    `json:"note,omitempty"`
	No    bool      `json:"no,omitempty"`
}

// hash names what an acceptance was asked for.
func (o *Observation) hash() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{o.Title, o.Condition, o.Criteria, o.RootCause, o.Consequence, o.Rating, string(o.Owner), fmt.Sprint(o.Score)}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// stale notes that an acceptance no longer speaks of what stands there.
func (o *Observation) stale() {
	if o.Acceptance != nil && o.Acceptance.Hash != o.hash() {
		a := *o.Acceptance
		a.Stale = true
		o.Acceptance = &a
	}
}

// riskRating is the rating of a risk that the observation's equals: acceptances are
// approved by it.
func (s *Observations) riskRating(o *Observation) string { return riskRating(s.Profile, o) }

func riskRating(p *profile.Profile, o *Observation) string {
	e, err := riskscore.ByPriority(equivalents(p), o.Priority)
	if err != nil {
		return ""
	}
	return e.Rating
}

// wanted is the row of the profile that says whose word the rating wants.
func wanted(s *Sight) (profile.Approval, bool) {
	rating := riskRating(s.Profile, s.Observation)
	i := slices.IndexFunc(s.Profile.Register.Acceptance.Approvals, func(a profile.Approval) bool { return a.Rating == rating })
	if i < 0 {
		return profile.Approval{}, false
	}
	return s.Profile.Register.Acceptance.Approvals[i], true
}

// open lists whose word is still missing.
func (a *Acceptance) open(s *Sight) (out []string) {
	row, ok := wanted(s)
	if !ok {
		return []string{"a rating"}
	}
	yes := func(is func(Approval) bool) bool {
		return slices.ContainsFunc(a.Approvals, func(x Approval) bool { return !x.No && is(x) })
	}
	if row.Owner && !a.asked().Has(s.Owner) && !yes(func(x Approval) bool { return x.By == s.Owner }) {
		out = append(out, "the owner")
	}
	var used []ref.ID
	for _, level := range slices.Backward(row.Levels) { // the highest first: each person counts for one
		i := slices.IndexFunc(a.Approvals, func(x Approval) bool {
			return !x.No && rank(s.Profile, x.Level) >= rank(s.Profile, level) && !slices.Contains(used, x.By)
		})
		if i < 0 {
			out = append(out, titleOf(s.Profile.Register.Levels, level))
			continue
		}
		used = append(used, a.Approvals[i].By)
	}
	if len(out) == 0 && !yes(func(Approval) bool { return true }) {
		out = append(out, "a person besides whoever asked")
	}
	return out
}

// asked are those who asked for it.
func (a *Acceptance) asked() access.Hands { return access.Hands{}.And(a.By, a.Maker) }

func (a *Acceptance) approved(s *Sight) bool {
	return a != nil && !a.Stale && a.Until.After(s.Now) && !slices.ContainsFunc(a.Approvals, func(x Approval) bool { return x.No }) && len(a.open(s)) == 0
}

// missing says what an acceptance lacks.
func (a *Acceptance) missing(s *Sight) string {
	switch {
	case a == nil:
		return "; none is asked for"
	case a.Stale:
		return "; what it was asked for has changed, so ask again"
	case !a.Until.After(s.Now):
		return "; it was to end on " + a.Until.Format(time.DateOnly) + ", so ask again"
	case slices.ContainsFunc(a.Approvals, func(x Approval) bool { return x.No }):
		return "; somebody said no"
	}
	return "; missing: " + strings.Join(a.open(s), ", ")
}

// rank is a level's place among the profile's, from 1; 0 is none of them.
func rank(p *profile.Profile, level string) int {
	return 1 + slices.IndexFunc(p.Register.Levels, func(n profile.Named) bool { return n.Name == level })
}

func titleOf(list []profile.Named, name string) string {
	for _, n := range list {
		if n.Name == name {
			return n.Title
		}
	}
	return name
}

// Asking is a request to accept an observation.
type Asking struct {
	Version  int    `json:"version,omitempty"`
	Reason   string `json:"reason"`
	Controls string `json:"controls"`
	Months   int    `json:"months"`
}

// Ask asks for the acceptance of an observation; the word of those who have to
// approve it follows.
func (s *Observations) Ask(ctx context.Context, id ref.ID, in Asking) error {
	return s.change(ctx, VerbEdit, id, in.Version, func(tx *gate.Tx, o *Observation) error {
		var fs fault.Fields
		thread.CleanField(&fs, "reason", &in.Reason, MaxNote)
		thread.CleanField(&fs, "controls", &in.Controls, MaxNote)
		fs.Want("reason", in.Reason, "say why it is borne")
		fs.Want("controls", in.Controls, "say which controls compensate, or that there are none")
		if most := s.Profile.Register.Acceptance.MaxMonths; in.Months < 1 || in.Months > most {
			fs.Add("months", "an acceptance lasts 1 to %d months", most)
		}
		fs.Want("rating", o.Rating, "rate the observation first; its rating says who has to approve")
		if o.Closed {
			fs.Add("stage", "the observation is closed; reopen it before you ask")
		}
		if err := fs.Err(); err != nil {
			return err
		}
		o.Acceptance = &Acceptance{Reason: in.Reason, Controls: in.Controls, Until: riskscore.Months(tx.Now, in.Months), By: tx.Actor.ID, Maker: tx.Actor.Maker, At: tx.Now, Hash: o.hash()}
		return s.tell(tx, o, "team", VerbEdit)
	})
}

// Approve is somebody's word on the acceptance that is asked for. Whoever asked for
// it has no say.
func (s *Observations) Approve(ctx context.Context, id ref.ID, version int, note string, no bool) error {
	return s.change(ctx, VerbAccept, id, version, func(tx *gate.Tx, o *Observation) error {
		note, err := thread.Clean("note", note, MaxNote)
		if err != nil {
			return err
		}
		a := o.Acceptance
		switch {
		case a == nil:
			return fault.New(fault.Conflict, "no acceptance is asked for; ask for one first")
		case a.Stale:
			return fault.New(fault.Conflict, "the observation has changed since the acceptance was asked for; ask for it again")
		case no && note == "":
			return fault.At("note", "say why not; whoever asked will want to know")
		case slices.ContainsFunc(a.Approvals, func(x Approval) bool { return x.By == tx.Actor.ID }):
			return fault.New(fault.Conflict, "you gave your word on this acceptance already")
		}
		second := access.Second{Gives: "the approval of an acceptance", Did: "you asked for this acceptance", First: a.asked()}
		if err := second.Refuse(tx.Actor); err != nil {
			return err
		}
		level, err := levelOf(&tx.View, tx.Actor.ID)
		if err != nil {
			return err
		}
		b := *a
		b.Approvals = append(slices.Clone(a.Approvals), Approval{By: tx.Actor.ID, Name: tx.Actor.Name, Level: level, At: tx.Now, Note: note, No: no})
		o.Acceptance = &b
		return nil
	})
}
