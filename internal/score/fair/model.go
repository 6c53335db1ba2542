package fair

import "math"

// model is a scenario made ready to draw.
type model struct {
	id    string
	count string

	lef, tef, contact, action, v *sampler // those that are given, or v where it was integrated
	threatScale, rateScale       float64  // of a treatment, on factors that are derived
	counts                       stream
	parts                        []part
	link                         *link // to other risks' frequencies, or nil
}

// part is one loss of an event.
type part struct {
	path  string
	loss  sampler
	often *sampler // share of events that bring it, drawn once a year; nil where every event does
	hit   stream   // decides event by event
}

// changes are what a treatment scales, by the paths of factors. It is asked, never walked.
type changes map[string]float64

func (c changes) of(paths ...string) float64 {
	all := 1.0
	for _, p := range paths {
		if x, ok := c[p]; ok {
			all = float64(all * x)
		}
	}
	return all
}

// compile makes a checked scenario ready.
func compile(s *Scenario, c changes, seed uint64) *model {
	m := &model{id: s.ID, count: s.Count, counts: newStream(seed, s.ID, "count"), threatScale: 1, rateScale: 1}
	draw := func(path string, q quantity, e *Estimate, scale float64) *sampler {
		if e == nil {
			return nil
		}
		return newSampler(newStream(seed, s.ID, path), q, e, scale)
	}
	year := func(path string, q quantity, e *Estimate) *sampler { return draw(path, q, e, c.of(path)) }
	m.lef = year("loss_event_frequency", rate, s.LossEventFrequency)
	m.tef = year("threat_event_frequency", rate, s.ThreatEventFrequency)
	m.contact = year("contact_frequency", rate, s.ContactFrequency)
	m.action = year("probability_of_action", share, s.ProbabilityOfAction)
	m.v = year("vulnerability", share, s.Vulnerability)
	if m.lef == nil {
		m.rateScale = c.of("loss_event_frequency")
		if m.tef == nil {
			m.threatScale = c.of("threat_event_frequency")
		}
		if m.v == nil {
			m.v = &sampler{fixed: share01(float64(s.susceptibility(c) * c.of("vulnerability")))}
		}
	}
	m.losses(s, c, seed, draw)
	return m
}

// susceptibility integrates the vulnerability of a scenario under its changes.
func (s *Scenario) susceptibility(c changes) float64 {
	ds := make([]scaled, len(s.Difficulty))
	for _, f := range s.given() {
		for i := range s.Difficulty {
			if f.e == &s.Difficulty[i] {
				ds[i] = scaled{f.e, c.of(f.path, "difficulty")}
			}
		}
	}
	return above(scaled{s.ThreatCapability, c.of("threat_capability")}, ds)
}

func (m *model) losses(s *Scenario, c changes, seed uint64, draw func(string, quantity, *Estimate, float64) *sampler) {
	add := func(path string, e *Estimate, often *sampler, above ...string) {
		if e != nil {
			loss := draw(path, money, e, c.of(append(above, path)...))
			m.parts = append(m.parts, part{path: path, loss: *loss, often: often, hit: newStream(seed, s.ID, path+" hit")})
		}
	}
	add("loss_magnitude", s.LossMagnitude, nil)
	add("primary_loss", s.PrimaryLoss, nil, "loss_magnitude")
	for i := range s.PrimaryLosses {
		p := &s.PrimaryLosses[i]
		add("primary_losses."+p.Form, &p.Loss, nil, "loss_magnitude", "primary_loss")
	}
	for i := range s.SecondaryLosses {
		x := &s.SecondaryLosses[i]
		path := "secondary_losses." + x.Name
		add(path+".loss", x.Loss, nil, "loss_magnitude", path)
		often := draw(path+".frequency", share, x.Frequency, c.of(path+".frequency"))
		add(path+".magnitude", x.Magnitude, often, "loss_magnitude", path)
	}
}

// newSampler makes draws of an estimate times a scale, kept where its factor can be.
func newSampler(from stream, q quantity, e *Estimate, scale float64) *sampler {
	lo, hi := math.Inf(-1), math.Inf(1)
	if e.cut() {
		if e.Min != nil {
			lo = *e.Min
		}
		if e.Max != nil {
			hi = *e.Max
		}
	}
	floor, ceiling := math.Inf(-1), math.Inf(1)
	if q != money {
		floor = 0
	}
	if q == share {
		ceiling = 1
	}
	fit := func(x float64) float64 {
		return min(ceiling, max(floor, float64(scale*min(hi, max(lo, x)))))
	}
	s := &sampler{stream: from}
	switch atoms := e.atoms(); {
	case len(atoms) == 1:
		s.fixed = fit(atoms[0].x)
	case atoms != nil:
		s.s = newSteps(atoms, fit)
	default:
		s.t = newTable(e.family().sides(e), fit)
	}
	return s
}

