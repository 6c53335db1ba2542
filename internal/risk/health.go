package risk

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// health derives the three values from the facts, beside what people set: handbook
// 3.6.
func (s *Sight) health() []Verdict {
	rules := riskscore.HealthRules{OwnerDays: s.Profile.Register.Health.OwnerDays, DelayDays: s.Profile.Register.Health.DelayDays}
	plan := riskscore.PlanFacts{Plan: s.Plan.Summary != ""}
	for _, m := range s.Plan.Milestones {
		plan.Milestones = append(plan.Milestones, riskscore.Milestone{Name: m.ID, Due: m.Due, Done: m.Done})
	}
	var kris []riskscore.IndicatorFacts
	for _, i := range s.Indicators {
		if !i.Retired {
			kris = append(kris, riskscore.IndicatorFacts{Name: i.Title, Tracked: i.tracked(), Tied: i.Tied})
		}
	}
	derived := []riskscore.Verdict{
		riskscore.OwnerHealth(rules, riskscore.OwnerFacts{Assigned: s.Owner != "", Replaced: s.Replace, LastSync: s.Synced}, s.Now),
		riskscore.PlanHealth(rules, plan, s.Now),
		riskscore.KRIHealth(kris),
	}
	differ := map[string]string{}
	for _, d := range riskscore.Disagree(derived, s.Health) {
		differ[d.Domain] = d.Says
	}
	var out []Verdict
	for _, v := range derived {
		out = append(out, Verdict{Domain: v.Domain, Light: string(v.Light), Says: v.Says, Set: s.Health[v.Domain], Differ: differ[v.Domain]})
	}
	return out
}

// HealthIn derives the health of risks that were read with their bodies, beside the
// labels that people set.
func (s *Risks) HealthIn(v *gate.View, rs []*Risk) (map[ref.ID][]Verdict, error) {
	ids := make([]ref.ID, len(rs))
	for i, r := range rs {
		ids[i] = r.ID
	}
	told := map[ref.ID][]Indicator{}
	if s.Indicators != nil && len(ids) > 0 {
		var err error
		if told, err = s.Indicators(v, ids...); err != nil {
			return nil, err
		}
	}
	out := map[ref.ID][]Verdict{}
	for _, r := range rs {
		out[r.ID] = (&Sight{Risk: r, Profile: s.Profile, Now: v.Now, Indicators: told[r.ID]}).health()
	}
	return out, nil
}

// tracked reports whether the indicator has a value that still says something.
func (i Indicator) tracked() bool {
	return i.Value != nil && i.Light != string(riskscore.Stale) && i.Light != string(riskscore.Unknown)
}

// SetHealth sets the three labels of health; an empty one is cleared, one that is
// not named stays.
func (s *Risks) SetHealth(ctx context.Context, id ref.ID, version int, set map[string]string) error {
	return s.change(ctx, VerbLabel, id, version, func(_ *gate.Tx, r *Risk) error { return s.setHealth(r, set) })
}

func (s *Risks) setHealth(r *Risk, set map[string]string) error {
	var fs fault.Fields
	domains := []string{riskscore.DomainOwner, riskscore.DomainTreatment, riskscore.DomainKRI}
	lights := []string{string(riskscore.Green), string(riskscore.Yellow), string(riskscore.Red)}
	health := maps.Clone(r.Health)
	if health == nil {
		health = map[string]string{}
	}
	for _, domain := range slices.Sorted(maps.Keys(set)) {
		if !slices.Contains(domains, domain) {
			fs.Add(domain, "%q is no domain of health; those are: %s", domain, strings.Join(domains, ", "))
		}
		thread.Word(&fs, domain, set[domain], lights)
		health[domain] = set[domain]
		if set[domain] == "" {
			delete(health, domain)
		}
	}
	r.Health = health
	return fs.Err()
}
