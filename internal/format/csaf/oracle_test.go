package csaf_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/format/csaf"
)

// verdict is what the oracle says of one file.
type verdict struct {
	File     string
	Valid    bool
	Findings []struct{ Rule, Pointer, Message string }
}

// ask hands files to csaf-validator-lib (strict schema and mandatory tests), or
// skips where it is not installed.
func ask(t testing.TB, files []string) map[string]verdict {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "tools", "oracle", "csaf"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		t.Skip("csaf-validator-lib is not installed; tools/setup installs it")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed; tools/setup installs it")
	}
	cmd := exec.Command(node, append([]string{filepath.Join(dir, "validate.js")}, files...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("validate.js: %v\n%s", err, stderr.String())
	}
	all := map[string]verdict{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all[v.File] = v
	}
	if len(all) != len(files) {
		t.Fatalf("the oracle answers for %d of %d files", len(all), len(files))
	}
	return all
}

// differs are the files of the standard's test data on which the oracle and
// Check disagree, with the reason.
var differs = map[string]string{
	"oasis_csaf_tc-csaf_2_0-2021-6-1-26-04.json": "the oracle does not see that csafsecurityadvisory reads like csaf_security_advisory; the standard's list calls the file invalid, as Check does",
	"oasis_csaf_tc-csaf_2_0-2021-6-1-14-12.json": sameDate, "oasis_csaf_tc-csaf_2_0-2021-6-1-16-16.json": sameDate, "oasis_csaf_tc-csaf_2_0-2021-6-1-16-17.json": sameDate,
	"oasis_csaf_tc-csaf_2_0-2021-6-2-20-01.json": "the oracle's strict schema forbids members that the standard allows; the standard's list calls the file valid, as Check does",
}

const sameDate = "for test 6.1.21 the oracle does not order revisions of one date by their number; the standard's list calls the file valid, as Check does"

// TestOracle has the oracle judge three kinds of files in one run: every rendered
// sample and every published advisory that was read and written again must be
// valid; on the standard's test data and the published files as they are, it
// must agree with Check.
func TestOracle(t *testing.T) {
	t.Parallel()
	ours := map[string]bool{} // what Check says of each file
	for _, path := range append(written(t), dataFiles(t)...) {
		ours[path] = advisory.Valid(checkFile(t, path))
	}
	for path, v := range ask(t, slices.Collect(maps.Keys(ours))) {
		name := filepath.Base(path)
		if reason := differs[name]; (v.Valid != ours[path]) != (reason != "") {
			t.Errorf("%s: valid is %v here and %v there: %v %s", name, ours[path], v.Valid, v.Findings, reason)
		}
	}
}

// written renders the samples and the published advisories into files. Render
// checks what it writes, so that all of them are valid by Check.
func written(t *testing.T) (files []string) {
	dir := t.TempDir()
	write := func(name string, d advisory.Document) {
		path := filepath.Join(dir, "written-"+name)
		if err := os.WriteFile(path, render(t, d).Body, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	for _, s := range samples(t) {
		write(filepath.Base(s.path), s.doc)
	}
	if _, err := os.Stat(dataDir(t)); err != nil {
		return files
	}
	eachPublished(t, func(name string, body []byte) {
		d, err := csaf.Format{}.Parse(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		write(name, d)
	})
	return files
}

func dataFiles(t *testing.T) (files []string) {
	if _, err := os.Stat(dataDir(t)); err != nil {
		return nil
	}
	for _, folder := range [][]string{{"csaf-2.0", "test", "validator", "data"}, {"csaf-2.0", "examples", "csaf"}, {"csaf-cisa"}, {"csaf-vendor"}} {
		err := filepath.WalkDir(shared(t, folder...), func(path string, d os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".json") && d.Name() != "testcases.json" {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
