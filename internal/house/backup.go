package house

import (
	"context"
	"io"

	"tocsin/internal/advisory"
	"tocsin/internal/backup"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/observation"
	"tocsin/internal/risk"
)

// indexed reads the text of a stored record, by its table.
var indexed = map[string]func(column func(string) string) (title, words string, err error){
	"reports":      intake.Indexed,
	"cases":        casework.Indexed,
	"advisories":   advisory.Indexed,
	"risks":        risk.Indexed,
	"observations": observation.Indexed,
}

// Restore fills a new, empty store at an address from a backup. progress may be
// nil. The key file of the store that was backed up has to be put beside it
// before it is opened.
func Restore(ctx context.Context, store string, r io.Reader, progress func(done, total int64)) (m backup.Manifest, err error) {
	d, err := db.Open(ctx, store)
	if err != nil {
		return m, err
	}
	defer d.Close()
	if _, err := d.Migrate(ctx); err != nil {
		return m, err
	}
	return backup.Restore(ctx, d, r, backup.Options{Progress: progress, Index: index})
}

// index is what puts a restored record into the full-text index.
func index(e db.Engine, table string, row backup.Row) (string, []any, error) {
	read, ok := indexed[table]
	if !ok {
		return "", nil, nil
	}
	title, words, err := read(row.Text)
	if err != nil {
		return "", nil, err
	}
	doc, _ := row["doc"].(int64)
	q, args := insight.Statement(e, doc, title, words)
	return q, args, nil
}

// Backup writes a copy of the store to a new file that only its owner may read.
func (h *House) Backup(ctx context.Context, path string, progress func(done, total int64)) (backup.Manifest, error) {
	return backup.File(ctx, h.DB, path, backup.Options{Now: h.Now(), Progress: progress})
}
