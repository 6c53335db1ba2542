package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"tocsin/internal/fault"
)

// sharp is how many dots of a PNG a pixel of a drawing has.
const sharp = 2

// pixelsMost is the largest PNG that is made.
const pixelsMost = 40_000_000

// PNG draws the drawing, with title and description above it, as an image with
// twice as many dots as the drawing has pixels.
func (d Drawing) PNG(t Theme) ([]byte, error) {
	d = d.titled()
	w, h := math.Ceil(d.Wide*sharp), math.Ceil(d.High*sharp)
	if w*h > pixelsMost {
		return nil, fault.New(fault.TooLarge, "the picture %q would have %s dots, at most %s can be drawn: take the SVG, or show fewer lines", d.Title, d.reads.Number(int(w*h)), d.reads.Number(pixelsMost))
	}
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, int(w), int(h))), colours: palette[t.known()]}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(rgb(c.colours["sheet"], 1)), image.Point{}, draw.Src)
	for i := range d.marks {
		c.mark(&d.marks[i])
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, c.img); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// canvas is an image that marks are painted on.
type canvas struct {
	img     *image.RGBA
	colours map[ink]string
	r       vector.Rasterizer
	font    sfnt.Buffer
}

func (c *canvas) mark(m *mark) {
	switch m.kind {
	case aText:
		c.text(m)
	case aRect:
		c.paint(rounded(m.x, m.y, m.w, m.h, m.r), m.look)
	case aCircle:
		c.paint(rounded(m.x-m.r, m.y-m.r, 2*m.r, 2*m.r, m.r), m.look)
	case aPath:
		c.paint(m.path, m.look)
	case aSign:
		c.runs([][]point{m.sign.at(m.x, m.y)}, m.look)
	case aPoly:
		run := m.points
		if m.closed {
			run = append(slices.Clone(run), run[0])
		}
		c.runs([][]point{run}, m.look)
	}
}

// bend is how far the handles of a curve lie from its ends, so that it looks like a quarter of a circle.
const bend = .5522847498

// rounded is a rectangle with rounded corners as a path.
func rounded(x, y, w, h, r float64) []step {
	r = math.Min(r, math.Min(w, h)/2)
	k := r * (1 - bend)
	x2, y2 := x+w, y+h
	at := func(op byte, p ...float64) step {
		s := step{op: op}
		for i := 0; i+1 < len(p); i += 2 {
			s.p[i/2] = point{p[i], p[i+1]}
		}
		return s
	}
	return []step{
		at('m', x+r, y), at('l', x2-r, y), at('c', x2-k, y, x2, y+k, x2, y+r),
		at('l', x2, y2-r), at('c', x2, y2-k, x2-k, y2, x2-r, y2),
		at('l', x+r, y2), at('c', x+k, y2, x, y2-k, x, y2-r),
		at('l', x, y+r), at('c', x, y+k, x+k, y, x+r, y), at('z'),
	}
}

// flatten turns a path into runs of straight lines.
func flatten(path []step) (runs [][]point) {
	var run []point
	for _, s := range path {
		switch s.op {
		case 'm':
			if len(run) > 1 {
				runs = append(runs, run)
			}
			run = []point{s.p[0]}
		case 'l':
			run = append(run, s.p[0])
		case 'c':
			a := run[len(run)-1]
			for i := 1; i <= 12; i++ {
				run = append(run, cubic(a, s.p, float64(i)/12))
			}
		case 'z':
			run = append(run, run[0])
		}
	}
	if len(run) > 1 {
		runs = append(runs, run)
	}
	return runs
}

// cubic is a point of a Bézier curve.
func cubic(a point, p [3]point, t float64) point {
	u := 1 - t
	k0, k1, k2, k3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return point{k0*a.x + k1*p[0].x + k2*p[1].x + k3*p[2].x, k0*a.y + k1*p[0].y + k2*p[1].y + k3*p[2].y}
}

// paint fills and strokes a path.
func (c *canvas) paint(path []step, l look) { c.runs(flatten(path), l) }

func (c *canvas) runs(runs [][]point, l look) {
	alpha := l.alpha
	if alpha == 0 {
		alpha = 1
	}
	if l.fill != "" {
		c.fill(runs, rgb(c.colours[l.fill], alpha))
	}
	if l.line != "" {
		width := l.width
		if width == 0 {
			width = 1
		}
		var shapes [][]point
		for _, run := range runs {
			for _, piece := range dashed(run, l.dash) {
				shapes = append(shapes, stroke(piece, width/2)...)
			}
		}
		c.fill(shapes, rgb(c.colours[l.line], alpha))
	}
}

// fill paints closed shapes; where shapes of one call overlap they are one.
func (c *canvas) fill(shapes [][]point, col color.NRGBA) {
	box := bounds(shapes).Intersect(c.img.Bounds())
	if box.Empty() {
		return
	}
	c.r.Reset(box.Dx(), box.Dy())
	dx, dy := float64(box.Min.X), float64(box.Min.Y)
	for _, s := range shapes {
		for i, p := range s {
			x, y := float32(p.x*sharp-dx), float32(p.y*sharp-dy)
			if i == 0 {
				c.r.MoveTo(x, y)
			} else {
				c.r.LineTo(x, y)
			}
		}
		c.r.ClosePath()
	}
	c.r.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

// bounds is the box of dots that shapes lie in.
func bounds(shapes [][]point) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range shapes {
		for _, p := range s {
			x0, y0, x1, y1 = math.Min(x0, p.x), math.Min(y0, p.y), math.Max(x1, p.x), math.Max(y1, p.y)
		}
	}
	if x0 > x1 {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(x0*sharp)), int(math.Floor(y0*sharp)), int(math.Ceil(x1*sharp))+1, int(math.Ceil(y1*sharp))+1)
}

