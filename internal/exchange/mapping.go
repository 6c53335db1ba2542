package exchange

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/risk"
)

// Mapping says how the table of another program is read.
type Mapping struct {
	Name    string            `json:"name,omitempty"`
	Title   string            `json:"title"`
	Note    string            `json:"note,omitempty"`
	Columns map[string]string `json:"columns"`          // theirs, in lower case: a column of ours, or one of the special targets
	Levels  map[string]int    `json:"levels,omitempty"` // words of their scales: the level that each is
	Of      int               `json:"of,omitempty"`     // levels of their scales; 0 is as many as ours
	Unset   []string          `json:"unset,omitempty"`  // cells that say nothing
	Shipped bool              `json:"shipped,omitempty"`
}

// Targets of a mapping that are no columns.
const (
	toKeep          = "keep"             // as text, under its own name
	toNothing       = "-"                // not read
	toActive        = "controls:active"  // names of controls that are in place
	toPlanned       = "controls:planned" // names of controls to come
	toTreatment     = "treatment"        // accept, avoid, transfer; others are kept as text
	toJustification = "justification"    // the reason of the residual score, else of the inherent one
)

var targets = []string{toKeep, toNothing, toActive, toPlanned, toTreatment, toJustification}

//go:embed mappings
var shipped embed.FS

// shippedMappings come with the program.
func shippedMappings() ([]Mapping, error) {
	var out []Mapping
	files, err := fs.Glob(shipped, "mappings/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := shipped.ReadFile(path.Clean(name))
		if err != nil {
			return nil, err
		}
		m := Mapping{Shipped: true}
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, fmt.Errorf("mapping %s: %w", name, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// Mappings lists the mappings that come with the program and those that were saved.
func (x *Exchange) Mappings(ctx context.Context) (out []Mapping, err error) {
	if out, err = shippedMappings(); err != nil {
		return nil, err
	}
	err = x.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbImport, ""); err != nil {
			return err
		}
		saved, err := mappings(v)
		out = append(out, saved...)
		return err
	})
	return out, err
}

var mappingName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// SaveMapping keeps a mapping under its name; one that comes with the program stays
// as it is.
func (x *Exchange) SaveMapping(ctx context.Context, m Mapping) error {
	if err := m.check(); err != nil {
		return err
	}
	return x.Gate.Act(ctx, VerbImport, "", func(tx *gate.Tx) error { return upsertMapping(tx, m) })
}

func (m *Mapping) check() error {
	var fs fault.Fields
	if !mappingName.MatchString(m.Name) {
		fs.Add("name", "a mapping is named by lower case letters, digits and dashes, 40 at most, a letter first")
	}
	all, err := shippedMappings()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(o Mapping) bool { return o.Name == m.Name }) {
		fs.Add("name", "%s comes with the program; choose another name", m.Name)
	}
	if len(m.Columns) == 0 || len(m.Columns) > 500 {
		fs.Add("columns", "map 1 to 500 columns")
	}
	columns := map[string]string{}
	for theirs, ours := range m.Columns {
		if _, ok := columnOf(ours); !ok && !slices.Contains(targets, ours) {
			fs.Add("columns."+theirs, "%q is no column; map it to one of: %s, %s", short(ours), strings.Join(targets, ", "), strings.Join(settable(), ", "))
		}
		columns[heading(theirs)] = ours
	}
	m.Columns, m.Shipped = columns, false
	for word, n := range m.Levels {
		if n < 1 || n > max(m.Of, 20) {
			fs.Add("levels."+word, "a level is a number from 1 on")
		}
	}
	if m.Of < 0 || m.Of > 20 {
		fs.Add("of", "their scales have 1 to 20 levels; 0 is as many as ours")
	}
	return fs.Err()
}

// Head is one column of a table that somebody brings, and as what it is read.
type Head struct {
	Theirs string // in lower case
	Ours   string // a column of ours or a special target; "" is unknown
}

// Heads are the columns of a table with what a mapping makes of each; a file that is
// no table, or that cannot be read, has none.
func Heads(format string, in io.Reader, m *Mapping) []Head {
	r := &reading{m: m, head: true}
	if format == "json" || r.read(format, in) != nil {
		return nil
	}
	return r.cols
}

