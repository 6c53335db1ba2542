package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/fault"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// PortfolioPage is what the risks that the reader sees cost together.
type PortfolioPage struct {
	Head ui.PageHead
	*quant.Portfolio
	Form  url.Values
	Bears bears
	Wrong *fault.Fault
}

// pictures is the address of one of its pictures as a file, without the ending.
func (p PortfolioPage) pictures(name string) string {
	_, query, _ := strings.Cut(portfolioAddress(p.Form), "?")
	return strings.TrimSuffix("/register/pictures/"+name+"?"+query, "?")
}

func portfolioPage(w *Web, r *http.Request) (Answer, error) {
	return w.portfolioShow(r, PortfolioPage{Form: r.URL.Query()})
}

func (w *Web) portfolioShow(r *http.Request, p PortfolioPage) (Answer, error) {
	in, err := portfolioAsking(r)
	if err == nil {
		p.Portfolio, err = w.Quants.Portfolio(r.Context(), portfolioFilter(r), in)
	}
	if f, ok := formFault(err); ok {
		p.Wrong = f
		p.Portfolio, err = w.Quants.Portfolio(r.Context(), portfolioFilter(r), quant.Asking{})
	}
	if err != nil {
		return Answer{}, err
	}
	p.Head, p.Bears = w.registerHead(r, "What the risks cost together"), bearsOf(r)
	return show(statusFor(p.Wrong), portfolioView(p))
}

func portfolioFilter(r *http.Request) risk.Filter {
	return risk.Filter{Department: r.FormValue("department"), Scope: r.FormValue("scope"), Rating: r.FormValue("rating"), Label: r.FormValue("label")}
}

// portfolioAsking reads how the risks are to be added up.
func portfolioAsking(r *http.Request) (in quant.Asking, err error) {
	if in.Options, err = quantOptions(r); err != nil {
		return in, err
	}
	in.Unit = strings.TrimSpace(r.FormValue("unit"))
	for _, s := range strings.Fields(r.FormValue("appetite")) {
		s = strings.TrimRight(s, ",;")
		x, err := visitOf(r).reads.Parse(s)
		if err != nil || strings.ContainsAny(s, ".,'’") { // no amount has decimals, and none of a list is taken apart
			return in, fault.At("appetite", "“%s” is no amount; write amounts like 1000000, with blanks between them", s)
		}
		in.Appetite = append(in.Appetite, x)
	}
	return in, nil
}

func portfolioRun(w *Web, r *http.Request) (Answer, error) {
	in, err := portfolioAsking(r)
	if err == nil {
		_, err = w.Quants.RunPortfolio(r.Context(), portfolioFilter(r), in)
	}
	if f, ok := formFault(err); ok {
		return w.portfolioShow(r, PortfolioPage{Form: r.PostForm, Wrong: f})
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(portfolioAddress(r.PostForm), "")
}

func portfolioCancel(w *Web, r *http.Request) (Answer, error) {
	if err := w.Quants.Cancel(r.Context(), "", ref.ID(r.PostFormValue("run"))); err != nil {
		return Answer{}, err
	}
	return lead(portfolioAddress(r.PostForm), "")
}

// portfolioParams are the parameters by which a portfolio is asked for.
var portfolioParams = []string{"trials", "seed", "unit", "appetite", "department", "scope", "rating", "label"}

func portfolioAddress(form url.Values) string {
	return addressed("/register/portfolio", form, portfolioParams)
}

// in fills a field with what was asked and with what is wrong.
func (p PortfolioPage) in(in ui.Input) ui.Input { return in.For(p.Form.Get(in.Name), p.Wrong) }

// done tells whether there is a result to show.
func (p PortfolioPage) done() bool { return p.Run != nil && p.Run.Result != nil }

func (p PortfolioPage) lede() string {
	if p.done() {
		r := p.Run.Result
		return "Together a year costs " + p.Head.Reads.Money(r.Mean, r.Unit) + " in the mean; the worst 1 % of years cost " + p.Head.Reads.Money(r.ES99, r.Unit) + " in the mean."
	}
	return "Of the open risks that you may see, " + plural(len(p.Members), "has a scenario", "have a scenario") + " and " + strconv.Itoa(p.Without) + " have none. Nobody else's risks are counted."
}

// titles are the members' titles by ID.
func (p PortfolioPage) titles() map[string]string {
	out := map[string]string{}
	for _, m := range p.Members {
		out[string(m.Risk)] = m.Title
	}
	return out
}

// table is the risks one by one.
func (p PortfolioPage) table() chart.Table {
	r, titles := p.Run.Result, p.titles()
	t := chart.Table{Caption: "The risks one by one", Columns: []chart.Column{{Name: "Risk"}, {Name: "Mean", Number: true}, {Name: "95 %", Number: true}, {Name: "99 %", Number: true},
		{Name: "Worst 1 %", Number: true}, {Name: "Of the mean", Number: true}, {Name: "Of the worst years", Number: true}}}
	for _, x := range r.Risks {
		row := chart.Row{Href: riskAddress(ref.ID(x.ID), "quant"), Cells: []string{or(titles[x.ID], x.ID)}}
		for _, v := range []float64{x.Mean, x.P95, x.P99, x.ES99} {
			row.Cells = append(row.Cells, p.Head.Reads.Money(v, r.Unit))
		}
		shares := []string{"100 %", "100 %"}
		if x.Portion != nil {
			shares = []string{signedPercent(p.Head.Reads, x.Portion.Mean), signedPercent(p.Head.Reads, x.Portion.ES99)}
		}
		row.Cells = append(row.Cells, shares...)
		t.Rows = append(t.Rows, row)
	}
	return t
}
