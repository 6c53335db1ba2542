package chart

import (
	"cmp"
	"math"
	"slices"

	"tocsin/internal/locale"
)

// Flow is a small diagram of boxes and arrows, wide from left to right, narrow
// from top to bottom.
type Flow struct {
	Title, About string
	Nodes        []Node
	Edges        []Edge
}

// Node is a box; without Text it shows its ID.
type Node struct{ ID, Text, Href string }

// Edge is an arrow between two boxes, named by their IDs.
type Edge struct {
	From, To, Text string
	Dashed         bool
}

// Draw draws the diagram from left to right.
func (f Flow) Draw(_ *locale.Reader) Drawing { return f.draw(wide) }

// Narrow draws the diagram from top to bottom.
func (f Flow) Narrow(_ *locale.Reader) Drawing { return f.draw(narrow) }

// spot is a place in a layer: a box, or where a long arrow passes.
type spot struct {
	node       int // -1 where an arrow passes
	layer      int
	order      float64
	x, y, w, h float64
	lines      []string
}

// route is an arrow through the layers.
type route struct {
	Edge
	spots    []int
	backward bool // drawn against the direction of the layers
}

// layout is a flow with its places.
type layout struct {
	spots  []spot
	routes []route
	layers [][]int
	down   bool
}

// The measures of a flow.
const (
	flowBox  = 128.0
	flowGap  = 66.0 // between layers
	flowSide = 16.0 // between boxes of a layer
)

func (f Flow) draw(w float64) Drawing {
	f.Nodes, f.Edges = f.Nodes[:min(len(f.Nodes), flowNodes)], f.Edges[:min(len(f.Edges), flowEdges)]
	if len(f.Nodes) == 0 {
		return nothing(f.Title, f.About, "There is no diagram yet.", w)
	}
	l := f.layout()
	l.down = w < 500 || float64(len(l.layers))*(flowBox+flowGap)-flowGap > wide+280
	d := sheet(nil, f.Title, f.About, 0, 0)
	d.Wide, d.High = l.place(w)
	for _, r := range l.routes {
		l.route(d, r)
	}
	for _, s := range l.spots {
		if s.node >= 0 {
			l.box(d, f.Nodes[s.node], s)
		}
	}
	for _, r := range l.routes {
		l.words(d, r)
	}
	return *d
}

// layout gives every box a layer, every long arrow its places between, and orders
// the layers so that few arrows cross.
func (f Flow) layout() *layout {
	l := &layout{}
	index := map[string]int{}
	for i, n := range f.Nodes {
		if _, ok := index[n.ID]; !ok {
			index[n.ID] = i
		}
		text := n.Text
		if clean(text) == "" {
			text = n.ID
		}
		lines := wrap(clean(text), plain, false, flowBox-18, 4)
		l.spots = append(l.spots, spot{node: i, lines: lines, w: flowBox, h: 16*float64(max(len(lines), 1)) + 16})
	}
	for _, e := range f.Edges {
		from, ok1 := index[e.From]
		to, ok2 := index[e.To]
		if ok1 && ok2 {
			l.routes = append(l.routes, route{Edge: e, spots: []int{from, to}})
		}
	}
	l.turn()
	l.rank()
	l.stretch()
	l.sort()
	return l
}

// turn finds the arrows that close a circle and turns them round.
func (l *layout) turn() {
	state := make([]int, len(l.spots)) // 0 new, 1 open, 2 done
	var visit func(n int)
	visit = func(n int) {
		state[n] = 1
		for i := range l.routes {
			r := &l.routes[i]
			if r.backward || r.spots[0] != n || r.spots[1] == n {
				continue
			}
			switch to := r.spots[1]; state[to] {
			case 0:
				visit(to)
			case 1:
				r.backward = true
				r.spots = []int{to, n}
			}
		}
		state[n] = 2
	}
	for n := range l.spots {
		if state[n] == 0 {
			visit(n)
		}
	}
}

// rank puts every box one layer behind the last box that leads to it.
func (l *layout) rank() {
	for range l.spots {
		moved := false
		for _, r := range l.routes {
			a, b := &l.spots[r.spots[0]], &l.spots[r.spots[1]]
			if a != b && b.layer < a.layer+1 {
				b.layer, moved = a.layer+1, true
			}
		}
		if !moved {
			break
		}
	}
}

