package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/locale"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// The cookies.
const (
	sessionCookie = "tocsin_session"
	noticeCookie  = "tocsin_notice"
)

// visit is what is known of one request.
type visit struct {
	trace  string // its id, in the log and on the page of a failure of ours
	began  time.Time
	secret party.Secret // of the session
	actor  access.Actor
	taste  party.Taste // how the actor wants pages
	reads  *ui.Reader
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	if v == nil {
		return &visit{}
	}
	return v
}

// serve makes a handler of a row.
func (w *Web) serve(route Route) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		v := &visit{trace: string(ref.New("request")), began: w.Now()}
		v.reads = w.reader(r, v.taste)
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		a, err := w.guarded(route, v, out, r)
		if err != nil {
			a = w.refused(r, err)
		}
		w.send(out, r, a)
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // what stays is in the machine's temporary folder, which forgets
		}
	})
}

// zoneCookie says the zone of the browser, which no header does; a script writes it.
const zoneCookie = "tocsin_zone"

// reader is how somebody reads: as their account says, else as their browser does,
// else by the zone of the organisation.
func (w *Web) reader(r *http.Request, t party.Taste) *ui.Reader {
	zones := []string{t.Zone}
	if c, err := r.Cookie(zoneCookie); err == nil {
		zones = append(zones, c.Value)
	}
	zones = append(zones, w.zone)
	reads := locale.NewReader(zones, []string{t.Locale, r.Header.Get("Accept-Language")})
	reads.Precise = t.Times != ""
	return reads
}

// houseZone is the zone by which all calendars of the profile count, "" where they
// do not agree.
func houseZone(p *profile.Profile) (zone string) {
	for _, c := range p.Calendars {
		if zone != "" && zone != c.Zone.String() {
			return ""
		}
		zone = c.Zone.String()
	}
	return zone
}

// guarded does what the row says; a panic is a failure like any other.
func (w *Web) guarded(route Route, v *visit, out http.ResponseWriter, r *http.Request) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := w.origin.Check(r); err != nil {
		w.recognise(v, r)
		return a, &fault.Fault{Kind: fault.Forbidden, Says: "this form was sent from another site, so nothing was done; open the page here and send it again", Err: err}
	}
	if err := body(route, out, r); err != nil {
		w.recognise(v, r)
		return a, err
	}
	if r, err = w.enter(route, v, r); err != nil && !route.Open {
		return w.demoVisitor(r, err)
	}
	if other(r) && !route.Open {
		return w.changedHands(r)
	}
	return route.Do(w, r)
}

// drained is how much of what is too long is read to its end, in bytes.
const drained = 32 << 20

// body bounds and parses what was sent.
func body(route Route, out http.ResponseWriter, r *http.Request) error {
	max := route.Max
	if max == 0 {
		max = MaxForm
	}
	whole := r.Body
	r.Body = http.MaxBytesReader(out, whole, max)
	err := r.ParseForm()
	if err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	}
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		_, _ = io.CopyN(io.Discard, whole, drained) // a browser shows no answer while it is still sending
		return fault.New(fault.TooLarge, "what was sent is larger than the limit of %d MiB, so nothing of it was taken; go back in your browser, where the form still holds what you typed, and shorten it or add it as a file", max>>20)
	}
	if err != nil {
		return &fault.Fault{Kind: fault.Invalid, Says: "what was sent cannot be read as a form; go back and send it again", Err: err}
	}
	return nil
}

// QuietHeader marks a request that a page makes by itself, while nobody touches it.
const QuietHeader = "Tocsin-Quiet"

// quiet tells whether a page asks by itself. What was said to its person once is not for it:
// a page that reads itself again while it gives way to the next would take the next one's word.
func quiet(r *http.Request) bool { return r.Header.Get(QuietHeader) != "" }

// enter finds out who asks, and puts them into the context.
func (w *Web) enter(route Route, v *visit, r *http.Request) (*http.Request, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return r, fault.New(fault.Unknown, "you are not signed in; sign in to see this page")
	}
	v.secret = party.Secret(c.Value)
	session := w.Parties.Session
	if route.Quiet || quiet(r) {
		session = w.Parties.Still
	}
	sits, err := session(r.Context(), v.secret)
	if err != nil {
		return r, err
	}
	v.actor, v.taste = sits.Actor, sits.Taste
	v.reads = w.reader(r, v.taste)
	return r.WithContext(access.With(r.Context(), v.actor)), nil
}

// recognise finds out who asks for what is refused before anything is done, for its page
// alone: nobody's session is longer for it.
func (w *Web) recognise(v *visit, r *http.Request) { _, _ = w.enter(Route{Quiet: true}, v, r) }

// refused leads to the sign-in page who is not signed in and wants to read, and
// answers with it, and what was typed, who sent a form; any other failure has its page.
func (w *Web) refused(r *http.Request, err error) Answer {
	if fault.KindOf(err) == fault.Unknown && (r.Method == http.MethodGet || r.Method == http.MethodHead) && visitOf(r).actor.ID == "" {
		if r.Header.Get("Accept") == "text/event-stream" {
			return Answer{Stream: func(http.ResponseWriter) {}} // a line that ends; the page asks why
		}
		return Answer{To: "/sign-in?next=" + url.QueryEscape(r.URL.RequestURI())}
	}
	if a, ok := w.signInAgain(r, err); ok {
		return a
	}
	return w.failed(r, err)
}

// demoVisitor makes the first of its people of a new visitor of a demonstration, who comes
// to a page. What a page asks for by itself, such as its line of live changes, signs
// nobody in who has just signed out.
func (w *Web) demoVisitor(r *http.Request, err error) (Answer, error) {
	d := w.options.Demo
	if d == nil || len(d.Roles) == 0 || fault.KindOf(err) != fault.Unknown || r.Method != http.MethodGet {
		return Answer{}, err
	}
	if how := r.Header.Get("Sec-Fetch-Mode"); how != "" && how != "navigate" {
		return Answer{}, err
	}
	secret, err := w.Parties.SessionFor(r.Context(), d.Roles[0].Person)
	return Answer{To: r.URL.RequestURI(), Cookies: []*http.Cookie{w.session(secret)}}, err
}

// cookie is a cookie of ours: for this site alone, out of reach of scripts.
func (w *Web) cookie(name, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(w.URL, "https:")}
}

// session is the cookie of a session: until the browser closes, or the server
// ends the session.
func (w *Web) session(s party.Secret) *http.Cookie { return w.cookie(sessionCookie, string(s), 0) }

// from is the network address of the asker.
func (w *Web) from(r *http.Request) string {
	if w.options.Address != nil {
		return w.options.Address(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// local returns next if it is an address of this site, else "/". What a browser
// could take for another site is refused: //host, \\host, a scheme, a name with
// an @, and slashes in disguise.
func local(next string) string {
	u, err := url.Parse(next)
	low := strings.ToLower(next)
	switch {
	case err != nil, !strings.HasPrefix(next, "/"), u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "":
		return "/"
	case strings.ContainsAny(next, "\\"), strings.Contains(u.Path, "//"), strings.Contains(u.Path, `\`), strings.Contains(low, "%2f") && strings.Contains(strings.ToLower(u.EscapedPath()), "%2f"):
		return "/"
	case strings.HasPrefix(u.Path, "/sign-"), strings.HasPrefix(u.Path, "/demo/"):
		return "/"
	}
	return u.RequestURI()
}
