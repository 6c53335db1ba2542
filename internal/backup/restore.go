package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"tocsin/internal/db"
	"tocsin/internal/fault"
)

// Restore fills an empty store, whose schema is up, from a copy. Either all of
// it is there and is what the copy's manifest says, or nothing was written.
func Restore(ctx context.Context, d *db.DB, r io.Reader, o Options) (m Manifest, err error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return m, fault.New(fault.Invalid, "this is no backup of Tocsin: it is not compressed as one")
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		in := &restorer{ctx: ctx, tx: tx, opts: o, tar: tar.NewReader(z)}
		if err := in.run(); err != nil {
			return spoken(err)
		}
		// What follows the archive is padding; reading it checks gzip's own sum.
		if n, err := io.Copy(io.Discard, io.LimitReader(z, 1<<20)); err != nil || n == 1<<20 {
			return damaged("it does not end where it should")
		}
		m = in.have
		return nil
	})
	return m, err
}

func damaged(format string, args ...any) error {
	return fault.New(fault.Invalid, "the backup is damaged or was changed, so nothing was restored: %s; use another copy", fmt.Sprintf(format, args...))
}

// spoken gives the failures of reading a file a sentence.
func spoken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, tar.ErrHeader) {
		return damaged("it is cut short or broken")
	}
	return err
}

// restorer reads one copy into one transaction.
type restorer struct {
	ctx   context.Context
	tx    *db.Tx
	opts  Options
	tar   *tar.Reader
	open  Opening
	have  Manifest
	total int64
}

func (r *restorer) run() error {
	b, err := r.entry(opening)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &r.open); err != nil || r.open.Format < 1 {
		return fault.New(fault.Invalid, "this is no backup of Tocsin: its first entry does not say what comes")
	}
	if err := r.fits(); err != nil {
		return err
	}
	r.have.Tables = map[string]Digest{}
	name, b, err := r.next()
	for _, t := range r.open.Tables {
		in := &filler{restorer: r, table: t, hash: sha256.New()}
		for n := 1; err == nil && name == pieceName(t.Name, n); n++ {
			if err = in.piece(b); err == nil {
				name, b, err = r.next()
			}
		}
		if err == nil {
			err = in.end()
		}
		if err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return r.finish(name, b)
}

// next reads the entry that follows.
func (r *restorer) next() (string, []byte, error) {
	if err := r.ctx.Err(); err != nil {
		return "", nil, err
	}
	h, err := r.tar.Next()
	if err != nil {
		return "", nil, err
	}
	if h.Typeflag != tar.TypeReg || h.Size > maxPiece {
		return "", nil, damaged("%.80q is no entry of a backup", h.Name)
	}
	b, err := io.ReadAll(r.tar)
	return h.Name, b, err
}

func (r *restorer) entry(want string) ([]byte, error) {
	name, b, err := r.next()
	if err == nil && name != want {
		err = fault.New(fault.Invalid, "this is no backup of Tocsin: %s is missing at its beginning", want)
	}
	return b, err
}

// fits refuses a copy that this store cannot take.
func (r *restorer) fits() error {
	if r.open.Format != format {
		return fault.New(fault.Invalid, "the backup is of format %d and this version reads %d; restore it with the version that made it", r.open.Format, format)
	}
	have, err := schema(r.ctx, r.tx)
	if err != nil {
		return err
	}
	if !slices.Equal(have, r.open.Schema) {
		return fault.New(fault.Conflict, "the backup is of another schema (its newest step is %s, here it is %s); restore it with the version that made it, then start the newer version on that store", last(r.open.Schema), last(have))
	}
	all, err := tables(r.ctx, r.tx)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(all, r.open.Tables, func(a, b Table) bool { return a.Name == b.Name && reflect.DeepEqual(a.Columns, b.Columns) }) {
		return damaged("its tables are not those of its schema")
	}
	for i, t := range r.open.Tables {
		if t.Rows < 0 {
			return damaged("it counts less than nothing")
		}
		r.total += t.Rows
		r.open.Tables[i].key = all[i].key
	}
	return r.empty(all)
}

func last(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return fmt.Sprintf("%.80s", names[len(names)-1])
}

