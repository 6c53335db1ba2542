package csaf

// file is a CSAF 2.0 document as the standard's section 3 names its parts. It
// is what Render writes, what Parse and the tests of section 6 read. Members
// stand in the order of the alphabet, as the standard's examples have them.
type file struct {
	Document        head            `json:"document"`
	ProductTree     *tree           `json:"product_tree,omitempty"`
	Vulnerabilities []vulnerability `json:"vulnerabilities,omitempty"`
}

// head is /document: section 3.2.1.
type head struct {
	Acknowledgments []acknowledgment `json:"acknowledgments,omitempty"`
	Severity        *severity        `json:"aggregate_severity,omitempty"`
	Category        string           `json:"category"`
	CSAFVersion     string           `json:"csaf_version"`
	Distribution    *distribution    `json:"distribution,omitempty"`
	Lang            string           `json:"lang,omitempty"`
	Notes           []note           `json:"notes,omitempty"`
	Publisher       publisher        `json:"publisher"`
	References      []reference      `json:"references,omitempty"`
	SourceLang      string           `json:"source_lang,omitempty"`
	Title           string           `json:"title"`
	Tracking        tracking         `json:"tracking"`
}

type severity struct {
	Namespace string `json:"namespace,omitempty"`
	Text      string `json:"text"`
}

type distribution struct {
	Text string `json:"text,omitempty"`
	TLP  *tlp   `json:"tlp,omitempty"`
}

type tlp struct {
	Label string `json:"label"`
	URL   string `json:"url,omitempty"`
}

type publisher struct {
	Category         string `json:"category"`
	ContactDetails   string `json:"contact_details,omitempty"`
	IssuingAuthority string `json:"issuing_authority,omitempty"`
	Name             string `json:"name"`
	Namespace        string `json:"namespace"`
}

// tracking is /document/tracking: section 3.2.1.12. Dates stay as written.
type tracking struct {
	Aliases     []string   `json:"aliases,omitempty"`
	CurrentDate string     `json:"current_release_date"`
	Generator   *generator `json:"generator,omitempty"`
	ID          string     `json:"id"`
	InitialDate string     `json:"initial_release_date"`
	Revisions   []revision `json:"revision_history"`
	Status      string     `json:"status"`
	Version     string     `json:"version"`
}

type generator struct {
	Date   string `json:"date,omitempty"`
	Engine engine `json:"engine"`
}

type engine struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type revision struct {
	Date    string `json:"date"`
	Legacy  string `json:"legacy_version,omitempty"`
	Number  string `json:"number"`
	Summary string `json:"summary"`
}

type acknowledgment struct {
	Names        []string `json:"names,omitempty"`
	Organization string   `json:"organization,omitempty"`
	Summary      string   `json:"summary,omitempty"`
	URLs         []string `json:"urls,omitempty"`
}

type note struct {
	Audience string `json:"audience,omitempty"`
	Category string `json:"category"`
	Text     string `json:"text"`
	Title    string `json:"title,omitempty"`
}

type reference struct {
	Category string `json:"category,omitempty"`
	Summary  string `json:"summary"`
	URL      string `json:"url"`
}

// tree is /product_tree: section 3.2.2.
type tree struct {
	Branches      []branch       `json:"branches,omitempty"`
	Names         []product      `json:"full_product_names,omitempty"`
	Groups        []group        `json:"product_groups,omitempty"`
	Relationships []relationship `json:"relationships,omitempty"`
}

type branch struct {
	Branches []branch `json:"branches,omitempty"`
	Category string   `json:"category"`
	Name     string   `json:"name"`
	Product  *product `json:"product,omitempty"`
}

// product is full_product_name_t: section 3.1.3.
type product struct {
	Name   string  `json:"name"`
	ID     string  `json:"product_id"`
	Helper *helper `json:"product_identification_helper,omitempty"`
}

