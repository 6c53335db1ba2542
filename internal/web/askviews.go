package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/saved"
	"tocsin/internal/web/ui"
)

// viewRoutes keep queries of lists under names.
var viewRoutes = []Route{
	{Pattern: "POST /views", Do: saveView},
	{Pattern: "POST /views/first", Do: firstView},
	{Pattern: "POST /views/{id}/name", Do: renameView},
	{Pattern: "POST /views/{id}/delete", Do: deleteView},
}

// viewed are the lists by the names under which their views are saved.
var viewed = []place{casePlace, inboxPlace, advisoryPlace, registerPlace, obsPlace, peoplePlace}

// loadViews reads the views that the reader has of the list. A list is shown without
// them, should they not be there. Who has a view that the list opens with is led to
// it, where the request asks for nothing.
func (a *asking) loadViews(w *Web, r *http.Request) (lead string, err error) {
	a.saved, err = w.Views.List(r.Context(), a.name)
	return a.opens(), err
}

// loadViewsIn is loadViews inside a view that reads the list itself.
func (a *asking) loadViewsIn(w *Web, v *gate.View) (lead string, err error) {
	a.saved, err = w.Views.ListIn(v, a.name)
	return a.opens(), err
}

// opens is where the view that the list opens with is, for a request that asks for
// nothing; "" is here.
func (a *asking) opens() string {
	if len(a.params) > 0 {
		return ""
	}
	i := slices.IndexFunc(a.saved, func(x saved.View) bool { return x.First })
	if i < 0 || a.saved[i].Query == "" {
		return ""
	}
	return a.path + "?" + a.saved[i].Query
}

// present is the query of the address as views keep it.
func (a asking) present() string {
	_, q, _ := strings.Cut(a.address(a.text), "?")
	if q == "" {
		q = url.Values{"q": {a.text}}.Encode()
	}
	return q
}

// tabs are the views that come with the program, then those that were saved.
func (a asking) tabs() []ui.Tab {
	var out []ui.Tab
	now := a.wrong == nil
	first := slices.ContainsFunc(a.saved, func(x saved.View) bool { return x.First })
	for _, v := range a.views {
		t := ui.Tab{Text: v.Text, Href: a.address(v.Href), Now: now && a.text == v.Href}
		if first && t.Href == a.path {
			t.Href = a.path + "?" + url.Values{"q": {v.Href}}.Encode()
		}
		out = append(out, t)
	}
	for _, v := range a.saved {
		t := ui.Tab{Text: ui.Visible(v.Name), Href: a.path + "?" + v.Query, Now: now && a.shows(v)}
		if v.Shared {
			t.Count = "shared"
		}
		out = append(out, t)
	}
	return out
}

// shows tells whether the list is asked for what a view keeps, however its address
// said it when it was saved: views outlive the parameters that they were saved with.
func (a asking) shows(x saved.View) bool {
	if x.Query == a.present() {
		return true
	}
	params, err := url.ParseQuery(x.Query)
	if err != nil {
		return false
	}
	kept := a.of(params)
	return kept.wrong == nil && kept.present() == a.present()
}

// here is the saved view that is shown.
func (a asking) here() (saved.View, bool) {
	i := slices.IndexFunc(a.saved, a.shows)
	if i < 0 {
		return saved.View{}, false
	}
	return a.saved[i], true
}

// back is where a form about views leads to: the list, as a form names it.
func back(r *http.Request) (place, string, error) {
	i := slices.IndexFunc(viewed, func(p place) bool { return p.name == r.PostFormValue("surface") })
	if i < 0 {
		return place{}, "", fault.New(fault.Invalid, "the form names no list whose views are kept; load the page again")
	}
	q, err := url.ParseQuery(strings.TrimPrefix(r.PostFormValue("query"), "?"))
	if err != nil || len(q) == 0 {
		return viewed[i], viewed[i].path, nil
	}
	return viewed[i], viewed[i].path + "?" + q.Encode(), nil
}

func saveView(w *Web, r *http.Request) (Answer, error) {
	p, to, err := back(r)
	if err != nil {
		return Answer{}, err
	}
	if _, err = w.Views.Save(r.Context(), saved.View{Surface: p.name, Name: r.PostFormValue("name"), Query: r.PostFormValue("query"), Shared: r.PostFormValue("shared") != ""}); err != nil {
		return Answer{}, err
	}
	return lead(to, "saved")
}

func firstView(w *Web, r *http.Request) (Answer, error) {
	p, to, err := back(r)
	if err != nil {
		return Answer{}, err
	}
	if err := w.Views.First(r.Context(), p.name, ref.ID(r.PostFormValue("view"))); err != nil {
		return Answer{}, err
	}
	return lead(to, "saved")
}

func renameView(w *Web, r *http.Request) (Answer, error) {
	_, to, err := back(r)
	if err != nil {
		return Answer{}, access.NoRecord()
	}
	if err := w.Views.Rename(r.Context(), ref.ID(r.PathValue("id")), r.PostFormValue("name")); err != nil {
		return Answer{}, err
	}
	return lead(to, "saved")
}

func deleteView(w *Web, r *http.Request) (Answer, error) {
	p, _, err := back(r)
	if err != nil {
		return Answer{}, access.NoRecord()
	}
	if err := w.Views.Delete(r.Context(), ref.ID(r.PathValue("id"))); err != nil {
		return Answer{}, err
	}
	return lead(p.path, "saved")
}
