package fair

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tocsin/internal/fault"
)

// checker collects what is wrong, each with the path of its field.
type checker struct{ fault.Fields }

func (c *checker) bad(field, says, mend string) { c.Add(field, "%s; %s", says, mend) }

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ".")
}

// Check says everything that is wrong with a portfolio, as one Invalid fault with a field for each.
func (p Portfolio) Check() error {
	var c checker
	switch n := len(p.Scenarios); {
	case n == 0:
		c.bad("scenarios", "there is no scenario", "give at least one")
	case n > MaxRisks:
		c.bad("scenarios", fmt.Sprintf("there are %d scenarios", n), fmt.Sprintf("run at most %d at once", MaxRisks))
		return c.Err()
	}
	ids := map[string]int{}
	for i := range p.Scenarios {
		at := fmt.Sprintf("scenarios.%d", i)
		s := &p.Scenarios[i]
		if first, ok := ids[s.ID]; ok && s.ID != "" {
			c.bad(at+".id", fmt.Sprintf("the id %q is that of scenario %d too", s.ID, first+1), "an id names the random streams, so give each scenario its own")
		}
		ids[s.ID] = i
		c.scenario(at, s)
	}
	for i, x := range p.Appetite {
		if at := fmt.Sprintf("appetite.%d", i); c.finite(at, x) && x < 0 {
			c.bad(at, fmt.Sprintf("the loss is %g", x), "write a loss of 0 or more")
		}
	}
	if len(p.Appetite) > maxParts {
		c.bad("appetite", fmt.Sprintf("there are %d losses", len(p.Appetite)), fmt.Sprintf("ask at most %d", maxParts))
	}
	c.correlation(p.Correlation, ids)
	return c.Err()
}

// Check says everything that is wrong with a scenario, as one Invalid fault with a field for each.
func (s Scenario) Check() error {
	var c checker
	c.scenario("", &s)
	return c.Err()
}

func (c *checker) scenario(at string, s *Scenario) {
	if s.ID == "" || len(s.ID) > 200 {
		c.bad(join(at, "id"), "the scenario has no id, or one of more than 200 bytes", "give it a short name of its own")
	}
	if !slices.Contains([]string{"", Poisson, Bernoulli, Binomial, Product}, s.Count) {
		c.bad(join(at, "count"), fmt.Sprintf("nobody knows the count %q", s.Count), "use poisson, bernoulli, binomial or product")
	}
	before := len(c.Fields)
	c.tree(at, s)
	c.factors(at, s)
	if len(c.Fields) > before {
		return
	}
	c.runnable(at, s, nil)
	c.treatment(join(at, "treatment"), s)
}

// both notes that a factor is given directly and by its children, or by neither.
func (c *checker) both(at, field string, direct, derived, whole bool, children string) {
	switch {
	case direct && derived:
		c.bad(join(at, field), "it is given directly and by "+children+" too", "keep one of the two")
	case !direct && !whole:
		c.bad(join(at, field), "it is neither given nor can it be derived", "give it, or "+children)
	}
}

