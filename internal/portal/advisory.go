package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/score/cvss"
	"tocsin/internal/web/ui"
)

// advisoryPage is one published advisory, in the order in which it is read: what it
// is and how bad, what to do, then each vulnerability, then what programs read.
type advisoryPage struct {
	Head      ui.PublicHead
	Title     string
	Name      string
	Severity  string
	Summary   string
	Status    string
	Version   string
	Initial   time.Time
	Current   time.Time
	Withdrawn time.Time
	Gone      bool
	Act       []string // what everybody should do
	Notes     []advisory.Note
	Vulns     []shown
	Links     []ui.Link
	Credits   []thanked
	Revisions []advisory.Revision
	Forms     []form
}

// shown is one vulnerability on the page.
type shown struct {
	ID         string // anchor
	CVE, Title string
	Severity   string
	Score      string
	Paragraphs string // Markdown
	Where      []where
	Scores     []scored
	Weaknesses []ui.Link
	Fixes      []advice
	Credits    []thanked
	Links      []ui.Link
	Threats    []advisory.Threat
	best       float64
}

// where is one product and where it stands.
type where struct {
	Product  string
	Affected bool
	Status   string
	Ranges   []string
	Fixed    []string
	Why      string
}

// scored is one score with its vector in words.
type scored struct {
	Version, Vector, Link string
	Base                  string
	Severity              string
	Of                    string // what it is the score of
	Words                 []cvss.Metric
}

// advice is one thing that users can do.
type advice struct {
	Title, Says, Link string
	For               []string
	At                time.Time
}

// thanked is somebody who is credited.
type thanked struct {
	Name, Href, Role string
}

func (p *Portal) advisory(r *http.Request) (Answer, error) {
	pub, err := p.Advisories.Published(r.Context(), r.PathValue("name"))
	if err != nil {
		return Answer{}, err
	}
	return Answer{Page: advisoryView(p.page(r, pub)), Shared: true}, nil
}

func (p *Portal) page(r *http.Request, pub advisory.Publication) advisoryPage {
	d := pub.Document
	page := advisoryPage{Head: p.head(r, d.Title, "advisories"), Title: d.Title, Name: pub.Name, Severity: d.Severity, Summary: d.Summary,
		Status: string(d.Status), Version: d.Version, Initial: d.Initial, Current: d.Current, Withdrawn: d.Withdrawn, Gone: pub.Withdrawn,
		Forms: p.out.forms(pub)}
	page.Revisions = slices.Clone(d.Revisions)
	slices.Reverse(page.Revisions)
	for _, n := range d.Notes {
		if strings.TrimSpace(n.Text) != strings.TrimSpace(d.Summary) {
			page.Notes = append(page.Notes, n)
		}
	}
	for i, v := range d.Vulns {
		page.Vulns = append(page.Vulns, p.shown(d, v, i))
	}
	slices.SortStableFunc(page.Vulns, func(a, b shown) int { return cmp.Compare(b.best, a.best) })
	page.Credits = thankedBy(d.Credits)
	page.Links = links(d.References, p.url(advisoriesPath+"/"+pub.Name))
	for _, f := range page.Forms {
		page.Head.Forms = append(page.Head.Forms, ui.Form{Href: f.path(pub.Name), Media: f.Media, Title: f.Title})
	}
	page.Act = act(page.Vulns)
	if len(page.Vulns) == 1 && !page.Gone { // it stands at the top of the page
		v := &page.Vulns[0]
		v.Fixes = slices.DeleteFunc(v.Fixes, func(a advice) bool { return a.Link == "" && slices.Contains(page.Act, a.Says) })
	}
	return page
}

// act is what the page recommends on top: the fixes of all vulnerabilities, each
// said once.
func act(vs []shown) (out []string) {
	for _, v := range vs {
		for _, f := range v.Fixes {
			if f.Title == fixed && len(f.For) == 0 && f.Says != "" && !slices.Contains(out, f.Says) {
				out = append(out, f.Says)
			}
		}
	}
	return out
}

func (p *Portal) shown(d advisory.Document, v advisory.Vuln, i int) shown {
	s := shown{ID: "vulnerability-" + string(rune('1'+i%9)), CVE: v.CVE, Title: cmp.Or(v.Title, d.Title), Paragraphs: cmp.Or(v.Description, d.Summary),
		Credits: thankedBy(v.Credits), Links: links(v.References, ""), Threats: v.Threats}
	if v.CVE != "" {
		s.ID = v.CVE
	}
	if len(d.Vulns) == 1 && strings.TrimSpace(s.Paragraphs) == strings.TrimSpace(d.Summary) {
		s.Paragraphs = "" // it stands at the top of the page
	}
	for _, w := range v.CWEs {
		s.Weaknesses = append(s.Weaknesses, weaknessLink(w))
	}
	for _, a := range v.Affected {
		s.Where = append(s.Where, standing(d, a))
	}
	for _, x := range p.inOrder(v.Scores) {
		s.Scores = append(s.Scores, scoredAs(d, x))
	}
	if len(s.Scores) > 0 {
		s.Score, s.Severity, s.best = s.Scores[0].Base, s.Scores[0].Severity, p.inOrder(v.Scores)[0].Base
	}
	for _, r := range v.Remediations {
		s.Fixes = append(s.Fixes, adviceOf(d, r))
	}
	return s
}

