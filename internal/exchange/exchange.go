// Package exchange is the register as files: export of the risks that the reader
// may see, and import of risks from files. Its formats are tables (CSV, XLSX), JSON
// that loses nothing, NIST IR 8286 register rows and risk detail records, OSCAL
// plans of action, and Markdown. docs/exchange.md says what each holds.
//
// It holds no rule of a risk: what an import says goes through the operations of
// package risk, in one act that happens whole or not at all, and what an export
// tells comes from the same reads as the pages, so that no number counts evidence
// which the reader's world does not. It is not the import of published history,
// which is package archive's, and no format of advisories.
package exchange

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// The verbs of the exchange.
const (
	VerbExport access.Verb = "register.export"
	VerbImport access.Verb = "register.import"
)

// Exchange is the operations on files of the register.
type Exchange struct {
	Gate    *gate.Gate
	Profile *profile.Profile
	Risks   *risk.Risks
	People  func(context.Context) ([]party.Known, error)

	// Estimate tells what a quantitative estimate says of a risk, nil where there is
	// none. It may be nil itself.
	Estimate func(ctx context.Context, id ref.ID) (*Estimates, error)
}

// Format is one form of an export.
type Format struct {
	Name, Title, About string
	Type               string // media type
	Ext                string // of a file
	Reads              bool   // an import reads it
	write              func(*Exchange, *exporting) (writer, error)
}

// Formats is every form of an export.
var Formats = []Format{
	{"csv", "CSV", "A table with every column.", "text/csv; charset=utf-8", ".csv", true, newCSV},
	{"xlsx", "XLSX", "The same table as a sheet.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", true, newXLSX},
	{"json", "JSON", "Everything, so that an import loses nothing.", "application/json", ".json", true, newJSON},
	{"ir8286", "NIST IR 8286 register", "Rows of the risk register of NIST IR 8286, those that can be filled honestly.", "application/json", ".json", false, newRegister},
	{"ir8286-detail", "NIST IR 8286 detail", "Risk detail records of NIST IR 8286, those that can be filled honestly.", "application/json", ".json", false, newDetail},
	{"oscal", "OSCAL", "A plan of action and milestones with its risks.", "application/oscal+json", ".json", false, newOSCAL},
	{"markdown", "Markdown", "To read.", "text/markdown; charset=utf-8", ".md", false, newMarkdown},
}

// FormatOf finds a form by its name.
func FormatOf(name string) (Format, error) {
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fault.At("format", "there is no format %q; choose one of: %s", short(name), strings.Join(formatNames(func(Format) bool { return true }), ", "))
}

func formatNames(but func(Format) bool) (out []string) {
	for _, f := range Formats {
		if but(f) {
			out = append(out, f.Name)
		}
	}
	return out
}

// Exported says what came of an export.
type Exported struct {
	Format  string    `json:"format"`
	Risks   int       `json:"risks"` // written
	World   string    `json:"world"` // which evidence was counted
	Counted string    `json:"counted"`
	LeftOut []LeftOut `json:"left_out,omitempty"`
}

// LeftOut is a risk that a strict format cannot hold honestly.
type LeftOut struct {
	ID    ref.ID   `json:"id"`
	Title string   `json:"title"`
	Why   []string `json:"why"`
}

// Asking is what is to be exported.
type Asking struct {
	Format string
	Filter risk.Filter
	Plain  bool // of JSON: without ids and what this house alone gives
}

// writer writes risks in one form.
type writer interface {
	risk(context.Context, *risk.Full) error
	end() error
}

// exporting is one export under way.
type exporting struct {
	to    io.Writer
	ask   Asking
	known known
	said  *Exported
}

