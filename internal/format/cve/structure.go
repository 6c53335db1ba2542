package cve

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/score/cvss"
	"tocsin/internal/shape"
)

// The tables below are the structure of the CVE Record Format 5.0 to 5.2, in
// the order in which a record is written.

// Small values.
var (
	cveID     = shape.Match("a CVE ID, for example CVE-2026-12345", idForm.MatchString)
	uuid      = shape.Pattern("a random UUID (version 4)", `^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$`)
	shortName = shape.Length(2, 32)
	uri       = shape.All(shape.URI, shape.Length(1, 2048))
	timestamp = shape.Match("a date and time like 2026-03-09T14:30:00Z", isTimestamp)
	language  = shape.Pattern("a language such as en or pt-BR", `^[A-Za-z]{2,4}([_-][A-Za-z]{4})?([_-]([A-Za-z]{2}|[0-9]{3}))?$`)
	status    = shape.Enum("affected", "unaffected", "unknown")
	some      = shape.Length(1, 1024) // a version
)

var (
	timeForm    = regexp.MustCompile(`^((?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$`)
	englishForm = regexp.MustCompile(`^en([_-][A-Za-z]{4})?([_-]([A-Za-z]{2}|[0-9]{3}))?$`)
	cpe22       = regexp.MustCompile(`[cC][pP][eE]:/[AHOaho]?`)
	cpe23       = regexp.MustCompile(`cpe:2\.3:[aho*\-]` +
		strings.Repeat(`:([*\-]|[?*]*([a-zA-Z0-9._\-]|\\[^a-zA-Z0-9\s])+[?*]*)`, 5) +
		`:([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?|[*\-])` +
		strings.Repeat(`:([*\-]|[?*]*([a-zA-Z0-9._\-]|\\[^a-zA-Z0-9\s])+[?*]*)`, 4))
)

func isTimestamp(s string) bool {
	m := timeForm.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	_, err := time.Parse("2006-01-02T15:04:05", m[1])
	return err == nil
}

// cpeNode is a CPE name of either form, cpe23Node one of the newer form only.
var (
	cpeNode = shape.All(shape.Length(1, 2048), shape.Match("a CPE name", func(s string) bool {
		return cpe22.MatchString(s) || cpe23.MatchString(s)
	}))
	cpe23Node = shape.All(shape.Length(1, 2048), shape.Match("a CPE name of the form cpe:2.3:…", cpe23.MatchString))
)

var (
	media       = shape.Object(shape.Closed, shape.Req("type", shape.Length(1, 256)), shape.Opt("base64", shape.Bool), shape.Req("value", shape.Length(1, 16384)))
	description = shape.Object(shape.Closed, shape.Req("lang", language), shape.Req("value", shape.Length(1, 4096)), shape.Opt("supportingMedia", shape.Set(media, 1)))
	// remarks are descriptions of which none need be English.
	remarks      = shape.Set(description, 1)
	descriptions = shape.All(remarks, shape.Rule(inNoEnglish))
)

func inNoEnglish(v any) string {
	list, _ := v.([]any)
	for _, x := range list {
		o, _ := x.(map[string]any)
		if lang, _ := o["lang"].(string); englishForm.MatchString(lang) {
			return ""
		}
	}
	return "one of the texts must be in English (lang en)"
}

var (
	tagExtension  = shape.Pattern("a tag of your own, which begins with x_", `^x_.*$`)
	referenceTags = []string{"broken-link", "customer-entitlement", "exploit", "government-resource", "issue-tracking",
		"mailing-list", "mitigation", "not-applicable", "patch", "permissions-required", "media-coverage", "product", "related",
		"release-notes", "signature", "technical-description", "third-party-advisory", "vendor-advisory", "vdb-entry"}
	referenceNode = shape.Object(shape.Closed, shape.Req("url", uri), shape.Opt("name", shape.Length(1, 512)),
		shape.Opt("tags", shape.Set(shape.AnyOf("this is no tag of the format; a tag of your own begins with x_", shape.Enum(referenceTags...), shape.All(tagExtension, shape.Length(2, 128))), 1)))
	references = shape.Bounded(referenceNode, 1, 512, true)
)

