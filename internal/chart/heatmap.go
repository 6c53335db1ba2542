package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tocsin/internal/locale"
)

// HeatMap is a register by two scales: how many risks lie in each cell, which
// rating the cell has, and where tolerance ends. It answers "where are we". A
// matrix lumps unlike risks together, so the number stands in the cell and leads
// to the list.
type HeatMap struct {
	Title, About string
	Across, Up   Axis
	Cells        []HeatCell
	Moves        []Move // of one risk, or of the few that matter most

	reads *locale.Reader // who it is drawn for
}

// Axis is one scale of a heat map, its levels from low to high.
type Axis struct {
	Title  string
	Levels []string
}

// HeatCell is one cell; Across and Up count levels from 1.
type HeatCell struct {
	Across, Up int
	Rating     string
	Tone       Tone
	Score      float64
	Count      int
	Href       string   // the list of the risks in the cell
	Beyond     int      // 0 inside tolerance, 1 outside, 2 above the ceiling
	Names      []string // risks that share the cell and so tie
}

// Move is how a risk went through the cells, from the first of Steps to the last.
type Move struct {
	Name, Href string
	Steps      []Place
}

// Place is a cell and the kind of score that lies there.
type Place struct {
	Kind       string // inherent, residual, adjusted, target
	Across, Up int
}

// movesMost is how many moves can be told apart.
const movesMost = 3

// Draw draws the map for a page.
func (h HeatMap) Draw(reads *locale.Reader) Drawing { return h.draw(reads, wide) }

// Narrow draws the map for a narrow page.
func (h HeatMap) Narrow(reads *locale.Reader) Drawing { return h.draw(reads, narrow) }

// heat is a map as it is laid out.
type heat struct {
	HeatMap
	d            *Drawing
	left, top    float64
	cellW, cellH float64
	nx, ny       int
	cells        map[[2]int]HeatCell
}

// levelsMost is the longest scale that is drawn.
const levelsMost = 12

func (h HeatMap) draw(reads *locale.Reader, w float64) Drawing {
	h.reads = reads
	nx, ny := min(len(h.Across.Levels), levelsMost), min(len(h.Up.Levels), levelsMost)
	if nx == 0 || ny == 0 {
		return nothing(h.Title, h.About, "There is no scale to draw a map of.", w)
	}
	m := heat{HeatMap: h, nx: nx, ny: ny, top: 26, cells: map[[2]int]HeatCell{}}
	for _, c := range h.Cells {
		m.cells[[2]int{c.Across, c.Up}] = c
	}
	m.left = m.labelRoom(w)
	m.cellW, m.cellH = math.Min((w-m.left)/float64(nx), 104), 46
	if len(m.Moves) > 0 {
		m.cellH = 58 // the marks of moves stand between number and word
	}
	keys := m.keys(nil)
	rows := legendRows(keys, w)
	lines := m.moveLines(w)
	m.d = sheet(h.reads, h.Title, h.About, w, m.top+float64(ny)*m.cellH+46+legendRow*float64(rows)+16*float64(len(lines)))
	m.axes()
	for up := ny; up >= 1; up-- {
		for across := 1; across <= nx; across++ {
			m.cell(across, up)
		}
	}
	m.limits()
	m.moves()
	y := m.top + float64(ny)*m.cellH + 54
	m.d.legend(0, y, w, m.keys(m.d))
	for i, l := range lines {
		m.d.text(0, y+legendRow*float64(rows)+16*float64(i), l, face{ink: "ink-2", size: small})
	}
	return *m.d
}

// labelRoom is how wide the names of the levels at the left are.
func (m heat) labelRoom(w float64) float64 {
	room := 0.0
	for i, l := range m.Up.Levels[:m.ny] {
		room = math.Max(room, measure(clean(numbered(i, l)), small, false)+10)
	}
	return math.Min(math.Max(room, measure(clean(m.Up.Title), small, true)+10), w*.26)
}

// numbered is a level with its number.
func numbered(i int, level string) string { return fmt.Sprintf("%d %s", i+1, level) }

func (m heat) axes() {
	d := m.d
	d.text(0, 14, m.Up.Title, face{ink: "ink-2", size: small, bold: true, room: d.Wide * .38})
	for i, l := range m.Up.Levels[:m.ny] {
		d.text(m.left-8, m.y(i+1)+4, numbered(i, l), face{ink: "ink-2", size: small, at: end})
	}
	y := m.top + float64(m.ny)*m.cellH
	narrow := slices.ContainsFunc(m.Across.Levels[:m.nx], func(l string) bool { return measure("0 "+clean(l), small, false) > m.cellW-4 })
	for i, l := range m.Across.Levels[:m.nx] {
		if narrow {
			d.text(m.x(i+1), y+16, fmt.Sprint(i+1), face{ink: "ink-2", size: small, at: middle})
			d.text(m.x(i+1), y+29, l, face{ink: "ink-2", size: tiny, at: middle, room: m.cellW - 2})
			continue
		}
		d.text(m.x(i+1), y+17, numbered(i, l), face{ink: "ink-2", size: small, at: middle})
	}
	d.text(m.left+float64(m.nx)*m.cellW, 14, m.Across.Title+" →", face{ink: "ink-2", size: small, bold: true, at: end, room: math.Min(float64(m.nx)*m.cellW*.8, d.Wide*.38)})
}

