package chart

import (
	"fmt"
	"math"
	"slices"

	"tocsin/internal/locale"
)

// LossExceedance is how probable it is that a year's loss exceeds an amount,
// before and after treatment, beside what is tolerated. It answers "can we bear
// it". The curves must come of the same random numbers; none goes on beyond its
// sample.
type LossExceedance struct {
	Title, About string
	Currency     string
	Curves       []LossCurve // as it is first, as it would be behind it
	Tolerance    []LossPoint

	reads *locale.Reader // who it is drawn for
}

// LossCurve is one curve.
type LossCurve struct {
	Name      string
	Points    []LossPoint
	Low, High []float64 // the band of the simulation at each point; none or as many as points
	Years     int       // how many years were simulated
}

// LossPoint says how probable it is that the loss of a year exceeds Loss.
type LossPoint struct{ Loss, Probability float64 }

// Draw draws the curves for a page.
func (l LossExceedance) Draw(reads *locale.Reader) Drawing { return l.draw(reads, wide) }

// Narrow draws the curves for a narrow page.
func (l LossExceedance) Narrow(reads *locale.Reader) Drawing { return l.draw(reads, narrow) }

// curveLooks are the lines of the curves in order.
var curveLooks = []look{{line: "ink-2", width: 1.75, dash: "6 4"}, {line: "accent", width: 2.5}, {line: "good", width: 1.75, dash: "2 3"}, {line: "low", width: 1.75}}

var toleratedLook = look{line: "critical", width: 1.75, dash: "1 4"}

// lossPointsMost is how many points of a curve are drawn.
const lossPointsMost = 600

// losses are the points that a logarithmic axis can show, from small to large.
func losses(points []LossPoint) []LossPoint {
	var out []LossPoint
	for _, p := range points {
		if finite(p.Loss) && p.Loss > 0 && finite(p.Probability) {
			out = append(out, p)
		}
	}
	out = sorted(out, func(a, b LossPoint) bool { return a.Loss < b.Loss })
	if n := len(out); n > lossPointsMost {
		for i := range lossPointsMost {
			out[i] = out[i*(n-1)/(lossPointsMost-1)]
		}
		out = out[:lossPointsMost]
	}
	return out
}

// money is an area with a logarithmic axis of amounts across.
type money struct {
	plot
	lo, hi float64 // powers of ten
}

// at is where a point lies.
func (m money) at(loss, probability float64) point {
	return point{m.x0 + inside((math.Log10(loss)-m.lo)/(m.hi-m.lo), 1)*(m.x1-m.x0), m.y(probability)}
}

func (l LossExceedance) draw(reads *locale.Reader, w float64) Drawing {
	l.reads = reads
	var all []LossPoint
	for _, c := range l.Curves {
		all = append(all, losses(c.Points)...)
	}
	if len(all) == 0 {
		return nothing(l.Title, l.About, "There is no simulation with a loss yet. Run one to see what a year may cost.", w)
	}
	all = append(all, losses(l.Tolerance)...)
	m := money{lo: math.Inf(1), hi: math.Inf(-1)}
	most := 0.0
	for _, p := range all {
		m.lo, m.hi, most = math.Min(m.lo, math.Log10(p.Loss)), math.Max(m.hi, math.Log10(p.Loss)), math.Max(most, p.Probability)
	}
	if m.hi-m.lo < 1 {
		m.lo, m.hi = m.lo-.5, m.hi+.5
	}
	d := sheet(l.reads, l.Title, l.About, w, 0)
	keys := l.keys(d)
	m.plot = plot{d: d, x0: 44, x1: w - 16, y0: float64(legendRows(keys, w))*legendRow + 28, most: math.Min(1, roundUp(math.Min(most, 1)))}
	m.y1 = m.y0 + 230
	d.High = m.y1 + 42
	d.legend(0, 13, w, keys)
	m.axes(l.Currency)
	for i, c := range l.Curves {
		m.curve(c, curveLooks[i%len(curveLooks)])
	}
	m.line(losses(l.Tolerance), toleratedLook)
	return *d
}

func (l LossExceedance) keys(d *Drawing) (keys []key) {
	for i, c := range l.Curves {
		n := ""
		if c.Years > 0 {
			n = "n = " + l.reads.Number(c.Years)
		}
		keys = append(keys, d.lineKey(say(c.Name, n), curveLooks[i%len(curveLooks)]))
	}
	if len(l.Tolerance) > 0 {
		keys = append(keys, d.lineKey("tolerated", toleratedLook))
	}
	return keys
}

