package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// side is what one program did.
type side struct {
	Rate float64       `json:"requests_per_second,omitempty"`
	P50  time.Duration `json:"p50_ns,omitempty"`
	P99  time.Duration `json:"p99_ns,omitempty"`
	CPU  time.Duration `json:"cpu_per_request_ns,omitempty"`
}

func (s side) String() string {
	if s.Rate == 0 {
		return ""
	}
	return fmt.Sprintf("%6.0f/s  p50 %s  p99 %s  %4d µs CPU", s.Rate, short(s.P50), short(s.P99), s.CPU.Microseconds())
}

func short(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

// row is one measurement. Where Goal is empty it is told for the reader's sake.
type row struct {
	What  string  `json:"what"`
	Ours  side    `json:"tocsin,omitzero"`
	Other side    `json:"other,omitzero"`
	Than  string  `json:"than,omitempty"` // what Other is
	Value string  `json:"value"`
	Ratio float64 `json:"ratio,omitempty"`
	Goal  string  `json:"goal,omitempty"`
	OK    bool    `json:"ok"`
}

func (r row) verdict() string {
	switch {
	case r.Goal == "":
		return ""
	case r.OK:
		return "ok"
	}
	return "MISS"
}

// report is everything that a run measured.
type report struct {
	Machine machine `json:"machine"`
	Cases   int     `json:"cases"`
	Rows    []row   `json:"rows"`
}

// add tells a row as soon as it is measured.
func (r *report) add(x row) {
	r.Rows = append(r.Rows, x)
	line := x.What + ": " + x.Value
	if x.Goal != "" {
		line += "; goal " + x.Goal + ": " + x.verdict()
	}
	say("%s", line)
	for _, s := range []struct {
		who string
		side
	}{{"tocsin", x.Ours}, {x.Than, x.Other}} {
		if s.Rate > 0 {
			say("    %-10s %s", s.who, s.side)
		}
	}
}

// print writes the table.
func (r *report) print() {
	fmt.Printf("\n%s\n%d cases\n\n", r.Machine, r.Cases)
	t := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "what\tvalue\tgoal\t\ttocsin\t\t\t\tother\t\t\t")
	fmt.Fprintln(t, "\t\t\t\t/s\tp50\tp99\tCPU\t/s\tp50\tp99\tCPU")
	for _, x := range r.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s%s%s\n", x.What, x.Value, x.Goal, x.verdict(), x.Ours.cells(), x.Other.cells())
	}
	t.Flush()
}

func (s side) cells() string {
	if s.Rate == 0 {
		return strings.Repeat("\t", 4)
	}
	return fmt.Sprintf("\t%.0f\t%s\t%s\t%d µs", s.Rate, short(s.P50), short(s.P99), s.CPU.Microseconds())
}
