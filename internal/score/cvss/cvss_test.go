package cvss

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
)

// must reads a vector that is known to be good.
func must(t testing.TB, s string) Vector {
	t.Helper()
	v, err := Parse(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// root is the folder of go.mod.
func root(t testing.TB) string {
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

const (
	good2  = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
	good31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	good4  = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
	full4  = good4 + "/E:P/CR:H/IR:M/AR:L/MAV:A/MAC:H/MAT:P/MPR:L/MUI:P/MVC:L/MVI:N/MVA:H/MSC:L/MSI:S/MSA:S/S:P/AU:Y/R:I/V:C/RE:H/U:Amber"
)

func TestParseAcceptsWhatTheStandardsDo(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, have, version, canonical string }{
		{"version 2.0 bare", good2, "2.0", good2},
		{"version 2.0 in parentheses", "(" + good2 + ")", "2.0", good2},
		{"version 2.0 with the prefix that databases write", "CVSS:2.0/" + good2, "2.0", good2},
		{"version 2.0 in any order, with values of three letters", "AC:L/AV:N/Au:N/I:P/C:P/A:P/RC:UC/E:POC", "2.0", good2 + "/E:POC/RC:UC"},
		{"version 2.0 with ND", good2 + "/E:ND/RL:ND/RC:ND", "2.0", good2},
		{"version 3.0", strings.Replace(good31, "3.1", "3.0", 1), "3.0", strings.Replace(good31, "3.1", "3.0", 1)},
		{"version 3.1", good31, "3.1", good31},
		{"version 3.1 in any order", "CVSS:3.1/S:U/A:H/AV:N/E:H/AC:L/PR:N/UI:N/C:H/I:H", "3.1", good31 + "/E:H"},
		{"version 3.1 with X", good31 + "/E:X/MAV:X", "3.1", good31},
		{"version 4.0", good4, "4.0", good4},
		{"version 4.0 with every metric", full4, "4.0", full4},
	}
	for _, tt := range tests {
		v, err := Parse(tt.have)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if v.Version() != tt.version || v.String() != tt.canonical || v.IsZero() {
			t.Errorf("%s: %s %s, want %s %s", tt.name, v.Version(), v, tt.version, tt.canonical)
		}
		if again := must(t, v.String()); again != v {
			t.Errorf("%s: the canonical form reads as another vector: %s", tt.name, again)
		}
	}
}

func TestParseSaysWhatIsWrongWhereAndHowToMendIt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, have, says string }{
		{"empty", "", "the vector is empty; write one such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
		{"absurdly long", good31 + strings.Repeat("/E:H", 1000), "the vector has 4044 characters, and none has more than 256; give one vector alone"},
		{"unknown metric", good31 + "/QQ:N", `CVSS 3.1 has no metric "QQ" (position 46); it has AV, AC, PR,`},
		{"metric of another version", good31 + "/AT:N", `CVSS 3.1 has no metric "AT" (position 46)`},
		{"bad value", strings.Replace(good31, "UI:N", "UI:Q", 1), `metric UI (User Interaction) at position 25 cannot be "Q"; choose N (None) or R (Required)`},
		{"lower case value", strings.Replace(good31, "UI:N", "UI:n", 1), `metric UI (User Interaction) at position 25 cannot be "n"`},
		{"lower case value of an optional metric", good31 + "/E:h", `metric E (Exploit Code Maturity) at position 46 cannot be "h"`},
		{"lower case value out of order", good31 + "/RL:O/E:h", `metric E (Exploit Code Maturity) at position 51 cannot be "h"`},
		{"value like a letter to a careless eye", strings.Replace(good31, "AV:N", "AV:\x4e\xcc\x81", 1), `metric AV (Attack Vector) at position 10 cannot be`},
		{"X for a mandatory metric", strings.Replace(good31, "UI:N", "UI:X", 1), `metric UI (User Interaction) at position 25 cannot be "X"`},
		{"no value", strings.Replace(good31, "UI:N", "UI:", 1), "metric UI at position 25 has no value; choose N (None) or R (Required)"},
		{"no colon", strings.Replace(good31, "UI:N", "UI", 1), "metric UI at position 25 has no value"},
		{"duplicate", good31 + "/AV:N", "metric AV stands twice, the second time at position 46; keep one of them"},
		{"duplicate of what is not defined", good31 + "/E:X/E:H", "metric E stands twice, the second time at position 50; keep one of them"},
		{"one metric missing", strings.Replace(good31, "/UI:N", "", 1), "the CVSS 3.1 vector lacks the metric UI (User Interaction); add it"},
		{"metrics missing", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H", "the CVSS 3.1 vector lacks the metrics I (Integrity) and A (Availability); add them"},
		{"nothing but the prefix", "CVSS:3.1/", "the vector ends with a slash at position 9; take it away"},
		{"trailing slash", good31 + "/", "the vector ends with a slash at position 45; take it away"},
		{"double slash", strings.Replace(good31, "/UI", "//UI", 1), "there is nothing between the slashes at position 25; take one slash away"},
		{"metric name in another case", strings.Replace(good31, "AV:N", "av:N", 1), `"av" at position 10 is spelt AV in a vector; upper and lower case matter`},
		{"order of version 4.0", good4 + "/CR:H/E:A", "metric E at position 70 stands after CR; CVSS 4.0 demands the standard's order: move it before CR"},
		{"order of base metrics of version 4.0", strings.Replace(good4, "AV:N/AC:L", "AC:L/AV:N", 1), "metric AV at position 15 stands after AC; CVSS 4.0 demands the standard's order: move it before AC"},
		{"no prefix, version 3", good31[9:], "the prefix is missing at position 1; this looks like version 3, which begins with CVSS:3.1/ or CVSS:3.0/"},
		{"no prefix, version 4", good4[9:], "the prefix is missing at position 1; this looks like version 4.0, which begins with CVSS:4.0/"},
		{"unknown version", strings.Replace(good31, "3.1", "3.2", 1), `the vector begins with "CVSS:3.2" at position 1; begin with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/`},
		{"prefix in lower case", strings.Replace(good31, "CVSS", "cvss", 1), `the vector begins with "cvss:3.1" at position 1`},
		{"open parenthesis", "(" + good2, "the parentheses do not match; close them or leave them out"},
		{"space in front", " " + good2, "there is a space at position 1; take it away"},
		{"space behind", good31 + " ", `there is a space at position 45; take it away`},
		{"a word", "critical", `CVSS 2.0 has no metric "critical" (position 1)`},
		{"a long word is cut short", strings.Repeat("x", 200), `CVSS 2.0 has no metric "xxxxxxxxxxxxxxxxxxxxxxxx..." (position 1)`},
		{"a value that is longer than eight bytes and ends like a good one", good31 + "/E:AAAAAAAAAAAAAAAH", `metric E (Exploit Code Maturity) at position 46 cannot be "AAAAAAAAAAAAAAAH"`},
		{"a NUL before a good value", strings.Replace(good31, "AV:N", "AV:\x00N", 1), `metric AV (Attack Vector) at position 10 cannot be "\x00N"`},
		{"a NUL before a good name", strings.Replace(good31, "AV:N", "\x00AV:N", 1), `CVSS 3.1 has no metric "\x00AV"`},
	}
	for _, tt := range tests {
		v, err := Parse(tt.have)
		if !errors.Is(err, fault.Invalid) || !v.IsZero() {
			t.Errorf("%s: have %v %v, want an invalid fault", tt.name, v, err)
			continue
		}
		if have := fault.Of(err).Says; !strings.HasPrefix(have, tt.says) {
			t.Errorf("%s:\nhave %s\nwant %s", tt.name, have, tt.says)
		}
	}
}

func TestScoreIsOfAllThatTheVectorStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		vector                              string
		base, temporal, threat, environment float64
		score                               float64
		severity, nomenclature              string
	}{
		{good2, 7.5, 7.5, 0, 7.5, 7.5, "high", ""},
		{"AV:L/AC:H/Au:M/C:N/I:N/A:N", 0, 0, 0, 0, 0, "low", ""},
		{"AV:L/AC:H/Au:M/C:P/I:N/A:N/CR:L", 0.8, 0.8, 0, 0, 0, "low", ""}, // the equation says -0.2
		{good31, 9.8, 9.8, 0, 9.8, 9.8, "critical", ""},
		{good31 + "/E:U/RL:O/RC:U", 9.8, 7.8, 0, 7.8, 7.8, "high", ""},
		{good31 + "/MC:N/MI:N/MA:N", 9.8, 9.8, 0, 0, 0, "none", ""},
		{good4, 9.3, 0, 9.3, 9.3, 9.3, "critical", "CVSS-B"},
		{good4 + "/E:U", 9.3, 0, 8.1, 8.1, 8.1, "high", "CVSS-BT"},
		{good4 + "/MVC:N/MVI:N/MVA:N", 9.3, 0, 9.3, 0, 0, "none", "CVSS-BE"},
		{good4 + "/E:P/MVC:L", 9.3, 0, 8.9, 7.8, 7.8, "high", "CVSS-BTE"},
		{good4 + "/S:P/U:Red", 9.3, 0, 9.3, 9.3, 9.3, "critical", "CVSS-B"},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:L/VA:N/SC:H/SI:H/SA:H", 8.6, 0, 8.6, 8.6, 8.6, "high", "CVSS-B"}, // exactly 8.55
	}
	for _, tt := range tests {
		v := must(t, tt.vector)
		have := v.Score()
		want := Result{v, v.Version(), tt.base, tt.temporal, tt.threat, tt.environment, tt.score, tt.severity, tt.nomenclature}
		if have != want {
			t.Errorf("%s:\nhave %+v\nwant %+v", tt.vector, have, want)
		}
	}
	if (Vector{}).Score() != (Result{}) {
		t.Error("no vector has a score")
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		have, want int64
	}{
		{"3.0 rounds up whatever is above", ceil30(40e16 + 1), 41},
		{"3.0 leaves a tenth as it is", ceil30(40e16), 40},
		{"3.1 rounds 4.02 up", ceil31(402e15), 41},
		{"3.1 leaves 4.00 as it is", ceil31(400e15), 40},
		{"3.1 rounds 4.00001 up", ceil31(400_001e12), 41},
		{"3.1 does not see 4.000002", ceil31(4_000_002e11), 40},
		{"2.0 rounds a half up", rounded(25, 10), 3},
		{"2.0 rounds less than a half down", rounded(24, 10), 2},
		{"2.0 rounds a half below zero away from it", rounded(-25, 10), -3},
		{"2.0 rounds the least half below zero away from it", rounded(-5, 10), -1},
		{"2.0 rounds less than a half below zero to it", rounded(-4, 10), 0},
	}
	for _, tt := range tests {
		if tt.have != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, tt.have, tt.want)
		}
	}
}

func TestSeverityWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version string
		score   float64
		want    string
	}{
		{"2.0", 0, "low"}, {"2.0", 3.9, "low"}, {"2.0", 4.0, "medium"}, {"2.0", 6.9, "medium"}, {"2.0", 7.0, "high"}, {"2.0", 10, "high"},
		{"3.1", 0, "none"}, {"3.1", 0.1, "low"}, {"3.1", 3.9, "low"}, {"3.1", 4.0, "medium"}, {"3.1", 6.9, "medium"},
		{"3.1", 7.0, "high"}, {"3.0", 8.9, "high"}, {"4.0", 9.0, "critical"}, {"4.0", 10, "critical"},
		{"3.1", -0.1, ""}, {"3.1", 10.1, ""}, {"5.0", 5, ""}, {"", 5, ""},
	}
	for _, tt := range tests {
		if have := Severity(tt.version, tt.score); have != tt.want {
			t.Errorf("severity of %.1f in version %s is %q, want %q", tt.score, tt.version, have, tt.want)
		}
	}
}

func TestGetAndWith(t *testing.T) {
	t.Parallel()
	v := must(t, good31)
	if v.Get("AV") != "N" || v.Get("E") != "X" || v.Get("AT") != "" || must(t, good2).Get("E") != "ND" || (Vector{}).Get("AV") != "" {
		t.Errorf("Get answers %q %q %q", v.Get("AV"), v.Get("E"), v.Get("AT"))
	}
	w, err := v.With("PR", "H")
	if err != nil || w.String() != strings.Replace(good31, "PR:N", "PR:H", 1) {
		t.Errorf("With PR:H gives %s, %v", w, err)
	}
	if w, err = w.With("MAV", "P"); err != nil || w.Get("MAV") != "P" {
		t.Errorf("With MAV:P gives %s, %v", w, err)
	}
	if w, err = w.With("MAV", "X"); err != nil || w.Get("MAV") != "X" {
		t.Errorf("With MAV:X gives %s, %v", w, err)
	}
	for _, bad := range [][2]string{{"PR", "X"}, {"PR", "Q"}, {"PR", ""}, {"AT", "N"}, {"", ""}} {
		if w, err := v.With(bad[0], bad[1]); !errors.Is(err, fault.Invalid) || w != v {
			t.Errorf("With %s:%s gives %s, %v; want the same vector and a fault", bad[0], bad[1], w, err)
		}
	}
}

