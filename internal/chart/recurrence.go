package chart

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"tocsin/internal/locale"
)

// Recurrence is what keeps coming back: one line a weakness in a component, one
// dot a case. Where the cases of a line reach the threshold inside the window, a
// band begins that says systemic.
type Recurrence struct {
	Title, About string
	From, To     time.Time // the window
	End          string    // what stands at its end; "" is "now"
	Threshold    int       // the case that makes it systemic
	Strips       []Strip

	reads *locale.Reader // who it is drawn for
}

// Strip is one line.
type Strip struct {
	Name  string // the weakness: "CWE-79 Cross-site scripting"
	Where string // the component
	Note  string // said behind the counts: "17 points", "RISK-4XM2TA open"
	Href  string
	Cases []Dot
	// Undated are cases without a date: they stand apart and are not counted in the window.
	Undated []Dot
	// Hidden is how many cases more the reader may not open. They have no place on the line.
	Hidden int
	// More is how many cases lie in the window besides those listed, to be short;
	// Since is when the threshold was reached, which cannot be counted then.
	More  int
	Since time.Time
	Flag  string // said behind the date of the band: "propose a risk"
	Marks []Mark // what was done about it
}

// Dot is a case.
type Dot struct {
	At       time.Time
	Severity string
	Tone     Tone
	Name     string
	Href     string
}

// Mark is something that happened on a line: "plan started".
type Mark struct {
	At   time.Time
	Text string
}

// stripsMost is how many lines one picture shows; the table has all.
const stripsMost = 60

// Draw draws the lines for a page.
func (r Recurrence) Draw(reads *locale.Reader) Drawing { return r.draw(reads, 1040) }

// Narrow draws the lines for a narrow page, with the names above them.
func (r Recurrence) Narrow(reads *locale.Reader) Drawing { return r.draw(reads, narrow) }

func (r Recurrence) draw(reads *locale.Reader, w float64) Drawing {
	r.reads = reads
	if len(r.Strips) == 0 {
		return nothing(r.Title, r.About, "Nothing keeps coming back: no weakness has come twice in one component inside this window.", w)
	}
	shown := r.Strips[:min(len(r.Strips), stripsMost)]
	p := plot{x0: 300, x1: w - 12, y0: 28, from: r.From, to: r.To}
	above := 0.0 // the names stand beside the lines, or above them
	if w < 500 {
		p.x0, above = 8, 50
	}
	lines, rows := make([]float64, len(shown)), make([]row, len(shown))
	y := p.y0
	for i, s := range shown {
		rows[i] = r.row(s)
		y += above
		if rows[i].apart != "" && above > 0 {
			y += 15
		}
		lines[i] = y + 32
		y += 62
	}
	p.y1 = y
	p.d = sheet(r.reads, r.Title, r.About, w, y)
	p.d.marks = make([]mark, 0, marks(rows))
	keys := r.keys(p.d, shown)
	p.d.High = y + 8 + legendRow*float64(legendRows(keys, w-p.x0)) + more(len(r.Strips), len(shown))
	p.window(r.End)
	for i := range rows {
		r.strip(p, rows[i], lines[i], above > 0)
	}
	p.d.legend(p.x0, y+19, w-p.x0, keys)
	p.d.more(len(r.Strips), len(shown))
	return *p.d
}

// marks is about how many marks the rows need.
func marks(rows []row) int {
	n := 64
	for _, s := range rows {
		n += 16 + min(len(s.dots), 400)
	}
	return n
}

// row is a strip with what is counted in it.
type row struct {
	Strip
	dots   []Dot
	counts string // where, and how many cases lie on the line
	apart  string // what does not lie on the line
}

func (r Recurrence) row(s Strip) row {
	x := row{Strip: s, dots: r.dated(s)}
	x.counts = say(s.Where, many(r.reads, len(x.dots)+s.More, "case"), s.Note)
	var apart []string
	if n := len(s.Undated); n > 0 {
		apart = append(apart, r.reads.Number(n)+" undated")
	}
	if s.Hidden > 0 {
		apart = append(apart, r.reads.Number(s.Hidden)+" more that you may not open")
	}
	x.apart = say(apart...)
	return x
}

