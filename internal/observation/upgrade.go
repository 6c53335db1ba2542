package observation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Proposal is what observations together ask for: that they become a risk.
type Proposal struct {
	Cause        string         `json:"cause,omitempty"` // that they share
	Entity       bool           `json:"entity"`          // one is about a control of the whole organisation
	Why          string         `json:"why"`
	Title        string         `json:"title"` // to begin with
	Observations []*Observation `json:"observations"`
}

// Draft is what a risk is raised from.
type Draft struct {
	Title        string
	Problem      string
	Impact       string
	Evidence     string
	Scale        string
	Asset        string
	Source       string
	Consequence  string
	Department   string
	Found        time.Time
	Named        bool // one of them is need-to-know, and so is the risk
	Observations []Cited
}

// Cited is one observation as evidence.
type Cited struct {
	ID       ref.ID
	Title    string
	At       time.Time
	Severity string // a word of the severity bands
}

// maxProposed is how many observations proposals look at.
const maxProposed = 5000

// Proposals lists what the observations that the reader may see ask for, those of
// the most observations first: an observation about a control of the whole
// organisation alone, and as many of one root cause as the profile says.
func (s *Observations) Proposals(ctx context.Context) (out []Proposal, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		q, err := Filter{}.listing(v)
		if err != nil {
			return err
		}
		q.where = append(q.where, "(c.cause <> '' or c.entity)")
		found, err := find(v, q, maxProposed)
		if err == nil {
			out = s.propose(found)
		}
		return err
	})
	return out, err
}

// propose groups observations by root cause, and finds what asks for a risk. What was
// taken up before asks for nothing.
func (s *Observations) propose(found []*Observation) (out []Proposal) {
	rule := s.Profile.Register.Observations.Upgrade
	groups := map[string][]*Observation{}
	for _, o := range found {
		key := o.Cause
		if key == "" {
			key = string(o.ID)
		}
		if !o.Has(rule.Label) {
			groups[key] = append(groups[key], o)
		}
	}
	for _, group := range groups {
		p := Proposal{Cause: group[0].Cause, Observations: group, Title: group[0].Title}
		p.Entity = rule.Entity && slices.ContainsFunc(group, func(o *Observation) bool { return o.Entity && !o.Closed })
		shared := p.Cause != "" && len(group) >= rule.Shared
		switch {
		case p.Entity:
			p.Why = "It is about a control of the whole organisation."
		case shared:
			p.Why = fmt.Sprintf("%d observations share the root cause %s.", len(group), p.Cause)
		default:
			continue
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Proposal) int {
		if n := len(b.Observations) - len(a.Observations); n != 0 {
			return n
		}
		return strings.Compare(a.Cause+string(a.Observations[0].ID), b.Cause+string(b.Observations[0].ID))
	})
	return out
}

// Upgrading says which observations become a risk.
type Upgrading struct {
	IDs    []ref.ID `json:"ids"`
	Title  string   `json:"title"`  // of the risk
	Reason string   `json:"reason"` // wanted where the profile's rule does not ask for it
}

// maxUpgraded is how many observations become one risk.
const maxUpgraded = 200

// verbRaise is what somebody has to be allowed besides.
const verbRaise access.Verb = "risk.raise"

// Upgrade raises a risk from observations, marks them, and leaves them as its
// evidence.
func (s *Observations) Upgrade(ctx context.Context, in Upgrading) (risk ref.ID, err error) {
	if len(in.IDs) == 0 || len(in.IDs) > maxUpgraded {
		return "", fault.At("ids", "name 1 to %d observations", maxUpgraded)
	}
	err = s.Gate.Act(ctx, VerbUpgrade, in.IDs[0], func(tx *gate.Tx) error {
		if err := tx.Allow(verbRaise, ""); err != nil {
			return err
		}
		found, err := s.takeUp(tx, &in)
		if err != nil {
			return err
		}
		if risk, err = s.RaiseRisk(tx, s.draft(in.Title, found)); err != nil {
			return err
		}
		return s.mark(tx, found, risk)
	})
	return risk, err
}

// takeUp loads the observations and asks whether they may become a risk.
func (s *Observations) takeUp(tx *gate.Tx, in *Upgrading) (found []*Observation, err error) {
	var fs fault.Fields
	thread.LineField(&fs, "title", &in.Title, MaxTitle)
	fs.Want("title", in.Title, "the risk needs a title; one sentence that says what may happen")
	if err := fs.Err(); err != nil {
		return nil, err
	}
	if in.Reason, err = thread.Clean("reason", in.Reason, MaxNote); err != nil {
		return nil, err
	}
	tx.Reason(in.Reason)
	slices.Sort(in.IDs)
	for _, id := range slices.Compact(in.IDs) {
		if err := tx.Allow(VerbUpgrade, id); err != nil {
			return nil, err
		}
		o, err := get(&tx.View, id)
		if err != nil {
			return nil, err
		}
		if o.Has(s.Profile.Register.Observations.Upgrade.Label) {
			return nil, fault.New(fault.Conflict, "%s was taken up into a risk already", id)
		}
		found = append(found, o)
	}
	if len(s.propose(found)) == 0 && in.Reason == "" {
		return nil, fault.At("reason", "the profile takes up %d observations of one root cause, or one about a control of the whole organisation; say why these become a risk all the same",
			s.Profile.Register.Observations.Upgrade.Shared)
	}
	return found, nil
}

// draft fills the risk's text from what the observations say.
func (s *Observations) draft(title string, found []*Observation) Draft {
	d := Draft{Title: title, Found: found[0].Found, Department: found[0].Department}
	parts := map[*string][]string{}
	add := func(to *string, text string) {
		if text != "" && !slices.Contains(parts[to], text) {
			parts[to] = append(parts[to], text)
		}
	}
	for _, o := range found {
		add(&d.Problem, o.Condition)
		add(&d.Impact, o.Consequence)
		add(&d.Consequence, o.Consequence)
		add(&d.Source, o.RootCause)
		add(&d.Asset, o.Control)
		add(&d.Scale, o.Department)
		add(&d.Evidence, string(o.ID)+" "+o.Title)
		if o.Found.Before(d.Found) {
			d.Found = o.Found
		}
		d.Named = d.Named || o.Audience == access.Named
		d.Observations = append(d.Observations, Cited{ID: o.ID, Title: o.Title, At: o.Found, Severity: o.severity(s.Profile)})
	}
	for to, texts := range parts {
		*to = strings.Join(texts, "\n")
		if len(*to) > MaxText {
			*to = strings.ToValidUTF8((*to)[:MaxText], "")
		}
	}
	return d
}

func (s *Observations) mark(tx *gate.Tx, found []*Observation, risk ref.ID) error {
	label := s.Profile.Register.Observations.Upgrade.Label
	for _, o := range found {
		old := gate.Fields(*o)
		if label != "" {
			o.set(label, "")
		}
		o.Touched = tx.Now
		if err := insertLink(tx, o.ID, risk); err != nil {
			return err
		}
		if err := update(tx, o, gate.Diff(old, gate.Fields(*o), "touched", "version")); err != nil {
			return err
		}
	}
	return nil
}
