package cwe

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGetReadsNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"CWE-79", "cwe-79", "79"} {
		w, ok := Get(id)
		if !ok || w.ID != "CWE-79" || w.Name != "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')" ||
			w.Usage != Allowed || w.Abstraction != "Base" || !slices.Equal(w.Parents, []string{"CWE-74"}) {
			t.Errorf("Get(%q) = %+v, %v", id, w, ok)
		}
	}
	for _, id := range []string{"", "CWE-", "CWE-0", "CWE-079", "CWE-79x", "+79", "CWE--79", "CWE-999999", "CWE-99999999999999999999", "XSS"} {
		if w, ok := Get(id); ok {
			t.Errorf("Get(%q) = %s, want nothing", id, w.ID)
		}
	}
}

func TestTheCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	all := All()
	usages := map[string]int{}
	for _, w := range all {
		usages[w.Usage]++
		for _, p := range w.Parents {
			if _, ok := Get(p); !ok {
				t.Errorf("%s is a kind of %s, which is not known", w.ID, p)
			}
		}
		if name, _ := NameIn(Version(), w.ID); name != w.Name {
			t.Errorf("%s is named %q in %s, want %q", w.ID, name, Version(), w.Name)
		}
	}
	want := map[string]int{Allowed: 753, Review: 88, Discouraged: 43, Prohibited: 84}
	if d := cmp.Diff(want, usages); d != "" {
		t.Errorf("usages of version 4.17 (-want +have):\n%s", d)
	}
	if Version() != "4.17" || len(Versions()) != 53 {
		t.Errorf("version %s of %d, want 4.17 of 53", Version(), len(Versions()))
	}
}

func TestACategoryIsKnownButIsNoWeakness(t *testing.T) {
	t.Parallel()
	w, ok := Get("CWE-264")
	if !ok || w.Abstraction != Category || w.Usage != Prohibited {
		t.Errorf("CWE-264 = %+v, %v", w, ok)
	}
	if Named("CWE-264", w.Name) {
		t.Error("a category passes as a weakness with a name")
	}
}

func TestNamesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	tests := []struct{ version, id, want string }{
		{"1.0", "CWE-79", "Failure to Sanitize Directives in a Web Page (aka 'Cross-site scripting' (XSS))"},
		{"1.4", "CWE-79", "Failure to Preserve Web Page Structure ('Cross-site Scripting')"},
		{"4.17", "CWE-79", "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"},
		{"4.15", "CWE-1427", ""}, // came with 4.16
		{"4.16", "CWE-1427", "Improper Neutralization of Input Used for LLM Prompting"},
		{"2.11", "CWE-1", ""},
		{"9.9", "CWE-79", ""},
	}
	for _, tt := range tests {
		if have, _ := NameIn(tt.version, tt.id); have != tt.want {
			t.Errorf("CWE %s calls %s %q, want %q", tt.version, tt.id, have, tt.want)
		}
	}
	if !Named("CWE-79", tests[0].want) || Named("CWE-79", "Cross-site Scripting") || Named("CWE-79", "") || Named("CWE-999999", "") {
		t.Error("Named answers wrongly")
	}
}

func TestAncestorsNearestFirst(t *testing.T) {
	t.Parallel()
	var have []string
	for _, w := range Ancestors("CWE-79") {
		have = append(have, w.ID)
	}
	if want := []string{"CWE-74", "CWE-707"}; !slices.Equal(have, want) {
		t.Errorf("ancestors of CWE-79 %v, want %v", have, want)
	}
	if len(Ancestors("CWE-707")) != 0 || Ancestors("CWE-0") != nil {
		t.Error("a pillar or an unknown number has ancestors")
	}
	for _, w := range All() {
		for _, up := range Ancestors(w.ID) {
			if up.ID == w.ID {
				t.Errorf("%s is its own ancestor", w.ID)
			}
		}
	}
}

