package chart

import (
	"math"

	"tocsin/internal/locale"
)

// Bar is a named value.
type Bar struct {
	Name  string
	Href  string
	Says  string // said behind the value: "12 % of all"
	Value float64
	Tone  Tone

	SaysHref string // to what is counted in what is said
}

// BarList is named values as bars, in the order they are given.
type BarList struct {
	Title, About string
	Unit         string
	Bars         []Bar

	reads *locale.Reader // who it is drawn for
}

// barsMost is how many bars one picture shows; the table has all.
const barsMost = 30

// barRow is the height of a bar with its space.
const barRow = 27.0

// Draw draws the bars for a page.
func (b BarList) Draw(reads *locale.Reader) Drawing { return b.draw(reads, wide) }

// Narrow draws the bars for a narrow page.
func (b BarList) Narrow(reads *locale.Reader) Drawing { return b.draw(reads, narrow) }

func (b BarList) draw(reads *locale.Reader, w float64) Drawing {
	b.reads = reads
	if len(b.Bars) == 0 {
		return nothing(b.Title, b.About, "There is nothing to count here yet.", w)
	}
	rows := b.rows()
	d := sheet(b.reads, b.Title, b.About, w, barHigh(rows, w)*float64(len(rows))+more(len(b.Bars), len(rows)))
	d.bars(rows, 0, 0, w)
	d.more(len(b.Bars), len(rows))
	return *d
}

// rows are the bars that are drawn.
func (b BarList) rows() []barLine {
	var rows []barLine
	for _, x := range b.Bars[:min(len(b.Bars), barsMost)] {
		text := b.reads.Figure(x.Value)
		if b.Unit != "" {
			text = b.reads.Money(x.Value, b.Unit)
		}
		rows = append(rows, barLine{Bar: x, text: say(text, x.Says)})
	}
	return rows
}

// more is the height of the line that says how many rows are not drawn.
func more(all, shown int) float64 {
	if all > shown {
		return legendRow
	}
	return 0
}

func (d *Drawing) more(all, shown int) {
	if all > shown {
		d.text(0, d.High-5, d.reads.Number(all-shown)+" more in the table", face{ink: "ink-3", size: small})
	}
}

// barLine is a bar with its text.
type barLine struct {
	Bar
	text string
}

// barHigh is the height of a row: names that are too long to stand beside their
// bars stand above them.
func barHigh(rows []barLine, w float64) float64 {
	for _, r := range rows {
		if measure(clean(r.Name), plain, false) > w*.36 {
			return barRow + 16
		}
	}
	return barRow
}

// bars draws rows of name, bar and value in a column of the drawing.
func (d *Drawing) bars(rows []barLine, x, y, w float64) {
	high := barHigh(rows, w)
	sign, names, texts, most := barRooms(rows, w)
	above := high > barRow
	if above {
		names = 0
	}
	long := w - sign - names - texts
	for i, r := range rows {
		top := y + high*float64(i)
		d.link(r.Href, say(r.Name, r.text), func() {
			if sign > 0 {
				d.dot(r.Tone, x+8, top+13)
			}
			if above {
				d.text(x+sign, top+17, r.Name, face{ink: "ink", room: w - sign})
				top += 18
			} else {
				d.text(x+sign, top+17, r.Name, face{ink: "ink", room: names - 8})
			}
			value := 0.0
			if finite(r.Value) && most > 0 {
				value = math.Max(0, r.Value) / most * long
			}
			d.bar(toneOr(r.Tone, Accent), x+sign+names, top+5, value, 14)
			d.text(x+sign+names+math.Max(value, 1)+8, top+16, r.text, face{ink: "ink", size: small, bold: true, room: texts + long - value - 8})
		})
	}
}

// barRooms is how much room the signs, the names and the values need, and the greatest value.
func barRooms(rows []barLine, w float64) (sign, names, texts, most float64) {
	for _, r := range rows {
		names = math.Max(names, measure(clean(r.Name), plain, false))
		texts = math.Max(texts, measure(clean(r.text), small, true))
		if r.Tone != "" && r.Tone != Accent {
			sign = 20
		}
		if finite(r.Value) {
			most = math.Max(most, r.Value)
		}
	}
	return sign, math.Min(names+14, w*.42), math.Min(texts+12, w*.45), most
}

