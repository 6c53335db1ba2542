package osv

import (
	"slices"
	"strings"
)

// prefixes begin the IDs of the databases that are registered with OSV.
var prefixes = strings.Fields(`ALBA ALEA ALPINE ALSA ASB-A AZL BELL BIT CGA CLEANSTART CLSA CURL CVE DEBIAN DHI DLA DRUPAL DSA DTSA
	ECHO EEF ELA FreeBSD GHSA GO GSD HSEC JLSEC KUBE LBSEC LSN MAL MGASA MINI OESA OSEC OSV PHSA PSF PUB-A PYSEC
	RHBA RHEA RHSA RLSA ROOT RSEC RUSTSEC RXSA SUSE-FU SUSE-OU SUSE-RU SUSE-SU UBUNTU USN V8 openSUSE-SU`)

// ecosystems are the ecosystems that OSV knows. After a colon a release may follow.
var ecosystems = []string{"AlmaLinux", "Alpaquita", "Alpine", "Android", "Azure Linux", "BellSoft Hardened Containers", "Bioconductor",
	"Bitnami", "CRAN", "Chainguard", "CleanStart", "ConanCenter", "Debian", "Docker Hardened Images", "Echo", "FreeBSD", "GHC", "GIT",
	"GitHub Actions", "Go", "Hackage", "Hex", "Julia", "Kubernetes", "Linux", "Mageia", "Maven", "MinimOS", "NuGet", "OSS-Fuzz",
	"Packagist", "Photon OS", "Pub", "PyPI", "Red Hat", "Rocky Linux", "Root", "RubyGems", "SUSE", "SwiftURL", "TuxCare", "Ubuntu",
	"VSCode", "Wolfi", "crates.io", "npm", "opam", "openEuler", "openSUSE"}

// registered reports whether an ID belongs to a registered database.
func registered(id string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p+"-") })
}

// isEcosystem reports whether OSV knows the ecosystem, with or without a release.
func isEcosystem(s string) bool {
	name, release, suffixed := strings.Cut(s, ":")
	return slices.Contains(ecosystems, name) && (!suffixed || release != "")
}

// referenceTypes are the types of a reference.
var referenceTypes = []string{"ADVISORY", "ARTICLE", "DETECTION", "DISCUSSION", "REPORT", "FIX", "INTRODUCED", "GIT", "PACKAGE", "EVIDENCE", "WEB"}

// typeOf maps CVE's reference tags and CSAF's categories to OSV's types; the
// first that is met decides.
var typeOf = []struct{ word, kind string }{
	{"self", "ADVISORY"},
	{"patch", "FIX"},
	{"vendor-advisory", "ADVISORY"},
	{"third-party-advisory", "ADVISORY"},
	{"government-resource", "ADVISORY"},
	{"issue-tracking", "REPORT"},
	{"exploit", "EVIDENCE"},
	{"technical-description", "ARTICLE"},
	{"media-coverage", "ARTICLE"},
	{"mailing-list", "DISCUSSION"},
	{"product", "PACKAGE"},
}

// roles are the types of a credit.
var roles = []string{"FINDER", "REPORTER", "ANALYST", "COORDINATOR", "REMEDIATION_DEVELOPER", "REMEDIATION_REVIEWER",
	"REMEDIATION_VERIFIER", "TOOL", "SPONSOR", "OTHER"}
