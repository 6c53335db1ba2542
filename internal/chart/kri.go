package chart

import (
	"fmt"
	"math"
	"time"

	"tocsin/internal/locale"
)

// KRI is how a key risk indicator went, month by month, between its bands. A
// month without a value is a gap and says so: what is missing is not green.
type KRI struct {
	Title, About string
	Unit         string
	Direction    string // "lower is better"
	Values       []Reading
	Bands        []Band // green, yellow, red, by value from low to high
	Target       *float64
	Now          time.Time // months up to here are expected; the zero time expects none

	reads *locale.Reader // who it is drawn for
}

// Reading is a value of an indicator at a time.
type Reading struct {
	At    time.Time
	Value float64
	Note  string
	Href  string
}

// targetLook is the line of the target.
var targetLook = look{line: "good", width: 2, dash: "8 4"}

// monthsMost is how many months back are drawn.
const monthsMost = 60

// Draw draws the indicator for a page.
func (k KRI) Draw(reads *locale.Reader) Drawing { return k.draw(reads, wide) }

// Narrow draws the indicator for a narrow page.
func (k KRI) Narrow(reads *locale.Reader) Drawing { return k.draw(reads, narrow) }

// month counts months, so that neighbours differ by one.
func month(t time.Time) int { return t.UTC().Year()*12 + int(t.UTC().Month()) - 1 }

// monthStart is the first day of a counted month.
func monthStart(m int) time.Time { return time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC) }

// span is the first and the last month, and the last reading of each.
func (k KRI) span() (first, last int, by map[int]Reading) {
	values := byTime(k.Values, func(r Reading) time.Time { return r.At }, func(r Reading) float64 { return r.Value })
	if len(values) == 0 {
		return 0, -1, nil
	}
	by = map[int]Reading{}
	first, last = month(values[0].At), month(values[len(values)-1].At)
	for _, r := range values {
		by[month(r.At)] = r
	}
	if !k.Now.IsZero() {
		last = max(last, month(k.Now)-1) // the month that runs still has time
	}
	return max(first, last-monthsMost+1), last, by
}

func (k KRI) draw(reads *locale.Reader, w float64) Drawing {
	k.reads = reads
	first, last, by := k.span()
	if by == nil {
		return nothing(k.Title, k.About, "This indicator has no value yet. Without a value it is not green.", w)
	}
	d := sheet(k.reads, k.Title, k.About, w, 0)
	keys := k.keys(d, first, last, by)
	p := plot{d: d, x0: 42, x1: w - bandRoom(k.Bands, w) - 8, y0: float64(legendRows(keys, w))*legendRow + 26}
	p.y1 = p.y0 + 170
	d.High = p.y1 + 26
	p.from, p.to = monthStart(first), monthStart(last+1)
	p.least, p.most = k.scale(by)
	d.legend(0, 13, w, keys)
	p.bandEdge(k.Bands, true)
	p.scaleAxis(k.reads.Figure)
	p.timeAxis()
	d.text(0, p.y0-9, say(k.Unit, k.Direction), face{ink: "ink-3", size: small})
	if k.Target != nil && finite(*k.Target) {
		y := p.y(*k.Target)
		d.line(p.x0, y, p.x1, y, targetLook)
	}
	k.line(p, first, last, by)
	return *d
}

// scale is where the scale begins and ends.
func (k KRI) scale(by map[int]Reading) (least, most float64) {
	see := func(v float64) {
		if finite(v) {
			least, most = math.Min(least, v), math.Max(most, v)
		}
	}
	for _, r := range by {
		see(r.Value)
	}
	for _, b := range k.Bands {
		see(b.From)
		if finite(b.To) {
			see(b.To)
		} else if finite(b.From) {
			see(b.From * 1.25)
		}
	}
	if k.Target != nil {
		see(*k.Target)
	}
	if least < 0 {
		least = -roundUp(-least)
	}
	return least, roundUp(most * 1.02)
}

func (k KRI) keys(d *Drawing, first, last int, by map[int]Reading) []key {
	keys := []key{}
	if r, ok := by[last]; ok {
		b, _ := bandOf(k.Bands, r.Value)
		keys = append(keys, d.dotKey(say(k.reads.ShortMonth(monthStart(last)), k.reads.Figure(r.Value), b.Title), b.Tone))
	}
	if k.Target != nil && finite(*k.Target) {
		keys = append(keys, d.lineKey("target "+k.reads.Figure(*k.Target), targetLook))
	}
	missing := 0
	for m := first; m <= last; m++ {
		if _, ok := by[m]; !ok {
			missing++
		}
	}
	if missing > 0 {
		keys = append(keys, key{12, func(x, y float64) { d.missing(x+6, y-4) }, "no value, " + many(k.reads, missing, "month")})
	}
	return keys
}

// missing draws the sign of a month without a value.
func (d *Drawing) missing(x, y float64) {
	d.circle(x, y, 4.5, look{fill: "sheet", line: "ink-2", width: 1.25, dash: "2 2"})
}

// line draws the values with their shapes, broken where months are missing.
func (k KRI) line(p plot, first, last int, by map[int]Reading) {
	var run []point
	flush := func() {
		p.d.poly(run, false, look{line: "ink", width: 1.75})
		run = nil
	}
	for m := first; m <= last; m++ {
		if r, ok := by[m]; ok {
			run = append(run, point{p.x(r.At), p.y(r.Value)})
		} else {
			flush()
		}
	}
	flush()
	for m := first; m <= last; m++ {
		r, ok := by[m]
		if !ok {
			p.d.link("", k.reads.ShortMonth(monthStart(m))+" · no value", func() { p.d.missing(p.x(monthStart(m).AddDate(0, 0, 14)), p.y1) })
			continue
		}
		b, _ := bandOf(k.Bands, r.Value)
		p.d.link(r.Href, say(k.reads.ShortMonth(monthStart(m)), k.reads.Figure(r.Value)+" "+k.Unit, b.Title, r.Note), func() {
			p.d.circle(p.x(r.At), p.y(r.Value), 8, look{fill: "sheet", alpha: .8})
			p.d.dot(b.Tone, p.x(r.At), p.y(r.Value))
		})
	}
}

// Table lists the months from the newest back, also those without a value.
func (k KRI) Table(reads *locale.Reader) Table {
	k.reads = reads
	t := Table{Caption: k.Title, Columns: columns("Month", "#"+say(k.Unit, "value"), "Band", "Note")}
	first, last, by := k.span()
	for m := last; m >= first && by != nil; m-- {
		r, ok := by[m]
		if !ok {
			t.row("", k.reads.ShortMonth(monthStart(m)), "no value", "not known", "")
			continue
		}
		b, _ := bandOf(k.Bands, r.Value)
		t.row(r.Href, k.reads.ShortMonth(monthStart(m)), k.reads.Figure(r.Value), b.Title, r.Note)
	}
	if k.Target != nil {
		t.Notes = append(t.Notes, fmt.Sprintf("Target %s; %s.", k.reads.Figure(*k.Target), clean(k.Direction)))
	}
	return t
}
