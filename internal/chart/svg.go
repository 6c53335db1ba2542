package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/locale"
)

// writer writes the marks of a drawing as SVG. With colours it writes a file that
// stands alone, without it writes classes for a page's own style sheet.
type writer struct {
	b       []byte
	colours map[ink]string
}

// SVG writes the drawing for a page: colours are classes of chart.css, which
// follow the page's theme; links can be reached by keyboard.
func (d Drawing) SVG() string { return d.svg("") }

func (d Drawing) svg(class string) string {
	w := &writer{b: make([]byte, 0, 1024+160*len(d.marks))}
	role := "img" // what is inside an image cannot be reached; with links it is a group
	if d.links > 0 {
		role = "group"
	}
	w.raw(`<svg class="chart`).raw(class).raw(`" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `).num(d.Wide).raw(" ").num(d.High)
	w.raw(`" width="`).num(d.Wide).raw(`" height="`).num(d.High).raw(`" role="`).raw(role).raw(`" aria-label="`).esc(d.Title).raw(`">`)
	if d.About != "" {
		w.raw("<desc>").esc(d.About).raw("</desc>")
	}
	w.marks(d.marks)
	return string(append(w.b, "</svg>"...))
}

// Both writes a picture for a page of its reader twice, laid out wide and narrow; the style
// sheet shows the one that there is room for.
func Both(p Picture, reads *locale.Reader) string {
	return `<div class="chart-box">` + p.Draw(reads).svg(" chart-wide") + p.Narrow(reads).svg(" chart-narrow") + `</div>`
}

// File writes the drawing as an SVG file that stands alone: title and description
// are drawn above it, colours are written out, letters keep the widths that were
// measured, and links within the house are left out.
func (d Drawing) File(t Theme) []byte {
	d = d.titled()
	w := &writer{b: make([]byte, 0, 1024+220*len(d.marks)), colours: palette[t.known()]}
	w.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `).num(d.Wide).raw(" ").num(d.High)
	w.raw(`" width="`).num(d.Wide).raw(`" height="`).num(d.High).raw(`" role="img" font-size="12" font-family="Inter, system-ui, 'Segoe UI', Roboto, sans-serif"><title>`).esc(d.Title).raw("</title>")
	if d.About != "" {
		w.raw("<desc>").esc(d.About).raw("</desc>")
	}
	w.raw(`<rect width="100%" height="100%" fill="`).raw(w.colours["sheet"]).raw(`"/>`)
	w.marks(d.marks)
	return append(w.b, "</svg>\n"...)
}

// titled is the drawing with a margin around it and its title and description above it.
func (d Drawing) titled() Drawing {
	const edge = 20.0
	title := wrap(d.Title, 16, true, d.Wide, 2)
	about := wrap(d.About, plain, false, d.Wide, 3)
	top := edge + 22*float64(len(title)) + 17*float64(len(about)) + 12
	t := sheet(d.reads, d.Title, d.About, d.Wide+2*edge, d.High+top+edge)
	for i, s := range title {
		t.text(edge, edge+14+22*float64(i), s, face{ink: "ink", size: 16, bold: true})
	}
	for i, s := range about {
		t.text(edge, edge+12+22*float64(len(title))+17*float64(i), s, face{ink: "ink-2"})
	}
	for _, m := range d.marks {
		t.add(m.moved(edge, top))
	}
	return *t
}

func (m mark) moved(dx, dy float64) mark {
	m.x, m.y = m.x+dx, m.y+dy
	path := make([]step, len(m.path))
	for i, s := range m.path {
		for k, p := range s.p {
			s.p[k] = point{p.x + dx, p.y + dy}
		}
		path[i] = s
	}
	m.path = path
	m.points = slices.Clone(m.points)
	for i, p := range m.points {
		m.points[i] = point{p.x + dx, p.y + dy}
	}
	return m
}

func (w *writer) marks(all []mark) {
	var open []string
	for i := range all {
		m := &all[i]
		switch m.kind {
		case opens:
			open = append(open, w.open(m))
		case closes:
			w.raw(open[len(open)-1])
			open = open[:len(open)-1]
		case aText:
			w.text(m)
		default:
			if m.href == "" && m.title == "" {
				w.shape(m, "")
			} else if w.leads(m.href) {
				end := w.open(m)
				w.shape(m, "")
				w.raw(end)
			} else {
				w.shape(m, m.title)
			}
		}
	}
}

// leads tells whether a link is written.
func (w *writer) leads(href string) bool {
	return href != "" && (w.colours == nil || strings.HasPrefix(href, "http"))
}

// open begins a link and returns what ends it.
func (w *writer) open(m *mark) string {
	end := "</g>"
	if !w.leads(m.href) {
		w.raw("<g>")
	} else {
		w.raw(`<a href="`).esc(m.href).raw(`">`)
		end = "</a>"
	}
	if m.title != "" {
		w.raw("<title>").esc(m.title).raw("</title>")
	}
	return end
}

