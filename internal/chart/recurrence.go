package chart

import (
	"fmt"
	"math"
	"time"
)

// Recurrence is what keeps coming back: one line a weakness in a component, one
// dot a case. Where the cases of a line reach the threshold inside the window, a
// band begins that says systemic.
type Recurrence struct {
	Title, About string
	From, To     time.Time // the window; To is "now"
	Threshold    int       // the case that makes it systemic
	Strips       []Strip
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
	Flag   string // said behind the date of the band: "propose a risk"
	Marks  []Mark // what was done about it
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
func (r Recurrence) Draw() Drawing { return r.draw(wide + 200) }

// Narrow draws the lines for a narrow page, with the names above them.
func (r Recurrence) Narrow() Drawing { return r.draw(narrow) }

func (r Recurrence) draw(w float64) Drawing {
	if len(r.Strips) == 0 {
		return nothing(r.Title, r.About, "Nothing keeps coming back: no weakness has come twice in one component inside this window.", w)
	}
	shown := r.Strips[:min(len(r.Strips), stripsMost)]
	p := plot{x0: 250, x1: w - 12, y0: 28, from: r.From, to: r.To}
	high, first := 62.0, 58.0
	if w < 500 {
		p.x0, high, first = 8, 80, 88
	}
	d := sheet(r.Title, r.About, w, first+high*float64(len(shown)-1)+36)
	p.d, p.y1 = d, first+high*float64(len(shown)-1)+26
	keys := r.keys(d, shown)
	rows := legendRows(keys, w)
	d.High = p.y1 + 8 + legendRow*float64(rows)
	if n := len(r.Strips) - len(shown); n > 0 {
		d.High += legendRow
		d.text(0, d.High-6, many(n, "more line")+" in the table", face{ink: "ink-3", size: small})
	}
	p.window()
	for i, s := range shown {
		r.strip(p, s, first+high*float64(i), w < 500)
	}
	d.legend(p.x0, p.y1+19, w-p.x0, keys)
	return *d
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

// window draws the axis of the window at the top, with lines down.
func (p plot) window() {
	for _, t := range p.days(100) {
		if p.x1-t.at < 40 || t.at-p.x0 < 70 {
			continue
		}
		p.d.line(t.at, p.y0, t.at, p.y1, look{line: "line"})
		p.d.text(t.at, 18, t.text, face{ink: "ink-3", size: small, at: middle})
	}
	p.d.line(p.x0, p.y0, p.x0, p.y1, look{line: "line"})
	p.d.line(p.x1, p.y0, p.x1, p.y1, look{line: "line"})
	p.d.text(p.x0, 18, Day(p.from), face{ink: "ink-3", size: small})
	p.d.text(p.x1, 18, "now", face{ink: "ink-3", size: small, at: end})
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

// counts says how many cases a strip has, and what is not on its line.
func (r Recurrence) counts(s Strip, dots []Dot) string {
	parts := []string{s.Where, many(len(dots), "case")}
	if n := len(s.Undated); n > 0 {
		parts = append(parts, Count(n)+" undated")
	}
	if s.Hidden > 0 {
		parts = append(parts, Count(s.Hidden)+" more that you may not open")
	}
	return say(append(parts, s.Note)...)
}

// fifth is the case that makes a strip systemic.
func (r Recurrence) fifth(dots []Dot) (time.Time, bool) {
	if r.Threshold < 1 || len(dots) < r.Threshold {
		return time.Time{}, false
	}
	return dots[r.Threshold-1].At, true
}

// flag is what stands at the beginning of the band.
func (r Recurrence) flag(s Strip, dots []Dot) string {
	at, ok := r.fifth(dots)
	if !ok {
		if r.Threshold > 0 && s.Hidden > 0 && len(dots)+s.Hidden >= r.Threshold {
			return "systemic, with cases that you may not open"
		}
		return ""
	}
	when := Day(at)
	if when == Day(r.To) {
		when = "today"
	}
	if f := clean(s.Flag); f != "" {
		return nth(r.Threshold) + ", " + when + ": " + f
	}
	return nth(r.Threshold) + ", " + when
}

func (r Recurrence) strip(p plot, s Strip, y float64, narrow bool) {
	d, dots := p.d, r.dated(s)
	nameX, nameY, room := 0.0, y-1, p.x0-16
	if narrow {
		nameX, nameY, room = p.x0, y-32, p.x1-p.x0
	}
	d.link(s.Href, "", func() { d.text(nameX, nameY, s.Name, face{ink: "ink", size: head, bold: true, room: room}) })
	d.text(nameX, nameY+16, r.counts(s, dots), face{ink: "ink-3", size: small, room: room})
	d.line(p.x0, y, p.x1, y, look{line: "line", width: 2})
	at, hot := r.fifth(dots)
	if hot {
		x := p.x(at)
		left := math.Max(p.x0, x-9)
		d.rect(left, y-11, math.Max(p.x1-left, 4), 22, 11, look{fill: "critical", alpha: .12})
		d.line(x, y-11, x, y+15, look{line: "critical", width: 1.5})
	}
	r.marks(p, s, y)
	for _, g := range gather(p, dots) {
		g.draw(d, y)
	}
	r.say(p, r.flag(s, dots), at, hot, y)
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
	all := make([]cluster, 0, min(len(dots), 512))
	for _, dot := range dots {
		x := p.x(dot.At)
		if n := len(all); n > 0 && (x-all[n-1].x < .5 || len(dots) > 200 && x-all[n-1].x < 4) {
			all[n-1].dots = append(all[n-1].dots, dot)
			continue
		}
		all = append(all, cluster{x, []Dot{dot}})
	}
	return all
}

func (c cluster) draw(d *Drawing, y float64) {
	gravest := c.dots[0]
	for _, o := range c.dots {
		if toneLook[o.Tone.known()].grave > toneLook[gravest.Tone.known()].grave {
			gravest = o
		}
	}
	title := say(gravest.Name, gravest.Severity, Day(gravest.At))
	if n := len(c.dots); n > 1 {
		title = fmt.Sprintf("%s, the gravest: %s", many(n, "case"), title)
	}
	d.link(gravest.Href, title, func() { d.dot(gravest.Tone, c.x, y) })
}

// Table lists the lines with their counts and cases.
func (r Recurrence) Table() Table {
	t := Table{Caption: r.Title, Columns: columns("Weakness", "Component", "#Cases in the window", "#Undated", "#That you may not open", "Systemic since", "What was done", "Cases")}
	for _, s := range r.Strips {
		dots := r.dated(s)
		var names, done []string
		for _, c := range dots {
			names = append(names, say(c.Name, c.Severity, Day(c.At)))
		}
		for _, c := range s.Undated {
			names = append(names, say(c.Name, c.Severity, "undated"))
		}
		for _, m := range s.Marks {
			done = append(done, Day(m.At)+" "+clean(m.Text))
		}
		t.row(s.Href, s.Name, s.Where, Count(len(dots)), Count(len(s.Undated)), Count(s.Hidden), r.flag(s, dots), list(done, 8), list(names, 50))
	}
	if r.Threshold > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("The %s case between %s and %s makes a weakness in a component systemic.", nth(r.Threshold), Day(r.From), Day(r.To)))
	}
	return t
}
