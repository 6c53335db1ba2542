package csaf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/internal/advisory"
)

// The titles of notes that carry what CSAF 2.0 has no place for.
const (
	scoreTitle    = "CVSS "                                    // a score of version 4.0, or a further one for the same product
	weaknessTitle = "Weakness"                                 // a second weakness and those after it
	strictText    = "TLP:AMBER+STRICT (https://first.org/tlp)" // the label that only TLP 2.0 has
)

// Render writes the Document as one CSAF 2.0 file in the profile Security
// Advisory, or CSAF Base where it names no vulnerability. The same
// Document gives the same bytes. What would break a mandatory test of the
// standard is refused with its place.
func (f Format) Render(d advisory.Document) ([]advisory.File, error) {
	w := &writing{doc: &d}
	body, err := advisory.Marshal(w.file())
	if err != nil {
		return nil, fmt.Errorf("write CSAF 2.0: %w", err)
	}
	found, err := f.Check(body)
	if err != nil {
		return nil, fmt.Errorf("check CSAF 2.0: %w", err)
	}
	if err := advisory.Refuse("a CSAF 2.0 file", found); err != nil {
		return nil, err
	}
	return []advisory.File{{Name: fileName(d.ID), Media: "application/json", Body: body}}, nil
}

// writing turns one Document into a file.
type writing struct {
	doc    *advisory.Document
	leaves *leaves
}

func (w *writing) file() *file {
	w.leaves = growLeaves(w.doc)
	out := &file{Document: w.head(), ProductTree: w.leaves.tree()}
	for i := range w.doc.Vulns {
		out.Vulnerabilities = append(out.Vulnerabilities, w.vulnerability(&w.doc.Vulns[i]))
	}
	if len(out.Vulnerabilities) == 0 {
		out.Document.Category = profileBase
	}
	return out
}

func (w *writing) head() head {
	d := w.doc
	h := head{
		Acknowledgments: acknowledge(d.Credits), Category: profileAdvisory, CSAFVersion: "2.0",
		Distribution: distribute(d.TLP), Lang: d.Lang, Title: d.Title,
		Publisher: publisher{Category: d.Publisher.Category, ContactDetails: d.Publisher.Contact,
			IssuingAuthority: d.Publisher.Role, Name: d.Publisher.Name, Namespace: d.Publisher.Namespace},
		References: refer(d.References), Tracking: w.tracking(),
	}
	if d.Severity != "" {
		h.Severity = &severity{Text: capital(d.Severity)}
	}
	h.Notes = withText(nil, "summary", "Summary", d.Summary, d.Notes)
	for _, n := range d.Notes {
		if n.Title == distributionTitle && n.Category == "other" {
			h.Distribution = cmp.Or(h.Distribution, &distribution{})
			h.Distribution.Text = joined(h.Distribution.Text, n.Text)
			continue
		}
		h.Notes = append(h.Notes, note{Category: n.Category, Text: n.Text, Title: n.Title})
	}
	if !d.Withdrawn.IsZero() {
		h.Notes = append(h.Notes, note{Category: "general", Title: "Withdrawn", Text: "This advisory was withdrawn on " + d.Withdrawn.UTC().Format(time.DateOnly) + "."})
	}
	return h
}

func capital(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// withText adds text as a note, unless one of the others says the same already.
func withText(notes []note, category, title, text string, others []advisory.Note) []note {
	if text == "" || slices.ContainsFunc(others, func(n advisory.Note) bool { return n.Text == text }) {
		return notes
	}
	return append(notes, note{Category: category, Text: text, Title: title})
}

// labels are the TLP 1.0 labels of CSAF 2.0 for those of TLP 2.0.
var labels = map[string]distribution{
	"CLEAR": {TLP: &tlp{Label: "WHITE"}}, "GREEN": {TLP: &tlp{Label: "GREEN"}}, "AMBER": {TLP: &tlp{Label: "AMBER"}},
	strict: {Text: strictText, TLP: &tlp{Label: "AMBER"}}, "RED": {TLP: &tlp{Label: "RED"}},
}

func distribute(mark string) *distribution {
	if mark == "" {
		return nil
	}
	d, ok := labels[mark]
	if !ok {
		d = distribution{TLP: &tlp{Label: mark}} // the structure check says what is wrong
	}
	return &d
}

// date writes an instant in UTC, or nothing for one that nobody stated.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (w *writing) tracking() tracking {
	d := w.doc
	t := tracking{
		ID: d.ID, Status: string(d.Status), Version: d.Version,
		InitialDate: date(firstTime(d.Initial, d.Current)), CurrentDate: date(firstTime(d.Current, d.Initial)),
		Generator: &generator{Date: date(firstTime(d.Current, d.Initial)), Engine: engine{Name: "Tocsin"}},
	}
	for _, x := range d.Revisions {
		t.Revisions = append(t.Revisions, revision{Date: date(x.Date), Number: x.Number, Summary: x.Summary})
	}
	if len(t.Revisions) == 0 {
		t.Version = cmp.Or(t.Version, "1")
		t.Revisions = []revision{{Date: t.CurrentDate, Number: t.Version, Summary: "First revision known here"}}
	}
	t.Version = cmp.Or(t.Version, t.Revisions[len(t.Revisions)-1].Number)
	return t
}

func firstTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// acknowledge puts neighbours together that differ by their name alone.
func acknowledge(credits []advisory.Credit) []acknowledgment {
	var out []acknowledgment
	for i, c := range credits {
		var names []string
		if c.Name != "" {
			names = []string{c.Name}
		}
		if i > 0 && c.Name != "" && credits[i-1].Name != "" && credits[i-1].Organization == c.Organization &&
			credits[i-1].Summary == c.Summary && slices.Equal(credits[i-1].Contact, c.Contact) {
			last := &out[len(out)-1]
			last.Names = append(last.Names, c.Name)
			continue
		}
		out = append(out, acknowledgment{Names: names, Organization: c.Organization, Summary: c.Summary, URLs: c.Contact})
	}
	return out
}

// refer writes references; words of other forms for their category are external.
func refer(in []advisory.Reference) []reference {
	var out []reference
	for _, x := range in {
		r := reference{Category: "external", Summary: cmp.Or(x.Summary, x.URL), URL: x.URL}
		if strings.EqualFold(x.Category, "self") {
			r.Category = "self"
		}
		out = append(out, r)
	}
	return out
}

// systems are who gives IDs that begin in a way of their own.
var systems = []struct{ prefix, name string }{
	{"CVE-", "CVE"}, {"GHSA-", "GitHub Security Advisories"}, {"GO-", "Go Vulnerability Database"}, {"PYSEC-", "PyPI Advisory Database"},
	{"RUSTSEC-", "RustSec Advisory Database"}, {"OSV-", "OSV"}, {"DSA-", "Debian Security Advisories"}, {"ICSA-", "CISA ICS Advisories"},
}

func (w *writing) identify(aliases []string) []identifier {
	var out []identifier
	for _, a := range aliases {
		id := identifier{System: w.doc.Publisher.Name, Text: a}
		for _, s := range systems {
			if strings.HasPrefix(a, s.prefix) {
				id.System = s.name
			}
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// isNamed reports whether a score or weakness can stand in its own place.
func isNamed(c advisory.CWE) (string, bool) {
	name, ok := weakness(c.ID)
	return name, ok && isCWE(c.ID)
}
