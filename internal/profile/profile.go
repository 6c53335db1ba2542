// Package profile holds everything that is a vendor's choice: severity bands,
// life cycles, clocks and their calendars, service levels, grants, messages,
// word lists and risk scales. A profile is a folder of YAML and Markdown, read
// once at start and then only looked at; two come with the program (folder
// profiles/) and any folder can take their place.
//
// Load refuses a folder with a mistake and reports every mistake of it with file,
// line, column and mend. The package decides nothing about records: clock, access
// and the domains read its values, and stamp Version on what they compute.
package profile

import (
	"io/fs"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/lifecycle"
	"tocsin/profiles"
)

// Profile is a loaded and checked profile. Nothing may change it.
type Profile struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	About string `json:"about"`
	// Version is the name and the first 12 hexadecimal digits of the SHA-256 over
	// all files; it changes with any byte of any of them.
	Version string `json:"version"`

	Publisher    Publisher                     `json:"publisher"`
	Releases     Releases                      `json:"releases"`
	Severity     Severity                      `json:"severity"`
	Votes        map[string]int                `json:"votes"` // severity word -> votes of others than the scorer
	CVSSRules    []CVSSRule                    `json:"cvss_rules"`
	Lifecycles   map[string]*lifecycle.Machine `json:"lifecycles"` // "report", "case", "advisory", those of risks, "observation"
	Plain        map[string]string             `json:"plain"`      // case stage -> its status in plain words, for the reporter
	Calendars    map[string]*Calendar          `json:"calendars"`
	Clocks       []Clock                       `json:"clocks"`
	SLA          SLA                           `json:"sla"`
	Disclosure   Disclosure                    `json:"disclosure"`
	Environments []Environment                 `json:"environments"`
	Dispositions []Disposition                 `json:"dispositions"`
	Messages     map[string]Message            `json:"messages"`
	Completeness []Check                       `json:"completeness"`
	Sources      []Named                       `json:"sources"`
	Stride       []Named                       `json:"stride"`
	Remediations []Named                       `json:"remediations"` // states of a fix on one release line
	Verdicts     []Named                       `json:"verdicts"`     // of an environment: affected, not affected …
	Validations  []Named                       `json:"validations"`  // of a fix: adequate, inadequate …
	Credits      []Named                       `json:"credits"`      // how a reporter may be named
	TLP          []string                      `json:"tlp"`
	Roles        []Named                       `json:"roles"`
	Grants       []Grant                       `json:"grants"`
	Scales       []Scale                       `json:"scales"` // of the risk register
	Matrix       Matrix                        `json:"matrix"`
	Ratings      []Rating                      `json:"ratings"`
	Tolerance    Tolerance                     `json:"tolerance"`
	Register     Register                      `json:"register"`
	RCA          RCA                           `json:"rca"`
}

// Embedded loads a profile that comes with the program: "gitlab" or "generic".
func Embedded(name string, words Words) (*Profile, error) {
	if !slices.Contains(Names(), name) {
		return nil, fault.New(fault.Invalid, "no profile is called %q; use one of: %s, or a folder of your own", name, strings.Join(Names(), ", "))
	}
	sub, err := fs.Sub(profiles.FS, name)
	if err != nil {
		return nil, err
	}
	return Load(sub, words)
}

// Names lists the profiles that come with the program.
func Names() []string {
	entries, err := profiles.FS.ReadDir(".")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// Lifecycle returns the named life cycle, or nil.
func (p *Profile) Lifecycle(name string) *lifecycle.Machine { return p.Lifecycles[name] }

// Clock finds a clock by name.
func (p *Profile) Clock(name string) (Clock, bool) {
	for _, c := range p.Clocks {
		if c.Name == name {
			return c, true
		}
	}
	return Clock{}, false
}

// Disposition finds a disposition by name.
func (p *Profile) Disposition(name string) (Disposition, bool) {
	for _, d := range p.Dispositions {
		if d.Name == name {
			return d, true
		}
	}
	return Disposition{}, false
}

// Environment finds an environment by name.
func (p *Profile) Environment(name string) (Environment, bool) {
	for _, e := range p.Environments {
		if e.Name == name {
			return e, true
		}
	}
	return Environment{}, false
}
