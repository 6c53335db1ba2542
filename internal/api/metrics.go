package api

import (
	"context"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/measure"
)

// metricRoutes are the numbers of the page Reports.
var metricRoutes = []Route{
	{"metrics.read", "GET", "/metrics", "case.read", "How the handling of cases went in a window: clocks kept and missed, times, age, intake, missed clocks, weaknesses, sources; of the cases that the caller may see", read(metrics)},
	{"metrics.rows", "GET", "/metrics/rows", "case.read", "The rows behind one number of a report", read(metricRows)},
}

// MetricsQuery is which window a report is of.
type MetricsQuery struct {
	Period   string `query:"period" enum:"month,quarter,year,custom" doc:"How long the window is; quarter where it is not given."`
	AsOf     string `query:"as_of" doc:"The window's last day, like 2026-10-31; today where it is not given."`
	From     string `query:"from" doc:"The first day of a custom window."`
	Product  string `query:"product" doc:"Only cases of this product."`
	Severity string `query:"severity" doc:"Only cases of this severity; unknown for those without."`
	Rows     int    `query:"rows" min:"1" max:"1000" doc:"Missed clocks, or rows, that are listed at most; 50 where it is not given."`
}

func (q MetricsQuery) ask() (measure.Ask, error) {
	ask := measure.Ask{Period: q.Period, Product: q.Product, Severity: q.Severity, Rows: q.Rows}
	var fs fault.Fields
	for _, day := range []struct {
		name, text string
		to         *time.Time
	}{{"as_of", q.AsOf, &ask.AsOf}, {"from", q.From, &ask.From}} {
		if day.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			fs.Add(day.name, "“%s” is no day; write it like 2026-10-31", day.text)
		}
		*day.to = t
	}
	if !ask.AsOf.IsZero() {
		ask.AsOf = ask.AsOf.Add(24*time.Hour - time.Microsecond)
	}
	return ask, fs.Err()
}

func metrics(ctx context.Context, h *house.House, in MetricsQuery) (*measure.Report, error) {
	ask, err := in.ask()
	if err != nil {
		return nil, err
	}
	return h.Measures.Report(ctx, ask)
}

// MetricsRows asks for the rows behind a number.
type MetricsRows struct {
	MetricsQuery
	Of    string `query:"of" need:"true" enum:"met,missed,running,late,took,open,opened,came,closed,again" doc:"Which number."`
	What  string `query:"what" doc:"The measure that it is of, as the report names it: clock:NAME, stage:NAME, case, fixed."`
	Month string `query:"month" doc:"Of the flow: this month alone, like 2026-09."`
	Name  string `query:"name" doc:"Only cases of a weakness or a source: cwe:CWE-79, source:portal; none for what is not stated."`
}

func metricRows(ctx context.Context, h *house.House, in MetricsRows) (*measure.Rows, error) {
	ask, err := in.ask()
	if err != nil {
		return nil, err
	}
	return h.Measures.Rows(ctx, ask, measure.Behind{Of: in.Of, What: in.What, Month: in.Month, Name: in.Name})
}