// x and y are the middle of a column and of a row.
func (m heat) x(across int) float64 { return m.left + (float64(across)-.5)*m.cellW }
func (m heat) y(up int) float64     { return m.top + (float64(m.ny-up)+.5)*m.cellH }

func (m heat) cell(across, up int) {
	c := m.cells[[2]int{across, up}]
	x, y := m.x(across)-m.cellW/2+1.5, m.y(up)-m.cellH/2+1.5
	w, h := m.cellW-3, m.cellH-3
	title := say(fmt.Sprintf("%s %s, %s %s", m.Up.Title, numbered(up-1, m.Up.Levels[up-1]), m.Across.Title, numbered(across-1, m.Across.Levels[across-1])),
		c.Rating, many(m.reads, c.Count, "risk"), beyond[min(max(c.Beyond, 0), 2)], list(m.reads, c.Names, 5))
	m.d.link(map[bool]string{true: c.Href}[c.Count > 0], title, func() {
		m.d.ground(c.Tone, x, y, w, h, 4, 15)
		m.d.text(x+5, y+h-4.5, c.Rating, face{ink: "ink-2", size: tiny, room: w - 8})
		if c.Count > 0 {
			text := m.reads.Number(c.Count)
			wide := math.Min(math.Max(22, measure(text, head, true)+12), w)
			m.d.rect(x+w/2-wide/2, y+4, wide, 21, 10.5, look{fill: "sheet", line: "edge"})
			m.d.text(x+w/2, y+19, text, face{ink: "ink", size: head, bold: true, at: middle, room: w})
		}
	})
}

// beyond says how a cell stands to tolerance.
var beyond = [3]string{"inside tolerance", "outside tolerance", "above the ceiling"}

// limits draws tolerance and ceiling as stepped lines between cells.
func (m heat) limits() {
	m.d.path(m.border(1), toleranceLook)
	m.d.path(m.border(2), ceilingLook)
}

// border is the line between the cells below a level of Beyond and those from it on.
func (m heat) border(level int) []step {
	over := func(across, up int) bool { return m.cells[[2]int{across, up}].Beyond >= level }
	var path []step
	add := func(x1, y1, x2, y2 float64) {
		path = append(path, step{op: 'm', p: [3]point{{x1, y1}}}, step{op: 'l', p: [3]point{{x2, y2}}})
	}
	for up := m.ny; up >= 1; up-- {
		for across := 1; across <= m.nx; across++ {
			x, y := m.x(across)+m.cellW/2, m.y(up)-m.cellH/2
			if across < m.nx && over(across, up) != over(across+1, up) {
				add(x, y, x, y+m.cellH)
			}
			if up < m.ny && over(across, up) != over(across, up+1) {
				add(x-m.cellW, y, x, y)
			}
		}
	}
	return path
}

// hasBorder tells whether some cells are within a level and some beyond.
func (m heat) hasBorder(level int) bool { return len(m.border(level)) > 0 }

// keys is the legend; without a drawing it is for measuring.
func (m heat) keys(d *Drawing) []key {
	var keys []key
	if m.hasBorder(1) {
		keys = append(keys, d.lineKey("tolerance ends", toleranceLook))
	}
	if m.hasBorder(2) {
		keys = append(keys, d.lineKey("ceiling: must be treated", ceilingLook))
	}
	for _, k := range m.moveKinds() {
		keys = append(keys, key{12, func(x, y float64) { d.station(k, x+6, y-4) }, k})
	}
	return keys
}

// moveKinds are the kinds of score in the moves that are drawn, in the order of their first place.
func (m heat) moveKinds() (kinds []string) {
	seen := map[string]bool{}
	for _, mv := range m.Moves[:min(len(m.Moves), movesMost)] {
		for _, s := range mv.Steps {
			if !seen[s.Kind] && len(kinds) < 6 {
				seen[s.Kind] = true
				kinds = append(kinds, s.Kind)
			}
		}
	}
	return kinds
}

// station draws the mark of a kind of score on the way of a risk.
func (d *Drawing) station(kind string, x, y float64) {
	if d == nil {
		return
	}
	switch kind {
	case "inherent":
		d.circle(x, y, 4.5, look{fill: "sheet", line: "accent", width: 1.75})
	case "adjusted":
		d.poly(ring(x, y, 6, 4, 0), true, look{fill: "accent"})
	case "target":
		d.poly(ring(x, y, 6, 4, math.Pi/4), true, look{fill: "sheet", line: "good", width: 1.75})
	default:
		d.circle(x, y, 4.5, look{fill: "accent"})
	}
}

