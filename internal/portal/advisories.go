package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/format/feed"
	"tocsin/internal/gate"
	"tocsin/internal/web/ui"
)

var advisoryRoutes = []Route{
	{"GET /advisories", "", (*Portal).advisories},
	{"GET /advisories/feed.atom", "", (*Portal).feed},
	{"GET /advisories/{name}", "", (*Portal).advisory},
	{"GET /advisories/{name}/{form}/{file}", "", (*Portal).file},
	{"GET /.well-known/security.txt", "", (*Portal).securityTxt},
}

const (
	advisoriesPath = "/advisories"
	feedPath       = "/advisories/feed.atom"
	securityPath   = "/.well-known/security.txt"
)

// listed is one advisory in the list.
type listed struct {
	Name, Title, Severity, Score string
	CVEs                         []string
	At                           time.Time // first published
	Changed                      time.Time // zero: never since
	Withdrawn                    bool
}

// Path is the address of its page.
func (l listed) Path() string { return advisoriesPath + "/" + url.PathEscape(l.Name) }

func list(ps []advisory.Publication) (out []listed) {
	for _, p := range ps {
		d := p.Document
		l := listed{Name: p.Name, Title: p.Title, Severity: p.Severity, At: d.Initial, Withdrawn: p.Withdrawn}
		if l.At.IsZero() {
			l.At = gate.Time(p.At)
		}
		if d.Current.After(d.Initial) && !d.Initial.IsZero() {
			l.Changed = d.Current
		}
		for _, v := range d.Vulns {
			if v.CVE != "" {
				l.CVEs = append(l.CVEs, v.CVE)
			}
		}
		out = append(out, l)
	}
	return out
}

// listPage is the list of what is published.
type listPage struct {
	Head   ui.PublicHead
	Rows   []listed
	Paging ui.Paging
	First  bool
}

// perPage is how many advisories a page lists.
const perPage = 25

func (p *Portal) advisories(r *http.Request) (Answer, error) {
	after := r.URL.Query().Get("after")
	ps, next, err := p.Advisories.Feed(r.Context(), perPage, after)
	if err != nil {
		return Answer{}, err
	}
	page := listPage{Head: p.head(r, "Security advisories", "advisories"), Rows: list(ps), First: after == ""}
	if next != "" {
		page.Paging.Older = advisoriesPath + "?after=" + url.QueryEscape(next)
	}
	if after != "" {
		page.Paging.Newer = advisoriesPath
	}
	return Answer{Page: advisoryList(page), Shared: true}, nil
}

// file answers with a published form.
func (p *Portal) file(r *http.Request) (Answer, error) {
	pub, err := p.Advisories.Published(r.Context(), r.PathValue("name"))
	if err != nil {
		return Answer{}, err
	}
	for _, f := range p.out.forms(pub) {
		if f.Kind == r.PathValue("form") && f.File == r.PathValue("file") {
			return Answer{Public: &publicFile{f.Media, f.Body, changed(pub), 300}}, nil
		}
	}
	return Answer{}, access.NoRecord()
}

// changed is when a publication last changed.
func changed(p advisory.Publication) time.Time {
	if p.Withdrawn {
		return gate.Time(p.At)
	}
	return p.Document.Current
}

// inFeed is how many advisories the feed holds.
const inFeed = 40

func (p *Portal) feed(r *http.Request) (Answer, error) {
	ps, _, err := p.Advisories.Feed(r.Context(), inFeed, "")
	if err != nil {
		return Answer{}, err
	}
	pub := p.Rules.Publisher
	head := feed.Head{Title: pub.Name + " security advisories", Self: p.url(feedPath), Home: p.url(advisoriesPath), Author: pub.Name, Since: p.began}
	if len(pub.Languages) > 0 {
		head.Lang = pub.Languages[0]
	}
	var entries []feed.Entry
	newest := p.began
	for i, one := range ps {
		if at := changed(one); i == 0 || at.After(newest) {
			newest = at
		}
		entries = append(entries, p.entry(one))
	}
	if len(entries) > 0 {
		head.Since = time.Time{}
	}
	body, err := feed.Write(head, entries)
	return Answer{Public: &publicFile{feed.Media + "; charset=utf-8", body, newest, 300}}, err
}

func (p *Portal) entry(one advisory.Publication) feed.Entry {
	e := feed.Entry{Document: one.Document, URL: p.url(advisoriesPath + "/" + one.Name)}
	for _, f := range p.out.forms(one) {
		e.Forms = append(e.Forms, feed.Form{URL: p.url(f.path(one.Name)), Media: f.Media, Title: f.Title})
	}
	return e
}

// securityTxt is RFC 9116: how to reach us, for programs and people.
func (p *Portal) securityTxt(r *http.Request) (Answer, error) {
	ps, _, err := p.Advisories.Feed(r.Context(), inFeed, "")
	if err != nil {
		return Answer{}, err
	}
	day := p.Now().UTC().Truncate(24 * time.Hour)
	pub := p.Rules.Publisher
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	line("Contact", p.url("/portal/report"))
	line("Expires", day.AddDate(0, 6, 0).Format(time.RFC3339))
	line("Preferred-Languages", strings.Join(pub.Languages, ", "))
	line("Canonical", p.url(securityPath))
	line("Policy", pub.Policy)
	if slices.ContainsFunc(ps, thanks) {
		line("Acknowledgments", p.url(advisoriesPath))
	}
	return Answer{Public: &publicFile{"text/plain; charset=utf-8", []byte(b.String()), day, 3600}}, nil
}

// thanks tells whether a publication credits anybody.
func thanks(p advisory.Publication) bool {
	return len(p.Document.Credits) > 0 || slices.ContainsFunc(p.Document.Vulns, func(v advisory.Vuln) bool { return len(v.Credits) > 0 })
}
