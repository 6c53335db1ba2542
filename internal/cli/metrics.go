package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/measure"
)

// metricsCmd prints the numbers of the page Reports.
type metricsCmd struct {
	store
	Month    string `help:"This calendar month, like 2026-10." placeholder:"MONTH" xor:"window"`
	Period   string `help:"month, quarter or year, ending with --to; quarter where nothing is said." placeholder:"PERIOD" xor:"window"`
	From     string `help:"First day of a window of your own, like 2026-07-01." placeholder:"DAY" xor:"window"`
	To       string `help:"Last day of the window; today where nothing is said." placeholder:"DAY"`
	Product  string `help:"Of cases of this product alone." placeholder:"NAME"`
	Severity string `help:"Of cases of this severity alone; unknown for those without." placeholder:"WORD"`
	Rows     int    `default:"50" help:"At most so many missed clocks, 1 to 1000." placeholder:"N"`
	JSON     bool   `help:"One JSON object, as the API answers it."`
}

// Run reads the numbers and prints them.
func (c metricsCmd) Run(e *Env) error {
	ask, err := c.ask()
	if err != nil {
		return err
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	r, err := h.Measures.Report(asHouse(e.Ctx), ask)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(r)
	}
	return printMetrics(e.Out, r)
}

// ask is the question that the flags mean.
func (c metricsCmd) ask() (measure.Ask, error) {
	ask := measure.Ask{Period: c.Period, Product: c.Product, Severity: c.Severity, Rows: c.Rows}
	var fs fault.Fields
	day := func(flag, layout, text, like string) (t time.Time) {
		if text == "" {
			return t
		}
		t, err := time.Parse(layout, text)
		if err != nil {
			fs.Add(flag, "--%s: “%s” is none; write it like %s", flag, text, like)
		}
		return t
	}
	if ask.AsOf = day("to", time.DateOnly, c.To, "2026-10-31"); c.To != "" {
		ask.AsOf = ask.AsOf.Add(24*time.Hour - time.Microsecond)
	}
	if ask.From = day("from", time.DateOnly, c.From, "2026-07-01"); c.From != "" {
		ask.Period = measure.Custom
	}
	if first := day("month", "2006-01", c.Month, "2026-10"); c.Month != "" {
		if c.To != "" {
			fs.Add("to", "--month is a whole month; leave --to out, or give --from")
		}
		ask.Period, ask.From, ask.AsOf = measure.Custom, first, first.AddDate(0, 1, 0).Add(-time.Microsecond)
	}
	return ask, fs.Err()
}

// printMetrics writes a report for people, a table a question.
func printMetrics(out io.Writer, r *measure.Report) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	line := func(columns ...string) { fmt.Fprintln(w, strings.TrimRight(strings.Join(columns, "\t"), "\t")) }
	line(fmt.Sprintf("%s, %d cases", r.Window, r.Cases))
	if r.Measuring {
		line("Older cases are still being measured: numbers are too low.")
	}
	line("\nCLOCK", "KEPT", "MISSED", "RUNNING", "SHARE", "BEFORE")
	for _, a := range r.Attainment {
		line(a.Title, number(a.Met), number(a.Missed), number(a.Running), shareOf(a.Share()), shareOf(a.Before))
	}
	line("\nTIME IN", "CASES", "MEDIAN", "9 OF 10", "MEAN")
	for _, l := range r.Times {
		line(l.Title, number(l.Count), hours(l.Count, l.Median), hours(l.Count, l.P90), hours(l.Count, l.Mean))
	}
	line("\nOPEN", number(r.Open.Count), fmt.Sprintf("median age %.0f d, oldest %d d", r.Open.Median, r.Open.Oldest))
	line("\nMONTH", "OPENED", "CLOSED", "OPEN AT ITS END")
	for _, m := range r.Months {
		line(m.At.Format("2006-01"), number(m.Opened), number(m.Closed), number(m.Backlog))
	}
	for _, g := range []struct {
		title string
		list  []measure.Group
	}{{"WEAKNESS", r.Weaknesses}, {"SOURCE", r.Sources}} {
		line("\n"+g.title, "OPENED", "BEFORE")
		for _, x := range g.list[:min(len(g.list), 10)] {
			line(cmp.Or(plain(x.Name), "not stated"), number(x.Count), number(x.Before))
		}
	}
	line("\nMISSED", "CLOCK", "DUE", "SEVERITY", "TITLE")
	for _, b := range r.Breaches {
		line(string(b.Case), b.Clock, dayOf(b.Due), cmp.Or(b.Severity, "unknown"), plain(b.Title))
	}
	return w.Flush()
}

func number(n int) string { return fmt.Sprint(n) }

// shareOf is a share as far as it says anything; what is not all is never 100 %.
func shareOf(s measure.Share) string {
	switch {
	case s.Of == 0:
		return "-"
	case s.Few():
		return fmt.Sprintf("%d of %d", s.Part, s.Of)
	case s.Part < s.Of:
		return fmt.Sprintf("%.1f %%", min(s.Percent(), 99.9))
	}
	return "100 %"
}

func hours(n int, h float64) string {
	switch {
	case n == 0:
		return "-"
	case h < 48:
		return fmt.Sprintf("%.0f h", h)
	}
	return fmt.Sprintf("%.1f d", h/24)
}
