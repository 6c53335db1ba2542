package demo

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"tocsin/profiles"
)

// publisher is the vendor of the demonstration, as a profile states one.
const publisher = `publisher:
  name: Fernhollow
  namespace: https://fernhollow.example
  category: vendor
  contact: Report through the form on this site.
  policy: https://fernhollow.example/security
  org_id: 00000000-0000-4000-8000-000000000001
  cna: fernhollow
  languages: [en]

`

var (
	publisherText = regexp.MustCompile(`(?s)\npublisher:\n.*?\n\n`)
	titleText     = regexp.MustCompile(`(?m)^title: .*$`)
	aboutText     = regexp.MustCompile(`(?m)^about: .*$`)
)

// places are the names of a vendor's own places, and what they are called here.
var places = strings.NewReplacer(
	"name: gitlab-com", "name: cloud", "title: GitLab.com (SaaS)", "title: Fernhollow Cloud",
	"name: dedicated\n    title: Dedicated", "name: dedicated\n    title: Fernhollow Dedicated")

// WriteProfile writes a copy of a profile that comes with the program into dir,
// with the demonstration's vendor in the place of its own, and returns the folder
// to open the house with. The process stays that of the profile.
func WriteProfile(dir, base string) (string, error) {
	to := filepath.Join(dir, "profile")
	return to, fs.WalkDir(profiles.FS, base, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(base, filepath.FromSlash(path))
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := profiles.FS.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), []byte(dress(rel, base, string(text))), 0o644)
	})
}

// dress puts the demonstration's vendor into one file.
func dress(name, base, text string) string {
	switch name {
	case "profile.yaml":
		text = publisherText.ReplaceAllString(text, "\n"+publisher)
		text = titleText.ReplaceAllString(text, "title: Fernhollow")
		return aboutText.ReplaceAllString(text, "about: The process of the profile "+base+", at the invented vendor of the demonstration.")
	case "words.yaml":
		return places.Replace(text)
	}
	return text
}
