package fair

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Expected are the exact mean and standard deviation of the loss of a year, without
// drawing: what a run comes near to. It holds for checked scenarios before treatment; cuts
// of estimates are integrated from the tables of the draws.
func (s Scenario) Expected() (mean, sd float64) {
	freq, freq2, share, share2 := s.rates(nil)
	rate, rate2 := float64(freq*share), float64(freq2*share2)
	one, two, over := s.magnitude()
	mean = float64(rate * one)
	variance := float64(rate2*over) - float64(mean*mean) // of what is expected in each year
	switch s.Count {
	case Product:
		return mean, math.Sqrt(float64(rate2*s.drawn2()) - float64(mean*mean))
	case Bernoulli:
		variance = float64(rate*two) - float64(mean*mean)
	case Binomial:
		// a year of n threats that succeed with v: n v losses, of which pairs are n(n-1)
		variance = float64(rate*two) + float64((freq2-freq)*share2*over) - float64(mean*mean)
	default:
		variance += float64(rate * two)
	}
	return mean, math.Sqrt(max(0, variance))
}

// second are the mean of an estimate and of its square, as it is drawn.
func second(q quantity, e *Estimate, scale float64) (mean, square float64) {
	if e.cut() || e.Kind == "normal" && q != money {
		if s := newSampler(stream{}, q, e, scale); s.t != nil {
			return s.t.moments()
		}
	}
	m, v := e.Moments()
	m, v = float64(m*scale), float64(v*scale*scale)
	return m, v + float64(m*m)
}

// rates are the mean of the threat events, or of the loss events, of a year and of their square, and of
// the share of them that succeeds.
func (s *Scenario) rates(c changes) (freq, freq2, part, part2 float64) {
	if s.LossEventFrequency != nil {
		freq, freq2 = second(rate, s.LossEventFrequency, c.of("loss_event_frequency"))
		return freq, freq2, 1, 1
	}
	if s.ThreatEventFrequency != nil {
		freq, freq2 = second(rate, s.ThreatEventFrequency, c.of("threat_event_frequency"))
	} else {
		a, a2 := second(rate, s.ContactFrequency, c.of("contact_frequency"))
		b, b2 := second(share, s.ProbabilityOfAction, c.of("probability_of_action"))
		k := c.of("threat_event_frequency")
		freq, freq2 = float64(a*b*k), float64(a2*b2*k*k)
	}
	if s.Vulnerability != nil {
		part, part2 = second(share, s.Vulnerability, c.of("vulnerability"))
	} else {
		part = share01(float64(s.susceptibility(c) * c.of("vulnerability")))
		part2 = float64(part * part)
	}
	k := c.of("loss_event_frequency")
	return freq, freq2, float64(part * k), float64(part2 * k * k)
}

// meanEvents is how many events a year has in the mean.
func (s *Scenario) meanEvents(c changes) float64 {
	if s.Count == Product {
		return 0
	}
	freq, _, part, _ := s.rates(c)
	return float64(freq * part)
}

// lossPart is one loss of an event: mean and mean square of it, and of the share of events that bring it.
type lossPart struct{ one, two, often, often2 float64 }

func (s *Scenario) lossParts() (all []lossPart) {
	add := func(e, often *Estimate) {
		if e == nil {
			return
		}
		p := lossPart{often: 1, often2: 1}
		p.one, p.two = second(money, e, 1)
		if often != nil {
			p.often, p.often2 = second(share, often, 1)
		}
		all = append(all, p)
	}
	add(s.LossMagnitude, nil)
	add(s.PrimaryLoss, nil)
	for i := range s.PrimaryLosses {
		add(&s.PrimaryLosses[i].Loss, nil)
	}
	for i := range s.SecondaryLosses {
		x := &s.SecondaryLosses[i]
		add(x.Loss, nil)
		add(x.Magnitude, x.Frequency)
	}
	return all
}

// magnitude are the mean loss of an event, the mean of its square, and the mean over years of
// the square of what an event costs in that year.
func (s *Scenario) magnitude() (one, two, over float64) {
	all := s.lossParts()
	for i, p := range all {
		one += float64(p.often * p.one)
		two += float64(p.often * p.two)
		over += float64(p.often2 * p.one * p.one)
		for _, q := range all[:i] {
			both := float64(2 * p.often * p.one * q.often * q.one)
			two += both
			over += both
		}
	}
	return one, two, over
}

// drawn2 is the mean square of a magnitude whose parts are drawn once and multiplied.
func (s *Scenario) drawn2() (two float64) {
	all := s.lossParts()
	for i, p := range all {
		two += float64(p.often2 * p.two)
		for _, q := range all[:i] {
			two += float64(2 * p.often * p.one * q.often * q.one)
		}
	}
	return two
}

// Through is the lognormal loss of a year whose exceedance curve goes through two
// points: a tolerance curve from two answers.
func Through(first, then Point) Estimate {
	z1, z2 := normalQuantile(1-first.Probability), normalQuantile(1-then.Probability)
	l1, l2 := log(first.Loss), log(then.Loss)
	sigma := (l2 - l1) / (z2 - z1)
	return LogNormalMuSigma(l1-float64(sigma*z1), sigma)
}

func normalQuantile(p float64) float64 { return Normal(0, 1).Quantile(p) }

// Verdict is an expectation beside what a run gave.
type Verdict struct {
	Expect
	Have  float64 `json:"have"`
	Known bool    `json:"known"` // whether the result has a number of that name
	Holds bool    `json:"holds"`
}

// Against holds a result against what was expected of it. Outputs are named as the
// result's JSON spells them, with dots: "mean", "after.p95", "risks.0.events.mean".
func (r *Result) Against(all []Expect) (out []Verdict, err error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("read the result: %w", err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("read the result: %w", err)
	}
	for _, x := range all {
		v := Verdict{Expect: x}
		v.Have, v.Known = leaf(tree, x.Output)
		v.Holds = v.Known && math.Abs(v.Have-x.Value) <= x.Tolerance
		out = append(out, v)
	}
	return out, nil
}

// leaf is the number at a path.
func leaf(tree any, path string) (float64, bool) {
	for _, step := range strings.Split(path, ".") {
		switch t := tree.(type) {
		case map[string]any:
			tree = t[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(t) {
				return 0, false
			}
			tree = t[i]
		}
	}
	x, ok := tree.(float64)
	return x, ok
}
