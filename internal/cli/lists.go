package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/house"
	"tocsin/internal/intake"
	"tocsin/internal/observation"
	"tocsin/internal/query"
)

// listing is what every list of records takes: a query in the language of lists.
type listing struct {
	store
	Query []string `arg:"" optional:"" help:"What to list: stage:triage 'sev>=high' words; quote it for the shell, and write -- before a query that leaves something out: -- stage:triage -label:dup."`
	Limit int      `default:"50" help:"At most so many, 1 to 200." placeholder:"N"`
	JSON  bool     `help:"One JSON object a line."`
}

// asked reads the query; plain is what is listed where nothing is asked.
func (l listing) asked(words *query.Vocabulary, plain string) (query.Query, error) {
	return words.Parse(cmp.Or(strings.Join(l.Query, " "), plain))
}

// row is one record: the object, and its columns for people.
type row struct {
	object  any
	columns []any
}

// run opens the store, reads a list, and prints it.
func (l listing) run(e *Env, list func(context.Context, *house.House) ([]row, string, error)) error {
	h, err := l.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	rows, says, err := list(asHouse(e.Ctx), h)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.Out, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		if l.JSON {
			if err := e.print(r.object); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf(strings.Repeat("%v\t", len(r.columns)), r.columns...), "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !l.JSON {
		note(e, "%s", says)
	}
	return nil
}

// dayOf is a day, or none.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

type caseCmd struct {
	List caseListCmd `cmd:"" help:"List cases that a query leaves; open ones, where nothing is asked."`
}

type caseListCmd struct {
	listing
	Order string `default:"newest" enum:"newest,due" help:"newest, or due: what is due first."`
}

// Run lists cases of the store.
func (c caseListCmd) Run(e *Env) error {
	return c.run(e, func(ctx context.Context, h *house.House) (out []row, says string, err error) {
		q, err := c.asked(casework.Vocabulary(h.Rules), "is:open")
		if err != nil {
			return nil, "", err
		}
		l, err := h.Cases.List(ctx, casework.Filter{Query: q, Order: c.Order}, casework.Page{Limit: c.Limit, Counted: true})
		if err != nil {
			return nil, "", err
		}
		for _, x := range l.Cases {
			out = append(out, row{x, []any{x.ID, cmp.Or(x.Severity, "unknown"), x.Stage, dayOf(x.Due), plain(x.Title)}})
		}
		return out, fmt.Sprintf("%d of %s cases", len(l.Cases), l.Count), nil
	})
}

type reportCmd struct {
	List reportListCmd `cmd:"" help:"List reports that a query leaves; those that wait for a decision, where nothing is asked."`
}

type reportListCmd struct{ listing }

// Run lists reports of the store.
func (c reportListCmd) Run(e *Env) error {
	return c.run(e, func(ctx context.Context, h *house.House) (out []row, says string, err error) {
		q, err := c.asked(intake.Vocabulary(h.Rules), "is:undecided")
		if err != nil {
			return nil, "", err
		}
		l, err := h.Reports.List(ctx, intake.Filter{Query: q}, intake.Page{Limit: c.Limit})
		if err != nil {
			return nil, "", err
		}
		for _, x := range l.Reports {
			out = append(out, row{x, []any{x.ID, cmp.Or(x.Severity, "unknown"), x.Stage, dayOf(x.Received), plain(x.Title)}})
		}
		return out, counted(len(out), l.Next != "", "reports"), nil
	})
}

type observationCmd struct {
	List observationListCmd `cmd:"" help:"List observations that a query leaves; open ones, where nothing is asked."`
}

type observationListCmd struct {
	listing
	Order string `default:"newest" enum:"newest,score,age,due" help:"newest, score, age (found longest ago first) or due."`
}

// Run lists observations of the store.
func (c observationListCmd) Run(e *Env) error {
	return c.run(e, func(ctx context.Context, h *house.House) (out []row, says string, err error) {
		q, err := c.asked(observation.Vocabulary(h.Rules), "is:open")
		if err != nil {
			return nil, "", err
		}
		l, err := h.Observations.List(ctx, observation.Filter{Query: q, Order: c.Order}, observation.Page{Limit: c.Limit, Counted: true})
		if err != nil {
			return nil, "", err
		}
		for _, x := range l.Observations {
			out = append(out, row{x, []any{x.ID, cmp.Or(x.Rating, "unrated"), x.Stage, dayOf(x.Due), plain(x.Title)}})
		}
		return out, fmt.Sprintf("%d of %s observations", len(l.Observations), l.Count), nil
	})
}

type advisoryListCmd struct{ listing }

// Run lists advisories of the store.
func (c advisoryListCmd) Run(e *Env) error {
	return c.run(e, func(ctx context.Context, h *house.House) (out []row, says string, err error) {
		q, err := c.asked(advisory.Vocabulary(h.Rules), "")
		if err != nil {
			return nil, "", err
		}
		l, err := h.Advisories.Counted(ctx, advisory.Filter{Query: q}, c.Limit, "")
		if err != nil {
			return nil, "", err
		}
		for _, x := range l.Advisories {
			out = append(out, row{x, []any{x.ID, x.Name, cmp.Or(x.Severity, "unknown"), x.Stage, dayOf(x.Published), plain(x.Title)}})
		}
		return out, fmt.Sprintf("%d of %s advisories", len(out), l.Count), nil
	})
}

// counted says how many are listed, and whether there are more.
func counted(n int, more bool, what string) string {
	if more {
		return fmt.Sprintf("the newest %d %s", n, what)
	}
	return fmt.Sprintf("%d %s", n, what)
}
