package chart

import (
	"fmt"
	"math"

	"tocsin/internal/locale"
)

// Spread is how long things took, one strip a thing: a bar from the least to the
// middle and to nine of ten, with every case as part of a silhouette above it. The
// scale is that of square roots, so that hours and months are both seen.
type Spread struct {
	Title, About string
	Strips       []Lasting

	reads *locale.Reader // who it is drawn for
}

// Lasting is how long one thing took, in hours.
type Lasting struct {
	Name, Href        string
	Count             int
	Median, P90, Most float64
	Before            float64 // the median before; 0 is none
	BeforeHref        string
	Buckets           []Lengthwise // from short to long
}

// Lengthwise is so many that took so many hours.
type Lengthwise struct{ Hours, N int }

// Hours writes a length of time: "7 h", "3.2 d", "41 d".
func Hours(reads *locale.Reader, h float64) string {
	switch {
	case !finite(h) || h < 0:
		return "–"
	case h < 48:
		return reads.Value(h, 0) + " h"
	case h < 240:
		return reads.Value(h/24, 1) + " d"
	}
	return reads.Value(h/24, 0) + " d"
}

// Draw draws the strips for a page.
func (s Spread) Draw(reads *locale.Reader) Drawing { return s.draw(reads, wide) }

// Narrow draws the strips for a narrow page.
func (s Spread) Narrow(reads *locale.Reader) Drawing { return s.draw(reads, narrow) }

const lastingRow = 58.0

func (s Spread) draw(reads *locale.Reader, w float64) Drawing {
	s.reads = reads
	most, names := 0.0, 0.0
	for _, l := range s.Strips {
		most, names = math.Max(most, l.Most), math.Max(names, measure(clean(l.Name), plain, false))
	}
	if len(s.Strips) == 0 || most <= 0 && s.none() {
		return nothing(s.Title, s.About, "Nothing ended in this window.", w)
	}
	names = math.Min(names+16, w*.3)
	d := sheet(s.reads, s.Title, s.About, w, lastingRow*float64(len(s.Strips))+58)
	d.legend(0, 13, w, []key{{12, func(x, y float64) { d.circle(x+6, y-4, 5, look{fill: "accent"}) }, "median"}, {12, func(x, y float64) { d.line(x+6, y-10, x+6, y+3, look{line: "ink", width: 2}) }, "nine of ten took no longer"},
		{12, func(x, y float64) { d.circle(x+6, y-4, 4, look{fill: "sheet", line: "ink-3", width: 1.5}) }, "median before"}})
	at := func(h float64) float64 {
		return names + inside(math.Sqrt(math.Max(h, 0)/math.Max(most, 1)), 1)*(w-names-12)
	}
	for i, l := range s.Strips {
		y := 30 + lastingRow*float64(i)
		d.link(l.Href, l.says(reads), func() { d.lasting(l, y, w, names, at) })
	}
	d.hours(at, most, d.High-22, names, w)
	return *d
}

func (s Spread) none() bool {
	for _, l := range s.Strips {
		if l.Count > 0 {
			return false
		}
	}
	return true
}

func (l Lasting) says(reads *locale.Reader) string {
	if l.Count == 0 {
		return say(l.Name, "none ended")
	}
	return say(l.Name, fmt.Sprintf("%s ended, median %s, nine of ten within %s, longest %s", reads.Number(l.Count), Hours(reads, l.Median), Hours(reads, l.P90), Hours(reads, l.Most)))
}

// lasting draws one strip: name and count, silhouette, line and marks.
func (d *Drawing) lasting(l Lasting, y, w, names float64, at func(float64) float64) {
	d.rect(0, y, w, lastingRow-4, 0, look{fill: "sheet", alpha: .01})
	d.text(0, y+30, l.Name, face{ink: "ink", room: names - 10})
	d.text(0, y+45, d.reads.Number(l.Count)+" ended", face{ink: "ink-3", size: small, room: names - 10})
	base := y + 38
	d.line(names, base, w-12, base, look{line: "line"})
	if l.Count == 0 {
		d.text(names+6, base-6, "none ended", face{ink: "ink-3", size: small})
		return
	}
	d.heaps(l.Buckets, base, w, names, at)
	d.line(names, base, at(l.P90), base, look{line: "accent", width: 3})
	if l.Before > 0 {
		d.circle(at(l.Before), base, 4, look{fill: "sheet", line: "ink-3", width: 1.5})
	}
	d.line(at(l.P90), base-7, at(l.P90), base+7, look{line: "ink", width: 2})
	d.circle(at(l.Median), base, 5, look{fill: "accent"})
	d.label(math.Min(at(l.Median), at(l.P90)-46), base+17, Hours(d.reads, l.Median), face{ink: "ink", size: small, bold: true, at: middle})
	d.label(math.Min(at(l.P90), w-24), base+17, Hours(d.reads, l.P90), face{ink: "ink-2", size: small, at: middle})
}

// heaps draws how many lie where, in columns of a few pixels.
func (d *Drawing) heaps(buckets []Lengthwise, base, w, left float64, at func(float64) float64) {
	const wide = 5.0
	n := make([]int, int((w-left)/wide)+1)
	most := 0
	for _, b := range buckets {
		i := min(len(n)-1, int((at(float64(b.Hours))-left)/wide))
		n[i] += b.N
		most = max(most, n[i])
	}
	for i, k := range n {
		if k > 0 {
			h := math.Max(3, 28*float64(k)/float64(max(most, 4)))
			d.rect(left+float64(i)*wide, base-2-h, wide-1, h, 0, look{fill: "accent", alpha: .35})
		}
	}
}

// hourTicks are the lengths that an axis names, in hours.
var hourTicks = []float64{24, 24 * 7, 24 * 30, 24 * 90, 24 * 180, 24 * 365, 24 * 730}

func (d *Drawing) hours(at func(float64) float64, most, y, left, w float64) {
	last := left - 40
	for _, h := range hourTicks {
		if x := at(h); h <= most && x-last > 44 && x < w-12 {
			d.line(x, 30, x, y+4, look{line: "line", dash: "2 4"})
			d.text(x, y+17, Hours(d.reads, h), face{ink: "ink-3", size: small, at: middle})
			last = x
		}
	}
}

// Table lists the strips.
func (s Spread) Table(reads *locale.Reader) Table {
	s.reads = reads
	t := Table{Caption: s.Title, Columns: columns("What", "#Ended", "#Median", "#Nine of ten within", "#Longest", "#Median before")}
	for _, l := range s.Strips {
		if l.Count == 0 {
			t.row("", l.Name, "0", "–", "–", "–", Hours(s.reads, orNone(l.Before)))
			t.link(5, 1, l.BeforeHref)
			continue
		}
		t.row("", l.Name, s.reads.Number(l.Count), Hours(s.reads, l.Median), Hours(s.reads, l.P90), Hours(s.reads, l.Most), Hours(s.reads, orNone(l.Before)))
		t.link(1, l.Count, l.Href)
		t.link(5, 1, l.BeforeHref)
	}
	return t
}

func orNone(h float64) float64 {
	if h <= 0 {
		return -1
	}
	return h
}
