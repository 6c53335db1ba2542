package web

import (
	"mime/multipart"
	"net/http"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// content is a stored file that waits to be put on a record.
type content = evidence.Content

// first asks the gate for a verb before what was sent is looked at: a refusal is in
// the audit trail, and nothing of what came is stored.
func (w *Web) first(r *http.Request, verb access.Verb) error {
	return w.asks(r, verb, ref.Read(r.PathValue("id")))
}

func (w *Web) asks(r *http.Request, verb access.Verb, id ref.ID) error {
	return w.Gate.Act(r.Context(), verb, id, func(*gate.Tx) error { return nil })
}

// eachFile stores the files that came with a form, from somebody who may send them
// to the record of the address, and hands each on.
func (w *Web) eachFile(r *http.Request, verb access.Verb, put func(name string, c content) error) error {
	if err := w.first(r, verb); err != nil {
		return err
	}
	var files []*multipart.FileHeader
	if r.MultipartForm != nil {
		files = r.MultipartForm.File["files"]
	}
	n := 0
	for _, f := range files {
		if f.Filename == "" && f.Size == 0 {
			continue // the field was left empty
		}
		c, err := w.store(r, f)
		if err == nil {
			err = put(f.Filename, c)
		}
		if err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return fault.At("files", "no file was chosen; choose one and send it again")
	}
	return nil
}

func (w *Web) store(r *http.Request, f *multipart.FileHeader) (content, error) {
	in, err := f.Open()
	if err != nil {
		return content{}, fault.At("files", "the file did not arrive whole; send it again")
	}
	defer in.Close()
	return w.Files.Store(r.Context(), in)
}
