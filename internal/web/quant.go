package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/chart"
	"tocsin/internal/fault"
	"tocsin/internal/locale"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/score/fair"
	"tocsin/internal/web/ui"
)

// quantRoutes are quantification: of one risk, and of all that somebody sees.
var quantRoutes = []Route{
	{Pattern: "GET /risks/{id}/quant", Do: quantPage},
	{Pattern: "POST /risks/{id}/quant", Verb: quant.VerbQuantify, Do: quantSave},
	{Pattern: "POST /risks/{id}/quant/run", Verb: quant.VerbQuantify, Do: quantRun},
	{Pattern: "POST /risks/{id}/quant/cancel", Verb: quant.VerbQuantify, Do: quantCancel},
	{Pattern: "GET /register/portfolio", Do: portfolioPage},
	{Pattern: "POST /register/portfolio", Verb: quant.VerbQuantify, Do: portfolioRun},
	{Pattern: "POST /register/portfolio/cancel", Verb: quant.VerbQuantify, Do: portfolioCancel},
}

// QuantPage is what a risk costs: its scenario, the runs of it, and what came of them.
type QuantPage struct {
	Head ui.PageHead
	*quant.Quant
	Names book
	Now   time.Time
	Form  url.Values
	Edit  bool
	Bears bears
	Wrong *fault.Fault
}

// file is the address of one of its pictures as a file, without the ending.
func (p QuantPage) file(name string) string { return riskAddress(p.Risk, "pictures/"+name) }

func riskOf(r *http.Request) ref.ID { return ref.Read(r.PathValue("id")) }

func quantPage(w *Web, r *http.Request) (Answer, error) {
	return w.quantShow(r, QuantPage{Form: url.Values{}, Edit: r.FormValue("edit") != ""})
}

func (w *Web) quantShow(r *http.Request, p QuantPage) (Answer, error) {
	var err error
	if p.Quant, err = w.Quants.Of(r.Context(), riskOf(r)); err != nil {
		return Answer{}, err
	}
	p.Head, p.Names, p.Now, p.Bears = w.registerHead(r, "What "+string(p.Risk)+" costs"), w.who(r), w.Now().UTC(), bearsOf(r)
	if p.Wrong == nil {
		p.fill()
	}
	p.Edit = p.Edit || p.Scenario == nil
	return show(statusFor(p.Wrong), quantView(p))
}

// fill fills the forms in with what stands.
func (p *QuantPage) fill() {
	p.Form = url.Values{"text": {quant.Template(p.Risk, p.Title)}, "trials": {strconv.Itoa(quant.DefaultTrials)}, "seed": {"0"}, "version": {"0"}}
	if s := p.Scenario; s != nil {
		p.Form.Set("text", s.Text)
		p.Form.Set("version", strconv.Itoa(s.N))
	}
	if r := p.Latest; r != nil {
		p.Form.Set("trials", strconv.Itoa(r.Trials))
		p.Form.Set("seed", strconv.FormatUint(r.Seed, 10))
	}
}

