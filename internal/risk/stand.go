package risk

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// base is what people judged last, by kind.
type base map[string]*Evaluation

// foundation is the evaluation that evidence moves: the residual one, or while
// there is none the inherent one.
func (b base) foundation() *Evaluation {
	if e := b[KindResidual]; e != nil {
		return e
	}
	return b[KindInherent]
}

// restand computes where the risk stands, in both worlds, and records what moved.
func (s *Risks) restand(tx *gate.Tx, r *Risk) error { return s.restandAs(tx, r, false) }

func (s *Risks) restandAs(tx *gate.Tx, r *Risk, validated bool) error {
	judged, err := judgements(&tx.View, r.ID)
	if err != nil {
		return err
	}
	var items map[string][]Item
	var olds map[string]Standing
	if err := tx.AsHouse(func(v *gate.View) (err error) {
		if items, err = itemsOf(v, r); err != nil {
			return err
		}
		olds, err = standings(v, r.ID)
		return err
	}); err != nil {
		return err
	}
	for _, w := range []string{WorldOpen, WorldAll} {
		n, err := s.stand(tx, r, judged, items[w], ground{w, told(r, w, items), olds[w]}, validated && (w == WorldOpen || world(&tx.View) == w))
		if err != nil {
			return err
		}
		if w == WorldOpen {
			was := r.firmRating()
			if r.rated(OpenStanding{n}, tx.Now); s.lower(was, n.Rating) {
				if err := s.rise(tx, r, was, n.Rating); err != nil {
					return err
				}
			}
			r.shifted = r.shifted || n.moved(olds[w])
		}
		if w == world(&tx.View) || r.Standing.World == w {
			r.Standing = n
		}
	}
	return nil
}

// worlds puts evidence into its worlds, in each the newest first and as much as is
// read of one.
func worlds(r *Risk, all []Item) map[string][]Item {
	slices.SortFunc(all, func(a, b Item) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	out := map[string][]Item{WorldAll: all[:min(len(all), MaxItems+1)]}
	for _, it := range all {
		if !it.hidden(r) {
			out[WorldOpen] = append(out[WorldOpen], it)
		}
	}
	return out
}

// rated records the rating that the clocks run by: that of the open world, so that
// hidden evidence moves no clock that somebody sees.
func (r *Risk) rated(open OpenStanding, now time.Time) {
	if open.Rating != r.lastRating() {
		r.record(now, "severity", map[string]string{"severity": open.Rating})
	}
}

// lastRating is the rating that the clocks run by.
func (r *Risk) lastRating() (last string) {
	for _, e := range r.events {
		if e.Name == "severity" {
			last = e.Data["severity"]
		}
	}
	return last
}

// ground is what a world's standing is computed on: the standing before, and the
// record whose trail tells of it.
type ground struct {
	world string
	about ref.ID
	old   Standing
}

// told is the record whose trail tells how a world's standing moved: the risk. Where
// hidden evidence counts it is told by no trail, for those who see one hidden case are
// not those who see another; who counts all evidence reads the evaluations.
func told(r *Risk, world string, items map[string][]Item) ref.ID {
	if world == WorldAll && slices.ContainsFunc(items[WorldAll], func(it Item) bool { return it.hidden(r) }) {
		return ""
	}
	return r.ID
}

// stand computes and stores one world's standing.
func (s *Risks) stand(tx *gate.Tx, r *Risk, judged base, items []Item, g ground, validated bool) (Standing, error) {
	w, old := g.world, g.old
	n := unset()
	n.World, n.At, n.AboveSince, n.Was, n.WasAt = w, tx.Now, old.AboveSince, old.Was, old.WasAt
	for kind, to := range map[string]*float64{KindInherent: &n.Inherent, KindResidual: &n.Residual, KindTarget: &n.Target} {
		if e := judged[kind]; e != nil {
			*to = e.Score
		}
	}
	found := judged.foundation()
	if found == nil {
		return n, keepStanding(tx, r, g, n, "")
	}
	scales, err := s.scales(&tx.View, found.Scale)
	if err != nil {
		return n, err
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return n, err
	}
	e, err := s.adjust(r, found, items, scales, appetite, tx.Now, validated)
	if err != nil {
		return n, err
	}
	n.take(e, scales.rules(appetite))
	if n.State == string(riskscore.Within) {
		n.AboveSince = time.Time{}
	} else if n.AboveSince.IsZero() {
		n.AboveSince = tx.Now
	}
	if n.moved(old) {
		e.ID, e.At, e.World, e.Author, e.Profile = ref.New("eval"), tx.Now, w, tx.Actor.ID, s.Profile.Version
		if err := insertEvaluation(tx, r, e, g.about); err != nil {
			return n, err
		}
	} else {
		n.At = old.At
	}
	return n, keepStanding(tx, r, g, n, found.Scale)
}

// keepStanding stores a standing that differs from the one before, and nothing
// else: what did not move leaves no trace on the risk.
func keepStanding(tx *gate.Tx, r *Risk, g ground, n Standing, scale string) error {
	was := g.old
	was.At, was.World = n.At, n.World
	if was == n.coarse() && g.old.World != "" {
		return nil
	}
	return upsertStanding(tx, r, n, scale, g.about)
}

// coarse is the standing as its columns hold it: in hundredths.
func (n Standing) coarse() Standing {
	for _, f := range []*float64{&n.Likelihood, &n.Impact, &n.Score, &n.Inherent, &n.Residual, &n.Target, &n.Was} {
		*f = number(hundredths(*f))
	}
	return n
}

// take fills the standing in from the evaluation in force.
func (n *Standing) take(e *Evaluation, rules riskscore.Rules) {
	n.Kind, n.Likelihood, n.Impact, n.Score, n.Rating = e.Kind, e.Likelihood, e.Impact, e.Score, e.Rating
	n.Held, n.Items, n.Points = e.Held, e.Number, e.Points
	n.State = string(rules.Stand(e.Score))
	if n.Held {
		n.Rating = ""
	}
}

// moved reports whether an evaluation has something new to say.
func (n Standing) moved(old Standing) bool {
	return n.Kind != old.Kind || hundredths(n.Likelihood) != hundredths(old.Likelihood) || hundredths(n.Impact) != hundredths(old.Impact) ||
		hundredths(n.Score) != hundredths(old.Score) || n.Rating != old.Rating || n.Held != old.Held || n.Items != old.Items || n.Points != old.Points
}

// adjust moves the foundation by the evidence, and puts an approved override in
// its place. A rating on which both disagree is held until a person validates it.
func (s *Risks) adjust(r *Risk, found *Evaluation, items []Item, scales Scales, a Appetite, now time.Time, validated bool) (*Evaluation, error) {
	rules, er := scales.rules(a), s.evidenceRules()
	cut := len(items) > MaxItems
	items = items[:min(len(items), MaxItems)]
	in := riskscore.Inputs{Rules: rules, Likelihood: found.Likelihood, Impact: found.Impact,
		Evidence: &riskscore.Evidence{Rules: er, Items: s.weighed(items), Now: now}}
	if o := r.Override; o.Active() {
		in.Override = &riskscore.Override{Likelihood: o.Likelihood, Impact: o.Impact, Reason: o.Reason, Approver: string(o.Approver)}
	}
	res, err := riskscore.Evaluate(in)
	if err != nil {
		return nil, err
	}
	f := res.Final
	e := &Evaluation{Kind: KindAdjusted, Likelihood: f.Likelihood, Impact: f.Impact, Score: f.Score, Rating: f.Rating, Scale: scales.Version}
	e.Steps, e.Number, e.Points = res.Steps, res.Adjusted.Ledger.Count, res.Adjusted.Ledger.Points
	if e.Items, e.Excluded = counted(items, res.Adjusted.Ledger); cut {
		e.Steps = append(e.Steps, riskscore.Step{Key: "evidence.read", Label: "Evidence read", Value: "the newest " + strconv.Itoa(MaxItems),
			Note: "there is more, all of it older: it counts neither in nor out"})
	}
	if in.Override != nil {
		e.Kind, e.Computed, e.Approver, e.Reason = KindOverride, res.Adjusted.Final.Score, r.Override.Approver, r.Override.Reason
		return e, nil
	}
	on := seen(found, e)
	if validated && res.Held {
		r.Hold.On += on + " "
	}
	e.Held = res.Held && !strings.Contains(r.Hold.On, on)
	return e, nil
}

// seen names the numbers that a validation was given on, without telling them: it
// stands in the risk, where hidden evidence must not show.
func seen(found, e *Evaluation) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %v %v %d %d", found.ID, e.Scale, e.Likelihood, e.Impact, e.Number, e.Points))
	return hex.EncodeToString(sum[:8])
}

