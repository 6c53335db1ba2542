package csaf

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/score/cvss"
	"tocsin/internal/shape"
)

// Parse reads a CSAF 2.0 file into a Document. It refuses what has no sound
// structure; whether the file passes the standard's tests is for Check to say.
func (f Format) Parse(body []byte) (advisory.Document, error) {
	v, err := shape.Decode(body)
	if err != nil {
		return advisory.Document{}, err
	}
	var faults fault.Fields
	for _, x := range structure.Check(v) {
		if !x.Unknown && len(faults) < most {
			faults.Add(x.Pointer, "%s: %s", x.Pointer, x.Message)
		}
	}
	if err := faults.Err(); err != nil {
		return advisory.Document{}, fmt.Errorf("read CSAF 2.0: %w", err)
	}
	return newReading(newSubject(object(v))).document(), nil
}

// reading turns one file into a Document.
type reading struct {
	*subject
	byID map[string]*advisory.Product
	out  advisory.Document
}

func newReading(s *subject) *reading {
	return &reading{subject: s, byID: map[string]*advisory.Product{}}
}

func (r *reading) document() advisory.Document {
	d, t := &r.Document, &r.Document.Tracking
	r.out = advisory.Document{
		ID: t.ID, Title: d.Title, Lang: d.Lang, Status: advisory.Tracking(t.Status), Version: t.Version,
		Initial: instant(t.InitialDate), Current: instant(t.CurrentDate),
		References: readReferences(d.References), Credits: readCredits(d.Acknowledgments),
		Publisher: advisory.Publisher{
			Name: d.Publisher.Name, Namespace: d.Publisher.Namespace, Category: d.Publisher.Category,
			Contact: d.Publisher.ContactDetails, Role: d.Publisher.IssuingAuthority,
		},
	}
	if d.Severity != nil {
		r.out.Severity = strings.ToLower(d.Severity.Text)
	}
	for _, x := range r.history {
		r.out.Revisions = append(r.out.Revisions, advisory.Revision{Number: x.Number, Date: x.when.UTC(), Summary: x.Summary})
	}
	r.out.Summary, r.out.Notes = takeText(readNotes(d.Notes), "summary")
	r.mark(d.Distribution)
	r.readProducts()
	for i := range r.Vulnerabilities {
		r.out.Vulns = append(r.out.Vulns, r.vuln(&r.Vulnerabilities[i]))
	}
	return r.out
}

func instant(s string) time.Time {
	t, ok := shape.Time(s)
	if !ok {
		return time.Time{}
	}
	return t.UTC()
}

// strict is the label that TLP 2.0 has and CSAF 2.0 has not: it stands in the
// distribution's text, beside the label AMBER.
const strict = "AMBER+STRICT"

// distributionTitle names the note that keeps a distribution's text.
const distributionTitle = "Distribution"

// mark reads the label of TLP 1.0 as its successor of TLP 2.0.
func (r *reading) mark(d *distribution) {
	if d == nil {
		return
	}
	if d.TLP != nil {
		r.out.TLP = d.TLP.Label
		switch {
		case d.TLP.Label == "WHITE":
			r.out.TLP = "CLEAR"
		case d.TLP.Label == "AMBER" && strings.Contains(d.Text, strict):
			r.out.TLP = strict
		}
	}
	if words := strings.TrimSpace(strings.TrimPrefix(d.Text, strictText)); words != "" {
		r.out.Notes = append(r.out.Notes, advisory.Note{Category: "other", Title: distributionTitle, Text: words})
	}
}

func readNotes(in []note) []advisory.Note {
	var out []advisory.Note
	for _, n := range in {
		out = append(out, advisory.Note{Category: n.Category, Title: n.Title, Text: n.Text})
	}
	return out
}

// takeText returns the text of the first note of the categories, the earlier
// category first, and the notes without it. A note with a title that says more
// than its category stays among the notes.
func takeText(notes []advisory.Note, categories ...string) (string, []advisory.Note) {
	for _, c := range categories {
		i := slices.IndexFunc(notes, func(n advisory.Note) bool { return n.Category == c })
		if i < 0 {
			continue
		}
		text := notes[i].Text
		if title := strings.ToLower(notes[i].Title); title == "" || slices.Contains(plainTitles, title) {
			notes = slices.Delete(notes, i, i+1)
		}
		return text, notes
	}
	return "", notes
}

// plainTitles say no more than the category of their note.
var plainTitles = []string{"summary", "description", "cve description", "vulnerability summary", "vulnerability description"}

func readReferences(in []reference) []advisory.Reference {
	var out []advisory.Reference
	for _, x := range in {
		out = append(out, advisory.Reference{URL: x.URL, Summary: x.Summary, Category: x.Category})
	}
	return out
}

// readCredits gives each name a credit of its own.
func readCredits(in []acknowledgment) []advisory.Credit {
	var out []advisory.Credit
	for _, a := range in {
		names := a.Names
		if len(names) == 0 {
			names = []string{""}
		}
		for _, name := range names {
			out = append(out, advisory.Credit{Name: name, Organization: a.Organization, Contact: a.URLs, Summary: a.Summary})
		}
	}
	return out
}