func TestOfNamesEverythingThatAFormLacks(t *testing.T) {
	t.Parallel()
	form := map[string]string{"AV": "N", "AC": "L", "PR": "N", "UI": "N", "S": "U", "C": "H", "I": "H", "A": "H", "E": "X"}
	pick := func(m string) string { return form[m] }
	if v, err := Of("3.1", pick); err != nil || v.String() != good31 {
		t.Errorf("have %s, %v, want %s", v, err, good31)
	}
	form["PR"], form["UI"], form["E"] = "", "Z", "Q"
	_, err := Of("3.1", pick)
	var have []string
	for _, f := range fault.Of(err).Fields {
		have = append(have, f.Name)
	}
	if want := []string{"PR", "UI", "E"}; !slices.Equal(have, want) {
		t.Errorf("wrong fields %v, want %v", have, want)
	}
	if _, err := Of("5.0", pick); !errors.Is(err, fault.Invalid) {
		t.Errorf("version 5.0 is %v, want a fault", err)
	}
}

func TestDifferNamesTheMetrics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want []string
	}{
		{good31, good31, nil},
		{good31, strings.NewReplacer("PR:N", "PR:L", "A:H", "A:N").Replace(good31) + "/E:H", []string{"PR", "A", "E"}},
		{good31, strings.Replace(good31, "3.1", "3.0", 1), nil},
		{good31, good4, []string{"S", "C", "I", "A", "AT", "VC", "VI", "VA", "SC", "SI", "SA"}},
	}
	for _, tt := range tests {
		if have := Differ(must(t, tt.a), must(t, tt.b)); !slices.Equal(have, tt.want) {
			t.Errorf("%s and %s differ in %v, want %v", tt.a, tt.b, have, tt.want)
		}
	}
}

func TestResultAsJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(must(t, good31+"/E:U").Score())
	if err != nil {
		t.Fatal(err)
	}
	var have map[string]any
	if err := json.Unmarshal(b, &have); err != nil {
		t.Fatal(err)
	}
	metrics, _ := have["metrics"].([]any)
	delete(have, "metrics")
	want := map[string]any{"vector": good31 + "/E:U", "version": "3.1", "base": 9.8, "temporal": 9.0, "score": 9.0, "severity": "critical"}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("(-want +have)\n%s", d)
	}
	first := map[string]any{"metric": "AV", "name": "Attack Vector", "group": "base", "value": "N", "word": "Network",
		"meaning": "From anywhere that routers reach, the internet included."}
	if len(metrics) != 9 || cmp.Diff(first, metrics[0]) != "" {
		t.Errorf("%d metrics, the first %v", len(metrics), metrics[0])
	}
}

func TestVectorIsTextInJSON(t *testing.T) {
	t.Parallel()
	var have struct{ A, B Vector }
	if err := json.Unmarshal([]byte(`{"A":"`+good4+`","B":""}`), &have); err != nil || have.A.String() != good4 || !have.B.IsZero() {
		t.Errorf("have %v, %v", have, err)
	}
	if b, err := json.Marshal(have); err != nil || string(b) != `{"A":"`+good4+`","B":""}` {
		t.Errorf("have %s, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`{"A":"nonsense"}`), &have); !errors.Is(err, fault.Invalid) {
		t.Errorf("nonsense gives %v, want a fault", err)
	}
}

func TestTheCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	metrics := map[string]int{"2.0": 14, "3.0": 22, "3.1": 22, "4.0": 32}
	mandatory := map[string]int{"2.0": 6, "3.0": 8, "3.1": 8, "4.0": 11}
	for _, version := range Versions() {
		all, must := Catalogue(version), 0
		for _, m := range all {
			if m.Mandatory {
				must++
			}
			checkMetric(t, version, m)
		}
		if len(all) != metrics[version] || must != mandatory[version] {
			t.Errorf("version %s has %d metrics, %d of them mandatory, want %d and %d", version, len(all), must, metrics[version], mandatory[version])
		}
	}
	if Catalogue("1.0") != nil {
		t.Error("there is a catalogue of version 1.0")
	}
}

func checkMetric(t *testing.T, version string, m Metric) {
	t.Helper()
	if m.Name == "" || !strings.HasSuffix(m.Help, "?") || m.Value != "" || len(m.Choices) < 2 {
		t.Errorf("version %s: metric %s is told incompletely: %+v", version, m.Abbrev, m)
	}
	if m.Mandatory != (m.Group == Base) {
		t.Errorf("version %s: metric %s is of group %s and mandatory: %v", version, m.Abbrev, m.Group, m.Mandatory)
	}
	seen := map[string]bool{}
	for i, c := range m.Choices {
		if c.Name == "" || !strings.HasSuffix(c.Help, ".") || seen[c.Value] {
			t.Errorf("version %s: choice %s of %s is told incompletely, or twice", version, c.Value, m.Abbrev)
		}
		if undefined := c.Name == "Not Defined"; undefined != (i == 0 && !m.Mandatory) {
			t.Errorf("version %s: choice %s of %s is not defined, or should be", version, c.Value, m.Abbrev)
		}
		seen[c.Value] = true
	}
}

