package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Note says something inside the house. Whoever is mentioned is told, if they
// may see the case when it is sent.
func (s *Cases) Note(ctx context.Context, id ref.ID, text string) (msg ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbNote, id, func(tx *gate.Tx) error { // the case itself stays as it is, and so does its version
		c, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		m, err := thread.New(tx, id, thread.Note, text)
		if err != nil {
			return err
		}
		msg = m.ID
		for _, name := range thread.Mentions(text) {
			if err := tx.Later("tell:mention", tx.Now, "", Mention{Told{Case: id, What: string(VerbNote), Text: m.ID, From: tx.Actor.ID}, name}); err != nil {
				return err
			}
		}
		return thread.Add(tx, m, id, c.Audience)
	})
	return msg, err
}

// Mention is the job that tells a mentioned person.
type Mention struct {
	Told
	Name string `json:"name"`
}

// Message writes to the reporters of the case.
func (s *Cases) Message(ctx context.Context, id ref.ID, text string) error {
	return s.say(ctx, VerbMessage, id, func(tx *gate.Tx, c *Case) error {
		a, err := around(&tx.View, c)
		if err != nil {
			return err
		}
		if len(a.Reports) == 0 {
			return fault.New(fault.Conflict, "nobody outside reported this case, so there is no reporter to write to")
		}
		return s.write(tx, c, a, text)
	})
}

// write says something to every reporter of the case, and leaves the jobs that
// tell them.
func (s *Cases) write(tx *gate.Tx, c *Case, a *Around, text string) error {
	for _, r := range a.Reports {
		m, err := thread.New(tx, r.ID, thread.Out, text)
		if err != nil {
			return err
		}
		if err := thread.Add(tx, m, r.ID, r.audience); err != nil {
			return err
		}
		if err := tx.Later("tell:reporter", tx.Now, "", Told{Case: c.ID, What: string(VerbMessage), Who: r.ID, Text: m.ID}); err != nil {
			return err
		}
	}
	c.told(tx.Now)
	return nil
}

// Heard records on a case, inside another act, that something was said on a report of
// it. Whoever said it need not see the case: a reporter does not.
func (s *Cases) Heard(tx *gate.Tx, id ref.ID, side thread.Side) error {
	var c *Case
	if err := tx.AsHouse(func(v *gate.View) (err error) {
		c, err = get(v, id)
		return err
	}); err != nil {
		return err
	}
	return s.apply(tx, c, func(tx *gate.Tx, c *Case) error {
		if side == thread.Out {
			c.told(tx.Now)
		} else if !c.Closed {
			c.record(tx.Now, "message:in", nil)
		}
		return nil
	})
}

// told records that the reporters had a message. After the end nothing more is
// promised to them, so that no clock begins anew.
func (c *Case) told(now time.Time) {
	if !c.Closed {
		c.record(now, "message:out", nil)
	}
}

// Canned writes a message of the profile to the reporters of the case, once for
// each id: the same id again changes nothing.
func (s *Cases) Canned(ctx context.Context, id, once ref.ID, m profile.Message, page string) error {
	return s.say(ctx, VerbMessage, id, func(tx *gate.Tx, c *Case) error {
		a, err := around(&tx.View, c)
		if err != nil {
			return err
		}
		for i, r := range a.Reports {
			_, body, err := m.Render(s.vars(c, a, r, page))
			if err != nil {
				return err
			}
			msg := thread.Message{ID: ref.ID(fmt.Sprintf("message-%s-%d", once, i)), Subject: r.ID, At: tx.Now, Author: tx.Actor.ID,
				Name: s.Profile.Publisher.Name, Side: thread.Out, Text: strings.TrimSpace(body)}
			if fresh, err := thread.AddOnce(tx, msg, r.ID, r.audience); err != nil || !fresh {
				return err
			}
			if err := tx.Later("tell:reporter", tx.Now, "", Told{Case: id, What: string(VerbMessage), Who: r.ID, Text: msg.ID}); err != nil {
				return err
			}
		}
		if len(a.Reports) > 0 {
			c.told(tx.Now)
		}
		return nil
	})
}

