package cli

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/recurrence"
)

// riskCmd is what can be asked of the register; each command has a struct of its own.
type riskCmd struct {
	List       riskListCmd       `cmd:"" help:"List risks, the highest score first."`
	Show       riskShowCmd       `cmd:"" help:"Show one risk, and what its next step lacks."`
	Explain    riskExplainCmd    `cmd:"" help:"Print how a score came to be: every step, input and piece of evidence."`
	Quantify   riskQuantifyCmd   `cmd:"" help:"Draw the years of a risk's scenario, and say what they cost."`
	Hygiene    riskHygieneCmd    `cmd:"" help:"See to the register by the profile's policies, or say with --dry-run what that would do."`
	Recurrence riskRecurrenceCmd `cmd:"" help:"List what keeps coming back: weaknesses in a place, counted."`
	Export     riskExportCmd     `cmd:"" help:"Write the register: csv, xlsx, json, ir8286, ir8286-detail, oscal or markdown."`
	Import     riskImportCmd     `cmd:"" help:"Bring risks in from a file, or see with --dry-run what that would change."`
}

type riskRecurrenceCmd struct {
	store
	AsOf string `help:"The window ends with this day, 2006-01-02; default today." placeholder:"DATE"`
	Min  int    `help:"List groups of so many cases and more; default the profile's threshold." placeholder:"N"`
	JSON bool   `help:"One JSON object."`
}

// mostExcluded is how many cases that do not count are listed.
const mostExcluded = 1000

// Run lists what recurs, of every case of the store.
func (c riskRecurrenceCmd) Run(e *Env) error {
	ask := recurrence.Ask{Min: c.Min, Parents: true, Excluded: mostExcluded, Causes: true}
	if c.AsOf != "" {
		day, err := time.Parse(time.DateOnly, c.AsOf)
		if err != nil {
			return fault.New(fault.Invalid, "--as-of %s is no date; write it as 2006-01-02", c.AsOf)
		}
		ask.AsOf = day
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	a, err := h.Recurrence.Answer(asHouse(e.Ctx), ask)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(a)
	}
	tellRecurrence(e, a)
	return nil
}

func tellRecurrence(e *Env, a *recurrence.Answer) {
	e.say("%s, %d months; %d cases of one weakness in one place are systemic.", a.Window, a.Window.Months, a.Threshold)
	if len(a.Groups) == 0 {
		e.say("No group has %d cases.", a.Min)
	}
	for _, g := range a.Groups {
		sign := " "
		if g.Systemic {
			sign = "!"
		}
		e.say("%s %3d  %s  %-8s %s, %s", sign, g.Count, strip(g), g.Weakness, g.Place, g.Name)
		e.say("         %d points, %.4g a year, %s (%d, then %d)%s", g.Points, g.Rate, g.Trend.Word, g.Trend.Earlier, g.Trend.Later, also(g))
	}
	if len(a.Parents) > 0 {
		e.say("Together with their kinds:")
	}
	for _, p := range a.Parents {
		var below []string
		for _, b := range p.Below {
			below = append(below, fmt.Sprintf("%s %d", b.Weakness, b.Count))
		}
		e.say("  %3d  %-8s %s, %s (%s)", p.Count, p.Weakness, p.Place, p.Name, strings.Join(below, ", "))
	}
	tellCauses(e, a)
	e.say("Not counted: %d cases without a date, %d without a weakness, %d found to be no vulnerability of their own.", a.Undated, a.NoWeakness, len(a.Excluded))
}

// tellCauses lists the root causes that keep coming back.
func tellCauses(e *Env, a *recurrence.Answer) {
	if len(a.Causes) == 0 {
		return
	}
	e.say("By root cause; %d analysed cases of one cause in one product propose a risk:", a.CauseThreshold)
	for _, g := range a.Causes {
		sign := " "
		if g.Systemic {
			sign = "!"
		}
		e.say("%s %3d  %s  %s, %s: %s", sign, g.Count, strip(g.Group), g.Place, g.SetTitle, g.Name)
		e.say("         %d points, %.4g a year, %s (%d, then %d)%s", g.Points, g.Rate, g.Trend.Word, g.Trend.Earlier, g.Trend.Later, also(g.Group))
	}
}

// also says what else is known of a group.
func also(g recurrence.Group) string {
	var out string
	if g.Reached != nil {
		out += ", systemic since " + g.Reached.Format(time.DateOnly)
	}
	if g.Undated > 0 {
		out += fmt.Sprintf(", and %d without a date", g.Undated)
	}
	if g.Risk != "" {
		out += ", " + string(g.Risk)
	} else if g.Proposal != "" {
		out += ", proposal " + g.Proposal
	}
	return out
}

// stripWidth is how many characters a window is drawn with.
const stripWidth = 24

// strip draws the window: a dot a case, a number where there are more in one place.
func strip(g recurrence.Group) string {
	var n [stripWidth]int
	from, span := g.Window.From(), g.Window.To().Sub(g.Window.From())
	for _, d := range g.Cases {
		n[min(stripWidth-1, int(int64(stripWidth)*int64(d.At.Sub(from)/time.Second)/int64(span/time.Second)))]++
	}
	var b strings.Builder
	for _, x := range n {
		switch {
		case x == 0:
			b.WriteString("·")
		case x == 1:
			b.WriteString("●")
		case x < 10:
			fmt.Fprint(&b, x)
		default:
			b.WriteString("+")
		}
	}
	return b.String()
}
