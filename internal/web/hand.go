package web

import (
	"net/http"
	"regexp"

	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// handField is the field by which a form says for whom it was made: two windows of one
// browser have one session, and a form of the first must not act for who signed in with
// the second.
const handField = "hand"

// sends is the beginning of a form that does something; what stands in attributes has no >.
var sends = regexp.MustCompile(`<form[^>]* method="post"[^>]*>`)

// handed says in every form of a page for whom it is, so that no template can forget, and
// a browser without script tells it, too.
func handed(page []byte, me ref.ID) []byte {
	if me == "" {
		return page
	}
	return sends.ReplaceAll(page, []byte(`$0<input type="hidden" name="`+handField+`" value="`+string(me)+`">`))
}

// other tells whether a form was made for another person than the one who is signed in
// now.
func other(r *http.Request) bool {
	of := r.PostForm.Get(handField)
	return of != "" && of != string(visitOf(r).actor.ID)
}

// changedHands is the answer to such a form.
func (w *Web) changedHands(r *http.Request) (Answer, error) {
	return show(http.StatusConflict, w.refusal(r, ui.Oops{Code: "409", Title: "Somebody else is signed in now",
		Says: "In this browser another person has signed in since the page was opened, so nothing was done in their name. What was typed is kept for whoever wrote it, and is there when they sign in again; without script your browser's own way back leads to it.",
		Back: ui.Link{Text: "Back to the page", Href: backOf(r)}}))
}