func (s *Cases) vars(c *Case, a *Around, r Report, page string) profile.Vars {
	v := profile.Vars{Tracking: string(r.ID), Title: r.Title, Link: page, Vendor: s.Profile.Publisher.Name, Days: s.Profile.Disclosure.Days,
		Versions: strings.Join(c.Release.Versions, ", ")}
	if c.Credit.names() {
		v.Credit = c.Credit.Name
	}
	for _, d := range a.Advisories {
		if d.Published {
			v.Advisory = d.Name
		}
	}
	return v
}

// Attach puts a stored content on the case: inside the house, or where shared is
// set on its reports, for the reporters to see.
func (s *Cases) Attach(ctx context.Context, id ref.ID, name string, content evidence.Content, shared bool) (f evidence.File, err error) {
	err = s.Gate.Act(ctx, VerbAttach, id, func(tx *gate.Tx) error {
		c, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if !shared {
			f, err = evidence.Attach(tx, id, id, c.Audience, thread.Note, name, content)
			return err
		}
		a, err := around(&tx.View, c)
		if err != nil {
			return err
		}
		if len(a.Reports) == 0 {
			return fault.New(fault.Conflict, "nobody outside reported this case, so there is no reporter to share a file with")
		}
		r := a.Reports[0]
		f, err = evidence.Attach(tx, r.ID, r.ID, r.audience, thread.Out, name, content)
		return err
	})
	return f, err
}

func (s *Cases) say(ctx context.Context, verb access.Verb, id ref.ID, fn func(*gate.Tx, *Case) error) error {
	return s.change(ctx, verb, id, 0, fn)
}

// Pause holds a clock, or every clock where none is named, for a reason.
func (s *Cases) Pause(ctx context.Context, id ref.ID, name, reason string) error {
	return s.hold(ctx, id, "paused", name, reason)
}

// Resume lets a clock go on.
func (s *Cases) Resume(ctx context.Context, id ref.ID, name, reason string) error {
	return s.hold(ctx, id, "resumed", name, reason)
}

func (s *Cases) hold(ctx context.Context, id ref.ID, event, name, reason string) error {
	return s.change(ctx, VerbPause, id, 0, func(tx *gate.Tx, c *Case) error {
		reason, err := thread.Line("reason", reason, 2000)
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.At("reason", "a clock is paused and resumed only for a reason; write it down")
		}
		tx.Reason(reason)
		data := map[string]string{"reason": reason, "by": string(tx.Actor.ID)}
		if name != "" {
			if err := s.caseClock(name); err != nil {
				return err
			}
			data["clock"] = name
		}
		c.record(tx.Now, event, data)
		return nil
	})
}

func (s *Cases) caseClock(name string) error {
	if k, ok := s.Profile.Clock(name); !ok || k.On != "case" {
		return fault.At("clock", "the profile has no clock %q for cases", name)
	}
	return nil
}

// Extend adds time to a clock. The actor is the approver.
func (s *Cases) Extend(ctx context.Context, id ref.ID, name, span, reason string) error {
	return s.change(ctx, VerbExtend, id, 0, func(tx *gate.Tx, c *Case) error {
		if err := s.caseClock(name); err != nil {
			return err
		}
		by, err := profile.ParseSpan(strings.TrimSpace(span))
		if err != nil || by.N <= 0 {
			return fault.At("span", "%q is no span of time; write 7d, 48h or 5bd", span)
		}
		reason, err := thread.Line("reason", reason, 2000)
		if err == nil && reason == "" {
			err = fault.At("reason", "an extension wants its reason; write it down")
		}
		if err != nil {
			return err
		}
		tx.Reason(reason)
		c.record(tx.Now, "extended", map[string]string{"clock": name, "span": by.String(), "by": string(tx.Actor.ID), "reason": reason})
		return nil
	})
}

