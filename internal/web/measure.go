package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/chart"
	"tocsin/internal/fault"
	"tocsin/internal/locale"
	"tocsin/internal/measure"
	"tocsin/internal/product"
	"tocsin/internal/profile"
	"tocsin/internal/web/ui"
)

// measureRoutes are the reports: how the handling of cases went.
var measureRoutes = []Route{
	{Pattern: "GET /reports", Do: measurePage},
	{Pattern: "GET /reports/rows", Do: measureRows},
	{Pattern: "GET /reports/file/{name}", Do: measureFile},
}

// MeasurePage is a report.
type MeasurePage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Now      time.Time
	Query    url.Values
	Products []product.Product
	Wrong    *fault.Fault
	*measure.Report
}

func measurePage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.measured(r)
	if err != nil {
		return Answer{}, err
	}
	return show(statusFor(p.Wrong), measureView(p))
}

// measured reads the report that the address asks for.
func (w *Web) measured(r *http.Request) (p MeasurePage, err error) {
	p = MeasurePage{Head: w.head(r, "Reports", "reports"), Rules: w.Rules, Now: w.Now().UTC(), Query: r.URL.Query()}
	p.Head.Style, p.Head.Wide = "measure.css", true
	if p.Products, err = w.Products.List(r.Context()); err != nil {
		return p, err
	}
	ask, err := measureAsk(p.Query)
	if err == nil {
		p.Report, err = w.Measures.Report(r.Context(), ask)
	}
	if f, ok := formFault(err); ok { // the question made no sense: the usual one is answered
		p.Wrong = f
		p.Report, err = w.Measures.Report(r.Context(), measure.Ask{})
	}
	return p, err
}

// measureAsk reads a question from an address.
func measureAsk(q url.Values) (measure.Ask, error) {
	ask := measure.Ask{Period: q.Get("period"), Product: q.Get("product"), Severity: q.Get("severity"), Rows: 200}
	var fs fault.Fields
	for name, to := range map[string]*time.Time{"as_of": &ask.AsOf, "from": &ask.From} {
		s := strings.TrimSpace(q.Get(name))
		if s == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			fs.Add(name, "“%s” is no day; write it like 2026-10-31", s)
		}
		*to = day
	}
	if !ask.AsOf.IsZero() {
		ask.AsOf = ask.AsOf.Add(24*time.Hour - time.Microsecond)
	}
	return ask, fs.Err()
}

// pictures are the pictures of a report, by the names of their files.
func (p MeasurePage) pictures() map[string]chart.Picture {
	return map[string]chart.Picture{"kept": p.kept(), "times": p.times(), "ageing": p.ageing(), "intake": p.intake(), "weaknesses": p.weaknesses(), "sources": p.sources()}
}

// measureFile is a picture of the report as SVG, PNG or CSV, or the breaches as CSV.
func measureFile(w *Web, r *http.Request) (Answer, error) {
	name := r.PathValue("name")
	ending := path.Ext(name)
	p, err := w.measured(r)
	switch {
	case err != nil:
		return Answer{}, err
	case p.Wrong != nil:
		return Answer{}, p.Wrong
	}
	pic, known := p.pictures()[strings.TrimSuffix(name, ending)]
	f := &File{Name: strings.TrimSuffix(name, ending) + "-" + p.Window.Last + ending}
	theme := chart.Light
	if p.Query.Get("theme") == "dark" {
		theme = chart.Dark
	}
	switch {
	case name == "breaches.csv":
		f.Body, err = csvOf(breachTable(p.Breaches))
	case !known:
		return Answer{}, access.NoRecord()
	case ending == ".csv":
		f.Body, err = csvOf(pic.Table(locale.Machine))
	case ending == ".svg":
		f.Body = pic.Draw(p.Head.Reads).File(theme)
	case ending == ".png":
		f.Body, err = pic.Draw(p.Head.Reads).PNG(theme)
	default:
		return Answer{}, access.NoRecord()
	}
	return Answer{File: f}, err
}

