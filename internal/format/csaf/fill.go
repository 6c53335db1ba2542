package csaf

// Filling takes what has the right name and type and passes over the rest: the
// structure check has already said what is wrong. Items keep their places in
// lists, so that a pointer to the n-th item is one to the n-th of the file.

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }

func text(m map[string]any, name string) string { s, _ := m[name].(string); return s }

func texts(m map[string]any, name string) []string {
	items, _ := m[name].([]any)
	if len(items) == 0 {
		return nil
	}
	out := make([]string, len(items))
	for i, x := range items {
		out[i], _ = x.(string)
	}
	return out
}

func list[T any](m map[string]any, name string, read func(map[string]any) T) []T {
	items, _ := m[name].([]any)
	if len(items) == 0 {
		return nil
	}
	out := make([]T, len(items))
	for i, x := range items {
		out[i] = read(object(x))
	}
	return out
}

func maybe[T any](m map[string]any, name string, read func(map[string]any) T) *T {
	sub, ok := m[name].(map[string]any)
	if !ok {
		return nil
	}
	v := read(sub)
	return &v
}

func readFile(m map[string]any) *file {
	return &file{
		Document:        readHead(object(m["document"])),
		ProductTree:     maybe(m, "product_tree", readTree),
		Vulnerabilities: list(m, "vulnerabilities", readVulnerability),
	}
}

func readHead(m map[string]any) head {
	return head{
		Acknowledgments: list(m, "acknowledgments", readAcknowledgment),
		Severity: maybe(m, "aggregate_severity", func(m map[string]any) severity {
			return severity{text(m, "namespace"), text(m, "text")}
		}),
		Category: text(m, "category"), CSAFVersion: text(m, "csaf_version"),
		Distribution: maybe(m, "distribution", readDistribution),
		Lang:         text(m, "lang"), SourceLang: text(m, "source_lang"), Title: text(m, "title"),
		Notes:      list(m, "notes", readNote),
		Publisher:  readPublisher(object(m["publisher"])),
		References: list(m, "references", readReference),
		Tracking:   readTracking(object(m["tracking"])),
	}
}

func readDistribution(m map[string]any) distribution {
	return distribution{text(m, "text"), maybe(m, "tlp", func(m map[string]any) tlp {
		return tlp{text(m, "label"), text(m, "url")}
	})}
}

func readPublisher(m map[string]any) publisher {
	return publisher{text(m, "category"), text(m, "contact_details"), text(m, "issuing_authority"), text(m, "name"), text(m, "namespace")}
}

func readTracking(m map[string]any) tracking {
	return tracking{
		Aliases: texts(m, "aliases"), CurrentDate: text(m, "current_release_date"),
		Generator: maybe(m, "generator", func(m map[string]any) generator {
			e := object(m["engine"])
			return generator{text(m, "date"), engine{text(e, "name"), text(e, "version")}}
		}),
		ID: text(m, "id"), InitialDate: text(m, "initial_release_date"),
		Revisions: list(m, "revision_history", func(m map[string]any) revision {
			return revision{text(m, "date"), text(m, "legacy_version"), text(m, "number"), text(m, "summary")}
		}),
		Status: text(m, "status"), Version: text(m, "version"),
	}
}

func readAcknowledgment(m map[string]any) acknowledgment {
	return acknowledgment{texts(m, "names"), text(m, "organization"), text(m, "summary"), texts(m, "urls")}
}

func readNote(m map[string]any) note {
	return note{text(m, "audience"), text(m, "category"), text(m, "text"), text(m, "title")}
}

func readReference(m map[string]any) reference {
	return reference{text(m, "category"), text(m, "summary"), text(m, "url")}
}

func readTree(m map[string]any) tree {
	return tree{
		Branches: list(m, "branches", readBranch),
		Names:    list(m, "full_product_names", readProduct),
		Groups: list(m, "product_groups", func(m map[string]any) group {
			return group{text(m, "group_id"), texts(m, "product_ids"), text(m, "summary")}
		}),
		Relationships: list(m, "relationships", func(m map[string]any) relationship {
			return relationship{text(m, "category"), readProduct(object(m["full_product_name"])),
				text(m, "product_reference"), text(m, "relates_to_product_reference")}
		}),
	}
}

func readBranch(m map[string]any) branch {
	return branch{list(m, "branches", readBranch), text(m, "category"), text(m, "name"), maybe(m, "product", readProduct)}
}

func readProduct(m map[string]any) product {
	return product{text(m, "name"), text(m, "product_id"), maybe(m, "product_identification_helper", readHelper)}
}

func readHelper(m map[string]any) helper {
	_, has := m["purl"].(string)
	return helper{
		CPE: text(m, "cpe"), PURL: text(m, "purl"), hasPURL: has, SBOMURLs: texts(m, "sbom_urls"),
		Hashes: list(m, "hashes", func(m map[string]any) hashes {
			return hashes{list(m, "file_hashes", func(m map[string]any) hash {
				return hash{text(m, "algorithm"), text(m, "value")}
			}), text(m, "filename")}
		}),
	}
}

func readVulnerability(m map[string]any) vulnerability {
	return vulnerability{
		Acknowledgments: list(m, "acknowledgments", readAcknowledgment),
		CVE:             text(m, "cve"), Title: text(m, "title"),
		CWE:       maybe(m, "cwe", func(m map[string]any) weaknessRef { return weaknessRef{text(m, "id"), text(m, "name")} }),
		Discovery: text(m, "discovery_date"), Release: text(m, "release_date"),
		Flags: list(m, "flags", func(m map[string]any) flag {
			return flag{text(m, "date"), texts(m, "group_ids"), text(m, "label"), texts(m, "product_ids")}
		}),
		IDs: list(m, "ids", func(m map[string]any) identifier { return identifier{text(m, "system_name"), text(m, "text")} }),
		Involvements: list(m, "involvements", func(m map[string]any) involvement {
			return involvement{text(m, "date"), text(m, "party"), text(m, "status"), text(m, "summary")}
		}),
		Notes: list(m, "notes", readNote), References: list(m, "references", readReference),
		Status:       maybe(m, "product_status", readStatus),
		Remediations: list(m, "remediations", readRemediation),
		Scores: list(m, "scores", func(m map[string]any) score {
			return score{m["cvss_v2"], m["cvss_v3"], texts(m, "products")}
		}),
		Threats: list(m, "threats", func(m map[string]any) threat {
			return threat{text(m, "category"), text(m, "date"), text(m, "details"), texts(m, "group_ids"), texts(m, "product_ids")}
		}),
	}
}

func readStatus(m map[string]any) status {
	var s status
	for _, l := range s.lists() {
		*l.ids = texts(m, l.name)
	}
	return s
}

func readRemediation(m map[string]any) remediation {
	return remediation{
		Category: text(m, "category"), Date: text(m, "date"), Details: text(m, "details"),
		Entitlements: texts(m, "entitlements"), Groups: texts(m, "group_ids"), Products: texts(m, "product_ids"),
		Restart: maybe(m, "restart_required", func(m map[string]any) restart {
			return restart{text(m, "category"), text(m, "details")}
		}),
		URL: text(m, "url"),
	}
}
