// Package csaf reads, writes and checks security advisories in the Common
// Security Advisory Framework, version 2.0 (OASIS Standard, 18 November 2022).
//
// Check holds a file against the structure of the standard's section 3 and all
// mandatory tests of section 6.1. Parse takes what the neutral Document can
// hold; Render writes a Document in the profile Security Advisory of section
// 4.4. The package knows no file names, signatures or feeds: those belong to
// whoever publishes.
package csaf

// Format is CSAF 2.0.
type Format struct{}

// Name is the word for this form: "csaf-2.0".
func (Format) Name() string { return "csaf-2.0" }

// Is reports whether a JSON object claims to be of this form.
func (Format) Is(body map[string]any) bool {
	return text(object(body["document"]), "csaf_version") == "2.0"
}
