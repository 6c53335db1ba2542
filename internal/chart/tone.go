package chart

import "math"

// Tone is what a colour means. Each has a shape and a pattern too.
type Tone string

// The tones: severities and ratings, what is well, what stands out, and what has
// no rating.
const (
	Critical Tone = "critical"
	High     Tone = "high"
	Medium   Tone = "medium"
	Low      Tone = "low"
	Good     Tone = "good"
	Accent   Tone = "accent"
	None     Tone = "none"
	Unknown  Tone = "unknown"
)

// toneLook is how each tone looks: its ink, how far apart the lines of its
// pattern are (0 is none), how strong its tint is, how large its shape, and how
// grave it is.
var toneLook = map[Tone]struct {
	ink              ink
	gap, tint, shape float64
	grave            int
}{
	Critical: {"critical", 4, .20, 6.5, 6},
	High:     {"high", 7, .17, 6, 5},
	Medium:   {"medium", 12, .16, 5, 4},
	Low:      {"low", 0, .13, 4.5, 3},
	Good:     {"good", 0, .11, 4.5, 2},
	Accent:   {"accent", 0, .13, 4.5, 2},
	None:     {"ink-3", 0, 0, 4, 1},
	Unknown:  {"ink-3", 0, 0, 4, 0},
}

// known reads a tone that arrived as a word.
func (t Tone) known() Tone {
	if _, ok := toneLook[t]; ok {
		return t
	}
	return Unknown
}

// dot draws the shape of a tone: octagon, triangle, diamond or circle, from grave
// to light; a ring where there is no severity, broken where it is not known.
func (d *Drawing) dot(t Tone, x, y float64) {
	l, ok := toneLook[t]
	if !ok {
		t, l = Unknown, toneLook[Unknown]
	}
	r, paint := l.shape, look{fill: l.ink}
	if s := signs[t]; s != nil {
		d.add(mark{kind: aSign, look: paint, x: inside(x, d.Wide), y: inside(y, d.High), r: r, sign: s})
		return
	}
	switch t {
	case None:
		d.circle(x, y, r, look{fill: "sheet", line: l.ink, width: 1.5})
	case Unknown:
		d.circle(x, y, r, look{fill: "sheet", line: l.ink, width: 1.5, dash: "2 2"})
	default:
		d.circle(x, y, r, paint)
	}
}

// sign is a shape that is drawn often: its corners around 0, and the same as the
// end of an SVG path that begins at x and y.
type sign struct {
	corners []point
	path    string
}

// signs are the shapes of the tones that have one of their own.
var signs = map[Tone]*sign{
	Critical: newSign(ring(0, 0, 6.5, 8, math.Pi/8)),
	High:     newSign([]point{{0, -6}, {6, 4.8}, {-6, 4.8}}),
	Medium:   newSign(ring(0, 0, 5, 4, 0)),
}

func newSign(corners []point) *sign {
	w := &writer{}
	at := point{}
	for i, c := range corners {
		w.raw("ml"[min(i, 1):][:1]).num(c.x - at.x).raw(" ").num(c.y - at.y)
		at = c
	}
	return &sign{corners, string(append(w.b, 'z'))}
}

// at is the shape around a point.
func (s *sign) at(x, y float64) []point {
	p := make([]point, len(s.corners))
	for i, c := range s.corners {
		p[i] = point{x + c.x, y + c.y}
	}
	return p
}

// ring is a regular polygon.
func ring(x, y, r float64, corners int, turn float64) []point {
	p := make([]point, corners)
	for i := range p {
		s, c := math.Sincos(turn + 2*math.Pi*float64(i)/float64(corners))
		p[i] = point{x + r*c, y + r*s}
	}
	return p
}

// ground paints a rectangle with a tone's tint and pattern.
// The lowest foot pixels carry the tint alone: a word stands there.
func (d *Drawing) ground(t Tone, x, y, w, h, r, foot float64) {
	l := toneLook[t.known()]
	if l.tint == 0 {
		d.rect(x, y, w, h, r, look{fill: "sunk"})
		return
	}
	d.rect(x, y, w, h, r, look{fill: l.ink, alpha: l.tint})
	if l.gap > 0 {
		d.path(hatch(x, y, w, h-foot, l.gap), look{line: l.ink, alpha: .34})
	}
}

// wash paints a large area with a tone's tint and a wide pattern.
func (d *Drawing) wash(t Tone, x, y, w, h float64) {
	l := toneLook[t.known()]
	if l.tint == 0 {
		return
	}
	d.rect(x, y, w, h, 0, look{fill: l.ink, alpha: l.tint * .6})
	if l.gap > 0 {
		d.path(hatch(x, y, w, h, l.gap+8), look{line: l.ink, alpha: .22})
	}
}

// hatch is lines from lower left to upper right that fill a rectangle.
func hatch(x, y, w, h, gap float64) []step {
	var path []step
	for c := gap; c < w+h; c += gap {
		x1, y1, x2, y2 := x+math.Max(0, c-h), y+math.Min(c, h), x+math.Min(c, w), y+math.Max(0, c-w)
		if x2-x1 > 2 {
			path = append(path, step{op: 'm', p: [3]point{{x1, y1}}}, step{op: 'l', p: [3]point{{x2, y2}}})
		}
	}
	return path
}

// Band is a named stretch of a scale: a rating, or the green, yellow and red of a
// KRI. From and To may be infinite.
type Band struct {
	Title    string
	Tone     Tone
	From, To float64
}

// bandOf is the band that a value lies in; whole bands with gaps between whole
// numbers (1 to 10, 11 to 20) hold what lies in the gap below them.
func bandOf(bands []Band, v float64) (Band, bool) {
	for i, b := range bands {
		to := b.To
		if i+1 < len(bands) && bands[i+1].From > to {
			to = bands[i+1].From - 1e-9
		}
		if v >= b.From && v <= to {
			return b, true
		}
	}
	return Band{}, false
}
