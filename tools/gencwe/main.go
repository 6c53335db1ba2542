// Command gencwe writes the catalogue that package cwe embeds. It reads the two
// packages that package.json here pins (npm ci installs them): one has the names
// of every version of CWE, the other the whole of version 4.15, from which come
// abstractions, parents, alternate terms and categories.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: gencwe NODE_MODULES OUT")
	}
	versions, err := readVersions(filepath.Join(os.Args[1], "@secvisogram", "csaf-validator-lib", "lib", "cwec"))
	if err != nil {
		log.Fatal(err)
	}
	whole, err := readWhole(filepath.Join(os.Args[1], "cwe-sdk", "raw", "cwe-archive.xml"))
	if err != nil {
		log.Fatal(err)
	}
	if err := write(os.Args[2], render(versions, whole)); err != nil {
		log.Fatal(err)
	}
}

// version is one published version: its number, date and weaknesses.
type version struct {
	number, date string
	entries      map[int]entry
}

type entry struct{ name, status, usage string }

func readVersions(dir string) ([]version, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.js"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no versions in %s (run npm ci in tools/gencwe): %w", dir, err)
	}
	var all []version
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		all = append(all, readVersion(strings.TrimSuffix(filepath.Base(f), ".js"), string(text)))
	}
	slices.SortFunc(all, func(a, b version) int { return slices.Compare(parts(a.number), parts(b.number)) })
	return all, nil
}

// property finds id, name, status, usage and date with their quoted values.
var property = regexp.MustCompile(`\b(date|id|name|status|usage):\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`)

func readVersion(number, text string) version {
	v := version{number: number, entries: map[int]entry{}}
	id := 0
	for _, m := range property.FindAllStringSubmatch(text, -1) {
		value := unquote(m[2])
		e := v.entries[id]
		switch m[1] {
		case "date":
			v.date = value
			continue
		case "id":
			id, _ = strconv.Atoi(strings.TrimPrefix(value, "CWE-"))
		case "name":
			e.name = value
		case "status":
			e.status = value
		case "usage":
			e.usage = value
		}
		if m[1] != "id" {
			v.entries[id] = e
		}
	}
	return v
}

// unquote reads a JavaScript string.
func unquote(s string) string {
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(s[1:len(s)-1], "$1")
}

func parts(number string) (out []int) {
	for _, p := range strings.Split(number, ".") {
		n, _ := strconv.Atoi(p)
		out = append(out, n)
	}
	return out
}

// catalogue is what is used of the whole catalogue's XML.
type catalogue struct {
	Weaknesses []struct {
		ID          int    `xml:"ID,attr"`
		Abstraction string `xml:"Abstraction,attr"`
		Related     []struct {
			Nature string `xml:"Nature,attr"`
			ID     int    `xml:"CWE_ID,attr"`
			View   string `xml:"View_ID,attr"`
		} `xml:"Related_Weaknesses>Related_Weakness"`
		Terms []string `xml:"Alternate_Terms>Alternate_Term>Term"`
	} `xml:"Weaknesses>Weakness"`
	Categories []struct {
		ID     int    `xml:"ID,attr"`
		Name   string `xml:"Name,attr"`
		Status string `xml:"Status,attr"`
		Usage  string `xml:"Mapping_Notes>Usage"`
	} `xml:"Categories>Category"`
}

func readWhole(file string) (c catalogue, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	return c, xml.Unmarshal(text, &c)
}

// render writes the text that package cwe reads: a line a thing, its fields
// between tabs, the first one letter that says what it is.
func render(versions []version, whole catalogue) []byte {
	var b bytes.Buffer
	line := func(fields ...string) { b.WriteString(strings.Join(fields, "\t") + "\n") }
	for _, v := range versions {
		line("v", v.number, v.date)
	}
	latest := versions[len(versions)-1]
	known := map[int][3]string{}
	for _, w := range whole.Weaknesses {
		var parents []string
		for _, r := range w.Related {
			if r.Nature == "ChildOf" && r.View == "1000" {
				parents = append(parents, strconv.Itoa(r.ID))
			}
		}
		known[w.ID] = [3]string{w.Abstraction, strings.Join(parents, " "), strings.Join(w.Terms, "|")}
	}
	for _, id := range ids(latest.entries) {
		e, k := latest.entries[id], known[id]
		line("w", strconv.Itoa(id), e.name, e.usage, e.status, k[0], k[1], k[2])
	}
	for _, c := range whole.Categories {
		line("c", strconv.Itoa(c.ID), c.Name, c.Usage, c.Status)
	}
	renderNames(versions, line)
	return b.Bytes()
}

// renderNames writes which version gave a number a new name, or, where the name
// is empty, took the number away.
func renderNames(versions []version, line func(...string)) {
	now := map[int]string{}
	for i, v := range versions {
		at := strconv.Itoa(i)
		for _, id := range slices.Sorted(maps.Keys(now)) {
			if _, ok := v.entries[id]; !ok {
				delete(now, id)
				line("n", strconv.Itoa(id), at, "")
			}
		}
		for _, id := range ids(v.entries) {
			if name := v.entries[id].name; now[id] != name {
				now[id] = name
				line("n", strconv.Itoa(id), at, name)
			}
		}
	}
}

func ids(entries map[int]entry) (out []int) {
	for id := range entries {
		if id != 0 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func write(file string, text []byte) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}
