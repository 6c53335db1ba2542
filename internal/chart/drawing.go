package chart

import (
	"math"
	"slices"
	"strings"

	"tocsin/internal/locale"
)

// Picture is what can be drawn: wide for a page or a report, narrow for a
// telephone, and as the table behind it; each with the numbers and days as its
// reader writes them.
type Picture interface {
	Draw(reads *locale.Reader) Drawing
	Narrow(reads *locale.Reader) Drawing
	Table(reads *locale.Reader) Table
}

// The widths that pictures are laid out for.
const (
	wide   = 720.0
	narrow = 340.0
)

// Drawing is a picture as shapes and text in a plane of Wide by High pixels.
// Title names it and About says in a sentence what is to be seen.
type Drawing struct {
	Title, About string
	Wide, High   float64
	marks        []mark
	links        int
	reads        *locale.Reader // who it is drawn for
}

// kind is what a mark is.
type kind uint8

const (
	aPath kind = iota
	aPoly
	aSign
	aRect
	aCircle
	aText
	opens  // of a link
	closes // of a link
)

// ink is the name of a colour of the page's palette.
type ink string

// look is how a mark is painted. The zero values of alpha and width mean 1.
type look struct {
	fill, line   ink
	alpha, width float64
	dash         string // "" or lengths of dash and gap, "4 3"
}

// anchor is the point of a text that x names.
type anchor uint8

const (
	start anchor = iota
	middle
	end
)

// face is how a text is set.
type face struct {
	ink  ink
	size float64 // 0 is plain
	bold bool
	at   anchor
	room float64 // the text is cut to this many pixels; 0 is up to the drawing's edge
}

// Sizes of text.
const (
	tiny  = 10.0
	small = 11.0
	plain = 12.0
	head  = 13.0
)

// step is one piece of a path: m(ove), l(ine), c(urve) or z (close).
type step struct {
	op byte
	p  [3]point
}

type point struct{ x, y float64 }

type mark struct {
	kind kind
	look
	face
	x, y, w, h, r float64
	path          []step
	points        []point // of an aPoly
	closed        bool
	sign          *sign // of an aSign
	text          string
	href          string // where it leads
	title         string // what a pointer that rests on it shows
}

// sheet begins a drawing.
func sheet(reads *locale.Reader, title, about string, w, h float64) *Drawing {
	return &Drawing{reads: reads, Title: clean(title), About: clean(about), Wide: w, High: h}
}

func (d *Drawing) add(m mark) { d.marks = append(d.marks, m) }

func (d *Drawing) rect(x, y, w, h, r float64, l look) {
	x, y = inside(x, d.Wide), inside(y, d.High)
	d.add(mark{kind: aRect, look: l, x: x, y: y, w: math.Max(0, math.Min(w, d.Wide-x)), h: math.Max(0, math.Min(h, d.High-y)), r: r})
}

func (d *Drawing) circle(x, y, r float64, l look) {
	d.add(mark{kind: aCircle, look: l, x: x, y: y, r: r})
}

func (d *Drawing) line(x1, y1, x2, y2 float64, l look) {
	d.poly([]point{{x1, y1}, {x2, y2}}, false, l)
}

// poly draws the points as one line, closed to a shape where asked. It keeps the
// points and moves those that lie outside of the drawing.
func (d *Drawing) poly(points []point, closed bool, l look) {
	if len(points) < 2 {
		return
	}
	for i, p := range points {
		points[i] = point{inside(p.x, d.Wide), inside(p.y, d.High)}
	}
	d.add(mark{kind: aPoly, look: l, points: points, closed: closed})
}

func (d *Drawing) path(path []step, l look) { d.add(mark{kind: aPath, look: l, path: path}) }

// text sets one line of text, cut where its room or the drawing ends.
func (d *Drawing) text(x, y float64, s string, f face) {
	if f.size == 0 {
		f.size = plain
	}
	s = clean(s)
	short := fit(s, f.size, f.bold, d.room(x, f))
	if short == "" {
		return
	}
	m := mark{kind: aText, face: f, x: inside(x, d.Wide), y: inside(y, d.High), text: short}
	if short != s {
		m.title = s
	}
	d.add(m)
}

// room is how wide a text at x may be.
func (d *Drawing) room(x float64, f face) float64 {
	room := d.Wide - x
	switch f.at {
	case end:
		room = x
	case middle:
		room = 2 * math.Min(x, room)
	}
	if f.room > 0 {
		return math.Min(room, f.room)
	}
	return room
}

// label sets a text on a ground of its own, so that lines below it do not run through it.
func (d *Drawing) label(x, y float64, s string, f face) {
	if f.size == 0 {
		f.size = plain
	}
	if s = fit(clean(s), f.size, f.bold, d.room(x, f)); s == "" {
		return
	}
	w, left := measure(s, f.size, f.bold), x
	switch f.at {
	case end:
		left = x - w
	case middle:
		left = x - w/2
	}
	d.rect(left-2, y-f.size+1, w+4, f.size+2, 2, look{fill: "sheet", alpha: .86})
	d.text(x, y, s, f)
}

// link makes what inner draws lead to href; an address that leads nowhere safe
// leaves it as it is, with the title alone.
func (d *Drawing) link(href, title string, inner func()) {
	if !leads(href) {
		href = ""
	}
	if href != "" {
		d.links++
	}
	at := len(d.marks)
	inner()
	if len(d.marks) == at+1 && d.marks[at].kind < aText { // one shape carries its link itself
		d.marks[at].href, d.marks[at].title = href, clean(title)
		return
	}
	d.marks = slices.Insert(d.marks, at, mark{kind: opens, href: href, title: clean(title)})
	d.add(mark{kind: closes})
}

// leads tells whether an address stays in the house or is one of the web.
func leads(href string) bool {
	if href == "" || len(href) > 2000 || strings.ContainsFunc(href, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return false
	}
	for _, p := range []string{"/", "#", "?", "https://", "http://"} {
		if strings.HasPrefix(href, p) {
			return !strings.HasPrefix(href, "//")
		}
	}
	return false
}

// inside keeps a coordinate between 0 and most; what is no number becomes 0.
func inside(v, most float64) float64 {
	if math.IsNaN(v) || v < 0 {
		return 0
	}
	return math.Min(v, most)
}

// finite tells whether a value can be drawn.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// nothing is the drawing of a picture without data: a sentence in its place.
func nothing(title, about, says string, w float64) Drawing {
	lines := wrap(clean(says), plain, false, w-32, 3)
	d := sheet(nil, title, says, w, 56+16*float64(len(lines)))
	if about != "" {
		d.About = clean(about) + " " + clean(says)
	}
	d.rect(.5, .5, w-1, d.High-1, 7, look{line: "line", dash: "4 4"})
	for i, l := range lines {
		d.text(w/2, 40+16*float64(i), l, face{ink: "ink-3", at: middle})
	}
	return *d
}
