package exchange

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/risk"
)

// Limits of what an import takes in.
const (
	MaxFile   = 64 << 20  // bytes of a file
	MaxRows   = 10_000    // risks of a file
	MaxCell   = 256 << 10 // bytes of a cell
	MaxErrors = 200       // mistakes after which the rest of a file is not looked at
	maxRisk   = 4 << 20   // bytes of one risk as JSON
)

// RowError is something wrong with one row of a file.
type RowError struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"` // as the file names it
	Title  string `json:"title,omitempty"`  // of the risk
	Says   string `json:"detail"`           // what is wrong and how to mend it
}

// row is one risk of a file.
type row struct {
	line   int
	broken bool                                  // its mistakes are told already
	names  map[string]string                     // of columns: ours to the file's
	lay    func(cur Record) (Record, []RowError) // the record with what the row says laid over it
}

// problems collects what is wrong with a file.
type problems []RowError

func (p *problems) add(line int, column, format string, args ...any) {
	*p = append(*p, RowError{Line: line, Column: column, Says: fmt.Sprintf(format, args...)})
}

// reading is one file on its way in.
type reading struct {
	p    *profile.Profile
	m    *Mapping
	rows []row
	bad  problems
	head bool   // the first row alone is wanted
	cols []Head // what it says
}

func (r *reading) take(x row) error {
	if len(r.rows) >= MaxRows {
		return fault.New(fault.TooLarge, "the file has more than %d risks; split it into files of so many", MaxRows)
	}
	r.rows = append(r.rows, x)
	return nil
}

// read reads the rows of a file. An error is of the file as a whole.
func (r *reading) read(format string, in io.Reader) error {
	in = io.LimitReader(in, MaxFile+1)
	switch format {
	case "csv":
		return r.csv(&bounded{in: in})
	case "xlsx":
		return r.xlsx(&bounded{in: in})
	case "json":
		return r.json(&bounded{in: in})
	}
	return fault.At("format", "%q is no format that an import reads; choose one of: %s", short(format), strings.Join(formatNames(func(f Format) bool { return f.Reads }), ", "))
}

// bounded refuses what is longer than a file may be.
type bounded struct {
	in io.Reader
	n  int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.n += int64(n); b.n > MaxFile {
		return 0, tooLong()
	}
	return n, err
}

func tooLong() error {
	return fault.New(fault.TooLarge, "the file is longer than %d MB; split it", MaxFile>>20)
}

// csv reads a table of text, row by row.
func (r *reading) csv(in io.Reader) error {
	c := csv.NewReader(bufio.NewReader(in))
	c.FieldsPerRecord, c.LazyQuotes = -1, false
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return readError(err, "the file is empty; its first row names the columns")
	}
	t, err := r.table(slices.Clone(head), 1)
	if err != nil || t == nil {
		return err
	}
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return readError(err, "")
		}
		line, _ := c.FieldPos(0)
		if err := t.row(line, cells); err != nil {
			return err
		}
	}
}

func readError(err error, empty string) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return fault.New(fault.Invalid, "line %d, character %d: the table is broken there (%s); a quote inside a cell is doubled, and a cell with quotes, commas or line ends stands in quotes",
			bad.Line, bad.Column, bad.Err)
	}
	if err == io.EOF && empty != "" {
		return fault.New(fault.Invalid, "%s", empty)
	}
	return err
}

// table is the head of a table: what each of its columns is.
type table struct {
	*reading
	heads []string // as the file spells them
	to    []string // ours, or a target of a mapping; "" is not read
	names map[string]string
}

