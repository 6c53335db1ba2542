package casework

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The verbs of root cause analysis.
const (
	VerbRCAOpen   access.Verb = "case.rca-open"
	VerbRCAEdit   access.Verb = "case.rca-edit"
	VerbRCAInvite access.Verb = "case.rca-invite" // everybody was asked to take part
	VerbRCAFile   access.Verb = "case.rca-file"   // the actions stand
	VerbRCAReview access.Verb = "case.rca-review" // the words are right
	VerbRCAAct    access.Verb = "case.rca-act"    // an action is done, or declined
	VerbRCADone   access.Verb = "case.rca-done"
	VerbRCAReopen access.Verb = "case.rca-reopen"
	VerbRCAWaive  access.Verb = "case.rca-waive" // none is made after all
)

var rcaVerbs = []access.Verb{VerbRCAOpen, VerbRCAEdit, VerbRCAInvite, VerbRCAFile, VerbRCAReview, VerbRCAAct, VerbRCADone, VerbRCAReopen, VerbRCAWaive}

// RCAStep is what comes with a step of an analysis.
type RCAStep struct {
	Version int    `json:"version,omitempty"` // of the case's row that the caller saw
	Reason  string `json:"reason,omitempty"`
}

// rcaSteps are the steps of an analysis: in which state each is taken, and how.
var rcaSteps = map[access.Verb]struct {
	from string
	take func(s *Cases, tx *gate.Tx, c *Case, reason string) error
}{
	VerbRCAOpen:   {"", (*Cases).rcaOpen},
	VerbRCAInvite: {RCATodo, (*Cases).rcaInvite},
	VerbRCAFile:   {RCATodo, (*Cases).rcaFile},
	VerbRCAReview: {RCATodo, (*Cases).rcaReview},
	VerbRCADone:   {RCATodo, (*Cases).rcaDone},
	VerbRCAReopen: {RCADone, (*Cases).rcaReopen},
	VerbRCAWaive:  {RCATodo, (*Cases).rcaWaive},
}

// RCASteps lists the verbs of the steps of an analysis.
func RCASteps() []access.Verb { return slices.Sorted(maps.Keys(rcaSteps)) }

// StepRCA takes the analysis one step on: opens it, tells a milestone, has its words
// reviewed, ends it, opens it again or does without it.
func (s *Cases) StepRCA(ctx context.Context, id ref.ID, verb access.Verb, in RCAStep) error {
	step, ok := rcaSteps[verb]
	if !ok {
		var known []string
		for _, v := range RCASteps() {
			known = append(known, string(v))
		}
		return fault.New(fault.Invalid, "%s is no step of a root cause analysis; its steps are: %s", verb, strings.Join(known, ", "))
	}
	reason, err := thread.Clean("reason", in.Reason, MaxNote)
	if err != nil {
		return err
	}
	return s.change(ctx, verb, id, in.Version, func(tx *gate.Tx, c *Case) error {
		if c.RCA.State != step.from {
			return fault.New(fault.Conflict, "%s", rcaStands[c.RCA.State])
		}
		tx.Reason(reason)
		return step.take(s, tx, c, reason)
	})
}

// rcaStands says where an analysis stands, to whoever takes a step from elsewhere.
var rcaStands = map[string]string{
	"":      "this case has no root cause analysis; open one first",
	RCATodo: "the root cause analysis of this case is under way already",
	RCADone: "the root cause analysis of this case is done; open it again to change it",
}

func (s *Cases) rcaOpen(tx *gate.Tx, c *Case, reason string) error {
	switch {
	case !s.Profile.RCA.Asked():
		return fault.New(fault.Conflict, "this profile has no root cause analysis; add rca.yaml to it")
	case c.barred != "":
		return fault.New(fault.Conflict, "this case was found to be no vulnerability of its own, so it has no root cause here")
	case reason == "" && !slices.Contains(s.Profile.RCA.Required, c.Severity):
		return fault.At("reason", "at this severity an analysis is made where somebody sees a reason; write it down")
	}
	c.openRCA(reason, tx.Now)
	return s.tellRCA(tx, c, VerbRCAOpen)
}

// tellRCA tells the owner of the analysis.
func (s *Cases) tellRCA(tx *gate.Tx, c *Case, verb access.Verb) error {
	if c.RCA.Owner == "" || c.RCA.Owner == tx.Actor.ID {
		return nil
	}
	return tx.Later("tell:owner", tx.Now, "", Told{Case: c.ID, What: string(verb), Who: c.RCA.Owner, From: tx.Actor.ID})
}

