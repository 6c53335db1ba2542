package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestTheGalleryShowsEveryToken holds the gallery's lists, and its style sheet, against
// the tokens.
func TestTheGalleryShowsEveryToken(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join("..", "assets", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	unseen := []string{"font", "mono", "tick"} // what text is written with, and a shape inside others
	shown, sheet := slices.Concat(colourTokens, spaceTokens, typeTokens, shapeTokens, unseen), read("place/style.css")
	var have []string
	for _, m := range regexp.MustCompile(`(?:^|[\s;{])--([a-z0-9-]+):`).FindAllStringSubmatch(read("css/00-tokens.css"), -1) {
		if !slices.Contains(have, m[1]) {
			have = append(have, m[1])
		}
	}
	for _, name := range have {
		if !slices.Contains(shown, name) {
			t.Errorf("the gallery does not show the token %s", name)
		}
	}
	for _, name := range shown {
		if !slices.Contains(have, name) {
			t.Errorf("the gallery shows %s, which is no token", name)
		}
		if !slices.Contains(unseen, name) && !regexp.MustCompile(`\.tok-`+name+` \{[^}]*var\(--`+name+`\)`).MatchString(sheet) {
			t.Errorf("place/style.css does not show the token %s", name)
		}
	}
}