// keys names the severities that occur.
func (r Recurrence) keys(d *Drawing, strips []Strip) (keys []key) {
	words := map[Tone]string{}
	for _, s := range strips {
		for _, c := range s.Cases {
			words[c.Tone.known()] = clean(c.Severity)
		}
	}
	for _, t := range []Tone{Critical, High, Medium, Low, Good, Accent, None, Unknown} {
		if word, ok := words[t]; ok {
			if word == "" {
				word = "severity not known"
			}
			keys = append(keys, d.dotKey(word, t))
		}
	}
	return keys
}

// window draws the axis of the window at the top, with lines down; now is what
// stands at its end.
func (p plot) window(now string) {
	for _, t := range p.days(100) {
		if p.x1-t.at < 40 || t.at-p.x0 < 70 {
			continue
		}
		p.d.line(t.at, p.y0, t.at, p.y1, look{line: "line"})
		p.d.text(t.at, 18, t.text, face{ink: "ink-3", size: small, at: middle})
	}
	p.d.line(p.x0, p.y0, p.x0, p.y1, look{line: "line"})
	p.d.line(p.x1, p.y0, p.x1, p.y1, look{line: "line"})
	p.d.text(p.x0, 18, dayOf(p.d.reads, p.from), face{ink: "ink-3", size: small})
	p.d.text(p.x1, 18, cmp.Or(clean(now), "now"), face{ink: "ink-3", size: small, at: end})
}

// dated are the cases of a strip that lie inside the window, by time.
func (r Recurrence) dated(s Strip) []Dot {
	dots := byTime(s.Cases, func(d Dot) time.Time { return d.At }, func(Dot) float64 { return 0 })
	from, to := 0, len(dots)
	for from < to && dots[from].At.Before(r.From) {
		from++
	}
	for to > from && dots[to-1].At.After(r.To) {
		to--
	}
	return dots[from:to]
}

// fifth is the case that makes a strip systemic.
func (r Recurrence) fifth(s Strip, dots []Dot) (time.Time, bool) {
	if s.More > 0 {
		return s.Since, !s.Since.IsZero()
	}
	if r.Threshold < 1 || len(dots) < r.Threshold {
		return time.Time{}, false
	}
	return dots[r.Threshold-1].At, true
}

// flag is what stands at the beginning of the band.
func (r Recurrence) flag(s Strip, dots []Dot) string {
	at, ok := r.fifth(s, dots)
	if !ok {
		if r.Threshold > 0 && s.Hidden > 0 && len(dots)+s.Hidden >= r.Threshold {
			return "systemic, with cases that you may not open"
		}
		return ""
	}
	when := dayOf(r.reads, at)
	if r.End == "" && when == dayOf(r.reads, r.To) {
		when = "today"
	}
	if f := clean(s.Flag); f != "" {
		return nth(r.Threshold) + ", " + when + ": " + f
	}
	return nth(r.Threshold) + ", " + when
}

// strip draws one line with its names.
func (r Recurrence) strip(p plot, s row, y float64, above bool) {
	d := p.d
	d.names(s, p, y, above)
	d.line(p.x0, y, p.x1, y, look{line: "line", width: 2})
	at, hot := r.fifth(s.Strip, s.dots)
	if hot {
		x := p.x(at)
		left := math.Max(p.x0, x-9)
		d.rect(left, y-11, math.Max(p.x1-left, 4), 22, 11, look{fill: "critical", alpha: .12})
		d.line(x, y-11, x, y+15, look{line: "critical", width: 1.5})
	}
	r.marks(p, s.Strip, y)
	for _, g := range gather(p, s.dots) {
		g.draw(d, y)
	}
	r.say(p, r.flag(s.Strip, s.dots), at, hot, y)
}

// names writes what a strip is about, beside its line or above it.
func (d *Drawing) names(s row, p plot, y float64, above bool) {
	x, room := 0.0, p.x0-16
	y -= 1
	if s.apart != "" {
		y -= 7
	}
	if above {
		x, room = p.x0, p.x1-p.x0
		y -= 47
		if s.apart != "" {
			y -= 8
		}
	}
	d.link(s.Href, "", func() { d.text(x, y, s.Name, face{ink: "ink", size: head, bold: true, room: room}) })
	d.text(x, y+16, s.counts, face{ink: "ink-3", size: small, room: room})
	if s.apart != "" {
		d.text(x, y+31, s.apart, face{ink: "ink-2", size: small, room: room})
	}
}

