package archive

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/profile"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
)

// Record is what a published record states of one vulnerability. A zero field is
// not stated.
type Record struct {
	Title     string
	Summary   string
	CVE       string
	CWE       string
	Product   string
	Component string
	Source    string
	TLP       string
	Claimed   string // severity as a bare word, where there is no score
	Opened    time.Time
	Detected  time.Time
	Scores    []advisory.Score // at most one of each CVSS version
	Fixed     []string
	Credit    string
	Format    string
	Name      string
	SHA256    string
	URL       string
	Stated    map[string]string
	Affected  []string
}

// part is one vulnerability of a record, with what names it in the record.
type part struct {
	key string
	Record
}

// Limits of what a case takes of a record, in bytes and entries. The original
// and the advisory's Document hold all of it.
const (
	maxTitle    = 300
	maxLine     = 200
	maxText     = 64 << 10
	maxAffected = 100
	maxStated   = 1000
)

// partsOf reads each vulnerability of a document. Of a form that knows but one,
// its key never changes; else it is the CVE ID, another ID, or the place.
func partsOf(kind string, d *advisory.Document, p *profile.Profile) []part {
	var out []part
	taken := map[string]bool{}
	for i := range d.Vulns {
		v := &d.Vulns[i]
		key := first(append([]string{v.CVE}, v.Aliases...)...)
		if key == "" || taken[key] {
			key += "#" + strconv.Itoa(i+1)
		}
		if slices.Contains(single, kind) {
			key = "record"
		}
		taken[key] = true
		out = append(out, part{key, recordOf(d, v, p)})
	}
	return out
}

// single are the kinds whose records hold one vulnerability.
var single = []string{"cve5", "osv", Bounty}

func recordOf(d *advisory.Document, v *advisory.Vuln, p *profile.Profile) Record {
	r := Record{
		Title: line(first(v.Title, d.Title, sentence(v.Description), v.CVE, d.ID), maxTitle), Summary: text(first(v.Description, d.Summary)),
		CVE: v.CVE, Opened: v.Released, Detected: v.Discovered, Credit: credits(d, v), URL: page(d), Stated: map[string]string{},
	}
	if len(d.Vulns) > 1 && v.Title == "" {
		r.Title = line(first(v.CVE, sentence(v.Description))+": "+d.Title, maxTitle)
	}
	if r.Opened.IsZero() {
		r.Opened = d.Initial
	}
	if slices.Contains(p.TLP, d.TLP) {
		r.TLP = d.TLP
	}
	r.weakness(v)
	r.scores(d, v, p)
	r.products(d, v)
	r.state("aliases", strings.Join(aliases(d, v), ", "))
	r.state("state", strings.Trim(v.State, " "))
	r.state("tags", strings.Join(v.Tags, ", "))
	r.state("reserved", day(v.Reserved))
	r.state("withdrawn", day(v.Withdrawn)+day(d.Withdrawn))
	return r
}