// tree checks that each factor is given once.
func (c *checker) tree(at string, s *Scenario) {
	tefParts := s.ContactFrequency != nil || s.ProbabilityOfAction != nil
	vParts := s.ThreatCapability != nil || len(s.Difficulty) > 0
	below := s.ThreatEventFrequency != nil || tefParts || s.Vulnerability != nil || vParts
	c.both(at, "loss_event_frequency", s.LossEventFrequency != nil, below, below, "threat_event_frequency and vulnerability")
	if below && s.LossEventFrequency == nil {
		c.both(at, "threat_event_frequency", s.ThreatEventFrequency != nil, tefParts,
			s.ContactFrequency != nil && s.ProbabilityOfAction != nil, "contact_frequency and probability_of_action")
		c.both(at, "vulnerability", s.Vulnerability != nil, vParts,
			s.ThreatCapability != nil && len(s.Difficulty) > 0, "threat_capability and difficulty")
	}
	if s.Count == Binomial && s.LossEventFrequency != nil {
		c.bad(join(at, "count"), "binomial counts threat events, and loss_event_frequency is given directly", "give threat_event_frequency and vulnerability, or count poisson")
	}
	primary := s.PrimaryLoss != nil || len(s.PrimaryLosses) > 0
	c.both(at, "loss_magnitude", s.LossMagnitude != nil, primary || len(s.SecondaryLosses) > 0,
		primary || len(s.SecondaryLosses) > 0, "primary_loss and secondary_losses")
	if s.PrimaryLoss != nil && len(s.PrimaryLosses) > 0 {
		c.both(at, "primary_loss", true, true, true, "primary_losses")
	}
	for i, x := range s.SecondaryLosses {
		c.both(fmt.Sprintf("%s.%d", join(at, "secondary_losses"), i), "loss", x.Loss != nil, x.Frequency != nil || x.Magnitude != nil,
			x.Frequency != nil && x.Magnitude != nil, "frequency and magnitude")
	}
}

// quantity is what a factor is counted in, which says what it may be.
type quantity int

const (
	rate quantity = iota // 0 or more
	share
	level // of capability and difficulty: 0 or more, on one scale
	money
)

// factor is one estimate of a scenario with its place.
type factor struct {
	path string // as a treatment names it
	name string // the field, with numbers for entries of lists
	q    quantity
	e    *Estimate
}

// given lists the estimates of a scenario in one order.
func (s *Scenario) given() (all []factor) {
	add := func(path, name string, q quantity, e *Estimate) {
		if e != nil {
			all = append(all, factor{path, name, q, e})
		}
	}
	same := func(name string, q quantity, e *Estimate) { add(name, name, q, e) }
	same("loss_event_frequency", rate, s.LossEventFrequency)
	same("threat_event_frequency", rate, s.ThreatEventFrequency)
	same("contact_frequency", rate, s.ContactFrequency)
	same("probability_of_action", share, s.ProbabilityOfAction)
	same("vulnerability", share, s.Vulnerability)
	same("threat_capability", level, s.ThreatCapability)
	for i := range s.Difficulty {
		n := fmt.Sprintf("difficulty.%d", i)
		add(n, n, level, &s.Difficulty[i])
	}
	same("loss_magnitude", money, s.LossMagnitude)
	same("primary_loss", money, s.PrimaryLoss)
	for i := range s.PrimaryLosses {
		p := &s.PrimaryLosses[i]
		add("primary_losses."+p.Form, fmt.Sprintf("primary_losses.%d.loss", i), money, &p.Loss)
	}
	for i := range s.SecondaryLosses {
		x := &s.SecondaryLosses[i]
		path, name := "secondary_losses."+x.Name, fmt.Sprintf("secondary_losses.%d", i)
		add(path+".loss", name+".loss", money, x.Loss)
		add(path+".frequency", name+".frequency", share, x.Frequency)
		add(path+".magnitude", name+".magnitude", money, x.Magnitude)
	}
	return all
}

func (c *checker) factors(at string, s *Scenario) {
	for _, list := range []struct {
		name string
		n    int
	}{{"difficulty", len(s.Difficulty)}, {"primary_losses", len(s.PrimaryLosses)}, {"secondary_losses", len(s.SecondaryLosses)}} {
		if list.n > maxParts {
			c.bad(join(at, list.name), fmt.Sprintf("it has %d entries", list.n), fmt.Sprintf("give at most %d", maxParts))
			return
		}
	}
	for _, f := range s.given() {
		c.estimate(join(at, f.name), f.q, f.e)
	}
	seen := map[string]bool{}
	for i, p := range s.PrimaryLosses {
		c.form(fmt.Sprintf("%s.%d.form", join(at, "primary_losses"), i), p.Form, true)
		c.once(fmt.Sprintf("%s.%d.form", join(at, "primary_losses"), i), "form "+p.Form, seen)
	}
	for i, x := range s.SecondaryLosses {
		where := fmt.Sprintf("%s.%d", join(at, "secondary_losses"), i)
		c.form(where+".form", x.Form, false)
		if x.Name == "" || strings.Contains(x.Name, ".") {
			c.bad(where+".name", fmt.Sprintf("%q names nobody", x.Name), "say whose reaction it is, without a dot")
		}
		c.once(where+".name", "name "+x.Name, seen)
	}
}

