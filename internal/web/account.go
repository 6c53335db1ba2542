package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/locale"
	"tocsin/internal/party"
	"tocsin/internal/web/ui"
)

var accountRoutes = []Route{
	{Pattern: "GET /account", Do: account},
	{Pattern: "POST /account/taste", Do: setTaste},
	{Pattern: "POST /account/password", Do: changePassword},
	{Pattern: "GET /account/codes", Do: enrol},
	{Pattern: "POST /account/codes", Do: confirmCodes},
	{Pattern: "POST /account/codes/drop", Do: dropCodes},
	{Pattern: "POST /account/sessions/end", Do: endSession},
}

// AccountPage is a person's own account.
type AccountPage struct {
	Head     ui.PageHead
	Me       *party.Person
	Sessions []party.Sitting
	Taste    party.Taste
	Now      time.Time
	Wrong    *fault.Fault
}

func account(w *Web, r *http.Request) (Answer, error) { return w.accountPage(r, nil) }

func (w *Web) accountPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	me, err := w.Parties.Me(r.Context())
	if err != nil {
		return Answer{}, err
	}
	p := AccountPage{Head: w.head(r, "Your account", "account"), Me: me, Wrong: wrong, Taste: visitOf(r).taste, Now: w.Now()}
	p.Head.Narrow = true
	if p.Sessions, err = w.Parties.Sittings(r.Context(), visitOf(r).secret); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), accountView(p))
}

// setTaste keeps how the reader wants pages.
func setTaste(w *Web, r *http.Request) (Answer, error) {
	t := party.Taste{Zone: r.PostFormValue("zone"), Locale: r.PostFormValue("locale"), Times: r.PostFormValue("times"), Theme: r.PostFormValue("theme"), Contrast: r.PostFormValue("contrast"), Motion: r.PostFormValue("motion")}
	err := w.Parties.SetTaste(r.Context(), t)
	if f, ok := formFault(err); ok {
		visitOf(r).taste = t // what was typed comes back
		return w.accountPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/account", "taste")
}

// zones are offered to whoever types one; every other name of the IANA database is
// taken as well.
var zones = []string{"UTC", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago",
	"America/Denver", "America/Halifax", "America/Lima", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Santiago", "America/Sao_Paulo", "America/St_Johns",
	"America/Toronto", "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata",
	"Asia/Manila", "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tashkent", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Reykjavik", "Australia/Adelaide",
	"Australia/Brisbane", "Australia/Perth", "Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Brussels", "Europe/Bucharest", "Europe/Dublin", "Europe/Helsinki",
	"Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna",
	"Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu"}

// statusFor is the status of a page that may say what is wrong.
func statusFor(wrong *fault.Fault) int {
	if wrong == nil {
		return http.StatusOK
	}
	return statusOf(wrong)
}

func changePassword(w *Web, r *http.Request) (Answer, error) {
	secret, err := w.Parties.ChangePassword(r.Context(), r.PostFormValue("old"), r.PostFormValue("password"), r.UserAgent())
	if f, ok := formFault(err); ok {
		return w.accountPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	a, err := w.begun(secret, "/account")
	a.Notice = "password"
	return a, err
}

// CodesPage is the page on which one-time codes are set up.
type CodesPage struct {
	Head  ui.PageHead
	New   party.Enrolment
	Wrong *fault.Fault
}

func enrol(w *Web, r *http.Request) (Answer, error) {
	p := CodesPage{Head: w.head(r, "One-time codes", "account"), New: w.Parties.Enrol(visitOf(r).actor.Name, "Tocsin")}
	p.Head.Narrow = true
	return show(200, codesView(p))
}

func confirmCodes(w *Web, r *http.Request) (Answer, error) {
	secret := r.PostFormValue("secret")
	err := w.Parties.Confirm(r.Context(), secret, r.PostFormValue("code"))
	if f, ok := formFault(err); ok {
		p := CodesPage{Head: w.head(r, "One-time codes", "account"), New: party.Enrolment{Secret: secret, URL: r.PostFormValue("url")}, Wrong: f}
		p.Head.Narrow = true
		return show(statusOf(f), codesView(p))
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/account", "totp-on")
}

func dropCodes(w *Web, r *http.Request) (Answer, error) {
	err := w.Parties.DropCodes(r.Context(), r.PostFormValue("code"))
	if f, ok := formFault(err); ok {
		return w.accountPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/account", "totp-off")
}

// linkFault says of what is used up what is so, where a record would say nothing.
func linkFault(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Forbidden, "%s", fault.Of(err).Says)
	}
	return err
}

func endSession(w *Web, r *http.Request) (Answer, error) {
	if err := w.Parties.End(r.Context(), r.PostFormValue("session")); err != nil {
		return Answer{}, linkFault(err)
	}
	return lead("/account", "ended")
}

// passwordField asks for a new password.
func passwordField(label string) ui.Input {
	return ui.Input{Name: "password", Label: label, Type: "password", Required: true, Auto: "new-password", Max: party.MaxPassword,
		Help: fmt.Sprintf("At least %d characters; a few words are easy to keep in mind.", party.MinPassword)}
}

// inFours sets a secret in groups, for whoever types it.
func inFours(s string) string {
	var out []byte
	for i := range len(s) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, s[i])
	}
	return string(out)
}

// agents are the browsers by the words that they call themselves with; the first
// that fits is meant, since most call themselves by the names of others too.
var agents = []struct{ has, name string }{{"demonstration", "the demonstration"}, {"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chromium"}, {"Safari/", "Safari"}}

func agentWords(agent string) string {
	for _, a := range agents {
		if strings.Contains(agent, a.has) {
			return a.name
		}
	}
	if agent == "" {
		return "unknown"
	}
	return agent
}

// localeChoices are the ways to write dates and numbers, each as it writes.
func localeChoices() (out []ui.Option) {
	for _, c := range locale.Choices() {
		out = append(out, ui.Option{Value: c.Tag, Text: c.Says})
	}
	return out
}