func quantSave(w *Web, r *http.Request) (Answer, error) {
	version, _ := strconv.Atoi(r.PostFormValue("version")) // what is no number asks for no version
	kept, err := w.Quants.SetScenario(once(r), riskOf(r), quant.Setting{Version: version, Text: r.PostFormValue("text"), Why: r.PostFormValue("why")})
	if err = unlessSent(err); err == nil && r.PostFormValue("do") == "run" {
		if _, err = w.quantStart(r); kept != nil {
			r.PostForm.Set("version", strconv.Itoa(kept.N)) // for the form that comes back
		}
	}
	if f, ok := formFault(err); ok {
		return w.quantShow(r, QuantPage{Form: r.PostForm, Wrong: f, Edit: true})
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(riskAddress(riskOf(r), "quant"), "saved")
}

func quantRun(w *Web, r *http.Request) (Answer, error) {
	_, err := w.quantStart(r)
	if f, ok := formFault(err); ok {
		return w.quantShow(r, QuantPage{Form: r.PostForm, Wrong: f})
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(riskAddress(riskOf(r), "quant")+"#result", "")
}

func (w *Web) quantStart(r *http.Request) (ref.ID, error) {
	o, bad := quantOptions(r)
	id, err := w.Quants.Run(r.Context(), riskOf(r), o)
	if err == nil || fault.KindOf(err) == fault.Invalid {
		err = firstOf(bad, err)
	}
	return id, err
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// quantOptions reads how to run; what is no number is said, and refused as such once
// it is clear that the asker may ask.
func quantOptions(r *http.Request) (o quant.Options, err error) {
	var fs fault.Fields
	if s := strings.TrimSpace(r.FormValue("trials")); s != "" {
		if o.Trials, err = strconv.Atoi(s); err != nil {
			o.Trials = -1
			fs.Add("trials", "“%s” is no number of years; write it like %d", s, quant.DefaultTrials)
		}
	}
	if s := strings.TrimSpace(r.FormValue("seed")); s != "" {
		if o.Seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			o.Trials = -1
			fs.Add("seed", "“%s” is no seed; write a whole number of 0 or more", s)
		}
	}
	return o, fs.Err()
}

func quantCancel(w *Web, r *http.Request) (Answer, error) {
	err := w.Quants.Cancel(r.Context(), riskOf(r), ref.ID(r.PostFormValue("run")))
	if f, ok := formFault(err); ok {
		return w.quantShow(r, QuantPage{Form: r.PostForm, Wrong: f})
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(riskAddress(riskOf(r), "quant"), "")
}

// in fills a field with what was typed and with what is wrong.
func (p QuantPage) in(in ui.Input) ui.Input { return in.For(p.Form.Get(in.Name), p.Wrong) }

// mayRun tells whether the reader may describe and run the scenario.
func (p QuantPage) mayRun() bool { return p.May[string(quant.VerbQuantify)] }

func (p QuantPage) lede() string {
	switch {
	case p.Scenario == nil:
		return "Nobody has described yet how often it would happen and what it would cost."
	case p.Latest == nil:
		return "Version " + strconv.Itoa(p.Scenario.N) + " of the scenario is described, and no year was drawn of it yet."
	}
	r, reads := p.Latest.Result, p.Head.Reads
	return "A year costs " + reads.Money(r.Mean, r.Unit) + " in the mean; the worst 1 % of years cost " + reads.Money(r.ES99, r.Unit) + " and more in the mean."
}

func drawn(reads *locale.Reader, r *quant.Run) string {
	return reads.Number(r.Trials) + " years, seed " + strconv.FormatUint(r.Seed, 10)
}

// made says how a result was made, so that it can be made again.
func made(reads *locale.Reader, r *quant.Run) string {
	return drawn(reads, r) + ", engine " + r.Engine + ", input " + r.Result.InputHash[:min(12, len(r.Result.InputHash))]
}

// summaryTable is what a result says in numbers: quantification, 5.4.
func summaryTable(reads *ui.Reader, r *fair.Result) chart.Table {
	t := chart.Table{Caption: "The loss of a year", Columns: []chart.Column{{Name: "Figure"}, {Name: "as it is", Number: true}}}
	both := []*fair.Summary{&r.Summary}
	if r.After != nil {
		t.Columns = append(t.Columns, chart.Column{Name: "as treated", Number: true})
		both = append(both, &r.After.Summary)
	}
	add := func(name string, of func(*fair.Summary) string) {
		row := chart.Row{Cells: []string{name}}
		for _, s := range both {
			row.Cells = append(row.Cells, of(s))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, x := range summaryRows {
		add(reads.Said(x.name), func(s *fair.Summary) string { return reads.Money(x.of(s), r.Unit) })
	}
	add("Years without loss", func(s *fair.Summary) string { return reads.Percent(s.PZero) })
	for i, at := range r.Exceedance {
		add("Above "+reads.Money(at.Loss, r.Unit), func(s *fair.Summary) string { return reads.Percent(s.Exceedance[i].Probability) })
	}
	return t
}

var summaryRows = []struct {
	name string
	of   func(*fair.Summary) float64
}{
	{"Mean (annualised loss expectancy)", func(s *fair.Summary) float64 { return s.Mean }},
	{"± its standard error", func(s *fair.Summary) float64 { return s.SE }},
	{"Standard deviation", func(s *fair.Summary) float64 { return s.SD }},
	{"Least", func(s *fair.Summary) float64 { return s.Min }},
	{"5 % of years below", func(s *fair.Summary) float64 { return s.P5 }},
	{"10 %", func(s *fair.Summary) float64 { return s.P10 }},
	{"25 %", func(s *fair.Summary) float64 { return s.P25 }},
	{"Median", func(s *fair.Summary) float64 { return s.P50 }},
	{"75 %", func(s *fair.Summary) float64 { return s.P75 }},
	{"90 %", func(s *fair.Summary) float64 { return s.P90 }},
	{"95 %", func(s *fair.Summary) float64 { return s.P95 }},
	{"99 %", func(s *fair.Summary) float64 { return s.P99 }},
	{"99.9 %", func(s *fair.Summary) float64 { return s.P999 }},
	{"Mean of the worst 5 %", func(s *fair.Summary) float64 { return s.ES95 }},
	{"Mean of the worst 1 %", func(s *fair.Summary) float64 { return s.ES99 }},
	{"Most", func(s *fair.Summary) float64 { return s.Max }},
}

// worth says whether the treatment pays.
func worth(reads *ui.Reader, r *fair.Result) string {
	a := r.After
	if a == nil {
		return ""
	}
	says := "Treatment saves " + reads.Money(r.Mean-a.Mean, r.Unit) + " a year in the mean"
	if a.ROC == nil {
		return says + "; no cost is stated, so no return on it is calculated."
	}
	return says + " and costs " + reads.Money(a.AnnualCost, r.Unit) + ": a return of " + signedPercent(reads, *a.ROC) + " in the mean, and of " + signedPercent(reads, *a.ROCES99) + " in the worst 1 % of years."
}

func signedPercent(reads *ui.Reader, x float64) string {
	return reads.Value(x*100, 0) + " %"
}

// eventWords says how often it happens and what one costs.
func eventWords(reads *ui.Reader, x fair.Risk, unit string) string {
	var parts []string
	if x.Susceptibility != nil {
		parts = append(parts, "a threat event succeeds with "+reads.Percent(*x.Susceptibility))
	}
	if x.Events != nil {
		parts = append(parts, reads.Figure(x.Events.Mean)+" loss events a year")
	}
	if e := x.Event; e != nil {
		parts = append(parts, "one costs "+reads.Money(e.Mean, unit)+" in the mean, "+reads.Money(e.P5, unit)+" to "+reads.Money(e.P95, unit)+" in nine of ten")
	}
	if len(parts) == 0 {
		return ""
	}
	return upperFirst(strings.Join(parts, "; ")) + "."
}

// runTone is how a run went.
func runTone(r *quant.Run) ui.Tone {
	switch r.State {
	case quant.Done:
		return ui.Good
	case quant.Failed:
		return ui.Bad
	case quant.Cancelled:
		return ui.Quiet
	}
	return ui.Accent
}

// before are the versions of the scenario before the one in force.
func (p QuantPage) before() []*quant.Scenario {
	return slices.Clone(p.History[min(1, len(p.History)):])
}
