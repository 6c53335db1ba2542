package cvss

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReferenceVectors scores every vector of the reference data; its files are
// named for a version and for what they exercise.
func TestReferenceVectors(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root(t), "..", "shared", "data", "cvss", "vectors_*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the reference data is not beside the project")
	}
	total := 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); total++ {
			if line := strings.TrimSpace(lines.Text()); line != "" {
				checkReference(t, filepath.Base(file), line)
			}
		}
	}
	if len(files) != 11 || total < 6_500 {
		t.Errorf("%d files with %d vectors, want 11 with at least 6,500", len(files), total)
	}
}

// checkReference checks a line such as "AV:N/... - (2.3, None, None)".
func checkReference(t *testing.T, file, line string) {
	t.Helper()
	vector, want, ok := strings.Cut(line, " - ")
	if !ok {
		t.Fatalf("%s: cannot read the line %q", file, line)
	}
	v, err := Parse(vector)
	if err != nil {
		t.Errorf("%s: %s: %v", file, vector, err)
		return
	}
	r := v.Score()
	have := []float64{r.Base, r.Temporal, r.Environmental}
	if r.Version == "4.0" {
		have = []float64{r.Score}
	}
	for i, w := range strings.Split(strings.Trim(want, "(),"), ", ") {
		if w == "None" {
			if have[i] != have[i-1] {
				t.Errorf("%s: %s: score %d is %.1f though its group is not stated", file, vector, i, have[i])
			}
			continue
		}
		if number(t, w) != have[i] {
			t.Errorf("%s: %s: score %d is %.1f, want %s", file, vector, i, have[i], w)
		}
	}
}

// TestPublishedVectors are scores that a vendor published with its advisories.
func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	tests := map[string]float64{
		"AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:N": 10.0,
		"AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H": 9.9,
		"AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:H/A:N": 8.7,
		"AV:N/AC:H/PR:L/UI:N/S:C/C:H/I:H/A:H": 8.5,
		"AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:H/A:N": 8.5,
		"AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:H/A:L": 8.2,
		"AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N": 7.7,
		"AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H": 7.5,
		"AV:N/AC:H/PR:L/UI:R/S:U/C:H/I:H/A:N": 6.4,
		"AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N": 5.4,
		"AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N": 5.3,
		"AV:N/AC:H/PR:N/UI:R/S:C/C:L/I:L/A:N": 4.7,
		"AV:N/AC:H/PR:H/UI:N/S:U/C:N/I:H/A:N": 4.4,
		"AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:L/A:N": 4.3,
		"AV:N/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N": 3.1,
	}
	for vector, want := range tests {
		if r := must(t, "CVSS:3.1/"+vector).Score(); r.Base != want || r.Score != want {
			t.Errorf("%s scores %.1f, want %.1f", vector, r.Base, want)
		}
	}
}
