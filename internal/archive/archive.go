// Package archive brings a vendor's published history in, and takes what the
// house knows out.
//
// Import reads records that others published (CVE records, OSV, CSAF, tables of
// disclosed bounty reports) as closed cases, and as advisories where the record
// is one. A vulnerability is a case and a document is an advisory: so a CSAF
// document of five vulnerabilities becomes five cases that share one advisory,
// because weaknesses are counted and compared by vulnerability, and published
// by document. The same CVE ID in another form (an OSV entry of a CVE record that
// is here already) joins the case and fills in what it left open; a second
// document of the same form is another handling and gets its own.
//
// What a record does not state stays unknown: no date becomes today's, no
// score a default, no weakness a guess. The original is kept byte for byte.
// Nothing is done twice: a record that is here with the same bytes is left alone,
// one with other bytes adds a revision, and what people changed here meanwhile
// stays.
//
// Export writes everything that the actor may see. Whole stores are moved by
// package backup, not here.
package archive

import (
	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// The verbs of the archive.
const (
	VerbImport access.Verb = "archive.import"
	VerbExport access.Verb = "export.run"
)

// Archive are the operations on history.
type Archive struct {
	Gate       *gate.Gate
	Profile    *profile.Profile
	Readers    map[string]advisory.Reader // of the kinds that are advisories: cve5, osv, csaf
	Advisories *advisory.Advisories
	// Case makes a closed case of what a record states, or brings the case id up
	// to now from was, what the same record stated before.
	Case func(tx *gate.Tx, id ref.ID, was, now Record) (ref.ID, error)
}

// Bounty is the kind of tables of disclosed bounty reports.
const Bounty = "bounty-csv"

// Kinds lists what can be imported.
func (a *Archive) Kinds() []string { return []string{"cve5", "osv", "csaf", Bounty} }

// Options say how to import.
type Options struct {
	DryRun   bool                    // change nothing, report the same
	Program  string                  // of a bounty table: only the reports to this program; empty is all
	Progress func(done, total int64) // bytes read so far; may be nil
}

// Summary is what an import did, or would do.
type Summary struct {
	Files    int       `json:"files"`
	Records  int       `json:"records"`
	Imported int       `json:"imported"` // records that are new here
	Updated  int       `json:"updated"`  // known by name, with other content
	Same     int       `json:"same"`     // known, byte for byte
	Skipped  int       `json:"skipped"`  // rows of other programs
	Cases    int       `json:"cases"`    // opened by it
	Joined   int       `json:"joined"`   // vulnerabilities that were here from another form
	Unknown  Unknown   `json:"unknown"`
	Failed   []Failure `json:"failed"`
}

// Unknown counts the vulnerabilities of the new and changed records that do not
// state something.
type Unknown struct {
	Dates      int `json:"dates"`
	Scores     int `json:"scores"`
	Weaknesses int `json:"weaknesses"`
	Components int `json:"components"`
}

// Failure is a record that was left out, and why.
type Failure struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Pointer string `json:"pointer,omitempty"` // JSON pointer, RFC 6901
	Reason  string `json:"reason"`
}
