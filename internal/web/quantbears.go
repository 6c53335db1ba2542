package web

import (
	"net/http"
	"net/url"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/fault"
	"tocsin/internal/picture"
	"tocsin/internal/score/fair"
	"tocsin/internal/web/ui"
)

// bears is what is tolerated, as it was asked for: two losses and how probable more
// than each may be.
type bears struct {
	Form  url.Values
	Curve []chart.LossPoint
	Wrong *fault.Fault
}

// bearsParams are its parameters in addresses.
var bearsParams = []string{"loss1", "odds1", "loss2", "odds2"}

func bearsOf(r *http.Request) bears {
	b := bears{Form: url.Values{}}
	for _, name := range bearsParams {
		b.Form.Set(name, strings.TrimSpace(r.FormValue(name)))
	}
	var err error
	b.Curve, err = toleranceOf(r)
	b.Wrong, _ = formFault(err)
	return b
}

// toleranceOf reads the two points; none at all is no curve.
func toleranceOf(r *http.Request) ([]chart.LossPoint, error) {
	var fs fault.Fields
	var x [4]float64
	given := 0
	for i, name := range bearsParams {
		s := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(r.FormValue(name)), "%"))
		if s == "" {
			continue
		}
		given++
		n, err := visitOf(r).reads.Parse(s)
		if err != nil {
			fs.Add(name, "%s", err)
		} else if !(n > 0) || n > 1e15 {
			fs.Add(name, "“%s” is no amount or percentage above 0; write it like 100000 or 10", s)
		}
		x[i] = n
	}
	switch {
	case given == 0:
		return nil, nil
	case given < len(x):
		fs.Add(bearsParams[0], "a curve of what is tolerated goes through two points; give both losses and both percentages")
	case fs.Err() != nil:
	case x[2] <= x[0]:
		fs.Add("loss2", "the second loss has to be above the first")
	case x[1] >= 100 || x[3] >= x[1]:
		fs.Add("odds2", "more than the second loss has to be less probable than more than the first, and both below 100 %%")
	}
	if err := fs.Err(); err != nil {
		return nil, err
	}
	return picture.Tolerance(fair.Point{Loss: x[0], Probability: x[1] / 100}, fair.Point{Loss: x[2], Probability: x[3] / 100}), nil
}

// at is an address with what is tolerated kept in it.
func (b bears) at(address string) string {
	if len(b.Curve) > 0 {
		for _, name := range bearsParams {
			address = addParam(address, name, b.Form.Get(name))
		}
	}
	return address
}

func (b bears) fields() (out []ui.Input) {
	for i, label := range [...]string{"A loss above", "at most, %", "and one above", "at most, % "} {
		out = append(out, ui.Input{Name: bearsParams[i], Label: strings.TrimSpace(label), Hint: [...]string{"100000", "10", "1000000", "1"}[i], Silent: true}.For(b.Form.Get(bearsParams[i]), b.Wrong))
	}
	return out
}

// keeps is the question of the address that the form is sent to, which a form that
// is sent by GET would drop.
func (b bears) keeps(action string) (out []ui.Pair) {
	_, query, _ := strings.Cut(action, "?")
	q, _ := url.ParseQuery(query)
	for _, name := range portfolioParams {
		if v := q.Get(name); v != "" {
			out = append(out, ui.Pair{Name: name, Value: v})
		}
	}
	return out
}
