// Package evidence keeps files that came with records or were put there: what
// they are called, who put them, their SHA-256, and their content in pieces. A
// content is checked against its hash whenever it is read. Nothing here decides
// who may attach; the domains hand over the verb.
package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// File is one file on a record.
type File struct {
	ID      ref.ID      `json:"id"`
	Subject ref.ID      `json:"subject"`
	At      time.Time   `json:"at"`
	Author  ref.ID      `json:"author"`
	Name    string      `json:"name"`
	Media   string      `json:"media"` // guessed from the content, for show alone
	Size    int64       `json:"size"`
	SHA256  string      `json:"sha256"`
	Side    thread.Side `json:"side"` // note stays inside; in and out are shared with the reporter
}

// passage is the name of the file for the search.
func (f File) passage(guard ref.ID, audience string) passage.Passage {
	return passage.Passage{ID: string(f.ID), Kind: passage.File, Guard: guard, Audience: audience, About: f.Subject, At: f.At, Title: f.Name}
}

// MaxFile is how big a file may be; MaxFiles how many a record may have.
const (
	MaxFile  = 50 << 20
	MaxFiles = 100
	piece    = 1 << 20
)

// Files are the operations on files.
type Files struct{ Gate *gate.Gate }

// Content is a file that is stored and waits to be put on a record.
type Content struct {
	SHA256, Media string
	Size          int64
}

// Store reads a content to its end and stores it, in pieces of their own. It
// belongs to no record yet: Attach puts it on one.
func (s *Files) Store(ctx context.Context, r io.Reader) (Content, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return Content{}, fault.New(fault.Invalid, "the file did not arrive whole; send it again")
	}
	if len(b) > MaxFile {
		return Content{}, fault.New(fault.TooLarge, "a file may have at most 50 MiB; split or compress it")
	}
	sum := sha256.Sum256(b)
	c := Content{hex.EncodeToString(sum[:]), http.DetectContentType(b), int64(len(b))}
	system := access.With(ctx, access.System("files"))
	for n := 0; n == 0 || len(b) > 0; n++ {
		part := b[:min(piece, len(b))]
		b = b[len(part):]
		if err := s.Gate.Act(system, "file.store", "", func(tx *gate.Tx) error { return storePiece(tx, c.SHA256, n, part) }); err != nil {
			return Content{}, err
		}
	}
	return c, nil
}

// waits is how long a content may wait to be put on a record: a form is sent again
// within the hour, and whoever takes longer than a day sends the file again.
const waits = 24 * time.Hour

// Forget removes contents that never were put on a record, at most n; it reports
// how many it removed. It runs inside an act of the house.
func Forget(tx *gate.Tx, n int) (int, error) {
	return forget(tx, gate.Micros(tx.Now.Add(-waits)), n)
}

// Attach puts a stored content on a record, inside the act that holds the verb.
func Attach(tx *gate.Tx, subject, guard ref.ID, audience string, side thread.Side, name string, c Content) (File, error) {
	n, err := count(&tx.View, subject)
	if err != nil {
		return File{}, err
	}
	if n >= MaxFiles {
		return File{}, fault.New(fault.TooLarge, "a record has at most %d files; pack several into one archive", MaxFiles)
	}
	f := File{ID: ref.New("file"), Subject: subject, At: tx.Now, Author: tx.Actor.ID, Name: Name(name), Media: c.Media, Size: c.Size, SHA256: c.SHA256, Side: side}
	return f, insert(tx, f, guard, audience)
}

// Name makes a file name safe to show and to save: no path, no control or
// bidirectional characters, at most 200 bytes.
func Name(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "_"), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	for len(name) > 200 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" || name == "/" {
		return "file"
	}
	return name
}

// On lists the files of the records that the reader may see, oldest first.
func On(v *gate.View, outward bool, subjects ...ref.ID) ([]File, error) {
	return list(v, outward, subjects)
}

// Open returns a file that the actor may see, with its content, whole and checked.
// Inside, the record that it is on has to be one that the actor may read; outward
// leaves out what is not shared with the reporter.
func (s *Files) Open(ctx context.Context, id ref.ID, outward bool) (f File, body []byte, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if f, err = get(v, id); err != nil {
			return err
		}
		if outward && f.Side == thread.Note {
			return access.NoRecord()
		}
		if err := v.Reads(f.Subject); !outward && err != nil {
			return err
		}
		body, err = content(v, f)
		return err
	})
	return f, body, err
}

// ErrDamaged is a content that is not what its hash says.
var ErrDamaged = errors.New("the stored content does not match its SHA-256")

func content(v *gate.View, f File) ([]byte, error) {
	parts, err := pieces(v, f.SHA256)
	if err != nil {
		return nil, err
	}
	body := bytes.Join(parts, nil)
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, &fault.Fault{Kind: fault.Internal, Says: "this file is damaged in the store, so it is not handed out; restore it from a backup", Err: ErrDamaged}
	}
	return body, nil
}

// Blob returns a content by its hash, for exports and originals; the caller has
// decided that the actor may have it.
func Blob(v *gate.View, sum string) ([]byte, error) { return content(v, File{SHA256: sum}) }
