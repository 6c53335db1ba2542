// Command style serves the gallery of the kit, so that a change of a part can be
// looked at: go run ./tools/style, then open the address it prints. It is a tool
// for people who work on the pages and no part of Tocsin.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"

	"github.com/a-h/templ"

	"tocsin/internal/web/assets"
	"tocsin/internal/web/ui"
)

func main() {
	at := flag.String("listen", "127.0.0.1:8430", "address to listen on")
	flag.Parse()
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	mux.HandleFunc("GET /cvss", score)
	mux.HandleFunc("GET /pictures", func(w http.ResponseWriter, r *http.Request) {
		assets.SetPageHeaders(w.Header())
		pictures(w, r)
	})
	for path, page := range map[string]func(theme string) templ.Component{
		"/{$}":     ui.Style,
		"/public":  ui.StylePublic,
		"/sign-in": func(string) templ.Component { return ui.StyleAlone() },
		"/error":   func(string) templ.Component { return ui.ErrorPage(ui.Failures[http.StatusNotFound]) },
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			assets.SetPageHeaders(w.Header())
			templ.Handler(page(r.FormValue("theme"))).ServeHTTP(w, r)
		})
	}
	fmt.Println("http://"+*at+"/", "/public", "/pictures", "/sign-in", "/error, each with ?theme=light or dark")
	log.Fatal(http.ListenAndServe(*at, mux))
}

// score answers like the real one, with one fixed score: the gallery shows how the
// calculator looks and moves, not what a vector is worth.
func score(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"vector":%q,"score":8.7,"severity":"high"}`, r.FormValue("vector"))
}