// stretch adds the places where an arrow passes a layer.
func (l *layout) stretch() {
	for i := range l.routes {
		r := &l.routes[i]
		a, b := r.spots[0], r.spots[1]
		spots := []int{a}
		for layer := l.spots[a].layer + 1; layer < l.spots[b].layer; layer++ {
			spots = append(spots, len(l.spots))
			l.spots = append(l.spots, spot{node: -1, layer: layer, w: 8, h: 8})
		}
		r.spots = append(spots, b)
	}
	for i, s := range l.spots {
		for len(l.layers) <= s.layer {
			l.layers = append(l.layers, nil)
		}
		l.layers[s.layer] = append(l.layers[s.layer], i)
	}
}

// sort orders each layer by the middle of its neighbours, forth and back.
func (l *layout) sort() {
	next, before := map[int][]int{}, map[int][]int{}
	for _, r := range l.routes {
		for k := 1; k < len(r.spots); k++ {
			a, b := r.spots[k-1], r.spots[k]
			next[a], before[b] = append(next[a], b), append(before[b], a)
		}
	}
	l.number()
	for range 4 {
		for _, layer := range l.layers[min(1, len(l.layers)):] {
			l.settle(layer, before)
		}
		for _, layer := range slices.Backward(l.layers) {
			l.settle(layer, next)
		}
	}
}

// number writes down the order of each layer.
func (l *layout) number() {
	for _, layer := range l.layers {
		for k, i := range layer {
			l.spots[i].order = float64(k) - float64(len(layer)-1)/2
		}
	}
}

// settle orders one layer by its neighbours.
func (l *layout) settle(layer []int, by map[int][]int) {
	want := map[int]float64{}
	for _, i := range layer {
		want[i] = l.spots[i].order
		if n := by[i]; len(n) > 0 {
			want[i] = 0
			for _, j := range n {
				want[i] += l.spots[j].order / float64(len(n))
			}
		}
	}
	slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(want[a], want[b]) })
	for k, i := range layer {
		l.spots[i].order = float64(k) - float64(len(layer)-1)/2
	}
}

// place gives every spot its coordinates and returns the size of the drawing.
func (l *layout) place(w float64) (wide, high float64) {
	if l.down {
		return l.placeDown(w)
	}
	const top = 26.0
	for _, layer := range l.layers {
		high = math.Max(high, l.extent(layer))
	}
	high += 2*top - 8
	wide = math.Max(float64(len(l.layers))*(flowBox+flowGap)-flowGap, w)
	step := (wide - flowBox) / math.Max(1, float64(len(l.layers)-1))
	step = math.Min(step, flowBox+130)
	for k, layer := range l.layers {
		y := (high - l.extent(layer)) / 2
		for _, i := range layer {
			s := &l.spots[i]
			s.x, s.y = float64(k)*step+(flowBox-s.w)/2, y
			y += s.h + flowSide
		}
	}
	return wide, high
}

// extent is how much room a layer needs across.
func (l *layout) extent(layer []int) (sum float64) {
	for _, i := range layer {
		sum += l.spots[i].h + flowSide
	}
	return sum - flowSide
}

// placeDown puts the layers one below the other; where one has more boxes than
// there is room for, the drawing becomes wider.
func (l *layout) placeDown(w float64) (wide, high float64) {
	const gap = 44.0
	across := func(layer []int) (sum float64) {
		for _, i := range layer {
			sum += l.spots[i].w + flowSide
		}
		return sum - flowSide
	}
	wide = w
	for _, layer := range l.layers {
		wide = math.Max(wide, across(layer)+2)
	}
	y := 2.0
	for _, layer := range l.layers {
		x, tall := (wide-across(layer))/2, 0.0
		for _, i := range layer {
			tall = math.Max(tall, l.spots[i].h)
		}
		for _, i := range layer {
			s := &l.spots[i]
			s.x, s.y = x, y+(tall-s.h)/2
			x += s.w + flowSide
		}
		y += tall + gap
	}
	return wide, y - gap + 4
}

// ends are where an arrow leaves and enters a spot.
func (l *layout) ends(s spot) (in, out point) {
	if l.down {
		return point{s.x + s.w/2, s.y}, point{s.x + s.w/2, s.y + s.h}
	}
	return point{s.x, s.y + s.h/2}, point{s.x + s.w, s.y + s.h/2}
}

