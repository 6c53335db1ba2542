package intake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Decision is what comes with a move of a report.
type Decision struct {
	Version     int     `json:"version,omitempty"`
	Disposition string  `json:"disposition,omitempty"`
	Answer      string  `json:"answer,omitempty"` // to the reporter, reviewed by the one who sends it
	Reason      string  `json:"reason,omitempty"` // for us
	DuplicateOf ref.ID  `json:"duplicate_of,omitempty"`
	Opening     Opening `json:"opening,omitzero"`
}

// Told is what the jobs that tell people carry: never a title or a text.
type Told struct {
	Report ref.ID `json:"report"`
	What   string `json:"what"`
	Text   ref.ID `json:"text,omitempty"` // a message
}

// Decide takes the report one step along its life cycle. Accepting opens the
// case in the same transaction; the case's ID is returned.
func (s *Reports) Decide(ctx context.Context, id ref.ID, verb access.Verb, d Decision) (opened ref.ID, err error) {
	m := s.Profile.Lifecycle("report")
	if !slices.Contains(m.Verbs(), string(verb)) {
		return "", fault.New(fault.Invalid, "%s is no move of a report; its moves are: %s", verb, strings.Join(m.Verbs(), ", "))
	}
	if err := d.check(s); err != nil {
		return "", err
	}
	err = s.change(ctx, verb, id, d.Version, func(tx *gate.Tx, r *Report) error {
		tx.Reason(d.Reason)
		mv, err := s.take(r, verb, d)
		if err != nil {
			return err
		}
		if err := s.settle(tx, r, verb, d); err != nil {
			return err
		}
		if stage, _ := m.Stage(r.Stage); stage.Terminal && !mv.Stays() {
			r.Disposition, r.Answer, r.DuplicateOf = d.Disposition, d.Answer, d.DuplicateOf // what it ended as no longer holds
		}
		r.walk(mv, tx)
		if verb == VerbAccept {
			opened, err = s.accept(tx, r, d)
			if err != nil {
				return err
			}
		}
		if d.Answer == "" && slices.Contains(mv.Does, "tell:reporter") {
			return tx.Later("tell:reporter", tx.Now, "", Told{Report: id, What: string(verb)})
		}
		return s.answer(tx, r, d)
	})
	return opened, err
}

// Canned writes a message of the profile to the reporter, once for each id: the
// same id again changes nothing.
func (s *Reports) Canned(ctx context.Context, id, once ref.ID, m profile.Message, page string) error {
	return s.change(ctx, VerbReply, id, 0, func(tx *gate.Tx, r *Report) error {
		vars := s.vars(r, "")
		vars.Link = page
		_, body, err := m.Render(vars)
		if err != nil {
			return err
		}
		msg := thread.Message{ID: ref.ID("message-" + string(once)), Subject: id, At: tx.Now, Author: tx.Actor.ID,
			Name: s.Profile.Publisher.Name, Side: thread.Out, Text: strings.TrimSpace(body)}
		fresh, err := thread.AddOnce(tx, msg, id, r.Audience)
		if err != nil || !fresh {
			return err
		}
		if err := s.heard(tx, r, thread.Out); err != nil {
			return err
		}
		return tx.Later("tell:reporter", tx.Now, "", Told{id, string(VerbReply), msg.ID})
	})
}

func (d *Decision) check(s *Reports) error {
	var fs fault.Fields
	var err error
	if d.Answer, err = thread.Clean("answer", d.Answer, thread.MaxText); err != nil {
		fs.Add("answer", "%s", fault.Of(err).Says)
	}
	if d.Reason, err = thread.Clean("reason", d.Reason, 4000); err != nil {
		fs.Add("reason", "%s", fault.Of(err).Says)
	}
	if _, ok := s.Profile.Disposition(d.Disposition); d.Disposition != "" && !ok {
		fs.Add("disposition", "%q is no disposition of the profile; pick one of its list", d.Disposition)
	}
	return fs.Err()
}

// take asks the life cycle, with what came along counted in.
func (s *Reports) take(r *Report, verb access.Verb, d Decision) (lifecycle.Move, error) {
	stands, _ := s.Profile.Disposition(r.Disposition)
	has := map[string]bool{"disposition": d.Disposition != "" || slices.Contains(stands.Verbs, string(verb)), "answer": d.Answer != "", "original": d.DuplicateOf != ""}
	says := map[string]fault.Need{
		"disposition": {Word: "disposition", Says: "a disposition", Link: "#decide"},
		"answer":      {Word: "answer", Says: "the answer to the reporter, reviewed", Link: "#decide"},
		"original":    {Word: "original", Says: "the record that this one repeats", Link: "#decide"},
	}
	mv, missing, err := s.Profile.Lifecycle("report").Take(r.Stage, string(verb), func(w string) bool { return has[w] })
	if len(missing) > 0 {
		f := fault.Of(err)
		f.Needs = nil
		for _, w := range missing {
			f.Needs = append(f.Needs, says[w])
		}
		return mv, f
	}
	if err == nil && mv.Reason && d.Reason == "" {
		err = fault.At("reason", "%s wants a reason; write a sentence for those who read this later", strings.ToLower(mv.Title))
	}
	return mv, err
}