// blockSize is how many years are drawn together. Sums are reduced block by
// block, so it is a part of the engine's version.
const blockSize = 4096

// block is the room in which years are drawn.
type block struct {
	rate, other, share, loss [blockSize]float64
	words, more              [blockSize]uint64
	n                        [blockSize]uint64
}

// years draws the years from first on into out, and their counts of events into b.n.
func (m *model) years(b *block, first uint64, out []float64) {
	if m.count == Product {
		m.product(b, first, out)
		return
	}
	m.number(b, first, len(out))
	for i := range out {
		out[i] = 0
	}
	for k := range m.parts {
		m.parts[k].add(b, first, out)
	}
}

// threats fills b.rate with the threat events of the years.
func (m *model) threats(b *block, first uint64, n int) {
	rates := b.rate[:n]
	if m.tef != nil {
		m.frequency(b, m.tef, first, rates)
	} else {
		m.frequency(b, m.contact, first, rates)
		other := b.other[:n]
		m.action.years(first, other)
		for i, x := range other {
			rates[i] = float64(rates[i] * x)
		}
	}
	if m.threatScale != 1 {
		for i := range rates {
			rates[i] = float64(rates[i] * m.threatScale)
		}
	}
}

// frequency draws the frequency that is estimated, linked to those of other risks where it is.
func (m *model) frequency(b *block, s *sampler, first uint64, out []float64) {
	if m.link == nil || s.constant() {
		s.years(first, out)
		return
	}
	m.link.words(rateLink, b, first, b.more[:len(out)])
	s.of(b.more[:len(out)], out)
}

// rates fills b.rate with the loss events to be expected in the years, and for a binomial count with
// the threat events and b.share with the probability of each.
func (m *model) rates(b *block, first uint64, n int) {
	rates := b.rate[:n]
	if m.lef != nil {
		m.frequency(b, m.lef, first, rates)
		return
	}
	m.threats(b, first, n)
	shares := b.share[:n]
	m.v.years(first, shares)
	if m.rateScale != 1 {
		for i := range shares {
			shares[i] = float64(shares[i] * m.rateScale)
		}
	}
	if m.count == Binomial {
		return
	}
	for i, v := range shares {
		rates[i] = float64(rates[i] * v)
	}
}

// number draws how many loss events each year has.
func (m *model) number(b *block, first uint64, n int) {
	m.rates(b, first, n)
	words, rates, out := b.words[:n], b.rate[:n], b.n[:n]
	if m.link != nil {
		m.link.words(countLink, b, first, words)
	} else {
		for i := range words {
			words[i] = m.counts.word((first + uint64(i)) << eventBits)
		}
	}
	switch m.count {
	case Bernoulli:
		for i, w := range words {
			out[i] = 0
			if unit(^w) < rates[i] { // the worst years are those of the largest words, as with the other counts
				out[i] = 1
			}
		}
	case Binomial:
		for i, w := range words {
			out[i] = binomial(math.Floor(rates[i]+0.5), b.share[i], unit(w))
		}
	default:
		for i, w := range words {
			out[i] = poisson(rates[i], unit(w))
		}
	}
}

// add adds the part's losses of every year to out.
func (p *part) add(b *block, first uint64, out []float64) {
	if p.often == nil {
		for i := range out {
			if n := b.n[i]; n > 0 {
				out[i] = p.loss.events((first+uint64(i))<<eventBits, n, out[i])
			}
		}
		return
	}
	shares := b.share[:len(out)]
	p.often.years(first, shares)
	for i := range out {
		start := (first + uint64(i)) << eventBits
		for e := range b.n[i] {
			if unit(p.hit.word(start+e)) < shares[i] {
				out[i] += p.loss.at(p.loss.word(start + e))
			}
		}
	}
}

// product draws one frequency times one magnitude a year.
func (m *model) product(b *block, first uint64, out []float64) {
	m.rates(b, first, len(out))
	magnitude, other, shares := b.loss[:len(out)], b.other[:len(out)], b.share[:len(out)]
	for i := range magnitude {
		magnitude[i] = 0
	}
	for k := range m.parts {
		p := &m.parts[k]
		p.loss.years(first, other)
		if p.often != nil {
			p.often.years(first, shares)
			for i, s := range shares {
				other[i] = float64(other[i] * s)
			}
		}
		for i, x := range other {
			magnitude[i] += x
		}
	}
	for i, x := range magnitude {
		out[i] = float64(b.rate[i] * x)
	}
}