// axes draws amounts across and probabilities up.
func (m money) axes(currency string) {
	m.scaleAxis(m.d.reads.Percent)
	m.d.line(m.x0, m.y1, m.x1, m.y1, look{line: "edge"})
	every := max(1, int(math.Ceil((m.hi-m.lo)*64/(m.x1-m.x0))))
	steps := []float64{1}
	if (m.x1-m.x0)/(m.hi-m.lo) > 190 {
		steps = []float64{1, 2, 5}
	}
	for e := math.Floor(m.lo); e <= m.hi; e++ {
		if int(e)%every != 0 {
			continue
		}
		for _, s := range steps {
			if v := math.Log10(s) + e; v < m.lo-1e-9 || v > m.hi+1e-9 {
				continue
			}
			x := m.at(s*math.Pow(10, e), 0).x
			m.d.line(x, m.y0, x, m.y1+4, look{line: "line"})
			m.d.text(x, m.y1+17, m.d.reads.Figure(s*math.Pow(10, e)), face{ink: "ink-3", size: small, at: middle})
		}
	}
	m.d.text(m.x1, m.y1+34, say("loss of a year", currency, "logarithmic"), face{ink: "ink-3", size: small, at: end})
	m.d.text(0, m.y0-11, "P(loss > x) in a year", face{ink: "ink-3", size: small})
}

func (m money) line(points []LossPoint, l look) {
	var at []point
	for _, p := range points {
		at = append(at, m.at(p.Loss, p.Probability))
	}
	m.d.poly(at, false, l)
	if len(at) == 1 {
		m.d.circle(at[0].x, at[0].y, 3.5, look{fill: l.line})
	}
}

// curve draws a curve on its band.
func (m money) curve(c LossCurve, l look) {
	if len(c.Low) == len(c.Points) && len(c.High) == len(c.Points) {
		low, high := make([]LossPoint, len(c.Points)), make([]LossPoint, len(c.Points))
		for i, p := range c.Points {
			low[i], high[i] = LossPoint{p.Loss, c.Low[i]}, LossPoint{p.Loss, c.High[i]}
		}
		var at []point
		for _, p := range losses(high) {
			at = append(at, m.at(p.Loss, p.Probability))
		}
		low = losses(low)
		slices.Reverse(low)
		for _, p := range low {
			at = append(at, m.at(p.Loss, p.Probability))
		}
		m.d.poly(at, true, look{fill: l.line, alpha: .14})
	}
	m.line(losses(c.Points), l)
}

// tableLosses is how many amounts the table shows for each curve.
const tableLosses = 24

// Table lists points of each curve.
func (l LossExceedance) Table(reads *locale.Reader) Table {
	l.reads = reads
	t := Table{Caption: l.Title, Columns: columns("Curve", "#Loss of a year", "#Probability to exceed it", "Band of the simulation", "#Tolerated")}
	for _, c := range l.Curves {
		points := losses(c.Points)
		every := max(1, (len(points)+tableLosses-1)/tableLosses)
		for i, p := range points {
			if i%every != 0 && i != len(points)-1 {
				continue
			}
			t.row("", c.Name, l.reads.Money(p.Loss, l.Currency), l.reads.Percent(p.Probability), c.band(l.reads, p), l.tolerated(p.Loss))
		}
		if c.Years > 0 {
			t.Notes = append(t.Notes, fmt.Sprintf("%s: %s simulated years; nothing is said beyond the largest loss among them.", clean(c.Name), l.reads.Number(c.Years)))
		}
	}
	return t
}

// band says the band of the simulation at a point.
func (c LossCurve) band(reads *locale.Reader, p LossPoint) string {
	i := slices.Index(c.Points, p)
	if i < 0 || len(c.Low) != len(c.Points) || len(c.High) != len(c.Points) {
		return ""
	}
	return reads.Percent(c.Low[i]) + " to " + reads.Percent(c.High[i])
}

// tolerated is what is tolerated at a loss: that of the next smaller amount.
func (l LossExceedance) tolerated(loss float64) string {
	says := ""
	for _, p := range losses(l.Tolerance) {
		if p.Loss <= loss {
			says = l.reads.Percent(p.Probability)
		}
	}
	return says
}
