package csaf

import (
	"regexp"
	"strings"
	"unicode"

	"tocsin/internal/shape"
)

// The structure of a CSAF 2.0 document: sections 3.1 and 3.2 of the standard.
// The standard closes no object; what its tables do not name is noted, and
// test 6.2.20 warns of it.

var (
	names   = shape.List(shape.Text, 1)
	ids     = shape.Set(shape.Text, 1)
	urls    = shape.List(shape.URI, 1)
	version = shape.Match("a version: a whole number, or a semantic version like 1.2.0", isVersion)
	lang    = shape.Match("a language tag like en or de-AT (RFC 5646)", langTag.MatchString)

	acknowledgments = shape.List(shape.Sized(shape.Noted, 1, 0,
		shape.Opt("names", names), shape.Opt("organization", shape.Text), shape.Opt("summary", shape.Text), shape.Opt("urls", urls)), 1)

	notes = shape.List(shape.Object(shape.Noted,
		shape.Opt("audience", shape.Text),
		shape.Req("category", shape.Enum("description", "details", "faq", "general", "legal_disclaimer", "other", "summary")),
		shape.Req("text", shape.Text), shape.Opt("title", shape.Text)), 1)

	references = shape.List(shape.Object(shape.Noted,
		shape.Opt("category", shape.Enum("external", "self")), shape.Req("summary", shape.Text), shape.Req("url", shape.URI)), 1)
)

// structure is the whole document: section 3.2.
var structure = shape.Object(shape.Noted,
	shape.Req("document", documentNode),
	shape.Opt("product_tree", treeNode),
	shape.Opt("vulnerabilities", shape.List(vulnerabilityNode, 1)),
)

var documentNode = shape.Object(shape.Noted,
	shape.Opt("acknowledgments", acknowledgments),
	shape.Opt("aggregate_severity", shape.Object(shape.Noted, shape.Opt("namespace", shape.URI), shape.Req("text", shape.Text))),
	shape.Req("category", shape.Match(`a category: no line break in it, and no space, dash, underscore or point at its ends`, edged(" -_."))),
	shape.Req("csaf_version", shape.Enum("2.0")),
	shape.Opt("distribution", shape.Sized(shape.Noted, 1, 0, shape.Opt("text", shape.Text), shape.Opt("tlp",
		shape.Object(shape.Noted, shape.Req("label", shape.Enum("AMBER", "GREEN", "RED", "WHITE")), shape.Opt("url", shape.URI))))),
	shape.Opt("lang", lang),
	shape.Opt("notes", notes),
	shape.Req("publisher", shape.Object(shape.Noted,
		shape.Req("category", shape.Enum("coordinator", "discoverer", "other", "translator", "user", "vendor")),
		shape.Opt("contact_details", shape.Text), shape.Opt("issuing_authority", shape.Text), shape.Req("name", shape.Text), shape.Req("namespace", shape.URI))),
	shape.Opt("references", references),
	shape.Opt("source_lang", lang),
	shape.Req("title", shape.Text),
	shape.Req("tracking", trackingNode),
)

var trackingNode = shape.Object(shape.Noted,
	shape.Opt("aliases", shape.Set(shape.Text, 1)),
	shape.Req("current_release_date", shape.DateTime),
	shape.Opt("generator", shape.Object(shape.Noted,
		shape.Opt("date", shape.DateTime), shape.Req("engine", shape.Object(shape.Noted, shape.Req("name", shape.Text), shape.Opt("version", shape.Text))))),
	shape.Req("id", shape.Match("an ID: no line break in it, and no space at its ends", edged(" "))),
	shape.Req("initial_release_date", shape.DateTime),
	shape.Req("revision_history", shape.List(shape.Object(shape.Noted,
		shape.Req("date", shape.DateTime), shape.Opt("legacy_version", shape.Text), shape.Req("number", version), shape.Req("summary", shape.Text)), 1)),
	shape.Req("status", shape.Enum("draft", "final", "interim")),
	shape.Req("version", version),
)

var productNode = shape.Object(shape.Noted,
	shape.Req("name", shape.Text), shape.Req("product_id", shape.Text), shape.Opt("product_identification_helper", helperNode))