func toneOr(t, other Tone) Tone {
	if t == "" {
		return other
	}
	return t
}

// Table lists the bars.
func (b BarList) Table(reads *locale.Reader) Table {
	b.reads = reads
	t := Table{Caption: b.Title, Columns: columns("Name", "#"+say("Value", b.Unit), "Note")}
	for _, x := range b.Bars {
		t.row("", x.Name, b.reads.Figure(x.Value), x.Says)
		t.link(1, 1, x.Href)
		t.link(2, 1, x.SaysHref)
	}
	return t
}

// Part is what one risk adds to the loss of a portfolio.
type Part struct {
	Name, Href string
	Mean, ES99 float64 // of a year; ES99 is its share of the mean of the worst 1 % of years
}

// Contribution is what each risk adds to a portfolio's mean and to its worst
// years. The two orders differ, so both are shown.
type Contribution struct {
	Title, About string
	Currency     string
	Parts        []Part

	reads *locale.Reader // who it is drawn for
}

// partsMost is how many parts are drawn by each order.
const partsMost = 12

// Draw draws the two orders side by side.
func (c Contribution) Draw(reads *locale.Reader) Drawing { return c.draw(reads, wide) }

// Narrow draws the two orders one below the other.
func (c Contribution) Narrow(reads *locale.Reader) Drawing { return c.draw(reads, narrow) }

// order is the parts by one measure, with the rank by the other.
func (c Contribution) order(of, other func(Part) float64, word string) (rows []barLine) {
	size := func(v float64) float64 {
		if finite(v) {
			return v
		}
		return math.Inf(-1)
	}
	ranks := map[string]int{}
	for i, p := range sorted(c.Parts, func(a, b Part) bool { return size(other(a)) > size(other(b)) }) {
		if _, ok := ranks[p.Name]; !ok {
			ranks[p.Name] = i + 1
		}
	}
	for i, p := range sorted(c.Parts, func(a, b Part) bool { return size(of(a)) > size(of(b)) }) {
		text := c.reads.Figure(of(p))
		if r := ranks[p.Name]; r != i+1 {
			text = say(text, nth(r)+" by "+word)
		}
		rows = append(rows, barLine{Bar: Bar{Name: p.Name, Href: p.Href, Value: of(p)}, text: text})
	}
	return rows
}

func meanOf(p Part) float64  { return p.Mean }
func worstOf(p Part) float64 { return p.ES99 }

func (c Contribution) draw(reads *locale.Reader, w float64) Drawing {
	c.reads = reads
	if len(c.Parts) == 0 {
		return nothing(c.Title, c.About, "The portfolio holds no quantified risk yet.", w)
	}
	mean, worst := c.order(meanOf, worstOf, "ES99"), c.order(worstOf, meanOf, "mean")
	n := min(len(mean), partsMost)
	half, x, y := (w-32)/2, (w+32)/2, 0.0
	if w < 500 {
		half = w
	}
	high := barHigh(mean, half)*float64(n) + 30
	if w < 500 {
		x, y = 0, high+14
	}
	d := sheet(c.reads, c.Title, c.About, w, y+high+more(len(mean), n))
	for _, panel := range []struct {
		head string
		rows []barLine
		x, y float64
	}{{"by mean of a year", mean, 0, 0}, {"by ES99, the worst 1 % of years", worst, x, y}} {
		d.text(panel.x, panel.y+13, say(panel.head, c.Currency), face{ink: "ink-2", size: small, bold: true, room: half})
		d.line(panel.x, panel.y+20, panel.x+half, panel.y+20, look{line: "line"})
		d.bars(panel.rows[:n], panel.x, panel.y+24, half)
	}
	d.more(len(mean), n)
	return *d
}