// shape writes a shape; name is the tag that ends it where it has a title.
func (w *writer) shape(m *mark, title string) {
	name := "path"
	switch m.kind {
	case aRect:
		name = "rect"
		w.raw(`<rect x="`).num(m.x).raw(`" y="`).num(m.y).raw(`" width="`).num(m.w).raw(`" height="`).num(m.h)
		if m.r > 0 {
			w.raw(`" rx="`).num(m.r)
		}
	case aCircle:
		name = "circle"
		w.raw(`<circle cx="`).num(m.x).raw(`" cy="`).num(m.y).raw(`" r="`).num(m.r)
	case aSign:
		w.raw(`<path d="M`).num(m.x).raw(" ").num(m.y).raw(m.sign.path)
	case aPoly:
		w.raw(`<path d="`)
		w.points(m.points, m.closed)
	default:
		w.raw(`<path d="`)
		w.path(m.path)
	}
	w.raw(`"`)
	w.paint(m.look)
	if title == "" {
		w.raw("/>")
		return
	}
	w.raw("><title>").esc(title).raw("</title></").raw(name).raw(">")
}

func (w *writer) points(points []point, closed bool) {
	for i, p := range points {
		w.raw("ML"[min(i, 1):][:1]).num(p.x).raw(" ").num(p.y)
	}
	if closed {
		w.raw("Z")
	}
}

func (w *writer) path(path []step) {
	for _, s := range path {
		switch s.op {
		case 'm':
			w.raw("M").num(s.p[0].x).raw(" ").num(s.p[0].y)
		case 'l':
			w.raw("L").num(s.p[0].x).raw(" ").num(s.p[0].y)
		case 'c':
			w.raw("C").num(s.p[0].x).raw(" ").num(s.p[0].y).raw(" ").num(s.p[1].x).raw(" ").num(s.p[1].y).raw(" ").num(s.p[2].x).raw(" ").num(s.p[2].y)
		case 'z':
			w.raw("Z")
		}
	}
}

func (w *writer) paint(l look) {
	if w.colours != nil {
		w.raw(` fill="`).raw(w.colour(l.fill)).raw(`"`)
		if l.line != "" {
			w.raw(` stroke="`).raw(w.colour(l.line)).raw(`"`)
		}
	} else {
		w.raw(` class="`)
		if l.fill != "" {
			w.raw("f-").raw(string(l.fill))
		}
		if l.line != "" {
			if l.fill != "" {
				w.raw(" ")
			}
			w.raw("s-").raw(string(l.line))
		}
		w.raw(`"`)
	}
	if l.line != "" {
		if l.width != 0 {
			w.raw(` stroke-width="`).num(l.width).raw(`"`)
		}
		if l.dash != "" {
			w.raw(` stroke-dasharray="`).raw(l.dash).raw(`"`)
		}
		if w.colours != nil {
			w.raw(` stroke-linecap="round" stroke-linejoin="round"`)
		}
	}
	if l.alpha != 0 {
		w.raw(` opacity="`).num(l.alpha).raw(`"`)
	}
}

func (w *writer) colour(i ink) string {
	if i == "" {
		return "none"
	}
	return w.colours[i]
}

// anchors are the words of SVG for where a text is held.
var anchors = map[anchor]string{middle: "middle", end: "end"}

func (w *writer) text(m *mark) {
	w.raw(`<text x="`).num(m.x).raw(`" y="`).num(m.y).raw(`"`)
	if m.at != start {
		w.raw(` text-anchor="`).raw(anchors[m.at]).raw(`"`)
	}
	if w.colours != nil {
		w.raw(` fill="`).raw(w.colours[m.ink]).raw(`" textLength="`).num(measure(m.text, m.size, m.bold)).raw(`" lengthAdjust="spacingAndGlyphs"`)
	} else {
		w.raw(` class="f-`).raw(string(m.ink))
		if figures(m.text) {
			w.raw(" n")
		}
		w.raw(`"`)
	}
	if m.size != plain {
		w.raw(` font-size="`).num(m.size).raw(`"`)
	}
	if m.bold {
		w.raw(` font-weight="600"`)
	}
	w.raw(">")
	if m.title != "" {
		w.raw("<title>").esc(m.title).raw("</title>")
	}
	w.esc(m.text).raw("</text>")
}

// figures tells whether a text is a number, which is set in figures of one width.
func figures(s string) bool {
	return s != "" && s[0] >= '0' && s[0] <= '9' && !strings.Contains(s, "-")
}

func (w *writer) raw(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

// num writes a coordinate with at most two places; what is no number is 0.
func (w *writer) num(v float64) *writer {
	if !finite(v) || math.Abs(v) > 1e7 {
		v = 0
	}
	n := int64(math.Round(v * 100))
	if n < 0 {
		w.b, n = append(w.b, '-'), -n
	}
	w.b = strconv.AppendInt(w.b, n/100, 10)
	if f := n % 100; f != 0 {
		w.b = append(w.b, '.', byte('0'+f/10))
		if f%10 != 0 {
			w.b = append(w.b, byte('0'+f%10))
		}
	}
	return w
}

// escapes are how the letters that mean something in XML are written.
var escapes = [128]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"}

func (w *writer) esc(s string) *writer {
	from := 0
	for i := range len(s) {
		if c := s[i]; c < 128 && escapes[c] != "" {
			w.raw(s[from:i]).raw(escapes[c])
			from = i + 1
		}
	}
	return w.raw(s[from:])
}