var helperNode = shape.Sized(shape.Noted, 1, 0,
	shape.Opt("cpe", shape.Match("a CPE name of version 2.2 or 2.3 (NISTIR 7695)", isCPE)),
	shape.Opt("hashes", shape.List(shape.Object(shape.Noted,
		shape.Req("file_hashes", shape.List(shape.Object(shape.Noted,
			shape.Req("algorithm", shape.Text),
			shape.Req("value", shape.Match("a hash: 32 or more hexadecimal digits", isHash))), 1)),
		shape.Req("filename", shape.Text)), 1)),
	shape.Opt("model_numbers", shape.Set(shape.Text, 1)),
	shape.Opt("purl", shape.All(shape.URI, shape.Match("a package URL like pkg:npm/name@1.2.3", isPURLShaped))),
	shape.Opt("sbom_urls", urls),
	shape.Opt("serial_numbers", shape.Set(shape.Text, 1)),
	shape.Opt("skus", shape.List(shape.Text, 1)),
	shape.Opt("x_generic_uris", shape.List(shape.Object(shape.Noted, shape.Req("namespace", shape.URI), shape.Req("uri", shape.URI)), 1)),
)

var branches *shape.Node

func init() {
	branches = shape.List(shape.Sized(shape.Noted, 3, 3,
		shape.Opt("branches", shape.Later(&branches)),
		shape.Req("category", shape.Enum("architecture", "host_name", "language", "legacy", "patch_level", "product_family", "product_name",
			"product_version", "product_version_range", "service_pack", "specification", "vendor")),
		shape.Req("name", shape.Text),
		shape.Opt("product", productNode)), 1)
}

var treeNode = shape.Sized(shape.Noted, 1, 0,
	shape.Opt("branches", shape.Later(&branches)),
	shape.Opt("full_product_names", shape.List(productNode, 1)),
	shape.Opt("product_groups", shape.List(shape.Object(shape.Noted,
		shape.Req("group_id", shape.Text), shape.Req("product_ids", shape.Set(shape.Text, 2)), shape.Opt("summary", shape.Text)), 1)),
	shape.Opt("relationships", shape.List(shape.Object(shape.Noted,
		shape.Req("category", shape.Enum("default_component_of", "external_component_of", "installed_on", "installed_with", "optional_component_of")),
		shape.Req("full_product_name", productNode), shape.Req("product_reference", shape.Text), shape.Req("relates_to_product_reference", shape.Text)), 1)),
)

var vulnerabilityNode = shape.Sized(shape.Noted, 1, 0,
	shape.Opt("acknowledgments", acknowledgments),
	shape.Opt("cve", shape.Match("a CVE ID like CVE-2021-44228", isCVE)),
	shape.Opt("cwe", shape.Object(shape.Noted, shape.Req("id", shape.Match("a CWE ID like CWE-79", isCWE)), shape.Req("name", shape.Text))),
	shape.Opt("discovery_date", shape.DateTime),
	shape.Opt("flags", shape.Set(shape.Object(shape.Noted,
		shape.Opt("date", shape.DateTime), shape.Opt("group_ids", ids),
		shape.Req("label", shape.Enum("component_not_present", "inline_mitigations_already_exist", "vulnerable_code_cannot_be_controlled_by_adversary",
			"vulnerable_code_not_in_execute_path", "vulnerable_code_not_present")),
		shape.Opt("product_ids", ids)), 1)),
	shape.Opt("ids", shape.Set(shape.Object(shape.Noted, shape.Req("system_name", shape.Text), shape.Req("text", shape.Text)), 1)),
	shape.Opt("involvements", shape.Set(shape.Object(shape.Noted,
		shape.Opt("date", shape.DateTime),
		shape.Req("party", shape.Enum("coordinator", "discoverer", "other", "user", "vendor")),
		shape.Req("status", shape.Enum("completed", "contact_attempted", "disputed", "in_progress", "not_contacted", "open")),
		shape.Opt("summary", shape.Text)), 1)),
	shape.Opt("notes", notes),
	shape.Opt("product_status", shape.Sized(shape.Noted, 1, 0,
		shape.Opt("first_affected", ids), shape.Opt("first_fixed", ids), shape.Opt("fixed", ids), shape.Opt("known_affected", ids),
		shape.Opt("known_not_affected", ids), shape.Opt("last_affected", ids), shape.Opt("recommended", ids), shape.Opt("under_investigation", ids))),
	shape.Opt("references", references),
	shape.Opt("release_date", shape.DateTime),
	shape.Opt("remediations", shape.List(remediationNode, 1)),
	shape.Opt("scores", shape.List(shape.Sized(shape.Noted, 2, 0, // test 6.1.8 looks into them
		shape.Opt("cvss_v2", shape.Anything), shape.Opt("cvss_v3", shape.Anything), shape.Req("products", ids)), 1)),
	shape.Opt("threats", shape.List(shape.Object(shape.Noted,
		shape.Req("category", shape.Enum("exploit_status", "impact", "target_set")), shape.Opt("date", shape.DateTime),
		shape.Req("details", shape.Text), shape.Opt("group_ids", ids), shape.Opt("product_ids", ids)), 1)),
	shape.Opt("title", shape.Text),
)

