package exchange

import (
	"context"
	"encoding/csv"

	"tocsin/internal/risk"
)

// csvWriter writes a table of text.
type csvWriter struct {
	*exporting
	out *csv.Writer
}

func newCSV(_ *Exchange, e *exporting) (writer, error) {
	w := &csvWriter{e, csv.NewWriter(e.to)}
	return w, w.out.Write(header())
}

func header() (out []string) {
	for _, c := range Columns {
		out = append(out, c.Name)
	}
	return out
}

// cells are a risk's values, neutral.
func (e *exporting) cells(f *risk.Full) []string {
	r := e.known.recordOf(f)
	out := make([]string, len(Columns))
	for i, c := range Columns {
		out[i] = Neutral(c.get(&r))
	}
	return out
}

func (w *csvWriter) risk(_ context.Context, f *risk.Full) error {
	w.said.Risks++
	return w.out.Write(w.cells(f))
}

func (w *csvWriter) end() error {
	w.out.Flush()
	return w.out.Error()
}
