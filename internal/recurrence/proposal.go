package recurrence

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The verbs of proposals.
const (
	VerbDismiss access.Verb = "risk.dismiss"
	VerbRaise   access.Verb = "risk.raise"
)

// The kinds of proposals.
const (
	Recurs      = "recurrence" // cases of one weakness in one place
	Misses      = "misses"     // late cases of one place
	Caused      = "causes"     // root causes of one word in one product
	Unsupported = "support"    // open cases of a product that gets no fixes any more
)

// The states of a proposal.
const (
	Open      = "open"
	Raised    = "raised"
	Dismissed = "dismissed"
)

// Proposal is a risk that the facts speak for and that nobody has raised. It is no
// record: it follows from the cases that its reader may see, and from what was
// decided about it.
type Proposal struct {
	Key      string    `json:"key"`
	Kind     string    `json:"kind"`
	Group    Key       `json:"group"`
	Count    int       `json:"count"` // of cases that speak for it
	Hidden   int       `json:"hidden,omitempty"`
	Points   int       `json:"severity_points,omitempty"`
	Title    string    `json:"title"`
	Since    time.Time `json:"since,omitzero"`     // when it became as many as the threshold
	Decision *Decision `json:"decision,omitempty"` // an earlier dismissal that it has outgrown
}

// Decision is what somebody decided about a proposal.
type Decision struct {
	State  string    `json:"state"` // raised, dismissed
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	By     ref.ID    `json:"by"`

	key     string
	risk    ref.ID
	seen    int
	counted int
}

// place is a place with a number of cases.
type place struct {
	key Key
	n   int
}

// ProposalKey names the proposal to raise a risk about the group.
func (k Key) ProposalKey() string { return keyOf(Recurs, k) }

// keyOf names a proposal, for addresses and for the store: "recurrence/CWE-79/harbor/wiki".
func keyOf(kind string, k Key) string {
	return strings.Join([]string{kind, url.PathEscape(k.Weakness), url.PathEscape(k.Product), url.PathEscape(k.Component)}, "/")
}

// readKey reads what keyOf wrote.
func readKey(s string) (kind string, k Key, err error) {
	kind, rest, _ := strings.Cut(s, "/")
	f := strings.Split(rest, "/")
	for i := range f {
		var bad error
		f[i], bad = url.PathUnescape(f[i])
		err = cmp.Or(err, bad)
	}
	if err != nil || len(f) != 3 {
		return "", k, fault.At("key", "this is no key of a proposal; take one from the list of proposals")
	}
	return kind, Key{f[0], f[1], f[2]}, nil
}

// Proposals lists what the actor may raise or dismiss: groups first, by their size.
func (r *Recurrence) Proposals(ctx context.Context) (out []Proposal, err error) {
	err = r.Gate.View(ctx, func(v *gate.View) error {
		out, err = r.ProposalsIn(v)
		return err
	})
	return out, err
}

// mostProposed is how many groups are looked at for proposals.
const mostProposed = 200

// ProposalsIn is Proposals inside another view.
func (r *Recurrence) ProposalsIn(v *gate.View) ([]Proposal, error) {
	a, err := r.AnswerIn(v, Ask{Groups: mostProposed, Dots: 1})
	if err != nil {
		return nil, err
	}
	var out []Proposal
	for _, g := range a.Groups {
		if g.Proposal == Open {
			out = append(out, g.proposal())
		}
	}
	more, _, err := r.others(v, a.Window, Ask{Groups: mostProposed, Dots: 1}, r.Rules.Causes)
	for _, x := range more {
		out = append(out, x.Proposal)
	}
	return out, err
}

func (g *Group) proposal() Proposal {
	p := Proposal{Key: keyOf(Recurs, g.Key), Kind: Recurs, Group: g.Key, Count: g.Count, Hidden: g.Hidden, Points: g.Points, Title: g.title(), Decision: g.Decision}
	if g.Reached != nil {
		p.Since = *g.Reached
	}
	return p
}

// others are the open proposals of the other kinds, those of root causes first, and
// the groups of root causes of at least so many cases.
func (r *Recurrence) others(v *gate.View, w Window, ask Ask, least int) (open []*found, groups []CauseGroup, err error) {
	if groups, err = r.causeGroups(v, w, ask, least); err != nil {
		return nil, nil, err
	}
	places, err := r.places(v, w)
	if err != nil {
		return nil, nil, err
	}
	var keys []string
	for _, p := range places {
		keys = append(keys, p.Key)
	}
	decided, err := r.settled(v, scopeOf(v), Caused, causeList(groups), keys)
	if err != nil {
		return nil, nil, err
	}
	for i := range groups {
		if groups[i].Proposal == Open {
			open = append(open, groups[i].found())
		}
	}
	for _, p := range r.undecided(v, places, decided) {
		open = append(open, &found{Proposal: p, open: p.Count})
	}
	return open, groups, nil
}

