// Package openvex converts advisories to and from OpenVEX documents, version
// 0.2.0: where each product stands towards each vulnerability, one statement for
// every pair, and nothing else. OpenVEX names exact products, so version ranges
// go into the words of a statement (status_notes), from which Parse takes them back.
package openvex

import (
	"strings"

	"tocsin/internal/advisory"
)

// Format is OpenVEX 0.2. Its zero value is ready to use.
type Format struct{}

var _ advisory.Reader = Format{}

// Name returns "openvex-0.2".
func (Format) Name() string { return "openvex-0.2" }

const (
	namespace = "https://openvex.dev/ns"
	context   = namespace + "/v0.2.0"
)

// Is reports whether the object names OpenVEX as its context.
func (Format) Is(body map[string]any) bool {
	c, _ := body["@context"].(string)
	return strings.HasPrefix(c, namespace)
}

type document struct {
	Context    string         `json:"@context"`
	ID         string         `json:"@id"`
	Author     string         `json:"author"`
	Role       string         `json:"role,omitempty"`
	Timestamp  advisory.Stamp `json:"timestamp"`
	Updated    advisory.Stamp `json:"last_updated,omitzero"`
	Version    int            `json:"version"`
	Tooling    string         `json:"tooling,omitempty"`
	Statements []statement    `json:"statements"`
}

type statement struct {
	ID            string         `json:"@id,omitempty"`
	Vulnerability vulnerability  `json:"vulnerability"`
	Timestamp     advisory.Stamp `json:"timestamp,omitzero"`
	Updated       advisory.Stamp `json:"last_updated,omitzero"`
	Products      []component    `json:"products"`
	Status        string         `json:"status"`
	Supplier      string         `json:"supplier,omitempty"`
	Notes         string         `json:"status_notes,omitempty"`
	Justification string         `json:"justification,omitempty"`
	Impact        string         `json:"impact_statement,omitempty"`
	Action        string         `json:"action_statement,omitempty"`
	ActionTime    advisory.Stamp `json:"action_statement_timestamp,omitzero"`
}

type vulnerability struct {
	ID          string   `json:"@id,omitempty"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
}

type component struct {
	ID            string            `json:"@id,omitempty"`
	Identifiers   map[string]string `json:"identifiers,omitempty"`
	Hashes        map[string]string `json:"hashes,omitempty"`
	Supplier      string            `json:"supplier,omitempty"`
	Subcomponents []component       `json:"subcomponents,omitempty"`
}

// statusOf maps OpenVEX's statuses to the house's.
var statusOf = map[string]advisory.Status{
	"affected":            advisory.KnownAffected,
	"not_affected":        advisory.KnownNotAffected,
	"fixed":               advisory.Fixed,
	"under_investigation": advisory.UnderInvestigation,
}

// wordOf maps the house's statuses to OpenVEX's. A recommended version has none.
var wordOf = map[advisory.Status]string{
	advisory.KnownAffected:      "affected",
	advisory.FirstAffected:      "affected",
	advisory.LastAffected:       "affected",
	advisory.KnownNotAffected:   "not_affected",
	advisory.Fixed:              "fixed",
	advisory.FirstFixed:         "fixed",
	advisory.UnderInvestigation: "under_investigation",
}

// What is written where OpenVEX asks for words and the publisher has stated
// none. Parse takes them for what they are: nothing stated.
const (
	noReason = "The publisher states that this product is not affected and gives no reason."
	noAction = "The publisher states no action."
)