// state keeps what a case has no field of its own for.
func (r *Record) state(name, says string) {
	if says != "" && says != "PUBLISHED" {
		r.Stated[name] = line(says, maxStated)
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// weakness takes the first weakness that CWE knows, by number or by name; what
// the record says besides stays in its words.
func (r *Record) weakness(v *advisory.Vuln) {
	var rest []string
	for _, w := range v.CWEs {
		known, ok := cwe.Get(w.ID)
		id := known.ID
		if !ok && w.ID == "" {
			id, ok = cwe.ByName(w.Name)
		}
		if ok && r.CWE == "" {
			r.CWE = id
			continue
		}
		rest = append(rest, strings.TrimSpace(w.ID+" "+w.Name))
	}
	r.state("weaknesses", strings.Join(rest, "; "))
}

// scores takes one score of each CVSS version: the publisher's own before those
// of others, then the highest. A base score is kept as it is stated, and computed
// only from a vector that comes without.
func (r *Record) scores(d *advisory.Document, v *advisory.Vuln, p *profile.Profile) {
	words, rest := []string{d.Severity}, []string(nil)
	for _, version := range cvss.Versions() {
		var best *advisory.Score
		for _, s := range v.Scores {
			if c, ok := scoreOf(s); ok && c.Version == version && (best == nil || better(c, *best)) {
				best = &c
			}
		}
		if best != nil {
			r.Scores = append(r.Scores, *best)
			rest = append(rest, others(v.Scores, *best)...)
		}
	}
	r.state("scores", strings.Join(rest, "; "))
	for _, s := range v.Scores {
		words = append(words, s.Severity)
		if _, ok := scoreOf(s); !ok {
			r.state("score", s.Vector)
		}
	}
	if len(r.Scores) > 0 {
		return
	}
	word := strings.ToLower(first(words...))
	if _, known := p.Band(word); known {
		r.Claimed = word
		return
	}
	r.state("severity", word)
}

// others says which other vectors of a version are stated, and by whom: a case keeps
// one, and the rest is held against it.
func others(scores []advisory.Score, kept advisory.Score) (out []string) {
	for _, s := range scores {
		if c, ok := scoreOf(s); ok && c.Version == kept.Version && c.Vector != "" && c.Vector != kept.Vector {
			out = also(out, first(c.By, "the publisher")+": "+c.Vector)
		}
	}
	return out
}

// scoreOf is a score as a case keeps it; false where it is no CVSS score.
func scoreOf(s advisory.Score) (advisory.Score, bool) {
	out := advisory.Score{Version: s.Version, Base: s.Base, By: line(s.By, maxLine)}
	if v, err := cvss.Parse(s.Vector); err == nil {
		out.Version, out.Vector = v.Version(), v.String()
		if s.Base == 0 {
			out.Base = v.Score().Base
		}
		return out, true
	}
	return out, s.Base > 0 && s.Base <= 10 && slices.Contains(cvss.Versions(), s.Version)
}

func better(a, b advisory.Score) bool {
	if (a.By == "") != (b.By == "") {
		return a.By == ""
	}
	return a.Base > b.Base
}

// products takes the first product and the first place in it as product and
// component, and every one with its versions as words.
func (r *Record) products(d *advisory.Document, v *advisory.Vuln) {
	var names, places, vendors []string
	for _, a := range v.Affected {
		i := slices.IndexFunc(d.Products, func(p advisory.Product) bool { return p.ID == a.Product })
		if i < 0 {
			continue
		}
		p := d.Products[i]
		names, vendors = also(names, p.Name), also(vendors, p.Vendor)
		for _, at := range a.Parts {
			places = also(places, at.Module)
		}
		if len(a.Parts) == 0 || a.Parts[0].Module == "" {
			places = also(places, p.Package)
		}
		r.versions(p, a)
	}
	r.Product, r.Component = line(first(names...), maxLine), line(first(places...), maxLine)
	r.state("vendor", strings.Join(vendors, ", "))
	if len(names) > 1 {
		r.state("products", strings.Join(names, ", "))
	}
	if len(places) > 1 {
		r.state("components", strings.Join(places, ", "))
	}
}

// fixing are the statuses whose versions have the fix.
var fixing = []advisory.Status{advisory.Fixed, advisory.FirstFixed}

func (r *Record) versions(p advisory.Product, a advisory.Affected) {
	for _, x := range a.Ranges {
		if a.Status == advisory.KnownAffected {
			r.fixed(x.Fixed)
		}
	}
	if slices.Contains(fixing, a.Status) {
		for _, x := range append(slices.Clone(a.Versions), p.Version) {
			r.fixed(x)
		}
	}
	words := strings.Fields(strings.Join([]string{strings.ReplaceAll(string(a.Status), "_", " ") + ":", p.Vendor, p.Name, p.Version, p.Range}, " "))
	var spans []string
	for _, x := range a.Ranges {
		spans = append(spans, rangeWords(x))
	}
	spans = append(spans, a.Versions...)
	if len(spans) > 0 {
		words = append(words, strings.Join(spans, ", "))
	}
	if says := line(strings.Join(words, " "), maxStated); len(r.Affected) < maxAffected && !slices.Contains(r.Affected, says) {
		r.Affected = append(r.Affected, says)
	}
}

func (r *Record) fixed(version string) {
	if version = line(version, maxLine); version != "" && len(r.Fixed) < maxAffected && !slices.Contains(r.Fixed, version) {
		r.Fixed = append(r.Fixed, version)
	}
}

func rangeWords(r advisory.Range) string {
	var out []string
	for _, b := range [...]struct{ sign, version string }{{">= ", r.Introduced}, {"< ", r.Fixed}, {"<= ", r.LastAffected}, {"up to ", r.Limit}} {
		if b.version != "" {
			out = append(out, b.sign+b.version)
		}
	}
	if len(out) == 0 && r.Raw == "" {
		return "every version"
	}
	return strings.TrimSpace(strings.Join(out, " ") + " " + r.Raw)
}

func credits(d *advisory.Document, v *advisory.Vuln) string {
	var names []string
	for _, c := range append(slices.Clone(v.Credits), d.Credits...) {
		names = also(names, first(c.Name, c.Organization))
	}
	return line(strings.Join(names, ", "), maxStated)
}

// aliases are the other names of a vulnerability: that of its record is one,
// where the record is of it alone.
func aliases(d *advisory.Document, v *advisory.Vuln) []string {
	var out []string
	if len(d.Vulns) == 1 && d.ID != v.CVE {
		out = also(out, d.ID)
	}
	for _, a := range v.Aliases {
		out = also(out, a)
	}
	return out
}

// page is where the record itself is published.
func page(d *advisory.Document) string {
	for _, x := range d.References {
		if x.Category == "self" && advisory.IsWebURL(x.URL) {
			return x.URL
		}
	}
	return ""
}
