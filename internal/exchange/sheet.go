package exchange

import (
	"context"
	"strconv"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"tocsin/internal/risk"
)

// The sheets of a workbook. A cell holds so many characters at most, so what is
// longer goes on in a second sheet.
const (
	sheetRisks = "risks"
	sheetLong  = "continued"
	cellMost   = 32000 // UTF-16 units; the format's own limit is 32,767
)

// xlsxWriter writes the table as a workbook, row by row.
type xlsxWriter struct {
	*exporting
	book *excelize.File
	out  *excelize.StreamWriter
	row  int
	long [][]any
}

func newXLSX(_ *Exchange, e *exporting) (writer, error) {
	w := &xlsxWriter{exporting: e, book: excelize.NewFile()}
	if err := w.book.SetSheetName("Sheet1", sheetRisks); err != nil {
		return nil, err
	}
	var err error
	if w.out, err = w.book.NewStreamWriter(sheetRisks); err != nil {
		return nil, err
	}
	if err := w.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return w, w.write(header())
}

func (w *xlsxWriter) write(cells []string) error {
	w.row++
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		parts := pieces(c)
		row[i] = parts[0]
		for n, p := range parts[1:] {
			w.long = append(w.long, []any{strconv.Itoa(w.row), Columns[i].Name, strconv.Itoa(n + 2), "'" + p})
		}
	}
	return w.out.SetRow(at, row)
}

// pieces cuts a text into what a cell holds, between characters.
func pieces(s string) []string {
	var out []string
	from, n := 0, 0
	for i, r := range s {
		size := max(1, utf16.RuneLen(r))
		if n+size > cellMost {
			out = append(out, s[from:i])
			from, n = i, 0
		}
		n += size
	}
	return append(out, s[from:])
}

func (w *xlsxWriter) risk(_ context.Context, f *risk.Full) error {
	w.said.Risks++
	return w.write(w.cells(f))
}

func (w *xlsxWriter) end() error {
	defer w.book.Close()
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := w.continued(); err != nil {
		return err
	}
	return w.book.Write(w.to)
}

// continued writes the sheet of what did not fit into a cell.
func (w *xlsxWriter) continued() error {
	if len(w.long) == 0 {
		return nil
	}
	if _, err := w.book.NewSheet(sheetLong); err != nil {
		return err
	}
	out, err := w.book.NewStreamWriter(sheetLong)
	if err != nil {
		return err
	}
	for i, row := range append([][]any{{"row", "column", "part", "text"}}, w.long...) {
		if err := out.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return err
		}
	}
	return out.Flush()
}
