package openvex

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

// Parse reads a document: one vulnerability for every name, one product for
// every component. Remediations keep no category, because OpenVEX has none.
func (f Format) Parse(body []byte) (advisory.Document, error) {
	var doc document
	if err := advisory.Unmarshal(body, &doc); err != nil {
		return advisory.Document{}, err
	}
	if !strings.HasPrefix(doc.Context, namespace) {
		return advisory.Document{}, fault.At("@context", "/@context: %q is not OpenVEX; its documents say %s", doc.Context, context)
	}
	if doc.ID == "" {
		return advisory.Document{}, fault.At("@id", "/@id: an OpenVEX document has an @id, an IRI of its own")
	}
	r := reader{ids: map[string]string{}, vulns: map[string]int{}}
	r.head(doc)
	for _, s := range doc.Statements {
		r.statement(s)
	}
	return r.d, nil
}

// reader collects products and vulnerabilities over all statements.
type reader struct {
	d     advisory.Document
	ids   map[string]string // a component's identity -> Product.ID
	vulns map[string]int    // a vulnerability's name -> its place in d.Vulns
}

// path stands between a publisher's namespace and the ID in an @id of ours.
const path = "/openvex/"

// categories are CSAF's words for who issues a document, which serve as roles.
var categories = []string{"vendor", "coordinator", "discoverer", "other", "user", "translator"}

func (r *reader) head(doc document) {
	r.d = advisory.Document{ID: doc.ID, Initial: doc.Timestamp.Time, Current: doc.Updated.Time}
	r.d.Publisher = advisory.Publisher{Name: doc.Author, Role: doc.Role}
	if slices.Contains(categories, doc.Role) {
		r.d.Publisher.Category, r.d.Publisher.Role = doc.Role, ""
	}
	if doc.Version > 0 {
		r.d.Version = strconv.Itoa(doc.Version)
	}
	if home, id, ok := strings.Cut(doc.ID, path); ok {
		if plain, err := url.PathUnescape(id); err == nil && plain != "" {
			r.d.ID, r.d.Publisher.Namespace = plain, home
		}
	}
}

func (r *reader) statement(s statement) {
	v := r.vuln(s.Vulnerability)
	var ids []string
	for _, c := range s.Products {
		id, version := r.product(c, s.Supplier)
		a := advisory.Affected{Product: id, Status: statusOf[s.Status], Justification: s.Justification, Impact: stated(s.Impact, noReason)}
		a.Notes, a.Ranges = readNotes(s.Notes)
		if a.Justification != "" && a.Impact == "" {
			a.Notes, a.Impact = readImpact(a.Notes)
		}
		if version != "" {
			a.Versions = []string{version}
		}
		for _, sub := range c.Subcomponents {
			a.Parts = append(a.Parts, advisory.Part{Module: first(sub.ID, sub.Identifiers["purl"])})
		}
		if same := like(v.Affected, a); same != nil {
			same.Versions = append(same.Versions, a.Versions...)
		} else {
			v.Affected = append(v.Affected, a)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if action := stated(s.Action, noAction); action != "" {
		v.Remediations = append(v.Remediations, advisory.Remediation{Details: action, Date: s.ActionTime.Time, Products: ids})
	}
}

// like returns the entry of all that says the same as a of other versions.
func like(all []advisory.Affected, a advisory.Affected) *advisory.Affected {
	if len(a.Versions) == 0 {
		return nil
	}
	for i := range all {
		o := &all[i]
		if o.Product == a.Product && o.Status == a.Status && o.Justification == a.Justification &&
			o.Impact == a.Impact && o.Notes == a.Notes && len(o.Versions) > 0 && slices.Equal(o.Ranges, a.Ranges) {
			return o
		}
	}
	return nil
}

func stated(s, nothing string) string {
	if s == nothing {
		return ""
	}
	return s
}

func (r *reader) vuln(x vulnerability) *advisory.Vuln {
	name := x.Name
	if name == "" {
		name = x.ID
	}
	i, ok := r.vulns[name]
	if !ok {
		i = len(r.d.Vulns)
		r.vulns[name] = i
		r.d.Vulns = append(r.d.Vulns, named(name, x))
	}
	return &r.d.Vulns[i]
}

func named(name string, x vulnerability) advisory.Vuln {
	v := advisory.Vuln{Description: x.Description}
	for _, id := range append([]string{name}, x.Aliases...) {
		switch {
		case v.CVE == "" && strings.HasPrefix(id, "CVE-"):
			v.CVE = id
		case id != "" && !slices.Contains(v.Aliases, id):
			v.Aliases = append(v.Aliases, id)
		}
	}
	return v
}

// product returns the ID of the component's product and, where the component
// is one exact version, that version.
func (r *reader) product(c component, supplier string) (id, version string) {
	p, version := c.product()
	p.Vendor = first(p.Vendor, c.Supplier, supplier)
	key := first(p.ID, p.PURL, p.Vendor+"\x00"+p.Name+"\x00"+p.Platform)
	id, known := r.ids[key]
	if known {
		return id, version
	}
	if p.ID == "" {
		p.ID = "P" + strconv.Itoa(len(r.d.Products)+1)
	}
	r.ids[key] = p.ID
	r.d.Products = append(r.d.Products, p)
	return p.ID, version
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
