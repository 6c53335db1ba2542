package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
)

// Limits of one form. A field longer than maxField comes back cut, with its
// sentence; what is longer than intake takes comes back whole.
const (
	MaxFiles = 10
	MaxBody  = MaxFiles*evidence.MaxFile + 8<<20
	maxField = 2 << 20
	maxText  = 6 << 20
	maxParts = 64
)

// sent is a form as it came: texts in memory, files in the machine's temporary
// folder until they are stored or the form is answered.
type sent struct {
	url.Values
	wrong fault.Fields
	files []waiting
	bytes int  // of text
	left  bool // files came, and were not kept
}

// much is how much of a form is read: browsers show an answer rightly only when
// all that they send is taken off the wire, and that costs.
type much int

const (
	whole   much = iota
	texts        // files are read past
	leading      // nothing from the first file on
)

// waiting is a file that came with a form.
type waiting struct {
	name string
	file *os.File
}

// drop forgets the files.
func (s *sent) drop() {
	for _, w := range s.files {
		_ = w.file.Close()           // it was only read
		_ = os.Remove(w.file.Name()) // what stays is in a folder that the machine empties
	}
}

// text returns a field as a page can show it again.
func (s *sent) text(name string) string {
	if s == nil {
		return ""
	}
	return strings.ToValidUTF8(s.Get(name), "\uFFFD")
}

// read takes a form in. The texts that came before a failure are in the answer, so
// that they can be shown again.
func (p *Portal) read(r *http.Request, how much) (*sent, error) {
	s := &sent{Values: url.Values{}}
	r.Body = http.MaxBytesReader(visitOf(r).out, r.Body, MaxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		r.Body = http.MaxBytesReader(visitOf(r).out, r.Body, maxText)
		err := r.ParseForm()
		s.Values = r.PostForm
		return s, arrived(err)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return s, arrived(err)
	}
	for n := 0; how != leading || !s.left; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err == nil && n >= maxParts {
			err = fault.New(fault.TooLarge, "The form has more than %d parts. Send fewer files, or pack them into one archive.", maxParts)
		}
		if err == nil {
			err = s.take(part, how)
		}
		if err != nil {
			return s, arrived(err)
		}
	}
	return s, nil
}

// arrived says what became of a form that was not read to its end.
func arrived(err error) error {
	var known *fault.Fault
	var long *http.MaxBytesError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.As(err, &long):
		return fault.New(fault.TooLarge, "All of it together is larger than the limit of %d MiB. Send fewer or smaller files now, and the rest from your own page.", long.Limit>>20)
	}
	return &fault.Fault{Kind: fault.Invalid, Says: "What you sent did not arrive whole. Send it again.", Err: err}
}

func (s *sent) take(part *multipart.Part, how much) error {
	switch {
	case !isFile(part):
		return s.field(part.FormName(), part)
	case part.FileName() == "": // no file was chosen
		return nil
	case how == whole:
		return s.file(part)
	}
	s.left = true
	if how == leading {
		return nil
	}
	_, err := io.Copy(io.Discard, part)
	return err
}

// isFile tells whether a part is a file; a browser sends an empty name where none
// was chosen.
func isFile(part *multipart.Part) bool {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, has := params["filename"]
	return err == nil && has
}

func (s *sent) field(name string, part io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return err
	}
	if s.bytes += len(b); s.bytes > maxText {
		return fault.New(fault.TooLarge, "The texts together are longer than %d MiB. Attach what is long as a file.", maxText>>20)
	}
	if len(b) > maxField {
		b = b[:maxField]
		s.wrong.Add(name, "This is longer than %d MiB and came back cut. Attach it as a file.", maxField>>20)
		if _, err := io.Copy(io.Discard, part); err != nil {
			return err
		}
	}
	s.Add(name, string(b))
	return nil
}

// file keeps one file, or says why not and reads past it.
func (s *sent) file(part *multipart.Part) error {
	name := evidence.Name(part.FileName())
	if len(s.files) >= MaxFiles {
		if len(s.wrong) == 0 || s.wrong[len(s.wrong)-1].Name != "files" {
			s.wrong.Add("files", "At most %d files at a time. Pack several into one archive, or add the rest from your own page.", MaxFiles)
		}
		_, err := io.Copy(io.Discard, part)
		return err
	}
	f, err := os.CreateTemp("", "tocsin-upload-*")
	if err != nil {
		return full(err)
	}
	_ = os.Remove(f.Name()) // an open file needs no name, so a crash leaves nothing behind; where it does need one, drop takes it
	s.files = append(s.files, waiting{name, f})
	n, err := io.Copy(f, io.LimitReader(part, evidence.MaxFile+1))
	if err != nil {
		return full(err)
	}
	if n > evidence.MaxFile {
		s.wrong.Add("files", "The file %s is larger than 50 MiB. Compress or split it, or tell us where we can fetch it.", name)
		_, err = io.Copy(io.Discard, part)
	}
	return err
}

// full says so where the disk has no room for a file on its way.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return &fault.Fault{Kind: fault.Full, Says: "There is no room for files here at the moment. Send the report without them and add them later.", Err: err}
	}
	return err
}

// store puts the files into the store. They are on no record yet.
func (p *Portal) store(ctx context.Context, s *sent) (out []intake.Upload, err error) {
	for _, w := range s.files {
		u, err := p.storeOne(ctx, w)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

func (p *Portal) storeOne(ctx context.Context, w waiting) (u intake.Upload, err error) {
	select {
	case p.stores <- struct{}{}:
		defer func() { <-p.stores }()
	case <-ctx.Done():
		return u, ctx.Err()
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return u, fmt.Errorf("read upload: %w", err)
	}
	c, err := p.Files.Store(ctx, w.file)
	return intake.Upload{Name: w.name, Content: c}, err
}