// say writes the flag below the line, where the band begins.
func (r Recurrence) say(p plot, flag string, at time.Time, hot bool, y float64) {
	f := face{ink: "critical-ink", size: small, bold: true, at: middle}
	x := p.x(at)
	if !hot {
		x = p.x1
	}
	half := measure(flag, small, true)/2 + 2
	if x+half > p.x1 {
		x, f.at = p.x1, end
	} else if x-half < p.x0 {
		x, f.at = p.x0, start
	}
	p.d.label(x, y+27, flag, f)
}

func (r Recurrence) marks(p plot, s Strip, y float64) {
	for i, m := range s.Marks {
		if m.At.Before(r.From) || m.At.After(r.To) || i > 5 {
			continue
		}
		x := p.x(m.At)
		p.d.line(x, y-14, x, y+14, look{line: "good", width: 2})
		f, at := face{ink: "good-ink", size: small, at: start}, x+5
		if x > p.x1-90 {
			f.at, at = end, x-5
		}
		p.d.label(at, y-12, m.Text, f)
	}
}

// cluster is dots that lie on one another.
type cluster struct {
	x    float64
	dots []Dot
}

// gather joins dots closer than half a pixel, so that many cases stay a line of dots.
func gather(p plot, dots []Dot) []cluster {
	gap := .5
	if len(dots) > 200 {
		gap = 4
	}
	all := make([]cluster, 0, min(len(dots), 512))
	first := 0
	for i, dot := range dots {
		x := p.x(dot.At)
		if n := len(all); n > 0 && x-all[n-1].x < gap {
			all[n-1].dots = dots[first : i+1]
			continue
		}
		first = i
		all = append(all, cluster{x, dots[i : i+1]})
	}
	return all
}

func (c cluster) draw(d *Drawing, y float64) {
	gravest := c.dots[0]
	for _, o := range c.dots[1:] {
		if toneLook[o.Tone.known()].grave > toneLook[gravest.Tone.known()].grave {
			gravest = o
		}
	}
	title := gravest.title(d.reads)
	if n := len(c.dots); n > 1 {
		title = fmt.Sprintf("%s, the gravest: %s", many(d.reads, n, "case"), title)
	}
	d.link(gravest.Href, title, func() { d.dot(gravest.Tone, c.x, y) })
}

// title says a case in a line. There are many of them: it is made in one piece.
func (d Dot) title(reads *locale.Reader) string {
	var room [96]byte
	b := room[:0]
	for _, s := range [2]string{clean(d.Name), clean(d.Severity)} {
		if s != "" {
			b = append(append(b, s...), " · "...)
		}
	}
	return string(reads.AppendDate(b, d.At))
}

// Table lists the lines with their counts and cases.
func (r Recurrence) Table(reads *locale.Reader) Table {
	r.reads = reads
	t := Table{Caption: r.Title, Columns: columns("Weakness", "Component", "#Cases in the window", "#Undated", "#That you may not open", "Systemic since", "What was done", "Cases")}
	for _, s := range r.Strips {
		dots := r.dated(s)
		var names, done []string
		for _, c := range dots {
			names = append(names, say(c.Name, c.Severity, dayOf(r.reads, c.At)))
		}
		for _, c := range s.Undated {
			names = append(names, say(c.Name, c.Severity, "undated"))
		}
		for _, m := range s.Marks {
			done = append(done, dayOf(r.reads, m.At)+" "+clean(m.Text))
		}
		t.row(s.Href, s.Name, s.Where, r.reads.Number(len(dots)+s.More), r.reads.Number(len(s.Undated)), r.reads.Number(s.Hidden), r.flag(s, dots), list(r.reads, done, 8), list(r.reads, names, 50))
	}
	if r.Threshold > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("The %s case between %s and %s makes a weakness in a component systemic.", nth(r.Threshold), dayOf(r.reads, r.From), dayOf(r.reads, r.To)))
	}
	return t
}
