// Package portal is the public side of the house: where anybody reports a
// vulnerability without an account, follows the report on a page of their own, and
// reads the published advisories as pages, as machine-readable files and as a
// feed. It knows no team and no case: what it shows is the publisher's profile, the
// products that are offered, published revisions, and to the holder of a secret
// link that one report. It is served under the main address, or alone on its own.
//
// A reporter's link is /portal/r/SECRET. Addresses leak, into histories, proxies
// and screenshots, so opening the link sets a cookie that only the pages of that
// one report are sent, and leads on to /portal/r/REPORT-…, an address that opens
// nothing by itself. The link keeps working. Where a browser takes no cookie,
// the link with ?stay shows the page in its place. A wrong secret, a number
// without its cookie and an address that never was are answered alike, to the byte.
//
// A handler is func(*Portal, *http.Request) (Answer, error): it reads what was
// sent, calls one operation of the house and shows a page. What is wrong with a form
// comes back beside its field, with everything that was typed.
package portal

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/house"
	"tocsin/internal/web/assets"
	"tocsin/internal/web/ui"
)

// Route is one row of the table of pages.
type Route struct {
	Pattern string      // of net/http: "POST /portal/report"
	Verb    access.Verb // what it does; "" is to read
	Do      func(*Portal, *http.Request) (Answer, error)
}

// Routes lists every address of the portal. What each answers to somebody outside
// a record is tested for each row.
func Routes() []Route {
	return slices.Concat(reportRoutes, ownRoutes, advisoryRoutes)
}

// Options is what the portal is told besides the house.
type Options struct {
	Address func(*http.Request) string        // of the asker, for the rate limit; nil is the connection's
	Demo    func(*http.Request) []ui.DemoRole // the people that a visitor of a demonstration can be; nil outside it
}

// Portal is the public pages over one house.
type Portal struct {
	*house.House
	options Options
	origin  *http.CrossOriginProtection
	reports *limiter // reports taken
	tries   *limiter // forms sent, whatever came of them
	taken   receipts
	out     shelf
	stores  chan struct{} // a place for each file that is being stored
	began   time.Time
}

// How often one address may send. A form that comes back with a mistake costs
// no report.
const (
	reportsAnHour = 10
	triesAnHour   = 120
)

// storing is how many files are stored at a time: each is held in memory whole.
const storing = 2

// New returns the portal, with the assets that its pages need.
func New(h *house.House, o Options) http.Handler {
	p := &Portal{House: h, options: o, origin: http.NewCrossOriginProtection(), began: h.Now(), stores: make(chan struct{}, storing),
		reports: newLimiter(time.Hour/reportsAnHour, reportsAnHour), tries: newLimiter(time.Hour/triesAnHour, triesAnHour)}
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	mux.Handle("GET "+assets.IconPath, assets.Icon())
	for _, route := range Routes() {
		mux.Handle(route.Pattern, p.serve(route))
	}
	mux.Handle("GET /{$}", http.RedirectHandler("/portal", http.StatusSeeOther))
	mux.Handle("/", p.serve(Route{Do: nowhere}))
	return mux
}

// nowhere is the answer of every address that is none.
func nowhere(*Portal, *http.Request) (Answer, error) { return Answer{}, access.NoRecord() }

// places are where the portal leads.
var places = []ui.NavItem{
	{Word: "report", Text: "Report", Href: "/portal"},
	{Word: "own", Text: "Your report", Href: "/portal/find"},
	{Word: "advisories", Text: "Advisories", Href: "/advisories"},
}

// head is the head of a page.
func (p *Portal) head(r *http.Request, title, place string) ui.PublicHead {
	pub := p.Rules.Publisher
	h := ui.PublicHead{Title: title, Publisher: pub.Name, Current: place, Nav: places, Feed: feedPath, Back: r.URL.Path}
	if pub.Policy != "" {
		h.Links = append(h.Links, ui.Link{Text: "Disclosure policy", Href: pub.Policy})
	}
	h.Links = append(h.Links, ui.Link{Text: "Feed of advisories", Href: feedPath}, ui.Link{Text: "security.txt", Href: securityPath})
	if p.options.Demo != nil {
		h.Demo = p.options.Demo(r)
	}
	return h
}

// url is the whole address of a path of the portal.
func (p *Portal) url(path string) string { return strings.TrimSuffix(p.House.Portal, "/") + path }
