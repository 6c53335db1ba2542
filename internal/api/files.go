package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"tocsin/internal/casework"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/house"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
)

// fileRoutes are the rows about files on records.
var fileRoutes = []Route{
	{"case.attach", "POST", "/cases/{id}/files", casework.VerbAttach, "Put a file of at most 50 MiB on a case", upload(attachToCase)},
	{"report.attach", "POST", "/reports/{id}/files", intake.VerbReply, "Put a file of at most 50 MiB on a report, for its reporter to see", upload(attachToReport)},
	{"file.read", "GET", "/files/{id}/content", casework.VerbRead, "The content of a file; always a download, never shown by a browser", download(openFile)},
}

// Upload is the part of an input that a file's request fills.
type Upload struct {
	record
	Name string `query:"name" doc:"The file's name; with multipart/form-data, that of the part where this is not given."`
	file evidence.Content
}

func (u *Upload) take(name string, c evidence.Content) {
	if u.Name == "" {
		u.Name = name
	}
	u.file = c
}

type taker interface {
	take(name string, c evidence.Content)
}

// upload is an endpoint that takes a file: the body as it is, or the first part
// with a file name of multipart/form-data. Whether the actor may is asked before a
// byte is stored, and audited as any other refusal.
func upload[In any](fn func(context.Context, *house.House, In) (*evidence.File, error)) endpoint {
	p := planOf(reflect.TypeFor[In]())
	return endpoint{in: reflect.TypeFor[In](), out: reflect.TypeFor[*evidence.File](), plan: p, status: http.StatusCreated, upload: true, run: func(c *call) error {
		var in In
		if err := p.address(c.q, reflect.ValueOf(&in).Elem()); err != nil {
			return err
		}
		id := ref.Read(c.q.PathValue("id"))
		if err := c.house.Gate.Act(c.ctx, c.route.Verb, id, func(*gate.Tx) error { return nil }); err != nil {
			return err
		}
		name, body, err := c.store()
		if err != nil {
			return err
		}
		any(&in).(taker).take(name, body)
		ctx, err := c.tied(p, reflect.ValueOf(&in).Elem())
		if err != nil {
			return err
		}
		return c.once(ctx, [2]any{in, body}, func(ctx context.Context) (reply, error) {
			f, err := fn(ctx, c.house, in)
			if err != nil {
				return reply{}, err
			}
			r, err := made(http.StatusCreated, f)
			r.Header["Location"] = Base + "/files/" + string(f.ID) + "/content"
			return r, err
		})
	}}
}

// store reads the file that the request carries and stores its content.
func (c *call) store() (name string, body evidence.Content, err error) {
	if err := plainBody(c.q); err != nil {
		return "", body, err
	}
	from := io.Reader(http.MaxBytesReader(c.w, c.q.Body, MaxUpload))
	media, params, err := mime.ParseMediaType(c.q.Header.Get("Content-Type"))
	if err != nil {
		return "", body, &refusal{fault.New(fault.Invalid, "say what the body is: Content-Type application/octet-stream, or multipart/form-data with one file"), http.StatusUnsupportedMediaType}
	}
	if media == "multipart/form-data" {
		if name, from, err = filePart(multipart.NewReader(from, params["boundary"])); err != nil {
			return "", body, err
		}
	}
	body, err = c.house.Files.Store(c.ctx, from)
	return name, body, err
}

func filePart(r *multipart.Reader) (string, io.Reader, error) {
	for range 10 {
		part, err := r.NextPart()
		if err != nil {
			break
		}
		if part.FileName() != "" {
			return part.FileName(), part, nil
		}
	}
	return "", nil, fault.New(fault.Invalid, "the form holds no file; send it as a part with a file name, before at most nine other parts")
}

// arrived tells why a body could not be read to its end.
func arrived(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return err
	}
	return &fault.Fault{Kind: fault.Invalid, Says: "the body did not arrive whole; send it again", Err: err}
}

func attachToCase(ctx context.Context, h *house.House, in struct {
	Upload
	Shared bool `query:"shared" doc:"Put it on the report, for the reporter to see."`
}) (*evidence.File, error) {
	f, err := h.Cases.Attach(ctx, in.ID, in.Name, in.file, in.Shared)
	return &f, err
}

func attachToReport(ctx context.Context, h *house.House, in struct{ Upload }) (*evidence.File, error) {
	f, err := h.Reports.Attach(ctx, in.ID, in.Name, in.file)
	return &f, err
}

// download is an endpoint that answers with a file. Whatever the file is, a browser
// saves it and runs nothing of it.
func download(fn func(context.Context, *house.House, record) (evidence.File, []byte, error)) endpoint {
	p := planOf(reflect.TypeFor[record]())
	return endpoint{in: reflect.TypeFor[record](), plan: p, status: http.StatusOK, download: true, run: func(c *call) error {
		in, err := input[record](c, p)
		if err != nil {
			return err
		}
		f, body, err := fn(c.ctx, c.house, in)
		if err != nil {
			return err
		}
		h := c.w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(f.Name))
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("ETag", `"`+f.SHA256+`"`)
		if anyTag(c.q.Header.Get("If-None-Match"), `"`+f.SHA256+`"`) {
			c.w.WriteHeader(http.StatusNotModified)
			return nil
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		c.w.WriteHeader(http.StatusOK)
		_, _ = c.w.Write(body) // the reader has gone away: nobody is left to tell
		return nil
	}}
}

func openFile(ctx context.Context, h *house.House, in record) (evidence.File, []byte, error) {
	return h.Files.Open(ctx, in.ID, false)
}
