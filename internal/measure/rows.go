package measure

import (
	"context"
	"slices"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// Behind asks for the rows behind one number of a report.
type Behind struct {
	Of       string // one of Numbers
	What     string // the measure, where the number is of one
	Severity string // as shown in the report; "unknown" is none, "" is all
	Name     string // of the weakness, the source; "none" is not stated
	From, To int    // days, of ages: To 0 is no end
	Month    string // "2026-09", of the flow
	Before   bool   // in the window before
}

// Numbers are what a number of a report may be, with what it says of its rows.
var Numbers = map[string]string{
	"met": "kept", "missed": "missed", "running": "running", "late": "missed and still not done", "took": "ended", "open": "open",
	"opened": "opened", "came": "opened, or opened again", "closed": "closed", "again": "begun once more",
}

// none is the name of what is not stated.
const none = "none"

// Rows are the rows behind a number, the newest first.
type Rows struct {
	Window Window   `json:"window"`
	Rows   []Breach `json:"rows"`
	More   bool     `json:"more"` // there are more than are listed
}

// Rows lists what one number of a report counts.
func (m *Measures) Rows(ctx context.Context, ask Ask, b Behind) (out *Rows, err error) {
	err = m.Gate.View(ctx, func(v *gate.View) error {
		if _, _, err := v.Where(readCases, "s", 1); err != nil {
			return err
		}
		w, err := ask.check(m.Rules.profile, v.Now)
		if err != nil {
			return err
		}
		if _, known := Numbers[b.Of]; !known {
			return fault.At("of", "“%s” is no number of a report; open the rows from the report itself", b.Of)
		}
		if b.Severity != "" {
			ask.Severity = b.Severity
		}
		if b.Before {
			w.from, w.to = w.prev, w.from
		}
		q := asked{Ask: ask, Window: w, v: v}
		found, err := q.behind(b, ask.Rows+1)
		if out = (&Rows{Window: w, Rows: found, More: len(found) > ask.Rows}); out.More {
			out.Rows = found[:ask.Rows]
		}
		m.complete(out.Rows, w.to)
		return err
	})
	return out, err
}

// complete names the clocks of rows and says how late they are.
func (m *Measures) complete(rows []Breach, to time.Time) {
	for i := range rows {
		b := &rows[i]
		if k := slices.IndexFunc(m.Rules.made, func(c measured) bool { return c.what == b.what }); k >= 0 {
			b.Clock, b.Name = m.Rules.made[k].title, m.Rules.made[k].spec.Name
		}
		until := to
		if b.Ended != nil && b.Ended.Before(to) {
			until = *b.Ended
		}
		if !b.Due.IsZero() {
			b.Over = Span64(max(0, until.Sub(b.Due).Microseconds()))
		}
	}
}

// Title says what the rows of a number are.
func (m *Measures) Title(b Behind) string {
	title := ""
	for _, c := range m.Rules.made {
		if c.what == b.What && c.what != WholeCase {
			title = c.title + ": "
		}
	}
	return title + Numbers[b.Of]
}

// month is the span of a month in a window.
func (w Window) month(name string) (from, to time.Time, ok bool) {
	t, err := time.Parse("2006-01", name)
	if err != nil {
		return from, to, false
	}
	to = t.AddDate(0, 1, 0)
	if w.to.Before(to) {
		to = w.to
	}
	return t, to, true
}
