package assets

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// moved are the rules that show something elsewhere than it stands in the source, with
// the reason why the focus still goes where the eye does.
var moved = map[string]string{
	".cards-table :is(td.lead, tbody th)": "rig.Unsound walks the rows",
	".cards-table td:is(.id, .sevcell)":   "rig.Unsound walks the rows",
	".tick":                               "is the first cell in the source, too",
	".tick + .lead":                       "stands next to the first cell in the source, too",
	".mail > summary b":                   "the whole line is one press",
}

// TestShownInTheOrderOfTheSource holds that no style sheet moves what can be pressed
// away from its place in the source, by which the keyboard and the voice go. Paper is
// another matter.
func TestShownInTheOrderOfTheSource(t *testing.T) {
	t.Parallel()
	moves := regexp.MustCompile(`(?:^|[;{\s])order: *-?[0-9]|-reverse\b|grid-auto-flow:[^;}]*dense`)
	seen := map[string]bool{}
	err := fs.WalkDir(files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".css") || strings.HasSuffix(path, "print.css") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		for _, rule := range regexp.MustCompile(`([^{}]*)\{([^{}]*)\}`).FindAllStringSubmatch(string(text), -1) {
			selector := strings.TrimSpace(regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(rule[1], ""))
			if !moves.MatchString(rule[2]) {
				continue
			}
			if seen[selector] = true; moved[selector] == "" {
				t.Errorf("%s: %s is shown elsewhere than it stands: change the source instead, or say in moved why the focus follows", path, selector)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for selector := range moved {
		if !seen[selector] {
			t.Errorf("%s moves nothing any more: take it out of moved", selector)
		}
	}
}
