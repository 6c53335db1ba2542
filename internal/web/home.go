package web

import "net/http"

var homeRoutes = []Route{{Pattern: "GET /{$}", Do: home}}

// home leads to where the work lies.
func home(*Web, *http.Request) (Answer, error) { return lead("/cases", "") }
