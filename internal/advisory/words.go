package advisory

import (
	"net/url"
	"regexp"
	"strings"

	"tocsin/internal/fault"
)

// Justifications are the reasons for which a product is not affected: OpenVEX
// 0.2.0, "Status Justifications"; CSAF 2.0, section 3.2.3.5, flags.
var Justifications = []string{"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"}

var cveID = regexp.MustCompile(`^CVE-\d{4}-\d{4,19}$`)

// IsCVE reports whether s is a CVE ID as the CVE programme writes it.
func IsCVE(s string) bool { return cveID.MatchString(s) }

// IsWebURL reports whether s is an absolute web address that may be linked to.
func IsWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && !strings.ContainsAny(s, " \t\n\"<>")
}

// Sound returns why a range makes no sense: two ends, no bound at all, or an end
// before its beginning where both are dotted numbers.
func (r Range) Sound() error {
	switch {
	case r.Fixed != "" && r.LastAffected != "":
		return fault.New(fault.Invalid, "a range ends before its fixed version or at its last affected one, not both; leave one empty")
	case !r.Bounded() && r.Raw == "":
		return fault.New(fault.Invalid, "the range has no bound; give the first affected or the fixed version, or * for every version")
	}
	for _, s := range []string{r.Introduced, r.Fixed, r.LastAffected} {
		if len(s) > 100 || strings.ContainsAny(s, " <>=,|\n\t") {
			return fault.New(fault.Invalid, "%q is no version; write the version alone, such as 18.7.2", s)
		}
	}
	end := r.Fixed + r.LastAffected
	if order, ok := Compare(r.Introduced, end); ok && (order > 0 || order == 0 && r.Fixed != "") {
		return fault.New(fault.Invalid, "the range begins at %s and ends at %s, so no version is in it; swap or correct them", r.Introduced, end)
	}
	return nil
}
