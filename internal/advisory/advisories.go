package advisory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The verbs of advisories. Submit, Approve, Return, Publish, Revise and Withdraw
// are moves of the life cycle "advisory".
const (
	VerbRead     access.Verb = "advisory.read"
	VerbDraft    access.Verb = "advisory.draft"
	VerbEdit     access.Verb = "advisory.edit"
	VerbSubmit   access.Verb = "advisory.submit"
	VerbApprove  access.Verb = "advisory.approve"
	VerbReturn   access.Verb = "advisory.return"
	VerbPublish  access.Verb = "advisory.publish"
	VerbRevise   access.Verb = "advisory.revise"
	VerbWithdraw access.Verb = "advisory.withdraw"
)

// Advisories are the operations on advisories.
type Advisories struct {
	Gate    *gate.Gate
	Profile *profile.Profile
	Product func(v *gate.View, p Product) (Product, error)       // fills in what the product tree knows of a product
	Facts   func(v *gate.View, id ref.ID) (Facts, error)         // of the case that an advisory is drafted from
	Check   func(d Document) ([]Finding, error)                  // of every published form of the Document
	Page    func(name string) string                             // address of the page on which it is published
	File    func(name string) string                             // address of the file that is the advisory for machines
	Out     func(tx *gate.Tx, id ref.ID, effects []string) error // tells the case that its advisory is out
}

// Draft makes an advisory from a case, in the stage where they begin.
func (s *Advisories) Draft(ctx context.Context, id ref.ID) (made ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbDraft, id, func(tx *gate.Tx) error {
		f, err := s.Facts(&tx.View, id)
		if err != nil {
			return err
		}
		if f.Product, err = s.Product(&tx.View, f.Product); err != nil {
			return err
		}
		made = ref.New("adv")
		name := strings.ToLower(string(made))
		f.Page, f.File = s.Page(name), s.File(name)
		a := &Advisory{ID: made, Name: name, Stage: s.Profile.Lifecycle("advisory").Start(), Case: id, Made: tx.Now, guard: id, audience: f.Audience, doc: gate.Doc(tx.Now)}
		a.Document, a.Writers = From(f, name), tx.Actor.Hands()
		a.Title, a.Severity = a.Document.Title, a.Document.Severity
		a.record(tx.Now, "enter:"+a.Stage)
		if err := insert(tx, a, gate.Change{Field: "drafted", New: string(id)}); err != nil {
			return err
		}
		return insight.Index(tx, a.ID, a.doc, true, a.Title, a.words())
	})
	return made, err
}

func (a *Advisory) record(at time.Time, name string) {
	a.events = append(a.events, clock.Event{At: at, Name: name})
}

func (a *Advisory) words() string {
	var cves []string
	for _, v := range a.Document.Vulns {
		cves = append(cves, v.CVE)
	}
	return a.Name + " " + strings.Join(cves, " ") + "\n" + a.Document.Summary
}

// Full is an advisory with all that its page shows.
type Full struct {
	*Advisory
	Moves    []Next          `json:"moves"`
	Findings []Finding       `json:"findings"` // of its published forms, as they would go out now
	Hash     string          `json:"hash"`     // of the present content
	May      map[string]bool `json:"may"`
	Embargo  time.Time       `json:"embargo,omitzero"` // of the case that it speaks of
}

// Next is a move that leaves the advisory's stage, with what it still lacks.
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

// Get returns one advisory, for staff.
func (s *Advisories) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		f, err = s.full(v, id)
		return err
	})
	return f, err
}

// WithTrail is Get with what happened to the advisory, newest first.
func (s *Advisories) WithTrail(ctx context.Context, id ref.ID) (f *Full, trail []insight.Entry, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if f, err = s.full(v, id); err != nil {
			return err
		}
		trail, err = insight.OnRecord(v, id)
		return err
	})
	return f, trail, err
}

func (s *Advisories) full(v *gate.View, id ref.ID) (*Full, error) {
	if err := v.Allow(VerbRead, id); err != nil {
		return nil, err
	}
	a, err := get(v, id)
	if err != nil {
		return nil, err
	}
	f := &Full{Advisory: a, Hash: a.hash(), May: map[string]bool{}}
	for _, verb := range []access.Verb{VerbEdit, VerbSubmit, VerbApprove, VerbReturn, VerbPublish, VerbRevise, VerbWithdraw} {
		f.May[string(verb)] = v.May(verb, id)
	}
	x, err := s.sight(v, a)
	if err != nil {
		return nil, err
	}
	f.Findings, f.Embargo = x.findings, x.facts.Embargo
	f.Moves = s.next(v, x)
	return f, nil
}