func TestSearchPutsTheLikeliestFirst(t *testing.T) {
	t.Parallel()
	tests := []struct{ query, first string }{
		{"79", "CWE-79"}, {"CWE-20", "CWE-20"}, {"cwe 352", "CWE-352"}, {"840", "CWE-840"},
		{"xss", "CWE-79"}, {"sql", "CWE-89"}, {"path trav", "CWE-22"}, {"idor", "CWE-639"}, {"use after", "CWE-416"},
		{"request forgery server", "CWE-918"}, {"CLICKJACK", "CWE-1021"}, {"prompt inj", "CWE-1427"},
	}
	for _, tt := range tests {
		have := Search(tt.query, 5)
		if len(have) == 0 || have[0].ID != tt.first || len(have) > 5 {
			t.Errorf("Search(%q) = %v, want %s first", tt.query, have, tt.first)
		}
	}
	for _, query := range []string{"", "  ", "()", "zzzzz", "CWE-999999"} {
		if have := Search(query, 5); len(have) != 0 {
			t.Errorf("Search(%q) = %v, want nothing", query, have)
		}
	}
	if n := len(Search("improper", 0)); n != most {
		t.Errorf("a search without limit answers %d, want %d", n, most)
	}
	for _, w := range Search("errors", 0) {
		if w.Abstraction == Category {
			t.Errorf("a search by words answers the category %s", w.ID)
		}
	}
}

func TestByNameKnowsEveryNameThatCWEUsesToday(t *testing.T) {
	t.Parallel()
	for _, w := range All() {
		if w.Status == "Deprecated" {
			continue
		}
		if id, ok := ByName(w.Name); !ok || id != w.ID {
			t.Errorf("ByName(%q) = %s, %v, want %s", w.Name, id, ok, w.ID)
		}
		if id, ok := ByName(w.ID + ": " + w.Name); !ok || id != w.ID {
			t.Errorf("ByName with the number of %s in front = %s, %v", w.ID, id, ok)
		}
	}
}

func TestEveryTitleOfTheTableIsAWeaknessOfToday(t *testing.T) {
	t.Parallel()
	for title := range titles {
		id, ok := ByName(title)
		w, _ := Get(id)
		if !ok || w.Name == "" || w.Status == "Deprecated" {
			t.Errorf("%q maps to %s %q (%s)", title, id, w.Name, w.Status)
		}
	}
}

// unclear are the titles of the disclosed reports that name an attack, an
// effect or a theme, for which CWE has no weakness.
var unclear = []string{
	"", "ASI05: Unexpected Code Execution (RCE)", "Cache Poisoning", "Content Spoofing", "File Content Injection", "File Manipulation",
	"LLM05: Supply Chain Vulnerabilities", "LLM09:2025 Misinformation", "Malware", "Phishing", "Reusing Session IDs (aka Session Replay)",
}

func TestTitlesOfDisclosedReports(t *testing.T) {
	t.Parallel()
	have, total := map[string]string{}, 0
	for _, title := range disclosed(t) {
		id, _ := ByName(title)
		have[title] = id
		total++
	}
	if total < 14_000 || len(have) < 200 {
		t.Fatalf("read %d reports with %d titles, want the whole file", total, len(have))
	}
	for title, id := range have {
		if known := id != ""; known == slices.Contains(unclear, title) {
			t.Errorf("%q maps to %q", title, id)
		}
	}
	for title, want := range map[string]string{
		"Cross-site Scripting (XSS) - Stored": "CWE-79", "Improper Authentication - Generic": "CWE-287", "Privilege Escalation": "CWE-269",
		"Information Disclosure": "CWE-200", "Information Exposure Through Debug Information": "CWE-215", "Path Traversal: '.../...//'": "CWE-35",
		"Memory Corruption - Generic": "CWE-119", "Man-in-the-Middle": "CWE-300", "Reversible One-Way Hash": "CWE-328",
		"Business Logic Errors": "CWE-840", "Uncontrolled Resource Consumption": "CWE-400",
	} {
		if have[title] != want {
			t.Errorf("%q maps to %q, want %s", title, have[title], want)
		}
	}
}

// disclosed reads the weakness title of every report in the reference data.
func disclosed(t *testing.T) []string {
	t.Helper()
	file := filepath.Join(root(t), "..", "shared", "data", "bounty", "disclosed-reports.csv")
	f, err := os.Open(file)
	if err != nil {
		t.Skipf("the reference data is not beside the project: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "vuln_type")
	var titles []string
	for _, r := range rows[1:] {
		titles = append(titles, r[column])
	}
	return titles
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test")
	return ""
}

func BenchmarkSearch(b *testing.B) {
	Search("warm", 1)
	for b.Loop() {
		Search("cross site", 20)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		read(unpack())
	}
}