// evidenceRules are the profile's, as the arithmetic takes them.
func (s *Risks) evidenceRules() riskscore.EvidenceRules {
	e := s.Profile.Register.Evidence
	out := riskscore.EvidenceRules{Months: e.Months}
	for _, m := range e.CountBands {
		out.Counts = append(out.Counts, riskscore.Modifier(m))
	}
	for _, m := range e.PointBands {
		out.Points = append(out.Points, riskscore.Modifier(m))
	}
	for _, c := range e.Contradictions {
		out.Contradictions = append(out.Contradictions, riskscore.Contradiction(c))
	}
	return out
}

// weighed gives each item the points of its kind and severity.
func (s *Risks) weighed(items []Item) []riskscore.Item {
	var out []riskscore.Item
	for _, it := range items {
		out = append(out, riskscore.Item{Ref: it.About, Kind: it.Kind, Title: it.Title, Date: it.At, Severity: it.Severity,
			Points: s.points(it.Kind, it.Severity), Source: it.Source, Link: it.Link, Withdrawn: it.Dropped})
	}
	return out
}

// points are the severity points of one item: handbook 3.4, step 4.
func (s *Risks) points(kind, severity string) int {
	for _, k := range s.Profile.Register.Evidence.Kinds {
		if k.Name == kind {
			return k.Points[severity]
		}
	}
	return 0
}

// counted tells of each item whether it counted.
func counted(items []Item, l riskscore.Ledger) (in, out []Counted) {
	find := func(about string) Counted {
		i := slices.IndexFunc(items, func(it Item) bool { return it.About == about })
		it := items[i]
		return Counted{ID: it.ID, About: it.About, Kind: it.Kind, At: it.At, Severity: it.Severity}
	}
	for _, it := range l.Counted {
		c := find(it.Ref)
		c.Points = it.Points
		in = append(in, c)
	}
	for _, x := range l.Excluded {
		c := find(x.Item.Ref)
		c.Why = x.Why
		out = append(out, c)
	}
	return in, out
}
