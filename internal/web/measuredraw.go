package web

import (
	"fmt"
	"strconv"

	"tocsin/internal/chart"
	"tocsin/internal/measure"
	"tocsin/internal/picture"
	"tocsin/internal/score/cwe"
	"tocsin/internal/web/ui"
)

// kept is how the clocks were kept, a bar a clock.
func (p MeasurePage) kept() chart.StackedBar {
	c := chart.StackedBar{Title: "Clocks kept and missed", About: "Each bar is one clock: rounds that were kept, missed, and still undecided at the end of the window."}
	for _, a := range p.Attainment {
		if a.None() {
			continue
		}
		s := chart.Stack{Name: a.Title + ", " + shareWords(p.Head.Reads, a.Share())}
		for _, x := range []struct {
			of, name string
			n        int
			tone     chart.Tone
		}{{"met", "kept", a.Met, chart.Good}, {"missed", "missed", a.Missed, chart.Critical}, {"running", "running", a.Running, chart.None}} {
			b := chart.Bar{Name: x.name, Value: float64(x.n), Tone: x.tone}
			if x.n > 0 {
				b.Href = p.rows(x.of, "what", a.What)
			}
			if x.of == "met" {
				b.Says = intervalWords(p.Head.Reads, a.Kept)
			}
			s.Parts = append(s.Parts, b)
		}
		c.Rows = append(c.Rows, s)
	}
	return c
}

// times is how long the stages took.
func (p MeasurePage) times() chart.Spread {
	c := chart.Spread{Title: "How long it took", About: "Time in each stage, pauses left out, of what ended in the window; then the way to the release and the whole case."}
	for _, l := range p.Times {
		x := chart.Lasting{Name: timeTitle(l.Measure), Count: l.Count, Median: l.Median, P90: l.P90, Most: l.Most, Before: l.Before.Median}
		if l.Count > 0 {
			x.Href = p.rows("took", "what", l.What)
		}
		if l.Before.Count > 0 {
			x.BeforeHref = p.rows("took", "what", l.What, "before", "yes")
		}
		for _, b := range l.Buckets {
			x.Buckets = append(x.Buckets, chart.Lengthwise(b))
		}
		c.Strips = append(c.Strips, x)
	}
	return c
}

// timeTitle is what a length of time is called.
func timeTitle(m measure.Measure) string {
	switch m.What {
	case measure.ToRelease:
		return "Opened to released"
	case measure.WholeCase:
		return "Opened to closed"
	}
	return m.Title
}

// ageing is how old open cases are, by severity.
func (p MeasurePage) ageing() chart.StackedBar {
	reads := p.Head.Reads
	c := chart.StackedBar{Title: "Age of open cases", About: reads.Number(p.Open.Count) + " open at the end of the window, median " + reads.Value(p.Open.Median, 0) + " days, the oldest " + reads.Number(p.Open.Oldest) + " days."}
	for _, b := range p.Open.Bands {
		s := chart.Stack{Name: bandName(b)}
		for _, x := range b.By {
			s.Parts = append(s.Parts, chart.Bar{Name: severityTitle(x.Severity), Value: float64(x.Count), Tone: toneOf(x.Severity), Href: p.aged(b, severityArg(x.Severity))})
		}
		c.Rows = append(c.Rows, s)
	}
	return c
}

func (p MeasurePage) aged(b measure.Band, severity string) string {
	return p.rows("open", "what", measure.WholeCase, "days", strconv.Itoa(b.From), "until", strconv.Itoa(b.To), "at", severity)
}

func bandName(b measure.Band) string {
	if b.To == 0 {
		return fmt.Sprintf("over %d days", b.From-1)
	}
	return fmt.Sprintf("%d to %d days", b.From, b.To)
}

// severityTitle is a severity as a sentence begins with it.
func severityTitle(word string) string {
	if word == "" {
		return "Unknown"
	}
	return capital(word)
}

// intake is what came in and went out by month.
func (p MeasurePage) intake() chart.Intake {
	c := chart.Intake{Title: "Intake and backlog", About: "Cases opened, or opened again, and closed by month, and how many were open at the end of each. A month with * is not over."}
	for _, m := range p.Months {
		name := m.At.Format("2006-01")
		c.Months = append(c.Months, chart.Came{At: m.At, Opened: m.Opened + m.Reopened, Closed: m.Closed, Backlog: m.Backlog, Part: m.Part,
			OpenedHref: p.rows("came", "what", measure.WholeCase, "month", name), ClosedHref: p.rows("closed", "what", measure.WholeCase, "month", name), BacklogHref: p.rows("open", "what", measure.WholeCase, "month", name)})
	}
	return c
}

// mostBars is how many weaknesses a picture shows.
const mostBars = 10

// weaknesses are what came in most often.
func (p MeasurePage) weaknesses() chart.BarList {
	return p.bars("Weaknesses", "Cases opened in the window by weakness, the most first.", "cwe", p.Weaknesses, func(name string) string {
		w, _ := cwe.Get(name)
		return join(" ", name, picture.ShortWeakness(w.Name))
	})
}

// sources are who reported.
func (p MeasurePage) sources() chart.BarList {
	return p.bars("Sources", "Cases opened in the window by where they came from.", "source", p.Sources, func(name string) string {
		for _, s := range p.Rules.Sources {
			if s.Name == name {
				return s.Title
			}
		}
		return name
	})
}

func (p MeasurePage) bars(title, about, column string, groups []measure.Group, call func(string) string) chart.BarList {
	c := chart.BarList{Title: title, About: about}
	for _, g := range groups {
		if g.Count == 0 || len(c.Bars) == mostBars {
			continue
		}
		name, arg := call(g.Name), g.Name
		if g.Name == "" {
			name, arg = "not stated", "none"
		}
		b := chart.Bar{Name: name, Value: float64(g.Count), Says: trendWords(p.Head.Reads, g), Tone: chart.Accent, Href: p.rows("opened", "what", measure.WholeCase, "name", column+":"+arg)}
		if g.Before > 0 {
			b.SaysHref = p.rows("opened", "what", measure.WholeCase, "name", column+":"+arg, "before", "yes")
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

// trendWords compare a group with the window before.
func trendWords(reads *ui.Reader, g measure.Group) string {
	switch {
	case g.Before == 0:
		return "none before"
	case g.Count > g.Before:
		return "↑ " + reads.Number(g.Before) + " before"
	case g.Count < g.Before:
		return "↓ " + reads.Number(g.Before) + " before"
	}
	return "as before"
}

// toneOf is the tone of a severity; one that is not known has a tone of its own.
func toneOf(word string) chart.Tone {
	if word == "" {
		return chart.Unknown
	}
	return chart.Tone(word)
}