// SetLabel sets or clears a side label of the life cycle.
func (s *Cases) SetLabel(ctx context.Context, id ref.ID, name string, on bool, reason string) error {
	return s.change(ctx, "case.label", id, 0, func(tx *gate.Tx, c *Case) error {
		l, ok := s.Profile.Lifecycle("case").Label(name)
		if !ok {
			return fault.At("label", "the life cycle has no label %q", name)
		}
		reason, err := thread.Line("reason", reason, MaxNote)
		if err != nil {
			return err
		}
		if on && l.Reason && reason == "" {
			return fault.At("reason", "the label %s wants a reason; write a sentence", l.Title)
		}
		if on && len(l.Stages) > 0 && !slices.Contains(l.Stages, c.Stage) {
			return fault.New(fault.Conflict, "the label %s is not for this stage; it is for %s", l.Title, strings.Join(l.Stages, ", "))
		}
		tx.Reason(reason)
		if on {
			c.set(name, reason)
		} else {
			c.clear(name)
		}
		return nil
	})
}

// Embargo restricts the case, its reports and all that hangs on them to those who
// are named, and keeps its advisories in until the moment given; zero is until
// somebody lifts it. The case stays restricted until then too. Whoever does it
// stays named, and so do owner and scorers.
func (s *Cases) Embargo(ctx context.Context, id ref.ID, until time.Time, reason string) error {
	reason, err := thread.Clean("reason", reason, MaxNote)
	if err != nil {
		return err
	}
	return s.change(ctx, VerbEmbargo, id, 0, func(tx *gate.Tx, c *Case) error {
		tx.Reason(reason)
		if !until.IsZero() && !until.After(tx.Now) {
			return fault.At("until", "the embargo would end in the past; give a later moment")
		}
		c.Embargo, c.Held = until.UTC().Truncate(time.Microsecond), until.IsZero()
		keep := append([]ref.ID{tx.Actor.ID, c.Owner}, c.Scorers()...)
		return s.restrict(tx, c, access.Named, keep)
	})
}

// Lift opens the case to all staff again.
func (s *Cases) Lift(ctx context.Context, id ref.ID, reason string) error {
	reason, err := thread.Clean("reason", reason, MaxNote)
	if err != nil {
		return err
	}
	return s.change(ctx, VerbEmbargo, id, 0, func(tx *gate.Tx, c *Case) error {
		tx.Reason(reason)
		c.Embargo, c.Held = time.Time{}, false
		return s.restrict(tx, c, access.Staff, nil)
	})
}

