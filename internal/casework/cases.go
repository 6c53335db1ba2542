package casework

import (
	"context"
	"errors"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/measure"
	"tocsin/internal/passage"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The verbs of casework that are not moves of the life cycle.
const (
	VerbOpen     access.Verb = "case.open"
	VerbRead     access.Verb = "case.read"
	VerbEdit     access.Verb = "case.edit"
	VerbAssign   access.Verb = "case.assign"
	VerbNote     access.Verb = "case.note"
	VerbMessage  access.Verb = "case.message"
	VerbAttach   access.Verb = "case.attach"
	VerbScore    access.Verb = "case.score"
	VerbVote     access.Verb = "case.vote"
	VerbFix      access.Verb = "case.fix"
	VerbPause    access.Verb = "case.clock.pause"
	VerbExtend   access.Verb = "case.clock.extend"
	VerbShare    access.Verb = "case.share"
	VerbEmbargo  access.Verb = "case.embargo"
	VerbMark     access.Verb = "case.mark"
	VerbLink     access.Verb = "case.link"
	VerbCredit   access.Verb = "case.credit"
	VerbAccept   access.Verb = "case.accept-risk"
	VerbValidate access.Verb = "case.validate"
)

// Cases are the operations on cases.
type Cases struct {
	Gate    *gate.Gate
	Profile *profile.Profile

	// Changed is told, inside the same act, that a case is new or not what it was to
	// those who count cases: the register. Nil is nobody.
	Changed func(tx *gate.Tx, id ref.ID, was, now recurrence.Fact) error
	// Measured are the rules by which reports measure cases; nil measures nothing.
	Measured *measure.Rules
}

// Opening is what a case is opened with.
type Opening struct {
	Title     string    `json:"title"`
	Summary   string    `json:"summary,omitempty"`
	Product   string    `json:"product,omitempty"`
	Component string    `json:"component,omitempty"`
	CWE       string    `json:"cwe,omitempty"`
	Severity  string    `json:"severity,omitempty"` // as claimed
	Source    string    `json:"source,omitempty"`
	TLP       string    `json:"tlp,omitempty"`
	Received  time.Time `json:"received,omitzero"` // when it first reached us; else now
	Deadline  time.Time `json:"deadline,omitzero"`
	Reported  bool      `json:"-"`               // somebody outside reported it
	Named     bool      `json:"named,omitempty"` // need to know: only named people may see it
	Credit    Credit    `json:"credit,omitzero"`
}

// Limits of the fields, in bytes.
const (
	MaxTitle   = 300
	MaxSummary = 64 << 10
	MaxLine    = 200
)

const wantsTitle = "a case needs a title; one sentence that says what is wrong"

// check cleans the opening and lists all that is wrong with it.
func (o *Opening) check(p *profile.Profile) error {
	var fs fault.Fields
	clean := func(field, text string, max int) string {
		out, err := thread.Line(field, text, max)
		if err != nil {
			fs.Add(field, "%s", fault.Of(err).Says)
		}
		return out
	}
	o.Title = clean("title", o.Title, MaxTitle)
	o.Product, o.Component = clean("product", o.Product, MaxLine), clean("component", o.Component, MaxLine)
	fs.Want("title", o.Title, wantsTitle)
	summary, err := thread.Clean("summary", o.Summary, MaxSummary)
	if err != nil {
		fs.Add("summary", "%s", fault.Of(err).Says)
	}
	o.Summary = summary
	checkWeakness(&fs, &o.CWE)
	thread.Word(&fs, "severity", o.Severity, p.SeverityWords())
	thread.Word(&fs, "source", o.Source, names(p.Sources))
	thread.Word(&fs, "tlp", o.TLP, p.TLP)
	o.Credit.check(&fs, p, "credit.")
	thread.SetTime(&fs, "received", &o.Received, &o.Received)
	thread.SetTime(&fs, "deadline", &o.Deadline, &o.Deadline)
	return fs.Err()
}

// Open starts a case; whoever opens it is named on it.
func (s *Cases) Open(ctx context.Context, o Opening) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbOpen, "", func(tx *gate.Tx) error {
		id, err = s.OpenIn(tx, o)
		return err
	})
	return id, err
}