var remediationNode = shape.Object(shape.Noted,
	shape.Req("category", shape.Enum("mitigation", "no_fix_planned", "none_available", "vendor_fix", "workaround")),
	shape.Opt("date", shape.DateTime), shape.Req("details", shape.Text), shape.Opt("entitlements", names),
	shape.Opt("group_ids", ids), shape.Opt("product_ids", ids),
	shape.Opt("restart_required", shape.Object(shape.Noted,
		shape.Req("category", shape.Enum("connected", "dependencies", "machine", "none", "parent", "service", "system", "vulnerable_component", "zone")),
		shape.Opt("details", shape.Text))),
	shape.Opt("url", shape.URI),
)

// edged returns a check for text of one line that neither begins nor ends with
// white space or a character of marks.
func edged(marks string) func(string) bool {
	edge := func(r rune) bool { return strings.ContainsRune(marks, r) || unicode.IsSpace(r) || r == '\ufeff' }
	return func(s string) bool {
		return s != "" && strings.TrimFunc(s, edge) == s && !strings.ContainsAny(s, "\n\r\u2028\u2029")
	}
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// isCVE knows the syntax of a CVE ID: four digits of the year, four or more more.
func isCVE(s string) bool {
	year, number, ok := strings.Cut(strings.TrimPrefix(s, "CVE-"), "-")
	return ok && strings.HasPrefix(s, "CVE-") && len(year) == 4 && digits(year) && len(number) >= 4 && digits(number)
}

func isCWE(s string) bool {
	n, ok := strings.CutPrefix(s, "CWE-")
	return ok && digits(n) && len(n) <= 6 && n[0] != '0'
}

func isHash(s string) bool {
	return len(s) >= 32 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

var purlShape = regexp.MustCompile(`^pkg:[A-Za-z.+-][A-Za-z0-9.+-]*/[^\n\r]+`)

func isPURLShaped(s string) bool { return len(s) >= 7 && purlShape.MatchString(s) }

// langTag is a language tag in the shape of RFC 5646, section 2.1.
var langTag = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}(?:-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})` + // language
		`(?:-[A-Za-z]{4})?` + // script
		`(?:-(?:[A-Za-z]{2}|[0-9]{3}))?` + // region
		`(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*` + // variants
		`(?:-[0-9A-WYZa-wyz](?:-[A-Za-z0-9]{2,8})+)*` + // extensions
		`(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?`, // private use
	`[Xx](?:-[A-Za-z0-9]{1,8})+`,
	`(?i:i-default|i-mingo)`,
}, "|") + `)$`)

// cpeName is a CPE name. The standard ties only the beginning of the form of
// version 2.3 and only the end of the older one, and so does this.
var cpeName = func() *regexp.Regexp {
	const avstring = `(?:(?:\?*|\*?)(?:[a-zA-Z0-9\-._]|\\[\\*?!"#$%&'()+,/:;<=>@\[\]^` + "`" + `{|}~])+(?:\?*|\*?)|[*\-])`
	const language = `(?:[a-zA-Z]{2,3}(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?|[*\-])`
	return regexp.MustCompile(`^cpe:2\.3:[aho*\-](?::` + avstring + `){5}:` + language + `(?::` + avstring + `){4}` +
		`|[cC][pP][eE]:/[AHOaho]?(?::[A-Za-z0-9._\-~%]*){0,6}$`)
}()

func isCPE(s string) bool { return len(s) >= 5 && cpeName.MatchString(s) }