// csvOf writes a table as CSV. A cell that a sheet would take for a formula is text.
func csvOf(t chart.Table) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Name
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for _, r := range t.Rows {
		cells := make([]string, len(r.Cells))
		for i, c := range r.Cells {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				c = "'" + c
			}
			cells[i] = c
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// breachTable is the list of breaches as cells.
func breachTable(all []measure.Breach) chart.Table {
	t := chart.Table{Caption: "Missed clocks"}
	for _, name := range []string{"Case", "Title", "Severity", "Product", "Clock", "Began", "Due", "Missed", "Ended", "Paused hours", "Late hours"} {
		t.Columns = append(t.Columns, chart.Column{Name: name})
	}
	hours := func(s measure.Span64) string { return strconv.FormatFloat(s.Duration().Hours(), 'f', 1, 64) }
	for _, b := range all {
		ended := ""
		if b.Ended != nil {
			ended = b.Ended.Format(time.RFC3339)
		}
		t.Rows = append(t.Rows, chart.Row{Cells: []string{string(b.Case), b.Title, b.Severity, b.Product, b.Clock, b.Began.Format(time.RFC3339), b.Due.Format(time.RFC3339),
			b.At.Format(time.RFC3339), ended, hours(b.Paused), hours(b.Over)}})
	}
	return t
}

// at is an address with the question kept, and with more parameters.
func (p MeasurePage) at(address string, more ...string) string {
	return addressed(address, rightly(p.Query, p.Wrong), []string{"period", "as_of", "from", "product", "severity"}, more...)
}

// rows is the address of the rows behind a number.
func (p MeasurePage) rows(of string, more ...string) string {
	return p.at("/reports/rows", append([]string{"of", of}, more...)...)
}

// severityArg is a severity as an address names it.
func severityArg(word string) string {
	if word == "" {
		return measure.Unknown
	}
	return word
}

// MeasureRowsPage is the rows behind a number.
type MeasureRowsPage struct {
	MeasurePage
	Title string
	*measure.Rows
}

func measureRows(w *Web, r *http.Request) (Answer, error) {
	q := r.URL.Query()
	ask, err := measureAsk(q)
	if err != nil {
		return Answer{}, err
	}
	b := measure.Behind{Of: q.Get("of"), What: q.Get("what"), Severity: q.Get("at"), Name: q.Get("name"), Month: q.Get("month"), Before: q.Get("before") != ""}
	b.From, _ = strconv.Atoi(q.Get("days")) // what is no number is 0: from the first day
	b.To, _ = strconv.Atoi(q.Get("until"))
	p := MeasureRowsPage{MeasurePage: MeasurePage{Head: w.head(r, "Reports", "reports"), Rules: w.Rules, Now: w.Now().UTC(), Query: q}, Title: capital(w.Measures.Title(b))}
	p.Head.Style, p.Head.Wide = "measure.css", true
	if p.Rows, err = w.Measures.Rows(r.Context(), ask, b); err != nil {
		return Answer{}, err
	}
	return show(200, measureRowsView(p))
}

// lede says of what the numbers are.
func (p MeasurePage) lede() string {
	return "Computed from the " + plural(p.Cases, "case", "cases") + " you may see that " + verbFor(p.Cases, "was", "were") + " open at some time from " + p.span() + "."
}

// span says the window as people write it.
func (p MeasurePage) span() string {
	return p.Head.Reads.Whole(p.Window.From()) + " to " + p.Head.Reads.Last(p.Window.To())
}

// shareWords write a share so that few are not blown up: a percentage only where
// there are ten and more.
func shareWords(reads *ui.Reader, s measure.Share) string {
	switch {
	case s.Of == 0:
		return "none decided"
	case s.Few():
		return reads.Number(s.Part) + " of " + reads.Number(s.Of)
	}
	return percentWords(reads, s.Percent())
}

// percentWords write a percentage; what is not all is never rounded to all, nor what
// is not none to none.
func percentWords(reads *ui.Reader, p float64) string {
	switch {
	case p > 99 && p < 100:
		return "over 99 %"
	case p > 0 && p < 1:
		return "under 1 %"
	}
	return reads.Value(p, 0) + " %"
}

// intervalWords write the interval of a share, where there is one to speak of.
func intervalWords(reads *ui.Reader, k measure.Kept) string {
	switch s := k.Share(); {
	case s.Of == 0:
		return ""
	case s.Few():
		return "too few for a percentage"
	}
	return "95 %: " + reads.Value(k.Low, 0) + " to " + reads.Value(k.High, 0) + " %"
}

// changeWords compare with the window before.
func changeWords(reads *ui.Reader, k measure.Kept) string {
	if k.Before.Of == 0 {
		return "none before"
	}
	return "before " + shareWords(reads, k.Before)
}

// overall sums all clocks.
func (p MeasurePage) overall() (k measure.Kept) {
	for _, a := range p.Attainment {
		k.Met, k.Missed, k.Running, k.Open = k.Met+a.Met, k.Missed+a.Missed, k.Running+a.Running, k.Open+a.Open
		k.Before.Part, k.Before.Of = k.Before.Part+a.Before.Part, k.Before.Of+a.Before.Of
	}
	k.Low, k.High = k.Share().Wilson()
	return k
}

// lengthOf is how long something took.
func (p MeasurePage) lengthOf(what string) (l measure.Length) {
	for _, x := range p.Times {
		if x.What == what {
			return x
		}
	}
	return l
}

// sumOf adds up a column of the window's groups.
func sumOf(groups []measure.Group) (now, before int) {
	for _, g := range groups {
		now, before = now+g.Count, before+g.Before
	}
	return now, before
}

// pausedWords say how long something was paused.
func pausedWords(s measure.Span64) string {
	if s.Duration() < time.Minute {
		return "never paused"
	}
	return "paused " + length(s.Duration())
}

// counts tells whether a text counts anything.
func counts(says string) bool { return strings.ContainsAny(says, "123456789") }
