package web

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// KRIPage is one indicator: its chart, its values, and the forms that it answers to.
type KRIPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Now   time.Time
	*kri.Full
	On    string        // the form that is open
	Form  url.Values    // what was typed into it
	Tried *kri.Imported // what a file would do
	Wrong *fault.Fault
}

func kriPage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readKRI(r)
	if err != nil {
		return Answer{}, err
	}
	p.On = r.FormValue("do")
	return show(200, kriPageView(p))
}

func (w *Web) readKRI(r *http.Request) (p KRIPage, err error) {
	p = KRIPage{Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC()}
	if p.Full, err = w.KRIs.Get(r.Context(), ref.Read(r.PathValue("id"))); err != nil {
		return p, err
	}
	p.Head = w.keepHead(r, p.Title)
	return p, nil
}

// kriAgain shows the page again with a form as it was sent, and what is wrong.
func (w *Web) kriAgain(r *http.Request, form string, err error) (Answer, error) {
	f, ok := formFault(err)
	if !ok {
		return Answer{}, err
	}
	p, err := w.readKRI(r)
	if err != nil {
		return Answer{}, err
	}
	p.On, p.Form, p.Wrong = form, r.PostForm, f
	return show(statusFor(f), kriPageView(p))
}

func kriExport(w *Web, r *http.Request) (Answer, error) {
	id, out := ref.Read(r.PathValue("id")), bytes.Buffer{}
	if err := w.KRIs.Export(r.Context(), id, &out); err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{Name: string(id) + ".csv", Body: out.Bytes()}}, nil
}

func (p KRIPage) may(verb access.Verb) bool { return p.May[string(verb)] }

// records tells whether the reader is offered the forms for values.
func (p KRIPage) records() bool {
	return p.may(kri.VerbRecord) && p.State == kri.Active && !p.Asks()
}

func (p KRIPage) action(form string) string { return kriAddress(p.ID) + "/" + form }

// in fills a field of a form with what was typed or is stored, and with what is
// wrong.
func (p KRIPage) in(in ui.Input, stored string) ui.Input {
	if p.Form.Has(in.Name) {
		stored = p.Form.Get(in.Name)
	}
	return in.For(stored, p.Wrong)
}

// value writes a value of the indicator with its unit.
func value(reads *ui.Reader, x *float64, unit string) string {
	if x == nil {
		return ""
	}
	return join(" ", reads.Figure(*x), unit)
}

// limits say when the light has which colour.
func (p KRIPage) limits() string {
	b := p.Bands
	if p.Predictive() {
		return "by the prediction against the baseline"
	}
	sign := "at most "
	if p.Better == riskscore.Higher {
		sign = "at least "
	}
	var out []string
	add := func(color string, level, rate *float64) {
		var parts []string
		if level != nil {
			parts = append(parts, sign+p.Head.Reads.Figure(*level))
		}
		if rate != nil {
			parts = append(parts, fmt.Sprintf("a change of %s or less a quarter", percentOf(p.Head.Reads, *rate)))
		}
		if len(parts) > 0 {
			out = append(out, color+" "+strings.Join(parts, ", or "))
		}
	}
	add("green", b.Green, b.GreenRate)
	add("yellow", b.Yellow, b.YellowRate)
	return strings.Join(append(out, "else red"), "; ")
}

// percentOf writes a fraction in percent, with its sign.
func percentOf(reads *ui.Reader, x float64) string { return reads.Value(x*100, 2) + " %" }

// facts are what the indicator is.
func (p KRIPage) facts() []ui.Fact {
	f := []ui.Fact{{Term: "Kind", Text: kindTitle(p.Rules, p.Kind)}, {Term: "Measured in", Text: p.Unit, Small: p.Better + " is better"},
		{Term: "Baseline", Text: or(value(p.Head.Reads, p.Baseline, ""), "not set")}, {Term: "Target", Text: or(value(p.Head.Reads, p.Target, ""), "not set")}, {Term: "Light", Text: p.limits()}}
	if p.Factor != "" {
		f = append(f, ui.Fact{Term: "Tells of", Text: "the " + p.Factor + " of the risk", Small: p.How})
	}
	if p.Owner != "" {
		f = append(f, ui.Fact{Term: "Owner", Text: p.Names.name(p.Owner)})
	}
	if p.Asks() {
		f = append(f, ui.Fact{Term: "Counted", Text: queryWords(p.Query), Small: "every night, over cases that all staff may open"})
	}
	f = append(f, ui.Fact{Term: "A value", Text: "every " + plural(p.Cadence, "day", "days"), Small: "says nothing after " + plural(p.StaleDays, "day", "days")})
	if p.State == kri.Active && !p.Next.IsZero() {
		f = append(f, ui.Fact{Term: "Next due", Show: ui.Day(p.Next)})
	}
	if !p.Below.IsZero() {
		f = append(f, ui.Fact{Term: "Better than the baseline", Text: "since " + p.Head.Reads.Date(p.Below)})
	}
	return f
}

