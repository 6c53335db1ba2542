package web

import (
	"slices"

	"tocsin/internal/chart"
	"tocsin/internal/measure"
	"tocsin/internal/web/ui"
)

func cameNow(a, _ int) int    { return a }
func cameBefore(_, b int) int { return b }

// grave is how many cases of the gravest severities came in.
func grave(groups []measure.Group) (n int) {
	for _, g := range groups {
		n += g.Grave
	}
	return n
}

// beforeWords say a number of the window before.
func beforeWords(reads *ui.Reader, n int) string { return reads.Number(n) + " before" }

func spreadWords(reads *ui.Reader, s measure.Spread) string {
	if s.Count == 0 {
		return "none"
	}
	return chart.Hours(reads, s.Median)
}

// meanWords are the mean time to release, of so many.
func meanWords(reads *ui.Reader, s measure.Spread) string {
	if s.Count == 0 {
		return "nothing was released"
	}
	return "mean " + chart.Hours(reads, s.Mean) + " (MTTR), of " + reads.Number(s.Count)
}

func medianBefore(reads *ui.Reader, l measure.Length) string {
	if l.Before.Count == 0 {
		return "none before"
	}
	return "before " + chart.Hours(reads, l.Before.Median)
}

// breachWords say what happened to a clock: late by how much, paused how long.
func breachWords(b measure.Breach) string {
	out := ""
	switch {
	case b.Due.IsZero():
	case b.Over > 0 && b.Ended == nil:
		out = "late by " + length(b.Over.Duration()) + " and not done"
	case b.Over > 0:
		out = "done " + length(b.Over.Duration()) + " late"
	case b.Ended != nil:
		out = "done in time"
	default:
		out = "runs"
	}
	return capital(join("; ", out, pausedWords(b.Paused)))
}

func againTitle(a measure.Again) string {
	if a.What == measure.WholeCase {
		return "Cases reopened"
	}
	return "Back to " + lowerFirst(a.Title)
}

func nothingAgain(all []measure.Again) bool {
	for _, a := range all {
		if a.Count+a.Before > 0 {
			return false
		}
	}
	return true
}

// rowsWords say which window the rows are of.
func rowsWords(p MeasureRowsPage) string {
	return plural(len(p.Rows.Rows), "row", "rows") + ", from " + p.Head.Reads.Whole(p.Rows.Window.From()) + " to " + p.Head.Reads.Last(p.Rows.Window.To()) + "."
}

// severities are the words that a report has numbers of, the gravest first.
func (p MeasurePage) severities() (out []string) {
	for _, word := range append(p.Rules.SeverityWords(), "") {
		for _, a := range p.Attainment {
			if k := keptAt(a, word); !k.None() {
				out = append(out, word)
				break
			}
		}
	}
	if n := len(out); n > 1 && out[n-1] == "" {
		slices.Reverse(out[:n-1])
	} else {
		slices.Reverse(out)
	}
	return out
}

// keptAt is how a clock was kept at one severity.
func keptAt(a measure.Attainment, word string) (k measure.Kept) {
	for _, s := range a.Severities {
		if s.Severity == word {
			return s.Kept
		}
	}
	return k
}
