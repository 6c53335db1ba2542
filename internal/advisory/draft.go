package advisory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
)

// Advisory is a Document with its life cycle: drafted from a case, approved by a
// second person, published, revised.
type Advisory struct {
	ID        ref.ID    `json:"id"`
	Name      string    `json:"name"` // the tracking ID that it is published under
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Severity  string    `json:"severity"`
	TLP       string    `json:"tlp,omitempty"` // the mark of its Document
	Case      ref.ID    `json:"case,omitempty"`
	Published time.Time `json:"published,omitzero"` // of the newest revision; zero is never
	Approved  bool      `json:"approved"`           // by a second person, and unchanged since
	Made      time.Time `json:"made"`
	Version   int       `json:"version"`
	Work

	audience string
	guard    ref.ID
	doc      int64
	original string
	events   []clock.Event
}

// Work is what an advisory holds besides what lists show.
type Work struct {
	Document  Document     `json:"document"`
	Revision  int          `json:"revision"`            // of the newest publication; 0 is none
	Writers   access.Hands `json:"writers,omitempty"`   // who wrote the present content
	Summary   string       `json:"summary,omitempty"`   // what this revision changes
	Approvals []Approval   `json:"approvals,omitempty"` // kept for ever; one counts while its hash is the content's
}

// Approval is one person's word on an exact content.
type Approval struct {
	By   ref.ID    `json:"by"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Hash string    `json:"hash"`
}

// Facts is what a draft is made from: a case, as casework knows it.
type Facts struct {
	Case         ref.ID
	Audience     string
	Title        string
	Summary      string
	CVE          string
	CWE          string
	Severity     string
	TLP          string
	Vectors      []string
	Detected     time.Time
	Released     time.Time
	Product      Product // what is affected; its ID is the product's name
	Environments []Standing
	Fixes        []string // fixed versions
	Credits      []Credit
	Unthanked    []string // names whose bearers have not agreed to be thanked, or no longer do
	Publisher    Publisher
	Lang         string
	Page         string // address of the advisory's own page
	File         string // address of the advisory's own CSAF file: its canonical URL (CSAF 2.0, section 6.2.11)
	Events       bool   // the release is recorded
	Embargo      time.Time
	Held         bool // an embargo without an end
}

// Standing is where an environment stands.
type Standing struct {
	Title, Status, Justification, Reason string
	Shipped                              bool
	Ranges                               []Range
}

// From makes the Document of a case. What the case does not state stays empty.
func From(f Facts, name string) Document {
	d := Document{ID: name, Title: f.Title, Summary: f.Summary, Lang: f.Lang, TLP: "CLEAR", Publisher: f.Publisher, Severity: f.Severity}
	if f.Page != "" {
		d.References = []Reference{{URL: f.Page, Summary: f.Title, Category: "self"}}
	}
	if f.File != "" {
		d.References = append(d.References, Reference{URL: f.File, Summary: f.Title + " (CSAF)", Category: "self"})
	}
	if f.Summary != "" {
		d.Notes = []Note{{Category: "summary", Title: "Summary", Text: f.Summary}}
	}
	v := Vuln{CVE: f.CVE, Title: f.Title, Description: f.Summary, Discovered: f.Detected, Credits: f.Credits}
	if w, ok := cwe.Get(f.CWE); ok {
		v.CWEs = []CWE{{ID: f.CWE, Name: w.Name}}
	}
	for _, text := range f.Vectors {
		if vec, err := cvss.Parse(text); err == nil {
			r := vec.Score()
			v.Scores = append(v.Scores, Score{Version: r.Version, Vector: r.Vector.String(), Base: r.Base, Severity: strings.ToLower(r.Severity)})
		}
	}
	d.Products, v.Affected = standings(f)
	if len(f.Fixes) > 0 {
		v.Remediations = []Remediation{{Category: "vendor_fix", Details: "Update to " + list(f.Fixes) + " or later.", Date: f.Released}}
	}
	d.Vulns = []Vuln{v}
	return d
}

// standings turns verdicts on environments into products and their status. Only
// what customers install themselves is a product of its own; where an environment
// stands otherwise, it is a product of its own too.
func standings(f Facts) (products []Product, affected []Affected) {
	for _, e := range f.Environments {
		p := f.Product
		if !e.Shipped {
			p.ID, p.Platform, p.PURL = p.ID+"-"+slug(e.Title), e.Title, ""
		}
		a := Affected{Product: p.ID, Status: Status("known_" + e.Status), Ranges: e.Ranges, Justification: e.Justification, Impact: e.Reason}
		if e.Status == "under_investigation" {
			a.Status = UnderInvestigation
		}
		if a.Status == KnownAffected {
			a.Impact = ""
		}
		products, affected = append(products, p), append(affected, a)
	}
	return products, affected
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, s), "-")
}

// Content is the Document without what publication itself adds: dates, version
// and history. Approvals are bound to it.
func (d Document) Content() Document {
	d.Status, d.Version, d.Initial, d.Current, d.Revisions = "", "", time.Time{}, time.Time{}, nil
	d.Vulns = slices.Clone(d.Vulns)
	for i := range d.Vulns {
		d.Vulns[i].Released = time.Time{}
	}
	return d
}

// Hash is the SHA-256 of the content as JSON, in hexadecimal.
func (d Document) Hash() string {
	b, err := json.Marshal(d.Content())
	if err != nil {
		panic(err) // a Document is plain fields
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// hash is the hash of all that the next publication says: the content, and what it
// says of itself in the history.
func (a *Advisory) hash() string {
	if a.Summary == "" {
		return a.Document.Hash()
	}
	sum := sha256.Sum256([]byte(a.Document.Hash() + "\n" + a.Summary))
	return hex.EncodeToString(sum[:])
}

// thanks reports whether the Document thanks somebody by one of the names.
func (d Document) thanks(names []string) bool {
	one := func(c Credit) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), strings.TrimSpace(c.Name)) })
	}
	return slices.ContainsFunc(d.Credits, one) || slices.ContainsFunc(d.Vulns, func(v Vuln) bool { return slices.ContainsFunc(v.Credits, one) })
}

// approved reports whether a second person's approval of the present content
// stands.
func (a *Advisory) approved() bool {
	hash := a.hash()
	return slices.ContainsFunc(a.Approvals, func(p Approval) bool { return p.Hash == hash && !a.Writers.Has(p.By) })
}

// Issue returns the Document of the next revision as it goes out at now.
func (a *Advisory) Issue(now time.Time) Document {
	d, n := a.Document, a.Revision+1
	d.Status, d.Version, d.Current = Final, fmt.Sprint(n), now
	if d.Initial.IsZero() || n == 1 {
		d.Initial = now
	}
	says := a.Summary
	if says == "" {
		says = "Initial publication."
	}
	d.Revisions = append(slices.Clone(d.Revisions), Revision{Number: d.Version, Date: now, Summary: says})
	for i := range d.Vulns {
		if d.Vulns[i].Released.IsZero() {
			d.Vulns = slices.Clone(d.Vulns)
			d.Vulns[i].Released = d.Initial
		}
	}
	return d
}

// Preview returns the Document as it would go out at now, or as a draft.
func (a *Advisory) Preview(now time.Time) Document {
	d := a.Issue(now)
	d.Status = Draft
	return d
}