func (r *restorer) empty(all []Table) error {
	if _, err := r.tx.Exec(r.ctx, dropEmptyLog); err != nil {
		return err
	}
	for _, t := range all {
		n, err := count(r.ctx, r.tx, t.Name)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "the store is not empty (%s has %d rows); a backup is restored into a new one", t.Name, n)
		}
	}
	return nil
}

// finish compares what came with what the copy says of itself.
func (r *restorer) finish(name string, b []byte) error {
	var says Manifest
	if name != ending {
		return damaged("%.80q stands where %s should", name, ending)
	}
	if err := json.Unmarshal(b, &says); err != nil || !reflect.DeepEqual(says, r.have) {
		return damaged("its rows are not those that its manifest counts")
	}
	if _, err := r.tar.Next(); !errors.Is(err, io.EOF) {
		return damaged("something follows its manifest")
	}
	return nil
}

// filler fills one table.
type filler struct {
	*restorer
	table Table
	hash  interface {
		io.Writer
		Sum([]byte) []byte
	}
	rows  int64
	args  []any
	held  int // rows in args
	bytes int
}

// Rows share a statement, within what both engines take.
const (
	maxArgs  = 900
	maxBytes = 4 << 20
)

func (f *filler) piece(b []byte) error {
	f.hash.Write(b)
	for line := range bytes.Lines(b) {
		if err := f.row(line); err != nil {
			return err
		}
	}
	if f.opts.Progress != nil {
		f.opts.Progress(f.have.Rows+f.rows, f.total)
	}
	return nil
}

func (f *filler) row(line []byte) error {
	var fields []json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil || len(fields) != len(f.table.Columns) {
		return damaged("row %d of %s cannot be read", f.rows+1, f.table.Name)
	}
	row := Row{}
	for i, c := range f.table.Columns {
		v, err := c.value(fields[i])
		if err != nil {
			return damaged("row %d of %s has no %s", f.rows+1, f.table.Name, c.Name)
		}
		row[c.Name] = v
		f.args = append(f.args, v)
	}
	f.rows, f.held, f.bytes = f.rows+1, f.held+1, f.bytes+len(line)
	if f.rows > f.table.Rows {
		return damaged("%s has more rows than it says", f.table.Name)
	}
	if err := f.index(row); err != nil {
		return err
	}
	if len(f.args)+len(f.table.Columns) > maxArgs || f.bytes > maxBytes {
		return f.flush()
	}
	return nil
}

// index puts the row's text into the full-text index.
func (f *filler) index(row Row) error {
	if f.opts.Index == nil {
		return nil
	}
	q, args, err := f.opts.Index(f.tx.Engine, f.table.Name, row)
	if err != nil {
		return damaged("row %d of %s does not hold what it should", f.rows, f.table.Name)
	}
	if q == "" {
		return nil
	}
	_, err = f.tx.Exec(f.ctx, q, args...)
	return refused(f.table.Name, err)
}

func (f *filler) flush() error {
	if f.held == 0 {
		return nil
	}
	n, err := f.tx.Exec(f.ctx, insertRows(f.table, f.held), f.args...)
	if err == nil && n != int64(f.held) {
		err = damaged("%s did not take every row", f.table.Name)
	}
	f.args, f.held, f.bytes = f.args[:0], 0, 0
	return refused(f.table.Name, err)
}

// refused gives a sentence to rows that the store does not take.
func refused(table string, err error) error {
	if err == nil || fault.KindOf(err) == fault.Full || fault.KindOf(err) == fault.Unavailable {
		return err
	}
	if strings.Contains(err.Error(), "invalid byte sequence") {
		return fault.New(fault.Invalid, "a text in %s holds a byte that PostgreSQL does not store; restore this backup into SQLite", table)
	}
	return fmt.Errorf("%w (%v)", damaged("the store does not take the rows of %s", table), err)
}

func (f *filler) end() error {
	if err := f.flush(); err != nil {
		return err
	}
	if f.rows != f.table.Rows {
		return damaged("%s has %d rows and not %d", f.table.Name, f.rows, f.table.Rows)
	}
	if f.table.Name == "audit" {
		if _, err := f.tx.Exec(f.ctx, dropWaiting); err != nil {
			return err
		}
	}
	f.have.Tables[f.table.Name] = Digest{f.rows, hex.EncodeToString(f.hash.Sum(nil))}
	f.have.Rows += f.rows
	return nil
}
