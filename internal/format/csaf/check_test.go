package csaf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/csaf"
)

// base is a valid file that the cases of this file change.
const base = `{
 "document": {"category": "csaf_base", "csaf_version": "2.0", "title": "T", "lang": "en",
  "publisher": {"category": "vendor", "name": "Example Works", "namespace": "https://example.com"},
  "tracking": {"id": "A", "status": "final", "version": "1", "initial_release_date": "2026-03-09T14:30:00Z", "current_release_date": "2026-03-09T14:30:00Z",
   "revision_history": [{"date": "2026-03-09T14:30:00Z", "number": "1", "summary": "First"}]}},
 "product_tree": {"full_product_names": [{"product_id": "P", "name": "P"}, {"product_id": "Q", "name": "Q"}],
  "product_groups": [{"group_id": "G", "product_ids": ["P", "Q"]}]},
 "vulnerabilities": [{"cve": "CVE-1900-0001", "notes": [{"category": "description", "text": "D"}]}]
}`

// edit sets the value at a path of names and places, growing what is missing.
func edit(t *testing.T, path, value string) []byte {
	t.Helper()
	var doc, v any
	if err := json.Unmarshal([]byte(base), &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	at := doc
	names := strings.Split(path, ".")
	for i, name := range names {
		if items, ok := at.([]any); ok {
			at = items[0]
		}
		m := at.(map[string]any)
		if i == len(names)-1 {
			m[name] = v
			break
		}
		if m[name] == nil {
			m[name] = map[string]any{}
		}
		at = m[name]
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCheckCases holds what the standard's own test files do not reach. want is
// a rule and pointer, or empty where nothing is wrong.
func TestCheckCases(t *testing.T) {
	t.Parallel()
	cvss := func(version, vector string, rest string) string {
		return fmt.Sprintf(`[{"products":["P"],"cvss_v3":{"version":%q,"vectorString":%q,"baseScore":9.8,"baseSeverity":"CRITICAL"%s}}]`, version, vector, rest)
	}
	const v31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	for _, c := range []struct{ name, path, value, want string }{
		{"the base is valid", "document.title", `"T"`, ""},
		{"two relationships that define each other", "product_tree.relationships", `[
			{"category":"installed_on","full_product_name":{"product_id":"R","name":"R"},"product_reference":"S","relates_to_product_reference":"P"},
			{"category":"installed_on","full_product_name":{"product_id":"S","name":"S"},"product_reference":"P","relates_to_product_reference":"R"}]`, "6.1.3 /product_tree/relationships/0"},
		{"relationships in a row", "product_tree.relationships", `[
			{"category":"installed_on","full_product_name":{"product_id":"R","name":"R"},"product_reference":"S","relates_to_product_reference":"P"},
			{"category":"installed_on","full_product_name":{"product_id":"S","name":"S"},"product_reference":"P","relates_to_product_reference":"Q"}]`, ""},
		{"a missing group in a flag", "vulnerabilities.flags", `[{"label":"component_not_present","group_ids":["H"]}]`, "6.1.4 /vulnerabilities/0/flags/0/group_ids/0"},
		{"a missing product in a threat", "vulnerabilities.threats", `[{"category":"impact","details":"x","product_ids":["P","X"]}]`, "6.1.1 /vulnerabilities/0/threats/0/product_ids/1"},
		{"recommended beside affected", "vulnerabilities.product_status", `{"recommended":["P"],"known_affected":["P"]}`, ""},
		{"first fixed beside fixed", "vulnerabilities.product_status", `{"first_fixed":["P"],"fixed":["P"]}`, ""},
		{"under investigation beside fixed", "vulnerabilities.product_status", `{"under_investigation":["P"],"fixed":["P"]}`, "6.1.6 /vulnerabilities/0/product_status/under_investigation/0"},
		{"two justifications by way of a group", "vulnerabilities.flags", `[{"label":"component_not_present","group_ids":["G"]},{"label":"vulnerable_code_not_present","product_ids":["Q"]}]`, "6.1.33 /vulnerabilities/0/flags/1"},
		{"a good score", "vulnerabilities.scores", cvss("3.1", v31, ""), ""},
		{"a vector of another version", "vulnerabilities.scores", cvss("3.0", v31, ""), "6.1.8 /vulnerabilities/0/scores/0/cvss_v3/vectorString"},
		{"a version that there is not", "vulnerabilities.scores", cvss("3.2", v31, ""), "6.1.8 /vulnerabilities/0/scores/0/cvss_v3/version"},
		{"a metric that there is not", "vulnerabilities.scores", cvss("3.1", v31+"/X:Y", ""), "6.1.8 /vulnerabilities/0/scores/0/cvss_v3/vectorString"},
		{"a slash at the end", "vulnerabilities.scores", cvss("3.1", v31+"/", ""), "6.1.8 /vulnerabilities/0/scores/0/cvss_v3/vectorString"},
		{"a vector without all metrics", "vulnerabilities.scores", cvss("3.1", "CVSS:3.1/AV:N/AC:L", ""), "6.1.9 /vulnerabilities/0/scores/0/cvss_v3/vectorString"},
		{"a wrong temporal score", "vulnerabilities.scores", cvss("3.1", v31+"/E:U", `,"temporalScore":9.8,"temporalSeverity":"CRITICAL"`), "6.1.9 /vulnerabilities/0/scores/0/cvss_v3/temporalScore"},
		{"a wrong temporal severity", "vulnerabilities.scores", cvss("3.1", v31+"/E:U", `,"temporalScore":9.0,"temporalSeverity":"HIGH"`), "6.1.9 /vulnerabilities/0/scores/0/cvss_v3/temporalSeverity"},
		{"a word that the vector contradicts", "vulnerabilities.scores", cvss("3.1", v31, `,"scope":"CHANGED"`), "6.1.10 /vulnerabilities/0/scores/0/cvss_v3/scope"},
		{"a score that is no object", "vulnerabilities.scores", `[{"products":["P"],"cvss_v3":7}]`, "6.1.8 /vulnerabilities/0/scores/0/cvss_v3"},
		{"a weakness by its present name", "vulnerabilities.cwe", `{"id":"CWE-89","name":"Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')"}`, ""},
		{"a category as weakness", "vulnerabilities.cwe", `{"id":"CWE-264","name":"Permissions, Privileges, and Access Controls"}`, "6.1.11 /vulnerabilities/0/cwe/id"},
		{"a weakness of another name", "vulnerabilities.cwe", `{"id":"CWE-89","name":"Cross-site Scripting"}`, "6.1.11 /vulnerabilities/0/cwe/name"},
		{"a language of no registry", "document.lang", `"en-Zxxy"`, "6.1.12 /document/lang"},
		{"the default language", "document.source_lang", `"i-default"`, ""},
		{"an endless language", "document.lang", `"en` + strings.Repeat("-abcde", 100) + `"`, "6.1.12 /document/lang"},
		{"a package URL with everything", "product_tree.full_product_names.product_identification_helper", `{"purl":"pkg:maven/org.example/a%20b@1.0%2B2?type=jar&classifier=x#sub/path"}`, ""},
		{"a maven package without namespace", "product_tree.full_product_names.product_identification_helper", `{"purl":"pkg:maven/name@1"}`, "6.1.13 /product_tree/full_product_names/0/product_identification_helper/purl"},
		{"a qualifier twice", "product_tree.full_product_names.product_identification_helper", `{"purl":"pkg:npm/name@1?a=b&A=c"}`, "6.1.13 /product_tree/full_product_names/0/product_identification_helper/purl"},
		{"a CPE of the older form", "product_tree.full_product_names.product_identification_helper", `{"cpe":"cpe:/a:example:kettle:1.0"}`, ""},
		{"no CPE", "product_tree.full_product_names.product_identification_helper", `{"cpe":"cpe:2.3:a:example"}`, "schema /product_tree/full_product_names/0/product_identification_helper/cpe"},
		{"a category that reads like a profile", "document.category", `"Security - Advisory"`, "6.1.26 /document/category"},
		{"a category of one's own", "document.category", `"Example advisory"`, ""},
		{"a category with a dash at its end", "document.category", `"x-"`, "schema /document/category"},
		{"a version of two numbers", "document.tracking.version", `"1.0"`, "schema /document/tracking/version"},
		{"a version with a leading zero", "document.tracking.version", `"01"`, "schema /document/tracking/version"},
		{"an ID with a line break", "document.tracking.id", `"a\nb"`, "schema /document/tracking/id"},
		{"a date without a zone", "document.tracking.current_release_date", `"2026-03-09T14:30:00"`, "schema /document/tracking/current_release_date"},
		{"a CVE ID of three digits", "vulnerabilities.cve", `"CVE-1900-001"`, "schema /vulnerabilities/0/cve"},
		{"a list for an object", "document.tracking", `[]`, "schema /document/tracking"},
		{"a member that the standard does not name", "document.x_more", `1`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found, err := csaf.Format{}.Check(edit(t, c.path, c.value))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if !advisory.Valid(found) {
					t.Errorf("findings %v, want no error", found)
				}
				return
			}
			if !slices.ContainsFunc(found, func(f advisory.Finding) bool {
				return f.Level == advisory.Error && f.Rule+" "+f.Pointer == c.want && f.Message != ""
			}) {
				t.Errorf("findings %v, want %s", found, c.want)
			}
		})
	}
}

func TestMissingRevisionsCountLongNumbers(t *testing.T) {
	t.Parallel()
	history := func(numbers ...string) string {
		var items []string
		for i, n := range numbers {
			items = append(items, fmt.Sprintf(`{"date":"2026-03-%02dT00:00:00Z","number":%q,"summary":"s"}`, i+1, n))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	for in, want := range map[string]bool{
		history("1", "2", "3"): false, history("0", "1"): false, history("1", "3"): true, history("2"): true,
		history("1.0.0", "1.5.0", "2.0.0"): false, history("1.0.0", "3.0.0"): true,
		history("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"): false,
	} {
		found, err := csaf.Format{}.Check(edit(t, "document.tracking.revision_history", in))
		if err != nil {
			t.Fatal(err)
		}
		if have := slices.Contains(rules(found, advisory.Error), "6.1.21"); have != want {
			t.Errorf("%s: missing is %v, want %v", in, have, want)
		}
	}
}

// TestWarningsHideNoErrors gives a file more unknown members than are told.
func TestWarningsHideNoErrors(t *testing.T) {
	t.Parallel()
	m := map[string]any{"document": map[string]any{}}
	for i := range 3000 {
		m[fmt.Sprintf("a%d", i)] = 1
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	found, err := csaf.Format{}.Check(b)
	if err != nil || advisory.Valid(found) {
		t.Errorf("valid, %v; want errors about the empty document", err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"no JSON": `{`, "no object": `[]`, "a name twice": `{"document":{},"document":{}}`, "no structure": `{"document":{"csaf_version":"2.0"}}`,
	} {
		if _, err := (csaf.Format{}).Parse([]byte(in)); !errors.Is(err, fault.Invalid) || fault.Of(err).Says == "" {
			t.Errorf("%s: %v, want an invalid fault", name, err)
		}
	}
}
