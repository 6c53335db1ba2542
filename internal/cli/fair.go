package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"tocsin/internal/fault"
	"tocsin/internal/score/fair"
)

type fairCmd struct {
	Run fairRunCmd `cmd:"" help:"Draw the years of the scenarios in a file, and say what they cost."`
}

type fairRunCmd struct {
	File   string `arg:"" help:"Scenarios as YAML or JSON (docs/fair.md), or - for standard input."`
	Trials int    `default:"100000" help:"How many years are drawn." placeholder:"N"`
	Seed   uint64 `default:"1" help:"The same seed gives the same numbers." placeholder:"N"`
	JSON   bool   `help:"Everything, as one JSON object."`
	Quiet  bool   `help:"No progress."`
}

// Run quantifies the scenarios of a file.
func (c fairRunCmd) Run(e *Env) error {
	if c.Trials < 1 {
		return fault.At("trials", "%d trials cannot be run; choose 1 to %d, 100000 is usual", c.Trials, fair.MaxTrials)
	}
	text, err := readFile(e, c.File, fair.MaxInput)
	if err != nil {
		return err
	}
	p, err := fair.Parse(c.File, text)
	if err != nil {
		return saidOnce(err)
	}
	r, err := fair.Run(e.Ctx, p, fair.Options{Trials: c.Trials, Seed: c.Seed, Progress: e.progress("drawing years", c.Quiet)})
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(r)
	}
	if err := c.tell(e, r); err != nil {
		return err
	}
	return expected(e, r, p.Expect)
}

// saidOnce takes the fields from a fault whose sentence holds them all.
func saidOnce(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return fault.New(f.Kind, "%s", f.Says)
	}
	return err
}

// tell prints a result for people.
func (c fairRunCmd) tell(e *Env, r *fair.Result) error {
	unit := ""
	if r.Unit != "" {
		unit = ", in " + r.Unit
	}
	e.say("%s: loss of a year%s", c.File, unit)
	e.say("%d years, seed %d, engine %s, input %.12s", r.Trials, r.Seed, r.Engine, r.InputHash)
	e.say("")
	w := tabwriter.NewWriter(e.Out, 0, 8, 2, ' ', tabwriter.AlignRight)
	columns(w, r)
	if err := w.Flush(); err != nil {
		return err
	}
	risks(e, r)
	for _, n := range r.Notes {
		e.say("note: %s", n)
	}
	return nil
}

// expected says beside what the file expects what came out.
func expected(e *Env, r *fair.Result, all []fair.Expect) error {
	verdicts, err := r.Against(all)
	for _, v := range verdicts {
		says := "holds"
		switch {
		case !v.Known:
			says = "no such output"
		case !v.Holds:
			says = "misses"
		}
		e.say("expected %s of %g ± %.3g: %.10g, %s", v.Output, v.Value, v.Tolerance, v.Have, says)
	}
	return err
}

// columns prints the quantities of the whole, beside those under treatment.
func columns(w *tabwriter.Writer, r *fair.Result) {
	cells := func(name string, of func(s *fair.Summary) string) {
		fmt.Fprintf(w, "%s\t%s\t", name, of(&r.Summary))
		if r.After != nil {
			fmt.Fprintf(w, "%s\t", of(&r.After.Summary))
		}
		fmt.Fprintln(w)
	}
	if r.After != nil {
		fmt.Fprintln(w, "\tbefore\tafter\t")
	}
	for _, x := range []struct {
		name string
		of   func(s *fair.Summary) float64
	}{
		{"mean (ALE)", func(s *fair.Summary) float64 { return s.Mean }}, {"± standard error", func(s *fair.Summary) float64 { return s.SE }},
		{"standard deviation", func(s *fair.Summary) float64 { return s.SD }}, {"smallest", func(s *fair.Summary) float64 { return s.Min }},
		{"p5", func(s *fair.Summary) float64 { return s.P5 }}, {"p10", func(s *fair.Summary) float64 { return s.P10 }},
		{"p25", func(s *fair.Summary) float64 { return s.P25 }}, {"p50", func(s *fair.Summary) float64 { return s.P50 }},
		{"p75", func(s *fair.Summary) float64 { return s.P75 }}, {"p90", func(s *fair.Summary) float64 { return s.P90 }},
		{"p95", func(s *fair.Summary) float64 { return s.P95 }}, {"p99", func(s *fair.Summary) float64 { return s.P99 }},
		{"p99.9", func(s *fair.Summary) float64 { return s.P999 }}, {"mean of p95 and above", func(s *fair.Summary) float64 { return s.ES95 }},
		{"mean of p99 and above", func(s *fair.Summary) float64 { return s.ES99 }},
	} {
		cells(x.name, func(s *fair.Summary) string { return grouped(x.of(s)) })
	}
	cells("years without loss", func(s *fair.Summary) string { return percent(s.PZero) })
	for i, x := range r.Exceedance {
		cells("above "+grouped(x.Loss), func(s *fair.Summary) string { return percent(s.Exceedance[i].Probability) })
	}
	if a := r.After; a != nil {
		fmt.Fprintf(w, "cost of a year\t\t%s\t\n", grouped(a.AnnualCost))
		if a.ROC != nil {
			fmt.Fprintf(w, "return on it, by mean\t\t%s\t\n", percent(*a.ROC))
			fmt.Fprintf(w, "return on it, by p99 and above\t\t%s\t\n", percent(*a.ROCES99))
		}
	}
}

// risks prints a line a scenario, and which inputs move it.
func risks(e *Env, r *fair.Result) {
	if len(r.Risks) > 1 {
		e.say("")
		w := tabwriter.NewWriter(e.Out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "scenario\tmean\tp95\tp99\tof the mean\tof p99 and above")
		for _, x := range r.Risks {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", plain(x.ID), grouped(x.Mean), grouped(x.P95), grouped(x.P99), percent(x.Portion.Mean), percent(x.Portion.ES99))
		}
		_ = w.Flush() // Out has taken lines above; what it does not take now, the last say meets too
	}
	for _, x := range r.Risks {
		e.say("")
		e.say("%s: %s", x.ID, about(x))
		for _, b := range x.Tornado {
			e.say("    %+.2f  %s", b.Correlation, b.Factor)
		}
	}
}

// about says how often and how much, and what the bars below it are.
func about(x fair.Risk) string {
	var parts []string
	if x.Susceptibility != nil {
		parts = append(parts, "a threat succeeds with "+percent(*x.Susceptibility))
	}
	if x.Events != nil {
		parts = append(parts, strconv.FormatFloat(x.Events.Mean, 'g', 4, 64)+" events a year")
	}
	if x.Event != nil {
		parts = append(parts, fmt.Sprintf("an event costs %s (p5 %s, p95 %s)", grouped(x.Event.Mean), grouped(x.Event.P5), grouped(x.Event.P95)))
	}
	if len(x.Tornado) > 0 {
		parts = append(parts, "rank correlation of inputs with the year's loss:")
	}
	return strings.Join(parts, "; ")
}

func percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 2, 64) + " %" }

// grouped writes a number with commas between thousands, and more digits the smaller it is.
func grouped(x float64) string {
	digits := 0
	if a := math.Abs(x); a < 1000 && a != math.Floor(a) {
		digits = 4
	}
	text := strconv.FormatFloat(math.Abs(x), 'f', digits, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if x < 0 {
		return "-" + whole
	}
	return whole
}
