package web

import (
	"net/http"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/picture"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// pictureRoutes are the pictures as files: one row of package picture each, drawn
// from what the reader may see.
var pictureRoutes = []Route{
	{Pattern: "GET /register/pictures/{picture}", Do: pictured(picture.Register)},
	{Pattern: "GET /risks/{id}/pictures/{picture}", Do: pictured(picture.Risk)},
	{Pattern: "GET /kri/{id}/pictures/{picture}", Do: pictured(picture.Indicator)},
}

// pictured answers with a picture of something as a file.
func pictured(of string) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		ask, err := w.pictureAsk(r, of)
		if err != nil {
			return Answer{}, err
		}
		name, body, err := picture.File(r.Context(), w.House, of, r.PathValue("picture"), r.FormValue("theme"), ask)
		if why := fault.Of(err); err != nil && why.Kind == fault.NotFound && why.Says != fault.Of(access.NoRecord()).Says {
			return show(http.StatusNotFound, w.refusal(r, ui.Oops{Code: "404", Title: "There is nothing to draw yet", Says: capital(why.Says) + ".", Back: besideOf(r)}))
		}
		return Answer{File: &File{Name: name, Body: body}}, err
	}
}

// besideOf leads from a picture to the page that it stands on.
func besideOf(r *http.Request) ui.Link {
	at, _, _ := strings.Cut(r.URL.Path, "/pictures/")
	return ui.Link{Text: "To its page", Href: at}
}

// pictureAsk reads what is asked from the address, as the page of the picture does.
func (w *Web) pictureAsk(r *http.Request, of string) (a picture.Ask, err error) {
	a.ID, a.Name, a.Reads = ref.Read(r.PathValue("id")), w.who(r).name, visitOf(r).reads
	if a.Bears, err = toleranceOf(r); err != nil || of != picture.Register {
		return a, err
	}
	list := RegisterPage{Query: r.URL.Query(), Asked: w.ask(r, registerPlace)}
	a.Over, a.Listed = list.wide(), list.filter()
	switch name, _, _ := strings.Cut(r.PathValue("picture"), "."); name {
	case "recurrence":
		a.Recurs, err = RecurPage{Query: r.URL.Query()}.ask()
	case "contribution", "loss":
		a.Listed = portfolioFilter(r)
		a.Money, err = portfolioAsking(r)
	}
	return a, err
}

// pictureFile is the address of a picture as a file of that ending; the question of
// the page stays in it.
func pictureFile(at, ending string) string {
	path, query, asked := strings.Cut(at, "?")
	if !asked {
		return path + ending
	}
	return path + ending + "?" + query
}
