package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

var productRoutes = []Route{
	{Pattern: "GET /products", Do: productList},
	{Pattern: "GET /products/{name}", Do: productShow},
	{Pattern: "POST /products/{name}", Verb: product.VerbEdit, Do: productSave},
}

// newProduct stands in the address for a product that is not there yet: no product
// can have this name.
const newProduct = "_new"

// ProductPage is the product tree, or the form of one product.
type ProductPage struct {
	Head     ui.PageHead
	Products []product.Product
	Known    book
	Now      time.Time
	May      bool // change the tree

	Name  string // of the product in the form; "" is a new one
	Form  docForm
	Fresh string // the row that was just added
	Wrong *fault.Fault
}

func (w *Web) productPage(r *http.Request, title string) (*ProductPage, error) {
	p := &ProductPage{Head: w.head(r, title, "products"), Known: w.who(r), Now: w.Now(), May: w.rights(r)(product.VerbEdit)}
	var err error
	p.Products, err = w.Products.List(r.Context())
	return p, err
}

func productList(w *Web, r *http.Request) (Answer, error) {
	p, err := w.productPage(r, "Products")
	if err != nil {
		return Answer{}, err
	}
	return show(200, productsView(p))
}

// lineState says whether a release line gets fixes.
func (p *ProductPage) lineState(l product.Line) (ui.Tone, string) {
	switch {
	case !l.Supported:
		return ui.Quiet, "no fixes"
	case l.Until.IsZero():
		return ui.Good, "gets fixes"
	case l.Until.Before(p.Now):
		return ui.Warn, "support ended " + p.Head.Reads.Date(l.Until)
	}
	return ui.Good, "until " + p.Head.Reads.Date(l.Until)
}

func productShow(w *Web, r *http.Request) (Answer, error) {
	p, err := w.productPage(r, "Product")
	if err != nil {
		return Answer{}, err
	}
	p.Form = docForm{url.Values{}}
	if name := r.PathValue("name"); name != newProduct {
		x, ok := p.find(name)
		if !ok {
			return Answer{}, access.NoRecord()
		}
		p.Form = fillProduct(x)
		p.Name, p.Head.Title = x.Name, x.Title
	} else {
		p.Form.Set("version", "0")
		p.Head.Title = "New product"
	}
	return show(200, productView(p))
}

func (p *ProductPage) find(name string) (product.Product, bool) {
	for _, x := range p.Products {
		if x.Name == name {
			return x, true
		}
	}
	return product.Product{}, false
}

func fillProduct(x product.Product) docForm {
	f := docForm{url.Values{}}
	for name, value := range map[string]string{"name": x.Name, "title": x.Title, "vendor": x.Vendor, "purl": x.PURL, "ecosystem": x.Ecosystem, "about": x.About,
		"public": tick(x.Public), "version": strconv.Itoa(x.Version)} {
		f.Set(name, value)
	}
	for i, c := range x.Components {
		f.put("components."+strconv.Itoa(i), i, "name", c.Name, "title", c.Title, "team", string(c.Team))
	}
	for i, l := range x.Lines {
		f.put("lines."+strconv.Itoa(i), i, "name", l.Name, "supported", tick(l.Supported), "until", dateField(l.Until))
	}
	return f
}

// productSave takes the form of a product: to save it, or to add or take away a row.
func productSave(w *Web, r *http.Request) (Answer, error) {
	f := docForm{r.PostForm}
	word, at, rows := strings.Cut(f.Get("do"), ":")
	f.Del("do")
	for _, list := range []string{"components", "lines"} {
		f.count(list, !rows)
	}
	if rows {
		fresh := ""
		if word == "add" {
			fresh = f.add(at)
		} else {
			f.move(at, "")
			f.count(strings.TrimRight(at, ".0123456789"), false)
		}
		return w.productAgain(r, f, fresh, nil)
	}
	x, err := readProduct(f, r.PathValue("name"))
	if err == nil {
		err = w.Products.Save(r.Context(), x)
	}
	if wrong, ok := formFault(err); ok {
		return w.productAgain(r, f, "", wrong)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/products#"+url.QueryEscape(x.Name), "saved")
}

func (w *Web) productAgain(r *http.Request, f docForm, fresh string, wrong *fault.Fault) (Answer, error) {
	p, err := w.productPage(r, or(f.Get("title"), "Product"))
	if err != nil {
		return Answer{}, err
	}
	p.Form, p.Fresh, p.Wrong = f, fresh, wrong
	if name := r.PathValue("name"); name != newProduct {
		p.Name = name
	}
	return show(statusFor(wrong), productView(p))
}

func readProduct(f docForm, name string) (product.Product, error) {
	var wrong fault.Fields
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	x := product.Product{Name: name, Title: get("title"), Vendor: get("vendor"), PURL: get("purl"), Ecosystem: get("ecosystem"), About: get("about"), Public: get("public") != ""}
	if name == newProduct {
		x.Name = get("name")
	}
	var err error
	if x.Version, err = strconv.Atoi(get("version")); err != nil {
		wrong.Add("version", "the form does not say which version it changes; load the page again")
	}
	for _, at := range f.rows("components") {
		x.Components = append(x.Components, product.Component{Name: get(at + ".name"), Title: get(at + ".title"), Team: ref.ID(get(at + ".team"))})
	}
	for _, at := range f.rows("lines") {
		l := product.Line{Name: get(at + ".name"), Supported: get(at+".supported") != ""}
		if day := get(at + ".until"); day != "" {
			if l.Until, err = time.Parse(time.DateOnly, day); err != nil {
				wrong.Add(at+".until", "%q is no date; write it like 2027-03-15", day)
			}
		}
		x.Lines = append(x.Lines, l)
	}
	return x, wrong.Err()
}

// Input is a field of the form with what stands in it and what is wrong with it.
func (p *ProductPage) Input(name, label string) ui.Input {
	in := ui.Input{Name: name, Label: label, Silent: true, Auto: "off"}.For(p.Form.Get(name), p.Wrong)
	if at, field, ok := cutLast(name); ok && p.Fresh == at {
		in.Focus = field == "name"
	}
	return in
}

// teams are the answers of a component's owner.
func (p *ProductPage) teams() (out []ui.Option) {
	for _, k := range p.Known.all {
		if k.Team {
			out = append(out, ui.Option{Value: string(k.ID), Text: k.Name})
		}
	}
	return out
}