func (s *Cases) rcaInvite(tx *gate.Tx, c *Case, _ string) error {
	if !c.RCA.Invited.IsZero() {
		return fault.New(fault.Conflict, "everybody was invited already")
	}
	c.RCA.Invited = tx.Now
	c.record(tx.Now, "rca:invited", nil)
	return nil
}

func (s *Cases) rcaFile(tx *gate.Tx, c *Case, _ string) error {
	if !c.RCA.Filed.IsZero() {
		return fault.New(fault.Conflict, "the actions were filed already; change them one by one")
	}
	if err := s.lacksRCA(c, tx, "actions"); err != nil {
		return err
	}
	c.RCA.Filed = tx.Now
	c.record(tx.Now, "rca:filed", nil)
	return nil
}

func (s *Cases) rcaReview(tx *gate.Tx, c *Case, _ string) error {
	if c.RCA.Review == ReviewDone {
		return fault.New(fault.Conflict, "the words were reviewed already, and none has changed since")
	}
	if err := s.lacksRCA(c, tx, "causes"); err != nil {
		return err
	}
	c.RCA.Review, c.RCA.Reviewer = ReviewDone, tx.Actor.ID
	return nil
}

func (s *Cases) rcaDone(tx *gate.Tx, c *Case, _ string) error {
	if err := s.lacksRCA(c, tx, s.Profile.RCA.Needs...); err != nil {
		return err
	}
	c.RCA.State, c.RCA.Done = RCADone, tx.Now
	c.record(tx.Now, "rca:done", nil)
	return nil
}

func (s *Cases) rcaReopen(tx *gate.Tx, c *Case, reason string) error {
	if reason == "" {
		return fault.At("reason", "an analysis is opened again only for a reason; write it down")
	}
	c.RCA.State, c.RCA.Done = RCATodo, time.Time{}
	c.record(tx.Now, "rca:reopened", nil)
	return s.tellRCA(tx, c, VerbRCAReopen)
}

func (s *Cases) rcaWaive(tx *gate.Tx, c *Case, reason string) error {
	switch {
	case c.NeedsRCA(s.Profile):
		return fault.New(fault.Conflict, "at this severity every case has its root cause analysed, so nobody can do without")
	case reason == "":
		return fault.At("reason", "say why no analysis is made after all")
	}
	c.RCA = RCA{}
	c.record(tx.Now, "rca:waived", nil)
	return nil
}

// lacksRCA refuses with all of the needs that the analysis lacks.
func (s *Cases) lacksRCA(c *Case, tx *gate.Tx, words ...string) error {
	held := s.rcaHeld(&Sight{Case: c, Profile: s.Profile, Now: tx.Now}, words)
	held = slices.DeleteFunc(held, func(h Held) bool { return h.Holds })
	if len(held) == 0 {
		return nil
	}
	f := fault.New(fault.Missing, "the root cause analysis lacks something yet")
	for _, h := range held {
		f.Needs = append(f.Needs, h.Need)
	}
	return f
}

func (s *Cases) rcaHeld(x *Sight, words []string) (out []Held) {
	for _, w := range words {
		n := rcaNeeds[w]
		out = append(out, Held{fault.Need{Word: w, Says: n.says(x), Link: n.link}, n.has(x)})
	}
	return out
}

// EditRCA changes what the analysis says.
func (s *Cases) EditRCA(ctx context.Context, id ref.ID, in RCAPatch) error {
	return s.changeRCA(ctx, VerbRCAEdit, id, in.Version, func(tx *gate.Tx, c *Case) error {
		var fs fault.Fields
		in.apply(&fs, s.Profile, &c.RCA)
		if in.Owner == nil || *in.Owner == c.RCA.Owner {
			return fs.Err()
		}
		if err := handles(tx, &fs, c, "owner", *in.Owner); err != nil {
			return err
		}
		c.RCA.Owner = *in.Owner
		if err := fs.Err(); err != nil {
			return err
		}
		return s.tellRCA(tx, c, VerbRCAEdit)
	})
}

// changeRCA is change of an analysis that is under way.
func (s *Cases) changeRCA(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Case) error) error {
	return s.change(ctx, verb, id, version, func(tx *gate.Tx, c *Case) error {
		if c.RCA.State != RCATodo {
			return fault.New(fault.Conflict, "%s", rcaStands[c.RCA.State])
		}
		return fn(tx, c)
	})
}

