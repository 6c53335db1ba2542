// Package feed writes an Atom feed (RFC 4287) of published advisories. It is no
// advisory.Format: a feed is of many Documents, and nobody reads one back. The
// portal serves it; who may see which Document is decided before they come here.
package feed

import (
	"cmp"
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

// Media is the media type of a feed.
const Media = "application/atom+xml"

// Head is what a feed says of itself.
type Head struct {
	Title    string
	Subtitle string
	Self     string    // URL of the feed, which is also its ID
	Home     string    // URL of the page with the same advisories
	Author   string    // who publishes
	Lang     string    // BCP 47, may be empty
	Since    time.Time // when the feed began; the time of change of a feed without entries
}

// Entry is one advisory of a feed.
type Entry struct {
	Document advisory.Document
	URL      string // its page, which is also the entry's ID and so must never change
	Forms    []Form // the same advisory in published forms
}

// Form is where an advisory is to be had in one published form.
type Form struct {
	URL   string
	Media string
	Title string
}

// Write returns the feed as XML, the newest change first. The same values give
// the same bytes. A feed that Atom does not allow is refused with all that it lacks.
func Write(h Head, entries []Entry) ([]byte, error) {
	if err := whole(h, entries); err != nil {
		return nil, err
	}
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int {
		return cmp.Or(changed(b.Document).Compare(changed(a.Document)), cmp.Compare(a.URL, b.URL))
	})
	f := atom{Lang: h.Lang, ID: h.Self, Title: h.Title, Subtitle: h.Subtitle, Author: author{h.Author}, Generator: "Tocsin",
		Links: []link{{Rel: "self", Href: h.Self, Type: Media}}}
	if h.Home != "" {
		f.Links = append(f.Links, link{Rel: "alternate", Href: h.Home, Type: "text/html"})
	}
	updated := h.Since
	for _, e := range sorted {
		f.Entries = append(f.Entries, e.atom())
		if t := changed(e.Document); t.After(updated) {
			updated = t
		}
	}
	f.Updated = stamp(updated)
	body, err := xml.MarshalIndent(f, "", "  ")
	return append(append([]byte(xml.Header), body...), '\n'), err
}

// whole checks what RFC 4287 demands: IDs, titles, times and an author.
func whole(h Head, entries []Entry) error {
	var fs fault.Fields
	for name, value := range map[string]string{"title": h.Title, "self": h.Self, "author": h.Author} {
		if strings.TrimSpace(value) == "" {
			fs.Add(name, "a feed needs its %s", name)
		}
	}
	if len(entries) == 0 && h.Since.IsZero() {
		fs.Add("since", "a feed without entries needs a time of its own")
	}
	seen := map[string]bool{}
	for _, e := range entries {
		switch {
		case e.URL == "":
			fs.Add("url", "%s needs the URL of its page", e.Document.ID)
		case seen[e.URL]:
			fs.Add("url", "%s stands in the feed twice", e.URL)
		}
		seen[e.URL] = true
		if e.Document.Title == "" {
			fs.Add("title", "%s needs a title", e.Document.ID)
		}
		if changed(e.Document).IsZero() {
			fs.Add("current", "%s needs the time of its release", e.Document.ID)
		}
	}
	slices.SortFunc(fs, func(a, b fault.Field) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Says, b.Says)) })
	return fs.Err()
}

// changed is when the advisory last changed.
func changed(d advisory.Document) time.Time {
	if d.Withdrawn.After(d.Current) {
		return d.Withdrawn
	}
	if d.Current.IsZero() {
		return d.Initial
	}
	return d.Current
}

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

type atom struct {
	XMLName   xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      string   `xml:"xml:lang,attr,omitempty"`
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Subtitle  string   `xml:"subtitle,omitempty"`
	Updated   string   `xml:"updated"`
	Author    author   `xml:"author"`
	Links     []link   `xml:"link"`
	Generator string   `xml:"generator"`
	Entries   []entry  `xml:"entry"`
}

type author struct {
	Name string `xml:"name"`
}

type link struct {
	Rel   string `xml:"rel,attr"`
	Type  string `xml:"type,attr,omitempty"`
	Title string `xml:"title,attr,omitempty"`
	Href  string `xml:"href,attr"`
}

type entry struct {
	ID         string     `xml:"id"`
	Title      string     `xml:"title"`
	Published  string     `xml:"published,omitempty"`
	Updated    string     `xml:"updated"`
	Links      []link     `xml:"link"`
	Categories []category `xml:"category"`
	Summary    string     `xml:"summary,omitempty"`
}

type category struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
}

// cveScheme says that a category's term is a CVE ID.
const cveScheme = "https://www.cve.org/"

func (e Entry) atom() entry {
	d := e.Document
	a := entry{ID: e.URL, Title: d.Title, Updated: stamp(changed(d)), Summary: summary(d),
		Links: []link{{Rel: "alternate", Type: "text/html", Href: e.URL}}}
	if !d.Initial.IsZero() {
		a.Published = stamp(d.Initial)
	}
	for _, f := range e.Forms {
		a.Links = append(a.Links, link{Rel: "related", Type: f.Media, Title: f.Title, Href: f.URL})
	}
	if d.Severity != "" {
		a.Categories = append(a.Categories, category{Term: d.Severity})
	}
	for _, v := range d.Vulns {
		c := category{Term: v.CVE, Scheme: cveScheme}
		if v.CVE != "" && !slices.Contains(a.Categories, c) {
			a.Categories = append(a.Categories, c)
		}
	}
	return a
}

// summary is the Document's own or, where it has none, its vulnerabilities'. A
// withdrawn advisory says so first.
func summary(d advisory.Document) string {
	text := d.Summary
	if text == "" {
		var said []string
		for _, v := range d.Vulns {
			if v.Description != "" && !slices.Contains(said, v.Description) {
				said = append(said, v.Description)
			}
		}
		text = strings.Join(said, "\n\n")
	}
	if !d.Withdrawn.IsZero() {
		text = strings.TrimSpace("This advisory is withdrawn. " + text)
	}
	return text
}
