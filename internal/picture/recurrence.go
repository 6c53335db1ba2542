package picture

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/chart"
	"tocsin/internal/house"
	"tocsin/internal/locale"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// How much of what keeps coming back is asked for and drawn.
const (
	Lines = 60  // groups
	Dots  = 200 // newest cases of a line
)

// Recurring is what keeps coming back, with the risks that stand for it.
type Recurring struct {
	*recurrence.Board
	Risks map[ref.ID]*risk.Risk
	Rules *profile.Profile
	Now   time.Time
	Reads *locale.Reader
}

func recurs(ctx context.Context, h *house.House, a Ask) (chart.Picture, error) {
	ask := a.Recurs
	ask.Groups, ask.Dots = cmp.Or(ask.Groups, Lines), cmp.Or(ask.Dots, Dots)
	b, by, err := h.Risks.Recurring(ctx, h.Recurrence, ask)
	if err != nil {
		return nil, err
	}
	return Recurring{b, by, h.Rules, h.Now().UTC(), a.Reads}.Picture(), nil
}

// Today tells whether the window ends today.
func (r Recurring) Today() bool { return r.AsOf == r.Now.Format(time.DateOnly) }

// Day is the last day of the window, as people write it.
func (r Recurring) Day() string { return r.Reads.Last(r.Window.To()) }

// Finding says what the answer comes to.
func (r Recurring) Finding() string {
	systemic, covered := 0, 0
	for _, g := range r.Groups {
		if g.Systemic {
			systemic++
		}
		if g.Risk != "" {
			covered++
		}
	}
	when := "now"
	if !r.Today() {
		when = "as of " + r.Day()
	}
	switch {
	case systemic == 0:
		return "Nothing is systemic " + when + "."
	case covered == systemic && systemic == 1:
		return "1 weakness is systemic " + when + ", and it has its risk."
	case covered == systemic:
		return plural(systemic, "weakness is", "weaknesses are") + " systemic " + when + ", and each has its risk."
	}
	return plural(systemic, "weakness is", "weaknesses are") + " systemic " + when + "; " + plural(systemic-covered, "has no risk yet.", "have no risk yet.")
}

// Picture is the answer as lines and dots; its nth line leads to #gn of the page.
func (r Recurring) Picture() chart.Recurrence {
	c := chart.Recurrence{Title: "What keeps coming back", About: r.Finding(), From: r.Window.From(), To: r.Now, Threshold: r.Threshold}
	if !r.Today() {
		c.To, c.End = r.Window.To(), r.Day()
	}
	for i, g := range r.Groups {
		c.Strips = append(c.Strips, r.strip(i, g))
	}
	return c
}

func (r Recurring) strip(i int, g recurrence.Group) chart.Strip {
	s := chart.Strip{Name: GroupName(g), Where: r.where(g), Href: "#" + GroupID(i), Hidden: g.Hidden, More: g.LeftOff}
	if g.Reached != nil {
		s.Since = *g.Reached
	}
	s.Note = plural(g.Points, "point", "points")
	switch {
	case g.Risk != "":
		s.Note = string(g.Risk)
	case g.Proposal == recurrence.Open && r.Today():
		s.Flag = "propose a risk"
	case g.Proposal == recurrence.Dismissed:
		s.Flag = "dismissed"
	}
	for _, d := range g.Cases {
		s.Cases = append(s.Cases, chart.Dot{At: d.At, Severity: d.Severity, Tone: chart.Tone(d.Severity), Name: string(d.Case), Href: "/cases/" + string(d.Case)})
	}
	s.Marks = r.marks(g)
	return s
}

// GroupID is the anchor of the nth group on the page.
func GroupID(i int) string { return "g" + strconv.Itoa(i+1) }

// GroupName is the number and the name of a weakness.
func GroupName(g recurrence.Group) string {
	return strings.TrimSpace(g.Weakness + " " + ShortWeakness(g.Name))
}

// ShortWeakness is what people call a weakness: CWE has it between quotes, if at all.
func ShortWeakness(name string) string {
	if _, rest, ok := strings.Cut(name, "('"); ok {
		if short, _, ok := strings.Cut(rest, "')"); ok {
			return short
		}
	}
	return name
}

// PlaceOf says where it is: "wiki of harbor".
func PlaceOf(k recurrence.Key) string {
	if k.Component == "" || k.Product == "" {
		return k.Component + k.Product
	}
	return k.Component + " of " + k.Product
}

// where is the place of a group as its line names it: with the product where the
// component alone would not do.
func (r Recurring) where(g recurrence.Group) string {
	for _, o := range r.Groups {
		if o.Component == g.Component && o.Product != g.Product {
			return PlaceOf(g.Key)
		}
	}
	return g.Place
}

// marks are what was done about a group: when its risk was raised and moved on.
func (r Recurring) marks(g recurrence.Group) []chart.Mark {
	x, known := r.Risks[g.Risk]
	if !known {
		if g.Risk != "" && g.Decision != nil && g.Decision.State == recurrence.Raised {
			return []chart.Mark{{At: g.Decision.At, Text: "risk raised"}}
		}
		return nil
	}
	var out []chart.Mark
	m := r.Rules.Lifecycle(r.Rules.Register.Lifecycle)
	for _, e := range x.Events() {
		stage, entered := strings.CutPrefix(e.Name, "enter:")
		switch {
		case e.Name == "opened":
			out = append(out, chart.Mark{At: e.At, Text: "risk raised"})
		case entered && stage != m.Stages[0].Name:
			s, _ := m.Stage(stage)
			title := cmp.Or(s.Title, stage)
			out = append(out, chart.Mark{At: e.At, Text: strings.ToLower(title[:1]) + title[1:]})
		}
	}
	return readable(out, r.Window.To().Sub(r.Window.From())/marksMost)
}

// marksMost is how many marks stand side by side on a line and can still be read.
const marksMost = 8

// readable joins marks that would lie on one another: the last of them tells where the
// risk came to.
func readable(marks []chart.Mark, gap time.Duration) (out []chart.Mark) {
	first := time.Time{}
	for _, m := range marks {
		if n := len(out); n > 0 && m.At.Sub(first) < gap {
			if was := out[n-1].Text; was == "risk raised" || strings.HasPrefix(was, "raised, ") {
				m.Text = "raised, " + m.Text
			}
			out[n-1] = m
			continue
		}
		first = m.At
		out = append(out, m)
	}
	return out
}
