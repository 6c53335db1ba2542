package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// errBehind says that a run fell behind an earlier one.
var errBehind = errors.New("some ratios are worse by more than a fifth")

// slack is by how much a ratio may be worse than before: what one machine does
// twice differs by less.
const slack = 0.20

// worse is by which share the row's ratio is worse than before; better is below 0. A
// row without a ratio or a goal is neither.
func (x row) worse(before row) float64 {
	if x.Ratio <= 0 || before.Ratio <= 0 {
		return 0
	}
	if strings.HasPrefix(x.Goal, "at least") {
		return 1 - x.Ratio/before.Ratio
	}
	if strings.HasPrefix(x.Goal, "at most") || strings.HasPrefix(x.Goal, "below") {
		return x.Ratio/before.Ratio - 1
	}
	return 0
}

// against compares the ratios of two runs, row by row.
func (r *report) against(before *report) error {
	if before.Cases != r.Cases {
		return fmt.Errorf("the earlier run had %d cases and this one %d: only runs of one size compare", before.Cases, r.Cases)
	}
	old := map[string]row{}
	for _, x := range before.Rows {
		old[x.What] = x
	}
	compared, behind := 0, 0
	for _, x := range r.Rows {
		y, ok := old[x.What]
		if !ok || y.Ratio <= 0 {
			continue
		}
		compared++
		if by := x.worse(y); by > slack {
			behind++
			say("behind: %s: %.2f, before %.2f (worse by %.0f %%; goal %s)", x.What, x.Ratio, y.Ratio, by*100, x.Goal)
		}
	}
	say("compared %d ratios with those of %s", compared, before.Machine)
	switch {
	case compared == 0:
		return errors.New("the earlier run measured none of these ratios")
	case behind > 0:
		return errBehind
	}
	return nil
}

// The marks of a document between which the table stands.
const tableBegins, tableEnds = "<!-- bench: written by make bench -->", "<!-- /bench -->"

// writeTable writes the table between the marks of a document.
func writeTable(path string, r *report) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(b), tableBegins)
	_, foot, ok2 := strings.Cut(rest, tableEnds)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table: it must hold the lines %q and %q", path, tableBegins, tableEnds)
	}
	return os.WriteFile(path, []byte(head+tableBegins+"\n"+r.markdown()+tableEnds+foot), 0o644)
}

// markdown is the table as it stands in a document, with the machine above it.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %d cases.\n\n| | value | goal | | Tocsin /s, p50, p99, CPU | the other |\n|---|---|---|---|---|---|\n", r.Machine, r.Cases)
	for _, x := range r.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", x.What, x.Value, x.Goal, x.verdict(), x.Ours.words(), x.Other.words())
	}
	return b.String()
}

func (s side) words() string {
	if s.Rate == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f, %s, %s, %d µs", s.Rate, short(s.P50), short(s.P99), s.CPU.Microseconds())
}