// Table lists the parts by their mean.
func (c Contribution) Table(reads *locale.Reader) Table {
	c.reads = reads
	t := Table{Caption: c.Title, Columns: columns("Risk", "#Mean of a year", "#Rank by mean", "#ES99", "#Rank by ES99")}
	rank := map[string]string{}
	for i, r := range c.order(worstOf, meanOf, "mean") {
		if _, ok := rank[r.Name]; !ok {
			rank[r.Name] = c.reads.Number(i + 1)
		}
	}
	for i, p := range sorted(c.Parts, func(a, b Part) bool { return a.Mean > b.Mean }) {
		t.row(p.Href, p.Name, c.reads.Money(p.Mean, c.Currency), c.reads.Number(i+1), c.reads.Money(p.ES99, c.Currency), rank[p.Name])
	}
	return t
}

// StackedBar is how wholes divide into parts, one bar a whole.
type StackedBar struct {
	Title, About string
	Rows         []Stack

	reads *locale.Reader // who it is drawn for
}

// Stack is one whole.
type Stack struct {
	Name, Href string
	Parts      []Bar
}

// Draw draws the bars for a page.
func (s StackedBar) Draw(reads *locale.Reader) Drawing { return s.draw(reads, wide) }

// Narrow draws the bars for a narrow page.
func (s StackedBar) Narrow(reads *locale.Reader) Drawing { return s.draw(reads, narrow) }

func (s Stack) sum() (sum float64) {
	for _, p := range s.Parts {
		if finite(p.Value) && p.Value > 0 {
			sum += p.Value
		}
	}
	return sum
}

func (s StackedBar) draw(reads *locale.Reader, w float64) Drawing {
	s.reads = reads
	rows := s.Rows[:min(len(s.Rows), barsMost)]
	most, names := 0.0, 0.0
	for _, r := range rows {
		most = math.Max(most, r.sum())
		names = math.Max(names, measure(clean(r.Name), plain, false))
	}
	if most <= 0 || !finite(most) {
		return nothing(s.Title, s.About, "There is nothing to divide here yet.", w)
	}
	if names > 0 {
		names = math.Min(names+12, w*.36)
	}
	d := sheet(s.reads, s.Title, s.About, w, 0)
	keys := s.keys(d)
	top := legendRow*float64(legendRows(keys, w)) + 4
	d.High = top + barRow*float64(len(rows)) + more(len(s.Rows), len(rows))
	d.legend(0, 13, w, keys)
	for i, r := range rows {
		y := top + barRow*float64(i)
		d.link(r.Href, "", func() { d.text(0, y+17, r.Name, face{ink: "ink", room: names - 8}) })
		d.stack(r, names, y+4, (w-names-44)/most)
	}
	d.more(len(s.Rows), len(rows))
	return *d
}

// stack draws the parts of one whole, each with its number where there is room.
func (d *Drawing) stack(r Stack, x, y, unit float64) {
	for _, p := range r.Parts {
		if !finite(p.Value) || p.Value <= 0 {
			continue
		}
		w := p.Value * unit
		d.link(p.Href, say(r.Name, p.Name, d.reads.Figure(p.Value)), func() {
			d.bar(toneOr(p.Tone, Accent), x, y, math.Max(w-1, .6), 18)
			if text := d.reads.Figure(p.Value); measure(text, small, true)+12 < w {
				d.label(x+w/2, y+13, text, face{ink: "ink", size: small, bold: true, at: middle})
			}
		})
		x += w
	}
	d.text(x+6, y+13, d.reads.Figure(r.sum()), face{ink: "ink-2", size: small, bold: true})
}

// keys names the parts in the order of their first place.
func (s StackedBar) keys(d *Drawing) (keys []key) {
	seen := map[string]bool{}
	for _, r := range s.Rows {
		for _, p := range r.Parts {
			if name := clean(p.Name); !seen[name] && len(keys) < 16 {
				seen[name] = true
				keys = append(keys, key{16, func(x, y float64) { d.bar(toneOr(p.Tone, Accent), x, y-10, 16, 11) }, name})
			}
		}
	}
	return keys
}

// Table lists the parts of each whole.
func (s StackedBar) Table(reads *locale.Reader) Table {
	s.reads = reads
	t := Table{Caption: s.Title, Columns: columns("Of", "Part", "#Value", "Note")}
	for _, r := range s.Rows {
		for _, p := range r.Parts {
			t.row("", r.Name, p.Name, s.reads.Figure(p.Value), p.Says)
			t.link(2, int(p.Value), p.Href)
		}
	}
	return t
}