func (c *checker) once(at, what string, seen map[string]bool) {
	if seen[what] {
		c.bad(at, "the "+what+" comes twice", "put both into one, or name them apart")
	}
	seen[what] = true
}

func (c *checker) form(at, form string, must bool) {
	if slices.Contains(Forms, form) || form == "" && !must {
		return
	}
	c.bad(at, fmt.Sprintf("%q is no form of loss", form), "use one of "+strings.Join(Forms, ", "))
}

// finite notes a number that is none, or is beyond what the engine counts with.
func (c *checker) finite(at string, x float64) bool {
	if math.IsNaN(x) || math.Abs(x) > maxNumber {
		c.bad(at, fmt.Sprintf("%g is no number that can be counted with", x), fmt.Sprintf("write one up to %g", maxNumber))
		return false
	}
	return true
}

// estimate checks one estimate by itself.
func (c *checker) estimate(at string, q quantity, e *Estimate) {
	k := e.family()
	if k == nil {
		c.bad(at+".kind", fmt.Sprintf("nobody knows the kind %q", e.Kind), "use one of "+strings.Join(Kinds(), ", "))
		return
	}
	before := len(c.Fields)
	for _, name := range numbers {
		x := e.number(name)
		switch must := slices.Contains(k.needs, name); {
		case x == nil && must:
			c.bad(join(at, name), "the kind "+k.name+" needs it", "give "+strings.Join(k.needs, ", "))
		case x != nil && !must && !slices.Contains(k.may, name):
			c.bad(join(at, name), "the kind "+k.name+" has no "+name, "take it out, or choose another kind")
		case x != nil:
			c.finite(join(at, name), *x)
		}
	}
	if k.name != "discrete" && (e.Values != nil || e.Weights != nil) {
		c.bad(at+".values", "the kind "+k.name+" has no values or weights", "take them out, or choose the kind discrete")
	}
	if len(c.Fields) > before {
		return
	}
	k.check(e, func(field, says, mend string) { c.bad(join(at, field), says, mend) })
	if len(c.Fields) == before {
		c.within(at, q, e)
	}
}

// within checks that an estimate stays where its factor can be. A normal, which has no
// ends, is cut there; of others, the ends must fit.
func (c *checker) within(at string, q quantity, e *Estimate) {
	lo, hi := e.family().ends(e)
	mean, variance := e.Moments()
	switch {
	case math.IsInf(mean, 0) || mean > maxNumber || math.IsInf(variance, 0) || variance > maxNumber*maxNumber:
		c.bad(at, "it is so wide that its mean or variance cannot be counted with", "narrow it, or set it to a smaller scale")
	case e.Kind == "normal" || e.cut():
		if mean < 0 {
			c.bad(at+".mean", fmt.Sprintf("the mean is %g", mean), "it cannot be below 0")
		}
		if q == share && mean > 1 && e.Kind == "normal" {
			c.bad(at+".mean", fmt.Sprintf("the mean is %g", mean), "a probability is at most 1")
		}
	case lo < 0 && q == share, hi > 1 && q == share:
		c.bad(at, fmt.Sprintf("it reaches from %g to %g", lo, hi), "a probability lies between 0 and 1: write 0.2 for 20 %")
	case lo < 0 && q != money:
		c.bad(at, fmt.Sprintf("it reaches down to %g", lo), "it cannot be below 0")
	case lo < 0:
		c.bad(at, fmt.Sprintf("the loss reaches down to %g", lo), "a loss is 0 or more")
	}
}