// Target is what a mapping may lead a column to, with what that means.
type Target struct{ Name, About string }

// Targets are all that a mapping may lead a column to: what is no column of ours first.
func Targets() []Target {
	out := []Target{{toKeep, "as text, under its own name"}, {toNothing, "not read"}, {toActive, "names of controls that are in place"}, {toPlanned, "names of controls to come"},
		{toTreatment, "accept, avoid, transfer; others are kept as text"}, {toJustification, "the reason of the residual score, else of the inherent one"}}
	for _, c := range Columns {
		if !c.Told {
			out = append(out, Target{c.Name, c.About})
		}
	}
	return out
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// MappingName is the name by which a mapping with a title is kept; "" is none.
func MappingName(title string) string {
	name := strings.TrimLeft(notInName.ReplaceAllString(strings.ToLower(title), "-"), "-0123456789")
	return strings.Trim(name[:min(len(name), 40)], "-")
}

// columnOf finds a column that an import can set.
func columnOf(name string) (Column, bool) {
	i := slices.IndexFunc(Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return Columns[i], !Columns[i].Told
}

func settable() (out []string) {
	for _, c := range Columns {
		if !c.Told {
			out = append(out, c.Name)
		}
	}
	return out
}

// heading is a column's name as names are compared.
func heading(s string) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimPrefix(Restore(s), "\ufeff")))
}

// levelOf reads a level as a file gives it: a number, or a word of our scale or of
// the mapping's. Where their scale has another number of levels the level is put on
// ours in proportion, the higher one where it falls between two.
func (m *Mapping) levelOf(scale profile.Scale, cell string) (level string, mapped bool, err error) {
	word := strings.ToLower(strings.ReplaceAll(cell, "-", " "))
	for _, l := range scale.Levels {
		if strings.ReplaceAll(l.Word, "-", " ") == word || strings.ToLower(l.Title) == word {
			return strconv.Itoa(l.Score), false, nil
		}
	}
	n, err := strconv.ParseFloat(cell, 64)
	of := m.Of
	if err != nil {
		known, ok := m.Levels[word]
		if !ok {
			return "", false, fmt.Errorf("%q is no level of %s; write a number from 1 to %d, or one of its words: %s", short(cell), scale.Title, len(scale.Levels), strings.Join(levelWords(scale), ", "))
		}
		n = float64(known)
	}
	if of == 0 || of == len(scale.Levels) {
		if !(n >= 1 && n <= float64(len(scale.Levels))) {
			return "", false, fmt.Errorf("%s is outside %s, which goes from 1 to %d", short(cell), scale.Title, len(scale.Levels))
		}
		return strconv.FormatFloat(n, 'g', -1, 64), false, nil
	}
	if !(n >= 1 && n <= float64(of)) {
		return "", false, fmt.Errorf("%s is outside the scale of the mapping, which goes from 1 to %d", short(cell), of)
	}
	return strconv.Itoa(int(math.Ceil(n * float64(len(scale.Levels)) / float64(of)))), true, nil
}

func levelWords(s profile.Scale) (out []string) {
	for _, l := range s.Levels {
		out = append(out, l.Word)
	}
	return out
}

// says tells of the mapping's scale beside ours.
func (m *Mapping) says(scales risk.Scales) string {
	l, i := len(scales.Likelihood().Levels), len(scales.Impact().Levels)
	return fmt.Sprintf("levels of %s (1 to %d) were put on the scales in force (likelihood 1 to %d, impact 1 to %d) by word or in proportion, the higher level where one falls between two; look at them before you rely on them",
		m.Title, m.Of, l, i)
}

// mapping is the mapping of a name, nil for no name.
func (x *Exchange) mapping(ctx context.Context, name string) (*Mapping, error) {
	if name == "" {
		return nil, nil
	}
	all, err := x.Mappings(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i := range all {
		if all[i].Name == name {
			return &all[i], nil
		}
		known[all[i].Name] = true
	}
	return nil, fault.At("mapping", "there is no mapping %q; there are: %s", short(name), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
}
