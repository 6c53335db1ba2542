package audit

import (
	"context"
	"database/sql"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/db"
	"tocsin/internal/seal"
)

// VerifyIn verifies inside of a transaction, so that a test can take back what
// it has tampered with.
func VerifyIn(ctx context.Context, tx *db.Tx, o Options) (Report, error) {
	c := &check{tx: tx, ctx: ctx, opts: o}
	err := c.all()
	return c.report, err
}

// Rebuild writes all hashes of the log anew from what stands in it, as whoever
// owns the database can. It returns the size and the root.
func Rebuild(ctx context.Context, tx *db.Tx) (int64, tlog.Hash, error) {
	t, tiles := &tree{}, map[tile][]byte{}
	err := each(ctx, tx, selectSealed, []any{0, 1 << 30}, func(rows *sql.Rows) error {
		var seq, filed, at int64
		var gone bool
		var e Entry
		err := rows.Scan(&seq, &filed, &e.ID, &at, &e.Actor, &e.Verb, &e.Subject, &e.Outcome, &e.Profile, &e.Reason, &e.Detail, &e.Salt, &gone)
		e.At = micros(at)
		t.add(e.leaf(), func(level int, n int64, h tlog.Hash, _ []byte) {
			k := tile{level, n >> height}
			tiles[k] = append(tiles[k], h[:]...)
		})
		return err
	})
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	if _, err := tx.Exec(ctx, "delete from audit_tile"); err != nil {
		return 0, tlog.Hash{}, err
	}
	for at, b := range tiles {
		if _, err := tx.Exec(ctx, upsertTile, at.level, at.n, b); err != nil {
			return 0, tlog.Hash{}, err
		}
	}
	return t.size, t.root(), nil
}

// Sign signs a checkpoint with a key.
func Sign(k seal.Key, c Checkpoint) (string, error) {
	s, _, err := k.Signer(c.Origin)
	if err != nil {
		return "", err
	}
	return c.sign(s)
}

// Leaf returns the hash of the entry in the log.
func Leaf(e Entry) tlog.Hash { return e.leaf() }

// TreeRoot computes a root as Sealer does.
func TreeRoot(leaves []tlog.Hash) tlog.Hash {
	t := &tree{}
	for _, h := range leaves {
		t.add(h, nil)
	}
	return t.root()
}

// ReadCheckpoint reads the text of a checkpoint.
var ReadCheckpoint = readCheckpoint
