// Command licences looks at everything third-party: that each module compiled
// into the binary, and each vendored file of the pages, carries a licence that
// the project accepts, and that each direct dependency has its paragraph in
// docs/dependencies.md with the version in use. It prints what it found and
// ends with 1 when something is amiss. It is run by make check from the
// project's root, and is no legal advice.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	bad, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
	for _, s := range bad {
		fmt.Fprintln(os.Stderr, "licences:", s)
	}
	if len(bad) > 0 {
		os.Exit(1)
	}
}

// run looks at all of it and returns a sentence for each thing amiss.
func run() ([]string, error) {
	compiled, err := compiledIn("./cmd/tocsin")
	if err != nil {
		return nil, err
	}
	direct, err := directOf("./...")
	if err != nil {
		return nil, err
	}
	doc, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		return nil, err
	}
	versions, err := versionsInUse()
	if err != nil {
		return nil, err
	}
	bad := slices.Concat(modules(compiled), vendored(), undocumented(direct, string(doc)))
	for _, v := range versions {
		if !strings.Contains(string(doc), v) {
			bad = append(bad, fmt.Sprintf("docs/dependencies.md does not say %q", v))
		}
	}
	return bad, nil
}

// modules prints the licences of the modules and returns those that have none we accept.
func modules(all []module) (bad []string) {
	for _, m := range all {
		kinds, err := licencesIn(m.Path, m.Dir)
		if err != nil {
			bad = append(bad, fmt.Sprintf("%s %s: %v", m.Path, m.Version, err))
			continue
		}
		fmt.Printf("%-14s %s %s\n", strings.Join(kinds, " + "), m.Path, m.Version)
	}
	fmt.Printf("licences: %d modules in the binary\n", len(all))
	return bad
}

// vendored looks at the licences of the vendored fonts, NAME.LICENSE each.
func vendored() (bad []string) {
	files, _ := filepath.Glob("internal/web/assets/vendor/*.LICENSE") // the patterns are well formed
	fonts, _ := filepath.Glob("internal/chart/font/*.LICENSE")
	files = append(files, fonts...)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return []string{err.Error()}
		}
		if kind, ok := recognise(string(text)); ok {
			fmt.Printf("%-14s %s\n", kind, f)
		} else {
			bad = append(bad, f+": not a licence that the project accepts")
		}
	}
	return bad
}

// undocumented returns the direct dependencies that have no heading with their
// path and version in the document.
func undocumented(direct []module, doc string) (bad []string) {
	for _, m := range direct {
		heading := fmt.Sprintf("### %s %s", m.Path, m.Version)
		if !strings.Contains(doc, "\n"+heading+"\n") {
			bad = append(bad, fmt.Sprintf("docs/dependencies.md has no paragraph %q", heading))
		}
	}
	return bad
}
