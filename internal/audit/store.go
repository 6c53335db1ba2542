package audit

import (
	"context"
	"database/sql"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/db"
	"tocsin/internal/fault"
)

// logRow is the row of the log itself.
type logRow struct {
	origin, public string
	size           int64
}

func readLog(ctx context.Context, d *db.DB) (l logRow, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		l, err = logIn(ctx, tx)
		return err
	})
	return l, err
}

func logIn(ctx context.Context, tx *db.Tx) (l logRow, err error) {
	found, err := one(ctx, tx, selectLog, nil, &l.origin, &l.public, &l.size)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "this store has no audit log yet; tocsin serve begins it")
	}
	return l, err
}

// each runs fn on every row of a query.
func each(ctx context.Context, tx *db.Tx, q string, args []any, fn func(*sql.Rows) error) error {
	rows, err := tx.Query(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one scans the first row of a query; it reports whether there is one.
func one(ctx context.Context, tx *db.Tx, q string, args []any, into ...any) (found bool, err error) {
	rows, err := tx.Query(ctx, q, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, rows.Scan(into...)
}

// scanEntry scans what stands before the entry's columns, then those.
func scanEntry(rows *sql.Rows, before ...any) (e Entry, err error) {
	var at int64
	err = rows.Scan(append(before, &e.ID, &at, &e.Actor, &e.Verb, &e.Subject, &e.Outcome, &e.Profile, &e.Reason, &e.Detail, &e.Salt)...)
	e.At = micros(at)
	return e, err
}

func micros(at int64) time.Time { return time.UnixMicro(at).UTC() }

// loadTree reads the edge of the tree of the size.
func loadTree(ctx context.Context, tx *db.Tx, size int64) (*tree, error) {
	tiles := map[tile][]byte{}
	for at := range edgeOf(size) {
		b, err := loadTile(ctx, tx, at)
		if err != nil {
			return nil, err
		}
		tiles[at] = b
	}
	return treeOf(size, tiles)
}

// loadTile reads a tile; of one that is not stored there are no hashes.
func loadTile(ctx context.Context, tx *db.Tx, at tile) (b []byte, err error) {
	_, err = one(ctx, tx, selectTile, []any{at.level, at.n}, &b)
	return b[:len(b)/tlog.HashSize*tlog.HashSize], err
}
