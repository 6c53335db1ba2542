package api

import (
	"net/http"

	"tocsin/internal/profile"
)

type document struct{ json []byte }

func (d *document) make(*profile.Profile) {}

func (a *API) openapi(w *answer, q *http.Request) error { return w.value(q, a.doc.json) }
func (a *API) docs(w *answer, q *http.Request) error    { return w.value(q, a.doc.json) }