func tags(words ...string) *shape.Node {
	return shape.Set(shape.AnyOf("this is none of "+strings.Join(words, ", ")+"; a tag of your own begins with x_", shape.Enum(words...), shape.All(tagExtension, shape.Length(2, 128))), 1)
}

// Versions and products.
var (
	changes     = shape.Set(shape.Object(shape.Closed, shape.Req("at", some), shape.Req("status", status)), 1)
	versionNode = shape.All(shape.Object(shape.Closed, shape.Req("version", some), shape.Req("status", status), shape.Opt("versionType", shape.Length(1, 128)),
		shape.Opt("lessThan", some), shape.Opt("lessThanOrEqual", some), shape.Opt("changes", changes)), shape.Rule(versionMembers))
)

var productFields = []shape.Field{
	shape.Opt("vendor", shape.Length(1, 512)), shape.Opt("product", shape.Length(1, 2048)), shape.Opt("collectionURL", uri),
	shape.Opt("packageName", shape.Length(1, 2048)), shape.Opt("cpes", shape.Set(cpeNode, 0)), shape.Opt("modules", shape.Set(shape.Length(1, 4096), 0)),
	shape.Opt("programFiles", shape.Set(shape.Length(1, 1024), 0)), shape.Opt("programRoutines", shape.Set(shape.Object(shape.Closed, shape.Req("name", shape.Length(1, 4096))), 0)),
	shape.Opt("platforms", shape.Set(shape.Length(0, 1024), 1)), shape.Opt("repo", uri), shape.Opt("defaultStatus", status), shape.Opt("versions", shape.Set(versionNode, 1)),
}

// Version 5.2 of the format added packageURL to products and closed them to
// members that it does not know; before, such members are noted and warned of.
var (
	olderProduct = shape.All(shape.Object(shape.Noted, productFields...), shape.Rule(productMembers), shape.Has("versions", "defaultStatus"))
	productNode  = shape.All(shape.Object(shape.Closed, append(productFields, shape.Opt("packageURL", uri))...),
		shape.AnyOf("", shape.Rule(productMembers), shape.Has("packageURL")), shape.Has("versions", "defaultStatus"))
)

// versionMembers says which members of a version do not go together.
func versionMembers(v any) string {
	o, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	has := func(name string) bool { _, ok := o[name]; return ok }
	less, equal := has("lessThan"), has("lessThanOrEqual")
	switch {
	case less && equal:
		return "a range ends with lessThan or with lessThanOrEqual, not with both"
	case (less || equal) && !has("versionType"):
		return "a range needs a versionType, such as semver, git or custom"
	case !less && !equal && has("changes"):
		return "changes belong to a range, and this has neither lessThan nor lessThanOrEqual"
	}
	return ""
}

func productMembers(v any) string {
	o, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	has := func(a, b string) bool { return o[a] != nil && o[b] != nil }
	if has("vendor", "product") || has("collectionURL", "packageName") {
		return ""
	}
	return "a product is named by vendor and product, or by collectionURL and packageName"
}

