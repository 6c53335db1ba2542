// Package web is the pages of the team: what analysts, engineers and managers see
// in a browser. It knows no rule and asks no permission: a handler reads what was
// sent, calls one operation of the house, and shows a page or leads on. What the
// gate refuses becomes an error page or the same form again, with the sentence
// beside the field and everything typed kept.
//
// To add a page: a file with its own slice of Routes (listed in Routes below), its
// handlers, and a struct for what it shows; beside it a .templ whose component
// takes that struct inside ui.Layout; its rules of style, if any, in
// assets/css/page-NAME.css. The public side is package portal, programs talk to
// package api, and the parts that pages are built from are package web/ui.
//
//   - A handler is func(*Web, *http.Request) (Answer, error), under 25 lines. The
//     actor is in the request's context; w.Cases, w.Parties and so on are the
//     operations. Form values are read with r.FormValue: the body is parsed and
//     bounded already.
//   - A page: show(status, component), its head made by w.head(r, title, place).
//   - After a change: lead(address, notice), where notice is a word of notices.
//   - An error is returned as it is. Where a form can say it, ask formFault first
//     and show the form again with status 422.
package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/ref"
	"tocsin/internal/web/assets"
	"tocsin/internal/web/ui"
)

// Route is one row of the table of pages.
type Route struct {
	Pattern string      // of net/http: "POST /cases/{id}/note"
	Verb    access.Verb // what it does; "" is to read
	Do      func(*Web, *http.Request) (Answer, error)
	Open    bool  // answers people who are not signed in, too
	Quiet   bool  // a page asks it by itself: it does not lengthen the session
	Max     int64 // longest body in bytes; 0 is MaxForm
}

// MaxForm is how long a form may be, in bytes; forms with files have their own.
const MaxForm = 2 << 20

// Routes lists every page. What a route answers to somebody outside a record is
// tested for each row of this table.
func Routes() []Route {
	return slices.Concat(homeRoutes, tourRoutes, signInRoutes, accountRoutes, advisoryRoutes, roomRoutes, peopleRoutes, hookRoutes, productRoutes, profileRoutes, healthRoutes, firstRunRoutes, caseRoutes, sectionRoutes, rcaRoutes, cvssRoutes, listRoutes, inboxRoutes, askRoutes, viewRoutes, findRoutes,
		bulkRoutes, styleRoutes,
		registerRoutes, reviewRoutes, careRoutes, riskRoutes, riskSectionRoutes, recurRoutes, measureRoutes, kriRoutes, observationRoutes, appetiteRoutes, exchangeRoutes, quantRoutes, liveRoutes, composeRoutes, pictureRoutes, movingRoutes)
}

// Options is what a surface is told besides the house.
type Options struct {
	Demo    *Demo                      // nil outside the demonstration
	Address func(*http.Request) string // of the asker, for the rate limit; nil is the connection's
	About   string                     // name and version, for the foot of every page
	Tick    time.Duration              // how often an open page is looked after; 0 is once a second
}

func (o Options) tick() time.Duration {
	if o.Tick == 0 {
		return liveTick
	}
	return o.Tick
}

// Demo lets the visitor of a demonstration be one of its people.
type Demo struct {
	Roles []DemoRole // the first is who a new visitor is
}

// DemoRole is one of the people that a visitor can be.
type DemoRole struct {
	Role, Title string
	Person      ref.ID // "" is nobody of the team: the visitor is led to Home
	Home        string // where being this person begins; "" is the page that the visitor came from
}

// Web is the pages over one house.
type Web struct {
	*house.House
	options Options
	known   directory
	grants  access.Grants // what each role may do, to offer what may be done
	origin  *http.CrossOriginProtection
	zone    string // of the organisation, where neither an account nor a browser names one
}

// New returns the pages of the team, and the assets that all pages need.
func New(h *house.House, o Options) http.Handler {
	w := &Web{House: h, options: o, grants: house.Grants(h.Rules), origin: http.NewCrossOriginProtection(), zone: houseZone(h.Rules)}
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	mux.Handle("GET "+assets.IconPath, assets.Icon())
	for _, route := range Routes() {
		mux.Handle(route.Pattern, w.serve(route))
	}
	mux.Handle("/", w.serve(Route{Do: nowhere, Open: true}))
	return mux
}

// nowhere is the answer of every address that is none.
func nowhere(*Web, *http.Request) (Answer, error) { return Answer{}, access.NoRecord() }

// Switch shows the people of a demonstration, of whom now is the present one.
func (d *Demo) Switch(now ref.ID) []ui.DemoRole {
	if d == nil {
		return nil
	}
	var out []ui.DemoRole
	for _, r := range d.Roles {
		out = append(out, ui.DemoRole{Word: r.Role, Title: r.Title, Now: r.Person != "" && r.Person == now})
	}
	return out
}

// show is the answer with a page.
func show(status int, page templ.Component) (Answer, error) {
	return Answer{Status: status, Page: page}, nil
}

// lead is the answer that leads on after a change; notice is a word of notices,
// which the next page says, or "".
func lead(to, notice string) (Answer, error) { return Answer{To: to, Notice: notice}, nil }
