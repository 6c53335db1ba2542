package web

import (
	"net/http"

	"tocsin/internal/fault"
	"tocsin/internal/party"
	"tocsin/internal/web/ui"
)

var signInRoutes = []Route{
	{Pattern: "GET /sign-in", Do: signInPage, Open: true},
	{Pattern: "POST /sign-in", Do: signIn, Open: true, Max: MaxForm + MaxForm/2}, // a form that came too late travels with it
	{Pattern: "POST " + ui.SignOutPath, Do: signOut, Open: true},
	{Pattern: "GET /setup", Do: setupPage, Open: true},
	{Pattern: "POST /setup", Do: setUp, Open: true},
	{Pattern: "GET /invite/{secret}", Do: invitePage, Open: true},
	{Pattern: "POST /invite/{secret}", Do: invite, Open: true},
	{Pattern: "POST " + ui.DemoPath, Do: demoAs, Open: true},
}

// SignInPage is the page on which somebody says who they are.
type SignInPage struct {
	Next, Login string
	Wrong       *fault.Fault
	Ended       bool  // the session ended while a form was being filled in
	Kept        *Kept // that form
}

func signInPage(w *Web, r *http.Request) (Answer, error) {
	if visitOf(r).actor.ID != "" {
		return lead(local(r.FormValue("next")), "")
	}
	return show(200, signInView(SignInPage{Next: local(r.FormValue("next"))}))
}

func signIn(w *Web, r *http.Request) (Answer, error) {
	p := SignInPage{Next: local(r.PostFormValue("next")), Login: r.PostFormValue("login"), Kept: carried(r)}
	p.Ended = p.Kept != nil
	secret, err := w.Parties.SignIn(r.Context(), party.Credentials{Login: p.Login, Password: r.PostFormValue("password"),
		Code: r.PostFormValue("code"), From: w.from(r), Agent: r.UserAgent()})
	if k := fault.KindOf(err); err != nil && (k == fault.Unknown || k == fault.TooMany) {
		p.Wrong = fault.Of(err)
		return Answer{Status: statuses[k], Page: signInView(p), Wait: p.Wrong.After}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	if p.Kept != nil {
		return w.resumed(r, w.session(secret), p.Kept), nil
	}
	return w.begun(secret, p.Next)
}

// begun leads on with a fresh session.
func (w *Web) begun(secret party.Secret, to string) (Answer, error) {
	return Answer{To: to, Cookies: []*http.Cookie{w.session(secret)}}, nil
}

func signOut(w *Web, r *http.Request) (Answer, error) {
	if s := visitOf(r).secret; s != "" {
		if err := w.Parties.SignOut(r.Context(), s); err != nil {
			return Answer{}, err
		}
	}
	return Answer{To: "/sign-in", Cookies: []*http.Cookie{w.cookie(sessionCookie, "", -1)}, Forget: true}, nil
}

// SetupPage is the page of the one-time link that the server prints at its first start.
type SetupPage struct {
	Link, Name, Email string
	Wrong             *fault.Fault
}

func setupPage(w *Web, r *http.Request) (Answer, error) {
	if err := w.Parties.CanFound(r.Context(), party.Secret(r.FormValue("link"))); err != nil {
		return w.usedUp(r, err)
	}
	return show(200, setupView(SetupPage{Link: r.FormValue("link")}))
}

func setUp(w *Web, r *http.Request) (Answer, error) {
	p := SetupPage{Link: r.PostFormValue("link"), Name: r.PostFormValue("name"), Email: r.PostFormValue("email")}
	secret, err := w.Parties.Found(r.Context(), party.Secret(p.Link), party.Person{Name: p.Name, Email: p.Email}, r.PostFormValue("password"), r.UserAgent())
	if f, ok := formFault(err); ok {
		p.Wrong = f
		return show(statusOf(f), setupView(p))
	}
	if err != nil {
		return w.usedUp(r, err)
	}
	w.forget()
	return w.begun(secret, "/first-run")
}

// usedUp is the page of a one-time link that is used up, which says what is so where
// that of a record would say nothing.
func (w *Web) usedUp(r *http.Request, err error) (Answer, error) {
	if fault.KindOf(err) != fault.NotFound {
		return Answer{}, err
	}
	o := ui.Oops{Code: "403", Title: "This link does not work any more", Says: capital(fault.Of(err).Says) + ".", Back: ui.Link{Text: "Sign in", Href: "/sign-in"}}
	if visitOf(r).actor.ID != "" {
		o.Back = ui.Link{Text: "Home", Href: "/"}
	}
	return show(http.StatusForbidden, w.refusal(r, o))
}

// InvitePage is the page on which somebody who was invited chooses a password.
type InvitePage struct {
	Secret string
	Wrong  *fault.Fault
}

func invitePage(w *Web, r *http.Request) (Answer, error) {
	if err := w.Parties.CanAccept(r.Context(), party.Secret(r.PathValue("secret"))); err != nil {
		return w.usedUp(r, err)
	}
	return show(200, inviteView(InvitePage{Secret: r.PathValue("secret")}))
}

func invite(w *Web, r *http.Request) (Answer, error) {
	p := InvitePage{Secret: r.PathValue("secret")}
	secret, err := w.Parties.Accept(r.Context(), party.Secret(p.Secret), r.PostFormValue("password"), r.UserAgent())
	if f, ok := formFault(err); ok {
		p.Wrong = f
		return show(statusOf(f), inviteView(p))
	}
	if err != nil {
		return w.usedUp(r, err)
	}
	return w.begun(secret, "/")
}

// demoAs makes another of its people of the visitor of a demonstration.
func demoAs(w *Web, r *http.Request) (Answer, error) {
	back, d := local(r.PostFormValue("back")), w.options.Demo
	if d == nil {
		return nowhere(w, r)
	}
	for _, role := range d.Roles {
		if role.Role != r.PostFormValue("role") {
			continue
		}
		return w.play(r, role, back)
	}
	return Answer{}, fault.New(fault.Invalid, "the demonstration has nobody of that role")
}

func (w *Web) play(r *http.Request, role DemoRole, back string) (Answer, error) {
	if role.Home != "" {
		back = role.Home
	}
	if role.Person == "" {
		return lead(back, "")
	}
	secret, err := w.Parties.SessionFor(r.Context(), role.Person)
	if err != nil {
		return Answer{}, err
	}
	return w.begun(secret, back)
}
