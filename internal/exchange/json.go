package exchange

import (
	"context"
	"encoding/json"
	"io"

	"tocsin/internal/risk"
)

// jsonFormat names the file and its version, so that an import knows what it reads.
const jsonFormat = "tocsin-risks-1"

// jsonWriter writes one object: a head, and the risks, one a line.
type jsonWriter struct{ *exporting }

// jsonHead is what a file says before its risks.
type jsonHead struct {
	Format  string `json:"format"`
	Counted string `json:"counted,omitempty"` // which evidence
	World   string `json:"world,omitempty"`
	Profile string `json:"profile,omitempty"`
	Scale   string `json:"scale,omitempty"` // version of the scales in force
}

func newJSON(x *Exchange, e *exporting) (writer, error) {
	h := jsonHead{Format: jsonFormat}
	if !e.ask.Plain {
		h.Counted, h.World, h.Profile = e.said.Counted, counted(e.said.World), x.Profile.Version
		h.Scale = risk.ScalesOf(x.Profile).Version
	}
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	_, err = e.to.Write(append(b[:len(b)-1], ",\n\"risks\":["...))
	return &jsonWriter{e}, err
}

func (w *jsonWriter) risk(_ context.Context, f *risk.Full) error {
	r := w.known.recordOf(f)
	if w.ask.Plain {
		r = r.plain()
	}
	sep := ",\n"
	if w.said.Risks == 0 {
		sep = "\n"
	}
	w.said.Risks++
	_, err := io.WriteString(w.to, sep+compact(r))
	return err
}

func (w *jsonWriter) end() error {
	_, err := io.WriteString(w.to, "\n]}\n")
	return err
}