// places are what late cases and unsupported products would propose, had nobody
// decided about it.
func (r *Recurrence) places(v *gate.View, w Window) ([]Proposal, error) {
	var found []Proposal
	if r.Rules.Misses > 0 {
		places, err := late(v, w, r.Rules.Misses)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			found = append(found, p.proposal(Misses))
		}
	}
	places, err := unsupported(v)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		found = append(found, p.proposal(Unsupported))
	}
	return found, nil
}

func (p place) proposal(kind string) Proposal {
	return Proposal{Key: keyOf(kind, p.key), Kind: kind, Group: p.key, Count: p.n, Title: titles[kind](p.key)}
}

// undecided leaves out what was decided and has not grown since.
func (r *Recurrence) undecided(v *gate.View, found []Proposal, decided map[string]Decision) (out []Proposal) {
	for _, p := range found {
		d, known := decided[p.Key]
		switch {
		case known && d.State == Raised && v.Sees(d.risk) == nil, known && d.State == Dismissed && p.Count < d.seen+r.threshold(p.Kind):
			continue
		case known && d.State == Dismissed:
			p.Decision = &d
		}
		out = append(out, p)
	}
	return out
}

// threshold is how many cases make a proposal of a kind, and how many more bring a
// dismissed one back.
func (r *Recurrence) threshold(kind string) int {
	switch kind {
	case Misses:
		return r.Rules.Misses
	case Caused:
		return r.Rules.Causes
	case Unsupported:
		return 1
	}
	return r.Rules.Count
}

// decided reads decisions, and for those who may count everything also those about
// what only hidden cases make a proposal.
func (r *Recurrence) decided(v *gate.View, keys []string) (out map[string]Decision, err error) {
	read := func(v *gate.View) error {
		out, err = decisions(v, keys)
		return err
	}
	if v.May(VerbAggregate, "") {
		return out, v.AsHouse(read)
	}
	return out, read(v)
}

// settle says of each group that is systemic whether a risk about it is open, and
// what was decided about raising one.
func (r *Recurrence) settle(v *gate.View, scope, kind string, groups []*Group) error {
	_, err := r.settled(v, scope, kind, groups, nil)
	return err
}

// settled is settle, and returns what was decided about other proposals too, whose
// keys are named.
func (r *Recurrence) settled(v *gate.View, scope, kind string, groups []*Group, others []string) (map[string]Decision, error) {
	var keys []Key
	names := others
	for _, g := range groups {
		if g.Systemic {
			keys, names = append(keys, g.Key), append(names, keyOf(kind, g.Key))
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	decided, err := r.decided(v, names)
	if err != nil {
		return nil, err
	}
	covered := map[Key]ref.ID{}
	if r.Covered != nil && len(keys) > 0 {
		if covered, err = r.Covered(v, keys); err != nil {
			return nil, err
		}
	}
	for _, g := range groups {
		if g.Systemic {
			d, known := decided[keyOf(kind, g.Key)]
			if known && d.State == Raised && d.risk != covered[g.Key] && v.Sees(d.risk) != nil {
				known = false // of a risk that the reader does not know, nothing shows
			}
			g.settle(r, kind, scope, covered[g.Key], d, known)
		}
	}
	return decided, nil
}

func (g *Group) settle(r *Recurrence, kind, scope string, risk ref.ID, d Decision, known bool) {
	if known {
		g.Decision = &d
	}
	if risk == "" && r.Covered == nil && known && d.State == Raised {
		risk = d.risk
	}
	was := d.seen
	if scope == everyone {
		was = d.counted
	}
	switch {
	case risk != "":
		g.Risk, g.Proposal = risk, Raised
	case known && g.Count < was+r.threshold(kind):
		g.Proposal = d.State
	default:
		g.Proposal = Open
	}
}

// Dismiss decides that a proposal is no systemic risk, and why. It comes back when
// it has grown by the threshold once more.
func (r *Recurrence) Dismiss(ctx context.Context, key, reason string) error {
	reason, err := thread.Clean("reason", reason, maxReason)
	if err == nil && reason == "" {
		err = fault.At("reason", "a proposal is dismissed only for a reason; write a sentence for those who ask later")
	}
	if err != nil {
		return err
	}
	return r.Gate.Act(ctx, VerbDismiss, "", func(tx *gate.Tx) error {
		tx.Reason(reason)
		x, err := r.find(&tx.View, key)
		if err != nil {
			return err
		}
		return r.decide(tx, x, Decision{State: Dismissed, Reason: reason, key: key}, "")
	})
}

// Draft is the text that raising the proposal begins with. It changes nothing.
func (r *Recurrence) Draft(ctx context.Context, key string) (d Draft, err error) {
	err = r.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRaise, ""); err != nil {
			return err
		}
		x, err := r.find(v, key)
		if err == nil {
			d = x.draft(r)
		}
		return err
	})
	return d, err
}

