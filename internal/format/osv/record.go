// Package osv converts advisories to and from records of the Open Source
// Vulnerability format (OSV schema, version 1). A file describes one
// vulnerability of packages in ecosystems; a product outside every ecosystem
// is kept with its vendor and name under database_specific.
//
// OSV lists what is affected and nothing else: that a product is not affected,
// or is still looked at, has no place in it.
package osv

import (
	"encoding/json"
	"strings"

	"tocsin/internal/advisory"
)

// Format is the OSV format, version 1. Its zero value is ready to use.
type Format struct{}

var _ advisory.Reader = Format{}

// Name returns "osv-1".
func (Format) Name() string { return "osv-1" }

// Is reports whether the object has the members by which an OSV record is known.
func (Format) Is(body map[string]any) bool {
	if body["@context"] != nil || body["document"] != nil || body["dataType"] != nil {
		return false
	}
	if _, named := body["id"].(string); !named {
		v, _ := body["schema_version"].(string)
		return strings.HasPrefix(v, "1.")
	}
	for _, name := range []string{"schema_version", "modified", "affected"} {
		if body[name] != nil {
			return true
		}
	}
	return false
}

// schemaVersion is the version of the schema whose members Render writes.
const schemaVersion = "1.7.0"

type record struct {
	SchemaVersion string         `json:"schema_version,omitempty"`
	ID            string         `json:"id"`
	Modified      advisory.Stamp `json:"modified,omitzero"`
	Published     advisory.Stamp `json:"published,omitzero"`
	Withdrawn     advisory.Stamp `json:"withdrawn,omitzero"`
	Aliases       []string       `json:"aliases,omitempty"`
	Upstream      []string       `json:"upstream,omitempty"`
	Related       []string       `json:"related,omitempty"`
	Summary       string         `json:"summary,omitempty"`
	Details       string         `json:"details,omitempty"`
	Severity      []severity     `json:"severity,omitempty"`
	Affected      []affected     `json:"affected,omitempty"`
	References    []reference    `json:"references,omitempty"`
	Credits       []credit       `json:"credits,omitempty"`
	Database      map[string]any `json:"database_specific,omitempty"`
}

type severity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

type affected struct {
	Package   *pkg           `json:"package,omitempty"`
	Severity  []severity     `json:"severity,omitempty"`
	Ranges    []ranges       `json:"ranges,omitempty"`
	Versions  []string       `json:"versions,omitempty"`
	Ecosystem *ecosystem     `json:"ecosystem_specific,omitempty"`
	Database  map[string]any `json:"database_specific,omitempty"`
}

type pkg struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	PURL      string `json:"purl,omitempty"`
}

type ranges struct {
	Type   string  `json:"type"`
	Repo   string  `json:"repo,omitempty"`
	Events []event `json:"events"`
}

// event is one of the four kinds; exactly one field is set.
type event struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
	Limit        string `json:"limit,omitempty"`
}

// ecosystem is what the Go ecosystem keeps beside ranges: the packages and
// symbols that are vulnerable, and ranges of versions that Go cannot order.
type ecosystem struct {
	Imports []imports `json:"imports,omitempty"`
	Custom  []ranges  `json:"custom_ranges,omitempty"`
}

// UnmarshalJSON takes what is of that shape; what other ecosystems keep here is
// theirs, and not read.
func (e *ecosystem) UnmarshalJSON(b []byte) error {
	type plain ecosystem
	var p plain
	if json.Unmarshal(b, &p) == nil {
		*e = ecosystem(p)
	}
	return nil
}

type imports struct {
	Path    string   `json:"path,omitempty"`
	Symbols []string `json:"symbols,omitempty"`
}

type reference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type credit struct {
	Name    string   `json:"name"`
	Contact []string `json:"contact,omitempty"`
	Type    string   `json:"type,omitempty"`
}

// The types of a range.
const (
	semver      = "SEMVER"
	inEcosystem = "ECOSYSTEM"
	git         = "GIT"
)

// experimental begins the ID of a record whose database has no prefix of its own.
const experimental = "x_"
