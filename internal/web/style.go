package web

import (
	"net/http"

	"github.com/a-h/templ"

	"tocsin/internal/access"
	"tocsin/internal/web/ui"
)

// styleRoutes show the kit of the pages, in a demonstration alone: it is for people
// who work on the pages.
var styleRoutes = []Route{
	{Pattern: "GET /style", Do: style},
}

// styleSides are the sides of the gallery; the first is that without a word.
var styleSides = map[string]func(theme string) templ.Component{
	"": ui.Style, "public": ui.StylePublic,
	"alone": func(string) templ.Component { return ui.StyleAlone() },
	"error": func(string) templ.Component { return ui.ErrorPage(ui.Failures[http.StatusNotFound]) },
}

func style(w *Web, r *http.Request) (Answer, error) {
	side, ok := styleSides[r.FormValue("side")]
	if !ok || w.options.Demo == nil {
		return Answer{}, access.NoRecord()
	}
	return show(http.StatusOK, side(r.FormValue("theme")))
}
