package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/lifecycle"
)

// The measures of a drawn life cycle, in pixels.
const (
	boxWide   = 190 // of a stage
	boxHigh   = 46  // of a stage that nothing is attached to
	portHigh  = 24  // for each arrow at the right of a stage
	gapHigh   = 44  // between stages: the arrow to the next one
	labelWide = 264 // for the titles of arrows, right of the stages
	laneWide  = 16  // between arrows that run side by side
	margin    = 6
	labelMax  = 42 // letters of a title, with its needs where it stands on an arrow's way
	needsMax  = 64 // letters of the needs under a title
)

// Drawing is a life cycle as a picture: the stages one below the other, the way
// on between them, and every other move as an arrow that runs at their right. Its
// table says the same in words.
type Drawing struct {
	Wide, High int
	Boxes      []drawnStage
	Arrows     []drawnMove
}

type drawnStage struct {
	lifecycle.Stage
	X, Y, Wide, High int
	ports            int // arrows at the right
}

type drawnMove struct {
	lifecycle.Move
	Path   string
	X, Y   int    // of the title
	Label  string // the title, cut where it is long
	Under  string // the needs, for the way on, where there is room below the title
	Number int    // in the table
	from   int
	to     int
	lane   int
}

// draw lays a life cycle out.
func draw(m *lifecycle.Machine) Drawing {
	d := Drawing{}
	at := map[string]int{}
	for i, s := range m.Stages {
		at[s.Name] = i
		d.Boxes = append(d.Boxes, drawnStage{Stage: s, X: margin, Wide: boxWide, High: boxHigh})
	}
	onward := map[int]bool{}
	for i, mv := range m.Moves {
		x := drawnMove{Move: mv, Label: label(mv.Title+needsTail(mv), labelMax), Number: i + 1, from: at[mv.From], to: at[mv.To], lane: -1}
		if x.to == x.from+1 && !onward[x.from] {
			onward[x.from] = true
			x.Label, x.Under = mv.Title, label(strings.TrimPrefix(needsTail(mv), " · "), needsMax)
		} else {
			x.lane = 0
			d.Boxes[x.from].ports++
			d.Boxes[x.to].ports++
		}
		d.Arrows = append(d.Arrows, x)
	}
	lanes := d.lanes()
	d.stack()
	d.route()
	d.Wide = margin*2 + boxWide + labelWide + lanes*laneWide
	return d
}

func label(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return text
}

// needsTail says what a move needs, after its title.
func needsTail(mv lifecycle.Move) string {
	if len(mv.Needs) == 0 {
		return ""
	}
	return " · needs " + strings.Join(mv.Needs, ", ")
}

// span is the stages that an arrow passes.
func (x drawnMove) span() (first, last int) { return min(x.from, x.to), max(x.from, x.to) }

// lanes gives each arrow at the right the innermost lane that no other arrow on
// its way has, short ones first, and returns how many lanes there are.
func (d *Drawing) lanes() (many int) {
	var order []int
	for i, x := range d.Arrows {
		if x.lane == 0 {
			order = append(order, i)
		}
	}
	length := func(i int) int { a, b := d.Arrows[i].span(); return b - a }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(length(a), length(b)) })
	var taken [][][2]int
	for _, i := range order {
		first, last := d.Arrows[i].span()
		lane := slices.IndexFunc(taken, func(l [][2]int) bool {
			return !slices.ContainsFunc(l, func(s [2]int) bool { return s[0] <= last && first <= s[1] })
		})
		if lane < 0 {
			lane, taken = len(taken), append(taken, nil)
		}
		taken[lane] = append(taken[lane], [2]int{first, last})
		d.Arrows[i].lane = lane + 1
	}
	return len(taken)
}

// stack puts the stages one below the other, each as high as its arrows want.
func (d *Drawing) stack() {
	y := margin
	for i := range d.Boxes {
		b := &d.Boxes[i]
		b.Y, b.High = y, max(boxHigh, b.ports*portHigh+8)
		y += b.High + gapHigh
	}
	d.High = y - gapHigh + margin
}

// route draws the arrows. At the right of a stage, those that come stand above
// those that go.
func (d *Drawing) route() {
	next := make([]int, len(d.Boxes))
	port := func(box int) int {
		b := d.Boxes[box]
		y := b.Y + (b.High-b.ports*portHigh)/2 + next[box]*portHigh + portHigh*2/3
		next[box]++
		return y
	}
	right, ins := margin+boxWide, make([]int, len(d.Arrows))
	for i, x := range d.Arrows {
		if x.lane > 0 {
			ins[i] = port(x.to)
		}
	}
	for i := range d.Arrows {
		x := &d.Arrows[i]
		if x.lane < 1 {
			b, below, mid := d.Boxes[x.from], d.Boxes[x.to], margin+28
			x.Path = fmt.Sprintf("M%d %dV%d", mid, b.Y+b.High, below.Y-1)
			x.X, x.Y = mid+10, b.Y+b.High+gapHigh/2+4
			if x.Under != "" {
				x.Y -= 6
			}
			continue
		}
		y, lane := port(x.from), right+labelWide+(x.lane-1)*laneWide
		x.Path = fmt.Sprintf("M%d %dH%dV%dH%d", right, y, lane, ins[i], right+2)
		x.X, x.Y = right+8, y-4
	}
}
