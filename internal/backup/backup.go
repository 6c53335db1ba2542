// Package backup copies a whole store into one file and back: every table, row
// by row, from one snapshot, so that nothing that was acknowledged before it began
// is missing. The copy names no engine's own format: what SQLite wrote restores
// into PostgreSQL and the other way about, and the digests are equal.
//
// The file is a gzipped tar: tocsin-backup.json says what comes, then each table
// follows in pieces of JSON lines, and manifest.json ends it with the number of
// rows and the SHA-256 of every table. Restore takes only exactly that, into an
// empty store of the same schema, in one transaction: a file that is cut,
// changed or made up leaves nothing behind.
//
// The seals of the audit log come along, the key does not: it is kept apart, and
// a store that is restored without it starts with no other. The full-text index
// is no part of the copy; it is made anew. Who may run a backup is the wiring's
// business: whoever may read the store's file.
package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/fault"
)

// Options say how to copy.
type Options struct {
	Now      time.Time               // stands in the file as when it was made
	Progress func(done, total int64) // rows; may be nil
	// Index says what puts a restored row's text into the full-text index: a
	// statement and its arguments, or "" for nothing. Restore alone asks it.
	Index func(e db.Engine, table string, row Row) (statement string, args []any, err error)
}

// Row is one row by the names of its columns: string, int64, bool, []byte or nil.
type Row map[string]any

// Text returns a column of text.
func (r Row) Text(column string) string { s, _ := r[column].(string); return s }

// Opening is the first entry of the file: what comes.
type Opening struct {
	Format int       `json:"format"`
	Made   time.Time `json:"made"`
	Engine db.Engine `json:"engine"` // that it was made on
	Schema []string  `json:"schema"` // migrations of the store, oldest first
	Tables []Table   `json:"tables"`
}

// Table is one table of the store.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Rows    int64    `json:"rows"`
	key     []string
}

// Column is one column and what it holds: text, int, bool or bytes.
type Column struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Manifest is the last entry of the file: what came.
type Manifest struct {
	Rows   int64             `json:"rows"`
	Tables map[string]Digest `json:"tables"`
}

// Digest is what a table held.
type Digest struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of its rows as JSON lines, in the order of the key
}

const (
	format     = 1
	opening    = "tocsin-backup.json"
	ending     = "manifest.json"
	pieceBytes = 1 << 20
	// maxPiece is how big an entry may be. A piece ends after the row that
	// passes pieceBytes, and the biggest rows hold a file of 64 MiB as text.
	maxPiece = 256 << 20
)

func pieceName(table string, n int) string { return fmt.Sprintf("tables/%s/%08d.jsonl", table, n) }

// File writes the copy to a new file that only its owner may read. It appears
// under its name when it is whole.
func File(ctx context.Context, d *db.DB, path string, o Options) (m Manifest, err error) {
	if _, err := os.Lstat(path); err == nil {
		return m, fault.New(fault.Conflict, "%s is there already; choose another name, a backup never replaces a file", path)
	}
	f, err := os.OpenFile(path+".partial", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return m, fault.New(fault.Invalid, "%s cannot be written; check that its folder exists and that you may write there", path)
	}
	defer os.Remove(path + ".partial")
	m, err = Write(ctx, d, f, o)
	if err == nil {
		err = f.Sync()
	}
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err == nil {
		err = os.Rename(path+".partial", path)
	}
	if err != nil {
		return m, fmt.Errorf("write backup %s: %w", path, err)
	}
	return m, syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name in a folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// Write writes the copy of the store.
func Write(ctx context.Context, d *db.DB, w io.Writer, o Options) (m Manifest, err error) {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	if m, err = copyAll(ctx, d, o, func(name string, body []byte) error {
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(body)), Mode: 0o600, ModTime: o.Now, Format: tar.FormatPAX}); err != nil {
			return err
		}
		_, err := t.Write(body)
		return err
	}); err != nil {
		return m, err
	}
	if err := t.Close(); err != nil {
		return m, err
	}
	return m, z.Close()
}

// Digests returns what a backup of the store would hold now, to compare stores.
func Digests(ctx context.Context, d *db.DB) (Manifest, error) {
	return copyAll(ctx, d, Options{}, func(string, []byte) error { return nil })
}

// copyAll hands every entry of the copy to put, in order.
func copyAll(ctx context.Context, d *db.DB, o Options, put func(name string, body []byte) error) (m Manifest, err error) {
	m.Tables = map[string]Digest{}
	err = d.Read(ctx, func(tx *db.Tx) error {
		open, total, err := survey(ctx, tx, o.Now)
		if err != nil {
			return err
		}
		if err := putJSON(put, opening, open); err != nil {
			return err
		}
		for _, t := range open.Tables {
			c := &copier{table: t, put: put, hash: sha256.New(), tick: func(n int64) {
				if o.Progress != nil {
					o.Progress(m.Rows+n, total)
				}
			}}
			if err := c.run(ctx, tx); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
			m.Tables[t.Name] = Digest{c.rows, hex.EncodeToString(c.hash.Sum(nil))}
			m.Rows += c.rows
		}
		return putJSON(put, ending, m)
	})
	return m, err
}

func survey(ctx context.Context, tx *db.Tx, now time.Time) (o Opening, total int64, err error) {
	o = Opening{Format: format, Made: now.UTC().Truncate(time.Second), Engine: tx.Engine}
	if o.Schema, err = schema(ctx, tx); err != nil {
		return o, 0, err
	}
	if o.Tables, err = tables(ctx, tx); err != nil {
		return o, 0, err
	}
	for i := range o.Tables {
		t := &o.Tables[i]
		if t.Rows, err = count(ctx, tx, t.Name); err != nil {
			return o, 0, err
		}
		total += t.Rows
	}
	return o, total, nil
}

func putJSON(put func(string, []byte) error, name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return put(name, append(b, '\n'))
}

// copier copies one table, piece by piece.
type copier struct {
	table Table
	put   func(string, []byte) error
	tick  func(rows int64)
	hash  interface {
		io.Writer
		Sum([]byte) []byte
	}
	buf   bytes.Buffer
	piece int
	rows  int64
}

func (c *copier) run(ctx context.Context, tx *db.Tx) error {
	rows, err := tx.Query(ctx, selectRows(tx.Engine, c.table))
	if err != nil {
		return err
	}
	defer rows.Close()
	held, into := make([]any, len(c.table.Columns)), make([]any, len(c.table.Columns))
	for i := range held {
		into[i] = &held[i]
	}
	enc := json.NewEncoder(&c.buf)
	enc.SetEscapeHTML(false)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, col := range c.table.Columns {
			if held[i], err = col.plain(held[i]); err != nil {
				return err
			}
		}
		if err := enc.Encode(held); err != nil {
			return err
		}
		c.rows++
		if c.buf.Len() >= pieceBytes {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return c.flush()
}

func (c *copier) flush() error {
	if c.buf.Len() == 0 {
		return nil
	}
	c.piece++
	c.hash.Write(c.buf.Bytes())
	err := c.put(pieceName(c.table.Name, c.piece), c.buf.Bytes())
	c.buf.Reset()
	c.tick(c.rows)
	return err
}
