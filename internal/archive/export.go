package archive

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// The forms of an export.
const (
	JSONLines = "jsonl" // everything, one JSON object a line
	Table     = "csv"   // the list of cases
)

// Wanted says what to export.
type Wanted struct {
	Form     string           // JSONLines or Table; empty is JSONLines
	Progress func(done int64) // records written; may be nil
}

// Count is how many records of each kind were written.
type Count map[string]int64

// Export writes everything that the actor may see, from one snapshot. That it was
// asked for is audited before the first byte.
//
// As JSON lines, the first line says what it is, the last one how many records of
// each kind came before, so that a file that was cut is known; each other line
// has its kind and the fields of the record. A field that is unknown is absent.
func (a *Archive) Export(ctx context.Context, w io.Writer, o Wanted) (Count, error) {
	if o.Form == "" {
		o.Form = JSONLines
	}
	if o.Form != JSONLines && o.Form != Table {
		return nil, fault.At("form", "%q is no form of an export; there are jsonl and csv", o.Form)
	}
	err := a.Gate.Act(ctx, VerbExport, "", func(tx *gate.Tx) error {
		tx.Touch("", gate.Change{Field: "exported", New: o.Form})
		return nil
	})
	if err != nil {
		return nil, err
	}
	x := &export{out: bufio.NewWriterSize(w, 1<<16), tick: o.Progress, count: Count{}}
	err = a.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbExport, ""); err != nil {
			return err
		}
		if o.Form == Table {
			return x.table(ctx, v)
		}
		return x.lines(ctx, v)
	})
	if err == nil {
		err = x.out.Flush()
	}
	if err != nil {
		return x.count, fmt.Errorf("export: %w", err)
	}
	return x.count, nil
}

// kind is one kind of record in an export.
type kind struct {
	name   string
	verb   access.Verb // that reading needs besides; empty is none
	rows   string      // the statement, with the fields in their order
	fields []field
}

// field is one field of a record and how it is stored.
type field struct{ name, as string }

// fields reads "id title at:time body:json"; what has no kind is text.
func fields(list string) (out []field) {
	for word := range strings.FieldsSeq(list) {
		name, as, _ := strings.Cut(word, ":")
		out = append(out, field{name, as})
	}
	return out
}

// export is one export under way.
type export struct {
	out   *bufio.Writer
	tick  func(int64)
	total int64
	count Count
}

func (x *export) lines(ctx context.Context, v *gate.View) error {
	head := map[string]any{"kind": "export", "format": 1, "made": v.Now, "by": v.Actor.ID, "profile": v.Profile()}
	if err := x.line(head); err != nil {
		return err
	}
	for _, k := range kinds {
		if k.verb != "" && v.Allow(k.verb, "") != nil {
			continue
		}
		if err := x.each(ctx, v, k, x.line); err != nil {
			return err
		}
	}
	return x.line(map[string]any{"kind": "end", "counts": x.count})
}

// each hands every record of a kind to put.
func (x *export) each(ctx context.Context, v *gate.View, k kind, put func(map[string]any) error) error {
	rows, err := v.Query(k.rows)
	if err != nil {
		return err
	}
	defer rows.Close()
	held, into := make([]any, len(k.fields)), make([]any, len(k.fields))
	for i := range held {
		into[i] = &held[i]
	}
	x.count[k.name] = 0
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		record := map[string]any{"kind": k.name}
		for i, f := range k.fields {
			if value := f.value(held[i]); value != nil {
				record[f.name] = value
			}
		}
		if err := put(record); err != nil {
			return err
		}
		x.count[k.name]++
		if x.total++; x.tick != nil && x.total%1000 == 0 {
			x.tick(x.total)
		}
	}
	return rows.Err()
}

// value turns a stored value into what an export says; nil is unknown.
func (f field) value(v any) any {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	n, isNumber := v.(int64)
	text, isText := v.(string)
	switch {
	case isNumber && f.as == "time":
		if n == 0 {
			return nil
		}
		return gate.Time(n)
	case isNumber && f.as == "score":
		if n < 0 {
			return nil
		}
		return json.RawMessage(strconv.FormatFloat(float64(n)/10, 'f', 1, 64))
	case isNumber && f.as == "bool":
		return n != 0
	case isText && f.as == "json" && json.Valid([]byte(text)):
		return json.RawMessage(text)
	case isText && f.as == "words":
		return strings.Fields(text)
	case isText && text == "":
		return nil
	}
	return v
}

func (x *export) line(record map[string]any) error {
	enc := json.NewEncoder(x.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(record)
}

// table writes the list of cases as CSV (RFC 4180). What is unknown is empty.
func (x *export) table(ctx context.Context, v *gate.View) error {
	k := kinds[0]
	w := csv.NewWriter(x.out)
	var head []string
	for _, f := range k.fields {
		if f.as != "json" {
			head = append(head, f.name)
		}
	}
	if err := w.Write(head); err != nil {
		return err
	}
	err := x.each(ctx, v, k, func(record map[string]any) error {
		row := make([]string, len(head))
		for i, name := range head {
			row[i] = cell(record[name])
		}
		return w.Write(row)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

func cell(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return Cell(x)
	case []string:
		return Cell(strings.Join(x, " "))
	case time.Time:
		return x.Format(time.RFC3339)
	case json.RawMessage:
		return string(x)
	}
	return fmt.Sprint(v)
}

// Cell is text as it may stand in a table that somebody opens in a spreadsheet:
// one that would be taken for a formula begins with an apostrophe.
func Cell(s string) string {
	if strings.HasPrefix(strings.TrimLeft(s, " "), "=") || s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