func (s *Advisories) next(v *gate.View, x *sight) (out []Next) {
	for _, mv := range s.Profile.Lifecycle("advisory").Allowed(x.Stage) {
		n := Next{Move: mv, May: v.May(access.Verb(mv.Verb), x.ID)}
		for _, w := range mv.Needs {
			n.Needs = append(n.Needs, Held{x.need(w), needs[w].has(x)})
		}
		out = append(out, n)
	}
	return out
}

// sight is an advisory with the facts that its needs look at.
type sight struct {
	*Advisory
	actor    access.Actor
	findings []Finding
	facts    Facts
	now      time.Time
}

func (s *Advisories) sight(v *gate.View, a *Advisory) (*sight, error) {
	x := &sight{Advisory: a, actor: v.Actor, now: v.Now}
	var err error
	if x.findings, err = s.Check(a.Issue(v.Now)); err != nil {
		return nil, err
	}
	if a.Case == "" {
		return x, nil
	}
	x.facts, err = s.Facts(v, a.Case)
	return x, err
}

var needs = map[string]struct {
	has  func(*sight) bool
	says string
	link string
}{
	"valid":            {func(x *sight) bool { return Valid(x.findings) }, "content that is valid in every published form", "#findings"},
	second:             {(*sight).second, "somebody who did not write it", "#approvals"},
	"approval-current": {func(x *sight) bool { return x.approved() }, "an approval of exactly this content by a second person", "#approvals"},
	"released":         {func(x *sight) bool { return x.Case == "" || x.facts.Events }, "the release of the fix, recorded on the case", "#case"},
	"embargo-over":     {func(x *sight) bool { return !x.facts.Held && !x.facts.Embargo.After(x.now) }, "the end of the embargo", "#case"},
	consented:          {func(x *sight) bool { return !x.Document.thanks(x.facts.Unthanked) }, "the consent of everybody whom it thanks; a name whose bearer does not agree has to go", "#credits"},
}

// consented is the need that nobody is thanked who does not want to be. Publishing has
// it whether or not the profile says so: consent can be taken back at any time.
const consented = "credit-agreed"

// second is the need of somebody who did not write the content.
const second = "second-person"

// second reports whether the actor is a person who did not write the content.
func (x *sight) second() bool { return x.secondTo(x.actor) }

func (a *Advisory) secondTo(who access.Actor) bool {
	return access.Second{Gives: "the approval of an advisory", Did: "you wrote it", First: a.Writers}.Refuse(who) == nil
}

// SignableIn tells which of the advisories wait for an approval that the actor may
// give.
func (s *Advisories) SignableIn(v *gate.View, ids []ref.ID) (map[ref.ID]bool, error) {
	may := map[ref.ID]bool{}
	if !v.May(VerbApprove, "") {
		return may, nil
	}
	found, err := several(v, ids)
	for _, a := range found {
		may[a.ID] = slices.ContainsFunc(s.Profile.Lifecycle("advisory").Allowed(a.Stage), func(mv lifecycle.Move) bool {
			return access.Verb(mv.Verb) == VerbApprove && (a.secondTo(v.Actor) || !slices.Contains(mv.Needs, second))
		})
	}
	return may, err
}

