package csaf_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/format/csaf"
)

// dataDir is the folder of the shared data beside the project.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	return filepath.Join(dir, "..", "shared", "data")
}

// shared returns a folder of the shared data, or skips the test.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{dataDir(t)}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the shared data %s is not here", filepath.Join(parts...))
	}
	return path
}

// testcases is the standard's own list of test files.
type testcases struct {
	Tests []struct {
		ID              string
		Group           string
		Failures, Valid []struct {
			Name  string
			Valid bool
		}
	}
}

func readCases(t testing.TB) (testcases, string) {
	t.Helper()
	dir := shared(t, "csaf-2.0", "test", "validator", "data")
	b, err := os.ReadFile(filepath.Join(dir, "testcases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases testcases
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	return cases, dir
}

func checkFile(t testing.TB, path string) []advisory.Finding {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found, err := csaf.Format{}.Check(b)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	return found
}

func rules(found []advisory.Finding, level advisory.Level) []string {
	var out []string
	for _, f := range found {
		if f.Level == level && !slices.Contains(out, f.Rule) {
			out = append(out, f.Rule)
		}
	}
	return out
}

// testFileDefects are test files that their list calls valid although they break
// a mandatory test in passing: both give a file two hashes of one algorithm.
var testFileDefects = map[string]string{
	"oasis_csaf_tc-csaf_2_0-2021-6-2-08-02.json": "6.1.25",
	"oasis_csaf_tc-csaf_2_0-2021-6-2-09-02.json": "6.1.25",
}

// TestStandardFiles holds Check against every test file of the standard: each
// mandatory failure fails by its own test, and every other file passes.
func TestStandardFiles(t *testing.T) {
	t.Parallel()
	cases, dir := readCases(t)
	files := 0
	for _, c := range cases.Tests {
		for _, f := range slices.Concat(c.Failures, c.Valid) {
			files++
			found := checkFile(t, filepath.Join(dir, f.Name))
			have := rules(found, advisory.Error)
			want, defect := c.ID, testFileDefects[filepath.Base(f.Name)]
			switch {
			case defect != "":
				if !slices.Equal(have, []string{defect}) {
					t.Errorf("%s: errors by %v, want %s", filepath.Base(f.Name), have, defect)
				}
			case f.Valid && len(have) > 0:
				t.Errorf("%s is valid, but has errors: %v", filepath.Base(f.Name), found)
			case !f.Valid && (!slices.Contains(have, want) || slices.Contains(have, "schema")):
				t.Errorf("%s: errors by %v, want %s among them: %v", filepath.Base(f.Name), have, want, found)
			}
		}
	}
	if files < 200 {
		t.Errorf("the list has %d files; it had 230 and more", files)
	}
}

// TestOptionalFiles holds the warnings against the test files of section 6.2: a
// file in a test's list of failures has its warning, one in its list of valid
// files has not.
func TestOptionalFiles(t *testing.T) {
	t.Parallel()
	cases, dir := readCases(t)
	for _, c := range cases.Tests {
		if c.Group != "optional" || c.ID == "6.2.13" { // about the order of members in the text
			continue
		}
		for _, f := range c.Failures {
			if have := rules(checkFile(t, filepath.Join(dir, f.Name)), advisory.Warning); !slices.Contains(have, c.ID) {
				t.Errorf("%s: warnings by %v, want %s among them", filepath.Base(f.Name), have, c.ID)
			}
		}
		for _, f := range c.Valid {
			if have := rules(checkFile(t, filepath.Join(dir, f.Name)), advisory.Warning); slices.Contains(have, c.ID) {
				t.Errorf("%s: warnings by %v, want none by %s", filepath.Base(f.Name), have, c.ID)
			}
		}
	}
}
