package csaf_test

import (
	"os"
	"path/filepath"
	"testing"

	"tocsin/internal/format/csaf"
)

// TestNames holds CheckName against the standard's own files for section 5.1.
func TestNames(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]int{"valid": 0, "invalid": 1} {
		paths, err := filepath.Glob(filepath.Join(shared(t, "csaf-2.0", "test", "filenames", "data", folder), "*.json"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files: %v", err)
		}
		for _, p := range paths {
			body, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			if have := (csaf.Format{}).CheckName(p, body); len(have) != want {
				t.Errorf("%s: %v, want %d findings", filepath.Base(p), have, want)
			}
		}
	}
}
