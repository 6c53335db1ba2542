package chart

import (
	"fmt"
	"math"
	"slices"
	"time"

	"tocsin/internal/locale"
)

// Velocity is what moved in a register, month by month: opened, closed, rated up,
// rated down.
type Velocity struct {
	Title, About string
	Months       []Month

	reads *locale.Reader // who it is drawn for
}

// Month is one month of a Velocity.
type Month struct {
	At                       time.Time
	Opened, Closed, Up, Down int
	Href                     string
}

// velocityMost is how many months are drawn.
const velocityMost = 12

// movements are the four bars: word, tone of the pattern, and value.
var movements = []struct {
	word string
	ink  ink
	of   func(Month) int
}{
	{"opened", "accent", func(m Month) int { return m.Opened }},
	{"closed", "good", func(m Month) int { return m.Closed }},
	{"up", "critical", func(m Month) int { return m.Up }},
	{"down", "low", func(m Month) int { return m.Down }},
}

// Draw draws the months for a page.
func (v Velocity) Draw(reads *locale.Reader) Drawing { return v.draw(reads, wide, velocityMost) }

// Narrow draws the newer half of the months for a narrow page.
func (v Velocity) Narrow(reads *locale.Reader) Drawing { return v.draw(reads, narrow, velocityMost/2) }

func (v Velocity) draw(reads *locale.Reader, w float64, show int) Drawing {
	v.reads = reads
	ms := sorted(v.Months, func(a, b Month) bool { return a.At.Before(b.At) })
	ms = ms[max(0, len(ms)-show):]
	most := 0
	for _, m := range ms {
		most = max(most, m.Opened, m.Closed, m.Up, m.Down)
	}
	if most == 0 {
		return nothing(v.Title, v.About, "Nothing moved: no risk was opened, closed or rated anew in these months.", w)
	}
	d := sheet(v.reads, v.Title, v.About, w, 0)
	keys := v.keys(d)
	p := plot{d: d, x0: 30, x1: w, y0: float64(legendRows(keys, w))*legendRow + 20, most: roundUp(float64(most))}
	p.y1 = p.y0 + 130
	d.High = p.y1 + 26
	d.legend(0, 13, w, keys)
	p.scaleAxis(func(v float64) string {
		if v != math.Trunc(v) {
			return ""
		}
		return d.reads.Figure(v)
	})
	for i, m := range ms {
		v.month(p, m, p.x0+(p.x1-p.x0)*float64(i)/float64(len(ms)), (p.x1-p.x0)/float64(len(ms)), i)
	}
	d.line(p.x0, p.y1, p.x1, p.y1, look{line: "edge"})
	return *d
}

// month draws four bars; each has its form: full, hatched, and outlines with an
// arrow up or down.
func (v Velocity) month(p plot, m Month, x, wide float64, i int) {
	title := fmt.Sprintf("%s · %d opened, %d closed, %d rated up, %d rated down", v.reads.ShortMonth(m.At), m.Opened, m.Closed, m.Up, m.Down)
	bar := math.Min(10, (wide-10)/4-1)
	left := x + (wide-4*(bar+1))/2
	p.d.link(m.Href, title, func() {
		p.d.rect(x, p.y0, wide, p.y1-p.y0+20, 0, look{fill: "sheet", alpha: .01})
		for k, b := range movements {
			n := float64(b.of(m))
			if n > 0 {
				p.d.movement(k, left+float64(k)*(bar+1), p.y(n), bar, p.y1-p.y(n))
			}
		}
		text := m.At.UTC().Format("Jan")
		if i == 0 || m.At.UTC().Month() == time.January {
			text = v.reads.TightMonth(m.At)
		}
		p.d.text(x+wide/2, p.y1+17, text, face{ink: "ink-3", size: small, at: middle, room: wide})
	})
}

// movement draws the bar of one of the four movements.
func (d *Drawing) movement(k int, x, y, w, h float64) {
	m := movements[k]
	switch k {
	case 0:
		d.rect(x, y, w, h, 1, look{fill: m.ink})
	case 1:
		d.rect(x, y, w, h, 1, look{fill: m.ink, alpha: .3})
		d.path(hatch(x, y, w, h, 4), look{line: m.ink, width: 1.25})
	default:
		d.rect(x+.75, y+.75, w-1.5, h-.75, 1, look{fill: "sheet", line: m.ink, width: 1.5})
		if h > 10 && w > 5 {
			top, bottom := y+4, y+9
			if k == 3 {
				top, bottom = bottom, top
			}
			d.poly([]point{{x + w/2, top}, {x + w - 2.5, bottom}, {x + 2.5, bottom}}, true, look{fill: m.ink})
		}
	}
}

func (v Velocity) keys(d *Drawing) (keys []key) {
	for k, m := range movements {
		word := m.word
		if k > 1 {
			word = "rated " + word
		}
		keys = append(keys, key{10, func(x, y float64) { d.movement(k, x, y-11, 10, 13) }, word})
	}
	return keys
}

// Table lists the months from the newest back.
func (v Velocity) Table(reads *locale.Reader) Table {
	v.reads = reads
	t := Table{Caption: v.Title, Columns: columns("Month", "#Opened", "#Closed", "#Rated up", "#Rated down")}
	for _, m := range sorted(v.Months, func(a, b Month) bool { return a.At.After(b.At) }) {
		t.row(m.Href, v.reads.ShortMonth(m.At), v.reads.Number(m.Opened), v.reads.Number(m.Closed), v.reads.Number(m.Up), v.reads.Number(m.Down))
	}
	return t
}

// Sparkline is a small line of the last months, to stand in a row of a table. A
// value that is not a number is a gap.
type Sparkline struct {
	Title  string // says what it shows, with the newest value: it has no text of its own
	Values []float64
	Tone   Tone
}

// Draw draws the line.
func (s Sparkline) Draw(reads *locale.Reader) Drawing {
	d := sheet(reads, s.Title, "", 96, 22)
	values := s.Values[max(0, len(s.Values)-96):]
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			least, most = math.Min(least, v), math.Max(most, v)
		}
	}
	if least > most {
		d.line(4, 11, 92, 11, look{line: "edge", dash: "2 3"})
		return *d
	}
	at := func(i int) point {
		y := .5
		if most > least {
			y = inside((values[i]-least)/(most-least), 1)
		}
		return point{4 + 84*float64(i)/math.Max(1, float64(len(values)-1)), 18 - 14*y}
	}
	s.lines(d, values, at)
	return *d
}

func (s Sparkline) lines(d *Drawing, values []float64, at func(int) point) {
	var run []point
	last := -1
	for i, v := range values {
		if finite(v) {
			run, last = append(run, at(i)), i
			continue
		}
		d.poly(run, false, look{line: "ink-3", width: 1.5})
		run = nil
	}
	d.poly(run, false, look{line: "ink-3", width: 1.5})
	l := toneLook[s.Tone.known()]
	d.circle(at(last).x, at(last).y, 3, look{fill: l.ink})
}

// Narrow is the same drawing: it is small already.
func (s Sparkline) Narrow(reads *locale.Reader) Drawing { return s.Draw(reads) }

// Table lists the values from old to new.
func (s Sparkline) Table(reads *locale.Reader) Table {
	t := Table{Caption: s.Title, Columns: columns("#Month", "#Value")}
	for i, v := range slices.All(s.Values) {
		t.row("", reads.Number(i+1-len(s.Values)), reads.Figure(v))
	}
	return t
}