// table binds the columns of a file. A file whose columns nobody knows is refused.
func (r *reading) table(heads []string, line int) (*table, error) {
	t := &table{reading: r, heads: heads, to: make([]string, len(heads)), names: map[string]string{}}
	var unknown []string
	for i, h := range heads {
		name := heading(h)
		t.heads[i] = short(name)
		to, ok := t.bind(name)
		switch {
		case name == "" && i == len(heads)-1 && i > 0:
			continue // a trailing comma
		case !ok:
			unknown = append(unknown, fmt.Sprintf("%q", short(name)))
		case t.names[to] != "" && !slices.Contains(targets, to):
			r.bad.add(line, short(name), "this column and %q are both %s; take one of them out", t.names[to], to)
		}
		t.to[i] = to
		if t.names[to] == "" {
			t.names[to] = short(name)
		}
		r.cols = append(r.cols, Head{Theirs: name, Ours: to})
	}
	if r.head {
		return nil, nil
	}
	if len(unknown) > 0 {
		return nil, t.unknown(unknown)
	}
	if t.names["title"] == "" && t.names["id"] == "" && t.names["ref_id"] == "" {
		return nil, fault.New(fault.Invalid, "the table has none of the columns title, id and ref_id, so no row could say which risk it is; name its columns in the first row")
	}
	if len(r.bad) > 0 {
		return nil, nil
	}
	return t, nil
}

func (t *table) bind(name string) (string, bool) {
	if t.m != nil {
		if to, ok := t.m.Columns[name]; ok {
			return to, true
		}
	}
	c, _ := columnOf(name)
	return c.Name, c.Name != ""
}

func (t *table) unknown(names []string) error {
	if len(names) > 10 {
		names = append(names[:10], "…")
	}
	known := settable()
	if t.m != nil {
		known = append(slices.Sorted(maps.Keys(t.m.Columns)), known...)
	}
	return &fault.Fault{Kind: fault.Invalid, Says: fmt.Sprintf("the table has columns that nobody here knows: %s; take them out, or map them. Known are: %s", strings.Join(names, ", "), strings.Join(known, ", ")),
		Fields: []fault.Field{{Name: "columns", Says: "unknown: " + strings.Join(names, ", ")}}}
}

// row takes in one row of cells.
func (t *table) row(line int, cells []string) error {
	if len(t.bad) >= MaxErrors || !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
		return nil
	}
	if len(cells) > len(t.heads) {
		t.bad.add(line, "", "the row has %d cells and the table %d columns; a comma too many, or a quote that is not closed", len(cells), len(t.heads))
		return nil
	}
	values := make([]string, len(t.heads))
	fine := true
	for i, c := range cells {
		if t.to[i] == "" || t.to[i] == toNothing {
			continue
		}
		value, err := clean(c)
		if err != nil {
			t.bad.add(line, t.heads[i], "%v", err)
			fine = false
			continue
		}
		values[i] = value
	}
	return t.take(row{line: line, broken: !fine, names: t.names, lay: func(cur Record) (Record, []RowError) { return t.lay(cur, line, values) }})
}

// clean is a cell as it is taken in.
func clean(cell string) (string, error) {
	if len(cell) > MaxCell {
		return "", fmt.Errorf("the cell holds %d bytes, and %d is the most; shorten it, or link what it says", len(cell), MaxCell)
	}
	if formula(cell) {
		return "", fmt.Errorf("the cell begins a formula (%q); put an apostrophe before it where it is text", short(cell))
	}
	cell = Restore(cell)
	for _, r := range cell {
		if r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return "", fmt.Errorf("the cell holds the control character U+%04X; remove it", r)
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(cell, "\r\n", "\n")), nil
}

// lay lays the cells over a record.
func (t *table) lay(cur Record, line int, values []string) (Record, []RowError) {
	var bad problems
	next, here := cur, map[string]string{}
	next.Scores = cur.Scores.clone()
	for i, to := range t.to {
		if to == "" || to == toNothing {
			continue
		}
		c, sets := columnOf(to)
		var err error
		switch {
		case slices.Contains(targets, to):
			err = t.special(&next, to, t.heads[i], values[i])
		case !sets:
			if values[i] != "" {
				here[to] = values[i]
			}
		default:
			err = t.set(&next, c, values[i])
		}
		if err != nil {
			bad.add(line, t.heads[i], "%v", err)
		}
	}
	if len(here) > 0 && cur.ID == "" {
		next.Kept = with(next.Kept, keptHere, compact(here))
	}
	next.settle(t.m)
	return next, bad
}

