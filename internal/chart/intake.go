package chart

import (
	"fmt"
	"math"
	"time"

	"tocsin/internal/locale"
)

// Intake is what came in and what was closed, month by month, with the backlog
// that is left at the end of each as a line above.
type Intake struct {
	Title, About string
	Months       []Came

	reads *locale.Reader // who it is drawn for
}

// Came is one month of an Intake.
type Came struct {
	At                      time.Time
	Opened, Closed, Backlog int
	Part                    bool // it is not over
	OpenedHref, ClosedHref  string
	BacklogHref             string
}

// Draw draws the months for a page.
func (v Intake) Draw(reads *locale.Reader) Drawing { return v.draw(reads, wide, len(v.Months)) }

// Narrow draws the newer half of the months for a narrow page.
func (v Intake) Narrow(reads *locale.Reader) Drawing {
	return v.draw(reads, narrow, min(6, len(v.Months)))
}

func (v Intake) draw(reads *locale.Reader, w float64, show int) Drawing {
	v.reads = reads
	ms := v.Months[len(v.Months)-show:]
	most, left := 0, 0
	for _, m := range ms {
		most, left = max(most, m.Opened, m.Closed), max(left, m.Backlog)
	}
	if most+left == 0 {
		return nothing(v.Title, v.About, "No case was opened or closed in these months, and none is open.", w)
	}
	d := sheet(v.reads, v.Title, v.About, w, 0)
	keys := []key{{10, func(x, y float64) { d.movement(0, x, y-11, 10, 13) }, "opened"}, {10, func(x, y float64) { d.movement(1, x, y-11, 10, 13) }, "closed"}, d.lineKey("open at the end", look{line: "ink", width: 2})}
	top := float64(legendRows(keys, w)) * legendRow
	upper := plot{d: d, x0: 34, x1: w, y0: top + 16, y1: top + 76, most: roundUp(float64(max(left, 1)))}
	p := plot{d: d, x0: 34, x1: w, y0: upper.y1 + 34, most: roundUp(float64(max(most, 1)))}
	p.y1 = p.y0 + 110
	d.High = p.y1 + 26
	d.legend(0, 13, w, keys)
	whole := func(v float64) string {
		if v != math.Trunc(v) {
			return ""
		}
		return d.reads.Figure(v)
	}
	upper.scaleAxis(whole)
	p.scaleAxis(whole)
	wide := (p.x1 - p.x0) / float64(max(len(ms), 1))
	for i, m := range ms {
		d.came(p, m, p.x0+wide*float64(i), wide, i)
	}
	d.line(p.x0, p.y1, p.x1, p.y1, look{line: "edge"})
	d.backlog(upper, ms, wide)
	return *d
}

// came draws the two columns of a month; one that is not over is said to be.
func (d *Drawing) came(p plot, m Came, x, wide float64, i int) {
	name := d.reads.ShortMonth(m.At)
	bar := math.Min(16, (wide-8)/2-1)
	left := x + (wide-2*(bar+1))/2
	for k, n := range []int{m.Opened, m.Closed} {
		href, word := m.OpenedHref, "opened"
		if k == 1 {
			href, word = m.ClosedHref, "closed"
		}
		if n == 0 {
			href = ""
		}
		d.link(href, fmt.Sprintf("%s · %d %s", name, n, word), func() {
			at := left + float64(k)*(bar+1)
			d.rect(at, p.y0, bar, p.y1-p.y0, 0, look{fill: "sheet", alpha: .01})
			if n > 0 {
				d.movement(k, at, p.y(float64(n)), bar, p.y1-p.y(float64(n)))
				d.text(at+bar/2, p.y(float64(n))-3, d.reads.Number(n), face{ink: "ink-2", size: tiny, at: middle})
			}
		})
	}
	text := m.At.UTC().Format("Jan")
	if i == 0 || m.At.UTC().Month() == time.January {
		text = d.reads.TightMonth(m.At)
	}
	if m.Part {
		text += "*"
	}
	d.text(x+wide/2, p.y1+17, text, face{ink: "ink-3", size: small, at: middle, room: wide + 8})
}

// backlog draws what is left at the end of each month as steps.
func (d *Drawing) backlog(p plot, ms []Came, wide float64) {
	var line []point
	for i, m := range ms {
		y := p.y(float64(m.Backlog))
		line = append(line, point{p.x0 + wide*float64(i), y}, point{p.x0 + wide*float64(i+1), y})
	}
	d.poly(line, false, look{line: "ink", width: 2})
	for i, m := range ms {
		if i == 0 || i == len(ms)-1 || m.Backlog != ms[i-1].Backlog {
			d.label(p.x0+wide*(float64(i)+.5), p.y(float64(m.Backlog))-4, d.reads.Number(m.Backlog), face{ink: "ink", size: tiny, bold: true, at: middle})
		}
	}
}

// Table lists the months from the newest back.
func (v Intake) Table(reads *locale.Reader) Table {
	v.reads = reads
	t := Table{Caption: v.Title, Columns: columns("Month", "#Opened", "#Closed", "#Open at the end")}
	for _, m := range sorted(v.Months, func(a, b Came) bool { return a.At.After(b.At) }) {
		name := v.reads.ShortMonth(m.At)
		if m.Part {
			name += ", not over"
		}
		t.row("", name, v.reads.Number(m.Opened), v.reads.Number(m.Closed), v.reads.Number(m.Backlog))
		t.link(1, m.Opened, m.OpenedHref)
		t.link(2, m.Closed, m.ClosedHref)
		t.link(3, m.Backlog, m.BacklogHref)
	}
	return t
}
