package risk

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// watch decides that the risk is only watched; where the profile names somebody who
// must agree, the decision waits for them: handbook 1.8.
func (s *Risks) watch(tx *gate.Tx, r *Risk, reason string) error {
	d := &Decision{Kind: DecideMonitor, State: StateActive, DecisionBody: DecisionBody{Reason: reason}}
	if s.Profile.Register.Monitor.By == "" {
		return s.decide(tx, r, d)
	}
	d.State = StateAsked
	if err := s.decide(tx, r, d); err != nil {
		return err
	}
	return s.tellBoth(tx, r, "decision:"+DecideMonitor)
}

// monitoring reports whether whoever must agree to watch the risk did, on the state as
// it is.
func (s *Sight) monitoring() bool {
	if s.Profile.Register.Monitor.By == "" {
		return true
	}
	i := slices.IndexFunc(s.Decisions, func(d *Decision) bool { return d.Kind == DecideMonitor })
	return i >= 0 && s.Decisions[i].State == StateActive
}

func saysMonitoring(s *Sight) string {
	return "the agreement of the " + s.Profile.Register.Monitor.By + " that the risk is only watched, as it stands"
}

// AgreeMonitor is the yes of whoever must agree that the risk is only watched: neither
// who asked for it nor the business owner.
func (s *Risks) AgreeMonitor(ctx context.Context, id, of ref.ID, note string) error {
	return s.change(ctx, VerbAgree, id, 0, func(tx *gate.Tx, r *Risk) error {
		d, a, err := s.answered(tx, r, of, "note", note, false)
		if err != nil {
			return err
		}
		tx.Reason(a.Note)
		d.State, d.Approvals = StateActive, append(d.Approvals, a)
		r.record(tx.Now, "updated", nil)
		if err := updateDecision(tx, d, StateAsked); err != nil {
			return err
		}
		return s.tellBoth(tx, r, string(VerbAgree))
	})
}

// RefuseMonitor is their no: the response is open again.
func (s *Risks) RefuseMonitor(ctx context.Context, id, of ref.ID, reason string) error {
	return s.change(ctx, VerbAgree, id, 0, func(tx *gate.Tx, r *Risk) error {
		d, a, err := s.answered(tx, r, of, "reason", reason, true)
		if err != nil {
			return err
		}
		tx.Reason(a.Note)
		a.No, d.State = true, StateRefused
		d.Approvals = append(d.Approvals, a)
		r.Response, r.Path = "", ""
		r.record(tx.Now, "updated", nil)
		if err := updateDecision(tx, d, StateAsked); err != nil {
			return err
		}
		return s.tellBoth(tx, r, string(VerbAgree))
	})
}

// answered finds the decision to watch that waits, and the actor's word on it.
func (s *Risks) answered(tx *gate.Tx, r *Risk, of ref.ID, field, note string, wanted bool) (d *Decision, a Approval, err error) {
	var fs fault.Fields
	if note = thread.Cleaned(&fs, field, note, MaxNote); wanted && note == "" {
		fs.Add(field, "say why watching the risk is not enough")
	}
	if err = fs.Err(); err != nil {
		return nil, a, err
	}
	if d, err = decision(&tx.View, r, of, DecideMonitor); err != nil {
		return nil, a, err
	}
	if d.State != StateAsked {
		return nil, a, fault.New(fault.Conflict, "this decision to monitor is %s; only one that is asked for is agreed to", d.State)
	}
	if tx.Actor.ID == r.Owner {
		return nil, a, fault.New(fault.Forbidden, "you are the business owner of this risk, so agreeing to watch it is for somebody else")
	}
	second := access.Second{Gives: "the agreement to monitor", Did: "you asked for this decision", First: d.asked()}
	if err = second.Refuse(tx.Actor); err != nil {
		return nil, a, err
	}
	a, err = approval(&tx.View, "", d.Hash, note)
	return d, a, err
}

// unnamed lists the parts that the profile wants somebody in and nobody has.
func (s *Sight) unnamed() []string {
	var out []string
	for _, k := range s.Profile.Register.RACI {
		if k.Required && !s.has(k) {
			out = append(out, k.Title+" ("+k.Letter+")")
		}
	}
	return out
}

func (s *Sight) has(k profile.Part) bool {
	switch k.Name {
	case asBusiness:
		return s.Owner != ""
	case asSecurity:
		return s.Security != ""
	}
	return slices.ContainsFunc(s.Risk.People, func(p Part) bool { return p.As == k.Name && p.Who != "" })
}

func saysUnnamed(s *Sight) string {
	return "somebody named for each part in the risk; missing: " + strings.Join(s.unnamed(), ", ")
}
