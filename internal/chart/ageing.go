package chart

import (
	"fmt"
	"math"
	"slices"

	"tocsin/internal/locale"
)

// Ageing is how long risks have waited, in bands of the target time, overdue
// first. It answers "whom do we chase". The mean misleads, so median and oldest
// are marked.
type Ageing struct {
	Title, About string
	Since        string // what the days count from: "the last review"
	Target       int    // T: after so many days a risk is overdue
	Ages         []int  // in days
	Links        [4]string

	reads *locale.Reader // who it is drawn for
}

// The bands of an Ageing, as indices of Links.
const (
	FarOverdue = iota // over twice the target
	Overdue           // over the target
	DueSoon           // over half of the target
	Fresh
)

// ageTones are the tones of the bands.
var ageTones = [4]Tone{Critical, High, Medium, Low}

// Draw draws the ageing for a page.
func (a Ageing) Draw(reads *locale.Reader) Drawing { return a.draw(reads, wide) }

// Narrow draws the ageing for a narrow page.
func (a Ageing) Narrow(reads *locale.Reader) Drawing { return a.draw(reads, narrow) }

// counts is how many risks each band has, and the ages in order.
func (a Ageing) counts() (n [4]int, ages []int) {
	ages = slices.Sorted(slices.Values(a.Ages))
	for i, v := range ages {
		ages[i] = max(v, 0)
		switch {
		case v > 2*a.Target:
			n[FarOverdue]++
		case v > a.Target:
			n[Overdue]++
		case 2*v > a.Target:
			n[DueSoon]++
		default:
			n[Fresh]++
		}
	}
	return n, ages
}

// names are the words of the bands.
func (a Ageing) names() [4]string {
	t := a.Target
	return [4]string{
		fmt.Sprintf("overdue, over %s days", a.reads.Number(2*t)),
		fmt.Sprintf("overdue, %s to %s days", a.reads.Number(t+1), a.reads.Number(2*t)),
		fmt.Sprintf("due soon, %s to %s days", a.reads.Number(t/2+1), a.reads.Number(t)),
		fmt.Sprintf("fresh, up to %s days", a.reads.Number(t/2)),
	}
}

func (a Ageing) draw(reads *locale.Reader, w float64) Drawing {
	a.reads = reads
	n, ages := a.counts()
	if len(ages) == 0 || a.Target < 1 {
		return nothing(a.Title, a.About, "Nothing is waiting: no open risk has an age to show.", w)
	}
	const row = 34.0
	d := sheet(a.reads, a.Title, a.About, w, 4*row+96)
	left := a.room(w)
	most := float64(slices.Max(n[:]))
	for i, name := range a.names() {
		y := float64(i) * row
		d.link(map[bool]string{true: a.Links[i]}[n[i] > 0], say(name, many(a.reads, n[i], "risk")), func() {
			d.dot(ageTones[i], 8, y+17)
			d.text(22, y+21, name, face{ink: "ink", room: left - 26})
			long := float64(n[i]) / most * (w - left - 56)
			d.bar(ageTones[i], left, y+7, long, 20)
			d.text(left+math.Max(long, 1)+8, y+22, a.reads.Number(n[i]), face{ink: "ink", size: head, bold: true})
		})
	}
	a.strip(d, ages, 4*row+30)
	return *d
}

// room is where the bars begin: behind the longest name, which is never cut while
// half of the width is left to the bars, or two fifths where there is little.
func (a Ageing) room(w float64) float64 {
	left := 0.0
	for _, name := range a.names() {
		left = math.Max(left, measure(name, plain, false)+30)
	}
	return math.Min(math.Max(left, math.Min(190, w*.5)), w*.62)
}

// bar draws a bar in a tone's ink and pattern.
func (d *Drawing) bar(t Tone, x, y, w, h float64) {
	if w < .5 {
		d.rect(x, y, 1, h, 0, look{fill: "edge"})
		return
	}
	l := toneLook[t.known()]
	d.rect(x, y, w, h, 2, look{fill: l.ink, alpha: .85})
	if l.gap > 0 && w > 4 {
		d.path(hatch(x, y, w, h, l.gap+2), look{line: "sheet", alpha: .45})
	}
}

// strip draws every age as a tick on one line, with median and oldest.
func (a Ageing) strip(d *Drawing, ages []int, y float64) {
	oldest := ages[len(ages)-1]
	median := ages[(len(ages)-1)/2]
	x0, x1 := 8.0, d.Wide-8
	at := func(days int) float64 {
		return x0 + inside(float64(days)/math.Max(float64(max(oldest, 2*a.Target)), 1), 1)*(x1-x0)
	}
	d.line(x0, y, x1, y, look{line: "edge"})
	var path []step
	last := -1.0
	for _, v := range ages {
		if x := at(v); x-last >= .75 {
			path, last = append(path, step{op: 'm', p: [3]point{{x, y - 8}}}, step{op: 'l', p: [3]point{{x, y + 8}}}), x
		}
	}
	d.path(path, look{line: "ink-2", alpha: .55})
	for _, t := range []struct {
		days int
		name string
	}{{a.Target / 2, "T/2"}, {a.Target, "T"}, {2 * a.Target, "2T"}} {
		d.line(at(t.days), y-14, at(t.days), y+14, look{line: "ink", width: 1.5})
		d.text(at(t.days), y-18, t.name, face{ink: "ink-2", size: small, bold: true, at: middle})
	}
	a.named(d, at(median), y, fmt.Sprintf("median %s d", a.reads.Number(median)), false)
	a.named(d, at(oldest), y, fmt.Sprintf("oldest %s d", a.reads.Number(oldest)), true)
	d.text(x0, y+59, "days since "+clean(a.Since), face{ink: "ink-3", size: small})
}

// named marks an age with a triangle and its words, the median below and the oldest further below.
func (a Ageing) named(d *Drawing, x, y float64, text string, oldest bool) {
	d.poly([]point{{x, y + 9}, {x + 5, y + 17}, {x - 5, y + 17}}, true, look{fill: "ink"})
	f, line := face{ink: "ink", size: small, bold: true, at: middle}, y+29
	half := measure(text, small, true) / 2
	if oldest {
		line = y + 44
	}
	x = math.Max(half+2, math.Min(x, d.Wide-half-2))
	d.label(x, line, text, f)
}

// Table lists the bands.
func (a Ageing) Table(reads *locale.Reader) Table {
	a.reads = reads
	n, ages := a.counts()
	t := Table{Caption: a.Title, Columns: columns("Days since "+clean(a.Since), "#Risks")}
	for i, name := range a.names() {
		t.row(a.Links[i], name, a.reads.Number(n[i]))
	}
	if len(ages) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("Median %s days, oldest %s days.", a.reads.Number(ages[(len(ages)-1)/2]), a.reads.Number(ages[len(ages)-1])))
	}
	return t
}
