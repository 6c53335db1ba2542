package csaf_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// TestOracleAcceptsWhatRenderWrites has the oracle judge every rendered sample,
// and every published advisory after it was read and written again.
func TestOracleAcceptsWhatRenderWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	write := func(d advisory.Document) {
		path := filepath.Join(dir, fmt.Sprintf("%d.json", len(files)))
		if err := os.WriteFile(path, render(t, d).Body, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	for _, s := range samples(t) {
		write(s.doc)
	}
	own := len(files)
	t.Run("published", func(t *testing.T) {
		eachPublished(t, func(name string, body []byte) {
			d, err := csaf.Format{}.Parse(body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			write(d)
		})
	})
	for file, v := range ask(t, files) {
		if !v.Valid {
			t.Errorf("%s (the first %d are samples): %v", filepath.Base(file), own, v.Findings)
		}
	}
}

// differs are the files of the standard's test data on which the oracle and
// Check disagree, with the reason.
var differs = map[string]string{
	"oasis_csaf_tc-csaf_2_0-2021-6-1-26-04.json": "the oracle does not see that csafsecurityadvisory reads like csaf_security_advisory; the standard's list calls the file invalid, as Check does",
	"oasis_csaf_tc-csaf_2_0-2021-6-1-14-12.json": sameDate, "oasis_csaf_tc-csaf_2_0-2021-6-1-16-16.json": sameDate, "oasis_csaf_tc-csaf_2_0-2021-6-1-16-17.json": sameDate,
	"oasis_csaf_tc-csaf_2_0-2021-6-2-20-01.json": "the oracle's strict schema forbids members that the standard allows; the standard's list calls the file valid, as Check does",
}

const sameDate = "for test 6.1.21 the oracle does not order revisions of one date by their number; the standard's list calls the file valid, as Check does"

// TestOracleAgrees compares the verdicts on all test data and published files.
func TestOracleAgrees(t *testing.T) {
	t.Parallel()
	bodies := map[string]bool{}
	collect := func(path string) {
		found := checkFile(t, path)
		bodies[path] = advisory.Valid(found)
	}
	for _, folder := range [][]string{{"csaf-2.0", "test", "validator", "data"}, {"csaf-2.0", "examples", "csaf"}, {"csaf-cisa"}, {"csaf-vendor"}} {
		err := filepath.WalkDir(shared(t, folder...), func(path string, d os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".json") && d.Name() != "testcases.json" {
				collect(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var files []string
	for path := range bodies {
		files = append(files, path)
	}
	for path, v := range ask(t, files) {
		name := filepath.Base(path)
		if reason := differs[name]; (v.Valid != bodies[path]) != (reason != "") {
			t.Errorf("%s: valid is %v here and %v there: %v %s", name, bodies[path], v.Valid, v.Findings, reason)
		}
	}
}
