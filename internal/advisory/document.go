// Package advisory holds the advisory as the house thinks of it, before any
// published form. The Document is the waist: everything that publishes reads
// one, and everything that imports makes one. The package also keeps drafts,
// approvals bound to their exact content, revisions and publications.
package advisory

import "time"

// Document is one advisory, neutral of any published form. A zero value of a
// field means that nobody has stated it; no field has a default.
type Document struct {
	ID         string      `json:"id"` // the tracking ID, unique for the publisher
	Title      string      `json:"title"`
	Summary    string      `json:"summary,omitempty"` // one paragraph
	Lang       string      `json:"lang,omitempty"`    // BCP 47, "en"
	TLP        string      `json:"tlp,omitempty"`     // TLP 2.0 label: CLEAR, GREEN, AMBER, AMBER+STRICT, RED
	Publisher  Publisher   `json:"publisher"`
	Status     Tracking    `json:"status,omitempty"`
	Version    string      `json:"version,omitempty"` // of the newest revision: "1", "2" or semantic
	Initial    time.Time   `json:"initial,omitzero"`  // first release, UTC
	Current    time.Time   `json:"current,omitzero"`  // newest release, UTC
	Withdrawn  time.Time   `json:"withdrawn,omitzero"`
	Revisions  []Revision  `json:"revisions,omitempty"` // oldest first
	Severity   string      `json:"severity,omitempty"`  // aggregate: low, medium, high, critical
	Notes      []Note      `json:"notes,omitempty"`
	Products   []Product   `json:"products,omitempty"`
	Vulns      []Vuln      `json:"vulns,omitempty"`
	References []Reference `json:"references,omitempty"`
	Credits    []Credit    `json:"credits,omitempty"`
}

// Tracking is the status of a document: CSAF 2.0, section 3.2.1.12.7.
type Tracking string

// The tracking states.
const (
	Draft   Tracking = "draft"
	Interim Tracking = "interim"
	Final   Tracking = "final"
)

// Publisher is who issues the document: CSAF 2.0, section 3.2.1.8.
type Publisher struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"` // a URI under the issuer's control
	Category  string `json:"category"`  // vendor, coordinator, discoverer, other, user, translator
	Contact   string `json:"contact,omitempty"`
	Role      string `json:"role,omitempty"`   // in the issuer's own words (OpenVEX: role)
	OrgID     string `json:"org_id,omitempty"` // CVE: assignerOrgId, a version 4 UUID
	CNA       string `json:"cna,omitempty"`    // CVE: assignerShortName
}

// Revision is one entry of the document's history.
type Revision struct {
	Number  string    `json:"number"`
	Date    time.Time `json:"date"`
	Summary string    `json:"summary"`
}

// Note is text with a role: CSAF 2.0, section 3.1.5.
type Note struct {
	Category string `json:"category"` // description, details, faq, general, legal_disclaimer, other, summary
	Title    string `json:"title,omitempty"`
	Text     string `json:"text"`
	Lang     string `json:"lang,omitempty"` // BCP 47, where it is not the document's
}

// Product is a thing that can be affected. Versions are stated by Affected.
type Product struct {
	ID         string            `json:"id"` // unique in the document
	Vendor     string            `json:"vendor,omitempty"`
	Name       string            `json:"name"`
	Version    string            `json:"version,omitempty"`    // one exact version, where the source speaks of just one
	Range      string            `json:"range,omitempty"`      // a version range in the source's own words, where it is one
	Ecosystem  string            `json:"ecosystem,omitempty"`  // OSV's word: Go, npm, PyPI …
	Package    string            `json:"package,omitempty"`    // the name in that ecosystem or collection
	Collection string            `json:"collection,omitempty"` // URL of the collection that the package is found in (CVE: collectionURL)
	Repo       string            `json:"repo,omitempty"`       // URL of the source repository
	PURL       string            `json:"purl,omitempty"`
	CPE        string            `json:"cpe,omitempty"`
	CPEs       []string          `json:"cpes,omitempty"`     // further ones
	Hashes     map[string]string `json:"hashes,omitempty"`   // of its file: algorithm (sha256 …) to hexadecimal digest
	Platform   string            `json:"platform,omitempty"` // environment or platform it runs on; several are joined with ", "
}

// Vuln is one vulnerability and where each product stands.
type Vuln struct {
	CVE          string        `json:"cve,omitempty"`
	Aliases      []string      `json:"aliases,omitempty"` // other names: GHSA-…, the vendor's own
	Title        string        `json:"title,omitempty"`
	Description  string        `json:"description,omitempty"`
	Notes        []Note        `json:"notes,omitempty"`
	CWEs         []CWE         `json:"cwes,omitempty"`
	Scores       []Score       `json:"scores,omitempty"`
	Affected     []Affected    `json:"affected,omitempty"`
	Remediations []Remediation `json:"remediations,omitempty"`
	Threats      []Threat      `json:"threats,omitempty"`
	References   []Reference   `json:"references,omitempty"`
	Credits      []Credit      `json:"credits,omitempty"`
	Discovered   time.Time     `json:"discovered,omitzero"`
	Reserved     time.Time     `json:"reserved,omitzero"`     // CVE: dateReserved
	Assigned     time.Time     `json:"assigned,omitzero"`     // CVE: dateAssigned
	Released     time.Time     `json:"released,omitzero"`     // first public
	Withdrawn    time.Time     `json:"withdrawn,omitzero"`    // rejected or withdrawn
	State        string        `json:"state,omitempty"`       // CVE record state: RESERVED, PUBLISHED, REJECTED
	Discovery    string        `json:"discovery,omitempty"`   // how it was found, CVE's source in lower case: internal, external, user, upstream …
	Defects      []string      `json:"defects,omitempty"`     // entries of issue trackers
	Tags         []string      `json:"tags,omitempty"`        // CVE's words: disputed, unsupported-when-assigned …
	Related      []string      `json:"related,omitempty"`     // close to it, but not the same
	Upstream     []string      `json:"upstream,omitempty"`    // the same one further up the supply chain
	ReplacedBy   []string      `json:"replaced_by,omitempty"` // CVE IDs to use instead of a rejected one
	Timeline     []Event       `json:"timeline,omitempty"`
}

