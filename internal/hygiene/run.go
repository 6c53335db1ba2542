package hygiene

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
)

// Run looks at every open risk and observation that the actor may see and does what
// the policies ask for, as the house; dry changes nothing. It returns what is not
// met, and what was or would be cleared.
func (s *Hygiene) Run(ctx context.Context, dry bool) ([]Finding, error) {
	if !dry { // a refusal to change something is noted
		if err := s.Gate.Act(ctx, VerbRun, "", func(*gate.Tx) error { return nil }); err != nil {
			return nil, err
		}
	}
	rs, now, asker, err := s.records(ctx)
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, r := range rs {
		fs, todo := s.rules(r.on).judge(r, now)
		found = append(found, fs...)
		for _, label := range todo.clear {
			found = append(found, Finding{Record: r.id, On: r.on, Title: r.title, Owner: r.owner, Says: "Met again", Label: label, Act: []string{"clear"}})
		}
		if dry || todo.nothing() {
			continue
		}
		if bad := s.do(ctx, todo, asker); bad != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", r.id, bad)) // one holds up no other
		}
	}
	return found, err
}

// rules are those for records of a kind.
func (s *Hygiene) rules(on string) rules {
	reg := s.Profile.Register
	machine := reg.Lifecycle
	if on == OnObservation {
		machine = reg.Observations.Lifecycle
	}
	x := rules{policies: reg.Policies, ladder: reg.Ladder, rungs: map[string]bool{}}
	for _, l := range s.Profile.Lifecycle(machine).Labels {
		x.rungs[l.Name] = true
	}
	for _, c := range s.Profile.Clocks {
		if cal := s.Profile.Calendars[c.Calendar]; c.On == OnRisk && cal != nil && cal.Kind != profile.KindCalendar {
			x.business = cal
		}
	}
	return x
}

// records reads what the policies ask of every open record that the actor sees.
func (s *Hygiene) records(ctx context.Context) (out []*record, now time.Time, asker string, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRun, ""); err != nil {
			return err
		}
		if now = v.Now; !v.Actor.IsSystem() {
			asker = v.Actor.Name
		}
		rs, err := s.Risks.OpenlyIn(v, risk.Filter{State: "open"}, most)
		if err != nil {
			return err
		}
		by := map[ref.ID]*risk.Risk{}
		for _, r := range rs {
			by[r.ID] = r
		}
		if err := bodies(v, by); err != nil {
			return err
		}
		health, err := s.Risks.HealthIn(v, rs)
		if err != nil {
			return err
		}
		for _, r := range rs {
			x := s.ofRisk(r)
			for _, h := range health[r.ID] {
				if h.Set != "" && h.Differ != "" { // one that is not set is a missing label
					x.differs = append(x.differs, h.Differ)
				}
			}
			out = append(out, x)
		}
		return nil
	})
	if err == nil {
		err = s.observations(ctx, &out)
	}
	if err != nil {
		return nil, now, asker, err
	}
	return out, now, asker, s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRun, ""); err != nil {
			return err
		}
		return known(v, out)
	})
}

func (s *Hygiene) observations(ctx context.Context, out *[]*record) error {
	for after := ""; ; {
		l, err := s.Observations.List(ctx, observation.Filter{State: "open"}, observation.Page{Limit: observation.MaxPage, After: after})
		if err != nil {
			return err
		}
		for _, o := range l.Observations {
			*out = append(*out, ofObservation(o))
		}
		if after = l.Next; after == "" {
			return nil
		}
	}
}

// ofRisk tells what policies ask of a risk.
func (s *Hygiene) ofRisk(r *risk.Risk) *record {
	st := r.Statement
	has := map[string]bool{"title": r.Title != "", "asset": st.Asset != "", "event": st.Event != "", "source": st.Source != "", "consequence": st.Consequence != "",
		"problem": st.Problem != "", "impact": st.Impact != "", "evidence": st.Evidence != "", "scale": st.Scale != "",
		"rating": r.Standing.Rating != "", "priority": r.Standing.Rating != "", "scope": r.Scope != "", "parent": r.Parent != "", "department": r.Department != "",
		"response": r.Response != "", "health-owner": r.Health["owner"] != "", "health-treatment": r.Health["treatment"] != "", "health-kri": r.Health["kri"] != "",
		"business-owner": r.Owner != "", "security-owner": r.Security != ""}
	for _, p := range r.People {
		has[p.As] = true
	}
	dated := r.Response == risk.Monitor || r.Response == risk.Accept || r.Accepted(s.Profile)
	for _, m := range r.Plan.Milestones {
		dated = dated || !m.Due.IsZero()
	}
	return &record{id: r.ID, on: OnRisk, title: r.Title, audience: r.Audience, owner: r.Owner, labels: r.Labels, made: r.Raised, touched: r.Touched, due: r.Due,
		dated: dated, has: has, cares: map[string]care{}}
}

