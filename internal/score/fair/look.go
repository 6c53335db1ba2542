package fair

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// What is looked at beside the loss of a year: one event's loss, which input
// moves the loss, what each risk brings to the portfolio.

// eventYears is how many events are drawn to describe the loss of one.
const eventYears = 2 * blockSize

// eventLoss describes the loss of one event: the first of each of some years, as though every year had one.
func (m *model) eventLoss(b *block, trials int) *EventLoss {
	if m.count == Product {
		return nil
	}
	losses := make([]float64, min(trials, eventYears))
	for from := 0; from < len(losses); from += blockSize {
		out := losses[from:min(from+blockSize, len(losses))]
		for i := range out {
			b.n[i] = 1
		}
		for k := range m.parts {
			m.parts[k].add(b, uint64(from), out)
		}
	}
	mean := total(losses) / float64(len(losses))
	s := newSample(losses, make([]float64, len(losses)))
	return &EventLoss{mean, s.quantile(.05), s.quantile(.50), s.quantile(.95), s.quantile(.99)}
}

// Bar is one input of a tornado: the rank correlation of its draws with the loss of the
// year. What is drawn for each event stands with its mean in the year, over the years that have one.
type Bar struct {
	Factor      string  `json:"factor"`
	Correlation float64 `json:"correlation"`
}

// tornadoYears is over how many years inputs and losses are compared.
const tornadoYears = blockSize

// pairs sums what a correlation is made of.
type pairs struct{ n, x, y, xx, yy, xy float64 }

func (p *pairs) add(x, y float64) {
	p.n++
	p.x += x
	p.y += y
	p.xx += float64(x * x)
	p.yy += float64(y * y)
	p.xy += float64(x * y)
}

func (p *pairs) correlation() float64 {
	sx, sy := p.xx-float64(p.x*p.x)/p.n, p.yy-float64(p.y*p.y)/p.n
	if !(sx > 1e-9) || !(sy > 1e-9) {
		return 0
	}
	return (p.xy - float64(p.x*p.y)/p.n) / (math.Sqrt(sx) * math.Sqrt(sy))
}

// input is one input of the tornado: its grade, from 0 to 1, in a year of n events.
type input struct {
	factor string
	grade  func(year uint64, i int, n uint64) (g float64, ok bool)
	pairs
}

// inputs are the factors of a model that are drawn.
func (m *model) inputs(b *block) (all []*input) {
	yearly := func(path string, s *sampler) {
		if s == nil || s.constant() {
			return
		}
		all = append(all, &input{factor: path, grade: func(year uint64, _ int, _ uint64) (float64, bool) { return unit(s.word(year << eventBits)), true }})
		if m.link != nil && (s == m.lef || s == m.tef || s == m.contact) {
			all[len(all)-1].grade = func(_ uint64, i int, _ uint64) (float64, bool) { return unit(b.more[i]), true }
		}
	}
	yearly("loss_event_frequency", m.lef)
	yearly("threat_event_frequency", m.tef)
	yearly("contact_frequency", m.contact)
	yearly("probability_of_action", m.action)
	yearly("vulnerability", m.v)
	for k := range m.parts {
		p := &m.parts[k]
		if p.often != nil {
			yearly(strings.TrimSuffix(p.path, "magnitude")+"frequency", p.often)
		}
		switch {
		case p.loss.constant():
		case m.count == Product:
			yearly(p.path, &p.loss)
		default:
			all = append(all, &input{factor: p.path, grade: p.grade})
		}
	}
	return all
}

// grade is the mean grade of the part's draws in a year of n events.
func (p *part) grade(year uint64, _ int, n uint64) (g float64, ok bool) {
	for e := range n {
		g += unit(p.loss.word(year<<eventBits + e))
	}
	return g / float64(n), n > 0
}

// tornado compares the inputs of the first years with their losses, whose ranks s knows.
func (m *model) tornado(b *block, years int, s *sample) (bars []Bar) {
	all := m.inputs(b)
	if len(all) == 0 {
		return nil
	}
	losses := make([]float64, blockSize)
	for from := 0; from < years; from += blockSize {
		out := losses[:min(blockSize, years-from)]
		m.years(b, uint64(from), out)
		for i, x := range out {
			grade, n := s.grade(x), b.n[i]
			for _, in := range all {
				if g, ok := in.grade(uint64(from+i), i, n); ok {
					in.add(g, grade)
				}
			}
		}
	}
	for _, in := range all {
		bars = append(bars, Bar{in.factor, in.correlation()})
	}
	slices.SortStableFunc(bars, func(a, b Bar) int {
		switch x, y := math.Abs(a.Correlation), math.Abs(b.Correlation); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return strings.Compare(a.Factor, b.Factor)
	})
	return bars
}

// portions fills in what each risk brings to the portfolio's mean and to its worst years, whose losses
// are drawn again: the words of a year are found by its number.
func (r *runner) portions(out *Result) {
	var worst []uint64
	sum := 0.0
	for i, x := range r.total {
		if x >= out.P99 {
			worst = append(worst, uint64(i))
			sum += x
		}
	}
	for i := range out.Risks {
		x, got := r.risks[i].before, &out.Risks[i]
		bad, year := 0.0, make([]float64, 1)
		for _, w := range worst {
			x.years(r.rooms[0], w, year)
			bad += year[0]
		}
		got.Portion = &Portion{Mean: ratio(got.Mean, out.Mean), ES99: ratio(bad, sum)}
	}
}

// notes are what a reader should know about the numbers.
func (r *runner) notes() (all []string) {
	if rest := r.o.Trials / 1000; rest < 100 {
		all = append(all, fmt.Sprintf("p999 rests on %d of %d years: run more trials before it is read closely", rest, r.o.Trials))
	}
	for _, x := range r.risks {
		switch x.s.Count {
		case Product:
			all = append(all, x.s.ID+": one frequency times one magnitude, a comparison with tools that do so; it is not the loss of a year")
		case Bernoulli:
			all = append(all, x.s.ID+": at most one event a year")
		case Binomial:
			all = append(all, x.s.ID+": the threat events of a year are a counted number")
		}
		for _, f := range x.s.given() {
			if below := f.e.CDF(0); f.q == money && f.e.Kind == "normal" && f.e.Min == nil && below > 0.0005 {
				all = append(all, fmt.Sprintf("%s: %s is below zero in %.1f %% of draws: min: 0 cuts it", x.s.ID, f.path, 100*below))
			}
		}
	}
	return all
}

// ratio is a part of a whole, 0 of nothing.
func ratio(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}