// Needs lists the words that an advisory's life cycle may ask for.
func Needs() []string {
	var out []string
	for w := range needs {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// Effects lists the words that an advisory's life cycle may use under does.
func Effects() []string {
	return []string{"event:published", "lift:embargo", "tell:reporter", "tell:owner", "tell:team", "refresh:due"}
}

func (x *sight) need(w string) fault.Need {
	return fault.Need{Word: w, Says: needs[w].says, Link: needs[w].link}
}

// Edit replaces the content. An approval of the old content stays on record and
// no longer counts; what is published stays as it is.
func (s *Advisories) Edit(ctx context.Context, id ref.ID, version int, d Document, summary string) error {
	return s.change(ctx, VerbEdit, id, version, func(tx *gate.Tx, a *Advisory) error {
		if err := s.open(a); err != nil {
			return err
		}
		d.ID, d.Initial, d.Revisions = a.Name, a.Document.Initial, a.Document.Revisions
		d = d.keepTracking(a.Document)
		text, err := thread.Clean("summary", summary, MaxSummary)
		if err := errors.Join(err, d.check(a.Document)); err != nil {
			return err
		}
		was := a.hash()
		a.Document, a.Summary, a.Title, a.Severity = d, text, d.Title, d.Severity
		if a.hash() != was {
			a.Writers = a.Writers.And(tx.Actor.Hands()...)
		}
		return nil
	})
}

// open refuses to change the content of what is out or withdrawn.
func (s *Advisories) open(a *Advisory) error {
	stage, _ := s.Profile.Lifecycle("advisory").Stage(a.Stage)
	if stage.Terminal {
		return fault.New(fault.Conflict, "the advisory is %s; begin a new revision to change it", strings.ToLower(stage.Title))
	}
	return nil
}

// Mark sets who may read the advisory, of the marks of TLP 2.0, and leaves the rest of
// the content as it is. What is approved keeps its approval: to change its mark it is
// edited.
func (s *Advisories) Mark(ctx context.Context, id ref.ID, tlp string) error {
	return s.change(ctx, VerbEdit, id, 0, func(tx *gate.Tx, a *Advisory) error {
		switch err := s.open(a); {
		case err != nil:
			return err
		case tlp == a.Document.TLP:
			return nil
		case a.Approved:
			return fault.New(fault.Conflict, "it is approved as it is, and another mark would end the approval; edit it on its own page")
		}
		d := a.Document
		d.TLP = tlp
		if err := d.check(a.Document); err != nil {
			return err
		}
		a.Document = d
		a.Writers = a.Writers.And(tx.Actor.Hands()...)
		return nil
	})
}

// keepTracking takes what only publication sets from the Document before: approvals
// are not bound to it, so nobody writes it.
func (d Document) keepTracking(old Document) Document {
	d.Status, d.Version, d.Current, d.Withdrawn = old.Status, old.Version, old.Current, old.Withdrawn
	d.Vulns = slices.Clone(d.Vulns)
	for i := range d.Vulns {
		d.Vulns[i].Released = old.released(i, d.Vulns[i].CVE)
	}
	return d
}

// released is when a vulnerability was first public: the one of the same CVE ID,
// else the one in the same place that has none.
func (d Document) released(i int, cve string) time.Time {
	for j, v := range d.Vulns {
		if v.CVE == cve && (cve != "" || i == j) {
			return v.Released
		}
	}
	return time.Time{}
}

// check refuses what no published form could say.
func (d Document) check(old Document) error {
	var fs fault.Fields
	d.bounds(&fs)
	if d.TLP != "" && d.TLP != old.TLP && !slices.Contains(Marks, d.TLP) {
		fs.Add("tlp", "%q is not one of: %s", d.TLP, strings.Join(Marks, ", "))
	}
	fs.Want("title", strings.TrimSpace(d.Title), "an advisory needs a title")
	seen := map[string]bool{}
	for i, p := range d.Products {
		if p.ID == "" || seen[p.ID] {
			fs.Add(fmt.Sprintf("products.%d.id", i), "every product needs an id of its own")
		}
		seen[p.ID] = true
	}
	for i, v := range d.Vulns {
		if v.CVE != "" && !IsCVE(v.CVE) {
			fs.Add(fmt.Sprintf("vulns.%d.cve", i), "%q is no CVE ID; write it like CVE-2026-12345, or leave it empty", v.CVE)
		}
		for j, a := range v.Affected {
			if !seen[a.Product] {
				fs.Add(fmt.Sprintf("vulns.%d.affected.%d.product", i, j), "there is no product %q in this advisory", a.Product)
			}
		}
	}
	return fs.Err()
}

// Move takes the advisory one step along its life cycle.
func (s *Advisories) Move(ctx context.Context, id ref.ID, verb access.Verb, version int, reason string) error {
	m := s.Profile.Lifecycle("advisory")
	if !slices.Contains(m.Verbs(), string(verb)) {
		return fault.New(fault.Invalid, "%s is no move of an advisory; its moves are: %s", verb, strings.Join(m.Verbs(), ", "))
	}
	reason, err := thread.Clean("reason", reason, MaxSummary)
	if err != nil {
		return err
	}
	return s.change(ctx, verb, id, version, func(tx *gate.Tx, a *Advisory) error {
		tx.Reason(reason)
		x, err := s.sight(&tx.View, a)
		if err != nil {
			return err
		}
		mv, missing, err := m.Take(a.Stage, string(verb), func(w string) bool { return needs[w].has(x) })
		if err == nil && verb == VerbPublish && !needs[consented].has(x) {
			missing, err = []string{consented}, fault.New(fault.Missing, "this cannot go out yet; what is missing: %s", needs[consented].says)
		}
		if len(missing) > 0 {
			f := fault.Of(err)
			f.Needs = nil
			for _, w := range missing {
				f.Needs = append(f.Needs, x.need(w))
			}
			return f
		}
		if err == nil && mv.Reason && reason == "" {
			err = fault.At("reason", "%s wants a reason; write a sentence for those who read this later", strings.ToLower(mv.Title))
		}
		if err != nil {
			return err
		}
		return s.carryOut(tx, a, mv, reason)
	})
}

func (s *Advisories) carryOut(tx *gate.Tx, a *Advisory, mv lifecycle.Move, reason string) error {
	if !mv.Stays() {
		a.record(tx.Now, "leave:"+a.Stage)
		a.record(tx.Now, "enter:"+mv.To)
	}
	a.Stage = mv.To
	var err error
	switch access.Verb(mv.Verb) {
	case VerbApprove:
		a.Approvals = append(a.Approvals, Approval{By: tx.Actor.ID, Name: tx.Actor.Name, At: tx.Now, Hash: a.hash()})
	case VerbPublish:
		err = s.publish(tx, a)
	case VerbRevise:
		a.Summary, a.Writers = reason, tx.Actor.Hands()
	case VerbWithdraw:
		err = withdrawPublications(tx, a)
	}
	if err != nil || a.Case == "" {
		return err
	}
	return s.Out(tx, a.Case, mv.Does)
}

// publish puts the approved content out, exactly.
func (s *Advisories) publish(tx *gate.Tx, a *Advisory) error {
	d := a.Issue(tx.Now)
	if !d.IsPublic() {
		return fault.New(fault.Conflict, "the advisory is marked TLP:%s, and what is published is for everybody; mark it CLEAR and have it approved again", d.TLP)
	}
	a.Revision++
	a.Document, a.Published = d, tx.Now
	return insertPublication(tx, a, d)
}

func (s *Advisories) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Advisory) error) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		a, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if version != 0 && a.Version != version {
			return fault.New(fault.Conflict, "%s changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", id, version, a.Version)
		}
		before, words := gate.Fields(*a), a.Title+a.words()
		if err := fn(tx, a); err != nil {
			return err
		}
		a.Approved, a.TLP = a.approved(), a.Document.TLP
		if err := update(tx, a, gate.Diff(before, gate.Fields(*a), "document")); err != nil {
			return err
		}
		if words != a.Title+a.words() {
			return insight.Index(tx, a.ID, a.doc, false, a.Title, a.words())
		}
		return nil
	})
}

// Published returns the newest revision that is out under a tracking ID. Anybody
// may read it.
func (s *Advisories) Published(ctx context.Context, name string) (p Publication, err error) {
	err = s.Gate.View(access.With(ctx, access.Public()), func(v *gate.View) error {
		p, err = publication(v, name)
		return err
	})
	return p, err
}

// Feed returns what is out, newest first, and the marker of the next page.
func (s *Advisories) Feed(ctx context.Context, limit int, after string) (ps []Publication, next string, err error) {
	err = s.Gate.View(access.With(ctx, access.Public()), func(v *gate.View) error {
		var at int64
		var name string
		if after != "" {
			if err := v.Place("publications", after, &at, &name); err != nil {
				return err
			}
		}
		if ps, err = publications(v, at, name, limit+1); err != nil {
			return err
		}
		if len(ps) > limit {
			ps = ps[:limit]
			last := ps[limit-1]
			next = v.Cursor("publications", last.At, last.Name)
		}
		return nil
	})
	return ps, next, err
}