// set puts a cell into the record; levels are read by the scales first.
func (t *table) set(r *Record, c Column, cell string) error {
	if t.m != nil && slices.Contains(t.m.Unset, strings.ToLower(cell)) {
		cell = ""
	}
	if scale := t.scaleOf(c.Name); scale.Name != "" && cell != "" {
		m := t.m
		if m == nil {
			m = &Mapping{}
		}
		level, _, err := m.levelOf(scale, cell)
		if err != nil {
			return err
		}
		cell = level
	}
	return c.set(r, cell)
}

// scaleOf is the scale that a column holds levels of, or none.
func (t *table) scaleOf(column string) profile.Scale {
	scales := risk.ScalesOf(t.p)
	for _, kind := range judged {
		switch column {
		case kind + "_likelihood":
			return scales.Likelihood()
		case kind + "_impact":
			return scales.Impact()
		}
	}
	return profile.Scale{}
}

func with(m map[string]string, key, value string) map[string]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]string{}
	}
	out[key] = value
	return out
}

// json reads the object that an export writes, risk by risk.
func (r *reading) json(in io.Reader) error {
	all, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(all))
	line := func() int { return 1 + bytes.Count(all[:d.InputOffset()], []byte("\n")) }
	if err := opening(d); err != nil {
		return broken(err, line())
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return broken(err, line())
		}
		n := line()
		if len(raw) > maxRisk {
			r.bad.add(n, "", "the risk is %d bytes long, and %d is the most; shorten its texts", len(raw), maxRisk)
			continue
		}
		if err := r.record(n, raw); err != nil {
			return err
		}
	}
	return nil
}

func broken(err error, line int) error {
	if k := fault.KindOf(err); k != fault.Internal {
		return err
	}
	return fault.New(fault.Invalid, "line %d: the file is no JSON as an export writes it (%s); export a register to see the form", line, says(err))
}

// opening reads up to the first risk, and sees that the file is one of ours.
func opening(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fault.New(fault.Invalid, "the file does not begin with an object; it is no register as an export writes it")
	}
	known := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if key == "risks" {
			if !known {
				return fault.New(fault.Invalid, "the file does not say its format before its risks; write \"format\": %q first", jsonFormat)
			}
			if t, err := d.Token(); err != nil || t != json.Delim('[') {
				return fault.New(fault.Invalid, "risks is no list; write the risks in brackets")
			}
			return nil
		}
		var v string
		if err := d.Decode(&v); err != nil {
			return err
		}
		switch key {
		case "format":
			if known = v == jsonFormat; !known {
				return fault.New(fault.Invalid, "the format %q is not known here; this version reads %s", short(v), jsonFormat)
			}
		case "counted", "world", "profile", "scale":
		default:
			return fault.New(fault.Invalid, "the head of the file has a field %q that nobody here knows; take it out", key)
		}
	}
	return fault.New(fault.Invalid, "the file has no risks; write them as a list under \"risks\"")
}

// record takes in one risk of JSON: the fields that it names are laid over.
func (r *reading) record(line int, raw json.RawMessage) error {
	if len(r.bad) >= MaxErrors {
		return nil
	}
	var has map[string]json.RawMessage
	var rec Record
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := json.Unmarshal(raw, &has)
	if err == nil {
		err = d.Decode(&rec)
	}
	if err != nil {
		r.bad.add(line, "", "the risk cannot be read (%s); write its fields as an export does", says(err))
		return nil
	}
	return r.take(row{line: line, lay: func(cur Record) (Record, []RowError) {
		next := cur
		for name := range has {
			next.over(name, rec)
		}
		if cur.ID == "" && rec.Here != nil {
			next.Kept = with(next.Kept, keptHere, compact(rec.Here))
		}
		next.settle(nil)
		return next, nil
	}})
}