// measureWords are what a query counts.
var measureWords = map[string]string{kri.Count: "cases opened in the month", kri.InTime: "share of the closed cases that was never late", kri.Overdue: "open cases that are late"}

// queryWords say what the house counts.
func queryWords(q *kri.Query) string {
	out := or(measureWords[q.Measure], q.Measure)
	for _, s := range []struct{ name, value string }{{"in", join(" of ", q.Component, q.Product)}, {"of", q.CWE}, {"of severity", q.Severity}} {
		if s.value != "" {
			out += " " + s.name + " " + s.value
		}
	}
	return out
}

// forecast is the prediction in words.
func (p KRIPage) forecast() []ui.Fact {
	f := p.Forecast
	if f == nil {
		return nil
	}
	if !f.Known {
		out := []ui.Fact{{Term: "Next period", Text: "not known: nothing has been counted yet"}}
		if f.Limit > 0 {
			out = append(out, ui.Fact{Term: "Ruled out", Text: "more than " + p.Head.Reads.Figure(f.Limit) + " a period", Small: p.level() + " sure"})
		}
		return out
	}
	out := []ui.Fact{{Term: "Next period", Text: p.Head.Reads.Figure(f.Mean) + " expected", Small: fmt.Sprintf("between %s and %s, %s sure", p.Head.Reads.Figure(f.Low), p.Head.Reads.Figure(f.High), p.level())},
		{Term: "May in fact be", Text: p.Head.Reads.Number(f.Least) + " to " + p.Head.Reads.Number(f.Most)}}
	if f.Ratio != nil {
		out = append(out, ui.Fact{Term: "Against the baseline", Text: ratioWords(p.Head.Reads, *f.Ratio), Small: "the light is " + string(f.Light)})
	}
	if f.Above != nil {
		out = append(out, ui.Fact{Term: "More than the baseline", Text: percentOf(p.Head.Reads, math.Round(*f.Above*1000)/1000) + " likely"})
	}
	return out
}

func (p KRIPage) level() string { return percentOf(p.Head.Reads, p.Rules.Register.KRI.Level) }

// ratioWords say how a prediction stands to the baseline.
func ratioWords(reads *ui.Reader, x float64) string {
	switch {
	case x > .995 && x < 1.005:
		return "as much as the baseline"
	case x >= 1:
		return reads.Figure(x) + " times the baseline"
	}
	return percentOf(reads, math.Round(x*100)/100) + " of the baseline"
}

// rowsShown is how many values the page lists; the file has all.
const rowsShown = 60

// rows are the newest values, the newest first.
func (p KRIPage) rows() []kri.Point {
	out := slices.Clone(p.Points)
	slices.Reverse(out)
	return out[:min(len(out), rowsShown)]
}

// sources are where values come from, in words.
var sources = map[string]string{kri.Manual: "by hand", kri.CSV: "from a file", kri.API: "by a program", "query": "counted", "sample": "from a sample", "experiment": "from an experiment"}

// interval writes the interval of a share.
func interval(reads *ui.Reader, x kri.Point) string {
	if x.Low == nil || x.High == nil {
		return ""
	}
	out := reads.Figure(*x.Low) + " to " + reads.Figure(*x.High)
	if x.Tried > 0 {
		out += " (" + reads.Number(x.Bad) + " of " + reads.Number(x.Tried) + ")"
	}
	return out
}

// answered tells what was found in a chosen member: "bad", "good" or "" for nothing
// yet, with its note.
func answered(s *kri.Sample, id string) (word, note string) {
	for _, r := range s.Results {
		switch {
		case r.ID == id && r.Bad:
			return "bad", r.Note
		case r.ID == id:
			return "good", r.Note
		}
	}
	return "", ""
}