// Event is one thing that happened to a vulnerability.
type Event struct {
	Time time.Time `json:"time"`
	Text string    `json:"text"`
}

// CWE is a weakness of MITRE's list.
type CWE struct {
	ID   string `json:"id"` // "CWE-79"; empty where the source gives only words
	Name string `json:"name,omitempty"`
}

// Score is one CVSS score as its source states it.
type Score struct {
	Version  string   `json:"version,omitempty"` // 2.0, 3.0, 3.1, 4.0
	Vector   string   `json:"vector,omitempty"`
	Base     float64  `json:"base,omitempty"`
	Severity string   `json:"severity,omitempty"` // lower case; empty where not stated
	Products []string `json:"products,omitempty"` // Product IDs; none means all
	Source   string   `json:"source,omitempty"`   // what it is the score of, for example an environment or a scenario
	By       string   `json:"by,omitempty"`       // who scored, where it was not the publisher
}

// Affected is where one product stands.
type Affected struct {
	Product       string   `json:"product"` // Product.ID
	Status        Status   `json:"status"`
	Ranges        []Range  `json:"ranges,omitempty"`        // half-open
	Versions      []string `json:"versions,omitempty"`      // exact ones
	Justification string   `json:"justification,omitempty"` // VEX, for known_not_affected: component_not_present …
	Impact        string   `json:"impact,omitempty"`        // statement in words, for known_not_affected
	Notes         string   `json:"notes,omitempty"`         // how the status was found (OpenVEX: status_notes)
	Default       Status   `json:"default,omitempty"`       // where the product's versions stand that are named nowhere
	Parts         []Part   `json:"parts,omitempty"`         // where in the product the weakness lies
}

// Part is a place inside a product: a module or package of it, source files, routines.
type Part struct {
	Module   string   `json:"module,omitempty"`
	Files    []string `json:"files,omitempty"`
	Routines []string `json:"routines,omitempty"`
}

// Status is where a product stands, in CSAF's and VEX's words.
type Status string

// The product statuses: CSAF 2.0, section 3.2.3.9.
const (
	KnownAffected      Status = "known_affected"
	KnownNotAffected   Status = "known_not_affected"
	Fixed              Status = "fixed"
	UnderInvestigation Status = "under_investigation"
	FirstAffected      Status = "first_affected"
	FirstFixed         Status = "first_fixed"
	LastAffected       Status = "last_affected"
	Recommended        Status = "recommended"
)

// Range is a half-open interval of versions: Introduced <= v < Fixed, or
// Introduced <= v <= LastAffected. An empty Introduced means from the beginning.
type Range struct {
	Type         string `json:"type,omitempty"` // semver, ecosystem, git, custom, rpm …
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
	Limit        string `json:"limit,omitempty"` // for git: where on the branch the search ends (OSV: limit)
	Repo         string `json:"repo,omitempty"`  // for git
	Raw          string `json:"raw,omitempty"`   // in the source's own words, where it cannot be read as an interval
}

// Remediation is what users can do: CSAF 2.0, section 3.2.3.12.
type Remediation struct {
	Category string    `json:"category"` // vendor_fix, mitigation, workaround, no_fix_planned, none_available
	Details  string    `json:"details"`
	URL      string    `json:"url,omitempty"`
	Date     time.Time `json:"date,omitzero"`
	Products []string  `json:"products,omitempty"` // Product IDs; none means every affected one
}

// Threat is a fact about exploitation or impact: CSAF 2.0, section 3.2.3.14.
type Threat struct {
	Category string `json:"category"` // exploit_status, impact, target_set
	Details  string `json:"details"`
	CAPEC    string `json:"capec,omitempty"` // "CAPEC-66", for an impact that is an attack pattern
}

// Reference is a link out.
type Reference struct {
	URL      string   `json:"url"`
	Summary  string   `json:"summary,omitempty"`
	Category string   `json:"category,omitempty"` // self, external; or OSV's ADVISORY, FIX, REPORT …
	Tags     []string `json:"tags,omitempty"`     // CVE's words: patch, vendor-advisory, issue-tracking …
}

// Credit is thanks that the person agreed to.
type Credit struct {
	Name         string   `json:"name"`
	Organization string   `json:"organization,omitempty"`
	Contact      []string `json:"contact,omitempty"` // URLs
	Role         string   `json:"role,omitempty"`    // CVE's word: finder, reporter, analyst, coordinator …
	Summary      string   `json:"summary,omitempty"`
	User         string   `json:"user,omitempty"` // CVE: the UUID of the user credited
}