// What the container says beside descriptions and products.
var (
	weaknessNode = shape.Object(shape.Closed, shape.Req("lang", language), shape.Req("description", shape.Length(1, 4096)),
		shape.Opt("cweId", shape.All(shape.Pattern("a CWE ID such as CWE-79", `^CWE-[1-9][0-9]*$`), shape.Length(5, 9))),
		shape.Opt("type", shape.Length(1, 128)), shape.Opt("references", references))
	problems = shape.Set(shape.Object(shape.Closed, shape.Req("descriptions", shape.Set(weaknessNode, 1))), 1)
	impacts  = shape.Set(shape.Object(shape.Closed, shape.Opt("capecId", shape.All(shape.Pattern("a CAPEC ID such as CAPEC-66", `^CAPEC-[1-9][0-9]{0,4}$`), shape.Length(7, 11))),
		shape.Req("descriptions", descriptions)), 1)
	events  = shape.Set(shape.Object(shape.Closed, shape.Req("time", timestamp), shape.Req("lang", language), shape.Req("value", shape.Length(1, 4096))), 1)
	credits = shape.Set(shape.Object(shape.Closed, shape.Req("lang", language), shape.Req("value", shape.Length(1, 4096)), shape.Opt("user", uuid), shape.Opt("type", shape.Enum(roles...))), 1)

	relation = shape.Object(shape.Closed, shape.Req("taxonomyId", shape.Length(1, 2048)), shape.Req("relationshipName", shape.Length(1, 128)), shape.Req("relationshipValue", shape.Length(1, 2048)))
	mappings = shape.Set(shape.Object(shape.Closed, shape.Req("taxonomyName", shape.Length(1, 128)), shape.Opt("taxonomyVersion", shape.Length(1, 128)), shape.Req("taxonomyRelations", shape.Set(relation, 1))), 1)

	operator = shape.Enum("AND", "OR")
	cpeMatch = shape.Object(shape.Closed, shape.Req("vulnerable", shape.Bool), shape.Req("criteria", cpe23Node), shape.Opt("matchCriteriaId", uuid),
		shape.Opt("versionStartExcluding", some), shape.Opt("versionStartIncluding", some), shape.Opt("versionEndExcluding", some), shape.Opt("versionEndIncluding", some))
	cpeGroup      = shape.Object(shape.Open, shape.Req("operator", operator), shape.Opt("negate", shape.Bool), shape.Req("cpeMatch", shape.List(cpeMatch, 0)))
	applicability = shape.List(shape.Object(shape.Open, shape.Opt("operator", operator), shape.Opt("negate", shape.Bool), shape.Req("nodes", shape.List(cpeGroup, 0))), 0)
)

// metricNode is one score; its CVSS objects follow FIRST's JSON schemas.
var metricNode = shape.All(shape.Object(shape.Closed,
	shape.Opt("format", shape.Length(1, 64)),
	shape.Opt("scenarios", shape.Set(shape.Object(shape.Closed, shape.Req("lang", language), shape.Req("value", shape.Length(1, 4096))), 1)),
	shape.Opt("cvssV4_0", cvssNode("4.0", v4)),
	shape.Opt("cvssV3_1", cvssNode("3.1", v3, "temporalScore", "environmentalScore")),
	shape.Opt("cvssV3_0", cvssNode("3.0", v3, "temporalScore", "environmentalScore")),
	shape.Opt("cvssV2_0", cvssNode("2.0", v2, "temporalScore", "environmentalScore")),
	shape.Opt("other", shape.Object(shape.Closed, shape.Req("type", shape.Length(1, 128)), shape.Req("content", shape.Sized(shape.Open, 1, 0)))),
), shape.Has("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0", "other"))

var ratings = shape.Enum("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL")

// cvssNode builds the table of one CVSS version from its metrics.
func cvssNode(version string, metrics map[string]property, scores ...string) *shape.Node {
	fields := []shape.Field{shape.Req("version", shape.Enum(version)), shape.Req("vectorString", shape.Text), shape.Req("baseScore", score)}
	if version != "2.0" {
		fields = append(fields, shape.Req("baseSeverity", ratings))
	}
	for _, name := range scores {
		fields = append(fields, shape.Opt(name, score))
		if version != "2.0" {
			fields = append(fields, shape.Opt(strings.Replace(name, "Score", "Severity", 1), ratings))
		}
	}
	for _, m := range cvss.Catalogue(version) {
		p := metrics[m.Abbrev]
		fields = append(fields, shape.Opt(p.name, shape.Enum(p.choices(m.Mandatory)...)))
	}
	return shape.Object(shape.Closed, fields...)
}

