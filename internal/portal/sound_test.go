package portal_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tocsin/internal/rig"
)

// TestPagesAreSound holds that each public page can be read in its order with the ears
// and walked with the keyboard.
func TestPagesAreSound(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab")
	pages, kept := lived(t, h)
	s := open(h)
	for name, path := range pages {
		body, ok := kept[strings.TrimPrefix(path, "/kept/")]
		if !ok {
			body = s.get(t, path).Body.String()
		}
		page, err := html.Parse(strings.NewReader(body))
		check(t, name, err)
		for _, wrong := range rig.Unsound(page) {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}
