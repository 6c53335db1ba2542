package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module is a Go module as go list tells of it.
type module struct {
	Path, Version, Dir string
	Main               bool
	Replace            *module
}

// listed is a package as go list tells of it.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Module                             *module
}

// list asks go list for packages.
func list(args ...string) ([]listed, error) {
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,TestImports,XTestImports,Module"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", strings.Join(args, " "), err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// compiledIn returns the foreign modules that a package is built of.
func compiledIn(pattern string) ([]module, error) {
	all, err := list("-deps", pattern)
	if err != nil {
		return nil, err
	}
	found := map[string]module{}
	for _, p := range all {
		note(found, p.Module)
	}
	return sorted(found), nil
}

// directOf returns the foreign modules that our own packages and tests import by name.
func directOf(pattern string) ([]module, error) {
	all, err := list("-deps", "-test", pattern)
	if err != nil {
		return nil, err
	}
	home := map[string]*module{}
	for _, p := range all {
		home[p.ImportPath] = p.Module
	}
	found := map[string]module{}
	for _, p := range all {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			note(found, home[i])
		}
	}
	return sorted(found), nil
}

// note keeps a foreign module.
func note(found map[string]module, m *module) {
	if m == nil || m.Main {
		return
	}
	if m.Replace != nil {
		m.Dir = m.Replace.Dir
	}
	found[m.Path] = *m
}

func sorted(found map[string]module) []module {
	var all []module
	for _, m := range found {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// versionsInUse returns "name version" of what is pinned outside of go.mod: the
// tools, the vendored packages of the pages, the validators of the tests.
func versionsInUse() ([]string, error) {
	tools, err := pairs("tools/versions", "=", "")
	if err != nil {
		return nil, err
	}
	for i, t := range tools {
		tools[i] = strings.ToLower(t)
	}
	pages, err := pairs("internal/web/assets/vendor/CHECKSUMS", " ", "# ")
	if err != nil {
		return nil, err
	}
	oracles, err := oracles()
	return slices.Concat(tools, pages, oracles), err
}

// pairs reads the lines of two words in a file as "name version"; lines begin with prefix.
func pairs(name, between, prefix string) (all []string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		line, ok := strings.CutPrefix(s.Text(), prefix)
		if w := strings.Split(line, between); ok && len(w) == 2 && line[0] != '#' {
			all = append(all, w[0]+" "+w[1])
		}
	}
	return all, nil
}

// oracles reads the packages that the folders of tools/oracle ask for.
func oracles() (all []string, err error) {
	files, _ := filepath.Glob("tools/oracle/*/package.json") // the pattern is well formed
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var p struct{ Dependencies, DevDependencies map[string]string }
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		for _, group := range []map[string]string{p.Dependencies, p.DevDependencies} {
			for name, version := range group {
				all = append(all, name+" "+version)
			}
		}
	}
	slices.Sort(all)
	return all, nil
}
