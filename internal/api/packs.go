package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"tocsin/internal/house"
	"tocsin/internal/locale"
	"tocsin/internal/review"
)

// PackForm is how a report is wanted.
type PackForm struct {
	Form      string `query:"form" enum:"html,markdown" doc:"The form of the file; html where it is not given."`
	Signature bool   `query:"signature" doc:"The signature of that file instead of the file."`
}

// PackQuery is which form of a meeting's pack.
type PackQuery struct {
	record
	PackForm
}

// QuarterQuery is which form of which quarter's report.
type QuarterQuery struct {
	PackForm
	At time.Time `query:"at" doc:"A moment in the quarter; now where it is not given."`
}

// Signed is a report in one form.
type Signed struct {
	Name      string `json:"name"` // of the file, which the signature covers
	Form      string `json:"form"` // html, markdown
	Bytes     int    `json:"bytes"`
	SHA256    string `json:"sha256"`
	Signature string `json:"signature"` // a signed note over name and hash
}

// Packed is a report in both forms, as its reader sees it, and the key that checks
// the signatures.
type Packed struct {
	Title string   `json:"title"`
	Key   string   `json:"key"`
	Files []Signed `json:"files"`
}

func packFiles(ctx context.Context, h *house.House, in record) (*Packed, error) {
	p, err := h.Reviews.Pack(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return signedFiles(h, &p.Document)
}

func quarterFiles(ctx context.Context, h *house.House, in struct {
	At time.Time `query:"at" doc:"A moment in the quarter; now where it is not given."`
}) (*Packed, error) {
	q, err := quarterAt(ctx, h, in.At)
	if err != nil {
		return nil, err
	}
	return signedFiles(h, &q.Document)
}

func quarterAt(ctx context.Context, h *house.House, at time.Time) (*review.Quarterly, error) {
	if at.IsZero() {
		at = h.Now().UTC()
	}
	return h.Reviews.Quarter(ctx, at)
}

func signedFiles(h *house.House, d *review.Document) (*Packed, error) {
	key, err := h.Reviews.Public()
	if err != nil {
		return nil, err
	}
	out := &Packed{Title: d.Title(), Key: key}
	for _, form := range [...]string{"html", "markdown"} {
		name, body := formOf(d, form)
		sig, err := h.Reviews.Sign(name, body)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		out.Files = append(out.Files, Signed{Name: name, Form: form, Bytes: len(body), SHA256: hex.EncodeToString(sum[:]), Signature: string(sig)})
	}
	return out, nil
}

// formOf is a report in one form: its file's name and content.
func formOf(d *review.Document, form string) (name string, body []byte) {
	if form == "markdown" {
		return d.Name() + ".md", d.Markdown(locale.House)
	}
	return d.Name() + ".html", d.HTML(locale.House)
}

func packed(c *call, in PackQuery) (string, []byte, error) {
	p, err := c.house.Reviews.Pack(c.ctx, in.ID)
	if err != nil {
		return "", nil, err
	}
	return c.handed(&p.Document, in.PackForm)
}

func quartered(c *call, in QuarterQuery) (string, []byte, error) {
	q, err := quarterAt(c.ctx, c.house, in.At)
	if err != nil {
		return "", nil, err
	}
	return c.handed(&q.Document, in.PackForm)
}

// handed is a report, or its signature, as a file.
func (c *call) handed(d *review.Document, in PackForm) (string, []byte, error) {
	name, body := formOf(d, in.Form)
	if !in.Signature {
		return name, body, nil
	}
	sig, err := c.house.Reviews.Sign(name, body)
	return name + ".sig", sig, err
}