type helper struct {
	CPE      string   `json:"cpe,omitempty"`
	Hashes   []hashes `json:"hashes,omitempty"`
	PURL     string   `json:"purl,omitempty"`
	hasPURL  bool
	SBOMURLs []string `json:"sbom_urls,omitempty"`
}

type hashes struct {
	FileHashes []hash `json:"file_hashes"`
	Filename   string `json:"filename"`
}

type hash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

type group struct {
	ID       string   `json:"group_id"`
	Products []string `json:"product_ids"`
	Summary  string   `json:"summary,omitempty"`
}

type relationship struct {
	Category  string  `json:"category"`
	Product   product `json:"full_product_name"`
	Reference string  `json:"product_reference"`
	RelatesTo string  `json:"relates_to_product_reference"`
}

// vulnerability is one of /vulnerabilities: section 3.2.3.
type vulnerability struct {
	Acknowledgments []acknowledgment `json:"acknowledgments,omitempty"`
	CVE             string           `json:"cve,omitempty"`
	CWE             *weaknessRef     `json:"cwe,omitempty"`
	Discovery       string           `json:"discovery_date,omitempty"`
	Flags           []flag           `json:"flags,omitempty"`
	IDs             []identifier     `json:"ids,omitempty"`
	Involvements    []involvement    `json:"involvements,omitempty"`
	Notes           []note           `json:"notes,omitempty"`
	Status          *status          `json:"product_status,omitempty"`
	References      []reference      `json:"references,omitempty"`
	Release         string           `json:"release_date,omitempty"`
	Remediations    []remediation    `json:"remediations,omitempty"`
	Scores          []score          `json:"scores,omitempty"`
	Threats         []threat         `json:"threats,omitempty"`
	Title           string           `json:"title,omitempty"`
}

type weaknessRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type flag struct {
	Date     string   `json:"date,omitempty"`
	Groups   []string `json:"group_ids,omitempty"`
	Label    string   `json:"label"`
	Products []string `json:"product_ids,omitempty"`
}

type identifier struct {
	System string `json:"system_name"`
	Text   string `json:"text"`
}

type involvement struct {
	Date    string `json:"date,omitempty"`
	Party   string `json:"party"`
	Status  string `json:"status"`
	Summary string `json:"summary,omitempty"`
}

// status is product_status: section 3.2.3.9.
type status struct {
	FirstAffected      []string `json:"first_affected,omitempty"`
	FirstFixed         []string `json:"first_fixed,omitempty"`
	Fixed              []string `json:"fixed,omitempty"`
	KnownAffected      []string `json:"known_affected,omitempty"`
	KnownNotAffected   []string `json:"known_not_affected,omitempty"`
	LastAffected       []string `json:"last_affected,omitempty"`
	Recommended        []string `json:"recommended,omitempty"`
	UnderInvestigation []string `json:"under_investigation,omitempty"`
}

type remediation struct {
	Category     string   `json:"category"`
	Date         string   `json:"date,omitempty"`
	Details      string   `json:"details"`
	Entitlements []string `json:"entitlements,omitempty"`
	Groups       []string `json:"group_ids,omitempty"`
	Products     []string `json:"product_ids,omitempty"`
	Restart      *restart `json:"restart_required,omitempty"`
	URL          string   `json:"url,omitempty"`
}

type restart struct {
	Category string `json:"category"`
	Details  string `json:"details,omitempty"`
}

// score is one of scores: section 3.2.3.13. V2 and V3 are objects of FIRST's
// schemas: maps where they were read, sheets where they are written.
type score struct {
	V2       any      `json:"cvss_v2,omitempty"`
	V3       any      `json:"cvss_v3,omitempty"`
	Products []string `json:"products"`
}

type threat struct {
	Category string   `json:"category"`
	Date     string   `json:"date,omitempty"`
	Details  string   `json:"details"`
	Groups   []string `json:"group_ids,omitempty"`
	Products []string `json:"product_ids,omitempty"`
}