func (r *reading) vuln(v *vulnerability) advisory.Vuln {
	out := advisory.Vuln{
		CVE: v.CVE, Title: v.Title, Discovered: instant(v.Discovery), Released: instant(v.Release),
		References: readReferences(v.References), Credits: readCredits(v.Acknowledgments),
	}
	for _, x := range v.IDs {
		out.Aliases = append(out.Aliases, x.Text)
	}
	if v.CWE != nil {
		out.CWEs = []advisory.CWE{{ID: v.CWE.ID, Name: v.CWE.Name}}
	}
	out.Scores = readScores(v.Scores)
	r.vulnNotes(v, &out)
	r.affected(v, &out)
	for _, x := range v.Remediations {
		out.Remediations = append(out.Remediations, advisory.Remediation{
			Category: x.Category, Details: x.Details, URL: x.URL, Date: instant(x.Date), Products: r.named(x.Products, x.Groups)})
	}
	for _, x := range v.Involvements {
		if x.Date != "" {
			says := strings.Join(slices.DeleteFunc([]string{x.Party, x.Status, x.Summary}, func(s string) bool { return s == "" }), ": ")
			out.Timeline = append(out.Timeline, advisory.Event{Time: instant(x.Date), Text: says})
		}
	}
	return out
}

// vulnNotes reads the notes, and from those that Render makes what they hold.
func (r *reading) vulnNotes(v *vulnerability, out *advisory.Vuln) {
	var rest []advisory.Note
	for _, n := range readNotes(v.Notes) {
		score, isScore := readScoreNote(n)
		w, isWeakness := readWeaknessNote(n)
		switch {
		case isScore:
			out.Scores = append(out.Scores, score)
		case isWeakness:
			out.CWEs = append(out.CWEs, w)
		default:
			rest = append(rest, n)
		}
	}
	out.Description, out.Notes = takeText(rest, "description", "summary")
}

func readScores(in []score) []advisory.Score {
	var out []advisory.Score
	for _, x := range in {
		for _, v := range []any{x.V2, x.V3} {
			m := object(v)
			if m == nil {
				continue
			}
			s := advisory.Score{Version: text(m, "version"), Vector: text(m, "vectorString"),
				Severity: strings.ToLower(text(m, "baseSeverity")), Products: x.Products}
			if n, ok := m["baseScore"].(json.Number); ok {
				s.Base, _ = n.Float64() // one that is no float stays unknown
			}
			out = append(out, s)
		}
	}
	return out
}

// readScoreNote reads a score that Render put into a note.
func readScoreNote(n advisory.Note) (advisory.Score, bool) {
	version, source, _ := strings.Cut(strings.TrimPrefix(n.Title, scoreTitle), ": ")
	if !strings.HasPrefix(n.Title, scoreTitle) {
		return advisory.Score{}, false
	}
	vector, _, _ := strings.Cut(n.Text, " ")
	v, err := cvss.Parse(vector)
	if err != nil || v.Version() != version {
		return advisory.Score{}, false
	}
	s := v.Score()
	return advisory.Score{Version: version, Vector: vector, Base: s.Base, Severity: cvss.Severity(version, s.Base), Source: source}, true
}

func readWeaknessNote(n advisory.Note) (advisory.CWE, bool) {
	id, name, _ := strings.Cut(n.Text, " ")
	if n.Title != weaknessTitle || !isCWE(id) {
		return advisory.CWE{}, false
	}
	return advisory.CWE{ID: id, Name: name}, true
}

// affected reads where each product stands, with the reasons of those that are
// not affected. Threats that are such reasons alone are told there alone.
func (r *reading) affected(v *vulnerability, out *advisory.Vuln) {
	labels, impacts := map[string]string{}, map[string]string{}
	for _, x := range v.Flags {
		for _, id := range r.named(x.Products, x.Groups) {
			labels[id] = x.Label
		}
	}
	clear := map[string]bool{}
	if v.Status != nil {
		mark(clear, v.Status.KnownNotAffected)
	}
	for _, x := range v.Threats {
		about := r.named(x.Products, x.Groups)
		if x.Category != "impact" || len(about) == 0 || slices.ContainsFunc(about, func(id string) bool { return !clear[id] }) {
			out.Threats = append(out.Threats, advisory.Threat{Category: x.Category, Details: x.Details})
			continue
		}
		for _, id := range about {
			impacts[id] = x.Details
		}
	}
	if v.Status == nil {
		return
	}
	for _, l := range v.Status.lists() {
		for _, id := range *l.ids {
			a := advisory.Affected{Product: id, Status: advisory.Status(l.name)}
			if l.kind == notAffected {
				a.Justification, a.Impact = labels[id], impacts[id]
			}
			if p := r.byID[id]; p != nil {
				a.Versions, a.Ranges = stated(p)
			}
			out.Affected = append(out.Affected, a)
		}
	}
}

// stated returns what a product says of its own versions.
func stated(p *advisory.Product) (versions []string, ranges []advisory.Range) {
	if p.Version != "" {
		versions = []string{p.Version}
	}
	if p.Range != "" {
		ranges = []advisory.Range{readRange(p.Range)}
	}
	return versions, ranges
}
