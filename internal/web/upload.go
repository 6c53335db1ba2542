package web

import (
	"mime/multipart"
	"net/http"

	"tocsin/internal/evidence"
	"tocsin/internal/fault"
)

// content is a stored file that waits to be put on a record.
type content = evidence.Content

// eachFile stores the files that came with a form and hands each on.
func (w *Web) eachFile(r *http.Request, put func(name string, c content) error) error {
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
