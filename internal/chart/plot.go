package chart

import (
	"math"
	"slices"
	"time"
)

// plot is an area with a time axis across and a scale from 0 upwards.
type plot struct {
	d              *Drawing
	x0, x1, y0, y1 float64 // left, right, upper and lower edge
	from, to       time.Time
	least, most    float64
}

// x is where a time lies, kept inside the area.
func (p plot) x(t time.Time) float64 {
	span := seconds(p.from, p.to)
	if span <= 0 {
		return p.x1
	}
	return p.x0 + inside(seconds(p.from, t)/span, 1)*(p.x1-p.x0)
}

// seconds is how long it is from a to b, also where that is more than a Duration holds.
func seconds(a, b time.Time) float64 { return float64(b.Unix() - a.Unix()) }

// y is where a value lies, kept inside the area.
func (p plot) y(v float64) float64 {
	if math.IsInf(v, 1) {
		return p.y0
	}
	if p.most <= p.least {
		return p.y1
	}
	return p.y1 - inside((v-p.least)/(p.most-p.least), 1)*(p.y1-p.y0)
}

// spanOf is the first and the last of the times; until stretches it to the present.
func spanOf(until time.Time, times []time.Time) (from, to time.Time) {
	for _, t := range times {
		if t.IsZero() {
			continue
		}
		if from.IsZero() || t.Before(from) {
			from = t
		}
		if t.After(to) {
			to = t
		}
	}
	if until.After(to) {
		to = until
	}
	if from.IsZero() {
		from = to
	}
	if seconds(from, to) < 2*86400 {
		from = from.AddDate(0, 0, -14)
		to = to.AddDate(0, 0, 1)
	}
	return from, to
}

// months is how many months lie between ticks of a time axis, from fine to coarse.
var months = []int{1, 2, 3, 6, 12, 24, 60, 120, 600, 6000, 24000}

// tick is a mark of an axis.
type tick struct {
	at   float64
	text string
}

// days are the ticks of a time axis: first days of months, or days where the span
// is short, no closer than gap pixels.
func (p plot) days(gap float64) []tick {
	span := seconds(p.from, p.to) / 86400
	room := int(math.Max(1, (p.x1-p.x0)/gap))
	var all []tick
	if span < 62 {
		every := max(1, int(math.Ceil(span/float64(room))))
		t := time.Date(p.from.Year(), p.from.Month(), p.from.Day()+1, 0, 0, 0, 0, time.UTC)
		for ; !t.After(p.to) && len(all) <= room; t = t.AddDate(0, 0, every) {
			all = append(all, tick{p.x(t), p.d.reads.DayOfMonth(t)})
		}
		return all
	}
	every := months[len(months)-1]
	for _, m := range slices.Backward(months) {
		if span/30.4/float64(m) <= float64(room) {
			every = m
		}
	}
	t := time.Date(p.from.Year(), p.from.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	for (int(t.Month())-1+12*t.Year())%every != 0 && !t.After(p.to) {
		t = t.AddDate(0, 1, 0)
	}
	for ; !t.After(p.to) && len(all) <= 2*room; t = t.AddDate(0, every, 0) {
		if every >= 12 {
			all = append(all, tick{p.x(t), t.Format("2006")})
		} else {
			all = append(all, tick{p.x(t), p.d.reads.ShortMonth(t)})
		}
	}
	return all
}

// timeAxis draws the time axis below the area.
func (p plot) timeAxis() {
	p.d.line(p.x0, p.y1, p.x1, p.y1, look{line: "edge"})
	for _, t := range p.days(74) {
		p.d.line(t.at, p.y1, t.at, p.y1+4, look{line: "edge"})
		at := middle
		if t.at < 26 {
			at = start
		} else if t.at > p.d.Wide-30 {
			at = end
		}
		p.d.text(t.at, p.y1+17, t.text, face{ink: "ink-3", size: small, at: at})
	}
}

// scaleAxis draws the lines of the scale with their values at the left.
func (p plot) scaleAxis(write func(float64) string) {
	for _, v := range ticks(p.least, p.most, 5) {
		y := p.y(v)
		p.d.line(p.x0, y, p.x1, y, look{line: "line"})
		p.d.text(p.x0-6, y+4, write(v), face{ink: "ink-3", size: small, at: end})
	}
}

// ticks are round values from least to most, about n of them.
func ticks(least, most float64, n int) []float64 {
	span := most - least
	if !finite(span) || span <= 0 || n < 1 {
		return nil
	}
	unit := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, m := range []float64{1, 2, 5, 10} {
		if span/(unit*m) <= float64(n)+.5 {
			unit *= m
			break
		}
	}
	var all []float64
	for k := math.Ceil(least/unit - 1e-9); k*unit <= most*(1+1e-9)+1e-12 && len(all) < 4*n; k++ {
		all = append(all, k*unit+0) // no minus before a zero
	}
	return all
}

// roundUp is the next round value above v.
func roundUp(v float64) float64 {
	if !finite(v) || v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if v <= unit*m*(1+1e-9) {
			return unit * m
		}
	}
	return v
}

// limit draws a line across the area, such as the tolerance.
func (p plot) limit(v float64, l look) {
	if v > 0 && v <= p.most {
		p.d.line(p.x0, p.y(v), p.x1, p.y(v), l)
	}
}

// limitKey names a limit, where there is one.
func (d *Drawing) limitKey(keys []key, word string, v float64, l look) []key {
	if v > 0 && finite(v) {
		return append(keys, d.lineKey(word+" "+d.reads.Figure(v), l))
	}
	return keys
}