func TestModifiedMetricsOfVersion4HaveTheirOwnWords(t *testing.T) {
	t.Parallel()
	for _, m := range Catalogue("4.0") {
		var words []string
		for _, c := range m.Choices {
			words = append(words, c.Value+" "+c.Name)
		}
		want := map[string]string{
			"SI": "H High, L Low, N None", "MSC": "X Not Defined, H High, L Low, N Negligible",
			"MSI": "X Not Defined, S Safety, H High, L Low, N Negligible", "MSA": "X Not Defined, S Safety, H High, L Low, N Negligible",
		}[m.Abbrev]
		if have := strings.Join(words, ", "); want != "" && have != want {
			t.Errorf("%s has %s, want %s", m.Abbrev, have, want)
		}
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		vector string
		groups []string
	}{
		{good2, []string{Base}},
		{good31 + "/E:H", []string{Base, Temporal}},
		{good31 + "/MS:C", []string{Base, Environmental}},
		{good4 + "/E:A", []string{Base, Threat}},
		{full4, []string{Base, Threat, Environmental, Supplemental}},
	}
	for _, tt := range tests {
		var have []string
		for _, g := range []string{Base, Temporal, Threat, Environmental, Supplemental, "other"} {
			if must(t, tt.vector).States(g) {
				have = append(have, g)
			}
		}
		if !slices.Equal(have, tt.groups) {
			t.Errorf("%s states %v, want %v", tt.vector, have, tt.groups)
		}
	}
}

// TestEveryWayToWriteAVectorIsOne shuffles the metrics of random vectors, so
// that what the quick reader takes and what it leaves agree.
func TestEveryWayToWriteAVectorIsOne(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []uint8{v20, v30, v31} {
		for range 2000 {
			v := randomVector(r, n)
			parts := strings.Split(strings.TrimPrefix(v.String(), schemes[n].prefix), "/")
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			if have := must(t, schemes[n].prefix+strings.Join(parts, "/")); have != v {
				t.Fatalf("%v reads as %s, want %s", parts, have, v)
			}
		}
	}
}

// randomVector has every base metric and each other with an even chance.
func randomVector(r *rand.Rand, scheme uint8) Vector {
	v := Vector{scheme: scheme}
	for i := range schemes[scheme].rows {
		m := &schemes[scheme].rows[i]
		if m.Mandatory || r.IntN(2) == 0 {
			v = v.set(m, m.codes[r.IntN(len(m.codes))])
		}
	}
	return v
}

func TestReadingAndScoringAllocateNothing(t *testing.T) {
	for _, s := range []string{
		good2, "(" + good2 + "/E:POC/RL:OF/RC:UC/CDP:LM/TD:H/CR:H/IR:M/AR:L)", good31, good31 + "/E:P/RL:O/RC:C/CR:H/MAV:A/MS:C",
		"CVSS:3.0/S:U/A:H/AV:N/AC:L/PR:N/UI:N/C:H/I:H", good4, full4,
	} {
		n := testing.AllocsPerRun(100, func() {
			v, err := Parse(s)
			if err != nil || v.Score().Severity == "" {
				t.Errorf("%s: %v", s, err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %.0f allocations, want none", s, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "/", ":", "CVSS:", "()", "(/)", good2, "(" + good2 + ")", good31, good4, full4, good31 + "/E:X", "CVSS:2.0/" + good2} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err != nil {
			if !v.IsZero() || !errors.Is(err, fault.Invalid) || fault.Of(err).Says == "" {
				t.Fatalf("%q: %v, %v", s, v, err)
			}
			return
		}
		again, err := Parse(v.String())
		if err != nil || again != v {
			t.Fatalf("%q is %s, which reads as %s, %v", s, v, again, err)
		}
		r := v.Score()
		for _, x := range []float64{r.Base, r.Temporal, r.Threat, r.Environmental, r.Score} {
			if x < 0 || x > 10 || Severity(v.Version(), x) == "" {
				t.Fatalf("%q scores %v", s, r)
			}
		}
	})
}
