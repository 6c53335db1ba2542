package kri

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// MaxCSV is how long a file of values may be, in bytes.
const MaxCSV = 2 << 20

// csvColumns are the columns of a file of values; the first two are needed.
var csvColumns = []string{"at", "value", "exposure", "note"}

// RowError is what is wrong with one cell of a file.
type RowError struct {
	Line   int    `json:"line"` // from 1, with the header
	Column string `json:"column"`
	Says   string `json:"says"`
}

// Imported is what a file of values holds, and what recording it did or, on a dry
// run, would do.
type Imported struct {
	Recorded
	Points []Point    `json:"points"`
	Errors []RowError `json:"errors,omitempty"` // where there is one, nothing is recorded
	Dry    bool       `json:"dry,omitempty"`
}

// Import records the values of a CSV file with the columns at, value and, where
// wanted, exposure and note. A file with a mistake is refused whole; the answer
// names line and column. dry only tells what would happen.
func (s *KRIs) Import(ctx context.Context, id ref.ID, r io.Reader, dry bool) (out Imported, err error) {
	points, lines, bad, err := ReadCSV(r)
	if err != nil {
		return out, err
	}
	err = s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		k, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		out = Imported{Points: points, Errors: append(bad, checkRows(points, lines, bad, k, tx.Now)...), Dry: dry}
		if len(out.Errors) > 0 {
			slices.SortStableFunc(out.Errors, func(a, b RowError) int { return a.Line - b.Line })
			return errDry
		}
		if out.Recorded, err = s.recordOn(tx, id, CSV, points); err == nil && dry {
			err = errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

// errDry takes an act back that was only tried.
var errDry = errors.New("a dry run")

// checkRows finds what is wrong with values by the indicator that they are for.
func checkRows(points []Point, lines []int, bad []RowError, k *KRI, now time.Time) (out []RowError) {
	for i := range points {
		if slices.ContainsFunc(bad, func(b RowError) bool { return b.Line == lines[i] }) {
			continue
		}
		var fs fault.Fields
		points[i].check(&fs, k, now, "")
		for _, f := range fs {
			out = append(out, RowError{lines[i], f.Name, f.Says})
		}
		if len(out) >= maxErrors {
			break
		}
	}
	return out
}

// ReadCSV reads a file of values: the values with their lines, and what is wrong
// with single cells. A file that is none is refused with a sentence. Nothing in a
// file is ever worked out: a cell that begins a formula is text in a note, and no
// number elsewhere.
func ReadCSV(r io.Reader) (points []Point, lines []int, bad []RowError, err error) {
	limited := &io.LimitedReader{R: r, N: MaxCSV + 1}
	c := csv.NewReader(limited)
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err != nil {
		return nil, nil, nil, fault.At("file", "the file has no header; its first line names the columns: %s", strings.Join(csvColumns, ","))
	}
	at, err := header(head)
	if err != nil {
		return nil, nil, nil, err
	}
	for {
		row, err := c.Read()
		switch {
		case limited.N <= 0 || len(points) > MaxPoints:
			return nil, nil, nil, tooMany()
		case errors.Is(err, io.EOF):
			return points, lines, bad, nil
		case err != nil:
			return nil, nil, nil, unread(err)
		}
		line, _ := c.FieldPos(0)
		p, wrong := readRow(row, at, line, len(head))
		points, lines = append(points, p), append(lines, line)
		if bad = append(bad, wrong...); len(bad) >= maxErrors {
			return points, lines, bad, nil
		}
	}
}

func unread(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.At("file", "line %d, column %d cannot be read as CSV: %s; put texts with commas or quotes in double quotes", p.Line, p.Column, p.Err)
	}
	return fault.At("file", "the file did not arrive whole; send it again")
}

// header finds the columns; at is their place, -1 where there is none.
func header(head []string) (at map[string]int, err error) {
	at = map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if !slices.Contains(csvColumns, name) {
			return nil, fault.At("file", "line 1: %.40q is no column of a file of values; it has: %s", name, strings.Join(csvColumns, ","))
		}
		if _, twice := at[name]; twice {
			return nil, fault.At("file", "line 1: the column %s stands there twice; leave one out", name)
		}
		at[name] = i
	}
	for _, name := range csvColumns[:2] {
		if _, ok := at[name]; !ok {
			return nil, fault.At("file", "line 1: the column %s is missing; the first line reads: %s", name, strings.Join(csvColumns, ","))
		}
	}
	return at, nil
}

func readRow(row []string, at map[string]int, line, wide int) (p Point, bad []RowError) {
	wrong := func(column, format string, args ...any) {
		bad = append(bad, RowError{line, column, fmt.Sprintf(format, args...)})
	}
	if len(row) != wide {
		wrong("", "the line has %d cells and the header %d", len(row), wide)
		return p, bad
	}
	cell := func(name string) string {
		if i, ok := at[name]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	var err error
	if p.At, err = ReadTime(cell("at")); err != nil {
		wrong("at", "%s", fault.Of(err).Says)
	}
	if p.Value, err = strconv.ParseFloat(cell("value"), 64); err != nil {
		wrong("value", "%.40q is no number; write it like 0.95, with a point and no thousands", cell("value"))
	}
	if text := cell("exposure"); text != "" {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			wrong("exposure", "%.40q is no number; write it like 650, or leave it empty", text)
		}
		p.Exposure = &x
	}
	p.Note = strings.TrimPrefix(cell("note"), "'") // as Export writes it
	return p, bad
}

// ReadTime reads a day, or a moment with its zone.
func ReadTime(text string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil && !t.IsZero() {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.At("at", "%.40q is no date; write it like 2026-10-31, or 2026-10-31T12:00:00Z", text)
}

// Export writes the values of an indicator as the CSV that Import reads. A note
// that a spreadsheet would take for a formula begins with an apostrophe.
func (s *KRIs) Export(ctx context.Context, id ref.ID, w io.Writer) error {
	var points []Point
	if err := s.Gate.View(ctx, func(v *gate.View) (err error) {
		if err = v.Allow(VerbRead, id); err == nil {
			points, err = pointsSeen(v, id)
		}
		return err
	}); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	rows := [][]string{csvColumns}
	for _, p := range points {
		row := []string{p.At.Format(time.RFC3339Nano), strconv.FormatFloat(p.Value, 'g', -1, 64), "", harmless(p.Note)}
		if p.Exposure != nil {
			row[2] = strconv.FormatFloat(*p.Exposure, 'g', -1, 64)
		}
		rows = append(rows, row)
	}
	return c.WriteAll(rows)
}

func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n'", rune(s[0])) {
		return "'" + s
	}
	return s
}