// toleranceLook and ceilingLook are how the two limits look everywhere.
var (
	toleranceLook = look{line: "ink", width: 2}
	ceilingLook   = look{line: "ink", width: 2, dash: "2 4"}
)

// bandEdge names the bands at the right edge, each beside its stretch of the scale.
func (p plot) bandEdge(bands []Band, ground bool) {
	for i, b := range bands {
		from, to := math.Max(b.From, p.least), math.Min(b.To, p.most)
		if i+1 < len(bands) && bands[i+1].From > b.To && finite(b.To) {
			to = math.Min((b.To+bands[i+1].From)/2, p.most)
		}
		if i > 0 && bands[i-1].To < b.From && finite(b.From) {
			from = math.Max((bands[i-1].To+b.From)/2, p.least)
		}
		if !(to > from) {
			continue
		}
		y0, y1 := p.y(to), p.y(from)
		l := toneLook[b.Tone.known()]
		if ground {
			p.d.wash(b.Tone, p.x0, y0, p.x1-p.x0, y1-y0)
		}
		p.d.rect(p.x1+5, y0+1, 4, math.Max(1, y1-y0-2), 2, look{fill: l.ink})
		if y1-y0 >= 11 {
			p.d.text(p.x1+14, (y0+y1)/2+4, b.Title, face{ink: "ink-2", size: small})
		}
	}
}

// bandRoom is how wide the names of bands are, at most a quarter of the picture.
func bandRoom(bands []Band, w float64) float64 {
	room := 12.0
	for _, b := range bands {
		room = math.Max(room, measure(clean(b.Title), small, false)+18)
	}
	return math.Min(room, w/4)
}

// valued is a value at a time, for lines.
type valued struct {
	at time.Time
	v  float64
}

// stairs draws values that hold until the next one, up to the time until.
func (p plot) stairs(vs []valued, until time.Time, l look) {
	vs = thin(vs, int(p.x1-p.x0))
	if len(vs) == 0 {
		return
	}
	points := make([]point, 0, 2*len(vs)+1)
	for i, s := range vs {
		if i > 0 {
			points = append(points, point{p.x(s.at), p.y(vs[i-1].v)})
		}
		points = append(points, point{p.x(s.at), p.y(s.v)})
	}
	last := vs[len(vs)-1]
	if until.After(last.at) {
		points = append(points, point{p.x(until), p.y(last.v)})
	}
	p.d.poly(points, false, l)
}

// thin leaves the first, the last, the least and the greatest of each of n
// stretches, so that a line of many values looks as it did.
func thin(vs []valued, n int) []valued {
	if n < 1 || len(vs) <= 4*n {
		return vs
	}
	out := make([]valued, 0, 4*n)
	for k := range n {
		part := vs[k*len(vs)/n : (k+1)*len(vs)/n]
		if len(part) == 0 {
			continue
		}
		keep := []int{0, 0, 0, len(part) - 1}
		for i, v := range part {
			if v.v < part[keep[1]].v {
				keep[1] = i
			}
			if v.v > part[keep[2]].v {
				keep[2] = i
			}
		}
		slices.Sort(keep)
		for _, i := range slices.Compact(keep) {
			out = append(out, part[i])
		}
	}
	return out
}

// key is an entry of a legend: a sign of the given width and its words.
type key struct {
	wide float64
	draw func(x, y float64)
	text string
}

// lineKey is an entry for a line.
func (d *Drawing) lineKey(text string, l look) key {
	return key{22, func(x, y float64) { d.line(x, y-4, x+22, y-4, l) }, text}
}

// dotKey is an entry for a shape.
func (d *Drawing) dotKey(text string, t Tone) key {
	return key{12, func(x, y float64) { d.dot(t, x+6, y-4) }, text}
}

// legendRow is the height of a row of a legend.
const legendRow = 19.0

// keyWidth is how wide an entry is.
func keyWidth(k key, room float64) float64 {
	return math.Min(k.wide+6+measure(clean(k.text), small, false)+16, room)
}

// legendRows is how many rows a legend needs.
func legendRows(keys []key, room float64) int {
	n, x := 0, math.Inf(1)
	for _, k := range keys {
		w := keyWidth(k, room)
		if x+w > room+16 {
			n, x = n+1, 0
		}
		x += w
	}
	return n
}

// legend draws entries from left to right in rows; y is the baseline of the first.
func (d *Drawing) legend(x, y, room float64, keys []key) {
	at := 0.0
	for i, k := range keys {
		w := keyWidth(k, room)
		if i > 0 && at+w > room+16 {
			at, y = 0, y+legendRow
		}
		k.draw(x+at, y)
		d.text(x+at+k.wide+6, y, k.text, face{ink: "ink-2", size: small, room: room - at - k.wide - 6})
		at += w
	}
}

// whole writes a value of a scale.
func (d *Drawing) whole(v float64) string { return d.reads.Value(v, 2) }

// byTime sorts values by their time and leaves out what cannot be drawn.
func byTime[T any](all []T, at func(T) time.Time, v func(T) float64) []T {
	out := make([]T, 0, len(all))
	for _, s := range all {
		if !at(s).IsZero() && finite(v(s)) {
			out = append(out, s)
		}
	}
	order := func(a, b T) int { return at(a).Compare(at(b)) }
	if !slices.IsSortedFunc(out, order) {
		slices.SortStableFunc(out, order)
	}
	return out
}