// choices are the words of a metric; one that must be stated is not NOT_DEFINED.
func (p property) choices(mandatory bool) (all []string) {
	for _, word := range p.words {
		if !mandatory || word != "NOT_DEFINED" {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	return all
}

// score is a number from 0 to 10; the steps of a tenth are compared with the vector.
var score = shape.Number(0, 10)

var providerNode = shape.Object(shape.Closed, shape.Req("orgId", uuid), shape.Opt("shortName", shortName), shape.Opt("dateUpdated", timestamp))

// said are the members that containers of CNAs and ADPs share. Members that
// begin with x_ are free, so unknown ones are noted and sifted by Check.
func said(product, tags *shape.Node, required func(string, *shape.Node) shape.Field) []shape.Field {
	return []shape.Field{
		shape.Req("providerMetadata", providerNode),
		shape.Opt("datePublic", timestamp), shape.Opt("title", shape.Length(1, 256)),
		required("descriptions", descriptions), required("affected", shape.List(product, 1)), required("references", references),
		shape.Opt("cpeApplicability", applicability), shape.Opt("problemTypes", problems), shape.Opt("impacts", impacts), shape.Opt("metrics", shape.Set(metricNode, 1)),
		shape.Opt("configurations", remarks), shape.Opt("workarounds", remarks), shape.Opt("solutions", remarks), shape.Opt("exploits", remarks),
		shape.Opt("timeline", events), shape.Opt("credits", credits), shape.Opt("source", shape.Sized(shape.Open, 1, 0)), shape.Opt("tags", tags), shape.Opt("taxonomyMappings", mappings),
	}
}

func cnaNode(product *shape.Node) *shape.Node {
	return shape.Object(shape.Noted, append(said(product, tags("unsupported-when-assigned", "exclusively-hosted-service", "disputed"), shape.Req),
		shape.Opt("dateAssigned", timestamp))...)
}

func adpNode(product *shape.Node) *shape.Node {
	return shape.Sized(shape.Noted, 2, 0, said(product, tags("disputed"), shape.Opt)...)
}

var rejectedNode = shape.Object(shape.Noted, shape.Req("providerMetadata", providerNode), shape.Req("rejectedReasons", descriptions), shape.Opt("replacedBy", shape.Set(cveID, 1)))

// What is known of the ID itself.
var (
	idFields = []shape.Field{shape.Req("cveId", cveID), shape.Req("assignerOrgId", uuid), shape.Opt("assignerShortName", shortName), shape.Opt("serial", shape.Integer(1, 1<<53)),
		shape.Opt("dateUpdated", timestamp), shape.Opt("dateReserved", timestamp), shape.Opt("datePublished", timestamp)}
	metaPublished = shape.Object(shape.Closed, slices.Concat(idFields, []shape.Field{shape.Req("state", shape.Enum(published)), shape.Opt("requesterUserId", uuid)})...)
	metaRejected  = shape.Object(shape.Closed, slices.Concat(idFields, []shape.Field{shape.Req("state", shape.Enum(rejected)), shape.Opt("dateRejected", timestamp)})...)
)

func whole(meta, containers *shape.Node) *shape.Node {
	return shape.Object(shape.Closed,
		shape.Req("dataType", shape.Enum("CVE_RECORD")),
		shape.Req("dataVersion", shape.Pattern("a version 5 of the format, such as 5.1", `^5\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?$`)),
		shape.Req("cveMetadata", meta), shape.Req("containers", containers))
}

func publishedWith(product *shape.Node) *shape.Node {
	return whole(metaPublished, shape.Object(shape.Closed, shape.Req("cna", cnaNode(product)), shape.Opt("adp", shape.Set(adpNode(product), 1))))
}

// The kinds of a record.
var (
	publishedRecord = publishedWith(productNode)
	olderRecord     = publishedWith(olderProduct)
	rejectedRecord  = whole(metaRejected, shape.Object(shape.Closed, shape.Req("cna", rejectedNode)))
)
