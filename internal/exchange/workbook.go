package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"tocsin/internal/fault"
)

// Limits of a workbook once it is unpacked.
const (
	maxUnzipped = 256 << 20 // bytes of all
	maxSheet    = 16 << 20  // bytes of one part that are held in memory; the rest goes through a file
)

// xlsx reads the first sheet of a workbook, or the one that an export calls risks,
// row by row.
func (r *reading) xlsx(in io.Reader) error {
	all, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	book, err := excelize.OpenReader(bytes.NewReader(all), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxSheet, RawCellValue: true})
	if err != nil {
		return notBook(err)
	}
	defer book.Close()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return fault.New(fault.Invalid, "the workbook has no sheet; write the risks on one")
	}
	name := sheets[0]
	long := map[string]string{}
	for _, s := range sheets {
		switch s {
		case sheetRisks:
			name = s
		case sheetLong:
			if long, err = continued(book); err != nil {
				return err
			}
		}
	}
	if err := r.formulas(all); err != nil || len(r.bad) > 0 {
		return err
	}
	return r.sheet(book, name, long)
}

func notBook(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return fault.New(fault.TooLarge, "the workbook unpacks to more than %d MB; split it", maxUnzipped>>20)
	}
	return fault.New(fault.Invalid, "the file is no workbook that can be read; save it as .xlsx without a password, or as CSV")
}

// continued reads the sheet of what did not fit into a cell: by row and column,
// the parts after the first.
func continued(book *excelize.File) (map[string]string, error) {
	out := map[string]string{}
	rows, err := book.Rows(sheetLong)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	size := 0
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		if len(cells) < 4 || cells[0] == "row" {
			continue
		}
		size += len(cells[3])
		if size > MaxFile {
			return nil, tooLong()
		}
		out[cells[0]+" "+cells[1]] += strings.TrimPrefix(cells[3], "'")
	}
	return out, rows.Error()
}

// sheet reads the rows of the sheet of risks.
func (r *reading) sheet(book *excelize.File, name string, long map[string]string) error {
	rows, err := book.Rows(name)
	if err != nil {
		return err
	}
	defer rows.Close()
	var t *table
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		if t == nil {
			if t, err = r.table(cells, line); err != nil || t == nil {
				return err
			}
			continue
		}
		for i := range min(len(cells), len(t.heads)) {
			cells[i] += long[strconv.Itoa(line)+" "+t.heads[i]]
		}
		if err := t.row(line, cells); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return err
	}
	if t == nil {
		return fault.New(fault.Invalid, "the sheet %s is empty; its first row names the columns", short(name))
	}
	return nil
}

// formulas notes each cell of the sheets that holds a formula: what it comes to is
// another program's word, and may change.
func (r *reading) formulas(all []byte) error {
	z, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		return notBook(err)
	}
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/") || !strings.HasSuffix(f.Name, ".xml") {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return notBook(err)
		}
		err = r.formulasOf(io.LimitReader(in, maxUnzipped))
		in.Close()
		if err != nil {
			return notBook(err)
		}
	}
	return nil
}

func (r *reading) formulasOf(in io.Reader) error {
	d := xml.NewDecoder(in)
	cell := ""
	for len(r.bad) < MaxErrors {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "c":
			for _, a := range e.Attr {
				if a.Name.Local == "r" {
					cell = a.Value
				}
			}
		case "f":
			_, line, err := excelize.CellNameToCoordinates(cell)
			if err != nil {
				line = 0
			}
			r.bad.add(line, cell, "the cell holds a formula; replace it by its value, as text")
		}
	}
	return nil
}