// moves draws the way of each risk from cell to cell.
func (m heat) moves() {
	for i, mv := range m.Moves[:min(len(m.Moves), movesMost)] {
		dx := m.cellW*.28 - float64(i)*m.cellW*.14
		var at []point
		for k, s := range mv.Steps {
			if s.Across < 1 || s.Across > m.nx || s.Up < 1 || s.Up > m.ny || k > 7 {
				continue
			}
			at = append(at, point{m.x(s.Across) + dx, m.y(s.Up) + 6 - 7*float64(stays(mv.Steps, k))})
		}
		m.d.link(mv.Href, m.moveLine(i), func() {
			for k := 1; k < len(at); k++ {
				m.d.arrow(aside(at[k-1], at[k], float64((k-1)%2)*3), aside(at[k], at[k-1], -float64((k-1)%2)*3), 6, look{line: "accent", width: 1.75})
			}
			for k, p := range at {
				m.d.station(mv.Steps[k].Kind, p.x, p.y)
			}
			if len(at) > 0 && len(m.Moves) > 1 {
				m.d.label(at[len(at)-1].x+9, at[len(at)-1].y+4, letter(i), face{ink: "accent", size: small, bold: true})
			}
		})
	}
}

// aside is a moved by some pixels to the side of the way to b, so that a way back does not lie on the way there.
func aside(a, b point, by float64) point {
	length := math.Max(math.Hypot(b.x-a.x, b.y-a.y), 1)
	return point{a.x - (b.y-a.y)/length*by, a.y + (b.x-a.x)/length*by}
}

// stays is how many steps before k lie in the same cell, so that marks do not cover each other.
func stays(steps []Place, k int) (n int) {
	for _, s := range steps[:k] {
		if s.Across == steps[k].Across && s.Up == steps[k].Up {
			n++
		}
	}
	return n
}

func letter(i int) string { return string(rune('A' + i)) }

// arrow draws a line with a head, which ends gap pixels before its end.
func (d *Drawing) arrow(a, b point, gap float64, l look) {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	if length < 2*gap {
		return
	}
	ux, uy := (b.x-a.x)/length, (b.y-a.y)/length
	tip := point{b.x - ux*gap, b.y - uy*gap}
	d.line(a.x+ux*gap, a.y+uy*gap, tip.x-ux*3, tip.y-uy*3, l)
	d.poly([]point{tip, {tip.x - 7*ux - 3.5*uy, tip.y - 7*uy + 3.5*ux}, {tip.x - 7*ux + 3.5*uy, tip.y - 7*uy - 3.5*ux}}, true, look{fill: l.line})
}

// moveLine says a move in words: "A RISK-4XM2TA: inherent 5 × 4, residual 3 × 4".
func (m heat) moveLine(i int) string {
	mv := m.Moves[i]
	var parts []string
	for _, s := range mv.Steps {
		parts = append(parts, fmt.Sprintf("%s %d\u00a0×\u00a0%d", clean(s.Kind), s.Up, s.Across))
	}
	name := clean(mv.Name)
	if len(m.Moves) > 1 {
		name = letter(i) + " " + name
	}
	return name + ": " + strings.Join(parts, " → ")
}

// moveLines says the moves that are drawn, in lines of the drawing's width.
func (m heat) moveLines(w float64) (lines []string) {
	for i := range m.Moves[:min(len(m.Moves), movesMost)] {
		lines = append(lines, wrap(m.moveLine(i), small, false, w, 3)...)
	}
	if n := len(m.Moves) - movesMost; n > 0 {
		lines = append(lines, many(m.reads, n, "more move")+" in the table")
	}
	return lines
}

// Table lists the cells with risks, from the highest score down, and the moves.
func (h HeatMap) Table(reads *locale.Reader) Table {
	h.reads = reads
	t := Table{Caption: h.Title, Columns: columns(h.Up.Title+" ", h.Across.Title+" ", "#Score", "Rating", "#Risks", "Tolerance", "In this cell")}
	level := func(a Axis, i int) string {
		if i < 1 || i > len(a.Levels) {
			return fmt.Sprint(i)
		}
		return numbered(i-1, a.Levels[i-1])
	}
	total := 0
	for _, c := range sorted(h.Cells, func(a, b HeatCell) bool { return a.Score > b.Score }) {
		if c.Count <= 0 {
			continue
		}
		total += c.Count
		t.row(c.Href, level(h.Up, c.Up), level(h.Across, c.Across), h.reads.Figure(c.Score), c.Rating, h.reads.Number(c.Count), beyond[min(max(c.Beyond, 0), 2)], list(h.reads, c.Names, 12))
	}
	t.Notes = append(t.Notes, many(h.reads, total, "risk")+" on the map.")
	m := heat{HeatMap: h}
	for i := range h.Moves {
		t.Notes = append(t.Notes, m.moveLine(i))
	}
	return t
}