// route draws an arrow through its places.
func (l *layout) route(d *Drawing, r route) {
	paint := look{line: "ink-3", width: 1.5}
	if r.Dashed {
		paint.dash = "5 4"
	}
	if r.spots[0] == r.spots[1] {
		l.loop(d, l.spots[r.spots[0]], paint)
		return
	}
	_, at := l.ends(l.spots[r.spots[0]])
	path := []step{{op: 'm', p: [3]point{at}}}
	first := at
	for k, i := range r.spots[1:] {
		in, out := l.ends(l.spots[i])
		if k == len(r.spots)-2 && !r.backward {
			in = l.before(in, 2)
		}
		path = append(path, l.bend(at, in))
		if out != in && k < len(r.spots)-2 {
			path = append(path, step{op: 'l', p: [3]point{out}})
		}
		at = out
	}
	d.path(path, paint)
	in, _ := l.ends(l.spots[r.spots[len(r.spots)-1]])
	if r.backward {
		l.tip(d, first, -1)
	} else {
		l.tip(d, in, 1)
	}
}

func (l *layout) before(p point, by float64) point {
	if l.down {
		return point{p.x, p.y - by}
	}
	return point{p.x - by, p.y}
}

// bend is a curve that leaves and arrives along the layers.
func (l *layout) bend(a, b point) step {
	if l.down {
		m := (a.y + b.y) / 2
		return step{op: 'c', p: [3]point{{a.x, m}, {b.x, m}, b}}
	}
	m := (a.x + b.x) / 2
	return step{op: 'c', p: [3]point{{m, a.y}, {m, b.y}, b}}
}

// tip draws the head of an arrow that goes along the layers, or against them.
func (l *layout) tip(d *Drawing, p point, way float64) {
	if l.down {
		d.poly([]point{p, {p.x - 4, p.y - 8*way}, {p.x + 4, p.y - 8*way}}, true, look{fill: "ink-3"})
		return
	}
	d.poly([]point{p, {p.x - 8*way, p.y - 4}, {p.x - 8*way, p.y + 4}}, true, look{fill: "ink-3"})
}

// loop draws an arrow from a box to itself.
func (l *layout) loop(d *Drawing, s spot, paint look) {
	x, y := s.x+s.w-30, s.y
	d.path([]step{{op: 'm', p: [3]point{{x, y}}}, {op: 'c', p: [3]point{{x, math.Max(1, y-18)}, {x + 18, math.Max(1, y-18)}, {x + 18, y}}}}, paint)
	d.poly([]point{{x + 18, y}, {x + 14, y - 6}, {x + 22, y - 6}}, true, look{fill: "ink-3"})
}

// words writes what an arrow says, in its middle.
func (l *layout) words(d *Drawing, r route) {
	if r.Text == "" || r.spots[0] == r.spots[1] {
		return
	}
	mid := len(r.spots) / 2 // its middle stretch, away from the crowd at its ends
	_, a := l.ends(l.spots[r.spots[mid-1]])
	b, _ := l.ends(l.spots[r.spots[mid]])
	room := math.Max(math.Abs(b.x-a.x)-14, 48)
	if l.down {
		room = 120
	}
	lines := wrap(clean(r.Text), tiny, false, room, 3)
	y := (a.y+b.y)/2 + 3.5 - 12*float64(len(lines)-1)/2
	x := math.Max(room/2, math.Min((a.x+b.x)/2, d.Wide-room/2))
	for i, s := range lines {
		d.label(x, y+12*float64(i), s, face{ink: "ink-2", size: tiny, at: middle, room: room})
	}
}

// box draws a box.
func (l *layout) box(d *Drawing, n Node, s spot) {
	d.link(n.Href, map[bool]string{true: n.Text}[n.Href != "" || len(s.lines) == 4], func() {
		d.rect(s.x+.75, s.y+.75, s.w-1.5, s.h-1.5, 7, look{fill: "sheet", line: "edge", width: 1.5})
		for i, t := range s.lines {
			d.text(s.x+s.w/2, s.y+20+16*float64(i), t, face{ink: "ink", at: middle, room: s.w - 8})
		}
	})
}

// Table lists the arrows.
func (f Flow) Table(_ *locale.Reader) Table {
	t := Table{Caption: f.Title, Columns: columns("From", "Arrow", "To")}
	name := map[string]string{}
	for _, n := range f.Nodes {
		if name[n.ID] = n.Text; n.Text == "" {
			name[n.ID] = n.ID
		}
	}
	used := map[string]bool{}
	for _, e := range f.Edges {
		used[e.From], used[e.To] = true, true
		t.row("", name[e.From], e.Text, name[e.To])
	}
	for _, n := range f.Nodes {
		if !used[n.ID] {
			t.row(n.Href, name[n.ID], "", "")
		}
	}
	return t
}
