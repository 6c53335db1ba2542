// Package cve converts advisories to and from records of the CVE Record Format,
// version 5 (5.0, 5.1 and 5.2 are read; what is written is valid from 5.1 on).
// It knows the file, not the service that takes it: submitting is a plug.
//
// A file describes one vulnerability and is named by its CVE ID. The format
// knows two states of a record, PUBLISHED and REJECTED. A reserved ID has no
// record, so what Render makes of a draft is the record as it will be published.
package cve

import (
	"tocsin/internal/advisory"
)

// Format is the CVE Record Format 5. Its zero value is ready to use.
type Format struct{}

var _ advisory.Reader = Format{}

// Name returns "cve-5".
func (Format) Name() string { return "cve-5" }

// Is reports whether the object says that it is a CVE record.
func (Format) Is(body map[string]any) bool {
	if t, ok := body["dataType"].(string); ok {
		return t == "CVE_RECORD"
	}
	meta, _ := body["cveMetadata"].(map[string]any)
	return meta["cveId"] != nil
}

// The states of a record.
const (
	published = "PUBLISHED"
	rejected  = "REJECTED"
)

type record struct {
	Type       string     `json:"dataType"`
	Version    string     `json:"dataVersion"`
	Metadata   metadata   `json:"cveMetadata"`
	Containers containers `json:"containers"`
}

type metadata struct {
	ID        string         `json:"cveId"`
	OrgID     string         `json:"assignerOrgId"`
	ShortName string         `json:"assignerShortName,omitempty"`
	State     string         `json:"state"`
	Reserved  advisory.Stamp `json:"dateReserved,omitzero"`
	Published advisory.Stamp `json:"datePublished,omitzero"`
	Updated   advisory.Stamp `json:"dateUpdated,omitzero"`
	Rejected  advisory.Stamp `json:"dateRejected,omitzero"`
}

type containers struct {
	CNA container   `json:"cna"`
	ADP []container `json:"adp,omitempty"`
}

// container is what one provider says: of a published record, or why it was rejected.
type container struct {
	Provider       provider       `json:"providerMetadata"`
	Title          string         `json:"title,omitempty"`
	Assigned       advisory.Stamp `json:"dateAssigned,omitzero"`
	Public         advisory.Stamp `json:"datePublic,omitzero"`
	Descriptions   []text         `json:"descriptions,omitempty"`
	Reasons        []text         `json:"rejectedReasons,omitempty"`
	ReplacedBy     []string       `json:"replacedBy,omitempty"`
	Affected       []product      `json:"affected,omitempty"`
	Problems       []problem      `json:"problemTypes,omitempty"`
	References     []reference    `json:"references,omitempty"`
	Impacts        []impact       `json:"impacts,omitempty"`
	Metrics        []metric       `json:"metrics,omitempty"`
	Configurations []text         `json:"configurations,omitempty"`
	Workarounds    []text         `json:"workarounds,omitempty"`
	Solutions      []text         `json:"solutions,omitempty"`
	Exploits       []text         `json:"exploits,omitempty"`
	Timeline       []event        `json:"timeline,omitempty"`
	Credits        []credit       `json:"credits,omitempty"`
	Source         map[string]any `json:"source,omitempty"`
	Tags           []string       `json:"tags,omitempty"`
	Generator      any            `json:"x_generator,omitempty"`
}

type provider struct {
	OrgID     string         `json:"orgId"`
	ShortName string         `json:"shortName,omitempty"`
	Updated   advisory.Stamp `json:"dateUpdated,omitzero"`
}

type text struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
}

type event struct {
	Time  advisory.Stamp `json:"time"`
	Lang  string         `json:"lang"`
	Value string         `json:"value"`
}

type reference struct {
	URL  string   `json:"url"`
	Name string   `json:"name,omitempty"`
	Tags []string `json:"tags,omitempty"`
}

type credit struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
	User  string `json:"user,omitempty"`
	Type  string `json:"type,omitempty"`
}

type problem struct {
	Descriptions []weakness `json:"descriptions"`
}

type weakness struct {
	Lang        string `json:"lang"`
	Description string `json:"description"`
	CWE         string `json:"cweId,omitempty"`
	Type        string `json:"type,omitempty"`
}

type impact struct {
	CAPEC        string `json:"capecId,omitempty"`
	Descriptions []text `json:"descriptions"`
}

type product struct {
	Vendor     string    `json:"vendor,omitempty"`
	Product    string    `json:"product,omitempty"`
	Collection string    `json:"collectionURL,omitempty"`
	Package    string    `json:"packageName,omitempty"`
	PURL       any       `json:"packageURL,omitempty"` // a string since 5.2, before that nothing of the format
	CPEs       []string  `json:"cpes,omitempty"`
	Modules    []string  `json:"modules,omitempty"`
	Files      []string  `json:"programFiles,omitempty"`
	Routines   []named   `json:"programRoutines,omitempty"`
	Platforms  []string  `json:"platforms,omitempty"`
	Repo       string    `json:"repo,omitempty"`
	Default    string    `json:"defaultStatus,omitempty"`
	Versions   []version `json:"versions,omitempty"`
}

type named struct {
	Name string `json:"name"`
}

type version struct {
	Version         string   `json:"version"`
	Status          string   `json:"status"`
	Type            string   `json:"versionType,omitempty"`
	LessThan        string   `json:"lessThan,omitempty"`
	LessThanOrEqual string   `json:"lessThanOrEqual,omitempty"`
	Changes         []change `json:"changes,omitempty"`
}

type change struct {
	At     string `json:"at"`
	Status string `json:"status"`
}

type metric struct {
	Format    string `json:"format,omitempty"`
	Scenarios []text `json:"scenarios,omitempty"`
	V4        scored `json:"cvssV4_0,omitempty"`
	V31       scored `json:"cvssV3_1,omitempty"`
	V30       scored `json:"cvssV3_0,omitempty"`
	V2        scored `json:"cvssV2_0,omitempty"`
}

// scored is an object of FIRST's JSON schemas for CVSS.
type scored map[string]any
