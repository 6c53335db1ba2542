package chart

import (
	"math"
	"strings"

	"tocsin/internal/locale"
)

// BowTie is a risk as it may come to pass: causes at the left, the event in the
// middle, consequences at the right, and on each line the barriers in its way.
type BowTie struct {
	Title, About string
	Event        string
	Causes       []Path
	Consequences []Path
}

// Path is a line of a bow-tie.
type Path struct {
	Text, Href string
	Barriers   []Barrier
}

// Barrier is a control on a line. A degraded one is drawn broken and says so.
type Barrier struct {
	Text, Href, Note string
	Degraded         bool
}

// pathsMost and barriersMost are how much of a bow-tie is drawn; the table has all.
const (
	pathsMost    = 10
	barriersMost = 6
)

// eventWide is the box of the event, which stands between the lanes of both sides.
const eventWide = 136.0

// Draw draws the bow-tie for a page.
func (b BowTie) Draw(_ *locale.Reader) Drawing {
	if b.empty() {
		return b.nothing(wide)
	}
	left, right := b.Causes[:min(len(b.Causes), pathsMost)], b.Consequences[:min(len(b.Consequences), pathsMost)]
	event := wrap(clean(b.Event), plain, true, eventWide-24, 7)
	eventHigh := math.Max(72, 16*float64(len(event))+28)
	high := math.Max(math.Max(pathsHigh(left), pathsHigh(right)), eventHigh+8)
	d := sheet(nil, b.Title, b.About, wide, high+30)
	mid := 24 + high/2
	d.side(left, true, 24+(high-pathsHigh(left))/2, mid)
	d.side(right, false, 24+(high-pathsHigh(right))/2, mid)
	d.text(0, 12, "Causes", face{ink: "ink-3", size: small, bold: true})
	d.text(wide/2, 12, "Event", face{ink: "ink-3", size: small, bold: true, at: middle})
	d.text(wide, 12, "Consequences", face{ink: "ink-3", size: small, bold: true, at: end})
	d.rect((wide-eventWide)/2, mid-eventHigh/2, eventWide, eventHigh, 10, look{fill: "sheet", line: "ink", width: 1.75})
	for i, l := range event {
		d.text(wide/2, mid-16*float64(len(event)-1)/2+4.5+16*float64(i), l, face{ink: "ink", size: plain, bold: true, at: middle})
	}
	return *d
}

func (b BowTie) empty() bool { return len(b.Causes)+len(b.Consequences) == 0 }

func (b BowTie) nothing(w float64) Drawing {
	return nothing(b.Title, b.About, "No cause and no consequence is named yet.", w)
}

// pathHigh is the height of one line.
func pathHigh(p Path) float64 {
	lines := len(wrap(clean(p.Text), plain, false, 120, 3))
	return math.Max(22+16*float64(lines), 34+13*float64(p.barrierLines())) + 12
}

// laneText is how wide the words of a barrier may be.
const laneText = 146.0

// barrierLines is how many lines the words of all barriers take.
func (p Path) barrierLines() (n int) {
	for i, b := range p.Barriers[:min(len(p.Barriers), barriersMost)] {
		n += len(b.lines(i))
	}
	return n
}

// lines are the words of a barrier with its number.
func (b Barrier) lines(i int) []string {
	return wrap(string(rune('1'+i))+" "+b.says(), small, b.Degraded, laneText, 2)
}

func pathsHigh(paths []Path) (h float64) {
	for _, p := range paths {
		h += pathHigh(p)
	}
	return h
}

// side draws the lines of one side: a box of 150, then 140 for the barriers, then the event.
func (d *Drawing) side(paths []Path, left bool, y, mid float64) {
	const box, lane = 140.0, 160.0
	for _, p := range paths {
		h := pathHigh(p)
		x, in, out := 0.0, box, box+lane-12
		if !left {
			x, in, out = wide-box, wide-box, wide-box-lane+12
		}
		line := y + 24
		target := point{(wide - eventWide) / 2, mid + (line-mid)*.12}
		if !left {
			target.x = (wide + eventWide) / 2
		}
		d.path([]step{{op: 'm', p: [3]point{{in, line}}}, {op: 'l', p: [3]point{{out - (out-in)*.12, line}}},
			{op: 'c', p: [3]point{{out, line}, {out, target.y}, target}}}, look{line: "ink-3", width: 1.5})
		d.node(p.Text, p.Href, x, y, box, 3)
		d.barriers(p.Barriers, math.Min(in, out), line, left)
		y += h
	}
}

// node draws a box with wrapped text and returns its height.
func (d *Drawing) node(text, href string, x, y, w float64, most int) float64 {
	lines := wrap(clean(text), plain, false, w-20, most)
	h := 16*float64(len(lines)) + 14
	d.link(href, text, func() {
		d.rect(x+.5, y+8.5, w-1, h-1, 6, look{fill: "sheet", line: "edge"})
		for i, l := range lines {
			d.text(x+10, y+8+19+16*float64(i), l, face{ink: "ink"})
		}
	})
	return h
}