// restrict changes who may see the case, its reports and its advisories.
func (s *Cases) restrict(tx *gate.Tx, c *Case, audience string, keep []ref.ID) error {
	c.Audience = audience
	if err := tx.Audience(c.ID, audience); err != nil {
		return err
	}
	a, err := around(&tx.View, c)
	if err != nil {
		return err
	}
	shown := map[ref.ID]access.Role{}
	for _, who := range keep {
		if who != "" && who.Kind() != "system" {
			shown[who] = ""
		}
	}
	for _, x := range a.Shown {
		shown[x.Who] = x.Role // whoever is named keeps their role
	}
	records, err := tied(tx, c)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := tx.Audience(r.id, audience); err != nil {
			return err
		}
	}
	if audience == access.Staff {
		return nil
	}
	for _, r := range append(records, record{c.ID, c.doc}) {
		for _, who := range slices.Sorted(maps.Keys(shown)) {
			if err := tx.Show(r.id, who, shown[who], r.doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// record is a record with its place in lists.
type record struct {
	id  ref.ID
	doc int64
}

// tied lists the reports that tell of a case: those accepted into it and those that
// repeat it or one of them. It reads as the house: one that the actor may not see
// is not left behind.
func tied(tx *gate.Tx, c *Case) (out []record, err error) {
	err = tx.AsHouse(func(v *gate.View) error {
		out, err = reportsOf(v, c.ID)
		return err
	})
	return out, err
}

// Share lets a person or a team see the case and its reports, with a role on it;
// an empty role is to see it and no more than their roles allow. Nobody gives a
// role that may do more with cases than they may themselves.
func (s *Cases) Share(ctx context.Context, id, with ref.ID, role access.Role) error {
	return s.change(ctx, VerbShare, id, 0, func(tx *gate.Tx, c *Case) error {
		if err := s.mayGive(tx, id, role); err != nil {
			return err
		}
		if ok, err := someone(&tx.View, with); err != nil {
			return err
		} else if !ok {
			return fault.At("with", "there is no such person or team")
		}
		if err := tx.Show(id, with, role, c.doc); err != nil {
			return err
		}
		records, err := tied(tx, c)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := tx.Show(r.id, with, role, r.doc); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayGive refuses a role on a case that the profile does not have for people, or
// that reaches further than the actor's own.
func (s *Cases) mayGive(tx *gate.Tx, id ref.ID, role access.Role) error {
	if role == "" {
		return nil
	}
	known := slices.ContainsFunc(s.Profile.Roles, func(r profile.Named) bool { return r.Name == string(role) })
	if !known || role == access.Role(access.Reporter) {
		return fault.At("role", "the profile has no role %q for people; leave it empty to let them see the case", role)
	}
	if !tx.Covers(role, id, "case", "report", "advisory") {
		return fault.New(fault.Forbidden, "the role %s may do more with this case than you may; ask somebody who holds it to share the case so", role)
	}
	return nil
}

// Unshare takes that sight away again, at once.
func (s *Cases) Unshare(ctx context.Context, id, with ref.ID) error {
	return s.change(ctx, VerbShare, id, 0, func(tx *gate.Tx, c *Case) error {
		if with == c.Owner {
			return fault.New(fault.Conflict, "the owner must be able to see the case; hand it to somebody else first")
		}
		a, err := around(&tx.View, c)
		if err != nil {
			return err
		}
		if c.Audience == access.Named && len(a.Shown) == 1 && a.Shown[0].Who == with {
			return fault.New(fault.Conflict, "nobody would see this case any more; name somebody else on it first")
		}
		records, err := tied(tx, c)
		if err != nil {
			return err
		}
		for _, r := range records {
			if _, err := tx.Unshow(r.id, with); err != nil {
				return err
			}
		}
		return tx.Hide(id, with)
	})
}

// Mark sets the TLP mark.
func (s *Cases) Mark(ctx context.Context, id ref.ID, tlp string) error {
	return s.change(ctx, VerbMark, id, 0, func(tx *gate.Tx, c *Case) error {
		var fs fault.Fields
		thread.Word(&fs, "tlp", tlp, s.Profile.TLP)
		c.TLP = tlp
		return fs.Err()
	})
}

// LinkTo links the case to another that the actor may see.
func (s *Cases) LinkTo(ctx context.Context, id ref.ID, kind string, to ref.ID, on bool) error {
	return s.Gate.Act(ctx, VerbLink, id, func(tx *gate.Tx) error {
		var fs fault.Fields
		thread.Word(&fs, "kind", kind, LinkKinds)
		if kind == "" || to == id || to.Kind() != "case" {
			fs.Add("to", "name another case and what it is to this one")
		}
		if err := fs.Err(); err != nil {
			return err
		}
		if err := tx.Allow(VerbRead, to); err != nil {
			return err
		}
		if n, err := countLinks(&tx.View, id); err != nil {
			return err
		} else if on && n >= MaxLinks {
			return fault.New(fault.TooLarge, "a case links to at most %d others; take a link away first", MaxLinks)
		}
		if on {
			return insertLink(tx, id, kind, to)
		}
		return deleteLink(tx, id, kind, to)
	})
}

// MaxLinks is how many other cases a case links to.
const MaxLinks = 50

// LinkKinds are the ways in which cases can be linked.
var LinkKinds = []string{"duplicate-of", "related", "variant-of", "caused-by", "chained-with"}