// OpenIn starts a case inside another act: the acceptance of a report.
func (s *Cases) OpenIn(tx *gate.Tx, o Opening) (ref.ID, error) {
	if err := o.check(s.Profile); err != nil {
		return "", err
	}
	received := tx.Now
	if !o.Received.IsZero() && o.Received.Before(tx.Now) {
		received = o.Received.UTC().Truncate(time.Microsecond)
	}
	c := Start(s.Profile, o.Title, received)
	c.Product, c.Component, c.CWE, c.Source, c.Audience = o.Product, o.Component, o.CWE, o.Source, access.Staff
	c.Summary, c.Claimed, c.TLP, c.Deadline, c.Credit, c.Detected = o.Summary, o.Severity, o.TLP, o.Deadline, o.Credit, received
	c.Profile = s.Profile.Version
	if o.Named {
		c.Audience = access.Named
	}
	if o.Reported {
		c.record(received, "message:in", nil)
	}
	c.doc = gate.Doc(received)
	c.tick(s.Profile, tx.Now)
	if err := insert(tx, c, gate.Change{Field: "opened", New: c.Title}); err != nil {
		return "", err
	}
	if err := s.noted(tx, c, nil); err != nil {
		return "", err
	}
	if o.Named {
		if err := tx.Show(c.ID, tx.Actor.ID, "", c.doc); err != nil {
			return "", err
		}
	}
	return c.ID, insight.Index(tx, c.ID, c.doc, true, c.Title, c.words())
}

// words is the text by which a case is found besides its title.
func (c *Case) words() string {
	return strings.Join([]string{string(c.ID), c.CVE, c.CWE, c.Product, c.Component, c.Origin.Name, c.Origin.Stated["aliases"]}, " ") + "\n" + c.Summary
}

// Get returns one case with all that its page shows.
func (s *Cases) Get(ctx context.Context, id ref.ID) (f *Full, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err = v.Allow(VerbRead, id); err == nil {
			f, err = s.full(v, id)
		}
		return err
	})
	return f, err
}

// change loads the case, lets fn change it, brings its clocks up to date and
// saves it with what changed. version, where not 0, is the row version that the
// caller saw.
func (s *Cases) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Case) error) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		c, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if version != 0 && c.Version != version {
			return fault.New(fault.Conflict, "%s changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", id, version, c.Version)
		}
		return s.apply(tx, c, fn)
	})
}

func (s *Cases) apply(tx *gate.Tx, c *Case, fn func(*gate.Tx, *Case) error) error {
	before, words, learnt := *c, c.Title+c.words(), c.learnt().Text
	old := gate.Fields(before)
	kept := len(c.events)
	if err := fn(tx, c); err != nil {
		return err
	}
	c.unlabel(s.Profile.Lifecycle("case"), kept)
	if err := s.analyse(tx, c); err != nil {
		return err
	}
	c.tick(s.Profile, tx.Now)
	c.barred = c.bar(s.Profile)
	if err := update(tx, c, gate.Diff(old, gate.Fields(*c))); err != nil {
		return err
	}
	if err := s.noted(tx, c, &before); err != nil {
		return err
	}
	if err := s.notedCauses(tx, c, before.causes()); err != nil {
		return err
	}
	if p := c.learnt(); p.Text != learnt {
		if err := passage.Put(tx, p); err != nil {
			return err
		}
	}
	if words != c.Title+c.words() {
		return insight.Index(tx, c.ID, c.doc, false, c.Title, c.words())
	}
	return nil
}

// Tick brings the columns of cases whose clocks changed by themselves up to the
// moment, at most n of them, and returns how many there were.
func (s *Cases) Tick(ctx context.Context, n int) (done int, err error) {
	var ids []ref.ID
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		ids, err = toLook(v, n)
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if bad := s.change(ctx, VerbEdit, id, 0, func(tx *gate.Tx, c *Case) error { return s.warn(tx, c) }); bad != nil {
			err = errors.Join(err, bad) // one that cannot be brought up holds up no other
			continue
		}
		done++
	}
	return done, err
}

// warn tells the owner of what passed a warn point or came due since the last look.
func (s *Cases) warn(tx *gate.Tx, c *Case) error {
	for _, st := range c.Clocks(s.Profile, tx.Now) {
		if st.Kind == kindFollowup {
			if err := s.warnRCA(tx, c, st); err != nil {
				return err
			}
			continue
		}
		if st.Phase() == "running" && (st.Breached && !c.Breached || len(st.Warned) > 0 && !c.look.IsZero() && !st.Warned[len(st.Warned)-1].At.Before(c.look)) {
			return tx.Later("tell:owner", tx.Now, "", Told{Case: c.ID, What: "clock:" + st.Name})
		}
	}
	return nil
}

// Told is what the jobs that tell people carry: never a title or a text, since
// authority is asked again when it is sent.
type Told struct {
	Case ref.ID `json:"case"`
	What string `json:"what"` // the verb, or clock:NAME
	Who  ref.ID `json:"who,omitempty"`
	Text ref.ID `json:"text,omitempty"` // a message
	From ref.ID `json:"from,omitempty"` // whose doing it was; they are not told
}