// inOrder puts the score first by which the profile judges severity.
func (p *Portal) inOrder(scores []advisory.Score) []advisory.Score {
	rank := func(s advisory.Score) int {
		if i := slices.Index(p.Rules.Severity.Sources, "cvss-"+s.Version); i >= 0 {
			return i
		}
		return len(p.Rules.Severity.Sources)
	}
	out := slices.Clone(scores)
	slices.SortStableFunc(out, func(a, b advisory.Score) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

func scoredAs(d advisory.Document, x advisory.Score) scored {
	s := scored{Version: x.Version, Vector: x.Vector, Severity: strings.ToLower(x.Severity), Of: x.Source}
	if x.By != "" {
		s.Of = strings.TrimSpace(s.Of + " by " + x.By)
	}
	var of []string
	for _, id := range x.Products {
		if p, ok := d.Product(id); ok {
			of = append(of, productName(p))
		}
	}
	if s.Of == "" {
		s.Of = strings.Join(of, ", ")
	}
	base := x.Base
	if v, err := cvss.Parse(x.Vector); err == nil {
		s.Words = v.Metrics()
		got := v.Score()
		if base == 0 {
			base = got.Base
		}
		if s.Severity == "" {
			s.Severity = strings.ToLower(got.Severity)
		}
		s.Link = calculator(x.Version, x.Vector)
	}
	if base > 0 || s.Vector != "" {
		s.Base = strconv.FormatFloat(base, 'f', 1, 64)
	}
	return s
}

// calculator is FIRST's calculator with the vector in it.
func calculator(version, vector string) string {
	page := map[string]string{"3.0": "3.0", "3.1": "3.1", "4.0": "4.0"}[version]
	if page == "" {
		return ""
	}
	return "https://www.first.org/cvss/calculator/" + page + "#" + vector
}

// statuses of products in plain words.
var statusWords = map[advisory.Status]string{
	advisory.KnownAffected: "Affected", advisory.KnownNotAffected: "Not affected", advisory.Fixed: "Fixed",
	advisory.UnderInvestigation: "Under investigation", advisory.FirstAffected: "First affected", advisory.LastAffected: "Last affected",
	advisory.FirstFixed: "First fixed", advisory.Recommended: "Recommended",
}

// justifications are VEX's reasons in plain words.
var justifications = map[string]string{
	"component_not_present": "The component is not there.", "vulnerable_code_not_present": "The vulnerable code is not there.",
	"vulnerable_code_not_in_execute_path":               "The vulnerable code is never run.",
	"vulnerable_code_cannot_be_controlled_by_adversary": "An attacker cannot reach the vulnerable code.",
	"inline_mitigations_already_exist":                  "It is protected against this already.",
}

func productName(p advisory.Product) string {
	name := p.Names()
	if p.Platform != "" {
		name += ", " + p.Platform
	}
	return name
}

func standing(d advisory.Document, a advisory.Affected) where {
	w := where{Product: a.Product, Status: statusWords[a.Status], Affected: a.Status == advisory.KnownAffected, Why: cmp.Or(a.Impact, justifications[a.Justification])}
	if p, ok := d.Product(a.Product); ok {
		w.Product = productName(p)
	}
	for _, r := range a.Ranges {
		w.Ranges = append(w.Ranges, operators.Replace(r.String()))
		if r.Fixed != "" && !slices.Contains(w.Fixed, r.Fixed) {
			w.Fixed = append(w.Fixed, r.Fixed)
		}
	}
	if a.Status == advisory.Fixed || a.Status == advisory.FirstFixed {
		w.Fixed = append(w.Fixed, a.Versions...)
	} else {
		w.Ranges = append(w.Ranges, a.Versions...)
	}
	return w
}

// operators writes bounds as people write them on paper.
var operators = strings.NewReplacer(">= ", "≥ ", "<= ", "≤ ", ", <", " and <", ", ≤", " and ≤", "*", "every version")

// fixed is the title of a fix of ours.
const fixed = "Fix"

// remedies are CSAF's categories in plain words.
var remedies = map[string]string{"vendor_fix": fixed, "mitigation": "Mitigation", "workaround": "Workaround",
	"no_fix_planned": "No fix is planned", "none_available": "No fix yet"}

func adviceOf(d advisory.Document, r advisory.Remediation) advice {
	a := advice{Title: cmp.Or(remedies[r.Category], "What you can do"), Says: r.Details, At: r.Date}
	if advisory.IsWebURL(r.URL) {
		a.Link = r.URL
	}
	for _, id := range r.Products {
		if p, ok := d.Product(id); ok {
			a.For = append(a.For, productName(p))
		}
	}
	return a
}

func weaknessLink(w advisory.CWE) ui.Link {
	number := strings.TrimPrefix(w.ID, "CWE-")
	l := ui.Link{Text: strings.TrimSpace(w.ID + " " + w.Name)}
	if number != "" && strings.Trim(number, "0123456789") == "" {
		l.Href = "https://cwe.mitre.org/data/definitions/" + number + ".html"
	}
	return l
}

// links are the references that lead elsewhere, each once.
func links(refs []advisory.Reference, self string) (out []ui.Link) {
	for _, r := range refs {
		l := ui.Link{Text: cmp.Or(r.Summary, r.URL), Href: r.URL}
		if r.URL == self || r.Category == "self" || !advisory.IsWebURL(r.URL) || slices.ContainsFunc(out, func(x ui.Link) bool { return x.Href == l.Href }) {
			continue
		}
		out = append(out, l)
	}
	return out
}

func thankedBy(credits []advisory.Credit) (out []thanked) {
	for _, c := range credits {
		t := thanked{Name: c.Name, Role: c.Role}
		if c.Organization != "" {
			t.Name = strings.TrimPrefix(t.Name+", "+c.Organization, ", ")
		}
		for _, u := range c.Contact {
			if advisory.IsWebURL(u) {
				t.Href = u
				break
			}
		}
		out = append(out, t)
	}
	return out
}

// cveLink is the record of a CVE ID at the programme.
func cveLink(id string) string { return "https://www.cve.org/CVERecord?id=" + url.QueryEscape(id) }
