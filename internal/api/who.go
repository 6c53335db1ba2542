package api

import (
	"net/http"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/party"
)

// Cookie is the name of the session cookie of the pages.
const Cookie = "tocsin_session"

// who finds out who asks: the bearer of a token, or else the person of the pages'
// session. A browser sends the cookie by itself, so a request with it must come
// from our own pages.
func (a *API) who(w *answer, q *http.Request) (access.Actor, error) {
	if h := q.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > 200 {
			return access.Actor{}, fault.New(fault.Unknown, "send the token as Authorization: Bearer TOKEN")
		}
		return a.house.Parties.Bearer(q.Context(), strings.TrimSpace(token))
	}
	c, err := q.Cookie(Cookie)
	if err != nil || c.Value == "" || len(c.Value) > 200 {
		return access.Actor{}, fault.New(fault.Unknown, "nobody is signed in; send a token as Authorization: Bearer TOKEN")
	}
	if err := a.cross.Check(q); err != nil {
		return access.Actor{}, fault.New(fault.Forbidden, "this request comes from another site; programs use a token instead of a session")
	}
	s, err := a.house.Parties.Session(q.Context(), party.Secret(c.Value))
	return s.Actor, err
}
