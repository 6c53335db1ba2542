package risk

import (
	"slices"

	"tocsin/internal/gate"
)

// Asked is a word that the actor may give now: on an acceptance, on a lower rating,
// or on a plan as one of the roles that approve plans.
type Asked struct {
	Risk     *Risk
	Decision *Decision // nil is the plan
	Role     string    // of the plan's approval, as which the actor would sign
	As       string    // the same in words
	Hash     string    // of exactly what is signed
	Wants    []string  // whose approvals an acceptance still wants

	level string // of management, of the actor
}

// mostAsked is how many risks are looked at for what is asked of one person.
const mostAsked = 60

// AskedIn lists what the actor may approve or decline now, the oldest first.
func (s *Risks) AskedIn(v *gate.View) ([]Asked, error) {
	grants, validates, approves := v.May(VerbGrant, ""), v.May(VerbValidate, ""), v.May(VerbApprove, "")
	if !v.May(VerbRead, "") || !grants && !validates && !approves {
		return nil, nil
	}
	found, err := signable(v, mostAsked)
	if err != nil {
		return nil, err
	}
	var out []Asked
	for _, a := range found {
		ok := false
		switch {
		case a.Decision == nil:
			ok = approves && s.signs(v, &a, validates)
		case a.Decision.Kind == DecideDowngrade:
			a.Hash = a.Decision.Hash
			ok = validates && a.Decision.State == StateAsked && a.Decision.another(v.Actor, a.Risk.Owner) == nil
		default:
			ok = grants && s.adds(v, &a, a.level)
		}
		if ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// signs finds the role as which the actor may approve the plan.
func (s *Risks) signs(v *gate.View, a *Asked, validates bool) bool {
	x := &Sight{Risk: a.Risk, Rules: s, Profile: s.Profile, Now: v.Now}
	if x.Response != Remediate || len(x.Plan.lacks()) > 0 || len(x.unSmart()) > 0 {
		return false
	}
	for _, role := range s.Profile.Register.Plan.Approval {
		if !x.Plan.approved(role.Name) && a.Risk.mayApprove(v.Actor, role.Name, func() bool { return validates }) == nil {
			a.Role, a.As, a.Hash = role.Name, role.Title, x.Plan.Hash()
			return true
		}
	}
	return false
}

// adds tells whether the actor's approval would bring the acceptance nearer to force.
func (s *Risks) adds(v *gate.View, a *Asked, level string) bool {
	d := a.Decision
	if d.State != StateAsked && !d.Renewing || d.another(v.Actor, a.Risk.Owner) != nil ||
		slices.ContainsFunc(d.Approvals, func(o Approval) bool { return o.By == v.Actor.ID }) {
		return false
	}
	a.Hash, a.Wants = d.Hash, d.Wants(&s.Profile.Register, a.Risk.Owner)
	with := *d
	with.Approvals = append(slices.Clone(d.Approvals), Approval{By: v.Actor.ID, Level: level})
	return len(with.Wants(&s.Profile.Register, a.Risk.Owner)) < len(a.Wants)
}
