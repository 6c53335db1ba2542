package fair

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// clone copies a scenario with every estimate that a treatment could replace.
func (s Scenario) clone() Scenario {
	for _, e := range []**Estimate{&s.LossEventFrequency, &s.ThreatEventFrequency, &s.ContactFrequency, &s.ProbabilityOfAction,
		&s.Vulnerability, &s.ThreatCapability, &s.LossMagnitude, &s.PrimaryLoss} {
		copied(e)
	}
	s.Difficulty = slices.Clone(s.Difficulty)
	s.PrimaryLosses = slices.Clone(s.PrimaryLosses)
	s.SecondaryLosses = slices.Clone(s.SecondaryLosses)
	for i := range s.SecondaryLosses {
		x := &s.SecondaryLosses[i]
		copied(&x.Loss)
		copied(&x.Frequency)
		copied(&x.Magnitude)
	}
	return s
}

func copied(e **Estimate) {
	if *e != nil {
		c := **e
		*e = &c
	}
}

// find is the given factor that a treatment names, or nil.
func (s *Scenario) find(path string) *factor {
	all := s.given()
	if path == "difficulty" && len(s.Difficulty) == 1 {
		path = "difficulty.0"
	}
	for i := range all {
		if all[i].path == path {
			return &all[i]
		}
	}
	return nil
}

// derived are the factors of a scenario that are derived: a treatment may scale them.
func (s *Scenario) derived() (paths []string) {
	if s.LossEventFrequency == nil {
		paths = append(paths, "loss_event_frequency")
		if s.ThreatEventFrequency == nil {
			paths = append(paths, "threat_event_frequency")
		}
		if s.Vulnerability == nil {
			paths = append(paths, "vulnerability")
		}
	}
	if len(s.Difficulty) > 1 {
		paths = append(paths, "difficulty")
	}
	if s.LossMagnitude == nil {
		paths = append(paths, "loss_magnitude")
	}
	if len(s.PrimaryLosses) > 0 {
		paths = append(paths, "primary_loss")
	}
	for _, x := range s.SecondaryLosses {
		if x.Loss == nil {
			paths = append(paths, "secondary_losses."+x.Name)
		}
	}
	return paths
}

// treated is the scenario as its treatment leaves it.
func (s *Scenario) treated() (Scenario, changes) {
	after, scales := s.clone(), changes{}
	for _, ch := range s.Treatment.Changes {
		f := after.find(ch.Factor)
		if ch.Estimate != nil && f != nil {
			*f.e = *ch.Estimate
		}
		if ch.Scale != nil {
			path := ch.Factor
			if f != nil {
				path = f.path
			}
			scales[path] = *ch.Scale
		}
	}
	return after, scales
}

func (c *checker) treatment(at string, s *Scenario) {
	t := s.Treatment
	if t == nil {
		return
	}
	before := len(c.Fields)
	if t.Name == "" {
		c.bad(at+".name", "the treatment has no name", "say what is done")
	}
	if !(t.AnnualCost >= 0 && t.AnnualCost <= maxNumber) {
		c.bad(at+".annual_cost", fmt.Sprintf("the cost of a year is %g", t.AnnualCost), "write 0 or more")
	}
	if t.Domain != "" && !slices.Contains(Domains, t.Domain) {
		c.bad(at+".domain", fmt.Sprintf("%q is no domain of FAIR-CAM", t.Domain), "use one of "+strings.Join(Domains, ", "))
	}
	switch {
	case t.Domain != "" && t.Domain != Domains[0] && len(t.Changes) > 0:
		c.bad(at+".changes", "a control of "+t.Domain+" changes no factor by itself", "take the changes out, or choose the domain "+Domains[0])
	case len(t.Changes) > maxParts:
		c.bad(at+".changes", fmt.Sprintf("there are %d changes", len(t.Changes)), fmt.Sprintf("make at most %d", maxParts))
	default:
		seen := map[string]bool{}
		for i := range t.Changes {
			where := fmt.Sprintf("%s.changes.%d", at, i)
			c.once(where+".factor", "factor "+t.Changes[i].Factor, seen)
			c.change(where, s, &t.Changes[i])
		}
	}
	if len(c.Fields) == before {
		after, scales := s.treated()
		c.runnable(at, &after, scales)
	}
}

func (c *checker) change(at string, s *Scenario, ch *Change) {
	f, derived := s.find(ch.Factor), s.derived()
	var known []string
	for _, g := range s.given() {
		known = append(known, g.path)
	}
	switch {
	case f == nil && !slices.Contains(derived, ch.Factor):
		c.bad(at+".factor", fmt.Sprintf("the scenario has no factor %q", ch.Factor), "use one of "+strings.Join(append(known, derived...), ", "))
	case (ch.Scale == nil) == (ch.Estimate == nil):
		c.bad(at, "a change scales the factor or replaces its estimate", "give scale or estimate, one of them")
	case ch.Estimate != nil && f == nil:
		c.bad(at+".estimate", ch.Factor+" is derived here", "scale it, or change what it is derived from")
	case ch.Estimate != nil:
		c.estimate(at+".estimate", f.q, ch.Estimate)
	case !(*ch.Scale >= 0 && *ch.Scale <= 1e6):
		c.bad(at+".scale", fmt.Sprintf("the scale is %g", *ch.Scale), "write a factor from 0 to 1e6: 0.6 lowers by 40 %")
	case *ch.Scale == 0 && f != nil && f.q == level, *ch.Scale == 0 && ch.Factor == "difficulty":
		c.bad(at+".scale", "the scale is 0", "capability and difficulty are compared: scale them by more than 0, or replace them")
	}
}

// top is about the largest value that an estimate draws.
func (e *Estimate) top() float64 {
	_, hi := e.family().ends(e)
	switch mean, _ := e.Moments(); {
	case e.cut() && e.Max != nil:
		return *e.Max
	case e.Kind == "lognormal":
		mu, sigma := e.logs()
		return exp(mu + float64(7*sigma))
	case e.Kind == "normal":
		return mean + float64(7**e.SD)
	case math.IsInf(hi, 1):
		return float64(32 * mean)
	}
	return hi
}

// runnable checks that the years of a scenario can be drawn event by event.
func (c *checker) runnable(at string, s *Scenario, scales changes) {
	if s.Count == Product {
		return
	}
	most, field := 1.0, "loss_event_frequency"
	for _, f := range s.given() {
		if f.q == rate || f.q == share && !strings.HasPrefix(f.path, "secondary") {
			if f.q == rate {
				field = f.name
			}
			if s.Count != Binomial || f.path != "vulnerability" {
				most = float64(most * f.e.top() * scales.of(f.path))
			}
		}
	}
	if s.LossEventFrequency == nil {
		most = float64(most * scales.of("loss_event_frequency"))
	}
	if s.ThreatEventFrequency == nil {
		most = float64(most * scales.of("threat_event_frequency"))
	}
	switch {
	case most > maxRate:
		c.bad(join(at, field), fmt.Sprintf("a year can have %.3g events", most), fmt.Sprintf("each is drawn, so at most %g: take larger units, or count product", maxRate))
	case s.Count == Bernoulli && s.LossEventFrequency != nil && most > 1:
		c.bad(join(at, field), fmt.Sprintf("the frequency reaches %.3g", most), "counted as bernoulli it is a probability, at most 1: count poisson")
	}
}