func checkOrder(e *Estimate, bad func(field, says, mend string)) {
	if *e.Min > *e.Max {
		bad("max", fmt.Sprintf("min %g is above max %g", *e.Min, *e.Max), "swap them, or mend the wrong one")
	} else if e.Mode != nil && *e.Mode < *e.Min {
		bad("mode", fmt.Sprintf("min %g is above mode %g", *e.Min, *e.Mode), "the most likely value lies between min and max")
	} else if e.Mode != nil && *e.Mode > *e.Max {
		bad("mode", fmt.Sprintf("mode %g is above max %g", *e.Mode, *e.Max), "the most likely value lies between min and max")
	}
}

func checkPERT(e *Estimate, bad func(field, says, mend string)) {
	checkOrder(e, bad)
	if g := e.gamma(); g < 0 || g > 1000 {
		bad("gamma", fmt.Sprintf("gamma is %g", g), "it weighs the mode: write 0 to 1000, 4 is usual")
	}
}

func checkLogNormal(e *Estimate, bad func(field, says, mend string)) {
	interval, logs := e.Low != nil && e.High != nil, e.Mu != nil && e.Sigma != nil
	some := (e.Low != nil || e.High != nil) && (e.Mu != nil || e.Sigma != nil)
	switch {
	case interval == logs || some:
		bad("low", "a lognormal is given by its 90 % interval or by its logarithm", "give low and high, or mu and sigma")
	case interval && *e.Low <= 0:
		bad("low", fmt.Sprintf("low is %g", *e.Low), "a lognormal is above 0: write a low end above 0")
	case interval && *e.Low > *e.High:
		bad("high", fmt.Sprintf("low %g is above high %g", *e.Low, *e.High), "swap them, or mend the wrong one")
	case logs && *e.Sigma < 0:
		bad("sigma", fmt.Sprintf("sigma is %g", *e.Sigma), "write 0 or more")
	case logs && (*e.Sigma > 10 || math.Abs(*e.Mu) > 50):
		bad("sigma", "the logarithm is beyond what can be counted with", "sigma is at most 10, mu at most 50 from 0")
	default:
		checkCut(e, bad)
	}
}

func checkCut(e *Estimate, bad func(field, says, mend string)) {
	if e.Min != nil && e.Max != nil && *e.Min > *e.Max {
		bad("max", fmt.Sprintf("min %g is above max %g", *e.Min, *e.Max), "swap them, or mend the wrong one")
	}
}

func checkNormal(e *Estimate, bad func(field, says, mend string)) {
	if *e.SD < 0 {
		bad("sd", fmt.Sprintf("the standard deviation is %g", *e.SD), "write 0 or more")
	}
	checkCut(e, bad)
}

func checkExponential(e *Estimate, bad func(field, says, mend string)) {
	if *e.Mean <= 0 {
		bad("mean", fmt.Sprintf("the mean is %g", *e.Mean), "write a mean above 0")
	}
}

func checkDiscrete(e *Estimate, bad func(field, says, mend string)) {
	n, sum := len(e.Values), 0.0
	if n == 0 || n > maxParts*maxParts {
		bad("values", fmt.Sprintf("there are %d values", n), fmt.Sprintf("give 1 to %d", maxParts*maxParts))
		return
	}
	if e.Weights != nil && len(e.Weights) != n {
		bad("weights", fmt.Sprintf("there are %d weights for %d values", len(e.Weights), n), "give one for each value, or none at all")
		return
	}
	for i, x := range e.Values {
		if math.IsNaN(x) || math.Abs(x) > maxNumber {
			bad(fmt.Sprintf("values.%d", i), fmt.Sprintf("%g is no number that can be counted with", x), "write a number")
		}
	}
	for i, w := range e.Weights {
		if !(w >= 0 && w <= maxNumber) {
			bad(fmt.Sprintf("weights.%d", i), fmt.Sprintf("the weight is %g", w), "write 0 or more")
			return
		}
		sum += w
	}
	if e.Weights != nil && sum == 0 {
		bad("weights", "all weights are 0", "give one of the values a weight")
	}
}