// maxReason is how long a reason may be, in bytes.
const maxReason = 4000

// Raise raises a risk from a proposal, with its cases as evidence and its text as a
// draft, and with what more does to it in the same act.
func (r *Recurrence) Raise(ctx context.Context, key string, more ...func(*gate.Tx, ref.ID) error) (id ref.ID, err error) {
	err = r.Gate.Act(ctx, VerbRaise, "", func(tx *gate.Tx) error {
		if r.RaiseRisk == nil {
			return fault.New(fault.Conflict, "this house keeps no register of risks, so none can be raised")
		}
		x, err := r.find(&tx.View, key)
		if err != nil {
			return err
		}
		if id, err = r.RaiseRisk(tx, x.draft(r)); err != nil {
			return err
		}
		for _, do := range more {
			if err := do(tx, id); err != nil {
				return err
			}
		}
		return r.decide(tx, x, Decision{State: Raised, key: key, risk: id}, id)
	})
	return id, err
}

// found is an open proposal with all that it is made of.
type found struct {
	Proposal
	group *Group      // of the kinds Recurs and Caused
	cause *CauseGroup // of the kind Caused
	open  int         // cases that all staff see
}

// find looks an open proposal up by its key. One that the actor has no sight of, one
// that was decided, and none at all are the same.
func (r *Recurrence) find(v *gate.View, key string) (*found, error) {
	kind, k, err := readKey(key)
	if err != nil {
		return nil, err
	}
	switch kind {
	case Recurs:
	case Caused:
		return r.findCause(v, k)
	default:
		return r.findOther(v, key)
	}
	a, err := r.AnswerIn(v, Ask{Key: &k})
	if err != nil {
		return nil, err
	}
	if len(a.Groups) == 0 || a.Groups[0].Proposal != Open {
		return nil, noProposal()
	}
	g := &a.Groups[0]
	return &found{Proposal: g.proposal(), group: g, open: g.seenByAll()}, nil
}

func (r *Recurrence) findOther(v *gate.View, key string) (*found, error) {
	places, err := r.places(v, WindowTo(v.Now, r.Rules.Months))
	if err != nil {
		return nil, err
	}
	decided, err := r.decided(v, []string{key})
	if err != nil {
		return nil, err
	}
	for _, p := range r.undecided(v, places, decided) {
		if p.Key == key {
			return &found{Proposal: p, open: p.Count}, nil
		}
	}
	return nil, noProposal()
}

// scopeOf is what the numbers of a reader's answer are of.
func scopeOf(v *gate.View) string {
	if v.Actor.IsSystem() || v.May(VerbAggregate, "") {
		return everyone
	}
	return "visible"
}

// findCause looks up the open proposal of a group of root causes.
func (r *Recurrence) findCause(v *gate.View, k Key) (*found, error) {
	groups, err := r.causeGroups(v, WindowTo(v.Now, r.Rules.Months), Ask{Key: &k}, 1)
	if err != nil {
		return nil, err
	}
	if err := r.settle(v, scopeOf(v), Caused, causeList(groups)); err != nil {
		return nil, err
	}
	if len(groups) == 0 || groups[0].Proposal != Open {
		return nil, noProposal()
	}
	return groups[0].found(), nil
}

func noProposal() error {
	return fault.New(fault.NotFound, "there is no such proposal now; look at the list of proposals")
}

// decide keeps a decision, of the audience whose cases make the proposal.
func (r *Recurrence) decide(tx *gate.Tx, x *found, d Decision, about ref.ID) error {
	audience := staff
	if x.open < r.threshold(x.Kind) {
		audience = everyone
	}
	if audience == everyone && !tx.May(VerbAggregate, "") {
		return fault.New(fault.Forbidden, "only cases that not all staff may see make this a proposal; somebody who may count them all decides about it")
	}
	d.At, d.By, d.seen, d.counted = tx.Now, tx.Actor.ID, x.open, x.Count
	return putDecision(tx, about, audience, d)
}