func ofObservation(o *observation.Observation) *record {
	has := map[string]bool{"title": o.Title != "", "condition": o.Condition != "", "criteria": o.Criteria != "", "cause": o.RootCause != "" || o.Cause != "",
		"consequence": o.Consequence != "", "recommendation": o.Recommendation != "", "due": !o.Due.IsZero(), "rating": o.Rating != "", "priority": o.Priority != "",
		"department": o.Department != ""}
	return &record{id: o.ID, on: OnObservation, title: o.Title, audience: o.Audience, owner: o.Owner, labels: o.Labels, made: o.Opened, touched: o.Touched, due: o.Due,
		dated: !o.Due.IsZero(), has: has, cares: map[string]care{}}
}

// do carries out what is to be done on one record, as the house. Who asked for it
// stands as the reason.
func (s *Hygiene) do(ctx context.Context, w work, asker string) error {
	house := access.With(ctx, access.System("hygiene"))
	return s.Gate.Act(house, VerbRun, w.id, func(tx *gate.Tx) error {
		if asker != "" {
			tx.Reason("asked for by " + asker)
		}
		now, open, err := asItIs(&tx.View, *w.record)
		if err != nil || !open {
			return err
		}
		w.record = &now
		if err := s.label(tx, w); err != nil {
			return err
		}
		for _, policy := range w.gone {
			if err := forget(tx, w.id, policy); err != nil {
				return err
			}
		}
		for _, f := range w.news {
			if err := s.note(tx, w, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Hygiene) label(tx *gate.Tx, w work) error {
	if w.on == OnRisk {
		_, err := s.Risks.CareIn(tx, w.id, w.set, w.clear)
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.set)) {
		if err := s.Observations.LabelIn(tx, w.id, name, true, w.set[name]); err != nil {
			return err
		}
	}
	for _, name := range w.clear {
		if err := s.Observations.LabelIn(tx, w.id, name, false, ""); err != nil {
			return err
		}
	}
	return nil
}

// note keeps what is known of a policy, and says what is to be said of it.
func (s *Hygiene) note(tx *gate.Tx, w work, f Finding) error {
	known := w.cares[f.Policy]
	c := care{since: f.Since, said: known.said, rung: f.Rung}
	if slices.Contains(f.Act, "say") {
		c.said = tx.Now
		if err := s.say(tx, w, f, f.policy.Message, f.Detail); err != nil {
			return err
		}
	}
	if slices.Contains(f.Act, "escalate") && f.rung.Message != "" {
		names, err := ofLevel(&tx.View, f.rung.Level)
		if err != nil {
			return err
		}
		if err := s.say(tx, w, f, f.rung.Message, s.reasons(f, names)); err != nil {
			return err
		}
	}
	return remember(tx, w.record, f.Policy, c)
}

// reasons are what a message of the ladder details: the policy, and whom it goes to.
func (s *Hygiene) reasons(f Finding, names []string) []string {
	to := f.rung.Level
	for _, l := range s.Profile.Register.Levels {
		if l.Name == f.rung.Level {
			to = l.Title
		}
	}
	if len(names) > 0 {
		to += " (" + strings.Join(names, ", ") + ")"
	}
	return append(append([]string{f.Says}, f.Detail...), f.rung.Title+", to "+to)
}

// say writes a message of the profile as a note of the house, once a day and policy,
// and has the owner told that there is one.
func (s *Hygiene) say(tx *gate.Tx, w work, f Finding, message string, detail []string) error {
	owner, err := nameOf(&tx.View, w.owner)
	if err != nil {
		return err
	}
	vars := profile.Vars{Tracking: string(w.id), Title: w.title, Link: s.URL + paths[w.on] + string(w.id), Vendor: s.Profile.Publisher.Name, Days: f.Days,
		Detail: "- " + strings.Join(detail, "\n- "), Owner: owner}
	if len(detail) == 0 {
		vars.Detail = ""
	}
	if !w.due.IsZero() {
		vars.Due = w.due.Format("2 Jan 2006")
	}
	title, body, err := s.Profile.Messages[message].Render(vars)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(message + " " + f.Policy + " " + f.Rung + " " + string(w.id) + tx.Now.Format(time.DateOnly)))
	m := thread.Message{ID: ref.ID("message-care-" + hex.EncodeToString(sum[:8])), Subject: w.id, At: tx.Now, Author: tx.Actor.ID, Name: s.Profile.Publisher.Name,
		Side: thread.Note, Text: "**" + title + "**\n\n" + strings.TrimSpace(body)}
	fresh, err := thread.AddOnce(tx, m, w.id, w.audience)
	if err != nil || !fresh {
		return err
	}
	if w.on == OnRisk {
		return tx.Later("tell:risk-owner", tx.Now, "", risk.Told{Risk: w.id, What: string(VerbRun), Text: m.ID, From: tx.Actor.ID})
	}
	if w.owner == "" {
		return nil // nobody is there to be told
	}
	return tx.Later("tell:observation-owner", tx.Now, "", observation.Told{Observation: w.id, What: string(VerbRun), Who: w.owner, Text: m.ID, From: tx.Actor.ID})
}

// paths are where the pages of the records stand.
var paths = map[string]string{OnRisk: "/risks/", OnObservation: "/observations/"}
