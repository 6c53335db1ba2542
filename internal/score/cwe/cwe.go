// Package cwe knows the Common Weakness Enumeration of MITRE: what each number
// is called, now and in earlier versions, whether it may be used to map a
// vulnerability, what it is a kind of, and which number is meant by the words
// that reports use. It is not the whole of CWE: no descriptions, no examples. The
// assessment's picker, the importers, the formats and the reports use it.
//
// The list is embedded (see NOTICE) and read at first use. Names and usages are those of the version that [Version] says;
// abstractions, parents, alternate terms and categories are of version 4.15,
// so the few weaknesses that are newer have none.
package cwe

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate sh -c "cd ../../../tools/gencwe && npm ci --no-audit --no-fund && go run . node_modules ../../internal/score/cwe/cwe.txt.gz"

//go:embed cwe.txt.gz
var packed []byte

// Weakness is one entry of CWE.
type Weakness struct {
	ID          string   `json:"id"`                    // "CWE-79"
	Name        string   `json:"name"`                  // letter for letter as CWE has it
	Usage       string   `json:"usage,omitempty"`       // whether to map a vulnerability to it: one of the words below
	Abstraction string   `json:"abstraction,omitempty"` // Pillar, Class, Base, Variant, Compound or Category; empty where not known
	Status      string   `json:"status,omitempty"`      // Stable, Draft, Incomplete, Deprecated, Obsolete
	Parents     []string `json:"parents,omitempty"`     // what it is a kind of (ChildOf in view 1000)
	Terms       []string `json:"terms,omitempty"`       // what people also call it
}

// What CWE says about mapping a vulnerability to an entry.
const (
	Allowed     = "Allowed"
	Review      = "Allowed-with-Review"
	Discouraged = "Discouraged"
	Prohibited  = "Prohibited"
)

// Category is the abstraction of entries that only group others. A category is
// no weakness: the formats refuse it, but old records name it.
const Category = "Category"

// Get finds an entry by its number: "CWE-79", "cwe-79" or "79".
func Get(id string) (Weakness, bool) {
	w, ok := catalogue().byID[number(id)]
	if !ok {
		return Weakness{}, false
	}
	return *w, true
}

// All lists every weakness by number, without categories.
func All() []Weakness {
	var out []Weakness
	for _, w := range catalogue().all {
		if w.Abstraction != Category {
			out = append(out, *w)
		}
	}
	return out
}

// Version is the version of CWE whose names and usages Get gives: "4.17".
func Version() string {
	v := catalogue().versions
	return v[len(v)-1]
}

// Versions lists the versions of CWE whose names are known, oldest first.
func Versions() []string { return slices.Clone(catalogue().versions) }

// NameIn is what a version of CWE called a weakness; false where that version,
// or the weakness in it, is not known. Categories have no names here.
func NameIn(version, id string) (string, bool) {
	c := catalogue()
	at := slices.Index(c.versions, version)
	if at < 0 {
		return "", false
	}
	name := ""
	for _, n := range c.names[number(id)] {
		if n.from <= at {
			name = n.name
		}
	}
	return name, name != ""
}

// Named says whether any version of CWE gave the weakness this very name.
func Named(id, name string) bool {
	return name != "" && slices.ContainsFunc(catalogue().names[number(id)], func(n named) bool { return n.name == name })
}

// Ancestors lists everything that the weakness is a kind of, nearest first, each
// once; none for a pillar, a category or a number that is not known.
func Ancestors(id string) []Weakness {
	c := catalogue()
	w := c.byID[number(id)]
	if w == nil {
		return nil
	}
	var out []Weakness
	seen := map[string]bool{w.ID: true}
	next := w.Parents
	for len(next) > 0 {
		var further []string
		for _, p := range next {
			if up := c.byID[number(p)]; up != nil && !seen[p] {
				seen[p] = true
				out = append(out, *up)
				further = append(further, up.Parents...)
			}
		}
		next = further
	}
	return out
}

// number reads "CWE-79", "cwe-79" or "79"; 0 where it is none of these.
func number(id string) int {
	if len(id) > 4 && strings.EqualFold(id[:4], "CWE-") {
		id = id[4:]
	}
	if id == "" || id[0] < '1' || id[0] > '9' || len(id) > 6 {
		return 0
	}
	n, err := strconv.Atoi(id)
	if err != nil {
		return 0
	}
	return n
}

// list is the embedded catalogue, read.
type list struct {
	versions []string
	all      []*Weakness // by number
	byID     map[int]*Weakness
	names    map[int][]named // a weakness's names, oldest first
}

// named is a name with the index of the first version that had it.
type named struct {
	from int
	name string
}

var catalogue = sync.OnceValue(func() *list { return read(unpack()) })

func unpack() string {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("cwe: the embedded catalogue does not open: " + err.Error())
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic("cwe: the embedded catalogue does not read: " + err.Error())
	}
	return string(text)
}

// read understands the text that tools/gencwe writes.
func read(text string) *list {
	c := &list{byID: map[int]*Weakness{}, names: map[int][]named{}}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "v":
			c.versions = append(c.versions, f[1])
		case "w", "c":
			c.add(f)
		case "n":
			id := number(f[1])
			from, _ := strconv.Atoi(f[2]) // the generator wrote a number
			c.names[id] = append(c.names[id], named{from, f[3]})
		}
	}
	slices.SortFunc(c.all, func(a, b *Weakness) int { return number(a.ID) - number(b.ID) })
	return c
}

func (c *list) add(f []string) {
	w := &Weakness{ID: "CWE-" + f[1], Name: f[2], Usage: f[3], Status: f[4], Abstraction: Category}
	if f[0] == "w" {
		w.Abstraction = f[5]
		for _, p := range strings.Fields(f[6]) {
			w.Parents = append(w.Parents, "CWE-"+p)
		}
		if f[7] != "" {
			w.Terms = strings.Split(f[7], "|")
		}
	}
	c.all = append(c.all, w)
	c.byID[number(f[1])] = w
}