// stroke is a line of some width: a bar for each piece and a disc at each corner,
// all turning the same way, so that they add up.
func stroke(run []point, half float64) (shapes [][]point) {
	for i, p := range run {
		if half > .4 {
			shapes = append(shapes, ring(p.x, p.y, half, 8+int(4*half), 0))
		}
		if i == 0 {
			continue
		}
		a := run[i-1]
		length := math.Hypot(p.x-a.x, p.y-a.y)
		if length < 1e-6 {
			continue
		}
		nx, ny := -(p.y-a.y)/length*half, (p.x-a.x)/length*half
		shapes = append(shapes, []point{{a.x - nx, a.y - ny}, {p.x - nx, p.y - ny}, {p.x + nx, p.y + ny}, {a.x + nx, a.y + ny}})
	}
	return shapes
}

// dashed cuts a run into its dashes.
func dashed(run []point, dash string) (pieces [][]point) {
	on, off, ok := strings.Cut(dash, " ")
	lengths := [2]float64{}
	lengths[0], _ = strconv.ParseFloat(on, 64) // written in this package
	lengths[1], _ = strconv.ParseFloat(off, 64)
	if !ok || lengths[0]+lengths[1] <= 0 {
		return [][]point{run}
	}
	left, part := lengths[0], 0
	piece := []point{run[0]}
	for i := 1; i < len(run); i++ {
		a, b := run[i-1], run[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		for done := 0.0; done < length; {
			go_ := math.Min(left, length-done)
			done, left = done+go_, left-go_
			p := point{a.x + (b.x-a.x)*done/length, a.y + (b.y-a.y)*done/length}
			if part == 0 {
				piece = append(piece, p)
			}
			if left > 1e-9 {
				continue
			}
			if part == 0 {
				pieces = append(pieces, piece)
			}
			part = 1 - part
			left, piece = math.Max(lengths[part], .01), []point{p}
		}
	}
	if part == 0 && len(piece) > 1 {
		pieces = append(pieces, piece)
	}
	return pieces
}

// text paints the letters of a text. A letter that the typeface does not have is
// an empty box of its width.
func (c *canvas) text(m *mark) {
	x := m.x
	switch m.at {
	case end:
		x -= measure(m.text, m.size, m.bold)
	case middle:
		x -= measure(m.text, m.size, m.bold) / 2
	}
	face := weight(m.bold)
	var shapes [][]point
	for _, r := range m.text {
		w := face.width(r) * m.size
		if f, i, ok := face.glyph(&c.font, r); ok {
			shift := 0.0
			if r >= '0' && r <= '9' {
				shift = (w - face.drawn(&c.font, f, i)*m.size) / 2 // figures stand in the middle of their column
			}
			shapes = append(shapes, c.letter(f, i, x+shift, m.y, m.size)...)
		} else if r == '→' {
			shapes = append(shapes, arrowSign(x, m.y-m.size*.33, w, m.size/12)...)
		} else if w > 0 && r != ' ' {
			shapes = append(shapes, flatten(rounded(x+1, m.y-m.size*.7, math.Max(1, w-2), m.size*.7, 0))...)
			shapes = append(shapes, reversed(flatten(rounded(x+2, m.y-m.size*.7+1, math.Max(1, w-4), m.size*.7-2, 0)))...)
		}
		x += w
	}
	c.fill(shapes, rgb(c.colours[m.ink], 1))
}

// arrowSign is "→", which our parts of the typeface do not have.
func arrowSign(x, y, w, k float64) [][]point {
	x0, x1 := x+w*.1, x+w*.9
	return append(stroke([]point{{x0, y}, {x1, y}}, .5*k), stroke([]point{{x1 - 3*k, y - 3*k}, {x1, y}, {x1 - 3*k, y + 3*k}}, .5*k)...)
}

// drawn is how wide a letter is by itself.
func (t *typeface) drawn(buf *sfnt.Buffer, f *sfnt.Font, i sfnt.GlyphIndex) float64 {
	a, err := f.GlyphAdvance(buf, i, fixed.I(1000), 0)
	if err != nil {
		return 0
	}
	return float64(a) / 64 / 1000
}

// reversed turns shapes the other way round, so that they cut out.
func reversed(shapes [][]point) [][]point {
	for _, s := range shapes {
		for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
			s[i], s[j] = s[j], s[i]
		}
	}
	return shapes
}

// letter is the outline of a letter, read in great and set in its size.
func (c *canvas) letter(f *sfnt.Font, i sfnt.GlyphIndex, x, y, size float64) [][]point {
	const em = 512
	segments, err := f.LoadGlyph(&c.font, i, fixed.I(em), nil)
	if err != nil {
		return nil
	}
	k := size / em / 64
	at := func(p fixed.Point26_6) point { return point{x + float64(p.X)*k, y + float64(p.Y)*k} }
	var shapes [][]point
	var run []point
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			shapes = append(shapes, run)
			run = []point{at(s.Args[0])}
		case sfnt.SegmentOpLineTo:
			run = append(run, at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			a, b, p := run[len(run)-1], at(s.Args[0]), at(s.Args[1])
			for n := 1; n <= 5; n++ {
				t := float64(n) / 5
				u := 1 - t
				run = append(run, point{u*u*a.x + 2*u*t*b.x + t*t*p.x, u*u*a.y + 2*u*t*b.y + t*t*p.y})
			}
		case sfnt.SegmentOpCubeTo:
			a, p := run[len(run)-1], [3]point{at(s.Args[0]), at(s.Args[1]), at(s.Args[2])}
			for n := 1; n <= 6; n++ {
				run = append(run, cubic(a, p, float64(n)/6))
			}
		}
	}
	return append(shapes, run)
}