// barriers draws a bar for each barrier on the line, with a number that its words
// below the line repeat.
func (d *Drawing) barriers(all []Barrier, x, line float64, left bool) {
	n := min(len(all), barriersMost)
	first, text := x+16, x+8
	if !left {
		first, text = x+152-16*float64(n), x+4
	}
	below := line + 26
	for i, b := range all[:n] {
		d.link(b.Href, say(b.says(), b.Note), func() {
			at := first + 16*float64(i)
			d.barrier(b, at, line)
			d.text(at, line-14, string(rune('1'+i)), face{ink: "ink-2", size: tiny, bold: true, at: middle})
			for _, s := range b.lines(i) {
				d.label(text, below, s, face{ink: b.ink(), size: small, bold: b.Degraded, room: laneText})
				below += 13
			}
		})
	}
}

// barrier draws the bar: solid, or broken in two where it is degraded.
func (d *Drawing) barrier(b Barrier, x, y float64) {
	if b.Degraded {
		d.line(x, y-11, x, y+11, look{line: "critical", width: 3.5, dash: "5 6"})
		return
	}
	d.line(x, y-11, x, y+11, look{line: "ink", width: 3.5})
}

func (b Barrier) ink() ink {
	if b.Degraded {
		return "critical-ink"
	}
	return "ink-2"
}

func (b Barrier) says() string {
	if b.Degraded {
		return "degraded: " + clean(b.Text)
	}
	return clean(b.Text)
}

// Narrow draws the bow-tie from top to bottom: causes, event, consequences.
func (b BowTie) Narrow(_ *locale.Reader) Drawing {
	if b.empty() {
		return b.nothing(narrow)
	}
	d := sheet(nil, b.Title, b.About, narrow, 1e4)
	y := d.column("Causes", b.Causes, 0)
	event := wrap(clean(b.Event), head, true, narrow-24, 4)
	h := 17*float64(len(event)) + 18
	d.text(0, y+14, "Event", face{ink: "ink-3", size: small, bold: true})
	d.rect(1, y+22, narrow-2, h, 10, look{fill: "sheet", line: "ink", width: 1.75})
	for i, l := range event {
		d.text(narrow/2, y+22+22+17*float64(i), l, face{ink: "ink", size: head, bold: true, at: middle})
	}
	d.High = d.column("Consequences", b.Consequences, y+h+38) + 2
	return *d
}

// column draws lines one below the other, each box with its barriers, and returns where they end.
func (d *Drawing) column(title string, paths []Path, y float64) float64 {
	d.text(0, y+14, title, face{ink: "ink-3", size: small, bold: true})
	y += 14
	for _, p := range paths[:min(len(paths), pathsMost)] {
		y += d.node(p.Text, p.Href, 0, y, narrow, 3) + 10
		for i, b := range p.Barriers[:min(len(p.Barriers), barriersMost)] {
			line := y + 10 + 24*float64(i)
			d.link(b.Href, say(b.says(), b.Note), func() {
				d.line(8, line, 28, line, look{line: "ink-3", width: 1.5})
				d.barrier(b, 18, line)
				d.text(38, line+4, b.says(), face{ink: b.ink(), bold: b.Degraded})
			})
		}
		y += 24 * float64(min(len(p.Barriers), barriersMost))
	}
	return y + 12
}

// Text says the bow-tie in sentences, one a line.
func (b BowTie) Text() []string {
	var all []string
	add := func(before string, paths []Path, after string) {
		for _, p := range paths {
			s := before + clean(p.Text) + after
			var barriers []string
			for _, x := range p.Barriers {
				barriers = append(barriers, say(x.says(), x.Note))
			}
			if len(barriers) == 0 {
				s += "; nothing stands in its way."
			} else {
				s += "; in its way: " + strings.Join(barriers, "; ") + "."
			}
			all = append(all, s)
		}
	}
	add("Cause: ", b.Causes, " may lead to “"+clean(b.Event)+"”")
	add("Consequence: “"+clean(b.Event)+"” may lead to ", b.Consequences, "")
	return all
}

// Table lists the lines with their barriers.
func (b BowTie) Table(_ *locale.Reader) Table {
	t := Table{Caption: b.Title, Columns: columns("Side", "Text", "Barrier", "State", "Note"), Notes: []string{"Event: " + clean(b.Event) + "."}}
	add := func(side string, paths []Path) {
		for _, p := range paths {
			if len(p.Barriers) == 0 {
				t.row(p.Href, side, p.Text, "none", "", "")
			}
			for _, x := range p.Barriers {
				t.row(x.Href, side, p.Text, x.Text, map[bool]string{true: "degraded", false: "works"}[x.Degraded], x.Note)
			}
		}
	}
	add("cause", b.Causes)
	add("consequence", b.Consequences)
	return t
}