// handles notes a person who may not see the case. Nobody is a person too.
func handles(tx *gate.Tx, fs *fault.Fields, c *Case, field string, who ref.ID) error {
	if who == "" {
		return nil
	}
	ok, err := mayHandle(&tx.View, c, who)
	if err == nil && !ok {
		fs.Add(field, "nobody of that name may see this case; share it with them first")
	}
	return err
}

// PlanRCA adds an action to the analysis, or changes the one of its number. Whoever
// is to do it is told.
func (s *Cases) PlanRCA(ctx context.Context, id ref.ID, a RCAAction) error {
	return s.changeRCA(ctx, VerbRCAEdit, id, 0, func(tx *gate.Tx, c *Case) error {
		var fs fault.Fields
		was := ref.ID("")
		if i := c.RCA.action(a.Number); i >= 0 {
			was = c.RCA.Actions[i].Owner
		}
		c.RCA.plan(&fs, a)
		if err := handles(tx, &fs, c, "owner", a.Owner); err != nil {
			return err
		}
		if err := fs.Err(); err != nil || a.Owner == "" || a.Owner == was || a.Owner == tx.Actor.ID {
			return err
		}
		return tx.Later("tell:owner", tx.Now, "", Told{Case: c.ID, What: string(VerbRCAAct), Who: a.Owner, From: tx.Actor.ID})
	})
}

// SettleRCA ends an action of the analysis, or opens it again.
func (s *Cases) SettleRCA(ctx context.Context, id ref.ID, number int, o Outcome) error {
	reason, err := thread.Clean("reason", o.Reason, MaxNote)
	if err != nil {
		return err
	}
	o.Reason = reason
	return s.changeRCA(ctx, VerbRCAAct, id, 0, func(tx *gate.Tx, c *Case) error {
		tx.Reason(reason)
		return c.RCA.settle(number, o, tx.Actor, tx.Now)
	})
}

// analyse opens the analysis that the profile asks for, and hands one without an
// owner to that of the case.
func (s *Cases) analyse(tx *gate.Tx, c *Case) error {
	if c.RCA.State == RCATodo && c.RCA.Owner == "" {
		c.RCA.Owner = c.Owner
	}
	if c.RCA.State != "" || !c.NeedsRCA(s.Profile) {
		return nil
	}
	c.openRCA("", tx.Now)
	return s.tellRCA(tx, c, VerbRCAOpen)
}

// notedCauses tells those who count root causes, and the register of each that is new.
func (s *Cases) notedCauses(tx *gate.Tx, c *Case, was recurrence.CauseFact) error {
	now := c.causes()
	changed, err := recurrence.NoteCauses(tx, c.ID, was, now)
	if err != nil || !changed || s.Changed == nil {
		return err
	}
	for _, cause := range now.Causes {
		if err := s.Changed(tx, c.ID, recurrence.Fact{}, recurrence.Fact{Key: cause.In(now.Product)}); err != nil {
			return err
		}
	}
	return nil
}

// warnRCA tells the owner of the analysis that one of its clocks passed a warn point
// or came due since the last look.
func (s *Cases) warnRCA(tx *gate.Tx, c *Case, st clock.State) error {
	since := func(at time.Time) bool { return !c.look.IsZero() && !at.Before(c.look) }
	if st.Phase() != clock.Running || !(st.Breached && since(st.BreachedAt) || len(st.Warned) > 0 && since(st.Warned[len(st.Warned)-1].At)) {
		return nil
	}
	return tx.Later("tell:owner", tx.Now, "", Told{Case: c.ID, What: "clock:" + st.Name, Who: c.RCA.Owner})
}

// causes is what counting root causes takes of the case: the words that somebody
// reviewed.
func (c *Case) causes() recurrence.CauseFact {
	f := recurrence.CauseFact{Product: c.Product, Audience: c.Audience, Severity: c.Severity, At: c.Opened}
	if c.RCA.Review != ReviewDone || c.barred != "" {
		return f
	}
	for _, set := range slices.Sorted(maps.Keys(c.RCA.Causes)) {
		f.Causes = append(f.Causes, recurrence.Cause{Set: set, Word: c.RCA.Causes[set]})
	}
	return f
}
