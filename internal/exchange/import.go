package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Options are how a file is imported.
type Options struct {
	DryRun  bool   // change nothing, and report exactly what would be changed
	Mapping string // of columns; "" reads our own
	File    string // its name, for the reasons that are kept
}

// Report says what came of an import, or would come of it.
type Report struct {
	Format  string     `json:"format"`
	DryRun  bool       `json:"dry_run"`
	Done    bool       `json:"done"` // it was written; false with mistakes, and of a dry run
	New     int        `json:"new"`
	Changed int        `json:"changed"`
	Same    int        `json:"same"`
	Refused int        `json:"refused"` // rows with mistakes
	Risks   []Brought  `json:"risks"`
	Errors  []RowError `json:"errors"` // any of them, and nothing was written
	Notes   []string   `json:"notes,omitempty"`
}

// Brought is what became of one row.
type Brought struct {
	Line    int      `json:"line"`
	ID      ref.ID   `json:"id,omitempty"` // none for a new one in a dry run
	Ref     string   `json:"ref_id,omitempty"`
	Title   string   `json:"title"`
	What    string   `json:"what"` // new, changed, same, refused
	Changes []Change `json:"changes,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

// Change is one field that differs, as files write it.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// What becomes of a row.
const (
	IsNew     = "new"
	IsChanged = "changed"
	IsSame    = "same"
	IsRefused = "refused"
)

// errUndo takes an act back whose report is all that was wanted.
var errUndo = errors.New("nothing of this is kept")

// MayImport refuses who may not import, before a file is read. The refusal is
// audited as that of any act.
func (x *Exchange) MayImport(ctx context.Context) error {
	return x.Gate.Act(ctx, VerbImport, "", func(*gate.Tx) error { return nil })
}

// Import brings the risks of a file in, all of them or none: a mistake in any row
// is reported with its line and column, and nothing is written. A row finds its
// risk by id or ref_id, so that the same file imported again changes nothing. A dry
// run does all the same and takes it back.
func (x *Exchange) Import(ctx context.Context, format string, in io.Reader, o Options) (*Report, error) {
	if err := x.Gate.View(ctx, func(v *gate.View) error { return v.Allow(VerbImport, "") }); err != nil {
		return nil, cmp.Or(x.MayImport(ctx), err) // the act refuses, so that the refusal is audited
	}
	m, err := x.mapping(ctx, o.Mapping)
	if err != nil {
		return nil, err
	}
	people, err := x.directory(ctx)
	if err != nil {
		return nil, err
	}
	r := &reading{p: x.Profile, m: m}
	if err := r.read(format, in); err != nil {
		return nil, err
	}
	b := &bringing{Exchange: x, opts: o, people: people, said: &Report{Format: format, DryRun: o.DryRun, Risks: []Brought{}, Errors: append([]RowError{}, r.bad...)}}
	if m != nil && m.Of > 0 {
		b.said.Notes = append(b.said.Notes, m.says(risk.ScalesOf(x.Profile)))
	}
	if m != nil && m.Note != "" {
		b.said.Notes = append(b.said.Notes, m.Note)
	}
	err = x.Gate.Act(ctx, VerbImport, "", func(tx *gate.Tx) error { return b.all(tx, r.rows) })
	if errors.Is(err, errUndo) {
		err = nil
	} else if err == nil {
		b.said.Done = true
	}
	if err != nil {
		return nil, err
	}
	return b.finish(), nil
}

// bringing is one import under way.
type bringing struct {
	*Exchange
	opts   Options
	people known
	said   *Report

	byID, byWas, byRef map[string]ref.ID
	seen               map[string]int // what a row is, to its line
	begun              int            // risks that begin anew although they were further on
}

func (b *bringing) all(tx *gate.Tx, rows []row) error {
	if err := b.index(tx); err != nil {
		return err
	}
	if b.opts.File != "" {
		tx.Reason("imported from " + b.opts.File)
	}
	for _, r := range rows {
		if r.broken {
			b.said.Refused++
			continue
		}
		if err := b.one(tx, r); err != nil {
			return err
		}
		if len(b.said.Errors) >= MaxErrors {
			b.said.Notes = append(b.said.Notes, fmt.Sprintf("after %d mistakes the rest of the file was not looked at", MaxErrors))
			return errUndo
		}
	}
	if b.opts.DryRun || len(b.said.Errors) > 0 {
		return errUndo
	}
	return nil
}

// index reads under which names the risks that the actor may see are known.
func (b *bringing) index(tx *gate.Tx) error {
	const part = 1000
	b.byID, b.byWas, b.byRef, b.seen = map[string]ref.ID{}, map[string]ref.ID{}, map[string]ref.ID{}, map[string]int{}
	for after := ref.ID(""); ; {
		es, err := elsewheres(&tx.View, after, part)
		if err != nil {
			return err
		}
		for _, e := range es {
			b.byID[string(e.id)], after = e.id, e.id
			if e.was != "" {
				b.byWas[e.was] = e.id
			}
			if e.ref != "" {
				b.byRef[e.ref] = e.id
			}
		}
		if len(es) < part {
			return nil
		}
	}
}

// match finds the risk that a row is about; "" is a new one.
func (b *bringing) match(r Record) (ref.ID, error) {
	id := b.byID[string(ref.Read(r.ID))]
	if id == "" && r.ID != "" {
		id = b.byWas[r.ID]
	}
	named := b.byRef[r.Ref]
	if r.Ref == "" {
		named = ""
	}
	if id != "" && named != "" && id != named {
		return "", fmt.Errorf("the id is that of %s and the ref_id that of %s; take one of them out", id, named)
	}
	if id == "" {
		id = named
	}
	for _, name := range []string{"id " + string(id), "id " + r.ID, "ref_id " + r.Ref} {
		if !strings.HasSuffix(name, " ") && b.seen[name] > 0 {
			return "", fmt.Errorf("the row is about the same risk as the one on line %d; take one of them out", b.seen[name])
		}
	}
	return id, nil
}

func (b *bringing) mark(line int, r Record, id ref.ID) {
	for _, name := range []string{"id " + string(id), "id " + r.ID, "ref_id " + r.Ref} {
		b.seen[name] = line
	}
}

// one brings one row in.
func (b *bringing) one(tx *gate.Tx, r row) error {
	first, bad := r.lay(Record{})
	id, err := b.match(first)
	if err != nil {
		b.refuse(r, first.Title, RowError{Line: r.line, Column: r.name("id"), Says: err.Error()})
		return nil
	}
	b.mark(r.line, first, id)
	cur := Record{}
	if id != "" {
		f, err := b.Risks.FullIn(&tx.View, id)
		if err != nil {
			return err
		}
		cur = b.people.recordOf(f)
		cur.pending(f)
	}
	next, bad2 := r.lay(cur)
	if len(bad)+len(bad2) > 0 {
		if len(bad2) == 0 {
			bad2 = bad
		}
		b.refuse(r, next.Title, bad2...)
		return nil
	}
	was := next.ID
	next.merge(cur, b.people)
	out := Brought{Line: r.line, ID: id, Ref: next.Ref, Title: next.Title}
	out.Changes = changes(cur, next)
	if id != "" && len(out.Changes) == 0 {
		out.What = IsSame
		b.keep(out)
		return nil
	}
	in, bads := b.imports(cur, next, was, out.Changes, r.line)
	if len(bads) > 0 {
		b.refuse(r, next.Title, bads...)
		return nil
	}
	in.Notes = &out.Notes
	return b.bring(tx, r, id, in, out)
}

func (b *bringing) bring(tx *gate.Tx, r row, id ref.ID, in risk.Imports, out Brought) error {
	if id == "" {
		tx.Now = tx.Now.Add(time.Microsecond) // a place in lists is of a moment; no two risks are raised at one
	}
	made, err := b.Risks.BringIn(tx, id, in)
	if k := fault.KindOf(err); err != nil && (k == fault.Internal || k == fault.Unavailable || k == fault.Full) {
		return err
	}
	if err != nil {
		b.refuse(r, out.Title, r.faults(err)...)
		return nil
	}
	out.What = IsChanged
	if id == "" {
		out.What, out.Changes = IsNew, nil
		if !b.opts.DryRun {
			out.ID = made
		}
	}
	b.keep(out)
	return nil
}

func (b *bringing) keep(out Brought) {
	b.said.Risks = append(b.said.Risks, out)
	switch out.What {
	case IsNew:
		b.said.New++
	case IsChanged:
		b.said.Changed++
	case IsSame:
		b.said.Same++
	}
}

func (b *bringing) refuse(r row, title string, bad ...RowError) {
	b.said.Refused++
	for i := range bad {
		bad[i].Title = short(title)
	}
	b.said.Errors = append(b.said.Errors, bad...)
	b.said.Risks = append(b.said.Risks, Brought{Line: r.line, Title: short(title), What: IsRefused})
}

func (b *bringing) finish() *Report {
	slices.SortStableFunc(b.said.Errors, func(a, c RowError) int { return a.Line - c.Line })
	if b.begun > 0 {
		b.said.Notes = append(b.said.Notes, fmt.Sprintf("%d risks were further on or closed where they come from; here they begin at the start of the life cycle, and what was decided elsewhere is kept as history", b.begun))
	}
	return b.said
}

// changes lists the fields in which two records differ.
func changes(cur, next Record) (out []Change) {
	a, c := cur.texts(), next.texts()
	names := map[string]bool{}
	for _, m := range []map[string]string{a, c} {
		for name := range m {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if a[name] != c[name] {
			out = append(out, Change{name, excerpt(a[name]), excerpt(c[name])})
		}
	}
	return out
}

// excerpt is a value as a report shows it.
func excerpt(s string) string {
	const most = 400
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// name is what the file calls a column of ours.
func (r row) name(ours string) string {
	if theirs := r.names[ours]; theirs != "" {
		return theirs
	}
	return ours
}

// faults are a refusal as mistakes of the row.
func (r row) faults(err error) []RowError {
	f := fault.Of(err)
	if len(f.Fields) == 0 {
		return []RowError{{Line: r.line, Says: f.Says}}
	}
	var out []RowError
	for _, x := range f.Fields {
		at := x.Name
		if r.names != nil {
			at = r.name(ours(at))
		}
		out = append(out, RowError{Line: r.line, Column: at, Says: x.Says})
	}
	return out
}

// ours is the column that holds a field of an operation.
func ours(field string) string {
	first, rest, _ := strings.Cut(field, ".")
	switch first {
	case "statement":
		if rest == "impact" || rest == "evidence" {
			return rest + "_text"
		}
		return rest
	case "scoping", "origin":
		return first + "_" + rest
	case "scores":
		return strings.ReplaceAll(rest, ".", "_")
	case "milestones", "controls", "labels", "links", "fields":
		return first
	case "summary", "document", "cost", "why":
		return "plan_" + first
	case "security":
		return "security_owner"
	case "who", "as", "raci", "note":
		return "people"
	case "about", "kind", "at", "severity", "source", "link":
		if first != "kind" {
			return "evidence"
		}
	case "owner", "treatment", "kri":
		if first != "owner" {
			return "health"
		}
	}
	return first
}
