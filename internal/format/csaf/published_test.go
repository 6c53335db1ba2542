package csaf_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/format/csaf"
)

// eachPublished calls do for every published advisory of the shared data.
func eachPublished(t testing.TB, do func(name string, body []byte)) {
	t.Helper()
	n := 0
	for _, folder := range [][]string{{"csaf-2.0", "examples", "csaf"}, {"csaf-cisa"}, {"csaf-vendor"}} {
		err := filepath.WalkDir(shared(t, folder...), func(path string, d os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".json") {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil {
				n++
				do(d.Name(), b)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 200 {
		t.Errorf("%d published files, want more than 200", n)
	}
}

// TestPublishedFilesAreValid holds that no published advisory of the shared
// data has an error. The validator of the oracle test says the same of them.
func TestPublishedFilesAreValid(t *testing.T) {
	t.Parallel()
	eachPublished(t, func(name string, body []byte) {
		found, err := csaf.Format{}.Check(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !advisory.Valid(found) {
			t.Errorf("%s: %v", name, found)
		}
	})
}

// TestPublishedFilesComeBack reads every published advisory, writes it again,
// reads that, and holds that nothing got lost that the Document had.
func TestPublishedFilesComeBack(t *testing.T) {
	t.Parallel()
	eachPublished(t, func(name string, body []byte) {
		first, err := csaf.Format{}.Parse(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files, err := csaf.Format{}.Render(first)
		if err != nil {
			t.Errorf("%s: write: %v", name, err)
			return
		}
		second, err := csaf.Format{}.Parse(files[0].Body)
		if err != nil {
			t.Fatalf("%s: read again: %v", name, err)
		}
		if have, want := outline(second), outline(first); !slices.Equal(have, want) {
			t.Errorf("%s came back different:\n%s", name, firstDifference(have, want))
		}
	})
}

func firstDifference(have, want []string) string {
	for i := range max(len(have), len(want)) {
		h, w := "nothing", "nothing"
		if i < len(have) {
			h = have[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if h != w {
			return "have " + h + "\nwant " + w
		}
	}
	return "no difference"
}