// Export writes the risks that the reader may see and that the filter leaves, in
// the order of their titles, so that the same register gives the same bytes. The
// numbers are those of the reader's world, and the export says which.
func (x *Exchange) Export(ctx context.Context, ask Asking, to io.Writer) (*Exported, error) {
	f, err := FormatOf(ask.Format)
	if err != nil {
		return nil, err
	}
	if err := x.Gate.Act(ctx, VerbExport, "", func(tx *gate.Tx) error {
		tx.Touch("", gate.Change{Field: "exported", New: f.Name})
		return nil
	}); err != nil {
		return nil, err
	}
	known, err := x.directory(ctx)
	if err != nil {
		return nil, err
	}
	ids, world, err := x.ids(ctx, ask.Filter)
	if err != nil {
		return nil, err
	}
	e := &exporting{to: to, ask: ask, known: known, said: &Exported{Format: f.Name, World: world, Counted: countedSays(world)}}
	w, err := f.write(x, e)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		full, err := x.Risks.Get(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			continue // it was closed to the reader meanwhile
		}
		if err != nil {
			return e.said, err
		}
		if err := w.risk(ctx, full); err != nil {
			return e.said, err
		}
	}
	return e.said, w.end()
}

// ids lists the risks of an export.
func (x *Exchange) ids(ctx context.Context, f risk.Filter) (ids []ref.ID, world string, err error) {
	f.Order = "newest"
	p := risk.Page{Limit: risk.MaxPage}
	var all []*risk.Risk
	for {
		l, err := x.Risks.List(ctx, f, p)
		if err != nil {
			return nil, "", err
		}
		all, world = append(all, l.Risks...), l.World
		if p.After = l.Next; p.After == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b *risk.Risk) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), a.Raised.Compare(b.Raised), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids, world, nil
}

// countedSays is the note on an export about the evidence that its scores count.
func countedSays(world string) string {
	switch world {
	case risk.WorldAll:
		return "Scores count all evidence, also what the reader may not open, by the aggregate grant; evidence is listed only where the reader may open it."
	case risk.WorldOpen:
		return "Scores count the evidence that all staff may open, and no other."
	}
	return "Scores count the evidence that the reader may open, and no other."
}

// known is who is inside.
type known struct {
	derived func(label string) bool // follows from a decision
	by      map[ref.ID]party.Known
	handles map[string]ref.ID
	names   map[string][]ref.ID
}

func (x *Exchange) directory(ctx context.Context) (known, error) {
	all, err := x.People(ctx)
	k := known{x.Risks.Derived, map[ref.ID]party.Known{}, map[string]ref.ID{}, map[string][]ref.ID{}}
	for _, p := range all {
		if p.Team {
			continue
		}
		k.by[p.ID] = p
		k.handles[strings.ToLower(p.Handle)] = p.ID
		name := strings.ToLower(p.Name)
		k.names[name] = append(k.names[name], p.ID)
	}
	return k, err
}

// person is somebody as files name them.
func (k known) person(id ref.ID) Person {
	if id == "" {
		return Person{}
	}
	p := k.by[id]
	return Person{cmp.Or(p.Name, string(id)), p.Handle}
}

// find is who a file names: by the handle, else by a name that one alone has.
func (k known) find(p Person) (ref.ID, error) {
	if p == (Person{}) {
		return "", nil
	}
	if p.Handle != "" {
		if id, ok := k.handles[strings.ToLower(strings.TrimPrefix(p.Handle, "@"))]; ok {
			return id, nil
		}
		return "", fmt.Errorf("nobody here has the handle %q; make the person first, or name somebody else", short(p.Handle))
	}
	switch ids := k.names[strings.ToLower(p.Name)]; len(ids) {
	case 0:
		return "", fmt.Errorf("nobody here is called %q; make the person first, or give the handle of somebody else", short(p.Name))
	case 1:
		return ids[0], nil
	default:
		return "", fmt.Errorf("%d people here are called %q; give the handle", len(ids), short(p.Name))
	}
}

// exact is the person as the directory spells them, where a file's way of naming
// them finds one.
func (k known) exact(p Person) Person {
	if id, err := k.find(p); err == nil {
		return k.person(id)
	}
	return p
}

// MayExport refuses who may not export, before anything of the register is read.
func (x *Exchange) MayExport(ctx context.Context) error {
	return x.Gate.View(ctx, func(v *gate.View) error { return v.Allow(VerbExport, "") })
}