// settle keeps what was decided on the report.
func (s *Reports) settle(tx *gate.Tx, r *Report, verb access.Verb, d Decision) error {
	if d.Disposition != "" {
		if disp, _ := s.Profile.Disposition(d.Disposition); len(disp.Verbs) > 0 && !slices.Contains(disp.Verbs, string(verb)) {
			return fault.At("disposition", "%s does not go with this step; it goes with %s", disp.Title, strings.Join(disp.Verbs, ", "))
		}
		r.Disposition = d.Disposition
	}
	if d.Answer != "" {
		r.Answer = d.Answer
	}
	if d.DuplicateOf == "" {
		return nil
	}
	if d.DuplicateOf == r.ID {
		return fault.At("duplicate_of", "a report cannot repeat itself; name the earlier record")
	}
	if k := d.DuplicateOf.Kind(); k != "case" && k != "report" || tx.Reads(d.DuplicateOf) != nil {
		return fault.At("duplicate_of", "there is no record %s", d.DuplicateOf)
	}
	r.DuplicateOf = d.DuplicateOf
	return r.follow(tx)
}

// follow restricts a report that repeats a restricted record to those who are named
// on that: what it says, and that it repeats something, would tell of the other.
func (r *Report) follow(tx *gate.Tx) error {
	shown, err := namedOn(&tx.View, r.DuplicateOf)
	if err != nil || len(shown) == 0 {
		return err
	}
	if err := tx.Audience(r.ID, access.Named); err != nil {
		return err
	}
	r.Audience = access.Named
	for _, who := range slices.Sorted(maps.Keys(shown)) {
		if err := tx.Show(r.ID, who, shown[who], r.doc); err != nil {
			return err
		}
	}
	return nil
}

// walk carries the move out and records its events.
func (r *Report) walk(mv lifecycle.Move, tx *gate.Tx) {
	if !mv.Stays() {
		r.record(tx.Now, "leave:"+r.Stage, nil)
		r.record(tx.Now, "enter:"+mv.To, nil)
	}
	r.Stage = mv.To
	r.Labels = slices.DeleteFunc(r.Labels, func(l string) bool { return slices.Contains(mv.Clears, l) })
	for _, l := range mv.Sets {
		if !slices.Contains(r.Labels, l) {
			r.Labels = append(r.Labels, l)
		}
	}
}

// accept opens the case.
func (s *Reports) accept(tx *gate.Tx, r *Report, d Decision) (ref.ID, error) {
	if r.Case != "" {
		return "", fault.New(fault.Conflict, "this report was accepted into %s already", r.Case)
	}
	o := d.Opening
	if o.Title == "" {
		o.Title = r.Title
	}
	if o.Component == "" {
		o.Component = r.Component
	}
	if o.CWE == "" {
		o.CWE = r.CWE
	}
	o.Named = o.Named || r.Audience == access.Named
	id, err := s.Open(tx, r, o)
	if err != nil {
		return "", err
	}
	r.Case, r.Component, r.CWE = id, o.Component, o.CWE
	if o.Named {
		if err := tx.Audience(r.ID, access.Named); err != nil {
			return "", err
		}
		if err := tx.Show(r.ID, tx.Actor.ID, "", r.doc); err != nil {
			return "", err
		}
		r.Audience = access.Named
	}
	return id, nil
}

// answer sends what was decided to the reporter.
func (s *Reports) answer(tx *gate.Tx, r *Report, d Decision) error {
	if d.Answer == "" {
		return nil
	}
	return s.write(tx, r, d.Answer)
}

// write says something to the reporter, and leaves the job that tells them.
func (s *Reports) write(tx *gate.Tx, r *Report, text string) error {
	m, err := thread.New(tx, r.ID, thread.Out, text)
	if err != nil {
		return err
	}
	if err := s.heard(tx, r, thread.Out); err != nil {
		return err
	}
	if err := thread.Add(tx, m, r.ID, r.Audience); err != nil {
		return err
	}
	return tx.Later("tell:reporter", tx.Now, "", Told{r.ID, string(VerbReply), m.ID})
}

// heard records that something was said, on the report and on the case that it was
// accepted into: the clocks of both run on it.
func (s *Reports) heard(tx *gate.Tx, r *Report, side thread.Side) error {
	r.record(tx.Now, "message:"+string(side), nil)
	if r.Case == "" || s.Heard == nil {
		return nil
	}
	return s.Heard(tx, r.Case, side)
}

// change loads the report, lets fn change it and saves it with what changed.
func (s *Reports) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *Report) error) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if version != 0 && r.Version != version {
			return fault.New(fault.Conflict, "%s changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", id, version, r.Version)
		}
		before := gate.Fields(*r)
		if err := fn(tx, r); err != nil {
			return err
		}
		r.tick(s.Profile, tx.Now)
		return update(tx, r, gate.Diff(before, gate.Fields(*r)))
	})
}

// Reply writes to the reporter of a report. The reporter's own words go by ReplyOwn.
func (s *Reports) Reply(ctx context.Context, id ref.ID, text string) error {
	return s.change(ctx, VerbReply, id, 0, func(tx *gate.Tx, r *Report) error {
		if tx.Actor.Kind == access.Reporter {
			return fault.New(fault.Forbidden, "only the house writes to a reporter here")
		}
		return s.write(tx, r, text)
	})
}

// Note says something about a report inside the house.
func (s *Reports) Note(ctx context.Context, id ref.ID, text string) error {
	return s.Gate.Act(ctx, "report.note", id, func(tx *gate.Tx) error {
		r, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		m, err := thread.New(tx, id, thread.Note, text)
		if err != nil {
			return err
		}
		return thread.Add(tx, m, id, r.Audience)
	})
}

// Tick brings the columns of reports whose clocks changed by themselves up to the
// moment, at most n of them, and returns how many there were.
func (s *Reports) Tick(ctx context.Context, n int) (done int, err error) {
	var ids []ref.ID
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		ids, err = toLook(v, n)
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if bad := s.change(ctx, VerbReply, id, 0, func(*gate.Tx, *Report) error { return nil }); bad != nil {
			err = errors.Join(err, bad) // one that cannot be brought up holds up no other
			continue
		}
		done++
	}
	return done, err
}
